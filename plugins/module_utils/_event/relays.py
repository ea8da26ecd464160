# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Stops relays of streams to CDN addresses (reference page "Ending an event")."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._api import codes
from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Refused, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State
from ansible_collections.zego.cloud.plugins.module_utils._result import (
    Subject,
    entry_of,
    error_details,
    failed_entry,
    refused_entry,
    reply_details,
)
from ansible_collections.zego.cloud.plugins.module_utils._values import encodable

ACTION = "DeleteCDNTransferRule"
# The ledger keeps relays apart from the vendors' recordings by this name.
LEDGER_NAME = "CDNTransferRule"
REMOVED = "removed"
ALREADY_REMOVED = "already_removed"

SUBJECT = Subject(
    "Relays",
    "relays",
    lambda entry: f"{entry['stream_id']} to {entry['cdn']}",
    "CDN relays",
    {REMOVED: ("present", "absent"), ALREADY_REMOVED: ("absent", "absent")},
)


class Sequence:
    """Numbers that only rise: the clock in milliseconds, or one more than the last if the clock stood still.

    Within ten seconds, the Sequence of the requests for one stream has to rise strictly, or the API may ignore one.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return the next number."""
        self._last = max(self._last + 1, int(self._clock() * 1000))
        return self._last


def expected_entries(ledger: Ledger, relays: list[Relay], *, refused: dict[Relay, str]) -> list[dict[str, Any]]:
    """Return the entries that a ``RelayJob`` is expected to have, without sending or remembering anything."""
    memories = ledger.load([relay.memory_key() for relay in relays if relay not in refused])
    entries = []
    for relay in relays:
        if relay in refused:
            entries.append(refused_entry(_names(relay), refused[relay]))
        else:
            already = _is_removal(memories.get(relay.memory_key()))
            entries.append(_removed_entry(relay, already=already, details={}, attempts=0))
    return entries


def _is_removal(memory: Memory | None) -> bool:
    return memory is not None and memory.state == State.STOPPED


def _memory_told(memory: Memory, code: str | None) -> str:
    """Return what to add to the message of a failure, where this machine removed the relay before."""
    told = f" This machine removed it at {_times.iso(int(memory.since))}."
    if code is None or not code.isdigit() or codes.is_listed(int(code), ACTION):
        return told
    return f"{told} If {code} is what your account answers for a relay that is gone, list it in absent_codes."


def _names(relay: Relay) -> dict[str, Any]:
    return {"stream_id": encodable(relay.stream_id), "cdn": relay.cdn()}


def _removed_entry(relay: Relay, *, already: bool, details: dict[str, Any], attempts: int) -> dict[str, Any]:
    outcome = ALREADY_REMOVED if already else REMOVED
    return entry_of(_names(relay), outcome, not already, details=details, attempts=attempts)


def _not_removed(relays: list[Relay], error: ZegoError) -> dict[Relay, dict[str, Any]]:
    return {relay: failed_entry(_names(relay), error) for relay in relays}


class RelayJob:
    """Removes ``relays``, with one outcome each.

    ``refused``: why no request can carry some of them; ``absent_codes``: the API's codes that the user explained as
    'no such relay'.
    """

    def __init__(
        self,
        client: ZegoClient,
        ledger: Ledger,
        relays: list[Relay],
        *,
        refused: dict[Relay, str],
        absent_codes: list[int],
        environment: Environment,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._relays = relays
        self._refused = refused
        self._absent_codes = frozenset(map(str, absent_codes))
        self._environment = environment
        # One for all relays: numbers that rise over all of them rise for each stream.
        self._sequence = Sequence()
        self._memories = ledger.load([relay.memory_key() for relay in relays if relay not in refused])

    def remove(self) -> list[dict[str, Any]]:
        """Remove them, and return one entry each, in the order asked."""
        by_stream: dict[str, list[Relay]] = {}
        entries: dict[Relay, dict[str, Any]] = {}
        for relay in self._relays:
            if relay in self._refused:
                entries[relay] = refused_entry(_names(relay), self._refused[relay])
            else:
                by_stream.setdefault(self._environment.full_name(relay.stream_id), []).append(relay)
        try:
            # The relays of one stream go one after the other: sent concurrently, a higher Sequence could arrive first.
            groups = list(by_stream.values())
            jobs = [partial(self._remove_in_turn, relays) for relays in groups]
            for removed in run_jobs(self._client, jobs, lambda number, error: _not_removed(groups[number], error)):
                entries.update(removed)
        finally:
            self._ledger.close(self._client.api_time())
        return [entries[relay] for relay in self._relays]

    def _remove_in_turn(self, relays: list[Relay]) -> Job[dict[Relay, dict[str, Any]]]:
        entries = {}
        for relay in relays:
            entries[relay] = yield from self._remove_one(relay)
        return entries

    def _remove_one(self, relay: Relay) -> Job[dict[str, Any]]:
        memory = self._memories.get(relay.memory_key())
        remembered = memory if _is_removal(memory) else None
        try:
            # A function, so that each attempt has a Sequence of its own: the API may ignore one that it has seen.
            reply = yield Call(ACTION, lambda: self._parameters(relay))
        except ZegoError as error:
            return self._error_entry(relay, error, remembered)
        return self._done(
            relay, already=remembered is not None, details=reply_details(reply.request_id), attempts=reply.attempts
        )

    def _parameters(self, relay: Relay) -> Parameters:
        sequence = self._sequence.next()
        stream = self._environment.full_name(relay.stream_id)
        addressed = [("StreamId", stream), ("CDNUrl", relay.cdn_url), ("Sequence", sequence)]
        return [*self._environment.parameters, *addressed]

    def _error_entry(self, relay: Relay, error: ZegoError, remembered: Memory | None) -> dict[str, Any]:
        """Return the entry of a relay whose removal was not acknowledged.

        None of the codes that the reference lists for a removal means that the relay is gone. Only the user can say
        that of a code: what this machine remembers may be out of date, since the relay may have been made anew.
        """
        details = error_details(error)
        # What applies to every request never says that this relay is absent, even if a user lists it.
        refused = isinstance(error, Refused) and not error.about_everything
        if refused and error.code in self._absent_codes:
            # After a lost answer it was most likely this run that removed it.
            already = remembered is not None or not error.maybe_done
            return self._done(relay, already=already, details=details, attempts=error.attempts)
        entry = failed_entry(_names(relay), error)
        if refused and error.maybe_done:
            entry["message"] += " The answer to an earlier attempt was lost: that one may have removed it."
        if refused and remembered is not None:
            entry["message"] += _memory_told(remembered, error.code)
        return entry

    def _done(self, relay: Relay, *, already: bool, details: dict[str, Any], attempts: int) -> dict[str, Any]:
        # A removal that is remembered keeps its time: ledger_ttl counts from it.
        if not already:
            self._ledger.write({relay.memory_key(): Memory(State.STOPPED, self._ledger.now())})
        return _removed_entry(relay, already=already, details=details, attempts=attempts)
