# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a ledger needs of the place where it keeps its rows, be that a file or a server."""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional

from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory

# Older rows are deleted whatever the ttl of this run is: another run may use a longer one.
KEEP_SECONDS = 30 * 86400.0

# What to write, by stream; None deletes.
Changes = Dict[str, Optional[Memory]]
# Told what is remembered now, by stream, returns what to write. It may be called more than once.
Decide = Callable[[Dict[str, Memory]], Changes]


class Rows(NamedTuple):
    """What was read: the memories, by stream, and the streams whose rows make no sense."""

    memories: dict[str, Memory]
    unreadable: frozenset[str]


class Store:
    """The rows of one app at one vendor. Everything may raise ``Exception``, and is not used again then.

    ``read_only``: whether it takes no writes, for what reason ever.
    """

    read_only = False

    def now(self) -> float:
        """Return the time in Unix seconds, by the clock that counts for all who share the rows."""
        raise NotImplementedError

    def read(self, streams: list[str]) -> Rows:
        """Return what is remembered of these streams, however old it is."""
        raise NotImplementedError

    def update(self, streams: list[str], decide: Decide) -> None:
        """Read these streams, and write what ``decide`` returns. No other run writes in between."""
        raise NotImplementedError

    def prune(self, oldest: float, now: float) -> None:
        """Delete what was written before ``oldest`` and has no end time after ``now``, both in Unix seconds."""
        raise NotImplementedError

    def close(self) -> Any:
        """Let go of the file or the connection."""
        raise NotImplementedError
