# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The simulator's settings: every key with its default and its check, and how they are merged."""

from __future__ import annotations

import threading

import valid
from catalogue import (
    CALLBACK_EVENTS,
    QUOTAS,
    ROOM_GONE,
    ROOM_SECONDS,
    ROOM_TOO_FREQUENT,
    SIGNATURE_WRONG,
    SUCCESS,
    TEST_QUOTAS,
    TOO_FREQUENT,
    TOO_FREQUENT_CODES,
    VENDOR_CODES,
    VENDORS,
)
from counting import COUNTERS


class ScenarioError(ValueError):
    """A scenario, config or fault that cannot be used; the text says why."""


SECRETS = ("server_secret", "callback_secret")
_SITUATIONS = ("success", "absent", "running", "limit", "not_live", "throttled")


def _verdict(value):
    return (
        isinstance(value, dict)
        and set(value) <= {"code", "message"}
        and valid.code(value.get("code", 0))
        and isinstance(value.get("message", ""), str)
    )


def _situations(value):
    return isinstance(value, dict) and all(name in _SITUATIONS and _verdict(item) for name, item in value.items())


def _stops(value):
    return value in ("absent", "success")


SCHEMA = {
    "app_id": (1234567890, valid.count, "an unsigned integer"),
    "server_secret": ("0123456789abcdef0123456789abcdef", valid.text, "a string"),
    "quota": (
        QUOTAS,
        valid.either(valid.count, valid.per_action(valid.count)),
        "a number of requests a second, or an object {action: number}; 0 is off",
    ),
    "test_quota": (TEST_QUOTAS, valid.per_action(valid.count), "an object {action: number}; 0 is off"),
    "too_frequent_codes": (TOO_FREQUENT_CODES, valid.per_action(valid.integer), "an object {action: code}"),
    "room_seconds": (ROOM_SECONDS, valid.amount, "a number; 0 is off"),
    "room_too_frequent_code": (ROOM_TOO_FREQUENT, valid.integer, "an integer"),
    "room_gone_code": (ROOM_GONE, valid.either(valid.integer, valid.integers), "an integer, or a list of integers"),
    "absent_relay_code": (SUCCESS, valid.integer, "an integer"),
    "empty_data": (
        "alternate",
        valid.one_of("alternate", "absent", "null", "object"),
        "alternate, absent, null or object",
    ),
    "answers": ({}, valid.per_action(lambda value: True), "an object {action: Data}"),
    "file_delay_seconds": (None, valid.or_none(valid.amount), "null or a number"),
    "media_app": ("app", valid.text, "a string"),
    "media_url": ("http://push.url", valid.text, "a string"),
    "first_page": (0, lambda value: valid.count(value) and value < 2, "0 or 1"),
    "counting": ("second", valid.one_of(*COUNTERS), f"one of {', '.join(COUNTERS)}"),
    "count_refused": (False, valid.flag, "true or false"),
    "clock_skew_seconds": (0, valid.number, "a number"),
    "send_date": (True, valid.flag, "true or false"),
    "latency_ms": (0, valid.amount, "a number"),
    "seed": (0, valid.integer, "an integer"),
    "request_id": ("alternate", valid.one_of("alternate", "string", "number"), "alternate, string or number"),
    "error_data": ("alternate", valid.one_of("alternate", "null", "absent"), "alternate, null or absent"),
    "allowed_hosts": (None, valid.or_none(valid.texts), "null or a list of host names"),
    "nonce_reused_code": (SIGNATURE_WRONG, valid.integer, "an integer"),
    "nonce_malformed_code": (SIGNATURE_WRONG, valid.integer, "an integer"),
    "max_streams_per_call": (0, valid.count, "a number; 0 is no limit"),
    "max_url_bytes": (0, valid.count, "a number; 0 is no limit"),
    "strict_parameters": (True, valid.flag, "true or false"),
    "vendors": (list(VENDORS), lambda value: valid.texts(value) and set(value) <= set(VENDORS), "a list of vendors"),
    "aliyun_needs_domain": (False, valid.flag, "true or false"),
    "ws_shape": ("object", valid.one_of("object", "list"), "object or list"),
    "ws_formats": (["mp4"], valid.some_texts, "a list of formats"),
    "ws_repeated_start": ("success", valid.one_of("success", "running"), "success or running"),
    "codes_as_strings": (False, valid.flag, "true or false"),
    "repeated_stop": ("absent", valid.either(_stops, valid.per_vendor(_stops)), "absent or success, or {vendor: …}"),
    "absent_code": ({}, valid.per_vendor(valid.code), "an object {vendor: code}"),
    "absent_message": ({}, valid.per_vendor(lambda value: isinstance(value, str)), "an object {vendor: message}"),
    "vendor_codes": ({}, valid.per_vendor(_situations), "an object {vendor: {situation: {code, message}}}"),
    "tencent_max_tasks": (3, lambda value: valid.count(value) and value > 0, "a number above 0"),
    "huawei_settle_seconds": (0, valid.amount, "a number"),
    "live_streams": (None, valid.or_none(valid.texts), "null or a list of streams"),
    "vendor_streams_per_second": (
        {},
        valid.either(valid.count, valid.per_vendor(valid.count)),
        "a number, or an object {vendor: number}; 0 is off",
    ),
    "callback_url": (None, valid.or_none(valid.url), "null or an http or https URL"),
    "callback_secret": ("callback-secret-of-the-demo", valid.text, "a string"),
    "callback_events": (
        list(CALLBACK_EVENTS),
        lambda value: valid.texts(value) and set(value) <= set(CALLBACK_EVENTS),
        f"a list of {', '.join(CALLBACK_EVENTS)}",
    ),
    "callback_encoding": ("json", valid.one_of("json", "urlencoded", "form"), "json, urlencoded or form"),
    "callback_numbers": (False, valid.flag, "true or false"),
    "callback_resign": (False, valid.flag, "true or false"),
    "callback_time_scale": (1, valid.amount, "a number"),
    "callback_ca": (None, valid.or_none(valid.text), "null or a path"),
    "log_limit": (0, valid.count, "a number; 0 keeps every request"),
}


def _merged(old, new):
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    result = dict(old)
    for key, value in new.items():
        result[key] = _merged(old.get(key), value)
    return result


class Settings:
    """The settings in force. Takes overrides of the defaults; reads as a mapping; `update` checks, then changes."""

    def __init__(self, *overrides):
        self._values = {key: entry[0] for key, entry in SCHEMA.items()}
        self._lock = threading.Lock()
        self.live = None
        for override in overrides:
            self.update(override)

    def __getitem__(self, key):
        return self._values[key]

    def update(self, override):
        """Merge an object of settings, key by key. Raises ScenarioError and changes nothing if one is wrong."""
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
        """The settings as an object for the control path, the secrets left out."""
        return {key: value for key, value in self._values.items() if key not in SECRETS}

    def quota_of(self, action, is_test=False):
        """Requests a second that this action may have; 0 is no limit. One number for all counts for the tests, too."""
        quota = self["quota"]
        if is_test and isinstance(quota, dict) and action in self["test_quota"]:
            return self["test_quota"][action]
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
