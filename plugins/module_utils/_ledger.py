# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Remembers on this machine what was done to which stream, and when. No API says whether a stream is being recorded."""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Iterable, NamedTuple

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
_SELECT = "SELECT stream, state, since, until, task FROM recording"
# SQLite takes at most 999 variables in a statement, in the versions that old targets have.
_CHUNK = 500
# Writes take milliseconds. A lock that lasts longer is not worth holding up the end of an event.
_LOCK_SECONDS = 3.0
# Older rows are deleted whatever the ttl of this run is: another run may use a longer one.
_KEEP_SECONDS = 30 * 86400


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


def _memory(row: tuple[Any, ...]) -> Memory:
    state, since, until, task = row
    # SQLite enforces no column types. What cannot be converted makes the ledger unusable, see ``_guard``.
    until = None if until is None else float(until)
    return Memory(state, float(since), until, task if isinstance(task, str) else None)


class Ledger:
    """The memory of one app at one vendor.

    ``path``: the SQLite file, made if missing; empty for no memory at all. ``ttl``: seconds for which a memory counts.
    A problem is reported once through ``warn``, never raised: an event ends whether or not we can remember it.
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
    ) -> None:
        self._path = path
        self._key = (app, vendor)
        self._ttl = ttl
        self._warn = warn
        self._read_only = read_only
        # What this run last read or wrote. A row that differs was written by another run.
        self._seen: dict[str, Memory] = {}
        self._db: Any = None
        if path and not (read_only and not os.path.exists(path)):
            self._guard(self._open)

    def _open(self) -> None:
        import sqlite3

        # SQLite would wait for a named pipe forever, and we must not change the mode of a device.
        if os.path.exists(self._path) and not os.path.isfile(self._path):
            raise OSError("it is no regular file")
        if self._read_only:
            # Only a URI can say 'read only'. Every byte is encoded, because '?', '#' and '%' have a meaning there.
            uri = "file:" + "".join(f"%{byte:02x}" for byte in os.fsencode(os.path.abspath(self._path))) + "?mode=ro"
            self._db = sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS)
            return
        # Stream names and task ids are nobody else's business: the file and its folder are private.
        os.makedirs(os.path.dirname(os.path.abspath(self._path)), mode=0o700, exist_ok=True)
        # Made here, because SQLite would make a file that others may read.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        if os.stat(self._path).st_mode & 0o077:
            os.chmod(self._path, 0o600)
        self._db = sqlite3.connect(self._path, timeout=_LOCK_SECONDS)
        with self._db:
            # A power failure may lose the last write, but not damage the file.
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(_SCHEMA)

    def _guard(self, work: Callable[[], Any]) -> Any:
        """Do ``work``. If it fails, warn, and go on without a ledger."""
        try:
            return work()
        except Exception as error:  # pylint: disable=broad-except
            self._db = None
            path = self._path.encode("utf-8", "replace").decode("utf-8")
            self._warn(
                f"The ledger {path} cannot be used ({type(error).__name__}: {error}). The run goes on without it: "
                "a repeated stop may be reported as changed. Repair or delete the file, or set ledger to another path."
            )
            return None

    def load(self, streams: Iterable[str]) -> dict[str, Memory]:
        """Return what is remembered of these streams, as far as it still counts."""
        if self._db is None:
            return {}
        self._seen = self._guard(lambda: self._load(list(streams))) or {}
        return {stream: memory for stream, memory in self._seen.items() if self._counts(memory)}

    def _load(self, streams: list[str]) -> dict[str, Memory]:
        rows = {}
        for start in range(0, len(streams), _CHUNK):
            chunk = streams[start : start + _CHUNK]
            # The statement holds question marks only; the values are bound.
            marks = ",".join("?" * len(chunk))
            statement = f"{_SELECT} WHERE app=? AND vendor=? AND stream IN ({marks})"  # noqa: S608
            for stream, *columns in self._db.execute(statement, (*self._key, *chunk)):
                rows[stream] = _memory(tuple(columns))
        return rows

    def _counts(self, memory: Memory) -> bool:
        # After ledger_ttl the name may be that of another event's stream.
        # Absolute: a memory from the future, written before the clock was set back, must not count forever.
        return abs(time.time() - memory.since) <= self._ttl

    def claim(self, streams: Iterable[str]) -> dict[str, Memory]:
        """Mark these streams as starting, before their start is sent. Of two runs at once, one gets a stream.

        Leaves out those that another run has started, or is starting, since this one read its memory. Returns what is
        remembered of those.
        """
        if self._db is None or self._read_only:
            return {}
        return self._guard(lambda: self._claim(list(streams))) or {}

    def _claim(self, streams: list[str]) -> dict[str, Memory]:
        taken = {}
        with self._db:
            # Takes the write lock before reading, so that no other run can claim in between.
            self._db.execute("BEGIN IMMEDIATE")
            now = time.time()
            for stream, memory in self._load(streams).items():
                written_by_other = memory != self._seen.get(stream) and self._counts(memory)
                if written_by_other and (memory.state == STARTING or memory.running_at(now)):
                    taken[stream] = memory
            self._replace({stream: Memory(STARTING, now) for stream in streams if stream not in taken})
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

    def close(self) -> None:
        """Forget what is too old to ever count, and close the file."""
        if self._db is None:
            return
        if not self._read_only:
            self._guard(self._prune)
        if self._db is not None:
            self._db.close()

    def _prune(self) -> None:
        with self._db:
            self._db.execute("DELETE FROM recording WHERE since < ?", (time.time() - max(self._ttl, _KEEP_SECONDS),))
