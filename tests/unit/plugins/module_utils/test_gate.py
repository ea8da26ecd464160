# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every limit has to allow a request: the quota, the pace of streams, and the breaker."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, run_jobs
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    make_client,
    make_gate,
    reply,
)

STEPS = st.lists(
    st.tuples(st.sampled_from(["pass", "pass", "pass", "accept", "refuse", "wait"]), st.floats(0, 2)),
    min_size=1,
    max_size=150,
)


def most_in_a_second(times):
    """The most grants that any half-open second holds."""
    most = 0
    for start in times:
        most = max(most, sum(1 for other in times if start <= other < start + 1))
    return most


def pass_through(gate, units):
    """Wait for the turn of a request; return how many entries it carried."""
    granted = gate.room(units)
    while not granted:
        gate.fake_clock.wait(gate.opens_in())
        granted = gate.room(units)
    gate.enter(granted)
    return granted


@given(STEPS, st.sampled_from([1, 2, 5, 20]))
def test_no_second_has_more_requests_than_the_quota(steps, rate):
    gate = make_gate(rate=rate)
    clock, granted = gate.fake_clock, []
    for what, seconds in steps + [("pass", 0)] * (rate + 5):
        if what == "pass":
            assert pass_through(gate, 1) == 1
            granted.append(clock.now)
            gate.leave(1, True)
        elif what == "accept":
            gate.accepted()
        elif what == "refuse":
            gate.refused(clock.now)
        else:
            clock.wait(seconds)
    assert most_in_a_second(granted) <= rate


def test_one_caller_alone_gets_the_full_quota():
    gate = make_gate(rate=20)
    began = gate.clock()
    for _turn in range(200):
        pass_through(gate, 20)
        gate.leave(20, True)
        gate.accepted()
        gate.learn(gate.clock(), 20, 0)
    assert gate.clock() - began <= 11


def test_several_jobs_keep_to_one_pace():
    client = make_client(reply(0))
    gate, granted = client.gate, []
    enter = gate.enter
    gate.enter = lambda units: (granted.append(gate.clock()), enter(units))

    def close_ten(first):
        for number in range(10):
            yield Call("X", [("RoomId", first + number)])

    run_jobs(client, [partial(close_ten, 10 * number) for number in range(8)])
    assert len(granted) == 80 and most_in_a_second(granted) <= 20
    assert max(granted) - min(granted) >= 79 * 0.05


def test_slow_streams_hold_up_requests():
    gate = make_gate()
    gate.streams.accepted(10)
    gate.streams.throttled(gate.clock(), 0)
    granted = []
    for _turn in range(40):
        units = pass_through(gate, 10)
        granted += [gate.clock()] * units
        gate.leave(units, True)
    assert most_in_a_second(granted) <= 10 and len(granted) > 40


@pytest.mark.parametrize("answered", [True, False])
def test_what_left_the_gate_is_no_longer_in_flight(answered):
    gate = make_gate()
    gate.enter(20)
    assert gate.opens_in() is None and gate.streams.crowded()
    gate.leave(20, answered)
    assert not gate.streams.crowded()


def test_a_request_goes_beside_another_once_the_first_was_answered():
    gate = make_gate()
    for _turn in range(2):
        pass_through(gate, 20)
        gate.leave(20, True)
        gate.learn(gate.clock(), 20, 0)
    gate.enter(20)
    # 20 are in flight, and 40 were taken: those that came back do not count.
    assert gate.opens_in() is not None
