# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the codes of a reply mean: held against the reference, family by family and action by action."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    Fatal,
    Gone,
    Refused,
    Throttled,
    ZegoError,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    call_action,
    make_client,
    reply,
)

LIST = "DescribeSimpleStreamList"
RELAY = "DeleteCDNTransferRule"
# Codes, meanings and quotas as ZEGO's own files have them.
REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
ACTIONS = REFERENCE["actions"]
FAMILIES = REFERENCE["families"]
COMMON = REFERENCE["common"]
# The page of moderation refers to the codes of rooms.
FAMILY_CODES = {**FAMILIES, "moderation": {**FAMILIES["rooms"], **FAMILIES["moderation"]}}
# What the reference's words call for, whatever the number.
WORDS = (
    (r"frequen|QPS|overload|upper limit|acquire distributed lock", _codes.THROTTLED),
    (r"^Internal error", _codes.UNCERTAIN),
    (r"^(Authentication failed|Invalid App)", _codes.END),
    (r"^Room .*not exist|^File does not exist|task does not exist|task has stopped", _codes.GONE),
    (r"not (been )?(activated|enabled|granted)", _codes.END),
    (r"^(Invalid (CDN|Stream|request)|Input parameter length)", _codes.FAILED),
)


def documented(action):
    """Return {code: meaning} of what the reference lists for an action: its family's codes, and its own page's."""
    family = FAMILY_CODES[_codes.FAMILY_OF[action]]
    codes = {**family, **ACTIONS[action]["codes"]}
    return {int(code): meaning for code, meaning in codes.items()}


def test_every_action_of_the_reference_has_a_family():
    assert set(ACTIONS) <= set(_codes.FAMILY_OF) and set(_codes.FAMILIES) == set(FAMILIES)
    # What was collected for each action beside its page is in its family.
    for action, row in ACTIONS.items():
        assert set(map(int, row["family_codes"])) <= set(documented(action)), action


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_code_is_listed_where_the_reference_lists_it_and_nowhere_else(action):
    known = {**documented(action), **{int(code): text for code, text in COMMON.items()}}
    everywhere = {int(code) for table in (*FAMILY_CODES.values(), COMMON) for code in table}
    everywhere |= {int(code) for row in ACTIONS.values() for code in row["codes"]} | {100000012, 4711}
    assert {code for code in everywhere if _codes.is_listed(code, action)} == set(known)
    for code in known:
        row = _codes.explain(code, action)
        assert row.meaning and row.advice.endswith(".") and "not list" not in row.meaning, code


def test_no_code_is_invented():
    known = {int(code) for table in (*FAMILIES.values(), COMMON) for code in table}
    known |= {int(code) for row in ACTIONS.values() for code in row["codes"]}
    tables = (*_codes.FAMILIES.values(), *_codes.PAGE_CODES.values(), _codes.COMMON_CODES)
    assert {code for table in tables for code in table} == known


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("words, policy", WORDS)
def test_what_is_done_follows_from_the_words_of_the_reference(action, words, policy):
    for code, meaning in documented(action).items():
        if re.search(words, meaning):
            found = _codes.explain(code, action).policy
            # What recordings meet may be about one of their streams.
            alike = {_codes.PROBABLY_END: _codes.END}
            assert alike.get(found, found) == policy, (code, meaning)


@pytest.mark.parametrize("code", [104, 5018, 5024, 50001])
def test_each_code_of_a_room_that_is_gone_is_known(code):
    client = make_client(reply(code))
    with pytest.raises(Gone) as caught:
        call_action(client, "CloseRoom", [], True)
    assert (
        "room does not exist" in caught.value.reason and caught.value.code == str(code) and caught.value.attempts == 1
    )
    assert client.halted is None


@pytest.mark.parametrize("code", [104, 5018, 4, 7, 300001000, 110209001])
def test_a_code_of_other_actions_is_no_more_than_a_guess(code):
    client = make_client(reply(code))
    with pytest.raises(Refused) as caught:
        call_action(client, RELAY, [], True)
    assert not isinstance(caught.value, (Gone, Fatal)) and "probably" in caught.value.reason and client.halted is None


