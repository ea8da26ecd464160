# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""How the simulator may count the requests of a quota."""

from __future__ import annotations

import importlib
import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUOTA = 10


@pytest.fixture(scope="module")
def counters():
    sys.path.append(os.path.join(TESTS, "simulator"))
    return importlib.import_module("counting").COUNTERS


def _drive(counter, moments):
    """Send at these moments; return of each whether it was accepted, and the seconds in a queue."""
    found = []
    for now in moments:
        if counter.is_free(now, QUOTA):
            found.append((True, counter.take(now, QUOTA)))
        else:
            counter.refuse(now)
            found.append((False, 0.0))
    return found


def _accepted(counter, moments):
    return sum(accepted for accepted, _waits in _drive(counter, moments))


def _every(seconds, count, start=100.0):
    return [start + seconds * number for number in range(count)]


@pytest.mark.parametrize(
    "name,in_a_burst,after_a_second,at_double_speed",
    [
        ("second", 10, 10, 30),
        ("bucket_20", 20, 10, 49),
        ("bucket_5", 5, 5, 33),
        ("bucket_1", 1, 1, 30),
        ("queue", 11, 10, 40),
        ("penalty", 10, 10, 20),
        ("prolonged_penalty", 10, 10, 10),
    ],
)
def test_each_counts_in_its_own_way(counters, name, in_a_burst, after_a_second, at_double_speed):
    counter = counters[name]()
    assert _accepted(counter, [100.0] * 40) == in_a_burst
    assert _accepted(counter, [101.05] * 40) == after_a_second
    assert _accepted(counters[name](), _every(0.05, 60)) == pytest.approx(at_double_speed, abs=2)


@pytest.mark.parametrize("name", ["second", "calendar", "bucket_20", "bucket_5", "bucket_1", "queue", "penalty"])
def test_whoever_keeps_to_the_quota_is_never_refused(counters, name):
    assert _accepted(counters[name](), _every(1.001 / QUOTA, 200)) == 200


def test_a_full_second_of_the_clock_counts_anew(counters):
    counter = counters["calendar"]()
    # Somewhere in these two seconds a full one begins: up to twice the quota passes, and never more.
    assert 10 < _accepted(counter, _every(0.02, 75)) <= 30
    assert max(_accepted(counters["calendar"](), _every(0.001, 900, start)) for start in _every(0.1, 11)) == 20


def test_a_queue_lets_everything_wait_its_turn(counters):
    waits = [seconds for accepted, seconds in _drive(counters["queue"](), [100.0] * 11) if accepted]
    assert waits == pytest.approx([number / QUOTA for number in range(11)])


def test_a_penalty_ends_a_second_after_the_first_refusal_or_after_the_last(counters):
    late = [100.0] * 11 + [100.9, 101.05]
    assert [accepted for accepted, _waits in _drive(counters["penalty"](), late)][-2:] == [False, True]
    assert [accepted for accepted, _waits in _drive(counters["prolonged_penalty"](), late)][-2:] == [False, False]


def test_it_is_a_setting(api, simulator):
    simulator.configure(quota=1, counting="bucket_20")
    assert [api.stop("Tencent", "a")["Code"] for _turn in range(20)] == [0] * 20
    simulator.configure(counting="prolonged_penalty")
    assert [api.stop("Tencent", "a")["Code"] for _turn in range(3)] == [0, 6, 6]


def test_a_request_waits_in_the_queue(api, simulator):
    simulator.configure(quota=5, counting="queue")
    for _turn in range(3):
        api.stop("Tencent", "a")
    lines = simulator.requests()
    # The work is done at once, and the answer comes after its turn: the third waited for about two fifths of a second.
    assert lines[-1]["accepted"] and lines[-1]["mono"] - lines[0]["mono"] >= 0.15


def test_a_setting_that_is_no_counter_is_refused(simulator, error):
    with pytest.raises(error, match="counting must be one of second, calendar, "):
        simulator.configure(counting="sometimes")
