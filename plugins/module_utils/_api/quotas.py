# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How often each action may be called, as data (the reference states it with each action)."""

from __future__ import annotations

from typing import NamedTuple


class Quota(NamedTuple):
    """What an AppID may send.

    ``per_second``: requests a second; ``test_per_second``: the same in the test environment, None where the reference
    names no other number for it; ``spacing``: seconds between two requests for the same room.
    """

    per_second: float
    test_per_second: float | None = None
    spacing: float = 0.0


_UNLIMITED = Quota(float("inf"))
# The quota of most actions. It serves for an unlisted action where the user names no rate.
USUAL = 20.0

QUOTAS = {
    "StopCDNRecord": Quota(20),
    "StartCDNRecord": Quota(20),
    "SearchMedia": Quota(20),
    "DeleteMedia": Quota(20),
    "MergeMedia": Quota(20),
    "DescribeMediaTask": Quota(20),
    "MediaThumbnails": Quota(20),
    "TranscodeMedia": Quota(20),
    # The smallest of all: closing a hundred rooms takes a hundred seconds.
    "CloseRoom": Quota(1, 1),
    "DescribeSimpleStreamList": Quota(50, spacing=10.0),
    "DescribeUserNum": Quota(10, 1),
    "DescribeUserList": Quota(200, spacing=1.0),
    "KickoutUser": Quota(50),
    "DeleteStream": Quota(10, 1),
    "SetForbidStreamRule": Quota(10),
    "SetForbidUserRule": Quota(10),
    "SendCustomCommand": Quota(100, 10),
    "SendBroadcastMessage": Quota(100, 10),
    "DeleteCDNTransferRule": Quota(10, 5),
    "CreatCDNTransferRule": Quota(10, 5),
    "ClearCDNTransferRule": Quota(10, 5),
    "ForbidCDNLiveStream": Quota(20),
    "ResumeCDNLiveStream": Quota(20),
    "QueryForbidCDNLiveStream": Quota(20),
    "ForbidRTCStream": Quota(20, 5),
    "ForbidRTCStreams": Quota(20, 5),
    "ResumeRTCStreams": Quota(20, 5),
    "DescribeRTCStreamState": Quota(40, 10),
    "StopMix": Quota(100),
    "StopAutoMix": Quota(100),
    "StopCloudTranscode": Quota(100),
    "GetMixTaskInfo": Quota(100),
    "StopCensorAudioV2": Quota(100),
    "StopCensorVideoV2": Quota(100),
    "StopRecord": Quota(50),
    "DescribeRecordStatus": Quota(10),
    "DescribeTasks": Quota(10),
    "PauseRecord": Quota(10),
    "ResumeRecord": Quota(10),
    "UpdateWhiteboard": Quota(10),
}


def quota_of(action: str) -> Quota:
    """Return the quota of an action; an unlisted action has none."""
    return QUOTAS.get(action, _UNLIMITED)


def permitted_rate(action: str, wanted: float | None, is_test: bool = False) -> float:
    """Return the requests a second for an action: what the user wants, but no more than its quota.

    ``wanted``: None for as many as the quota allows; ``is_test``: whether they go to the test environment.
    """
    granted = quota_of(action)
    quota = granted.per_second
    if is_test and granted.test_per_second is not None:
        quota = granted.test_per_second
    if wanted:
        return min(wanted, quota)
    return USUAL if quota == _UNLIMITED.per_second else quota
