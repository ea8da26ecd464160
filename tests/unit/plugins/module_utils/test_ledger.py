# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The memory: private, shared by several processes, and never a reason to fail."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._ledger import ledger as ledger_module
from ansible_collections.zego.cloud.plugins.module_utils._ledger import private_file, sqlite_store
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory

WRITER = """
import sys, time
sys.path[:0] = {path!r}
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory
# With the patience of a start: the machine that tests may be busy.
ledger = Ledger({file!r}, "1", "Tencent", ttl=3600, starts=True, warn=lambda text: sys.exit(text))
for number in range(40):
    ledger.write({{"{name}-%d" % number: Memory("stopped", time.time()), "shared": Memory("stopped", time.time())}})
ledger.close()
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "deep" / "er" / "ledger.sqlite3")


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def make(path, warnings):
    def build(app="1", vendor="Tencent", ttl=3600, **more):
        return Ledger(more.pop("file", path), app, vendor, ttl=ttl, warn=warnings.append, **more)

    return build


def test_remembers_across_runs_privately(make, path, warnings):
    now = time.time()
    memories = {"a": Memory("stopped", now), "b": Memory("running", now, now + 60, "task")}
    first = make()
    first.write(memories)
    first.close()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) & 0o077 == 0
    assert make().load(["a", "b", "c"]) == memories
    assert warnings == []


def test_an_open_file_is_closed_to_others(make, path):
    make().close()
    os.chmod(path, 0o644)
    make().close()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_memories_keep_apps_and_vendors_apart(make):
    make().write({"a": Memory("stopped", time.time())})
    assert make(app="2").load(["a"]) == {} and make(vendor="Ws").load(["a"]) == {}
    assert set(make().load(["a"])) == {"a"}


@pytest.mark.parametrize("age,counts", [(0, True), (90, True), (110, False), (-90, True), (-1000, False)])
def test_a_memory_counts_within_its_time_only(make, age, counts):
    ledger = make(ttl=100)
    ledger.write({"a": Memory("stopped", time.time() - age)})
    assert bool(ledger.load(["a"])) is counts


def test_a_memory_is_replaced_and_can_be_forgotten(make):
    ledger, now = make(), time.time()
    ledger.write({"a": Memory("stopped", now), "b": Memory("stopped", now)})
    ledger.write({"a": None, "b": Memory("running", now)})
    assert ledger.load(["a", "b"]) == {"b": Memory("running", now)}
    ledger.write({})


def test_many_names_and_odd_names_come_back_as_they_went(make):
    names = [f"s{number}" for number in range(2500)] + ["é'\"; DROP TABLE recording;--", "%"]
    ledger = make()
    ledger.write({name: Memory("stopped", time.time()) for name in names})
    assert set(ledger.load(names)) == set(names)


def test_memories_older_than_a_month_are_deleted(make, path):
    ledger = make()
    ledger.write({"old": Memory("stopped", time.time() - 40 * 86400), "new": Memory("stopped", time.time() - 86400)})
    ledger.write({"planned": Memory("running", time.time() - 40 * 86400, time.time() + 3600)})
    # A clock that is not to be trusted deletes nothing.
    ledger.close()
    rows = sqlite3.connect(path).execute("SELECT count(*) FROM recording").fetchone()[0]
    assert rows == 3
    make().close(time.time())
    assert [row[0] for row in sqlite3.connect(path).execute("SELECT stream FROM recording")] == ["new", "planned"]


def test_an_empty_path_remembers_nothing(make, warnings):
    ledger = make(file="")
    ledger.write({"a": Memory("stopped", time.time())})
    assert ledger.load(["a"]) == {}
    ledger.close()
    assert warnings == []


def test_read_only_never_writes(make, path, warnings):
    reader = make(read_only=True)
    assert reader.load(["a"]) == {}
    reader.write({"a": Memory("stopped", time.time())})
    reader.close()
    assert not os.path.exists(os.path.dirname(path))
    writer = make()
    writer.write({"a": Memory("stopped", time.time()), "old": Memory("stopped", 1.0)})
    with open(path, "rb") as file:
        before = file.read()
    os.chmod(path, 0o640)
    reader = make(read_only=True)
    assert set(reader.load(["a"])) == {"a"}
    reader.write({"b": Memory("stopped", time.time())})
    reader.close()
    with open(path, "rb") as file:
        assert file.read() == before
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert warnings == []


def _use(ledger):
    assert ledger.load(["a"]) == {}
    ledger.write({"a": Memory("stopped", time.time())})
    assert ledger.load(["a"]) == {}
    ledger.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_corrupt_file_is_one_warning(make, path, warnings, read_only):
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"no database at all" * 200)
    _use(make(read_only=read_only))
    assert len(warnings) == 1 and path in warnings[0]


def test_another_schema_is_one_warning(make, path, warnings):
    os.makedirs(os.path.dirname(path))
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recording (other TEXT)")
    _use(make())
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "rubbish",
    ["since='yesterday'", "since=9e999", "until='soon'", "state='paused'", "state=7", "since=x'ff'", "until=-9e999"],
)
def test_rubbish_in_a_row_costs_that_row(make, path, warnings, rubbish):
    make().write({"a": Memory("stopped", time.time()), "b": Memory("stopped", time.time())})
    with sqlite3.connect(path) as other:
        other.execute(f"UPDATE recording SET {rubbish} WHERE stream='a'")
    ledger = make()
    assert set(ledger.load(["a", "b"])) == {"b"}
    assert len(warnings) == 1 and "do not count: a." in warnings[0] and not ledger.problem
    ledger.write({"a": Memory("stopped", time.time())})
    assert set(make().load(["a", "b"])) == {"a", "b"}


@pytest.mark.parametrize("task", ["two\nlines", "\x1b[31m", "x" * 1001])
def test_a_task_that_should_not_be_shown_is_left_out(make, path, warnings, task):
    make().write({"a": Memory("running", time.time(), None, task)})
    assert make().load(["a"])["a"].task is None and warnings == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW more AS SELECT * FROM recording",
        "CREATE TRIGGER run AFTER INSERT ON recording BEGIN DELETE FROM recording; END",
        "CREATE TABLE other (x)",
        "CREATE INDEX fast ON recording (since)",
        "PRAGMA application_id=7",
        "ALTER TABLE recording ADD COLUMN more TEXT",
    ],
)
def test_a_database_that_holds_anything_but_our_table_is_not_used(make, path, warnings, statement):
    make().write({"a": Memory("stopped", time.time())})
    with sqlite3.connect(path) as other:
        other.execute(statement)
    with open(path, "rb") as file:
        before = file.read()
    _use(make())
    assert len(warnings) == 1 and "something else" in warnings[0]
    with open(path, "rb") as file:
        assert file.read() == before


def test_a_view_in_the_place_of_our_table_is_not_used(make, path, warnings):
    os.makedirs(os.path.dirname(path))
    with sqlite3.connect(path) as other:
        other.execute("CREATE VIEW recording AS SELECT 1 AS app")
    _use(make())
    assert len(warnings) == 1 and "something else" in warnings[0]


def test_a_ledger_of_before_is_taken_over_and_marked(make, path, warnings):
    make().write({"a": Memory("stopped", time.time())})
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA application_id=0")
    make().close()
    assert set(make().load(["a"])) == {"a"} and warnings == []
    assert sqlite3.connect(path).execute("PRAGMA application_id").fetchone()[0] != 0


@pytest.mark.parametrize("read_only", [False, True])
def test_nothing_is_followed_or_shared(make, path, tmp_path, warnings, read_only):
    make().write({"a": Memory("stopped", time.time())})
    link, hard = str(tmp_path / "link"), str(tmp_path / "hard")
    os.symlink(path, link)
    _use(make(file=link, read_only=read_only))
    os.symlink(str(tmp_path / "nowhere"), str(tmp_path / "dangling"))
    _use(make(file=str(tmp_path / "dangling"), read_only=read_only))
    os.link(path, hard)
    _use(make(file=hard, read_only=read_only))
    assert ["symbolic link" in text for text in warnings] == [True, True, False] and "hard link" in warnings[2]
    assert not (tmp_path / "nowhere").exists()


def test_the_file_of_another_user_is_left_alone(make, path, warnings, monkeypatch):
    make().close()
    os.chmod(path, 0o644)
    monkeypatch.setattr(private_file.os, "geteuid", lambda: 12345)
    _use(make())
    assert len(warnings) == 1 and "another user" in warnings[0]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o644


def test_a_folder_that_everybody_can_write_to_is_no_place(make, tmp_path, warnings):
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    _use(make(file=str(folder / "ledger")))
    assert len(warnings) == 1 and "everybody can write" in warnings[0]
    folder.chmod(0o1777)
    make(file=str(folder / "ledger")).write({"a": Memory("stopped", time.time())})
    assert len(warnings) == 1


def test_folders_are_private_whatever_the_umask_is(make, path, tmp_path):
    before = os.umask(0)
    try:
        make().close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [stat.S_IMODE(os.stat(str(tmp_path / name)).st_mode) for name in ("deep", "deep/er")] == [0o700, 0o700]


def test_without_a_home_no_folder_of_that_name_is_made(make, tmp_path, warnings, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _use(make(file="~/.ansible/zego/ledger.sqlite3"))
    assert len(warnings) == 1 and "home" in warnings[0] and os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")])
def test_what_can_only_be_read_is_read(make, path, warnings, monkeypatch, error):
    make().write({"a": Memory("stopped", time.time())})
    opened = os.open

    def refusing(name, flags, *mode):
        if flags & (os.O_RDWR | os.O_CREAT) and str(name) == path:
            raise error
        return opened(name, flags, *mode)

    monkeypatch.setattr(private_file.os, "open", refusing)
    ledger = make()
    assert set(ledger.load(["a"])) == {"a"}
    ledger.write({"b": Memory("stopped", time.time())})
    ledger.close()
    assert len(warnings) == 1 and "cannot be written to" in warnings[0]
    assert set(make().load(["a", "b"])) == {"a"}


def test_a_file_that_is_swapped_meanwhile_is_not_used(make, path, warnings, monkeypatch):
    make().write({"a": Memory("stopped", time.time())})
    monkeypatch.setattr(sqlite_store, "identity_of", lambda _path: (0, 0))
    _use(make())
    assert len(warnings) == 1 and "replaced" in warnings[0]


def test_where_recordings_are_started_the_warning_says_what_that_costs(make, path, warnings):
    os.makedirs(path)
    ledger = make(starts=True)
    assert "a second time" in warnings[0] and "cannot be used" in ledger.problem
    make().close()
    assert "a second time" not in warnings[1]


def test_a_start_waits_longer_for_a_lock(make, path, warnings, monkeypatch):
    monkeypatch.setattr(ledger_module, "LOCK_SECONDS", 0.05)
    make().close()
    blocker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.4, blocker.rollback)
    release.start()
    try:
        ledger = make(starts=True)
        ledger.load(["a"])
        assert ledger.claim(["a"]) == {} and warnings == [] and set(ledger.load(["a"])) == {"a"}
    finally:
        release.join()
        blocker.close()


def test_a_start_with_an_end_time_counts_until_then(make):
    now = time.time()
    make().write({"a": Memory("running", now - 1000, now + 60), "b": Memory("running", now - 1000, now - 1)})
    assert set(make(ttl=100).load(["a", "b"])) == {"a"}


def test_a_folder_in_its_place_is_a_warning(make, path, warnings):
    os.makedirs(path)
    _use(make())
    assert len(warnings) == 1


@pytest.mark.parametrize("read_only", [False, True])
def test_a_pipe_or_a_device_is_a_warning_and_keeps_its_mode(make, path, warnings, read_only):
    os.makedirs(os.path.dirname(path))
    os.mkfifo(path)
    os.chmod(path, 0o666)
    _use(make(read_only=read_only))
    assert len(warnings) == 1 and "no regular file" in warnings[0] and stat.S_IMODE(os.stat(path).st_mode) == 0o666


def test_a_task_that_is_no_text_is_left_out(make, path, warnings):
    make().write({"a": Memory("running", time.time(), None, "task")})
    with sqlite3.connect(path) as other:
        other.execute("UPDATE recording SET task=?", (b"\xff",))
    assert make().load(["a"])["a"].task is None and warnings == []


def test_a_file_as_folder_is_a_warning(make, tmp_path, warnings):
    (tmp_path / "file").write_text("x")
    _use(make(file=str(tmp_path / "file" / "ledger")))
    assert len(warnings) == 1


def test_a_read_only_folder_is_a_warning(make, tmp_path, warnings, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    if os.geteuid() == 0:
        monkeypatch.setattr(private_file.os, "open", refuse)
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    try:
        _use(make(file=str(folder / "ledger")))
    finally:
        folder.chmod(0o700)
    assert len(warnings) == 1 and "PermissionError" in warnings[0]


def test_a_locked_file_is_a_warning(make, path, warnings, monkeypatch):
    monkeypatch.setattr(ledger_module, "LOCK_SECONDS", 0.1)
    ledger = make()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    ledger.write({"a": Memory("stopped", time.time())})
    ledger.write({"b": Memory("stopped", time.time())})
    ledger.close()
    blocker.close()
    assert len(warnings) == 1 and "locked" in warnings[0]


def _fill(ledger, path):
    """SQLite takes no further page, as on a disk that is full."""
    ledger._store._db.execute("PRAGMA max_page_count=1")
    return {f"stage-{number}": Memory("stopped", time.time()) for number in range(2000)}


def _spoil(ledger, path):
    size = os.path.getsize(path)
    with open(path, "r+b") as opened:
        opened.write(os.urandom(size))
    return {"a": Memory("stopped", time.time())}


@pytest.mark.parametrize("harm,told", [(_fill, "full"), (_spoil, "database")])
def test_a_file_that_fails_in_the_middle_is_one_warning(make, path, warnings, harm, told):
    ledger = make()
    ledger.write({"before": Memory("stopped", time.time())})
    ledger.write(harm(ledger, path))
    ledger.write({"later": Memory("stopped", time.time())})
    assert ledger.load(["before"]) == {} and ledger.claim(["a"]) == {}
    ledger.close()
    assert len(warnings) == 1 and "cannot be used" in warnings[0] and told in warnings[0], warnings
    # What was there before is still there on a full disk, and nothing of what did not fit.
    if harm is _fill:
        assert set(make().load(["before", "stage-1", "later"])) == {"before"}


def test_several_processes_write_at_once_and_lose_nothing(make, path, warnings):
    make().close()
    programs = [WRITER.format(path=sys.path, file=path, name=f"p{number}") for number in range(4)]
    running = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for program in programs]
    for process in running:
        problems = process.communicate(timeout=60)[1]
        assert process.returncode == 0, problems
    names = [f"p{number}-{turn}" for number in range(4) for turn in range(40)]
    assert set(make().load(names + ["shared"])) == set(names + ["shared"])
    assert warnings == []


@pytest.mark.parametrize(
    "state,until,now,running",
    [
        ("running", None, 10, True),
        ("running", 20, 10, True),
        ("running", 20, 20, False),
        ("stopped", None, 10, False),
        ("starting", None, 10, False),
    ],
)
def test_a_recording_runs_until_its_end_time(state, until, now, running):
    assert Memory(state, 0.0, until).running_at(now) is running


def test_a_claim_is_a_mark(make):
    ledger = make()
    assert ledger.load(["a", "b"]) == {}
    assert ledger.claim(["a", "b"]) == {}
    assert {name: memory.state for name, memory in make().load(["a", "b"]).items()} == {
        "a": "starting",
        "b": "starting",
    }


def test_of_two_claims_one_is_granted(make):
    first, second = make(), make()
    assert first.load(["a", "b"]) == second.load(["a", "b"]) == {}
    assert first.claim(["a"]) == {}
    assert {name: memory.state for name, memory in second.claim(["a", "b"]).items()} == {"a": "starting"}
    second.write({"b": Memory("running", time.time(), None, "task")})
    assert first.claim(["b"])["b"].task == "task"
    # What a run itself has claimed, or had read before, does not stand in its way.
    assert first.claim(["a"]) == {} and second.claim(["b"]) == {}
    third = make()
    assert third.load(["a", "b"]) and third.claim(["a", "b"]) == {}


@pytest.mark.parametrize("memory", [("stopped", 0, None), ("running", 0, -10), ("starting", -7200, None)])
def test_what_does_not_run_any_more_is_no_hindrance(make, memory):
    state, since, until = memory
    ledger = make()
    ledger.load(["a"])
    make().write({"a": Memory(state, time.time() + since, until and time.time() + until)})
    # It is told as far as it still counts, since it is what was true before the start.
    told = ledger.claim(["a"])
    assert told["a"] == (None if since or until else Memory(state, told["a"].since))
    assert make().load(["a"])["a"].state == "starting"


def test_claims_of_many_at_once_are_granted_once(make):
    make().close()
    together, granted = threading.Barrier(8, timeout=30), []

    def claim():
        # A run uses its ledger from one thread only.
        ledger = make()
        ledger.load(["a"])
        together.wait()
        granted.append("a" not in ledger.claim(["a"]))

    threads = [threading.Thread(target=claim) for _turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(granted) == [False] * 7 + [True]


def test_without_a_ledger_every_claim_is_granted(make):
    assert make(file="").claim(["a"]) == {}
    assert make(read_only=True).claim(["a"]) == {}


def test_what_sqlite_quotes_out_of_a_file_is_one_plain_line(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    db = sqlite3.connect(path)
    with db:
        db.execute("CREATE TABLE x (y)")
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET name = ?, sql = 'nothing'", ("\x1b[2J\n::error::owned",))
    db.close()
    path.chmod(0o600)
    warnings = []
    Ledger(str(path), "1", "Tencent", ttl=60, warn=warnings.append)
    assert "malformed" in warnings[0] and "owned" in warnings[0]
    assert warnings[0].isprintable() and "::error" not in warnings[0]


def test_no_clock_that_is_ahead_makes_the_ledger_forget(make):
    make().write({"a": Memory("running", time.time()), "b": Memory("starting", time.time())})
    make().close(time.time() + 40 * 86400)
    assert set(make().load(["a", "b"])) == {"a", "b"}


def test_a_claim_with_an_end_time_counts_until_then(make):
    make().claim(["a"], time.time() + 3600)
    assert make(ttl=0.0).load(["a"])["a"].state == "starting"
