# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hands spooled events to the engine, one after the other."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import Pending, Spool, SpoolError

# Seconds before a spool that failed is tried again: at first, and at most. A disk that is full may be emptied.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Seconds for which an event stays in the spool after the engine has said that it has it. The engine's own database,
# H2, writes to the disk a second late: where the engine is killed before, it has forgotten the event.
SETTLE_SECONDS = 5.0


class Feed:
    """Hands one source's events to the engine's queue. Only the event loop's thread may use it.

    ``feedback``: the queue by which the engine says that it has an event in its own database, None where the rulebook
    does not ask for that. Then an event counts as handed over once the engine has taken the one before it. An event
    that was not handed over for certain is handed over again by the next run: the engine knows it by its identity.
    ``warn`` is told of a spool that fails.
    """

    def __init__(
        self, spool: Spool, owner: int, queue: Any, feedback: Any = None, *, warn: Callable[[str], None]
    ) -> None:
        self._spool = spool
        self._owner = owner
        self._queue = queue
        self._feedback = feedback
        self._warn = warn
        self._changed = asyncio.Event()
        # Rows come in the order of their numbers. Those that the engine has: when that is certain, and the number.
        self._last = 0
        self._settling: asyncio.Queue[tuple[float, int]] = asyncio.Queue()

    def wake(self) -> None:
        """Tell it that an event was spooled."""
        self._changed.set()

    async def run(self) -> None:
        """Hand over what there is, and what comes. Ends only by being cancelled."""
        await asyncio.gather(self._feed(), self._settle())

    async def _feed(self) -> None:
        while True:
            self._changed.clear()
            pending: Pending | None = await self._patiently(self._spool.next, self._owner, self._last)
            if pending is None:
                await self._changed.wait()
                continue
            self._last = pending.number
            await self._hand_over(pending)

    async def _settle(self) -> None:
        while True:
            due, number = await self._settling.get()
            await asyncio.sleep(due - time.monotonic())
            await self._patiently(self._spool.given, number)

    async def _hand_over(self, pending: Pending) -> None:
        # A copy: the engine adds to what it gets.
        await self._queue.put(pending.data)
        if self._feedback is not None:
            uuid = pending.data["meta"]["uuid"]
            while (await self._feedback.get())["meta"]["uuid"] != uuid:
                pass
            self._settling.put_nowait((time.monotonic() + SETTLE_SECONDS, pending.number))
            return
        # Not handed over again, however long it takes to note that it was.
        await self._patiently(self._spool.given, pending.number)

    async def _patiently(self, work: Callable[..., Any], *arguments: int) -> Any:
        pause = FIRST_PAUSE
        while True:
            try:
                return await asyncio.to_thread(work, *arguments)
            except SpoolError as error:
                self._warn(str(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
