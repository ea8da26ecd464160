# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Builds what a task returns from what became of each item: entries, summary, message, diff."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._values import printable, without_empty

# So many failures are named in the message.
NAMED = 5

# Outcomes that every kind of item can have.
FAILED = "failed"
UNKNOWN = "unknown"
NOT_ATTEMPTED = "not_attempted"
# 'unknown' is a failure: somebody has to look, because a start may be running.
FAILURES = frozenset({FAILED, UNKNOWN, NOT_ATTEMPTED})
_UNKNOWN_STATE = ("unknown", "unknown")


def outcome_of(entry: dict[str, Any]) -> str:
    """Return the outcome of an entry."""
    return str(entry["outcome"])


class Subject(NamedTuple):
    """What the entries are about.

    ``title``: the message begins with it; ``noun``: the key of the entries in the result; ``name``: returns the name in
    an entry; ``header``: stands above the diff; ``states``: outcome -> (before, after); ``counted_as``: returns the
    word for an entry in the message.
    """

    title: str
    noun: str
    name: Callable[[dict[str, Any]], str]
    header: str
    states: dict[str, tuple[str, str]]
    counted_as: Callable[[dict[str, Any]], str] = outcome_of


def entry_of(
    names: dict[str, Any], outcome: str, changed: bool, *, details: dict[str, Any], attempts: int
) -> dict[str, Any]:
    """Return an item's entry of the result.

    ``names``: the keys that name the item; ``details``: what else is known of it, without empty values.
    """
    return {
        **names,
        "outcome": outcome,
        "changed": changed,
        "failed": outcome in FAILURES,
        **details,
        "attempts": attempts,
    }


def failed_entry(names: dict[str, Any], error: ZegoError) -> dict[str, Any]:
    """Return the entry of an item whose call ended with this error."""
    outcome = NOT_ATTEMPTED if isinstance(error, NotAttempted) else FAILED
    return entry_of(names, outcome, False, details=error_details(error), attempts=error.attempts)


def refused_entry(names: dict[str, Any], problem: str) -> dict[str, Any]:
    """Return the entry of an item that no request can carry; ``problem`` says why, as a sentence."""
    return entry_of(names, FAILED, False, details={"message": not_sent(problem)}, attempts=0)


def not_sent(problem: str) -> str:
    """Return the message about an item that no request can carry."""
    return f"{problem} It was not sent."


def error_details(error: ZegoError, advice: str | None = None) -> dict[str, Any]:
    """Return the keys of an entry that come from an error: code, message, request_id.

    ``advice``: instead of the error's own.
    """
    message = f"{error.reason}. {error.advice if advice is None else advice}".strip()
    return without_empty({"code": error.code, "message": message, "request_id": error.request_id})


def reply_details(request_id: str | None) -> dict[str, Any]:
    """Return the keys of an entry that come from a reply with Code 0."""
    return without_empty({"request_id": request_id})


def summary(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Count the entries: total, changed, unchanged, failed."""
    changed = sum(entry["changed"] for entry in entries)
    failed = sum(entry["failed"] for entry in entries)
    return {"total": len(entries), "changed": changed, "unchanged": len(entries) - changed - failed, "failed": failed}


def first_few(lines: list[str]) -> str:
    """Return the first lines as one, and how many more there are."""
    more = f" | and {len(lines) - NAMED} more." if len(lines) > NAMED else ""
    return " | ".join(lines[:NAMED]) + more


def message(subject: Subject, entries: list[dict[str, Any]]) -> str:
    """Return one line: how many of which outcome, and which failed, why, and what to do."""
    counted = Counter(map(subject.counted_as, entries))
    counts = ", ".join(f"{count} {outcome}" for outcome, count in counted.items())
    failed = [entry for entry in entries if entry["failed"]]
    if not failed:
        return f"{subject.title}: {counts}."
    # What failed by itself comes before what was not attempted because of it.
    failed.sort(key=lambda entry: entry["outcome"] == NOT_ATTEMPTED)
    lines = [f"{printable(subject.name(entry))} {entry['outcome']}: {entry.get('message', '')}" for entry in failed]
    return f"{subject.title}: {len(failed)} of {len(entries)} {subject.noun} failed ({counts}). {first_few(lines)}"


def diff(subject: Subject, entries: list[dict[str, Any]]) -> dict[str, str]:
    """Return before and after of every item, as lines."""
    before, after = [], []
    for entry in entries:
        states = subject.states.get(entry["outcome"], _UNKNOWN_STATE)
        # The line of each item stands in both texts, so that --diff shows those that change.
        before.append(f"{subject.name(entry)}: {states[0]}\n")
        after.append(f"{subject.name(entry)}: {states[1]}\n")
    return {
        "before_header": subject.header,
        "after_header": subject.header,
        "before": "".join(before),
        "after": "".join(after),
    }


def task_result(
    subject: Subject, entries: list[dict[str, Any]], api_requests: int, *, with_diff: bool
) -> dict[str, Any]:
    """Return the whole result of a task, from its entries (each with outcome, changed, failed)."""
    counts = summary(entries)
    result = {
        "changed": counts["changed"] > 0,
        # Both can be true: what was stopped stays stopped, whatever failed beside it.
        "failed": counts["failed"] > 0,
        "msg": message(subject, entries),
        # The key is never 'results': ansible-core takes that one for the output of a loop.
        subject.noun: entries,
        "summary": counts,
        "api_requests": api_requests,
    }
    if with_diff:
        result["diff"] = diff(subject, entries)
    return result
