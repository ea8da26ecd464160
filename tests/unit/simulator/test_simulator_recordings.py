# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What stop and start do, and in which vendor's words they tell."""

from __future__ import annotations

import time

import pytest

ID = "<id>"
SHAPES = {
    "Tencent": {"StreamName": "cdn01", "RequestId": ID, "Code": "", "Message": ""},
    "Huawei": {"StreamName": "cdn01", "RequestId": ID, "Code": 0, "Message": "success"},
    "Aliyun": {"StreamName": "cdn01", "RequestId": ID, "Code": 200, "Message": ""},
    "Ws": {"task": "mp4", "id": "cdn01", "http_code": 200, "msg": "success", "persistentId": ID},
}
LENGTHS = {"Tencent": 36, "Huawei": 32, "Aliyun": 36, "Ws": 36}
SUCCESS = {"Tencent": "", "Huawei": 0, "Aliyun": 200, "Ws": 200}


def rows(reply):
    """The rows of a reply, whatever the vendor."""
    assert (reply["Code"], reply["Message"]) == (0, "success")
    (data,) = reply["Data"].values()
    return data["list"] if isinstance(data, dict) else data


def entry(reply):
    (row,) = rows(reply)
    return row


def codes_of(reply):
    return [row.get("Code", row.get("http_code")) for row in rows(reply)]


def code_of(reply):
    (code,) = codes_of(reply)
    return code


def masked(row):
    return {key: ID if key in ("RequestId", "TaskId", "persistentId") else value for key, value in row.items()}


@pytest.mark.parametrize("vendor", sorted(SHAPES))
def test_a_stop_answers_in_the_documented_shape(api, simulator, vendor):
    simulator.record(vendor, ["cdn01"])
    reply = api.stop(vendor, "cdn01")
    row = entry(reply)
    assert set(reply) == {"Code", "Message", "RequestId", "Data"} and list(reply["Data"]) == [vendor]
    assert masked(row) == SHAPES[vendor]
    assert len(row["persistentId" if vendor == "Ws" else "RequestId"]) == LENGTHS[vendor]


def test_ws_answers_with_an_object_or_a_list_and_a_row_for_each_format(api, simulator):
    simulator.configure(ws_formats=["mp4", "flv"])
    started = api.start("Ws", "a", "b")["Data"]["Ws"]
    assert set(started) == {"call_time", "http_code", "list", "msg", "trace_id"}
    assert (started["http_code"], started["msg"], len(started["trace_id"])) == (200, None, 36)
    time.strptime(started["call_time"], "%Y-%m-%d %H:%M:%S")
    shown = [(row["id"], row["task"]) for row in started["list"]]
    assert shown == [("a", "mp4"), ("a", "flv"), ("b", "mp4"), ("b", "flv")]
    assert len({row["persistentId"] for row in started["list"]}) == 4
    simulator.configure(ws_shape="list")
    assert api.stop("Ws", "a", "b")["Data"]["Ws"] == started["list"]


def test_a_tencent_start_names_its_task(api, simulator):
    row = entry(api.start("Tencent", "cdn01"))
    assert masked(row) == dict(SHAPES["Tencent"], TaskId=ID) and len(row["TaskId"]) == 112
    assert simulator.state()["Tencent"]["cdn01"]["running_task_ids"] == [row["TaskId"]]


def test_codes_can_come_as_text(api, simulator):
    simulator.configure(codes_as_strings=True)
    assert [code_of(api.start(vendor, "a")) for vendor in SHAPES] == ["", "0", "200", "200"]


