# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job as a whole: whatever happens, each stream has one outcome, and no stop is claimed that nobody confirmed."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api import lane as _lane
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob, expected_results
from ansible_collections.zego.cloud.plugins.module_utils._recording.result import recording_result, unconfirmed
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    answering,
    failure,
    http,
    make_client,
    reply,
    streams_of,
    success,
)

VENDORS = ("Tencent", "Huawei", "Aliyun", "Ws")
ABSENT = {"Tencent": "ResourceNotFound.TaskId", "Huawei": "LIVE.103011019", "Aliyun": "StreamNotFound"}
SAID = "record does not exist"
THROTTLED = {"Tencent": "RequestLimitExceeded", "Huawei": "LIVE.100011007", "Aliyun": "Throttling", "Ws": 429}
TRANSIENT = {"Tencent": "InternalError", "Huawei": "LIVE.100011000", "Aliyun": 500, "Ws": 503}
BAD = {
    "Tencent": "ResourceNotFound.FreezeService",
    "Huawei": "LIVE.100011002",
    "Aliyun": "InvalidDomain.NotFound",
    "Ws": 404,
}


def fine(vendor, verb="stop"):
    return answering(vendor, lambda stream: success(vendor, stream, verb))


def run(order, streams, *script, **more):
    ledger = more.pop("ledger", None) or FakeLedger()
    warnings = []
    client = make_client(*script, retries=more.get("retries", 4), patience=more.pop("patience", 60))
    results = RecordingJob(
        client, ledger, order, streams=streams, retries=more.get("retries", 4), warn=warnings.append
    ).run()
    assert [result.stream for result in results] == list(streams)
    assert ledger.closed
    return results, client, ledger, warnings


def names(results):
    return [result.outcome.name for result in results]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("verb,name", [("stop", "stopped"), ("start", "started")])
def test_each_stream_is_done_with_one_request_a_batch(vendor, verb, name):
    streams = [f"s{number}" for number in range(45)]
    results, client, ledger, warnings = run(Order(vendor, verb), streams, fine(vendor, verb))
    assert set(names(results)) == {name} and {result.attempts for result in results} == {1}
    assert client.requests_sent == 3
    assert {memory.state for memory in ledger.memories.values()} == {"stopped" if verb == "stop" else "running"}
    assert len(ledger.memories) == 45 and warnings == []
    assert dict(client.sender.transport.queries[0])["Action"] == (
        "StopCDNRecord" if verb == "stop" else "StartCDNRecord"
    )


def test_a_request_carries_the_parameters_of_its_order():
    order = Order("Aliyun", "stop", domain="d.example", point="live", environment=environment_of(1, True))
    _results, client, _ledger, _warnings = run(
        order, ["a"], answering("Aliyun", lambda stream: success("Aliyun", "zegotest-1-" + stream))
    )
    query = client.sender.transport.queries[0]
    for pair in (
        ("Vendor", "Aliyun"),
        ("Domain", "d.example"),
        ("Point", "live"),
        ("IsTest", "true"),
        ("StreamId[]", "a"),
    ):
        assert pair in query
    assert "EndTime" not in dict(query)


def test_only_the_throttled_streams_are_sent_again():
    seen = set()

    def entry(stream):
        if stream in ("s1", "s3") and stream not in seen:
            seen.add(stream)
            return failure("Tencent", stream, "RequestLimitExceeded")
        return success("Tencent", stream, "start")

    results, client, _ledger, _warnings = run(
        Order("Tencent", "start"), ["s0", "s1", "s2", "s3"], answering("Tencent", entry)
    )
    assert set(names(results)) == {"started"}
    assert sorted(stream for query in client.sender.transport.queries[1:] for stream in streams_of(query)) == [
        "s1",
        "s3",
    ]


@pytest.mark.parametrize("fault", [reply(2), http(414), http(431)])
def test_one_bad_stream_fails_alone(fault):
    def step(query):
        return fault if "bad" in streams_of(query) else fine("Tencent")(query)

    streams = [f"s{number}" for number in range(19)] + ["bad"]
    results, _client, ledger, _warnings = run(Order("Tencent", "stop"), streams, step)
    assert names(results) == ["stopped"] * 19 + ["failed"]
    assert "bad" not in ledger.memories


def test_a_halting_code_leaves_the_rest_not_attempted():
    streams = [f"s{number}" for number in range(60)]
    results, client, ledger, _warnings = run(Order("Tencent", "stop"), streams, reply(100000005))
    assert client.requests_sent == 1
    assert names(results) == ["failed"] * 20 + ["not_attempted"] * 40
    assert [result.attempts for result in results] == [1] * 20 + [0] * 40
    assert ledger.memories == {}


def test_an_api_that_is_down_is_given_up():
    streams = [f"s{number}" for number in range(2000)]
    results, client, _ledger, _warnings = run(Order("Tencent", "stop"), streams, NotSent("refused", "a"), retries=1)
    assert client.requests_sent < 100
    assert set(names(results)) <= {"failed", "not_attempted"}


@pytest.mark.parametrize("vendor", ["Tencent", "Huawei", "Aliyun"])
@pytest.mark.parametrize("lost", [AnswerLost("lost"), http(502), http(200, "<html>")])
def test_lost_then_absent_was_most_likely_stopped(vendor, lost):
    absent = answering(vendor, lambda stream: failure(vendor, stream, ABSENT[vendor], SAID))
    results, _client, ledger, _warnings = run(Order(vendor, "stop"), ["a"], lost, absent)
    assert names(results) == ["stopped"] and results[0].attempts == 2
    assert ledger.memories["a"].state == "stopped"
    assert names(run(Order(vendor, "stop"), ["a"], absent)[0]) == ["already_stopped"]


