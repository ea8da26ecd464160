# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the collection says of versions is what tests/tools/pythons.py says, which is what the tests run."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import pythons  # noqa: E402

OLDEST_CORE, NEWEST_CORE = list(pythons.CORES)[0], list(pythons.CORES)[-1]
RANGE = r"(3\.\d+) (?:to|至) (3\.\d+)"
ROW = re.compile(rf"^\| ((?:2\.\d+(?:, |、)?)+) \| {RANGE} \| {RANGE} \|$", re.MULTILINE)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def number(version):
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_table_of_versions_names_every_core_with_its_pythons(name):
    told = {}
    for cores, *pythons_of_row in ROW.findall(read(name)):
        for core in re.split(", |、", cores):
            told[core] = tuple(pythons_of_row)
    wanted = {}
    for version, core in pythons.CORES.items():
        wanted[version] = (core.controllers[0], core.controllers[-1], core.targets[0], core.targets[-1])
    assert told == wanted


def test_ansible_is_told_the_oldest_core_that_is_tested():
    assert yaml.safe_load(read("meta/runtime.yml"))["requires_ansible"] == f">={OLDEST_CORE}.0"
    assert yaml.safe_load(read("roles/teardown/meta/main.yml"))["galaxy_info"]["min_ansible_version"] == OLDEST_CORE


def test_ansible_test_is_told_the_oldest_python_that_is_tested():
    modules = yaml.safe_load(read("tests/config.yml"))["modules"]
    assert modules == {"python_requires": f">={pythons.TARGETS[0]}"}


def test_the_example_for_pip_allows_the_cores_that_are_tested_and_no_others():
    after_newest = f"2.{number(NEWEST_CORE)[1] + 1}"
    assert f"\nansible-core>={OLDEST_CORE},<{after_newest}\n" in read("examples/requirements.txt")


def test_the_image_of_the_example_has_a_python_that_its_core_takes():
    dependencies = yaml.safe_load(read("examples/execution-environment/execution-environment.yml"))["dependencies"]
    core = re.match(r"ansible-core==(\d+\.\d+)\.", dependencies["ansible_core"]["package_pip"]).group(1)
    python = re.match(r"python(3\.\d+)$", dependencies["python_interpreter"]["package_system"]).group(1)
    assert python in pythons.CORES[core].controllers


@pytest.mark.parametrize("name", ["action.yml", "templates/teardown.yml"])
def test_the_default_python_of_a_pipeline_takes_the_newest_core(name):
    (python,) = re.findall(r"python-version:\n +description: .*\n +default: \"(3\.\d+)\"", read(name))
    assert python in pythons.CORES[NEWEST_CORE].controllers


def test_the_python_of_the_jenkinsfile_takes_the_newest_core():
    (python,) = re.findall(r"'python:(3\.\d+)'", read("examples/Jenkinsfile"))
    assert python in pythons.CORES[NEWEST_CORE].controllers


def test_the_component_installs_what_the_example_for_pip_names():
    lines = [line for line in read("examples/requirements.txt").splitlines() if not line.startswith("#")]
    assert f"pip install --quiet {' '.join(json.dumps(line) for line in lines)}\n" in read("templates/teardown.yml")


def test_the_component_installs_the_collection_of_its_own_commit():
    (version,) = re.findall(r"default: git\+https://.*\.git,([\d.]+)$", read("templates/teardown.yml"), re.MULTILINE)
    assert version == yaml.safe_load(read("galaxy.yml"))["version"]


def test_the_example_for_gitlab_takes_the_newest_release_that_has_the_component():
    released = yaml.safe_load(read("changelogs/changelog.yaml"))["releases"]
    (version,) = re.findall(r"/teardown@([\d.]+)$", read("examples/gitlab-ci.yml"), re.MULTILINE)
    # Releases before this one have no component.
    assert version == max(*released, "1.1.0", key=number)


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/docsite/rst/quick_start.rst"]
)
def test_who_sets_up_is_told_of_the_pythons_that_make_looks_for(name):
    tools = sorted(pythons.TOOLS, key=number)
    told = set(re.findall(rf"(?:a|的) Python {RANGE}", read(name)))
    assert told == {(tools[0], tools[-1])}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_who_sets_up_is_told_of_all_target_pythons(name):
    told = re.findall(rf"All of Python {RANGE}", read(name))
    assert told == [(pythons.TARGETS[0], pythons.TARGETS[-1])]


