# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine lacks something, is wrong about something, or is shared with others: no recording pays for that."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from bare import Machine  # noqa: E402
from harness import all_are, brief, entry, main, names, outcomes, warnings  # noqa: E402

TENCENT = {"vendor": "Tencent"}


def _clock(scene, seconds):
    """Return a machine whose clock is ahead by so many seconds, and the file that says so."""
    path = scene.home / "clock"
    path.write_text(str(seconds), encoding="utf-8")
    return Machine(clock=str(path)), path


# The clock.


def test_a_clock_that_is_40_days_ahead_costs_nobody_a_memory(scene):
    scene.simulator.configure(repeated_stop="success")
    scene.simulator.record("Tencent", ["a"])
    all_are("stopped", scene.call(streams=["a"], **TENCENT), changed=True)
    ahead, _path = _clock(scene, 40 * 86400)
    wrong = scene.call(streams=["b"], machine=ahead, **TENCENT)
    assert wrong["failed"] and "clock" in wrong["msg"].lower(), brief(wrong)
    all_are("already_stopped", scene.call(streams=["a"], **TENCENT), changed=False)


def test_a_stop_in_the_future_is_waited_for_by_no_start(scene):
    """A machine whose clock is ahead has written it: Huawei's stops take 10 s to finish, and not until then."""
    scene.simulator.record("Huawei", ["a"])
    ahead, _path = _clock(scene, 82)
    all_are("stopped", scene.call(vendor="Huawei", streams=["a"], machine=ahead), changed=True)
    scene.simulator.record("Huawei", ["a"])
    began = time.monotonic()
    result = scene.call(vendor="Huawei", streams=["a"], state="started")
    all_are("already_started", result, changed=False)
    assert time.monotonic() - began < 60 and result["api_requests"] == 1


def test_a_start_with_an_end_time_is_remembered_until_then(scene):
    start = {"streams": ["a"], "state": "started", "ledger_ttl": 1, **TENCENT}
    all_are("started", scene.call(end_time=int(time.time()) + 3000, **start), changed=True)
    later, path = _clock(scene, 120)
    result = scene.call(machine=later, **start)
    all_are("already_started", result, changed=False)
    assert result["api_requests"] == 0
    # A memory without one has an end by then.
    assert scene.requests() == 1
    scene.call(machine=later, **dict(start, streams=["b"]))
    path.write_text("240", encoding="utf-8")
    assert scene.call(machine=later, **dict(start, streams=["b"]))["api_requests"] == 1


def test_a_clock_that_is_set_back_during_the_run_is_corrected_again(scene):
    """NTP does that at any time. As often as the server asks, the offset is taken anew."""
    streams = names(60)
    scene.simulator.record("Tencent", streams)
    scene.simulator.configure(latency_ms=100)
    ahead, path = _clock(scene, 3600)

    def set_back():
        give_up_at = time.monotonic() + 30
        while scene.requests() < 8 and time.monotonic() < give_up_at:
            time.sleep(0.02)
        path.write_text("0", encoding="utf-8")

    ntp = threading.Thread(target=set_back)
    ntp.start()
    result = scene.call(streams=streams, batch_size=2, machine=ahead, **TENCENT)
    ntp.join()
    all_are("stopped", result, changed=True)
    assert float(path.read_text(encoding="utf-8")) == 0
    assert sum(line["code"] == 100000004 for line in scene.simulator.requests()) >= 2
    assert not any(scene.running("Tencent", name) for name in streams)


# Threads, memory, disk.


def test_few_threads_are_enough_and_none_is_too(scene):
    """What `ulimit -u` and small containers do: "can't start new thread". Each stream has its outcome."""
    for threads in (0, 1, 3):
        streams = names(24, f"t{threads}-")
        start = {"streams": streams, "state": "started", "batch_size": 1, "requests_per_second": 1000, **TENCENT}
        result = scene.call(machine=Machine(threads=threads), **start)
        all_are("started", result, changed=True)
        assert [scene.running("Tencent", name) for name in streams] == [1] * 24
        # They are remembered, too: nothing is sent again.
        assert scene.call(**start)["api_requests"] == 0


