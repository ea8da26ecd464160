# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns an event, as the crew writes it down, into what each step of the teardown has to do.

An unclear event is refused before anything is sent: ``plan`` raises ``ValueError`` with sentences that name the
variable and the entry of everything that is unclear. A name that no request can carry is no reason for that: its stream
or room fails by itself. Pure.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import partial
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils._event.relay import check_relays
from ansible_collections.zego.cloud.plugins.module_utils._names import (
    Names,
    read_list,
    read_name,
    read_names,
    read_sendable_name,
)
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_names import meant_vendor
from ansible_collections.zego.cloud.plugins.module_utils._validation import name_problem
from ansible_collections.zego.cloud.plugins.module_utils._values import encodable
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given, is_true, plain
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems

# One task stops the streams that have these in common.
GROUP_KEYS = ("vendor", "domain", "point")

_STREAMS = "zego_teardown_streams"
_VENDOR = "zego_teardown_vendor"
_DISCOVER_ROOMS = "zego_teardown_discover_rooms"
_RELAYS = "zego_teardown_relays"
_CLOSE_ROOMS = "zego_teardown_close_rooms"
_NOT_RECORDING_CODES = "zego_teardown_not_recording_codes"
_EMPTY_LIST = (
    "{where}: the list is empty, so that nothing would be stopped at {vendor}. Did a lookup find nothing? Leave "
    "{vendor} out if it has no streams, or set zego_teardown_allow_empty to true."
)
_TWO_VENDORS = "Stream {stream!r} is named under {vendors}. Each of them is asked to stop it; only one can record it."


_NAMED_NOT_SENT = "{problem} It was not sent: correct the name, and run again."
_FOUND_NOT_SENT = "{problem} It was not sent: stop it at {vendor}'s console."


class _Reading:
    """What is found while an event is read: its problems, and what to warn of."""

    def __init__(self) -> None:
        self.problems = Problems()
        self.warnings: list[str] = []

    def entries(self, option: str, value: Any, reader: Callable[[Any, str], Any]) -> list[Any]:
        """Return what ``reader`` makes of each entry of a list option that it does not refuse."""
        listed = self.problems.read(_list, value, option, instead=[])
        read = []
        for number, entry in enumerate(listed, 1):
            made = self.problems.read(reader, entry, f"{option}, entry {number}")
            if made is not None:
                read.append(made)
        # The text of a list that a filter cut at its commas. Streams found in rooms may hide its ends from the module.
        if len(read) == len(listed) and all(isinstance(entry, str) for entry in listed):
            self.problems.read(read_names, option, listed)
        self._warn_of_numbers(option, listed)
        return read

    def _warn_of_numbers(self, option: str, listed: list[Any]) -> None:
        numbers = []
        for position, entry in enumerate(listed, 1):
            name = entry.get("stream_id", entry.get("room_id")) if isinstance(entry, dict) else entry
            if isinstance(name, int) and not isinstance(name, bool):
                numbers.append((position, str(name)))
        if numbers:
            self.warnings.append(Names([], numbers).warning(option))


def check_vendor(value: Any, where: str) -> str:
    """Return the vendor. Raises ``ValueError`` for anything else, with the vendor that was probably meant."""
    if isinstance(value, str) and value in VENDORS:
        return str(value)
    meant = meant_vendor(value) if isinstance(value, str) else ""
    hint = f" Did you mean {meant}?" if meant else ""
    raise ValueError(f"{where}: the vendor has to be one of {', '.join(VENDORS)}; got {value!r}.{hint}")


def _list(value: Any, where: str) -> list[Any]:
    return read_list(where, value) if is_given(value) else []


def _name(where: str, value: Any) -> str:
    """Return a name, which need not be one that a request can carry. Raises ``ValueError`` where there is none."""
    name = read_name(where, value)
    if not name:
        raise ValueError(f"{where} is empty.")
    # Neither Ansible's own messages nor a report can hold half a surrogate pair.
    if name != encodable(name):
        raise ValueError(f"{where} is not valid UTF-8.")
    return name


def _entry(value: Any, where: str, id_key: str, *, optional: tuple[str, ...]) -> dict[str, Any]:
    """Return an entry as a mapping; its ID alone may stand for it. Keys other than these are refused."""
    entry = value if isinstance(value, dict) else {id_key: value}
    known = (id_key, *optional)
    # A misspelt 'vendor' would silently send the stream to the default vendor.
    unknown = sorted(str(key) for key in set(entry) - set(known))
    if unknown:
        hint = f" If a module returned it, add the filter map(attribute='{id_key}')." if id_key in entry else ""
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(known)}.{hint}")
    return entry


def _vendor_of(entry: dict[str, Any], where: str, what: str, *, default: str) -> str:
    """Return the vendor that an entry names, else the default."""
    vendor = entry.get("vendor")
    if is_given(vendor):
        return check_vendor(vendor, where)
    if not default:
        raise ValueError(f"{where}: {what} has no vendor, and {_VENDOR} is not set.")
    return default