def test_a_missing_entry_fails_in_the_end():
    results, client, ledger, _warnings = run(
        Order("Tencent", "stop"),
        ["a", "b"],
        answering("Tencent", lambda s: success("Tencent", s) if s == "a" else None),
    )
    assert names(results) == ["stopped", "failed"]
    assert client.requests_sent == 5 and results[1].attempts == 5
    assert "b" not in ledger.memories


def test_missing_then_absent_was_most_likely_stopped():
    results = run(
        Order("Tencent", "stop"),
        ["a"],
        answering("Tencent", lambda s: None),
        answering("Tencent", lambda s: failure("Tencent", s, ABSENT["Tencent"])),
    )[0]
    assert names(results) == ["stopped"]


def test_an_entry_for_an_unrequested_stream_is_a_warning():
    warnings = run(
        Order("Tencent", "stop"), ["a"], reply(0, {"Tencent": [success("Tencent", "a"), success("Tencent", "else")]})
    )[3]
    assert len(warnings) == 1 and "else" in warnings[0]


@pytest.mark.parametrize("lost", [AnswerLost("lost"), http(500), http(200, "<html>")])
def test_a_start_whose_answer_was_lost_is_unknown_now_and_next_time(lost):
    order = Order("Tencent", "start")
    results, client, ledger, _warnings = run(order, ["a"], lost, fine("Tencent", "start"))
    assert names(results) == ["unknown"] and client.requests_sent == 1
    results, client, _ledger, _warnings = run(
        order, ["a"], fine("Tencent", "start"), ledger=FakeLedger(ledger.memories)
    )
    assert names(results) == ["unknown"] and client.requests_sent == 0
    forced = run(order._replace(force=True), ["a"], fine("Tencent", "start"), ledger=FakeLedger(ledger.memories))[0]
    assert names(forced) == ["started"]


def test_a_killed_run_leaves_a_mark():
    class Killed(BaseException):
        pass

    def kill(_query):
        raise Killed()

    ledger = FakeLedger()
    with pytest.raises(Killed):
        run(Order("Tencent", "start"), ["a"], kill, ledger=ledger)
    assert ledger.memories["a"].state == "starting"
    results, client, _ledger, _warnings = run(Order("Tencent", "start"), ["a"], fine("Tencent", "start"), ledger=ledger)
    assert names(results) == ["unknown"] and client.requests_sent == 0


def test_a_start_is_claimed_before_it_is_sent():
    client, ledger = make_client(fine("Tencent", "start"), rate=1000), FakeLedger()
    new_attempt, claimed = client.new_attempt, []

    def watched(action, parameters, body, fresh):
        claimed.extend(ledger.memories[stream].state for stream in streams_of(parameters))
        return new_attempt(action, parameters, body, fresh=fresh)

    client.new_attempt = watched
    streams = [f"s{number}" for number in range(45)]
    results = RecordingJob(client, ledger, Order("Tencent", "start"), streams=streams).run()
    assert set(names(results)) == {"started"} and claimed == ["starting"] * 45


@pytest.mark.parametrize("before", [None, Memory("stopped", time.time())])
@pytest.mark.parametrize(
    "fault",
    [reply(2), reply(5), NotSent("refused"), answering("Tencent", lambda s: failure("Tencent", s, "AuthFailure"))],
)
def test_a_refused_start_leaves_no_mark(before, fault):
    ledger = FakeLedger({"a": before} if before else {})
    assert names(run(Order("Tencent", "start"), ["a"], fault, ledger=ledger)[0]) == ["failed"]
    assert ledger.memories.get("a") == before


def test_a_start_that_is_remembered_is_not_sent():
    ledger = FakeLedger({"a": Memory("running", time.time(), task="t")})
    results, client, _ledger, _warnings = run(
        Order("Tencent", "start"), ["a", "b"], fine("Tencent", "start"), ledger=ledger
    )
    assert names(results) == ["already_started", "started"]
    assert streams_of(client.sender.transport.queries[0]) == ["b"]


def test_a_stop_is_sent_whatever_is_remembered():
    ledger = FakeLedger({"a": Memory("stopped", time.time()), "b": Memory("running", time.time())})
    results, client, _ledger, _warnings = run(Order("Tencent", "stop"), ["a", "b"], fine("Tencent"), ledger=ledger)
    assert names(results) == ["already_stopped", "stopped"]
    assert streams_of(client.sender.transport.queries[0]) == ["a", "b"]


def test_a_stop_a_start_and_a_stop_are_all_sent():
    ledger = FakeLedger()
    for verb, name in (
        ("stop", "stopped"),
        ("stop", "already_stopped"),
        ("start", "started"),
        ("stop", "stopped"),
        ("stop", "already_stopped"),
    ):
        assert names(run(Order("Tencent", verb), ["a"], fine("Tencent", verb), ledger=ledger)[0]) == [name]


def test_a_huawei_start_waits_for_its_own_stop_to_finish():
    ledger = FakeLedger({"a": Memory("stopped", time.time())})
    busy = answering("Huawei", lambda s: failure("Huawei", s, 100011022, "record task exists"))
    results, client, _ledger, _warnings = run(
        Order("Huawei", "start"), ["a"], busy, fine("Huawei", "start"), ledger=ledger
    )
    assert names(results) == ["started"] and client.requests_sent == 2
    assert client.gate.clock() - 1000 >= 10
    assert names(run(Order("Huawei", "start"), ["a"], busy)[0]) == ["already_started"]


