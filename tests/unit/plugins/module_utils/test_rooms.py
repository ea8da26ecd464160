# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms: what is in them, and what closing them comes to."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._event import rooms as _rooms
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import http, make_client, reply

STREAM = {"StreamId": "s", "UserId": "u", "UserName": "n", "CreateTime": 1642045110123, "StreamNumberId": 10}
LOST = AnswerLost("lost")
TEST = environment_of(5, True)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["StreamList", "StreamId", "UserId", "UserName", "CreateTime", "x"]), inner, max_size=5
        ),
    ),
    max_leaves=12,
)


def rooms_of(query):
    return [value for name, value in query if name == "RoomId"]


def test_the_streams_of_a_room_are_read_as_documented():
    streams, problem = _rooms.streams_of_reply("r", {"StreamList": [STREAM, {"StreamId": 7}]})
    assert problem is None
    assert streams[0] == {
        "stream_id": "s",
        "room_id": "r",
        "user_id": "u",
        "user_name": "n",
        "created": "2022-01-13T03:38:30.123Z",
    }
    assert streams[1] == {"stream_id": "7", "room_id": "r"}


@pytest.mark.parametrize("data", [None, [], {}, {"StreamList": None}, {"StreamList": {}}, "x", 0])
def test_a_reply_without_a_list_is_no_empty_room(data):
    assert _rooms.streams_of_reply("r", data)[1]
    listing = _run(make_client(reply(0, data)), _rooms.list_room, "r", PRODUCTION)
    assert listing.room["failed"] and "exists" not in listing.room and "no list" in listing.room["message"]


@pytest.mark.parametrize(
    "item", [None, {}, {"StreamId": ""}, {"StreamId": None}, {"StreamId": True}, {"StreamId": []}, "s", 7]
)
def test_a_stream_that_cannot_be_named_is_said(item):
    listing = _run(make_client(reply(0, {"StreamList": [STREAM, item]})), _rooms.list_room, "r", PRODUCTION)
    assert [stream["stream_id"] for stream in listing.streams] == ["s"]
    assert listing.room["failed"] and "1 of 2" in listing.room["message"]


@given(JSON)
def test_any_reply_is_read_without_an_exception(data):
    streams, problem = _rooms.streams_of_reply("r", data)
    json.dumps(streams)
    assert all(isinstance(stream["stream_id"], str) and stream["stream_id"] for stream in streams)
    if problem is None:
        assert len(streams) == len(data["StreamList"])


def test_rooms_are_listed_in_order_and_all_of_them():
    full, empty = ({"StreamList": streams} for streams in ([STREAM, dict(STREAM, StreamId="t")], []))
    answers = {"full": reply(0, full), "gone": reply(104), "bad": reply(4711), "empty": reply(0, empty)}
    client = make_client(lambda query: answers[rooms_of(query)[0]])
    result = _rooms.list_rooms(client, ["bad", "gone", "full", "empty"], TEST, refused={})
    assert [room["room_id"] for room in result["rooms"]] == ["bad", "gone", "full", "empty"]
    assert [room.get("exists") for room in result["rooms"]] == [None, False, True, True]
    assert [room.get("streams") for room in result["rooms"]] == [None, 0, 2, 0]
    assert [stream["stream_id"] for stream in result["streams"]] == ["s", "t"]
    assert result["summary"] == {"total": 4, "existing": 2, "missing": 1, "failed": 1, "streams": 2}
    assert result["failed"] and not result["changed"] and "bad: " in result["msg"] and result["api_requests"] == 4
    assert all(("IsTest", "true") in query for query in client.sender.transport.queries)


def test_a_wrong_secret_asks_for_one_room_only():
    client = make_client(reply(100000005))
    result = _rooms.list_rooms(client, [f"r{number}" for number in range(60)], PRODUCTION, refused={})
    assert client.requests_sent == 1 and result["summary"]["failed"] == 60
    assert sorted({room["attempts"] for room in result["rooms"]}) == [0, 1]
    assert "and 55 more" in result["msg"]


@pytest.mark.parametrize(
    "script,outcome,changed",
    [
        ([reply(0)], "closed", True),
        ([reply(104)], "already_closed", False),
        ([reply(5024)], "already_closed", False),
        ([reply(50001)], "already_closed", False),
        ([reply(5018)], "already_closed", False),
        ([LOST, reply(5018)], "closed", True),
        ([reply(206), reply(207), reply(0)], "closed", True),
        ([reply(3)], "failed", False),
        ([reply(9)], "failed", False),
        ([LOST, reply(104)], "closed", True),
        ([http(502), reply(0)], "closed", True),
        ([reply(6), reply(104)], "already_closed", False),
        ([reply(4711)], "failed", False),
        ([LOST], "failed", False),
        ([reply(100000005)], "failed", False),
    ],
)
def test_each_answer_to_a_closing_has_one_outcome(script, outcome, changed):
    entry = _run(make_client(*script), _rooms.close_room, "r", "bye", PRODUCTION)
    assert (entry["room_id"], entry["outcome"], entry["changed"], entry["failed"]) == (
        "r",
        outcome,
        changed,
        outcome == "failed",
    )
    assert entry["attempts"] == (5 if script == [LOST] else len(script))
    assert "message" in entry or script[-1] == reply(0)


def test_a_reason_is_sent_where_there_is_one():
    client = make_client(reply(0))
    _run(client, _rooms.close_room, "r", "bye", PRODUCTION)
    _run(client, _rooms.close_room, "r", None, PRODUCTION)
    assert [dict(query).get("CustomReason") for query in client.sender.transport.queries] == ["bye", None]


