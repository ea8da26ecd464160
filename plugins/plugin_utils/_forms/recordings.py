# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of a stream come to, in words and on a time axis. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, Language
from ansible_collections.zego.cloud.plugins.plugin_utils._text import time_of, visible

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


class Teller:
    """How a form says what it says: as text, with times in UTC."""

    def __init__(self, words: Language = ENGLISH) -> None:
        self.words = words

    def join(self, parts: list[str]) -> str:
        """Return the parts of a sentence as one."""
        return self.words.besides.join(parts)

    def text(self, sentence: str, **values: Any) -> str:
        """Return a sentence with these values."""
        return self.words.text(sentence, **values)

    def clock(self, time: Any) -> str:
        """Return the time of day of an ISO 8601 time, anything else as it is."""
        known = time_of(time)
        return f"{known:%H:%M:%S}" if known else visible(time)

    def moment(self, time: Any) -> str:
        """Return an ISO 8601 time with its day, anything else as it is."""
        known = time_of(time)
        return f"{known:%Y-%m-%d %H:%M:%S}" if known else visible(time)

    def end(self, time: Any, start: Any) -> str:
        """Return a time with its zone, and with its day where that is not the day of the start."""
        known, begun = time_of(time), time_of(start)
        is_same_day = known is not None and begun is not None and known.date() == begun.date()
        return f"{self.clock(time) if is_same_day else self.moment(time)} UTC"


def recording_line(stream: dict[str, Any], teller: Teller | None = None) -> str:
    """Return how many files a stream has, from when to when, and whether that is all; '' where there are none."""
    recording = stream.get("recording")
    if not recording or not stream["files"]:
        return ""
    teller = teller or Teller()
    words = teller.words
    parts = [_span(stream, teller)]
    gaps = recording.get("gaps") or []
    for gap in gaps[:MAX_GAPS]:
        took, begun = words.duration(gap.get("seconds")), teller.clock(gap.get("from"))
        parts.append(teller.text("a gap of {duration} from {clock}", duration=took, clock=begun))
    if len(gaps) > MAX_GAPS:
        parts.append(words.count("{count} more gap", "{count} more gaps", len(gaps) - MAX_GAPS))
    if recording.get("whole") is None:
        parts.append(words.text("nobody knows when it was stopped"))
    elif recording["whole"]:
        parts.append(words.text("whole"))
    else:
        stop = teller.clock(recording.get("stopped_at"))
        parts.append(teller.text("not whole: it was stopped at {clock}", clock=stop))
    return teller.join(parts)


def _span(stream: dict[str, Any], teller: Teller) -> str:
    """Return ``2 files, 2026-05-01 18:00:08 to 22:00:08 UTC (4 h 00 min)``, as far as that is known."""
    recording, words = stream["recording"], teller.words
    span = words.count("{count} file", "{count} files", len(stream["files"]))
    start, end = recording.get("recorded_from"), recording.get("recorded_to")
    if time_of(start) is not None and time_of(end) is not None:
        # Without its length, the time of a file says when it was made, and not what is in it.
        if recording.get("duration"):
            times = {"start": teller.moment(start), "end": teller.end(end, start)}
            span = teller.text("{files}, {start} to {end}", files=span, **times)
        elif start == end:
            span = teller.text("{files}, made at {end}", files=span, end=teller.end(end, None))
        else:
            times = {"start": teller.moment(start), "end": teller.end(end, start)}
            span = teller.text("{files}, made from {start} to {end}", files=span, **times)
    if recording.get("duration"):
        span = teller.text("{files} ({duration})", files=span, duration=words.duration(recording["duration"]))
    return span
