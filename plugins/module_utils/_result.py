# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Turns what became of each item of a task into what the task returns: entries, summary, message, diff."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError

NAMED = 5

# Outcomes that every kind of item can have.
FAILED = "failed"
UNKNOWN = "unknown"
NOT_ATTEMPTED = "not_attempted"
FAILURES = frozenset({FAILED, UNKNOWN, NOT_ATTEMPTED})
_UNKNOWN_STATE = ("unknown", "unknown")


class Subject(NamedTuple):
    """What the entries are about. ``title``: the message begins with it; ``noun``: their key in the result; ``name``: the name in an entry;
    ``header``: above the diff; ``states``: outcome -> (before, after)."""

    title: str
    noun: str
    name: Callable[[dict[str, Any]], str]
    header: str
    states: dict[str, tuple[str, str]]


def summary(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Count the entries: total, changed, unchanged, failed."""
    changed = sum(item["changed"] for item in entries)
    failed = sum(item["failed"] for item in entries)
    return {"total": len(entries), "changed": changed, "unchanged": len(entries) - changed - failed, "failed": failed}


def _counts(entries: list[dict[str, Any]]) -> str:
    counted = Counter(item["outcome"] for item in entries)
    return ", ".join(f"{count} {name}" for name, count in counted.items())


def named(lines: list[str]) -> str:
    """Return the first lines as one, and how many more there are."""
    more = f" | and {len(lines) - NAMED} more." if len(lines) > NAMED else ""
    return " | ".join(lines[:NAMED]) + more


def message(subject: Subject, entries: list[dict[str, Any]]) -> str:
    """Return one line: how many of which outcome, and which failed, why, and what to do."""
    failed = [item for item in entries if item["failed"]]
    if not failed:
        return f"{subject.title}: {_counts(entries)}."
    # What failed by itself comes before what was not attempted because of it.
    failed.sort(key=lambda item: item["outcome"] == NOT_ATTEMPTED)
    lines = [f"{subject.name(item)} {item['outcome']}: {item.get('message', '')}" for item in failed]
    return (
        f"{subject.title}: {len(failed)} of {len(entries)} {subject.noun} failed ({_counts(entries)}). {named(lines)}"
    )


def diff(subject: Subject, entries: list[dict[str, Any]]) -> dict[str, str]:
    """Return before and after of every item, as lines."""
    states = [(subject.name(item), *subject.states.get(item["outcome"], _UNKNOWN_STATE)) for item in entries]
    return {
        "before_header": subject.header,
        "after_header": subject.header,
        "before": "".join(f"{name}: {before}\n" for name, before, _after in states),
        "after": "".join(f"{name}: {after}\n" for name, _before, after in states),
    }


def finish(subject: Subject, entries: list[dict[str, Any]], api_requests: int, with_diff: bool) -> dict[str, Any]:
    """Return the whole result of a task, from its entries (each with outcome, changed, failed)."""
    counts = summary(entries)
    returned = {
        "changed": counts["changed"] > 0,
        "failed": counts["failed"] > 0,
        "msg": message(subject, entries),
        subject.noun: entries,
        "summary": counts,
        "api_requests": api_requests,
    }
    if with_diff:
        returned["diff"] = diff(subject, entries)
    return returned


def facts_of(error: ZegoError) -> dict[str, Any]:
    """Return the keys of an item's entry that come from an error: code, message, request_id."""
    facts = {"code": error.code, "message": f"{error.reason}. {error.advice}".strip(), "request_id": error.request_id}
    return {key: value for key, value in facts.items() if value}


def entry(head: dict[str, Any], outcome: str, changed: bool, facts: dict[str, Any], attempts: int) -> dict[str, Any]:
    """Return an item's entry of the result. ``head``: what names it; ``facts``: what else is known, without empty values."""
    return {
        **head,
        "outcome": outcome,
        "changed": changed,
        "failed": outcome in FAILURES,
        **facts,
        "attempts": attempts,
    }


def failed_entry(head: dict[str, Any], error: ZegoError) -> dict[str, Any]:
    """Return the entry of an item whose call ended with this error."""
    outcome = NOT_ATTEMPTED if isinstance(error, NotAttempted) else FAILED
    return entry(head, outcome, False, facts_of(error), error.attempts)
