# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmark"))

import page  # noqa: E402


def _figures(wall, requests=1):
    return {"wall": wall, "cpu": wall, "memory": 50.0, "requests": requests}


# Ansible's start takes 1 s; at 200 ms, the module waits for one latency that the plain script does not.
EVENTS = {
    (1, 0): {page.PLAIN: _figures(0.5), page.OURS: _figures(1.5)},
    (1, 200): {page.PLAIN: _figures(0.7), page.OURS: _figures(1.7)},
    (50, 0): {page.PLAIN: _figures(1.0, 3), page.OURS: _figures(2.0, 3), page.LOOPS[0]: _figures(20.0, 50)},
    (50, 200): {page.PLAIN: _figures(1.2, 3), page.OURS: _figures(2.4, 3)},
    (1000, 0): {page.PLAIN: _figures(3.0, 50), page.OURS: _figures(4.0, 50)},
}
FACTS = {
    "runs": 5,
    "machine": "a machine",
    "scale": {"1": _figures(0.2), "10000": _figures(1.2)},
    "startup": {"ping": 100.0, "module": 180.0, "requests": 70.0},
    "sharing": {"failed": 0, "share": 0.9, "together": 0.94, "fairness": 1.2, "refused": 0.2},
    "slow_vendor": {"0": {"failed": 0, "sent": 1.09, "time": 1.06}, "200": {"failed": 0, "sent": 1.14, "time": 1.08}},
    "down": {"wall": 10.0, "requests": 9},
    "growth": {"1000": 10.0, "10000": 100.0},
    "pace": {
        f"{gateway}/{sharing}/{count}": {
            "used": 0.952,
            "refused": 0.04 if sharing == "nothing" else 0.0,
            "fairness": 1 + count / 100,
            "failed": 7 if (gateway, sharing) == ("penalty", "nothing") else 0,
            "alone": 3 if (gateway, sharing, count) == ("second", "server", 16) else 0,
        }
        for gateway in page.pace.GATEWAYS
        for sharing in page.pace.SHARING
        for count in page.pace.PIPELINES
        if count > 1 or sharing == "file"
    },
}


def _rows(*begin, events=None):
    rows = []
    for line in page.render(events or EVENTS, FACTS, 50).splitlines():
        if line.startswith(f"| {' | '.join(begin)} |"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_a_loop_over_many_streams_is_computed_and_says_so():
    (row,) = _rows("1,000", "0 ms", page.LOOPS[0])
    assert row[3:6] == ["1,000", "≈ 400.00", "≈ 100.00"]
    (row,) = _rows("50", "0 ms", page.LOOPS[0])
    assert row[3:6] == ["50", "20.00", "10.00"]


def test_the_page_says_what_limits_an_event():
    assert _rows("1,000", "0 ms", page.OURS)[0][-1] == "the quota"
    assert _rows("1", "0 ms", page.OURS)[0][-1] == "start-up"
    assert _rows("1", "0 ms", page.PLAIN)[0][-1] == "start-up of Python"
    assert _rows("50", "0 ms", page.LOOPS[0])[0][-1] == "one task a stream"
    assert _rows("1,000", "0 ms", "the quota's floor")[0][4] == "2.45"


@pytest.mark.parametrize(
    "size, requests, wall, plain, ours",
    [
        (1, 1, 0.3, "latency", "start-up"),
        (50, 3, 0.42, "latency", "start-up"),
        (1000, 50, 2.8, "the quota", "the quota"),
    ],
)
def test_a_wait_for_one_answer_is_latency_and_not_the_quota(size, requests, wall, plain, ours):
    events = {(size, 200): {page.PLAIN: _figures(wall, requests), page.OURS: _figures(wall + 1, requests)}}
    limits = [_rows(f"{size:,}", "200 ms", name, events=events)[0][-1] for name in (page.PLAIN, page.OURS)]
    assert limits == [plain, ours]


def test_the_parts_come_in_their_order():
    lines = page.render(EVENTS, FACTS, 50).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# Benchmarks",
        "## An event of so many streams",
        "## What one task costs",
        "## Scale",
        "## Sharing a quota",
        "## Pipelines by what they know of each other, and by how the gateway counts",
    ]
    (last,) = [number for number, line in enumerate(lines) if line.startswith("| nobody listens")]
    assert lines[last - 1].startswith("| time over the vendor's own floor") and lines[last + 1 :][:2] == [
        "| seconds, Ansible's start included | 10.0 |",
        "",
    ]


def test_the_page_tells_the_distance_from_the_floor():
    assert _rows("50", "0 ms")[-1] == ["50", "0 ms", "2.00", "1.00", ""]
    assert _rows("50", "200 ms")[-1] == ["50", "200 ms", "2.00", "1.17", "1.0"]


def test_the_page_shows_what_each_part_measured():
    text = page.render(EVENTS, FACTS, 50)
    for line in (
        "| the difference | 80 |",
        "| 10,000 | 100 | 10.0 |",
        "200 ms of latency: streams that failed | 0 |",
        "| stream entries sent over those needed | 1.14 |",
    ):
        assert line in text, line


def test_pipelines_have_a_table_for_each_kind_of_sharing():
    text = page.render(EVENTS, FACTS, 50)
    tables = text.split("## Pipelines by what they know of each other")[1].split("**")
    assert tables[1::2] == ["one file", "a server", "strangers"]
    assert (
        "Each of 1, 2, 4, 8 and 16 pipelines needs 60, 40, 20, 12 and 12 requests, with\n4 streams in each" in tables[0]
    )
    rows = [table.strip().splitlines() for table in tables[2::2]]
    assert [len(table) for table in rows] == [11, 11, 11]
    assert rows[0][0] == "| the gateway counts | 1 | 2 | 4 | 8 | 16 |" and rows[1][0].count("|") == 6
    cells = " | ".join(f"95 / 0 / {fairness}" for fairness in ("1.01", "1.02", "1.04", "1.08", "1.16"))
    assert rows[0][2] == f"| any one second | {cells} |"
    assert rows[1][2].endswith("| 95 / 0 / 1.16 (3 went on alone) |")
    assert rows[2][9].startswith("| nothing for a second after a refusal | 95 / 4 / 1.02 (7 streams failed) | ")


def test_one_part_can_be_measured_anew_and_the_others_stay():
    whole = page.render(EVENTS, FACTS, 50)
    cells = {name: {**cell, "used": 0.5} for name, cell in FACTS["pace"].items()}
    text = page.with_pipelines(whole, cells, "another machine")
    head, _title, part = text.partition("## Pipelines")
    assert head == whole.partition("## Pipelines")[0] and "50 / 0 / 1.01" in part and "95 / 0" not in part
    assert "(another machine)." in part
    assert page.with_pipelines(head.rstrip(), cells, "another machine") == text


def test_a_machine_without_a_server_leaves_its_table_out():
    cells = {name: cell for name, cell in FACTS["pace"].items() if "/server/" not in name}
    text = page.render(EVENTS, {**FACTS, "pace": cells}, 50)
    assert "**one file**" in text and "**a server**" not in text


def test_a_module_that_sends_few_requests_is_not_limited_by_the_quota():
    events = {**EVENTS, (1000, 0): {page.PLAIN: _figures(3.0, 50), page.OURS: _figures(1.4, 9)}}
    assert _rows("1,000", "0 ms", page.OURS, events=events)[0][-1] == "start-up"
