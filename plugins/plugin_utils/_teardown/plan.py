# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the crew wrote down, made into what each step has to do. Refuses what is unclear before anything is sent. Pure."""

from __future__ import annotations

import difflib
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._event.relay import check_relays
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._validation import check_name

_PLACE = ("vendor", "domain", "point")


def _text(value: Any, where: str) -> str:
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int)) or not str(value).strip():
        raise ValueError(f"{where}: expected a name, got {value!r}.")
    check_name(where, str(value))
    return str(value)


def _vendor(value: Any, where: str) -> str:
    if value not in VENDORS:
        raise ValueError(f"{where}: the vendor has to be one of {', '.join(VENDORS)}; got {value!r}.")
    return str(value)


def _mapping(value: Any, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected a mapping with {', '.join(required)}; got {value!r}.")
    unknown = sorted(str(key) for key in set(value) - set(required) - set(optional))
    if unknown:
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(required + optional)}.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{where}: expected a list, got {value!r}.")
    return list(value)


def _stream(entry: Any, vendor: Any, where: str) -> dict[str, Any]:
    """Return {stream_id, vendor, domain, point} of one entry; ``vendor`` counts where the entry names none."""
    if not isinstance(entry, dict):
        entry = {"stream_id": entry}
    entry = _mapping(entry, where, ("stream_id",), _PLACE)
    name = _text(entry.get("stream_id"), f"{where}, stream_id")
    vendor = entry.get("vendor") or vendor
    if not vendor:
        raise ValueError(f"{where}: stream {name!r} has no vendor, and zego_teardown_vendor is not set.")
    place = {key: _text(entry[key], f"{where}, {key}") for key in ("domain", "point") if entry.get(key)}
    if place and vendor != "Aliyun":
        raise ValueError(f"{where}: domain and point are for Aliyun only; stream {name!r} is at {vendor}.")
    return {"stream_id": name, "vendor": _vendor(vendor, where), **place}


def streams_of(value: Any, vendor: Any, where: str = "zego_teardown_streams") -> list[dict[str, Any]]:
    """Return the streams of a list, or of a mapping vendor -> streams. Raises ``ValueError`` with a sentence."""
    if isinstance(value, dict):
        pairs = [
            (entry, key, f"{where}, {key}")
            for key, entries in value.items()
            for entry in _list(entries, f"{where}, {key}")
        ]
        for key in value:
            _vendor(key, where)
    else:
        pairs = [(entry, vendor, where) for entry in _list(value, where)]
    found = [_stream(entry, given, f"{place}, entry {number}") for number, (entry, given, place) in enumerate(pairs, 1)]
    for (_entry, key, place), stream in zip(pairs, found):
        if isinstance(value, dict) and stream["vendor"] != key:
            raise ValueError(
                f"{place}: stream {stream['stream_id']!r} is listed under {key}, and says {stream['vendor']}."
            )
    return found


def rooms_of(value: Any, vendor: Any) -> list[dict[str, str]]:
    """Return [{room_id, vendor}] of the rooms to look for streams in. Raises ``ValueError`` with a sentence."""
    rooms: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(_list(value, "zego_teardown_discover_rooms"), 1):
        where = f"zego_teardown_discover_rooms, entry {number}"
        if not isinstance(entry, dict):
            entry = {"room_id": entry}
        entry = _mapping(entry, where, ("room_id",), ("vendor",))
        name = _text(entry.get("room_id"), f"{where}, room_id")
        given = entry.get("vendor") or vendor
        if not given:
            raise ValueError(f"{where}: room {name!r} has no vendor, and zego_teardown_vendor is not set.")
        room = {"room_id": name, "vendor": _vendor(given, where)}
        if rooms.setdefault(name, room) != room:
            raise ValueError(f"{where}: room {name!r} is listed before with the vendor {rooms[name]['vendor']}.")
    return list(rooms.values())


def relays_of(value: Any) -> list[dict[str, str]]:
    """Return the distinct pairs {stream_id, cdn_url}. Raises ``ValueError`` with a sentence that does not hold the address: it is a key."""
    if value and not isinstance(value, (list, tuple)):
        raise ValueError("zego_teardown_relays: expected a list of mappings with stream_id and cdn_url.")
    return [relay._asdict() for relay in check_relays(list(value), "zego_teardown_relays")] if value else []


def group(streams: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one group for each vendor, domain and point: what one task can stop. Duplicates collapse."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for stream in streams:
        place = {key: stream[key] for key in _PLACE if stream.get(key)}
        found = groups.setdefault(tuple(place.items()), {**place, "streams": []})
        if stream["stream_id"] not in found["streams"]:
            found["streams"].append(stream["stream_id"])
    return list(groups.values())


def found_in(rooms: list[dict[str, str]], found: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what was found in rooms, with the vendor of the room: (streams, those whose names no request can carry, with the reason)."""
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
    return [stream for stream in streams if stream["vendor"]], refused


def check_names(given: list[str], known: list[str]) -> None:
    """Refuse a misspelt variable: it would silently leave out a part of the event. Raises ``ValueError``."""
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"{name} is no variable of the role zego.cloud.teardown.{hint}")


def check_codes(value: Any) -> None:
    """Refuse codes of a vendor that there is not: they would explain nothing, and nobody would know. Raises ``ValueError``."""
    where = "zego_teardown_not_recording_codes"
    if value and not isinstance(value, dict):
        raise ValueError(f"{where}: expected a mapping from vendor to codes, got {value!r}.")
    for key in value or {}:
        _vendor(key, where)


def plan(given: dict[str, Any], found: Any = None) -> dict[str, Any]:
    """Return what each step has to do: discover, recordings, relays, rooms; and what was discovered, and refused.

    ``given``: the role's variables without their prefix; ``found``: [{stream_id, room_id}], the streams in the rooms.
    Where the event names a stream that was found as well, the event's vendor counts.
    Raises ``ValueError`` with a sentence.
    """
    vendor = given.get("vendor")
    check_codes(given.get("not_recording_codes"))
    rooms = rooms_of(given.get("discover_rooms"), vendor)
    event = streams_of(given.get("streams"), vendor)
    discovered, refused = found_in(rooms, found)
    named = {stream["stream_id"] for stream in event}
    discovered = [{**stream, "named": stream["stream_id"] in named} for stream in discovered]
    closed = _list(given.get("close_rooms"), "zego_teardown_close_rooms")
    made = {
        "discover": rooms,
        "recordings": group(event + [stream for stream in discovered if not stream["named"]]),
        "relays": relays_of(given.get("relays")),
        "rooms": list(
            dict.fromkeys(
                _text(room, f"zego_teardown_close_rooms, entry {number}") for number, room in enumerate(closed, 1)
            )
        ),
    }
    if not any(made.values()):
        names = (
            "zego_teardown_streams, zego_teardown_discover_rooms, zego_teardown_relays and zego_teardown_close_rooms"
        )
        raise ValueError(
            f"There is nothing to tear down: {names} are all empty. Was the event file given (-e @event.yml)?"
        )
    return {**made, "discovered": discovered, "refused": refused}
