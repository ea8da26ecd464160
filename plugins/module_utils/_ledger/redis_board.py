# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the numbers of a pace on a Redis or Valkey server, for the runs of several machines."""

from __future__ import annotations

import json
from contextlib import suppress

from ansible_collections.zego.cloud.plugins.module_utils._api.board import (
    IDLE_SECONDS,
    LONGEST_TEXT,
    Board,
    Change,
    digest,
    read_numbers,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server, ServerError, Texts, Write


class RedisBoard(Board):
    """The numbers of ``quota`` on a server."""

    def __init__(self, server: Server, app_id: int, quota: str) -> None:
        self._server = server
        self._key = f"zego:{app_id}:pace:{digest(quota)}"
        # What this run has seen last: most often nobody has written since, and that saves an exchange.
        self._known: Texts | None = None

    def now(self) -> float:
        return self._server.now()

    def exchange(self, change: Change) -> None:
        written = b""

        def decide(texts: Texts) -> list[Write]:
            nonlocal written
            text = texts[0] or b""
            # An unreadable text may be of any size.
            numbers = read_numbers(text) if len(text) <= LONGEST_TEXT else {}
            written = json.dumps(change(numbers)).encode()
            return [Write(written, 2 * IDLE_SECONDS)]

        self._server.update([self._key], self._known, decide)
        self._known = [written]

    def close(self) -> None:
        with suppress(ServerError):
            self._server.close()
