# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recorded files of a report on one time axis."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import MAX_MARKS, axis_of, marks_of

BEGIN = datetime(2026, 5, 1, 20, 0, 0, tzinfo=timezone.utc)


def at(minutes):
    return (BEGIN + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def stream(*files, **recording):
    """A stream with files of (made at, length) in minutes."""
    listed = [{"name": "f", "created": at(made), "duration": 60.0 * length} for made, length in files]
    return {"files": listed, "recording": recording}


def test_cuts_gaps_and_stops_lie_on_one_axis_for_all_streams():
    first = stream((50, 50), (100, 40), recorded_from=at(0), recorded_to=at(100), stopped_at=at(100))
    first["recording"]["gaps"] = [{"from": at(50), "to": at(60), "seconds": 600.0}]
    second = stream((75, 25), recorded_from=at(50), recorded_to=at(75))
    axis = axis_of({"streams": [first, second, {"files": []}]})
    assert (axis.start, axis.end) == (BEGIN, BEGIN + timedelta(minutes=100))
    assert [tuple(mark) for mark in marks_of(first, axis)] == [
        ("cut", 0.0, 50.0),
        ("cut", 60.0, 40.0),
        ("gap", 50.0, 10.0),
        ("stop", 99.6, 0.4),
    ]
    assert [tuple(mark) for mark in marks_of(second, axis)] == [("cut", 50.0, 25.0)]


def test_without_times_there_is_no_axis():
    known = stream(recorded_from=at(0), recorded_to=at(0))
    unknown = {"files": [{"name": "a"}], "recording": {"whole": True}}
    assert axis_of({"streams": [unknown, {"files": []}]}) is None and axis_of({"streams": [known]}) is None
    axis = axis_of({"streams": [stream(recorded_from=at(0), recorded_to=at(9))]})
    assert marks_of(unknown, axis) == [] and marks_of({"files": []}, axis) == [] and marks_of(known, None) == []


ODD = st.one_of(
    st.none(), st.text(max_size=9), st.floats(), st.integers(), st.sampled_from([at(0), at(5), "2026-05-01"])
)


@given(ODD, ODD, ODD, ODD, ODD)
def test_whatever_stands_in_a_report_every_mark_lies_within_the_axis(one, two, three, four, five):
    known = stream((10, 10), recorded_from=at(0), recorded_to=at(20))
    odd = {
        "files": [{"created": one, "duration": two}],
        "recording": {"recorded_from": three, "stopped_at": four, "gaps": [{"from": five, "to": one}]},
    }
    axis = axis_of({"streams": [known, odd]})
    for mark in marks_of(odd, axis):
        assert 0 <= mark.offset <= 100 and 0 < mark.width <= 100 and mark.offset + mark.width <= 100.01


def test_a_week_in_short_cuts_does_not_swell_the_page():
    many = stream(*[(5 * number, 5) for number in range(1, 3000)], recorded_from=at(0), recorded_to=at(15000))
    assert len(marks_of(many, axis_of({"streams": [many]}))) == MAX_MARKS
