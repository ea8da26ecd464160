# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several runs at one quota: with common numbers they fill it without a refusal, and without them all of them end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.board import AHEAD_PLACES, AHEAD_SECONDS, Board
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import SECOND, furthest
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import FakeClock, make_gate
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.simulation import (
    DictBoard,
    counters,
    medians,
    simulate,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.test_gate import most_in_a_second

QUOTA = 20
COUNTINGS = [*counters(), "refused count"]


def _simulate(counting, runs, **more):
    if counting == "refused count":
        return simulate("second", runs, counts_refused=True, **more)
    return simulate(counting, runs, **more)


@pytest.mark.parametrize("runs", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("counting", COUNTINGS)
def test_runs_that_share_numbers_fill_the_quota_without_a_refusal_and_fairly(counting, runs):
    found = _simulate(counting, runs, boards=1)
    assert found.ended == runs and found.fairness <= 1.1
    if counting == "bucket_1":
        # Nothing is saved up there: whatever comes a millisecond early is refused.
        assert found.used > 0.85 and found.refused < 0.02
    else:
        assert found.used >= 0.95 and found.refused == 0


@pytest.mark.parametrize("counting", COUNTINGS)
@pytest.mark.parametrize("runs", [4, 16])
def test_all_strangers_end(counting, runs):
    """The aim is not a full quota: no gateway makes a run give up."""
    found = _simulate(counting, runs)
    assert found.ended == runs


def test_sixteen_strangers_at_a_penalty_box_that_each_refusal_prolongs_all_end():
    for seed in range(1, 4):
        found = simulate("prolonged_penalty", 16, seed=seed, limit=1800)
        assert found.ended == 16 and found.used > 0.12


@pytest.mark.parametrize(
    "counting,used,refused",
    [("second", 0.8, 0.06), ("refused count", 0.75, 0.06), ("penalty", 0.6, 0.08), ("prolonged_penalty", 0.25, 0.2)],
)
def test_two_machines_of_eight_runs_meet_as_two_strangers(counting, used, refused):
    """Each machine shares its own numbers, and a refusal of one of its runs holds back all of them."""
    found = medians([_simulate(counting, 16, boards=2, seed=seed) for seed in range(1, 4)])
    assert found.ended == 16 and found.used > used and found.refused < refused, found


def test_what_a_vendor_takes_is_shared_too():
    """Four runs at a vendor of twenty streams a second, twenty in a request."""
    alone = medians([simulate("second", 4, vendor_quota=20, batch=20, seed=seed) for seed in range(1, 4)])
    shared = medians([simulate("second", 4, vendor_quota=20, batch=20, seed=seed, boards=1) for seed in range(1, 4)])
    assert shared.ended == 4 and shared.throttled < 0.1 < alone.throttled
    assert shared.fairness < 1.4 < alone.fairness


# One gate after the other, by a clock that stands still meanwhile.


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def board(clock):
    return DictBoard(clock)


def _next(gate):
    """Wait for the gate's next place; return when that is."""
    while not gate.room(20):
        opens_in = gate.opens_in()
        gate.fake_clock.wait(0.001 if opens_in is None else opens_in)
    gate.enter(20)
    gate.leave(20, True)
    gate.accepted()
    gate.learn(gate.clock(), 20, 0)
    return gate.clock()


@given(st.lists(st.integers(0, 2), min_size=30, max_size=80), st.floats(-1e6, 1e9))
def test_three_gates_together_never_exceed_the_quota(turns, ahead):
    clock = FakeClock()
    board = DictBoard(clock, ahead)
    gates = [make_gate(clock, board=board) for _run in range(3)]
    assert most_in_a_second([_next(gates[turn]) for turn in turns]) <= QUOTA


def test_a_run_that_is_killed_costs_one_place(clock, board):
    killed, other = make_gate(clock, board=board), make_gate(clock, board=board)
    _next(killed), killed.room(20)
    times = [_next(other) for _turn in range(20)]
    assert times[0] - 1000 == pytest.approx(2 * SECOND / QUOTA)
    assert times[-1] - times[0] == pytest.approx(19 * SECOND / QUOTA)


def test_one_exchange_a_request_is_enough(clock, board):
    """More would be worth less than the way to a server takes."""
    gate = make_gate(clock, board=board)
    for _turn in range(50):
        _next(gate)
    assert board.exchanges <= 52


def test_who_lives_on_shares_for_as_long_as_it_has_something_to_do(clock):
    """A rulebook searches now and then, each time with a board that was opened for it."""
    gate, others = make_gate(clock), DictBoard(clock)
    other = make_gate(clock, board=others)
    assert _next(gate) == clock()

    def common_rate():
        found = []
        others.exchange(lambda numbers: (found.append(numbers["rate"]), numbers)[1])
        return found[-1]

    for _search in range(2):
        gate.share(others)
        together = [_next(one) for one in (other, gate) * 10]
        assert most_in_a_second(together) <= QUOTA and together[-1] - together[0] > 0.9
        gate.refused(clock())
        slowed = common_rate()
        clock.wait(5)
        gate.accepted()
        # What was not told until now is told at the end.
        assert common_rate() == slowed
        gate.share(None)
        assert common_rate() > slowed
        clock.wait(30)
    assert gate.room(20) == 20 and not gate.requests.is_shared


def test_what_one_run_learns_of_a_vendor_the_next_one_knows(clock, board):
    first, second = make_gate(clock, board=board, vendor="Ws"), make_gate(clock, board=board, vendor="Ws")
    other_vendor = make_gate(clock, board=board, vendor="Huawei")
    for _turn in range(3):
        _next(first)
    first.learn(clock.now, 5, 15)
    clock.wait(0.1)
    second.room(20), other_vendor.room(20)
    assert second.streams.limit == first.streams.limit < 100
    assert other_vendor.streams.limit == float("inf")
    # Neither writes over what the other knows.
    assert set(board.values["streams"]) == {"Ws", "Huawei"} and board.values["streams"]["Ws"]["limit"]


def test_runs_without_streams_leave_those_numbers_alone(clock, board):
    with_streams, without = make_gate(clock, board=board, vendor="Ws"), make_gate(clock, board=board)
    without.streams.lift()
    _next(with_streams), with_streams.learn(clock.now, 5, 15)
    _next(without)
    assert board.values["streams"]["Ws"]["limit"] == with_streams.streams.limit


def test_a_refusal_of_one_run_holds_back_the_place_of_another(clock, board):
    """Whoever holds a place far ahead looks again before it goes: the window may be closed by then."""
    first, second = make_gate(clock, board=board), make_gate(clock, board=board)
    for _turn in range(3):
        _next(first), _next(second)
    board.values["free_at"] += 0.6
    assert not second.room(20)
    place = clock.now + second.opens_in()
    clock.wait(0.4)
    first.refused(clock.now)
    held_until = first.requests.not_before
    assert held_until > clock.now
    board.values["not_before"] += 2
    assert _next(second) >= held_until + 2 > place


def test_the_rate_of_all_slows_and_grows_together(clock, board):
    first, second = make_gate(clock, board=board), make_gate(clock, board=board)
    _next(first), _next(second)
    first.refused(clock.now)
    clock.wait(1)
    _next(second)
    assert second.requests.rate == first.requests.rate == pytest.approx(QUOTA * 0.85)
    for _turn in range(200):
        _next(second)
    _next(first)
    assert first.requests.rate > QUOTA * 0.9


def test_each_keeps_to_its_own_number_and_the_others_go_on(clock, board):
    slow, fast = make_gate(clock, rate=2, quota=QUOTA, board=board), make_gate(clock, board=board)
    _next(slow), _next(fast)
    began = clock.now
    times = [_next(slow) for _turn in range(4)]
    assert times[-1] - times[0] >= 3 * 0.5
    began = clock.now
    for _turn in range(10):
        _next(fast)
    assert clock.now - began < 11 * SECOND / QUOTA


def test_a_slow_quota_is_kept_by_many(clock, board):
    """Closing rooms: one request a second for all. Sixteen runs hold places for sixteen seconds."""
    gates = [make_gate(clock, rate=1, board=board) for _run in range(16)]
    places = []
    for gate in gates:
        gate.room(1)
        places.append(clock.now + gate.opens_in())
    steps = [later - sooner for sooner, later in zip(places, places[1:])]
    assert steps == pytest.approx([SECOND] * 15)


# What stands on a board may be written by anybody, or by a clock that was wrong.
RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
OF_STREAMS = st.fixed_dictionaries({}, optional=dict.fromkeys(("limit", "hold", "slowed_at", "sent", "taken"), RUBBISH))
ON_BOARD = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("free_at", "rate", "ceiling", "slowed_at", "refused_rate", "not_before"), RUBBISH),
        "streams": RUBBISH | st.dictionaries(st.just(""), RUBBISH | OF_STREAMS),
    },
)


