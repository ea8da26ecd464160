# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What make test says of its sessions, and what make test-all leaves out, is true."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import copies  # noqa: E402
import count_tests  # noqa: E402
import sessions  # noqa: E402

# Stands in for nox: the session's name says what it does. A session that hangs has a child that does so as well, and
# both hold the pipe of the test open as long as they live.
NOX = """
import pathlib, signal, subprocess, sys
name = sys.argv[-1]
print("the log of", name)
if name == "absent":
    print("nox > Session absent skipped: no Python 3.15 here")
if name == "edit":
    pathlib.Path("edited").touch()
if name == "flaky":
    name = "bad" if pathlib.Path("ran").exists() else "good"
    pathlib.Path("ran").touch()
if name.startswith("hang"):
    pipe = open("pipe", "w")
    deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    if name == "hang_deaf":
        exec(deaf)
    wait = "import os, signal; print(os.getppid(), flush=True); signal.pause()"
    program = f"{deaf}; {wait}" if name == "hang_deaf_child" else wait
    subprocess.run([sys.executable, "-c", program], stdout=pipe)
sys.exit(1 if name.startswith("bad") else 0)
"""
# A run of sessions.py whose files are those of a test.
RUN = """
import signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import sessions
folder = Path(sys.argv[2])
sessions.ROOT, sessions.OUTPUT, sessions.LOCK, sessions.GRACE = folder, folder, folder / "lock", float(sys.argv[3])
# Whatever runs the tests may ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
nox = sys.executable, str(folder / "nox.py")
sessions.main(sys.argv[4:], lambda keep: sessions.Runner(keep, folder, nox, lambda: "one"))
"""


def runner(folder, state="one", keep=False, look=None):
    """A Runner whose sessions are NOX."""
    program = folder / "nox.py"
    program.write_text(NOX, encoding="utf-8")
    return sessions.Runner(keep, folder, (sys.executable, str(program)), look or (lambda: state))


