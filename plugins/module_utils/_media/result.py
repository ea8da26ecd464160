# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a task about recorded files returns."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._media.recordings import (
    explain,
    read_recording,
    recording_details,
)
from ansible_collections.zego.cloud.plugins.module_utils._media.search import FAILED, NOT_ASKED, Findings, Search
from ansible_collections.zego.cloud.plugins.module_utils._media.wait import Wait
from ansible_collections.zego.cloud.plugins.module_utils._result import error_details, first_few
from ansible_collections.zego.cloud.plugins.module_utils._values import encodable, printable


def search_result(search: Search, findings: Findings, *, api_requests: int, wait: Wait | None = None) -> dict[str, Any]:
    """Return the result of the task. ``wait``: what was waited for, None for nothing."""
    files = findings.files()
    counts = Counter(file.get("stream_id") for file in files)
    entries = [_stream_entry(findings, stream, counts[stream], wait) for stream in findings.states]
    failures = [f"{printable(entry['stream_id'])}: {entry['message']}" for entry in entries if entry["failed"]]
    failures = failures or [_failure(what, error) for what, error in findings.errors]
    missing = [entry for entry in entries if entry.get("missing")]
    incomplete = "" if findings.complete else ", and there may be more"
    problems = first_few(failures + [_missing(entry) for entry in missing if not entry["failed"]])
    total_bytes = sum(file.get("size", 0) for file in files)
    summary = {"files": len(files), "bytes": total_bytes, "failed": len(failures)}
    if wait is not None:
        summary["missing"] = len(missing)
    result: dict[str, Any] = {
        "changed": False,
        "failed": bool(failures) or (wait is not None and wait.fail and bool(missing)),
        "msg": f"{search.vendor}: {len(files)} recorded files{incomplete}. {problems}".strip(),
        "files": files,
        "complete": findings.complete,
        "summary": summary,
        "api_requests": api_requests,
    }
    if search.streams is not None:
        result["streams"] = entries
    return result


def _failure(what: str, error: ZegoError) -> str:
    message = error_details(error)["message"]
    return f"{what}: {message}" if what else str(message)


def _missing(entry: dict[str, Any]) -> str:
    return f"{entry['stream_id']} is not whole: {entry['message']}"


def _stream_entry(findings: Findings, stream: str, count: int, wait: Wait | None) -> dict[str, Any]:
    """Return a stream's entry. ``count``: how many of the task's files are its own."""
    state = findings.states[stream]
    entry: dict[str, Any] = {"stream_id": encodable(stream), "failed": state == FAILED}
    if state == FAILED:
        entry.update(error_details(findings.stream_errors[stream]))
        # Nobody knows what is not listed, and it was waited for.
        return entry if wait is None else {**entry, "missing": True}
    if state == NOT_ASKED:
        return {**entry, "message": "not asked for to the end, since the limit was reached."}
    entry["files"] = count
    files = findings.files_of(stream)
    recording = read_recording(files, None, 0.0) if wait is None else wait.recording(stream, files)
    entry.update(recording_details(recording))
    if wait is not None:
        entry["missing"] = recording.missing
    message = " ".join(filter(None, (_doubt(findings.doubtful[stream]), explain(recording) if wait else "")))
    return {**entry, "message": message} if message else entry


def _doubt(keys: int) -> str:
    """Return a sentence about keys that may or may not be the stream's (see ``KeyNames``)."""
    if not keys:
        return ""
    return (
        f"{keys} further keys end with this name. They belong to other streams, unless the "
        "name of the application has a dash: say so in app if it does."
    )
