# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many streams, several pipelines, a slow vendor, a dead API: nobody fails without need, and no request is wasted."""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import NotHere, Simulator, all_are, brief, closed_port, main, names, outcomes, warnings  # noqa: E402
from redis_server import RedisServer, missing  # noqa: E402


def test_four_pipelines_share_the_quota(scene):
    parts = [names(400, f"p{part}-") for part in range(4)]
    for part in parts:
        scene.simulator.record("Tencent", part)
    running = [scene.start_calls([{"vendor": "Tencent", "streams": part, "batch_size": 5}]) for part in parts]
    for process, path in running:
        all_are("stopped", scene.finish_calls(process, path)[0], changed=True)
    stats = scene.simulator.stats()
    assert stats["accepted"] == 320 and stats["peak_per_second"]["accepted"] <= 20, stats
    # Refused requests are the price of finding out who else is there.
    assert stats["refused"] < 0.35 * stats["requests"], stats


def _share(scene, machines, requests, env, **given):
    """Let so many runs stop streams at once, one in each request; return (part of the quota used, part refused)."""
    parts = [names(requests, f"p{number}-") for number in range(machines)]
    for part in parts:
        scene.simulator.record("Tencent", part)

    def run(number):
        return scene.call(env=env(number), vendor="Tencent", streams=parts[number], batch_size=1, **given)

    with ThreadPoolExecutor(machines) as running:
        for result in running.map(run, range(machines)):
            all_are("stopped", result, changed=True)
            assert not warnings(result), warnings(result)
    accepted = [line for line in scene.simulator.requests() if line["accepted"]]
    used = (len(accepted) - 1) / 20 / (accepted[-1]["mono"] - accepted[0]["mono"])
    return used, 1 - len(accepted) / scene.requests()


def test_runs_that_share_a_file_fill_the_quota_without_a_refusal(scene):
    scene.simulator.configure(latency_ms=50)
    used, refused = _share(scene, 4, 100, lambda number: {})
    # On a quiet machine 94 % and none; strangers have a quarter refused. How fast it is, is for the benchmark to say.
    assert used > 0.5 and refused <= 0.05, (used, refused)


def test_sixteen_machines_that_share_a_server_fill_the_quota_of_a_gateway_that_punishes(scene):
    """Each refusal there closes it for a second, from the last one on."""
    if missing():
        raise NotHere(missing())
    scene.simulator.configure(counting="prolonged_penalty", latency_ms=50)
    with RedisServer() as server:

        def home(number):
            folder = scene.home / f"machine-{number}"
            folder.mkdir()
            return {"HOME": str(folder)}

        used, refused = _share(scene, 16, 40, home, ledger=server.address)
    # On a busy machine requests arrive late, and meet others: 61 % and 2 %. Of strangers 98 % are refused here.
    assert used > 0.25 and refused <= 0.1, (used, refused)


def test_hosts_of_one_play_share_the_quota(scene):
    hosts = [f"host{number}" for number in range(4)]
    for host in hosts:
        scene.simulator.record("Huawei", [f"{host}-{number}" for number in range(60)])
    done = scene.run("ansible-playbook", "forks.yml", "-i", ",".join(hosts) + ",", "--limit", "host*", "--forks", "4")
    assert done.rc == 0 and done.output.count("failed=0") == 4, "a host failed"
    stats = scene.simulator.stats()
    assert stats["accepted"] == 80 and stats["peak_per_second"]["accepted"] <= 20, stats


def test_a_slow_vendor_sets_the_pace(scene):
    streams = names(400)
    scene.simulator.record("Tencent", streams)
    scene.simulator.configure(vendor_streams_per_second={"Tencent": 20})
    result = scene.call(vendor="Tencent", streams=streams)
    all_are("stopped", result, changed=True)
    received = scene.simulator.stats()["streams"]["Tencent"]["received"]
    assert received < 1.25 * len(streams), received
    assert received == sum(item["attempts"] for item in result["streams"])


def test_ten_thousand_streams_are_stopped_in_one_task(scene):
    streams = names(10000)
    scene.simulator.record("Tencent", streams)
    scene.simulator.configure(quota=0, log_limit=10)
    usage = scene.metered()
    result = scene.call(vendor="Tencent", streams=streams, requests_per_second=500)
    all_are("stopped", result, changed=True)
    assert [item["stream_id"] for item in result["streams"]] == streams and result["api_requests"] < 100
    peak = max(json.loads(line)["kib"] for line in usage.read_text(encoding="utf-8").splitlines())
    assert peak < 120 * 1024, f"{peak} KiB"


def test_an_api_that_is_down_costs_a_few_requests(scene):
    for address in (f"http://127.0.0.1:{closed_port()}", scene.simulator.url):
        scene.simulator.add_fault(kind="http", status=503)
        result = scene.call(vendor="Tencent", streams=names(10000), retries=2, api_url=address)
        assert result["summary"]["failed"] == 10000 and not result["changed"]
        assert result["api_requests"] <= 8 and "does not answer" in result["streams"][-1]["message"], brief(
            result["streams"][-1]
        )
        assert len([item for item in result["streams"] if item["outcome"] == "failed"]) <= 8 * 20


def test_an_api_that_comes_back_in_time_loses_nothing(scene):
    streams = names(400)
    scene.simulator.record("Aliyun", streams)
    process, path = scene.start_calls([{"vendor": "Aliyun", "streams": streams, "batch_size": 4}])
    while scene.requests() < 10:
        time.sleep(0.02)
    scene.simulator.add_fault(kind="reset")
    time.sleep(4)
    scene.simulator.clear_faults()
    all_are("stopped", scene.finish_calls(process, path)[0], changed=True)


def test_an_api_that_comes_up_late_loses_no_start(scene):
    port = closed_port()
    late = Simulator(options=["--port", str(port)])
    timer = threading.Timer(4, late.start)
    timer.start()
    try:
        result = scene.call(vendor="Tencent", streams=names(60), state="started", api_url=f"http://127.0.0.1:{port}")
        all_are("started", result, changed=True)
        assert all(item["running"] == item["starts"] == 1 for item in late.state()["Tencent"].values())
    finally:
        timer.join()
        late.stop()


def test_an_api_that_answers_every_third_call_loses_nothing(scene):
    streams = names(60)
    scene.simulator.record("Tencent", streams)
    for number in range(1, 100, 3):
        scene.simulator.add_fault(kind="reset", request=number)
        scene.simulator.add_fault(kind="http", status=502, request=number + 1)
    result = scene.call(vendor="Tencent", streams=streams, batch_size=3, retries=9)
    assert set(outcomes(result).values()) == {"stopped"}, brief(result)


if __name__ == "__main__":
    # One after the other: each wants the machine to itself.
    main(globals(), lanes=1)
