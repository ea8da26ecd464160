# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API answers before the first step, and what the role says about it: over a socket, against the simulator."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest
from ansible.module_utils import basic

from ansible_collections.zego.cloud.plugins.modules import teardown_step
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.calls import preflight_call
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.preflight import in_words, vendors_of

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from simulator.client import Simulator  # noqa: E402

VENDORS = ["Tencent", "Ws", "Huawei", "Aliyun"]
WRONG_SECRET = "f" * 32
NOBODY_KNOWS = "nor whether a stream is being recorded"
SEARCHED, COUNTED = "SearchMedia", "DescribeUserNum"


@pytest.fixture(scope="module")
def simulator():
    with Simulator() as started:
        yield started


@pytest.fixture(autouse=True)
def bare(monkeypatch, simulator):
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", basic._ANSIBLE_ARGS)
    simulator.reset({"config": {"quota": 0}})


def ask(simulator, vendors, **more):
    """Run what the role runs; return (the result, what the role says)."""
    call = preflight_call({}, vendors)
    connection = {"app_id": simulator.app_id, "server_secret": simulator.server_secret, "api_url": simulator.url}
    call["args"].update({**connection, "ledger": "", "retries": 0, **more})
    (result,) = teardown_step.run_calls([call], {"_ansible_check_mode": True})
    assert WRONG_SECRET not in json.dumps(result) and simulator.server_secret not in json.dumps(result)
    return result, in_words(result)


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def actions(simulator):
    return {action: sum(codes.values()) for action, codes in simulator.stats()["actions"].items()}


FAULT = "fault"
DOWN = {
    "nothing listens there": ({"api_url": "http://127.0.0.1:{closed}"}, {}, "connection refused", "Is the simulator"),
    "the name is wrong": ({"api_url": "https://rtc-api.zego.invalid"}, {}, "cannot be resolved", "Check DNS, region"),
    "a wrong secret": ({"server_secret": WRONG_SECRET}, {}, "Code 100000005", "Check that server_secret belongs"),
    "a wrong AppID": ({"app_id": 42}, {}, "Code 100000011", "Check app_id"),
    "a clock that is wrong, and no Date to correct it by": (
        {},
        {"clock_skew_seconds": 3600, "send_date": False},
        "Code 100000004 (signature expired)",
        "Set the clock",
    ),
    "a quota that is used up": (
        {"rate_limit_timeout": 0.2},
        {FAULT: {"kind": "code", "code": 6}},
        "too frequent, try again later, and nothing else for 0.2 s",
        "Lower requests_per_second",
    ),
    "the page of a proxy": ({}, {FAULT: {"kind": "html"}}, "not readable JSON", "check api_url"),
    "a proxy that wants a password": ({}, {FAULT: {"kind": "http", "status": 407}}, "HTTP status 407", "the proxies"),
    "a redirect": (
        {},
        {FAULT: {"kind": "http", "status": 302, "location": "https://a.example.com/"}},
        "redirects are not followed",
        "Check api_url",
    ),
    "a gateway that is down": ({}, {FAULT: {"kind": "http", "status": 503}}, "HTTP status 503", "Run it again"),
    "an answer that never comes": (
        {"timeout": 0.2},
        {FAULT: {"kind": "hang", "seconds": 1}},
        "no answer within 0.2 s",
        "Check the network",
    ),
    "a project without the environment that is_test names": (
        {"is_test": True},
        {FAULT: {"kind": "code", "code": 100000016}},
        "Code 100000016",
        "Check is_test",
    ),
    "a code of the gateway that no page lists": (
        {},
        {FAULT: {"kind": "code", "code": 100000012}},
        "Code 100000012",
        "Look it up",
    ),
}


