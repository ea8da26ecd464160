# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the numbers of a pace in a small file, for the runs of one user on one machine."""

from __future__ import annotations

import fcntl
import json
import os
import time

from ansible_collections.zego.cloud.plugins.module_utils._api.board import (
    LONGEST_TEXT,
    Board,
    Change,
    digest,
    read_numbers,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.private_file import find_private_file, identity_of

# Where the file lies if no ledger says so.
FOLDER = "~/.ansible/zego"
# Whoever holds the lock needs microseconds: a longer wait means that its process was stopped.
LOCK_SECONDS = 1.0


class FileBoard(Board):
    """The numbers of ``quota`` (any text that names it) in a file of their own in ``folder``, behind a lock.

    SQLite would write each place to the disk, and take milliseconds for it; this takes microseconds.
    """

    def __init__(self, folder: str, quota: str) -> None:
        path = os.path.join(os.path.expanduser(folder), f"pace-{digest(quota)}")
        found = find_private_file(path, False, 0)
        if found is None or not found.writable:
            raise OSError("its file cannot be written to")
        # A file object, which closes the file with the board.
        self._opened = os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "r+b", buffering=0)
        self._file = self._opened.fileno()
        if identity_of(path) != found.identity:
            raise OSError("its file was replaced while it was opened")

    def now(self) -> float:
        # The wall clock: the monotonic one starts anew with the machine, and means nothing to another one.
        return time.time()

    def exchange(self, change: Change) -> None:
        self._lock()
        try:
            numbers = read_numbers(os.pread(self._file, LONGEST_TEXT, 0))
            text = json.dumps(change(numbers)).encode()
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        self._opened.close()

    def _lock(self) -> None:
        give_up_at = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    raise OSError("another process holds its file for too long") from None
                time.sleep(0.001)
