# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: teardown_connection
short_description: Leave out the options of a connection that were not given
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - A part of the role P(zego.cloud.teardown#role), and not for other playbooks. It may change with any release.
  - Returns the options that were given, for C(module_defaults). V(null), empty text and C(omit) mean 'not given', so
    that other C(module_defaults) and the environment count.
  - Inline vaults become their text, which ansible-core before 2.19 does not do for a value inside of a mapping.
options:
  _input:
    description: The options of the connection, such as C(app_id).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Use the variables that are set
  ansible.builtin.debug:
    msg: "{{ {'app_id': 1234567890, 'api_url': none, 'region': ''} | zego.cloud.teardown_connection }}"
"""

RETURN = r"""
_value:
  description: The options that were given.
  type: dict
  sample:
    app_id: 1234567890
"""

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given, plain


def teardown_connection(options):
    """Return the options that were given."""
    check_mapping(options, "teardown_connection")
    return {name: value for name, value in plain(options).items() if is_given(value)}


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self):
        return {"teardown_connection": teardown_connection}