def test_check_mode_sends_and_writes_nothing():
    ledger = FakeLedger({"a": Memory("stopped", time.time())})
    results = expected_results(Order("Tencent", "stop"), ledger, ["a", "b"])
    assert names(results) == ["already_stopped", "stopped"]
    assert [result.attempts for result in results] == [0, 0] and set(ledger.memories) == {"a"}


def test_a_stream_that_another_run_started_meanwhile_is_not_started_again():
    ledger = FakeLedger()
    ledger.taken = {"b": Memory("running", time.time(), None, "task-b"), "c": Memory("starting", time.time())}
    results, client, _ledger, _warnings = run(
        Order("Tencent", "start"), ["a", "b", "c"], fine("Tencent", "start"), ledger=ledger
    )
    assert names(results) == ["started", "already_started", "unknown"]
    assert [streams_of(query) for query in client.sender.transport.queries] == [["a"]]
    assert results[1].outcome.details["task_id"] == "task-b"
    for order in (Order("Tencent", "start", force=True), Order("Aliyun", "start")):
        results, client, _ledger, _warnings = run(order, ["a", "b", "c"], fine(order.vendor, "start"), ledger=ledger)
        assert names(results) == ["started"] * 3 and client.requests_sent == 1


def test_where_all_streams_were_started_meanwhile_nothing_is_sent():
    ledger = FakeLedger()
    ledger.taken = {"a": Memory("running", time.time(), None, "task-a")}
    results, client, _ledger, _warnings = run(Order("Tencent", "start"), ["a"], fine("Tencent", "start"), ledger=ledger)
    assert names(results) == ["already_started"] and client.requests_sent == 0 and results[0].attempts == 0


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_an_interrupted_job_takes_over_what_is_under_way(verb):
    ledger, streams = FakeLedger(), [f"s{number}" for number in range(500)]

    def interrupting(query):
        client.interrupt("SIGTERM")
        return fine("Tencent", verb)(query)

    client = make_client(interrupting)
    job = RecordingJob(client, ledger, Order("Tencent", verb, batch_size=1), streams=streams)
    results = job.run()
    done = {"stop": "stopped", "start": "started"}[verb]
    assert set(names(results)) == {done, "not_attempted"} and names(results)[0] == done
    assert all(
        "SIGTERM" in result.outcome.details["message"] for result in results if result.outcome.name == "not_attempted"
    )
    # Nothing is left in doubt: neither claimed nor forgotten.
    assert set(ledger.memories) == {result.stream for result in results if result.outcome.name == done}
    assert {memory.state for memory in ledger.memories.values()} == {"stopped" if verb == "stop" else "running"}


def test_a_batch_that_may_carry_less_leaves_the_rest_to_the_next():
    streams = [f"s{number}" for number in range(100)]
    client = make_client(fine("Tencent"))
    client.gate.streams.accepted(7)
    client.gate.streams.throttled(client.gate.clock(), 0)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    assert set(names(results)) == {"stopped"} and {result.attempts for result in results} == {1}
    carried = [streams_of(query) for query in client.sender.transport.queries]
    assert max(len(some) for some in carried) <= 20 and sorted(sum(carried, [])) == sorted(streams)
    assert len(carried[0]) <= 7


def test_a_stream_that_a_later_attempt_leaves_out_keeps_its_mark():
    streams = [f"s{number}" for number in range(10)]

    def lost(query):
        # Meanwhile another reply taught that the vendor takes four streams a second.
        client.gate.learn(client.gate.clock(), 4, 1)
        raise AnswerLost("lost", "advice")

    client = make_client(lost, answering("Tencent", lambda stream: failure("Tencent", stream, ABSENT["Tencent"])))
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    # Each of them may have been stopped by the attempt whose answer was lost.
    assert names(results) == ["stopped"] * 10 and {result.attempts for result in results} == {2}
    assert [len(streams_of(query)) for query in client.sender.transport.queries][:2] == [10, 4]


def calls_made(count):
    """How many Python functions it takes to stop so many streams, the threads left out."""
    streams = [f"s{number}" for number in range(count)]
    job = RecordingJob(
        make_client(fine("Tencent"), rate=1000000), FakeLedger(), Order("Tencent", "stop"), streams=streams
    )
    counted = [0]

    def count_call(_frame, event, _argument):
        counted[0] += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        results = job.run()
    finally:
        sys.setprofile(None)
    entries = recording_result("Tencent", results, 1, with_diff=True)["streams"]
    assert len(entries) == count
    return counted[0]


def test_the_work_grows_with_the_number_of_streams_and_no_faster():
    small, large = calls_made(300), calls_made(2400)
    assert large < 9.5 * small


ENTRIES = st.sampled_from(
    ["success"] * 6 + ["absent", "throttled", "transient", "bad", "none", "other", "double", "wrong type"]
)
WHOLE = st.sampled_from(
    ["entries"] * 8 + ["lost", "502", "html", "refused", "2", "6", "429", "1000", "100000015", "no data"]
)


