# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module without the playbook around it: the same arguments in, the same JSON out, over the same socket.

A playbook costs a second of CPU to look at one reply. Here each run is a fork of one server process that has Ansible's
own code and requests loaded, and none of the collection's, so that a run costs as much as the module itself.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import runpy
import sys
import tempfile
import traceback
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
PATIENCE = 300
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["ansible.module_utils.basic", "requests", "sqlite3", __name__])


def _collections():
    """The folder that holds ansible_collections."""
    for folder in Path(__file__).absolute().parents:
        if folder.name == "ansible_collections":
            return str(folder.parent)
    return os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)[0]


@contextlib.contextmanager
def _measured():
    """Measure the coverage of what runs inside, where the environment asks for it in coverage's own way."""
    if not os.environ.get("COVERAGE_PROCESS_START"):
        yield
        return
    import coverage

    measure = coverage.Coverage(config_file=os.environ["COVERAGE_PROCESS_START"], data_suffix=True)
    measure.start()
    try:
        yield
    finally:
        measure.stop()
        measure.save()


def _child(module, folder, env):
    """Be the module's process: its environment, its arguments in a file, its output in another."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    for number, name in ((1, "stdout"), (2, "stderr")):
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    # A folder of the scenario would hold the caller's tempfile settings otherwise.
    tempfile.tempdir = None
    from ansible.module_utils import basic

    basic._ANSIBLE_PROFILE = "legacy"
    sys.argv = [module, "arguments.json"]
    sys.path.insert(0, _collections())
    with _measured():
        try:
            runpy.run_module(
                f"ansible_collections.zego.cloud.plugins.modules.{module}", run_name="__main__", alter_sys=True
            )
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
            status = 1
        else:
            status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by way of multiprocessing's own end, which would say on stderr what the exit code says already.
    os._exit(status)


def run_module(module, arguments, env=None, check=False, diff=False):
    """Run a module of this collection; return (its result, its exit code).

    ``arguments``: the task's parameters; ``env``: the whole environment of its process (default: this one's); ``check``
    and ``diff``: as --check and --diff. A traceback, or a word on stderr, is a failure.
    """
    given = {**arguments, "_ansible_check_mode": check, "_ansible_diff": diff}
    with tempfile.TemporaryDirectory(prefix="zego-module-") as folder:
        Path(folder, "arguments.json").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
        process = _FORKS.Process(target=_child, args=(module, folder, dict(os.environ if env is None else env)))
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            raise AssertionError(f"{module} did not end")
        shown = {}
        for name in ("stdout", "stderr"):
            path = Path(folder, name)
            shown[name] = path.read_text(encoding="utf-8") if path.exists() else ""
    assert not shown["stderr"] and "Traceback" not in shown["stdout"], (shown["stdout"] + shown["stderr"])[-4000:]
    result = json.loads(shown["stdout"])
    # From ansible-core 2.22 on, a module tells its controller what to hide, and the controller takes it off the result.
    result.pop("_ansible_new_secrets", None)
    return result, process.exitcode


def run(scene, module, **given):
    """Run a module against the scene's simulator with a home of the scene's; return its result."""
    simulator = scene.simulator
    arguments = {"app_id": simulator.app_id, "server_secret": simulator.server_secret, "api_url": simulator.url}
    return run_module(module, {**arguments, **given}, dict(os.environ, HOME=str(scene.home)))[0]


def check_entries(entries, key, wanted):
    """Assert that each thing asked for has its entry, in the order asked, and that each failure has a cause."""
    assert [item[key] for item in entries] == wanted
    silent = [item for item in entries if item["failed"] and not item.get("message")]
    assert not silent, f"failures without a cause: {silent[:3]}"
