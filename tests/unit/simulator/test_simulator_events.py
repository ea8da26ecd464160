# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Rooms and relays, the actions of which only the name is known, and their quotas."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

LIST, CLOSE, RELAY = "DescribeSimpleStreamList", "CloseRoom", "DeleteCDNTransferRule"
URL = "rtmp://live.example.com/app/key?a=b"
ACKNOWLEDGED = ("DeleteMedia", "ForbidCDNLiveStream", "DescribeUserNum", "StopMix", "StopCensorAudioV2", "StopRecord")
REFERENCE = json.loads((Path(__file__).parents[1] / "plugins/module_utils/reference.json").read_text(encoding="utf-8"))
DOCUMENTED = {action: row["per_second"] for action, row in REFERENCE["actions"].items()}
TESTS = {action: row["test_per_second"] for action, row in REFERENCE["actions"].items()}


def listed(reply):
    return [row["StreamId"] for row in reply["Data"]["StreamList"]]


def unlimited(simulator, **config):
    simulator.configure(quota=0, room_seconds=0, **config)


def test_the_streams_of_a_room_come_in_the_documented_shape(api, simulator):
    before = int(time.time() * 1000)
    given = {"StreamId": "b", "UserId": "u1", "UserName": "Ada", "CreateTime": 1642045110123, "StreamNumberId": 10}
    simulator.add_room("hall 1", ["a", given])
    reply = api.call(LIST, RoomId="hall 1")
    first, second = reply["Data"]["StreamList"]
    assert (reply["Code"], list(reply["Data"]), second) == (0, ["StreamList"], given)
    assert list(first) == list(given) and (first["StreamId"], type(first["StreamNumberId"])) == ("a", int)
    assert before <= first["CreateTime"] <= int(time.time() * 1000)
    assert (api.log()["room"], api.log()["work"], api.log()["vendor"], api.log()["streams"]) == ("hall 1", True, "", [])


def test_an_empty_room_is_gone(api, simulator):
    unlimited(simulator)
    simulator.add_room("r", ["a"])
    simulator.add_room("r", [])
    assert [api.call(action, RoomId=room)["Code"] for action in (LIST, CLOSE) for room in ("r", "never")] == [104] * 4
    assert simulator.rooms()["r"]["state"] == "empty"
    simulator.configure(room_gone_code=[104, 5024, 50001])
    assert [api.call(LIST, RoomId="r")["Code"] for _turn in range(4)] == [104, 5024, 50001, 104]
    simulator.configure(room_gone_code=50001)
    assert api.call(CLOSE, RoomId="r")["Code"] == 50001 and api.log()["results"] == ["room_gone"]


def test_a_closing_ends_a_room_once(api, simulator):
    unlimited(simulator)
    simulator.add_room("r", ["a", "b"])
    reason = "\u00e9" * 128
    assert api.call(CLOSE, RoomId="r", CustomReason=reason)["Code"] == 0
    room = simulator.rooms()["r"]
    assert (room["state"], room["streams"]) == ("closed", [])
    assert [(one["request"], one["reason"], one["callback"]) for one in room["closings"]] == [(1, reason, False)]
    assert [api.call(action, RoomId="r")["Code"] for action in (LIST, CLOSE)] == [104, 104]
    assert [line["results"] for line in simulator.requests()] == [["closed"], ["room_gone"], ["room_gone"]]
    simulator.add_room("r", ["c"])
    assert listed(api.call(LIST, RoomId="r")) == ["c"] and len(simulator.rooms()["r"]["closings"]) == 1


