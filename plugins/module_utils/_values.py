# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads values out of replies, whose types nothing guarantees. Nothing here raises."""

from __future__ import annotations

import re
from typing import Any


def as_text(value: Any) -> str | None:
    """Return a string or a whole number as text, None for anything else."""
    # In Python True is an int, and would become the text 'True'.
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value)


def as_number(value: Any) -> float | None:
    """Return a number (or one as text) that is not negative, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    return float(text) if len(text) <= 32 and re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) else None


def as_integer(value: Any) -> int | None:
    """Return a number (or one as text) that is not negative as a whole one, None for anything else."""
    number = as_number(value)
    if number is None:
        return None
    # Do not convert through float: exact only to 2**53.
    return int(str(value)) if str(value).isdigit() else int(number)


def as_dict(value: Any) -> dict[str, Any]:
    """Return a mapping as it is, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def dicts_in(value: Any) -> list[dict[str, Any]]:
    """Return the mappings in a list; none for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def printable(text: str) -> str:
    """Return a text with a question mark for each character that should not be shown."""
    return "".join(char if char.isprintable() else "?" for char in text)


def encodable(text: str) -> str:
    """Return a text with a question mark for each half of a surrogate pair: Ansible refuses a result that has one."""
    return text.encode("utf-8", "replace").decode("utf-8")


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are known."""
    return {key: value for key, value in values.items() if value is not None}


def without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that say something: neither None, nor empty, nor zero."""
    return {key: value for key, value in values.items() if value}
