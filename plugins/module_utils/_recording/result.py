# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a task about recordings returns."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes as _outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import StreamResult
from ansible_collections.zego.cloud.plugins.module_utils._result import FAILURES, Subject, finish

_STATES = {
    _outcomes.STOPPED: ("recording", "not recording"),
    _outcomes.ALREADY_STOPPED: ("not recording", "not recording"),
    _outcomes.STARTED: ("not recording", "recording"),
    _outcomes.ALREADY_STARTED: ("recording", "recording"),
}


def recordings(vendor: str) -> Subject:
    """Return the subject of a task about recordings."""
    return Subject(vendor, "streams", lambda item: item["stream_id"], f"CDN recordings at {vendor}", _STATES)


def entry(result: StreamResult) -> dict[str, Any]:
    """Return one stream's entry of the result."""
    name = result.outcome.name
    head = {
        "stream_id": result.stream,
        "outcome": name,
        "changed": name in _outcomes.CHANGED,
        "failed": name in FAILURES,
    }
    return {**head, **result.outcome.facts, "attempts": result.attempts}


def report(vendor: str, results: list[StreamResult], api_requests: int, with_diff: bool) -> dict[str, Any]:
    """Return the whole result of a task about recordings."""
    return finish(recordings(vendor), [entry(result) for result in results], api_requests, with_diff)
