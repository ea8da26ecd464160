# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two machines, one or two ledgers, and a server that loses answers: whatever happens, and in whatever order, no stream
is called stopped that records, and no start is carried out twice.

A state machine of hypothesis: each step is a whole run of the job, against a model of the API and of a vendor.
"""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    DictStore,
    FakeLedger,
    failure,
    http,
    make_client,
    reply,
    streams_of,
    success,
)

STREAMS = ("a", "b", "c")
# A second start is a second recording at these two.
VENDORS = ("Tencent", "Ws")
CODES = {
    "absent": {"Tencent": "ResourceNotFound.TaskId", "Ws": 404},
    "throttled": {"Tencent": "RequestLimitExceeded", "Ws": 429},
    "internal": {"Tencent": "InternalError", "Ws": 503},
    "undocumented": {"Tencent": "FailedOperation", "Ws": 400},
}
# What may happen to one request.
REQUEST_FAULTS = (
    "nothing",
    "nothing",
    "lost before",
    "lost after",
    "not sent",
    "code 2",
    "code 6",
    "code 1000 before",
    "code 1000 after",
    "http 503 before",
    "http 503 after",
    "http 302",
    "no object",
    "another run before",
    "another run after",
)
# What may happen to one stream in it.
STREAM_FAULTS = (
    "nothing",
    "nothing",
    "nothing",
    "throttled",
    "internal before",
    "internal after",
    "undocumented before",
    "undocumented after",
    "missing before",
    "missing after",
    "twice",
)
STOPPED = ("stopped", "already_stopped")
STARTED = ("started", "already_started")


MACHINE = st.sampled_from((0, 1))
VERB = st.sampled_from(("stop", "start"))
SOME = st.lists(st.sampled_from(STREAMS), min_size=1, unique=True)
BATCH = st.sampled_from((1, 2, 20))


class Killed(BaseException):
    """What kill -9 does to a run: nothing of it goes on."""


class KillableStore(DictStore):
    """``kill_in``: how many more uses of the ledger this run lives to see, None for all."""

    kill_in = None

    def _count(self):
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in < 0:
                raise Killed

    def read(self, streams):
        self._count()
        return super().read(streams)

    def update(self, streams, decide):
        self._count()
        # It may also die between what it has written and what comes next.
        super().update(streams, decide)
        self._count()


def make_ledger(rows, kill_in=None):
    ledger = FakeLedger()
    ledger.store = KillableStore(rows)
    ledger.store.kill_in = kill_in
    ledger._open()
    return ledger


class Vendor:
    """What records: per stream the ledgers whose starts run. A stop ends all of them."""

    def __init__(self, name):
        self.name = name
        self.tasks = {stream: [] for stream in STREAMS}
        self.doubled = []

    def records(self, stream):
        return bool(self.tasks[stream])

    def work(self, verb, stream, who):
        """Carry out a start or a stop; return the entry of the reply."""
        tasks = self.tasks[stream]
        if verb == "start":
            if who in tasks:
                self.doubled.append(stream)
            tasks.append(who)
            return success(self.name, stream, "start")
        if not tasks:
            message = "task not found"
            return failure(self.name, stream, CODES["absent"][self.name], message)
        tasks.clear()
        return success(self.name, stream)

    def entry(self, verb, stream, who, fault):
        """Return the entries of a stream, one or none or two, and do the work or leave it."""
        kind, _space, when = fault.partition(" ")
        entry = None if when == "before" or kind == "throttled" else self.work(verb, stream, who)
        if kind == "missing":
            return []
        if kind in ("throttled", "internal", "undocumented"):
            return [failure(self.name, stream, CODES[kind][self.name], kind)]
        return [entry] * 2 if kind == "twice" else [entry]


class Machines(RuleBasedStateMachine):
    """``shared``: whether the machines have one ledger."""

    shared = True

    @initialize(vendor=st.sampled_from(VENDORS))
    def begin(self, vendor):
        self.vendor = Vendor(vendor)
        rows = {}
        self.rows = {0: rows, 1: rows if self.shared else {}}

    def _owner(self, machine):
        return 0 if self.shared else machine

    def _answering(self, machine, verb, faults, stream_faults):
        """The API as one run meets it. ``faults``: of its requests, in turn; ``stream_faults``: of streams, in turn."""
        faults, stream_faults = list(faults), list(stream_faults)

        def step(query):
            fault = faults.pop(0) if faults else "nothing"
            streams = streams_of(query)
            if fault == "not sent":
                raise NotSent("connection refused", "x")
            if fault in ("code 2", "code 6"):
                return reply(int(fault[-1]))
            if fault == "http 302":
                return http(302)
            if fault == "another run before" and self.shared:
                self._run(1 - machine, "start" if verb == "stop" else "stop", streams)
            entries = []
            if fault in ("another run before", "nothing") or not fault.endswith("before"):
                for stream in streams:
                    at_fault = stream_faults.pop(0) if stream_faults else "nothing"
                    entries += self.vendor.entry(verb, stream, self._owner(machine), at_fault)
            if fault == "another run after" and self.shared:
                self._run(1 - machine, "start" if verb == "stop" else "stop", streams)
            if fault.startswith("lost"):
                raise AnswerLost("connection reset", "x")
            if fault.startswith("code 1000"):
                return reply(1000)
            if fault.startswith("http 503"):
                return http(503)
            return http(200, "[]") if fault == "no object" else reply(0, {self.vendor.name: entries})

        return step

    def _run(self, machine, verb, streams, faults=(), stream_faults=(), kill_in=None, batch_size=20):
        """A whole run. Returns its outcomes, none where it was killed."""
        ledger = make_ledger(self.rows[machine], kill_in)
        client = make_client(self._answering(machine, verb, faults, stream_faults), retries=2, patience=5)
        order = Order(self.vendor.name, verb, batch_size=batch_size)
        try:
            results = RecordingJob(client, ledger, order, streams=list(streams), retries=2).run()
        except Killed:
            return {}
        assert [result.stream for result in results] == list(streams)
        return {result.stream: result.outcome.name for result in results}

    def _checked(self, *run):
        for stream, outcome in self._run(*run).items():
            if outcome in STOPPED:
                assert not self.vendor.records(stream), f"{stream} is {outcome}, and records"
            # A ledger that not everybody writes to may be out of date about a start.
            if outcome in STARTED and self.shared:
                assert self.vendor.records(stream), f"{stream} is {outcome}, and does not record"
        assert self.vendor.doubled == []

    @rule(machine=MACHINE, streams=SOME)
    def start(self, machine, streams):
        self._checked(machine, "start", streams)

    @rule(machine=MACHINE, streams=SOME)
    def stop(self, machine, streams):
        self._checked(machine, "stop", streams)

    @rule(machine=MACHINE, verb=VERB, streams=SOME, kill_in=st.integers(0, 6), batch_size=BATCH)
    def run_that_is_killed(self, machine, verb, streams, kill_in, batch_size):
        self._checked(machine, verb, streams, (), (), kill_in, batch_size)

    @rule(
        machine=MACHINE,
        verb=VERB,
        streams=SOME,
        faults=st.lists(st.sampled_from(REQUEST_FAULTS), min_size=1, max_size=4),
        batch_size=BATCH,
    )
    def run_whose_requests_fail(self, machine, verb, streams, faults, batch_size):
        self._checked(machine, verb, streams, faults, (), None, batch_size)

    @rule(
        machine=MACHINE,
        verb=VERB,
        streams=SOME,
        faults=st.lists(st.sampled_from(REQUEST_FAULTS), max_size=3),
        stream_faults=st.lists(st.sampled_from(STREAM_FAULTS), min_size=1, max_size=6),
        kill_in=st.one_of(st.none(), st.integers(0, 6)),
    )
    def run_with_all_of_it(self, machine, verb, streams, faults, stream_faults, kill_in):
        if kill_in is not None and verb == "stop":
            # A stop leaves no mark on a stream that nobody remembers: killed at the moment in which another run starts
            # that stream, it leaves the other's memory.
            faults = [fault for fault in faults if not fault.startswith("another run")]
        self._checked(machine, verb, streams, faults, stream_faults, kill_in)

    @precondition(lambda self: not self.shared)
    @rule(stream=st.sampled_from(STREAMS))
    def start_from_the_console(self, stream):
        self.vendor.tasks[stream].append("console")

    def teardown(self):
        """Whatever happened before, an undisturbed stop leaves nothing recording."""
        outcomes = self._run(0, "stop", STREAMS)
        assert not any(map(self.vendor.records, STREAMS))
        # No document says what Ws answers to the stop of what it does not record: there a person has to look once.
        assert set(outcomes.values()) <= {*STOPPED, *(("failed",) if self.vendor.name == "Ws" else ())}


class MachinesApart(Machines):
    """Each has a ledger of its own, and somebody starts recordings from the console."""

    shared = False


@pytest.mark.parametrize("machines", [Machines, MachinesApart])
def test_no_run_calls_a_recording_stopped_or_starts_one_twice(machines):
    most = max(120, settings().max_examples)
    run_state_machine_as_test(machines, settings=settings(stateful_step_count=10, max_examples=most))
