# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thread decides, the workers only wait; whatever an answer teaches is learned before the next request goes."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import lane as _lane
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, Fatal, NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import WORKERS, Lane, Request
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._api.workers import Workers
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    http,
    make_client,
    reply,
    success,
)


def client_of(*script, **options):
    """A client that waits until all requests in flight are answered, so that their answers come at once."""
    client = make_client(*script, **options)
    client.gate.wait_for = lambda futures, _seconds: wait(futures, 30).done
    return client


def send(lane, ticket="ticket", units=1):
    lane.send(Request("X", [("RoomId", ticket)], lane.new_retry("X", True), ticket, units))


def answers_for(lane, count):
    """Take the answers to all requests in flight: so many."""
    answered = lane.answers(None)
    assert len(answered) == count
    return answered


def test_a_worker_is_given_only_what_is_immutable(monkeypatch):
    client, submitted = client_of(reply(0)), []

    class Watched(Workers):
        def submit(self, work, argument, under_way):
            submitted.append((work, argument))
            return super().submit(work, argument, under_way)

    monkeypatch.setattr(_lane, "Workers", Watched)
    with Lane(client) as lane:
        send(lane)
        answers_for(lane, 1)
    ((work, attempt),) = submitted
    assert work.__self__ is client.sender and isinstance(attempt.parameters, tuple)
    for given in (client.sender, attempt):
        for name in given._fields:
            with pytest.raises(AttributeError):
                setattr(given, name, None)


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_what_runs_in_a_worker_is_one_attempt_and_nothing_of_the_job(verb):
    script = [http(503), reply(6), reply(2)]
    decided, files = threading.get_ident(), set()

    def step(query):
        if script and verb == "stop":
            return script.pop()
        streams = [value for name, value in query if name == "StreamId[]"]
        return reply(0, {"Tencent": [success("Tencent", stream, verb) for stream in streams]})

    def note(frame, _event, _argument):
        if threading.get_ident() != decided and "module_utils" in frame.f_code.co_filename:
            files.add(Path(frame.f_code.co_filename).name)

    client = make_client(step)
    streams = [f"s{number}" for number in range(50)]
    threading.setprofile(note)
    try:
        results = RecordingJob(client, FakeLedger(), Order("Tencent", verb), streams=streams).run()
    finally:
        threading.setprofile(None)
    assert {result.outcome.name for result in results} == {"stopped" if verb == "stop" else "started"}
    assert {"attempt.py", "signing.py", "replies.py"} <= files
    others = {"codes.py", "errors.py", "workers.py", "fakes.py", "test_lane.py"}
    # Of the run's secrets a worker adds to a set, and looks into it: both are safe without a lock.
    assert files <= {"attempt.py", "signing.py", "replies.py", "secrecy.py", *others}


def test_all_answers_are_learned_before_the_job_sees_one():
    answers = {"probe": reply(0), "good": reply(0), "slow": reply(6), "bad": reply(100000005)}
    client = client_of(lambda query: answers[dict(query)["RoomId"]], rate=1000000)
    client.gate.streams.lift()
    with Lane(client) as lane:
        send(lane, "probe")
        answers_for(lane, 1)
        rate = client.gate.requests.rate
        for ticket in ("good", "slow", "bad"):
            send(lane, ticket)
        answered = {ticket: (outcome, retry_in) for ticket, outcome, retry_in in answers_for(lane, 3)}
        assert lane.room(1) == 0
    assert client.gate.requests.rate < rate
    assert isinstance(client.halted, Fatal) and isinstance(answered["bad"][0], Fatal)
    assert not isinstance(answered["good"][0], ZegoError)


def test_until_the_first_answer_there_is_room_for_one_request():
    client = client_of(reply(0), rate=1000000)
    client.gate.streams.lift()
    with Lane(client) as lane:
        assert lane.room(7) == 7
        send(lane, units=7)
        # The pace would allow the next one.
        client.gate.sleep(1)
        assert client.gate.requests.wait() <= 0 and lane.room(7) == 0
        answers_for(lane, 1)
        client.gate.sleep(1)
        assert lane.room(7) == 7


def test_a_wrong_secret_costs_one_request_however_many_jobs_wait():
    client = make_client(reply(100000005))

    def close(room):
        try:
            yield Call("CloseRoom", [("RoomId", room)])
        except ZegoError as error:
            return error

    errors = run_jobs(client, [partial(close, room) for room in range(8)])
    assert client.requests_sent == 1
    assert sorted(type(error).__name__ for error in errors) == ["Fatal"] + ["NotAttempted"] * 7
    assert all(error.code == "100000005" for error in errors)


def test_no_more_requests_are_in_flight_than_there_are_workers():
    release = threading.Event()

    def step(query):
        assert dict(query)["RoomId"] == "probe" or release.wait(30)
        return reply(0)

    client = client_of(step, rate=1000000)
    client.gate.streams.lift()
    with Lane(client) as lane:
        send(lane, "probe")
        answers_for(lane, 1)
        for number in range(WORKERS):
            client.gate.sleep(1)
            assert lane.room(1) == 1
            send(lane, number)
        client.gate.sleep(1)
        assert lane.room(1) == 0
        release.set()
        answers_for(lane, WORKERS)
        assert lane.room(1) == 1 and not lane


def test_a_request_that_the_end_of_the_run_cuts_short_ends_with_what_it_met():
    client = client_of(AnswerLost("lost", "look"))
    with Lane(client) as lane:
        send(lane)
        ((_ticket, outcome, retry_in),) = answers_for(lane, 1)
        assert isinstance(outcome, AnswerLost) and retry_in is not None
    retry = Lane(client).new_retry("X", True)
    assert isinstance(retry.final(NotAttempted("ended")), NotAttempted)
    retry.attempts += 1
    retry.delay_after(outcome)
    final = retry.final(NotAttempted("ended"))
    assert final is outcome and final.attempts == 1 and final.maybe_done