def test_every_python_that_the_collection_takes_is_a_target_of_some_core():
    targets = {version for core in pythons.CORES.values() for version in core.targets}
    assert targets == set(pythons.TARGETS)


CONSTANTS = {
    "CONTROLLER_PYTHON_VERSIONS": ("3.12", "3.13", "3.14"),
    "REMOTE_ONLY_PYTHON_VERSIONS": ("3.7", "3.9", "3.10", "3.11"),
}


def test_a_table_that_agrees_with_the_ansible_core_in_use_has_no_problem():
    assert pythons.check("2.21", CONSTANTS) is None


@pytest.mark.parametrize(
    ("version", "change", "problem"),
    [
        ("2.99", {}, "CORES has no ansible-core 2.99"),
        (
            "2.21",
            {"CONTROLLER_PYTHON_VERSIONS": ("3.13", "3.14", "3.15")},
            "ansible-core 2.21 runs playbooks on 3.13, 3.14, 3.15, and CORES says 3.12, 3.13, 3.14",
        ),
        (
            "2.21",
            {"REMOTE_ONLY_PYTHON_VERSIONS": ("3.11",)},
            "ansible-core 2.21 runs modules on 3.11, 3.12, 3.13, 3.14, "
            "and CORES says 3.9, 3.10, 3.11, 3.12, 3.13, 3.14",
        ),
    ],
)
def test_a_table_that_does_not_agree_is_found_out(version, change, problem):
    assert pythons.check(version, {**CONSTANTS, **change}) == problem


def test_the_versions_of_this_machine_are_those_that_the_core_takes():
    found = dict.fromkeys(("3.8", "3.10", "3.12", "3.13", "3.15"), "path")
    assert pythons.controllers("2.16", found) == ["3.10", "3.12"]
    assert pythons.targets("2.16", found) == ["3.8", "3.10", "3.12"]
    assert pythons.controllers("2.22", found) == ["3.13", "3.15"]
    assert pythons.targets("2.22", found) == ["3.10", "3.12", "3.13", "3.15"]


def test_the_image_for_event_driven_ansible_is_that_of_the_other_example_and_has_what_the_sources_import():
    image = yaml.safe_load(read("examples/decision-environment/decision-environment.yml"))["dependencies"]
    other = yaml.safe_load(read("examples/execution-environment/execution-environment.yml"))["dependencies"]
    for part in ("python_interpreter", "ansible_core", "ansible_runner", "galaxy"):
        assert image[part] == other[part], part
    names = {pin.partition("==")[0] for pin in image["python"]}
    assert {"ansible-rulebook", "aiohttp", "requests"} <= names
    # A module needs no more than requests.
    assert "aiohttp" not in read("requirements.txt")
    guide = read("docs/docsite/rst/react_to_recorded_files.rst")
    assert f"pip install {next(pin for pin in image['python'] if pin.startswith('ansible-rulebook'))} " in guide


def test_the_rulebooks_have_the_variables_of_the_example_and_name_playbooks_that_are_there():
    given = yaml.safe_load(read("examples/decision-environment/variables.yml"))
    rulebooks = {path.stem: path.read_text(encoding="utf-8") for path in ROOT.glob("extensions/eda/rulebooks/*.yml")}
    assert set(rulebooks) == {"recorded_file", "event_over"}
    unknown = [
        name for name in given if name.startswith("zego_") and f"{{{{ {name} |" not in rulebooks["recorded_file"]
    ]
    assert unknown == []
    for text in rulebooks.values():
        (ruleset,) = yaml.safe_load(text)
        for rule in ruleset["rules"]:
            name = rule["action"]["run_playbook"]["name"].removeprefix("zego.cloud.")
            assert (ROOT / "playbooks" / f"{name}.yml").is_file()
