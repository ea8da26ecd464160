# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One relay: a stream and an address that is a key, which nothing may show."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import SECRET_LENGTH

KEYS = ("stream_id", "cdn_url")
# Stands for an entry that is none, and may hold an address anywhere.
MALFORMED = "not a mapping with stream_id and cdn_url"


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
        values = [part.partition("=")[2] for part in parts.query.split("&")] + [
            value for _name, value in parse_qsl(parts.query)
        ]
        texts = {self.cdn_url, user_info, user_info.partition(":")[2], parts.query, parts.fragment, *values}
        if last != self.stream_id:
            texts.add(last)
        return sorted(
            {spelled for text in texts for spelled in (text, quote(text, safe=""), unquote(text)) if text},
            key=len,
            reverse=True,
        )


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
        usable = (
            parts.scheme == "rtmp" and bool(parts.hostname) and (parts.port or 1) > 0 and bool(parts.path.strip("/"))
        )
        url.encode("utf-8")
    except ValueError:
        usable = False
    if not usable:
        problem = "must be an RTMP URL with a host and a path, such as rtmp://push.example.com/live/stage-1."
    elif any(char.isspace() or not char.isprintable() for char in url):
        problem = "has white space or control characters."
    if problem:
        raise ValueError(f"{what} {problem}")
