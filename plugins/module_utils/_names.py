# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads what stands in a list option: the exact names that a user asked for, or a sentence that says what is wrong.

Ansible turns every value of a list of texts into text: ``[['s1']]`` into the name ``['s1']``, ``on`` into ``True``. No
vendor knows a stream of that name, so that a stop would end as 'already stopped' while the recording runs.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _validation

OPENING, CLOSING, QUOTES = "[{(", "]})", _validation.QUOTES
# What ansible-core before 2.19 leaves of ``omit`` inside a list.
OMITTED = "__omit_place_holder__"
_SEPARATOR = re.compile(r"[\s;|]")
# How many entries a warning lists: an event may have hundreds.
LISTED = 5


class Names(NamedTuple):
    """``names``: as text, in the order given; ``numbers``: the positions (from 1) that held a number, with its text."""

    names: list[str]
    numbers: list[tuple[int, str]]

    def warning(self, option: str) -> str:
        """Return the sentence that warns of numbers, '' where there are none."""
        if not self.numbers:
            return ""
        shown = ", ".join(f"entry {position} is sent as '{text}'" for position, text in self.numbers[:LISTED])
        more = f", and {len(self.numbers) - LISTED} more" if len(self.numbers) > LISTED else ""
        return f"{option} has numbers: {shown}{more}. YAML reads 0123 as 83: quote names."


def read_list(option: str, value: Any) -> list[Any]:
    """Return the list that an option's value means: a list as it is, text as JSON or cut at its commas.

    ansible-core before 2.19 turned the text of a list into a list; later ones cut it at its commas, brackets and
    quotes included. No message repeats the value: it may hold a relay's address.

    :raises ValueError: the text looks like a list in another notation, or the value is neither list nor text.
    """
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        return _list_in_text(option, str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    raise ValueError(f"{option} must be a list, not {_kind_of(value)}.")


def _list_in_text(option: str, text: str) -> list[Any]:
    trimmed = text.strip()
    if not trimmed:
        return []
    if trimmed.startswith("["):
        try:
            found = json.loads(trimmed)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return found
    if trimmed[0] in OPENING + QUOTES or trimmed[-1] in CLOSING + QUOTES:
        raise ValueError(
            f"{option} is text with brackets, braces or quotes at its ends, and not the JSON text of a list. Give a "
            "YAML list, add the filter from_json if it is JSON, or on the command line use "
            """-e '{"variable": ["stage-1", "stage-2"]}'."""
        )
    pieces = text.split(",")
    if any(_SEPARATOR.search(piece.strip()) for piece in pieces):
        # Names may have spaces, but in one text they are more likely to stand between names.
        raise ValueError(
            f"{option} is text with white space, ';' or '|' between names. Give a YAML list, or separate the names by "
            "commas."
        )
    return pieces


def read_names(option: str, value: Any) -> Names:
    """Return the names in a list option.

    :raises ValueError: an entry is not a name; the sentence says which one, and what to do.
    """
    entries = read_list(option, value)
    names = [read_name(f"{option}: entry {position}", entry) for position, entry in enumerate(entries, 1)]
    if all(names) and names and _is_list_in_pieces(names):
        raise ValueError(
            f"{option} begins and ends like the text of a list. Give the names as a YAML list without quotes or "
            "brackets of their own, or add the filter from_json to JSON."
        )
    numbers = [(position, str(entry)) for position, entry in enumerate(entries, 1) if not isinstance(entry, str)]
    return Names(names, numbers)


def read_name(where: str, value: Any) -> str:
    """Return a name: text as it is, a whole number as its digits. Whether a request can carry it is not judged here.

    :param where: what the sentence calls the value, such as ``streams: entry 2``.
    :raises ValueError: the value is something else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{where} is {_kind_of(value)}, not a name. {_remedy(value)}")
    # Ansible's templates tag their texts with subclasses of str.
    text = str(value)
    if text.startswith(OMITTED):
        raise ValueError(f"{where} is what 'omit' leaves in a list. Leave the entry out, for example with a filter.")
    return text


def read_sendable_name(where: str, value: Any) -> str:
    """Return a name that a request can carry, see ``read_name``.

    :raises ValueError: it is none, or no request can carry it.
    """
    name = read_name(where, value)
    _validation.check_name(where, name)
    return name


def _is_list_in_pieces(names: list[str]) -> bool:
    """Tell whether names seem to be the text of a list, cut at its commas by a filter or an older ansible-core.

    As a whole, since any single name may look like a piece: people can publish streams named ``{{x}}`` or ``"y``.
    """
    first, last = names[0], names[-1]
    if all(len(name) > 1 and name[0] in QUOTES and name[-1] in QUOTES for name in names):
        return True
    is_open = first[0] in "[(" and (len(names) == 1 or first[-1] not in "])")
    return is_open and last[-1] in "])"


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"of type {type(value).__name__}"


def _remedy(value: Any) -> str:
    if value is None:
        return "Leave it out: a variable or a lookup gave nothing."
    if isinstance(value, bool):
        return "YAML reads on, off, yes, no, true and false as booleans: quote the name."
    if isinstance(value, float):
        return "YAML reads 1.10 as 1.1: quote the name."
    if isinstance(value, dict):
        return "Take the names out of the mappings, for example with map(attribute='stream_id')."
    if isinstance(value, (list, tuple)):
        return "Give one flat list: write the variable without brackets around it, or add the filter flatten."
    return "Give text."
