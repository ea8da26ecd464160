# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The job: streams in, one outcome a stream out. Batches them, isolates the bad ones, remembers the good ones."""

from __future__ import annotations

import time
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _ledger
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import RefusedForContent, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import Lane, Request
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import backoff
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes as _outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.batches import Batch, Queue, Task, query_bytes
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import Again, Outcome
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import ADVICE, ANSWERS_REPEATED_START
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import parse

ACTIONS = {"stop": "StopCDNRecord", "start": "StartCDNRecord"}


class Order(NamedTuple):
    """What is to be done, the same for every stream. ``verb``: 'stop' or 'start'; ``end_time``: Unix seconds."""

    vendor: str
    verb: str
    domain: str | None = None
    point: str | None = None
    end_time: int | None = None
    is_test: bool = False
    test_prefix: str = ""
    force: bool = False
    batch_size: int = 20
    not_recording_codes: frozenset[str] = frozenset()

    def parameters(self) -> list[tuple[str, Any]]:
        """Return the request's parameters beside its streams."""
        given = {"Vendor": self.vendor, "Domain": self.domain, "Point": self.point, "EndTime": self.end_time}
        if self.is_test:
            given["IsTest"] = "true"
        return [(name, value) for name, value in given.items() if value]


class StreamResult(NamedTuple):
    """The end of one stream's way: its outcome, and how many requests carried it."""

    stream: str
    outcome: Outcome
    attempts: int


def predict(order: Order, memories: dict[str, _ledger.Memory], streams: list[str]) -> list[StreamResult]:
    """Return what a ``RecordingJob`` is expected to do, without sending or remembering anything."""
    now = time.time()
    outcomes = [
        _outcomes.predict(order.vendor, order.verb, memories.get(stream), now, order.force) for stream in streams
    ]
    return [StreamResult(stream, outcome, 0) for stream, outcome in zip(streams, outcomes)]


