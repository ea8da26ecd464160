# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a request is sent again, and when the run ends, with a scripted transport and a clock that nobody waits for."""

from __future__ import annotations

import hashlib
import time
from email.utils import formatdate

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import client as _client
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    Forbidden,
    NotAttempted,
    NotSent,
    Refused,
    RefusedForContent,
    Unreachable,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    APP_ID,
    SECRET,
    FakeLedger,
    call,
    call_action,
    http,
    make_client,
    reply,
    sent,
)

LOST = AnswerLost("lost", "advice")
GONE = NotSent("no connection", "advice")
OK = reply(0, {"Tencent": []})
COMMON = [100000000 + number for number in (*range(0, 12), *range(13, 18))]
HALTING = [code for code in COMMON if code not in (100000004, 100000015)]


def test_a_first_good_answer_is_handed_on_after_one_request():
    client = make_client(reply(0, {"x": 1}, request_id=16781707661))
    answer = call(client)
    assert answer.data == {"x": 1}
    assert answer.request_id == "16781707661"
    assert (answer.attempts, answer.maybe_done) == (1, False)
    assert client.requests_sent == sent(client) == 1
    assert client.sender.transport.queries[0][-2:] == [("Vendor", "Tencent"), ("StreamId[]", "a")]


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
    assert [query["Timestamp"] for query in queries] == list(range(1615186943, 1615186943 + 5 * 7, 7))
    for query in queries:
        plain = f"{APP_ID}{query['SignatureNonce']}{SECRET}{query['Timestamp']}"
        assert query["Signature"] == hashlib.md5(plain.encode()).hexdigest()


def test_too_frequent_slows_down():
    client = make_client(*[reply(6)] * 5 + [OK])
    call(client)
    assert client.gate.requests.rate < 20


@pytest.mark.parametrize(
    "answer,left",
    [(reply(2), 60), (reply(4711), 60), (reply(6), 20), (LOST, 20), (GONE, 20), (OK, 20)],
    ids=["content", "unlisted code", "too frequent", "lost", "not sent", "good"],
)
def test_a_refusal_that_is_not_for_the_pace_is_progress(answer, left):
    """Whether a good reply is progress, the job says: it may hold nothing but throttled streams."""
    client = make_client(answer, patience=60)
    attempt = client.new_attempt("StopCDNRecord", [])
    # The first refusal for its pace starts the time.
    assert client.gate.patience.left() == 60
    client.gate.sleep(40)
    client.learn(attempt, client.sender.send(attempt))
    assert client.gate.patience.left() == left


@pytest.mark.parametrize("offset", [3600, -900])
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_wrong_clock_is_corrected_for_the_rest_of_the_run(offset, repeatable):
    warnings = []
    wrong = reply(100000004, date=formatdate(time.time() + offset, usegmt=True))
    client = make_client(wrong, OK, warn=warnings.append)
    assert call(client, repeatable).attempts == 2
    call(client, repeatable)
    stamps = [dict(query)["Timestamp"] for query in client.sender.transport.queries]
    assert abs(stamps[1] - stamps[0] - offset) <= 3
    assert abs(stamps[2] - stamps[1]) <= 3
    assert len(warnings) == 1 and "NTP" in warnings[0]


def wrong_clock(offset):
    return reply(100000004, date=formatdate(time.time() + offset, usegmt=True))


def test_a_clock_that_is_set_during_the_run_is_corrected_again():
    warnings = []
    client = make_client(wrong_clock(3600), OK, wrong_clock(0), OK, wrong_clock(-700), OK, warn=warnings.append)
    for _turn in range(3):
        assert call(client).attempts == 2
    now = time.time()
    ahead = [round(dict(query)["Timestamp"] - now) for query in client.sender.transport.queries]
    assert [round(seconds, -2) for seconds in ahead] == [0, 3600, 3600, 0, 0, -700]
    assert len(warnings) == 2 and "s behind" in warnings[0] and "s ahead" in warnings[1]


def test_an_api_that_never_likes_the_time_ends_the_run():
    client = make_client(*(wrong_clock(700 * turn) for turn in range(1, 60)))
    with pytest.raises(Refused):
        call(client)
    assert sent(client) <= _client.MOST_CORRECTIONS + 1 and client.halted is not None


@pytest.mark.parametrize("offset", [86401 + 60, -86401 - 60, 10 * 365 * 86400])
def test_no_time_more_than_a_day_off_is_ever_signed(offset):
    client = make_client(wrong_clock(offset), OK)
    with pytest.raises(Refused):
        call(client)
    assert (
        sent(client) == 1 and "more than a day off" in client.halted.reason and "Set the clock" in client.halted.advice
    )
    assert abs(dict(client.sender.transport.queries[0])["Timestamp"] - time.time()) < 60


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


SUSPECT = [*map(reply, (3, 4, 5, 7)), *map(http, (301, 302, 308, 401, 403, 404, 405, 407))]


@pytest.mark.parametrize("fault", SUSPECT, ids=str)
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_refusal_that_several_requests_met_ends_the_run(fault, repeatable):
    client = make_client(fault)
    for _turn in range(3):
        assert client.halted is None
        with pytest.raises(Forbidden):
            call(client, repeatable)
    with pytest.raises(NotAttempted):
        call(client, repeatable)
    assert sent(client) == 3


def test_what_is_refused_for_itself_does_not_end_the_run():
    client = make_client(reply(4711))
    for _turn in range(9):
        with pytest.raises(Refused):
            call(client)
    assert client.halted is None


@pytest.mark.parametrize("fault", [*SUSPECT, reply(4711), http(400), http(418)], ids=str)
def test_once_a_request_was_accepted_no_refusal_ends_the_run(fault):
    client = make_client(OK, fault)
    assert call(client).attempts == 1
    for _turn in range(9):
        with pytest.raises(Refused):
            call(client)
    assert client.halted is None and sent(client) == 10


def test_refusals_for_different_reasons_do_not_end_the_run():
    client = make_client(*[reply(3), http(403), reply(4), reply(3), http(403)], reply(3))
    for _turn in range(5):
        with pytest.raises(Refused):
            call(client)
    assert client.halted is None
    with pytest.raises(Refused):
        call(client)
    assert client.halted is not None


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
    for text in (SECRET, query["Signature"], query["SignatureNonce"], "user:password"):
        assert client.sender.secrets.occur_in(f"denied for {text}")


def test_errors_carry_neither_signature_nor_context():
    client = make_client(http(200, "<html>"), retries=0)
    with pytest.raises(AnswerLost) as caught:
        call(client)
    assert caught.value.__cause__ is None
    query = dict(client.sender.transport.queries[0])
    for text in (str(caught.value), repr(caught.value), repr(vars(caught.value))):
        assert query["Signature"] not in text and SECRET not in text


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


@pytest.mark.parametrize("offset", [40 * 86400, -40 * 86400])
def test_a_date_that_cannot_be_right_tells_no_time(offset):
    client = make_client(reply(0, {}, date=formatdate(time.time() + offset, usegmt=True)), OK)
    call(client)
    assert client.api_time() is None and client.seconds_ahead == 0


def test_an_internal_error_of_the_gateway_ends_no_run_that_was_accepted_before():
    client = make_client(OK, reply(100000015), OK)
    call(client, False)
    with pytest.raises(Fatal):
        call(client, False)
    assert client.halted is None and call(client, False).attempts == 1
