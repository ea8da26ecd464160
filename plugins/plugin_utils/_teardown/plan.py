# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns an event, as the crew writes it down, into what each step of the teardown has to do.

An unclear event is refused before anything is sent: every function raises ``ValueError`` with a sentence that names the
variable and the entry. Pure.
"""

from __future__ import annotations

import difflib
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._event.relay import check_relays
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._validation import check_name

# One task stops the streams that have these in common.
GROUP_KEYS = ("vendor", "domain", "point")

_STREAMS = "zego_teardown_streams"
_DISCOVER_ROOMS = "zego_teardown_discover_rooms"
_RELAYS = "zego_teardown_relays"
_CLOSE_ROOMS = "zego_teardown_close_rooms"
_NOT_RECORDING_CODES = "zego_teardown_not_recording_codes"


def _name(value: Any, where: str) -> str:
    # YAML reads yes as a boolean, and 1.10 as the number 1.1: the name that was meant is lost.
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int)) or not str(value).strip():
        raise ValueError(f"{where}: expected a name, got {value!r}.")
    check_name(where, str(value))
    return str(value)


def _vendor(value: Any, where: str) -> str:
    if value not in VENDORS:
        raise ValueError(f"{where}: the vendor has to be one of {', '.join(VENDORS)}; got {value!r}.")
    return str(value)


def _list(value: Any, where: str) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{where}: expected a list, got {value!r}.")
    return list(value)


def _entry(value: Any, where: str, id_key: str, *, optional: tuple[str, ...]) -> dict[str, Any]:
    """Return an entry as a mapping; its ID alone may stand for it. Keys other than these are refused."""
    entry = value if isinstance(value, dict) else {id_key: value}
    known = (id_key, *optional)
    # A misspelt 'vendor' would silently send the stream to the default vendor.
    unknown = sorted(str(key) for key in set(entry) - set(known))
    if unknown:
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(known)}.")
    return entry


def _vendor_of(entry: dict[str, Any], where: str, what: str, *, default: Any) -> Any:
    """Return the vendor that an entry names, else the default."""
    vendor = entry.get("vendor") or default
    if not vendor:
        raise ValueError(f"{where}: {what} has no vendor, and zego_teardown_vendor is not set.")
    return vendor


def _stream(value: Any, vendor: Any, where: str) -> dict[str, Any]:
    """Return {stream_id, vendor, domain, point} of one entry; ``vendor`` is for an entry that names none."""
    entry = _entry(value, where, "stream_id", optional=GROUP_KEYS)
    name = _name(entry.get("stream_id"), f"{where}, stream_id")
    vendor = _vendor_of(entry, where, f"stream {name!r}", default=vendor)
    place = {key: _name(entry[key], f"{where}, {key}") for key in ("domain", "point") if entry.get(key)}
    if place and vendor != "Aliyun":
        raise ValueError(f"{where}: domain and point are for Aliyun only; stream {name!r} is at {vendor}.")
    return {"stream_id": name, "vendor": _vendor(vendor, where), **place}


def _event_streams(value: Any, vendor: Any) -> list[dict[str, Any]]:
    """Return the streams that the event names: in a list, or in a mapping from vendor to list."""
    if isinstance(value, dict):
        return _streams_by_vendor(value)
    entries = _list(value, _STREAMS)
    return [_stream(entry, vendor, f"{_STREAMS}, entry {number}") for number, entry in enumerate(entries, 1)]


def _streams_by_vendor(value: dict[Any, Any]) -> list[dict[str, Any]]:
    lists = {vendor: _list(entries, f"{_STREAMS}, {vendor}") for vendor, entries in value.items()}
    for vendor in lists:
        _vendor(vendor, _STREAMS)
    streams: list[dict[str, Any]] = []
    for vendor, entries in lists.items():
        where = f"{_STREAMS}, {vendor}"
        for entry in entries:
            # Entries are numbered across all vendors.
            stream = _stream(entry, vendor, f"{where}, entry {len(streams) + 1}")
            if stream["vendor"] != vendor:
                raise ValueError(
                    f"{where}: stream {stream['stream_id']!r} is listed under {vendor}, and says {stream['vendor']}."
                )
            streams.append(stream)
    return streams


def _searched_rooms(value: Any, vendor: Any) -> list[dict[str, str]]:
    """Return [{room_id, vendor}] of the rooms whose streams are to be found."""
    rooms: dict[str, dict[str, str]] = {}
    for number, item in enumerate(_list(value, _DISCOVER_ROOMS), 1):
        where = f"{_DISCOVER_ROOMS}, entry {number}"
        entry = _entry(item, where, "room_id", optional=("vendor",))
        name = _name(entry.get("room_id"), f"{where}, room_id")
        room = {"room_id": name, "vendor": _vendor(_vendor_of(entry, where, f"room {name!r}", default=vendor), where)}
        if rooms.setdefault(name, room) != room:
            raise ValueError(f"{where}: room {name!r} is listed before with the vendor {rooms[name]['vendor']}.")
    return list(rooms.values())


def _relays(value: Any) -> list[dict[str, str]]:
    """Return the distinct pairs {stream_id, cdn_url}. No message repeats an address: it is a key."""
    if value and not isinstance(value, (list, tuple)):
        raise ValueError(f"{_RELAYS}: expected a list of mappings with stream_id and cdn_url.")
    return [relay._asdict() for relay in check_relays(list(value), _RELAYS)] if value else []


def _closed_rooms(value: Any) -> list[str]:
    """Return the distinct names of the rooms to close."""
    rooms = _list(value, _CLOSE_ROOMS)
    names = [_name(room, f"{_CLOSE_ROOMS}, entry {number}") for number, room in enumerate(rooms, 1)]
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


def _discovered(rooms: list[dict[str, str]], found: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the streams found in rooms, with the vendor of their room, and apart those that no request can carry.

    The API lets a stream have a name, with white space for example, that it does not take in a request.
    """
    vendors = {room["room_id"]: room["vendor"] for room in rooms}
    streams, refused = [], []
    for entry in found or []:
        room, name = str(entry.get("room_id")), str(entry.get("stream_id"))
        stream = {"stream_id": name, "vendor": vendors.get(room, ""), "room_id": room}
        try:
            check_name("the name that the API gave for the stream", name)
        except ValueError as error:
            refused.append({**stream, "message": f"{error} It was not sent: stop it at the vendor's console."})
        else:
            streams.append(stream)
    # A stream of a room that the event does not have is left out: nobody knows its vendor.
    return [stream for stream in streams if stream["vendor"]], refused