def _stream(value: Any, where: str, vendor: str) -> dict[str, Any]:
    """Return {stream_id, vendor, domain, point, where} of one entry; ``vendor`` is for an entry that names none."""
    entry = _entry(value, where, "stream_id", optional=GROUP_KEYS)
    name = _name(f"{where}, stream_id", entry.get("stream_id"))
    vendor = _vendor_of(entry, where, f"stream {name!r}", default=vendor)
    place = {
        key: read_sendable_name(f"{where}, {key}", entry[key])
        for key in ("domain", "point")
        if is_given(entry.get(key))
    }
    if place and vendor != "Aliyun":
        raise ValueError(f"{where}: domain and point are for Aliyun only; stream {name!r} is at {vendor}.")
    return {"stream_id": name, "vendor": vendor, **place, "where": where}


def _event_streams(event: dict[str, Any], vendor: str, reading: _Reading) -> list[dict[str, Any]]:
    """Return the streams that the event names: in a list, or in a mapping from vendor to list."""
    value = mapping_in_text(event.get("streams"))
    if isinstance(value, dict):
        return _streams_by_vendor(value, is_true(event.get("allow_empty")), reading)
    return reading.entries(_STREAMS, value, lambda entry, where: _stream(entry, where, vendor))


def _stream_under(vendor: str, value: Any, where: str) -> dict[str, Any]:
    """Return one entry of the list of a vendor, see _stream."""
    stream = _stream(value, where, vendor)
    if stream["vendor"] != vendor:
        raise ValueError(
            f"{where}: stream {stream['stream_id']!r} is listed under {vendor}, and says {stream['vendor']}."
        )
    return stream


def _streams_by_vendor(value: dict[Any, Any], allow_empty: bool, reading: _Reading) -> list[dict[str, Any]]:
    streams: list[dict[str, Any]] = []
    for key, entries in value.items():
        vendor = reading.problems.read(check_vendor, key, _STREAMS)
        if vendor is None:
            continue
        where = f"{_STREAMS}, {vendor}"
        streams += reading.entries(where, entries, partial(_stream_under, vendor))
        # Dropped without a word, its recordings would go on.
        if not allow_empty and not reading.problems.read(_list, entries, where, instead=[entries]):
            reading.problems.found.append(_EMPTY_LIST.format(where=where, vendor=vendor))
    return streams


def mapping_in_text(value: Any) -> Any:
    """Return the mapping in a JSON text; anything else as it is."""
    # '-e zego_teardown_streams={...}' gives text, of which ansible-core before 2.19 made a mapping.
    if isinstance(value, str) and value.strip().startswith("{"):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, dict) else value
    return value


def _searched_rooms(value: Any, vendor: str, reading: _Reading) -> list[dict[str, str]]:
    """Return [{room_id, vendor}] of the rooms whose streams are to be found."""
    rooms: dict[str, dict[str, str]] = {}

    def room_of(item: Any, where: str) -> dict[str, str]:
        entry = _entry(item, where, "room_id", optional=("vendor",))
        name = _name(f"{where}, room_id", entry.get("room_id"))
        room = {"room_id": name, "vendor": _vendor_of(entry, where, f"room {name!r}", default=vendor)}
        if rooms.setdefault(name, room) != room:
            raise ValueError(f"{where}: room {name!r} is listed before with the vendor {rooms[name]['vendor']}.")
        return room

    reading.entries(_DISCOVER_ROOMS, value, room_of)
    return list(rooms.values())


def _relays(value: Any) -> list[dict[str, str]]:
    """Return the distinct pairs {stream_id, cdn_url}. No message repeats an address: it is a key."""
    if not is_given(value):
        return []
    if not isinstance(value, (list, tuple, str)):
        raise ValueError(f"{_RELAYS}: expected a list of mappings with stream_id and cdn_url.")
    listed = read_list(_RELAYS, value)
    # The module says of each name that no request can carry that it was not sent.
    relays, _refused = check_relays(listed, _RELAYS) if listed else ([], {})
    return [relay._asdict() for relay in relays]


def _closed_rooms(value: Any, reading: _Reading) -> list[str]:
    """Return the distinct names of the rooms to close."""
    names = reading.entries(_CLOSE_ROOMS, value, lambda entry, where: _name(where, entry))
    return list(dict.fromkeys(names))


