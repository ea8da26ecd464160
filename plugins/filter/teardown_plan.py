# Copyright (c) 2026, the zego.cloud authors
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
  - B(Deprecated.) It was a part of the role P(zego.cloud.teardown#role), which does without it now, and will be removed
    in zego.cloud 2.0.0. Use the role, its report in JSON, and the fact C(zego_teardown_result).
  - Takes the event as a crew writes it down, and returns what each step of the role P(zego.cloud.teardown#role) has to
    do.
  - Refuses an unclear event before anything is sent, with a message that says all that is unclear. Such an event is
    empty, has an empty list of a vendor, a misspelt key, a stream without a vendor, or an entry that is not a name.
  - A name that no request can carry does not make an event unclear. It fails by itself.
positional: found
options:
  _input:
    description:
      - The role's variables without their prefix.
      - The keys are C(streams) (a list, or a mapping from vendor to list), C(vendor) (the vendor of streams and rooms
        that name none), C(discover_rooms), C(relays), C(close_rooms), C(allow_empty) (whether the list of a vendor may
        be empty), and C(not_recording_codes) (checked for unknown vendors only).
    type: dict
    required: true
  found:
    description:
      - The streams that M(zego.cloud.zego_stream_info) found in C(discover_rooms). Each has C(stream_id) and
        C(room_id), and gets the vendor of its room.
      - For a stream that the event names as well, the vendor in the event counts.
    type: list
    elements: dict
    default: []
  given_names:
    description: Names of the variables that are set. One that is not among O(known_names) is refused.
    type: list
    elements: str
    default: []
  known_names:
    description: Names of the variables that exist.
    type: list
    elements: str
    default: []
  check_only:
    description: Instead of failing, return what is unclear as a sentence, and an empty string if nothing is.
    type: bool
    default: false
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
    - C(discovered) lists the streams found in rooms. C(named) tells whether the event names the stream as well.
    - C(refused) lists the streams whose names no request can carry, each with a C(message).
    - C(warnings) lists what is probably a mistake, such as a stream under two vendors.
  type: dict
  sample:
    discover: []
    recordings:
      - vendor: Tencent
        streams: [stage-1, stage-2]
    relays: []
    rooms: []
    discovered: []
    refused: []
    warnings: []
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping, warn_of_removal
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.variables import unknown_names


def teardown_plan(event, found=None, *, given_names=None, known_names=None, check_only=False):
    """Return the plan of an event; with ``check_only`` only what is unclear in it, as a sentence."""
    warn_of_removal("teardown_plan")
    check_mapping(event, "teardown_plan")
    problems = Problems()
    problems.found += unknown_names(given_names or [], known_names or [])
    steps = plan(event, found, problems)
    if check_only:
        return problems.in_words()
    if problems.found:
        raise AnsibleFilterError(problems.in_words())
    return steps


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_plan": teardown_plan}
