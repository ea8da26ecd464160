# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which streams are in which rooms."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, names  # noqa: E402
from secrecy import every_failure, nothing_shown  # noqa: E402


def _rooms(result):
    return {room["room_id"]: room for room in result["rooms"]}


def _codes(scene):
    return [line["code"] for line in scene.simulator.requests()]


def test_streams_of_rooms_are_listed(scene):
    full = {"StreamId": "s1", "UserId": "u1", "UserName": "The <crew>", "CreateTime": 1642045110123}
    scene.simulator.add_room("main", [full, "s2"])
    scene.simulator.add_room("quiet", [])
    for options in ((), ("--check",)):
        scene.simulator.configure(room_seconds=0)
        result = scene.call(*options, rooms=["quiet", "main", "gone", "main"])
        assert not result["failed"] and not result["changed"], brief(result)
        assert result["streams"][0] == {
            "stream_id": "s1",
            "room_id": "main",
            "user_id": "u1",
            "user_name": "The <crew>",
            "created": "2022-01-13T03:38:30.123Z",
        }
        assert [stream["stream_id"] for stream in result["streams"]] == ["s1", "s2"]
        assert [room["room_id"] for room in result["rooms"]] == ["quiet", "main", "gone"]
        assert [(room["exists"], room["streams"], room["attempts"]) for room in result["rooms"]][1:] == [
            (True, 2, 1),
            (False, 0, 1),
        ]
        assert result["rooms"][2]["code"] == "104" and "does not exist" in result["rooms"][2]["message"]
        assert result["summary"]["total"] == 3 and result["summary"]["streams"] == 2 and result["api_requests"] == 3
    assert scene.requests() == 6


def test_each_code_of_a_room_that_is_gone_lists_nothing(scene):
    for code in (104, 5024, 50001):
        scene.simulator.configure(room_gone_code=code)
        result = scene.call(room_id=f"gone{code}")
        assert (
            not result["failed"] and result["rooms"][0]["exists"] is False and result["rooms"][0]["code"] == str(code)
        ), brief(result)


def test_streams_of_a_room_can_be_handed_to_the_recording_module(scene):
    for room in ("main", "side"):
        scene.simulator.add_room(room, names(3, room))
        scene.simulator.record("Tencent", names(3, room))
    scene.play("discover.yml", rooms=["main", "side"], expected=names(3, "main") + names(3, "side"))
    assert not any(scene.running("Tencent", name) for name in names(3, "main") + names(3, "side"))


def test_the_quota_is_kept(scene):
    for room in names(70, "room"):
        scene.simulator.add_room(room, [f"{room}-s"])
    # More than the quota of the action is lowered to it.
    result = scene.call(rooms=names(70, "room"), requests_per_second=500)
    stats = scene.simulator.stats()
    assert not result["failed"] and len(result["streams"]) == 70 and stats["requests"] == 70, brief(result)
    assert stats["refused"] == 0 and stats["peak_per_second"]["all"] <= 50, stats


def test_a_room_that_was_asked_for_just_before_is_waited_for(scene):
    scene.simulator.add_room("main", ["s1"])
    first, second = scene.calls([{"rooms": ["main"]}, {"rooms": ["main", "other"]}])
    assert not first["failed"] and not second["failed"] and len(second["streams"]) == 1, brief(second)
    assert _rooms(second)["main"]["attempts"] == 2 and _rooms(second)["other"]["attempts"] == 1, brief(second)
    assert sorted(_codes(scene)) == [0, 0, 104, 207]


def test_the_wait_for_a_room_is_bounded(scene):
    scene.simulator.add_room("main", ["s1"])
    result = scene.calls([{"rooms": ["main"]}, {"rooms": ["main"], "rate_limit_timeout": 3}])[1]
    assert (
        result["failed"]
        and result["api_requests"] == 1
        and "too frequent" in result["msg"]
        and "rate_limit_timeout" in result["msg"]
    ), brief(result)


