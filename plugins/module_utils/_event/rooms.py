# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rooms: which streams are in them, and an end to them (reference pages "DescribeSimpleStreamList" and "Ending an event")."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _result as _items
from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Gone, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, each
from ansible_collections.zego.cloud.plugins.module_utils._result import Subject, named

LIST = "DescribeSimpleStreamList"
CLOSE = "CloseRoom"
CLOSED = "closed"
ALREADY_CLOSED = "already_closed"
# Reference page "Ending an event".
REASON_BYTES = 256

SUBJECT = Subject(
    "Rooms",
    "rooms",
    lambda item: item["room_id"],
    "Rooms",
    {CLOSED: ("open", "closed"), ALREADY_CLOSED: ("closed", "closed")},
)


class Listing(NamedTuple):
    """What became of one room: its entry, and the entries of its streams."""

    room: dict[str, Any]
    streams: list[dict[str, Any]]


def _stream(room_id: str, item: Any) -> dict[str, Any] | None:
    """Return the entry of one stream, None where it has no usable StreamId."""
    item = item if isinstance(item, dict) else {}
    names = {"stream_id": "StreamId", "user_id": "UserId", "user_name": "UserName"}
    texts = {key: item.get(name) for key, name in names.items()}
    found: dict[str, Any] = {
        key: str(value) for key, value in texts.items() if isinstance(value, (str, int)) and not isinstance(value, bool)
    }
    if not found.get("stream_id"):
        return None
    stream = {
        "stream_id": found.pop("stream_id"),
        "room_id": room_id,
        **found,
        "created": _times.from_millis(item.get("CreateTime")),
    }
    return {key: value for key, value in stream.items() if value}


def parse(room_id: str, data: Any) -> tuple[list[dict[str, Any]], str | None]:
    """Return the streams in a reply's Data, whatever it is, and what is wrong with it: a room must not look emptier than it is."""
    items = data.get("StreamList") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return [], "the reply has no list of streams"
    found = [_stream(room_id, item) for item in items]
    streams = [stream for stream in found if stream]
    unreadable = len(found) - len(streams)
    return streams, f"{unreadable} of {len(found)} streams in the reply have no usable StreamId" if unreadable else None


def list_room(room_id: str, common: list[tuple[str, Any]]) -> Job[Listing]:
    """Return what the API tells of one room. ``common``: parameters that every action takes."""
    head = {"room_id": room_id}
    try:
        reply = yield Call(LIST, [*common, ("RoomId", room_id)])
    except Gone as error:
        return Listing(
            {
                **head,
                "exists": False,
                "streams": 0,
                "failed": False,
                **_items.facts_of(error),
                "attempts": error.attempts,
            },
            [],
        )
    except ZegoError as error:
        return Listing({**head, "failed": True, **_items.facts_of(error), "attempts": error.attempts}, [])
    streams, problem = parse(room_id, reply.data)
    facts = {"request_id": reply.request_id} if reply.request_id else {}
    if problem:
        message = f"{problem}. Run it again; if it stays, give ZEGO's support the request id."
        return Listing({**head, "failed": True, "message": message, **facts, "attempts": reply.attempts}, streams)
    return Listing(
        {**head, "exists": True, "streams": len(streams), "failed": False, **facts, "attempts": reply.attempts}, streams
    )


def list_rooms(client: ZegoClient, room_ids: list[str], common: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the result of a task that lists the streams in these rooms."""
    found = each(client, [list_room(room_id, common) for room_id in room_ids])
    rooms = [listing.room for listing in found]
    streams = [stream for listing in found for stream in listing.streams]
    failed = [room for room in rooms if room["failed"]]
    missing = [room for room in rooms if not room["failed"] and not room["exists"]]
    existing = len(rooms) - len(missing) - len(failed)
    text = f"{len(streams)} streams in {existing} of {len(rooms)} rooms ({len(missing)} do not exist, {len(failed)} failed)."
    lines = [f"{room['room_id']}: {room['message']}" for room in failed]
    return {
        "changed": False,
        "failed": bool(failed),
        "msg": f"{text} {named(lines)}".strip(),
        "streams": streams,
        "rooms": rooms,
        "summary": {
            "total": len(rooms),
            "existing": existing,
            "missing": len(missing),
            "failed": len(failed),
            "streams": len(streams),
        },
        "api_requests": client.requests_sent,
    }


def close_room(room_id: str, reason: str | None, common: list[tuple[str, Any]]) -> Job[dict[str, Any]]:
    """Close one room, and return its entry."""
    head = {"room_id": room_id}
    given = [("CustomReason", reason)] if reason else []
    try:
        reply = yield Call(CLOSE, [*common, ("RoomId", room_id), *given])
    except Gone as error:
        facts = _items.facts_of(error)
        if not error.answer_lost:
            return _items.entry(head, ALREADY_CLOSED, False, facts, error.attempts)
        facts["message"] = (
            f"{error.reason}, after an attempt whose answer was lost: that attempt most likely closed it."
        )
        return _items.entry(head, CLOSED, True, facts, error.attempts)
    except ZegoError as error:
        return _items.failed_entry(head, error)
    return _items.entry(
        head, CLOSED, True, {"request_id": reply.request_id} if reply.request_id else {}, reply.attempts
    )


def predict_room(room_id: str, common: list[tuple[str, Any]]) -> Job[dict[str, Any]]:
    """Return the entry that closing a room is expected to have: the API is asked whether it exists."""
    room = (yield from list_room(room_id, common)).room
    facts: dict[str, Any] = {key: room[key] for key in ("code", "message", "request_id") if key in room}
    outcome = (
        ("failed" if room["attempts"] else "not_attempted")
        if room["failed"]
        else CLOSED
        if room["exists"]
        else ALREADY_CLOSED
    )
    return _items.entry({"room_id": room_id}, outcome, outcome == CLOSED, facts, room["attempts"])
