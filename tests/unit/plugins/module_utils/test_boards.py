# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the numbers of a pace lie: a small file, or a real server. Both are compared with a dictionary."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.board import LONGEST_TEXT, digest, read_numbers
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate
from ansible_collections.zego.cloud.plugins.module_utils._ledger import boards, file_board
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login
from ansible_collections.zego.cloud.plugins.module_utils._ledger.boards import open_board
from ansible_collections.zego.cloud.plugins.module_utils._ledger.file_board import FileBoard
from ansible_collections.zego.cloud.plugins.module_utils._ledger.redis_board import RedisBoard
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import make_gate

# Numbers are read as floats, which are exact up to 2^53; no time or rate comes near.
NUMBERS = st.dictionaries(
    st.sampled_from(["free_at", "rate", "streams", "ä"]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(st.integers(-(2**53), 2**53), max_size=3),
)
# What holds a lock, as a process does that was stopped while it had it.
HOLDER = """
import fcntl, sys
held = open(sys.argv[1], "r+")
fcntl.flock(held, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


class FilePlace:
    def __init__(self, folder):
        self.folder = folder

    def board(self, quota="1 StopCDNRecord"):
        return FileBoard(str(self.folder), quota)

    def login(self):
        return Login(str(self.folder / "ledger.sqlite3"))

    def write(self, text, quota="1 StopCDNRecord"):
        (self.folder / f"pace-{digest(quota)}").write_bytes(text)


class ServerPlace:
    def __init__(self, server):
        self.server = server

    def board(self, quota="1 StopCDNRecord"):
        return RedisBoard(Server(Login(self.server.address), 30), 1, quota)

    def login(self):
        return Login(self.server.address)

    def write(self, text, quota="1 StopCDNRecord"):
        self.server.client().set(f"zego:1:pace:{digest(quota)}", text)


@pytest.fixture(params=["file", "server"])
def place(request, tmp_path):
    return FilePlace(tmp_path) if request.param == "file" else ServerPlace(request.getfixturevalue("server"))


def _numbers(board):
    """What is on it."""
    found = []
    board.exchange(lambda numbers: (found.append(numbers), numbers)[1])
    return found[-1]


def test_the_ledger_says_where_the_numbers_are_and_closing_leaves_nothing_open(place, monkeypatch):
    monkeypatch.setattr(boards, "SERVER_SECONDS", 30)
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    opened = []
    for number in range(3):
        opened.append(open_board(place.login(), 1, "1 StopCDNRecord", _not_warned))
        opened[-1].exchange(lambda numbers, number=number: {"rate": number, "before": numbers.get("rate")})
        opened[-1].close()
    assert _numbers(place.board()) == {"rate": 2, "before": 1}
    until = time.monotonic() + 20
    while threading.active_count() > threads + 1 and time.monotonic() < until:
        time.sleep(0.001)
    # What this test itself has just opened is all there is.
    assert threading.active_count() <= threads + 1 and len(os.listdir("/proc/self/fd")) <= files + 1


def _not_warned(text):
    raise AssertionError(text)


def test_where_there_is_no_place_a_server_is_worth_a_line(tmp_path):
    warnings = []
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert open_board(Login(str(tmp_path / "file" / "ledger.sqlite3")), 1, "1 a", _not_warned) is None
    assert open_board(Login("redis://127.0.0.1:1/0", "crew", "pass-word"), 1, "1 a", warnings.append) is None
    (told,) = warnings
    assert "not shared with other runs: it cannot be reached: Connection refused. This run goes on" in told
    assert "crew" not in told and "pass-word" not in told


def test_numbers_are_what_a_dictionary_would_hold(place):
    boards = [place.board(), place.board()]

    @given(st.lists(st.tuples(st.integers(0, 1), NUMBERS), max_size=8))
    def each_reads_what_was_written_last(steps):
        boards[0].exchange(lambda numbers: {})
        expected = {}
        for run, numbers in steps:
            seen = []
            boards[run].exchange(lambda found, seen=seen, numbers=numbers: (seen.append(found), numbers)[1])
            # It may be asked with what it had seen before; the last time counts.
            assert seen[-1] == expected
            expected = numbers
        assert _numbers(boards[0]) == _numbers(boards[1]) == expected

    each_reads_what_was_written_last()


def test_nobody_writes_between_reading_and_writing(place):
    together = Barrier(4)

    def count(_run):
        board = place.board()
        together.wait(60)
        for _turn in range(50):
            board.exchange(lambda numbers: {"count": numbers.get("count", 0) + 1})

    with ThreadPoolExecutor(4) as runs:
        list(runs.map(count, range(4)))
    assert _numbers(place.board()) == {"count": 200}


def test_quotas_are_kept_apart(place):
    place.board().exchange(lambda numbers: {"rate": 5})
    assert _numbers(place.board("1 StartCDNRecord")) == {} and _numbers(place.board("1/test StopCDNRecord")) == {}
    assert _numbers(place.board()) == {"rate": 5}


@pytest.mark.parametrize("text", [b"", b"no json", b"[1, 2]", b"\xff\xfe", b'{"rate": 5}}', b"[" * 10000, b"7"])
def test_what_cannot_be_read_counts_as_nothing_and_is_written_anew(place, text):
    board = place.board()
    place.write(text)
    assert _numbers(board) == {}
    board.exchange(lambda numbers: {"rate": 5})
    assert _numbers(place.board()) == {"rate": 5}


def test_no_more_is_read_than_numbers_may_take(place):
    board = place.board()
    place.write(b'{"x": "' + b"x" * LONGEST_TEXT + b'"}')
    assert _numbers(board) == {}
    board.exchange(lambda numbers: {"rate": 5})
    assert _numbers(board) == {"rate": 5}


def test_the_clock_is_one_of_unix_seconds(place):
    assert place.board().now() == pytest.approx(time.time(), abs=5)


@given(st.binary(max_size=200) | st.text().map(str.encode) | NUMBERS.map(lambda numbers: json.dumps(numbers).encode()))
def test_any_text_is_read_as_numbers(text):
    assert isinstance(read_numbers(text), dict)


# From here on what only a file does.


def test_the_file_is_private(tmp_path):
    folder = tmp_path / "not" / "yet"
    FileBoard(str(folder), "1 StopCDNRecord").exchange(lambda numbers: {"rate": 5})
    path = next(folder.iterdir())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert path.name == f"pace-{digest('1 StopCDNRecord')}"


def test_a_link_is_not_followed(tmp_path):
    target = tmp_path / "precious"
    target.write_text("theirs")
    (tmp_path / f"pace-{digest('1 StopCDNRecord')}").symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"):
        FileBoard(str(tmp_path), "1 StopCDNRecord")
    assert target.read_text() == "theirs"


def test_a_lock_that_a_stopped_process_holds_costs_its_time_once(tmp_path, monkeypatch):
    """The run goes on by itself, and says so once."""
    monkeypatch.setattr(file_board, "LOCK_SECONDS", 0.3)
    board, warnings = FileBoard(str(tmp_path), "1 StopCDNRecord"), []
    path = next(tmp_path.iterdir())
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline().strip() == b"held"
        gate = make_gate(board=board, warn=warnings.append)
        began = time.monotonic()
        for _turn in range(30):
            while not gate.room(20):
                gate.fake_clock.wait(gate.opens_in())
            gate.enter(20)
            gate.leave(20, True)
            gate.accepted()
            gate.learn(gate.clock(), 20, 0)
        assert 0.3 <= time.monotonic() - began < 20
        assert len(warnings) == 1 and "another process holds its file for too long" in warnings[0]
    finally:
        holder.communicate()


def test_a_file_system_that_is_full_is_told(tmp_path, monkeypatch):
    board, warnings = FileBoard(str(tmp_path), "1 StopCDNRecord"), []

    def refuse(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", refuse)
    gate = make_gate(board=board, warn=warnings.append)
    assert gate.room(20) == 20
    assert len(warnings) == 1 and "No space left on device" in warnings[0]
    monkeypatch.undo()
    # The lock is free again.
    FileBoard(str(tmp_path), "1 StopCDNRecord").exchange(lambda numbers: {"rate": 5})


# And what only a server does.


def test_the_server_forgets_numbers_that_nobody_uses(server):
    place = ServerPlace(server)
    place.board().exchange(lambda numbers: {"rate": 5})
    client = server.client()
    keys = client.keys()
    assert keys == [f"zego:1:pace:{digest('1 StopCDNRecord')}".encode()] and 60 < client.ttl(keys[0]) <= 120


def test_a_place_takes_one_exchange_where_nobody_else_wrote(server):
    server.client().config_resetstat()
    board = ServerPlace(server).board()
    for number in range(10):
        board.exchange(lambda numbers, number=number: {"free_at": number})
    stats = server.client().info("commandstats")
    assert stats["cmdstat_eval"]["calls"] == 10 and stats["cmdstat_mget"]["calls"] == 1


def _fill(server):
    server.client().config_set("maxmemory-policy", "noeviction")
    server.client().config_set("maxmemory", "1")


def _pause(server):
    server.pause()


def _want_password(server):
    server.client().config_set("requirepass", "pass-word")
    server.client(password="pass-word").client_kill_filter(_type="normal")


@pytest.mark.parametrize(
    "harm,told",
    [
        (lambda server: server.kill(), "it cannot be reached|the connection was closed"),
        (_pause, "it did not answer within 0.3 s"),
        (_fill, "its memory is full"),
        (lambda server: server.client().replicaof("127.0.0.1", "1"), "it is a replica, which takes no writes"),
        (_want_password, "it refused the user or the password"),
        # One that knows nothing any more is as good as new.
        (lambda server: server.restart(), ""),
        (lambda server: server.client().flushall(), ""),
    ],
)
def test_a_server_that_fails_in_the_middle_is_one_warning_and_the_requests_go_on(start_server, harm, told):
    warnings, sent = [], []
    with start_server() as server:
        link = Server(Login(server.address), 20)
        link._deadline = 0.3 if harm is _pause else 20
        gate = Gate(500, 120, board=RedisBoard(link, 1, "1 StopCDNRecord"), warn=warnings.append)
        began = time.monotonic()
        while len(sent) < 40:
            if gate.room(20):
                gate.enter(20)
                sent.append(gate.clock())
                gate.leave(20, True)
                gate.learn(sent[-1], 20, 0)
                gate.accepted()
                if len(sent) == 20:
                    harm(server)
        if harm is _pause:
            server.resume()
    assert time.monotonic() - began < 20
    # Nor does it go faster without it.
    assert sent[-1] - sent[0] >= 39 / 500
    assert len(warnings) == bool(told), warnings
    assert all(re.search(f"The pace is not shared with other runs: ({told})", warning) for warning in warnings)
