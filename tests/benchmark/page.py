# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Turns the benchmark's figures into a page."""

from __future__ import annotations

import datetime
import math

import pace

QUOTA = 20
BATCH = 20
REPOSITORY = "https://github.com/zego-cloud/ansible-collection-zego.cloud"
PIPELINES = "## Pipelines by what they know of each other, and by how the gateway counts"
LOOPS = ("this module, looped", "ansible.builtin.uri, looped")
OURS, PLAIN = "this module, one task", "plain requests script"

HEAD = """<!--
Copyright (c) 2026, the zego.cloud authors
SPDX-License-Identifier: BSD-2-Clause
-->
# Benchmarks

Written by `make bench` on {date}: medians of {runs} runs, all methods taking turns on one machine ({machine}), against
the simulator of this repository on loopback, with its quota of 20 requests a second. Wall time and CPU time are those
of the whole command, its children and Ansible's own start included; memory is that of its largest process. The ratio is
the wall time over that of this module.

- **the quota's floor**: the number of requests, twenty streams in each, at 20 a second; plus one latency. This module
  is faster where it puts more streams into a request.
- **plain requests script**: [tests/benchmark/plain.py](https://github.com/zego-cloud/ansible-collection-zego.cloud/blob/main/tests/benchmark/plain.py),
  the floor of what a program can do: batches, one session, several requests in flight, and no Ansible, no verdict for
  each stream, no retries, no memory.
- **ansible.builtin.uri, looped**: [tests/benchmark/uri.yml](https://github.com/zego-cloud/ansible-collection-zego.cloud/blob/main/tests/benchmark/uri.yml),
  as a user would write it: a loop over the streams, signed with filters.

## An event of so many streams

| streams | latency | method | requests | wall s | ratio | CPU s | memory MB | limited by |
| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |
"""


def _floor(size, latency):
    requests = math.ceil(size / BATCH)
    return {"wall": (requests - 1) / QUOTA + latency / 1000, "requests": requests}


def _limit(name, figures, latency):
    if name in LOOPS:
        return "one task a stream"
    most = 0.6 * figures["wall"]
    # Of its own requests: the module puts more streams into each than the floor has.
    paced = (figures["requests"] - 1) / QUOTA
    if paced > most:
        return "the quota"
    if paced + latency / 1000 > most:
        return "latency"
    return "start-up" if name == OURS else "start-up of Python"


def _row(size, latency, name, figures, ours, limit):
    mark = "≈ " if figures.get("computed") else ""
    cells = [
        f"{size:,}",
        f"{latency} ms",
        name,
        f"{figures['requests']:,.0f}",
        f"{mark}{figures['wall']:,.2f}",
        f"{mark}{figures['wall'] / ours['wall']:.2f}",
    ]
    cells += [f"{mark}{figures['cpu']:,.2f}", f"{figures['memory']:.0f}"] if "cpu" in figures else ["", ""]
    return f"| {' | '.join([*cells, limit])} |"


def _table(events, loop_limit):
    for (size, latency), measured in sorted(events.items(), key=lambda item: (item[0][0], item[0][1])):
        found = dict(measured)
        for name in LOOPS:
            base = events.get((loop_limit, latency), {}).get(name)
            if name not in found and base:
                factor = size / loop_limit
                found[name] = {
                    key: value * (factor if key in ("wall", "cpu", "requests") else 1) for key, value in base.items()
                }
                found[name]["computed"] = True
        floor, ours = _floor(size, latency), found[OURS]
        yield _row(size, latency, "the quota's floor", floor, ours, "")
        for name in (PLAIN, OURS, *LOOPS):
            if name in found:
                yield _row(size, latency, name, found[name], ours, _limit(name, found[name], latency))


def _over_floor(events):
    """The module's wall time over the plain script's, the same without Ansible's start, and the latencies it adds."""
    more = {key: measured[OURS]["wall"] - measured[PLAIN]["wall"] for key, measured in sorted(events.items())}
    for (size, latency), beyond in more.items():
        if (1, latency) in more:
            plain = events[size, latency][PLAIN]["wall"]
            waited = 1000 * (beyond - more[size, 0]) / latency if latency and (size, 0) in more else None
            yield (size, latency), (1 + beyond / plain, 1 + (beyond - more[1, latency]) / plain, waited)


def render(events, facts, loop_limit):
    """Return the page as Markdown."""
    head = HEAD.format(date=datetime.date.today().isoformat(), runs=facts["runs"], machine=facts["machine"])
    lines = [
        head + "\n".join(_table(events, loop_limit)),
        "",
        f"≈ computed from the row of {loop_limit} streams: a loop's tasks cost the same each, and would take hours.",
        "",
        *_reading(events),
        *_cost(facts["startup"]),
        *_scale(facts["scale"], facts["growth"]),
        *_sharing(facts["sharing"]),
        *_slow_vendor(facts["slow_vendor"]),
        *_down(facts["down"]),
        "",
        *_pace(facts["pace"], facts["machine"]),
    ]
    return "\n".join(lines)


def with_pipelines(text, cells, machine):
    """Return a page with the part on several pipelines measured anew, and the rest of it as it was."""
    return "\n".join([text.partition(PIPELINES)[0].rstrip(), "", *_pace(cells, machine)])