def test_a_session_that_fails_is_told_with_the_end_of_its_log(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    assert runner(tmp_path).run("bad-2.16").how == "FAILED"
    assert "the log of bad(2.16)" in capsys.readouterr().out and (tmp_path / "logs" / "bad-2.16.log").is_file()


@pytest.mark.parametrize(
    ("session", "state", "how"),
    [("good", "one", "kept"), ("good", "two", "ok"), ("bad", "one", "FAILED"), ("absent", "one", "skipped")],
)
def test_only_what_passed_on_these_very_files_is_left_out(tmp_path, monkeypatch, session, state, how):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    runner(tmp_path).run(session)
    assert runner(tmp_path, state, keep=True).run(session).how == how
    assert runner(tmp_path).run("good").how == "ok"


def test_what_failed_beside_others_is_told_and_run_once_more(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    mine = runner(tmp_path)
    assert sessions.once_more(mine, mine.run("bad")).how == "FAILED"
    assert "AGAIN    bad" in capsys.readouterr().out
    assert "the log of bad" in (tmp_path / "logs" / "bad.first.log").read_text(encoding="utf-8")
    (tmp_path / "logs" / "good.log").touch()
    assert sessions.once_more(mine, sessions.Result("good", "FAILED")).how == "ok"
    kept = sessions.Result("good", "kept")
    assert sessions.once_more(mine, kept) is kept


def test_what_passed_while_files_changed_is_run_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    mine = runner(tmp_path, keep=True, look=lambda: str((tmp_path / "edited").exists()))
    assert mine.run("edit").how == "ok" and "files changed meanwhile" in capsys.readouterr().out
    assert mine.run("edit").how == "ok" and "files changed" not in capsys.readouterr().out
    assert mine.run("edit").how == "kept"


def test_what_failed_after_it_had_passed_is_run_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    assert [runner(tmp_path).run("flaky").how for _turn in range(2)] == ["ok", "FAILED"]
    assert runner(tmp_path, keep=True).run("flaky").how == "FAILED"


@pytest.mark.parametrize(("first", "ran"), [("good", ["good", "last", "bad"]), ("bad", ["bad"])])
def test_the_last_sessions_run_once_all_others_have_passed(tmp_path, monkeypatch, first, ran):
    monkeypatch.setattr(sessions, "ROOT", tmp_path)
    results = sessions.run_stages(runner(tmp_path), sessions.parse([first, "--then", "last", "bad"]))
    assert [result.name for result in results] == ran


def test_one_run_at_a_time_uses_a_clone(tmp_path):
    path = tmp_path / "new" / "lock"
    with sessions.lock(path):
        with pytest.raises(SystemExit, match=f"process {os.getpid()}\\."), sessions.lock(path):
            pass
    with sessions.lock(path):
        pass


def test_a_run_that_is_refused_removes_no_results(tmp_path, monkeypatch):
    old = tmp_path / "output" / "old.xml"
    old.parent.mkdir()
    old.touch()
    for name, value in {"ROOT": tmp_path, "OUTPUT": old.parent, "LOCK": tmp_path / "lock", "SIGNALS": ()}.items():
        monkeypatch.setattr(sessions, name, value)
    with sessions.lock(sessions.LOCK), pytest.raises(SystemExit, match="Another run"):
        sessions.main(["--clean", "good"])
    assert old.exists()
    with pytest.raises(SystemExit) as ended:
        sessions.main(["--clean", "good"], lambda keep: runner(tmp_path))
    assert ended.value.code == 0 and not old.exists()


class Run:
    """A run of sessions.py in a process of its own, whose first session hangs; ``group``: its process group."""

    def __init__(self, folder, session, grace):
        (folder / "nox.py").write_text(NOX, encoding="utf-8")
        os.mkfifo(folder / "pipe")
        arguments = [str(ROOT / "tests" / "tools"), str(folder), str(grace), "--jobs=1", session, "good"]
        command = [sys.executable, "-c", RUN, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._pipe = (folder / "pipe").open(encoding="ascii")
        self.group = int(self._pipe.readline())

    def __enter__(self):
        return self

    def __exit__(self, failed, *_details):
        if failed:
            # Nothing of a broken run stays behind.
            for end, process in ((os.killpg, self.group), (os.kill, self.process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    end(process, signal.SIGKILL)

    def end(self, number):
        """Send a signal; return what the run printed once it has ended."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[0].splitlines()

    def wait_for_sessions(self):
        """Return once no process of a session is left: all of them hold the pipe open."""
        with self._pipe:
            assert select.select([self._pipe], [], [], 60)[0] and self._pipe.read() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(("session", "grace"), [("hang", 60), ("hang_deaf_child", 60), ("hang_deaf", 0)])
def test_a_signal_ends_all_that_a_run_has_started(tmp_path, number, session, grace):
    with Run(tmp_path, session, grace) as run:
        printed = run.end(number)
        run.wait_for_sessions()
    assert printed == [
        f"begins   {session}",
        f"ENDED by {number.name}. Sessions that ended with it: {session}",
    ]
    assert run.process.returncode == 128 + number
    assert not list((tmp_path / "passed").iterdir())


def test_the_lock_goes_with_its_process(tmp_path):
    with Run(tmp_path, "hang", 60) as run:
        with pytest.raises(SystemExit, match=f"process {run.process.pid}\\."), sessions.lock(tmp_path / "lock"):
            pass
        run.end(signal.SIGKILL)
        with sessions.lock(tmp_path / "lock"):
            pass
        os.killpg(run.group, signal.SIGKILL)
        run.wait_for_sessions()


def test_the_results_of_a_target_that_is_gone_do_not_count(tmp_path):
    folder = tmp_path / "integration" / "junit"
    folder.mkdir(parents=True)
    (folder / "gone.xml").write_text('<testsuite><testcase name="x"/></testsuite>', encoding="utf-8")
    assert count_tests.count(tmp_path) == (1, 0, 0)
    assert count_tests.start_over(folder) == count_tests.start_over(folder) == str(folder)
    assert count_tests.count(tmp_path) == (0, 0, 0)
    # nox is not there where the unit tests run, so this reads the file: each session of scenarios starts over.
    used = re.findall(r'"JUNIT_OUTPUT_DIR": (\w+)', (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    assert len(used) >= 6 and set(used) == {"results", "results_of"}


@pytest.fixture
def tree(tmp_path):
    """A repository with two files, one of them ignored."""
    root = tmp_path / "root"
    (root / "plugins").mkdir(parents=True)
    (root / "plugins" / "a.py").write_text("1\n", encoding="utf-8")
    (root / ".gitignore").write_text("*.log\n", encoding="utf-8")
    (root / "x.log").write_text("noise\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def test_the_fingerprint_follows_every_file_that_counts(tree, monkeypatch):
    seen = {sessions.fingerprint(tree)}
    (tree / "x.log").write_text("more noise\n", encoding="utf-8")
    assert sessions.fingerprint(tree) in seen
    (tree / "plugins" / "a.py").write_text("2\n", encoding="utf-8")
    seen.add(sessions.fingerprint(tree))
    (tree / "plugins" / "a.py").rename(tree / "plugins" / "b.py")
    seen.add(sessions.fingerprint(tree))
    assert len(seen) == 3
    listed = [*copies.tracked_files(tree), "gone.py"]
    monkeypatch.setattr(sessions, "tracked_files", lambda root: listed)
    assert sessions.fingerprint(tree) in seen


def test_a_copy_made_in_a_hook_of_git_leaves_the_commit_alone(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tree / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tree / ".git" / "index"))
    copy = copies.update(tree, tmp_path / "copy")
    assert (copy / "plugins" / "a.py").is_file() and (copy / ".git").is_dir()
    assert not (tree / ".git" / "index").exists()


def test_a_copy_follows_the_tree_and_keeps_the_environments_of_ansible_test(tree, tmp_path):
    copy = copies.update(tree, tmp_path / "copy")
    (copy / "tests" / "output" / ".tmp").mkdir(parents=True)
    (copy / "tests" / "output" / ".tmp" / "environment").touch()
    (copy / "tests" / "output" / "junit").mkdir()
    (copy / "left.py").touch()
    (tree / "plugins" / "a.py").unlink()
    (tree / "plugins" / "sub").mkdir()
    (tree / "plugins" / "sub" / "b.py").write_text("3\n", encoding="utf-8")
    copies.update(tree, copy)
    files = {
        path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file() and ".git" not in path.parts
    }
    assert files == {".gitignore", "plugins/sub/b.py", "tests/output/.tmp/environment"}
    assert not (copy / "tests" / "output" / "junit").exists()
