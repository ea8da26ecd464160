# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Who streams in which room. A room without streams is destroyed."""

from __future__ import annotations

from collections import namedtuple

RoomStream = namedtuple("RoomStream", "stream_id user_id user_name created number")
Closing = namedtuple("Closing", "wall at number reason callback")


class Room:
    """One room: its streams now, and what closed it. `gone` says why it is no longer there (closed, empty), or None."""

    __slots__ = ("closings", "gone", "streams")

    def __init__(self):
        self.streams = ()
        self.closings = []
        self.gone = None


class Rooms:
    """All rooms. Not thread-safe: the caller holds the world's lock."""

    def __init__(self, settings, clock):
        self._settings = settings
        self._clock = clock
        self._rooms = {}
        self._serial = 0
        self._turn = 0

    def preset(self, room, streams):
        """Let a room have exactly these streams: IDs, or objects in the API's own words. None at all destroys it."""
        entry = self._rooms.setdefault(room, Room())
        entry.streams = tuple([self._stream(item) for item in streams])
        entry.gone = None if streams else "empty"

    def set(self, rooms):
        """Do that for several rooms: {room: [stream, …]}."""
        for room, streams in rooms.items():
            self.preset(room, streams)

    def stream_ids(self, room):
        """The IDs of a room's streams, none where it is gone."""
        return [stream.stream_id for stream in self.streams(room) or ()]

    def streams(self, room):
        """The streams of a room, or None where it is gone."""
        entry = self._rooms.get(room)
        return entry.streams if entry is not None and entry.gone is None else None

    def close(self, room, reason, stamp, callback=False):
        """Close a room and end its streams. Returns whether it was there.

        `callback`: whether the caller asked for the room close callback."""
        if self.streams(room) is None:
            return False
        entry = self._rooms[room]
        entry.streams = ()
        entry.gone = "closed"
        entry.closings.append(Closing(stamp.wall, stamp.at, stamp.number, reason, callback))
        return True

    def gone_code(self):
        """The code for a room that is gone; where the settings list several, they take turns."""
        code = self._settings["room_gone_code"]
        if not isinstance(code, list):
            return code
        self._turn += 1
        return code[(self._turn - 1) % len(code)]

    def report(self):
        """All rooms as an object for the control path."""
        return {name: _describe(entry) for name, entry in self._rooms.items()}

    def _stream(self, item):
        item = item if isinstance(item, dict) else {"StreamId": item}
        self._serial += 1
        stream = item["StreamId"]
        user = item.get("UserId", f"user-{stream}")
        created = item.get("CreateTime")
        created = int(self._clock.now() * 1000) if created is None else created
        return RoomStream(stream, user, item.get("UserName", user), created, item.get("StreamNumberId", self._serial))


def row(stream):
    """A stream as DescribeSimpleStreamList tells it."""
    return {
        "StreamId": stream.stream_id,
        "UserId": stream.user_id,
        "UserName": stream.user_name,
        "CreateTime": stream.created,
        "StreamNumberId": stream.number,
    }


def unrequested(name):
    """An unrequested stream: it exists in a reply only, and is in no room."""
    return RoomStream(name, f"user-{name}", f"user-{name}", 0, 0)


def _describe(entry):
    streams = [row(stream) for stream in entry.streams]
    closings = []
    for one in entry.closings:
        closing = {"time": one.wall, "mono": one.at, "request": one.number, "reason": one.reason}
        closings.append({**closing, "callback": one.callback})
    return {"state": entry.gone or "open", "streams": streams, "closings": closings}