@pytest.mark.parametrize("code, word", [(3, "input too long"), (9, "no permission"), (8, "decoding failed")])
def test_a_refusal_is_named_as_the_reference_names_it(code, word):
    entry = _run(make_client(reply(code)), _rooms.close_room, "r", None, PRODUCTION)
    assert word in entry["message"] and "probably" not in entry["message"]


def test_no_permission_ends_the_run_and_a_long_name_does_not():
    for code, outcomes in ((9, ["failed"] + ["not_attempted"] * 11), (3, ["failed"] * 12)):
        client = make_client(reply(code))
        entries = run_jobs(client, [partial(_rooms.close_room, f"r{number}", None, PRODUCTION) for number in range(12)])
        assert [entry["outcome"] for entry in entries] == outcomes


def test_the_callback_is_asked_for_only_where_it_is_wanted():
    client = make_client(reply(0))
    _run(client, _rooms.close_room, "r", None, PRODUCTION)
    run_jobs(client, [partial(_rooms.close_room, "r", None, PRODUCTION, callback=True)])
    assert [dict(query).get("RoomCloseCallback") for query in client.sender.transport.queries] == [None, "true"]


def test_the_id_of_a_room_has_128_bytes_at_most():
    assert _rooms.check_rooms("rooms", ["é" * 64, "a", "a"]) == (["é" * 64, "a"], {})
    for name in ("x" * 129, "é" * 65):
        rooms, refused = _rooms.check_rooms("rooms", ["a", name])
        assert rooms == ["a", name] and "at most 128 are allowed" in refused.pop(name) and not refused


def test_a_room_that_no_request_can_carry_has_its_entry_in_its_place():
    answers = [{"room_id": room, "outcome": "closed", "changed": True, "failed": False} for room in ("a", "c")]
    entries = _rooms.with_refused(["a", "b\ud800", "c"], {"b\ud800": "Not a name."}, answers)
    assert [entry["room_id"] for entry in entries] == ["a", "b?", "c"] and entries[0] is answers[0]
    assert entries[1] == {
        "room_id": "b?",
        "outcome": "failed",
        "changed": False,
        "failed": True,
        "message": "Not a name. It was not sent.",
        "attempts": 0,
    }


class SharedQuota:
    """One request is taken in any second, of all pipelines together; the others get ``code``."""

    def __init__(self, clock, code):
        self._clock = clock
        self._code = code
        self._taken_at = float("-inf")
        self.closed = []
        self.refused = 0

    def answer(self, query):
        if self._clock() - self._taken_at < 1.0:
            self.refused += 1
            return reply(self._code)
        self._taken_at = self._clock()
        self.closed += rooms_of(query)
        return reply(0)


@pytest.mark.parametrize("code", [206, 207])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75])
def test_another_pipeline_at_the_same_quota_costs_time_and_no_room(code, phase):
    def answer(query):
        return shared.answer(query)

    client = make_client(answer, rate=1)
    clock = client.gate.fake_clock
    shared = SharedQuota(clock, code)
    send = client.sender.transport.send
    other = {"next": clock() + phase, "closed": 0}
    many = 30

    def beside_another(*request, **options):
        # The other pipeline tries every second, too, and comes first for longer than any number of retries would last.
        while other["closed"] < many and other["next"] <= clock():
            shared._taken_at = max(shared._taken_at, other["next"])
            other["next"] += 1.05
            other["closed"] += 1
        return send(*request, **options)

    client.sender.transport.send = beside_another
    entries = run_jobs(client, [partial(_rooms.close_room, f"r{number}", None, PRODUCTION) for number in range(6)])
    assert [entry["outcome"] for entry in entries] == ["closed"] * 6 and len(shared.closed) == 6
    assert other["closed"] == many and shared.refused > 0


def test_rooms_after_the_end_are_not_attempted():
    client = make_client(reply(0), reply(100000011))
    entries = run_jobs(client, [partial(_rooms.close_room, f"r{number}", None, PRODUCTION) for number in range(40)])
    outcomes = [entry["outcome"] for entry in entries]
    assert outcomes.count("closed") == 1 and outcomes.count("not_attempted") > 0
    for entry in entries:
        assert (entry["outcome"] == "not_attempted") == (entry["attempts"] == 0) and entry["failed"] == (
            entry["outcome"] != "closed"
        )


@pytest.mark.parametrize(
    "answer,outcome",
    [
        (reply(0, {"StreamList": []}), "closed"),
        (reply(104), "already_closed"),
        (reply(4711), "failed"),
        (reply(0, None), "failed"),
    ],
)
def test_prediction_asks_and_closes_nothing(answer, outcome):
    client = make_client(answer)
    entry = _run(client, _rooms.expect_closing, "r", PRODUCTION)
    assert entry["outcome"] == outcome and entry["changed"] == (outcome == "closed")
    assert (
        dict(client.sender.transport.queries[0])["Action"] == "DescribeSimpleStreamList" and client.requests_sent == 1
    )


def _run(client, job, *args):
    return run_jobs(client, [partial(job, *args)])[0]


def _breaking(*_arguments):
    raise MemoryError


def test_a_room_whose_answer_breaks_this_machine_has_failed(monkeypatch):
    monkeypatch.setattr(_rooms, "_listing", _breaking)
    result = _rooms.list_rooms(make_client(reply(0)), ["a", "b"], PRODUCTION, refused={})
    assert [room["room_id"] for room in result["rooms"]] == ["a", "b"] and result["summary"]["failed"] == 2
    assert all("an error on this machine ended it (MemoryError" in room["message"] for room in result["rooms"])
    entry = _rooms.not_closed("a", LOST)
    assert (entry["room_id"], entry["outcome"], entry["message"]) == ("a", "failed", "lost.")
