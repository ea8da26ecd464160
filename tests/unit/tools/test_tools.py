# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

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
    (tmp_path / "a.xml").write_text('<testsuites><testsuite><testcase name="x"/><testcase name="y"><failure/></testcase></testsuite></testsuites>')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.xml").write_text('<testsuite><testcase name="z"><skipped/></testcase><testcase name="w"><error/></testcase></testsuite>')
    assert count_tests.count(tmp_path) == (1, 2, 1)


def test_pip_version_is_read_from_ansible_test():
    assert offline_pip.pip_version("packages = dict(\n        pip='24.2',\n") == "24.2"
