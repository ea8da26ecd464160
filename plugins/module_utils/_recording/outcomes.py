# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decides what one stream's verdict means: an outcome, or another try. Pure: no network, no Ansible."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _ledger
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict
from ansible_collections.zego.cloud.plugins.module_utils._result import FAILED, NOT_ATTEMPTED, UNKNOWN, error_details
from ansible_collections.zego.cloud.plugins.module_utils._values import without_empty

STOPPED = "stopped"
ALREADY_STOPPED = "already_stopped"
STARTED = "started"
ALREADY_STARTED = "already_started"

CHANGED = frozenset({STOPPED, STARTED})

# Huawei documents a wait of 10 s between a stop and the next start. For 30 s after our own stop, 'record task exists'
# is taken to mean that this stop is still finishing. Later it means that the stream is being recorded.
HUAWEI_SETTLE_SECONDS = 30.0
HUAWEI_WAIT_SECONDS = 10.0


class Outcome(NamedTuple):
    """How it ended for one stream. ``details``: further keys of its entry (code, message, request_id, …)."""

    name: str
    details: dict[str, Any]


class Again(NamedTuple):
    """Send the stream again, not before ``delay`` seconds from now.

    ``counted``: this uses up one of the retries; ``paced``: the vendor throttled the stream.
    """

    delay: float
    verdict: Verdict
    counted: bool = False
    paced: bool = False


def verdict_details(verdict: Verdict, request_id: str | None, message: str = "") -> dict[str, Any]:
    """Return the keys of a stream's entry that come from the reply."""
    return without_empty(
        {
            "code": verdict.code,
            "message": message,
            "request_id": request_id,
            "vendor_request_id": verdict.vendor_request_id,
            "task_id": verdict.task_id,
            "files": list(verdict.files),
        }
    )


def explain_verdict(vendor: str, verdict: Verdict) -> str:
    """Return one line: what the vendor said, what it means, what to do."""
    started_in_part = verdict.partly and verdict.meaning == codes.MISSING
    advice = codes.ADVICE.get("partial" if started_in_part else verdict.kind, codes.ADVICE["unexplained"])
    advice = advice.format(vendor=vendor)
    if verdict.meaning == codes.MISSING:
        return f"the reply has no usable entry for this stream. {advice}"
    said = f" ({verdict.message})" if verdict.message else ""
    return f"{vendor} answered {verdict.code}{said}: {verdict.kind}. {advice}"


def decide_stop(
    vendor: str, verdict: Verdict, memory: _ledger.Memory | None, *, maybe_done: bool, request_id: str | None
) -> Outcome | Again:
    """Return what a stop's verdict means. ``maybe_done``: an earlier attempt of this run may have stopped it."""

    def outcome(name: str, message: str = "") -> Outcome:
        return Outcome(name, verdict_details(verdict, request_id, message))

    remembered = memory is not None and memory.state == _ledger.STOPPED
    if verdict.meaning == codes.SUCCESS:
        # Vendors acknowledge a stop of what is not being recorded: only our own memory tells a repeated stop.
        return outcome(ALREADY_STOPPED if remembered else STOPPED)
    if verdict.meaning == codes.ABSENT:
        message = f"{vendor} says that nothing is being recorded"
        # With a memory of an earlier stop, the lost attempt had nothing left to stop.
        if maybe_done and not remembered:
            message += ", after an attempt whose answer was lost: that attempt most likely stopped it."
            return outcome(STOPPED, message)
        return outcome(ALREADY_STOPPED, f"{message}.")
    # Without a delay: the pace of streams says when the stream may go again.
    if verdict.meaning == codes.THROTTLED:
        return Again(0.0, verdict, paced=True)
    # A repeated stop is harmless at every vendor, so ask again rather than assume anything.
    if verdict.meaning in (codes.TRANSIENT, codes.MISSING):
        return Again(0.0, verdict, counted=True)
    # An undocumented code after our own stop is most likely the vendor's way to say 'not found'.
    if verdict.meaning == codes.UNEXPLAINED and remembered and not verdict.partly:
        message = f"{vendor} answered {verdict.code}, which does not say whether it is being recorded"
        return outcome(ALREADY_STOPPED, f"{message}; this machine stopped it before.")
    # RUNNING, too: the vendor says that it is being recorded although we have just stopped it.
    return outcome(FAILED, explain_verdict(vendor, verdict))


