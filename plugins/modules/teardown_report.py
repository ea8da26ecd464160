#!/usr/bin/python
# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: teardown_report
short_description: Write the report of a teardown
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Makes the report of the role P(zego.cloud.teardown#role) from what the role knows, and writes all its forms and the
    summary of a CI job in one task.
  - It is a part of the role. Its arguments may change with any release.
  - The report is written where the playbook runs, with the rights of whoever runs it, wherever the other modules run.
    C(become) and C(delegate_to) change nothing of that.
  - A folder that is there keeps its mode and its owner. What is made gets the modes 0755 and 0644, whatever the umask.
  - A file is replaced as a whole. Where the system refuses that, because the file is mounted by itself for example, or
    where the file belongs to somebody else, it is written in place.
  - What could not be written, and the forms that are not wanted any more, are removed where an earlier run left them.
attributes:
  action:
    description: Runs on the controller.
    support: full
  become:
    description: Writes as another user.
    support: none
  delegation:
    description: Writes on another host.
    support: none
  check_mode:
    description: Can run in C(check_mode).
    support: full
    details:
      - The report is written in check mode, too, and says that it is a rehearsal.
  diff_mode:
    description: Shows what changes.
    support: N/A
    details:
      - Writing the report is no change of the event, so it is never reported as one.
options:
  facts:
    description: What the role knows, as the filter P(zego.cloud.teardown_report#filter) takes it.
    type: dict
    required: true
  folder:
    description: The folder for the report. A relative path counts from where the playbook was started.
    type: str
    required: true
  dated:
    description: Whether to make a folder for this run in O(folder), named after the time at which it started.
    type: bool
    required: true
  formats:
    description: The forms to write, V(json), V(junit), V(markdown) or V(html).
    type: list
    elements: str
    required: true
  summary:
    description:
      - The file that gets the Markdown form, between marks. Empty for none.
      - No more is written than fits into 1 MiB together with what is in the file, which is all that GitHub takes.
    type: str
    required: true
  final:
    description: Whether the run has come to its end. If not, the report says that the run was interrupted.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: End the event, which writes the report
  ansible.builtin.include_role:
    name: zego.cloud.teardown
"""

RETURN = r"""
folder:
  description: The folder for the report of this run.
  returned: always
  type: str
  sample: /home/crew/zego-teardown
report:
  description: The report, as C(docs/teardown-report.schema.json) describes it.
  returned: where O(final=true)
  type: dict
  sample:
    event: Launch night
    failed: false
result:
  description: What the role keeps as the fact C(zego_teardown_result).
  returned: always
  type: dict
  sample:
    event: Launch night
    failed: false
    msg: ""
    report_dir: /home/crew/zego-teardown
lines:
  description: The report in a few lines.
  returned: always
  type: list
  elements: str
  sample:
    - "Launch night: 32 changed, 0 unchanged, 0 failed of 32 streams."
"""