@pytest.mark.parametrize("case", DOWN)
@pytest.mark.parametrize("vendors", [["Ws", "Tencent"], ["Aliyun"], []])
def test_an_api_that_cannot_be_used_is_one_line_that_says_why_and_what_to_do(simulator, case, vendors):
    options, config, why, what_to_do = DOWN[case]
    config = dict(config)
    fault = config.pop(FAULT, None)
    simulator.configure(**config)
    if fault:
        simulator.add_fault(**fault)
    url = options.get("api_url", simulator.url).format(closed=closed_port())
    result, said = ask(simulator, vendors, **{**options, "api_url": url})
    assert result["failed"] and said.problem.startswith(f"The API at {url.split('/')[2]} cannot be used: ")
    assert why in said.problem and what_to_do in said.problem
    assert said.problem.endswith("Nothing was stopped or closed.")
    assert said.problem.count("cannot be used") == 1 and "\n" not in said.problem
    # Every other vendor would be answered the same. What only the search may be refused for, another call tells.
    assert [answer["verdict"] for answer in result["answers"]][0] == "down"
    assert actions(simulator).get(SEARCHED, 0) <= 5 and set(actions(simulator)) <= {SEARCHED, COUNTED}
    if "Code 1000000" in why:
        assert len(actions(simulator)) == 1


@pytest.mark.parametrize("fault", [{"kind": "http", "status": 503}, {"kind": "http", "status": 404}, {"kind": "hang"}])
@pytest.mark.parametrize("vendors", [["Ws", "Tencent"], ["Tencent", "Ws"], ["Ws"]], ids=str)
def test_one_vendor_whose_search_fails_does_not_make_the_api_look_down(simulator, vendors, fault):
    simulator.add_fault(vendor="Ws", **({**fault, "seconds": 1} if fault["kind"] == "hang" else fault))
    result, said = ask(simulator, vendors, timeout=0.2, retries=1)
    verdicts = {answer["vendor"]: answer["verdict"] for answer in result["answers"]}
    assert verdicts == {"": "usable", "Ws": "unknown", **dict.fromkeys(set(vendors) - {"Ws"}, "usable")}
    assert not result["failed"] and not said.problem
    (warning,) = said.warnings
    assert warning.startswith("Ws: the search for recorded files failed, which says nothing about a stop.")


def test_an_api_that_can_be_used_is_told_with_what_that_proves_and_what_nobody_knows(simulator):
    simulator.record("Tencent", ["a"])
    before = simulator.state()
    result, said = ask(simulator, VENDORS)
    assert not result["failed"] and not said.problem and not said.warnings
    assert [(answer["vendor"], answer["verdict"]) for answer in result["answers"]] == [
        ("", "usable"),
        ("Tencent", "usable"),
        ("Ws", "usable"),
        ("Huawei", "usable"),
        ("Aliyun", "not_asked"),
    ]
    assert said.lines[0] == (
        f"The API at 127.0.0.1:{simulator.port} can be used: it accepts AppID and secret, this machine's clock is "
        "right, and its quota is not used up."
    )
    assert said.lines[1].startswith("Tencent, Ws, Huawei: this AppID may search") and len(said.lines) == 4
    assert said.lines[2].startswith("Aliyun: not asked") and NOBODY_KNOWS in said.lines[3]
    # It has changed nothing, and asked each vendor once.
    assert simulator.state() == before and actions(simulator) == {SEARCHED: 3} and result["api_requests"] == 3


@pytest.mark.parametrize("is_test", [False, True])
@pytest.mark.parametrize("vendors", [["Aliyun"], []])
def test_without_a_vendor_that_can_be_asked_the_users_of_a_room_are_counted(simulator, vendors, is_test):
    result, said = ask(simulator, vendors, is_test=is_test)
    assert not said.problem and "can be used" in said.lines[0] and len(said.lines) == len(vendors) + 2
    assert actions(simulator) == {COUNTED: 1} and result["answers"][0]["verdict"] == "usable"
    (request,) = simulator.requests()
    assert ("IsTest=true" in request["path"]) == is_test