class World:
    """An API that answers at random, and knows what it said of each stream."""

    def __init__(self, vendor, verb, seed, whole, entries):
        self.vendor, self.verb = vendor, verb
        self.random = random.Random(seed)
        self.whole, self.entries = whole, entries
        self.success, self.doubt, self.absent, self.sent_after_doubt = set(), set(), set(), set()

    def __call__(self, query):
        streams = streams_of(query)
        self.sent_after_doubt.update(self.doubt.intersection(streams))
        what = self.random.choice(self.whole)
        if what in ("lost", "502", "html", "100000015", "no data"):
            self.doubt.update(streams)
        faults = {
            "lost": AnswerLost("lost"),
            "502": http(502),
            "html": http(200, "<html>"),
            "refused": NotSent("refused"),
            "429": http(429),
            "no data": reply(0),
        }
        if what != "entries":
            return faults.get(what) or reply(int(what))
        return reply(0, {self.vendor: [row for stream in streams for row in self.rows(stream)]})

    def rows(self, stream):
        vendor, what = self.vendor, self.random.choice(self.entries)
        codes = {
            "absent": ABSENT.get(vendor, 404),
            "throttled": THROTTLED[vendor],
            "transient": TRANSIENT[vendor],
            "bad": BAD[vendor],
            "wrong type": [0],
        }
        if what in ("success", "double"):
            self.success.add(stream)
            return [success(vendor, stream, self.verb)] * (2 if what == "double" else 1)
        if what in codes:
            if what == "absent":
                self.absent.add(stream)
            if what == "wrong type":
                self.doubt.add(stream)
            return [failure(vendor, stream, codes[what])]
        self.doubt.add(stream)
        return [] if what == "none" else [success(vendor, stream + "-other", self.verb)]


@given(
    st.sampled_from(VENDORS),
    st.sampled_from(["stop", "start"]),
    st.integers(0, 2**32),
    st.lists(WHOLE, min_size=1, max_size=8),
    st.lists(ENTRIES, min_size=1, max_size=8).filter(lambda items: "throttled" not in items or "success" in items),
    st.integers(1, 30),
    st.integers(1, 9),
)
def test_each_stream_has_one_honest_outcome(vendor, verb, seed, whole, entries, count, size):
    world = World(vendor, verb, seed, whole, entries)
    streams = [f"s{number}" for number in range(count)]
    results, client, ledger, _warnings = run(
        Order(vendor, verb, batch_size=size), streams, world, retries=2, patience=20
    )
    sent = {}
    for query in client.sender.transport.queries:
        for stream in streams_of(query):
            sent[stream] = sent.get(stream, 0) + 1
    for result in results:
        stream, name = result.stream, result.outcome.name
        assert result.attempts == sent.get(stream, 0)
        assert name in (
            ("stopped", "already_stopped") if verb == "stop" else ("started", "already_started", "unknown")
        ) + ("failed", "not_attempted")
        assert result.attempts or name == "not_attempted"
        if name == "stopped":
            assert stream in world.success or stream in world.doubt and stream in world.absent
        if name == "already_stopped":
            assert stream in world.absent
        if name == "started":
            assert stream in world.success
        if verb == "start" and stream in world.doubt:
            assert name == "unknown"
            assert ledger.memories[stream].state == "uncertain"
    if verb == "start":
        assert not world.sent_after_doubt


def test_workers_are_enough_for_the_quota():
    assert __import__("ansible_collections.zego.cloud.plugins.module_utils._api.lane", fromlist=["x"]).WORKERS >= 20


def test_patience_ends_where_the_vendor_throttles_for_ever():
    def step(query):
        if client.requests_sent > 1000:
            raise KeyboardInterrupt  # would go on for ever
        return reply(
            0, {"Tencent": [failure("Tencent", stream, "RequestLimitExceeded") for stream in streams_of(query)]}
        )

    client = make_client(step, patience=60)
    try:
        results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=["a", "b"]).run()
    except KeyboardInterrupt:
        pytest.fail(f"still sending after {client.gate.clock() - 1000:.0f} s, rate_limit_timeout is 60 s")
    assert [result.outcome.name for result in results] == ["failed", "failed"]


def test_patience_is_for_the_whole_run_not_for_each_batch():
    client = make_client(reply(6), patience=60)
    began = client.gate.clock()
    results = RecordingJob(
        client, FakeLedger(), Order("Tencent", "stop", batch_size=1), streams=[f"s{n}" for n in range(2000)]
    ).run()
    # Patience for each batch by itself would take more than a thousand seconds.
    assert client.gate.clock() - began < 400
    assert {result.outcome.name for result in results} == {"failed", "not_attempted"}
    assert all("too frequent" in result.outcome.details["message"] for result in results)


def test_patience_with_a_vendor_is_for_the_whole_run():
    def step(query):
        return reply(
            0, {"Tencent": [failure("Tencent", stream, "RequestLimitExceeded") for stream in streams_of(query)]}
        )

    client = make_client(step, patience=60)
    began = client.gate.clock()
    results = RecordingJob(
        client, FakeLedger(), Order("Tencent", "stop", batch_size=5), streams=[f"s{n}" for n in range(2000)]
    ).run()
    # Patience for each batch by itself would take more than a thousand seconds.
    assert client.gate.clock() - began < 400
    assert all("RequestLimitExceeded" in result.outcome.details["message"] for result in results)


@pytest.mark.parametrize("status", [101, 103, 199])
@pytest.mark.parametrize("verb, outcome", [("start", "unknown"), ("stop", "stopped")])
def test_what_announces_an_answer_is_none(status, verb, outcome):
    def step(query):
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    results = RecordingJob(make_client(http(status), step), FakeLedger(), Order("Tencent", verb), streams=["a"]).run()
    assert results[0].outcome.name == outcome