@contextlib.contextmanager
def _writing(path):
    """Open a ledger to write to it; what was written is kept."""
    with contextlib.closing(sqlite3.connect(path)) as ledger:
        yield ledger
        ledger.commit()


def _full(scene):
    """Make a ledger that is longer than any file may be on the machine that is returned."""
    scene.call(streams=["first"], state="started", **TENCENT)
    with _writing(scene.ledger) as ledger:
        row = ledger.execute("SELECT app, vendor, since FROM recording").fetchone()
        rows = [(*row[:2], f"filler-{number}", "stopped", row[2]) for number in range(3000)]
        ledger.executemany("INSERT INTO recording (app, vendor, stream, state, since) VALUES (?, ?, ?, ?, ?)", rows)
    assert scene.ledger.stat().st_size > 100_000
    return Machine(file_size=60_000)


def test_a_full_disk_is_a_warning_that_says_what_it_costs(scene):
    full = _full(scene)
    # At the end of the file, where no space is left.
    scene.simulator.record("Tencent", ["y"])
    stopped = scene.call(streams=["y"], machine=full, **TENCENT)
    all_are("stopped", stopped, changed=True)
    assert "cannot be used" in warnings(stopped) and "a start left out" in warnings(stopped), warnings(stopped)
    start = {"streams": ["z"], "state": "started", **TENCENT}
    refused = scene.call(machine=full, ledger_required=True, **start)
    all_are("not_attempted", refused, changed=False)
    sent = scene.call(machine=full, **start)
    all_are("started", sent, changed=True)
    assert "a second time" in warnings(sent) and scene.running("Tencent", "z") == 1, warnings(sent)
    # The file is as good as before.
    assert scene.call(streams=["first"], state="started", **TENCENT)["api_requests"] == 0


# Homes and places.


def test_without_a_home_nothing_is_made_in_a_folder_named_tilde(scene):
    """become, random UIDs, containers: one warning, and nothing where the module happens to run (see bare.py)."""
    scene.simulator.record("Tencent", ["a", "b"])
    machine = Machine(home=False)
    result = scene.call(streams=["a"], machine=machine, **TENCENT)
    all_are("stopped", result, changed=True)
    assert warnings(result).count("no home folder is known") == 1 == len(result["warnings"]), warnings(result)
    # A home in which nothing can be made, such as / is to most users.
    result = scene.call(streams=["b"], env={"HOME": "/proc"}, **TENCENT)
    all_are("stopped", result, changed=True)
    assert len(result["warnings"]) == 1 and "cannot be used" in warnings(result), warnings(result)
    for module in ("zego_room", "zego_cdn_relay"):
        scene.module = module
        relay = {"stream_id": "s", "cdn_url": "rtmp://example.com/app/key"}
        given = {"rooms": ["r"]} if module == "zego_room" else {"relays": [relay]}
        result = scene.call(machine=machine, **given)
        assert not result["failed"], brief(result)


def test_a_ledger_that_can_only_be_read_is_read(scene):
    scene.simulator.configure(repeated_stop="success")
    scene.simulator.record("Tencent", ["a", "b"])
    all_are("stopped", scene.call(streams=["a"], **TENCENT), changed=True)
    scene.ledger.chmod(0o400)
    scene.ledger.parent.chmod(0o500)
    try:
        result = scene.call(streams=["a", "b"], machine=Machine(overrides=False), **TENCENT)
    finally:
        scene.ledger.parent.chmod(0o700)
    assert outcomes(result) == {"a": "already_stopped", "b": "stopped"}, brief(result)
    assert "cannot be written to" in warnings(result), warnings(result)


def test_a_folder_of_certificates_without_any_is_refused_with_a_sentence(scene):
    folder = scene.home / "certificates"
    folder.mkdir()
    given = {"streams": ["a"], "api_url": "https://127.0.0.1:1/", "ca_path": str(folder), **TENCENT}
    for name in ("", "ca.pem"):
        if name:
            (folder / name).write_text("-----BEGIN CERTIFICATE-----\n", encoding="utf-8")
        result = scene.call(**given)
        assert result["failed"] and "ca_path" in result["msg"] and "openssl rehash" in result["msg"], brief(result)
        assert "streams" not in result


