# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts: sent once, remembered, never repeated blindly."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import VENDORS, all_are, brief, entry, main, outcomes  # noqa: E402


def test_streams_start_and_stop_at_every_vendor(scene):
    scene.simulator.configure(ws_repeated_start="running")
    for vendor in VENDORS:
        scene.play("start_stop.yml", vendor=vendor)
        assert not scene.running(vendor, "a")
        assert scene.simulator.state()[vendor]["a"]["starts"] == 1


def test_a_second_tencent_start_is_not_sent(scene):
    first = scene.call(streams=["a", "b"], vendor="Tencent", state="started")
    all_are("started", first, changed=True)
    assert entry(first, "a")["task_id"] == scene.simulator.state()["Tencent"]["a"]["running_task_ids"][0]
    second = scene.call(streams=["a", "b"], vendor="Tencent", state="started")
    all_are("already_started", second, changed=False)
    assert second["api_requests"] == 0 and scene.requests() == 1
    mixed = scene.call(streams=["a", "c", "b"], vendor="Tencent", state="started")
    assert outcomes(mixed) == {"a": "already_started", "c": "started", "b": "already_started"}, brief(mixed)
    assert scene.simulator.requests()[-1]["streams"] == ["c"]
    all_are("started", scene.call(streams=["a"], vendor="Tencent", state="started", force=True), changed=True)
    assert scene.running("Tencent", "a") == 2 and scene.running("Tencent", "b") == 1


def test_a_start_whose_answer_was_lost_is_never_resent(scene):
    scene.simulator.add_fault(kind="drop_after", times=1)
    for sent in (1, 0):
        result = scene.call(streams=["a"], vendor="Tencent", state="started")
        all_are("unknown", result, changed=False)
        assert result["api_requests"] == sent and "force=true" in result["msg"], brief(result)
    assert scene.requests() == 1 and scene.running("Tencent", "a") == 1
    all_are("stopped", scene.call(streams=["a"], vendor="Tencent"), changed=True)
    all_are("started", scene.call(streams=["a"], vendor="Tencent", state="started"), changed=True)


def test_a_start_that_was_refused_is_sent_again(scene):
    scene.simulator.add_fault(kind="code", code=6, times=2)
    scene.simulator.add_fault(
        kind="stream_code", stream="b", code="RequestLimitExceeded", message="too frequent", times=1
    )
    result = scene.call(streams=["a", "b"], vendor="Tencent", state="started")
    all_are("started", result, changed=True)
    assert scene.running("Tencent", "a") == scene.running("Tencent", "b") == 1
    assert entry(result, "b")["attempts"] == entry(result, "a")["attempts"] + 1


def test_a_remembered_start_ends_at_its_end_time(scene):
    # Far enough ahead for the slowest start of Ansible.
    end_time = int(time.time()) + 20
    all_are("started", scene.call(streams=["a"], vendor="Tencent", state="started", end_time=end_time), changed=True)
    assert f"EndTime={end_time}" in scene.simulator.requests()[0]["path"]
    while time.time() < end_time + 0.1:
        time.sleep(0.1)
    all_are("started", scene.call(streams=["a"], vendor="Tencent", state="started"), changed=True)
    assert scene.running("Tencent", "a") == 1


def test_huawei_start_waits_for_the_stop_to_settle(scene):
    # Long enough for the second call to begin meanwhile on any machine, short enough for two waits.
    scene.simulator.configure(huawei_settle_seconds=18)
    scene.simulator.record("Huawei", ["a"])
    all_are("stopped", scene.call(streams=["a"], vendor="Huawei"), changed=True)
    result = scene.call(streams=["a"], vendor="Huawei", state="started")
    all_are("started", result, changed=True)
    assert entry(result, "a")["attempts"] in (2, 3) and scene.running("Huawei", "a") == 1
    starts = [line["mono"] for line in scene.simulator.requests() if line["action"] == "StartCDNRecord"]
    assert all(later - earlier > 9.9 for earlier, later in zip(starts, starts[1:])), "Huawei documents a wait of 10 s"
    all_are("already_started", scene.call(streams=["a"], vendor="Huawei", state="started"), changed=False)


if __name__ == "__main__":
    main(globals())
