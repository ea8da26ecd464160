# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the rows of a ledger in a SQLite file of this machine, which several processes may use at once."""

from __future__ import annotations

import os
import sqlite3
import time

from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, memory_of
from ansible_collections.zego.cloud.plugins.module_utils._ledger.private_file import (
    close_to_others,
    find_private_file,
    identity_of,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import Changes, Decide, Rows, Store

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


class SqliteStore(Store):
    """The rows of one app at one vendor in the file ``path``, which is made if missing.

    ``lock_seconds``: how long to wait for other processes. Only the thread that made it may use it.
    """

    def __init__(self, path: str, app: str, vendor: str, *, lock_seconds: float, read_only: bool) -> None:
        self._key = (app, vendor)
        self.read_only = read_only
        self._db: sqlite3.Connection | None = None
        absolute = os.path.abspath(path)
        found = find_private_file(path, read_only, _HEADER_BYTES)
        if found is None:
            return
        self.read_only = not found.writable
        if not found.head and self.read_only:
            return
        _check_header(found.head)
        # Only a URI can say 'read only'. Every byte is encoded, because '?', '#' and '%' have a meaning there.
        uri = "file:" + "".join(f"%{byte:02x}" for byte in os.fsencode(absolute))
        mode = "ro" if self.read_only else "rw"
        self._db = sqlite3.connect(f"{uri}?mode={mode}", uri=True, timeout=lock_seconds)
        # Between our look and SQLite's, somebody may have put another file in its place.
        if identity_of(absolute) != found.identity:
            raise OSError("it was replaced while it was opened")
        # Rows are data: nothing in the file may run.
        self._db.execute("PRAGMA trusted_schema=OFF")
        _check_schema(self._db)
        if not self.read_only:
            _take_over(self._db, absolute, is_marked=_application(found.head) == _APPLICATION_ID)

    def now(self) -> float:
        return time.time()

    def read(self, streams: list[str]) -> Rows:
        memories, unreadable = {}, set()
        if self._db is None:
            return Rows({}, frozenset())
        for start in range(0, len(streams), _CHUNK):
            chunk = streams[start : start + _CHUNK]
            # The statement holds question marks only; the values are bound.
            marks = ",".join("?" * len(chunk))
            statement = f"{_SELECT} WHERE app=? AND vendor=? AND stream IN ({marks})"  # noqa: S608
            for stream, *columns in self._db.execute(statement, (*self._key, *chunk)):
                # SQLite enforces no column types.
                memory = memory_of(*columns)
                if memory is None:
                    unreadable.add(stream)
                else:
                    memories[stream] = memory
        return Rows(memories, frozenset(unreadable))

    def update(self, streams: list[str], decide: Decide) -> None:
        if self._db is None:
            return
        with self._db:
            # Takes the write lock before reading, so that no other run can write in between.
            self._db.execute("BEGIN IMMEDIATE")
            self._replace(self._db, decide(self.read(streams).memories))

    def _replace(self, db: sqlite3.Connection, changes: Changes) -> None:
        kept: list[tuple[str, Memory]] = [(stream, memory) for stream, memory in changes.items() if memory]
        db.executemany(
            "REPLACE INTO recording VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*self._key, stream, *memory) for stream, memory in kept],
        )
        gone = [(*self._key, stream) for stream, memory in changes.items() if not memory]
        db.executemany("DELETE FROM recording WHERE app=? AND vendor=? AND stream=?", gone)

    def prune(self, oldest: float, now: float) -> None:
        if self._db is None:
            return
        with self._db:
            self._db.execute("DELETE FROM recording WHERE since < ? AND (until IS NULL OR until < ?)", (oldest, now))

    def close(self) -> None:
        if self._db is not None:
            self._db.close()


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


def _check_schema(db: sqlite3.Connection) -> None:
    """Refuse a database with anything in it but our table, which a view could stand in for."""
    things = db.execute("SELECT type, name FROM sqlite_master").fetchall()
    if not things:
        return
    columns = [row[1] for row in db.execute("PRAGMA table_info(recording)")]
    if things != [("table", "recording")] or columns != _COLUMNS:
        raise OSError("it is a database of something else")


def _take_over(db: sqlite3.Connection, path: str, *, is_marked: bool) -> None:
    """Make our table where there is none, and mark the file as ours."""
    # Stream names and task ids are nobody else's business.
    close_to_others(path)
    with db:
        # A power failure may lose the last write, but not damage the file.
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute(_SCHEMA)
        if not is_marked:
            db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
