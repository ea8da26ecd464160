# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Every fault kind: what the client gets, and whether the work was done."""

from __future__ import annotations

import http.client
import json
import socket
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


def done(api):
    """Whether a and b were stopped; log and state have to agree."""
    running = [api.running(VENDOR, stream) for stream in "ab"]
    assert running in ([0, 0], [1, 1])
    assert api.log()["work"] is (running == [0, 0])
    return running == [0, 0]


def rows(reply):
    return json.loads(reply[2])["Data"][VENDOR]


@pytest.mark.parametrize("code", [6, 2, 5, 1000])
def test_code(api, faulty, code):
    status, _headers, body = faulty(kind="code", code=code, message="no")
    assert (status, json.loads(body)["Code"], json.loads(body)["Message"]) == (200, code, "no")
    assert not done(api) and api.log()["fault"] == "code"


def test_code_after_work(api, faulty):
    assert json.loads(faulty(kind="code", code=1000, after_work=True)[2])["Message"] == "request failed"
    assert done(api)


def test_http(api, faulty):
    status, headers, body = faulty(kind="http", status=429, retry_after=7, body="slow down")
    assert (status, headers["Retry-After"], body) == (429, "7", b"slow down")
    assert not done(api) and not api.log()["accepted"]


def test_http_redirect(api, faulty):
    status, headers, _body = faulty(kind="http", status=302, location="https://example.com/")
    assert (status, headers["Location"]) == (302, "https://example.com/")


def test_http_after_work(api, faulty):
    assert faulty(kind="http", status=502, after_work=True)[0] == 502
    assert done(api)


def test_html(api, faulty):
    status, headers, body = faulty(kind="html")
    assert status == 200 and headers["Content-Type"] == "text/html" and body.startswith(b"<html>")
    assert not done(api)


@pytest.mark.parametrize("work", [True, False])
def test_empty_body(api, faulty, work):
    status, _headers, body = faulty(kind="empty_body", after_work=work)
    assert (status, body) == (200, b"") and done(api) is work


def test_truncated(api, faulty):
    with pytest.raises(http.client.IncompleteRead):
        faulty(kind="truncated")
    assert done(api) and api.log()["outcome"] == "truncated"


def test_cut_json(api, faulty):
    status, _headers, body = faulty(kind="cut_json")
    assert status == 200 and body.startswith(b'{"Code":0')
    with pytest.raises(ValueError):
        json.loads(body)
    assert done(api)


@pytest.mark.parametrize("value", [[], "text", 5])
def test_not_object(api, faulty, value):
    assert json.loads(faulty(kind="not_object", value=value)[2]) == value
    assert done(api)


def test_reset(api, faulty):
    with pytest.raises(ConnectionResetError):
        faulty(kind="reset")
    assert not done(api) and api.log()["outcome"] == "reset"


def test_drop_after(api, faulty):
    with pytest.raises(http.client.RemoteDisconnected):
        faulty(kind="drop_after")
    assert done(api) and api.log()["outcome"] == "dropped"


def test_hang_answers_those_who_wait(api, faulty):
    began = time.monotonic()
    assert json.loads(faulty(kind="hang", seconds=0.3)[2])["Code"] == 0
    assert time.monotonic() - began >= 0.3 and done(api)


def settled(api):
    """The last line of the log once the server has noticed that the client left."""
    until = time.monotonic() + 3
    while api.log()["outcome"] == "pending" and time.monotonic() < until:
        time.sleep(0.02)
    return api.log()


@pytest.mark.parametrize("work", [True, False])
def test_hang_and_the_client_leaves(api, faulty, work):
    with pytest.raises(socket.timeout):
        faulty(kind="hang", seconds=20, after_work=work, timeout=0.2)
    assert settled(api)["outcome"] == "client_left" and done(api) is work


def test_slow(api, faulty):
    began = time.monotonic()
    assert len(rows(faulty(kind="slow", ms=200))) == 2
    assert time.monotonic() - began >= 0.2 and done(api)


def test_latency_applies_to_all(api, simulator):
    simulator.configure(latency_ms=120)
    began = time.monotonic()
    api.stop(VENDOR, "a")
    assert time.monotonic() - began >= 0.12


def test_missing_entry(api, faulty):
    assert [row["StreamName"] for row in rows(faulty(kind="missing_entry", stream="a"))] == ["b"]
    assert done(api)


def test_extra_entry(api, faulty):
    assert [row["StreamName"] for row in rows(faulty(kind="extra_entry", extra="c"))] == ["a", "b", "c"]
    assert done(api)


def test_duplicate_entry(api, faulty):
    assert [row["StreamName"] for row in rows(faulty(kind="duplicate_entry", stream="a"))] == ["a", "a", "b"]
    assert done(api)


def test_null_data(api, faulty):
    reply = json.loads(faulty(kind="null_data")[2])
    assert reply["Code"] == 0 and reply["Data"] is None and done(api)


def test_no_data(api, faulty):
    reply = json.loads(faulty(kind="no_data")[2])
    assert reply["Code"] == 0 and "Data" not in reply and done(api)


