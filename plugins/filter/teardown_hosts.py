# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_hosts
short_description: Check that a command line lets a teardown run
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Returns its input, the host on which to end an event, for C(hosts) of a play.
  - Fails if the command line leaves no host, several hosts, or no step of the role P(zego.cloud.teardown#role). To
    Ansible, such a play is a success.
  - A tag that is no step of the role is refused, in C(--tags) and in C(--skip-tags). So use this filter only in a play
    without tags of its own.
  - It is meant for C(hosts) because nothing on the command line can skip that.
options:
  _input:
    description: A host, or a pattern of hosts.
    type: raw
    required: true
  matching:
    description: The hosts of the inventory that the pattern names.
    type: list
    elements: str
    required: true
  limited:
    description: The hosts of the inventory that C(--limit) names. V(null) if it was not given.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: End an event
  hosts: >-
    {{ 'localhost' | zego.cloud.teardown_hosts(
         query('ansible.builtin.inventory_hostnames', 'localhost'),
         query('ansible.builtin.inventory_hostnames', ansible_limit) if ansible_limit is defined else none) }}
  gather_facts: false
  vars:
    zego_teardown_streams: {Tencent: [stage-1]}
  tasks:
    - name: End it, and report
      ansible.builtin.import_role:
        name: zego.cloud.teardown
"""

RETURN = r"""
_value:
  description: The input.
  type: raw
  sample: localhost
"""

from ansible import context
from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.hosts import CommandLine, check_host, check_steps


def command_line():
    """Return what was given on the command line. Nothing but the command line itself has --start-at-task."""
    given = context.CLIARGS
    return CommandLine(
        list(map(str, given.get("tags") or [])),
        list(map(str, given.get("skip_tags") or [])),
        str(given.get("start_at_task") or ""),
        str(given.get("subset") or ""),
    )


def teardown_hosts(target, matching, limited=None):
    """Return the target, if the teardown will run on it."""
    given = command_line()
    try:
        check_steps(given)
        # A limit in a file is read by Ansible alone.
        check_host(target, matching, None if "@" in given.limit else limited, given.limit)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error
    return target


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_hosts": teardown_hosts}
