# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However much is printed: no secret, no signature, no nonce, no password."""

from __future__ import annotations

import os
import re

LOUD = ("-vvvvv", "--diff")
# Newer ansible-core leaves a module's parameters out of its result unless asked for them.
ENV = {"ANSIBLE_DISPLAY_TRACEBACK": "always", "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1", "ANSIBLE_INJECT_INVOCATION": "1"}
# Each meets one request, which is not sent again.
FAULTS = (
    {"kind": "http", "status": 502},
    {"kind": "html"},
    {"kind": "drop_after"},
    {"kind": "reset"},
    {"kind": "truncated"},
    {"kind": "cut_json"},
    {"kind": "not_object"},
    {"kind": "null_data"},
    {"kind": "code", "code": 4711},
    {"kind": "code", "code": 3},
    {"kind": "code", "code": 100000005},
    {"kind": "hang", "seconds": 5},
)

# In place of the module's own: it writes what Ansible logs to a file.
SYSLOG = """
import os, sys, syslog
sys.modules["systemd"] = None
def note(*message):
    with open(os.environ["SYSLOG_FILE"], "a") as file:
        print(*message, file=file)
syslog.syslog = note
"""


def logged(scene):
    """The environment in which a module's log goes to a file, and the file."""
    folder, log = scene.home / "log", scene.home / "syslog"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SYSLOG, encoding="utf-8")
    paths = [str(folder), *filter(None, [scene.env.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "SYSLOG_FILE": str(log)}, log


def nothing_shown(scene, *more):
    """Fail if what was printed or remembered holds what signs a request, or one of ``more``; never say what."""
    hidden = {"the secret": [scene.simulator.server_secret], "more": list(more)}
    hidden["a nonce"] = [line["nonce"] for line in scene.simulator.requests()]
    hidden["a signature"] = [line["signature"] for line in scene.simulator.requests()]
    written = (
        b"".join(path.read_bytes() for path in scene.ledger.parent.glob("*")) if scene.ledger.parent.is_dir() else b""
    )
    shown = scene.output.encode("utf-8") + written
    found = []
    for name, values in hidden.items():
        if any(value and value.encode("utf-8") in shown for value in values):
            found.append(name)
    # What was found stays out of the report as well.
    output, scene.output = scene.output, ""
    assert not found, f"{found} shown"
    assert not re.search(r"Signature(Nonce)?=[0-9a-f]", output), "a signed URL shown"


def every_failure(scene, parameters, *more, env=None):
    """Run the module with ``parameters(number)`` for each fault and for none; every reply echoes the whole URL."""
    for number, fault in enumerate(FAULTS, 1):
        scene.simulator.add_fault(request=number, **fault)
    # What Ansible adds, it adds to each result alike: a playbook sees one failure and one success.
    scene.simulator.add_fault(request=len(FAULTS) + 2, kind="html")
    scene.simulator.add_fault(kind="echo_url")
    calls = [dict(parameters(number), retries=0, timeout=1) for number in range(len(FAULTS) + 3)]
    results = scene.calls(calls[:-2], "--diff", env=env)
    assert [item["failed"] for item in results].count(True) >= len(FAULTS) - 1 and not results[-1]["failed"]
    loud = scene.calls(calls[-2:], *LOUD, env=dict(ENV, **(env or {})))
    assert [item["failed"] for item in loud] == [True, False]
    assert scene.requests() == len(results) + len(loud)
    nothing_shown(scene, *more)
