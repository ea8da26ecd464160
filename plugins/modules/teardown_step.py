#!/usr/bin/python
# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: teardown_step
short_description: Take one step of a teardown
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - A part of the role P(zego.cloud.teardown#role), which takes each of its steps by one task. Its arguments may change
    with any release.
  - On the controller it works out what the step has to do. On the play's host it then runs the modules of this
    collection that do it, all of them in one process. It says what became of each vendor in one line, and why something
    failed once.
  - The last step makes the report, and writes all its forms and the summary of a CI job. They are written where the
    playbook runs, with the rights of whoever runs it. C(become) and C(delegate_to) change nothing of that.
  - A folder that is there keeps its mode and its owner. What is made gets the modes 0755 and 0644, whatever the umask.
  - A file is replaced as a whole. Where the system refuses that, because the file is mounted by itself for example, or
    where the file belongs to somebody else, it is written in place.
  - What could not be written, and the forms that are not wanted any more, are removed where an earlier run left them.
attributes:
  action:
    description: Has an action plugin that runs on the controller.
    support: full
  async:
    description: Can be run in the background.
    support: none
  check_mode:
    description: Can run in C(check_mode).
    support: full
    details:
      - The report is written in check mode, too, and says that it is a rehearsal.
  diff_mode:
    description: Shows what changes.
    support: full
    details:
      - Writing the report is no change of the event, so it is never reported as one.
options:
  step:
    description: >-
      The step, V(read), V(check), V(discover), V(recordings), V(relays), V(rooms), V(files), V(report) or V(end).
    type: str
  calls:
    description: What the action plugin has the host do. Never given in a playbook.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- name: End the event, which takes all steps
  ansible.builtin.include_role:
    name: zego.cloud.teardown
  vars:
    zego_teardown_streams:
      Tencent: "{{ event_streams }}"
"""

RETURN = r"""
msg:
  description: What became of the step, in a few lines.
  returned: always
  type: list
  elements: str
  sample:
    - "Tencent: 16 stopped"
    - "Ws: 8 stopped"
result:
  description: What the role keeps as the fact C(zego_teardown_result).
  returned: by the steps V(read) and V(report)
  type: dict
  sample:
    event: Launch night
    failed: false
    msg: ""
    report_dir: /home/crew/zego-teardown
"""

import contextlib
import io
import json

from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule

SPEC = {"step": {"type": "str"}, "calls": {"type": "list", "elements": "dict"}}


class StepModule(AnsibleModule):
    """The calls hold the secret and the addresses of relays: nothing of them is logged."""

    def _log_invocation(self):
        pass


def task_of(module):
    """Return the function that is a module of the collection, or what the role asks before its first step."""
    # Each loads no more than it needs.
    if module == "zego_cdn_record":
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.cdn_record import main as task
    elif module == "zego_cdn_relay":
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.cdn_relay import main as task
    elif module == "zego_media_info":
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.media_info import main as task
    elif module == "preflight":
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.preflight import main as task
    elif module == "zego_room":
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.room import main as task
    else:
        from ansible_collections.zego.cloud.plugins.module_utils._tasks.stream_info import main as task
    return task


def run_call(call, given):
    """Run a module with the call's arguments in this process; return its result.

    ``given``: Ansible's own parameters, such as whether this is check mode.
    """
    if call.get("required"):
        from ansible_collections.zego.cloud.plugins.module_utils._module import requests_problem

        problem = requests_problem()
        if problem:
            return {"failed": True, "msg": f"{problem} Nothing was sent."}
    own = call.get("check_mode")
    given = given if own is None else {**given, "_ansible_check_mode": own}
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {**given, **call["args"]}}).encode("utf-8")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            task_of(call["module"])()
    except SystemExit:
        pass
    except Exception as error:
        # Not its text, which may hold a secret.
        return {"failed": True, "msg": f"an error on this machine ended {call['module']} ({type(error).__name__})."}
    try:
        result = json.loads(printed.getvalue())
    except ValueError:
        return {"failed": True, "msg": f"{call['module']} returned no result."}
    # What Ansible takes from the result of a task: from ansible-core 2.19 on in forms of its own.
    result["warnings"] = [warning_text(warning) for warning in result.get("warnings") or []]
    for name in ("_ansible_new_secrets", "deprecations", "exception", "invocation"):
        result.pop(name, None)
    return result


def warning_text(warning):
    """Return a warning as text."""
    event = warning.get("event", warning) if isinstance(warning, dict) else warning
    return str(event.get("msg", event) if isinstance(event, dict) else event)


def run_calls(calls, given):
    """Run the calls one after the other; return their results. The first that has to succeed and fails is the last."""
    results = []
    for call in calls:
        results.append(run_call(call, given))
        if call.get("required") and results[-1].get("failed"):
            break
    return results


def main():
    module = StepModule(argument_spec=SPEC, supports_check_mode=True)
    given = {name: value for name, value in basic._load_params().items() if name.startswith("_ansible_")}
    results = run_calls(module.params["calls"] or [], given)
    module.exit_json(changed=any(result.get("changed") for result in results), calls=results)


if __name__ == "__main__":
    main()