@pytest.mark.parametrize(
    "vendor, code, message",
    [
        ("Tencent", "ResourceNotFound.TaskId", None),
        ("Huawei", 404, None),
        ("Aliyun", 409, "StreamNotFound"),
        ("Ws", 404, None),
    ],
)
def test_a_stop_of_nothing_is_absent(api, simulator, vendor, code, message):
    assert code_of(api.stop(vendor, "never")) == code
    simulator.record(vendor, ["a"])
    api.stop(vendor, "a")
    row = entry(api.stop(vendor, "a"))
    assert row.get("Code", row.get("http_code")) == code
    assert message is None or row["Message"] == message
    state = simulator.state()[vendor]
    assert (state["never"]["state"], state["a"]["state"], state["a"]["stops"]) == ("unknown", "stopped", 1)
    assert [event["event"] for event in state["a"]["events"]] == ["preset", "stopped", "stop_absent"]


def test_a_repeated_stop_can_have_another_code_or_be_acknowledged(api, simulator):
    told = {"absent_code": {"Huawei": "LIVE.103011019"}, "absent_message": {"Huawei": "record does not exist"}}
    simulator.configure(repeated_stop={"Ws": "success"}, **told)
    row = entry(api.stop("Huawei", "a"))
    assert (row["Code"], row["Message"]) == ("LIVE.103011019", "record does not exist")
    assert (code_of(api.stop("Ws", "a")), code_of(api.stop("Tencent", "a"))) == (200, "ResourceNotFound.TaskId")
    simulator.configure(repeated_stop="success")
    assert code_of(api.stop("Tencent", "a")) == "" and simulator.state()["Tencent"]["a"]["stops"] == 0


def test_tencent_runs_three_tasks_of_a_stream_and_no_fourth(api, simulator):
    found = [code_of(api.start("Tencent", "a")) for _turn in range(4)]
    assert found == ["", "", "", "LimitExceeded.MaximumRunningTask"]
    state = simulator.state()["Tencent"]["a"]
    assert (state["running"], state["starts"], len(set(state["task_ids"]))) == (3, 3, 3)
    assert code_of(api.stop("Tencent", "a")) == "" and api.running("Tencent", "a") == 0


@pytest.mark.parametrize(
    "vendor, config, code, message",
    [
        ("Huawei", {}, "LIVE.100011022", "record task exists"),
        ("Huawei", {"vendor_codes": {"Huawei": {"running": {"code": 100011022}}}}, 100011022, None),
        ("Aliyun", {}, 409, "TaskAlreadyStarted"),
        ("Ws", {}, 200, "success"),
        ("Ws", {"ws_repeated_start": "running"}, 409, None),
    ],
)
def test_a_second_start_starts_nothing(api, simulator, vendor, config, code, message):
    simulator.configure(**config)
    api.start(vendor, "a")
    row = entry(api.start(vendor, "a"))
    assert row.get("Code", row.get("http_code")) == code
    assert message is None or message in (row.get("Message"), row.get("msg"))
    assert (api.running(vendor, "a"), simulator.state()[vendor]["a"]["starts"]) == (1, 1)


def test_a_huawei_stop_takes_a_while_to_settle(api, simulator):
    simulator.configure(huawei_settle_seconds=0.3)
    simulator.record("Huawei", ["a"])
    assert code_of(api.stop("Huawei", "a")) == 0
    assert code_of(api.start("Huawei", "a")) == "LIVE.100011022"
    time.sleep(0.35)
    assert code_of(api.start("Huawei", "a")) == 0


def test_an_end_time_ends_a_tencent_task(api, simulator):
    assert code_of(api.start("Tencent", "a", EndTime=int(time.time()) + 3600)) == ""
    assert api.running("Tencent", "a") == 1
    simulator.configure(clock_skew_seconds=3700)
    assert api.running("Tencent", "a") == 0
    assert [event["event"] for event in simulator.state()["Tencent"]["a"]["events"]] == ["started", "ended"]


@pytest.mark.parametrize("shift", [-1, 24 * 3600 + 30, None])
def test_an_end_time_has_to_lie_within_a_day(api, simulator, shift):
    value = "tomorrow" if shift is None else int(time.time()) + shift
    assert api.start("Tencent", "a", EndTime=value)["Code"] == 2
    assert simulator.state()["Tencent"] == {} and api.log()["work"] is False


