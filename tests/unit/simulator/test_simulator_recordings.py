# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What stop and start do, and in which vendor's words they tell."""

from __future__ import annotations

import time

import pytest

ID = "<id>"
TENCENT = {"StreamName": "cdn01", "RequestId": ID, "Code": "", "Message": ""}
HUAWEI = {"StreamName": "hwtest", "RequestId": ID, "Code": 0, "Message": "success"}
ALIYUN = {"StreamName": "aliyuntest", "RequestId": ID, "Code": 200, "Message": ""}
WS = {"task": "mp4", "id": "test", "http_code": 200, "msg": "success", "persistentId": ID}
LENGTHS = {"Tencent": 36, "Huawei": 32, "Aliyun": 36}


def masked(row):
    return {
        key: ID if key in ("RequestId", "TaskId", "persistentId") and value else value for key, value in row.items()
    }


def entry(reply):
    """The only row of a reply, whatever the vendor."""
    assert (reply["Code"], reply["Message"]) == (0, "success")
    (data,) = reply["Data"].values()
    (row,) = data["list"] if isinstance(data, dict) else data
    return row


def code_of(reply):
    row = entry(reply)
    return row["http_code"] if "http_code" in row else row["Code"]


@pytest.mark.parametrize("vendor, row", [("Tencent", TENCENT), ("Huawei", HUAWEI), ("Aliyun", ALIYUN)])
def test_stop_in_the_documented_shape(api, simulator, vendor, row):
    simulator.record(vendor, [row["StreamName"]])
    reply = api.stop(vendor, row["StreamName"])
    assert set(reply) == {"Code", "Message", "RequestId", "Data"} and list(reply["Data"]) == [vendor]
    assert masked(reply["Data"][vendor][0]) == row and len(reply["Data"][vendor][0]["RequestId"]) == LENGTHS[vendor]


def test_ws_object_and_list(api, simulator):
    simulator.record("Ws", ["test"])
    found = api.stop("Ws", "test")["Data"]["Ws"]
    assert set(found) == {"call_time", "http_code", "list", "msg", "trace_id"}
    assert (found["http_code"], found["msg"], len(found["trace_id"])) == (200, None, 36)
    assert [masked(row) for row in found["list"]] == [WS] and len(found["list"][0]["persistentId"]) == 36
    time.strptime(found["call_time"], "%Y-%m-%d %H:%M:%S")
    simulator.configure(ws_shape="list")
    simulator.record("Ws", ["test"])
    assert [masked(row) for row in api.stop("Ws", "test")["Data"]["Ws"]] == [WS]


def test_ws_has_a_row_for_each_format(api, simulator):
    simulator.configure(ws_formats=["mp4", "flv"])
    started = api.start("Ws", "a", "b")["Data"]["Ws"]["list"]
    assert [(row["id"], row["task"]) for row in started] == [("a", "mp4"), ("a", "flv"), ("b", "mp4"), ("b", "flv")]
    assert len({row["persistentId"] for row in started}) == 4
    assert api.stop("Ws", "a", "b")["Data"]["Ws"]["list"] == started


def test_tencent_start_names_its_task(api, simulator):
    row = entry(api.start("Tencent", "cdn01"))
    assert masked(row) == dict(TENCENT, TaskId=ID) and len(row["TaskId"]) == 112
    assert simulator.state()["Tencent"]["cdn01"]["running_task_ids"] == [row["TaskId"]]


def test_codes_as_strings(api, simulator):
    simulator.configure(codes_as_strings=True)
    assert [code_of(api.start(vendor, "a")) for vendor in ("Huawei", "Aliyun", "Ws", "Tencent")] == [
        "0",
        "200",
        "200",
        "",
    ]


@pytest.mark.parametrize(
    "vendor, code, message",
    [
        ("Tencent", "ResourceNotFound.TaskId", None),
        ("Huawei", 404, None),
        ("Aliyun", 409, "StreamNotFound"),
        ("Ws", 404, None),
    ],
)
def test_stop_of_nothing_is_absent(api, simulator, vendor, code, message):
    assert code_of(api.stop(vendor, "never")) == code
    simulator.record(vendor, ["a"])
    api.stop(vendor, "a")
    row = entry(api.stop(vendor, "a"))
    assert row.get("Code", row.get("http_code")) == code
    assert message is None or row["Message"] == message
    state = simulator.state()[vendor]
    assert (state["never"]["state"], state["a"]["state"], state["a"]["stops"]) == ("unknown", "stopped", 1)
    assert [event["event"] for event in state["a"]["events"]] == ["preset", "stopped", "stop_absent"]


