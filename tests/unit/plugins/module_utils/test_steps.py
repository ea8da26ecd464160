# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that take calls of their own: side by side, in order, to an early end where need be."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    Internal,
    NotAttempted,
    Refused,
    Throttled,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import ATTENTION, WORKERS
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, run_jobs
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import http, make_client, reply


def close(room):
    """A job of one call: what came of it."""
    try:
        return (yield Call("CloseRoom", [("RoomId", room)])).attempts
    except ZegoError as error:
        return error


def test_results_come_in_the_order_of_the_items():
    client = make_client(lambda query: reply(0) if dict(query)["RoomId"] % 2 else reply(4711))
    results = run_jobs(client, [partial(close, room) for room in range(50)])
    assert [type(result) for result in results] == [Refused, int] * 25


def test_several_are_under_way_once_the_first_is_answered():
    together = threading.Barrier(4, timeout=30)

    def step(query):
        if dict(query)["RoomId"]:
            together.wait()
        return reply(0)

    client = make_client(step, rate=1000000)
    assert run_jobs(client, [partial(close, room) for room in range(5)]) == [1] * 5


def test_an_interrupt_ends_the_run_and_keeps_what_was_done():
    halted = threading.Event()

    def step(_query):
        client.interrupt("SIGTERM")
        assert halted.wait(30)
        return reply(0)

    client = make_client(step)
    halt, client.halt = client.halt, lambda error: (halt(error), halted.set())
    results = run_jobs(client, [partial(close, room) for room in range(9)])
    assert sorted(type(result).__name__ for result in results) == ["NotAttempted"] * 8 + ["int"]
    assert all("SIGTERM" in result.reason for result in results if isinstance(result, NotAttempted))


def test_a_long_list_that_makes_progress_is_not_out_of_patience():
    """Every third request is refused for its pace, for far longer than the patience lasts without progress."""
    requests = []

    def answer(query):
        requests.append(query)
        return reply(0) if len(requests) % 3 else reply(6)

    client = make_client(answer, rate=1, patience=20)
    results = run_jobs(client, [partial(close, room) for room in range(100)])
    assert all(isinstance(attempts, int) for attempts in results) and client.halted is None
    assert client.gate.clock() > 5 * 20


def test_a_job_that_begins_late_need_not_ask():
    """With enough found, the jobs that have not begun ask nothing: see the limit of a search."""
    answered = []

    def search(number):
        if not answered:
            yield Call("SearchMedia", [("Prefix", number)])
            answered.append(number)
        return number

    client = make_client(reply(0))
    assert run_jobs(client, [partial(search, number) for number in range(500)]) == list(range(500))
    assert client.requests_sent <= WORKERS


def test_an_interrupt_ends_a_long_wait():
    client, waits = make_client(http(503, retry_after=30.0)), []

    def sleep(seconds):
        waits.append(seconds)
        client.interrupt("SIGTERM")

    client.gate.sleep = sleep
    (result,) = run_jobs(client, [partial(close, "a")])
    assert isinstance(result, ZegoError) and result.attempts == client.requests_sent == 1
    assert len(waits) == 1 and waits[0] <= ATTENTION


def test_what_was_sent_and_refused_for_its_pace_is_not_called_not_attempted():
    client = make_client(http(429, retry_after=30.0))
    client.gate.sleep = lambda seconds: client.interrupt("SIGTERM")
    (result,) = run_jobs(client, [partial(close, "a")])
    assert isinstance(result, Throttled) and result.attempts == client.requests_sent == 1


def test_an_exception_halts_the_client():
    client = make_client(reply(0))

    def interrupted(*_args):
        raise KeyboardInterrupt

    client.gate.wait_for = interrupted
    with pytest.raises(KeyboardInterrupt):
        run_jobs(client, [partial(close, "a")])
    assert client.halted is not None


def broken(room):
    """A job that raises what nobody expects where it reads its answer."""
    try:
        yield Call("CloseRoom", [("RoomId", room)])
    except ZegoError as error:
        return error
    raise RecursionError("Signature=0123456789abcdef0123456789abcdef")


def test_a_job_that_breaks_ends_told_of_it_and_the_others_go_on():
    client = make_client(reply(0))
    jobs = [partial(broken if room == 3 else close, room) for room in range(9)]
    results = run_jobs(client, jobs)
    assert [result for result in results if isinstance(result, int)] == [1] * 8
    assert isinstance(results[3], Internal) and results[3].maybe_done and client.halted is None
    assert "RecursionError in test_steps.py, line" in results[3].reason and "Signature" not in results[3].reason


def hopeless(room):
    """A job that raises what nobody expects, whatever it is told, and before it is told anything if it begins anew."""
    begun.append(room)
    if begun.count(room) > 1:
        raise MemoryError
    try:
        yield Call("CloseRoom", [("RoomId", room)])
    except ZegoError:
        raise RecursionError from None
    raise RecursionError


begun = []


def test_a_job_that_breaks_whatever_it_is_told_costs_no_other_its_result():
    begun.clear()
    client = make_client(reply(0))
    jobs = [partial(hopeless if room in (3, 4) else close, room) for room in range(9)]
    results = run_jobs(client, jobs, lambda number, error: f"{number}: {error.reason}")
    assert results[:3] + results[5:] == [1] * 7 and client.halted is None
    for number in (3, 4):
        assert results[number].startswith(
            f"{number}: an error on this machine ended it (RecursionError in test_steps.py"
        )


@pytest.mark.parametrize("place", ["learn", "new_attempt", "check_interrupt"])
def test_what_breaks_around_the_jobs_ends_each_of_them(place):
    client = make_client(reply(0))
    whole, turns = getattr(client, place), iter(range(100))

    def breaking(*arguments, **options):
        if next(turns) == 2:
            raise MemoryError
        return whole(*arguments, **options)

    setattr(client, place, breaking)
    results = run_jobs(client, [partial(close, room) for room in range(60)])
    assert len(results) == 60 and all(result == 1 or isinstance(result, ZegoError) for result in results)
    assert any(isinstance(result, NotAttempted) for result in results) and client.halted is not None
    closed = {dict(query)["RoomId"] for query in client.sender.transport.queries}
    assert not any(isinstance(results[room], NotAttempted) for room in closed)
