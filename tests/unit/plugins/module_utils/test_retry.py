# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a request is sent again, and when, with a clock that nobody waits for."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    NotAttempted,
    NotSent,
    Refused,
    Throttled,
    ZegoError,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    call,
    call_action,
    http,
    make_client,
    reply,
    sent,
)

LIST = "DescribeSimpleStreamList"
LOST = AnswerLost("lost", "advice")
GONE = NotSent("no connection", "advice")
OK = reply(0, {"Tencent": []})
UNCERTAIN = [
    LOST,
    http(500),
    http(502),
    http(503),
    http(504),
    http(408),
    reply(1000),
    reply(100000015),
    http(200, "<html>"),
    http(200, ""),
    http(200, "[]"),
    http(200, "null"),
    http(200, "{}"),
    http(200, '{"Code": null}'),
    http(200, '{"Code": true}'),
    http(200, '{"Code": "x"}'),
    http(200, '{"Code": 1.5}'),
    http(200, "[" * 100000),
]


@pytest.mark.parametrize("fault", UNCERTAIN, ids=lambda fault: str(fault)[:40])
def test_uncertain_is_sent_again_only_where_that_is_harmless(fault):
    client = make_client(fault, OK)
    assert call(client).attempts == 2
    client = make_client(fault, OK)
    with pytest.raises(ZegoError) as caught:
        call(client, repeatable=False)
    assert sent(client) == 1
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    "fault",
    [LOST, http(500), http(408), http(200, "<html>"), http(200, "{}"), reply(100000015)],
    ids=lambda fault: str(fault)[:40],
)
def test_a_lost_answer_leaves_a_mark(fault):
    assert call(make_client(fault, OK)).maybe_done
    assert call(make_client(fault, reply(6), GONE, OK)).maybe_done
    with pytest.raises(ZegoError) as caught:
        call(make_client(fault), repeatable=False)
    assert caught.value.maybe_done


@pytest.mark.parametrize("fault", [GONE, reply(6), http(429)], ids=lambda fault: str(fault)[:40])
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_was_refused_or_never_left_is_always_sent_again(fault, repeatable):
    answer = call(make_client(fault, fault, OK), repeatable)
    assert (answer.attempts, answer.maybe_done) == (3, False)


@pytest.mark.parametrize("retries", [0, 1, 4])
@pytest.mark.parametrize(
    "fault,kind",
    [(LOST, AnswerLost), (GONE, NotSent), (http(503), AnswerLost), (reply(1000), Refused), (reply(100000015), Fatal)],
)
def test_a_call_is_sent_as_often_as_retries_allow(retries, fault, kind):
    client = make_client(fault, retries=retries)
    with pytest.raises(kind) as caught:
        call(client)
    assert sent(client) == client.requests_sent == caught.value.attempts == retries + 1
    waits = client.gate.fake_clock.waits
    assert all(0 <= wait <= 8 for wait in waits)


def test_too_frequent_is_not_bounded_by_retries_but_by_time():
    client = make_client(reply(6), retries=0, patience=60)
    began = client.gate.clock()
    with pytest.raises(Throttled) as caught:
        call(client)
    waited = client.gate.clock() - began
    assert 55 <= waited <= 75
    assert caught.value.attempts > 5
    assert caught.value.code == "6"
    # Whoever comes next would wait as long, and for nothing.
    assert client.halted is not None and "nothing else for 60 s" in client.halted.reason
    sent = client.requests_sent
    with pytest.raises(NotAttempted):
        call(client)
    assert client.requests_sent == sent


@pytest.mark.parametrize("fault", [http(429, retry_after=17.0), http(503, retry_after=17.0)])
def test_the_wait_that_retry_after_asks_for_is_kept(fault):
    client = make_client(fault, OK)
    began = client.gate.clock()
    call(client)
    assert client.gate.clock() - began >= 17


def test_retry_after_beyond_the_patience_ends_the_call():
    client = make_client(http(429, retry_after=500.0), OK, patience=60)
    with pytest.raises(Throttled):
        call(client)
    assert sent(client) == 1


