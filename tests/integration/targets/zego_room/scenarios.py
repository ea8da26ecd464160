# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms are closed, once, and each has an outcome."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, names  # noqa: E402
from secrecy import every_failure  # noqa: E402


def _outcomes(result):
    return {room["room_id"]: room["outcome"] for room in result["rooms"]}


def _open(scene, *rooms):
    for room in rooms:
        scene.simulator.add_room(room, [f"{room}-s"])


def _states(scene):
    return {room: found["state"] for room, found in scene.simulator.rooms().items()}


def test_a_room_is_closed_once_and_a_second_run_changes_nothing(scene):
    _open(scene, "a", "b")
    parameters = {"rooms": ["b", "gone", "a", "b"], "reason": "The event is over"}
    first, second = scene.calls([parameters, dict(parameters, state="closed")])
    assert (
        first["changed"]
        and not first["failed"]
        and list(_outcomes(first).items()) == [("b", "closed"), ("gone", "already_closed"), ("a", "closed")]
    )
    assert first["summary"] == {"total": 3, "changed": 2, "unchanged": 1, "failed": 0}, brief(first)
    # On a machine that holds a request up, the next one may come within the quota's second, and is sent again.
    refused = scene.simulator.stats()["refused"]
    assert first["api_requests"] + second["api_requests"] == 6 + refused and refused <= 2, brief(first)
    assert not second["changed"] and not second["failed"] and set(_outcomes(second).values()) == {"already_closed"}, (
        brief(second)
    )
    assert _states(scene) == {"a": "closed", "b": "closed"}
    assert all("CustomReason=The" in line["path"] for line in scene.simulator.requests())


def test_each_code_of_a_room_that_is_gone_counts_as_closed(scene):
    for code in (104, 5018, 5024, 50001):
        scene.simulator.configure(room_gone_code=code)
        result = scene.call(room_ids=["gone"])
        assert not result["failed"] and not result["changed"] and result["rooms"][0]["code"] == str(code), brief(result)


def test_two_pipelines_of_six_rooms_each_close_all_twelve(scene):
    mine, others = names(6, "room"), names(6, "hall")
    _open(scene, *mine, *others)
    # Without a common ledger they know nothing of each other.
    ledgers = [str(scene.home / name / "ledger.sqlite3") for name in ("one", "other")]
    started = []
    for rooms, ledger in zip((mine, others), ledgers):
        started.append(scene.start_calls([{"rooms": rooms, "ledger": ledger}]))
    for rooms, (process, path) in zip((mine, others), started):
        result = scene.finish_calls(process, path)[0]
        assert not result["failed"] and _outcomes(result) == dict.fromkeys(rooms, "closed"), brief(result)
    assert set(_states(scene).values()) == {"closed"}
    stats = scene.simulator.stats()
    # They did get in each other's way, and in the code that the reference has for that.
    assert stats["actions"]["CloseRoom"].get("206", 0) == stats["refused"] > 0, stats


def test_a_playbook_tells_what_the_codes_of_a_closing_mean(scene):
    _open(scene, "a", "b", "c")
    scene.simulator.configure(quota=0, room_gone_code=5018)
    long_name = "r" * 129
    for request, code in ((3, 206), (4, 207), (6, 3), (7, 9)):
        scene.simulator.add_fault(kind="code", code=code, request=request)
    gone, told, waited, long_one, refused, too_long = scene.calls(
        [
            {"rooms": ["gone"]},
            {"rooms": ["a"], "room_close_callback": True},
            {"rooms": ["b"]},
            {"rooms": ["c"]},
            {"rooms": ["c", "d", "e"]},
            {"rooms": [long_name]},
        ],
        playbook=True,
    )
    assert not gone["failed"] and _outcomes(gone) == {"gone": "already_closed"} and gone["rooms"][0]["code"] == "5018"
    assert told["changed"] and scene.simulator.rooms()["a"]["closings"][0]["callback"] is True, brief(told)
    assert _outcomes(waited) == {"b": "closed"} and waited["rooms"][0]["attempts"] == 3, brief(waited)
    assert scene.simulator.rooms()["b"]["closings"][0]["callback"] is False
    assert long_one["failed"] and "input too long" in long_one["msg"], brief(long_one)
    # It applies to every room: nothing more is sent.
    assert refused["failed"] and "no permission" in refused["msg"] and refused["api_requests"] == 1, brief(refused)
    assert _outcomes(refused) == {"c": "failed", "d": "not_attempted", "e": "not_attempted"}, brief(refused)
    assert too_long["failed"] and "at most 128 are allowed" in too_long["msg"], brief(too_long)
    assert scene.requests() == 7 and _states(scene)["c"] == "open"