# The ledger's file.


def _is_left_alone(scene, path, word):
    scene.simulator.record("Tencent", ["a"])
    result = scene.call(streams=["a"], ledger=str(path), **TENCENT)
    all_are("stopped", result, changed=True)
    assert word in warnings(result), warnings(result)


def test_a_file_that_others_may_reach_is_no_ledger(scene):
    all_are("already_stopped", scene.call(streams=["a"], **TENCENT), changed=False)
    before = scene.ledger.read_bytes()
    link = scene.home / "link.sqlite3"
    os.link(scene.ledger, link)
    _is_left_alone(scene, link, "a hard link")
    link.unlink()
    public = scene.home / "public"
    public.mkdir()
    public.chmod(0o777)
    shutil.copy(scene.ledger, public / "ledger.sqlite3")
    _is_left_alone(scene, public / "ledger.sqlite3", "everybody can write to its folder")
    if os.geteuid() == 0:
        # Nobody else can give a file away.
        others = scene.home / "others.sqlite3"
        shutil.copy(scene.ledger, others)
        os.chown(others, 12345, 12345)
        _is_left_alone(scene, others, "it belongs to another user")
        assert others.stat().st_uid == 12345 and others.read_bytes() == before
    assert scene.ledger.read_bytes() == before and (public / "ledger.sqlite3").read_bytes() == before


def test_rows_are_data_and_nothing_in_the_file_runs(scene):
    statements = (
        "CREATE VIEW recording AS SELECT 1 AS app",
        "CREATE TABLE notes (text TEXT)",
        "CREATE TRIGGER more AFTER INSERT ON recording BEGIN DELETE FROM recording; END",
    )
    for number, statement in enumerate(statements):
        path = scene.home / f"odd{number}.sqlite3"
        if "TRIGGER" in statement:
            scene.call(streams=["x"], ledger=str(path), **TENCENT)
        with _writing(path) as ledger:
            ledger.execute(statement)
        before = path.read_bytes()
        _is_left_alone(scene, path, "a database of something else")
        assert path.read_bytes() == before


def test_a_bad_row_costs_that_row_and_shows_nothing(scene):
    start = {"streams": ["a", "b", "c"], "state": "started", **TENCENT}
    all_are("started", scene.call(**start), changed=True)
    with _writing(scene.ledger) as ledger:
        ledger.execute("UPDATE recording SET since='soon' WHERE stream='a'")
        ledger.execute("UPDATE recording SET task=? WHERE stream='b'", ("\x1b[31m\n::error::x",))
        ledger.execute("UPDATE recording SET task=? WHERE stream='c'", ("x" * (50 << 20),))
    result = scene.call(**start, ledger_required=True)
    assert outcomes(result) == {"a": "failed", "b": "already_started", "c": "already_started"}, brief(result)
    assert "cannot be read" in entry(result, "a")["message"] and "rows that cannot be read" in warnings(result)
    shown = json.dumps(result, ensure_ascii=False)
    assert "::" not in shown and "\x1b" not in shown and len(shown) < 10_000
    assert result["api_requests"] == 0


def test_folders_are_private_whatever_the_umask_is(scene):
    path = scene.home / "one" / "two" / "ledger.sqlite3"
    all_are("already_stopped", scene.call(streams=["a"], ledger=str(path), machine=Machine(umask=0), **TENCENT))
    assert [made.stat().st_mode & 0o777 for made in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]
    assert {made.stat().st_mode & 0o777 for made in path.parent.iterdir()} == {0o600}


# Neighbours on the same machine.

