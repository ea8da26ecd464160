# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Times as the API and people write them, and as the modules return them: ISO 8601 in UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?:\s?([Zz])|\s?([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
_UNIX = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def parse(value: Any) -> float | None:
    """Return the Unix seconds of an ISO 8601 date or time, or of a number as text; None for anything else.

    A time that names no zone is UTC.
    """
    text = value.strip() if isinstance(value, str) else ""
    if _UNIX.fullmatch(text):
        return float(text)
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction, _utc, sign, zone_hours, zone_minutes = match.groups()[6:]
    if int(zone_hours or 0) > 23 or int(zone_minutes or 0) > 59:
        return None
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    seconds = (moment - _EPOCH - (-offset if sign == "-" else offset)).total_seconds()
    return seconds + float(f"0.{fraction or 0}")


def iso(seconds: float) -> str | None:
    """Return Unix seconds as ISO 8601 in UTC, with milliseconds where there are any; None beyond the calendar."""
    try:
        moment = _EPOCH + timedelta(milliseconds=round(seconds * 1000))
    except (OverflowError, ValueError):
        return None
    millis = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{millis}Z" if moment.year >= 1000 else None


def from_text(value: Any) -> str | None:
    """Return a time of the API in this collection's form, None where it cannot be read."""
    seconds = parse(value)
    return None if seconds is None else iso(seconds)


def from_millis(value: Any) -> str | None:
    """Return Unix milliseconds of the API (a number, or one as text) in this collection's form.

    None where they cannot be read.
    """
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,16}", str(value), re.ASCII):
        return None
    return iso(int(value) / 1000)
