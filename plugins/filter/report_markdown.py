# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_markdown
short_description: Write the report of a teardown as Markdown
version_added: 0.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns a page for the summary of a CI job, failures first. It has at most half a megabyte, and says how much was
    left out.
  - Names and messages are escaped, so that they cannot become markup, HTML, a link or a mention.
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
    content: "{{ lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_markdown }}"
    dest: teardown.md
    mode: "0644"

- name: Write it in Chinese
  ansible.builtin.copy:
    content: >-
      {{ lookup('ansible.builtin.file', 'teardown.json') | from_json | zego.cloud.report_markdown(language='zh') }}
    dest: teardown.md
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The Markdown text.
  type: str
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_language, check_report
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.markdown import markdown


def report_markdown(report, language="en"):
    """Return the report as Markdown."""
    check_report(report, "report_markdown")
    words = check_language(language, "report_markdown")
    return markdown(report, words=words)


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"report_markdown": report_markdown}
