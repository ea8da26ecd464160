# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Items of which each takes calls of its own (rooms, relays, streams to search for): all are worked on, several at a time, in one order."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import FAILED, FAILURES, NOT_ATTEMPTED

def facts_of(error: ZegoError) -> dict[str, Any]:
    """Return the keys of an item's entry that come from an error: code, message, request_id."""
    facts = {"code": error.code, "message": f"{error.reason}. {error.advice}".strip(), "request_id": error.request_id}
    return {key: value for key, value in facts.items() if value}


def entry(head: dict[str, Any], outcome: str, changed: bool, facts: dict[str, Any], attempts: int) -> dict[str, Any]:
    """Return an item's entry of the result. ``head``: what names it; ``facts``: what else is known, without empty values."""
    return {**head, "outcome": outcome, "changed": changed, "failed": outcome in FAILURES, **facts, "attempts": attempts}


def failed_entry(head: dict[str, Any], error: ZegoError) -> dict[str, Any]:
    """Return the entry of an item whose call ended with this error."""
    outcome = NOT_ATTEMPTED if isinstance(error, NotAttempted) else FAILED
    return entry(head, outcome, False, facts_of(error), error.attempts)
