# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Posts the API's callbacks: signed, sent again until somebody takes them, given up in the end."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import ssl
import threading
import time
from itertools import count
from urllib.parse import quote, urlencode, urlsplit

from files import address

# Seconds before each further attempt, as the reference says; cloud recording has two, five seconds apart.
PAUSES = (2, 4, 8, 16, 32)
CLOUD_PAUSES = (5, 5)
# What a stream's end is put down to: the publisher stopped, or the room is gone.
CLOSED_NORMALLY = "0"
CLOSED_WITH_ROOM = "5"
ATTEMPT_SECONDS = 5
_TYPES = {
    "json": "application/json",
    "urlencoded": "application/json",
    "form": "application/x-www-form-urlencoded",
}


def sign(secret, timestamp, nonce):
    """The signature of a callback: it covers no body."""
    return hashlib.sha1("".join(sorted([secret, timestamp, nonce])).encode("utf-8")).hexdigest()


def encode(fields, encoding):
    """The body of a POST."""
    if encoding == "form":
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
        return urlencode(texts).encode("ascii")
    text = json.dumps(fields, ensure_ascii=False)
    return (quote(text, safe="") if encoding == "urlencoded" else text).encode("utf-8")


class Callbacks:
    """What the API posts of one world. Its methods want the world's lock, its threads take it.

    `settle`: a function that lets files appear whose time has come."""

    def __init__(self, settings, clock, settle):
        self._settings = settings
        self._clock = clock
        self._settle = settle
        self._over = threading.Event()
        self._log = []
        self._serials = count(1)
        self._sessions = {}
        self._session_ids = count(858012925204410400)
        self._changes = count(1)

    def stop(self):
        """Post nothing any more."""
        self._over.set()

    def report(self):
        """All callbacks as a list for the control path, oldest first."""
        return [{**entry, "attempts": list(entry["attempts"])} for entry in self._log]

    def file_pending(self, delay):
        """A file will be there in so many seconds."""
        # Nobody may search for it: without this it would never be seen to appear.
        if self._settings["callback_url"]:
            self._start(self._settle_later, delay)

    def file_ready(self, vendor, file):
        """A file can be found from now on."""
        if not file.announced:
            return
        fields = {
            "stream_alias": file.stream,
            "replay_url": address(vendor, file, self._settings["media_url"]),
            "begin_time": str(int(file.begin)),
            "end_time": str(int(file.begin + file.duration)),
            "extra_params": json.dumps(_extra(vendor, file)),
        }
        self._announce("record", fields)

    def room_changed(self, room, before, after):
        """A room's streams are others now: IDs before and after. None at all destroys the room."""
        for stream in after:
            if stream not in before:
                created = self._clock.now()
                times = {"create_time": str(int(created)), "create_time_ms": str(int(created * 1000))}
                self._announce("stream_create", {**self._stream(room, stream), **times})
        for stream in before:
            if stream not in after:
                self._announce("stream_close", {**self._stream(room, stream), "type": CLOSED_NORMALLY})
        if before and not after:
            self._room_close(room)

    def room_closed(self, room, streams, wanted):
        """A request has closed a room. `wanted`: whether it asked for the room's own callback."""
        for stream in streams:
            self._announce("stream_close", {**self._stream(room, stream), "type": CLOSED_WITH_ROOM})
        if wanted:
            self._room_close(room)

    def post(self, fields):
        """Post a callback with these fields, whatever they are; those that every callback has are added."""
        cloud = "event" not in fields
        self._deliver({("app_id" if cloud else "appid"): self._app_id(cloud), **fields}, cloud)

    def _app_id(self, cloud):
        app_id = self._settings["app_id"]
        return app_id if cloud or self._settings["callback_numbers"] else str(app_id)

    def _room_close(self, room):
        closed = {"close_reason": 0, "room_close_time": str(int(self._clock.now() * 1000))}
        self._announce("room_close", {"room_id": room, "room_session_id": self._session(room), **closed})
        self._sessions.pop(room, None)

    def _stream(self, room, stream):
        return {
            "room_id": room,
            "channel_id": room,
            "room_session_id": str(self._session(room)),
            "stream_alias": stream,
            "stream_id": stream,
            "stream_seq": str(next(self._changes)),
            "user_id": f"user-{stream}",
            "user_name": f"user-{stream}",
        }

    def _session(self, room):
        if room not in self._sessions:
            self._sessions[room] = next(self._session_ids)
        return self._sessions[room]

    def _announce(self, event, fields):
        if event in self._settings["callback_events"]:
            self._deliver({**fields, "appid": self._app_id(False), "event": event}, False)

    def _deliver(self, fields, cloud):
        url = self._settings["callback_url"]
        if not url:
            return
        entry = {"number": next(self._serials), "fields": fields, "state": "pending", "attempts": []}
        self._log.append(entry)
        self._start(self._send, entry, url, CLOUD_PAUSES if cloud else PAUSES)

    def _start(self, function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _settle_later(self, delay):
        if not self._over.wait(delay):
            self._settle()

    def _send(self, entry, url, pauses):
        signed = self._signed()
        for pause in (0, *pauses):
            if self._over.wait(pause * self._settings["callback_time_scale"]):
                return
            signed = self._signed() if self._settings["callback_resign"] else signed
            attempt = {"time": time.time(), "status": None}
            entry["attempts"].append(attempt)
            body = encode({**entry["fields"], **signed}, self._settings["callback_encoding"])
            attempt["status"] = self._attempt(url, body)
            if attempt["status"] is not None and 200 <= attempt["status"] < 300:
                entry["state"] = "delivered"
                return
        entry["state"] = "lost"

    def _signed(self):
        timestamp, nonce = str(int(self._clock.now())), str(secrets.randbelow(900000) + 100000)
        signature = sign(self._settings["callback_secret"], timestamp, nonce)
        if self._settings["callback_numbers"]:
            return {"timestamp": int(timestamp), "nonce": int(nonce), "signature": signature}
        return {"timestamp": timestamp, "nonce": nonce, "signature": signature}

    def _attempt(self, url, body):
        """POST a body; returns the status of the answer, None where none came."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self._settings["callback_ca"])
            connection = http.client.HTTPSConnection(parts.netloc, timeout=ATTEMPT_SECONDS, context=context)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=ATTEMPT_SECONDS)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target, body, {"Content-Type": _TYPES[self._settings["callback_encoding"]]})
            reply = connection.getresponse()
            reply.read()
            return reply.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def _extra(vendor, file):
    duration = float(file.duration)
    if vendor == "Tencent":
        return {"TaskId": file.task, "FileID": file.file_id, "Duration": duration}
    if vendor == "Ws":
        return {"PersistentId": f"{file.serial:024x}", "Duration": duration}
    return {"Duration": duration, "ObsObject": file.label, "FileSize": file.size}
