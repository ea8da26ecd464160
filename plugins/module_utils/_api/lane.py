# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sends many requests concurrently. One thread decides what goes when; the workers only wait for answers."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Attempt, Exchange, Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.quotas import quota_of
from ansible_collections.zego.cloud.plugins.module_utils._api.retry import Retry
from ansible_collections.zego.cloud.plugins.module_utils._api.workers import Workers

# Enough for the quota of 20 requests a second while answers take up to 1.6 s.
WORKERS = 32
# The job waits for no longer than so many seconds at a time, so that it soon notices an interrupt.
ATTENTION = 0.5


class Request(NamedTuple):
    """What a job sends. ``ticket``: handed back with the answer; ``units``: stream entries in it.

    ``origin``: the same for requests that were made of a batch of streams, None where this one stands alone.
    """

    action: str
    parameters: Parameters
    retry: Retry
    ticket: Any
    units: int = 1
    body: dict[str, Any] | None = None
    origin: Any = None


class Answered(NamedTuple):
    """What came back for a ticket.

    ``retry_in``: seconds after which the same request may be sent again, None where this is the end of it.
    """

    ticket: Any
    outcome: Reply | ZegoError
    retry_in: float | None


class Lane:
    """The way to the API for one job. Use it as a context manager.

    The job asks for ``room``, sends, and takes the ``answers``. Nothing calls back into the job.
    """

    def __init__(self, client: ZegoClient) -> None:
        self._client = client
        self._gate = client.gate
        self._workers = Workers(WORKERS)
        self._in_flight: dict[Future[Exchange], tuple[Request, Attempt]] = {}

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, *_exception: Any) -> None:
        # Waits for the workers: no request outlives the run.
        self._workers.shutdown()

    def __bool__(self) -> bool:
        """Tell whether any request is in flight."""
        return bool(self._in_flight)

    def new_retry(self, action: str, repeatable: bool, most: int | None = None) -> Retry:
        """Return the retries of a new request: as many as the run allows, and at most ``most``."""
        limit = self._client.retries if most is None else min(most, self._client.retries)
        return Retry(limit, repeatable, self._gate, spacing=quota_of(action).spacing)

    def room(self, wanted: int) -> int:
        """Return how many stream entries a request may carry that goes now, 0 where none may go."""
        if self._client.halted is not None or len(self._in_flight) >= self._workers.capacity:
            return 0
        return self._gate.room(wanted)

    def send(self, request: Request) -> None:
        """Send a request. Only after ``room`` said that it may go."""
        self._gate.enter(request.units)
        # What must not be repeated takes no kept connection, which may be dead by now.
        fresh = not request.retry.repeatable
        attempt = self._client.new_attempt(request.action, request.parameters, request.body, fresh=fresh)
        # The worker gets what is immutable, and nothing else: no job, no gate, no ledger.
        future = self._workers.submit(self._client.sender.send, attempt, len(self._in_flight))
        self._in_flight[future] = request, attempt

    def answers(self, due_in: float | None) -> list[Answered]:
        """Wait for answers, but no longer than until the job's next request may go; return what came.

        ``due_in``: seconds until the job has something to send, None where it waits for answers only.
        """
        self._client.check_interrupt()
        seconds = self._longest_wait(due_in)
        if self._in_flight:
            # All of them are learned from before the job sends the next request.
            return [self._take(future) for future in self._gate.wait_for(self._in_flight, seconds)]
        if self._client.halted is None:
            self._gate.sleep(seconds)
        return []

    def _longest_wait(self, due_in: float | None) -> float:
        opens_in = self._gate.opens_in()
        # Only an answer can change anything here, and an answer ends the wait at any time.
        if due_in is None or opens_in is None or len(self._in_flight) >= self._workers.capacity:
            return ATTENTION
        return min(ATTENTION, max(due_in, opens_in, 0.0))

    def _take(self, future: Future[Exchange]) -> Answered:
        """Learn from one attempt, and decide whether its request is sent again."""
        request, attempt = self._in_flight.pop(future)
        exchange = future.result()
        outcome, retry, client = exchange.outcome, request.retry, self._client
        # This comes first: whether and when this request goes again depends on the new pace and on the corrected clock.
        clock_corrected = client.learn(attempt, exchange)
        retry.attempts += 1
        if not isinstance(outcome, ZegoError):
            self._gate.leave(request.units, answered=True)
            reply = Reply(
                outcome.data, outcome.request_id, retry.attempts, retry.maybe_done, attempt.sent_at, outcome.message
            )
            return Answered(request.ticket, reply, None)
        self._gate.leave(request.units, outcome.answered)
        origin = request.ticket if request.origin is None else request.origin
        client.check_breaker(outcome, request.ticket, origin)
        retry_in = retry.delay_after(outcome, exchange.retry_after, clock_corrected)
        if retry_in is None:
            client.give_up(outcome, origin, several=request.origin is not None, alone=request.units == 1)
        # Once the run is over, nothing is sent again, even what could be.
        if retry_in is None or client.halted is not None:
            return Answered(request.ticket, retry.final(outcome), None)
        return Answered(request.ticket, outcome, retry_in)
