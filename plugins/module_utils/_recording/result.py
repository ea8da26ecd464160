# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a task about recordings returns."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import StreamResult
from ansible_collections.zego.cloud.plugins.module_utils._result import Subject, entry_of, task_result

_STATES = {
    outcomes.STOPPED: ("recording", "not recording"),
    outcomes.ALREADY_STOPPED: ("not recording", "not recording"),
    outcomes.STARTED: ("not recording", "recording"),
    outcomes.ALREADY_STARTED: ("recording", "recording"),
}


def recordings_at(vendor: str) -> Subject:
    """Return the subject of a task about recordings."""
    return Subject(vendor, "streams", lambda entry: entry["stream_id"], f"CDN recordings at {vendor}", _STATES)


def stream_entry(result: StreamResult) -> dict[str, Any]:
    """Return one stream's entry of the result."""
    name = result.outcome.name
    details = result.outcome.details
    if result.stopped_at is not None:
        details = {**details, "stopped_at": _times.iso(result.stopped_at)}
    return entry_of(
        {"stream_id": result.stream},
        name,
        name in outcomes.CHANGED,
        details=details,
        attempts=result.attempts,
    )


def recording_result(vendor: str, results: list[StreamResult], api_requests: int, *, with_diff: bool) -> dict[str, Any]:
    """Return the whole result of a task about recordings."""
    entries = [stream_entry(result) for result in results]
    return task_result(recordings_at(vendor), entries, api_requests, with_diff=with_diff)
