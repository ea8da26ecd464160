# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fewer threads than wanted are enough, and no work is done twice or lost."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api.workers import Workers
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    make_client,
    reply,
    success,
)


@pytest.fixture
def machine(monkeypatch):
    """A machine that gives ``machine.threads`` threads and no more."""
    start, lock = threading.Thread.start, threading.Lock()

    class Machine:
        threads = 0

    def limited(thread):
        with lock:
            if Machine.threads <= 0:
                raise RuntimeError("can't start new thread")
            Machine.threads -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    return Machine


@pytest.mark.parametrize("threads", [0, 1, 3, 100])
def test_all_work_is_done_once_whatever_threads_there_are(machine, threads):
    machine.threads = threads
    done, workers, futures = Counter(), Workers(8), []
    for number in range(40):
        under_way = sum(not future.done() for future in futures)
        futures.append(workers.submit(lambda item: done.update([item]) or item, number, under_way))
    assert [future.result(30) for future in futures] == list(range(40))
    workers.shutdown()
    assert set(done.values()) == {1} and len(done) == 40
    assert workers.capacity == 8 or threads < 8


def test_a_thread_that_comes_later_does_nothing_twice(machine):
    done, workers = [], Workers(8)
    workers.submit(done.append, "alone", 0)
    machine.threads = 1
    workers.submit(done.append, "with a thread", 0).result(30)
    workers.shutdown()
    assert done == ["alone", "with a thread"]


def test_what_the_work_raises_comes_with_its_result(machine):
    workers = Workers(8)

    def fail(_argument):
        raise MemoryError

    with pytest.raises(MemoryError):
        workers.submit(fail, None, 0).result(30)


@pytest.mark.parametrize("threads", [0, 1, 5])
@pytest.mark.parametrize("verb,outcome", [("stop", "stopped"), ("start", "started")])
def test_an_event_ends_on_a_machine_without_threads(machine, threads, verb, outcome):
    machine.threads = threads

    def answer(query):
        streams = [value for name, value in query if name == "StreamId[]"]
        return reply(0, {"Tencent": [success("Tencent", stream, verb) for stream in streams]})

    client, streams = make_client(answer, rate=1000), [f"s{number}" for number in range(300)]
    results = RecordingJob(client, FakeLedger(), Order("Tencent", verb), streams=streams).run()
    assert [result.stream for result in results] == streams
    assert {result.outcome.name for result in results} == {outcome}
    assert client.requests_sent == len(client.sender.transport.queries) == 15
