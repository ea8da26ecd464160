# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The job: streams in, one outcome a stream out. Batches them, isolates the bad ones, remembers the good ones."""

from __future__ import annotations

import time
from typing import Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import Reply, ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Internal, RefusedForContent, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import Lane, Request
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import backoff
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State, latest_end
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes
from ansible_collections.zego.cloud.plugins.module_utils._recording.batches import Batch, Queue, Task, query_bytes
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import Again, Outcome
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict, verdicts_of_reply
from ansible_collections.zego.cloud.plugins.module_utils._values import printable

# After so many further errors, what is in flight at the end of a broken run is given up.
MOST_FAILURES = 10
# Streams in a request, to begin with.
BATCH_SIZE = 20
LEDGER_ADVICE = "Repair the ledger, set ledger to another one, or set ledger_required=false."
ACTIONS = {"stop": "StopCDNRecord", "start": "StartCDNRecord"}


class Order(NamedTuple):
    """What is to be done, the same for every stream. ``verb``: 'stop' or 'start'; ``end_time``: Unix seconds."""

    vendor: str
    verb: str
    domain: str | None = None
    point: str | None = None
    end_time: int | None = None
    environment: Environment = PRODUCTION
    force: bool = False
    # No maximum is documented; sibling actions allow 10 to 100 names. A batch that is too large is halved.
    batch_size: int = BATCH_SIZE
    # Whether batches grow as long as all goes well.
    batches_grow: bool = False
    not_recording_codes: frozenset[str] = frozenset()
    # Whether to send no start that cannot be remembered.
    ledger_required: bool = False
    # Whether a stop fails where the vendor knows of no recording, and this machine remembers no stop.
    expect_recording: bool = False

    def parameters(self) -> Parameters:
        """Return the request's parameters beside its streams."""
        given = {"Vendor": self.vendor, "Domain": self.domain, "Point": self.point, "EndTime": self.end_time}
        return [*((name, value) for name, value in given.items() if value), *self.environment.parameters]


class StreamResult(NamedTuple):
    """What became of one stream: its outcome, and how many requests carried it.

    ``stopped_at``: until when it was recorded at least, in Unix seconds of the API's clock; None where nobody
    knows; ``was_running``: whether this machine remembered a recording before.
    """

    stream: str
    outcome: Outcome
    attempts: int
    stopped_at: float | None = None
    was_running: bool = False


def expected_results(
    order: Order, ledger: Ledger, streams: list[str], refused: dict[str, str] | None = None
) -> list[StreamResult]:
    """Return what a ``RecordingJob`` is expected to do, without sending or remembering anything."""
    memories = ledger.load([stream for stream in streams if not refused or stream not in refused])
    results, now = [], ledger.now()
    for stream in streams:
        memory = memories.get(stream)
        if refused and stream in refused:
            outcome = outcomes.refused(refused[stream])
        else:
            outcome = outcomes.expected_outcome(order.vendor, order.verb, memory, now=now, force=order.force)
        results.append(StreamResult(stream, outcome, 0, was_running=_was_running(memory, now)))
    return results


def _was_running(memory: Memory | None, now: float) -> bool:
    return memory is not None and memory.running_at(now)


def _leaves_open(outcome: Reply | ZegoError) -> bool:
    """Tell whether a request that ended so may have been carried out."""
    return isinstance(outcome, ZegoError) and not outcome.nothing_began