def test_nothing_spins_while_all_workers_wait():
    looked_twice, timeouts = threading.Event(), []

    def watched(in_flight, seconds):
        if len(in_flight) == _lane.WORKERS:
            timeouts.append(seconds)
            if len(timeouts) == 2:
                looked_twice.set()
        return wait_for(in_flight, seconds)

    def step(query):
        # The first is the probe; the others answer once all workers wait and the job has looked up from its waiting.
        assert client.requests_sent == 1 or looked_twice.wait(30)
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    client = make_client(step, rate=1000000)
    wait_for, client.gate.wait_for = client.gate.wait_for, watched
    # What may be in flight grows with the answers; here nothing but the number of workers is to limit it.
    client.gate.streams.lift()
    RecordingJob(
        client, FakeLedger(), Order("Tencent", "stop", batch_size=1), streams=[f"s{n}" for n in range(70)]
    ).run()
    assert timeouts[:2] == [_lane.ATTENTION] * 2


def test_what_was_sent_is_not_called_not_attempted():
    streams = [f"s{n}" for n in range(40)]

    def step(query):
        return reply(2) if len(streams_of(query)) > 1 else reply(5)

    for _turn in range(20):
        for result in RecordingJob(
            make_client(step), FakeLedger(), Order("Tencent", "stop", batch_size=2), streams=streams
        ).run():
            assert result.outcome.name != "not_attempted" or result.attempts == 0


def test_a_start_that_met_code_1000_is_unknown_or_remembered():
    ledger = FakeLedger()
    results = RecordingJob(make_client(reply(1000)), ledger, Order("Tencent", "start"), streams=["a"]).run()
    assert results[0].outcome.name == "unknown" or "a" in ledger.memories


@pytest.fixture
def wall(monkeypatch):
    """This machine's clock, in a list: 1000 s at first."""
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def later(now, seconds, answer):
    """A step that answers after so many seconds."""

    def step(query):
        now[0] += seconds
        return answer(query) if callable(answer) else answer

    return step


def stops(*script, **more):
    """Return ``stopped_at`` of a stream whose stop is answered so."""
    return run(Order("Tencent", "stop"), ["a"], *script, **more)[0][0].stopped_at


def absent(query):
    return answering("Tencent", lambda stream: failure("Tencent", stream, ABSENT["Tencent"]))(query)


def test_a_recording_was_stopped_when_the_request_was_sent_that_stopped_it(wall):
    assert stops(later(wall, 30, fine("Tencent"))) == 1000
    # A refused request stopped nothing: the recording went on.
    throttled = answering("Tencent", lambda stream: failure("Tencent", stream, THROTTLED["Tencent"]))
    assert stops(later(wall, 60, throttled), fine("Tencent")) == 1090
    # A request whose answer was lost may have stopped it.
    assert stops(later(wall, 60, http(502)), absent) == 1090


def test_a_stop_is_told_by_the_clock_of_the_api(wall):
    ahead = formatdate(1500, usegmt=True)
    answer = reply(0, {"Tencent": [success("Tencent", "a")]}, date=ahead)
    assert stops(answer) == 1500
    # The answer took 30 s: its Date is older than it seems, and the clocks may agree.
    assert stops(later(wall, 470, http(502, date=ahead)), later(wall, 30, answer)) == 1000 + 30


def test_an_earlier_stop_is_told_as_remembered(wall):
    stopped_before = FakeLedger({"a": Memory("stopped", 700.0)})
    assert stops(fine("Tencent"), ledger=stopped_before) == 700
    # Nobody knows when the others were stopped, if ever.
    assert stops(absent) is None
    assert stops(absent, ledger=FakeLedger({"a": Memory("running", 700.0)})) is None
    assert stops(reply(100000005)) is None
    started = run(Order("Tencent", "start"), ["a"], fine("Tencent", "start"))[0]
    assert started[0].stopped_at is None


def expecting(vendor, streams, entry, **more):
    """Stop streams that all had to be recording."""
    return run(Order(vendor, "stop", expect_recording=True), streams, answering(vendor, entry), **more)


def test_a_stream_that_nobody_knows_fails_where_it_had_to_be_recording():
    ledger = FakeLedger({"old": Memory("stopped", time.time()), "gone": Memory("running", time.time())})

    def entry(stream):
        if stream == "live":
            return success("Tencent", stream)
        return failure("Tencent", stream, ABSENT["Tencent"])

    results, _client, ledger, _warnings = expecting(
        "Tencent", ["live", "old", "gone", "misspelt"], entry, ledger=ledger
    )
    assert names(results) == ["stopped", "already_stopped", "failed", "failed"]
    # What the vendor does not record is not remembered as running: the next start is sent.
    assert {name: memory.state for name, memory in ledger.memories.items()} == {"live": "stopped", "old": "stopped"}


def test_the_result_tells_what_is_known_and_warns_of_what_is_not():
    ledger = FakeLedger({"old": Memory("stopped", time.time()), "on": Memory("running", time.time())})

    def entry(stream):
        return success("Ws", stream) if stream != "misspelt" else failure("Ws", stream, 410)

    order = Order("Ws", "stop", not_recording_codes=frozenset({"410"}))
    results = run(order, ["old", "on", "new", "misspelt"], answering("Ws", entry), ledger=ledger)[0]
    result = recording_result("Ws", results, 1, with_diff=True)
    assert [entry.get("evidence") for entry in result["streams"]] == ["remembered", None, None, "vendor"]
    assert (result["summary"]["remembered"], result["summary"]["vendor"]) == (1, 1)
    assert result["diff"]["before"].splitlines() == [
        "old: not recording",
        "on: recording",
        "new: unknown",
        "misspelt: not recording",
    ]
    assert result["msg"] == ("Ws: 1 already_stopped, 2 stopped, 1 already_stopped (not recording, according to Ws).")
    warning = unconfirmed("Ws", result["streams"])
    assert "misspelt." in warning and "old" not in warning and "expect_recording" in warning
    assert unconfirmed("Ws", result["streams"][:3]) == ""


