# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams in requests: each once, no more than a number, no longer than a URL may be; a refused batch is halved."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.signing import signed_parameters
from ansible_collections.zego.cloud.plugins.module_utils._recording.batches import Batch, Queue, Task, query_bytes
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import FakeClock

ADDRESS = "https://rtc-api-sha.zego.im/"
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=0x2FFF, blacklist_categories=("Cs", "Cc", "Zs"))
NAMES = st.lists(st.text(PRINTABLE, min_size=1, max_size=85), min_size=1, max_size=80, unique=True)


def make_queue(names, size=20, fixed=0, clock=None, grows=False):
    clock = clock or FakeClock()
    queue = Queue((), size, fixed, clock=clock, grows=grows)
    queue.put_back([Task(name) for name in names])
    return queue


def names_of(batch):
    return [task.stream for task in batch.tasks]


def whole_url(parameters, streams):
    common = signed_parameters(4294967295, "secret", "StartCDNRecord", timestamp=1615186943)
    return ADDRESS + "?" + urlencode(list(common.items()) + parameters + [("StreamId[]", stream) for stream in streams])


@given(NAMES, st.integers(1, 60), st.booleans())
def test_each_stream_once_and_in_order_and_within_bounds(names, size, wide):
    parameters = (
        [("Vendor", "Aliyun"), ("Domain", "é" * 100), ("Point", "p" * 250), ("IsTest", "true")]
        if wide
        else [("Vendor", "Ws")]
    )
    queue = make_queue(names, size, len(ADDRESS) + query_bytes(parameters))
    seen = []
    while queue:
        batch = queue.take(queue.size)
        assert 1 <= len(batch.tasks) <= size
        assert len(batch.tasks) == 1 or len(whole_url(parameters, names_of(batch))) < 4000
        seen.extend(names_of(batch))
    assert seen == names
    assert queue.take(queue.size) is None


def test_batches_are_full_where_names_are_short():
    queue = make_queue([f"s{number}" for number in range(45)], 20)
    assert [len(queue.take(queue.size).tasks) for _turn in range(3)] == [20, 20, 5]


def test_a_name_longer_than_a_url_still_goes_alone():
    queue = make_queue(["x" * 5000, "a", "b"], 20)
    assert names_of(queue.take(queue.size)) == ["x" * 5000]
    assert names_of(queue.take(queue.size)) == ["a", "b"]


@given(st.integers(1, 60), st.integers(1, 30), st.sets(st.integers(0, 59), max_size=10))
def test_halving_isolates_the_bad_ones(count, size, bad):
    names = [f"s{number}" for number in range(count)]
    culprits = {f"s{number}" for number in bad if number < count}
    queue, good, alone, requests = make_queue(names, size), [], [], 0
    while queue:
        batch = queue.take(queue.size)
        requests += 1
        if not culprits.intersection(names_of(batch)):
            queue.accepted(batch)
            good.extend(names_of(batch))
        elif len(batch.tasks) == 1:
            alone.extend(names_of(batch))
        else:
            queue.split(batch)
    assert sorted(good + alone) == sorted(names)
    assert set(alone) == culprits and len(alone) == len(culprits)
    assert requests <= 2 * count + 1


@given(st.integers(2, 12), st.integers(1, 4))
def test_one_culprit_costs_few_requests(power, place):
    count = 2 ** min(power, 6)
    queue, requests = make_queue([str(number) for number in range(count)], count), 0
    while queue:
        batch = queue.take(queue.size)
        requests += 1
        if str(place % count) in names_of(batch) and len(batch.tasks) > 1:
            queue.split(batch)
        else:
            queue.accepted(batch)
    assert requests <= 2 * min(power, 6) + 1 + count


@given(st.integers(1, 25), st.integers(26, 60))
def test_a_size_that_the_api_refuses_is_learned(most, size):
    names = [str(number) for number in range(400)]
    queue, seen, refused = make_queue(names, size), [], 0
    while queue:
        batch = queue.take(queue.size)
        if len(batch.tasks) > most:
            refused += 1
            queue.split(batch)
        else:
            queue.accepted(batch)
            seen.extend(names_of(batch))
    assert sorted(seen) == sorted(names)
    assert 1 <= queue.size <= size
    assert most / 2 <= queue.size <= most
    assert refused <= 2 * size


def test_a_bad_stream_teaches_no_size():
    queue = make_queue([str(number) for number in range(40)], 20)
    batch = queue.take(queue.size)
    queue.split(batch)
    first, second = queue.take(queue.size), queue.take(queue.size)
    queue.accepted(second)
    queue.split(first)
    assert queue.size == 20


def test_halves_hold_the_same_streams():
    for count in range(2, 30):
        batch = Batch([Task(str(number)) for number in range(count)])
        first, second = batch.halves()
        assert names_of(first) + names_of(second) == names_of(batch)
        assert abs(len(first.tasks) - len(second.tasks)) <= 1


def test_a_task_that_is_put_back_waits_until_it_is_due():
    clock = FakeClock()
    queue = Queue((), 20, 0, clock=clock)
    assert queue.due_in() is None and not queue
    queue.put_back([Task("later")], 10)
    queue.put_back([Task("sooner")], 2)
    assert queue and queue.take(queue.size) is None
    assert queue.due_in() == 2
    clock.wait(2)
    assert names_of(queue.take(queue.size)) == ["sooner"]
    clock.wait(8)
    assert queue.due_in() == 0
    assert names_of(queue.take(queue.size)) == ["later"]
    assert not queue


