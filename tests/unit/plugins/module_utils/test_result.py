# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What any task returns of an item."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils import _result
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, Refused


def test_a_failed_entry_tells_what_happened_and_what_to_do():
    head = {"room_id": "r"}
    error = Refused("no", "Do this.", "7", request_id="id")
    error.attempts = 2
    assert _result.failed_entry(head, error) == {
        "room_id": "r",
        "outcome": "failed",
        "changed": False,
        "failed": True,
        "code": "7",
        "message": "no. Do this.",
        "request_id": "id",
        "attempts": 2,
    }
    assert _result.failed_entry(head, NotAttempted("ended"))["outcome"] == "not_attempted"
    assert _result.entry_of(head, "closed", True, details={}, attempts=1) == {
        "room_id": "r",
        "outcome": "closed",
        "changed": True,
        "failed": False,
        "attempts": 1,
    }