def check_names(given: list[str], known: list[str]) -> None:
    """Refuse a misspelt variable, which would silently leave out a part of the event."""
    # The first name is enough: the crew corrects the file, and runs the playbook again.
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"{name} is no variable of the role zego.cloud.teardown.{hint}")


def _check_codes(value: Any) -> None:
    """Refuse codes for an unknown vendor, which would silently explain nothing."""
    if value and not isinstance(value, dict):
        raise ValueError(f"{_NOT_RECORDING_CODES}: expected a mapping from vendor to codes, got {value!r}.")
    for vendor in value or {}:
        _vendor(vendor, _NOT_RECORDING_CODES)


def plan(event: dict[str, Any], found: Any = None) -> dict[str, Any]:
    """Return what each step has to do: discover, recordings, relays, rooms; and the streams discovered and refused.

    ``event``: the role's variables without their prefix; ``found``: [{stream_id, room_id}], the streams in the rooms.
    Where the event names a stream that was found as well, the vendor in the event counts.
    """
    vendor = event.get("vendor")
    _check_codes(event.get("not_recording_codes"))
    rooms = _searched_rooms(event.get("discover_rooms"), vendor)
    streams = _event_streams(event.get("streams"), vendor)
    discovered, refused = _discovered(rooms, found)
    named = {stream["stream_id"] for stream in streams}
    for stream in discovered:
        stream["named"] = stream["stream_id"] in named
    steps = {
        "discover": rooms,
        "recordings": _groups(streams + [stream for stream in discovered if not stream["named"]]),
        "relays": _relays(event.get("relays")),
        "rooms": _closed_rooms(event.get("close_rooms")),
    }
    # To Ansible, a play without work is a success: the recordings would go on, and nobody would know.
    if not any(steps.values()):
        names = f"{_STREAMS}, {_DISCOVER_ROOMS}, {_RELAYS} and {_CLOSE_ROOMS}"
        raise ValueError(
            f"There is nothing to tear down: {names} are all empty. Was the event file given (-e @event.yml)?"
        )
    return {**steps, "discovered": discovered, "refused": refused}
