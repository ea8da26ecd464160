# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_junit
short_description: Write the report of a teardown as JUnit XML
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns a test suite for each vendor, with a test case for each stream, and suites for the relays and rooms. GitLab,
    Jenkins and others show it natively.
  - A failure has the code as its type and the advice as its message. Invisible characters, and those that XML cannot
    hold, are shown by their number.
  - In check mode every test case that does not fail is skipped.
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
- name: Write the report once more, from its JSON form
  ansible.builtin.copy:
    content: "{{ lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_junit }}"
    dest: teardown.xml
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The XML document.
  type: str
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_report
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.junit import junit


def report_junit(report):
    """Return the report as JUnit XML."""
    check_report(report, "report_junit")
    return junit(report)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"report_junit": report_junit}
