# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module without the playbook around it, in the way Ansible does: what the chaos targets do some hundred times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

# What a request can meet, and the work that it asks for done or not done.
FAULTS = (
    {"kind": "reset"},
    {"kind": "drop_after"},
    {"kind": "http", "status": 502},
    {"kind": "http", "status": 503, "after_work": True},
    {"kind": "http", "status": 429},
    {"kind": "html"},
    {"kind": "html", "after_work": True},
    {"kind": "hang", "seconds": 2},
    {"kind": "hang", "seconds": 2, "after_work": True},
    {"kind": "code", "code": 2},
    {"kind": "code", "code": 6},
    {"kind": "code", "code": 1000},
    {"kind": "code", "code": 1000, "after_work": True},
    {"kind": "code", "code": 4711},
    {"kind": "code", "code": 100000015},
    {"kind": "empty_body"},
    {"kind": "truncated"},
    {"kind": "cut_json"},
    {"kind": "not_object"},
    {"kind": "null_data"},
    {"kind": "no_data"},
    {"kind": "slow", "ms": 300},
    {"kind": "echo_url"},
)
RUNNER = """
import runpy, sys
from ansible.module_utils import basic
basic._ANSIBLE_PROFILE = "legacy"
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def _collections():
    """The folder that holds ansible_collections."""
    for folder in Path(__file__).absolute().parents:
        if folder.name == "ansible_collections":
            return str(folder.parent)
    return os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)[0]


def run(scene, module, **given):
    """Run a module of this collection against the scene's simulator; return its result. A traceback, or a word on stderr, is a failure."""
    simulator = scene.simulator
    arguments = {
        "app_id": simulator.app_id,
        "server_secret": simulator.server_secret,
        "api_url": simulator.url,
        **given,
    }
    path = scene.home / "arguments.json"
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
    command = [sys.executable, "-c", RUNNER, f"ansible_collections.zego.cloud.plugins.modules.{module}", str(path)]
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([_collections(), *sys.path]), HOME=str(scene.home))
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert not done.stderr and "Traceback" not in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout)


def check_entries(entries, key, wanted):
    """Assert that there is one entry for each thing asked for, in the order asked, and that each failure has a cause."""
    assert [item[key] for item in entries] == wanted
    silent = [item for item in entries if item["failed"] and not item.get("message")]
    assert not silent, f"failures without a cause: {silent[:3]}"
