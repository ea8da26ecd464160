# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where all runs that share a quota keep the numbers of their pace."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, Callable, Dict

# The numbers as they are stored: JSON, with times in Unix seconds of the board's clock. Empty where there are none.
Numbers = Dict[str, Any]
# Returns the new numbers. It may be called more than once, with other numbers each time.
Change = Callable[[Numbers], Numbers]

# A place lies no further ahead than this, or than so many places: what does was written by a clock that was wrong, or
# in another life of the machine.
AHEAD_SECONDS = 10.0
AHEAD_PLACES = 32
# Of a quota that nobody used for so long, the old numbers say nothing.
IDLE_SECONDS = 60.0
# No numbers are longer, in bytes.
LONGEST_TEXT = 65536


class Board:
    """The numbers of one quota. What goes wrong is raised, as any ``Exception``; then this run goes on alone."""

    def now(self) -> float:
        """Return the time in Unix seconds, by the clock that all who share the board go by."""
        raise NotImplementedError

    def exchange(self, change: Change) -> None:
        """Read the numbers, and write what ``change`` makes of them. Nobody else writes in between."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file or the connection. Raises nothing."""


def digest(quota: str) -> str:
    """Return a short name for a quota, which may be named by any text."""
    return hashlib.sha256(quota.encode("utf-8", "replace")).hexdigest()[:16]


def read_numbers(text: bytes) -> Numbers:
    """Return the numbers in a text, none where it makes no sense: the next run writes them anew."""
    try:
        # As fractions: a whole number of a thousand digits is too large for any clock.
        numbers = json.loads(text, parse_int=float) if text else {}
    except (ValueError, RecursionError):
        return {}
    return numbers if isinstance(numbers, dict) else {}


def moment(value: Any, now: float, shift: float, ahead: float = AHEAD_SECONDS) -> float | None:
    """Return a stored time as this run's clock tells it, None where it makes no sense.

    ``now``: this run's clock; ``shift``: what to add to a time of the board's clock; ``ahead``: by how many seconds it
    may lie ahead.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value + shift if value + shift <= now + ahead else None


def number(value: Any, least: float, most: float) -> float | None:
    """Return a stored number within these bounds, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return min(most, max(least, float(value)))
