#!/usr/bin/python

# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: zego_api
short_description: Call any action of the ZEGO server API
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Calls one action of the ZEGO server API, signed, paced and sent again by the same client as the other modules of
    this collection.
  - For actions that have no module of their own. The actions StopCDNRecord and StartCDNRecord are refused, since their
    code 0 says nothing about a stream. Use M(zego.cloud.zego_cdn_record) for them.
  - Requests keep to the quota of the action, and wait for as long as the API answers 'too frequent' in the codes of the
    action's family.
  - The actions of cloud recording go to its own host in O(region). If an action that this collection does not know is
    served elsewhere, give its address as O(api_url).
  - An action may answer code 0 and name what it did not do. Files in the C(Errors) of C(DeleteMedia), a cache that it
    was to clear and did not, and users in the C(FailUsers) of C(SendCustomCommand) make the task fail.
  - An action whose name begins with C(Describe), C(Search), C(Query) or C(Get) counts as one that only reads. Any other
    action counts as one that changes something.
extends_documentation_fragment:
  - zego.cloud.connection
  - zego.cloud.attributes
attributes:
  check_mode:
    support: partial
    details:
      - An action that only reads is called in check mode as well. Any other one is not called, and is predicted to be a
        change.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - An action that only reads never reports a change, unless O(changed_when_code) says so.
      - Any other one reports a change each time it succeeds. Use O(changed_when_code) and O(ok_codes) to tell what your
        action's codes mean.
options:
  action:
    description: The name of the action, as the API reference writes it.
    type: str
    required: true
  params:
    description:
      - The parameters of the action, without the common ones (C(AppId), C(Timestamp), C(Signature) and so on), which
        the module sets.
      - A value is a string, a number, a boolean, or a list of these, which becomes a repeated C(Name[]). A boolean
        becomes C(true) or C(false).
      - With O(method=POST) they are the JSON body of the request, and may be nested as deep as the action wants.
      - With O(is_test=true), names of streams have to begin with C(zegotest-AppId-) in many actions. This module does
        not add that.
      - They are shown with C(-vvv) as all parameters of a task are. Use C(no_log) on the task where one of them is
        secret.
    type: dict
    default: {}
  method:
    description: The HTTP method that the API reference names for the action.
    type: str
    default: GET
    choices: [GET, POST]
  ok_codes:
    description: Codes of the API beside 0 that are no failure, such as the one for a room that is gone. They are no
      change.
    type: list
    elements: int
    default: []
  changed_when_code:
    description:
      - The codes of the API that are a change. None of them is a failure.
      - If not set, it is code 0 for an action that changes something, and no code for one that only reads.
    type: list
    elements: int
  retry:
    description:
      - V(refused) sends an action that changes something again only where the API refused it for its pace or its
        timestamp, or where it never left this machine. An action that only reads is always sent again.
      - V(always) sends it again after a lost answer, too. Only for an action that does no harm when it is carried out
        twice.
    type: str
    default: refused
    choices: [refused, always]
seealso:
  - module: zego.cloud.zego_cdn_record
  - module: zego.cloud.zego_room
"""

EXAMPLES = r"""
- name: Look at the first keys of a bucket at Wangsu
  zego.cloud.zego_api:
    action: SearchMedia
    params:
      Vendor: Ws
      NamePrefix: live-stage-1
      MaxKeys: 20
  register: found

- name: Close a room without minding that it may be gone
  zego.cloud.zego_api:
    action: CloseRoom
    params:
      RoomId: backstage
    ok_codes: [104, 5018, 5024, 50001]

- name: Stop a task of cloud recording
  zego.cloud.zego_api:
    action: StopRecord
    method: POST
    params:
      TaskId: "{{ task_id }}"
    # The task does not exist, or it has ended.
    ok_codes: [300001000, 300001001]
"""

RETURN = r"""
data:
  description:
    - The Data of the reply, as the API sent it, without what is secret in it.
    - It is its JSON as text where Ansible could not take it as it is. That is so where it is nested deeper than 60
      levels, has more than two million characters, or has a key that begins with C(__ansible_).
  returned: where a reply with code 0 came
  type: raw
  sample: {}
code:
  description: The API's code.
  returned: where a reply came
  type: int
  sample: 0
message:
  description: The API's message. Where the call failed, what happened, what it means, and what to do.
  returned: once the input is accepted, unless the call was skipped
  type: str
  sample: success
request_id:
  description: ZEGO's RequestId.
  returned: where a reply came
  type: str
  sample: "5885338326725063742"
api_requests:
  description: How many requests were sent to the API.
  returned: once the input is accepted
  type: int
  sample: 1
"""

from ansible_collections.zego.cloud.plugins.module_utils._event import raw_call
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule

SPEC = {
    "action": {"type": "str", "required": True},
    "params": {"type": "dict", "default": {}},
    "method": {"type": "str", "default": "GET", "choices": ["GET", "POST"]},
    "ok_codes": {"type": "list", "elements": "int", "default": []},
    "changed_when_code": {"type": "list", "elements": "int"},
    "retry": {"type": "str", "default": "refused", "choices": ["refused", "always"]},
}


def main():
    module = ZegoModule(SPEC)
    call = module.accept(lambda params: raw_call.make_call(params, module.environment))
    if module.ansible.check_mode and not call.only_reads():
        module.exit(raw_call.not_called(call))
    module.exit(raw_call.call_action(module.client(call.action), call))


if __name__ == "__main__":
    main()
