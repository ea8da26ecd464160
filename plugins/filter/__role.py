# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role zego.cloud.teardown. They are not for others, and may change with any release.

ansible-doc, and so the reference, leaves out a file whose name begins with two underscores. Ansible finds the filters
in it nevertheless. teardown_plan, teardown_followup and teardown_report were documented in 1.0.0, and stay until 2.0.0.
"""

from __future__ import annotations

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.zego.cloud.plugins.plugin_utils._filters import check_mapping
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.check import check
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given, plain
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import followup
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import build
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.variables import unknown_names


def teardown_check(given, names=None, check_mode=False):
    """Return {problem, warnings, settings, result}; show the warnings at once, before anything is sent.

    ``given``: the role's variables without their prefix; ``names``: those of all variables that are set.
    """
    check_mapping(given, "teardown_check")
    checked = check(given, names or [], check_mode=check_mode)
    if not checked["problem"]:
        for warning in checked["warnings"]:
            Display().warning(warning)
    return checked


def teardown_connection(options):
    """Return the options of a connection that were given, with inline vaults as their text.

    ansible-core before 2.19 does not decrypt a value inside of a mapping.
    """
    check_mapping(options, "teardown_connection")
    return {name: value for name, value in plain(options).items() if is_given(value)}


def teardown_plan(event, found=None, *, given_names=None, known_names=None, check_only=False):
    """Return the plan of an event; with ``check_only`` only what is unclear in it, as a sentence."""
    check_mapping(event, "teardown_plan")
    problems = Problems()
    problems.found += unknown_names(given_names or [], known_names or [])
    steps = plan(event, found, problems)
    if check_only:
        return problems.in_words()
    if problems.found:
        raise AnsibleFilterError(problems.in_words())
    return steps


def teardown_followup(facts):
    """Return what is left for the later steps to do."""
    check_mapping(facts, "teardown_followup")
    return followup(facts)


def teardown_report(facts):
    """Return the report of a teardown."""
    check_mapping(facts, "teardown_report")
    return build(facts)


FILTERS = (teardown_check, teardown_connection, teardown_plan, teardown_followup, teardown_report)


class FilterModule:
    """Ansible's way to find the filters."""

    def filters(self):
        return {function.__name__: function for function in FILTERS}
