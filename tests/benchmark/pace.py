# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Measures several pipelines at one quota: how they share it at each kind of gateway, and what they know of each other.

``python pace.py [--pipelines 1,2,4,8,16] [--gateways second,penalty] [--sharing file,server,nothing] [--requests 100]``
prints the cells as they are measured; ``bench.py`` puts all of them into its page.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "targets" / "support_zego"))

from harness import Simulator  # noqa: E402
from redis_server import RedisServer, missing  # noqa: E402

# How the gateway counts, by the simulator's name for it: in words, and further settings of the simulator.
GATEWAYS = {
    "second": ("any one second", {}),
    "second_counts_refused": ("any one second, refused requests included", {"count_refused": True}),
    "calendar": ("a full second of the clock", {}),
    "bucket_20": ("tokens, 20 saved up", {}),
    "bucket_5": ("tokens, 5 saved up", {}),
    "bucket_1": ("tokens, none saved up", {}),
    "queue": ("a queue", {}),
    "penalty": ("nothing for a second after a refusal", {}),
    "prolonged_penalty": ("nothing for a second after the last refusal", {}),
}
SHARING = {"file": "one file", "server": "a server", "nothing": "strangers"}
# How many pipelines, and how many requests each of them needs: three to ten seconds of the quota together.
PIPELINES = {1: 60, 2: 40, 4: 20, 8: 12, 16: 12}
BATCH, LATENCY_MS = 4, 50
QUOTA = 20
PATIENCE = 1800


def measure(collections, gateway, pipelines, sharing, requests=None):
    """Return how so many pipelines fared: part of the quota used, part refused, slowest over fastest, streams failed.

    ``collections``: the folder with ansible_collections; ``gateway``, ``sharing``: see the names above; ``requests``:
    how many each of them needs.
    """
    requests = requests or PIPELINES[pipelines]
    counting = gateway.replace("_counts_refused", "")
    settings = {"counting": counting, "latency_ms": LATENCY_MS, **GATEWAYS[gateway][1]}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zego-pace-")))
        simulator = stack.enter_context(Simulator(**settings))
        ledger = stack.enter_context(RedisServer()).address if sharing == "server" else None
        running = []
        for number in range(pipelines):
            streams = [f"p{number}-{stream}" for stream in range(BATCH * requests)]
            simulator.record("Tencent", streams)
            home = folder / ("home" if sharing == "file" else f"home-{number}")
            home.mkdir(exist_ok=True)
            running.append(_start(collections, simulator, home, folder / f"{number}.json", streams, ledger))
        for process in running:
            assert process.stdout.readline() == b"ready\n", process.stderr.read().decode()
        for process in running:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=PATIENCE)[0] for process in running]
        results = [json.loads(output.splitlines()[-1]) for output in outputs]
        failed = sum(result["summary"]["failed"] for result in results)
        # Nothing else warns here than a ledger that cannot be used.
        alone = sum(bool(result.get("warnings")) for result in results)
        return {**_figures(simulator.requests()), "failed": failed, "alone": alone}


def _start(collections, simulator, home, path, streams, ledger):
    arguments = {
        "app_id": simulator.app_id,
        "server_secret": simulator.server_secret,
        "api_url": simulator.url,
        "vendor": "Tencent",
        "streams": streams,
        "batch_size": str(BATCH),
        **({"ledger": ledger} if ledger else {}),
    }
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(HERE / "pipeline.py"), str(collections), str(path)],
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _figures(lines):
    accepted = [line for line in lines if line["accepted"]]
    begins, ends = {}, {}
    for line in accepted:
        pipeline = line["streams"][0].split("-")[0]
        begins.setdefault(pipeline, line["mono"])
        ends[pipeline] = line["mono"]
    lasted = [ends[name] - begins[name] for name in begins]
    # From the first request of all to the last one that was accepted.
    span = accepted[-1]["mono"] - lines[0]["mono"]
    return {
        "used": (len(accepted) - 1) / QUOTA / span,
        "refused": 1 - len(accepted) / len(lines),
        "fairness": max(lasted) / min(lasted),
    }


def table(bench, runs):
    """Return {gateway/sharing/pipelines: figures} of everything. A cell is measured once: all of them take a while."""
    found = {}
    collections = bench.folder / "collections"
    for gateway in GATEWAYS:
        for sharing in SHARING:
            for pipelines in PIPELINES:
                if pipelines == 1 and sharing != "file":
                    continue
                if sharing == "server" and missing():
                    continue
                found[f"{gateway}/{sharing}/{pipelines}"] = measure(collections, gateway, pipelines, sharing)
                print(f"{gateway}, {SHARING[sharing]}, {pipelines} pipelines", flush=True)
    return found


def shown(figures):
    """Return a cell: quota used, requests refused, slowest over fastest."""
    failed = f" ({figures['failed']} streams failed)" if figures["failed"] else ""
    alone = f" ({figures['alone']} went on alone)" if figures.get("alone") else ""
    return f"{100 * figures['used']:.0f} / {100 * figures['refused']:.0f} / {figures['fairness']:.2f}{failed}{alone}"


def main():
    """Measure some cells, and print them."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pipelines", default=",".join(map(str, PIPELINES)))
    options.add_argument("--gateways", default=",".join(GATEWAYS))
    options.add_argument("--sharing", default=",".join(SHARING))
    options.add_argument("--requests", type=int)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "ansible_collections" / "zego" / "cloud"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        for gateway in given.gateways.split(","):
            for sharing in given.sharing.split(","):
                for pipelines in map(int, given.pipelines.split(",")):
                    figures = measure(folder, gateway, pipelines, sharing, given.requests)
                    print(f"{GATEWAYS[gateway][0]}, {SHARING[sharing]}, {pipelines}: {shown(figures)}", flush=True)


if __name__ == "__main__":
    main()
