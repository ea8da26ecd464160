# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps the rows of a ledger on a Redis or Valkey server, which several machines share."""

from __future__ import annotations

import hashlib
import json

from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, memory_of
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server, Texts, Write
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import KEEP_SECONDS, Decide, Rows, Store

# An unreadable row may be of any size.
_LONGEST_ROW = 4096
# No row is kept for longer, whatever ledger_ttl and end times say: the server takes no number of any size.
_LONGEST_SECONDS = 10 * 366 * 86400.0


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
        digest = hashlib.sha256(f"{scope}\n{vendor}".encode("utf-8", "replace")).hexdigest()[:16]
        self._prefix = f"zego:{app_id}:memory:{digest}:"
        # The rows as they were last read or written. Most often nobody has written since, and that saves an exchange.
        self._known: dict[str, bytes | None] = {}

    def now(self) -> float:
        return self._server.now()

    def _key(self, stream: str) -> str:
        return self._prefix + stream

    def read(self, streams: list[str]) -> Rows:
        texts = self._server.read([self._key(stream) for stream in streams])
        self._known.update(zip(streams, texts))
        return _rows(streams, texts)

    def update(self, streams: list[str], decide: Decide) -> None:
        known = [self._known[stream] for stream in streams] if self._known.keys() >= set(streams) else None
        written: Texts = []

        def write(texts: Texts) -> list[Write]:
            changes = decide(_rows(streams, texts).memories)
            writes = []
            for stream, text in zip(streams, texts):
                writes.append(self._write(changes[stream]) if stream in changes else Write(text))
            written[:] = [one.text for one in writes]
            return writes

        self._server.update([self._key(stream) for stream in streams], known, write)
        self._known.update(zip(streams, written))

    def _write(self, memory: Memory | None) -> Write:
        if memory is None:
            return Write(None)
        # Other runs may use a longer ttl than this one.
        seconds = max(self._ttl, KEEP_SECONDS, (memory.until or 0.0) - self.now())
        return Write(json.dumps(memory).encode(), min(seconds, _LONGEST_SECONDS))

    def prune(self, oldest: float, now: float) -> None:
        """Do nothing: the server forgets what is too old."""

    def close(self) -> None:
        self._server.close()


def _rows(streams: list[str], texts: Texts) -> Rows:
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
