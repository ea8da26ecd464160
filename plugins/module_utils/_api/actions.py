# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the API grants each action, as data (the reference names it with each action)."""

from __future__ import annotations

from typing import NamedTuple


class Action(NamedTuple):
    """One row: requests a second for an AppID, and the seconds that must lie between two requests for the same thing."""

    per_second: float
    spacing: float = 0.0


_UNLISTED = Action(float("inf"))
# The quota of most actions, for one whose own is not known and for which the user names no number.
USUAL = 20.0

ACTIONS = {
    "StopCDNRecord": Action(20),
    "StartCDNRecord": Action(20),
    # "One per room in 10 s".
    "DescribeSimpleStreamList": Action(50, spacing=10.0),
    "SearchMedia": Action(20),
    "CloseRoom": Action(1),
    "DeleteCDNTransferRule": Action(10),
    "DeleteMedia": Action(20),
    "MergeMedia": Action(20),
    "DescribeMediaTask": Action(20),
    "ForbidCDNLiveStream": Action(20),
    "ResumeCDNLiveStream": Action(20),
}

# Those of which a reply with Code 0 says nothing about a stream.
RECORDING = ("StopCDNRecord", "StartCDNRecord")
# Those that share the codes which the reference lists as "Codes of the recording and media-file actions".
RECORDING_AND_MEDIA = frozenset({*RECORDING, "SearchMedia", "DeleteMedia", "MergeMedia", "DescribeMediaTask"})

_READING = ("Describe", "Search", "Query", "Get")


def facts(action: str) -> Action:
    """Return the row of an action; an action that is not listed is not limited."""
    return ACTIONS.get(action, _UNLISTED)


def pace(action: str, wanted: float | None) -> float:
    """Return the requests a second for an action: what the user wants (None: as many as the API grants), no more than the API grants."""
    granted = facts(action).per_second
    return min(wanted or (USUAL if granted == _UNLISTED.per_second else granted), granted)


def only_reads(action: str) -> bool:
    """Tell whether an action changes nothing, by its name."""
    return action.startswith(_READING)
