# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decides what one stream's verdict comes to: an outcome, or another try. Pure: no network, no Ansible."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _ledger
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict
from ansible_collections.zego.cloud.plugins.module_utils._result import FAILED, NOT_ATTEMPTED, UNKNOWN

STOPPED = "stopped"
ALREADY_STOPPED = "already_stopped"
STARTED = "started"
ALREADY_STARTED = "already_started"

CHANGED = frozenset({STOPPED, STARTED})

# Huawei documents a wait of 10 s after a stop before the next start; its stop counts as still finishing for this long.
HUAWEI_SETTLE_SECONDS = 30.0
HUAWEI_WAIT_SECONDS = 10.0

ADVICE_UNKNOWN = codes.ADVICE["unknown"]


class Outcome(NamedTuple):
    """How it ended for one stream. ``facts``: further keys of its entry in the result (code, message, request_id, …)."""

    name: str
    facts: dict[str, Any]


class Again(NamedTuple):
    """Send the stream again, after ``delay`` seconds. ``counted``: it uses up one of the retries; ``paced``: the vendor throttled it."""

    delay: float
    verdict: Verdict
    counted: bool = False
    paced: bool = False


def facts_of(verdict: Verdict, request_id: str | None, message: str = "") -> dict[str, Any]:
    """Return the keys of a stream's entry that come from the reply."""
    facts = {
        "code": verdict.code,
        "message": message,
        "request_id": request_id,
        "vendor_request_id": verdict.vendor_request_id,
        "task_id": verdict.task_id,
        "files": list(verdict.files),
    }
    return {key: value for key, value in facts.items() if value}


def explain(vendor: str, verdict: Verdict) -> str:
    """Return one sentence: what the vendor said, what it means, what to do."""
    advice = codes.ADVICE.get(
        "partial" if verdict.partly and verdict.meaning == codes.MISSING else verdict.kind, codes.ADVICE["unexplained"]
    )
    advice = advice.format(vendor=vendor)
    if verdict.meaning == codes.MISSING:
        return f"the reply has no usable entry for this stream. {advice}"
    said = f" ({verdict.message})" if verdict.message else ""
    return f"{vendor} answered {verdict.code}{said}: {verdict.kind}. {advice}"


def decide_stop(
    vendor: str, verdict: Verdict, memory: _ledger.Memory | None, touched: bool, request_id: str | None
) -> Outcome | Again:
    """Return what a stop's verdict comes to. ``touched``: an earlier attempt of this run may have stopped it."""
    remembered = memory is not None and memory.state == _ledger.STOPPED
    if verdict.meaning == codes.SUCCESS:
        return Outcome(ALREADY_STOPPED if remembered else STOPPED, facts_of(verdict, request_id))
    if verdict.meaning == codes.ABSENT:
        if touched and not remembered:
            message = f"{vendor} says that nothing is being recorded, after an attempt whose answer was lost: that attempt most likely stopped it."
            return Outcome(STOPPED, facts_of(verdict, request_id, message))
        return Outcome(ALREADY_STOPPED, facts_of(verdict, request_id, f"{vendor} says that nothing is being recorded."))
    if verdict.meaning == codes.THROTTLED:
        return Again(0.0, verdict, paced=True)
    if verdict.meaning in (codes.TRANSIENT, codes.MISSING):
        return Again(0.0, verdict, counted=True)
    if verdict.meaning == codes.UNEXPLAINED and remembered and not verdict.partly:
        message = f"{vendor} answered {verdict.code}, which does not say whether it is being recorded; this machine stopped it before."
        return Outcome(ALREADY_STOPPED, facts_of(verdict, request_id, message))
    return Outcome(FAILED, facts_of(verdict, request_id, explain(vendor, verdict)))


def _stopped_lately(memory: _ledger.Memory | None, now: float) -> bool:
    return memory is not None and memory.state == _ledger.STOPPED and now - memory.since <= HUAWEI_SETTLE_SECONDS


def decide_start(
    vendor: str, verdict: Verdict, memory: _ledger.Memory | None, now: float, request_id: str | None
) -> Outcome | Again:
    """Return what a start's verdict comes to. Only what was refused for sure is sent again: a further start may be a further, paid recording."""
    if verdict.meaning == codes.SUCCESS:
        return Outcome(STARTED, facts_of(verdict, request_id))
    if verdict.meaning == codes.RUNNING:
        if vendor == "Huawei" and _stopped_lately(memory, now):
            return Again(HUAWEI_WAIT_SECONDS, verdict)
        return Outcome(
            ALREADY_STARTED, facts_of(verdict, request_id, f"{vendor} says that it is being recorded already.")
        )
    if verdict.meaning == codes.THROTTLED and not verdict.partly:
        return Again(0.0, verdict, paced=True)
    # An internal error does not say that nothing was started. Where a second start is a second recording, a person has to look.
    unsure = verdict.meaning == codes.TRANSIENT and not verdict.partly and vendor not in codes.ANSWERS_REPEATED_START
    if unsure or verdict.meaning == codes.MISSING:
        return Outcome(UNKNOWN, facts_of(verdict, request_id, explain(vendor, verdict._replace(kind="unknown"))))
    if verdict.partly:
        verdict = verdict._replace(kind="partial")
    return Outcome(FAILED, facts_of(verdict, request_id, explain(vendor, verdict)))


def from_error(vendor: str, verb: str, error: ZegoError) -> Outcome:
    """Return the outcome of a stream whose whole request failed."""
    name = FAILED
    advice = error.advice
    if isinstance(error, NotAttempted):
        name = NOT_ATTEMPTED
    elif verb == "start" and (isinstance(error, AnswerLost) or error.answer_lost):
        name, advice = UNKNOWN, ADVICE_UNKNOWN.format(vendor=vendor)
    facts = {"code": error.code, "message": f"{error.reason}. {advice}".strip(), "request_id": error.request_id}
    return Outcome(name, {key: value for key, value in facts.items() if value})


def recall(vendor: str, verb: str, memory: _ledger.Memory | None, now: float, force: bool) -> Outcome | None:
    """Return the outcome that memory alone decides for a start, None where the vendor has to be asked."""
    if verb != "start" or memory is None or force or vendor in codes.ANSWERS_REPEATED_START:
        return None
    if memory.running_at(now):
        facts = {
            "message": "this machine started it before; force=true starts it nevertheless.",
            "task_id": memory.task,
        }
        return Outcome(ALREADY_STARTED, {key: value for key, value in facts.items() if value})
    if memory.state == _ledger.STARTING:
        return Outcome(
            UNKNOWN,
            {
                "message": f"an earlier run sent its start, and the answer was lost. {ADVICE_UNKNOWN.format(vendor=vendor)}"
            },
        )
    return None


def predict(vendor: str, verb: str, memory: _ledger.Memory | None, now: float, force: bool) -> Outcome:
    """Return what check mode expects: what the ledger tells, else a change."""
    if verb == "stop":
        return Outcome(ALREADY_STOPPED if memory is not None and memory.state == _ledger.STOPPED else STOPPED, {})
    known = recall(vendor, verb, memory, now, force)
    if known is None and memory is not None and memory.running_at(now) and not force:
        known = Outcome(ALREADY_STARTED, {})
    return known or Outcome(STARTED, {})
