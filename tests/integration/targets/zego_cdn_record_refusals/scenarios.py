# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that the API refuses: isolated where a stream is to blame, the end where everything would be refused."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, brief, entry, main, names, outcomes, warnings  # noqa: E402


def test_a_poisoned_stream_is_isolated(scene):
    streams = names(40)
    scene.simulator.record("Tencent", streams)
    scene.simulator.add_fault(kind="poison", stream="cdn13")
    result = scene.call(vendor="Tencent", streams=streams)
    assert [name for name, outcome in outcomes(result).items() if outcome != "stopped"] == ["cdn13"], brief(result)
    assert entry(result, "cdn13")["code"] == "2" and "cdn13" in result["msg"] and result["changed"]
    assert [name for name in streams if scene.running("Tencent", name)] == ["cdn13"]


def test_poisoned_starts_are_isolated_without_a_second_task(scene):
    streams = names(20)
    scene.simulator.add_fault(kind="poison", streams=["cdn01", "cdn02", "cdn20"])
    result = scene.call(vendor="Tencent", streams=streams, state="started")
    assert [name for name, outcome in outcomes(result).items() if outcome != "started"] == [
        "cdn01",
        "cdn02",
        "cdn20",
    ], brief(result)
    assert [scene.running("Tencent", name) for name in streams] == [0, 0] + [1] * 17 + [0]


def test_an_unknown_maximum_of_streams_is_found(scene):
    streams = names(60)
    scene.simulator.record("Huawei", streams)
    scene.simulator.configure(max_streams_per_call=7)
    all_are("stopped", scene.call(vendor="Huawei", streams=streams), changed=True)
    accepted = [len(line["streams"]) for line in scene.simulator.requests() if line["code"] == 0]
    assert max(accepted) <= 7 and sum(accepted) == 60


def test_urls_stay_short(scene):
    streams = [f"{name}-" + "é" * 120 for name in names(30)]
    scene.simulator.record("Aliyun", streams)
    all_are("stopped", scene.call(vendor="Aliyun", streams=streams), changed=True)
    lengths = [len(scene.simulator.url + line["path"]) for line in scene.simulator.requests()]
    assert max(lengths) <= 4000 and len(lengths) > 2, lengths


def test_a_gateway_that_takes_short_urls_only_gets_shorter_ones(scene):
    streams = [f"{name}-" + "x" * 100 for name in names(30)]
    scene.simulator.record("Tencent", streams)
    scene.simulator.configure(max_url_bytes=1200)
    all_are("stopped", scene.call(vendor="Tencent", streams=streams), changed=True)
    assert any(line["status"] == 414 for line in scene.simulator.requests())


def test_a_clock_that_is_an_hour_behind_is_corrected(scene):
    scene.simulator.configure(clock_skew_seconds=3600)
    scene.simulator.record("Tencent", names(40))
    result = scene.call(vendor="Tencent", streams=names(40), batch_size=4)
    all_are("stopped", result, changed=True)
    size = re.search(r"clock is (\d+) s behind", warnings(result))
    assert size and abs(int(size.group(1)) - 3600) < 30, warnings(result)
    assert scene.requests() == 11 and warnings(result).count("clock is") == 1


def test_a_clock_that_is_an_hour_ahead_does_not_lose_a_start(scene):
    scene.simulator.configure(clock_skew_seconds=-3600)
    result = scene.call(vendor="Tencent", streams=["a"], state="started")
    all_are("started", result, changed=True)
    assert "ahead of" in warnings(result) and scene.running("Tencent", "a") == 1


def test_a_wrong_clock_without_a_date_ends_the_run(scene):
    scene.simulator.configure(clock_skew_seconds=3600, send_date=False)
    result = scene.call(vendor="Tencent", streams=names(60))
    _ended_after_one(scene, result, "100000004")


def _ended_after_one(scene, result, code):
    assert result["failed"] and not result["changed"] and result["api_requests"] == 1, brief(result)
    assert list(outcomes(result).values()) == ["failed"] * 20 + ["not_attempted"] * 40, brief(result)
    assert {item["code"] for item in result["streams"]} == {code} and code.split()[-1] in result["msg"], brief(result)
    assert entry(result, "cdn60")["attempts"] == 0


def test_a_wrong_secret_costs_one_request(scene):
    result = scene.call(vendor="Tencent", streams=names(60), server_secret="f" * 32)
    _ended_after_one(scene, result, "100000005")
    assert scene.requests() == 1


