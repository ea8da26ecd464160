# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The simulator's settings: every key with its default and its check, and the scenario that carries them."""

from __future__ import annotations

import json
import threading

from catalogue import (
    QUOTAS,
    ROOM_GONE,
    ROOM_SECONDS,
    ROOM_TOO_FREQUENT,
    SIGNATURE_WRONG,
    SUCCESS,
    TOO_FREQUENT,
    TOO_FREQUENT_CODES,
    VENDOR_CODES,
    VENDORS,
)

SCENARIO_KEYS = ("config", "recordings", "rooms", "relays", "faults")


class ScenarioError(ValueError):
    """A scenario, config or fault that cannot be used; the text says why."""


def _flag(value):
    return isinstance(value, bool)


def _integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(value):
    return _integer(value) and value >= 0


def _amount(value):
    return _number(value) and value >= 0


def _text(value):
    return isinstance(value, str) and value != ""


def _texts(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _integers(value):
    return isinstance(value, list) and bool(value) and all(_integer(item) for item in value)


def _some_texts(value):
    return _texts(value) and bool(value)


def _one_of(*words):
    return lambda value: value in words


def _or_none(check):
    return lambda value: value is None or check(value)


def _per_vendor(check):
    def checked(value):
        return isinstance(value, dict) and all(key in VENDORS and check(item) for key, item in value.items())

    return checked


def _either(*checks):
    return lambda value: any(check(value) for check in checks)


def _per_action(check):
    return lambda value: isinstance(value, dict) and all(_text(key) and check(item) for key, item in value.items())


def _code(value):
    return _integer(value) or isinstance(value, str)


_SITUATIONS = ("success", "absent", "running", "limit", "not_live", "throttled")


def _verdict(value):
    return isinstance(value, dict) and set(value) <= {"code", "message"} and _code(value.get("code", 0)) and isinstance(value.get("message", ""), str)


def _situations(value):
    return isinstance(value, dict) and all(name in _SITUATIONS and _verdict(item) for name, item in value.items())


_STOPS = _one_of("absent", "success")

SCHEMA = {
    "app_id": (1234567890, _count, "an unsigned integer"),
    "server_secret": ("0123456789abcdef0123456789abcdef", _text, "a string"),
    "quota": (QUOTAS, _either(_count, _per_action(_count)), "a number of requests a second, or an object {action: number}; 0 is off"),
    "too_frequent_codes": (TOO_FREQUENT_CODES, _per_action(_integer), "an object {action: code}"),
    "room_seconds": (ROOM_SECONDS, _amount, "a number; 0 is off"),
    "room_too_frequent_code": (ROOM_TOO_FREQUENT, _integer, "an integer"),
    "room_gone_code": (ROOM_GONE, _either(_integer, _integers), "an integer, or a list of integers"),
    "absent_relay_code": (SUCCESS, _integer, "an integer"),
    "empty_data": ("alternate", _one_of("alternate", "absent", "null", "object"), "alternate, absent, null or object"),
    "answers": ({}, _per_action(lambda value: True), "an object {action: Data}"),
    "count_refused": (False, _flag, "true or false"),
    "clock_skew_seconds": (0, _number, "a number"),
    "send_date": (True, _flag, "true or false"),
    "latency_ms": (0, _amount, "a number"),
    "seed": (0, _integer, "an integer"),
    "request_id": ("alternate", _one_of("alternate", "string", "number"), "alternate, string or number"),
    "error_data": ("alternate", _one_of("alternate", "null", "absent"), "alternate, null or absent"),
    "allowed_hosts": (None, _or_none(_texts), "null or a list of host names"),
    "nonce_reused_code": (SIGNATURE_WRONG, _integer, "an integer"),
    "nonce_malformed_code": (SIGNATURE_WRONG, _integer, "an integer"),
    "max_streams_per_call": (0, _count, "a number; 0 is no limit"),
    "max_url_bytes": (0, _count, "a number; 0 is no limit"),
    "strict_parameters": (True, _flag, "true or false"),
    "vendors": (list(VENDORS), lambda value: _texts(value) and set(value) <= set(VENDORS), "a list of vendors"),
    "aliyun_needs_domain": (False, _flag, "true or false"),
    "ws_shape": ("object", _one_of("object", "list"), "object or list"),
    "ws_formats": (["mp4"], _some_texts, "a list of formats"),
    "ws_repeated_start": ("success", _one_of("success", "running"), "success or running"),
    "codes_as_strings": (False, _flag, "true or false"),
    "repeated_stop": ("absent", _either(lambda value: isinstance(value, str) and _STOPS(value), _per_vendor(_STOPS)), "absent or success, or {vendor: …}"),
    "absent_code": ({}, _per_vendor(_code), "an object {vendor: code}"),
    "absent_message": ({}, _per_vendor(lambda value: isinstance(value, str)), "an object {vendor: message}"),
    "vendor_codes": ({}, _per_vendor(_situations), "an object {vendor: {situation: {code, message}}}"),
    "tencent_max_tasks": (3, lambda value: _count(value) and value > 0, "a number above 0"),
    "huawei_settle_seconds": (0, _amount, "a number"),
    "live_streams": (None, _or_none(_texts), "null or a list of streams"),
    "vendor_streams_per_second": ({}, _either(_count, _per_vendor(_count)), "a number, or an object {vendor: number}; 0 is off"),
    "log_limit": (0, _count, "a number; 0 keeps every request"),
}


def _merged(old, new):
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    result = dict(old)
    for key, value in new.items():
        result[key] = _merged(old.get(key), value)
    return result


class Settings:
    """The settings in force. Takes overrides of the defaults; reads as a mapping; `update` checks before it changes anything."""

    def __init__(self, *overrides):
        self._values = {key: entry[0] for key, entry in SCHEMA.items()}
        self._lock = threading.Lock()
        self.live = None
        for override in overrides:
            self.update(override)

    def __getitem__(self, key):
        return self._values[key]

    def update(self, override):
        """Merge an object of settings, objects inside it key by key. Raises ScenarioError and leaves all as it was if one is wrong."""
        if not isinstance(override, dict):
            raise ScenarioError("config must be an object")
        for key, value in override.items():
            if key not in SCHEMA:
                raise ScenarioError(f"config: unknown key {key!r}")
            if not SCHEMA[key][1](value):
                raise ScenarioError(f"config: {key} must be {SCHEMA[key][2]}")
        with self._lock:
            values = _merged(self._values, override)
            self.live = None if values["live_streams"] is None else frozenset(values["live_streams"])
            self._values = values

    def public(self):
        """The settings as an object for the control path, the secret left out."""
        return {key: value for key, value in self._values.items() if key != "server_secret"}

    def quota_of(self, action):
        """Requests a second that this action may have; 0 is no limit."""
        quota = self["quota"]
        return quota.get(action, QUOTAS.get(action, 0)) if isinstance(quota, dict) else quota

    def too_frequent_code(self, action):
        """The code for a request above that quota."""
        return self["too_frequent_codes"].get(action, TOO_FREQUENT)

    def streams_per_second(self, vendor):
        """Stream entries a second that this vendor takes; 0 is no limit."""
        limit = self["vendor_streams_per_second"]
        return limit.get(vendor, 0) if isinstance(limit, dict) else limit

    def repeated_stop(self, vendor):
        """`absent` or `success`: how this vendor answers a stop of what is not being recorded."""
        answer = self["repeated_stop"]
        return answer.get(vendor, "absent") if isinstance(answer, dict) else answer

    def vendor_code(self, vendor, situation):
        """The pair (code, message) with which this vendor reports a situation."""
        code, message = VENDOR_CODES[vendor].get(situation, ("", ""))
        changed = self["vendor_codes"].get(vendor, {}).get(situation, {})
        code, message = changed.get("code", code), changed.get("message", message)
        if situation == "absent":
            code = self["absent_code"].get(vendor, code)
            message = self["absent_message"].get(vendor, message)
        return code, message


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
        "faults": scenario.get("faults") or [],
    }


