# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Remembers on this machine what was done to which stream, and when. No API says whether a stream is being recorded."""

from __future__ import annotations

import math
import os
import time
from typing import Any, Callable, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._private_file import (
    close_to_others,
    find_private_file,
    identity_of,
)

STOPPED = "stopped"
RUNNING = "running"
# A start is in flight, or its answer was lost.
STARTING = "starting"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS recording (
    app TEXT NOT NULL, vendor TEXT NOT NULL, stream TEXT NOT NULL,
    state TEXT NOT NULL, since REAL NOT NULL, until REAL, task TEXT,
    PRIMARY KEY (app, vendor, stream)
) WITHOUT ROWID
"""
_COLUMNS = ["app", "vendor", "stream", "state", "since", "until", "task"]
# Marks the file as ours ("zego"): the SQLite header keeps it at byte 68.
_APPLICATION_ID = 0x7A65676F
_HEADER_BYTES = 72
_SELECT = "SELECT stream, state, since, until, task FROM recording"
# SQLite takes at most 999 variables in a statement, in the versions that old targets have.
_CHUNK = 500
# Writes take milliseconds. A lock that lasts longer is not worth holding up the end of an event.
LOCK_SECONDS = 3.0
# A start that is not remembered may be sent, and paid, twice: that is worth a longer wait.
STARTS_LOCK_SECONDS = 30.0
# Older rows are deleted whatever the ttl of this run is: another run may use a longer one.
_KEEP_SECONDS = 30 * 86400
# The longest task id that is kept. Those of the vendors have up to some hundred characters.
_TASK_LENGTH = 1000


class Memory(NamedTuple):
    """What is remembered of a stream. Times are in Unix seconds.

    ``state``: STOPPED, RUNNING or STARTING; ``since``: when that was written; ``until``: a start's end time; ``task``:
    the vendor's task id.
    """

    state: str
    since: float
    until: float | None = None
    task: str | None = None

    def running_at(self, now: float) -> bool:
        """Tell whether a recording is remembered whose end time has not come."""
        return self.state == RUNNING and (self.until is None or now < self.until)


def _memory(row: tuple[Any, ...]) -> Memory | None:
    """Return what a row says, None where it does not make sense: SQLite enforces no column types."""
    state, since, until, task = row
    try:
        since = float(since)
        until = None if until is None else float(until)
    except (TypeError, ValueError):
        return None
    if state not in (STOPPED, RUNNING, STARTING) or not math.isfinite(since) or (until and not math.isfinite(until)):
        return None
    # The task id is shown in results.
    is_usable = isinstance(task, str) and task.isprintable() and len(task) <= _TASK_LENGTH
    return Memory(state, since, until, task if is_usable else None)


class Ledger:
    """The memory of one app at one vendor.

    ``path``: the SQLite file, made if missing; empty for no memory at all. ``ttl``: seconds for which a memory counts.
    ``starts``: whether recordings are started, which may then be started twice where the memory fails.
    A problem is reported once through ``warn``, never raised: an event ends whether or not we can remember it.
    ``problem`` says what it was. Only the thread that made it may use it.
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
    ) -> None:
        self._path = path
        self._key = (app, vendor)
        self._ttl = ttl
        self._warn = warn
        self._read_only = read_only
        self._starts = starts
        self._lock_seconds = STARTS_LOCK_SECONDS if starts else LOCK_SECONDS
        self.problem = ""
        # What this run last read or wrote. A row that differs was written by another run.
        self._seen: dict[str, Memory] = {}
        self._unreadable: set[str] = set()
        self._db: Any = None
        if path:
            self._guard(self._open)

    def _open(self) -> None:
        import sqlite3

        path = os.path.abspath(self._path)
        found = find_private_file(self._path, self._read_only, _HEADER_BYTES)
        if found is None:
            return
        if not found.writable and not self._read_only:
            self._read_only = True
            self.problem = f"The ledger {_printable(self._path)} cannot be written to."
            self._warn(f"{self.problem} What this run does is not remembered: later, {self._consequence()}.")
        is_new = not found.head
        if is_new and self._read_only:
            return
        _check_header(found.head)
        # Only a URI can say 'read only'. Every byte is encoded, because '?', '#' and '%' have a meaning there.
        uri = "file:" + "".join(f"%{byte:02x}" for byte in os.fsencode(path))
        mode = "ro" if self._read_only else "rw"
        self._db = sqlite3.connect(f"{uri}?mode={mode}", uri=True, timeout=self._lock_seconds)
        # Between our look and SQLite's, somebody may have put another file in its place.
        if identity_of(path) != found.identity:
            raise OSError("it was replaced while it was opened")
        # Rows are data: nothing in the file may run.
        self._db.execute("PRAGMA trusted_schema=OFF")
        self._check_schema()
        if self._read_only:
            return
        # Stream names and task ids are nobody else's business.
        close_to_others(path)
        with self._db:
            # A power failure may lose the last write, but not damage the file.
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(_SCHEMA)
            if _application(found.head) != _APPLICATION_ID:
                self._db.execute(f"PRAGMA application_id={_APPLICATION_ID}")

    def _check_schema(self) -> None:
        """Refuse a database with anything in it but our table, which a view could stand in for."""
        things = self._db.execute("SELECT type, name FROM sqlite_master").fetchall()
        if not things:
            return
        columns = [row[1] for row in self._db.execute("PRAGMA table_info(recording)")]
        if things != [("table", "recording")] or columns != _COLUMNS:
            raise OSError("it is a database of something else")

    def _guard(self, work: Callable[[], Any]) -> Any:
        """Do ``work``. If it fails, warn, and go on without a ledger."""
        try:
            return work()
        except Exception as error:  # pylint: disable=broad-except
            self._db = None
            # SQLite quotes names out of the file: none of them may look like a command to a CI runner.
            told = _printable(f"{type(error).__name__}: {error}")[:200].replace("::", ": :")
            self.problem = f"The ledger {_printable(self._path)} cannot be used ({told})."
            self._warn(
                f"{self.problem} The run goes on without it: {self._consequence()}. "
                "Repair or delete the file, or set ledger to another path."
            )
            return None

    def _consequence(self) -> str:
        if self._starts:
            return "a recording that runs already may be started, and paid, a second time"
        return "a repeated stop may be reported as changed"

    def load(self, streams: Iterable[str]) -> dict[str, Memory]:
        """Return what is remembered of these streams, as far as it still counts."""
        if self._db is None:
            return {}
        self._seen = self._guard(lambda: self._load(list(streams))) or {}
        if self._unreadable:
            some = ", ".join(map(_printable, sorted(self._unreadable)[:5]))
            self._warn(f"The ledger {_printable(self._path)} has rows that cannot be read, and do not count: {some}.")
        return {stream: memory for stream, memory in self._seen.items() if self._counts(memory)}

    def _load(self, streams: list[str]) -> dict[str, Memory]:
        rows = {}
        for start in range(0, len(streams), _CHUNK):
            chunk = streams[start : start + _CHUNK]
            # The statement holds question marks only; the values are bound.
            marks = ",".join("?" * len(chunk))
            statement = f"{_SELECT} WHERE app=? AND vendor=? AND stream IN ({marks})"  # noqa: S608
            for stream, *columns in self._db.execute(statement, (*self._key, *chunk)):
                memory = _memory(tuple(columns))
                if memory is None:
                    self._unreadable.add(stream)
                else:
                    rows[stream] = memory
        return rows

    def _counts(self, memory: Memory) -> bool:
        # A start with an end time runs until then, however long that is.
        if memory.state != STOPPED and memory.until is not None and time.time() < memory.until:
            return True
        # After ledger_ttl the name may be that of another event's stream.
        # Absolute: a memory from the future, written before the clock was set back, must not count forever.
        return abs(time.time() - memory.since) <= self._ttl

    def claim(self, streams: Iterable[str], until: float | None = None) -> dict[str, Memory]:
        """Mark these streams as starting, before their start is sent. Of two runs at once, one gets a stream.

        ``until``: the end time of the start, in Unix seconds.

        Leaves out those that another run has started, or is starting, since this one read its memory. Returns what is
        remembered of those.
        """
        if self._db is None or self._read_only:
            return {}
        return self._guard(lambda: self._claim(list(streams), until)) or {}

    def _claim(self, streams: list[str], until: float | None) -> dict[str, Memory]:
        taken = {}
        with self._db:
            # Takes the write lock before reading, so that no other run can claim in between.
            self._db.execute("BEGIN IMMEDIATE")
            now = time.time()
            for stream, memory in self._load(streams).items():
                written_by_other = memory != self._seen.get(stream) and self._counts(memory)
                if written_by_other and (memory.state == STARTING or memory.running_at(now)):
                    taken[stream] = memory
            self._replace({stream: Memory(STARTING, now, until) for stream in streams if stream not in taken})
        return taken

    def write(self, memories: dict[str, Memory | None]) -> None:
        """Remember these streams; None forgets one."""
        if self._db is not None and memories and not self._read_only:
            self._guard(lambda: self._write(memories))

    def _write(self, memories: dict[str, Memory | None]) -> None:
        with self._db:
            self._replace(memories)

    def _replace(self, memories: dict[str, Memory | None]) -> None:
        kept = {stream: memory for stream, memory in memories.items() if memory}
        # A start that is retried must not take its own claim for that of another run.
        self._seen.update(kept)
        self._db.executemany(
            "REPLACE INTO recording VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*self._key, stream, *memory) for stream, memory in kept.items()],
        )
        gone = [(*self._key, stream) for stream in memories if stream not in kept]
        self._db.executemany("DELETE FROM recording WHERE app=? AND vendor=? AND stream=?", gone)

    def close(self, now: float | None = None) -> None:
        """Forget what is too old to ever count, and close the file.

        ``now``: the time in Unix seconds by a clock that can be trusted, such as the API's; None where there is none.
        """
        if self._db is None:
            return
        if not self._read_only and now is not None:
            self._guard(lambda: self._prune(now))
        if self._db is not None:
            self._db.close()

    def _prune(self, now: float) -> None:
        # Of two clocks the one that is behind: if one is a month ahead, other runs would lose all that they remember.
        now = min(now, time.time())
        oldest = now - max(self._ttl, _KEEP_SECONDS)
        with self._db:
            self._db.execute("DELETE FROM recording WHERE since < ? AND (until IS NULL OR until < ?)", (oldest, now))


def _check_header(head: bytes) -> None:
    """Refuse a file that is neither new nor a SQLite database that may be ours."""
    if not head:
        return
    if not head.startswith(b"SQLite format 3\x00"):
        raise OSError("it is no SQLite database")
    # 0: a ledger that was made before they were marked. Its tables are looked at, too.
    if _application(head) not in (0, _APPLICATION_ID):
        raise OSError("it is a database of something else")


def _application(head: bytes) -> int:
    return int.from_bytes(head[68:72], "big")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text.encode("utf-8", "replace").decode("utf-8"))
