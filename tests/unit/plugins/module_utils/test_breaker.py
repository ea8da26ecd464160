# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The breaker: one attempt at a time while the API is silent, the end of the run once it was silent for long enough."""

from __future__ import annotations

import random
import threading
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import SUSPECT, Breaker, retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotAttempted
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import Lane
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, run_jobs
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import FakeClock, http, make_client


def make(window=7.5):
    clock = FakeClock()
    return Breaker(window, clock, random.Random(1)), clock


def test_the_retry_window_is_what_all_retries_wait():
    assert [retry_window(number) for number in range(7)] == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5]


def test_it_feels_its_way_until_the_first_answer():
    breaker, _clock = make()
    assert breaker.probing and breaker.wait() <= 0
    breaker.unanswered()
    assert breaker.probing
    breaker.answered()
    assert not breaker.probing


def test_three_in_a_row_raise_suspicion_and_an_answer_ends_it():
    breaker, clock = make()
    breaker.answered()
    for _turn in range(SUSPECT - 1):
        breaker.unanswered()
        assert not breaker.probing
    breaker.unanswered()
    assert breaker.probing and not breaker.is_down()
    clock.wait(7.5)
    assert breaker.is_down()
    breaker.answered()
    assert not breaker.probing and not breaker.is_down() and breaker.wait() <= 0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 5)), max_size=60), st.floats(0, 20))
def test_it_is_down_only_after_a_silence_of_the_whole_window(steps, window):
    breaker, clock = make(window)
    silent_since, silence = clock.now, 0
    for answered, seconds in steps:
        clock.wait(seconds)
        if answered:
            breaker.answered()
            silence = 0
        else:
            silent_since = clock.now if not silence else silent_since
            silence += 1
            breaker.unanswered()
        assert breaker.is_down() == (silence >= SUSPECT and clock.now - silent_since >= window)


def test_one_request_at_a_time_probes_a_silent_api():
    lock, in_flight, most = threading.Lock(), [0], []

    def lost(_query):
        with lock:
            in_flight[0] += 1
            most.append(in_flight[0])
        with lock:
            in_flight[0] -= 1
        return http(503)

    def close(room):
        try:
            yield Call("X", [("RoomId", room)])
        except AnswerLost as error:
            return error.attempts
        except NotAttempted:
            return 0

    client = make_client(lost, retries=2)
    attempts = run_jobs(client, [partial(close, room) for room in range(12)])
    assert most == [1] * client.requests_sent
    # The probes rotate: one bad request alone does not make the API look down.
    assert client.halted is not None and len([number for number in attempts if number]) >= SUSPECT


def test_a_turn_that_was_not_used_proves_nothing():
    client = make_client()
    with Lane(client) as lane:
        assert [lane.room(7), lane.room(7)] == [7, 7]
    assert client.gate.breaker.probing and client.requests_sent == 0