@given(ON_BOARD)
def test_rubbish_on_a_board_neither_fails_nor_stops_a_run(values):
    clock, warnings = FakeClock(), []
    board = DictBoard(clock)
    board.values = values
    gate = make_gate(clock, board=board, warn=warnings.append)
    for _turn in range(5):
        _next(gate)
    assert not warnings and clock.now - 1000 < 5 * furthest(gate.requests.rate)
    # What it writes is sound again.
    assert board.values["free_at"] <= board.now() + furthest(gate.requests.rate)


@pytest.mark.parametrize("ahead", [11, 3600, 1e12])
def test_places_far_ahead_are_left_out(clock, board, ahead):
    """A machine whose clock was wrong wrote them, or the machine's clock was set back."""
    good = make_gate(clock, board=board)
    _next(good)
    board.values["free_at"] += ahead
    gate = make_gate(clock, board=board)
    assert _next(gate) - clock.now <= SECOND and board.values["free_at"] < board.now() + 1


def test_what_may_be_a_place_is_waited_for(clock, board):
    assert furthest(QUOTA) == AHEAD_SECONDS and furthest(1) == AHEAD_PLACES * SECOND
    _next(make_gate(clock, board=board))
    board.values["free_at"] += 9
    began = clock.now
    assert _next(make_gate(clock, board=board)) - began == pytest.approx(9, abs=0.2)


