# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does to recordings that have to end, and how a task can be run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import VENDORS, all_are, brief, entry, main, names, outcomes, slow, warnings  # noqa: E402


def _stop_twice(scene, repeated_stop):
    scene.simulator.configure(repeated_stop=repeated_stop)
    for vendor in VENDORS:
        scene.simulator.record(vendor, names(5))
    scene.play("twice.yml", streams=[*names(5), "cdn02", "cdn01"], expected=names(5), vendors=VENDORS)
    state = scene.simulator.state()
    for vendor in VENDORS:
        assert all(state[vendor][name]["stops"] == 1 for name in names(5)), state
    # A stop is sent in any case: memory only changes its report.
    assert scene.requests() == 8


@slow
def test_second_stop_changes_nothing_where_vendors_say_absent(scene):
    _stop_twice(scene, "absent")


def test_second_stop_changes_nothing_where_vendors_acknowledge_it(scene):
    _stop_twice(scene, "success")


def test_without_a_ledger_an_acknowledged_stop_looks_like_a_change(scene):
    scene.simulator.configure(repeated_stop={"Tencent": "success"})
    all_are("stopped", scene.call(streams=["a"], vendor="Tencent", ledger=""), changed=True)
    all_are("stopped", scene.call(streams=["a"], vendor="Tencent", ledger=""), changed=True)
    all_are("already_stopped", scene.call(streams=["a"], vendor="Huawei", ledger=""), changed=False)
    assert not scene.ledger.exists()


def test_a_code_that_the_user_explained_is_absent(scene):
    refused = scene.call(streams=["a"], vendor="Ws", ledger="")
    all_are("failed", refused, changed=False)
    assert "not_recording_codes" in refused["msg"] and entry(refused, "a")["code"] == "404"
    all_are(
        "already_stopped", scene.call(streams=["a"], vendor="Ws", ledger="", not_recording_codes=["404"]), changed=False
    )


def test_ws_replies_are_read_as_object_list_and_rows(scene):
    scene.simulator.record("Ws", ["a", "b", "c"])
    scene.simulator.add_fault(kind="row_code", stream="b", format="flv", code=403)
    for shape, stream in (("object", "a"), ("list", "c")):
        scene.simulator.configure(ws_formats=["mp4", "flv", "hls"], ws_shape=shape)
        result = scene.call(streams=[stream, "b"], vendor="Ws", retries=0)
        assert outcomes(result) == {stream: "stopped", "b": "failed"} and result["failed"] and result["changed"], brief(
            result
        )
        files = entry(result, stream)["files"]
        assert [file["format"] for file in files] == ["mp4", "flv", "hls"], files
        assert all(file["persistent_id"] for file in files), files


def test_codes_may_be_text_and_request_ids_numbers(scene):
    scene.simulator.configure(codes_as_strings=True, request_id="number")
    for vendor in VENDORS:
        scene.simulator.record(vendor, ["a"])
    result = {vendor: scene.call(streams=["a"], vendor=vendor) for vendor in ("Huawei", "Aliyun")}
    for vendor in result:
        all_are("stopped", result[vendor], changed=True)
        assert isinstance(entry(result[vendor], "a")["request_id"], str)


def test_a_domain_and_a_point_reach_aliyun(scene):
    scene.simulator.configure(aliyun_needs_domain=True)
    scene.simulator.record("Aliyun", ["a"])
    refused = scene.call(streams=["a"], vendor="Aliyun", retries=0)
    assert refused["failed"] and not refused["changed"] and scene.running("Aliyun", "a"), brief(refused)
    all_are(
        "stopped", scene.call(streams=["a"], vendor="Aliyun", domain="pull.example.com", point="live"), changed=True
    )


def test_check_mode_sends_and_remembers_nothing(scene):
    scene.simulator.record("Tencent", ["a", "b"])
    all_are("stopped", scene.call("--check", streams=["a"], vendor="Tencent"), changed=True)
    assert scene.requests() == 0 and not scene.ledger.exists()
    scene.call(streams=["a"], vendor="Tencent")
    before = scene.ledger.read_bytes()
    result = scene.call("--check", "--diff", playbook=True, streams=["a", "b"], vendor="Tencent")
    assert outcomes(result) == {"a": "already_stopped", "b": "stopped"} and result["api_requests"] == 0, brief(result)
    assert "-b: unknown" in scene.output and "+b: not recording" in scene.output
    assert scene.requests() == 1 and scene.ledger.read_bytes() == before and scene.running("Tencent", "b")
    started = scene.call("--check", streams=["c"], vendor="Tencent", state="started")
    all_are("started", started, changed=True)


