# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks everything that a teardown was given, and says all that is wrong with it at once. Pure."""

from __future__ import annotations

from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import plain
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.settings import (
    CONNECTION,
    EVENT,
    PREFIX,
    SETTINGS,
    settings,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.variables import unknown_names, unread_names

VARIABLES = tuple(dict.fromkeys((*EVENT, *SETTINGS, *CONNECTION)))
# A variable of the playbook, and the fact that the role itself sets.
_OTHERS = ("hosts", "result")


def check(given: dict[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
    """Return {problem, warnings, settings}; ``problem`` is '' if nothing is unclear.

    ``given``: the role's variables without their prefix; ``names``: those of all variables that are set. Nothing in the
    result holds a secret or a relay's address.
    """
    given, names = plain(given), list(names)
    problems = Problems()
    known = [PREFIX + name for name in (*VARIABLES, *_OTHERS)]
    problems.found += unknown_names([name for name in names if name.startswith(PREFIX)], known)
    values = settings(given, problems)
    planned = plan(given, problems=problems)
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    unread = unread_names(names, {name: given.get(name) for name in VARIABLES}, defaults)
    # What nobody reads may be why the event is empty.
    problem = " ".join(filter(None, [problems.in_words(), *unread])) if problems.found else ""
    return {"problem": problem, "warnings": unread + planned["warnings"], "settings": values}
