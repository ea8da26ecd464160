# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module without the playbook around it: the same arguments in, the same JSON out, over the same socket.

A playbook costs a second of CPU to look at one reply. Here each run is a fork of one server process that has Ansible's
own code and requests loaded, and none of the collection's, so that a run costs as much as the module itself.
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import json
import multiprocessing
import os
import pwd
import resource
import runpy
import sys
import tempfile
import threading
import time
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
# A machine that lacks something, or is wrong about something. What is None is as it is.
# clock: a file with the seconds by which its clock is ahead, now; memory: how many bytes there are beyond what is in
# use; threads: how many more it gives; file_size: the most bytes of a file, as on a disk that is full; umask; home:
# False where the user has no entry in passwd; overrides: False where root may do no more than the modes of files say.
Machine = collections.namedtuple("Machine", "clock memory threads file_size umask home overrides", defaults=[None] * 7)
USUAL = Machine()
_STACK = 512 << 20
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


def _be_on(machine):
    """Let this process meet what a process on that machine meets."""
    if machine.clock is not None:
        real = time.time
        time.time = lambda: real() + float(Path(machine.clock).read_text(encoding="utf-8"))
    if machine.umask is not None:
        os.umask(machine.umask)
    if machine.home is False:
        os.environ.pop("HOME", None)
        pwd.getpwuid = {}.__getitem__
    if machine.overrides is False and os.geteuid() == 0:
        _drop_overrides()
    if machine.file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (machine.file_size, machine.file_size))
    # Both by the room for addresses: the kernel limits root's processes in no other way.
    used = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
    if machine.memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (used + machine.memory, used + machine.memory))
    if machine.threads is not None:
        threading.stack_size(_STACK)
        most = used + machine.threads * _STACK + _STACK // 2
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _drop_overrides():
    """Give up root's right to read and write whatever the modes say (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Version 3 of the interface, for this process: {effective, permitted, inheritable}, twice.
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets):
        raise OSError(ctypes.get_errno(), "capget")
    for place in (0, 1):
        sets[place] &= ~0b110
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def _child(module, folder, env, machine):
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
    _be_on(machine)
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


def run_module(module, arguments, env=None, check=False, diff=False, machine=USUAL):
    """Run a module of this collection; return (its result, its exit code).

    ``arguments``: the task's parameters; ``env``: the whole environment of its process (default: this one's); ``check``
    and ``diff``: as --check and --diff; ``machine``: see there. A traceback, a word on stderr, or a file that is left
    where it ran, is a failure.
    """
    given = {**arguments, "_ansible_check_mode": check, "_ansible_diff": diff}
    with tempfile.TemporaryDirectory(prefix="zego-module-") as folder:
        Path(folder, "arguments.json").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}), encoding="utf-8")
        process = _FORKS.Process(
            target=_child, args=(module, folder, dict(os.environ if env is None else env), machine)
        )
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            raise AssertionError(f"{module} did not end")
        shown = {}
        for name in ("stdout", "stderr"):
            path = Path(folder, name)
            shown[name] = path.read_text(encoding="utf-8") if path.exists() else ""
        left = {path.name for path in Path(folder).iterdir()} - {"arguments.json", "stdout", "stderr"}
        assert not left, f"{module} leaves {left} where it runs"
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
