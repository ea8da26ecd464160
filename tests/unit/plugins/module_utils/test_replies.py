# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever comes as a reply is read, into an answer or an error."""

from __future__ import annotations

import json
import time

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


DEEP = "[" * 100 + "]" * 100


@pytest.mark.parametrize(
    "text",
    [
        '{"Code": 0, "Data": ' + "[" * 100_000,
        '{"Code": 0, "Data": ' + DEEP,
        '{"Code": 0, ' + DEEP + "}",
        '{"Data": ' + DEEP + ', "Code"}',
        '{"Data": ' + DEEP + ', "Code":}',
        "[" * 100_000 + "]" * 100_000,
        "[" + DEEP + "]",
        '{"Data": ' + DEEP + ', "Code": [0]}',
        '{"Data": ' + DEEP + "}",
    ],
)
def test_what_is_deep_and_no_reply_is_a_lost_answer(text):
    assert isinstance(_replies.read_reply(http(200, text)), AnswerLost)


def test_of_a_deep_reply_the_code_and_the_words_are_read():
    text = '{"Data": {"a": ' + DEEP + ', "s": "]}\\\\"}, "Code": %d, "Message": "x, {\\"y\\"", "RequestId": "r"}'
    answer = _replies.read_reply(http(200, text % 0))
    assert answer.data == '{"a": ' + DEEP + ', "s": "]}\\\\"}'
    assert (answer.message, answer.request_id) == ('x, {"y"', "r")
    assert _replies.read_reply(http(200, text % 2)).code == "2"


@pytest.mark.parametrize("depth", [1, 10, 62])
def test_data_of_a_usual_depth_is_data(depth):
    data = json.loads("[" * depth + "[1],{}" + "]" * depth)
    text = json.dumps({"Code": 0, "Data": data, "x": [[]] * 100})
    assert _replies.read_reply(http(200, text)).data == data


@pytest.mark.parametrize("command", ["::error::x", "::add-mask::x", "##[error]x", "##vso[task.complete]x", ":::x"])
def test_no_text_of_a_server_is_a_command_of_a_runner(command):
    line = _replies.one_line(f"\x1b[2J\n{command}\u202e")
    assert "::" not in line and "##" not in line and line.isprintable() and line.endswith("x")


def test_a_text_of_any_size_is_cut_before_it_is_read():
    began = time.process_time()
    assert _replies.one_line("x" * 50_000_000) == "x" * 200
    assert _replies.one_line(" \x00" * 25_000_000) == ""
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "message,expected",
    [
        ("signature wrong", "the API answered Code 100000005 (signature wrong)"),
        ("Signature wrong.", "the API answered Code 100000005 (signature wrong)"),
        ("bad nonce", "the API answered Code 100000005 (signature wrong): bad nonce"),
    ],
)
def test_the_apis_own_words_are_said_where_they_say_more(message, expected):
    with pytest.raises(ZegoError) as caught:
        call(make_client(reply(100000005, message=message)))
    assert caught.value.reason == expected
