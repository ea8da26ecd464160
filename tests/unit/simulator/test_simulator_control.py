# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The control path, and the record it gives of what was done."""

from __future__ import annotations

import json
import threading
import time

import pytest

LINE = {
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
    "results": ["started", "started"],
}


def at_once(work, count):
    """Run ``work(number)`` in so many threads."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_log_tells_all_of_a_request(api, simulator):
    before = time.time()
    api.start("Huawei", "a", "b")
    line = api.log()
    assert {key: line[key] for key in LINE} == LINE
    assert before <= line["time"] <= time.time() and line["accepted_mono"] >= line["mono"]
    assert "SignatureNonce=" + line["nonce"] in line["path"] and len(line["signature"]) == 32
    simulator.configure(log_limit=3)
    for _turn in range(3):
        api.stop("Ws", "a")
    assert [line["number"] for line in simulator.requests()] == [2, 3, 4]
    assert [line["number"] for line in simulator.requests(since=3)] == [4]
    assert simulator.stats()["requests"] == 4


def test_the_state_tells_which_request_did_what(api, simulator):
    simulator.record("Tencent", ["a"])
    api.start("Tencent", "a")
    api.stop("Tencent", "a")
    state = simulator.state()["Tencent"]["a"]
    events = [(event["event"], event["request"]) for event in state["events"]]
    assert events == [("preset", None), ("started", 1), ("stopped", 2)]
    assert (state["starts"], state["stops"], state["running"], len(state["task_ids"])) == (1, 1, 0, 2)
    assert state["events"][1]["task_id"] == state["task_ids"][1]


def test_statistics_count_answers_work_and_peaks(api, simulator):
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


def test_the_record_is_exact_under_load(api, simulator):
    streams = [f"s{number}" for number in range(100)]
    simulator.reset({"config": {"quota": 0, "latency_ms": 5}, "recordings": {"Tencent": streams}})
    simulator.add_fault(kind="drop_after", every=7)
    simulator.add_fault(kind="code", code=1000, every=5)

    def stop(part):
        for stream in streams[part::8]:
            try:
                api.stop("Tencent", stream)
            except (OSError, ValueError):
                pass

    at_once(stop, 8)
    lines, state, stats = simulator.requests(), simulator.state()["Tencent"], simulator.stats()
    stopped = {line["streams"][0] for line in lines if line["work"]}
    assert stopped == {name for name, entry in state.items() if not entry["running"]}
    assert [line["number"] for line in lines] == list(range(1, 101))
    # Every 35th request meets both rules, and the first rule wins.
    assert len(stopped) == stats["worked"] == 100 - (100 // 5 - 100 // 35)
    assert sum(line["outcome"] == "dropped" for line in lines) == 100 // 7
    assert 2 <= stats["in_flight_peak"] <= 8 and stats["in_flight"] == 0


def test_a_reset_replaces_everything(api, simulator):
    simulator.control("POST", "faults", [{"kind": "slow", "ms": 1}, {"kind": "echo_url"}])
    simulator.configure(quota=3)
    api.stop("Ws", "a")
    fault = {"kind": "code", "code": 5}
    simulator.reset({"config": {"ws_shape": "list"}, "recordings": {"Huawei": ["h"]}, "faults": [fault]})
    assert (simulator.config()["quota"]["StopCDNRecord"], simulator.config()["ws_shape"]) == (20, "list")
    assert simulator.requests() == [] and simulator.stats()["requests"] == 0
    state = simulator.state()
    assert state["Ws"] == {} and state["Huawei"]["h"]["running"] == 1
    assert [rule["kind"] for rule in simulator.faults()] == ["code"]
    assert api.stop("Ws", "a")["Code"] == 5
    assert simulator.clear_faults() == []


@pytest.mark.parametrize(
    "path, value",
    [
        ("config", {"speed": 1}),
        ("config", {"quota": "many"}),
        ("config", {"absent_code": {"Nobody": 1}}),
        ("reset", {"colour": 1}),
        ("reset", {"recordings": {"Ws": "a"}}),
        ("reset", {"faults": [{"kind": "none"}]}),
        ("recordings", {"Nobody": ["a"]}),
        ("rooms", {"r": "a"}),
        ("rooms", {"r": ["ok"], "s": [{"UserId": "u"}]}),
        ("relays", {"a": "rtmp://no.list/"}),
        ("files", {"Ws": ["fine", {"begin": 1}]}),
        ("files", {"Ws": [{"stream": "a", "created": 1e300}]}),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(simulator, error, path, value):
    simulator.record("Ws", ["kept"])
    before = simulator.config()
    with pytest.raises(error):
        simulator.control("POST", path, value)
    assert simulator.config() == before and list(simulator.state()["Ws"]) == ["kept"]
    assert (simulator.rooms(), simulator.relays(), simulator.files()["Ws"]) == ({}, {}, [])


def test_what_is_no_control_request_is_refused(api):
    tried = (("nothing", "GET", None), ("health", "POST", None), ("config", "POST", b"{"))
    assert [api.send("/_control/" + path, method, body=body)[0] for path, method, body in tried] == [404, 405, 400]


def test_the_secret_is_not_shown(simulator):
    assert "server_secret" not in simulator.config() and simulator.server_secret not in json.dumps(simulator.config())
