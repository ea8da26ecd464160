# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_plan
short_description: Work out what each step of a teardown has to do
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Takes the event as a crew writes it down, and returns what each step of the role P(zego.cloud.teardown#role) has to do.
  - Fails with a sentence where the event is unclear, before anything is sent.
    A stream without a vendor, a misspelt key, and an event that is empty are unclear.
positional: discovered
options:
  _input:
    description:
      - The role's variables without their prefix. These keys are read.
      - C(streams) - a list, or a mapping from vendor to streams; C(vendor) - for what names none; C(discover_rooms), C(relays), C(close_rooms).
    type: dict
    required: true
  discovered:
    description:
      - Streams found in rooms. Each has C(stream_id) and C(vendor).
      - Where the event names a stream as well, the vendor that the event names counts.
    type: list
    elements: dict
    default: []
  given_names:
    description: Names of variables that somebody set. One that is not among O(known_names) is refused.
    type: list
    elements: str
    default: []
  known_names:
    description: Names of the variables that there are.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what would be stopped where
  ansible.builtin.debug:
    msg: "{{ {'streams': {'Tencent': ['stage-1', 'stage-2'], 'Ws': ['lobby-1']}} | zego.cloud.teardown_plan }}"
"""

RETURN = r"""
_value:
  description:
    - What each step has to do. C(discover) is a list of C(room_id) and C(vendor).
    - C(recordings) is a list of groups, one for each vendor, domain and point, with the list C(streams).
    - C(relays) is a list of C(stream_id) and C(cdn_url), and C(rooms) a list of rooms to close.
  type: dict
  sample:
    discover: []
    recordings:
      - vendor: Tencent
        streams: [stage-1, stage-2]
    relays: []
    rooms: []
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._plan import check_names, plan


def teardown_plan(event, discovered=None, given_names=None, known_names=None):
    """Return the plan of an event. Raises AnsibleFilterError with a sentence."""
    if not isinstance(event, dict):
        raise AnsibleFilterError(f"zego.cloud.teardown_plan expects a mapping, not {type(event).__name__}.")
    try:
        check_names(given_names or [], known_names or [])
        return plan(event, discovered)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_plan": teardown_plan}
