# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task returns."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._recording.job import StreamResult
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import Outcome
from ansible_collections.zego.cloud.plugins.module_utils._recording.result import recording_result, with_entries_of

TABLE = {
    "stopped": (True, False),
    "already_stopped": (False, False),
    "started": (True, False),
    "already_started": (False, False),
    "failed": (False, True),
    "unknown": (False, True),
    "not_attempted": (False, True),
}


def result(stream, name, **facts):
    return StreamResult(stream, Outcome(name, facts), 1)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_outcome_is_reported_as_changed_failed_or_neither(name):
    returned = recording_result("Tencent", [result("a", name, code="c", message="why")], 3, with_diff=False)
    changed, failed = TABLE[name]
    assert (returned["changed"], returned["failed"]) == (changed, failed)
    assert returned["streams"] == [
        {
            "stream_id": "a",
            "outcome": name,
            "changed": changed,
            "failed": failed,
            "code": "c",
            "message": "why",
            "attempts": 1,
        }
    ]
    assert returned["api_requests"] == 3
    assert "results" not in returned and "diff" not in returned


@given(st.lists(st.sampled_from(sorted(TABLE)), min_size=1, max_size=30))
def test_the_counts_of_a_report_add_up(outcomes):
    streams = [f"s{place}" for place in range(len(outcomes))]
    returned = recording_result("Ws", list(map(result, streams, outcomes)), 1, with_diff=True)
    counts = returned["summary"]
    assert counts["total"] == len(outcomes) == counts["changed"] + counts["unchanged"] + counts["failed"]
    assert counts["changed"] == sum(TABLE[name][0] for name in outcomes)
    assert counts["failed"] == sum(TABLE[name][1] for name in outcomes)
    assert returned["changed"] == (counts["changed"] > 0) and returned["failed"] == (counts["failed"] > 0)
    assert [item["stream_id"] for item in returned["streams"]] == streams
    assert returned["diff"]["before"].count("\n") == returned["diff"]["after"].count("\n") == len(outcomes)
    assert (returned["diff"]["before"] != returned["diff"]["after"]) == returned["changed"]
    json.dumps(returned)


def test_the_message_names_the_first_failed_streams_and_what_to_do():
    results = [result("skipped", "not_attempted", message="not attempted")] + [
        result(f"bad{number}", "failed", message=f"why{number}") for number in range(8)
    ]
    text = recording_result("Huawei", results, 1, with_diff=False)["msg"]
    assert "9 of 9" in text and "8 failed" in text and "1 not_attempted" in text
    assert all(f"bad{number}" in text and f"why{number}" in text for number in range(5))
    assert "skipped" not in text and "bad7" not in text and "4 more" in text


def test_the_message_of_a_good_run_counts_its_streams():
    assert (
        recording_result("Huawei", [result("a", "stopped"), result("b", "already_stopped")], 1, with_diff=False)["msg"]
        == "Huawei: 1 stopped, 1 already_stopped."
    )


def test_the_time_of_a_stop_is_told_where_it_is_known():
    known = StreamResult("a", Outcome("stopped", {"request_id": "7"}), 1, 1777672804.25)
    entries = recording_result("Tencent", [known, result("b", "already_stopped")], 1, with_diff=False)["streams"]
    assert entries[0]["stopped_at"] == "2026-05-01T22:00:04.250Z" and entries[0]["request_id"] == "7"
    assert "stopped_at" not in entries[1]


@given(st.lists(st.sampled_from(sorted(TABLE)), min_size=1, max_size=30))
def test_what_is_left_out_of_a_result_changes_nothing_else_of_it(outcomes):
    streams = [f"s{place}" for place in range(len(outcomes))]
    whole = recording_result("Ws", list(map(result, streams, outcomes)), 1, with_diff=True)
    failed, summary = with_entries_of("failed", whole), with_entries_of("summary", whole)
    assert with_entries_of("all", whole) == whole
    assert {**failed, "streams": whole["streams"]} == whole == {**summary, "streams": whole["streams"]}
    assert failed["streams"] == [entry for entry in whole["streams"] if TABLE[entry["outcome"]][1]]
    # An empty list would read as 'none failed'.
    assert "streams" not in summary