class RecordingJob:
    """Stops or starts the recordings of ``streams`` (distinct names), as ``order`` says.

    ``refused``: why streams cannot be sent, by name; ``retries``: how often one stream is sent again for a vendor's
    internal error or a missing entry; ``url_bytes``: the length of the API's address; ``warn`` takes warnings for the
    user.
    """

    def __init__(
        self,
        client: ZegoClient,
        ledger: Ledger,
        order: Order,
        *,
        streams: list[str],
        refused: dict[str, str] | None = None,
        retries: int = 4,
        url_bytes: int = 0,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._client = client
        self._gate = client.gate
        self._ledger = ledger
        self._order = order
        self._retries = retries
        self._warn = warn
        self._action = ACTIONS[order.verb]
        self._parameters = order.parameters()
        self._tasks = [Task(stream) for stream in streams]
        fixed_bytes = url_bytes + query_bytes(self._parameters)
        self._queue = Queue(
            (), order.batch_size, fixed_bytes, clock=self._gate.clock, grows=order.batches_grow and order.verb == "stop"
        )
        self._unrequested: list[str] = []
        # Streams whose stop a start of another run may follow.
        self._crossed: list[str] = []
        self._refused = refused or {}
        self._memories = ledger.load([stream for stream in streams if stream not in self._refused])

    def run(self) -> list[StreamResult]:
        """Stop or start them, and return one result for each stream, in the order asked."""
        # Memory decides some starts, which are not sent at all. It never decides a stop: a stop is always sent.
        for task in self._tasks:
            if task.stream in self._refused:
                # One bad name does not keep the others from being sent.
                task.outcome = outcomes.refused(self._refused[task.stream])
            elif self._is_unreadable(task.stream):
                task.outcome = outcomes.refused(f"Its row in the ledger cannot be read. {LEDGER_ADVICE}")
            else:
                task.outcome = self._recall(self._memories.get(task.stream))
        self._queue.put_back([task for task in self._tasks if task.outcome is None])
        with Lane(self._client) as lane:
            try:
                self._work(lane)
            except Exception as error:  # pylint: disable=broad-except
                self._end_early(lane, Internal(error))
        self._ledger.close(self._client.api_time())
        if self._unrequested:
            self._warn(f"The API answered for streams that were not asked for: {', '.join(self._unrequested[:5])}.")
        if self._crossed:
            some = ", ".join(map(printable, self._crossed[:5]))
            self._warn(f"Starts of another run may be carried out after these stops. To be sure, stop again: {some}.")
        return [self._result(task) for task in self._tasks]

    def _work(self, lane: Lane) -> None:
        while self._queue or lane:
            if self._client.halted is not None:
                self._abandon()
            self._send_due(lane)
            for batch, outcome, retry_in in lane.answers(self._queue.due_in()):
                batch.is_exhausted = retry_in is None
                if retry_in is None or self._is_stumbled_over(batch, outcome):
                    self._settle(batch, outcome)
                else:
                    self._postpone(batch, outcome, retry_in)

    def _is_stumbled_over(self, batch: Batch, outcome: Reply | ZegoError) -> bool:
        """Tell whether a batch met silence twice while the API answered others: one of its streams may be the cause."""
        if isinstance(outcome, Reply) or outcome.answered or not outcome.isolates:
            return False
        answers_before, batch.answers_before = batch.answers_before, self._client.answers
        is_up = answers_before is not None and self._client.answers > answers_before
        return is_up and self._order.verb == "stop" and len(batch.tasks) > 1

    def _end_early(self, lane: Lane, problem: Internal) -> None:
        """Something was raised that nobody expected: take the answers in flight, and give every stream an outcome."""
        self._client.halt(problem)
        failures = 0
        while lane and failures < MOST_FAILURES:
            try:
                for batch, outcome, _retry_in in lane.answers(None):
                    self._settle(batch, outcome)
            except Exception:  # pylint: disable=broad-except
                # Whatever it was about has no outcome then, and gets one below.
                failures += 1
        left = [task for task in self._tasks if task.outcome is None]
        for task in left:
            self._fail(task, problem if task.attempts else self._client.not_attempted())
        try:
            self._remember(left)
        except Exception:  # pylint: disable=broad-except
            # Their outcomes are worth more than their memories: a claim and a mark that stay are on the safe side.
            self._warn("What became of the streams in flight could not be remembered.")

    def _result(self, task: Task) -> StreamResult:
        # Ansible's sanity tests allow no assert in plugins.
        if task.outcome is None:
            raise AssertionError("a stream left the queue without an outcome")
        stopped_at = self._stopped_at(task, task.outcome)
        was_running = _was_running(self._memories.get(task.stream), self._ledger.now())
        return StreamResult(task.stream, task.outcome, task.attempts, stopped_at, was_running)

    def _stopped_at(self, task: Task, outcome: Outcome) -> float | None:
        """Return when a recording was stopped: when the request was sent that stopped it, by this run or before."""
        if outcome.name == outcomes.STOPPED:
            return task.sent_at + self._client.seconds_ahead
        memory = self._memories.get(task.stream)
        # Without a memory of our own stop nobody knows when the recording ended.
        if outcome.name != outcomes.ALREADY_STOPPED or memory is None or memory.state != State.STOPPED:
            return None
        return memory.since - self._ledger.ahead() + self._client.seconds_ahead

    def _recall(self, memory: Memory | None) -> Outcome | None:
        order = self._order
        return outcomes.recall(order.vendor, order.verb, memory, now=self._ledger.now(), force=order.force)

    def _is_unreadable(self, stream: str) -> bool:
        """Tell whether a start would be blind although the user wants none of these."""
        order = self._order
        return order.verb == "start" and order.ledger_required and stream in self._ledger.unreadable

    def _send_due(self, lane: Lane) -> None:
        """Send what may go now."""
        # No place in the quota is reserved for nothing.
        while self._queue.due_in() == 0 and (room := lane.room(self._queue.next_size())):
            batch = self._queue.take(room)
            if batch is None:
                return
            if self._order.verb == "start":
                self._claim(batch)
            else:
                self._look_again(batch)
            # Other runs have claimed them all, or nothing can be claimed.
            if not batch.tasks:
                self._queue.settled(batch)
                continue
            if batch.retry is None:
                # Where its whole batch has used up its retries, one is enough to see whether this part is at fault.
                most = 1 if batch.parent is not None and batch.parent.is_exhausted and not batch.too_large else None
                # A stop may always be repeated; a start would become a second, paid recording.
                batch.retry = lane.new_retry(self._action, repeatable=self._order.verb == "stop", most=most)
            for task in batch.tasks:
                # Counted before it is sent: even if the run ends before the answer, it is not 'not attempted'.
                task.attempts += 1
                # Where an earlier request may have stopped it, the recording may have ended then.
                if not task.maybe_done:
                    task.sent_at = time.time()
            parameters = self._parameters + [("StreamId[]", task.stream) for task in batch.tasks]
            lane.send(Request(self._action, parameters, batch.retry, batch, len(batch.tasks), origin=batch.origin))

    def _look_again(self, batch: Batch) -> None:
        """Read the memories of a stop's streams right before it is sent."""
        names = [task.stream for task in batch.tasks]
        found = self._ledger.begin_stops(names)
        if self._ledger.problem:
            # What was read at the beginning is all that there is.
            return
        for name in names:
            self._memories.pop(name, None)
        self._memories.update(found)

    def _claim(self, batch: Batch) -> None:
        """Mark the streams of a start as starting before it is sent.

        If this run is killed while a start is in flight, the next run does not send it again. Of two runs at once, only
        one gets a stream.
        """
        written_by_others = self._ledger.claim([task.stream for task in batch.tasks], self._order.end_time)
        if self._order.ledger_required and self._ledger.problem:
            self._client.halt(ZegoError(self._ledger.problem, LEDGER_ADVICE))
            self._queue.put_back(batch.tasks)
            batch.tasks = []
            return
        for task in batch.tasks[:]:
            if task.stream not in written_by_others:
                continue
            # What is decided by the answer, or put back after a refusal, is what was true right before the start.
            memory = written_by_others[task.stream]
            self._memories.pop(task.stream, None)
            if memory is not None:
                self._memories[task.stream] = memory
            # None with force, and at vendors that recognize a repeated start: another run's claim does not count there.
            outcome = self._recall(memory)
            if outcome is not None:
                is_starting = memory is not None and memory.state == State.STARTING
                task.outcome = outcomes.started_by_another_run(outcome) if is_starting else outcome
                batch.tasks.remove(task)

    def _postpone(self, batch: Batch, outcome: Reply | ZegoError, delay: float) -> None:
        """Send the same batch again, not before ``delay`` seconds from now."""
        for task in batch.tasks:
            task.uncertain = task.uncertain or _leaves_open(outcome)
            # A lost answer leaves a mark: if the next attempt finds nothing to stop, the lost one most likely did.
            # On each stream, not on the batch: the next attempt may have to leave some of them to a later one.
            task.maybe_done = task.maybe_done or (batch.retry is not None and batch.retry.maybe_done)
        if isinstance(outcome, ZegoError) and not outcome.answered:
            self._queue.fell_short(batch)
        self._queue.put_back([batch], delay)

    def _abandon(self) -> None:
        """The run is over: what was not sent ends here."""
        for batch in self._queue.drain():
            error: ZegoError = self._client.not_attempted()
            if batch.retry is not None:
                # This batch was sent, and waited for its next attempt: it ends with the error of its last one.
                error = batch.retry.final(error)
            elif batch.parent is not None and batch.parent.error is not None:
                # It was sent as a part of another.
                error = batch.parent.error
            for task in batch.tasks:
                self._fail(task, error)
            self._remember(batch.tasks)

    def _fail(self, task: Task, error: ZegoError) -> None:
        outcome = outcomes.from_error(self._order.vendor, self._order.verb, error)
        task.uncertain = task.uncertain or _leaves_open(error)
        if outcome.name == outcomes.NOT_ATTEMPTED and task.attempts:
            # What was sent is never 'not attempted', even where its last batch was not.
            outcome = outcome._replace(name=outcomes.FAILED)
        task.outcome = outcome

    def _settle(self, batch: Batch, outcome: Reply | ZegoError) -> None:
        """Decide for each stream of a batch that is not sent again as it is."""
        self._queue.settled(batch)
        if isinstance(outcome, Reply):
            self._queue.accepted(batch)
            self._settle_reply(batch, outcome)
        elif not self._sent_in_parts(batch, outcome):
            for task in batch.tasks:
                self._fail(task, outcome)
        self._remember(batch.tasks)

    def _sent_in_parts(self, batch: Batch, error: ZegoError) -> bool:
        """One bad stream must not fail its neighbours: send a failed batch in parts. Returns whether that is done."""
        if len(batch.tasks) == 1 or not error.isolates:
            return False
        is_common = self._client.is_common(error)
        # Nothing says that a refused batch of starts is refused as a whole. So each stream is sent alone, and once, and
        # only where the refusal says that none of them has begun.
        if self._order.verb == "start" and (error.maybe_done or not error.nothing_began):
            if is_common:
                self._client.halt(error)
            return False
        if self._client.halted is not None:
            return False
        batch.error = error
        if self._order.verb == "stop":
            for task in batch.tasks:
                task.uncertain = task.uncertain or _leaves_open(error)
                task.maybe_done = task.maybe_done or error.maybe_done
        if is_common and not self._queue.is_probing():
            # One bad stream in each batch looks like a refusal of everything.
            probes, batch = batch.probes()
            self._queue.probe(probes)
        if self._order.verb == "start":
            self._queue.isolate(batch.singles())
        elif isinstance(error, RefusedForContent):
            self._queue.split(batch)
        else:
            self._queue.isolate(batch.halves())
        return True

    def _settle_reply(self, batch: Batch, reply: Reply) -> None:
        """Code 0 says nothing about a stream: each stream's own verdict decides."""
        order = self._order
        verdicts, unrequested = verdicts_of_reply(
            order.vendor,
            order.verb,
            reply.data,
            streams=[task.stream for task in batch.tasks],
            # They explain a stop. To a start, 'not recording' would be a refusal, after which it is sent again.
            absent_codes=order.not_recording_codes if order.verb == "stop" else frozenset(),
            environment=order.environment,
        )
        # Only a warning: an entry for another stream never counts for one that we asked for.
        self._unrequested.extend(unrequested)
        throttled = again = 0
        for task in batch.tasks:
            decision = self._decide(task, verdicts[task.stream], reply.request_id)
            if isinstance(decision, Again):
                again += 1
                throttled += decision.paced
                self._try_again(task, decision, reply.request_id)
            else:
                task.outcome = decision
        # What is throttled teaches the pace of streams; anything else that was answered is progress.
        self._gate.learn(reply.sent_at, len(batch.tasks) - throttled, throttled)
        if any(verdict.meaning == codes.MISSING for verdict in verdicts.values()):
            self._queue.fell_short(batch)
        elif not again:
            self._queue.passed(batch)

    def _decide(self, task: Task, verdict: Verdict, request_id: str | None) -> Outcome | Again:
        vendor, memory, now = self._order.vendor, self._memories.get(task.stream), self._ledger.now()
        if self._order.verb == "start":
            return outcomes.decide_start(vendor, verdict, memory, now=now, request_id=request_id)
        decision = outcomes.decide_stop(
            vendor,
            verdict,
            memory,
            now=now,
            maybe_done=task.maybe_done,
            request_id=request_id,
            expect_recording=self._order.expect_recording,
        )
        # A stream whose entry is missing, or of which one format was stopped, may well have been stopped.
        task.maybe_done = task.maybe_done or verdict.partly or verdict.meaning == codes.MISSING
        task.uncertain = task.uncertain or not outcomes.is_refusal(vendor, verdict)
        return decision

    def _try_again(self, task: Task, again: Again, request_id: str | None) -> None:
        delay = again.delay
        # A Huawei start right after a stop is neither paced nor counted: HUAWEI_SETTLE_SECONDS bound its waits.
        give_up = again.paced and self._is_out_of_patience(again)
        # Throttling is bounded by patience, everything else by the number of retries.
        if again.counted:
            give_up = task.retries >= self._retries
            delay = backoff(task.retries, self._gate.rng)
            task.retries += 1
        if not give_up:
            self._queue.put_back([task], delay)
            return
        vendor, memory = self._order.vendor, self._memories.get(task.stream)
        if self._order.verb == "stop":
            maybe_done = task.maybe_done and again.verdict.meaning != codes.MISSING
            message = outcomes.explain_stop(
                vendor, again.verdict, memory, now=self._ledger.now(), maybe_done=maybe_done
            )
        else:
            message = outcomes.explain_verdict(vendor, again.verdict)
        task.outcome = Outcome(outcomes.FAILED, outcomes.verdict_details(again.verdict, request_id, message))

    def _is_out_of_patience(self, again: Again) -> bool:
        vendor, code = self._order.vendor, again.verdict.code
        advice = codes.ADVICE["throttled"].format(vendor=vendor)
        return self._client.check_patience(ZegoError(f"{vendor} answered {code}", advice, code))

    def _is_absent(self, task: Task) -> bool:
        """Tell whether a stop failed because the vendor knows of no recording, and one was expected."""
        details = task.outcome.details if task.outcome else {}
        return self._order.verb == "stop" and details.get("evidence") == outcomes.VENDOR

    def _remember(self, tasks: list[Task]) -> None:
        """Write what became of these streams to the ledger."""
        done: dict[str, Memory | None] = {}
        undone: dict[str, Memory | None] = {}
        by_name = {task.stream: task for task in tasks}
        for name, task in by_name.items():
            if self._did_nothing(task):
                undone[name] = self._memories.get(name)
            elif task.attempts:
                done[name] = self._memory_of(task)
        self._ledger.undo(undone)
        for name in self._ledger.settle(done):
            task = by_name[name]
            if task.outcome is not None:
                task.outcome = outcomes.contradicted(self._order.vendor, self._order.verb, task.outcome)
        for name in filter(self._ledger.may_be_crossed, by_name):
            outcome = by_name[name].outcome
            if outcome is not None and outcome.name in (outcomes.STOPPED, outcomes.ALREADY_STOPPED):
                by_name[name].outcome = outcomes.maybe_crossed(outcome)
                self._crossed.append(name)

    def _did_nothing(self, task: Task) -> bool:
        """Tell whether a request for this stream left everything as it was."""
        name = None if task.outcome is None else task.outcome.name
        if name not in (None, outcomes.FAILED, outcomes.NOT_ATTEMPTED) or self._is_absent(task):
            return False
        # A failed start was refused; where that is not certain, it is 'unknown'. A failed stop may have stopped it.
        return self._order.verb == "start" or not (task.maybe_done or task.uncertain)

    def _end_of(self, before: Memory | None, now: float) -> float | None:
        """Return when what this start began ends by itself, and what may have been recording before it as well."""
        return latest_end(before, Memory(State.RUNNING, now, self._order.end_time))

    def _memory_of(self, task: Task) -> Memory | None:
        """Return what to remember of a stream that was sent, None where that is nothing."""
        before, now = self._memories.get(task.stream), self._ledger.now()
        name = None if task.outcome is None else task.outcome.name
        if name == outcomes.STOPPED:
            return Memory(State.STOPPED, now)
        if name in (outcomes.STARTED, outcomes.ALREADY_STARTED):
            task_id = task.outcome.details.get("task_id") if task.outcome else None
            return Memory(State.RUNNING, now, self._end_of(before, now), task_id)
        if name == outcomes.ALREADY_STOPPED or self._is_absent(task):
            # Nothing is being recorded: a memory that says otherwise is out of date. That of our own stop stays as it
            # is, since ledger_ttl counts from that stop.
            return before if before is not None and before.state == State.STOPPED else None
        if self._order.verb == "start":
            # It may be recording: the next run must not send it again.
            return Memory(State.UNCERTAIN, now, self._end_of(before, now))
        # A stop that failed. Of what was remembered as running nobody knows any more; all else is as it was.
        if before is not None and before.state in (State.RUNNING, State.STARTING, State.STOPPING):
            return Memory(State.STOPPING, now, before.until)
        return before
