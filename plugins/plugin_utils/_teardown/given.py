# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a variable of the role as Ansible hands it over: whether it was given at all, and its plain value. Pure."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.zego.cloud.plugins.module_utils._names import OMITTED


def plain(value: Any) -> Any:
    """Return a value with the texts of inline vaults in place of what ansible-core before 2.19 has there."""
    if isinstance(value, dict):
        return {plain(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    # AnsibleVaultEncryptedUnicode is no str: it is a sequence of characters that decrypts itself when asked for text.
    return str(value) if getattr(value, "__ENCRYPTED__", False) else value


def is_given(value: Any) -> bool:
    """Tell whether a variable was given. Null, 'omit', and an empty text, list or mapping mean that it was not."""
    if isinstance(value, str):
        return bool(value.strip()) and not value.startswith(OMITTED)
    if isinstance(value, (list, tuple, dict)):
        return bool(value)
    # ansible-core from 2.19 on has an object for 'omit'.
    return value is not None and type(value).__name__ != "_OmitType"


def is_true(value: Any) -> bool:
    """Return a boolean that was checked before, False if it was not given."""
    return is_given(value) and boolean(value, strict=False)
