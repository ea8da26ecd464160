# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report says what became of every item, whatever the tasks returned."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import (  # noqa: E402
    EVENT,
    FOUND,
    GROUP,
    KEY,
    absent,
    facts,
    found_of,
    frozen,
    loop,
    steps,
    stopped,
    with_files,
)

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import plan as _plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import progress as _progress
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report


def entry_of(report, name, key="streams", *, id_key="stream_id"):
    (entry,) = [entry for entry in report[key] if entry[id_key] == name]
    return entry


def test_a_night_without_trouble_is_complete(valid):
    report = valid(_report.build(with_files(facts())))
    assert not report["failed"] and report["failures"] == [] and report["warnings"] == [NO_ALIYUN]
    assert report["totals"] == {"total": 5, "changed": 5, "unchanged": 0, "failed": 0, "skipped": 0}
    assert [step["status"] for step in report["timeline"]] == ["ok", "changed", "changed", "changed", "ok"]
    assert report["seconds"] == 125.0 and report["timeline"][1]["seconds"] == 10.0
    assert entry_of(report, "arena-1")["room_id"] == "main" and entry_of(report, "stage-1")["vendor"] == "Tencent"
    assert entry_of(report, "studio-1")["domain"] == "pull.example.com"
    assert entry_of(report, "stage-1")["files"][0]["url"] == "http://vod.example.com/stage-1.mp4"
    assert report["files"] == {
        "waited_for": 4,
        "found": 4,
        "bytes": 8_000_000,
        "missing": 0,
        "incomplete": 0,
        "unknown": 0,
    }
    assert [room["outcome"] for room in report["discovery"]] == ["found", "gone"]


NO_ALIYUN = "The recorded files of Aliyun were not waited for: the API cannot search for them."


def test_a_stream_that_failed_is_told_with_cause_and_advice(valid):
    report = valid(_report.build(facts(entry=frozen("stage-2"))))
    assert report["failed"] and report["totals"]["failed"] == 1 and report["totals"]["changed"] == 4
    (failure,) = report["failures"]
    assert (
        failure["name"] == "stage-2"
        and failure["counts"]
        and failure["vendor"] == "Tencent"
        and failure["vendor_request_id"]
    )
    assert report["timeline"][1]["status"] == "failed" and report["timeline"][1]["summary"] == "4 stopped, 1 failed"
    # The event names it, so the next run knows it without the room.
    assert [room["outcome"] for room in report["rooms"]] == ["closed", "closed"]


def test_a_stream_that_had_to_be_recording_keeps_no_room_open():
    missed = stopped("arena-1", changed=False, failed=True, outcome="failed", evidence="vendor")
    known = facts(entry=lambda name: missed if name == "arena-1" else stopped(name))
    assert _progress.followup(known)["rooms"] == ["main", "back"]


def test_a_room_stays_open_while_a_stream_of_it_is_left(valid):
    known = facts(entry=frozen("arena-1"))
    assert _progress.followup(known)["rooms"] == ["back"]
    known["results"]["rooms"] = {"rooms": known["results"]["rooms"]["rooms"][1:]}
    report = valid(_report.build(known))
    assert (
        entry_of(report, "main", "rooms", id_key="room_id")["outcome"] == "kept_open"
        and "arena-1" in report["failures"][1]["message"]
    )
    assert _progress.followup(dict(known, keep_rooms=False))["rooms"] == ["main", "back"]


CODE_2 = "the API answered Code 2 (invalid input parameter). Check the options."
ROOM = {"discover_rooms": ["main"], "vendor": "Ws", "close_rooms": ["main"], "streams": {"Ws": ["lobby-1"]}}


def _refusing(*names, message=CODE_2):
    refused = {"outcome": "failed", "changed": False, "failed": True, "code": "2", "message": message}
    return lambda name: {"stream_id": name, **refused} if name in names else stopped(name)


def _closed(found, entry, **event):
    found = [{"stream_id": name, "room_id": "main"} for name in found]
    known = facts({**ROOM, **event}, found, entry)
    return known, _progress.followup(known)["rooms"] == ["main"]


