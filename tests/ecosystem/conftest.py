# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as others get it: built, and installed into an empty path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "tools")]

import check_build  # noqa: E402
import copies  # noqa: E402

from simulator.client import Simulator  # noqa: E402

BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The path for ANSIBLE_COLLECTIONS_PATH that holds the collection as its tarball installs it."""
    return check_build.install(str(tmp_path_factory.mktemp("collection")))


@pytest.fixture(scope="session")
def copy_tree():
    """A function that copies the files of this tree, committed or not, to a new folder."""

    def call(folder):
        for name in copies.tracked_files(ROOT):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)

    return call


@pytest.fixture
def simulator():
    """A simulator of this test's own."""
    with Simulator() as running:
        yield running


@pytest.fixture
def run():
    """A function that runs a command of this Python's environment, with no variable of zego's but those given."""

    def call(*command, cwd, data=b"", **env):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ZEGO_"))}
        kept.update(env, PATH=f"{BIN}{os.pathsep}{kept['PATH']}")
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=cwd,
            env=kept,
            input=data,
            capture_output=True,
            check=False,
            timeout=300,
        )

    return call
