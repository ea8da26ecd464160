# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The documented parameters of the recording actions, and what other actions check too.

Each check hands back None or the pair (code, detail).
"""

from __future__ import annotations

import re

import catalogue as codes

STREAM_BYTES = 256
END_TIME_AHEAD = 24 * 3600
_SECONDS = re.compile(r"[0-9]{1,12}")


def check(request, settings, clock, starting):
    """Check a stop or start against the reference. Returns None, or the pair (code, detail)."""
    return (
        _streams(request, settings)
        or _vendor(request, settings)
        or common(request)
        or _end_time(request, settings, clock, starting)
    )


def common(request):
    """Check what every action takes. Returns None, or the pair (code, detail)."""
    if request.bad_body:
        return _invalid("the body is no JSON object")
    if request.get("IsTest").lower() not in ("", "true", "false"):
        return _invalid("IsTest")
    return None


def vendor(request, settings):
    """Check that the account has this vendor. Returns None, or the pair (code, detail)."""
    if request.vendor not in codes.VENDORS:
        return _invalid("Vendor")
    if request.vendor not in settings["vendors"]:
        return codes.CDN_MISMATCH, ""
    return None


def stream_id(value, name):
    """Check one stream ID, given as the parameter `name`. Returns None, or the pair (code, detail)."""
    if not value:
        return _invalid(f"{name} is empty")
    if size(value) > STREAM_BYTES:
        return _invalid(f"{name} is too long")
    return None


def size(text):
    """How many bytes a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _invalid(detail):
    return codes.INVALID_PARAMETER, detail


def _streams(request, settings):
    if not request.streams:
        return _invalid("StreamId[] is required")
    limit = settings["max_streams_per_call"]
    if limit and len(request.streams) > limit:
        return _invalid("too many streams")
    for stream in request.streams:
        refusal = stream_id(stream, "StreamId[]")
        if refusal:
            return refusal
    return None


def _vendor(request, settings):
    refusal = vendor(request, settings)
    if refusal:
        return refusal
    aliyun = request.vendor == "Aliyun"
    placed = request.get("Domain") and request.get("Point")
    if aliyun and settings["aliyun_needs_domain"] and not placed:
        return codes.CONFIGURATION, "Domain and Point are needed"
    # Documented for Aliyun alone; what the others do with them is not.
    if not aliyun and settings["strict_parameters"] and ("Domain" in request.values or "Point" in request.values):
        return _invalid("Domain and Point are for Aliyun")
    return None


def _end_time(request, settings, clock, starting):
    if "EndTime" not in request.values:
        return None
    if not (starting and request.vendor == "Tencent"):
        # Documented for Tencent's start alone; what the others do with it is not.
        return _invalid("EndTime is for a Tencent start") if settings["strict_parameters"] else None
    text = request.get("EndTime")
    if not _SECONDS.fullmatch(text) or not 0 < int(text) - clock.now() <= END_TIME_AHEAD:
        return _invalid("EndTime")
    return None