@pytest.mark.parametrize(
    ("found", "refused", "closes"),
    [
        (["guest 1"], ["guest 1"], True),
        (["a\tb"], [], True),
        (["guest 1", "x" * 257], ["guest 1"], True),
        (["guest 1", "arena-1"], ["guest 1"], True),
        # Not for its name: the client SDKs allow it.
        (["arena-1"], ["arena-1"], False),
        (["guest 1", "arena-1"], ["guest 1", "arena-1"], False),
        # What another stream of the vendor met is not about this one's name either.
        (["guest 1"], ["guest 1", "lobby-1"], False),
    ],
)
def test_a_room_closes_where_only_refused_names_are_left(valid, found, refused, closes):
    known, closed = _closed(found, _refusing(*refused))
    assert closed is closes
    if not closes:
        known["results"]["rooms"] = {}
    report = valid(_report.build(known))
    (room,) = report["rooms"]
    assert room["outcome"] == ("closed" if closes else "kept_open")
    told = [warning for warning in report["warnings"] if "was not left open for it" in warning]
    if closes:
        assert "was not left open for it" in room["message"] and len(told) == 1 and "Room main: " in told[0]
        hopeless = [stream for stream in report["streams"] if stream.get("name_refused")]
        assert hopeless and all(stream["failed"] and "console" in stream["message"] for stream in hopeless)
    else:
        assert not told and not any(stream.get("name_refused") for stream in report["streams"])


def test_a_room_stays_open_for_a_stream_that_failed_for_something_else():
    for message in ("the API answered Code 20 (odd).", "Ws answered 2: no. Look there.", "timed out"):
        assert not _closed(["guest 1"], _refusing("guest 1", message=message))[1]
    assert not _closed(["guest 1", "arena-1"], frozen("arena-1"))[1]


def test_a_name_that_the_event_should_not_have_is_skipped_with_the_step(valid):
    known = facts({"streams": {"Ws": ["a ", "b"]}}, [], skip=["recordings"])
    assert valid(_report.build(known))["outcomes"] == {"skipped": 2}
    del known["skip"]
    report = valid(_report.build(known))
    assert report["outcomes"] == {"stopped": 1, "failed": 1} and report["failed"]
    assert "correct the name" in report["failures"][0]["message"]


def test_a_room_stays_open_while_nobody_knows_its_streams(valid):
    known = facts()
    known["results"]["discover"]["rooms"][0] = {
        "room_id": "main",
        "failed": True,
        "code": "154",
        "message": "list failed",
    }
    known["results"]["rooms"] = {}
    known["steps"] = steps("discover", "recordings", "relays")
    assert _progress.followup(known)["rooms"] == ["back"]
    report = valid(_report.build(known))
    assert [failure["step"] for failure in report["failures"]] == ["discover", "rooms", "rooms"]
    # The step did not run, and that is not 'skipped'.
    assert report["timeline"][3]["status"] == "failed" and "started" not in report["timeline"][3]


def test_a_failure_that_does_not_count_fails_no_event():
    report = _report.build(facts(entry=frozen("stage-2"), fail_on=["relays"]))
    assert not report["failed"] and [failure["counts"] for failure in report["failures"]] == [False]


def test_what_counts_comes_first_and_what_was_not_attempted_last():
    def entry(name):
        return stopped(name, failed=True, changed=False, outcome="not_attempted" if name == "stage-1" else "failed")

    known = facts(entry=entry, fail_on=["recordings"])
    known["results"]["relays"]["relays"][0].update(failed=True, outcome="failed")
    failures = [(failure["step"], failure["name"], failure["counts"]) for failure in _report.build(known)["failures"]]
    recordings = [("recordings", name, True) for name in ("stage-2", "lobby-1", "studio-1", "arena-1", "stage-1")]
    assert failures == [*recordings, ("relays", "stage-1", False)]


@pytest.mark.parametrize(
    "result,said",
    [
        ({}, "did not get as far"),
        ({"msg": "Unsupported parameters", "failed": False}, "Unsupported parameters"),
        ({"unreachable": True, "msg": "Failed to connect"}, "not reachable: Failed to connect"),
        ({"msg": "MODULE FAILURE", "module_stdout": "x", "rc": 1}, "MODULE FAILURE"),
        ({"streams": "what", "msg": "odd"}, "odd"),
        ({"streams": [None, {"stream_id": "somebody-else"}]}, "did not get as far"),
    ],
)
def test_a_task_that_does_not_answer_for_its_streams_fails_them(valid, result, said):
    known = facts()
    known["results"]["recordings"] = loop(known["plan"]["recordings"], lambda group: dict(result))
    report = valid(_report.build(known))
    assert report["totals"]["failed"] == report["totals"]["total"] == 5
    assert all(said in stream["message"] for stream in report["streams"])