class RecordingJob:
    """Stops or starts the recordings of ``streams`` (distinct names), as ``order`` says.

    ``retries``: how often one stream is sent again for a vendor's internal error or a missing entry; ``url_bytes``: the length of the
    address; ``warn`` takes warnings for the user.
    """

    def __init__(
        self,
        client: ZegoClient,
        ledger: _ledger.Ledger,
        order: Order,
        streams: list[str],
        retries: int = 4,
        url_bytes: int = 0,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._client = client
        self._turnstile = client.turnstile
        self._ledger = ledger
        self._order = order
        self._retries = retries
        self._warn = warn
        self._action = ACTIONS[order.verb]
        self._parameters = order.parameters()
        self._tasks = [Task(stream) for stream in streams]
        self._queue = Queue((), order.batch_size, url_bytes + query_bytes(self._parameters), self._turnstile.clock)
        self._strangers: list[str] = []
        self._memories = ledger.load(streams)

    def run(self) -> list[StreamResult]:
        """Do it, and return one result a stream, in the order asked."""
        order, now = self._order, time.time()
        for task in self._tasks:
            task.outcome = _outcomes.recall(order.vendor, order.verb, self._memories.get(task.stream), now, order.force)
        self._queue.put_back([task for task in self._tasks if task.outcome is None])
        with Lane(self._client) as lane:
            while self._queue or lane:
                if self._client.halted is not None:
                    self._abandon()
                self._fill(lane)
                for batch, answer, again in lane.answers(self._queue.due_in()):
                    if again is None:
                        self._settle(batch, answer)
                    else:
                        self._postpone(batch, again)
        self._ledger.close()
        if self._strangers:
            self._warn(f"The API answered for streams that were not asked for: {', '.join(self._strangers[:5])}.")
        return [StreamResult(task.stream, task.outcome, task.attempts) for task in self._tasks]

    def _fill(self, lane: Lane) -> None:
        """Send what may go now."""
        while room := lane.room(self._queue.size):
            batch = self._queue.take(room)
            if batch is None:
                return
            if self._order.verb == "start":
                self._claim(batch)
            if not batch.tasks:
                continue
            batch.retry = batch.retry or lane.retry(self._action, self._order.verb == "stop")
            for task in batch.tasks:
                task.attempts += 1
            parameters = self._parameters + [("StreamId[]", task.stream) for task in batch.tasks]
            lane.send(Request(self._action, parameters, batch.retry, batch, len(batch.tasks)))

    def _postpone(self, batch: Batch, delay: float) -> None:
        """The whole request may be sent again."""
        for task in batch.tasks:
            task.touched = task.touched or batch.retry.answer_lost
        self._queue.put_back([batch], delay)

    def _abandon(self) -> None:
        """The client gave up: what was not sent ends here."""
        for batch in self._queue.drain():
            error = self._client.not_attempted()
            error = batch.retry.ended(error) if batch.retry else error
            for task in batch.tasks:
                self._fail(task, error)
            self._remember(batch.tasks)

    def _fail(self, task: Task, error: ZegoError) -> None:
        outcome = _outcomes.from_error(self._order.vendor, self._order.verb, error)
        sent_before = outcome.name == _outcomes.NOT_ATTEMPTED and task.attempts > 0
        task.outcome = outcome._replace(name=_outcomes.FAILED) if sent_before else outcome

    def _claim(self, batch: Batch) -> None:
        """A run that is killed while its start is under way must not let the next one send it again, and of two at once only one may."""
        taken = self._ledger.claim([task.stream for task in batch.tasks])
        if self._order.force or self._order.vendor in ANSWERS_REPEATED_START:
            return
        for task in [task for task in batch.tasks if task.stream in taken]:
            task.outcome = _outcomes.recall(self._order.vendor, "start", taken[task.stream], time.time(), False)
            batch.tasks.remove(task)

    def _settle(self, batch: Batch, answer: Any) -> None:
        """Take over what became of one batch."""
        for task in batch.tasks:
            task.touched = task.touched or answer.answer_lost
        if isinstance(answer, RefusedForContent) and len(batch.tasks) > 1:
            self._queue.split(batch)
        elif isinstance(answer, Reply):
            self._queue.accepted(batch)
            self._settle_reply(batch, answer)
        else:
            for task in batch.tasks:
                self._fail(task, answer)
        self._remember(batch.tasks)

    def _settle_reply(self, batch: Batch, reply: Reply) -> None:
        order = self._order
        streams = [task.stream for task in batch.tasks]
        verdicts, strangers = parse(
            order.vendor, order.verb, reply.data, streams, order.not_recording_codes, order.test_prefix
        )
        self._strangers.extend(strangers)
        throttled = 0
        for task in batch.tasks:
            decision = self._decide(task, verdicts[task.stream], reply.request_id)
            throttled += isinstance(decision, Again) and decision.paced
            if isinstance(decision, Again):
                self._try_again(task, decision, reply.request_id)
            else:
                task.outcome = decision
        self._turnstile.learn(reply.sent_at, len(batch.tasks) - throttled, throttled)

    def _decide(self, task: Task, verdict: Any, request_id: str | None) -> Outcome | Again:
        order, memory = self._order, self._memories.get(task.stream)
        if order.verb == "start":
            return _outcomes.decide_start(order.vendor, verdict, memory, time.time(), request_id)
        decision = _outcomes.decide_stop(order.vendor, verdict, memory, task.touched, request_id)
        # A stream whose entry is missing, or of which one format was stopped, may well have been stopped.
        task.touched = task.touched or verdict.partly or verdict.meaning == _outcomes.codes.MISSING
        return decision

    def _try_again(self, task: Task, again: Again, request_id: str | None) -> None:
        delay = again.delay
        exhausted = again.paced and self._is_out_of_patience(again)
        if again.counted:
            exhausted = task.retries >= self._retries
            delay = backoff(task.retries, self._turnstile.rng)
            task.retries += 1
        if exhausted:
            message = _outcomes.explain(self._order.vendor, again.verdict)
            task.outcome = Outcome(_outcomes.FAILED, _outcomes.facts_of(again.verdict, request_id, message))
        else:
            self._queue.put_back([task], delay)

    def _is_out_of_patience(self, again: Again) -> bool:
        vendor = self._order.vendor
        return self._client.lose_patience(
            ZegoError(
                f"{vendor} answered {again.verdict.code}", ADVICE["throttled"].format(vendor=vendor), again.verdict.code
            )
        )

    def _remember(self, tasks: list[Task]) -> None:
        now = time.time()
        notes = {task.stream: self._note(task, now) for task in tasks}
        self._ledger.write({stream: note[0] for stream, note in notes.items() if note})

    def _note(self, task: Task, now: float) -> tuple[_ledger.Memory | None] | None:
        """Return what to remember of a settled stream: (memory,), (None,) to forget it, None to leave it as it is."""
        before = self._memories.get(task.stream)
        # A start that was refused leaves things as they were before its mark.
        restored = (before,) if self._order.verb == "start" else None
        if task.outcome is None:
            return restored
        name = task.outcome.name
        if name == _outcomes.STOPPED:
            return (_ledger.Memory(_ledger.STOPPED, now),)
        if name in (_outcomes.STARTED, _outcomes.ALREADY_STARTED):
            return (_ledger.Memory(_ledger.RUNNING, now, self._order.end_time, task.outcome.facts.get("task_id")),)
        if name == _outcomes.ALREADY_STOPPED and before is not None and before.state != _ledger.STOPPED:
            return (None,)
        return restored if name == _outcomes.FAILED else None
