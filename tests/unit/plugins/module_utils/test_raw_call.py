# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of any action."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
)
from ansible_collections.zego.cloud.plugins.module_utils._event import raw_call as _raw_call
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import call_action, http, make_client, reply

LOST = AnswerLost("lost")


def make(action="CloseRoom", common=(), **given):
    params = {
        "action": action,
        "params": {},
        "method": "GET",
        "ok_codes": [],
        "changed_when_code": None,
        "retry": "refused",
        **given,
    }
    return _raw_call.make_call(params, Environment(tuple(common)))


@pytest.mark.parametrize("action", ["StopCDNRecord", "StartCDNRecord", "stopcdnrecord", "STARTCDNRECORD"])
def test_recordings_have_their_own_module(action):
    with pytest.raises(ValueError, match="zego_cdn_record"):
        make(action)


@pytest.mark.parametrize("action", ["", "Close Room", "../x", "1x", "x" * 65, "Close&Action=Stop", "CloseRoom\n"])
def test_what_is_no_name_of_an_action_is_refused(action):
    with pytest.raises(ValueError, match="name of an action"):
        make(action)


@pytest.mark.parametrize(
    "params,word",
    [
        ({"AppId": 1}, "set by the module"),
        ({"signature": "x"}, "set by the module"),
        ({"Action": "StopCDNRecord"}, "set by the module"),
        ({"action[]": ["StopCDNRecord"]}, "set by the module"),
        ({"Timestamp[]": 1}, "set by the module"),
        ({"IsTest": True}, "is_test"),
        ({"": 1}, "not a name"),
        ({"a\nb": 1}, "not a name"),
        ({"A": None}, "must be"),
        ({"A": {"b": 1}}, "must be"),
        ({"A": [{"b": 1}]}, "must be"),
    ],
)
def test_params_that_no_request_can_carry_are_refused(params, word):
    with pytest.raises(ValueError, match=word):
        make(params=params)


def test_params_become_a_query_as_the_api_writes_it():
    call = make(
        params={"S": "x y", "I": 7, "F": 1.5, "B": False, "L": ["a", 1, True], "M[]": ["b"], "E": []},
        common=[("IsTest", "true")],
    )
    expected = [
        ("IsTest", "true"),
        ("S", "x y"),
        ("I", "7"),
        ("F", "1.5"),
        ("B", "false"),
        ("L[]", "a"),
        ("L[]", "1"),
        ("L[]", "true"),
        ("M[]", "b"),
    ]
    assert call.query == expected and call.body is None


def test_params_become_a_json_body():
    call = make(method="POST", params={"A": {"b": [None, 1]}, "B": True}, common=[("IsTest", "true")])
    assert call.query == [("IsTest", "true")] and call.body == {"A": {"b": [None, 1]}, "B": True}
    assert make(method="POST").body == {}


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=9), VALUES, max_size=4), st.sampled_from(["GET", "POST"]))
def test_params_are_taken_or_refused(params, method):
    try:
        call = make(params=params, method=method)
    except ValueError as error:
        assert str(error)
    else:
        assert all(isinstance(value, str) for _name, value in call.query)


@pytest.mark.parametrize(
    "given,script,changed,failed,requests",
    [
        ({}, [reply(0)], True, False, 1),
        ({"action": "DescribeX"}, [reply(0)], False, False, 1),
        ({"action": "DescribeX", "changed_when_code": [0]}, [reply(0)], True, False, 1),
        ({"changed_when_code": []}, [reply(0)], False, False, 1),
        ({"changed_when_code": [4711]}, [reply(0)], False, False, 1),
        ({"changed_when_code": [4711]}, [reply(4711)], True, False, 1),
        ({}, [reply(4711)], False, True, 1),
        ({"ok_codes": [104]}, [reply(104)], False, False, 1),
        ({"ok_codes": [105]}, [reply(104)], False, True, 1),
        ({}, [reply(206), reply(0)], True, False, 2),
        ({}, [reply(6), reply(0)], False, True, 1),
        ({}, [LOST], False, True, 1),
        ({}, [http(502)], False, True, 1),
        ({}, [reply(1000)], False, True, 1),
        ({"retry": "always"}, [LOST, reply(0)], True, False, 2),
        ({"action": "SearchX"}, [LOST, http(502), reply(0)], False, False, 3),
        ({"action": "GetX"}, [http(400)], False, True, 1),
    ],
)
def test_each_answer_makes_an_honest_result(given, script, changed, failed, requests):
    client = make_client(*script)
    result = _raw_call.call_action(client, make(**given))
    assert (result["changed"], result.get("failed", False), result["api_requests"]) == (changed, failed, requests)
    assert result["msg"] and result["message"] and isinstance(result.get("code", 0), int)
    json.dumps(result)


def test_a_lost_answer_says_what_to_do():
    assert "may have been carried out" in _raw_call.call_action(make_client(LOST), make())["msg"]
    assert "may have been carried out" not in _raw_call.call_action(make_client(LOST), make(retry="always"))["msg"]
    assert "may have been carried out" not in _raw_call.call_action(make_client(reply(4711)), make())["msg"]


def test_the_reply_is_handed_on():
    result = _raw_call.call_action(make_client(reply(0, {"A": [1]}, message="fine", request_id=77)), make())
    assert (result["data"], result["code"], result["message"], result["request_id"]) == ({"A": [1]}, 0, "fine", "77")


