# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_files
short_description: Tell whose recorded files a teardown has to wait for
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns the groups of streams whose recorded files are worth a wait, those whose recording did end, at vendors whose files the API can search for.
options:
  _input:
    description: What the role knows by then, the input of P(zego.cloud.teardown_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whose files will be waited for
  ansible.builtin.debug:
    msg: "{{ {'plan': plan, 'steps': steps, 'results': {'recordings': teardown}} | zego.cloud.teardown_files }}"
"""

RETURN = r"""
_value:
  description: One entry for each group, as P(zego.cloud.teardown_plan#filter) made it, less the streams that failed.
  type: list
  elements: dict
  sample:
    - vendor: Tencent
      streams: [stage-1]
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._report import wanted_files


def teardown_files(facts):
    """Return the groups of streams whose files are worth a wait."""
    if not isinstance(facts, dict):
        raise AnsibleFilterError(f"zego.cloud.teardown_files expects a mapping, not {type(facts).__name__}.")
    return wanted_files(facts)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_files": teardown_files}
