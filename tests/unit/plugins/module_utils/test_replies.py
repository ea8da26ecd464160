# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes as a reply is read, into an answer or an error."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api import replies as _replies
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    RefusedForContent,
    ZegoError,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    call,
    call_action,
    http,
    make_client,
    reply,
)


@pytest.mark.parametrize(
    "text",
    ['{"Code": 0}', '{"Code": "0", "Data": null}', '{"Code": 0, "RequestId": null}', '{"Code": 0, "RequestId": []}'],
)
def test_an_answer_without_data_or_request_id_is_taken(text):
    answer = call(make_client(http(200, text)))
    assert answer.data is None and answer.request_id is None


def test_messages_are_one_printable_line():
    client = make_client(reply(2, message="a\nb\x1b[31m" + "x" * 1000, request_id="r\n1"))
    with pytest.raises(RefusedForContent) as caught:
        call(client)
    assert caught.value.reason.isprintable() and len(caught.value.reason) < 400
    assert caught.value.request_id == "r 1"


def test_half_an_emoji_costs_nobody_else_a_result():
    text = '{"Code": 0, "Data": [{"a": "fan \\ud83d", "b": "\\ud83d\\ude00", "c": "\\\\ud83d"}]}'
    data = _replies.read_reply(http(200, text)).data[0]
    assert data == {"a": "fan \x1a", "b": "\U0001f600", "c": "\\ud83d"}
    # What was repaired must never pass for a name that can be sent.
    with pytest.raises(ValueError):
        _validation.check_name("stream", data["a"].replace(" ", ""))


@pytest.mark.parametrize(
    "text",
    [
        '{"Code": 0, "Code": 5}',
        '{"Code": 5, "Code": 0}',
        '{"Code": 0, "Data": {"Tencent": [{"StreamName": "a", "Code": "x", "Code": ""}]}}',
        '{"Code": 0, "Data": {"Tencent": []}, "Data": {"Tencent": []}}',
    ],
)
def test_a_reply_that_says_two_things_says_nothing(text):
    assert isinstance(_replies.read_reply(http(200, text)), AnswerLost)


@pytest.mark.parametrize("code", ["\u00b2", "9" * 5000])
def test_an_odd_code_is_a_lost_answer(code):
    with pytest.raises(ZegoError):
        call_action(make_client(reply(code), retries=0), "StopCDNRecord", [], True)
