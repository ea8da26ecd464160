# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Builds the collection's tarball, installs it into an empty path, and stops a recording with it, against the simulator.

Runs with the Python that has ansible-core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.client import Simulator  # noqa: E402

BIN = Path(sys.executable).parent
UNWANTED = ("tests/", ".ci", ".github", ".nox", ".venv", "noxfile.py")


def run(*command, **env):
    """Run a command of ansible-core; return its output, or end with it."""
    done = subprocess.run([str(BIN / command[0]), *command[1:]], env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def install(folder):
    """Build and install; return the path to hand to ANSIBLE_COLLECTIONS_PATH."""
    run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", folder)
    (tarball,) = Path(folder).glob("zego-cloud-*.tar.gz")
    with tarfile.open(tarball) as archive:
        dropped = [name for name in archive.getnames() if name.startswith(UNWANTED)]
    if dropped:
        sys.exit(f"the tarball holds what build_ignore should keep out: {dropped[:5]}")
    path = os.path.join(folder, "installed")
    run("ansible-galaxy", "collection", "install", str(tarball), "--offline", "-p", path, ANSIBLE_COLLECTIONS_PATH=path)
    return path


def main():
    """Build, install, read the documentation, stop one recording twice."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        path = install(folder)
        env = {"ANSIBLE_COLLECTIONS_PATH": path, "HOME": folder, "ZEGO_API_URL": simulator.url}
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        assert "zego_cdn_record" in run("ansible-doc", "zego.cloud.zego_cdn_record", **env)
        simulator.record("Huawei", ["stage-1"])
        command = ["ansible", "localhost", "-m", "zego.cloud.zego_cdn_record", "-a", "vendor=Huawei streams=stage-1"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}"]
        first, second = run(*command, **env), run(*command, **env)
    if "CHANGED" not in first or "SUCCESS" not in second:
        sys.exit(f"the installed collection does not work:\n{first}\n{second}")
    print("The tarball installs into an empty path, and its module stops a recording once.")


if __name__ == "__main__":
    main()
