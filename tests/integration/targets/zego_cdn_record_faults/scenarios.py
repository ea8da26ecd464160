# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that goes wrong between the module and a finished recording."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import VENDORS, all_are, brief, closed_port, entry, main, names, outcomes, warnings  # noqa: E402

# Each meets a stream of its own, so that one run of one request a stream meets them all.
PASSING = {
    "too-frequent": {"kind": "code", "code": 6, "times": 3},
    "request-failed": {"kind": "code", "code": 1000, "times": 2},
    "gateway": {"kind": "code", "code": 100000015, "times": 1},
    "unavailable": {"kind": "http", "status": 503, "times": 2},
    "bad-gateway-after-work": {"kind": "http", "status": 502, "times": 1, "after_work": True},
    "slow-down": {"kind": "http", "status": 429, "retry_after": 1, "times": 1},
    "html": {"kind": "html", "times": 1},
    "cut-json": {"kind": "cut_json", "times": 1},
    "truncated": {"kind": "truncated", "times": 1},
    "empty": {"kind": "empty_body", "times": 1},
    "list": {"kind": "not_object", "times": 1},
    "reset": {"kind": "reset", "times": 2},
    "dropped": {"kind": "drop_after", "times": 1},
    "hangs": {"kind": "hang", "seconds": 30, "times": 1},
    "null-data": {"kind": "null_data", "times": 1},
    "no-data": {"kind": "no_data", "times": 1},
    "wrong-key": {"kind": "wrong_vendor_key", "times": 1},
    "no-entry": {"kind": "missing_entry", "times": 1},
}


def _pass_through(scene, vendor, faults, **parameters):
    scene.simulator.record(vendor, faults)
    for stream, fault in faults.items():
        scene.simulator.add_fault(stream=stream, **fault)
    result = scene.call(vendor=vendor, streams=list(faults), batch_size=1, timeout=3, retries=6, **parameters)
    all_are("stopped", result, changed=True)
    state = scene.simulator.state()[vendor]
    for stream, fault in faults.items():
        assert entry(result, stream)["attempts"] > fault["times"], brief(entry(result, stream))
        assert state[stream]["stops"] == 1 and not state[stream]["running"], stream
    assert all(rule["fired"] == rule["times"] for rule in scene.simulator.faults())
    sent = scene.simulator.requests()
    for once in ("nonce", "signature"):
        assert len({line[once] for line in sent}) == len(sent), once


def test_what_passes_is_ridden_out(scene):
    _pass_through(scene, "Tencent", PASSING)


def test_what_passes_is_ridden_out_at_a_vendor_that_acknowledges_repeated_stops(scene):
    scene.simulator.configure(repeated_stop="success")
    _pass_through(scene, "Aliyun", {name: PASSING[name] for name in ("dropped", "null-data", "wrong-key", "cut-json")})


def test_a_ws_stop_is_sent_again_after_a_lost_answer(scene):
    # Ws documents no code for 'absent', so only the user can say that 404 is one.
    faults = {name: PASSING[name] for name in ("dropped", "bad-gateway-after-work", "truncated")}
    _pass_through(scene, "Ws", faults, not_recording_codes=["404"])


def test_throttled_streams_alone_are_sent_again(scene):
    throttled = {"Tencent": "RequestLimitExceeded", "Ws": 429, "Huawei": "LIVE.100011007", "Aliyun": "Throttling.User"}
    internal = {"Tencent": "InternalError", "Ws": 502, "Huawei": "LIVE.100011000", "Aliyun": 503}
    for vendor in VENDORS:
        scene.simulator.record(vendor, ["a", "b", "c"])
        scene.simulator.add_fault(kind="stream_code", vendor=vendor, stream="b", code=throttled[vendor], times=2)
        scene.simulator.add_fault(kind="stream_code", vendor=vendor, stream="c", code=internal[vendor], times=1)
    for result in scene.calls([{"vendor": vendor, "streams": ["a", "b", "c"]} for vendor in VENDORS]):
        all_are("stopped", result, changed=True)
        assert [entry(result, name)["attempts"] for name in "abc"] == [1, 3, 2], brief(result)


def test_a_slow_vendor_fails_nobody(scene):
    streams = names(60)
    scene.simulator.record("Tencent", streams)
    scene.simulator.configure(vendor_streams_per_second={"Tencent": 20})
    all_are("stopped", scene.call(vendor="Tencent", streams=streams), changed=True)
    assert not any(scene.running("Tencent", name) for name in streams)


def test_an_entry_for_an_unrequested_stream_is_a_warning(scene):
    scene.simulator.record("Tencent", ["a"])
    scene.simulator.add_fault(kind="extra_entry", extra="unrequested")
    scene.simulator.add_fault(kind="duplicate_entry", stream="a")
    result = scene.call(vendor="Tencent", streams=["a"])
    all_are("stopped", result, changed=True)
    assert "unrequested" in warnings(result) and "unrequested" not in brief(dict(result, warnings=[])), brief(result)


def test_what_stays_wrong_is_no_false_stop(scene):
    kinds = (
        "null_data",
        "no_data",
        "wrong_vendor_key",
        "missing_entry",
        "html",
        "cut_json",
        "not_object",
        "empty_body",
    )
    for vendor in ("Tencent", "Ws"):
        scene.simulator.record(vendor, kinds)
    for kind in kinds:
        scene.simulator.add_fault(kind=kind, stream=kind)
    parameters = [{"vendor": vendor, "streams": [kind], "retries": 0} for vendor in ("Tencent", "Ws") for kind in kinds]
    for result in scene.calls(parameters):
        all_are("failed", result, changed=False)
        assert result["api_requests"] == 1, brief(result)


def test_what_stays_wrong_is_an_unknown_start(scene):
    kinds = ("null_data", "wrong_vendor_key", "missing_entry", "html", "truncated", "drop_after", "reset")
    for kind in kinds:
        scene.simulator.add_fault(kind=kind, stream=kind)
    for result in scene.calls([{"vendor": "Tencent", "streams": [kind], "state": "started"} for kind in kinds]):
        all_are("unknown", result, changed=False)
        assert result["api_requests"] == 1, brief(result)
    assert all(scene.running("Tencent", kind) <= 1 for kind in kinds)


def test_an_api_that_cannot_be_reached_fails_every_stream_even_a_start(scene):
    address = f"http://127.0.0.1:{closed_port()}"
    result = scene.call(vendor="Tencent", streams=["a", "b"], retries=1, api_url=address)
    all_are("failed", result, changed=False)
    assert result["api_requests"] == 2 and "no connection" in result["msg"], brief(result)
    started = scene.call(vendor="Tencent", streams=["a"], retries=0, state="started", api_url=address)
    # It never left: that is a failure, not an unknown start.
    all_are("failed", started, changed=False)


def test_an_api_that_keeps_failing_ends_the_run_early(scene):
    scene.simulator.add_fault(kind="http", status=503)
    result = scene.call(vendor="Tencent", streams=names(200), batch_size=1, retries=1)
    found = outcomes(result)
    assert set(found.values()) == {"failed", "not_attempted"} and result["failed"] and not result["changed"], brief(
        result
    )
    assert result["api_requests"] == scene.requests() < 200


if __name__ == "__main__":
    main(globals())
