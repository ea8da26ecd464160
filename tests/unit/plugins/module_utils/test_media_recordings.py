# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the files of a stream are its whole recording."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._media.recordings import (
    GAP_SECONDS,
    explain,
    read_recording,
    recording_details,
)

STOP = 1777672800.0  # 2026-05-01T22:00:00Z
HOUR = 3600.0
TOLERANCE = 10.0


def cut(made, duration=None, kind="mp4"):
    """A file made so many seconds after the stop (None: nobody knows)."""
    file = {"stream_id": "a", "format": kind, "name": str(made)}
    if made is not None:
        file["created"] = _times.iso(STOP + made)
    return file if duration is None else {**file, "duration": duration}


def read(*files, stopped_at=STOP, tolerance=TOLERANCE):
    return read_recording(list(files), stopped_at, tolerance)


def test_a_cut_made_long_before_the_stop_is_not_the_whole_recording():
    old = read(cut(-3 * HOUR, 7200))
    assert old.whole is False and old.missing
    assert "was made at 2026-05-01T19:00:00Z, 10800 s before the stop at 2026-05-01T22:00:00Z" in explain(old)
    both = read(cut(-3 * HOUR, 7200), cut(8, 10800))
    assert both.whole is True and not both.missing and explain(both) == ""


@pytest.mark.parametrize("made,whole", [(-10.5, False), (-10, True), (-1, True), (0, True), (4000, True)])
def test_a_file_reaches_the_stop_within_the_tolerance(made, whole):
    assert read(cut(made)).whole is whole
    assert read(cut(made - 300), tolerance=310).whole is whole


def test_each_format_has_to_reach_the_stop():
    recording = read(cut(-HOUR, 60, "flv"), cut(-HOUR, 60), cut(3, HOUR))
    assert recording.whole is False and "its newest flv file was made" in explain(recording)
    assert read(cut(-HOUR, 60, "flv"), cut(5, HOUR, "flv"), cut(3, HOUR)).whole is True


def test_without_a_known_stop_nobody_can_tell():
    recording = read(cut(-HOUR), stopped_at=None)
    assert recording.whole is None and not recording.missing and "nobody knows when" in explain(recording)
    assert "whole" not in recording_details(recording)
    assert read(stopped_at=None).missing and explain(read(stopped_at=None)) == "no file of it is listed."


def test_a_file_without_a_time_proves_nothing():
    recording = read(cut(None))
    assert recording.whole is False and recording.missing and "none is known to reach" in explain(recording)
    assert read(cut(None), cut(1)).whole is True
    assert read(cut(None), stopped_at=None).whole is None


def test_it_is_told_from_when_to_when_it_was_recorded():
    details = recording_details(read(cut(8, 7200), cut(-7192, 7200), cut(8, 7200, "flv"), cut(-7192, 7200, "flv")))
    assert details == {
        "recorded_from": "2026-05-01T18:00:08Z",
        "recorded_to": "2026-05-01T22:00:08Z",
        "duration": 14400.0,
        "stopped_at": "2026-05-01T22:00:00Z",
        "whole": True,
    }
    # Ws and Huawei do not say how long a file is.
    assert recording_details(read(cut(-10), cut(8), stopped_at=None)) == {
        "recorded_from": "2026-05-01T21:59:50Z",
        "recorded_to": "2026-05-01T22:00:08Z",
    }


def test_a_gap_between_cuts_is_named():
    recording = read(cut(-HOUR, 600), cut(8, HOUR - 192))
    assert recording.whole is True
    assert recording_details(recording)["gaps"] == [
        {"from": "2026-05-01T21:00:00Z", "to": "2026-05-01T21:03:20Z", "seconds": 200.0}
    ]
    # What differing delays of the vendor could explain is none, and several tasks of one stream overlap.
    assert not read(cut(-HOUR, 600), cut(8, HOUR - 40)).gaps
    assert not read(cut(-HOUR, 600), cut(-HOUR - 300, 10), cut(8, HOUR)).gaps
    # Without durations nobody knows of gaps.
    assert not read(cut(-HOUR), cut(8)).gaps


CUTS = st.lists(
    st.builds(
        cut,
        st.none() | st.integers(-90000, 90000),
        st.none() | st.integers(0, 7200),
        st.sampled_from(["mp4", "flv"]),
    ),
    max_size=8,
)


@given(CUTS, st.none() | st.integers(-90000, 90000), st.integers(0, 600))
def test_no_recording_is_whole_whose_newest_file_was_made_before_the_stop(files, stop, tolerance):
    stopped_at = None if stop is None else STOP + stop
    recording = read_recording(files, stopped_at, tolerance)
    newest = {}
    for file in files:
        if "created" in file:
            made = _times.parse(file["created"])
            newest[file["format"]] = max(made, newest.get(file["format"], made))
    if stopped_at is None:
        assert recording.whole is None and recording.missing is (not files)
    else:
        reached = bool(newest) and min(newest.values()) >= stopped_at - tolerance
        assert recording.whole is reached and recording.missing is not reached
    assert recording.whole or explain(recording)
    assert recording_details(recording).get("whole") is recording.whole


@given(CUTS)
def test_no_file_covers_any_of_a_gap(files):
    files = [dict(file, format="mp4") for file in files]
    for gap in read_recording(files, STOP, TOLERANCE).gaps:
        assert gap.end - gap.start > GAP_SECONDS
        for file in files:
            if "created" in file:
                made = _times.parse(file["created"])
                assert made <= gap.start or made - file["duration"] >= gap.end