def test_an_entry_has_its_own_failures():
    report = _report.build(with_files(facts(entry=frozen("stage-2"), fail_on=["files"]), "lobby-1"))
    linked = {item.name: item.failures for item in _report.items(report) if item.failures}
    assert set(linked) == {"stage-2", "lobby-1"} and _report.step_failures(report) == []
    assert [(failure["step"], failure["counts"]) for failure in linked["stage-2"]] == [("recordings", False)]
    assert [(failure["step"], failure["counts"]) for failure in linked["lobby-1"]] == [("files", True)]


def test_a_step_that_broke_fails_the_event(valid):
    known = facts(steps=[*steps("discover"), {"step": "recordings", "error": "template error"}])
    known["results"].update(recordings={}, relays={}, rooms={})
    report = valid(_report.build(known))
    assert report["totals"]["failed"] == 5 and all(
        stream["message"] == "template error" for stream in report["streams"]
    )
    # Steps that had to run and did not are failures as well.
    assert {failure["step"] for failure in report["failures"]} == {"recordings", "relays", "rooms"}


def test_a_step_that_broke_without_an_item_fails_the_event(valid):
    known = facts()
    known["steps"][2]["error"] = "timed out"
    report = valid(_report.build(dict(known, fail_on=[])))
    assert report["failed"] and report["failures"] == [
        {"step": "relays", "name": "Stop the relays", "message": "timed out", "counts": True}
    ]


def test_skipped_steps_are_told_as_skipped(valid):
    known = facts(steps=steps("discover"), skip=["recordings", "relays", "rooms"])
    known["results"].update(recordings={}, relays={}, rooms={})
    report = valid(_report.build(known))
    assert not report["failed"] and report["totals"]["skipped"] == 5
    assert [step["summary"] for step in report["timeline"]] == [
        "2 streams in 1 room, 1 gone",
        *["skipped as asked"] * 3,
        "nothing to do",
    ]


@pytest.mark.parametrize(
    "vendors,words",
    [
        ({}, "5 already stopped"),
        ({"stage-1": "Tencent"}, "4 already stopped; 1 not recording, according to Tencent"),
        ({"stage-1": "Tencent", "lobby-1": "Ws"}, "3 already stopped; 2 not recording, according to their vendors"),
    ],
)
def test_what_only_a_vendor_says_is_told_apart(valid, vendors, words):
    report = valid(_report.build(facts(entry=absent(vendors))))
    assert report["evidence"] == {"remembered": 5 - len(vendors), "vendor": len(vendors)}
    # A rerun stays green: it is told apart, and does not fail.
    assert report["totals"]["unchanged"] == 5 and not report["failed"]
    assert report["timeline"][1]["summary"] == words
    assert {stream["stream_id"] for stream in report["streams"] if stream["evidence"] == "vendor"} == set(vendors)


def test_only_unconfirmed_streams_leave_no_empty_words(valid):
    names = ("stage-1", "stage-2", "lobby-1", "studio-1", "arena-1")
    report = valid(_report.build(facts(entry=absent(dict.fromkeys(names, "Tencent")))))
    assert report["timeline"][1]["summary"] == "5 not recording, according to their vendors"


def test_a_report_of_check_mode_expects_and_fails_nothing(valid):
    report = valid(_report.build(facts(check_mode=True, wait_for_files=True)))
    assert report["check_mode"] and not report["failed"] and report["timeline"][1]["summary"] == "expected: 5 stopped"
    assert report["timeline"][4]["summary"] == "skipped in check mode" and report["files"]["missing"] == 0


def test_files_that_did_not_come_are_counted_as_missing(valid):
    report = valid(_report.build(with_files(facts(entry=frozen("stage-1")), "lobby-1")))
    assert [failure["name"] for failure in report["failures"]] == ["stage-1", "lobby-1"]
    # Nobody waits for the file of a recording that goes on.
    assert report["files"]["waited_for"] == 3 and "files_missing" not in entry_of(report, "stage-1")
    assert entry_of(report, "lobby-1")["files_missing"]["message"].startswith("No recorded file")
    assert not _report.build(with_files(facts(), "lobby-1") | {"fail_on": ["recordings"]})["failed"]


