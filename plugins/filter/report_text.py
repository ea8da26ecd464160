# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_text
short_description: Sum up a teardown in plain text
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns lines for the console. They hold the totals, the steps, and each cause of failure with the streams that it
    hit and what to do.
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
- name: Sum up the teardown
  ansible.builtin.debug:
    msg: "{{ (lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_text).lines }}"
"""

RETURN = r"""
_value:
  description: C(lines) is a list of lines. C(failure) says why the teardown failed, and is empty if it did not.
  type: dict
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_report
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import console


def report_text(report):
    """Return the report as lines for the console, and why the teardown failed."""
    check_report(report, "report_text")
    return console(report)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"report_text": report_text}
