# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The parts of the benchmark beside the events: start-up, scale, growth, sharing, a slow vendor, a dead API."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict

from harness import Scene, Simulator, closed_port, names

LOOPED = 20
# Several starts of Python, of which the CPU is summed up.
REPEATED = "import subprocess, sys\nfor _ in range(5):\n    subprocess.run([sys.executable, '-c', {!r}], check=True)"
PIPELINES, SHARE = 4, 400
VENDOR_QUOTA = 20


def medians(runs):
    """Return {name: median} of several runs' figures of the same names."""
    values = defaultdict(list)
    for figures in runs:
        for key, value in figures.items():
            values[key].append(value)
    return {key: statistics.median(those) for key, those in values.items()}


def _scene(bench, folder, simulator):
    scene = Scene(simulator, folder, folder)
    scene.env.update(bench.settings)
    return scene


def startup(bench, runs):
    """Return the milliseconds of CPU that an item of a loop costs with ping and this module, and those of requests."""
    spent = defaultdict(list)
    for _turn in range(runs):
        for name, playbook in (("ping", "ping.yml"), ("module", "loop.yml")):
            spent[name].append(bench.run(playbook, names(LOOPED), 0)["cpu"] / LOOPED)
        for code in ("pass", "import requests"):
            spent[code].append(bench.measure([sys.executable, "-c", REPEATED.format(code)], None)[1] / 5)
    ms = {key: 1000 * statistics.median(values) for key, values in spent.items()}
    return {"ping": ms["ping"], "module": ms["module"], "requests": ms["import requests"] - ms["pass"]}


def _module_usage(bench, size):
    """Return what the module's process alone used for so many streams, with the quota out of the way."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder, Simulator(quota=0, log_limit=1) as simulator:
        simulator.record("Tencent", names(size))
        scene = _scene(bench, folder, simulator)
        usage = scene.metered()
        result = scene.call(vendor="Tencent", streams=names(size), requests_per_second=1000)
        assert result["summary"]["changed"] == size, result["msg"]
        # The first line is the module's; the playbook copies its result thereafter.
        return json.loads(usage.read_text(encoding="utf-8").splitlines()[0])


def scale(bench, runs):
    """Return CPU seconds and peak memory (MB) of the module's process for 1 and for 10,000 streams."""
    found = {}
    for size in (1, 10000):
        used = medians(_module_usage(bench, size) for _turn in range(runs))
        found[size] = {"cpu": used["cpu"], "memory": used["kib"] / 1024}
    return found


def growth(runs):
    """Return {streams: milliseconds}: plan the requests, read the replies and make the result, without a network."""
    collections = os.path.join(tempfile.mkdtemp(), "ansible_collections", "zego")
    os.makedirs(collections)
    os.symlink(
        os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..")), os.path.join(collections, "cloud")
    )
    sys.path.insert(0, os.path.dirname(os.path.dirname(collections)))
    from ansible_collections.zego.cloud.plugins.module_utils._recording import batches as _batches
    from ansible_collections.zego.cloud.plugins.module_utils._recording import job as _recording
    from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes as _outcomes
    from ansible_collections.zego.cloud.plugins.module_utils._recording import result as _result
    from ansible_collections.zego.cloud.plugins.module_utils._recording import verdicts as _verdicts

    def once(streams):
        began = time.perf_counter()
        queue = _batches.Queue((_batches.Task(stream) for stream in streams), 20, 100, clock=time.monotonic)
        results = []
        while queue:
            asked = [task.stream for task in queue.take(queue.size).tasks]
            entries = [{"StreamName": stream, "RequestId": "r", "Code": "", "Message": ""} for stream in asked]
            verdicts, _unrequested = _verdicts.verdicts_of_reply("Tencent", "stop", {"Tencent": entries}, streams=asked)
            for stream in asked:
                outcome = _outcomes.decide_stop(
                    "Tencent", verdicts[stream], None, now=0.0, maybe_done=False, request_id="1"
                )
                results.append(_recording.StreamResult(stream, outcome, 1))
        assert len(_result.recording_result("Tencent", results, 1, with_diff=True)["streams"]) == len(streams)
        return 1000 * (time.perf_counter() - began)

    found = {}
    for size in (1000, 10000, 100000):
        found[size] = statistics.median(once(names(size)) for _turn in range(runs))
    return found


def sharing(bench, runs):
    """Return how four pipelines on one AppID fared: their share of the quota, and the slowest over the fastest."""
    return medians(_share_once(bench) for _turn in range(runs))


def _share_once(bench):
    parts = [names(SHARE, f"p{part}-") for part in range(PIPELINES)]
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder, Simulator() as simulator:
        for part in parts:
            simulator.record("Tencent", part)
        scene = _scene(bench, folder, simulator)
        running = [scene.start_calls([{"vendor": "Tencent", "streams": part, "batch_size": 5}]) for part in parts]
        results = [scene.finish_calls(process, path)[0] for process, path in running]
        lines = simulator.requests()
    # When the first request of each pipeline came, and the last that was accepted.
    begins, ends = {}, {}
    accepted = [line for line in lines if line["accepted"]]
    for line in lines:
        name = _pipeline(line)
        begins[name] = min(begins.get(name, line["mono"]), line["mono"])
    for line in accepted:
        name = _pipeline(line)
        ends[name] = max(ends.get(name, line["mono"]), line["mono"])
    # While all of them run.
    first, last = max(begins.values()), min(ends.values())
    meanwhile = [line for line in accepted if first <= line["mono"] <= last]
    lasted = [ends[name] - begins[name] for name in begins]
    return {
        "failed": sum(result["summary"]["failed"] for result in results),
        "share": len(accepted) / 20 / (max(ends.values()) - min(begins.values())),
        "together": len(meanwhile) / 20 / (last - first),
        "fairness": max(lasted) / min(lasted),
        "refused": (len(lines) - len(accepted)) / len(lines),
    }


def _pipeline(line):
    """Return which pipeline sent a request of the simulator's log."""
    return line["streams"][0].split("-")[0]


def slow_vendor(bench, runs):
    """Return {latency in ms: how an event of 400 streams fared at a vendor that takes 20 streams a second}."""
    found = {}
    for latency in (0, 200):
        found[latency] = medians(_slow_vendor_once(bench, latency) for _turn in range(runs))
    return found


def _slow_vendor_once(bench, latency):
    quota = {"Tencent": VENDOR_QUOTA}
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder, Simulator(
        vendor_streams_per_second=quota, latency_ms=latency
    ) as simulator:
        simulator.record("Tencent", names(SHARE))
        result = _scene(bench, folder, simulator).call(vendor="Tencent", streams=names(SHARE))
        lines = simulator.requests()
        return {
            "failed": result["summary"]["failed"],
            "sent": simulator.stats()["streams"]["Tencent"]["received"] / SHARE,
            "time": (lines[-1]["mono"] - lines[0]["mono"]) / (SHARE / VENDOR_QUOTA),
        }


def down(bench, runs):
    """Return requests and seconds (Ansible's start included) until 10,000 streams are reported while nobody listens."""
    return medians(_down_once(bench) for _turn in range(runs))


def _down_once(bench):
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder, Simulator() as simulator:
        began = time.monotonic()
        result = _scene(bench, folder, simulator).call(
            vendor="Tencent", streams=names(10000), api_url=f"http://127.0.0.1:{closed_port()}"
        )
        assert result["summary"]["failed"] == 10000
        return {"wall": time.monotonic() - began, "requests": result["api_requests"]}