def test_files_that_are_not_the_whole_recording_fail_the_files_step(valid):
    known = with_files(facts())
    old = found_of("stage-1", missing=True, whole=False, recorded_to="2026-05-01T19:00:00Z")
    known["results"]["files"]["results"][0]["streams"][0] = old
    report = valid(_report.build(known))
    (failure,) = report["failures"]
    assert (failure["step"], failure["name"], failure["counts"]) == ("files", "stage-1", True) and report["failed"]
    assert "not whole" in failure["message"] and "zego_teardown_files_tolerance" in failure["message"]
    assert report["files"]["missing"] == 0 and report["files"]["incomplete"] == 1 and report["files"]["unknown"] == 0
    assert report["timeline"][4]["status"] == "failed" and report["timeline"][4]["summary"].endswith("1 not whole")
    entry = entry_of(report, "stage-1")
    assert entry["files"] and entry["recording"]["whole"] is False and "files_missing" not in entry
    assert entry["recording"]["recorded_to"] == "2026-05-01T19:00:00Z"
    assert not _report.build({**known, "fail_on": ["recordings"]})["failed"]


def test_files_of_which_nobody_knows_whether_they_are_all_are_warned_of(valid):
    known = with_files(facts())
    answer = found_of("stage-1")
    del answer["whole"], answer["stopped_at"]
    known["results"]["files"]["results"][0]["streams"][0] = answer
    report = valid(_report.build(known))
    assert not report["failed"] and report["files"]["unknown"] == 1
    assert report["warnings"][1].startswith("Of 1 stream nobody knows when the recording was stopped")
    assert "whole" not in entry_of(report, "stage-1")["recording"]


def test_a_search_that_says_nothing_of_a_stream_is_no_good_news(valid):
    known = with_files(facts())
    del known["results"]["files"]["results"][0]["streams"][0]
    report = valid(_report.build(known))
    assert report["failed"] and entry_of(report, "stage-1")["files"]
    assert [(failure["step"], failure["name"]) for failure in report["failures"]] == [("files", "stage-1")]


def test_files_are_waited_for_with_the_times_of_the_stops():
    def entry(name):
        return stopped(name, **({"stopped_at": "2026-05-01T22:00:04Z"} if name == "stage-2" else {}))

    groups = _progress.followup(facts(entry=entry))["files"]
    (tencent,) = [group for group in groups if group["vendor"] == "Tencent"]
    assert tencent["streams"] == ["stage-1", "stage-2"]
    assert tencent["stops"] == [{"stream_id": "stage-2", "stopped_at": "2026-05-01T22:00:04Z"}]
    assert entry_of(_report.build(facts(entry=entry)), "stage-2")["stopped_at"] == "2026-05-01T22:00:04Z"


def test_files_that_could_not_be_asked_for_are_told(valid):
    refused = [{"stream_id": "lobby-1", "failed": True, "code": "3", "message": "permission not enabled"}]
    known = with_files(facts())
    known["results"]["files"]["results"][1].update(files=[], streams=refused)
    report = valid(_report.build(known))
    assert report["failures"][0]["code"] == "3" and report["failures"][0]["message"] == "permission not enabled"


def test_a_report_holds_no_key_of_a_relay_and_no_query_of_a_file():
    known = with_files(facts())
    for result in known["results"]["files"]["results"]:
        for file in result["files"]:
            file["url"] = file["url"].replace("http://", "http://crew:password@") + "?sign=signature&t=1#fragment"
    text = json.dumps(_report.build(known))
    assert KEY not in text and "signature" not in text and "password" not in text and "rtmp://push.example.com" in text


def test_warnings_are_read_as_every_version_of_ansible_writes_them():
    known = facts()
    known["results"]["rooms"]["warnings"] = ["old", {"event": {"msg": "new"}}, "old"]
    known["results"]["recordings"]["results"][0]["warnings"] = ["of an item"]
    assert _report.build(known)["warnings"] == ["of an item", "old", "new"]
    # What the check before the first step warned of comes first, and once.
    known["warnings"] = ["unread", "two vendors"]
    known["plan"] = {**known["plan"], "warnings": ["two vendors", "found at two"]}
    assert _report.build(known)["warnings"][:4] == ["unread", "two vendors", "found at two", "of an item"]


