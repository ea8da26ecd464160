# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs playbooks/demo.yml twice against the simulator; with ZEGO_APP_ID and ZEGO_SERVER_SECRET set, once against the real API instead."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.client import Simulator  # noqa: E402

RECORDING = {
    "Tencent": [f"stage-{number}" for number in range(1, 10)] + ["backstage-1"],
    "Ws": [f"lobby-{number}" for number in range(1, 7)],
    "Huawei": [f"arena-{number}" for number in range(1, 7)],
    "Aliyun": [f"studio-{number}" for number in range(1, 6)],
}
FROZEN = {"kind": "stream_code", "stream": "stage-7", "code": "ResourceNotFound.FreezeService", "message": "the service is frozen"}


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
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
    }
    return {**os.environ, **settings}


def play(env):
    """Run the playbook; return its exit code."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "playbooks" / "demo.yml")]
    return subprocess.run([*command, "-e", f"ansible_python_interpreter={sys.executable}"], env=env, check=False).returncode


def rehearse(folder):
    """Run twice against the simulator. One stream fails on purpose, so each run has to end with exit code 2."""
    with Simulator() as simulator:
        for vendor, streams in RECORDING.items():
            simulator.record(vendor, streams)
        simulator.configure(absent_code={"Huawei": "404"})
        simulator.add_fault(**FROZEN)
        env = {**environment(folder), "HOME": folder, "ZEGO_API_URL": simulator.url}
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        print("\n=== The event ends: stage-7 fails on purpose, four streams had been stopped before ===", flush=True)
        first = play(env)
        print("\n=== The same again: nothing is left to change, stage-7 still needs a hand ===", flush=True)
        second = play(env)
    return 0 if (first, second) == (2, 2) else 1


def main():
    """Run the demo; exit with 0 where it went as announced."""
    with tempfile.TemporaryDirectory() as folder:
        if os.environ.get("ZEGO_APP_ID") and os.environ.get("ZEGO_SERVER_SECRET"):
            print("ZEGO_APP_ID and ZEGO_SERVER_SECRET are set: this runs against the real API.", flush=True)
            return play(environment(folder))
        return rehearse(folder)


if __name__ == "__main__":
    sys.exit(main())
