# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The scenario: settings, faults, and what there is at first. Each part is checked before anything is changed."""

from __future__ import annotations

import json

import valid
from catalogue import MEDIA_VENDORS
from config import ScenarioError

SCENARIO_KEYS = ("config", "recordings", "rooms", "relays", "files", "faults")


def check_scenario(scenario):
    """Take a scenario object (or None), hand it back with all its parts present. Raises ScenarioError."""
    scenario = {} if scenario is None else scenario
    if not isinstance(scenario, dict):
        raise ScenarioError("a scenario must be an object")
    unknown = sorted(set(scenario) - set(SCENARIO_KEYS))
    if unknown:
        raise ScenarioError(f"scenario: unknown key {unknown[0]!r}")
    return {
        "config": scenario.get("config") or {},
        "recordings": check_recordings(scenario.get("recordings") or {}),
        "rooms": check_rooms(scenario.get("rooms") or {}),
        "relays": check_relays(scenario.get("relays") or {}),
        "files": check_files(scenario.get("files") or {}),
        "faults": scenario.get("faults") or [],
    }


def check_recordings(recordings):
    """Take {vendor: [stream, …]}, hand it back. Raises ScenarioError."""
    if not valid.per_vendor(valid.texts)(recordings):
        raise ScenarioError("recordings must be an object {vendor: [stream, ...]}")
    return recordings


_ROOM_STREAM = {
    "StreamId": valid.text,
    "UserId": valid.text,
    "UserName": valid.text,
    "CreateTime": valid.count,
    "StreamNumberId": valid.count,
}


def _room_stream(value):
    return valid.text(value) or (
        valid.text(value.get("StreamId")) and valid.fits(value, _ROOM_STREAM) if isinstance(value, dict) else False
    )


def check_rooms(rooms):
    """Return {room: [stream, …]} as given; a stream is an ID, or an object in the API's words. Raises ScenarioError."""
    if not valid.lists(_room_stream)(rooms):
        raise ScenarioError(f"rooms must be an object {{room: [stream ID, or object of {', '.join(_ROOM_STREAM)}]}}")
    return rooms


def check_relays(relays):
    """Take {stream: [url, …]}, hand it back. Raises ScenarioError."""
    if not valid.lists(valid.text)(relays):
        raise ScenarioError("relays must be an object {stream: [url, ...]}")
    return relays


_FILE = {
    "stream": valid.text,
    "begin": valid.moment,
    "created": valid.moment,
    "duration": valid.moment,
    "size": valid.count,
    "format": valid.text,
    "name": valid.text,
    "file_id": valid.text,
    "url": valid.text,
    "expires": valid.text,
    "app": valid.text,
    "ready_in": valid.moment,
    "callback": valid.flag,
}


def _file(value):
    return valid.text(value) or (
        valid.text(value.get("stream")) and valid.fits(value, _FILE) if isinstance(value, dict) else False
    )


def check_files(files):
    """Return {vendor: [file, …]} as given; a file is a stream ID, or an object with `stream`. Raises ScenarioError."""
    if not valid.lists(_file)(files) or not set(files) <= set(MEDIA_VENDORS):
        raise ScenarioError(
            f"files must be an object {{{' or '.join(MEDIA_VENDORS)}: [stream ID, or object of {', '.join(_FILE)}]}}"
        )
    return files


def load_scenario(path):
    """Read a scenario file. Raises ScenarioError where it is no JSON or no scenario."""
    try:
        with open(path, encoding="utf-8") as stream:
            return check_scenario(json.load(stream))
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path}: {error}") from error
