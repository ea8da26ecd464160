# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What make test says of its sessions, and what make test-all leaves out, is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import copies  # noqa: E402
import sessions  # noqa: E402

# Stands in for nox: the session's name says what it does.
NOX = """
import sys
name = sys.argv[-1]
print("the log of", name)
if name == "absent":
    print("nox > Session absent skipped: no Python 3.15 here")
sys.exit(1 if name.startswith("bad") else 0)
"""


def runner(folder, state="one", keep=False):
    """A Runner whose sessions are NOX."""
    program = folder / "nox.py"
    program.write_text(NOX, encoding="utf-8")
    return sessions.Runner(state, keep, folder, (sys.executable, str(program)))


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
    assert sessions.once_more(mine, sessions.Result("good", "FAILED")).how == "ok"
    kept = sessions.Result("good", "kept")
    assert sessions.once_more(mine, kept) is kept


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


def test_the_fingerprint_follows_every_file_that_counts(tree):
    seen = {sessions.fingerprint(tree)}
    (tree / "x.log").write_text("more noise\n", encoding="utf-8")
    assert sessions.fingerprint(tree) in seen
    (tree / "plugins" / "a.py").write_text("2\n", encoding="utf-8")
    seen.add(sessions.fingerprint(tree))
    (tree / "plugins" / "a.py").rename(tree / "plugins" / "b.py")
    seen.add(sessions.fingerprint(tree))
    assert len(seen) == 3


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
