# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The control path, and the record it gives of what was done."""

from __future__ import annotations

import json
import threading
import time

import pytest


def test_health_and_unknown(api, simulator):
    assert simulator.health() == {"ok": True}
    assert [
        api.send("/_control/" + path, method)[0]
        for path, method in (("nothing", "GET"), ("health", "POST"), ("state", "DELETE"))
    ] == [404, 405, 405]


def test_log_line(api, simulator):
    before = time.time()
    api.start("Huawei", "a", "b")
    line = api.log()
    assert {
        key: line[key]
        for key in (
            "number",
            "method",
            "action",
            "vendor",
            "streams",
            "outcome",
            "status",
            "code",
            "fault",
            "accepted",
            "work",
        )
    } == {
        "number": 1,
        "method": "GET",
        "action": "StartCDNRecord",
        "vendor": "Huawei",
        "streams": ["a", "b"],
        "outcome": "answered",
        "status": 200,
        "code": 0,
        "fault": None,
        "accepted": True,
        "work": True,
    }
    assert before <= line["time"] <= time.time() and line["accepted_mono"] >= line["mono"]
    assert line["results"] == ["started", "started"]
    assert "SignatureNonce=" + line["nonce"] in line["path"] and len(line["signature"]) == 32


def test_log_from_a_number_on(api, simulator):
    for _turn in range(3):
        api.stop("Ws", "a")
    assert [line["number"] for line in simulator.requests(since=1)] == [2, 3]


def test_log_can_be_limited(api, simulator):
    simulator.configure(log_limit=2)
    for _turn in range(3):
        api.stop("Ws", "a")
    assert [line["number"] for line in simulator.requests()] == [2, 3]
    assert simulator.stats()["requests"] == 3


def test_state_tells_request_and_task(api, simulator):
    simulator.record("Tencent", ["a"])
    api.start("Tencent", "a")
    api.stop("Tencent", "a")
    state = simulator.state()["Tencent"]["a"]
    assert [(event["event"], event["request"]) for event in state["events"]] == [
        ("preset", None),
        ("started", 1),
        ("stopped", 2),
    ]
    assert (state["starts"], state["stops"], state["running"], len(state["task_ids"])) == (1, 1, 0, 2)
    assert state["events"][1]["task_id"] == state["task_ids"][1]


def test_stats(api, simulator):
    simulator.add_fault(kind="http", request=2, status=500)
    simulator.add_fault(kind="code", request=3, code=1000)
    for _turn in range(3):
        api.send(api.target("StopCDNRecord", "Ws", ["a"]))
    api.call("Nonsense")
    stats = simulator.stats()
    assert stats["actions"] == {"StopCDNRecord": {"0": 1, "http 500": 1, "1000": 1}, "other": {"100000007": 1}}
    assert (stats["requests"], stats["accepted"], stats["refused"], stats["worked"]) == (4, 2, 2, 1)
    assert stats["peak_per_second"] == {"accepted": 2, "all": 4}
    assert stats["streams"]["Ws"]["received"] == 1
    assert (stats["in_flight"], stats["in_flight_peak"]) == (0, 1)


def test_in_flight_peak(api, simulator):
    simulator.configure(latency_ms=300, quota=0)
    threads = [threading.Thread(target=api.stop, args=("Ws", "a")) for _turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 <= simulator.stats()["in_flight_peak"] <= 8
    assert simulator.stats()["in_flight"] == 0


def test_the_record_is_exact_under_load(api, simulator):
    simulator.reset({"config": {"quota": 0}, "recordings": {"Tencent": [f"s{number}" for number in range(200)]}})
    simulator.add_fault(kind="drop_after", every=7)
    simulator.add_fault(kind="code", code=1000, every=5)

    def stop(part):
        for number in range(part, 200, 8):
            try:
                api.stop("Tencent", f"s{number}")
            except (OSError, ValueError):
                pass

    threads = [threading.Thread(target=stop, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines, state = simulator.requests(), simulator.state()["Tencent"]
    stopped = {line["streams"][0] for line in lines if line["work"]}
    assert stopped == {name for name, entry in state.items() if not entry["running"]}
    assert [line["number"] for line in lines] == list(range(1, 201))
    # Every 35th request meets both rules, and the first rule wins.
    assert len(stopped) == simulator.stats()["worked"] == 200 - (200 // 5 - 200 // 35)
    assert sum(line["outcome"] == "dropped" for line in lines) == 200 // 7


def test_reset_replaces_everything(api, simulator):
    simulator.add_fault(kind="slow", ms=1)
    simulator.configure(quota=3)
    api.stop("Ws", "a")
    scenario = {
        "config": {"ws_shape": "list"},
        "recordings": {"Huawei": ["h"]},
        "faults": [{"kind": "code", "code": 5}],
    }
    simulator.reset(scenario)
    assert (simulator.config()["quota"]["StopCDNRecord"], simulator.config()["ws_shape"]) == (20, "list")
    assert simulator.requests() == [] and simulator.stats()["requests"] == 0
    state = simulator.state()
    assert state["Ws"] == {} and state["Huawei"]["h"]["running"] == 1
    assert [rule["kind"] for rule in simulator.faults()] == ["code"]
    assert api.stop("Ws", "a")["Code"] == 5


def test_a_request_that_hangs_over_a_reset_touches_nothing_new(api, simulator):
    simulator.add_fault(kind="hang", seconds=0.4)
    thread = threading.Thread(target=api.stop, args=("Ws", "a"))
    thread.start()
    until = time.monotonic() + 3
    while not simulator.requests() and time.monotonic() < until:
        time.sleep(0.01)
    simulator.reset({"recordings": {"Ws": ["a"]}})
    thread.join()
    assert api.running("Ws", "a") == 1 and simulator.stats()["requests"] == 0


def test_faults_by_list_and_clear(api, simulator):
    simulator.control("POST", "faults", [{"kind": "slow", "ms": 1}, {"kind": "echo_url"}])
    assert [rule["kind"] for rule in simulator.faults()] == ["slow", "echo_url"]
    assert simulator.clear_faults() == []


@pytest.mark.parametrize(
    "path, value",
    [
        ("config", {"speed": 1}),
        ("config", {"quota": "many"}),
        ("config", {"absent_code": {"Nobody": 1}}),
        ("config", {"vendor_codes": {"Ws": {"absent": 404}}}),
        ("config", [1]),
        ("reset", {"colour": 1}),
        ("reset", {"recordings": {"Ws": "a"}}),
        ("reset", {"faults": [{"kind": "none"}]}),
        ("recordings", {"Nobody": ["a"]}),
        ("faults", None),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(simulator, error, path, value):
    simulator.record("Ws", ["kept"])
    before = simulator.config()
    with pytest.raises(error):
        simulator.control("POST", path, value)
    assert simulator.config() == before and list(simulator.state()["Ws"]) == ["kept"]


def test_broken_json_is_refused(api, simulator):
    connection = api.connect()
    connection.request("POST", "/_control/config", "{")
    reply = connection.getresponse()
    assert reply.status == 400 and "error" in json.loads(reply.read())
    connection.close()


def test_secret_is_not_shown(simulator):
    assert "server_secret" not in simulator.config() and simulator.server_secret not in json.dumps(simulator.config())
