# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The way of one action request: faults before the gateway, gateway, quota, faults behind it, action, reply."""

from __future__ import annotations

import random
import time

import catalogue as codes
from actions import ACTIONS, Refused
from request import Reply, json_reply

_ids = random.Random()
_EMPTY = ("absent", "null", "object")


# A request is verified even where a fault then answers: a nonce that was on the wire is used.
def handle(world, request, record, wait):
    """Answer one action request. Takes `wait(seconds)`, which says whether the client is still there afterwards.

    Returns a Reply, or None where the client has left before anything was done."""
    with world.lock:
        if world.settings["max_url_bytes"] and len(request.target) > world.settings["max_url_bytes"]:
            world.gateway.verify(request, request.at)
            return Reply(414, b"<html><body>414 Request-URI Too Large</body></html>", "text/html")
        if not world.faults.rules:
            return _with_latency(world, _answer(world, request, record, None))
        early = world.faults.whole("early", request, record)
        modifiers = world.faults.modifiers(request, record)
    if early and early.kind == "hang":
        if not wait(early.spec["seconds"]):
            with world.lock:
                world.gateway.verify(request, time.monotonic())
            return None
        early = None
    with world.lock:
        reply = _answer(world, request, record, early)
    for rule in modifiers:
        reply = rule.function(rule.spec, request, reply)
    return _with_latency(world, reply)


def _with_latency(world, reply):
    reply.delay += world.settings["latency_ms"] / 1000.0
    return reply


def _answer(world, request, record, early):
    request.at, request.wall = time.monotonic(), time.time()
    refusal = world.gateway.verify(request, request.at)
    if early:
        return early.function(early.spec, None, None)
    if refusal:
        return json_reply(_envelope(world, *refusal))
    return _behind_gateway(world, request, record)


def _behind_gateway(world, request, record):
    count_refused = world.settings["count_refused"]
    too_frequent = world.gateway.too_frequent(request, request.at)
    if too_frequent is not None:
        if count_refused:
            world.gateway.take(request, request.at)
        return json_reply(_envelope(world, too_frequent))
    fault = world.faults.whole("late", request, record) if world.faults.rules else None
    refused = fault is not None and not fault.work and fault.spec.get("code") in codes.REFUSED_FOR_QUOTA
    waits = world.gateway.take(request, request.at) if not refused or count_refused else 0.0
    if not refused:
        world.journal.accept(record, request.at)
    payload = _work(world, request, record) if fault is None or fault.work else None
    if fault is None:
        reply = json_reply(payload)
    else:
        reply = fault.function(fault.spec, lambda code, message: _envelope(world, code, message=message), payload)
    reply.delay += waits
    return reply


def _work(world, request, record):
    try:
        data = ACTIONS[request.action](world, request, record)
    except Refused as refusal:
        return _envelope(world, refusal.code, refusal.detail)
    payload = _envelope(world, codes.SUCCESS)
    if data is not None:
        payload["Data"] = data
        return payload
    style = world.settings["empty_data"]
    style = _EMPTY[world.replies % len(_EMPTY)] if style == "alternate" else style
    if style != "absent":
        payload["Data"] = None if style == "null" else {}
    return payload


def _envelope(world, code, detail="", message=None):
    if message is None:
        message = codes.MESSAGES.get(code, "")
        message = f"{message}: {detail}" if detail else message
    world.replies += 1
    payload = {"Code": code, "Message": message, "RequestId": _request_id(world)}
    style = world.settings["error_data"]
    if code != codes.SUCCESS and (style == "null" or (style == "alternate" and world.replies // 2 % 2)):
        payload["Data"] = None
    return payload


def _request_id(world):
    style = world.settings["request_id"]
    if style == "number" or (style == "alternate" and world.replies % 2 == 0):
        return 10**10 + _ids.randrange(9 * 10**10)
    return str(10**18 + _ids.randrange(8 * 10**18))
