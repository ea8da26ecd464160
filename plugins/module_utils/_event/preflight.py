# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Asks the API whether it can be used, by calls that change nothing.

See the reference pages "SearchMedia" and "DescribeUserNum".
"""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils._api import codes
from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AFTER_PAUSE, Gone, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, call_once
from ansible_collections.zego.cloud.plugins.module_utils._result import error_details

SEARCH = "SearchMedia"
STOP = "StopCDNRecord"
COUNT = "DescribeUserNum"
# The reference has this search for these vendors only. One file is enough of an answer.
_SMALLEST = {"Tencent": ("PageSize", 1), "Ws": ("MaxKeys", 1), "Huawei": ("MaxKeys", 1)}
# By its page, a room that does not exist has no users. An invented one is asked for no second time within ten seconds
# by any other call.
_ROOM = "zego-cloud-preflight"

USABLE = "usable"
# The vendor cannot be used with this AppID, or nothing can.
REFUSED = "refused"
DOWN = "down"
# What the answer says is about the search alone.
UNKNOWN = "unknown"
# No call that changes nothing is documented for the vendor.
NOT_ASKED = "not_asked"


def ask(client_for: Callable[[str], ZegoClient], vendors: list[str], environment: Environment) -> list[dict[str, Any]]:
    """Return what each vendor's answer says; the first entry, without a vendor, is about the API itself.

    ``client_for`` returns a client for an action.
    """
    entries: list[dict[str, Any]] = []
    # What is known of the API itself.
    api: dict[str, Any] | None = None

    def count() -> dict[str, Any]:
        return _ask(client_for(COUNT), COUNT, [*environment.parameters, ("RoomId[]", _ROOM)])

    for vendor in vendors:
        if vendor not in _SMALLEST:
            entries.append({"vendor": vendor, "verdict": NOT_ASKED})
            continue
        query = [*environment.parameters, ("Vendor", vendor), _SMALLEST[vendor]]
        answer = _ask(client_for(SEARCH), SEARCH, query)
        if answer["verdict"] in (USABLE, REFUSED):
            # What says something about a vendor has been accepted by the API before.
            api = {"verdict": USABLE}
        elif answer["verdict"] == DOWN:
            # A code that all actions share would meet every further call. Anything else may be about the search at this
            # vendor alone: another call tells.
            is_about_all = _is_common(answer.get("code"))
            if api is None and not is_about_all:
                api = count()
            if api is None or is_about_all or api["verdict"] == DOWN:
                return [{"vendor": "", **answer}, *entries]
            answer = {**answer, "verdict": UNKNOWN}
        entries.append({"vendor": vendor, **answer})
    return [{"vendor": "", **(api or count())}, *entries]


def _ask(client: ZegoClient, action: str, query: Parameters) -> dict[str, Any]:
    try:
        call_once(client, Call(action, query))
    except Gone:
        # It looked, and there is none: that is an answer.
        return {"verdict": USABLE}
    except ZegoError as error:
        # Why the run ended says more, such as for how long the API was silent.
        whole = error_details(client.halted) if client.halted is not None else {}
        return {"verdict": _verdict(error, action), **error_details(error), **whole}
    return {"verdict": USABLE}


def _is_common(code: Any) -> bool:
    text = str(code or "")
    return text.isdigit() and codes.is_common(int(text))


def _verdict(error: ZegoError, action: str) -> str:
    """Return what an error says: of the API, of the vendor, or nothing that matters to a stop."""
    code = error.code or ""
    if not error.answered or error.retry == AFTER_PAUSE or not code.isdigit() or _is_common(code):
        return DOWN
    # Only what the reference lists for a stop as well says something about stopping.
    if action == SEARCH and codes.explain(int(code), STOP).policy == codes.PROBABLY_END:
        return REFUSED
    return UNKNOWN


class Clients:
    """Makes clients: one for each action, and a further one where the one before has given up."""

    def __init__(self, make: Callable[[str], ZegoClient]) -> None:
        self._make = make
        self._latest: dict[str, ZegoClient] = {}
        self._all: list[ZegoClient] = []

    def client_for(self, action: str) -> ZegoClient:
        """Return a client that sends."""
        client = self._latest.get(action)
        if client is None or client.halted is not None:
            client = self._latest[action] = self._make(action)
            self._all.append(client)
        return client

    @property
    def requests_sent(self) -> int:
        """How many requests all of them have sent."""
        return sum(client.requests_sent for client in self._all)

    @property
    def seconds_ahead(self) -> int | None:
        """By how many seconds the API's clock is ahead of this machine's; None where no answer has told."""
        told = [client.seconds_ahead for client in self._all if client.api_time() is not None]
        # An answer's time on its way makes the API's clock look late.
        return max(told) if told else None
