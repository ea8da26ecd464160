# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs jobs of several calls each, many jobs concurrently.

A job is a generator: it yields a ``Call``, and is sent the reply, or has the error thrown into it. Whatever is raised
in a job or around it, every job has a result: its own, or what its caller makes of the error.
"""

from __future__ import annotations

import heapq
from typing import Any, Callable, Generator, Iterable, NamedTuple, TypeVar

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Internal, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import WORKERS, Lane, Request
from ansible_collections.zego.cloud.plugins.module_utils._api.retry import Retry


class Call(NamedTuple):
    """What a job yields. ``parameters``: a list, or a function that makes a fresh one for each attempt.

    ``repeatable``: whether doing it twice is harmless; ``body``: sent as JSON by POST, None for GET.
    """

    action: str
    parameters: Parameters | Callable[[], Parameters]
    repeatable: bool = True
    body: dict[str, Any] | None = None


Result = TypeVar("Result")
Job = Generator[Call, Reply, Result]
# Returns the result of the job with this number, where it has come to none itself.
Otherwise = Callable[[int, ZegoError], Result]


class _Step:
    """The current call of one job."""

    def __init__(self, number: int, job: Job[Any], call: Call, *, retry: Retry) -> None:
        self.number = number
        self.job = job
        self.call = call
        self.retry = retry


class _Runner:
    """Drives jobs over one lane. Never more than one call of a job is in flight."""

    def __init__(
        self, client: ZegoClient, lane: Lane, jobs: list[Callable[[], Job[Any]]], otherwise: Otherwise[Any]
    ) -> None:
        self._client = client
        self._lane = lane
        self._otherwise = otherwise
        # Calls that wait for their turn or for their next attempt: (due at, serial number, step).
        self._waiting: list[tuple[float, int, _Step]] = []
        self._serial = 0
        self._jobs = jobs
        self._not_started = iter(range(len(jobs)))
        self._alive: set[int] = set()
        self.results: list[Any] = [None] * len(jobs)

    def run(self) -> list[Any]:
        try:
            self._work()
        except Exception as error:  # pylint: disable=broad-except
            self._end_early(error)
        return self.results

    def _work(self) -> None:
        self._start()
        while self._waiting or self._lane:
            if self._client.halted is not None:
                self._end_waiting()
            self._send_due()
            for answered in self._lane.answers(self._due_in()):
                step = answered.ticket
                if isinstance(answered.outcome, Reply):
                    # One call names one thing, so Code 0 is progress. Without it, a long list at a quota that others
                    # use as well would look like nothing but 'too frequent' after rate_limit_timeout seconds.
                    self._client.gate.patience.progress()
                if answered.retry_in is None:
                    self._advance(step.number, step.job, answered.outcome)
                else:
                    self._put(step, answered.retry_in)
            self._start()

    def _end_early(self, error: Exception) -> None:
        """Something was raised around the jobs: end each of them."""
        problem = Internal(error)
        self._client.halt(problem)
        for number in sorted(self._alive):
            self._fail(number, problem)
        for number in self._not_started:
            self._fail(number, self._client.not_attempted())

    def _fail(self, number: int, problem: ZegoError) -> None:
        """A job comes to no result of its own. It is not asked for one: what broke it may break it again."""
        self.results[number] = self._otherwise(number, problem)
        self._alive.discard(number)

    def _start(self) -> None:
        """Start jobs, but no more at a time than requests can be in flight.

        A job that begins late may find that it has nothing to ask any more: the limit of a search was reached.
        """
        while len(self._alive) < WORKERS:
            number = next(self._not_started, None)
            if number is None:
                return
            self._alive.add(number)
            self._advance(number, self._jobs[number](), None)

    def _advance(self, number: int, job: Job[Any], outcome: Any) -> None:
        """Hand an outcome to the job, and take its next call. ``outcome``: None to start it."""
        try:
            # Thrown, so that a job handles errors with try and except, as if it made the call itself.
            call = job.throw(outcome) if isinstance(outcome, ZegoError) else job.send(outcome)
        except StopIteration as end:
            self.results[number] = end.value
            self._alive.discard(number)
            return
        except Exception as error:  # pylint: disable=broad-except
            self._fail(number, Internal(error))
            return
        retry = self._lane.new_retry(call.action, call.repeatable)
        self._put(_Step(number, job, call, retry=retry), 0.0)

    def _end_waiting(self) -> None:
        """The run is over: what waits for its turn ends here. Jobs may answer with further calls, which end as well."""
        while self._waiting:
            step = heapq.heappop(self._waiting)[2]
            self._advance(step.number, step.job, step.retry.final(self._client.not_attempted()))

    def _send_due(self) -> None:
        while self._waiting and self._due_in() == 0 and self._lane.room(1):
            step = heapq.heappop(self._waiting)[2]
            call = step.call
            # Made right before it is sent: a relay's Sequence must be higher than any that was sent before.
            parameters = call.parameters() if callable(call.parameters) else call.parameters
            self._lane.send(Request(call.action, parameters, step.retry, step, body=call.body))

    def _due_in(self) -> float | None:
        if not self._waiting:
            return None
        return max(0.0, self._waiting[0][0] - self._client.gate.clock())

    def _put(self, step: _Step, delay: float) -> None:
        # The serial number keeps calls that are due at the same moment in order. Steps themselves cannot be compared.
        self._serial += 1
        heapq.heappush(self._waiting, (self._client.gate.clock() + delay, self._serial, step))


def _the_error(_number: int, error: ZegoError) -> Any:
    return error


def run_jobs(
    client: ZegoClient, jobs: Iterable[Callable[[], Job[Result]]], otherwise: Otherwise[Result] = _the_error
) -> list[Result]:
    """Run all jobs and return their results, in the order of the jobs. ``jobs``: functions that make a job each.

    Once the client gives up, calls whose turn has not come end with ``NotAttempted``. ``otherwise``: by default, the
    error stands for the result of a job that has come to none itself.
    """
    # These calls name one room, relay or search each: no vendor counts streams in them.
    client.gate.streams.lift()
    try:
        with Lane(client) as lane:
            return _Runner(client, lane, list(jobs), otherwise).run()
    except (KeyboardInterrupt, SystemExit):
        client.halt(ZegoError("the run was interrupted", "Run it again."))
        raise


def call_once(client: ZegoClient, call: Call) -> Reply:
    """Make one call, and return its reply. Raises ``ZegoError``."""

    def job() -> Job[Reply | ZegoError]:
        try:
            return (yield call)
        except ZegoError as error:
            return error

    outcome = run_jobs(client, [job])[0]
    if isinstance(outcome, ZegoError):
        raise outcome
    return outcome