@pytest.mark.parametrize(
    "code, action, parameters",
    [
        (2, LIST, {}),
        (2, LIST, {"RoomId": ""}),
        (2, CLOSE, {}),
        (2, LIST, {"RoomId": "r", "IsTest": "maybe"}),
        (0, LIST, {"RoomId": "r", "IsTest": "true"}),
        (3, CLOSE, {"RoomId": "r", "CustomReason": "x" * 257}),
        (3, CLOSE, {"RoomId": "r", "CustomReason": "\u00e9" * 129}),
        (3, CLOSE, {"RoomId": "r" * 129}),
        (3, LIST, {"RoomId": "\u00e9" * 65}),
        (2, CLOSE, {"RoomId": "r", "RoomCloseCallback": "maybe"}),
        (0, CLOSE, {"RoomId": "r", "RoomCloseCallback": "true"}),
        (0, CLOSE, {"RoomId": "r", "CustomReason": "x" * 256}),
        (30009, RELAY, {"CDNUrl": URL, "Sequence": 1}),
        (30009, RELAY, {"StreamId": "x" * 257, "CDNUrl": URL, "Sequence": 1}),
        (30009, RELAY, {"StreamId": "a", "CDNUrl": URL, "Sequence": 1, "IsTest": "true"}),
        (5004, RELAY, {"StreamId": "a", "Sequence": 1}),
        (5004, RELAY, {"StreamId": "a", "CDNUrl": "http://live.example.com/app", "Sequence": 1}),
        (0, RELAY, {"StreamId": "a", "CDNUrl": f"{URL}-renewed", "Sequence": 1}),
        (2, RELAY, {"StreamId": "a", "CDNUrl": URL}),
        (2, RELAY, {"StreamId": "a", "CDNUrl": URL, "Sequence": "-1"}),
        (0, RELAY, {"StreamId": "a", "CDNUrl": URL, "Sequence": 0}),
    ],
)
def test_parameters_are_taken_as_the_reference_says(api, simulator, code, action, parameters):
    simulator.add_room("r", ["a"])
    simulator.add_relay("a", URL)
    assert api.call(action, **parameters)["Code"] == code
    touched = not simulator.relays()["a"]["urls"][URL]["running"] or simulator.rooms()["r"]["state"] == "closed"
    assert touched is (code == 0 and action != LIST) and api.log()["work"] is (code == 0)


def test_a_relay_ends_once(api, simulator):
    def delete(stream, sequence):
        return api.call(RELAY, StreamId=stream, CDNUrl=URL, Sequence=sequence)["Code"]

    other = "rtmp://live.example.com/app/key2?a=b"
    simulator.add_relay("a", URL, other)
    assert delete("a", 5) == 0 and api.log()["streams"] == ["a"]
    urls = {URL: {"running": False, "deleted_by": [1]}, other: {"running": True, "deleted_by": []}}
    assert simulator.relays()["a"] == {"sequence": 5, "urls": urls}
    assert delete("a", 6) == 0
    simulator.configure(absent_relay_code=1000)
    assert [delete("a", 7), delete("nobody", 7)] == [1000, 1000]
    assert [line["results"] for line in simulator.requests()] == [["relay_deleted"]] + [["relay_absent"]] * 3


def test_the_sequence_has_to_rise_for_each_stream(api, simulator):
    simulator.add_fault(kind="code", code=1000, request=1)
    # What a fault kept from being done used up no number.
    sent = [("b", 3), ("a", 1700000000000), ("a", 1700000000000), ("a", 1699999999999), ("b", 3), ("a", 1700000000001)]
    found = [api.call(RELAY, StreamId=stream, CDNUrl=URL, Sequence=number)["Code"] for stream, number in sent]
    assert found == [1000, 0, 2, 2, 0, 0]
    assert {name: entry["sequence"] for name, entry in simulator.relays().items()} == {"a": 1700000000001, "b": 3}