def test_a_wrong_app_costs_one_request(scene):
    _ended_after_one(scene, scene.call(vendor="Tencent", streams=names(60), app_id=7), "100000011")


def test_errors_that_no_retry_mends(scene):
    codes = (100000000, 100000017)
    for number, code in enumerate(codes, 1):
        scene.simulator.add_fault(kind="code", code=code, request=number)
    results = scene.calls([{"vendor": "Tencent", "streams": names(60), "ledger": ""} for _code in codes])
    for code, result in zip(codes, results):
        _ended_after_one(scene, result, str(code))
    assert scene.requests() == len(codes)


# What may be about one stream, or about all of them.
SUSPECT = [{"kind": "code", "code": code} for code in (3, 4, 5, 7)]
SUSPECT += [{"kind": "http", "status": status} for status in (302, 401, 403, 404, 405)]
OTHERS = [{"kind": "code", "code": code} for code in (2, 1000, 4711)]
OTHERS += [{"kind": "http", "status": status} for status in (400, 406, 414, 418, 500, 502)]


def test_what_one_stream_provokes_leaves_no_other_recording(scene):
    # The unit tests of the job go through all of them.
    for number, fault in enumerate([SUSPECT[0], SUSPECT[5], *OTHERS[2:4], OTHERS[-1]]):
        streams = names(40, f"run{number}-")
        scene.simulator.record("Tencent", streams)
        scene.simulator.add_fault(stream=streams[30], **fault)
        result = scene.call(vendor="Tencent", streams=streams, retries=1, requests_per_second=1000)
        found = outcomes(result)
        assert found.pop(streams[30]) == "failed" and set(found.values()) == {"stopped"}, (fault, brief(result))
        assert [name for name in streams if scene.running("Tencent", name)] == [streams[30]], fault


def test_what_three_batches_and_three_streams_alone_met_ends_the_run(scene):
    for fault in SUSPECT:
        scene.simulator.clear_faults()
        scene.simulator.add_fault(**fault)
        before = scene.requests()
        result = scene.call(vendor="Tencent", streams=names(101))
        sent = [len(request["streams"]) for request in scene.simulator.requests()[before:]]
        assert result["failed"] and not result["changed"] and result["api_requests"] == len(sent), brief(result)
        # On a slow machine, one more batch may be under way when the third one is answered.
        assert sent[:3] == [20] * 3 and sent.count(1) == 3 and len(sent) <= 7, (fault, sent)
        counted = Counter(outcomes(result).values())
        assert counted == {"failed": 20 * sent.count(20), "not_attempted": 101 - 20 * sent.count(20)}, (fault, sent)
        assert entry(result, "cdn101")["attempts"] == 0


def test_a_bad_stream_in_each_of_the_first_batches_leaves_no_other_recording(scene):
    streams = names(101)
    scene.simulator.record("Tencent", streams)
    bad = [streams[0], streams[20], streams[40]]
    scene.simulator.add_fault(streams=bad, kind="http", status=403)
    found = outcomes(scene.call(vendor="Tencent", streams=streams, requests_per_second=1000))
    assert {name for name, outcome in found.items() if outcome == "failed"} == set(bad)
    assert [name for name in streams if scene.running("Tencent", name)] == bad


def test_redirects_are_not_followed(scene):
    scene.simulator.add_fault(kind="http", status=302, location=f"{scene.simulator.url}/elsewhere")
    result = scene.call(vendor="Tencent", streams=["a"])
    assert result["failed"] and entry(result, "a")["code"] == "HTTP 302", brief(result)
    assert scene.requests() == 1 and scene.simulator.stats()["other_requests"] == 0


def test_a_start_is_failed_only_where_nothing_can_have_begun(scene):
    """Whether or not the server had begun it, no stream is started twice, by this run or the next."""
    cases = [*SUSPECT, *OTHERS, {"kind": "http", "status": 408}, {"kind": "http", "status": 409}]
    for number, fault in enumerate(cases):
        stream = f"start{number}"
        begun = fault.get("status") in (302, 406, 408, 409, 418, 500, 502) or fault.get("code") in (1000, 4711)
        scene.simulator.add_fault(stream=stream, times=1, after_work=begun, **fault)
        start = {"vendor": "Tencent", "state": "started", "streams": [stream]}
        first, second = scene.calls([start, start])
        assert outcomes(first) == {stream: "unknown" if begun else "failed"}, (fault, brief(first))
        assert outcomes(second) == {stream: "unknown" if begun else "started"}, (fault, brief(second))
        assert scene.running("Tencent", stream) == 1, fault