@pytest.mark.parametrize("action", [RELAY, "CloseRoom", "StopRecord", "StartCDNRecord", "Unheard"])
@pytest.mark.parametrize("code", [6, 206, 1010, 5007, 30002, 110200191, 110200194, 300000003])
def test_too_frequent_is_waited_for_whatever_family_it_comes_from(action, code):
    client = make_client(reply(code), reply(code), reply(0))
    assert call_action(client, action, [], True).attempts == 3
    giving_up = make_client(reply(code), patience=3)
    with pytest.raises(Throttled):
        call_action(giving_up, action, [], True)
    assert giving_up.requests_sent > 1 and giving_up.halted is not None


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_what_must_not_be_done_twice_is_sent_again_only_for_a_code_of_its_own(action):
    codes = {code for code in documented(action) if _codes.explain(code, action).policy == _codes.THROTTLED}
    assert codes
    for code in (6, 206, 1010, 30002, 110200190, 300000003):
        client = make_client(reply(code), reply(0))
        if code in codes:
            assert call_action(client, action, [], False).attempts == 2
            continue
        with pytest.raises(Throttled) as caught:
            call_action(client, action, [], False)
        # It may have been done: a start is 'unknown'.
        assert client.requests_sent == 1 and caught.value.maybe_done


@pytest.mark.parametrize("code", [5000, 5001, 5002, 5006, 30003, 3001])
def test_an_internal_error_is_sent_again_where_that_does_no_harm(code):
    assert call_action(make_client(reply(code), reply(0)), RELAY, [], True).attempts == 2
    client = make_client(reply(code))
    with pytest.raises(Refused) as caught:
        call_action(client, RELAY, [], False)
    assert client.requests_sent == 1 and caught.value.maybe_done and client.halted is None


@pytest.mark.parametrize(
    "action, code",
    [(RELAY, 5003), (RELAY, 40005), (RELAY, 30004), (RELAY, 30005), ("CloseRoom", 9), ("SearchMedia", 8)],
)
def test_what_applies_to_every_request_ends_the_run(action, code):
    client = make_client(reply(code))
    with pytest.raises(Fatal):
        call_action(client, action, [], True)
    assert client.halted is not None and client.requests_sent == 1


@pytest.mark.parametrize("code", [2, 3, 4, 5, 7])
def test_low_codes_are_about_all_requests_only_where_they_are_documented_to(code):
    client = make_client(reply(code))
    with pytest.raises(Refused) as caught:
        call_action(client, "CloseRoom", [], True)
    assert client.halted is None and not isinstance(caught.value, Fatal)
    # The same number is another thing there: 3 is 'input too long'.
    assert ("probably" in caught.value.reason) == (code not in (2, 3))
    for action in (name for name, family in _codes.FAMILY_OF.items() if family == _codes.MEDIA_FILES):
        halting = make_client(reply(code))
        for _turn in range(3):
            with pytest.raises(Refused) as caught:
                call_action(halting, action, [], True)
            assert caught.value.about_everything == (code != 2)
        assert (halting.halted is not None) == (code != 2)


def test_of_an_action_that_we_have_not_read_we_do_not_say_what_the_reference_lists():
    assert "does not list" in _codes.explain(4711, "CloseRoom").meaning
    assert "does not know" in _codes.explain(4711, "Unheard").meaning
    # Several families have a code 3, with several meanings: none of them may end the run.
    row = _codes.explain(3, "Unheard")
    assert row.policy == _codes.FAILED and " or " in row.meaning and "input too long" in row.meaning
    assert _codes.explain(100000098, "CloseRoom").policy == _codes.END


@given(st.integers(0, 10**9), st.sampled_from([*ACTIONS, "Unheard", ""]))
def test_every_code_is_explained_with_advice(code, action):
    row = _codes.explain(code, action)
    assert row.meaning and row.advice.endswith(".")
    # Nothing ends the run, and nothing is taken for gone, on a guess.
    if row.policy in (_codes.END, _codes.PROBABLY_END, _codes.GONE) and not 100000000 <= code <= 100000099:
        assert _codes.is_listed(code, action)


def test_an_error_is_one_of_the_family():
    assert issubclass(Gone, Refused) and issubclass(Gone, ZegoError)
