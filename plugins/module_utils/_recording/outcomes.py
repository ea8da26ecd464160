# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decides what one stream's verdict means: an outcome, or another try. Pure: no network, no Ansible."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import one_line
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict
from ansible_collections.zego.cloud.plugins.module_utils._result import FAILED, NOT_ATTEMPTED, UNKNOWN, error_details
from ansible_collections.zego.cloud.plugins.module_utils._values import without_empty

STOPPED = "stopped"
ALREADY_STOPPED = "already_stopped"
STARTED = "started"
ALREADY_STARTED = "already_started"

CHANGED = frozenset({STOPPED, STARTED})

# How it is known that there was nothing to do: by the ledger, or by nothing but the vendor's answer.
REMEMBERED = "remembered"
VENDOR = "vendor"

# Huawei documents a wait of 10 s between a stop and the next start. For 30 s after our own stop, 'record task exists'
# is taken to mean that this stop is still finishing. Later it means that the stream is being recorded.
HUAWEI_SETTLE_SECONDS = 30.0
HUAWEI_WAIT_SECONDS = 10.0


class Outcome(NamedTuple):
    """How it ended for one stream. ``details``: further keys of its entry (code, message, request_id and so on)."""

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
    return f"{vendor} answered {verdict.code}{said}. {advice}"


def own_stop(memory: Memory | None, *, now: float) -> str:
    """Return when the stream was stopped, in this machine's time zone; '' where no stop is remembered.

    ``now``: Unix seconds.
    """
    if memory is None or memory.state != State.STOPPED:
        return ""
    return f"it was stopped at {_clock(memory.since, now)}, says the ledger"


def _clock(moment: float, now: float) -> str:
    """Return a time of this machine's time zone, which it names, with its day where that is not today."""
    done, today = time.localtime(moment), time.localtime(now)
    zone = time.strftime("%z", done)
    clock = time.strftime("%H:%M" if done[:3] == today[:3] else "%Y-%m-%d %H:%M", done)
    # A report shows it to people elsewhere.
    return f"{clock} {zone[:3]}:{zone[3:5]}"


def explain_stop(vendor: str, verdict: Verdict, memory: Memory | None, *, now: float, maybe_done: bool = False) -> str:
    """Return one line about a stop that failed: what the vendor said, what it means, what to do, what is remembered.

    ``maybe_done``: an earlier attempt of this run may have stopped it.
    """
    explained, earlier = explain_verdict(vendor, verdict), own_stop(memory, now=now)
    if not earlier and maybe_done:
        earlier = "an earlier attempt may have stopped it, but its answer was lost or had no entry for it"
    # An earlier stop does not explain such an answer: somebody may have started it again since.
    return f"{earlier}; now {explained}" if earlier else explained


def decide_stop(
    vendor: str,
    verdict: Verdict,
    memory: Memory | None,
    *,
    now: float,
    maybe_done: bool,
    request_id: str | None,
    expect_recording: bool = False,
) -> Outcome | Again:
    """Return what a stop's verdict means.

    ``now``: Unix seconds; ``maybe_done``: an earlier attempt of this run may have stopped it; ``expect_recording``: a
    stream that was not recording, and of which no stop is remembered, has failed.
    """
    remembered = own_stop(memory, now=now)
    if verdict.meaning == codes.SUCCESS:
        # Vendors acknowledge a stop of what is not being recorded: only our own memory tells a repeated stop.
        if remembered:
            return _known(ALREADY_STOPPED, verdict, request_id, f"{remembered}.", evidence=REMEMBERED)
        return Outcome(STOPPED, verdict_details(verdict, request_id))
    if verdict.meaning == codes.ABSENT:
        outcome = _nothing_to_stop(vendor, verdict, remembered, maybe_done=maybe_done, request_id=request_id)
        is_guess = outcome.details.get("evidence") == VENDOR
        return _not_as_expected(vendor, outcome) if is_guess and expect_recording else outcome
    # Without a delay: the pace of streams says when the stream may go again.
    if verdict.meaning == codes.THROTTLED:
        return Again(0.0, verdict, paced=True)
    # A repeated stop is harmless at every vendor, so ask again rather than assume anything.
    if verdict.meaning in (codes.TRANSIENT, codes.MISSING):
        return Again(0.0, verdict, counted=True)
    # Memory explains only what fits: no vendor documents what a repeated stop answers, but an error that is not shaped
    # like 'not found' may come for a recording that somebody else has started since.
    if verdict.not_found and remembered and not verdict.partly:
        message = f"{vendor} answered {verdict.code}, which may mean something else; {remembered}."
        return _known(ALREADY_STOPPED, verdict, request_id, message, evidence=REMEMBERED)
    # RUNNING, too: the vendor says that it is being recorded although we have just stopped it.
    message = explain_stop(vendor, verdict, memory, now=now, maybe_done=maybe_done)
    return Outcome(FAILED, verdict_details(verdict, request_id, message))