def _cost(start):
    return [
        "## What one task costs",
        "",
        "| | ms of CPU |",
        "| --- | ---: |",
        f"| `ansible.builtin.ping`, an item of a loop | {start['ping']:.0f} |",
        f"| this module with one stream, an item of a loop | {start['module']:.0f} |",
        f"| the difference | {start['module'] - start['ping']:.0f} |",
        f"| `import requests` | {start['requests']:.0f} |",
        "",
    ]


def _scale(scale, growth):
    usage = [f"| {int(size):,} | {used['cpu']:.2f} | {used['memory']:.0f} |" for size, used in scale.items()]
    planning = [f"| {int(size):,} | {ms:,.0f} | {1000 * ms / int(size):.1f} |" for size, ms in growth.items()]
    return [
        "## Scale",
        "",
        "The module's process alone, with the quota out of the way:",
        "",
        "| streams | CPU s | peak memory MB |",
        "| ---: | ---: | ---: |",
        *usage,
        "",
        "Planning the requests, reading the replies and making the result, without any network:",
        "",
        "| streams | ms | µs a stream |",
        "| ---: | ---: | ---: |",
        *planning,
        "",
    ]


def _sharing(share):
    return [
        "## Sharing a quota",
        "",
        "| | |",
        "| --- | ---: |",
        f"| four pipelines at once, 400 streams each, five in a request: streams that failed | {share['failed']:.0f} |",
        f"| share of the quota that they used, while all four were at work | {100 * share['together']:.0f} % |",
        f"| from the first request of the first to the last of the last | {100 * share['share']:.0f} % |",
        f"| requests that were refused as too frequent | {100 * share['refused']:.0f} % |",
        f"| the slowest pipeline's time over the fastest's | {share['fairness']:.2f} |",
    ]


def _slow_vendor(vendor):
    for latency, figures in vendor.items():
        case = f"a vendor that takes 20 streams a second, 400 streams, {latency} ms of latency"
        yield f"| {case}: streams that failed | {figures['failed']:.0f} |"
        yield f"| stream entries sent over those needed | {figures['sent']:.2f} |"
        yield f"| time over the vendor's own floor | {figures['time']:.2f} |"


def _down(down):
    yield f"| nobody listens, 10,000 streams: requests until all are reported | {down['requests']:.0f} |"
    yield f"| seconds, Ansible's start included | {down['wall']:.1f} |"


def _counted(numbers):
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}"


def _pace(cells, machine):
    """One table a kind of sharing: gateways by pipelines."""
    yield from (
        PIPELINES,
        "",
        f"Measured on {datetime.date.today().isoformat()} ({machine}).",
        f"Each of {_counted(pace.PIPELINES)} pipelines needs {_counted(pace.PIPELINES.values())} requests, with",
        f"{pace.BATCH} streams in each. All begin at once, and an answer takes {pace.LATENCY_MS} ms. A cell has the",
        "part of the quota that was used, the part of the requests that was refused, both in per cent, and the slowest",
        "pipeline's time over the fastest's. Each was measured once. A pace of 20 requests in 1.05 seconds uses 95 %.",
        "A gateway that saves up, or lets requests wait, takes more than its quota in so short a time.",
        "",
        "A machine that has other work sends late, and what is late meets the next request. Where the ledger does not",
        "answer in time, a pipeline goes on alone. Without such noise,",
        f"[the unit tests]({REPOSITORY}/blob/main/tests/unit/plugins/module_utils/test_shared_pace.py)",
        "simulate the same gateways with the module's own code: pipelines with one ledger use at least 95 % at each of",
        "them, with nothing refused, and the slowest takes at most 1.1 times as long as the fastest. The exception is",
        "the gateway at which nothing is saved up: at least 85 %, with less than 2 % refused.",
        "",
    )
    for sharing, words in pace.SHARING.items():
        counts = [count for count in pace.PIPELINES if f"second/{sharing}/{count}" in cells]
        if not counts:
            continue
        yield f"**{words}**"
        yield ""
        yield f"| the gateway counts | {' | '.join(map(str, counts))} |"
        yield f"| --- |{' ---: |' * len(counts)}"
        for gateway, (counting, _settings) in pace.GATEWAYS.items():
            row = [pace.shown(cells[f"{gateway}/{sharing}/{count}"]) for count in counts]
            yield f"| {counting} | {' | '.join(row)} |"
        yield ""


def _reading(events):
    """Say how far from the floor each event is, and why."""
    rows = [
        f"| {size:,} | {latency} ms | {whole:.2f} | {beyond:.2f} | {'' if waited is None else f'{waited:.1f}'} |"
        for (size, latency), (whole, beyond, waited) in _over_floor(events)
    ]
    if not rows:
        return []
    return [
        "How far this module is from the plain script: as a whole, and beyond what Ansible takes to start a playbook",
        "and a task (the difference between the two for a single stream). Where the first figure is large and the",
        "second is near 1, what is left is Ansible's start.",
        "",
        "The last column is what the slow start costs, once: so many latencies more than without any latency. No",
        "vendor tells how many streams it takes in a second, so a run begins with one request, and what is under way",
        "doubles with each answer. At 50 ms, the noise of the measurement is as large.",
        "",
        "| streams | latency | over the plain script | without the start | latencies waited for |",
        "| ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ]
