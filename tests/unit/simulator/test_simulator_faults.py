# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Every fault kind: what the client gets, and whether the work was done."""

from __future__ import annotations

import http.client
import json
import time

import pytest

STOP = "StopCDNRecord"
VENDOR = "Tencent"


@pytest.fixture
def faulty(api, simulator):
    """A function that sets one fault, stops the streams a and b, and hands back what came: (status, headers, body)."""
    simulator.record(VENDOR, ["a", "b"])

    def stop(timeout=5, **rule):
        simulator.add_fault(**rule)
        return api.send(api.target(STOP, VENDOR, ["a", "b"]), timeout=timeout)

    return stop


def stopped(api):
    """Which of a and b were stopped; log and state have to agree."""
    found = [stream for stream in "ab" if not api.running(VENDOR, stream)]
    assert api.log()["work"] is bool(found)
    return "".join(found)


@pytest.mark.parametrize(
    "rule, done, status, headers, begin",
    [
        ({"kind": "code", "code": 6, "message": "no"}, "", 200, {}, b'{"Code":6,"Message":"no"'),
        ({"kind": "code", "code": 1000, "after_work": True}, "ab", 200, {}, b'{"Code":1000,"Message":"request failed"'),
        ({"kind": "http", "status": 429, "retry_after": 7, "body": "slow"}, "", 429, {"Retry-After": "7"}, b"slow"),
        ({"kind": "http", "status": 302, "location": "https://a.b/"}, "", 302, {"Location": "https://a.b/"}, b""),
        ({"kind": "http", "status": 502, "after_work": True}, "ab", 502, {}, b""),
        ({"kind": "html"}, "", 200, {"Content-Type": "text/html"}, b"<html>"),
        ({"kind": "not_object", "value": [5]}, "ab", 200, {}, b"[5]"),
    ],
)
def test_a_fault_answers_as_its_rule_says_and_works_only_where_it_says(api, faulty, rule, done, status, headers, begin):
    found = faulty(**rule)
    assert found[0] == status and found[2].startswith(begin)
    assert {name: found[1][name] for name in headers} == headers
    assert stopped(api) == done and api.log()["fault"] == rule["kind"]


@pytest.mark.parametrize("work", [True, False])
def test_an_empty_body_comes_with_or_without_the_work(api, faulty, work):
    assert faulty(kind="empty_body", after_work=work)[2] == b"" and bool(stopped(api)) is work


def test_json_that_is_cut_cannot_be_read(api, faulty):
    with pytest.raises(ValueError):
        json.loads(faulty(kind="cut_json")[2])
    assert stopped(api) == "ab"


@pytest.mark.parametrize(
    "rule, error, outcome, done",
    [
        ({"kind": "truncated"}, http.client.IncompleteRead, "truncated", "ab"),
        ({"kind": "reset"}, ConnectionResetError, "reset", ""),
        ({"kind": "drop_after"}, http.client.RemoteDisconnected, "dropped", "ab"),
        ({"kind": "hang", "seconds": 20, "after_work": True, "timeout": 0.1}, OSError, "client_left", "ab"),
        ({"kind": "hang", "seconds": 20, "after_work": False, "timeout": 0.1}, OSError, "client_left", ""),
    ],
)
def test_a_lost_answer_says_nothing_of_the_work(api, faulty, rule, error, outcome, done):
    with pytest.raises(error):
        faulty(**rule)
    until = time.monotonic() + 3
    while api.log()["outcome"] == "pending" and time.monotonic() < until:
        time.sleep(0.01)
    assert api.log()["outcome"] == outcome and stopped(api) == done


@pytest.mark.parametrize("rule", [{"kind": "hang", "seconds": 0.1}, {"kind": "slow", "ms": 100}, None])
def test_an_answer_takes_as_long_as_it_is_told_to(api, simulator, faulty, rule):
    simulator.configure(latency_ms=0 if rule else 100)
    began = time.monotonic()
    assert json.loads(faulty(**(rule or {"kind": "echo_url"}))[2])["Code"] == 0
    assert time.monotonic() - began >= 0.1 and stopped(api) == "ab"