def test_old_numbers_say_nothing(clock, board):
    gate = make_gate(clock, board=board)
    _next(gate)
    gate.refused(clock.now)
    clock.wait(61)
    late = make_gate(clock, board=board)
    _next(late)
    assert late.requests.rate == QUOTA


class _Failing(Board):
    """Fails from the time on that ``works`` says."""

    def __init__(self, clock, works):
        self._inner = DictBoard(clock)
        self._left = works

    def now(self):
        return self._inner.now()

    def exchange(self, change):
        self._left -= 1
        if self._left == 0:
            # The worst time: the numbers were made, and not written.
            self._inner.exchange(change)
        if self._left <= 0:
            raise OSError("it is gone")
        self._inner.exchange(change)


@pytest.mark.parametrize("works", [0, 1, 5])
def test_a_board_that_fails_is_one_warning_and_the_run_goes_on_alone(clock, works):
    warnings = []
    gate = make_gate(clock, board=_Failing(clock, works), warn=warnings.append)
    times = [_next(gate) for _turn in range(60)]
    assert len(warnings) == 1 and "The pace is not shared with other runs: it is gone." in warnings[0]
    assert most_in_a_second(times) <= QUOTA and times[-1] - times[0] < 60 * SECOND / QUOTA + 0.2
    assert not gate.requests.is_shared