def test_drain_returns_all_of_them_once():
    clock = FakeClock()
    queue = make_queue([str(number) for number in range(30)], 10, clock=clock)
    batch = queue.take(queue.size)
    queue.split(batch)
    queue.put_back([Task("later")], 10)
    drained = [task.stream for batch in queue.drain() for task in batch.tasks]
    assert sorted(drained) == sorted([str(number) for number in range(30)] + ["later"])
    assert not queue and queue.take(queue.size) is None and queue.drain() == []


@given(st.lists(st.text(min_size=1, max_size=10).filter(lambda text: text.isprintable()), max_size=10))
def test_the_counted_bytes_are_those_of_the_url(names):
    pairs = [("StreamId[]", name) for name in names]
    assert sum(Task(name).bytes for name in names) >= len(urlencode(pairs))


def test_long_names_fill_a_url_and_no_more():
    parameters = [("Vendor", "Tencent")]
    for width in range(1, 257, 3):
        names = [f"{number:03d}" + "x" * width for number in range(150)]
        queue = make_queue(names, 150, len(ADDRESS) + query_bytes(parameters))
        longest = 0
        while queue:
            longest = max(longest, len(whole_url(parameters, names_of(queue.take(queue.size)))))
        assert longest < 4000
        assert longest > 3500 or width < 10


def growing(count=2000):
    return make_queue([f"stage-{number:04}" for number in range(count)], grows=True)


def test_batches_that_pass_double_up_to_what_a_url_holds():
    queue, sizes = growing(), []
    while queue:
        batch = queue.take(queue.next_size())
        sizes.append(len(batch.tasks))
        queue.accepted(batch)
        queue.passed(batch)
    assert sizes[:3] == [20, 40, 80] and len(set(sizes[3:-1])) == 1 and 100 < sizes[3] < 160
    assert sum(sizes) == 2000 and len(whole_url([], ["stage-0000"] * sizes[3])) <= 4000


def test_of_several_batches_under_way_one_doubles():
    queue = growing()
    together = [queue.take(20) for _turn in range(4)]
    for batch in together:
        queue.passed(batch)
    assert queue.size == 40


def test_a_batch_that_could_have_been_larger_says_nothing():
    queue = growing()
    for size in (1, 19):
        queue.passed(queue.take(size))
    part = queue.take(20).halves()[0]
    part.tasks *= 2
    queue.passed(part)
    assert queue.size == 20


def test_a_size_that_was_given_stays():
    queue = make_queue([f"s{number}" for number in range(100)], 20)
    queue.passed(queue.take(20))
    queue.fell_short(queue.take(20))
    assert queue.size == 20


def test_a_batch_that_fell_short_ends_the_growth():
    """No answer, or none for some of its streams: it may have been too large."""
    queue = growing()
    small = queue.take(20)
    queue.fell_short(small)
    queue.passed(small)
    # A batch of the first size says nothing about larger ones.
    assert queue.size == 40
    queue.passed(queue.take(40))
    late = queue.take(40)
    large = queue.take(80)
    queue.fell_short(large)
    assert queue.size == 40
    queue.passed(late)
    assert queue.size == 40


def test_a_batch_that_was_too_large_is_remembered():
    queue = growing()
    queue.passed(queue.take(20))
    large = queue.take(40)
    queue.split(large)
    for _half in range(2):
        half = queue.take(queue.next_size())
        assert len(half.tasks) == 20
        queue.accepted(half)
        queue.passed(half)
    assert queue.size == 20
    queue.passed(queue.take(20))
    assert queue.size == 20


@given(NAMES, st.integers(1, 60))
def test_the_next_batch_has_the_size_that_was_told(names, size):
    queue = make_queue(names, size, 100)
    while queue:
        told = queue.next_size()
        assert len(queue.take(told).tasks) == told
    assert queue.next_size() == 0


@pytest.mark.parametrize("accepted", [False, True])
def test_all_else_waits_for_the_answers_of_probes(accepted):
    queue = Queue([Task(f"s{number}") for number in range(9)], 4, 100, clock=lambda: 0.0)
    batch = queue.take(4)
    probes, others = batch.probes()
    assert [task.stream for probe in probes for task in probe.tasks] == ["s0", "s2", "s3"]
    assert [task.stream for task in others.tasks] == ["s1"] and others.halves()[0].tasks == others.tasks
    queue.probe(probes)
    queue.isolate(others.halves())
    assert [queue.take(1) for _probe in probes] == probes and queue.is_probing()
    queue.put_back([Task("again")])
    # What comes back meanwhile waits as well.
    assert (queue.due_in(), queue.next_size(), queue.take(4)) == (None, 0, None) and queue
    if accepted:
        queue.accepted(probes[1])
    else:
        for probe in probes:
            assert queue.next_size() == 0
            queue.settled(probe)
    queue.settled(batch)
    assert not queue.is_probing() and (queue.due_in(), queue.next_size()) == (0.0, 4)
    assert [len(taken.tasks) for taken in iter(lambda: queue.take(4), None)] == [4, 2, 1]


def test_a_small_batch_has_as_many_probes_as_streams():
    for size in (1, 2, 3):
        probes, others = Batch([Task(str(number)) for number in range(size)]).probes()
        assert [len(probe.tasks) for probe in probes] == [1] * size and others.halves() == []
