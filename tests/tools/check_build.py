# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Builds the tarball, installs it into an empty path, and stops recordings with its module and its playbook.

Runs with the Python that has ansible-core.
"""

from __future__ import annotations

import json
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
UNWANTED = (".", "action.yml", "collections/", "event.yml", "noxfile.py", "report/", "stop.yml", "templates/", "tests/")
UNWANTED += ("zego-teardown/",)
WANTED = (
    "examples/event.yml",
    "extensions/eda/plugins/event_source/zego_callback.py",
    "extensions/eda/rulebooks/recorded_file.yml",
    "extensions/patterns/teardown_event/meta/pattern.json",
    "docs/docsite/rst/teardown_from_ci.rst",
    "docs/teardown-report.schema.json",
    "playbooks/teardown.yml",
)


def run(*command, **env):
    """Run a command of ansible-core; return its output, or end with it."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def install(folder):
    """Build and install; return the path to hand to ANSIBLE_COLLECTIONS_PATH."""
    run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", folder)
    (tarball,) = Path(folder).glob("zego-cloud-*.tar.gz")
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    unwanted = [name for name in names if name.startswith(UNWANTED)]
    if unwanted:
        sys.exit(f"the tarball holds what build_ignore should keep out: {unwanted[:5]}")
    if not set(WANTED) <= set(names):
        sys.exit(f"the tarball lacks {sorted(set(WANTED) - set(names))}")
    path = os.path.join(folder, "installed")
    run("ansible-galaxy", "collection", "install", str(tarball), "--offline", "-p", path, ANSIBLE_COLLECTIONS_PATH=path)
    return path


def main():
    """Build, install, read the documentation, stop one recording twice, end an event."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        path = install(folder)
        env = {"ANSIBLE_COLLECTIONS_PATH": path, "HOME": folder, "ZEGO_API_URL": simulator.url}
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        assert "zego_cdn_record" in run("ansible-doc", "zego.cloud.zego_cdn_record", **env)
        simulator.record("Huawei", ["stage-1"])
        command = ["ansible", "localhost", "-m", "zego.cloud.zego_cdn_record", "-a", "vendor=Huawei streams=stage-1"]
        command += ["-e", f"ansible_python_interpreter={sys.executable}"]
        first, second = run(*command, **env), run(*command, **env)
        simulator.record("Tencent", ["stage-2"])
        event = {"zego_teardown_streams": {"Tencent": ["stage-2"]}, "zego_teardown_report_dir": f"{folder}/report"}
        run("ansible-playbook", "zego.cloud.teardown", "-e", json.dumps(event), **env)
        page = Path(folder, "report", "teardown.html").read_text(encoding="utf-8")
    if "stage-2" not in page or "All done" not in page:
        sys.exit("the installed playbook does not report")
    if "CHANGED" not in first or "SUCCESS" not in second:
        sys.exit(f"the installed collection does not work:\n{first}\n{second}")
    print("The tarball installs into an empty path, its module stops a recording once, and its playbook reports.")


if __name__ == "__main__":
    main()
