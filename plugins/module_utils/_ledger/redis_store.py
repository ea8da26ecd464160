# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the rows of a ledger on a Redis or Valkey server, which several machines share."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, memory_of
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import KEEP_SECONDS, Changes, Decide, Rows, Store

# So many keys in one command: large enough that ten thousand rows take a few round trips, and small enough that the
# server, which does one thing at a time, keeps nobody waiting.
_CHUNK = 1000
# An unreadable row may be of any size.
_LONGEST_ROW = 4096


class RedisStore(Store):
    """The rows of one app at one vendor on a server.

    ``app_id``: the first part of every key, so that a server's ACL can confine each AppID to its own; ``scope``: what
    keeps apart the memories of one AppID, see ``ZegoModule.scope``.
    """

    def __init__(self, server: Server, app_id: int, scope: str, vendor: str, *, ttl: float, read_only: bool) -> None:
        self.read_only = read_only
        self._server = server
        self._ttl = ttl
        # A hash: the scope holds an address, and an address may be longer than all the rest.
        digest = hashlib.sha256(f"{scope}\n{vendor}".encode()).hexdigest()[:16]
        self._prefix = f"zego:{app_id}:memory:{digest}:"

    def now(self) -> float:
        return self._server.now()

    def _key(self, stream: str) -> str:
        return self._prefix + stream

    def read(self, streams: list[str]) -> Rows:
        pipeline = self._server.pipeline(transaction=False)
        for start in range(0, len(streams), _CHUNK):
            pipeline.mget([self._key(stream) for stream in streams[start : start + _CHUNK]])
        return _rows(streams, [text for chunk in pipeline.execute() for text in chunk])

    def update(self, streams: list[str], decide: Decide) -> None:
        keys = [self._key(stream) for stream in streams]

        def change(pipeline: Any) -> None:
            found = _rows(streams, pipeline.mget(keys))
            changes = decide(found.memories)
            pipeline.multi()
            self._write(pipeline, changes)

        # Optimistic: where another run writes between, it is done again.
        self._server.transaction(change, keys)

    def _write(self, pipeline: Any, changes: Changes) -> None:
        now = self.now()
        for stream, memory in changes.items():
            if memory is None:
                pipeline.delete(self._key(stream))
            else:
                # Other runs may use a longer ttl than this one.
                keep = max(self._ttl, KEEP_SECONDS, (memory.until or 0.0) - now)
                pipeline.set(self._key(stream), json.dumps(memory), px=int(keep * 1000))

    def prune(self, oldest: float, now: float) -> None:
        """Do nothing: the server forgets what is too old."""

    def close(self) -> None:
        self._server.close()


def _rows(streams: list[str], texts: list[bytes | None]) -> Rows:
    memories: dict[str, Memory] = {}
    unreadable = set()
    for stream, text in zip(streams, texts):
        if text is None:
            continue
        memory = _parsed(text)
        if memory is None:
            unreadable.add(stream)
        else:
            memories[stream] = memory
    return Rows(memories, frozenset(unreadable))


def _parsed(text: bytes) -> Memory | None:
    """Return what a row says, None where it makes no sense: whoever can write to the server may have written it."""
    if len(text) > _LONGEST_ROW:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return memory_of(*values) if isinstance(values, list) and len(values) == 4 else None