def test_a_warning_names_a_few_of_many():
    entries = [{"stream_id": f"s{n}", "outcome": "already_stopped", "evidence": "vendor"} for n in range(12)]
    assert "s0, s1, s2, s3, s4 and 7 more." in unconfirmed("Huawei", entries)


@pytest.mark.parametrize("code", ["FailedOperation", "InternalError.DBError", "Never.Heard", "InvalidParameter"])
def test_a_remembered_stop_does_not_explain_what_does_not_fit(code):
    ledger = FakeLedger({"a": Memory("stopped", time.time())})
    entry = answering("Tencent", lambda stream: failure("Tencent", stream, code))
    results = run(Order("Tencent", "stop"), ["a"], entry, ledger=ledger, retries=1)[0]
    assert names(results) == ["failed"]
    assert results[0].outcome.details["message"].startswith("it was stopped at ")


@pytest.mark.parametrize("code", ["FailedOperation", "FailedOperation.CallOtherSvrError", "InternalError.DBError"])
def test_a_tencent_start_that_met_an_internal_error_stays_claimed(code):
    entry = answering("Tencent", lambda stream: failure("Tencent", stream, code))
    results, client, ledger, _warnings = run(Order("Tencent", "start"), ["a"], entry)
    assert names(results) == ["unknown"] and client.requests_sent == 1
    assert ledger.memories["a"].state == "uncertain"
    # The next run does not send it again.
    results, client, _ledger, _warnings = run(Order("Tencent", "start"), ["a"], entry, ledger=ledger)
    assert names(results) == ["unknown"] and client.requests_sent == 0


def test_memory_explains_a_rerun_at_a_vendor_that_documents_nothing():
    entry = answering("Ws", lambda stream: failure("Ws", stream, 404))
    ledger = FakeLedger({"a": Memory("stopped", time.time())})
    assert names(run(Order("Ws", "stop"), ["a", "b"], entry, ledger=ledger)[0]) == ["already_stopped", "failed"]


def _raising(function, turn):
    """Return ``function``, which at its ``turn``-th call (0: at each) raises what nobody expects."""
    turns = iter(range(1, 10_000))

    def raising(*arguments, **options):
        if not turn or next(turns) == turn:
            raise MemoryError("http://api/?Signature=0123456789abcdef0123456789abcdef")
        return function(*arguments, **options)

    return raising


PLACES = ("client.learn", "client.new_attempt", "gate.opens_in", "gate.wait_for", "gate.learn")
PLACES += ("ledger.begin_stops", "ledger.settle", "ledger.undo")


@pytest.mark.parametrize("turn", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("place", [*PLACES, "ledger.claim", "transport.send"])
@pytest.mark.parametrize("verb", ["stop", "start"])
def test_whatever_is_raised_each_stream_has_an_outcome_that_holds(verb, place, turn):
    done = []

    def answer(query):
        done.extend(streams_of(query))
        return reply(0, {"Tencent": [success("Tencent", stream, verb) for stream in streams_of(query)]})

    client, ledger = make_client(answer, rate=1000), FakeLedger()
    owners = {"client": client, "gate": client.gate, "ledger": ledger, "transport": client.sender.transport}
    owner, name = place.split(".")
    setattr(owners[owner], name, _raising(getattr(owners[owner], name), turn))
    streams = [f"s{number}" for number in range(90)]
    results = RecordingJob(client, ledger, Order("Tencent", verb), streams=streams).run()
    assert [result.stream for result in results] == streams
    outcomes = dict(zip(streams, names(results)))
    success_name = "stopped" if verb == "stop" else "started"
    assert set(outcomes.values()) <= {success_name, "failed" if verb == "stop" else "unknown", "not_attempted"}
    for stream, outcome in outcomes.items():
        # Nothing is called done that was not, and nothing that was done is called not attempted.
        assert outcome != success_name or stream in done
        assert outcome != "not_attempted" or stream not in done
        if verb == "start" and stream in done:
            # So that the next run does not start it a second time.
            assert ledger.memories[stream].state in ("running", "starting", "uncertain")
    whole = json.dumps([result.outcome for result in results])
    assert "Signature" not in whole and len(done) == len(set(done))


def test_an_error_that_nobody_expected_says_where_it_came_from():
    client = make_client(fine("Tencent"))
    client.learn = _raising(client.learn, 1)
    (result,) = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=["a"]).run()
    assert "MemoryError in test_recording_job.py, line" in result.outcome.details["message"]
    assert "report it" in result.outcome.details["message"]


WHOLE = [reply(code) for code in (2, 3, 4, 5, 7, 1000, 4711, 41003)]
WHOLE += [http(status) for status in (302, 400, 401, 403, 404, 405, 406, 413, 414, 418, 431, 500, 502)]
WHOLE += [AnswerLost("lost", "advice")]
BEGAN_NOTHING = [reply(code) for code in (2, 3, 4, 5, 7)]
BEGAN_NOTHING += [http(status) for status in (400, 401, 403, 404, 405, 413, 414, 431)]
MAY_HAVE_BEGUN = [reply(code) for code in (1000, 4711, 41003)]
MAY_HAVE_BEGUN += [http(status) for status in (302, 406, 407, 408, 409, 418, 499, 500, 502)]
MAY_HAVE_BEGUN += [AnswerLost("lost", "advice")]


