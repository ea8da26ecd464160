# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_text
short_description: Say in plain text what a teardown came to
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Makes lines for the console. The totals, the steps, and each cause of failure with the streams that it hit and what to do.
options:
  _input:
    description: A report that P(zego.cloud.teardown_report#filter) made.
    type: dict
    required: true
seealso:
  - plugin: zego.cloud.teardown_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what the teardown came to
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_text).lines }}"
"""

RETURN = r"""
_value:
  description: C(lines) is a list of lines. C(failure) is why the teardown failed, empty where it did not.
  type: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.markdown import text_of
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import SCHEMA


def report_text(report):
    """Return the report as text."""
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise AnsibleFilterError(
            f"zego.cloud.report_text expects a report that zego.cloud.teardown_report made ({SCHEMA})."
        )
    return text_of(report)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"report_text": report_text}
