# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that can go wrong on purpose. Each kind's docstring says whether the work was done."""

from __future__ import annotations

import base64
import json
from collections import namedtuple

from catalogue import INVALID_PARAMETER, MESSAGES
from request import Reply, json_reply

# stage: early (before the gateway), late (past the quota), modifier (any reply), entry (a stream), extra (the reply).
# work: whether the request's work is done; movable: whether `after_work` may change that.
Kind = namedtuple("Kind", "function stage work movable fields required")

KINDS = {}
# The kinds about entries that also make sense in a list of what there is.
LISTED = frozenset({"missing_entry", "duplicate_entry", "raw_entry"})


def kind(name, stage, work, movable=False, required=(), **fields):
    """Register a fault kind; `fields` are its own parameters with their defaults."""

    def register(function):
        KINDS[name] = Kind(function, stage, work, movable, fields, required)
        return function

    return register


def _page(title):
    return (f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>").encode()


@kind("reset", "early", work=False)
def reset(_spec, _envelope, _payload):
    """The connection is reset before any work. Not done."""
    return Reply(sever="reset")


@kind(
    "http",
    "early",
    work=False,
    movable=True,
    status=503,
    retry_after=None,
    body=None,
    location=None,
    content_type="text/html",
)
def http(spec, _envelope, _payload):
    """An HTTP status instead of the API's reply. Not done, unless `after_work`."""
    body = _page(spec["status"]) if spec["body"] is None else str(spec["body"]).encode("utf-8")
    headers = []
    if spec["retry_after"] is not None:
        headers.append(("Retry-After", str(spec["retry_after"])))
    if spec["location"] is not None:
        headers.append(("Location", str(spec["location"])))
    return Reply(spec["status"], body, spec["content_type"], headers)


@kind("html", "early", work=False, movable=True, body=None)
def html(spec, _envelope, _payload):
    """HTTP 200 with a web page, as a captive portal sends. Not done, unless `after_work`."""
    body = _page("Welcome") if spec["body"] is None else str(spec["body"]).encode("utf-8")
    return Reply(200, body, "text/html")


@kind("hang", "early", work=False, movable=True, seconds=30)
def hang(spec, _envelope, payload):
    """A long silence, by default before the work, which is not done if the client has left meanwhile. With `after_work`
    the work is done at once and the answer held back."""
    reply = json_reply(payload)
    reply.delay = spec["seconds"]
    return reply


@kind("empty_body", "late", work=True, movable=True)
def empty_body(_spec, _envelope, _payload):
    """HTTP 200 without a body. Done, unless `after_work` is false."""
    return Reply(200, b"")


@kind("code", "late", work=False, movable=True, required=("code",), code=None, message=None)
def code(spec, envelope, _payload):
    """The whole request gets a Code. Not done, unless `after_work`."""
    message = MESSAGES.get(spec["code"], "") if spec["message"] is None else spec["message"]
    return json_reply(envelope(spec["code"], message))


@kind("poison", "late", work=False, required=("streams",), code=INVALID_PARAMETER, message=None)
def poison(spec, envelope, payload):
    """A request that contains the stream gets Code 2 as a whole. Not done, for no stream of it."""
    return code(spec, envelope, payload)


@kind("drop_after", "late", work=True)
def drop_after(_spec, _envelope, _payload):
    """The connection is closed without an answer. Done."""
    return Reply(sever="drop")


@kind("truncated", "late", work=True)
def truncated(_spec, _envelope, payload):
    """Headers with the full Content-Length, then half of the body, then the end of the connection. Done."""
    return json_reply(payload, sever="truncate")


@kind("cut_json", "late", work=True)
def cut_json(_spec, _envelope, payload):
    """A complete HTTP reply with half of the JSON. Done."""
    body = json_reply(payload).body
    return Reply(200, body[: len(body) // 2])


@kind("not_object", "late", work=True, value=())
def not_object(spec, _envelope, _payload):
    """A reply that is JSON but no object: `value`, by default a list. Done."""
    return json_reply(spec["value"])


@kind("null_data", "late", work=True)
def null_data(_spec, _envelope, payload):
    """Code 0 with `Data` null. Done."""
    payload["Data"] = None
    return json_reply(payload)


@kind("no_data", "late", work=True)
def no_data(_spec, _envelope, payload):
    """Code 0 without `Data`. Done."""
    payload.pop("Data", None)
    return json_reply(payload)


@kind("wrong_vendor_key", "late", work=True, key="Unknown")
def wrong_vendor_key(spec, _envelope, payload):
    """The entries stand under another vendor's name. Done."""
    data = payload.get("Data")
    if data:
        payload["Data"] = {spec["key"]: next(iter(data.values()))}
    return json_reply(payload)


@kind("slow", "modifier", work=True, ms=500)
def slow(spec, _request, reply):
    """The reply comes `ms` later. Done before the wait, if the request got through."""
    reply.delay += spec["ms"] / 1000.0
    return reply


@kind("echo_url", "modifier", work=True)
def echo_url(_spec, request, reply):
    """The reply's `Message` carries the request's whole URL, signature included. Done, if the request got through."""
    try:
        payload = json.loads(reply.body)
    except ValueError:
        return reply
    if not isinstance(payload, dict):
        return reply
    payload["Message"] = f"{payload.get('Message', '')}: http://{request.host}{request.target}"
    echoed = json_reply(payload, reply.status, reply.sever)
    echoed.delay = reply.delay
    return echoed


def _spellings(text):
    """Return a text as a server may repeat it: as it is, in capitals, encoded, split."""
    percent = "".join(f"%{ord(char):02X}" for char in text)
    return (
        text,
        text.upper(),
        percent,
        percent.replace("%", "%25"),
        base64.b64encode(f"x={text}".encode()).decode(),
        "".join(f"\\u{ord(char):04x}" for char in text),
        " ".join(text),
        "\u200b".join(text),
    )


@kind("repeat_signatures", "modifier", work=True)
def repeat_signatures(spec, request, reply):
    """The reply's `Message` and `RequestId` repeat what signed each request so far, spelled another way each time."""
    try:
        payload = json.loads(reply.body)
    except ValueError:
        return reply
    signed = spec.setdefault("signed", [])
    signed += [value for name in ("Signature", "SignatureNonce") if (value := request.get(name))]
    spec["count"] = spec.get("count", -1) + 1
    spelled = [_spellings(text)[spec["count"] % 8] for text in signed]
    repeated = json_reply(
        {**payload, "Message": ", ".join(spelled), "RequestId": spelled[0]}, reply.status, reply.sever
    )
    repeated.delay = reply.delay
    return repeated


@kind("stream_code", "entry", work=False, movable=True, required=("code",), code=None, message="")
def stream_code(_spec, rows):
    """This stream's entry carries `code` and `message`. Not done, unless `after_work`."""
    return rows


@kind("missing_entry", "entry", work=True)
def missing_entry(_spec, _rows):
    """The stream is left out of the reply. Done."""
    return []


@kind("duplicate_entry", "entry", work=True)
def duplicate_entry(_spec, rows):
    """The stream's entry comes twice. Done."""
    return rows + rows


@kind("row_code", "entry", work=True, required=("code",), format="mp4", code=None, message="error")
def row_code(spec, rows):
    """Ws: the row of this `format` carries the code, the other rows do not. Done."""
    failed = {"http_code": spec["code"], "msg": spec["message"]}
    return [dict(row, **failed) if row.get("task") == spec["format"] else row for row in rows]


@kind("raw_entry", "entry", work=True, movable=True, required=("entry",), entry=None)
def raw_entry(spec, _rows):
    """The stream's entry is the JSON given. Done, unless `after_work` is false."""
    return [spec["entry"]]


@kind("extra_entry", "extra", work=True, extra="unrequested")
def extra_entry(spec, streams):
    """The reply reports success for an unrequested stream (`extra`). The work on the others is done."""
    return streams + [spec["extra"]]
