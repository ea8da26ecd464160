# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sends many requests side by side. One thread decides what goes when; the others do nothing but wait for answers."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Iterator, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api import actions
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient, _Sent
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import Answer
from ansible_collections.zego.cloud.plugins.module_utils._api.retry import Attempts

WORKERS = 32
# Seconds after which the job looks up from its waiting, to see whether it was interrupted.
ATTENTION = 0.5


class Request(NamedTuple):
    """One attempt. ``load``: what the job sends along, handed back with the answer; ``units``: stream entries it carries."""

    action: str
    parameters: list[tuple[str, Any]]
    retry: Attempts
    load: Any
    units: int = 1
    body: dict[str, Any] | None = None


class Answered(NamedTuple):
    """What came back. ``again``: seconds after which the same may be sent again, None where this is the end of it."""

    load: Any
    outcome: Any
    again: float | None


class Lane:
    """The way to the API for one job. Use it as a context manager."""

    def __init__(self, client: ZegoClient) -> None:
        self._client = client
        self._gate = client.turnstile
        self._pool = ThreadPoolExecutor(max_workers=WORKERS)
        self._in_flight: dict[Future[Any], tuple[Request, _Sent]] = {}

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, *_exception: Any) -> None:
        self._pool.shutdown()

    def __bool__(self) -> bool:
        return bool(self._in_flight)

    def retry(self, action: str, repeatable: bool) -> Attempts:
        """Return the retry policy of one request."""
        return Attempts(self._client._retries, repeatable, self._gate, actions.facts(action).spacing)

    def room(self, wanted: int) -> int:
        """Return how many stream entries a request may carry that goes now, 0 where none may."""
        if self._client.halted is not None or len(self._in_flight) >= WORKERS:
            return 0
        opening = self._gate.opens_in()
        return self._gate.streams.fitting(wanted) if opening is not None and opening <= 0 else 0

    def send(self, request: Request) -> None:
        """Put a request under way. Only after ``room`` said so."""
        self._gate.enter(request.units)
        self._client.requests_sent += 1
        sent = _Sent(self._gate.clock(), self._client._clock_offset or 0)
        self._in_flight[
            self._pool.submit(self._client._attempt, request.action, request.parameters, sent, request.body)
        ] = (request, sent)

    def answers(self, due_in: float | None) -> Iterator[Answered]:
        """Wait for answers, no longer than until something else is due; yield what came."""
        self._client.heed_interrupt()
        opening = self._gate.opens_in()
        limits = [ATTENTION] + (
            [max(due_in, opening or 0.0)]
            if due_in is not None and opening is not None and len(self._in_flight) < WORKERS
            else []
        )
        if not self._in_flight:
            if self._client.halted is None:
                self._gate.sleep(min(limits))
            return
        for future in self._gate.wait_for(self._in_flight, min(limits)):
            request, sent = self._in_flight.pop(future)
            yield self._take(request, sent, future.result())

    def _take(self, request: Request, sent: _Sent, outcome: Any) -> Answered:
        client, retry = self._client, request.retry
        client._learn(outcome, sent)
        self._gate.leave(request.units, not isinstance(outcome, (NotSent, AnswerLost)))
        retry.attempts += 1
        if isinstance(outcome, Answer):
            return Answered(
                request.load,
                Reply(outcome.data, outcome.request_id, retry.attempts, retry.answer_lost, sent.at, outcome.message),
                None,
            )
        client._check_outage(outcome)
        delay = retry.delay_after(outcome)
        if delay is None:
            client._give_up(outcome)
        if delay is None or client.halted is not None:
            return Answered(request.load, retry.ended(outcome), None)
        return Answered(request.load, outcome, delay)