def _known(name: str, verdict: Verdict, request_id: str | None, message: str, *, evidence: str) -> Outcome:
    return Outcome(name, {**verdict_details(verdict, request_id, message), "evidence": evidence})


def _nothing_to_stop(
    vendor: str, verdict: Verdict, remembered: str, *, maybe_done: bool, request_id: str | None
) -> Outcome:
    """Return the outcome of a stop that the vendor answered with 'absent'. ``remembered``: of our own earlier stop."""
    message = f"not recording, according to {vendor}"
    # With a memory of an earlier stop, the lost attempt had nothing left to stop.
    if remembered:
        return _known(ALREADY_STOPPED, verdict, request_id, f"{message}; {remembered}.", evidence=REMEMBERED)
    if maybe_done:
        message += ", after an attempt whose answer was lost: that attempt most likely stopped it."
        return Outcome(STOPPED, verdict_details(verdict, request_id, message))
    return _known(ALREADY_STOPPED, verdict, request_id, f"{message}.", evidence=VENDOR)


def _not_as_expected(vendor: str, outcome: Outcome) -> Outcome:
    """Return the failure of a stream that had to be recording."""
    message = f"not recording, according to {vendor}. {codes.ADVICE['not_recording'].format(vendor=vendor)}"
    return Outcome(FAILED, {**outcome.details, "message": message})