def test_the_quota_is_kept_even_where_a_larger_one_is_set(scene):
    _open(scene, *names(4, "room"))
    scene.play("group.yml", rooms=names(4, "room"))
    stats = scene.simulator.stats()
    # On a machine that holds a request up, the next one may come within the quota's second. At 20 a second, all would.
    assert stats["accepted"] == 4 and stats["refused"] <= 1 and stats["peak_per_second"]["accepted"] == 1, stats


def test_check_mode_asks_as_fast_as_it_may(scene):
    _open(scene, *names(12, "room"))
    result = scene.call("--check", rooms=names(12, "room"))
    stats = scene.simulator.stats()
    assert not result["failed"] and result["summary"]["changed"] == 12 and stats["refused"] == 0, brief(result)
    assert stats["peak_per_second"]["all"] > 1, stats


def test_check_mode_asks_and_closes_nothing(scene):
    _open(scene, "a")
    result = scene.call("--check", "--diff", rooms=["a", "gone"])
    assert result["changed"] and _outcomes(result) == {"a": "closed", "gone": "already_closed"}, brief(result)
    assert (
        result["diff"]["before"] == "a: open\ngone: closed\n" and result["diff"]["after"] == "a: closed\ngone: closed\n"
    ), brief(result)
    assert _states(scene) == {"a": "open"}
    assert {line["action"] for line in scene.simulator.requests()} == {"DescribeSimpleStreamList"}
    unchanged = scene.call("--check", rooms=["gone2"])
    assert not unchanged["changed"] and not unchanged["failed"], brief(unchanged)


def test_diff_tells_which_rooms_change(scene):
    _open(scene, "a")
    result = scene.call("--diff", rooms=["a", "gone"])
    assert (
        result["diff"]["before"] == "a: open\ngone: closed\n" and result["diff"]["after"] == "a: closed\ngone: closed\n"
    ), brief(result)


def test_a_lost_answer_leaves_a_mark(scene):
    _open(scene, "a", "b")
    scene.simulator.add_fault(kind="drop_after", room="a", times=1)
    result = scene.call(rooms=["a", "b"])
    assert not result["failed"] and _outcomes(result) == {"a": "closed", "b": "closed"} and result["changed"], brief(
        result
    )
    assert result["rooms"][0]["attempts"] == 2 and "lost" in result["rooms"][0]["message"], brief(result)


def test_what_passes_is_ridden_out(scene):
    _open(scene, "a")
    for number, fault in enumerate(
        ({"kind": "http", "status": 503}, {"kind": "code", "code": 6}, {"kind": "reset"}, {"kind": "html"}), 1
    ):
        scene.simulator.add_fault(request=number, **fault)
    result = scene.call(rooms=["a"])
    assert not result["failed"] and _outcomes(result) == {"a": "closed"} and result["api_requests"] == 5, brief(result)


