# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs jobs that take several calls one after the other, many jobs side by side. A job is a generator: it yields a call, and is sent the reply."""

from __future__ import annotations

import heapq
from typing import Any, Callable, Generator, Iterable, NamedTuple, TypeVar

from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import Lane, Request


class Call(NamedTuple):
    """What a job yields. ``parameters``: a list, or a function that makes one for each attempt; ``repeatable``: see ``Attempts``."""

    action: str
    parameters: list[tuple[str, Any]] | Callable[[], list[tuple[str, Any]]]
    repeatable: bool = True
    body: dict[str, Any] | None = None


Done = TypeVar("Done")
Job = Generator[Call, Reply, Done]


class _Step:
    """Where one job stands."""

    def __init__(self, number: int, job: Job[Any]) -> None:
        self.number = number
        self.job = job
        self.call: Call = Call("", [])
        self.retry: Any = None


class _Steps:
    def __init__(self, client: ZegoClient, lane: Lane, jobs: list[Job[Any]]) -> None:
        self._client = client
        self._lane = lane
        self._later: list[tuple[float, int, _Step]] = []
        self._serial = 0
        self.done: list[Any] = [None] * len(jobs)
        for number, job in enumerate(jobs):
            self._go_on(_Step(number, job), None)

    def run(self) -> list[Any]:
        clock = self._client.turnstile.clock
        while self._later or self._lane:
            while self._client.halted is not None and self._later:
                step = heapq.heappop(self._later)[2]
                self._go_on(step, step.retry.ended(self._client.not_attempted()))
            while self._later and self._later[0][0] <= clock() and self._lane.room(1):
                self._send(heapq.heappop(self._later)[2])
            due_in = max(0.0, self._later[0][0] - clock()) if self._later else None
            for step, outcome, again in self._lane.answers(due_in):
                if again is None:
                    self._go_on(step, outcome)
                else:
                    self._put(step, again)
        return self.done

    def _go_on(self, step: _Step, answer: Any) -> None:
        """Hand an answer to the job, and take its next call."""
        try:
            step.call = step.job.throw(answer) if isinstance(answer, ZegoError) else step.job.send(answer)
        except StopIteration as end:
            self.done[step.number] = end.value
            return
        step.retry = self._lane.retry(step.call.action, step.call.repeatable)
        self._put(step, 0.0)

    def _put(self, step: _Step, delay: float) -> None:
        self._serial += 1
        heapq.heappush(self._later, (self._client.turnstile.clock() + delay, self._serial, step))

    def _send(self, step: _Step) -> None:
        call = step.call
        parameters = call.parameters() if callable(call.parameters) else call.parameters
        self._lane.send(Request(call.action, parameters, step.retry, step, body=call.body))


def each(client: ZegoClient, jobs: Iterable[Job[Done]]) -> list[Done]:
    """Return what each job returns, in their order. Where the client gives up, calls whose turn has not come end with ``NotAttempted``."""
    client.turnstile.streams.lift()
    try:
        with Lane(client) as lane:
            return _Steps(client, lane, list(jobs)).run()
    except (KeyboardInterrupt, SystemExit):
        client.halt(ZegoError("the run was interrupted", "Run it again."))
        raise


def ask(client: ZegoClient, call: Call) -> Reply:
    """Make one call, and return its reply. Raises ``ZegoError``."""

    def job() -> Job[Reply]:
        return (yield call)

    return each(client, [job()])[0]
