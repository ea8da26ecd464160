# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tells from the files of a stream whether they are its whole recording. Pure.

A recording comes in cuts. Tencent begins a new file after 300 to 7,200 s (reference page "StartCDNRecord"), and after
an interrupted push. The reference says of a file when it was created (Tencent's CreateTime, LastModified at Ws and
Huawei), and at Tencent how long it is. It says neither when what is in a file began and ended, nor in which time zone
the time in a key is, nor how long after its end a file is listed. So nothing here relies on those: a file holds nothing
that was recorded after it was made, and that is all.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times

# Nobody documents how long after its end a file is made. Where that differs from one cut to the next, there seems to be
# a gap between them: what is shorter than this is not called one.
GAP_SECONDS = 60.0


class Gap(NamedTuple):
    """Nothing that was recorded between these times (Unix seconds) is in a file."""

    start: float
    end: float


class Recording(NamedTuple):
    """What the files of a stream come to. Times are in Unix seconds, None where they are not known.

    ``start``: when the recording in them began at the latest; ``end``: when the newest of them was made; ``seconds``:
    how long they are together, in one format; ``behind``: how long before the stop the newest file was made, None where
    it reaches the stop, or where the stop is not known; ``behind_format``: the format of which that is true.
    """

    files: int
    start: float | None = None
    end: float | None = None
    seconds: float | None = None
    gaps: tuple[Gap, ...] = ()
    stopped_at: float | None = None
    behind: float | None = None
    behind_format: str = ""

    @property
    def whole(self) -> bool | None:
        """Whether the files reach the stop; None where nobody knows when that was."""
        if self.stopped_at is None:
            return None
        return self.end is not None and self.behind is None

    @property
    def missing(self) -> bool:
        """Whether there is more to come, as far as anybody can tell. Without a known stop, any file has to do."""
        return not self.files if self.whole is None else not self.whole


class _Cut(NamedTuple):
    start: float
    end: float
    seconds: float | None


def read_recording(files: list[dict[str, Any]], stopped_at: float | None, tolerance: float) -> Recording:
    """Return what ``files`` (as ``files.py`` makes them) of one stream come to.

    ``stopped_at``: when its recording was stopped, in Unix seconds, None where nobody knows; ``tolerance``: how many
    seconds before that the newest file may have been made, and still reaches the stop.
    """
    formats: dict[str, list[_Cut]] = {}
    for file in files:
        made = _times.parse(file.get("created"))
        # A file of which nobody knows when it was made proves nothing.
        if made is not None:
            seconds = file.get("duration")
            formats.setdefault(file.get("format") or "", []).append(_Cut(made - (seconds or 0), made, seconds))
    if not formats:
        return Recording(len(files), stopped_at=stopped_at)
    # Each format is recorded into files of its own. One that reaches the stop says nothing about the other.
    latest = {name: _end(cuts) for name, cuts in formats.items()}
    slowest = min(latest, key=lambda name: latest[name])
    behind = None if stopped_at is None else stopped_at - latest[slowest]
    fullest = max(formats.values(), key=_total)
    return Recording(
        len(files),
        start=min(map(_start, formats.values())),
        end=max(latest.values()),
        seconds=_total(fullest) or None,
        gaps=_gaps(fullest),
        stopped_at=stopped_at,
        behind=behind if behind is not None and behind > tolerance else None,
        behind_format=slowest if len(formats) > 1 else "",
    )


def _start(cuts: list[_Cut]) -> float:
    return min(cut.start for cut in cuts)


def _end(cuts: list[_Cut]) -> float:
    return max(cut.end for cut in cuts)


def _total(cuts: list[_Cut]) -> float:
    return round(sum(cut.seconds or 0 for cut in cuts), 3)


def _gaps(cuts: list[_Cut]) -> tuple[Gap, ...]:
    """Return the times between the cuts of one format that no cut covers."""
    # Without its length nobody knows when a cut began.
    if any(cut.seconds is None for cut in cuts):
        return ()
    ordered = sorted(cuts)
    gaps = []
    reached = ordered[0].end
    for cut in ordered[1:]:
        if cut.start - reached > GAP_SECONDS:
            gaps.append(Gap(reached, cut.start))
        # Several tasks may record the same stream, so that cuts overlap.
        reached = max(reached, cut.end)
    return tuple(gaps)


def explain(recording: Recording) -> str:
    """Return in one line why files are missing, or why nobody can tell; '' if all is well."""
    if not recording.files:
        return "no file of it is listed."
    if recording.whole is None:
        return "nobody knows when its recording was stopped, so these files may not be all of it."
    if recording.whole:
        return ""
    stop = f"the stop at {_times.iso(recording.stopped_at or 0)}"
    if recording.end is None:
        return f"no file says when it was made, so none is known to reach {stop}."
    kind = f"{recording.behind_format} file" if recording.behind_format else "file"
    behind = recording.behind or 0
    newest = _times.iso((recording.stopped_at or 0) - behind)
    return (
        f"its newest {kind} was made at {newest}, {behind:.0f} s before {stop}. "
        "Either the rest is not listed yet, or nothing was pushed any more by then."
    )


def recording_details(recording: Recording) -> dict[str, Any]:
    """Return the keys of a stream's entry of the result that say what was recorded. What is not known is left out."""
    details: dict[str, Any] = {
        "recorded_from": _text(recording.start),
        "recorded_to": _text(recording.end),
        "duration": recording.seconds,
        "stopped_at": _text(recording.stopped_at),
        "whole": recording.whole,
    }
    if recording.gaps:
        details["gaps"] = [
            {"from": _text(gap.start), "to": _text(gap.end), "seconds": round(gap.end - gap.start, 3)}
            for gap in recording.gaps
        ]
    return {key: value for key, value in details.items() if value is not None}


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else _times.iso(seconds)
