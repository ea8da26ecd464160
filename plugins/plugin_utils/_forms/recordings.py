# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of a stream come to, in words and on a time axis. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration, time_of, visible

# A push that breaks off every few minutes leaves more gaps than a line can name; the JSON report has them all.
MAX_GAPS = 3
# More marks than that cannot be told apart on a line; a recording of a week in cuts of five minutes has 2,016.
MAX_MARKS = 400


class Mark(NamedTuple):
    """A piece of the time axis. ``kind``: cut, gap or stop; ``offset`` and ``width``: in percent of the axis."""

    kind: str
    offset: float
    width: float


class Axis(NamedTuple):
    """The time axis that all recordings of a report share."""

    start: datetime
    end: datetime

    def mark(self, kind: str, start: datetime, end: datetime) -> Mark | None:
        """Return a piece from ``start`` to ``end``, None where that is outside."""
        whole = (self.end - self.start).total_seconds()
        first, last = max(start, self.start), min(end, self.end)
        if whole <= 0 or last < first:
            return None
        offset = 100 * (first - self.start).total_seconds() / whole
        width = 100 * (last - first).total_seconds() / whole
        # What is short can still be seen.
        width = max(width, 0.4)
        return Mark(kind, round(min(offset, 100 - width), 2), round(width, 2))


def axis_of(report: dict[str, Any]) -> Axis | None:
    """Return the time axis from the first recording's beginning to the last one's end, None where nobody knows them."""
    moments = []
    for stream in report["streams"]:
        recording = stream.get("recording") or {}
        moments += [_aware(recording.get(key)) for key in ("recorded_from", "recorded_to", "stopped_at")]
    known = [moment for moment in moments if moment is not None]
    if len(known) < 2 or min(known) == max(known):
        return None
    return Axis(min(known), max(known))


def marks_of(stream: dict[str, Any], axis: Axis | None) -> list[Mark]:
    """Return the cuts of a stream, the gaps between them and its stop. A cut ends when its file was made."""
    recording = stream.get("recording")
    if axis is None or not recording:
        return []
    found = []
    for file in stream["files"]:
        made, seconds = _aware(file.get("created")), file.get("duration")
        if made is not None:
            found.append(axis.mark("cut", _before(made, seconds), made))
    for gap in recording.get("gaps") or []:
        start, end = _aware(gap.get("from")), _aware(gap.get("to"))
        if start is not None and end is not None:
            found.append(axis.mark("gap", start, end))
    stop = _aware(recording.get("stopped_at"))
    if stop is not None:
        found.append(axis.mark("stop", stop, stop))
    return [mark for mark in found if mark is not None][:MAX_MARKS]


def _before(moment: datetime, seconds: Any) -> datetime:
    """Return the moment so many seconds before, the moment itself where that is no number to go by."""
    try:
        return moment - timedelta(seconds=seconds or 0)
    except (TypeError, ValueError, OverflowError):
        return moment


def _aware(text: Any) -> datetime | None:
    """Return the moment of an ISO 8601 time with its zone, None for anything else: only those can be compared."""
    moment = time_of(text) if text else None
    return moment if moment is not None and moment.tzinfo is not None else None


def recording_line(stream: dict[str, Any]) -> str:
    """Return how many files a stream has, from when to when, and whether that is all; '' where there are none."""
    recording = stream.get("recording")
    if not recording or not stream["files"]:
        return ""
    count = len(stream["files"])
    parts = [f"{count} {'file' if count == 1 else 'files'}, {_span(recording)}".rstrip(", ")]
    if recording.get("duration"):
        parts[0] += f" ({duration(recording['duration'])})"
    gaps = recording.get("gaps") or []
    for gap in gaps[:MAX_GAPS]:
        parts.append(f"a gap of {duration(gap.get('seconds'))} from {_clock(gap.get('from'))}")
    if len(gaps) > MAX_GAPS:
        parts.append(f"{len(gaps) - MAX_GAPS} more gaps")
    parts.append(_verdict(recording))
    return "; ".join(parts)


def _verdict(recording: dict[str, Any]) -> str:
    whole = recording.get("whole")
    if whole is None:
        return "nobody knows when it was stopped"
    stop = _clock(recording.get("stopped_at"))
    return "whole" if whole else f"not whole: it was stopped at {stop}"


def _span(recording: dict[str, Any]) -> str:
    """Return ``2026-05-01 18:00:08 to 22:00:08 UTC``, '' where the times are not known."""
    start, end = time_of(recording.get("recorded_from")), time_of(recording.get("recorded_to"))
    if start is None or end is None:
        return ""
    form = "%H:%M:%S" if start.date() == end.date() else "%Y-%m-%d %H:%M:%S"
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:{form}} UTC"


def _clock(moment: Any) -> str:
    """Return the time of day of an ISO 8601 time, anything else as it is."""
    time = time_of(moment)
    return time.strftime("%H:%M:%S") if time else visible(moment)