def _groups(streams: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one group for each vendor, domain and point, each with the list ``streams`` of distinct IDs."""
    # A request has one vendor, and at Aliyun one domain and point, so each group is one task.
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for stream in streams:
        place = {key: stream[key] for key in GROUP_KEYS if stream.get(key)}
        group = groups.setdefault(tuple(place.items()), {**place, "streams": []})
        if stream["stream_id"] not in group["streams"]:
            group["streams"].append(stream["stream_id"])
    return list(groups.values())


def _sendable(streams: list[dict[str, Any]], found: set[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the streams that the event names, and apart those that no request can carry, with a message each.

    ``found``: the names that the API gave for streams in rooms. White space at the ends of such a name is no slip.
    """
    sent: list[dict[str, Any]] = []
    refused: dict[tuple[Any, ...], dict[str, Any]] = {}
    for stream in streams:
        name, where = stream["stream_id"], stream.pop("where")
        problem = name_problem(f"{where}, stream_id", name, exact=name in found)
        if not problem:
            sent.append(stream)
        else:
            refused.setdefault(tuple(stream.items()), {**stream, "message": _NAMED_NOT_SENT.format(problem=problem)})
    return sent, list(refused.values())


def _discovered(rooms: list[dict[str, str]], found: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the streams found in rooms, with the vendor of their room, and apart those that no request can carry.

    The API may let a stream have a name that no request should carry, with control characters for example. What else
    may be in a name, such as white space at its ends, is for the API to judge.
    """
    vendors = {room["room_id"]: room["vendor"] for room in rooms}
    streams, refused = [], []
    for entry in found or []:
        room, name = str(entry.get("room_id")), str(entry.get("stream_id"))
        stream = {"stream_id": name, "vendor": vendors.get(room, ""), "room_id": room}
        problem = name_problem("the name that the API gave for the stream", name, exact=True)
        if problem:
            message = _FOUND_NOT_SENT.format(problem=problem, vendor=stream["vendor"] or "the vendor")
            refused.append({**stream, "stream_id": encodable(name), "message": message})
        else:
            streams.append(stream)
    # A stream of a room that the event does not have is left out: nobody knows its vendor.
    return [stream for stream in streams if stream["vendor"]], refused


def _under_two_vendors(streams: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each stream that several vendors are asked to stop."""
    vendors: dict[str, dict[str, None]] = defaultdict(dict)
    for stream in streams:
        vendors[stream["stream_id"]][stream["vendor"]] = None
    return [
        _TWO_VENDORS.format(stream=name, vendors=" and ".join(named))
        for name, named in vendors.items()
        if len(named) > 1
    ]


def _check_codes(value: Any) -> None:
    """Refuse codes for an unknown vendor, which would silently explain nothing."""
    codes = mapping_in_text(value)
    if not is_given(codes):
        return
    if not isinstance(codes, dict):
        raise ValueError(f"{_NOT_RECORDING_CODES}: expected a mapping from vendor to codes, got {codes!r}.")
    for vendor in codes:
        check_vendor(vendor, _NOT_RECORDING_CODES)


def _default_vendor(value: Any, problems: Problems) -> str:
    """Return the vendor of entries that name none, '' if there is none."""
    # In place of a wrong one any vendor will do: the event is refused, and each entry would only say so again.
    return problems.read(check_vendor, value, _VENDOR, instead=VENDORS[0]) if is_given(value) else ""


def plan(event: dict[str, Any], found: Any = None, problems: Problems | None = None) -> dict[str, Any]:
    """Return what each step has to do: discover, recordings, relays, rooms.

    And the streams ``discovered``, those ``refused`` because no request can carry their names, and ``warnings``.

    ``event``: the role's variables without their prefix; ``found``: [{stream_id, room_id}], the streams in the rooms.
    Where the event names a stream that was found as well, the vendor in the event counts.

    :raises ValueError: the event is unclear. If ``problems`` is given, they are added to it instead.
    """
    reading = _Reading()
    event = plain(event)
    vendor = _default_vendor(event.get("vendor"), reading.problems)
    reading.problems.read(_check_codes, event.get("not_recording_codes"))
    rooms = _searched_rooms(event.get("discover_rooms"), vendor, reading)
    named_streams = _event_streams(event, vendor, reading)
    discovered, refused_there = _discovered(rooms, found)
    streams, refused = _sendable(named_streams, {stream["stream_id"] for stream in discovered})
    refused += refused_there
    named = {stream["stream_id"] for stream in streams}
    for stream in discovered:
        stream["named"] = stream["stream_id"] in named
    streams += [stream for stream in discovered if not stream["named"]]
    steps = {
        "discover": rooms,
        "recordings": _groups(streams),
        "relays": reading.problems.read(_relays, event.get("relays"), instead=[]),
        "rooms": _closed_rooms(event.get("close_rooms"), reading),
    }
    # To Ansible, a play without work is a success: the recordings would go on, and nobody would know.
    if not any([*steps.values(), refused]) and not reading.problems.found and not (problems and problems.found):
        names = f"{_STREAMS}, {_DISCOVER_ROOMS}, {_RELAYS} and {_CLOSE_ROOMS}"
        reading.problems.found.append(
            f"There is nothing to tear down: {names} are all empty. Was the event file given (-e @event.yml)?"
        )
    if problems is None:
        reading.problems.refuse()
    else:
        problems.found += reading.problems.found
    warnings = reading.warnings + _under_two_vendors(streams)
    return {**steps, "discovered": discovered, "refused": refused, "warnings": warnings}