REFUSED = {
    3: "Have CDN recording enabled",
    4: "This AppId does not use this vendor",
    5: "Check the CDN configuration",
    7: "Check app_id and server_secret",
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_vendor_that_refuses_the_account_is_named_and_the_others_are_asked(simulator, code):
    simulator.add_fault(kind="code", code=code, vendor="Ws")
    result, said = ask(simulator, VENDORS)
    verdicts = {answer["vendor"]: answer["verdict"] for answer in result["answers"]}
    assert verdicts == {"": "usable", "Tencent": "usable", "Ws": "refused", "Huawei": "usable", "Aliyun": "not_asked"}
    assert result["failed"]
    assert said.problem.startswith(f"Ws cannot be used with this AppID: the API answered Code {code}")
    assert REFUSED[code] in said.problem and "set zego_teardown_preflight to false" in said.problem
    assert "Tencent" not in said.problem


def test_each_vendor_that_refuses_is_named(simulator):
    simulator.configure(vendors=["Huawei"])
    said = ask(simulator, VENDORS)[1]
    assert said.problem.startswith("Tencent, Ws cannot be used") and said.problem.count("CDN type mismatch") == 1


@pytest.mark.parametrize("code", [2, 8, 1000, 999])
def test_what_is_said_of_the_search_alone_is_a_warning(simulator, code):
    simulator.add_fault(kind="code", code=code, action=SEARCHED)
    result, said = ask(simulator, ["Tencent", "Ws"])
    assert not result["failed"] and not said.problem and "can be used" in said.lines[0]
    (warning,) = said.warnings
    assert warning.startswith("Tencent, Ws: ") and "says nothing about a stop" in warning and warning in said.lines
    assert f"Code {code} " in warning
    # Whether the API can be used is not known from that.
    assert actions(simulator) == {SEARCHED: 2, COUNTED: 1}


@pytest.mark.parametrize("code", [1, 9])
def test_an_answer_that_does_not_say_whether_the_secret_is_right_is_told_as_such(simulator, code):
    simulator.add_fault(kind="code", code=code)
    said = ask(simulator, ["Aliyun"])[1]
    (warning,) = said.warnings
    assert not said.problem and f"Code {code}" in warning
    assert "does not say whether AppID and secret are right" in warning


@pytest.mark.parametrize("code", [104, 5024, 50001])
def test_a_room_that_does_not_exist_is_an_answer(simulator, code):
    simulator.add_fault(kind="code", code=code)
    assert "can be used" in ask(simulator, [])[1].lines[0]


def test_no_recorded_file_is_an_answer(simulator):
    simulator.add_fault(kind="code", code=41003)
    assert "can be used" in ask(simulator, ["Huawei"])[1].lines[0]


@pytest.mark.parametrize("skew,words", [(3600, "behind"), (-3600, "ahead of"), (-120, "ahead of")])
def test_a_clock_that_is_wrong_is_corrected_and_told(simulator, skew, words):
    simulator.configure(clock_skew_seconds=skew)
    result, said = ask(simulator, ["Tencent"])
    (seconds,) = [int(part) for part in said.lines[0].split() if part.isdigit()]
    assert not said.problem and f" s {words} the API's" in said.lines[0] and abs(seconds - abs(skew)) <= 2
    # Within ten minutes the API accepts it, else it is asked again with the time corrected.
    assert result["api_requests"] == (2 if abs(skew) > 600 else 1)


def test_options_that_no_request_can_carry_are_refused_before_one_is_sent(simulator):
    result = ask(simulator, ["Tencent"], server_secret="a b")[0]
    assert result["failed"] and "white space" in result["msg"] and "answers" not in result
    assert not simulator.requests()


def test_vendors_are_those_at_which_recordings_are_stopped():
    planned = {
        "recordings": [{"vendor": "Ws"}, {"vendor": "Aliyun", "domain": "a"}, {"vendor": "Aliyun", "domain": "b"}],
        "discover": [{"room_id": "main", "vendor": "Huawei"}],
    }
    assert vendors_of(planned, []) == ["Ws", "Aliyun", "Huawei"]
    assert vendors_of(planned, ["discover"]) == ["Ws", "Aliyun"] and vendors_of(planned, ["recordings"]) == []


@pytest.mark.parametrize(
    "result", [{}, {"answers": None}, {"answers": [{}]}, {"answers": [{"verdict": 1}], "address": 7}]
)
def test_words_for_anything_that_comes_back(result):
    assert NOBODY_KNOWS in in_words(result).lines[-1]


def test_nothing_that_an_answer_repeats_of_the_request_is_shown(simulator):
    simulator.add_fault(kind="echo_url")
    simulator.add_fault(kind="code", code=3, message="::error::no\n##[error]")
    result, said = ask(simulator, ["Tencent"])
    (request,) = simulator.requests()
    assert result["failed"] and "Code 3" in said.problem and "\n" not in said.problem and "::" not in said.problem
    assert request["signature"] and request["signature"] not in json.dumps([result, said])
