# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a request is sent again, and when the run ends, with a scripted transport and a clock that nobody waits for."""

from __future__ import annotations

import hashlib
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api import replies as _replies
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    NotAttempted,
    NotSent,
    Refused,
    RefusedForContent,
    Throttled,
    Unreachable,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger import Memory
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    APP_ID,
    SECRET,
    FakeLedger,
    call_action,
    http,
    make_client,
    reply,
)

LOST = AnswerLost("lost", "advice")
GONE = NotSent("no connection", "advice")
OK = reply(0, {"Tencent": []})
COMMON = [100000000 + number for number in (*range(0, 12), *range(13, 18))]
HALTING = [3, 4, 5, 7] + [code for code in COMMON if code not in (100000004, 100000015)]


def call(client, repeatable=True, **more):
    return call_action(client, "StopCDNRecord", [("Vendor", "Tencent"), ("StreamId[]", "a")], repeatable, **more)


def sent(client):
    return len(client.sender.transport.queries)


def test_a_first_good_answer_is_handed_on_after_one_request():
    client = make_client(reply(0, {"x": 1}, request_id=16781707661))
    answer = call(client)
    assert answer.data == {"x": 1}
    assert answer.request_id == "16781707661"
    assert (answer.attempts, answer.maybe_done) == (1, False)
    assert client.requests_sent == sent(client) == 1
    assert client.sender.transport.queries[0][-2:] == [("Vendor", "Tencent"), ("StreamId[]", "a")]


@pytest.mark.parametrize(
    "text",
    ['{"Code": 0}', '{"Code": "0", "Data": null}', '{"Code": 0, "RequestId": null}', '{"Code": 0, "RequestId": []}'],
)
def test_an_answer_without_data_or_request_id_is_taken(text):
    answer = call(make_client(http(200, text)))
    assert answer.data is None and answer.request_id is None


def test_every_attempt_is_a_new_request(monkeypatch):
    now = [1615186943.0]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def later(answer):
        def step(_query):
            now[0] += 7
            return answer

        return step

    client = make_client(later(http(502)), later(reply(6)), later(reply(1000)), later(LOST), OK)
    assert call(client).attempts == 5
    queries = [dict(query) for query in client.sender.transport.queries]
    assert len({query["SignatureNonce"] for query in queries}) == 5
    assert len({query["Signature"] for query in queries}) == 5
    assert [query["Timestamp"] for query in queries] == [1615186943 + 7 * turn for turn in range(5)]
    for query in queries:
        plain = f"{APP_ID}{query['SignatureNonce']}{SECRET}{query['Timestamp']}"
        assert query["Signature"] == hashlib.md5(plain.encode()).hexdigest()


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


def test_too_frequent_slows_down():
    client = make_client(*[reply(6)] * 5 + [OK])
    call(client)
    assert client.gate.requests.rate < 20


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


@pytest.mark.parametrize("offset", [3600, -900])
@pytest.mark.parametrize("repeatable", [True, False])
def test_clock_is_corrected_once(offset, repeatable):
    warnings = []
    wrong = reply(100000004, date=formatdate(time.time() + offset, usegmt=True))
    client = make_client(wrong, OK, warn=warnings.append)
    assert call(client, repeatable).attempts == 2
    call(client, repeatable)
    stamps = [dict(query)["Timestamp"] for query in client.sender.transport.queries]
    assert abs(stamps[1] - stamps[0] - offset) <= 3
    assert abs(stamps[2] - stamps[1]) <= 3
    assert len(warnings) == 1 and "NTP" in warnings[0]


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Foo 99999 99:99:99 GMT", formatdate(0, usegmt=True)])
def test_a_clock_that_cannot_be_corrected_ends_the_run(date):
    client = make_client(reply(100000004, date=date))
    with pytest.raises(Refused):
        call(client)
    assert sent(client) <= 2
    assert client.halted is not None
    with pytest.raises(NotAttempted):
        call(client)


@pytest.mark.parametrize("code", HALTING)
@pytest.mark.parametrize("repeatable", [True, False])
def test_halting_codes_end_the_run_after_one_reply(code, repeatable):
    client = make_client(reply(code), OK)
    with pytest.raises(Fatal) as caught:
        call(client, repeatable)
    assert caught.value.code == str(code)
    assert caught.value.advice
    with pytest.raises(NotAttempted) as later:
        call(client, repeatable)
    assert later.value.attempts == 0
    assert str(code) in later.value.reason
    assert sent(client) == client.requests_sent == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 404, 407])
def test_a_status_that_no_retry_mends_ends_the_run(status):
    client = make_client(http(status), OK)
    with pytest.raises(Fatal):
        call(client)
    with pytest.raises(NotAttempted):
        call(client)
    assert sent(client) == 1


@pytest.mark.parametrize("fault", [reply(2), http(413), http(414), http(431)])
def test_a_request_refused_for_its_content_fails_alone(fault):
    client = make_client(fault, OK)
    with pytest.raises(RefusedForContent):
        call(client)
    assert client.halted is None
    assert call(client).attempts == 1


