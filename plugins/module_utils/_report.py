# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Turns the results of a job into what a task returns: entries, summary, message, diff."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils import _outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording import StreamResult

NAMED = 5

_STATES = {
    _outcomes.STOPPED: ("recording", "not recording"),
    _outcomes.ALREADY_STOPPED: ("not recording", "not recording"),
    _outcomes.STARTED: ("not recording", "recording"),
    _outcomes.ALREADY_STARTED: ("recording", "recording"),
}
_UNKNOWN_STATE = ("unknown", "unknown")


def entry(result: StreamResult) -> dict[str, Any]:
    """Return one stream's entry of the result."""
    name = result.outcome.name
    head = {"stream_id": result.stream, "outcome": name, "changed": name in _outcomes.CHANGED, "failed": name in _outcomes.FAILURES}
    return {**head, **result.outcome.facts, "attempts": result.attempts}


def summary(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Count the entries: total, changed, unchanged, failed."""
    changed = sum(item["changed"] for item in entries)
    failed = sum(item["failed"] for item in entries)
    return {"total": len(entries), "changed": changed, "unchanged": len(entries) - changed - failed, "failed": failed}


def _counts(entries: list[dict[str, Any]]) -> str:
    counted = Counter(item["outcome"] for item in entries)
    return ", ".join(f"{count} {name}" for name, count in counted.items())


def message(vendor: str, entries: list[dict[str, Any]]) -> str:
    """Return one line: how many of which outcome, and which streams failed, why, and what to do."""
    failed = [item for item in entries if item["failed"]]
    if not failed:
        return f"{vendor}: {_counts(entries)}."
    # What failed by itself comes before what was not attempted because of it.
    failed.sort(key=lambda item: item["outcome"] == _outcomes.NOT_ATTEMPTED)
    named = " | ".join(f"{item['stream_id']} {item['outcome']}: {item.get('message', '')}" for item in failed[:NAMED])
    more = f" | and {len(failed) - NAMED} more." if len(failed) > NAMED else ""
    return f"{vendor}: {len(failed)} of {len(entries)} streams failed ({_counts(entries)}). {named}{more}"


def diff(vendor: str, entries: list[dict[str, Any]]) -> dict[str, str]:
    """Return before and after of every stream, as lines."""
    states = [(item["stream_id"], *_STATES.get(item["outcome"], _UNKNOWN_STATE)) for item in entries]
    header = f"CDN recordings at {vendor}"
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{stream}: {before}\n" for stream, before, _after in states),
        "after": "".join(f"{stream}: {after}\n" for stream, _before, after in states),
    }


def report(vendor: str, results: list[StreamResult], api_requests: int, with_diff: bool) -> dict[str, Any]:
    """Return the whole result of a task."""
    entries = [entry(result) for result in results]
    counts = summary(entries)
    returned = {
        "changed": counts["changed"] > 0,
        "failed": counts["failed"] > 0,
        "msg": message(vendor, entries),
        "streams": entries,
        "summary": counts,
        "api_requests": api_requests,
    }
    if with_diff:
        returned["diff"] = diff(vendor, entries)
    return returned