def test_absent_code_and_success_can_be_set(api, simulator):
    simulator.configure(
        absent_code={"Huawei": "LIVE.103011019"},
        absent_message={"Huawei": "record does not exist"},
        repeated_stop={"Ws": "success"},
    )
    row = entry(api.stop("Huawei", "a"))
    assert (row["Code"], row["Message"]) == ("LIVE.103011019", "record does not exist")
    assert (code_of(api.stop("Ws", "a")), code_of(api.stop("Tencent", "a"))) == (200, "ResourceNotFound.TaskId")
    simulator.configure(repeated_stop="success")
    assert code_of(api.stop("Tencent", "a")) == ""
    assert simulator.state()["Tencent"]["a"]["stops"] == 0


def test_tencent_runs_three_tasks_and_no_fourth(api, simulator):
    codes = [code_of(api.start("Tencent", "a")) for _turn in range(4)]
    assert codes == ["", "", "", "LimitExceeded.MaximumRunningTask"]
    state = simulator.state()["Tencent"]["a"]
    assert (state["running"], state["starts"], len(set(state["task_ids"]))) == (3, 3, 3)
    assert code_of(api.stop("Tencent", "a")) == "" and api.running("Tencent", "a") == 0


@pytest.mark.parametrize(
    "vendor, code, message", [("Huawei", "LIVE.100011022", "record task exists"), ("Aliyun", 409, "TaskAlreadyStarted")]
)
def test_second_start_is_refused(api, simulator, vendor, code, message):
    api.start(vendor, "a")
    row = entry(api.start(vendor, "a"))
    assert (row["Code"], row["Message"]) == (code, message)
    assert simulator.state()[vendor]["a"]["starts"] == 1


def test_ws_second_start(api, simulator):
    assert [code_of(api.start("Ws", "a")) for _turn in range(2)] == [200, 200]
    assert (api.running("Ws", "a"), simulator.state()["Ws"]["a"]["starts"]) == (1, 1)
    simulator.configure(ws_repeated_start="running")
    assert code_of(api.start("Ws", "a")) == 409


def test_huawei_stop_takes_a_while_to_settle(api, simulator):
    simulator.configure(huawei_settle_seconds=0.4)
    simulator.record("Huawei", ["a"])
    assert code_of(api.stop("Huawei", "a")) == 0
    assert code_of(api.start("Huawei", "a")) == "LIVE.100011022"
    time.sleep(0.45)
    assert code_of(api.start("Huawei", "a")) == 0


def test_live_streams(api, simulator):
    simulator.configure(live_streams=["here"])
    assert code_of(api.start("Tencent", "here")) == ""
    codes = [code_of(api.start(vendor, "gone")) for vendor in ("Tencent", "Huawei", "Aliyun", "Ws")]
    assert codes == ["ResourceUnavailable.StreamNotExist", 404, 404, 404]
    assert simulator.state()["Tencent"]["gone"]["running"] == 0


def test_vendor_codes_can_be_set(api, simulator):
    simulator.configure(vendor_codes={"Huawei": {"running": {"code": 100011022}}})
    assert [code_of(api.start("Huawei", "a")) for _turn in range(2)] == [0, 100011022]


def test_end_time_ends_a_tencent_task(api, simulator):
    assert code_of(api.start("Tencent", "a", EndTime=int(time.time()) + 3600)) == ""
    assert api.running("Tencent", "a") == 1
    simulator.configure(clock_skew_seconds=3700)
    assert api.running("Tencent", "a") == 0
    assert [event["event"] for event in simulator.state()["Tencent"]["a"]["events"]] == ["started", "ended"]


@pytest.mark.parametrize("shift", [-1, 0, 24 * 3600 + 30, None])
def test_end_time_must_lie_within_a_day(api, simulator, shift):
    value = "tomorrow" if shift is None else int(time.time()) + shift
    assert api.start("Tencent", "a", EndTime=value)["Code"] == 2
    assert simulator.state()["Tencent"] == {} and api.log()["work"] is False