def test_the_vendor_code_is_told_with_advice(scene):
    for stream, code in (
        ("frozen", "ResourceNotFound.FreezeService"),
        ("quota", "LimitExceeded.MaximumRunningTask"),
        ("denied", "AuthFailure.Unknown"),
    ):
        scene.simulator.add_fault(kind="stream_code", stream=stream, code=code, message="as they say")
    result = scene.call(
        vendor="Tencent",
        streams=["frozen", "quota", "denied", *names(9)],
        not_recording_codes=["ResourceNotFound.FreezeService"],
    )
    summary = {"total": 12, "changed": 0, "unchanged": 9, "failed": 3, "remembered": 0, "vendor": 9}
    assert result["summary"] == summary, brief(result)
    for stream, word in (("frozen", "arrears"), ("quota", "quota"), ("denied", "credentials")):
        assert word in entry(result, stream)["message"] and stream in result["msg"], brief(result)


# vendor, state, stream, the vendor's code and message, and what the stream comes to.
QUOTED = "stop task of stream {} failed: permission denied"
ANSWERS = (
    ("Huawei", "stopped", "x-103011019", 404, QUOTED, "failed"),
    ("Huawei", "stopped", "stage-1", 404, "the domain of {} does not exist", "failed"),
    ("Huawei", "stopped", "stage-2", "LIVE.103011019", "domain pull.example.com not found", "failed"),
    ("Huawei", "stopped", "stage-3", 404, "record of stream {} does not exist", "already_stopped"),
    ("Huawei", "started", "x-100011022", 400, QUOTED, "failed"),
    ("Huawei", "started", "x-100011007", 400, QUOTED, "failed"),
    ("Aliyun", "stopped", "x-StreamNotFound", 409, QUOTED, "failed"),
    ("Aliyun", "stopped", "InvalidStream.NotFound", 404, QUOTED, "failed"),
    ("Aliyun", "stopped", "stage-4", 409, "StreamNotFound: stream {}", "already_stopped"),
    ("Aliyun", "started", "x-TaskAlreadyStarted", 409, QUOTED, "failed"),
    ("Tencent", "stopped", "stage-5", "FailedOperation.StreamNotExist", "", "already_stopped"),
    ("Tencent", "stopped", "stage-6", "ResourceNotFound", "", "failed"),
    ("Tencent", "stopped", "stage-7", "FailedOperation.NotFound", "the task does not exist", "already_stopped"),
    ("Tencent", "stopped", "stage-8", "FailedOperation.JiFeiNoEnoughFund", "stream does not exist", "failed"),
    ("Tencent", "stopped", "stage-9", "ResourceNotFound.InvalidUser", "stream does not exist", "failed"),
    ("Tencent", "stopped", "stage-10", "FailedOperation", "", "failed"),
    ("Tencent", "started", "stage-11", "InternalError.DBError", "", "unknown"),
    ("Tencent", "started", "stage-12", "FailedOperation", "", "unknown"),
)


def test_a_vendors_words_decide_and_a_streams_name_does_not(scene):
    wanted, groups = {}, {}
    for vendor, state, stream, code, message, outcome in ANSWERS:
        scene.simulator.add_fault(kind="stream_code", stream=stream, code=code, message=message.format(stream))
        groups.setdefault((vendor, state), []).append(stream)
        wanted[stream] = outcome
        if state == "stopped":
            scene.simulator.record(vendor, [stream])
    calls = [
        {"vendor": vendor, "state": state, "streams": streams, "retries": 1}
        for (vendor, state), streams in groups.items()
    ]
    results = scene.calls(calls, playbook=True)
    told = {stream: outcome for result in results for stream, outcome in outcomes(result).items()}
    assert told == wanted
    # What may have begun is claimed: the next run does not send it again.
    sent = scene.requests()
    again = scene.call(vendor="Tencent", state="started", streams=["stage-11", "stage-12"])
    all_are("unknown", again, changed=False)
    assert scene.requests() == sent


def test_many_failures_are_counted_not_listed(scene):
    scene.simulator.add_fault(kind="stream_code", streams=names(30), code="ResourceNotFound.FreezeService")
    result = scene.call(vendor="Tencent", streams=names(30))
    assert "and 25 more" in result["msg"] and "cdn01" in result["msg"] and "cdn30" not in result["msg"], brief(result)


if __name__ == "__main__":
    main(globals())