class Poisoned:
    """A server that answers ``fault`` whenever one of ``bad`` is in a request; else it carries it out."""

    def __init__(self, fault, bad, verb="stop"):
        self.fault, self.bad, self.verb = fault, set(bad), verb
        self.done = []
        self.requests = []

    def __call__(self, query):
        streams = streams_of(query)
        self.requests.append(streams)
        if self.bad & set(streams):
            if isinstance(self.fault, Exception):
                raise self.fault
            return self.fault
        self.done.extend(streams)
        return reply(0, {"Tencent": [success("Tencent", stream, self.verb) for stream in streams]})


@pytest.mark.parametrize("bad", [["s1"], ["s0", "s99"], ["s21", "s22", "s23", "s60"]], ids=len)
@pytest.mark.parametrize("fault", WHOLE, ids=str)
def test_whatever_one_stream_provokes_the_others_are_stopped(fault, bad):
    server, streams = Poisoned(fault, bad), [f"s{number}" for number in range(101)]
    client = make_client(server, rate=1000)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    outcomes = dict(zip(streams, names(results)))
    assert {stream for stream, outcome in outcomes.items() if outcome != "stopped"} == set(bad)
    assert set(outcomes.values()) == {"stopped", "failed"} and client.halted is None
    # Halving costs a few requests for each bad stream, not one for each good one.
    assert client.requests_sent <= 6 + len(bad) * (5 + 2 * 2 * 6)


COMMON = [reply(3), reply(7), reply(4711), http(403), http(302), http(418)]


@pytest.mark.parametrize("fault", COMMON, ids=str)
def test_what_all_batches_meet_ends_the_run_after_three_and_three_of_their_streams_alone(fault):
    streams = [f"s{number}" for number in range(101)]
    server = Poisoned(fault, streams)
    client = make_client(server, rate=1000)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    assert [len(request) for request in server.requests] == [20, 20, 20, 1, 1, 1]
    assert server.requests[3:] == [["s40"], ["s50"], ["s59"]]
    assert names(results) == ["failed"] * 60 + ["not_attempted"] * 41
    assert all(result.outcome.details["code"] for result in results)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("verb", ["stop", "start"])
def test_what_all_small_batches_meet_ends_the_run_as_well(verb, size):
    streams = [f"s{number}" for number in range(101)]
    server = Poisoned(reply(3), streams, verb)
    client = make_client(server, rate=1000)
    order = Order("Tencent", verb, batch_size=size)
    results = RecordingJob(client, FakeLedger(), order, streams=streams).run()
    assert client.halted is not None and client.requests_sent <= 8
    assert set(names(results)) == {"failed", "not_attempted"} and not server.done


@pytest.mark.parametrize("bad", [[0, 20, 40], [19, 39, 59], [10, 30, 50, 70, 90], [40, 50], [0, 59, 40, 20]], ids=str)
@pytest.mark.parametrize("fault", [*COMMON, reply(1000)], ids=str)
def test_one_bad_stream_in_each_of_the_first_batches_does_not_end_the_run(fault, bad):
    streams = [f"s{number}" for number in range(101)]
    server = Poisoned(fault, [f"s{number}" for number in bad])
    client = make_client(server, rate=1000)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    outcomes = dict(zip(streams, names(results)))
    assert {stream for stream, outcome in outcomes.items() if outcome != "stopped"} == server.bad
    assert set(outcomes.values()) == {"stopped", "failed"} and client.halted is None
    assert client.requests_sent <= 6 + 3 + len(bad) * (5 + 2 * 2 * 6)


@pytest.mark.parametrize("fault", BEGAN_NOTHING[1:], ids=str)
def test_nor_does_it_end_a_run_of_starts_where_the_refusal_is_certain(fault):
    streams = [f"s{number}" for number in range(101)]
    server = Poisoned(fault, ["s0", "s20", "s40"], "start")
    client = make_client(server, rate=1000)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "start"), streams=streams).run()
    outcomes = dict(zip(streams, names(results)))
    assert {stream for stream, outcome in outcomes.items() if outcome != "started"} == server.bad
    assert len(server.done) == len(set(server.done)) == 98 and client.halted is None
    # Else each batch may have begun: after three of them nothing more is tried.
    server = Poisoned(reply(4711), streams, "start")
    client = make_client(server, rate=1000)
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "start"), streams=streams).run()
    assert client.requests_sent == 3 and names(results) == ["unknown"] * 60 + ["not_attempted"] * 41


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", BEGAN_NOTHING, ids=str)
def test_after_a_refused_start_each_stream_goes_alone_and_once(fault, vendor):
    streams = [f"s{number}" for number in range(60)]
    server = Poisoned(fault, ["s3", "s4"], "start")
    answer, server.fault = server.fault, None

    def step(query):
        got = streams_of(query)
        server.requests.append(got)
        if server.bad & set(got):
            return answer
        server.done.extend(got)
        return reply(0, {vendor: [success(vendor, stream, "start") for stream in got]})

    client, ledger = make_client(step, rate=1000), FakeLedger()
    results = RecordingJob(client, ledger, Order(vendor, "start"), streams=streams).run()
    outcomes = dict(zip(streams, names(results)))
    assert {stream for stream, outcome in outcomes.items() if outcome == "failed"} == {"s3", "s4"}
    assert set(outcomes.values()) == {"failed", "started"} and len(server.done) == len(set(server.done)) == 58
    # The batch, then each of its streams alone.
    assert sorted(len(request) for request in server.requests) == [1] * 20 + [20] * 3
    assert "s3" not in ledger.memories