@pytest.mark.parametrize(
    "code, action, vendor, streams, changes",
    [
        (2, "StopCDNRecord", "Tencent", [], {}),
        (2, "StopCDNRecord", "Tencent", ["a", ""], {}),
        (2, "StopCDNRecord", "Tencent", ["a", "\u00e9" * 129], {}),
        (2, "StopCDNRecord", None, ["a"], {}),
        (2, "StopCDNRecord", "tencent", ["a"], {}),
        (2, "StopCDNRecord", "Tencent", ["a"], {"IsTest": "maybe"}),
        (2, "StopCDNRecord", "Tencent", ["a"], {"EndTime": 1}),
        (2, "StartCDNRecord", "Ws", ["a"], {"EndTime": 1}),
        (2, "StopCDNRecord", "Huawei", ["a"], {"Domain": "pull.example.com"}),
        # Without brackets it is another parameter.
        (2, "StopCDNRecord", "Ws", [], {"StreamId": "a"}),
        (0, "StopCDNRecord", "Aliyun", ["a"], {"Domain": "pull.example.com", "Point": "live"}),
        (0, "StopCDNRecord", "Tencent", ["a", "x" * 256], {"IsTest": "true"}),
    ],
)
def test_parameters_are_taken_as_the_reference_says(api, code, action, vendor, streams, changes):
    assert api.call(action, vendor, streams, **changes)["Code"] == code


def test_an_account_can_take_less(api, simulator):
    simulator.configure(vendors=["Aliyun"], aliyun_needs_domain=True, max_streams_per_call=2, max_url_bytes=600)
    assert api.stop("Tencent", "a")["Code"] == 4
    assert api.stop("Aliyun", "a")["Code"] == 5
    place = {"Domain": "pull.example.com", "Point": "live"}
    assert [api.stop("Aliyun", *names, **place)["Code"] for names in ("ab", "abc")] == [0, 2]
    assert api.send(api.target("StopCDNRecord", "Aliyun", ["s" * 400], **place))[0] == 414
    simulator.configure(strict_parameters=False, vendors=["Ws"])
    assert api.start("Ws", "a", EndTime=1, Domain="x")["Code"] == 0


@pytest.mark.parametrize(
    "vendor, code",
    [("Tencent", "RequestLimitExceeded"), ("Huawei", "LIVE.100011007"), ("Aliyun", "Throttling.User"), ("Ws", 429)],
)
def test_a_vendor_throttles_what_is_too_much_of_a_batch(api, simulator, vendor, code):
    simulator.configure(vendor_streams_per_second={vendor: 3})
    simulator.record(vendor, "abcde")
    assert codes_of(api.stop(vendor, *"abcde")) == [SUCCESS[vendor]] * 3 + [code] * 2
    assert [api.running(vendor, name) for name in "abcde"] == [0, 0, 0, 1, 1]
    assert api.log()["results"] == ["stopped"] * 3 + ["throttled"] * 2
    assert simulator.stats()["streams"][vendor] == {"received": 5, "throttled": 2, "peak_per_second": 3}


def test_a_throttled_entry_uses_nothing_of_the_vendors_second(api, simulator):
    simulator.configure(vendor_streams_per_second=1)
    used, expected = [], []
    for _turn in range(5):
        api.stop("Ws", "a")
        moment = api.log()["accepted_mono"]
        free = not [one for one in used if one > moment - 1.0]
        used += [moment] if free else []
        expected.append(["stop_absent"] if free else ["throttled"])
        time.sleep(0.26)
    assert [line["results"] for line in simulator.requests()] == expected
    assert ["throttled"] in expected and expected[-1] == ["stop_absent"]


def test_the_same_stream_twice_is_two_entries(api, simulator):
    simulator.record("Huawei", ["a"])
    assert codes_of(api.stop("Huawei", "a", "a")) == [0, 404]


def test_odd_names_of_streams_come_back_as_they_went(api):
    odd = ["a b", "\u6d41/&=+%", "x;y"]
    assert [row["StreamName"] for row in rows(api.start("Tencent", *odd))] == odd
