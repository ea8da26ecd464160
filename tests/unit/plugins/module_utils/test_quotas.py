# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each action is granted, what its codes mean, and how the client keeps to both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import quotas as _quotas
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import call_action, make_client, reply

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
LIST = "DescribeSimpleStreamList"
LOST = AnswerLost("lost")


@pytest.mark.parametrize("action, row", sorted(REFERENCE["actions"].items()))
def test_each_action_has_the_quota_of_the_reference(action, row):
    granted = _quotas.quota_of(action)
    assert granted == (row["per_second"], row["test_per_second"], row["room_seconds"])
    assert _quotas.permitted_rate(action, None) == row["per_second"]
    assert _quotas.permitted_rate(action, 1000, is_test=True) == (row["test_per_second"] or row["per_second"])


def test_an_unlisted_action_has_no_quota():
    assert _quotas.quota_of("Unheard").per_second == float("inf")
    assert _quotas.permitted_rate("Unheard", 200, is_test=True) == 200


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


def test_parameters_may_differ_from_one_attempt_to_the_next():
    numbers = iter(range(9))
    client = make_client(LOST, reply(6), reply(0))
    call_action(client, "DeleteCDNTransferRule", lambda: [("Sequence", next(numbers))], True)
    assert [dict(query)["Sequence"] for query in client.sender.transport.queries] == [0, 1, 2]