def test_retry_after_of_a_failing_server_is_bounded():
    client = make_client(http(503, retry_after=86400.0), OK)
    began = client.gate.clock()
    call(client)
    assert client.gate.clock() - began <= 60


def test_the_last_attempt_comes_when_the_retry_window_ends():
    client = make_client(GONE, GONE, GONE, GONE, OK, retries=4)
    began = client.gate.clock()
    assert call(client).attempts == 5 and client.halted is None
    # However short the jitter made the waits before it, the last attempt comes when the window ends.
    assert client.gate.clock() - began >= retry_window(4) == 7.5


@given(st.lists(st.sampled_from([LOST, GONE, http(503)]), min_size=1, max_size=4))
def test_an_api_that_comes_back_within_the_window_loses_nothing(faults):
    client = make_client(*faults, OK, retries=len(faults))
    assert call(client).attempts == len(faults) + 1


def test_parameters_are_asked_for_before_each_attempt():
    asked_at = []

    def parameters():
        asked_at.append(client.requests_sent)
        return [("turn", len(asked_at))]

    client = make_client(reply(6), LOST, OK)
    assert call_action(client, "StopCDNRecord", parameters, True).attempts == 3
    assert asked_at == [0, 1, 2]
    assert [query[-1] for query in client.sender.transport.queries] == [("turn", 1), ("turn", 2), ("turn", 3)]


def test_a_call_cut_short_ends_with_what_it_met():
    client = make_client(LOST)
    client.gate.sleep = lambda seconds: client.halt(ZegoError("other call halted")) or False
    with pytest.raises(AnswerLost) as caught:
        call(client)
    assert caught.value.attempts == 1 and caught.value.maybe_done


FAULTS = st.sampled_from(
    UNCERTAIN
    + [
        OK,
        OK,
        GONE,
        reply(6),
        http(429, retry_after=2.0),
        reply(2),
        http(414),
        reply(4711),
        http(418),
        reply(5),
        http(302),
        http(200, "x" * 10),
    ]
)


@given(st.lists(FAULTS, min_size=1, max_size=12), st.booleans(), st.integers(0, 3))
def test_a_call_that_is_not_repeatable_is_never_sent_after_doubt(script, repeatable, retries):
    client = make_client(*script, retries=retries, patience=20)
    try:
        outcome = call(client, repeatable)
    except ZegoError as error:
        outcome = error
    assert outcome.attempts == client.requests_sent == sent(client) >= 1
    known = [script[min(turn, len(script) - 1)] for turn in range(sent(client))]
    if not repeatable:
        assert not any(item in UNCERTAIN for item in known[:-1])


@pytest.mark.parametrize(
    "first", [reply(206), reply(207), reply(154), http(502), LOST], ids=["206", "207", "154", "502", "lost"]
)
def test_the_same_room_is_asked_again_ten_seconds_later(first):
    client = make_client(first, reply(0, {}))
    answer = call_action(client, LIST, [], True)
    assert answer.attempts == 2 and answer.sent_at - 1000 >= 10


@pytest.mark.parametrize(
    "first",
    [NotSent("refused"), reply(100000004, date=formatdate(time.time() + 3600, usegmt=True))],
    ids=["not-sent", "clock"],
)
def test_what_never_reached_the_room_is_sent_again_at_once(first):
    answer = call_action(make_client(first, reply(0, {})), LIST, [], True)
    assert answer.attempts == 2 and answer.sent_at - 1000 < 10


def test_other_actions_do_not_wait_so_long():
    assert call_action(make_client(LOST, reply(0, {})), "SearchMedia", [], True).sent_at - 1000 < 10


@pytest.mark.parametrize("patience,attempts", [(5, 1), (45, 5)])
def test_patience_bounds_the_wait_for_a_room(patience, attempts):
    client = make_client(reply(206), patience=patience)
    with pytest.raises(Throttled) as caught:
        call_action(client, LIST, [], True)
    assert caught.value.attempts == attempts and client.gate.clock() - 1000 <= patience
