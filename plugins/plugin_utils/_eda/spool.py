# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remembers events until the engine has them, and that it had them, across restarts: in one SQLite file."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
import time
from itertools import count
from typing import Any, Callable, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._ledger.private_file import (
    close_to_others,
    find_private_file,
    identity_of,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.events import Event

# Marks the file as ours ("zeda"): the SQLite header keeps it at byte 68.
_APPLICATION_ID = 0x7A656461
_HEADER = b"SQLite format 3\0"
_HEADER_BYTES = 72
_LOCK_SECONDS = 3.0
_DAY = 86400
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS event (
        number INTEGER PRIMARY KEY AUTOINCREMENT, app INTEGER NOT NULL, uuid TEXT NOT NULL, body TEXT NOT NULL,
        spooled REAL NOT NULL, owner INTEGER, given REAL, UNIQUE (app, uuid))""",
    "CREATE INDEX IF NOT EXISTS event_pending ON event (number) WHERE given IS NULL",
    "CREATE TABLE IF NOT EXISTS signature (token TEXT PRIMARY KEY, digest TEXT NOT NULL, until REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS search (name TEXT PRIMARY KEY, first REAL NOT NULL, done REAL)",
)

# What became of an event.
NEW = "new"  # it was spooled
KNOWN = "known"  # it had been before
STOLEN = "stolen"  # its signature came with another body before
FULL = "full"  # too many wait for the engine


class SpoolError(Exception):
    """The spool cannot be used; the text says why."""


class Pending(NamedTuple):
    """An event that the engine does not have yet."""

    number: int
    data: dict[str, Any]


class Signed(NamedTuple):
    """What an event came with (see ``Callback``)."""

    token: str
    digest: str
    until: float


class Spool:
    """The spool of one rulebook: its sources share it. Safe under several threads.

    ``path``: the file, made if missing; ``max_pending``: so many events may wait for the engine.
    Each source takes an owner from ``new_owner``, and is given what it spooled itself. What an earlier run left goes to
    whichever source asks first. Methods raise ``SpoolError``.
    """

    def __init__(self, path: str, *, clock: Callable[[], float] = time.time) -> None:
        self._path = os.path.abspath(os.path.expanduser(path))
        self._clock = clock
        self._lock = threading.Lock()
        self._owners = count(1)
        self._claim: int | None = None
        self._db: Any = None
        try:
            self._open()
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise SpoolError(f"The spool {_shown(path)} cannot be used: {_reason(error)}.") from None

    def _open(self) -> None:
        self._claim = _claim(f"{self._path}.lock")
        found = find_private_file(self._path, False, _HEADER_BYTES)
        if found is None or not found.writable:
            raise OSError("it cannot be written to")
        if found.head and (found.head[:16] != _HEADER or found.head[68:72] != _APPLICATION_ID.to_bytes(4, "big")):
            raise OSError("it is a file of something else")
        # One statement is one transaction, unless we begin one.
        self._db = sqlite3.connect(self._path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False)
        if identity_of(self._path) != found.identity:
            raise OSError("it was replaced while it was opened")
        close_to_others(self._path)
        self._db.execute("PRAGMA trusted_schema=OFF")
        # An answer of 200 promises that the event is on the disk.
        self._db.execute("PRAGMA synchronous=FULL")
        for statement in _SCHEMA:
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        # What an earlier run did not hand over belongs to nobody now.
        self._db.execute("UPDATE event SET owner=NULL WHERE given IS NULL")

    def close(self) -> None:
        """Close the file, and let another run use it."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
            if self._claim is not None:
                os.close(self._claim)
                self._claim = None

    def new_owner(self) -> int:
        """Return a number for a further source."""
        return next(self._owners)

    def add(self, owner: int, event: Event, max_pending: int, signed: Signed | None = None) -> str:
        """Spool an event; return what became of it. Once it returns, the event survives a power failure."""
        (result,) = self.add_all(owner, [event], max_pending, signed)
        return result

    def add_all(self, owner: int, events: Iterable[Event], max_pending: int, signed: Signed | None = None) -> list[str]:
        """Spool events in one transaction; return what became of each."""
        with self._transaction() as db:
            if signed is not None and not self._is_bound(db, signed):
                return [STOLEN for _event in events]
            room = max_pending - self._count(db)
            results = []
            for event in events:
                result = self._insert(db, owner, event, room)
                room -= result == NEW
                results.append(result)
            return results

    def bind(self, signed: Signed) -> bool:
        """Bind a signature to a body; return whether it was free, or bound to this very body."""
        with self._transaction() as db:
            return self._is_bound(db, signed)

    @staticmethod
    def _is_bound(db: Any, signed: Signed) -> bool:
        db.execute("INSERT OR IGNORE INTO signature VALUES (?, ?, ?)", signed)
        (digest,) = db.execute("SELECT digest FROM signature WHERE token=?", (signed.token,)).fetchone()
        return bool(digest == signed.digest)

    def _insert(self, db: Any, owner: int, event: Event, room: int) -> str:
        key = (event.app_id, event.uuid)
        if db.execute("SELECT 1 FROM event WHERE app=? AND uuid=?", key).fetchone():
            return KNOWN
        if room <= 0:
            return FULL
        row = (*key, json.dumps(event.as_data()), self._clock(), owner)
        db.execute("INSERT INTO event (app, uuid, body, spooled, owner) VALUES (?, ?, ?, ?, ?)", row)
        return NEW

    def next(self, owner: int, after: int = 0) -> Pending | None:
        """Return the oldest event for this source that the engine does not have yet; None where there is none.

        ``after``: the number of the last one that the source was given.
        """
        with self._transaction() as db:
            row = db.execute(
                "SELECT number, body FROM event WHERE given IS NULL AND number > ? AND (owner IS NULL OR owner=?) "
                "ORDER BY number LIMIT 1",
                (after, owner),
            ).fetchone()
            if row is None:
                return None
            db.execute("UPDATE event SET owner=? WHERE number=?", (owner, row[0]))
            return Pending(row[0], json.loads(row[1]))

    def given(self, number: int) -> None:
        """The engine has this event. Of it no more than its identity is kept."""
        with self._transaction() as db:
            db.execute("UPDATE event SET given=?, body='' WHERE number=?", (self._clock(), number))

    def pending(self) -> tuple[int, float]:
        """Return how many events wait for the engine, and for how many seconds the oldest of them does."""
        with self._transaction() as db:
            number = self._count(db)
            (oldest,) = db.execute("SELECT MIN(spooled) FROM event WHERE given IS NULL").fetchone()
        return number, max(0.0, self._clock() - oldest) if number else 0.0

    @staticmethod
    def _count(db: Any) -> int:
        (number,) = db.execute("SELECT COUNT(*) FROM event WHERE given IS NULL").fetchone()
        return int(number)

    def begin_search(self, name: str, first: float) -> tuple[float, float | None]:
        """Return from when on a poller looks for files, and until when it has found all, None where it has not yet.

        ``first``: the former, where this is its first search of all.
        """
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO search VALUES (?, ?, NULL)", (name, first))
            return tuple(db.execute("SELECT first, done FROM search WHERE name=?", (name,)).fetchone())

    def end_search(self, name: str, done: float) -> None:
        """A poller has found all files up to that time."""
        with self._transaction() as db:
            db.execute("UPDATE search SET done=? WHERE name=?", (done, name))

    def prune(self, keep_days: float) -> None:
        """Forget events that nobody can tell of again, and signatures that are too old."""
        with self._transaction() as db:
            now = self._clock()
            db.execute("DELETE FROM signature WHERE until < ?", (now,))
            # After a long pause, a poller looks for files that are as old as the pause: those still have to be known.
            (oldest,) = db.execute("SELECT MIN(COALESCE(done, first)) FROM search").fetchone()
            before = min(now, now if oldest is None else oldest) - keep_days * _DAY
            db.execute("DELETE FROM event WHERE given < ?", (before,))

    def _transaction(self) -> _Transaction:
        return _Transaction(self)


class _Transaction:
    """One transaction of a spool, for one thread."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def __enter__(self) -> Any:
        spool = self._spool
        spool._lock.acquire()
        try:
            if spool._db is None:
                raise SpoolError("The spool is closed.")
            spool._db.execute("BEGIN IMMEDIATE")
            return spool._db
        except sqlite3.Error as error:
            spool._lock.release()
            raise SpoolError(f"The spool cannot be used: {_reason(error)}.") from None
        except BaseException:
            spool._lock.release()
            raise

    def __exit__(self, kind: Any, error: Any, _trace: Any) -> None:
        spool = self._spool
        try:
            spool._db.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as problem:
            if error is None:
                raise SpoolError(f"The spool cannot be used: {_reason(problem)}.") from None
        finally:
            spool._lock.release()
        if isinstance(error, sqlite3.Error):
            raise SpoolError(f"The spool cannot be used: {_reason(error)}.") from None


def _claim(path: str) -> int:
    """Return a file descriptor that keeps other runs away until it is closed, or this process ends."""
    find_private_file(path, False, 0)
    # Not the database itself: where a process closes one of its descriptors, SQLite's locks on it are gone.
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise OSError("another rulebook uses it: give each its own") from None
    return handle


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def _reason(error: BaseException) -> str:
    return _shown(getattr(error, "strerror", None) or str(error))[:200]


_open: dict[str, tuple[Spool, int]] = {}
_opening = threading.Lock()


def open_spool(path: str) -> Spool:
    """Return the spool at ``path``, the same for all sources of this process. Raises ``SpoolError``."""
    name = os.path.realpath(os.path.expanduser(path))
    with _opening:
        spool, users = _open.get(name) or (Spool(path), 0)
        _open[name] = (spool, users + 1)
    return spool


def release_spool(path: str) -> None:
    """A source needs the spool no more; once no source does, it is closed."""
    name = os.path.realpath(os.path.expanduser(path))
    with _opening:
        spool, users = _open.pop(name)
        if users > 1:
            _open[name] = (spool, users - 1)
        else:
            spool.close()
