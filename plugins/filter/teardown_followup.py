# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_followup
short_description: Tell what the later steps of a teardown have to do
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns which rooms can be closed, and whose recorded files are worth a wait, after what became of the recordings.
  - With C(keep_rooms), which is V(true) where missing, a room stays open while a stream that was found in it could not be stopped, or while its streams
    could not be listed. Only an open room can be asked for its streams, and the next run has to. Where C(keep_rooms) is V(false), every room can be closed.
  - With C(wait_for_files), which is V(false) where missing, files are waited for where the recording did end, at vendors whose files the API can search for.
options:
  _input:
    description: What the role knows by then, the input of P(zego.cloud.teardown_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show which rooms will be closed
  ansible.builtin.debug:
    msg: "{{ ({'plan': plan, 'steps': steps, 'results': {'recordings': teardown}} | zego.cloud.teardown_followup).rooms }}"
"""

RETURN = r"""
_value:
  description: C(rooms) lists the rooms to close, C(files) the groups of streams to wait for, as P(zego.cloud.teardown_plan#filter) made them.
  type: dict
  sample:
    rooms: [main-stage]
    files:
      - vendor: Tencent
        streams: [stage-1]
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import followup


def teardown_followup(facts):
    """Return what the later steps have to do."""
    if not isinstance(facts, dict):
        raise AnsibleFilterError(f"zego.cloud.teardown_followup expects a mapping, not {type(facts).__name__}.")
    return followup(facts)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_followup": teardown_followup}
