# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collects what is unclear in an event, so that one message names all of it. Pure."""

from __future__ import annotations

from typing import Any, Callable

# An event of 200 streams may be wrong in 200 places. The crew needs to see what kind of mistake it is.
_SHOWN = 10


class Problems:
    """The sentences about what is unclear; ``found`` holds them in the order in which they were met."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def read(self, reader: Callable[..., Any], *given: Any, instead: Any = None) -> Any:
        """Return what ``reader`` makes of ``given``; where it raises ``ValueError``, note that, and go on."""
        try:
            return reader(*given)
        except ValueError as error:
            self.found.append(str(error))
            return instead

    def in_words(self) -> str:
        """Return one text that names all problems, '' if there is none."""
        found = list(dict.fromkeys(self.found))
        if len(found) < 2:
            return "".join(found)
        shown = [f"({number}) {sentence}" for number, sentence in enumerate(found[:_SHOWN], 1)]
        more = [f"And {len(found) - _SHOWN} more."] if len(found) > _SHOWN else []
        return " ".join([f"{len(found)} problems:", *shown, *more])

    def refuse(self) -> None:
        """Raise ``ValueError`` with all problems, if there are any."""
        if self.found:
            raise ValueError(self.in_words())
