# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The control path /_control/…: look at the simulated API, and change it, from a test or by hand."""

from __future__ import annotations

import json
import time
from urllib.parse import parse_qs

from config import ScenarioError
from request import json_reply
from scenario import check_files, check_recordings, check_relays, check_rooms

PREFIX = "/_control/"
_ROUTES = {}


def _route(method, name):
    def register(function):
        _ROUTES[(method, name)] = function
        return function

    return register


def handle(server, method, target, body):
    """Answer one control request; the caller has made sure that it comes from this machine. Returns a Reply."""
    path, _mark, query = target.partition("?")
    name = path[len(PREFIX) :].strip("/")
    function = _ROUTES.get((method, name))
    if function is None:
        known = any(name == other for _method, other in _ROUTES)
        return json_reply({"error": "method not allowed" if known else "no such control"}, 405 if known else 404)
    try:
        value = json.loads(body) if body.strip() else None
        return json_reply(function(server, parse_qs(query), value))
    except ValueError as error:
        return json_reply({"error": str(error)}, 400)


@_route("GET", "health")
def _health(_server, _query, _value):
    return {"ok": True}


@_route("GET", "state")
def _state(server, _query, _value):
    world = server.world
    with world.lock:
        return world.recordings.report(world.stamp())


@_route("GET", "requests")
def _requests(server, query, _value):
    world = server.world
    with world.lock:
        records = world.journal.records()
    since = int(query.get("since", ["0"])[0])
    return [record.describe() for record in records if not since or (record.number or 0) > since]


@_route("GET", "stats")
def _stats(server, _query, _value):
    world = server.world
    with world.lock:
        peaks = world.gateway.peaks()
        return dict(world.journal.stats(), connections_open=server.connections_open, action_peak_per_second=peaks)


@_route("GET", "config")
def _config(server, _query, _value):
    return server.world.settings.public()


@_route("POST", "config")
def _configure(server, _query, value):
    world = server.world
    with world.lock:
        world.configure({} if value is None else value)
    return world.settings.public()


@_route("POST", "reset")
def _reset(server, _query, value):
    server.reset(value)
    return {"ok": True}


@_route("GET", "faults")
def _faults(server, _query, _value):
    world = server.world
    with world.lock:
        return [rule.report() for rule in world.faults.rules]


@_route("POST", "faults")
def _add_faults(server, query, value):
    if value is None:
        raise ScenarioError("a fault, or a list of faults, is needed")
    world = server.world
    with world.lock:
        world.faults.add(value)
    return _faults(server, query, None)


@_route("DELETE", "faults")
def _clear_faults(server, query, _value):
    world = server.world
    with world.lock:
        world.faults.clear()
    return _faults(server, query, None)


@_route("POST", "recordings")
def _recordings(server, _query, value):
    recordings = check_recordings(value)
    world = server.world
    with world.lock:
        world.preset(recordings)
    return {"ok": True}


@_route("GET", "rooms")
def _show_rooms(server, _query, _value):
    world = server.world
    with world.lock:
        return world.rooms.report()


@_route("POST", "rooms")
def _rooms(server, _query, value):
    rooms = check_rooms(value)
    world = server.world
    with world.lock:
        world.preset_rooms(rooms)
    return {"ok": True}


@_route("GET", "relays")
def _show_relays(server, _query, _value):
    world = server.world
    with world.lock:
        return world.relays.report()


@_route("POST", "relays")
def _relays(server, _query, value):
    relays = check_relays(value)
    world = server.world
    with world.lock:
        world.preset_relays(relays)
    return {"ok": True}


@_route("GET", "callbacks")
def _show_callbacks(server, _query, _value):
    world = server.world
    with world.lock:
        return world.callbacks.report()


@_route("POST", "callbacks")
def _callbacks(server, _query, value):
    if not isinstance(value, dict):
        raise ScenarioError("the fields of a callback are needed: an object")
    world = server.world
    with world.lock:
        if not world.settings["callback_url"]:
            raise ScenarioError("there is no callback_url")
        world.callbacks.post(value)
    return {"ok": True}


@_route("GET", "files")
def _show_files(server, _query, _value):
    world = server.world
    with world.lock:
        return world.files.report(time.monotonic())


@_route("POST", "files")
def _files(server, _query, value):
    files = check_files(value)
    world = server.world
    with world.lock:
        world.preset_files(files)
    return {"ok": True}