def test_what_passes_is_ridden_out_ten_seconds_later(scene):
    faults = {
        "listing": {"kind": "code", "code": 154},
        "gateway": {"kind": "http", "status": 502, "after_work": True},
        "dropped": {"kind": "drop_after"},
        "cut": {"kind": "cut_json"},
        "html": {"kind": "html"},
        "too-frequent": {"kind": "code", "code": 206},
    }
    for number, (room, fault) in enumerate(faults.items(), 1):
        scene.simulator.add_room(room, [f"{room}-s"])
        scene.simulator.add_fault(request=number, **fault)
    result = scene.call(rooms=list(faults), requests_per_second=5)
    assert not result["failed"] and len(result["streams"]) == 6, brief(result)
    # Asked any sooner, a room would have answered 'too frequent' once more.
    assert [room["attempts"] for room in result["rooms"]] == [2] * 6 and 207 not in _codes(scene), brief(result)


def test_one_bad_room_does_not_hide_the_others(scene):
    for room in ("a", "b", "c", "d"):
        scene.simulator.add_room(room, [f"{room}1", f"{room}2"])
    scene.simulator.add_fault(kind="null_data", room="a")
    scene.simulator.add_fault(kind="code", code=4711, room="c")
    result = scene.call(rooms=["a", "b", "c", "d"], requests_per_second=2)
    assert (
        result["failed"]
        and not result["changed"]
        and [room["failed"] for room in result["rooms"]] == [True, False, True, False]
    ), brief(result)
    assert [stream["stream_id"] for stream in result["streams"]] == ["b1", "b2", "d1", "d2"]
    assert "exists" not in result["rooms"][0] and "4711" in result["msg"] and "no list of streams" in result["msg"], (
        brief(result)
    )


def test_an_error_that_ends_the_run_costs_one_request(scene):
    scene.simulator.add_fault(kind="code", code=100000017)
    # Slow enough for the first answer to come before the second request on any machine.
    result = scene.call(rooms=names(60, "room"), requests_per_second=1)
    assert result["failed"] and result["api_requests"] == scene.requests() == 1 and result["summary"]["failed"] == 60, (
        brief(result)
    )


def test_input_that_no_request_can_carry_is_refused(scene):
    for bad, word in (
        (dict(rooms=[]), "rooms is empty"),
        (dict(rooms=[["a b"]]), "not a name"),
        (dict(), "rooms"),
    ):
        result = scene.call(**bad)
        assert result["failed"] and word in result["msg"] and "streams" not in result, brief(result)
    assert scene.requests() == 0


def test_a_bad_id_does_not_hide_the_other_rooms(scene):
    odd = ["guest 1", " guest ", "\U0001f469\u200d\U0001f692", "a\tb"]
    scene.simulator.add_room("first", odd)
    scene.simulator.add_room("last", ["s"])
    result = scene.call(rooms=["first", "a b ", "x" * 129, "b\u202ec", "last"])
    assert [room["failed"] for room in result["rooms"]] == [False, True, True, True, False], brief(result)
    assert result["failed"] and result["api_requests"] == scene.requests() == 2 and result["msg"].isprintable()
    assert all("It was not sent." in room["message"] for room in result["rooms"][1:4]), brief(result)
    # Nothing is stripped from what the API says.
    assert [stream["stream_id"] for stream in result["streams"]] == [*odd, "s"], brief(result)


def test_no_failure_shows_a_secret(scene):
    for number in range(20):
        scene.simulator.add_room(f"room{number}", ["s"])
    every_failure(scene, lambda number: {"rooms": [f"room{number}"]})


def test_a_password_for_a_gateway_is_not_shown_and_not_taken_in_the_address(scene):
    credentials = {"ZEGO_API_USER": "crew", "ZEGO_API_PASSWORD": "word-of-the-crew"}
    result = scene.call("-vvvvv", env=credentials, rooms=["gone"])
    assert not result["failed"] and scene.requests() == 1, brief(result)
    url = scene.simulator.url.replace("://", "://crew:word-of-the-crew@")
    result = scene.call("-vvvvv", env={"ZEGO_API_URL": url}, rooms=["gone"])
    assert result["failed"] and "use api_user and api_password" in result["msg"] and scene.requests() == 1
    nothing_shown(scene, "word-of-the-crew")


if __name__ == "__main__":
    main(globals())