def decide_start(
    vendor: str, verdict: Verdict, memory: Memory | None, *, now: float, request_id: str | None
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
        started = Outcome(ALREADY_STARTED, verdict_details(verdict, request_id, f"recording, according to {vendor}."))
        return _with_evidence(started, memory is not None and memory.running_at(now))
    # A throttled start did nothing, so it may be sent again, unless another format of the stream did start.
    if verdict.meaning == codes.THROTTLED and not verdict.partly:
        return Again(0.0, verdict, paced=True)
    if verdict.meaning == codes.MISSING:
        return outcome(UNKNOWN, explain_verdict(vendor, verdict._replace(kind="unknown")))
    if vendor in codes.ANSWERS_REPEATED_START:
        # A start that has begun is recognized when it is sent again.
        kind = "partial" if verdict.partly else verdict.kind
        return outcome(FAILED, explain_verdict(vendor, verdict._replace(kind=kind)))
    if verdict.partly:
        return outcome(UNKNOWN, explain_verdict(vendor, verdict._replace(kind="partial")))
    # Only a documented refusal says that nothing was started. After anything else a person has to look.
    if verdict.meaning == codes.TRANSIENT or is_undocumented(vendor, verdict):
        return outcome(UNKNOWN, explain_verdict(vendor, verdict._replace(kind="unknown")))
    return outcome(FAILED, explain_verdict(vendor, verdict))


def is_refusal(vendor: str, verdict: Verdict) -> bool:
    """Tell whether a verdict says, by a document, that nothing was done."""
    if verdict.partly or verdict.meaning in (codes.TRANSIENT, codes.MISSING):
        return False
    return not is_undocumented(vendor, verdict)


def is_undocumented(vendor: str, verdict: Verdict) -> bool:
    """Tell whether no document says that a code is a refusal."""
    # Of Ws nothing is documented but success.
    return verdict.meaning == codes.UNEXPLAINED and (vendor == "Ws" or verdict.kind == "unexplained")


def _with_evidence(outcome: Outcome, remembered: bool) -> Outcome:
    return outcome._replace(details={**outcome.details, "evidence": REMEMBERED if remembered else VENDOR})


def _stopped_lately(memory: Memory | None, now: float) -> bool:
    # A stop in the future was written by a clock that is ahead: waiting for it could take as long as that.
    return memory is not None and memory.state == State.STOPPED and 0 <= now - memory.since <= HUAWEI_SETTLE_SECONDS


def refused(problem: str) -> Outcome:
    """Return the outcome of a stream that no request can carry, for this reason."""
    return Outcome(FAILED, {"message": f"{problem} It was not sent."})


def from_error(vendor: str, verb: str, error: ZegoError) -> Outcome:
    """Return the outcome of a stream whose whole request failed."""
    if isinstance(error, NotAttempted):
        return Outcome(NOT_ATTEMPTED, error_details(error))
    # A stop that may have been carried out is 'failed', and can simply be repeated. A start cannot: it is 'failed' only
    # where the refusal itself says that nothing has begun.
    if verb == "start" and (error.maybe_done or not error.nothing_began):
        return Outcome(UNKNOWN, error_details(error, codes.ADVICE["unknown"].format(vendor=vendor)))
    return Outcome(FAILED, error_details(error))


def recall(vendor: str, verb: str, memory: Memory | None, *, now: float, force: bool) -> Outcome | None:
    """Return the outcome that memory alone decides for a start, None where the vendor has to be asked."""
    if verb != "start" or memory is None or force or vendor in codes.ANSWERS_REPEATED_START:
        return None
    if memory.running_at(now):
        message = "it was started before, says the ledger; force=true starts it nevertheless."
        # A file may have been written by others: it gets the same treatment as a reply.
        details = without_empty({"message": message, "task_id": one_line(memory.task) or None})
        return _with_evidence(Outcome(ALREADY_STARTED, details), remembered=True)
    advice = codes.ADVICE["unknown"].format(vendor=vendor)
    # Left by a run that was killed, or that still waits for its answer: it may be recording, and be paid for.
    if memory.state == State.STARTING:
        told = f"another run sent its start at {_clock(memory.since, now)}, and has no answer, or was killed"
        return Outcome(UNKNOWN, {"message": f"{told}. {advice}"})
    if memory.state == State.STOPPING:
        told = f"a stop was sent at {_clock(memory.since, now)}, and nobody knows whether it worked"
        return Outcome(UNKNOWN, {"message": f"{told}. {advice}"})
    if memory.state in (State.CROSSED, State.UNCERTAIN):
        told = "nobody knows whether it is recorded: an answer was lost, or a start and a stop crossed"
        message = f"since {_clock(memory.since, now)} {told}. {advice}"
        return Outcome(UNKNOWN, {"message": message})
    return None


def started_by_another_run(outcome: Outcome) -> Outcome:
    """Return the outcome of a start that this run leaves to another one, which sends it at this moment."""
    message = "another run is starting it at this moment, and its result tells how that ended. It was not sent twice."
    return outcome._replace(details={**outcome.details, "message": message})


def contradicted(vendor: str, verb: str, outcome: Outcome) -> Outcome:
    """Return the outcome of a stream to which another run did the opposite while this run's request was on its way.

    Nobody knows which of the two requests was carried out last.
    """
    if verb == "stop":
        name, did = FAILED, "a start of another run crossed this stop"
        advice = "It may be recording: stop it again, unless that recording is wanted."
    else:
        name, did = UNKNOWN, "a stop of another run crossed this start"
        advice = f"It may not be recording: look at {vendor}, then either stop it, or start it with force=true."
    details = {key: value for key, value in outcome.details.items() if key != "evidence"}
    return Outcome(name, {**details, "message": f"{did}, and which came last is not known. {advice}"})


def maybe_crossed(outcome: Outcome) -> Outcome:
    """Return the outcome of a stop that was sent while a start of another run may have been on its way."""
    said = "A start of another run, sent shortly before, may be carried out after this stop: stop it again to be sure."
    told = outcome.details.get("message", "")
    return outcome._replace(details={**outcome.details, "message": f"{told} {said}".strip()})


def expected_outcome(vendor: str, verb: str, memory: Memory | None, *, now: float, force: bool) -> Outcome:
    """Return what check mode expects: what the ledger says, else a change."""
    if verb == "stop":
        remembered = own_stop(memory, now=now)
        if not remembered:
            return Outcome(STOPPED, {})
        return _with_evidence(Outcome(ALREADY_STOPPED, {"message": f"{remembered}."}), remembered=True)
    recalled = recall(vendor, verb, memory, now=now, force=force)
    if recalled is not None:
        return recalled
    if memory is not None and memory.running_at(now) and not force:
        return _with_evidence(Outcome(ALREADY_STARTED, {}), remembered=True)
    return Outcome(STARTED, {})