def test_wrong_vendor_key(api, faulty):
    assert list(json.loads(faulty(kind="wrong_vendor_key", key="Huawei")[2])["Data"]) == ["Huawei"]
    assert done(api)


def test_poison(api, simulator, faulty):
    assert json.loads(faulty(kind="poison", stream="b")[2])["Code"] == 2
    assert not done(api)
    assert api.stop(VENDOR, "a")["Code"] == 0 and api.running(VENDOR, "a") == 0


def test_stream_code(api, faulty):
    found = rows(faulty(kind="stream_code", stream="b", code="InternalError", message="again"))
    assert [(row["Code"], row["Message"]) for row in found] == [("", ""), ("InternalError", "again")]
    assert (api.running(VENDOR, "a"), api.running(VENDOR, "b")) == (0, 1)
    assert api.log()["results"] == ["stopped", "fault"]


def test_stream_code_after_work(api, faulty):
    assert (
        rows(faulty(kind="stream_code", stream="b", code="InternalError", after_work=True))[1]["Code"]
        == "InternalError"
    )
    assert done(api)


def test_raw_entry(api, faulty):
    assert rows(faulty(kind="raw_entry", stream="b", entry={"odd": [1]}))[1] == {"odd": [1]}
    assert done(api)


def test_raw_entry_without_work(api, faulty):
    assert rows(faulty(kind="raw_entry", stream="b", entry=None, after_work=False))[1] is None
    assert (api.running(VENDOR, "a"), api.running(VENDOR, "b")) == (0, 1)


def test_row_code(api, simulator):
    simulator.configure(ws_formats=["mp4", "flv"])
    simulator.record("Ws", ["a", "b"])
    simulator.add_fault(kind="row_code", stream="a", format="flv", code=500)
    found = [(row["id"], row["task"], row["http_code"]) for row in api.stop("Ws", "a", "b")["Data"]["Ws"]["list"]]
    assert found == [("a", "mp4", 200), ("a", "flv", 500), ("b", "mp4", 200), ("b", "flv", 200)]
    assert api.running("Ws", "a") == 0


def test_echo_url_with_a_code(api, simulator, faulty):
    simulator.add_fault(kind="echo_url")
    reply = json.loads(faulty(kind="code", code=1000)[2])
    assert (
        reply["Code"] == 1000 and api.log()["path"] in reply["Message"] and api.log()["signature"] in reply["Message"]
    )
    assert api.log()["fault"] == "echo_url+code" and not done(api)


def test_fault_behind_the_gateway_waits_for_a_request_that_gets_there(api, simulator, faulty):
    simulator.add_fault(kind="drop_after", times=1)
    assert api.stop(VENDOR, "a", Signature="0" * 32)["Code"] == 100000005
    assert simulator.faults()[0]["fired"] == 0


def test_refusing_code_is_free(api, simulator):
    simulator.configure(quota=1)
    simulator.add_fault(kind="code", code=6, times=3)
    assert [api.stop(VENDOR, "a")["Code"] for _turn in range(5)] == [6, 6, 6, 0, 6]


@pytest.mark.parametrize(
    "selector, fired",
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"request": 2}, [2]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"after": 4}, [5, 6]),
        ({"after": 1, "times": 1}, [2]),
        ({"action": "StartCDNRecord"}, [2, 4, 6]),
        ({"vendor": "Huawei"}, [1, 2, 3]),
        ({"stream": "s4"}, [4]),
        ({"streams": ["s1", "s5"]}, [1, 5]),
        ({"probability": 0}, []),
    ],
)
def test_selectors(api, simulator, selector, fired):
    simulator.add_fault(kind="code", code=1000, **selector)
    for number in range(1, 7):
        action = "StartCDNRecord" if number % 2 == 0 else STOP
        api.call(action, "Huawei" if number < 4 else "Ws", [f"s{number}", "other"])
    assert [line["number"] for line in simulator.requests() if line["fault"]] == fired
    assert simulator.faults()[0]["fired"] == len(fired)


def test_probability_is_seeded(api, simulator):
    runs = []
    for seed in (1, 1, 2):
        simulator.reset(
            {"config": {"seed": seed, "quota": 0}, "faults": [{"kind": "code", "code": 1000, "probability": 0.5}]}
        )
        runs.append([api.stop(VENDOR, "a")["Code"] for _turn in range(24)])
    assert runs[0] == runs[1] != runs[2] and set(runs[0]) == {0, 1000}


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "earthquake"},
        {"kind": "code"},
        {"kind": "poison"},
        {"kind": "reset", "status": 1},
        {"kind": "reset", "after_work": True},
        {"kind": "http", "status": 42},
        {"kind": "slow", "ms": "long"},
        {"kind": "slow", "every": 0},
        {"kind": "slow", "probability": 2},
        {"kind": "slow", "streams": []},
        {"kind": ["slow"]},
    ],
)
def test_wrong_rules_are_refused(simulator, error, rule):
    with pytest.raises(error):
        simulator.add_fault(**rule)
    assert simulator.faults() == []
