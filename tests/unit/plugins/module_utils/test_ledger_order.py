# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stop and a start of two runs that cross: the order of the events counts, and nobody takes that of the answers for
it."""

from __future__ import annotations

import contextlib
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State, crossed, latest_end
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    answering,
    failure,
    make_client,
    reply,
    success,
)

NOW = time.time()


@pytest.fixture
def make(tmp_path):
    def build():
        return Ledger(str(tmp_path / "ledger.sqlite3"), "1", "Tencent", ttl=3600, warn=pytest.fail)

    return build


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """A start may be on its way for a minute: on a slow machine this file was imported longer ago."""
    monkeypatch.setitem(globals(), "NOW", time.time())


def memory(state):
    return None if state is None else Memory(state, NOW)


@pytest.mark.parametrize(
    "done,found,expected",
    [
        ("stopped", "stopped", False),
        ("stopped", "running", True),
        ("stopped", "starting", True),
        ("running", "stopped", True),
        ("running", None, True),
        ("running", "running", False),
        ("starting", "running", False),
        ("starting", "stopped", True),
        (None, "running", True),
        (None, "stopped", False),
        (None, None, False),
        ("stopped", "uncertain", True),
        ("running", "uncertain", True),
        ("stopped", "stopping", False),
        (None, "stopping", False),
        ("running", "stopping", True),
        ("stopping", "starting", True),
        ("stopping", "stopped", False),
        ("stopping", "running", True),
        ("stopped", "crossed", True),
        ("running", "crossed", True),
    ],
)
def test_only_a_start_and_a_stop_contradict_each_other(done, found, expected):
    assert crossed(memory(done), memory(found)) is expected


# What two runs do to a stream. Each looks, then its request is carried out, then it writes what its answer said.
STEPS = ("look", "act", "write")


def _in_turn(order):
    """Tell whether each run does its steps in turn."""
    for run in ("stop", "start"):
        if tuple(step for name, step in order if name == run) != STEPS:
            return False
    return True


ORDERS = sorted(filter(_in_turn, itertools.permutations(itertools.product(("stop", "start"), STEPS))))


@pytest.mark.parametrize("before", [None, "stopped", "running", "starting"])
def test_in_whatever_order_two_runs_look_act_and_write_the_ledger_is_right_or_uncertain(make, before):
    """All twenty orders: what is remembered is what was carried out last, or nobody claims to know."""
    assert len(ORDERS) == 20
    for order in ORDERS:
        make().write({"a": memory(before)})
        runs, carried_out, contradictions = {"stop": make(), "start": make()}, [], []
        for run, step in order:
            ledger = runs[run]
            if (run, step) == ("start", "look"):
                ledger.load(["a"])
                ledger.claim(["a"])
            elif step == "look":
                ledger.load(["a"])
            elif step == "act":
                carried_out.append(run)
            else:
                done = Memory(State.STOPPED if run == "stop" else State.RUNNING, time.time())
                contradictions.append(bool(ledger.settle({"a": done})))
        state = make().load(["a"])["a"].state
        right = State.STOPPED if carried_out[-1] == "stop" else State.RUNNING
        assert state in (right, State.UNCERTAIN), (before, order, state)
        # Whoever writes last says so, and one run after the other leaves no doubt.
        assert (state == State.UNCERTAIN) == contradictions[-1]
        first = [run for run, step in order[:3]]
        if len(set(first)) == 1:
            assert state == right


def test_two_stops_and_two_starts_at_once_contradict_nobody(make):
    first, second = make(), make()
    for state in (State.STOPPED, State.RUNNING):
        first.load(["a"]), second.load(["a"])
        assert first.settle({"a": Memory(state, time.time())}) == set()
        assert second.settle({"a": Memory(state, time.time())}) == set()
        assert make().load(["a"])["a"].state == state


# What a stop may come to: it worked, there was nothing to stop, or nobody knows.
STOPS = ("stopped", None, "stopping")


@pytest.mark.parametrize("both_see_it_running", [True, False])
@pytest.mark.parametrize("ends", list(itertools.product(STOPS, STOPS)), ids=str)
def test_two_stops_of_a_recording_at_once_contradict_nobody(make, ends, both_see_it_running):
    """No start is between them: no stop may be called failed because of one, and no doubt may stay if one worked."""
    make().write({"a": Memory(State.RUNNING, NOW)})
    first, second = make(), make()
    if both_see_it_running:
        # The second looks right before the first leaves its mark.
        seen = second.load(["a"])
        first.begin_stops(["a"])
        second._mark(seen)
    else:
        first.begin_stops(["a"])
        second.begin_stops(["a"])
    assert make().load(["a"])["a"].state == State.STOPPING
    for ledger, end in zip((second, first), ends):
        assert ledger.settle({"a": None if end is None else Memory(end, time.time())}) == set()
    row = make().load(["a"]).get("a")
    expected = next((end for end in STOPS if end in ends), None)
    assert (row and row.state) == expected


def test_a_lost_start_does_not_hide_that_another_run_has_started_it(make):
    first, second = make(), make()
    first.load(["a"]), first.claim(["a"])
    second.write({"a": Memory(State.RUNNING, NOW, None, "task")})
    first.settle({"a": Memory(State.STARTING, NOW)})
    assert make().load(["a"])["a"].task == "task"


def test_a_refused_start_puts_back_only_its_own_claim(make):
    first, second = make(), make()
    first.write({"a": Memory(State.STOPPED, NOW), "b": Memory(State.STOPPED, NOW)})
    before = first.load(["a", "b"])
    first.claim(["a", "b"])
    second.write({"b": Memory(State.RUNNING, NOW)})
    first.undo(before)
    assert {name: row.state for name, row in make().load(["a", "b"]).items()} == {"a": "stopped", "b": "running"}


def test_an_uncertain_stream_is_certain_again_once_it_was_stopped(make):
    make().write({"a": Memory(State.UNCERTAIN, NOW)})
    ledger = make()
    assert ledger.load(["a"])["a"].state == "uncertain"
    assert ledger.settle({"a": Memory(State.STOPPED, NOW)}) == set()
    assert make().load(["a"])["a"].state == "stopped"


@given(st.lists(st.sampled_from([(run, step) for run in range(3) for step in STEPS]), max_size=20))
def test_three_runs_never_leave_what_was_not_carried_out_last(steps):
    """Runs 0 and 1 stop, run 2 starts; each does its steps in turn, again and again, in any mixture."""
    shared = FakeLedger()
    runs = [FakeLedger() for _run in range(3)]
    for ledger in runs:
        ledger.store.rows = shared.memories
    at, last = [0, 0, 0], None
    for run, _step in steps:
        ledger, step = runs[run], STEPS[at[run] % 3]
        at[run] += 1
        if step == "look":
            ledger.load(["a"])
            # Whatever is remembered: force=true.
            ledger.claim(["a"]) if run == 2 else None
        elif step == "act":
            last = run
        else:
            ledger.settle({"a": Memory(State.RUNNING if run == 2 else State.STOPPED, time.time())})
    in_flight = [run for run in range(3) if at[run] % 3 != 0]
    row = shared.memories.get("a")
    if last is not None and not in_flight:
        right = State.RUNNING if last == 2 else State.STOPPED
        assert row.state in (right, State.UNCERTAIN)


def _job(verb, ledger, vendor="Tencent", entry=None, warn=None, **order):
    client = make_client(answering(vendor, entry or (lambda stream: success(vendor, stream, verb))))
    told = {"warn": warn} if warn else {}
    return RecordingJob(client, ledger, Order(vendor, verb, **order), streams=["a", "b"], **told)


@pytest.mark.parametrize("state", ["running", "starting", "uncertain"])
def test_a_stop_that_a_start_crossed_is_failed_and_says_so(state):
    ledger = FakeLedger()
    ledger.store.meanwhile = {"a": Memory(state, NOW)}
    results = _job("stop", ledger).run()
    assert [result.outcome.name for result in results] == ["failed", "stopped"]
    told = results[0].outcome.details["message"]
    assert "a start of another run crossed" in told and "which came last is not known" in told
    assert "stop it again" in told
    left = "crossed" if state == "starting" else "uncertain"
    assert ledger.memories["a"].state == left and ledger.memories["b"].state == "stopped"
    # Its run tells at last how that start ended.
    ledger.memories["a"] = Memory("uncertain", NOW)
    # The next stop goes again, and ends the doubt.
    assert [result.outcome.name for result in _job("stop", ledger).run()] == ["stopped", "already_stopped"]


@pytest.mark.parametrize("vendor", ["Tencent", "Huawei"])
def test_a_start_that_a_stop_crossed_is_unknown_and_says_so(vendor):
    ledger = FakeLedger()

    def entry(stream):
        if stream == "a":
            # It was stopped after this start was claimed, and before its answer.
            ledger.memories["a"] = Memory("stopped", NOW)
        return success(vendor, stream, "start")

    results = _job("start", ledger, vendor, entry).run()
    assert [result.outcome.name for result in results] == ["unknown", "started"]
    assert "a stop of another run crossed" in results[0].outcome.details["message"]
    assert ledger.memories["a"].state == "uncertain"


def test_an_uncertain_start_is_not_sent_where_it_could_be_paid_twice():
    ledger = FakeLedger({"a": Memory("uncertain", NOW)})
    results = _job("start", ledger).run()
    assert [result.outcome.name for result in results] == ["unknown", "started"]
    assert results[0].attempts == 0 and "a start and a stop crossed" in results[0].outcome.details["message"]
    ledger = FakeLedger({"a": Memory("uncertain", NOW)})
    assert [result.outcome.name for result in _job("start", ledger, force=True).run()] == ["started", "started"]


def test_a_stop_remembers_what_was_started_between_its_beginning_and_its_request():
    """What is read right before the request decides: a start of that time is stopped, and that is a change."""
    ledger = FakeLedger({"a": Memory("stopped", NOW)})
    job = _job("stop", ledger)
    ledger.memories["a"] = Memory("running", NOW)
    results = job.run()
    assert [result.outcome.name for result in results] == ["stopped", "stopped"]
    assert ledger.memories["a"].state == "stopped"


def test_a_start_that_another_run_sends_is_left_to_it():
    ledger = FakeLedger()
    ledger.taken = {"a": Memory("starting", NOW)}
    results = _job("start", ledger).run()
    assert [result.outcome.name for result in results] == ["unknown", "started"]
    told = results[0].outcome.details["message"]
    assert "another run is starting it" in told and "lost" not in told


def test_a_start_whose_row_cannot_be_read_is_not_sent_where_the_ledger_is_required():
    for required, expected in ((True, "failed"), (False, "started")):
        ledger = FakeLedger()
        ledger.unreadable = {"a"}
        results = _job("start", ledger, ledger_required=required).run()
        assert [result.outcome.name for result in results] == [expected, "started"]


@pytest.mark.parametrize("age,expected", [(5, "crossed"), (120, "stopped")])
def test_a_stop_while_a_start_may_be_on_its_way_leaves_no_certainty(age, expected):
    """The run that sent the start may be killed, and its request carried out after this stop."""
    ledger = FakeLedger({"a": Memory("starting", time.time() - age)})
    warnings = []
    results = _job("stop", ledger, warn=warnings.append).run()
    assert results[0].outcome.name == "stopped" and ledger.memories["a"].state == expected
    # Whoever reads the result is told, too.
    told = "stop it again to be sure" in results[0].outcome.details.get("message", "")
    assert told == (expected == "crossed") == any("stop again: a." in text for text in warnings)
    assert "message" not in results[1].outcome.details


@pytest.mark.parametrize("looks_before", [True, False])
@pytest.mark.parametrize(
    "entry", [success("Tencent", "a"), failure("Tencent", "a", "ResourceNotFound.TaskId")], ids=str
)
def test_two_stops_do_not_end_the_doubt_about_a_start_that_is_on_its_way(entry, looks_before):
    """Its run was killed after it had sent it, and nobody tells when it is carried out. The next start would be paid
    twice."""
    claim = Memory("starting", time.time(), NOW + 7200)
    ledger = FakeLedger({} if looks_before else {"a": claim})

    def answer(query):
        ledger.memories.setdefault("a", claim)
        return reply(0, {"Tencent": [entry]})

    for _run in range(3):
        order = Order("Tencent", "stop")
        RecordingJob(make_client(answer), ledger, order, streams=["a"], warn=lambda text: None).run()
        assert ledger.memories["a"] == Memory("crossed", claim.since, claim.until)
    assert _job("start", ledger).run()[0].outcome.name == "unknown"
    # A minute later, it is over.
    ledger.memories["a"] = Memory("crossed", claim.since - 61)
    RecordingJob(make_client(answer), ledger, Order("Tencent", "stop"), streams=["a"]).run()
    assert ledger.memories.get("a", Memory("stopped", 0)).state == "stopped"


def test_once_the_start_was_answered_the_next_stop_ends_the_doubt(make):
    start, stop = make(), make()
    start.load(["a"]), start.claim(["a"])
    stop.begin_stops(["a"])
    stop.settle({"a": Memory(State.STOPPED, time.time())})
    assert make().load(["a"])["a"].state == State.CROSSED
    assert start.settle({"a": Memory(State.RUNNING, time.time())}) == {"a"}
    assert make().load(["a"])["a"].state == State.UNCERTAIN
    last = make()
    last.begin_stops(["a"])
    assert last.settle({"a": Memory(State.STOPPED, time.time())}) == set()
    assert make().load(["a"])["a"].state == State.STOPPED


@pytest.mark.parametrize("before,after", [(None, None), ("stopped", "stopped"), ("running", "stopping")])
def test_a_refused_start_that_a_stop_crossed_leaves_no_doubt_about_itself(make, before, after):
    """It did not begin, so it must not keep the next start from being sent."""
    make().write({"a": memory(before)})
    start, stop = make(), make()
    remembered = start.load(["a"]).get("a")
    start.claim(["a"])
    stop.begin_stops(["a"])
    stop.settle({"a": Memory(State.STOPPED, time.time())})
    assert make().load(["a"])["a"].state == State.CROSSED
    start.undo({"a": remembered})
    row = make().load(["a"]).get("a")
    assert (row and row.state) == after


@pytest.mark.parametrize("state", ["running", "starting", "stopping", "crossed", "uncertain"])
def test_after_its_end_time_nothing_is_in_doubt(make, state):
    """Whatever became of the start, its recording has ended by itself: the next one is sent."""
    make().write({"a": Memory(state, NOW - 60, NOW - 1), "b": Memory(state, NOW - 60, NOW + 3600)})
    ledger = make()
    assert set(ledger.load(["a", "b"])) == {"b"}
    assert ledger.claim(["a"]) == {} and make().load(["a"])["a"].state == "starting"


@pytest.mark.parametrize(
    "ends,expected",
    [((None, 5.0), None), ((3.0, 5.0), 5.0), ((3.0,), 3.0), ((), None)],
)
def test_a_doubt_lasts_as_long_as_any_recording_may(ends, expected):
    assert latest_end(*(Memory("running", NOW, end) for end in ends), None, Memory("stopped", NOW)) == expected


def test_a_stop_of_what_is_being_started_leaves_nothing_that_is_thought_to_run():
    """The start was answered, and then stopped by a request whose answer was lost."""
    ledger = FakeLedger({"a": Memory("starting", time.time())})

    def answer(query):
        ledger.memories["a"] = Memory("running", time.time())
        raise AnswerLost("connection reset", "x")

    client = make_client(answer, retries=0)
    results = RecordingJob(client, ledger, Order("Tencent", "stop"), streams=["a"], retries=0).run()
    assert results[0].outcome.name == "failed" and ledger.memories["a"].state == "uncertain"


def test_a_stop_that_is_sent_again_after_the_start_was_answered_leaves_no_doubt():
    ledger = FakeLedger({"a": Memory("starting", time.time())})

    def answer(query):
        # The other run gets its answer, and this one's is lost.
        if ledger.memories["a"].state == "starting":
            ledger.memories["a"] = Memory("running", time.time())
            raise AnswerLost("connection reset", "x")
        return reply(0, {"Tencent": [success("Tencent", "a")]})

    results = RecordingJob(make_client(answer), ledger, Order("Tencent", "stop"), streams=["a"]).run()
    assert results[0].outcome == ("stopped", results[0].outcome.details) and results[0].attempts == 2
    assert "message" not in results[0].outcome.details and ledger.memories["a"].state == "stopped"


def test_a_huawei_start_waits_for_a_stop_that_another_run_sent_since_this_one_began():
    """'Record task exists' is that recording, which is finishing. Nothing would record."""
    ledger, answers = FakeLedger(), []

    def entry(stream):
        answers.append(stream)
        if len(answers) == 1:
            return failure("Huawei", stream, "LIVE.100011022", "record task exists")
        return success("Huawei", stream, "start")

    job = RecordingJob(make_client(answering("Huawei", entry)), ledger, Order("Huawei", "start"), streams=["a"])
    ledger.memories["a"] = Memory("stopped", time.time())
    results = job.run()
    assert [(result.outcome.name, result.attempts) for result in results] == [("started", 2)]


@pytest.mark.parametrize("meanwhile", ["stopped", None])
def test_a_refused_start_puts_back_what_was_true_right_before_it(meanwhile):
    """Not what was true when the run began: that may be a recording that another run has stopped since."""
    ledger = FakeLedger({"a": Memory("running", NOW)})
    client = make_client(answering("Tencent", lambda stream: failure("Tencent", stream, "AuthFailure")))
    job = RecordingJob(client, ledger, Order("Tencent", "start", force=True), streams=["a"])
    ledger.memories.pop("a")
    if meanwhile:
        ledger.memories["a"] = Memory(meanwhile, NOW)
    assert [result.outcome.name for result in job.run()] == ["failed"]
    assert [row.state for row in ledger.memories.values()] == ([meanwhile] if meanwhile else [])


@pytest.mark.parametrize("vendor,code,expected", [("Tencent", "FailedOperation", "stopping"), ("Ws", 500, "stopping")])
def test_a_stop_that_may_have_worked_leaves_no_recording_that_is_thought_to_run(vendor, code, expected):
    """Otherwise the next start would not be sent, and nothing would record."""
    ledger = FakeLedger({"a": Memory("running", NOW)})
    entry = {"a": failure(vendor, "a", code)}
    client = make_client(answering(vendor, lambda stream: entry.get(stream) or success(vendor, stream)))
    results = RecordingJob(client, ledger, Order(vendor, "stop"), streams=["a", "b"], retries=0).run()
    assert results[0].outcome.name == "failed" and ledger.memories["a"].state == expected
    assert _job("start", ledger, vendor).run()[0].outcome.name == "unknown"


def test_a_refused_stop_leaves_what_was_running_as_it_was():
    ledger = FakeLedger({"a": Memory("running", NOW, None, "task")})
    client = make_client(answering("Tencent", lambda stream: failure("Tencent", stream, "AuthFailure")))
    results = RecordingJob(client, ledger, Order("Tencent", "stop"), streams=["a"], retries=0).run()
    assert results[0].outcome.name == "failed"
    assert ledger.memories["a"] == Memory("running", NOW, None, "task")


def test_a_stop_that_was_killed_leaves_no_recording_that_is_thought_to_run():
    ledger = FakeLedger({"a": Memory("running", NOW, NOW + 7200)})
    ledger.begin_stops(["a"])
    assert ledger.memories["a"].state == "stopping" and ledger.memories["a"].until == NOW + 7200
    started = _job("start", FakeLedger(ledger.memories)).run()[0]
    assert started.outcome.name == "unknown" and started.attempts == 0
    assert "a stop was sent at" in started.outcome.details["message"]
    # The same run, sending it again, still knows that it was running.
    assert ledger.begin_stops(["a"])["a"].state == "running"


def test_a_claim_that_was_asked_for_twice_is_what_it_was_the_last_time():
    """A server asks again where another run has written since: what was free at first may be taken then."""
    ledger = FakeLedger()
    update = ledger.store.update

    def asked_twice(streams, decide):
        decide({})
        update(streams, decide)

    ledger.store.update = asked_twice
    ledger.begin_stops(["a"])
    ledger.memories["a"] = Memory("starting", time.time())
    assert ledger.claim(["a"])["a"].state == "starting"
    assert ledger.settle({"a": Memory("stopped", time.time())}) == set("a")
    # It is the other run's start that may still be on its way.
    assert ledger.memories["a"].state == "crossed"


def test_a_refused_start_leaves_the_doubt_about_the_start_of_a_third_run(make):
    """A killed run's start may be carried out only now. A refused one, and a stop that crossed it, do not end that."""
    make().write({"a": Memory(State.STARTING, NOW - 1)})
    start, stop = make(), make()
    remembered = start.load(["a"]).get("a")
    start.claim(["a"])
    stop.begin_stops(["a"])
    stop.settle({"a": Memory(State.STOPPED, time.time())})
    start.undo({"a": remembered})
    row = make().load(["a"])["a"]
    assert row.state == State.CROSSED and row.since == remembered.since
    again = make()
    again.begin_stops(["a"])
    again.settle({"a": Memory(State.STOPPED, time.time())})
    assert make().load(["a"])["a"].state == State.CROSSED