def test_diff_says_what_changed(scene):
    scene.simulator.record("Huawei", ["a"])
    all_are("started", scene.call(streams=["c"], vendor="Huawei", state="started"), changed=True)
    done = scene.call("--diff", playbook=True, streams=["a", "b", "c"], vendor="Huawei")
    # No API can be asked whether it was recording before. Of 'c' this machine remembers it.
    before = done["diff"]["before"].splitlines()
    assert before == ["a: unknown", "b: not recording", "c: recording"], brief(done)
    assert done["diff"]["after"].count(": not recording") == 3 and "-a: unknown" in scene.output
    assert "diff" not in scene.call(streams=["a"], vendor="Huawei")


def test_a_task_returns_of_which_streams_it_was_asked(scene):
    scene.simulator.record("Tencent", names(3))
    scene.simulator.add_fault(kind="stream_code", stream="cdn02", code="403")
    for asked, returned in (("failed", ["cdn02"]), ("summary", None), ("all", names(3))):
        result = scene.call(
            streams=[*names(3), "misspelt"][: 4 if asked != "all" else 3], vendor="Tencent", result=asked
        )
        assert result["failed"] and "cdn02 failed" in result["msg"] and result["summary"]["failed"] == 1, brief(result)
        found = [item["stream_id"] for item in result["streams"]] if "streams" in result else None
        assert found == returned, brief(result)
        # What is left out is warned of nevertheless.
        assert ("misspelt" in warnings(result)) == (asked != "all"), brief(result)


def test_a_misspelt_stream_is_told_apart_from_one_that_was_stopped(scene):
    scene.simulator.record("Tencent", ["stage-1"])
    all_are("stopped", scene.call(streams=["stage-1"], vendor="Tencent"), changed=True)
    result = scene.call(streams=["stage-1", "stagee-1"], vendor="Tencent")
    all_are("already_stopped", result, changed=False)
    assert [item["evidence"] for item in result["streams"]] == ["remembered", "vendor"]
    assert result["summary"]["remembered"] == result["summary"]["vendor"] == 1, brief(result)
    assert entry(result, "stagee-1")["message"] == "not recording, according to Tencent."
    assert "it was stopped at " in entry(result, "stage-1")["message"]
    assert "1 already_stopped (not recording, according to Tencent)" in result["msg"], brief(result)
    told = warnings(result)
    assert "stagee-1" in told and "stage-1," not in told and "expect_recording" in told, told
    strict = scene.call(streams=["stage-1", "stagee-1"], vendor="Tencent", expect_recording=True)
    assert outcomes(strict) == {"stage-1": "already_stopped", "stagee-1": "failed"} and strict["failed"], brief(strict)
    assert "check its name" in strict["msg"] and not warnings(strict), brief(strict)


def test_a_task_runs_in_every_way_that_ansible_has(scene):
    scene.simulator.record("Tencent", names(7))
    scene.play("ways.yml")
    assert not any(scene.running("Tencent", name) for name in names(7))


def test_an_ad_hoc_command_stops_once(scene):
    scene.simulator.record("Tencent", ["a"])
    for word in ("CHANGED", "SUCCESS"):
        done = scene.run("ansible", "localhost", "-m", "zego.cloud.zego_cdn_record", "-a", "vendor=Tencent stream_id=a")
        assert done.rc == 0, "ad hoc failed"
        head, _mark, body = done.output.partition(" => ")
        assert word in head.split("\n")[-1]
        all_are("stopped" if word == "CHANGED" else "already_stopped", dict(json.loads(body), failed=False))


def test_three_bad_streams_among_sixty_fail_alone(scene):
    streams = names(60)
    scene.simulator.record("Tencent", streams)
    scene.simulator.add_fault(
        kind="stream_code", stream="cdn07", code="ResourceNotFound.FreezeService", message="frozen"
    )
    scene.simulator.add_fault(kind="missing_entry", stream="cdn31")
    scene.simulator.add_fault(kind="stream_code", stream="cdn55", code="UnsupportedOperation", message="dead")
    done = scene.play("sixty.yml", streams=streams, bad=["cdn07", "cdn31", "cdn55"])
    assert "failed=0" in done.output and "rescued=1" in done.output
    # The stream without an entry was stopped, but nobody said so.
    assert [name for name in streams if scene.running("Tencent", name)] == ["cdn07", "cdn55"]


if __name__ == "__main__":
    main(globals())
