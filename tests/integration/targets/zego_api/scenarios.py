# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any action, signed and paced and sent again like all others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main  # noqa: E402
from secrecy import every_failure  # noqa: E402

CLOSE = {"action": "CloseRoom", "params": {"RoomId": "main"}}
LIST = {"action": "DescribeSimpleStreamList", "params": {"RoomId": "main"}}
FORBID = {"action": "ForbidCDNLiveStream", "params": {"StreamId": "s1"}}


def _state(scene):
    return scene.simulator.rooms()["main"]["state"]


def test_an_action_that_reads_changes_nothing(scene):
    scene.simulator.add_room("main", ["s1"])
    scene.simulator.configure(room_seconds=0)
    for options in ((), ("--check",)):
        result = scene.call(*options, **LIST)
        assert (
            not result["changed"] and not result["failed"] and result["code"] == 0 and result["message"] == "success"
        ), brief(result)
        assert (
            result["data"]["StreamList"][0]["StreamId"] == "s1"
            and isinstance(result["request_id"], str)
            and result["api_requests"] == 1
        )
    assert scene.requests() == 2
    assert scene.call(changed_when_code=[0], **LIST)["changed"]


def test_an_action_that_may_change_something_is_reported_as_changed(scene):
    scene.simulator.add_room("main", ["s1"])
    skipped = scene.call("--check", **CLOSE)
    assert (
        skipped["changed"]
        and not skipped["failed"]
        and skipped["api_requests"] == scene.requests() == 0
        and _state(scene) == "open"
    ), brief(skipped)
    done = scene.call(**CLOSE)
    assert done["changed"] and not done["failed"] and done["code"] == 0 and _state(scene) == "closed", brief(done)


def test_what_codes_mean_is_the_users_to_say(scene):
    scene.simulator.configure(quota=0)
    failed, fine, change, none = scene.calls(
        [
            CLOSE,
            dict(CLOSE, ok_codes=[104]),
            dict(CLOSE, changed_when_code=[0, 104]),
            dict(FORBID, changed_when_code=[]),
        ]
    )
    assert (
        failed["failed"] and not failed["changed"] and failed["code"] == 104 and "room does not exist" in failed["msg"]
    ), brief(failed)
    assert not fine["failed"] and not fine["changed"] and fine["code"] == 104 and "data" not in fine, brief(fine)
    assert not change["failed"] and change["changed"], brief(change)
    assert not none["failed"] and not none["changed"], brief(none)


def test_recordings_are_refused_with_a_pointer(scene):
    scene.simulator.record("Tencent", ["a"])
    for action in ("StopCDNRecord", "StartCDNRecord", "stopcdnrecord"):
        for options in ((), ("--check",)):
            result = scene.call(*options, action=action, params={"Vendor": "Tencent", "StreamId": ["a"]})
            assert result["failed"] and "zego.cloud.zego_cdn_record" in result["msg"], brief(result)
    assert scene.requests() == 0 and scene.running("Tencent", "a") == 1


def test_params_are_sent_as_the_api_writes_them(scene):
    scene.simulator.configure(answers={"DescribeMediaTask": {"Tasks": [1]}})
    params = {"TaskId": ["a b", "c&d"], "Flag": True, "Count": 7, "Text": "ü=1"}
    with_params, without = scene.calls(
        [{"action": "DescribeMediaTask", "params": params}, {"action": "DescribeMediaTask"}]
    )
    assert with_params["data"] == without["data"] == {"Tasks": [1]} and not with_params["changed"], brief(with_params)
    path = scene.simulator.requests()[0]["path"]
    for part in ("TaskId%5B%5D=a%20b", "TaskId%5B%5D=c%26d", "Flag=true", "Count=7", "Text=%C3%BC%3D1"):
        assert part in path, part


def test_a_post_carries_its_params_in_the_body_and_not_in_the_address(scene):
    stream = f"zegotest-{scene.simulator.app_id}-s1"
    scene.simulator.add_relay(stream, "rtmp://push.example.com/live/s1")
    params = {"StreamId": stream, "CDNUrl": "rtmp://push.example.com/live/s1", "Sequence": 5}
    result = scene.call(action="DeleteCDNTransferRule", method="POST", params=params, is_test=True)
    assert result["changed"] and not result["failed"], brief(result)
    line = scene.simulator.requests()[0]
    assert (
        line["method"] == "POST"
        and json.loads(line["body"]) == params
        and "CDNUrl" not in line["path"]
        and "IsTest=true" in line["path"]
    ), line
    assert not scene.simulator.relays()[stream]["urls"]["rtmp://push.example.com/live/s1"]["running"]
    nested = scene.call(action="MergeMedia", method="POST", params={"Inputs": [{"Id": 1, "Range": [0, None]}]})
    assert not nested["failed"] and json.loads(scene.simulator.requests()[1]["body"]) == {
        "Inputs": [{"Id": 1, "Range": [0, None]}]
    }, brief(nested)


def test_what_changes_something_is_not_sent_twice(scene):
    scene.simulator.configure(quota=0)
    for number, fault in enumerate(
        ({"kind": "drop_after"}, {"kind": "http", "status": 502}, {"kind": "code", "code": 1000}), 1
    ):
        scene.simulator.add_fault(request=number, **fault)
    for result in scene.calls([FORBID] * 3):
        assert result["failed"] and not result["changed"] and result["api_requests"] == 1, brief(result)
        assert "may have been carried out" in result["msg"] and "retry=always" in result["msg"], brief(result)
    assert scene.requests() == 3


