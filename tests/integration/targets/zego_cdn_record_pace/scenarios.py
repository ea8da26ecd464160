# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quota is kept, shared, and used."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, main, names  # noqa: E402


def _stop(scene, count, **parameters):
    streams = names(count)
    scene.simulator.record("Tencent", streams)
    result = scene.call(vendor="Tencent", streams=streams, **parameters)
    all_are("stopped", result, changed=True)
    stats = scene.simulator.stats()
    assert stats["requests"] == result["api_requests"], stats
    return stats


def test_requests_stay_within_the_quota(scene):
    stats = _stop(scene, 60, batch_size=1, requests_per_second=20)
    assert stats["requests"] == 60 and stats["peak_per_second"]["all"] <= 20 and stats["refused"] == 0, stats


def test_requests_stay_within_what_the_user_wants(scene):
    stats = _stop(scene, 12, batch_size=1, requests_per_second=5)
    # Five leave in a second. On a busy machine one of them arrives late, beside those of the next second.
    assert stats["requests"] == 12 and stats["peak_per_second"]["all"] <= 6 and stats["refused"] == 0, stats


def test_latency_does_not_decide_the_speed(scene):
    scene.simulator.configure(latency_ms=200)
    stats = _stop(scene, 40, batch_size=1)
    assert stats["in_flight_peak"] > 1 and stats["action_connections"] < stats["requests"], stats
    assert stats["peak_per_second"]["all"] <= 20 and stats["refused"] == 0, stats


def test_batches_are_full(scene):
    stats = _stop(scene, 60, batch_size=20)
    assert stats["requests"] == 3 and stats["streams"]["Tencent"]["received"] == 60, stats


def test_batches_grow_while_all_goes_well(scene):
    """A thousand streams take as many requests as URLs can carry them, and not the quota's two and a half seconds."""
    stats = _stop(scene, 1000)
    assert stats["requests"] <= 10 and stats["streams"]["Tencent"]["received"] == 1000, stats
    sizes = [len(line["streams"]) for line in scene.simulator.requests()]
    assert sizes[:3] == [20, 40, 80] and max(sizes) > 100, sizes


def test_batches_grow_no_further_than_the_api_takes(scene):
    """No maximum is documented. One that is met costs a few requests, once."""
    scene.simulator.configure(max_streams_per_call=50)
    stats = _stop(scene, 1000)
    sizes = [len(line["streams"]) for line in scene.simulator.requests() if line["accepted"]]
    assert max(sizes) == 80 and sizes.count(80) <= 2 and stats["requests"] <= 32, sizes


def test_two_pipelines_share_the_quota(scene):
    halves = [names(30, "left"), names(30, "right")]
    for half in halves:
        scene.simulator.record("Tencent", half)
    running = [scene.start_calls([{"vendor": "Tencent", "streams": half, "batch_size": 1}]) for half in halves]
    for process, path in running:
        all_are("stopped", scene.finish_calls(process, path)[0], changed=True)
    stats = scene.simulator.stats()
    assert stats["accepted"] == 60 and stats["peak_per_second"]["accepted"] <= 20, stats


if __name__ == "__main__":
    # One after the other: what is measured here is time.
    main(globals(), lanes=1)