@pytest.mark.parametrize(
    "rule, expected, done",
    [
        ({"kind": "missing_entry", "stream": "a"}, ["b"], "ab"),
        ({"kind": "extra_entry", "extra": "c"}, ["a", "b", "c"], "ab"),
        ({"kind": "duplicate_entry", "stream": "a"}, ["a", "a", "b"], "ab"),
        ({"kind": "raw_entry", "stream": "b", "entry": {"odd": 1}}, ["a", {"odd": 1}], "ab"),
        ({"kind": "raw_entry", "stream": "b", "entry": None, "after_work": False}, ["a", None], "a"),
        ({"kind": "stream_code", "stream": "b", "code": "X"}, ["a", "b X"], "a"),
        ({"kind": "stream_code", "stream": "b", "code": "X", "after_work": True}, ["a", "b X"], "ab"),
        ({"kind": "null_data"}, None, "ab"),
        ({"kind": "no_data"}, "absent", "ab"),
        ({"kind": "wrong_vendor_key", "key": "Huawei"}, {"Huawei"}, "ab"),
    ],
)
def test_an_entry_fault_changes_what_is_told_of_the_work(api, faulty, rule, expected, done):
    reply = json.loads(faulty(**rule)[2])
    told = reply.get("Data", "absent")
    if isinstance(expected, set):
        told = set(told)
    elif isinstance(expected, list):
        told = [
            f"{row['StreamName']} {row['Code']}".strip() if row and "StreamName" in row else row for row in told[VENDOR]
        ]
    assert (reply["Code"], told) == (0, expected) and stopped(api) == done


def test_one_poisoned_stream_spoils_its_request_and_no_other(api, faulty):
    assert json.loads(faulty(kind="poison", stream="b")[2])["Code"] == 2 and stopped(api) == ""
    assert api.stop(VENDOR, "a")["Code"] == 0 and stopped(api) == "a"


def test_one_format_of_a_ws_stream_can_fail(api, simulator):
    simulator.configure(ws_formats=["mp4", "flv"])
    simulator.record("Ws", ["a", "b"])
    simulator.add_fault(kind="row_code", stream="a", format="flv", code=500)
    found = [(row["id"], row["task"], row["http_code"]) for row in api.stop("Ws", "a", "b")["Data"]["Ws"]["list"]]
    assert found == [("a", "mp4", 200), ("a", "flv", 500), ("b", "mp4", 200), ("b", "flv", 200)]
    assert api.running("Ws", "a") == 0


def test_a_signed_address_can_come_back_in_a_message(api, simulator, faulty):
    simulator.add_fault(kind="echo_url")
    reply = json.loads(faulty(kind="code", code=1000)[2])
    line = api.log()
    assert reply["Code"] == 1000 and line["path"] in reply["Message"] and line["signature"] in reply["Message"]
    assert line["fault"] == "echo_url+code" and stopped(api) == ""


def test_a_fault_waits_for_a_request_that_passes_the_gateway(api, simulator):
    simulator.add_fault(kind="drop_after", times=1)
    assert api.stop(VENDOR, "a", Signature="0" * 32)["Code"] == 100000005
    assert simulator.faults()[0]["fired"] == 0


def test_a_fault_that_refuses_for_the_quota_uses_none_of_it(api, simulator):
    simulator.configure(quota=1)
    simulator.add_fault(kind="code", code=6, times=3)
    assert [api.stop(VENDOR, "a")["Code"] for _turn in range(5)] == [6, 6, 6, 0, 6]


@pytest.mark.parametrize(
    "selector, fired",
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"request": 2}, [2]),
        ({"every": 3}, [3, 6]),
        ({"after": 1, "times": 1}, [2]),
        ({"action": "StartCDNRecord"}, [2, 4, 6]),
        ({"vendor": "Huawei"}, [1, 2, 3]),
        ({"streams": ["s1", "s5"]}, [1, 5]),
        ({"probability": 0}, []),
    ],
)
def test_a_rule_fires_for_the_requests_it_selects(api, simulator, selector, fired):
    simulator.add_fault(kind="code", code=1000, **selector)
    for number in range(1, 7):
        action = "StartCDNRecord" if number % 2 == 0 else STOP
        api.call(action, "Huawei" if number < 4 else "Ws", [f"s{number}", "other"])
    assert [line["number"] for line in simulator.requests() if line["fault"]] == fired
    assert simulator.faults()[0]["fired"] == len(fired)


def test_chance_follows_the_seed(api, simulator):
    runs = []
    for seed in (1, 1, 2):
        rule = {"kind": "code", "code": 1000, "probability": 0.5}
        simulator.reset({"config": {"seed": seed, "quota": 0}, "faults": [rule]})
        runs.append([api.stop(VENDOR, "a")["Code"] for _turn in range(24)])
    assert runs[0] == runs[1] != runs[2] and set(runs[0]) == {0, 1000}


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "earthquake"},
        {"kind": "code"},
        {"kind": "poison"},
        {"kind": "reset", "after_work": True},
        {"kind": "http", "status": 42},
        {"kind": "slow", "every": 0},
        {"kind": "slow", "streams": []},
    ],
)
def test_a_rule_that_means_nothing_is_refused(simulator, error, rule):
    with pytest.raises(error):
        simulator.add_fault(**rule)
    assert simulator.faults() == []
