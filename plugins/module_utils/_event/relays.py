# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Relays of streams to CDN addresses: an end to them (reference page "Ending an event"), and a care for what such an address hides."""

from __future__ import annotations

import time
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils import _ledger
from ansible_collections.zego.cloud.plugins.module_utils import _result as _items
from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Halted, Refused, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, each
from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay
from ansible_collections.zego.cloud.plugins.module_utils._result import Subject

ACTION = "DeleteCDNTransferRule"
# The ledger keeps relays apart from the vendors' recordings by this name.
LEDGER_NAME = "CDNTransferRule"
REMOVED = "removed"
ALREADY_REMOVED = "already_removed"

SUBJECT = Subject(
    "Relays",
    "relays",
    lambda item: f"{item['stream_id']} to {item['cdn']}",
    "CDN relays",
    {REMOVED: ("present", "absent"), ALREADY_REMOVED: ("absent", "absent")},
)


class Sequence:
    """Numbers that only rise: the clock in milliseconds, and more where it stands still or goes back."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return the next number."""
        self._last = max(self._last + 1, int(self._clock() * 1000))
        return self._last


def predict(ledger: _ledger.Ledger, relays: list[Relay]) -> list[dict[str, Any]]:
    """Return the entries that a ``RelayJob`` is expected to have, without sending or remembering anything."""
    memories = ledger.load([relay.memory_key() for relay in relays])
    return [_entry(relay, _is_removal(memories.get(relay.memory_key())), {}, 0) for relay in relays]


def _is_removal(memory: _ledger.Memory | None) -> bool:
    return memory is not None and memory.state == _ledger.STOPPED


def _entry(relay: Relay, already: bool, facts: dict[str, Any], attempts: int) -> dict[str, Any]:
    outcome = ALREADY_REMOVED if already else REMOVED
    return _items.entry({"stream_id": relay.stream_id, "cdn": relay.cdn()}, outcome, not already, facts, attempts)


class RelayJob:
    """Removes relays, one outcome each.

    ``absent_codes``: the API's codes that the user explained as 'no such relay'; ``common``: parameters that every action takes.
    """

    def __init__(
        self,
        client: ZegoClient,
        ledger: _ledger.Ledger,
        relays: list[Relay],
        absent_codes: list[int],
        common: list[tuple[str, Any]],
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._relays = relays
        self._absent = frozenset(str(code) for code in absent_codes)
        self._common = common
        self._sequence = Sequence()
        self._memories = ledger.load([relay.memory_key() for relay in relays])

    def run(self) -> list[dict[str, Any]]:
        """Remove them, and return one entry each, in the order asked."""
        streams: dict[str, list[Relay]] = {}
        for relay in self._relays:
            streams.setdefault(relay.stream_id, []).append(relay)
        try:
            # The relays of one stream go one after the other: side by side, a higher Sequence could arrive first.
            found = each(self._client, [self._remove_all(relays) for relays in streams.values()])
        finally:
            self._ledger.close()
        entries = dict(pair for pairs in found for pair in pairs)
        return [entries[relay] for relay in self._relays]

    def _remembered(self, relay: Relay) -> bool:
        return _is_removal(self._memories.get(relay.memory_key()))

    def _remove_all(self, relays: list[Relay]) -> Job[list[tuple[Relay, dict[str, Any]]]]:
        entries = []
        for relay in relays:
            entries.append((relay, (yield from self._remove(relay))))
        return entries

    def _remove(self, relay: Relay) -> Job[dict[str, Any]]:
        try:
            reply = yield Call(ACTION, lambda: self._parameters(relay))
        except ZegoError as error:
            return self._refused(relay, error)
        facts = {"request_id": reply.request_id} if reply.request_id else {}
        return self._done(relay, self._remembered(relay), facts, reply.attempts)

    def _parameters(self, relay: Relay) -> list[tuple[str, Any]]:
        return [
            *self._common,
            ("StreamId", relay.stream_id),
            ("CDNUrl", relay.cdn_url),
            ("Sequence", self._sequence.next()),
        ]

    def _refused(self, relay: Relay, error: ZegoError) -> dict[str, Any]:
        """Nothing documents what a removal of an absent relay answers: only the user, or the memory of a removal, can explain a code."""
        facts = _items.facts_of(error)
        refused = isinstance(error, Refused) and not isinstance(error, Halted)
        if refused and error.code in self._absent:
            return self._done(relay, not error.answer_lost or self._remembered(relay), facts, error.attempts)
        if refused and self._remembered(relay) and _codes.is_unlisted(error.code, ACTION):
            facts["message"] = f"{error.reason}; this machine removed it before."
            return self._done(relay, True, facts, error.attempts)
        found = _items.failed_entry({"stream_id": relay.stream_id, "cdn": relay.cdn()}, error)
        if refused and error.answer_lost:
            found["message"] += " The answer to an earlier attempt was lost: that one may have removed it."
        return found

    def _done(self, relay: Relay, already: bool, facts: dict[str, Any], attempts: int) -> dict[str, Any]:
        if not already:
            self._ledger.write({relay.memory_key(): _ledger.Memory(_ledger.STOPPED, time.time())})
        return _entry(relay, already, facts, attempts)
