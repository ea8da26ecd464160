# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import check_licences  # noqa: E402
import count_tests  # noqa: E402
import offline_pip  # noqa: E402
import pythons  # noqa: E402


def _executable(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def test_a_shim_that_does_not_run_is_skipped(tmp_path):
    _executable(tmp_path / "python3.12", "#!/bin/sh\nexit 127\n")
    _executable(tmp_path / "python3.11", "#!/bin/sh\necho 3.11 /real/python3.11\n")
    assert pythons.find([str(tmp_path)]) == {"3.11": "/real/python3.11"}


def test_the_first_folder_wins(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _executable(tmp_path / name / "python3.13", f"#!/bin/sh\necho 3.13 /{name}\n")
    assert pythons.find([str(tmp_path / "b"), str(tmp_path / "a"), os.devnull]) == {"3.13": "/b"}


def test_counts_over_all_files(tmp_path):
    (tmp_path / "a.xml").write_text(
        '<testsuites><testsuite><testcase name="x"/><testcase name="y"><failure/></testcase></testsuite></testsuites>'
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.xml").write_text(
        '<testsuite><testcase name="z"><skipped/></testcase><testcase name="w"><error/></testcase></testsuite>'
    )
    assert count_tests.count(tmp_path) == (1, 2, 1)


def test_all_pip_versions_are_read_from_ansible_test():
    source = "packages = dict(\n        pip='24.2',\n    'python2.7': dict(pip='20.3.4')"
    assert offline_pip.pip_versions(source) == ["24.2", "20.3.4"]


def test_a_package_of_an_archive_out_of_reach_comes_from_pypi():
    requirements = "astroid==4.0.4\ndill @ https://github.com/x/dill/archive/230.zip#sha256=09\nisort==9.0.1\n"
    assert offline_pip.from_pypi(requirements, lambda host: host == "github.com") == requirements
    assert offline_pip.from_pypi(requirements, lambda host: False) == "astroid==4.0.4\ndill\nisort==9.0.1\n"


def test_a_stand_in_for_get_pip_goes_when_the_real_one_can_be_had(tmp_path):
    cache = tmp_path / "cache"
    offline_pip.remove(cache)
    offline_pip.write(cache, "24.2")
    assert (cache / "get_pip_24_2.py").read_text() == offline_pip.STAND_IN
    (cache / "get_pip_25_0.py").write_text("the real one")
    offline_pip.write(cache, "25.0")
    offline_pip.remove(cache)
    assert [(path.name, path.read_text()) for path in cache.iterdir()] == [("get_pip_25_0.py", "the real one")]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("module_utils/_api/client.py", "BSD-2-Clause", "GPL-3.0-or-later"),
        ("modules/zego_room.py", "GPL-3.0-or-later", "BSD-2-Clause"),
        ("plugin_utils/_forms/page/page.css", "GPL-3.0-or-later", "BSD-2-Clause"),
    ],
)
def test_a_plugin_under_the_wrong_licence_is_named(tmp_path, name, right, wrong):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    for said, problems in ((wrong, 1), ("", 1), (right, 0)):
        path.write_text(f"# {check_licences.TAG} {said}\n", encoding="utf-8")
        found = check_licences.problems(tmp_path)
        assert len(found) == problems and all(f"plugins/{name}" in problem for problem in found)


def test_the_example_takes_the_newest_release():
    """The example names the newest release of the changelog, and no branch, which could move on the night."""
    releases = re.findall(
        r"^  (\d+\.\d+\.\d+):$", (ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"), re.MULTILINE
    )
    newest = max(releases, key=lambda version: tuple(map(int, version.split("."))))
    assert re.findall(
        r"^ +version: (.*)$", (ROOT / "examples" / "requirements.yml").read_text(encoding="utf-8"), re.MULTILINE
    ) == [newest]