def test_an_unlisted_code_fails_alone_but_a_common_one_ends_the_run():
    client = make_client(reply(4711))
    with pytest.raises(Refused) as caught:
        call(client)
    assert not isinstance(caught.value, Fatal) and client.halted is None
    client = make_client(reply(100000042))
    with pytest.raises(Fatal):
        call(client)


def test_all_documented_codes_are_explained():
    for code in [2, 3, 4, 5, 6, 7, 1000] + COMMON:
        assert code in _codes.API_CODES
        assert _codes.explain(code).meaning and _codes.explain(code).advice


@pytest.mark.parametrize("fault", [LOST, GONE, http(502)], ids=str)
def test_an_api_that_does_not_answer_ends_the_run(fault):
    client = make_client(fault, retries=4)
    with pytest.raises((AnswerLost, NotSent)):
        call(client)
    assert client.halted is not None and "does not answer" in client.halted.reason
    with pytest.raises(NotAttempted):
        call(client)
    assert sent(client) == 5


def test_the_third_lost_answer_in_a_row_ends_the_run():
    client = make_client(LOST, retries=0)
    for _turn in range(3):
        with pytest.raises(AnswerLost):
            call(client)
    assert client.halted is not None and sent(client) == 3


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


def test_only_lost_answers_in_a_row_end_the_run():
    client = make_client(LOST, LOST, OK, LOST, LOST, reply(2), LOST, LOST, OK, retries=0)
    for _turn in range(9):
        try:
            call(client)
        except ZegoError as error:
            assert not isinstance(error, NotAttempted)
    assert client.halted is None
    assert sent(client) == 9


def test_unreachable_ends_the_run_at_once():
    client = make_client(Unreachable("the certificate is not trusted", "ca_path"), OK)
    with pytest.raises(Unreachable):
        call(client)
    with pytest.raises(NotAttempted):
        call(client)
    assert sent(client) == 1


def test_everything_secret_is_hidden_from_replies():
    client = make_client(OK, hide=("user:password",))
    call(client)
    query = dict(client.sender.transport.queries[0])
    assert {SECRET, query["Signature"], query["SignatureNonce"], "user:password"} <= set(
        client.sender.transport.hidden[0]
    )


def test_errors_carry_neither_signature_nor_context():
    client = make_client(http(200, "<html>"), retries=0)
    with pytest.raises(AnswerLost) as caught:
        call(client)
    assert caught.value.__cause__ is None
    query = dict(client.sender.transport.queries[0])
    for text in (str(caught.value), repr(caught.value), repr(vars(caught.value))):
        assert query["Signature"] not in text and SECRET not in text


def test_messages_are_one_printable_line():
    client = make_client(reply(2, message="a\nb\x1b[31m" + "x" * 1000, request_id="r\n1"))
    with pytest.raises(RefusedForContent) as caught:
        call(client)
    assert caught.value.reason.isprintable() and len(caught.value.reason) < 400
    assert caught.value.request_id == "r 1"


def test_parameters_are_asked_for_before_each_attempt():
    asked_at = []

    def parameters():
        asked_at.append(client.requests_sent)
        return [("turn", len(asked_at))]

    client = make_client(reply(6), LOST, OK)
    assert call_action(client, "StopCDNRecord", parameters, True).attempts == 3
    assert asked_at == [0, 1, 2]
    assert [query[-1] for query in client.sender.transport.queries] == [("turn", 1), ("turn", 2), ("turn", 3)]


def test_a_call_that_has_nothing_left_to_send_ends():
    client, taken = make_client(OK), FakeLedger()
    taken.taken = {"a": Memory("running", time.time())}
    results = RecordingJob(client, taken, Order("Tencent", "start"), streams=["a"]).run()
    assert [result.outcome.name for result in results] == ["already_started"]
    assert sent(client) == client.requests_sent == 0
    assert call(client).attempts == 1


def test_nothing_is_asked_for_where_nothing_is_sent():
    asked = []
    client = make_client(OK)
    client.halt(ZegoError("why", "what to do", "3"))
    with pytest.raises(NotAttempted) as caught:
        call_action(client, "StopCDNRecord", lambda *chance: asked.append(chance), True)
    assert asked == [] and client.requests_sent == 0
    assert (caught.value.code, caught.value.advice) == ("3", "what to do")


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


def test_half_an_emoji_costs_nobody_else_a_result():
    text = '{"Code": 0, "Data": [{"a": "fan \\ud83d", "b": "\\ud83d\\ude00", "c": "\\\\ud83d"}]}'
    data = _replies.read_reply(http(200, text)).data[0]
    assert data == {"a": "fan \x1a", "b": "\U0001f600", "c": "\\ud83d"}
    # What was mended must never pass for a name that can be sent.
    with pytest.raises(ValueError):
        _validation.check_name("stream", data["a"].replace(" ", ""))


@pytest.mark.parametrize("code", ["\u00b2", "9" * 5000])
def test_an_odd_code_is_a_lost_answer(code):
    with pytest.raises(ZegoError):
        call_action(make_client(reply(code), retries=0), "StopCDNRecord", [], True)
