# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CONTRIBUTING.md and the Makefile name is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import pythons  # noqa: E402

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
SESSIONS = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))
TARGETS = set(re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)[1].replace("\\\n", " ").split())


def test_each_session_that_is_named_exists():
    named = set(re.findall(r"nox -s '?(\w+)", GUIDE + MAKEFILE))
    assert len(named) >= 4 and named <= SESSIONS, named - SESSIONS
    # What make test and make test-all run, as make itself reads it.
    shown = subprocess.run(
        ["make", "-n", "-o", ".venv/bin/nox", "test-all"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    words = re.search(r"--keep (.*integration.*)", shown.stdout)[1].replace(" --then ", " ").split()
    assert all(re.fullmatch(r"[a-z_]+(-[\d.]+)?", word) for word in words), words
    chosen = {word.partition("-")[0] for word in words}
    assert {"integration", "slow_integration", "core_units", "oldest_units", "targets"} <= chosen <= SESSIONS


def test_make_test_removes_old_results_only_once_it_has_the_clone_for_itself():
    # Below another make, it would name the folders that it enters, too.
    command = ["make", "-n", "--no-print-directory", "-o", ".venv/bin/nox", "test"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (command,) = [line for line in shown.stdout.splitlines() if "nox" in line or "sessions.py" in line]
    assert re.search(r"sessions\.py .*--clean .* --then coverage$", command)


def test_the_table_of_what_runs_where_names_the_ansible_cores_at_both_ends():
    oldest, *between, newest = pythons.CORES
    rows = re.search(r"^\| ansible-core \|.*\n\| --- .*\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)[1]
    assert re.findall(r"^\| (.*?) \|", rows, re.MULTILINE) == ["each", f"{oldest} and {newest}", oldest, newest]
    assert f"is untested on {between[0]} to {between[-1]}." in GUIDE


def test_only_the_ansible_cores_at_both_ends_run_what_is_slow():
    sessions = re.split(r"\n@nox\.session", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    slow = [re.search(r"def (\w+)", body)[1] for body in sessions if '"--slow"' in body]
    assert slow == ["slow_integration", "oldest_slow_integration"]


def test_each_make_target_that_is_named_exists():
    named = set(re.findall(r"(?:`|\$ )make (\w[\w-]*)", GUIDE))
    assert {"test", "changelog", "release-check"} <= named <= TARGETS, named - TARGETS
    # A target without a recipe of its own is the session of that name.
    shared = re.findall(r"^([\w -]+): \$\(NOX\)\n\t@\$\(NOX\) -s \$@$", MAKEFILE, re.MULTILINE)
    assert shared and set(" ".join(shared).split()) <= SESSIONS & TARGETS


def test_the_sections_of_a_fragment_are_those_of_the_changelog():
    sections = {
        name
        for name, _title in yaml.safe_load((ROOT / "changelogs" / "config.yaml").read_text(encoding="utf-8"))[
            "sections"
        ]
    }
    (told,) = re.findall(r"in the section where a user would look: (.*?)\. What", GUIDE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", told)) == sections


def test_each_file_that_is_linked_exists():
    links = [
        link
        for name in ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
        for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text())
    ]
    assert links and [link for link in links if not (ROOT / link).exists()] == []
    readme = ROOT / "examples" / "execution-environment" / "README.md"
    assert [
        link for link in re.findall(r"\]\(([^)#:]+)\)", readme.read_text()) if not (readme.parent / link).exists()
    ] == []


def test_the_integration_target_that_is_named_exists():
    (target,) = re.findall(r"ansible-test integration .* (\w+)$", GUIDE, re.MULTILINE)
    assert (ROOT / "tests" / "integration" / "targets" / target / "aliases").is_file()
