# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the codes of a reply mean, for all actions and for one."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    Fatal,
    Gone,
    Refused,
    ZegoError,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    call_action,
    make_client,
    reply,
)

LIST = "DescribeSimpleStreamList"


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


COMMON = [100000000 + number for number in (*range(0, 12), *range(13, 18))]


def test_all_documented_codes_are_explained():
    for code in [2, 3, 4, 5, 6, 7, 1000] + COMMON:
        assert code in _codes.API_CODES
        assert _codes.explain(code).meaning and _codes.explain(code).advice
