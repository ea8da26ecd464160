# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the names of the variables that are set: misspelt ones of the role, and those that nobody reads. Pure.

A misspelt name silently leaves out a part of the event.
"""

from __future__ import annotations

import difflib
from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.settings import PREFIX

# Names that many playbooks have for something else. Without the prefix they say nothing about this role.
_COMMON = frozenset(
    "app_id server_secret region api_url api_user api_password is_test validate_certs ca_path timeout retries "
    "rate_limit_timeout requests_per_second vendor event skip ledger hosts preflight".split()
)
_NEAR = 0.85


def unknown_names(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return a sentence for each name with the role's prefix that is no variable of the role."""
    known = list(known)
    sentences = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        sentences.append(f"{name} is no variable of the role zego.cloud.teardown.{hint}")
    return sentences


def unread_names(names: Iterable[str], given: dict[str, Any], defaults: dict[str, Any]) -> list[str]:
    """Return a sentence for each variable that seems to be meant for the role, and is not read by it.

    ``names``: those of all variables; ``given``: the role's variables without their prefix; ``defaults``: their values
    where nobody sets them. A variable like ``close_rooms`` may well be read, by a line such as
    ``zego_teardown_close_rooms: "{{ close_rooms }}"``: then the role's own is set, and nothing is said.
    """
    sentences = []
    for name in sorted(names):
        meant = _meant(name, list(given))
        if not meant:
            continue
        value = given[meant]
        if not is_given(value) or value == defaults.get(meant):
            sentences.append(
                f"The variable {name} is set, and the role zego.cloud.teardown does not read it. "
                f"Did you mean {PREFIX}{meant}?"
            )
    return sentences


def _meant(name: str, known: list[str]) -> str:
    """Return the role's variable, without its prefix, that a name seems to stand for; '' if there is none."""
    if name.startswith((PREFIX, f"__{PREFIX}")):
        return ""
    written = name.lower().replace("_", "")
    if name in known and name not in _COMMON:
        return name
    if not written.startswith(("zego", "teardown")):
        return ""
    bare = {}
    for one in known:
        prefixes = ("zegoteardown", "teardown") if one in _COMMON else ("zegoteardown", "teardown", "zego")
        bare.update({prefix + one.replace("_", ""): one for prefix in prefixes})
    near = difflib.get_close_matches(written, bare, 1, _NEAR)
    return bare[near[0]] if near else ""
