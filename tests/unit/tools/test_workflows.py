# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The workflows run what is there, with actions that cannot change underneath them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import pythons  # noqa: E402

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# The sessions install it only as root, and a runner of GitHub is not.
REDIS = "sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends redis-server"


def jobs(name):
    """Return the jobs of a workflow."""
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "action.yml"], ids=lambda path: path.name)
def test_each_action_is_pinned_by_its_hash(path):
    used = re.findall(r"^ +(?:- )?uses: (.*)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used and all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", action) for action in used), used


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_command_is_a_target_of_the_makefile(path):
    commands = [step["run"] for job in jobs(path.name).values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        if command == REDIS:
            continue
        program, target, *_more = command.split()
        assert program == "make" and re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), command


def test_whatever_runs_unit_tests_has_a_server_for_the_ledger():
    """In CI, its absence is an error."""
    testing = re.compile(r"make (test|test-all|test-mutants|devel|core)( |$)")
    found = []
    for path in WORKFLOWS:
        for name, job in jobs(path.name).items():
            commands = [step["run"] for step in job["steps"] if "run" in step]
            if any(map(testing.match, commands)):
                found.append(name)
                assert commands[0] == REDIS, (path.name, name)
    assert len(found) == 6, found


def test_each_ansible_core_has_its_job():
    tested = jobs("ci.yml")["core"]["strategy"]["matrix"]["core"]
    assert tested == list(pythons.CORES)[:-1]


def test_the_makefile_names_each_ansible_core():
    (others,) = re.findall(r"^OTHER_CORES = (.*)$", MAKEFILE, re.MULTILINE)
    assert others.split() == list(pythons.CORES)[:-1]


def test_only_what_is_to_come_may_fail():
    allowed = {
        (path.name, name) for path in WORKFLOWS for name, job in jobs(path.name).items() if job.get("continue-on-error")
    }
    assert allowed == {("weekly.yml", "devel")}


def test_everything_runs_once_a_week_and_devel_too():
    weekly = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    (when,) = weekly["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", when["cron"])
    commands = [step["run"] for job in weekly["jobs"].values() for step in job["steps"] if "run" in step]
    assert {"make test-all", "make devel"} <= set(commands)


def test_nothing_is_published_that_was_not_tested():
    release = jobs("release.yml")
    commands = [step["run"] for step in release["check"]["steps"] if "run" in step]
    assert commands == [REDIS, "make test", "make release-check"] and release["publish"]["needs"] == "check"
    # What was checked is what is published: the second job gets the tarball, and builds none.
    names = {
        step["with"]["name"] for job in release.values() for step in job["steps"] if "artifact" in step.get("uses", "")
    }
    assert names == {"release"}
    assert [step["run"] for step in release["publish"]["steps"] if "run" in step] == ["make publish"]
    quick = re.search(r"^QUICK = (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    assert {"sanity", "import_check", "integration"} <= set(quick)


def test_the_token_of_galaxy_is_within_reach_of_one_job_that_needs_an_approval():
    with_secrets = {
        (path.name, name)
        for path in WORKFLOWS
        for name, job in jobs(path.name).items()
        if "secrets." in yaml.safe_dump(job)
    }
    assert with_secrets == {("release.yml", "publish")}
    assert jobs("release.yml")["publish"]["environment"] == "galaxy"


def test_only_what_publishes_may_write():
    writing = {}
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, path.name
        for name, job in workflow["jobs"].items():
            writing.update({(path.name, name): set(job["permissions"])} if "permissions" in job else {})
    assert writing == {("release.yml", "publish"): {"contents"}, ("docs.yml", "publish"): {"pages", "id-token"}}
