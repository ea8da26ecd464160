# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Measures what the module costs beside the alternatives, on one machine, and writes docs/benchmarks.md.

``python bench.py [--runs 5] [--sizes 1,50,1000,10000] [--latencies 0,50,200] [--resume] [--output FILE]``, or
``python bench.py --only-pipelines`` for one part.

The Python needs ansible-core and requests. Results go to tests/output/benchmark.json at once, and ``--resume`` goes on
from there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "targets" / "support_zego"))
sys.path.insert(0, str(HERE))

import pace  # noqa: E402
import page  # noqa: E402
import parts  # noqa: E402
from harness import Scene, Simulator, names  # noqa: E402

# Beyond this, a loop takes so long that it is computed from the row of this size instead.
LOOP_LIMIT = 50
CHILD = """
import json, resource, subprocess, sys, time
began = time.monotonic()
done = subprocess.run(sys.argv[2:], stdin=open(sys.argv[1]), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.buffer.write(done.stderr[-2000:])
print(json.dumps([time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
sys.exit(done.returncode)
"""


class Bench:
    """A folder in which this tree is the collection zego.cloud, and measured commands."""

    def __init__(self, folder):
        self.folder = Path(folder)
        link = self.folder / "collections" / "ansible_collections" / "zego" / "cloud"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        self.settings = {"ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"), "ANSIBLE_DISPLAY_OK_HOSTS": "0"}

    def measure(self, command, env, stdin="/dev/null"):
        """Run a command; return its wall time and CPU time in s, and the memory of its largest process in MB."""
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(stdin), *command], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, playbook, streams, latency, quota=20, python=None, **variables):
        """Run a playbook, or the plain script, against a simulator of its own; return its figures and its requests."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder, Simulator(
            quota=quota, latency_ms=latency, log_limit=1
        ) as simulator:
            simulator.record("Tencent", streams)
            scene = Scene(simulator, folder, HERE)
            env = {**scene.env, **self.settings}
            if playbook is None:
                (scene.home / "streams").write_text("\n".join(streams), encoding="utf-8")
                figures = self.measure([sys.executable, str(HERE / "plain.py")], env, scene.home / "streams")
            else:
                given = {"streams": streams, "ansible_python_interpreter": python or sys.executable, **variables}
                (scene.home / "vars.json").write_text(json.dumps(given), encoding="utf-8")
                command = [
                    str(Path(sys.executable).parent / "ansible-playbook"),
                    "-i",
                    "localhost,",
                    "-c",
                    "local",
                    "-e",
                    f"@{scene.home / 'vars.json'}",
                ]
                figures = self.measure([*command, str(HERE / playbook)], env)
            stats = simulator.stats()
            assert playbook == "ping.yml" or not any(
                task["running"] for task in simulator.state()["Tencent"].values()
            ), "something is still recording"
            return dict(zip(("wall", "cpu", "memory"), figures), requests=stats["requests"], refused=stats["refused"])


METHODS = {
    "this module, one task": "module.yml",
    "this module, looped": "loop.yml",
    "ansible.builtin.uri, looped": "uri.yml",
    "plain requests script": None,
}


def event(bench, size, latency, runs):
    """Return {method: medians} for an event, all methods taking turns."""
    found = {
        name: [] for name, playbook in METHODS.items() if size <= LOOP_LIMIT or playbook not in ("loop.yml", "uri.yml")
    }
    for turn in range(runs):
        for name in found:
            found[name].append(bench.run(METHODS[name], names(size), latency))
        print(f"{size} streams, {latency} ms, run {turn + 1} of {runs}", flush=True)
    return {name: parts.medians(figures) for name, figures in found.items()}


class Kept:
    """What was measured so far, in a file: an hour must not be lost to the last minute."""

    def __init__(self, path, resume):
        self._path = path
        self._values = json.loads(path.read_text(encoding="utf-8")) if resume and path.is_file() else {}

    def get(self, name, measure):
        """Return the value of that name, measured where it is not there yet."""
        if name not in self._values:
            self._values[name] = measure()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(self._values), encoding="utf-8")
        return self._values[name]


def main():
    """Measure everything, and write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--sizes", default="1,50,1000,10000")
    options.add_argument("--latencies", default="0,50,200")
    options.add_argument("--resume", action="store_true")
    options.add_argument("--only-pipelines", action="store_true", help="measure that part anew, and keep the others")
    options.add_argument("--output", default=str(ROOT / "docs" / "benchmarks.md"))
    given = options.parse_args()
    sizes = [int(number) for number in given.sizes.split(",")]
    latencies = [int(number) for number in given.latencies.split(",")]
    kept, runs = Kept(ROOT / "tests" / "output" / "benchmark.json", given.resume), given.runs
    load = kept.get("load", lambda: os.getloadavg()[0])
    busy = f", beside other work: a load of {load:.0f} when it began" if load >= 1 else ""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}{busy}"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        if given.only_pipelines:
            cells = kept.get("pace", lambda: pace.table(bench, runs))
            path = Path(given.output)
            path.write_text(page.with_pipelines(path.read_text(encoding="utf-8"), cells, machine), encoding="utf-8")
            return
        cells = [(size, latency) for latency in latencies for size in sizes]
        events = {
            cell: kept.get(f"{cell[0]} streams, {cell[1]} ms", lambda cell=cell: event(bench, *cell, runs))
            for cell in cells
        }
        measures = {
            part.__name__: part for part in (parts.startup, parts.scale, parts.sharing, parts.slow_vendor, parts.down)
        }
        facts = {name: kept.get(name, lambda part=part: part(bench, runs)) for name, part in measures.items()}
        facts["pace"] = kept.get("pace", lambda: pace.table(bench, runs))
        facts.update(growth=kept.get("growth", lambda: parts.growth(runs)), runs=runs)
    facts["machine"] = machine
    Path(given.output).write_text(page.render(events, facts, LOOP_LIMIT), encoding="utf-8")
    print(f"written: {given.output}")


if __name__ == "__main__":
    main()