HOLDER = """
import fcntl, sqlite3, sys, os
ledger, pace = sys.argv[1:]
held = sqlite3.connect(ledger, isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
file = os.open(pace, os.O_RDWR)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_neighbour_that_was_stopped_while_it_held_every_lock_holds_up_nothing(scene):
    scene.simulator.record("Tencent", names(40))
    all_are("already_stopped", scene.call(streams=["x"], **TENCENT), changed=False)
    pace = next(scene.ledger.parent.glob("pace-*"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(scene.ledger), str(pace)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline().strip() == b"held"
        os.kill(holder.pid, signal.SIGSTOP)
        began = time.monotonic()
        result = scene.call(streams=names(40), **TENCENT)
        seconds = time.monotonic() - began
    finally:
        holder.kill()
        holder.wait()
    all_are("stopped", result, changed=True)
    assert seconds < 10 and "cannot be used" in warnings(result), (seconds, warnings(result))
    assert "Traceback" not in scene.output
    all_are("already_stopped", scene.call(streams=["x"], **TENCENT), changed=False)


RUBBISH = (
    b"\x00" * 4096,
    b"[" * 60000,
    b'{"streams": [1, 2], "rate": "fast"}',
    b'{"free_at": 1e308, "rate": NaN, "ceiling": Infinity, "streams": {"Tencent": {"sent": [[0, 1e9], null, {}]}}}',
    b'{"free_at": ' + b"9" * 4000 + b', "rate": ' + b"9" * 400 + b', "ceiling": 1}',
    b'{"free_at": true, "rate": -5, "ceiling": 0, "slowed_at": "x", "refused_rate": [], "streams": "none"}',
)


def test_rubbish_in_the_file_of_the_pace_is_written_anew(scene):
    all_are("already_stopped", scene.call(streams=["x"], **TENCENT), changed=False)
    pace = next(scene.ledger.parent.glob("pace-*"))
    for number, rubbish in enumerate(RUBBISH):
        stream = f"s{number}"
        scene.simulator.record("Tencent", [stream])
        pace.write_bytes(rubbish)
        began = time.monotonic()
        result = scene.call(streams=[stream], **TENCENT)
        all_are("stopped", result, changed=True)
        assert not warnings(result), (rubbish[:60], warnings(result))
        assert time.monotonic() - began < 30, rubbish[:60]
        numbers = json.loads(pace.read_bytes())
        assert numbers["rate"] > 0 and abs(numbers["free_at"] - time.time()) < 60, numbers


def test_a_stop_that_fails_does_not_take_back_the_one_that_worked(scene):
    """Both are on their way at once, and the one that fails gets its answer first."""
    all_are("started", scene.call(streams=["a"], state="started", **TENCENT), changed=True)
    scene.simulator.add_fault(kind="slow", ms=8000, times=1)
    scene.simulator.add_fault(kind="stream_code", stream="a", code="FailedOperation", after=1, times=1)
    with concurrent.futures.ThreadPoolExecutor(1) as neighbour:
        sent = scene.requests()
        late = neighbour.submit(lambda: scene.call(streams=["a"], **TENCENT))
        while scene.requests() == sent:
            assert not late.done(), "it ended too early"
            time.sleep(0.02)
        all_are("failed", scene.call(streams=["a"], retries=0, **TENCENT), changed=False)
        assert not late.done(), "it was over before the other one"
        all_are("stopped", late.result(), changed=True)
    all_are("started", scene.call(streams=["a"], state="started", **TENCENT), changed=True)


def test_eight_runs_that_stop_the_same_recordings_at_once_contradict_nobody(scene):
    """All of them remember that the recordings run, and each leaves its mark on them."""
    streams = names(30)
    all_are("started", scene.call(streams=streams, state="started", **TENCENT), changed=True)
    scene.simulator.configure(latency_ms=30)
    with concurrent.futures.ThreadPoolExecutor(8) as runs:
        results = list(runs.map(lambda _number: scene.call(streams=streams, batch_size=10, **TENCENT), range(8)))
    for result in results:
        assert set(outcomes(result).values()) <= {"stopped", "already_stopped"}, brief(result)
    assert not any(scene.running("Tencent", name) for name in streams)
    # No doubt stays, so that the next event can begin.
    all_are("started", scene.call(streams=streams, state="started", **TENCENT), changed=True)


if __name__ == "__main__":
    main(globals())
