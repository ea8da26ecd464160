# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quota of requests a second, the vendors' quotas of streams, and how long to wait without progress."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import Patience, RequestPace, StreamQuota, backoff
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeClock,
)


@given(st.lists(st.booleans(), max_size=60), st.floats(0.2, 50))
def test_the_pace_of_requests_falls_with_refusals_and_rises_with_answers(answers, ceiling):
    clock = FakeClock()
    pace = RequestPace(ceiling, clock, random.Random(1))
    for good in answers:
        before = pace.rate
        clock.wait(1.0)
        if good:
            pace.accepted()
            assert before <= pace.rate <= ceiling
            assert pace.rate > before or before == ceiling
        else:
            pace.refused(clock.now)
            assert 0 < pace.rate <= before
            assert pace.rate < before or before <= min(0.5, ceiling)
            assert pace.wait() >= 0


@pytest.mark.parametrize("quota", [1, 10, 20, 50])
def test_no_second_holds_more_requests_than_the_quota(quota):
    clock = FakeClock()
    pace, sent_at = RequestPace(quota, clock, random.Random(1)), []
    for _turn in range(5 * quota):
        clock.wait(max(0.0, pace.reserve() - clock.now))
        sent_at.append(clock.now)
    spans = [later - sooner for sooner, later in zip(sent_at, sent_at[quota:])]
    # A little more than a second, and no more than that: the quota is there to be used.
    assert 1.0 < min(spans) <= max(spans) < 1.1


def test_the_pace_of_requests_recovers_after_refusals():
    clock = FakeClock()
    pace = RequestPace(20, clock, random.Random(1))
    for _turn in range(40):
        clock.wait(1)
        pace.refused(clock.now)
    assert pace.rate == pytest.approx(0.5, abs=0.01)
    for _turn in range(500):
        clock.wait(0.05)
        pace.accepted()
    assert pace.rate == 20


def test_growth_quickens_without_refusals():
    clock = FakeClock()
    pace = RequestPace(20, clock, random.Random(1))
    pace.refused(clock.now)
    steps = []
    for _turn in range(3):
        clock.wait(2)
        pace.rate = 5
        pace.accepted()
        steps.append(pace.rate - 5)
    assert steps == sorted(steps) and steps[2] > 1.5 * steps[0]


def test_refusals_of_one_burst_slow_down_once():
    clock = FakeClock()
    pace = RequestPace(20, clock, random.Random(1))
    sent_at = clock.now
    clock.wait(0.3)
    pace.refused(sent_at)
    after = pace.rate
    for _turn in range(10):
        pace.refused(sent_at)
    assert pace.rate == after == pytest.approx(20 * 0.85)
    clock.wait(0.3)
    pace.refused(clock.now)
    assert pace.rate < after


def test_streams_are_free_until_a_vendor_throttles():
    quota = StreamQuota(FakeClock())
    for _turn in range(50):
        assert quota.fitting(1000) == 1000
        quota.sent(1000)
        quota.returned(1000)
        quota.accepted(1000)
        assert quota.wait() <= 0


def test_what_may_be_in_flight_doubles_with_each_answer():
    quota, flights = StreamQuota(FakeClock()), []
    for _turn in range(4):
        flight = 0
        while not quota.crowded():
            quota.sent(20)
            flight += 1
        flights.append(flight)
        for _answer in range(flight):
            quota.returned(20)
            quota.widen(20)
    assert flights == [1, 2, 4, 8]


def drive(quota, clock, takes, streams, batch=20):
    """Send ``streams`` entries to a vendor that takes ``takes`` in any second; return (seconds, entries sent)."""
    began, taken, sent_in_all = clock.now, [], 0
    while streams:
        clock.wait(max(0.0, quota.wait()))
        units, at = quota.reserve(min(batch, streams), clock.now), clock.now
        quota.sent(units)
        sent_in_all += units
        clock.wait(0.05)
        taken = [moment for moment in taken if moment > clock.now - 1]
        accepted = min(units, takes - len(taken))
        taken += [clock.now] * accepted
        quota.returned(units)
        if accepted < units:
            quota.throttled(at, accepted)
        else:
            quota.accepted(accepted)
        streams -= accepted
    return clock.now - began, sent_in_all


@given(st.integers(3, 200), st.integers(400, 2000), st.integers(1, 40))
def test_streams_settle_at_what_the_vendor_takes(takes, streams, batch):
    clock = FakeClock()
    seconds, sent = drive(StreamQuota(clock), clock, takes, streams, batch)
    assert sent < 1.25 * streams
    # One answer at a time takes 20 batches a second at the most.
    assert seconds < 1.35 * streams / min(takes, 20 * batch) + 2


def test_more_is_tried_after_a_while_and_less_taken_is_noticed():
    clock = FakeClock()
    quota = StreamQuota(clock)
    drive(quota, clock, 20, 200)
    assert 15 <= quota.limit <= 24
    drive(quota, clock, 60, 2000)
    assert quota.limit > 45
    drive(quota, clock, 10, 200)
    assert quota.limit < 16


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50), st.floats(0, 3)), max_size=60))
def test_the_pace_of_streams_falls_with_refusals_and_rises_with_answers(steps):
    clock = FakeClock()
    quota = StreamQuota(clock)
    for good, units, seconds in steps:
        clock.wait(seconds)
        before = quota.limit
        if good:
            quota.accepted(units)
            assert quota.limit >= before
        else:
            quota.throttled(clock.now, units)
            assert 1 <= quota.limit <= max(before, 1)
        quota.sent(quota.reserve(units, clock.now))
        quota.returned(units)
        assert quota.wait() <= 1.05 + 1e-9 and quota.fitting(7) >= 1


@given(st.lists(st.floats(0.1, 30), max_size=40), st.floats(1, 100))
def test_patience_ends_after_its_limit_without_progress(waits, limit):
    clock = FakeClock()
    patience = Patience(limit, clock)
    began = clock.now
    assert patience.left() == limit
    for seconds in waits:
        clock.wait(seconds)
        assert patience.left() == pytest.approx(max(0.0, limit - (clock.now - began)))
    patience.progress()
    clock.wait(1000)
    assert patience.left() == limit


@given(st.integers(0, 10**6), st.integers())
def test_no_wait_before_a_retry_is_longer_than_eight_seconds(attempt, seed):
    assert 0 <= backoff(attempt, random.Random(seed)) <= min(8, 0.5 * 2 ** min(attempt, 10))


def test_waits_before_retries_grow_and_vary():
    rng = random.Random(1)
    means = []
    for attempt in range(4):
        means.append(sum(backoff(attempt, rng) for _turn in range(300)) / 300)
    assert means == sorted(means) and means[3] > 4 * means[0]
    assert len({backoff(3, rng) for _turn in range(20)}) == 20