@pytest.mark.parametrize("fault", MAY_HAVE_BEGUN, ids=str)
def test_a_start_that_may_have_begun_is_unknown_and_not_sent_again(fault):
    streams = [f"s{number}" for number in range(60)]
    server, ledger = Poisoned(fault, ["s25"], "start"), FakeLedger()
    client = make_client(server, rate=1000)
    results = RecordingJob(client, ledger, Order("Tencent", "start"), streams=streams).run()
    assert names(results) == ["started"] * 20 + ["unknown"] * 20 + ["started"] * 20
    assert [len(request) for request in server.requests] == [20, 20, 20]
    assert ledger.memories["s25"].state == ledger.memories["s30"].state == "uncertain"
    again = RecordingJob(client, ledger, Order("Tencent", "start"), streams=streams).run()
    assert names(again)[20:40] == ["unknown"] * 20 and len(server.requests) == 3


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("verb,done", [("stop", "stopped"), ("start", "started")])
def test_no_start_is_sent_that_cannot_be_remembered_where_that_is_required(required, verb, done):
    ledger = FakeLedger()
    ledger.problem = "The ledger x cannot be used (OSError: no)."
    order = Order("Tencent", verb, ledger_required=required)
    results, client, _ledger, _warnings = run(order, ["a", "b"], fine("Tencent", verb), ledger=ledger)
    if required and verb == "start":
        assert names(results) == ["not_attempted"] * 2 and client.requests_sent == 0
        assert "The ledger x cannot be used" in results[0].outcome.details["message"]
        assert "ledger_required=false" in results[0].outcome.details["message"]
    else:
        assert names(results) == [done] * 2


@pytest.mark.parametrize("verb,outcome", [("stop", "already_stopped"), ("start", "unknown")])
def test_codes_that_explain_a_stop_do_not_refuse_a_start(verb, outcome):
    order = Order("Ws", verb, not_recording_codes=frozenset({"400"}))
    results, _client, ledger, _warnings = run(order, ["a"], answering("Ws", lambda name: failure("Ws", name, 400)))
    assert names(results) == [outcome]
    assert (verb == "start") == ("a" in ledger.memories)


def _sizes(client):
    return [len(streams_of(query)) for query in client.sender.transport.queries]


@pytest.mark.parametrize("verb,expected", [("stop", [20, 40, 80, 60]), ("start", [20] * 10)])
def test_requests_grow_where_stops_pass_and_stay_small_where_starts_do(verb, expected):
    client = make_client(answering("Tencent", lambda stream: success("Tencent", stream, verb)))
    order = Order("Tencent", verb, batches_grow=True)
    results = RecordingJob(client, FakeLedger(), order, streams=[f"s{number}" for number in range(200)]).run()
    assert len(results) == 200 and not [result for result in results if result.outcome.name == "failed"]
    assert _sizes(client) == expected


@pytest.mark.parametrize("trouble", ["throttled", "missing"])
def test_requests_do_not_grow_past_what_is_answered_whole(trouble):
    """The vendor takes thirty streams of a request. Nothing says so: it throttles the others, or leaves them out."""

    def step(query):
        rows = [success("Tencent", stream) for stream in streams_of(query)[:30]]
        if trouble == "throttled":
            rows += [failure("Tencent", stream, "RequestLimitExceeded") for stream in streams_of(query)[30:]]
        return reply(0, {"Tencent": rows})

    client = make_client(step)
    order = Order("Tencent", "stop", batches_grow=True)
    results = RecordingJob(client, FakeLedger(), order, streams=[f"s{number}" for number in range(200)]).run()
    assert {result.outcome.name for result in results} == {"stopped"}
    assert max(_sizes(client)) == 40 and _sizes(client).count(40) <= 2


def test_requests_that_no_answer_came_to_are_smaller_from_then_on():
    def step(query):
        if len(streams_of(query)) > 50:
            raise AnswerLost("no answer came", "Look at it.")
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    client = make_client(step)
    order = Order("Tencent", "stop", batches_grow=True)
    results = RecordingJob(client, FakeLedger(), order, streams=[f"s{number}" for number in range(400)]).run()
    assert {result.outcome.name for result in results} == {"stopped"}
    # Eighty were asked for, again and again, and in halves then; no other request is as large.
    assert set(_sizes(client)) <= {20, 40, 80} and _sizes(client)[-1] <= 40


@pytest.mark.parametrize("count", [5, 20, 40])
def test_an_api_that_dies_when_hardly_anything_is_left_is_noticed(count):
    """All that is left are parts of one batch or two. None of them may cost all its retries."""
    alive = iter([True])

    def step(query):
        if not next(alive, False):
            raise AnswerLost("no answer came", "Look at it.")
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    client = make_client(step)
    streams = [f"s{number}" for number in range(20 + count)]
    results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), streams=streams).run()
    assert names(results) == ["stopped"] * 20 + ["failed"] * count
    assert client.requests_sent <= 20


def test_a_batch_that_is_divided_early_keeps_its_retries():
    """The API is up and stumbles: two of three attempts get no answer, for thirty seconds or so."""
    attempts = iter(range(100_000))

    def step(query):
        if (number := next(attempts)) < 100 and number % 3:
            raise AnswerLost("no answer came", "Look at it.")
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    client = make_client(step, retries=9)
    order = Order("Tencent", "stop", batch_size=3)
    results = RecordingJob(client, FakeLedger(), order, streams=[f"s{number}" for number in range(60)]).run()
    assert {result.outcome.name for result in results} == {"stopped"}
    assert max(result.attempts for result in results) > 4