@pytest.mark.parametrize("action", ACKNOWLEDGED)
def test_an_action_without_documented_parameters_is_acknowledged(api, simulator, action):
    unlimited(simulator)
    found = [api.call(action, StreamId="a").get("Data", "absent") for _turn in range(6)]
    assert all(value in found for value in ("absent", None, {}))
    simulator.configure(answers={action: {"TaskId": "t1"}})
    reply = api.call(action, "Whoever", ["a"], StreamId="b", Anything="goes")
    assert (reply["Code"], reply["Data"]) == (0, {"TaskId": "t1"})
    assert (api.log()["results"], api.log()["streams"]) == (["acknowledged"], ["a", "b"])


def test_a_post_carries_its_parameters_in_a_json_body(api, simulator):
    simulator.reset({"rooms": {"r": ["a"]}, "relays": {"a": [URL]}})
    assert listed(api.post(LIST, {"RoomId": "r"})) == ["a"]
    assert api.post(CLOSE, {"RoomId": "r", "CustomReason": None})["Code"] == 0
    assert api.post(RELAY, {"StreamId": "a", "CDNUrl": URL, "Sequence": 12, "IsTest": False})["Code"] == 0
    nested = {"StreamId": ["a", "b"], "StreamId[]": ["c"], "Nested": {"a": [1]}}
    assert api.post("ForbidCDNLiveStream", nested)["Code"] == 0
    lines = simulator.requests()
    assert [line["streams"] for line in lines] == [[], [], ["a"], ["a", "b"]]
    assert {line["method"] for line in lines} == {"POST"} and json.loads(lines[0]["body"]) == {"RoomId": "r"}
    assert simulator.rooms()["r"]["state"] == "closed" and simulator.relays()["a"]["sequence"] == 12


def test_a_post_is_signed_in_its_address_alone(api, simulator):
    simulator.add_room("r", ["a"])
    signature = api.target(CLOSE, RoomId="r").split("Signature=")[1][:32]
    assert api.post(CLOSE, {"RoomId": "r", "Signature": signature}, Signature=None)["Code"] == 100000009
    assert api.post("", {"Action": CLOSE, "RoomId": "r"})["Code"] == 100000006
    for body in (b"{", b"[1]", b"RoomId=r", b"\xff"):
        simulator.configure(quota=0)
        assert api.post(CLOSE, body, RoomId="r")["Code"] == 2
    assert simulator.rooms()["r"]["state"] == "open"


@pytest.mark.parametrize(
    "action, method, allowed",
    [("StopCDNRecord", "POST", "GET"), ("StartCDNRecord", "POST", "GET"), (CLOSE, "PUT", "GET, POST")],
)
def test_another_method_is_refused(api, simulator, action, method, allowed):
    status, headers, _body = api.send(api.target(action, "Ws", ["a"], RoomId="r"), method, body=b"{}")
    assert (status, headers["Allow"], api.log()["number"]) == (405, allowed, None)
    assert simulator.state()["Ws"] == {}


def test_each_action_has_its_documented_quota(simulator):
    assert simulator.config()["quota"] == DOCUMENTED
    differing = {action: quota for action, quota in TESTS.items() if quota not in (None, DOCUMENTED[action])}
    assert simulator.config()["test_quota"] == differing


def test_the_test_environment_has_quotas_of_its_own(api, simulator):
    simulator.configure(quota={RELAY: 2}, test_quota={RELAY: 1})
    parameters = {"StreamId": f"zegotest-{simulator.app_id}-a", "CDNUrl": URL, "IsTest": "true"}
    for sequence in range(3):
        api.call(RELAY, Sequence=sequence, **parameters)
    used = []
    for line in simulator.requests():
        moment = line["accepted_mono"] or line["mono"]
        free = not [one for one in used if one > moment - 1.0]
        assert line["accepted"] is free and line["code"] == (0 if free else 30002)
        used += [moment] if free else []
    # The other environment's is untouched.
    assert [api.call(RELAY, StreamId="a", CDNUrl=URL, Sequence=number)["Code"] for number in (1, 2)] == [0, 0]


