# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_followup
short_description: Work out what is left for the later steps of a teardown
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - B(Deprecated.) It was a part of the role P(zego.cloud.teardown#role), which does without it now, and will be removed
    in zego.cloud 2.0.0. Use the role, its report in JSON, and the fact C(zego_teardown_result).
  - Once the recordings are stopped, returns which rooms can be closed, and for which streams' files to wait.
  - With C(keep_rooms), V(true) by default, a room stays open if a stream that was found in it could not be stopped, or
    if its streams could not be listed. The next run has to ask the room for its streams, and only an open room can be
    asked. With C(keep_rooms) V(false) every room can be closed.
  - Files are waited for if the recording ended, and if the API can search for the vendor's files.
options:
  _input:
    description: What the role knows at that point, in the form of the input of P(zego.cloud.teardown_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show which rooms will be closed
  ansible.builtin.debug:
    msg: "{{ (facts | zego.cloud.teardown_followup).rooms }}"
  vars:
    facts:
      plan: "{{ plan }}"
      steps: "{{ steps }}"
      results:
        recordings: "{{ teardown }}"
"""

RETURN = r"""
_value:
  description:
    - C(rooms) lists the rooms to close.
    - C(files) lists the groups of streams whose files to wait for, as P(zego.cloud.teardown_plan#filter) returns them.
      C(stops) says when each was stopped, as far as that is known, in the form that
      O(zego.cloud.zego_media_info#module:wait_for) takes.
  type: dict
  sample:
    rooms: [main-stage]
    files:
      - vendor: Tencent
        streams: [stage-1]
        stops:
          - stream_id: stage-1
            stopped_at: "2026-05-01T22:00:04.250Z"
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping, warn_of_removal
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import followup


def teardown_followup(facts):
    """Return what is left for the later steps to do."""
    warn_of_removal("teardown_followup")
    check_mapping(facts, "teardown_followup")
    return followup(facts)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_followup": teardown_followup}