@pytest.mark.parametrize(
    "code, action, vendor, streams, changes",
    [
        (2, "StopCDNRecord", "Tencent", [], {}),
        (2, "StopCDNRecord", "Tencent", ["a", ""], {}),
        (2, "StopCDNRecord", "Tencent", ["a", "x" * 257], {}),
        (2, "StopCDNRecord", "Tencent", ["a", "\u00e9" * 129], {}),
        (2, "StopCDNRecord", None, ["a"], {}),
        (2, "StopCDNRecord", "tencent", ["a"], {}),
        (2, "StopCDNRecord", "Tencent", ["a"], {"IsTest": "maybe"}),
        (2, "StopCDNRecord", "Tencent", ["a"], {"EndTime": 1}),
        (2, "StartCDNRecord", "Ws", ["a"], {"EndTime": 1}),
        (2, "StopCDNRecord", "Huawei", ["a"], {"Domain": "pull.example.com"}),
        (0, "StopCDNRecord", "Aliyun", ["a"], {"Domain": "pull.example.com", "Point": "live"}),
        (0, "StopCDNRecord", "Tencent", ["a", "x" * 256], {"IsTest": "true"}),
    ],
)
def test_parameters(api, code, action, vendor, streams, changes):
    assert api.call(action, vendor, streams, **changes)["Code"] == code


def test_account_settings(api, simulator):
    simulator.configure(vendors=["Aliyun"], aliyun_needs_domain=True, max_streams_per_call=2)
    assert api.stop("Tencent", "a")["Code"] == 4
    assert api.stop("Aliyun", "a")["Code"] == 5
    assert api.stop("Aliyun", "a", Domain="pull.example.com", Point="live")["Code"] == 0
    assert api.stop("Aliyun", "a", "b", "c")["Code"] == 2
    simulator.configure(strict_parameters=False, vendors=["Ws"])
    assert api.start("Ws", "a", EndTime=1, Domain="x")["Code"] == 0


def test_url_limit(api, simulator):
    simulator.configure(max_url_bytes=600)
    assert api.send(api.target("StopCDNRecord", "Tencent", ["s" * 200] * 3))[0] == 414
    assert api.stop("Tencent", "s" * 200)["Code"] == 0


@pytest.mark.parametrize(
    "vendor, code",
    [("Tencent", "RequestLimitExceeded"), ("Huawei", "LIVE.100011007"), ("Aliyun", "Throttling.User"), ("Ws", 429)],
)
def test_vendor_throttles_some_of_a_batch(api, simulator, vendor, code):
    simulator.configure(vendor_streams_per_second={vendor: 3})
    names = [f"s{number}" for number in range(5)]
    simulator.record(vendor, names)
    data = api.stop(vendor, *names)["Data"][vendor]
    rows = data["list"] if vendor == "Ws" else data
    success = {"Tencent": "", "Huawei": 0, "Aliyun": 200, "Ws": 200}[vendor]
    assert [row.get("Code", row.get("http_code")) for row in rows] == [success] * 3 + [code] * 2
    assert [api.running(vendor, name) for name in names] == [0, 0, 0, 1, 1]
    assert api.log()["results"] == ["stopped"] * 3 + ["throttled"] * 2
    assert simulator.stats()["streams"][vendor] == {"received": 5, "throttled": 2, "peak_per_second": 3}


def test_throttled_entries_are_free(api, simulator):
    simulator.configure(vendor_streams_per_second=1)
    used, expected = [], []
    for _turn in range(9):
        api.stop("Ws", "a")
        moment = api.log()["accepted_mono"]
        free = not [one for one in used if one > moment - 1.0]
        used += [moment] if free else []
        expected.append(["stop_absent"] if free else ["throttled"])
        time.sleep(0.15)
    assert [line["results"] for line in simulator.requests()] == expected
    assert ["throttled"] in expected


def test_the_same_stream_twice_is_two_entries(api, simulator):
    simulator.record("Huawei", ["a"])
    assert [row["Code"] for row in api.stop("Huawei", "a", "a")["Data"]["Huawei"]] == [0, 404]


def test_odd_stream_ids_come_back_as_they_went(api, simulator):
    for name in ("a b", "\u6d41/&=+%", "x;y"):
        assert entry(api.start("Tencent", name))["StreamName"] == name
