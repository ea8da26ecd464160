# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions around an event's rooms and relays, and those that are only acknowledged."""

from __future__ import annotations

import re

import catalogue as codes
import checks
import rooms
from registry import Refused, action

REASON_BYTES = 256
ROOM_BYTES = 128
_SEQUENCE = re.compile(r"[0-9]{1,19}")
_RTMP = re.compile(r"rtmp://[^/\s]+(/\S*)?", re.IGNORECASE)


@action("DescribeSimpleStreamList")
def describe_simple_stream_list(world, request, record):
    """The streams of one room."""
    room = _room(request)
    streams = world.rooms.streams(room)
    if streams is None:
        raise _gone(world, record, room)
    record.work = True
    if not world.faults.rules:
        return {"StreamList": [rooms.row(stream) for stream in streams]}
    rows = []
    for stream in streams:
        rows.extend(world.faults.change_listed(request, stream.stream_id, record, rooms.row(stream)))
    rows.extend(rooms.row(rooms.unrequested(name)) for name in world.faults.unrequested_streams(request, record))
    return {"StreamList": rows}


@action("CloseRoom")
def close_room(world, request, record):
    """End a room with all its streams."""
    room = _room(request)
    reason = request.get("CustomReason")
    if checks.size(reason) > REASON_BYTES:
        raise Refused(codes.INPUT_TOO_LONG, "CustomReason is too long")
    callback = request.get("RoomCloseCallback").lower()
    if callback not in ("", "true", "false"):
        raise Refused(codes.INVALID_PARAMETER, "RoomCloseCallback")
    streams = world.rooms.stream_ids(room)
    if not world.rooms.close(room, reason, request, callback == "true"):
        raise _gone(world, record, room)
    world.callbacks.room_closed(room, streams, callback == "true")
    record.work = True
    record.results = ("closed",)


@action("DeleteCDNTransferRule")
def delete_cdn_transfer_rule(world, request, record):
    """End one relay of a stream."""
    _common(request)
    stream = request.get("StreamId")
    refusal = checks.stream_id(stream, "StreamId")
    if refusal:
        raise Refused(codes.BAD_STREAM, refusal[1])
    if request.is_test and not stream.startswith(f"zegotest-{world.settings['app_id']}-"):
        raise Refused(codes.BAD_STREAM, "a stream's name begins with zegotest-AppId- here")
    url = request.get("CDNUrl")
    if not _RTMP.fullmatch(url):
        raise Refused(codes.BAD_CDN_ADDRESS, "CDNUrl")
    sequence = request.get("Sequence")
    if not _SEQUENCE.fullmatch(sequence) or not world.relays.advance(stream, int(sequence)):
        raise Refused(codes.INVALID_PARAMETER, "Sequence")
    record.work = True
    if world.relays.delete(stream, url, request.number):
        record.results = ("relay_deleted",)
        return
    record.results = ("relay_absent",)
    if world.settings["absent_relay_code"] != codes.SUCCESS:
        raise Refused(world.settings["absent_relay_code"], "no such relay")


@action(*codes.ACKNOWLEDGED)
def acknowledge(world, request, record):
    """Take whatever comes and say success: what these do is not simulated."""
    _common(request)
    record.work = True
    record.results = ("acknowledged",)
    return world.settings["answers"].get(request.action)


def _common(request):
    refusal = checks.common(request)
    if refusal:
        raise Refused(*refusal)


def _room(request):
    _common(request)
    if not request.room:
        raise Refused(codes.INVALID_PARAMETER, "RoomId is required")
    if checks.size(request.room) > ROOM_BYTES:
        raise Refused(codes.INPUT_TOO_LONG, "RoomId is too long")
    return request.room


def _gone(world, record, room):
    record.work = True
    record.results = ("room_gone",)
    return Refused(world.rooms.gone_code(), room)
