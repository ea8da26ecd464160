# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Remembers what was done to which stream, and when. No API says whether a stream is being recorded."""

from __future__ import annotations

import time
from typing import Any, Callable, Iterable

from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import (
    Memory,
    State,
    crossed,
    latest_end,
    may_be_in_flight,
    merged,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import KEEP_SECONDS, Changes, Rows, Store

# Writes take milliseconds. What lasts longer is not worth holding up the end of an event: a lock on a file, or a server
# that does not answer.
LOCK_SECONDS = 3.0
SERVER_SECONDS = 1.0
# A start that is not remembered may be sent, and paid, twice: that is worth a longer wait.
STARTS_SECONDS = 30.0


# What to do, by whether the ledger is on a server.
ADVICE = {
    False: "Repair or delete the file, or set ledger to another path.",
    True: "Check the server, ledger_user and ledger_password, or set ledger to a path.",
}


class Ledger:
    """The memory of one app at one vendor.

    ``path``: the SQLite file, made if missing; empty for no memory at all. ``login``: the server instead of a file,
    with ``app_id`` in the names of its keys. ``app`` separates this app's memories from others'. ``ttl``: seconds for
    which a memory counts.
    ``starts``: whether recordings are started, which may then be started twice where the memory fails.
    A problem is reported once through ``warn``, never raised: an event ends whether or not we can remember it.
    ``problem`` says what it was. ``now`` returns the time in Unix seconds by the clock that the memories' times are of.
    Only the thread that made it may use it.
    """

    def __init__(
        self,
        path: str,
        app: str,
        vendor: str,
        *,
        ttl: float,
        warn: Callable[[str], None],
        read_only: bool = False,
        starts: bool = False,
        login: Login | None = None,
        app_id: int = 0,
    ) -> None:
        self._login = login
        self._app_id = app_id
        self._path = login.address if login else path
        self._key = (app, vendor)
        self._ttl = ttl
        self._warn = warn
        self._read_only = read_only
        self._starts = starts
        self.problem = ""
        # Streams whose rows say nothing that can be understood.
        self.unreadable: set[str] = set()
        # What this run last read or wrote. A row that differs was written by another run.
        self._seen: dict[str, Memory] = {}
        # Before a stop: the mark of this run, and what was remembered until then.
        self._marks: dict[str, tuple[Memory, Memory]] = {}
        # Streams whose start this run has claimed.
        self._claimed: set[str] = set()
        # Streams whose start another run may be sending while this one stops them.
        self._crossing: set[str] = set()
        self._store: Store | None = None
        # The clock of the memories' times. It goes on where the store has failed.
        self.now: Callable[[], float] = time.time
        if self._path:
            self._guard(self._open)

    def _open(self) -> None:
        self._store = self._file() if self._login is None else self._server(self._login)
        self.now = self._store.now
        if self._store.read_only and not self._read_only:
            self._read_only = True
            self.problem = f"The ledger {_printable(self._path)} cannot be written to."
            self._warn(f"{self.problem} What this run does is not remembered: later, {self._consequence()}.")

    def _file(self) -> Store:
        from ansible_collections.zego.cloud.plugins.module_utils._ledger.sqlite_store import SqliteStore

        seconds = STARTS_SECONDS if self._starts else LOCK_SECONDS
        return SqliteStore(self._path, *self._key, lock_seconds=seconds, read_only=self._read_only)

    def _server(self, login: Login) -> Store:
        from ansible_collections.zego.cloud.plugins.module_utils._ledger.redis_store import RedisStore
        from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server

        server = Server(login, STARTS_SECONDS if self._starts else SERVER_SECONDS)
        return RedisStore(server, self._app_id, *self._key, ttl=self._ttl, read_only=self._read_only)

    def _guard(self, work: Callable[[], Any]) -> Any:
        """Do ``work``. If it fails, warn, and go on without a ledger."""
        try:
            return work()
        except Exception as error:  # pylint: disable=broad-except
            self._store = None
            # SQLite quotes names out of the file: none of them may look like a command to a CI runner.
            is_told = self._login is not None and isinstance(error, OSError)
            said = str(error) if is_told else f"{type(error).__name__}: {error}"
            told = _printable(said)[:200].replace("::", ": :")
            self.problem = f"The ledger {_printable(self._path)} cannot be used ({told})."
            self._warn(
                f"{self.problem} The run goes on without it: {self._consequence()}. {ADVICE[self._login is not None]}"
            )
            return None

    def _consequence(self) -> str:
        if self._starts:
            return "a recording that runs already may be started, and paid, a second time"
        return "a repeated stop may be reported as changed, and a start left out of what it still remembers as running"

    def ahead(self) -> float:
        """Return by how many seconds that clock is ahead of this machine's."""
        return 0.0 if self._login is None else self.now() - time.time()

    def load(self, streams: Iterable[str]) -> dict[str, Memory]:
        """Return what is remembered of these streams, as far as it still counts."""
        store, wanted = self._store, list(streams)
        if store is None:
            return {}
        rows: Rows | None = self._guard(lambda: store.read(wanted))
        if rows is None:
            return {}
        new = rows.unreadable - self.unreadable
        if new:
            self.unreadable |= new
            some = ", ".join(map(_printable, sorted(new)[:5]))
            self._warn(f"The ledger {_printable(self._path)} has rows that cannot be read, and do not count: {some}.")
        self._saw(wanted, rows.memories)
        return {stream: memory for stream, memory in rows.memories.items() if self._counts(memory)}

    def _saw(self, streams: list[str], memories: dict[str, Memory]) -> None:
        for stream in streams:
            self._seen.pop(stream, None)
        self._seen.update(memories)

    def _counts(self, memory: Memory) -> bool:
        return memory.counts_at(self.now(), self._ttl)

    def may_be_crossed(self, stream: str) -> bool:
        """Tell whether a start of another run was on its way when this run's stop was sent, and may come after it."""
        return stream in self._crossing

    def claim(self, streams: Iterable[str], until: float | None = None) -> dict[str, Memory | None]:
        """Mark these streams as starting, before their start is sent. Of two runs at once, one gets a stream.

        ``until``: the end time of the start, in Unix seconds.

        Leaves out those that another run has started, or is starting, since this one read its memory. Returns what
        others have written since then, whether that is in the way or not; None where that is nothing any more.
        """
        written: dict[str, Memory | None] = {}
        wanted = list(streams)
        claimed: set[str] = set()

        def decide(found: dict[str, Memory]) -> Changes:
            now = self.now()
            written.clear()
            for stream in wanted:
                memory = found.get(stream)
                if memory != self._seen.get(stream):
                    written[stream] = memory if memory is not None and self._counts(memory) else None
            free = [stream for stream in wanted if not self._is_taken(written.get(stream), now)]
            # It may be asked twice, on other rows: the last time counts.
            claimed.clear()
            claimed.update(free)
            return {stream: self._starting(found.get(stream), now, until) for stream in free}

        self._update(wanted, decide)
        self._claimed.update(claimed)
        return written

    def _starting(self, before: Memory | None, now: float, until: float | None) -> Memory:
        """Return the mark of a start. One with ``force`` does not end what may be recording already."""
        start = Memory(State.STARTING, now, until)
        if before is None or not self._counts(before):
            return start
        return start._replace(until=latest_end(before, start))

    @staticmethod
    def _is_taken(memory: Memory | None, now: float) -> bool:
        if memory is None or memory.state == State.STOPPED:
            return False
        return memory.state != State.RUNNING or memory.running_at(now)

    def begin_stops(self, streams: Iterable[str]) -> dict[str, Memory]:
        """Read these streams right before their stop is sent; what is written later may cross it.

        A recording that is remembered as running is marked as stopping: if this run is killed, or the answer is lost,
        nobody knows whether it still runs. Returns what was remembered before the mark.
        """
        wanted = list(streams)
        found = self.load(wanted)
        marks = {}
        # What was on its way at an earlier attempt may have come in since.
        self._crossing.difference_update(wanted)
        for stream, memory in found.items():
            mark = self._marks.get(stream)
            if mark is not None and mark[0] == memory:
                # The mark of an earlier attempt of this run.
                found[stream] = mark[1]
            elif may_be_in_flight(memory, self.now()):
                self._crossing.add(stream)
            elif memory.state == State.RUNNING:
                marks[stream] = memory
        if marks:
            self._mark(marks)
        return found

    def _mark(self, running: dict[str, Memory]) -> None:
        def decide(found: dict[str, Memory]) -> Changes:
            now = self.now()
            changes: Changes = {}
            for stream, memory in running.items():
                if found.get(stream) == memory:
                    mark = Memory(State.STOPPING, now, memory.until)
                    self._marks[stream] = mark, memory
                    changes[stream] = mark
            return changes

        self._update(list(running), decide)

    def settle(self, done: dict[str, Memory | None]) -> set[str]:
        """Remember what this run has done; None where nothing is being recorded, and nothing is worth remembering.

        Returns the streams that another run has written about since this one last looked, and where that contradicts
        what this one did. Such a stream is remembered as uncertain.
        """
        contradicted: set[str] = set()

        def decide(found: dict[str, Memory]) -> Changes:
            contradicted.clear()
            changes: Changes = {}
            for stream, memory in done.items():
                other = found.get(stream)
                if other == self._seen.get(stream):
                    changes[stream] = self._uncertain(stream, memory, other) if stream in self._crossing else memory
                elif crossed(memory, other):
                    contradicted.add(stream)
                    changes[stream] = self._uncertain(stream, memory, other)
                else:
                    changes[stream] = merged(memory, other)
            return changes

        self._update(list(done), decide)
        return contradicted

    def _uncertain(self, stream: str, done: Memory | None, found: Memory | None) -> Memory:
        """Return what to remember of a stream where a start and a stop crossed."""
        until = latest_end(done, found)
        # As long as that start may be carried out, the next stop cannot end the doubt either. This run's own is over.
        if found is not None and stream not in self._claimed and may_be_in_flight(found, self.now()):
            return Memory(State.CROSSED, found.since, until)
        return Memory(State.UNCERTAIN, self.now(), until)

    def undo(self, before: dict[str, Memory | None]) -> None:
        """Put back what was remembered before a request that did nothing, unless another run wrote since."""

        def decide(found: dict[str, Memory]) -> Changes:
            changes: Changes = {}
            for stream, memory in before.items():
                other, own = found.get(stream), self._seen.get(stream)
                if other == own:
                    changes[stream] = memory
                elif stream in self._claimed and self._is_crossed(own, other):
                    # A stop of another run crossed a start that was refused: no doubt about this start is left.
                    changes[stream] = self._stopped_meanwhile(memory)
            return changes

        self._update(list(before), decide)

    def _stopped_meanwhile(self, before: Memory | None) -> Memory | None:
        """Return what holds of a stream that another run has stopped, and of which ``before`` was known till then."""
        if before is None or before.state == State.STOPPED:
            return before
        # A third run's start may be carried out only now: that stop cannot have ended it for certain.
        if may_be_in_flight(before, self.now()):
            return Memory(State.CROSSED, before.since, before.until)
        return Memory(State.STOPPING, self.now(), before.until)

    @staticmethod
    def _is_crossed(claim: Memory | None, found: Memory | None) -> bool:
        if claim is None or found is None or found.state != State.CROSSED:
            return False
        return found.since == claim.since

    def write(self, memories: dict[str, Memory | None]) -> None:
        """Remember these streams, whatever others wrote; None forgets one."""
        self._update(list(memories), lambda found: memories)

    def _update(self, streams: list[str], decide: Callable[[dict[str, Memory]], Changes]) -> None:
        store = self._store
        written: Changes = {}
        if store is None or self._read_only or not streams:
            return

        def remember(found: dict[str, Memory]) -> Changes:
            written.clear()
            written.update(decide(found))
            return written

        self._guard(lambda: store.update(streams, remember))
        # A start that is retried must not take its own claim for that of another run.
        self._saw(list(written), {stream: memory for stream, memory in written.items() if memory})

    def close(self, now: float | None = None) -> None:
        """Forget what is too old to ever count, and close the file.

        ``now``: the time in Unix seconds by a clock that can be trusted, such as the API's; None where there is none.
        """
        store = self._store
        if store is None:
            return
        if not self._read_only and now is not None:
            # Of two clocks the one that is behind: if one is a month ahead, other runs would lose all that they
            # remember.
            now = min(now, self.now())
            oldest = now - max(self._ttl, KEEP_SECONDS)
            self._guard(lambda: store.prune(oldest, now))
        if self._store is not None:
            self._guard(self._store.close)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text.encode("utf-8", "replace").decode("utf-8"))