DELETE = {"action": "DeleteMedia", "params": {"Vendor": "Tencent", "FileId": ["1", "2"]}}
ERROR = {"Code": "ResourceNotFound", "Message": "no such\nfile", "Key": "2", "RequestId": "r"}


@pytest.mark.parametrize(
    "data, failed, changed",
    [
        ({"Deleted": ["1", "2"], "Errors": []}, False, True),
        ({"Deleted": ["1", "2"], "Errors": None}, False, True),
        ({"Deleted": ["1", "2"]}, False, True),
        (None, False, True),
        ({"Deleted": ["1"], "Errors": [ERROR]}, True, True),
        ({"Deleted": [], "Errors": [ERROR, ERROR]}, True, False),
        # A shape that nobody documented is no success.
        ({"Errors": {"2": "gone"}}, True, True),
        ({"Deleted": [], "Errors": "all of them"}, True, False),
        ({"Deleted": ["1"], "Errors": [None, {}, 7]}, True, True),
    ],
)
def test_code_0_with_errors_is_a_failure_of_those_files(data, failed, changed):
    result = _raw_call.call_action(make_client(reply(0, data)), make(**DELETE))
    assert (result["failed"], result["changed"], result["code"], result["data"]) == (failed, changed, 0, data)
    assert ("were not deleted" in result["msg"]) == failed
    json.dumps(result)


def test_each_file_that_was_not_deleted_is_named():
    many = [dict(ERROR, Key=f"k{number}") for number in range(7)]
    message = _raw_call.call_action(make_client(reply(0, {"Errors": many})), make(**DELETE))["message"]
    assert "7 files were not deleted: k0 (ResourceNotFound: no such file)" in message and "and 2 more" in message


def test_errors_of_other_actions_are_their_own():
    data = {"Errors": [ERROR], "FailUsers": []}
    assert not _raw_call.call_action(make_client(reply(0, data)), make())["failed"]


def test_users_that_were_not_reached_are_a_failure():
    data = {"FailUsers": [{"Uid": "ada", "Code": 50003}]}
    result = _raw_call.call_action(make_client(reply(0, data)), make(action="SendCustomCommand"))
    assert result["failed"] and result["changed"] and "1 users did not get it: ada (50003)" in result["msg"]


@pytest.mark.parametrize(
    "asked, answered, failed",
    [
        (True, {"Code": 1, "Message": "handle success"}, False),
        (True, {"Code": "1"}, False),
        (True, {"Code": 0, "Message": ""}, True),
        (True, None, True),
        (False, {"Code": 0, "Message": ""}, False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cache_that_was_to_be_cleared_and_was_not_is_a_failure(asked, answered, failed, method):
    params = dict(DELETE["params"], Vendor="Ws", ClearCache=asked)
    data = {"Deleted": ["1", "2"], "Errors": [], "WsItemIdReceiverResp": answered}
    call = make(action="DeleteMedia", params=params, method=method)
    result = _raw_call.call_action(make_client(reply(0, data)), call)
    assert result["failed"] is failed and ("cache was not cleared" in result["msg"]) is failed


def test_check_mode_predicts_a_change_and_sends_nothing():
    assert _raw_call.not_called(make()) == {
        "changed": True,
        "msg": "CloseRoom was not called (check mode).",
        "api_requests": 0,
    }


LIST = "DescribeSimpleStreamList"


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


def test_a_body_is_sent_beside_the_signed_query():
    client = make_client(reply(0, {"a": 1}, message="fine"))
    answer = call_action(client, "X", [("IsTest", "true")], False, body={"a": [1]})
    assert answer.data == {"a": 1} and answer.message == "fine"
    transport = client.sender.transport
    assert transport.bodies == [{"a": [1]}]
    assert ("IsTest", "true") in transport.queries[0] and ("Action", "X") in transport.queries[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"__ansible_type": "_AnsibleTaggedStr", "value": 1}}',
        '[{"__ansible_unsafe": "x"}, {"__ansible_vault": "y"}]',
        '{"a": "' + "x" * 3_000_000 + '"}',
        '{"a": NaN}',
        "[1, -Infinity, 1e999]",
        "[" * 80 + "]" * 80,
        '{"a":' * 80 + '"\\u005b, }"' + "}" * 80,
        "[" * 200_000 + "]" * 200_000,
        '{"a": ' * 50_000 + "1" + "}" * 50_000,
    ],
)
def test_data_that_ansible_cannot_take_comes_back_as_its_json(text):
    body = f'{{"Code": 0, "Message": "fine", "Data": {text}, "RequestId": "r"}}'
    result = _raw_call.call_action(make_client(http(200, body)), make())
    assert not result["failed"] and result["code"] == 0 and result["changed"] and result["request_id"] == "r"
    data = result["data"]
    assert isinstance(data, str) and len(data) >= len(text) // 2
    assert json.loads(data) == json.loads(text) if len(text) < 1000 and "NaN" not in text else True
    json.dumps(result, allow_nan=False)


def test_a_number_without_end_is_its_digits():
    body = f'{{"Code": 0, "Data": [{"9" * 300}, {"9" * 5000}]}}'
    data = _raw_call.call_action(make_client(http(200, body)), make())["data"]
    assert data == [int("9" * 300), "9" * 5000]


@pytest.mark.parametrize("data", [None, {}, [], "x", {"a": [{"b": [1.5, True, None, "\u00e9"]}]}, {"_ansible": 1}])
def test_other_data_comes_back_as_it_is(data):
    assert _raw_call.returnable(data) is data
