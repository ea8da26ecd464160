# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the numbers of a pace on a Redis or Valkey server, for the runs of several machines."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._api.board import (
    IDLE_SECONDS,
    Board,
    Change,
    digest,
    read_numbers,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server

_LONGEST = 65536


class RedisBoard(Board):
    """The numbers of ``quota`` on a server."""

    def __init__(self, server: Server, app_id: int, quota: str) -> None:
        self._server = server
        self._key = f"zego:{app_id}:pace:{digest(quota)}"

    def now(self) -> float:
        return self._server.now()

    def exchange(self, change: Change) -> None:
        def work(pipeline: Any) -> None:
            text = pipeline.get(self._key)
            numbers = read_numbers(text[:_LONGEST] if text else b"")
            changed = json.dumps(change(numbers))
            pipeline.multi()
            pipeline.set(self._key, changed, ex=int(2 * IDLE_SECONDS))

        self._server.transaction(work, [self._key])