# The log's own times decide, so that a slow machine cannot fail the test.
@pytest.mark.parametrize(
    "action, code", [(CLOSE, 206), (LIST, 206), ("DeleteMedia", 6), ("StopMix", 110200191), ("StopRecord", 300000003)]
)
def test_too_many_requests_have_the_code_of_their_action(api, simulator, action, code):
    simulator.configure(quota={action: 1})
    for _turn in range(4):
        api.call(action, RoomId="r")
    lines, used = simulator.requests(), []
    for line in lines:
        moment = line["accepted_mono"] or line["mono"]
        free = not [one for one in used if one > moment - 1.0]
        assert line["accepted"] is free and (line["code"] == code) is not free
        used += [moment] if free else []
    assert not all(line["accepted"] for line in lines)
    assert simulator.stats()["action_peak_per_second"] == {action: 1}


def test_a_room_is_listed_once_in_ten_seconds(api, simulator):
    simulator.add_room("r", ["a"])
    assert [api.call(LIST, RoomId=room)["Code"] for room in ("r", "r", "s", "s", "")] == [0, 207, 104, 207, 2]
    assert [line["accepted"] for line in simulator.requests()] == [True, False, True, False, True]
    assert api.call(CLOSE, RoomId="r")["Code"] == 0
    unlimited(simulator)
    assert api.call(LIST, RoomId="r")["Code"] == 104


@pytest.mark.parametrize("counted", [False, True])
def test_the_interval_of_a_room_ends(api, simulator, counted):
    simulator.configure(room_seconds=0.2, count_refused=counted)
    for pause in (0, 0.05, 0.05, 0.05, 0.06, 0.05, 0.2):
        time.sleep(pause)
        api.call(LIST, RoomId="r")
    used = -1.0
    for line in simulator.requests():
        moment = line["accepted_mono"] or line["mono"]
        free = used <= moment - 0.2
        assert (line["code"] != 207) is free
        used = moment if free or counted else used
    assert simulator.requests()[-1]["code"] == 104 and simulator.requests()[1]["code"] == 207


def test_a_fault_that_refuses_for_the_quota_leaves_the_room_free(api, simulator):
    simulator.add_room("r", ["a"])
    simulator.add_fault(kind="code", code=207, times=2)
    simulator.add_fault(kind="code", code=154, times=1)
    replies = [api.call(LIST, RoomId="r") for _turn in range(4)]
    assert [reply["Code"] for reply in replies] == [207, 207, 154, 207]
    assert replies[2]["Message"] == "list failed, retry", "the documented message comes with a code"


def test_faults_select_by_room_and_by_single_stream(api, simulator):
    unlimited(simulator)
    simulator.add_fault(kind="code", code=1000, room="r")
    simulator.add_fault(kind="poison", stream="b")
    assert [api.call(LIST, RoomId=room)["Code"] for room in ("r", "s")] == [1000, 104]
    assert [api.call(RELAY, StreamId=stream, CDNUrl=URL, Sequence=1)["Code"] for stream in "ab"] == [0, 2]
    assert simulator.relays() == {"a": {"sequence": 1, "urls": {}}}


@pytest.mark.parametrize(
    "rule, expected",
    [
        ({"kind": "missing_entry", "stream": "a"}, ["b"]),
        ({"kind": "duplicate_entry", "stream": "b"}, ["a", "b", "b"]),
        ({"kind": "raw_entry", "stream": "a", "entry": {"StreamId": 7}}, [7, "b"]),
        ({"kind": "extra_entry", "extra": "c"}, ["a", "b", "c"]),
        ({"kind": "stream_code", "code": 5}, ["a", "b"]),
    ],
)
def test_an_entry_fault_changes_the_list_of_a_room(api, simulator, rule, expected):
    simulator.add_room("r", ["a", "b"])
    simulator.add_fault(**rule)
    assert listed(api.call(LIST, RoomId="r")) == expected
    assert api.log()["fault"] == (None if rule["kind"] == "stream_code" else rule["kind"])
