# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One action request as it came in, and the reply that goes out."""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import unquote_plus

from catalogue import GET_ONLY

# These stay in the query, also where a request has a body.
SIGNED = frozenset({"Action", "AppId", "Signature", "SignatureNonce", "SignatureVersion", "Timestamp"})

# The names repeat in every request; decoding them each time costs more than all the checks.
_name = lru_cache(maxsize=64)(unquote_plus)
_encode = json.JSONEncoder(separators=(",", ":")).encode


def parse_target(target):
    """Return (first value of each parameter, {name without `[]`: values} of the lists) of a request target."""
    values = {}
    lists = {}
    for part in target.partition("?")[2].split("&"):
        name, _mark, value = part.partition("=")
        name = _name(name)
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        if name.endswith("[]"):
            lists.setdefault(name[:-2], []).append(value)
        elif name:
            # A parameter given twice is not documented: the first one counts.
            values.setdefault(name, value)
    return values, lists


def parse_body(body, values, lists):
    """Add a JSON body's parameters to those of the target, which win. Returns whether the body can be used."""
    if not body.strip():
        return True
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    for name, value in found.items():
        if isinstance(value, list):
            lists.setdefault(name[:-2] if name.endswith("[]") else name, [_word(item) for item in value])
        elif value is not None and name not in SIGNED:
            values.setdefault(name, _word(value))
    return True


def _word(value):
    return value if isinstance(value, str) else _encode(value)


class Parameters:
    """What a request says: values, lists, and what it is about. `subjects` are the streams it names in either way."""

    __slots__ = ("action", "bad_body", "is_test", "lists", "room", "streams", "subjects", "values", "vendor")

    def __init__(self, target, body=b""):
        self.values, self.lists = parse_target(target)
        self.bad_body = bool(body) and not parse_body(body, self.values, self.lists)
        self.action = self.values.get("Action", "")
        self.vendor = self.values.get("Vendor", "")
        self.room = self.values.get("RoomId", "")
        self.is_test = self.values.get("IsTest", "").lower() == "true"
        self.streams = self.lists.get("StreamId", [])
        self.subjects = self.streams
        # The recording actions know the list alone.
        if "StreamId" in self.values and self.action not in GET_ONLY:
            self.subjects = self.streams + [self.values["StreamId"]]

    def get(self, key):
        """A parameter's value, '' where it is not there."""
        return self.values.get(key, "")


class Request(Parameters):
    """An action request: parameters, target, Host header, and (once the journal has numbered it) number and times."""

    __slots__ = ("at", "body", "host", "method", "number", "target", "wall")

    def __init__(self, target, host, method="GET", body=b""):
        self.target = target
        self.host = host
        self.method = method
        # A body documented nowhere for GET is not read.
        self.body = body if method == "POST" else b""
        super().__init__(target, self.body)
        self.number = 0
        self.wall = 0.0
        self.at = 0.0


class Reply:
    """What the server is to send: status, headers, body; how to `sever` the connection or None; `delay` in seconds."""

    __slots__ = ("body", "code", "content_type", "delay", "headers", "sever", "status")

    def __init__(
        self, status=200, body=b"", content_type="application/json; charset=utf-8", headers=(), sever=None, code=None
    ):
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = list(headers)
        self.sever = sever
        self.delay = 0.0
        self.code = code


def json_reply(value, status=200, sever=None):
    """A reply that carries a value as JSON; remembers the value's `Code` for the journal."""
    body = _encode(value).encode("ascii")
    return Reply(status, body, sever=sever, code=value.get("Code") if isinstance(value, dict) else None)
