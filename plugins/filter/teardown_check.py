# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_check
short_description: Check the variables of a teardown
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - A part of the role P(zego.cloud.teardown#role), and not for other playbooks. It may change with any release.
  - Reads the variables of the role P(zego.cloud.teardown#role), and names everything that is unclear in one message.
  - V(null) and empty text mean that a variable was not given.
  - Warns of what is probably a mistake, such as a stream under two vendors, or a variable that the role does not read.
options:
  _input:
    description: The role's variables without their prefix.
    type: dict
    required: true
  names:
    description:
      - The names of all variables that are set. One with the role's prefix that is none of the role's is unclear. One
        without it that seems to be meant for the role is a warning.
    type: list
    elements: str
    default: []
  check_mode:
    description: Whether this is a rehearsal.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what is unclear in an event
  ansible.builtin.debug:
    msg: "{{ ({'streams': {'tencent': ['stage-1']}, 'keep_rooms': 'ture'} | zego.cloud.teardown_check).problem }}"
"""

RETURN = r"""
_value:
  description:
    - C(problem) says what is unclear, and is empty if nothing is.
    - C(warnings) lists what is probably a mistake.
    - C(settings) has the variables that are no part of the event and no part of the connection, in their types, with
      their defaults.
    - C(result) is the fact C(zego_teardown_result) of a run that ends here.
  type: dict
  sample:
    problem: ""
    warnings: []
    settings:
      event: Launch night
      keep_rooms: true
      skip: []
    result:
      failed: true
      msg: The options of the connection were refused. Nothing was sent.
"""

from ansible.utils.display import Display

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.check import check


def teardown_check(given, names=None, check_mode=False):
    """Return {problem, warnings, settings}; show the warnings at once, before anything is sent."""
    check_mapping(given, "teardown_check")
    checked = check(given, names or [], check_mode=check_mode)
    if not checked["problem"]:
        for warning in checked["warnings"]:
            Display().warning(warning)
    return checked


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_check": teardown_check}