def test_what_was_refused_is_sent_again(scene):
    scene.simulator.add_fault(kind="code", code=30002, times=2)
    result = scene.call(**FORBID)
    assert result["changed"] and not result["failed"] and result["api_requests"] == 3, brief(result)


# An action of each family, and a code with which it says 'too frequent'.
THROTTLED = (
    ("KickoutUser", "GET", 206),
    ("DescribeUserNum", "GET", 207),
    ("ForbidRTCStream", "GET", 30002),
    ("CreatCDNTransferRule", "GET", 5007),
    ("ForbidCDNLiveStream", "GET", 1010),
    ("StopMix", "POST", 110200191),
    ("StopRecord", "POST", 300000003),
    ("MergeMedia", "GET", 6),
)


def test_a_playbook_waits_out_too_frequent_in_the_words_of_every_family(scene):
    for number, (_action, _method, code) in enumerate(THROTTLED):
        scene.simulator.add_fault(kind="code", code=code, request=2 * number + 1)
    errors = [{"Code": "ResourceNotFound", "Message": "no such file", "Key": "5285890813221514958", "RequestId": "r"}]
    scene.simulator.configure(answers={"DeleteMedia": {"Deleted": ["5285890813221513290"], "Errors": errors}})
    deleting = {"action": "DeleteMedia", "params": {"Vendor": "Tencent", "FileId": ["5285890813221514958"]}}
    calls = [{"action": action, "method": method} for action, method, _code in THROTTLED]
    *waited, deleted = scene.calls([*calls, deleting], playbook=True)
    for result, (action, _method, _code) in zip(waited, THROTTLED):
        assert not result["failed"] and result["api_requests"] == 2 and action in result["msg"], brief(result)
    # Code 0, and a file is still there.
    assert deleted["failed"] and deleted["changed"] and deleted["code"] == 0, brief(deleted)
    assert "1 files were not deleted: 5285890813221514958 (ResourceNotFound: no such file)" in deleted["msg"]
    assert deleted["data"]["Errors"] == errors, brief(deleted)


def test_a_lost_answer_is_sent_again_where_the_user_says_always(scene):
    scene.simulator.add_fault(kind="drop_after", times=1)
    result = scene.call(retry="always", **FORBID)
    assert result["changed"] and not result["failed"] and result["api_requests"] == scene.requests() == 2, brief(result)


def test_a_reading_action_is_sent_again(scene):
    for number, fault in enumerate(({"kind": "drop_after"}, {"kind": "http", "status": 502}, {"kind": "html"}), 1):
        scene.simulator.add_fault(request=number, **fault)
    result = scene.call(action="DescribeMediaTask", params={"TaskId": "t"})
    assert not result["failed"] and result["api_requests"] == 4, brief(result)


def test_an_action_that_does_not_exist_fails(scene):
    result = scene.call(action="ForbidCdnLiveStream")
    assert result["failed"] and result["code"] == 100000007 and "name of the action" in result["msg"], brief(result)


def test_input_that_no_request_can_carry_is_refused(scene):
    for bad, word in (
        ({}, "action"),
        ({"action": "Close Room"}, "name of an action"),
        ({"action": "X", "params": {"Signature": "x"}}, "set by the module"),
        ({"action": "X", "params": {"Action": "StopCDNRecord"}}, "set by the module"),
        ({"action": "X", "params": {"IsTest": True}}, "is_test"),
        ({"action": "X", "params": {"A": {"b": 1}}}, "method=POST"),
        ({"action": "X", "params": {"A": None}}, "must be"),
        ({"action": "X", "method": "PUT"}, "value of method"),
        ({"action": "X", "retry": "never"}, "value of retry"),
    ):
        result = scene.call(**bad)
        assert result["failed"] and word in result["msg"] and "api_requests" not in result, brief(result)
    assert scene.requests() == 0


def test_no_failure_shows_a_secret(scene):
    every_failure(scene, lambda number: dict(FORBID, method=("GET", "POST")[number % 2]))


def test_data_that_ansible_cannot_take_does_not_fail_what_was_done(scene):
    held = [
        '{"a": {"__ansible_type": "_AnsibleTaggedStr", "value": "x"}}',
        '[{"__ansible_vault": "x"}, {"__ansible_unsafe": "y"}]',
        "[" * 5000 + "]" * 5000,
        '{"a": ' * 300 + "NaN" + "}" * 300,
        json.dumps({"a": "x" * 3_000_000}),
        '{"a": [1, -Infinity]}',
        f"[{'9' * 5000}]",
    ]
    for number, data in enumerate(held, 1):
        body = f'{{"Code": 0, "Message": "ok", "Data": {data}, "RequestId": "1"}}'
        scene.simulator.add_fault(kind="html", body=body, request=number)
    results = scene.calls([CLOSE] * len(held))
    for result, data in zip(results, held):
        assert result["changed"] and not result["failed"] and result["code"] == 0, brief(result)
        assert isinstance(result["data"], str) or data == held[-1]
    assert json.loads(results[0]["data"]) == json.loads(held[0]) and results[2]["data"] == held[2]
    assert results[-1]["data"] == ["9" * 5000]


if __name__ == "__main__":
    main(globals())
