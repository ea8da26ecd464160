# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each action is granted, what its codes mean, and how the client keeps to both."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api import quotas as _quotas
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    Gone,
    NotSent,
    Refused,
    Throttled,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._event import raw_call as _raw_call
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import call_action, http, make_client, reply

LIST = "DescribeSimpleStreamList"
LOST = AnswerLost("lost")


@pytest.mark.parametrize(
    "action,reads",
    [
        (LIST, True),
        ("SearchMedia", True),
        ("QueryX", True),
        ("GetX", True),
        ("CloseRoom", False),
        ("ResetDescribe", False),
        ("describe", False),
        ("", False),
    ],
)
def test_only_describing_actions_are_known_to_change_nothing(action, reads):
    assert _raw_call.only_reads(action) is reads


def test_each_action_has_the_quota_of_the_reference():
    granted = {name: row.per_second for name, row in _quotas.QUOTAS.items()}
    assert (
        granted[LIST] == 50
        and granted["CloseRoom"] == 1
        and granted["DeleteCDNTransferRule"] == 10
        and granted["SearchMedia"] == 20
    )
    assert [name for name, row in _quotas.QUOTAS.items() if row.spacing] == [LIST]
    assert _quotas.quota_of("Unheard").per_second == float("inf")


@pytest.mark.parametrize(
    "action, wanted, pace",
    [
        ("CloseRoom", None, 1),
        ("CloseRoom", 20, 1),
        ("CloseRoom", 0.5, 0.5),
        (LIST, None, 50),
        ("Unheard", None, 20),
        ("Unheard", 200, 200),
        ("", 40, 40),
    ],
)
def test_the_pace_is_what_the_user_wants_within_what_the_api_grants(action, wanted, pace):
    assert _quotas.permitted_rate(action, wanted) == pace


@pytest.mark.parametrize("code", [104, 5024, 50001])
@pytest.mark.parametrize("action", [LIST, "CloseRoom"])
def test_each_code_of_a_room_that_is_gone_is_known(action, code):
    client = make_client(reply(code))
    with pytest.raises(Gone) as caught:
        call_action(client, action, [], True)
    assert (
        "room does not exist" in caught.value.reason and caught.value.code == str(code) and caught.value.attempts == 1
    )
    assert client.halted is None


@pytest.mark.parametrize("code", [104, 154, 206, 41003])
def test_codes_of_one_action_are_not_another_ones(code):
    with pytest.raises(Refused) as caught:
        call_action(make_client(reply(code)), "DeleteCDNTransferRule", [], True)
    assert not isinstance(caught.value, (Gone, Fatal)) and "does not list" in caught.value.reason


@pytest.mark.parametrize("code", [2, 3, 4, 5, 7])
def test_low_codes_end_the_run_only_where_they_are_documented(code):
    client = make_client(reply(code))
    with pytest.raises(Refused) as caught:
        call_action(client, "CloseRoom", [], True)
    assert client.halted is None and not isinstance(caught.value, Fatal) and "probably" in caught.value.reason
    for action in _codes.RECORDING_AND_MEDIA:
        halting = make_client(reply(code))
        with pytest.raises(Refused):
            call_action(halting, action, [], True)
        assert (halting.halted is not None) == (code != 2)


@pytest.mark.parametrize(
    "first", [reply(206), reply(207), reply(154), http(502), LOST], ids=["206", "207", "154", "502", "lost"]
)
def test_the_same_room_is_asked_again_ten_seconds_later(first):
    client = make_client(first, reply(0, {}))
    answer = call_action(client, LIST, [], True)
    assert answer.attempts == 2 and answer.sent_at - 1000 >= 10


@pytest.mark.parametrize(
    "first", [NotSent("refused"), reply(100000004, date="Thu, 01 Jan 2026 00:00:00 GMT")], ids=["not-sent", "clock"]
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


def test_a_body_is_sent_beside_the_signed_query():
    client = make_client(reply(0, {"a": 1}, message="fine"))
    answer = call_action(client, "X", [("IsTest", "true")], False, body={"a": [1]})
    assert answer.data == {"a": 1} and answer.message == "fine"
    transport = client.sender.transport
    assert transport.bodies == [{"a": [1]}] and client.sender.server_secret in transport.hidden[0]
    assert ("IsTest", "true") in transport.queries[0] and ("Action", "X") in transport.queries[0]


def test_parameters_may_differ_from_one_attempt_to_the_next():
    numbers = iter(range(9))
    client = make_client(LOST, reply(6), reply(0))
    call_action(client, "DeleteCDNTransferRule", lambda: [("Sequence", next(numbers))], True)
    assert [dict(query)["Sequence"] for query in client.sender.transport.queries] == [0, 1, 2]


@pytest.mark.parametrize("code", sorted({code for rows in _codes.ACTION_CODES.values() for code in rows}))
def test_every_row_says_what_to_do(code):
    for action, rows in _codes.ACTION_CODES.items():
        if code in rows:
            assert _codes.explain(code, action) == rows[code] and rows[code].meaning and rows[code].advice.endswith(".")


def test_a_code_that_no_page_lists_is_known_as_unlisted():
    assert _codes.is_unlisted("4711", "CloseRoom")
    for code in ("104", "2", "1000", "100000005", "100000098", "HTTP 400", None):
        assert not _codes.is_unlisted(code, "CloseRoom")


def test_an_error_is_one_of_the_family():
    assert issubclass(Gone, Refused) and issubclass(Gone, ZegoError)
