# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Relays of streams to CDN addresses: an end to them (reference page "Ending an event"), and a care for what such an address hides."""

from __future__ import annotations

import hashlib
import time
from typing import Any, Callable, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api import pool as _items
from ansible_collections.zego.cloud.plugins.module_utils import _ledger
from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, each
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Halted, Refused, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._result import Subject
from ansible_collections.zego.cloud.plugins.module_utils._api.signing import SECRET_LENGTH

ACTION = "DeleteCDNTransferRule"
# The ledger keeps relays apart from the vendors' recordings by this name.
LEDGER_NAME = "CDNTransferRule"
REMOVED = "removed"
ALREADY_REMOVED = "already_removed"
KEYS = ("stream_id", "cdn_url")
# Stands for an entry that is none, and may hold an address anywhere.
MALFORMED = "not a mapping with stream_id and cdn_url"

SUBJECT = Subject(
    "Relays",
    "relays",
    lambda item: f"{item['stream_id']} to {item['cdn']}",
    "CDN relays",
    {REMOVED: ("present", "absent"), ALREADY_REMOVED: ("absent", "absent")},
)


class Relay(NamedTuple):
    """A stream and the RTMP address to which it is relayed."""

    stream_id: str
    cdn_url: str

    def cdn(self) -> str:
        """Return host and application, which are all that may be shown. The scheme is left out: Ansible blacks out what contains the whole address."""
        parts = urlsplit(self.cdn_url)
        host = parts.netloc.rpartition("@")[2]
        path = [part for part in parts.path.split("/") if part]
        return f"{host}/{path[0]}" if len(path) > 1 else host

    def memory_key(self) -> str:
        """Return what the ledger knows the relay by."""
        return f"{self.stream_id} {hashlib.sha256(self.cdn_url.encode('utf-8')).hexdigest()}"

    def secrets(self) -> list[str]:
        """Return what no reply may echo: the address and its parts that may be a key, in every spelling."""
        parts = urlsplit(self.cdn_url)
        user_info = parts.netloc.rpartition("@")[0]
        last = parts.path.rstrip("/").rpartition("/")[2]
        values = [part.partition("=")[2] for part in parts.query.split("&")] + [value for _name, value in parse_qsl(parts.query)]
        texts = {self.cdn_url, user_info, user_info.partition(":")[2], parts.query, parts.fragment, *values}
        if last != self.stream_id:
            texts.add(last)
        return sorted({spelled for text in texts for spelled in (text, quote(text, safe=""), unquote(text)) if text}, key=len, reverse=True)


def check_relays(relays: list[Any], option: str = "relays") -> list[Relay]:
    """Return the relays without duplicates, in the order given. Raises ``ValueError``, which never holds an address."""
    if not relays:
        raise ValueError(f"{option} is empty: give at least one relay.")
    return list(dict.fromkeys(_relay(relay, option, position) for position, relay in enumerate(relays, 1)))


def _relay(given: Any, option: str, position: int) -> Relay:
    """Return one relay. Its address may be anywhere in what was given, so no sentence repeats that."""
    if not _is_pair(given):
        raise ValueError(f"{option}: entry {position}: expected a mapping with stream_id and cdn_url, both text.")
    stream_id = str(given["stream_id"])
    # The address first: where the two were swapped, the sentence on the name would hold it.
    _check_url(f"{option}: cdn_url of entry {position}", given["cdn_url"])
    _validation.check_name(f"{option}: stream_id of entry {position}", stream_id)
    return Relay(stream_id, given["cdn_url"])


def _is_pair(given: Any) -> bool:
    if not isinstance(given, dict) or set(given) != set(KEYS) or not isinstance(given["cdn_url"], str):
        return False
    return isinstance(given["stream_id"], (str, int)) and not isinstance(given["stream_id"], bool)


def guard(relays: list[Any], hidden: set[str], secret: str) -> list[Any]:
    """Return the relays as the invocation may show them, and let ``hidden`` have what Ansible has to black out.

    That is every text in them but the names of streams, which Ansible took for secrets as well, and what is too short to be one.
    ``secret``: stays black whatever it is in the relays.
    """
    names = {str(relay["stream_id"]) for relay in relays if _has_address(relay)}
    texts = {text for relay in relays for text in _texts(relay)}
    secrets = {text for text in texts - names if len(text) >= SECRET_LENGTH}
    hidden.difference_update(texts - secrets - {secret})
    hidden.update(secrets)
    # Ansible blacks out no key of a mapping.
    return [relay if _is_pair(relay) else MALFORMED for relay in relays]


def _has_address(relay: Any) -> bool:
    """Whether the address is where it belongs, so that the name of the stream is one."""
    try:
        _check_url("", relay["cdn_url"] if _is_pair(relay) else "")
    except ValueError:
        return False
    return True


def _texts(value: Any) -> set[str]:
    """Return every text and number in a value, however deep."""
    if isinstance(value, dict):
        return {text for item in (*value, *value.values()) for text in _texts(item)} - set(KEYS)
    if isinstance(value, (list, tuple)):
        return {text for item in value for text in _texts(item)}
    return set() if value is None or isinstance(value, bool) else {str(value)}


def _check_url(what: str, url: str) -> None:
    problem = None
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "rtmp" and bool(parts.hostname) and (parts.port or 1) > 0 and bool(parts.path.strip("/"))
        url.encode("utf-8")
    except ValueError:
        usable = False
    if not usable:
        problem = "must be an RTMP URL with a host and a path, such as rtmp://push.example.com/live/stage-1."
    elif any(char.isspace() or not char.isprintable() for char in url):
        problem = "has white space or control characters."
    if problem:
        raise ValueError(f"{what} {problem}")


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

    def __init__(self, client: ZegoClient, ledger: _ledger.Ledger, relays: list[Relay], absent_codes: list[int], common: list[tuple[str, Any]]) -> None:
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
        return [*self._common, ("StreamId", relay.stream_id), ("CDNUrl", relay.cdn_url), ("Sequence", self._sequence.next())]

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
