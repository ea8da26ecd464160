# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How often each action may be called, as data (the reference states it with each action)."""

from __future__ import annotations

from typing import NamedTuple


class Quota(NamedTuple):
    """Requests a second for an AppID, and the seconds that must lie between two requests for the same thing."""

    per_second: float
    spacing: float = 0.0


_UNLIMITED = Quota(float("inf"))
# The quota of most actions. It serves for an unlisted action where the user names no rate.
USUAL = 20.0

QUOTAS = {
    "StopCDNRecord": Quota(20),
    "StartCDNRecord": Quota(20),
    # Reference page of this action: one request for a room in 10 s.
    "DescribeSimpleStreamList": Quota(50, spacing=10.0),
    "SearchMedia": Quota(20),
    # The smallest of all: closing a hundred rooms takes a hundred seconds.
    "CloseRoom": Quota(1),
    "DeleteCDNTransferRule": Quota(10),
    "DeleteMedia": Quota(20),
    "MergeMedia": Quota(20),
    "DescribeMediaTask": Quota(20),
    "ForbidCDNLiveStream": Quota(20),
    "ResumeCDNLiveStream": Quota(20),
}


def quota_of(action: str) -> Quota:
    """Return the quota of an action; an unlisted action has none."""
    return QUOTAS.get(action, _UNLIMITED)


def permitted_rate(action: str, wanted: float | None) -> float:
    """Return the requests a second for an action: what the user wants, but no more than its quota.

    ``wanted``: None for as many as the quota allows.
    """
    quota = quota_of(action).per_second
    if wanted:
        return min(wanted, quota)
    return USUAL if quota == _UNLIMITED.per_second else quota
