# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a task about recordings returns."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import StreamResult
from ansible_collections.zego.cloud.plugins.module_utils._result import NAMED, Subject, diff, entry_of, task_result

# No API says whether a stream is being recorded, and a vendor may acknowledge the stop of one that is not. So only the
# ledger tells that a stopped stream was being recorded before.
_STOPPED_UNSEEN = "stopped, not remembered as running"
_STATES = {
    outcomes.STOPPED: ("recording", "not recording"),
    _STOPPED_UNSEEN: ("unknown", "not recording"),
    outcomes.ALREADY_STOPPED: ("not recording", "not recording"),
    outcomes.STARTED: ("not recording", "recording"),
    outcomes.ALREADY_STARTED: ("recording", "recording"),
}

# Of which streams a task returns the entries, as the option ``result`` names it: all, those that failed, or none.
ALL, FAILED, SUMMARY = "all", "failed", "summary"
KEPT = (ALL, FAILED, SUMMARY)


def recordings_at(vendor: str) -> Subject:
    """Return the subject of a task about recordings."""

    def counted_as(entry: dict[str, Any]) -> str:
        source = f" (not recording, according to {vendor})" if _is_unconfirmed(entry) else ""
        return entry["outcome"] + source

    def name(entry: dict[str, Any]) -> str:
        return entry["stream_id"]

    return Subject(vendor, "streams", name, f"CDN recordings at {vendor}", _STATES, counted_as)


def stream_entry(result: StreamResult) -> dict[str, Any]:
    """Return one stream's entry of the result."""
    name = result.outcome.name
    details = result.outcome.details
    if result.stopped_at is not None:
        details = {**details, "stopped_at": _times.iso(result.stopped_at)}
    return entry_of(
        {"stream_id": _shown(result.stream)},
        name,
        name in outcomes.CHANGED,
        details=details,
        attempts=result.attempts,
    )


def _shown(stream: str) -> str:
    # Ansible refuses a result with half a surrogate pair in it.
    return stream.encode("utf-8", "replace").decode("utf-8")


def unconfirmed(vendor: str, entries: list[dict[str, Any]]) -> str:
    """Return a warning about the streams that only the vendor's answer says were not recording; '' if there are none.

    A misspelt name gets the same answer as a recording that somebody has stopped.
    """
    streams = [entry["stream_id"] for entry in entries if _is_unconfirmed(entry)]
    if not streams:
        return ""
    more = f" and {len(streams) - NAMED} more" if len(streams) > NAMED else ""
    return (
        f"Not recording, according to {vendor}, and not remembered as stopped: "
        f"{', '.join(streams[:NAMED])}{more}. Check that these names are right, since {vendor} answers the same to a "
        "misspelt one. With expect_recording=true they fail."
    )


def _is_unconfirmed(entry: dict[str, Any]) -> bool:
    return entry["outcome"] == outcomes.ALREADY_STOPPED and entry.get("evidence") == outcomes.VENDOR


def recording_result(vendor: str, results: list[StreamResult], api_requests: int, *, with_diff: bool) -> dict[str, Any]:
    """Return the whole result of a task about recordings."""
    entries = [stream_entry(result) for result in results]
    subject = recordings_at(vendor)
    returned = task_result(subject, entries, api_requests, with_diff=False)
    for evidence in (outcomes.REMEMBERED, outcomes.VENDOR):
        returned["summary"][evidence] = sum(entry.get("evidence") == evidence for entry in entries)
    if with_diff:
        returned["diff"] = diff(subject, [_seen_before(entry, result) for entry, result in zip(entries, results)])
    return returned


def with_entries_of(kept: str, returned: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a task with the entries of these streams only. ``kept``: one of KEPT.

    Whatever is left out, the message names the failures, and the summary counts all.
    """
    if kept == ALL:
        return returned
    rest = {key: value for key, value in returned.items() if key != "streams"}
    if kept == SUMMARY:
        # No list rather than an empty one, which would read as 'none failed'.
        return rest
    return {**rest, "streams": [entry for entry in returned["streams"] if entry["failed"]]}


def _seen_before(entry: dict[str, Any], result: StreamResult) -> dict[str, Any]:
    """Return an entry for the diff, which says what was known of the stream before."""
    unseen = entry["outcome"] == outcomes.STOPPED and not result.was_running
    return {**entry, "outcome": _STOPPED_UNSEEN} if unseen else entry
