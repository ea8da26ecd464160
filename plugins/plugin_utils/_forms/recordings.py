# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the files of a stream come to, in words. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration, time_of, visible

# A push that breaks off every few minutes leaves more gaps than a line can name; the JSON report has them all.
MAX_GAPS = 3


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
