# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A renamed copy of this tree builds, installs, and ends the event of the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEW = ("acme", "live_events")


def git(tree, *arguments):
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.com", "-c", "core.hooksPath=/dev/null")
    subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True)


def rename(tree, *arguments):
    """Run the command of a tree on that tree."""
    command = [sys.executable, str(tree / "tests" / "tools" / "rename.py"), *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory, copy_tree):
    """A committed copy of this tree."""
    tree = tmp_path_factory.mktemp("renamed") / "tree"
    copy_tree(tree)
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "This tree")
    return tree


def test_a_renamed_copy_ends_the_demo(tree, run, tmp_path):
    (tree / "new.yml").write_text("", encoding="utf-8")
    refused = rename(tree, "acme", "Live")
    assert (
        refused.returncode == 1 and "'Live' has to be" in refused.stderr and "commit or stash first" in refused.stderr
    )
    (tree / "new.yml").unlink()
    done = rename(tree, *NEW)
    assert done.returncode == 0 and "acme.live_events" in done.stdout, done.stderr
    path = str(tmp_path / "installed")
    built = run("ansible-galaxy", "collection", "build", str(tree), "--output-path", str(tmp_path), cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    (tarball,) = tmp_path.glob("acme-live_events-*.tar.gz")
    install = ("collection", "install", str(tarball), "--offline", "-p", path)
    installed = run("ansible-galaxy", *install, cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=path)
    assert installed.returncode == 0, installed.stderr
    for name, kind in (("zego_cdn_record", "module"), ("teardown", "role"), ("report_html", "filter")):
        shown = run("ansible-doc", "-t", kind, f"acme.live_events.{name}", cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=path)
        assert shown.returncode == 0 and name.upper() in shown.stdout.decode().upper(), shown.stderr
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ZEGO_"))}
    demo = [sys.executable, str(tree / "tests" / "demo" / "demo.py")]
    ended = subprocess.run(demo, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    reports = sorted((tree / "report").rglob("teardown.json"))
    last = json.loads(reports[-1].read_text(encoding="utf-8"))
    # The last of the demo's runs is a rerun, which changes nothing.
    assert last["schema"].startswith("acme.live_events/") and last["totals"]["changed"] == 0 < last["totals"]["total"]
