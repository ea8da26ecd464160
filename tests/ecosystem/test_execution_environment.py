# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder makes of the collection and of the example.

The image itself needs docker or podman; its pins are what these tests run with.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "execution-environment"


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def definition():
    return load(EXAMPLE / "execution-environment.yml")


@pytest.fixture(scope="module")
def pins(definition):
    """{package: Requirement} of what the example's image gets from PyPI."""
    parts = definition["dependencies"]
    found = [parts["ansible_core"]["package_pip"], parts["ansible_runner"]["package_pip"], *parts["python"]]
    return {requirement.name: requirement for requirement in map(Requirement, found)}


@pytest.fixture(scope="module")
def wanted():
    """{package: Requirement} of what the collection asks for."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in requirements}


def test_the_installed_collection_asks_for_its_libraries_and_for_nothing_else(installed, run, tmp_path, wanted):
    done = run(
        "ansible-builder",
        "introspect",
        installed,
        "--write-pip",
        "pip.txt",
        "--write-bindep",
        "bindep.txt",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    said = yaml.safe_load(done.stdout)
    python = [Requirement(line.split("#")[0]) for line in said["python"]]
    assert {requirement.name: requirement for requirement in python} == wanted
    assert set(wanted) == {"requests", "urllib3"}
    assert all("# from collection zego.cloud" in line for line in said["python"])
    assert said["system"] == [] and not (tmp_path / "bindep.txt").exists()
    assert set(
        map(Requirement, (line.split("#")[0] for line in (tmp_path / "pip.txt").read_text().splitlines()))
    ) == set(wanted.values())


def test_each_bound_is_a_lower_one(wanted):
    assert [str(requirement.specifier)[:2] for requirement in wanted.values()] == [">="] * len(wanted)


def test_the_example_makes_a_build_context_that_holds_all_of_it(run, tmp_path, definition, pins):
    definition_file = str(EXAMPLE / "execution-environment.yml")
    done = run(
        "ansible-builder",
        "create",
        "-f",
        definition_file,
        "-c",
        "context",
        "--output-filename",
        "Containerfile",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    build = tmp_path / "context" / "_build"
    containerfile = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert f'EE_BASE_IMAGE="{definition["images"]["base_image"]["name"]}"' in containerfile
    for package in ("ansible-core", "ansible-runner"):
        assert str(pins[package]) in containerfile
    assert (build / "requirements.txt").read_text().split() == definition["dependencies"]["python"]
    assert load(build / "requirements.yml") == definition["dependencies"]["galaxy"]
    # The stage that reads the collection's own meta/execution-environment.yml.
    assert "introspect.py introspect" in containerfile


def test_everything_in_the_image_has_a_pin_that_the_collection_takes(definition, pins, wanted):
    assert {str(requirement.specifier)[:2] for requirement in pins.values()} == {"=="}
    assert set(wanted) <= set(pins)
    for name, requirement in wanted.items():
        assert requirement.specifier.contains(str(pins[name].specifier)[2:]), name
    assert re.search(r":\d+\.\d+", definition["images"]["base_image"]["name"])
    requires = load(ROOT / "meta" / "runtime.yml")["requires_ansible"]
    assert Requirement(f"ansible-core{requires}").specifier.contains(str(pins["ansible-core"].specifier)[2:])


def test_the_image_has_the_collection_of_this_tree(definition):
    (collection,) = definition["dependencies"]["galaxy"]["collections"]
    assert collection == {"name": "zego.cloud", "version": load(ROOT / "galaxy.yml")["version"]}


def test_these_tests_run_with_the_pins(pins):
    pinned = {name: str(requirement.specifier)[2:] for name, requirement in pins.items()}
    if sys.version_info < (3, 12):
        # No newer ansible-core runs on this Python.
        pinned.pop("ansible-core")
    assert {name: metadata.version(name) for name in pinned} == pinned
