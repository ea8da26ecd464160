# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The documented parameters of the recording actions. Each check hands back None or the pair (code, detail)."""

from __future__ import annotations

import re

import catalogue as codes

STREAM_BYTES = 256
END_TIME_AHEAD = 24 * 3600
_SECONDS = re.compile(r"[0-9]{1,12}")


def check(request, settings, clock, starting):
    """Check a stop or start against the reference. Returns None, or the pair (code, detail)."""
    return _streams(request, settings) or _vendor(request, settings) or _is_test(request) or _end_time(request, settings, clock, starting)


def _invalid(detail):
    return codes.INVALID_PARAMETER, detail


def _streams(request, settings):
    if not request.streams:
        return _invalid("StreamId[] is required")
    limit = settings["max_streams_per_call"]
    if limit and len(request.streams) > limit:
        return _invalid("too many streams")
    for stream in request.streams:
        if not stream:
            return _invalid("StreamId[] is empty")
        if len(stream) > STREAM_BYTES or len(stream.encode("utf-8", "replace")) > STREAM_BYTES:
            return _invalid("StreamId[] is too long")
    return None


def _vendor(request, settings):
    vendor = request.vendor
    if vendor not in codes.VENDORS:
        return _invalid("Vendor")
    if vendor not in settings["vendors"]:
        return codes.CDN_MISMATCH, ""
    placed = request.get("Domain") and request.get("Point")
    if vendor == "Aliyun" and settings["aliyun_needs_domain"] and not placed:
        return codes.CONFIGURATION, "Domain and Point are needed"
    # Documented for Aliyun alone; what the others do with them is not.
    if vendor != "Aliyun" and settings["strict_parameters"] and ("Domain" in request.values or "Point" in request.values):
        return _invalid("Domain and Point are for Aliyun")
    return None


def _is_test(request):
    if request.get("IsTest").lower() not in ("", "true", "false"):
        return _invalid("IsTest")
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
