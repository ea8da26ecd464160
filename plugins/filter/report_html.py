# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_html
short_description: Write the report of a teardown as an HTML page
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns one page that needs nothing else. It opens from a file or a CI artifact, fetches nothing, and can be read
    without JavaScript.
  - Every name and message is escaped, and invisible characters are shown by their number. A content security policy
    keeps everything but the page's own script from running.
options:
  _input:
    description: A report that P(zego.cloud.teardown_report#filter) made.
    type: dict
    required: true
  language:
    description: The language of what people read. What a vendor or the API said stays as it is.
    type: str
    choices: {en: English, zh: Chinese}
    default: en
    version_added: 1.1.0
seealso:
  - plugin: zego.cloud.teardown_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write the report once more, from its JSON form
  ansible.builtin.copy:
    content: "{{ lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_html }}"
    dest: teardown.html
    mode: "0644"

- name: Write it in Chinese
  ansible.builtin.copy:
    content: >-
      {{ lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_html(language='zh') }}
    dest: teardown.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_language, check_report
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.html import html


def report_html(report, language="en"):
    """Return the report as an HTML page."""
    check_report(report, "report_html")
    words = check_language(language, "report_html")
    return html(report, words)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"report_html": report_html}