@pytest.mark.parametrize("answer,state", [("accepted", "running"), ("lost", "uncertain"), ("killed", "starting")])
@pytest.mark.parametrize("before", ["running", "uncertain", "starting", "stopping", "crossed"])
def test_a_forced_start_with_an_end_does_not_end_what_may_be_recording_already(make, before, answer, state):
    """A second recording ends by itself; the first one goes on, and a third must not be started."""
    make().write({"a": Memory(before, time.time() - 600)})
    ledger, end = make(), int(time.time()) + 100
    order = Order("Tencent", "start", force=True, end_time=end)

    def step(query):
        if answer == "killed":
            raise KeyboardInterrupt
        if answer == "lost":
            raise AnswerLost("lost", "advice")
        return reply(0, {"Tencent": [success("Tencent", "a", "start")]})

    with contextlib.suppress(KeyboardInterrupt):
        RecordingJob(make_client(step), ledger, order, streams=["a"]).run()
    row = make().load(["a"])["a"]
    assert row.state == state and row.until is None
    # Alone, it ends when it was told to.
    make().write({"a": None})
    client = make_client(answering("Tencent", lambda name: success("Tencent", name, "start")))
    RecordingJob(client, make(), Order("Tencent", "start", end_time=end), streams=["a"]).run()
    assert make().load(["a"])["a"].until == end
