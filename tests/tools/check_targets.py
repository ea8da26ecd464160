# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Stops and starts recordings with the module running on each Python given, against the simulator.

``python check_targets.py FOLDER PYTHON …``: runs with the Python that has ansible-core; FOLDER takes JUnit XML.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "targets" / "support_zego"))

from harness import VENDORS, Scene, Simulator, all_are, report  # noqa: E402

VERSIONS = """
import requests, sys, urllib3
print("Python %d.%d" % sys.version_info[:2], "requests", requests.__version__, "urllib3", urllib3.__version__)
"""
STATES = (("started", "started", True), ("stopped", "stopped", True), ("stopped", "already_stopped", False))


def check(python):
    """Start, stop and stop again at every vendor, over a connection that breaks once; raises what went wrong."""
    with tempfile.TemporaryDirectory(prefix="zego-target-") as folder, Simulator() as simulator:
        scene = Scene(simulator, folder, folder, python)
        link = scene.home / "collections" / "ansible_collections" / "zego" / "cloud"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        env = {"ANSIBLE_COLLECTIONS_PATH": str(scene.home / "collections")}
        calls = [
            {"vendor": vendor, "streams": ["a", "b"], "state": state}
            for state, _outcome, _changed in STATES
            for vendor in VENDORS
        ]
        simulator.add_fault(kind="drop_after", action="StopCDNRecord", times=1)
        wanted = [(outcome, changed) for _state, outcome, changed in STATES for _vendor in VENDORS]
        try:
            for (outcome, changed), result in zip(wanted, scene.calls(calls, env=env)):
                all_are(outcome, result, changed=changed)
        except Exception:
            print(scene.output[-3000:])
            raise


def main():
    """Check each Python, say how it went, and exit with 1 if one failed."""
    problems = {}
    for python in sys.argv[2:]:
        name = subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout.strip()
        try:
            check(python)
            problems[name] = None
        except Exception as error:
            problems[name] = repr(error)
        print(f"{name}: {problems[name] or 'ok'}", flush=True)
    report("targets", problems, sys.argv[1])
    sys.exit(1 if any(problems.values()) else 0)


if __name__ == "__main__":
    main()
