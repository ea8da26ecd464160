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

import check_headers  # noqa: E402
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
    "name",
    [
        "a.txt",
        "a/README.md",
        "b.rst",
        "page.html.j2",
        "page.css",
        "page.js",
        "Makefile",
        ".ci/run",
        "x/Jenkinsfile",
        "c.yml",
    ],
)
def test_a_file_without_its_licence_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("nothing\n")
    (problem,) = check_headers.problems([name])
    assert problem.startswith(f"{name}: ")
    (tmp_path / name).write_text("# SPDX-License-Identifier: BSD-2-Clause\n")
    assert list(check_headers.problems([name])) == []


def test_licences_of_plugins_and_of_what_nobody_writes():
    assert check_headers.wanted("plugins/plugin_utils/page/page.css") == ("GPL-3.0-or-later",)
    assert check_headers.wanted("plugins/module_utils/_client.py") == ("BSD-2-Clause",)
    for name in (
        "CHANGELOG.md",
        "CHANGELOG.rst",
        "COPYING",
        "LICENSES/BSD-2-Clause.txt",
        "changelogs/changelog.yaml",
        "changelogs/fragments/7.yml",
    ):
        assert check_headers.wanted(name) == (), name


def test_the_example_takes_the_newest_release():
    """The example names the newest release of the changelog, and no branch, which could move on the night."""
    releases = re.findall(
        r"^  (\d+\.\d+\.\d+):$", (ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"), re.MULTILINE
    )
    newest = max(releases, key=lambda version: tuple(map(int, version.split("."))))
    assert re.findall(
        r"^ +version: (.*)$", (ROOT / "examples" / "requirements.yml").read_text(encoding="utf-8"), re.MULTILINE
    ) == [newest]
