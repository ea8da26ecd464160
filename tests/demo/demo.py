# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ends a demo event with the playbook zego.cloud.teardown, twice, against the simulator; with ZEGO_APP_ID and ZEGO_SERVER_SECRET set, once, for real.

The report stays in the folder ``report`` of this tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.client import Simulator  # noqa: E402

EVENT = ROOT / "tests" / "demo" / "event.yml"
REPORT = ROOT / "report"
RECORDING = {
    "Tencent": [f"stage-{number}" for number in range(1, 10)] + ["backstage-1"],
    "Ws": [f"lobby-{number}" for number in range(1, 7)],
    "Huawei": [f"arena-{number}" for number in range(1, 7)] + ["guest-1", "guest-2"],
    "Aliyun": [f"studio-{number}" for number in range(1, 6)],
}
STOPPED_BEFORE = {"Tencent": ["backstage-2", "backstage-3"], "Huawei": ["arena-7", "arena-8"]}
FROZEN = {
    "kind": "stream_code",
    "stream": "stage-7",
    "code": "ResourceNotFound.FreezeService",
    "message": "the service is frozen",
}


def environment(folder):
    """Return the environment of a run: this tree as the collection zego.cloud, and an output that people like to read."""
    link = Path(folder) / "ansible_collections" / "zego" / "cloud"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": folder,
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
    }
    return {**os.environ, **settings}


def play(env):
    """Run the playbook; return its exit code."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "zego.cloud.teardown", "-e", f"@{EVENT}"]
    variables = {"ansible_python_interpreter": sys.executable, "zego_teardown_report_dir": str(REPORT)}
    return subprocess.run([*command, "-e", json.dumps(variables)], env=env, check=False).returncode


def changed():
    """Return how many streams the last run changed, and how many failed, as its report says."""
    totals = json.loads((REPORT / "teardown.json").read_text(encoding="utf-8"))["totals"]
    return totals["changed"], totals["failed"]


def begin(simulator):
    """Let the event be under way, with some streams that were stopped before."""
    simulator.configure(absent_code={"Huawei": "404"}, file_delay_seconds=3)
    for vendor, streams in RECORDING.items():
        simulator.record(vendor, streams)
    for vendor, streams in STOPPED_BEFORE.items():
        simulator.add_files(vendor, streams)
    simulator.add_room("green-room", ["guest-1", "guest-2"])
    simulator.add_relay("stage-1", "rtmp://push.example.com/live/stage-1")
    simulator.add_fault(**FROZEN)


def rehearse(folder):
    """Run twice against the simulator. One stream fails on purpose, so each run has to end with exit code 2, and the second to change nothing."""
    with Simulator() as simulator:
        begin(simulator)
        env = {**environment(folder), "HOME": folder, "ZEGO_API_URL": simulator.url}
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        print("\n=== The event ends: stage-7 fails on purpose, five streams had been stopped before ===", flush=True)
        first = (play(env), *changed())
        print("\n=== The same again: nothing is left to change, stage-7 still needs a hand ===", flush=True)
        second = (play(env), *changed())
    return 0 if (first, second) == ((2, 28, 1), (2, 0, 1)) else 1


def main():
    """Run the demo; exit with 0 where it went as announced."""
    with tempfile.TemporaryDirectory() as folder:
        if os.environ.get("ZEGO_APP_ID") and os.environ.get("ZEGO_SERVER_SECRET"):
            print("ZEGO_APP_ID and ZEGO_SERVER_SECRET are set: this runs against the real API.", flush=True)
            status = play(environment(folder))
        else:
            status = rehearse(folder)
    print(
        f"\nThe report: {(REPORT / 'teardown.html').as_uri()}\n(and as JSON, JUnit XML and Markdown beside it)",
        flush=True,
    )
    return status


if __name__ == "__main__":
    sys.exit(main())
