# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One action request as it came in, and the reply that goes out."""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import unquote_plus

# The names repeat in every request; decoding them each time costs more than all the checks.
_name = lru_cache(maxsize=64)(unquote_plus)
_encode = json.JSONEncoder(separators=(",", ":")).encode


def parse_target(target):
    """Take a request target, hand back the pair (first value of each parameter, list of StreamId[])."""
    values = {}
    streams = []
    for part in target.partition("?")[2].split("&"):
        name, _mark, value = part.partition("=")
        name = _name(name)
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        if name == "StreamId[]":
            streams.append(value)
        elif name:
            # A parameter given twice is not documented: the first one counts.
            values.setdefault(name, value)
    return values, streams


class Request:
    """An action request: its target, Host header, parameters, and (once the journal has numbered it) number and times."""

    __slots__ = ("action", "at", "host", "number", "streams", "target", "values", "vendor", "wall")

    def __init__(self, target, host):
        self.target = target
        self.host = host
        self.values, self.streams = parse_target(target)
        self.action = self.values.get("Action", "")
        self.vendor = self.values.get("Vendor", "")
        self.number = 0
        self.wall = 0.0
        self.at = 0.0

    def get(self, key):
        """A parameter's value, '' where it is not there."""
        return self.values.get(key, "")


class Reply:
    """What the server is to send: status, headers, body; `sever` (reset, drop, truncate) ends the connection in that way; `delay` in seconds."""

    __slots__ = ("body", "code", "content_type", "delay", "headers", "sever", "status")

    def __init__(self, status=200, body=b"", content_type="application/json; charset=utf-8", headers=(), sever=None, code=None):
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