def check_recordings(recordings):
    """Take {vendor: [stream, …]}, hand it back. Raises ScenarioError."""
    if not _per_vendor(_texts)(recordings):
        raise ScenarioError("recordings must be an object {vendor: [stream, ...]}")
    return recordings


_ROOM_STREAM = {"StreamId": _text, "UserId": _text, "UserName": _text, "CreateTime": _count, "StreamNumberId": _count}


def _room_stream(value):
    return _text(value) or (_text(value.get("StreamId")) and _fits(value, _ROOM_STREAM) if isinstance(value, dict) else False)


def _fits(value, fields):
    return all(key in fields and fields[key](item) for key, item in value.items())


def _lists(check):
    return lambda value: isinstance(value, dict) and all(_text(key) and isinstance(item, list) and all(map(check, item)) for key, item in value.items())


def check_rooms(rooms):
    """Take {room: [stream, …]}, hand it back. A stream is an ID, or an object in the words of the API. Raises ScenarioError."""
    if not _lists(_room_stream)(rooms):
        raise ScenarioError(f"rooms must be an object {{room: [stream ID, or object of {', '.join(_ROOM_STREAM)}]}}")
    return rooms


def check_relays(relays):
    """Take {stream: [url, …]}, hand it back. Raises ScenarioError."""
    if not _lists(_text)(relays):
        raise ScenarioError("relays must be an object {stream: [url, ...]}")
    return relays


def load_scenario(path):
    """Read a scenario file. Raises ScenarioError where it is no JSON or no scenario."""
    try:
        with open(path, encoding="utf-8") as stream:
            return check_scenario(json.load(stream))
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path}: {error}") from error