def decide_start(
    vendor: str, verdict: Verdict, memory: _ledger.Memory | None, *, now: float, request_id: str | None
) -> Outcome | Again:
    """Return what a start's verdict means.

    A start is only sent again if it was refused for certain: otherwise it could become a second, paid recording.
    """

    def outcome(name: str, message: str = "") -> Outcome:
        return Outcome(name, verdict_details(verdict, request_id, message))

    if verdict.meaning == codes.SUCCESS:
        return outcome(STARTED)
    if verdict.meaning == codes.RUNNING:
        # The recording that exists is the one that we have just stopped, and that is still finishing.
        if vendor == "Huawei" and _stopped_lately(memory, now):
            return Again(HUAWEI_WAIT_SECONDS, verdict)
        return outcome(ALREADY_STARTED, f"{vendor} says that it is being recorded already.")
    # A throttled start did nothing, so it may be sent again, unless another format of the stream did start.
    if verdict.meaning == codes.THROTTLED and not verdict.partly:
        return Again(0.0, verdict, paced=True)
    # An internal error does not say that nothing was started. A person has to look, unless the vendor itself
    # recognizes a repeated start.
    unclear = verdict.meaning == codes.TRANSIENT and not verdict.partly
    if verdict.meaning == codes.MISSING or (unclear and vendor not in codes.ANSWERS_REPEATED_START):
        return outcome(UNKNOWN, explain_verdict(vendor, verdict._replace(kind="unknown")))
    if verdict.partly:
        return outcome(FAILED, explain_verdict(vendor, verdict._replace(kind="partial")))
    return outcome(FAILED, explain_verdict(vendor, verdict))


def _stopped_lately(memory: _ledger.Memory | None, now: float) -> bool:
    return memory is not None and memory.state == _ledger.STOPPED and now - memory.since <= HUAWEI_SETTLE_SECONDS


def from_error(vendor: str, verb: str, error: ZegoError) -> Outcome:
    """Return the outcome of a stream whose whole request failed."""
    if isinstance(error, NotAttempted):
        return Outcome(NOT_ATTEMPTED, error_details(error))
    # A stop that may have been carried out is 'failed', and can simply be repeated. A start cannot.
    if verb == "start" and error.maybe_done:
        return Outcome(UNKNOWN, error_details(error, codes.ADVICE["unknown"].format(vendor=vendor)))
    return Outcome(FAILED, error_details(error))


def recall(vendor: str, verb: str, memory: _ledger.Memory | None, *, now: float, force: bool) -> Outcome | None:
    """Return the outcome that memory alone decides for a start, None where the vendor has to be asked."""
    if verb != "start" or memory is None or force or vendor in codes.ANSWERS_REPEATED_START:
        return None
    if memory.running_at(now):
        message = "this machine started it before; force=true starts it nevertheless."
        return Outcome(ALREADY_STARTED, without_empty({"message": message, "task_id": memory.task}))
    # Left by a run that was killed, or whose answer was lost: it may be recording, and be paid for.
    if memory.state == _ledger.STARTING:
        advice = codes.ADVICE["unknown"].format(vendor=vendor)
        return Outcome(UNKNOWN, {"message": f"an earlier run sent its start, and the answer was lost. {advice}"})
    return None


def expected_outcome(vendor: str, verb: str, memory: _ledger.Memory | None, *, now: float, force: bool) -> Outcome:
    """Return what check mode expects: what the ledger says, else a change."""
    if verb == "stop":
        stopped = memory is not None and memory.state == _ledger.STOPPED
        return Outcome(ALREADY_STOPPED if stopped else STOPPED, {})
    recalled = recall(vendor, verb, memory, now=now, force=force)
    if recalled is not None:
        return recalled
    running = memory is not None and memory.running_at(now) and not force
    return Outcome(ALREADY_STARTED if running else STARTED, {})
