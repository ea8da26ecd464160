# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rooms: lists the streams in them, and closes them.

See the reference pages "DescribeSimpleStreamList" and "Ending an event".
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times, _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Gone, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._result import (
    FAILED,
    NOT_ATTEMPTED,
    Subject,
    entry_of,
    error_details,
    failed_entry,
    first_few,
    not_sent,
    refused_entry,
    reply_details,
)
from ansible_collections.zego.cloud.plugins.module_utils._values import (
    as_dict,
    as_text,
    encodable,
    printable,
    without_empty,
    without_none,
)

LIST = "DescribeSimpleStreamList"
CLOSE = "CloseRoom"
CLOSED = "closed"
ALREADY_CLOSED = "already_closed"
# Reference page "Ending an event".
REASON_BYTES = 256
# Shorter than a stream's name (reference page "Ending an event").
ROOM_BYTES = 128

SUBJECT = Subject(
    "Rooms",
    "rooms",
    lambda entry: entry["room_id"],
    "Rooms",
    {CLOSED: ("open", "closed"), ALREADY_CLOSED: ("closed", "closed")},
)


class Listing(NamedTuple):
    """What the API says about one room: its entry, and the entries of its streams."""

    room: dict[str, Any]
    streams: list[dict[str, Any]]


def check_rooms(option: str, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the distinct IDs of rooms, and why no request can carry some of them. Raises ``ValueError``."""
    return _validation.sort_names(option, names, limit=ROOM_BYTES)


def list_room(room_id: str, environment: Environment) -> Job[Listing]:
    """Return what the API says about one room."""
    try:
        reply = yield Call(LIST, [*environment.parameters, ("RoomId", room_id)])
    except Gone as error:
        # ZEGO destroys a room once it is empty, so this is an answer and no failure.
        says = {"exists": False, "streams": 0, "failed": False}
        return Listing({"room_id": room_id, **says, **error_details(error), "attempts": error.attempts}, [])
    except ZegoError as error:
        return _failed_listing(room_id, error)
    return _listing(room_id, reply)


def _failed_listing(room_id: str, error: ZegoError) -> Listing:
    return Listing({"room_id": room_id, "failed": True, **error_details(error), "attempts": error.attempts}, [])


def _listing(room_id: str, reply: Reply) -> Listing:
    streams, problem = streams_of_reply(room_id, reply.data)
    says: dict[str, Any] = {"exists": True, "streams": len(streams), "failed": False}
    if problem:
        message = f"{problem}. Run it again; if it persists, give ZEGO's support the request id."
        says = {"failed": True, "message": message}
    return Listing({"room_id": room_id, **says, **reply_details(reply.request_id), "attempts": reply.attempts}, streams)


def streams_of_reply(room_id: str, data: Any) -> tuple[list[dict[str, Any]], str | None]:
    """Return the streams in a reply's Data, whatever it is, and what is wrong with it.

    A room must not look emptier than it is: a stream without a usable name is a problem, and never left out silently.
    """
    items = data.get("StreamList") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return [], "the reply has no list of streams"
    entries = [_stream_entry(room_id, as_dict(item)) for item in items]
    streams = [entry for entry in entries if entry]
    if len(streams) == len(items):
        return streams, None
    return streams, f"{len(items) - len(streams)} of {len(items)} streams in the reply have no usable StreamId"


def _stream_entry(room_id: str, item: dict[str, Any]) -> dict[str, Any] | None:
    """Return the entry of one stream, None where it has no usable StreamId."""
    stream_id = as_text(item.get("StreamId"))
    if not stream_id:
        return None
    names = {"user_id": as_text(item.get("UserId")), "user_name": as_text(item.get("UserName"))}
    created = _times.from_millis(item.get("CreateTime"))
    return without_empty({"stream_id": stream_id, "room_id": room_id, **names, "created": created})


def list_rooms(
    client: ZegoClient, room_ids: list[str], environment: Environment, *, refused: dict[str, str]
) -> dict[str, Any]:
    """Return the result of a task that lists the streams in these rooms.

    ``refused``: why no request can carry some of the IDs.
    """
    sent = [room_id for room_id in room_ids if room_id not in refused]
    jobs = [partial(list_room, room_id, environment) for room_id in sent]
    found = iter(run_jobs(client, jobs, lambda number, error: _failed_listing(sent[number], error)))
    listings = [_refused(room_id, refused[room_id]) if room_id in refused else next(found) for room_id in room_ids]
    rooms = [listing.room for listing in listings]
    streams = [stream for listing in listings for stream in listing.streams]
    failed = [room for room in rooms if room["failed"]]
    missing = [room for room in rooms if not room["failed"] and not room["exists"]]
    existing = len(rooms) - len(missing) - len(failed)
    counts = f"{len(missing)} do not exist, {len(failed)} failed"
    failures = first_few([f"{printable(room['room_id'])}: {room['message']}" for room in failed])
    return {
        "changed": False,
        "failed": bool(failed),
        "msg": f"{len(streams)} streams in {existing} of {len(rooms)} rooms ({counts}). {failures}".strip(),
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


def _refused(room_id: str, problem: str) -> Listing:
    message = not_sent(problem)
    return Listing({"room_id": encodable(room_id), "failed": True, "message": message, "attempts": 0}, [])


def with_refused(room_ids: list[str], refused: dict[str, str], entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries of all rooms, in the order asked: ``entries`` are those of the rooms that were sent."""
    sent = iter(entries)
    return [
        refused_entry({"room_id": encodable(room_id)}, refused[room_id]) if room_id in refused else next(sent)
        for room_id in room_ids
    ]


def close_room(
    room_id: str, reason: str | None, environment: Environment, *, callback: bool = False
) -> Job[dict[str, Any]]:
    """Close one room, and return its entry.

    ``reason``: why, in at most ``REASON_BYTES`` bytes; ``callback``: whether the API is to post its room close
    callback, which it does not by default for a room that this action closes.
    """
    room = {"room_id": room_id}
    parameters = [*environment.parameters, ("RoomId", room_id)]
    if reason:
        parameters.append(("CustomReason", reason))
    if callback:
        parameters.append(("RoomCloseCallback", "true"))
    try:
        reply = yield Call(CLOSE, parameters)
    except Gone as error:
        details = error_details(error)
        # The room is gone, which is what we want. Whether this run closed it depends on whether an answer was lost.
        if not error.maybe_done:
            return entry_of(room, ALREADY_CLOSED, False, details=details, attempts=error.attempts)
        details["message"] = (
            f"{error.reason}, after an attempt whose answer was lost: that attempt most likely closed it."
        )
        return entry_of(room, CLOSED, True, details=details, attempts=error.attempts)
    except ZegoError as error:
        return failed_entry(room, error)
    return entry_of(room, CLOSED, True, details=reply_details(reply.request_id), attempts=reply.attempts)


def not_closed(room_id: str, error: ZegoError) -> dict[str, Any]:
    """Return the entry of a room of which nothing else is known than this error."""
    return failed_entry({"room_id": room_id}, error)


def expect_closing(room_id: str, environment: Environment) -> Job[dict[str, Any]]:
    """Return the entry that closing a room is expected to have: asks the API whether it exists, and closes nothing."""
    room = (yield from list_room(room_id, environment)).room
    if room["failed"]:
        # Without an attempt, the run had ended before this room's turn.
        outcome = FAILED if room["attempts"] else NOT_ATTEMPTED
    else:
        outcome = CLOSED if room["exists"] else ALREADY_CLOSED
    details = without_none({key: room.get(key) for key in ("code", "message", "request_id")})
    return entry_of({"room_id": room_id}, outcome, outcome == CLOSED, details=details, attempts=room["attempts"])
