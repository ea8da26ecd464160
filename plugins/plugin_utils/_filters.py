# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every filter checks before it takes its input apart, so that a user reads a sentence and not a traceback."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import LANGUAGES, Language
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import SCHEMA


def warn_of_removal(name: str) -> None:
    """Warn that the filter ``name`` will go.

    meta/runtime.yml is not the place: Ansible loads every file of filters to find one, and would warn in each play.
    """
    Display().deprecated(
        f"The filter zego.cloud.{name} was a part of the role zego.cloud.teardown. Use the role, its report in "
        "JSON, and the fact zego_teardown_result.",
        version="2.0.0",
        collection_name="zego.cloud",
    )


def check_mapping(value: Any, name: str) -> None:
    """Raise ``AnsibleFilterError`` unless the input of the filter ``name`` is a mapping."""
    if not isinstance(value, dict):
        raise AnsibleFilterError(f"zego.cloud.{name} expects a mapping, not {type(value).__name__}.")


def check_report(value: Any, name: str) -> None:
    """Raise ``AnsibleFilterError`` unless the input of the filter ``name`` is a report of the version that it reads."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise AnsibleFilterError(f"zego.cloud.{name} expects a report that zego.cloud.teardown_report made ({SCHEMA}).")


def check_language(value: Any, name: str) -> Language:
    """Return a language by its code; raise ``AnsibleFilterError`` if there is none."""
    words = LANGUAGES.get(value) if isinstance(value, str) else None
    if words is None:
        raise AnsibleFilterError(f"zego.cloud.{name} expects the language {' or '.join(LANGUAGES)}, not {value!r}.")
    return words
