# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One relay: a stream, and the address it goes to. The address holds the publishing key, so no output may show it."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_secret

# An address holds this, also where its slashes are escaped or encoded.
_ADDRESS = re.compile(r"(?::|%3a)\s*(?:\\*/|%2f)", re.IGNORECASE)
KEYS = ("stream_id", "cdn_url")
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_PARAMETERS = re.compile(r"[?#].*", re.DOTALL)
# Placeholder for a malformed entry: an address may be anywhere in it.
MALFORMED = "not a mapping with stream_id and cdn_url"


class Relay(NamedTuple):
    """A stream and the RTMP address to which it is relayed."""

    stream_id: str
    cdn_url: str

    def cdn(self) -> str:
        """Return scheme and host, the only parts that may be shown: CDNs put keys anywhere else."""
        host = urlsplit(self.cdn_url).hostname or ""
        return f"rtmp://[{host}]" if ":" in host else f"rtmp://{host}"

    def memory_key(self) -> str:
        """Return the name under which the ledger remembers the relay. It does not reveal the address.

        The API compares addresses without their parameters (reference page "DeleteCDNTransferRule": "parameters may
        differ"), so a renewed signature in the query is the same relay.
        """
        address = _PARAMETERS.sub("", self.cdn_url)
        return f"{self.stream_id} {hashlib.sha256(address.encode('utf-8')).hexdigest()}"

    def address(self) -> str:
        """Return what follows the scheme: no reply may repeat eight letters and digits of it, but for ``names``."""
        return self.cdn_url.partition("://")[2]

    def names(self) -> tuple[str, str]:
        """Return what of the address may be shown: the stream's name, which is often in it, and its host."""
        return self.stream_id, urlsplit(self.cdn_url).hostname or ""


def check_relays(relays: list[Any], option: str = "relays") -> tuple[list[Relay], dict[Relay, str]]:
    """Return the relays without duplicates, in the order given, and why no request can carry some of their names.

    Two addresses that differ in their parameters only are one relay: the first is taken.

    :raises ValueError: an entry is no relay. The sentence never holds an address.
    """
    if not relays:
        raise ValueError(f"{option} is empty: give at least one relay.")
    found: dict[str, Relay] = {}
    refused: dict[Relay, str] = {}
    for position, given in enumerate(relays, 1):
        relay = _relay(given, option, position)
        found.setdefault(relay.memory_key(), relay)
        problem = _validation.name_problem(f"{option}: stream_id of entry {position}", relay.stream_id)
        if problem:
            refused.setdefault(relay, problem)
    return list(found.values()), refused


def _relay(given: Any, option: str, position: int) -> Relay:
    """Return one relay. No message repeats what was given, since the address may be anywhere in it."""
    if not _is_pair(given):
        raise ValueError(f"{option}: entry {position}: expected a mapping with stream_id and cdn_url, both text.")
    stream_id = str(given["stream_id"])
    # The address first: if the two were swapped, the message about the name would hold the address.
    _check_url(f"{option}: cdn_url of entry {position}", given["cdn_url"])
    if _ADDRESS.search(stream_id):
        raise ValueError(f"{option}: stream_id of entry {position} is an address, not the name of a stream.")
    return Relay(stream_id, given["cdn_url"])


def _is_pair(given: Any) -> bool:
    if not isinstance(given, dict) or set(given) != set(KEYS) or not isinstance(given["cdn_url"], str):
        return False
    return isinstance(given["stream_id"], (str, int)) and not isinstance(given["stream_id"], bool)


def hide_addresses(params: dict[str, Any], no_log_values: set[str]) -> None:
    """Add the addresses in ``params["relays"]`` to what Ansible blacks out, and take malformed entries out of it.

    May be called more than once, and with parameters that Ansible has not accepted.

    The option is not ``no_log``: Ansible would black out every text in it, names of streams included, and from
    ansible-core 2.22 on in the output of all later tasks as well.
    """
    given = params.get("relays")
    if given is None:
        return
    # If Ansible rejects another option first, this one has not been made a list yet.
    relays = given if isinstance(given, list) else [given]
    names = {str(relay["stream_id"]) for relay in relays if _has_address(relay)}
    texts: set[str] = set()
    for relay in relays:
        texts.update(texts_in(relay))
    no_log_values.update(filter(is_secret, texts - names - {MALFORMED}))
    # Ansible does not black out the keys of a mapping.
    params["relays"] = [relay if _is_pair(relay) else MALFORMED for relay in relays]


def _has_address(relay: Any) -> bool:
    """Tell whether the address is where it belongs, so that ``stream_id`` is a name."""
    try:
        _check_url("", relay["cdn_url"] if _is_pair(relay) else "")
    except ValueError:
        return False
    return not _ADDRESS.search(str(relay["stream_id"]))


def texts_in(value: Any) -> set[str]:
    """Return every text and number in a value, however deep."""
    if isinstance(value, dict):
        return texts_in([*value, *value.values()]) - set(KEYS)
    if isinstance(value, (list, tuple)):
        return set().union(*map(texts_in, value))
    return set() if value is None or isinstance(value, bool) else {str(value)}


def _check_url(what: str, url: str) -> None:
    if not _is_rtmp(url):
        raise ValueError(
            f"{what} must be an RTMP URL with a host and a path, such as rtmp://push.example.com/live/stage-1."
        )
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError(f"{what} has white space or control characters.")


def _is_rtmp(url: str) -> bool:
    try:
        url.encode("utf-8")
        parts = urlsplit(url)
        has_port = (parts.port or 1) > 0
    except ValueError:
        return False
    # The host is shown: it must not be something else.
    has_host = _HOST.fullmatch(parts.hostname or "") is not None
    return parts.scheme == "rtmp" and has_host and has_port and bool(parts.path.strip("/"))