def test_one_bad_room_does_not_keep_the_others_open(scene):
    _open(scene, "a", "b", "c")
    scene.simulator.add_fault(kind="code", code=4711, room="b")
    result = scene.call(rooms=["a", "b", "c"])
    assert (
        result["failed"] and result["changed"] and _outcomes(result) == {"a": "closed", "b": "failed", "c": "closed"}
    ), brief(result)
    assert "1 of 3 rooms failed" in result["msg"] and "b failed" in result["msg"] and "4711" in result["msg"], brief(
        result
    )
    assert result["rooms"][1]["request_id"] and result["summary"]["failed"] == 1


def test_rooms_after_an_early_end_are_not_attempted(scene):
    scene.simulator.add_fault(kind="code", code=100000005)
    result = scene.call(rooms=names(30, "room"))
    assert result["failed"] and not result["changed"] and result["api_requests"] == scene.requests() == 1, brief(result)
    assert sorted(set(_outcomes(result).values())) == ["failed", "not_attempted"]


def _module_processes(scene):
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split(None, 1) for line in listed[1:]]
    return [
        int(pid)
        for pid, command in rows
        if str(scene.home) in command and "AnsiballZ_zego_room" in command and not command.startswith("/bin/sh")
    ]


def test_a_signal_ends_it_with_a_report(scene):
    rooms = names(30, "room")
    _open(scene, *rooms)
    process, path = scene.start_calls([{"rooms": rooms}])
    while list(_states(scene).values()).count("closed") < 2:
        assert process.poll() is None, "it ended too early"
        time.sleep(0.05)
    for pid in _module_processes(scene):
        os.kill(pid, signal.SIGTERM)
    result = scene.finish_calls(process, path)[0]
    found = _outcomes(result)
    closed = [room for room, state in _states(scene).items() if state == "closed"]
    assert result["failed"] and result["changed"] and "SIGTERM" in result["msg"], brief(result)
    assert [room for room in rooms if found[room] == "closed"] == closed and 2 <= len(closed) < 30, brief(result)
    # One may just have been refused by the quota: it was sent, so it is not "not attempted".
    others = [found[room] for room in rooms if room not in closed]
    assert set(others) <= {"not_attempted", "failed"} and others.count("failed") <= 1, brief(result)


def test_input_that_no_request_can_carry_is_refused(scene):
    for bad, word in (
        (dict(rooms=[]), "rooms is empty"),
        (dict(rooms=[["a"]]), "not a name"),
        (dict(rooms=["a"], reason="é" * 129), "256"),
        (dict(rooms=["a"], state="open"), "value of state"),
        (dict(rooms=["a"], requests_per_second=0), "requests_per_second"),
    ):
        result = scene.call(**bad)
        assert result["failed"] and word in result["msg"] and "summary" not in result, brief(result)
    assert scene.requests() == 0


def test_a_bad_id_does_not_keep_the_other_rooms_open(scene):
    scene.simulator.configure(quota=0)
    bad = ["a ", "x" * 129, "b\nc", ""]
    _open(scene, "first", "last", *bad[:3])
    for check in (("--check",), ()):
        result = scene.call(*check, rooms=["first", *bad, "last"])
        outcomes = [room["outcome"] for room in result["rooms"]]
        assert result["failed"] and outcomes == ["closed", *["failed"] * 4, "closed"], brief(result)
        assert [room["attempts"] for room in result["rooms"]] == [1, 0, 0, 0, 0, 1], brief(result)
        for room, word in zip(result["rooms"][1:5], ("white space", "at most 128", "control characters", "empty")):
            assert word in room["message"] and room["message"].endswith("It was not sent."), brief(result)
        assert "4 of 6 rooms failed" in result["msg"] and result["msg"].isprintable(), brief(result)
    assert _states(scene) == {**dict.fromkeys(bad[:3], "open"), "first": "closed", "last": "closed"}


def test_no_failure_shows_a_secret(scene):
    scene.simulator.configure(quota=0)
    _open(scene, *(f"room{number}" for number in range(20)))
    every_failure(scene, lambda number: {"rooms": [f"room{number}"], "reason": "bye"})


if __name__ == "__main__":
    main(globals())