def test_a_stream_at_two_domains_has_two_entries():
    streams = [{"stream_id": "a", "vendor": "Aliyun", "domain": domain, "point": "live"} for domain in ("one", "two")]
    known = facts({"streams": streams}, [])
    known["results"]["recordings"]["results"][1]["streams"] = [
        {"stream_id": "a", "outcome": "failed", "failed": True, "changed": False}
    ]
    assert [(stream["domain"], stream["outcome"]) for stream in _report.build(known)["streams"]] == [
        ("one", "stopped"),
        ("two", "failed"),
    ]


def test_failures_with_one_cause_stand_together():
    (group,) = _report.grouped(_report.build(facts(entry=frozen("stage-1", "stage-2")))["failures"])
    assert [item["name"] for item in group["items"]] == ["stage-1", "stage-2"] and "request_id" not in group


VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
NAMED = st.sampled_from(["stage-1", "stage-2", "lobby-1", "studio-1", "arena-1"])
MORE = (
    "outcome",
    "changed",
    "failed",
    "code",
    "message",
    "files",
    "exists",
    "request_id",
    "streams",
    "attempts",
    "url",
    "size",
    "name",
    "cdn",
    "missing",
    "whole",
    "gaps",
    "duration",
    "recorded_from",
    "recorded_to",
    "stopped_at",
)
ENTRIES = st.fixed_dictionaries(
    {"stream_id": NAMED, "room_id": st.sampled_from(["main", "back"]) | VALUES}, optional={key: VALUES for key in MORE}
)
GROUPS = _plan.plan(EVENT, FOUND)["recordings"]
RESULTS = st.fixed_dictionaries(
    {},
    optional={
        "streams": VALUES | st.lists(ENTRIES | VALUES, max_size=3),
        "rooms": VALUES | st.lists(ENTRIES | VALUES, max_size=3),
        "relays": VALUES | st.lists(ENTRIES | VALUES, max_size=3),
        "files": VALUES | st.lists(ENTRIES | VALUES, max_size=3),
        "results": VALUES | st.lists(ENTRIES | VALUES, max_size=3),
        "warnings": st.none() | st.lists(VALUES | ENTRIES, max_size=2),
        "msg": VALUES,
        "skipped": VALUES,
        "unreachable": VALUES,
        GROUP: VALUES | st.sampled_from(GROUPS),
    },
)
# A loop over the groups that answers for streams of theirs, in whatever words.
STREAMS = st.lists(ENTRIES | VALUES, min_size=1, max_size=4)
LOOPS = st.tuples(
    *(
        RESULTS | st.fixed_dictionaries({"streams": STREAMS, "files": STREAMS, GROUP: st.just(group)})
        for group in GROUPS
    )
).map(lambda results: {"results": list(results)})
PARTS = st.fixed_dictionaries(
    {},
    optional={
        step: VALUES | RESULTS | (LOOPS if step in ("recordings", "files") else RESULTS) for step in _progress.STEPS
    },
)
RAN = st.lists(st.sampled_from(list(_progress.STEPS)), unique=True)


@given(PARTS, RAN, st.booleans(), st.booleans())
def test_whatever_the_tasks_returned_each_stream_has_one_honest_entry(valid, results, ran, check_mode, wait):
    known = facts(results=results, steps=steps(*ran), check_mode=check_mode, wait_for_files=wait)
    report = valid(_report.build(known))
    assert [stream["stream_id"] for stream in report["streams"]] == [
        "stage-1",
        "stage-2",
        "lobby-1",
        "studio-1",
        "arena-1",
    ]
    totals = report["totals"]
    assert totals["total"] == totals["changed"] + totals["unchanged"] + totals["failed"] + totals["skipped"] == 5
    if "recordings" not in ran:
        assert totals["failed"] == 5
    answered = {entry.get("stream_id") for entry in _answers(results.get("recordings"))}
    assert all(stream["failed"] for stream in report["streams"] if stream["stream_id"] not in answered)
    assert report["failed"] == any(failure["counts"] for failure in report["failures"])
    # A report that was read from its JSON form links entries and failures as the one that was just made.
    linked = [failure for item in _report.items(json.loads(json.dumps(report))) for failure in item.failures]
    assert sorted(map(str, linked + _report.step_failures(report))) == sorted(map(str, report["failures"]))


def _answers(registered):
    for result in [
        registered,
        *(
            registered.get("results") or []
            if isinstance(registered, dict) and isinstance(registered.get("results"), list)
            else []
        ),
    ]:
        found = result.get("streams") if isinstance(result, dict) else None
        yield from (entry for entry in found or [] if isinstance(entry, dict)) if isinstance(found, list) else ()
