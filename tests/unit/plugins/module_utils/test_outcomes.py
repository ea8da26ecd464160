# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a verdict comes to, as a table (design, "The rules that the domain dictates" and "The ledger")."""

from __future__ import annotations

import time

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    Forbidden,
    NotAttempted,
    NotSent,
    Refused,
    RefusedForContent,
    Throttled,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes as _outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import Again, Outcome
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict

NOW = 1000.0
STOPPED, RUNNING, STARTING = (
    Memory("stopped", NOW - 5),
    Memory("running", NOW - 5, task="t"),
    Memory("starting", NOW - 5),
)
EXPIRED = Memory("running", NOW - 50, NOW - 1)


def shown(decision):
    if isinstance(decision, Outcome):
        return decision.name
    return "again" + (" counted" if decision.counted else "") + (" paced" if decision.paced else "")


STOP = [
    ("success", None, False, "stopped"),
    ("success", RUNNING, False, "stopped"),
    ("success", STARTING, False, "stopped"),
    ("success", STOPPED, False, "already_stopped"),
    ("success", None, True, "stopped"),
    ("absent", None, False, "already_stopped"),
    ("absent", STOPPED, False, "already_stopped"),
    ("absent", RUNNING, False, "already_stopped"),
    ("absent", None, True, "stopped"),
    ("absent", RUNNING, True, "stopped"),
    ("throttled", None, False, "again paced"),
    ("throttled", STOPPED, True, "again paced"),
    ("transient", None, False, "again counted"),
    ("transient", STOPPED, False, "again counted"),
    ("missing", None, False, "again counted"),
    ("missing", STOPPED, True, "again counted"),
    ("unexplained", None, False, "failed"),
    ("unexplained", None, True, "failed"),
    ("unexplained", RUNNING, False, "failed"),
    ("unexplained", STOPPED, False, "failed"),
    ("not found", None, False, "failed"),
    ("not found", None, True, "failed"),
    ("not found", RUNNING, False, "failed"),
    ("not found", STARTING, False, "failed"),
    ("not found", STOPPED, False, "already_stopped"),
    ("not found", STOPPED, True, "already_stopped"),
    ("failed", None, False, "failed"),
    ("failed", STOPPED, False, "failed"),
    ("failed", STOPPED, True, "failed"),
    ("running", None, False, "failed"),
]


def verdict_of(meaning):
    """Return a verdict; 'not found' is an unexplained one that is shaped so."""
    if meaning == "not found":
        return Verdict("unexplained", "not_found", "404", not_found=True)
    return Verdict(meaning, meaning, "c")


def stop(vendor, verdict, memory, maybe_done=False, **more):
    return _outcomes.decide_stop(vendor, verdict, memory, now=NOW, maybe_done=maybe_done, request_id="r", **more)


@pytest.mark.parametrize("vendor", ["Tencent", "Huawei", "Aliyun", "Ws"])
@pytest.mark.parametrize("meaning,memory,maybe_done,expected", STOP)
def test_each_verdict_on_a_stop_has_one_outcome(vendor, meaning, memory, maybe_done, expected):
    assert shown(stop(vendor, verdict_of(meaning), memory, maybe_done)) == expected


@pytest.mark.parametrize(
    "meaning,memory,evidence",
    [
        ("success", STOPPED, "remembered"),
        ("absent", STOPPED, "remembered"),
        ("not found", STOPPED, "remembered"),
        ("absent", None, "vendor"),
        ("absent", RUNNING, "vendor"),
        ("success", None, None),
        ("failed", STOPPED, None),
    ],
)
def test_an_unchanged_stream_says_how_that_is_known(meaning, memory, evidence):
    details = stop("Huawei", verdict_of(meaning), memory).details
    assert details.get("evidence") == evidence
    assert (evidence == "vendor") == (details.get("message") == "not recording, according to Huawei.")


@pytest.mark.parametrize(
    "meaning,memory,maybe_done,expected",
    [
        ("absent", None, False, "failed"),
        ("absent", RUNNING, False, "failed"),
        ("absent", STOPPED, False, "already_stopped"),
        # The attempt whose answer was lost most likely stopped it: it was recording.
        ("absent", None, True, "stopped"),
        ("success", None, False, "stopped"),
        ("success", STOPPED, False, "already_stopped"),
        ("not found", STOPPED, False, "already_stopped"),
    ],
)
def test_a_stream_that_had_to_be_recording_fails_where_nobody_knows_of_it(meaning, memory, maybe_done, expected):
    decision = stop("Tencent", verdict_of(meaning), memory, maybe_done, expect_recording=True)
    assert shown(decision) == expected
    if expected == "failed":
        assert decision.details["evidence"] == "vendor" and "check its name" in decision.details["message"]


@pytest.mark.parametrize("meaning", ["unexplained", "failed", "running"])
def test_a_stop_that_failed_after_our_own_tells_when_that_was(meaning, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        # 23:10 and 23:15 there, and the next morning.
        stopped, now, later = 1777648200, 1777648500, 1777680000
        verdict, memory = verdict_of(meaning), Memory("stopped", stopped)
        told = _outcomes.explain_stop("Tencent", verdict, memory, now=now)
        assert told.startswith("it was stopped at 23:10 +08:00, says the ledger; now Tencent answered c. ")
        told = _outcomes.explain_stop("Tencent", verdict, memory, now=later)
        assert told.startswith("it was stopped at 2026-05-01 23:10 +08:00, says the ledger; now ")
        assert "this machine" not in _outcomes.explain_stop("Tencent", verdict, RUNNING, now=now)
        assert shown(stop("Tencent", verdict, memory)) == "failed"
        assert "it was stopped at" in stop("Tencent", verdict, memory).details["message"]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("meaning", ["unexplained", "failed"])
def test_a_stop_that_failed_after_a_lost_answer_says_so(meaning):
    lost = stop("Tencent", verdict_of(meaning), None, True)
    assert lost.name == "failed" and "an earlier attempt may have stopped it" in lost.details["message"]
    assert "earlier" not in stop("Tencent", verdict_of(meaning), None, False).details["message"]


START = [
    ("success", None, "started"),
    ("success", STOPPED, "started"),
    ("success", RUNNING, "started"),
    ("running", None, "already_started"),
    ("running", RUNNING, "already_started"),
    ("throttled", None, "again paced"),
    ("missing", None, "unknown"),
    ("absent", None, "failed"),
    ("failed", None, "failed"),
]


@pytest.mark.parametrize(
    "vendor,expected", [("Tencent", "unknown"), ("Ws", "unknown"), ("Huawei", "failed"), ("Aliyun", "failed")]
)
@pytest.mark.parametrize("meaning", ["unexplained", "transient"])
def test_a_start_that_no_document_calls_refused_may_have_begun(vendor, expected, meaning):
    verdict = Verdict(meaning, meaning, "c")
    assert shown(_outcomes.decide_start(vendor, verdict, None, now=NOW, request_id="r")) == expected


def test_only_ws_documents_no_refusal_at_all():
    verdict = Verdict("unexplained", "not_found", "404")
    assert shown(_outcomes.decide_start("Ws", verdict, None, now=NOW, request_id="r")) == "unknown"
    verdict = Verdict("unexplained", "ambiguous", "InvalidParameter")
    assert shown(_outcomes.decide_start("Tencent", verdict, None, now=NOW, request_id="r")) == "failed"


@pytest.mark.parametrize("vendor", ["Tencent", "Huawei", "Aliyun", "Ws"])
@pytest.mark.parametrize("meaning,memory,expected", START)
def test_each_verdict_on_a_start_has_one_outcome(vendor, meaning, memory, expected):
    assert (
        shown(_outcomes.decide_start(vendor, Verdict(meaning, meaning, "c"), memory, now=NOW, request_id="r"))
        == expected
    )


@pytest.mark.parametrize(
    "vendor,expected", [("Tencent", "unknown"), ("Ws", "unknown"), ("Huawei", "failed"), ("Aliyun", "failed")]
)
def test_a_start_that_met_an_internal_error_may_have_been_done(vendor, expected):
    decision = _outcomes.decide_start(
        vendor, Verdict("transient", "transient", "c", "m"), None, now=NOW, request_id="r"
    )
    assert shown(decision) == expected
    # Where a second start is a second recording, nobody must be told to just run it again.
    assert ("look at" in decision.details["message"]) is (
        expected == "unknown"
    ) and f"{vendor} answered c (m)" in decision.details["message"]


@pytest.mark.parametrize("since,expected", [(NOW - 5, "again"), (NOW - 29, "again"), (NOW - 31, "already_started")])
def test_huawei_waits_for_a_stop_that_is_still_finishing(since, expected):
    decision = _outcomes.decide_start(
        "Huawei", Verdict("running", "running", "LIVE.100011022"), Memory("stopped", since), now=NOW, request_id=None
    )
    assert shown(decision) == expected
    assert not isinstance(decision, Again) or decision.delay == 10


def test_nobody_else_waits_for_it():
    assert (
        shown(_outcomes.decide_start("Aliyun", Verdict("running", "running", "409"), STOPPED, now=NOW, request_id=None))
        == "already_started"
    )


@pytest.mark.parametrize("meaning", ["throttled", "transient", "unexplained", "failed"])
def test_a_start_that_did_a_part_is_not_sent_again(meaning):
    decision = _outcomes.decide_start("Ws", Verdict(meaning, meaning, "c", partly=True), None, now=NOW, request_id=None)
    # What the next run must not send again.
    assert shown(decision) == "unknown"
    assert "in part" in decision.details["message"]


RECALL = [
    ("Tencent", "start", RUNNING, False, "already_started"),
    ("Ws", "start", RUNNING, False, "already_started"),
    ("Tencent", "start", RUNNING, True, None),
    ("Tencent", "start", STARTING, False, "unknown"),
    ("Tencent", "start", STARTING, True, None),
    ("Tencent", "start", STOPPED, False, None),
    ("Tencent", "start", EXPIRED, False, None),
    ("Tencent", "start", None, False, None),
    ("Tencent", "stop", RUNNING, False, None),
    ("Tencent", "stop", STOPPED, False, None),
    ("Huawei", "start", STARTING, False, None),
    ("Aliyun", "start", STARTING, False, None),
]


@pytest.mark.parametrize("vendor,verb,memory,force,expected", RECALL)
def test_what_is_remembered_decides_whether_a_stream_is_sent(vendor, verb, memory, force, expected):
    known = _outcomes.recall(vendor, verb, memory, now=NOW, force=force)
    assert (known.name if known else None) == expected


@pytest.mark.parametrize(
    "vendor,verb,memory,force,expected",
    [
        ("Tencent", "stop", None, False, "stopped"),
        ("Tencent", "stop", STOPPED, False, "already_stopped"),
        ("Tencent", "stop", RUNNING, False, "stopped"),
        ("Tencent", "start", None, False, "started"),
        ("Tencent", "start", RUNNING, False, "already_started"),
        ("Tencent", "start", RUNNING, True, "started"),
        ("Huawei", "start", RUNNING, False, "already_started"),
        ("Tencent", "start", STARTING, False, "unknown"),
        ("Tencent", "start", EXPIRED, False, "started"),
    ],
)
def test_check_mode_predicts_the_outcome_from_memory(vendor, verb, memory, force, expected):
    assert _outcomes.expected_outcome(vendor, verb, memory, now=NOW, force=force).name == expected


def lost(error):
    error.maybe_done = True
    return error


def before_work(error):
    error.nothing_began = True
    return error


@pytest.mark.parametrize(
    "verb,error,expected",
    [
        ("stop", AnswerLost("r", "a"), "failed"),
        ("start", AnswerLost("r", "a"), "unknown"),
        ("start", lost(Fatal("r", "a")), "unknown"),
        ("start", NotSent("r", "a"), "failed"),
        ("start", Throttled("r", "a", "6"), "failed"),
        ("start", Refused("r", "a", "4711"), "unknown"),
        ("start", before_work(RefusedForContent("r", "a", "2")), "failed"),
        ("start", before_work(Forbidden("r", "a", "HTTP 403")), "failed"),
        ("start", lost(before_work(Forbidden("r", "a", "HTTP 403"))), "unknown"),
        ("start", NotAttempted("r", "a"), "not_attempted"),
        ("stop", NotAttempted("r", "a"), "not_attempted"),
        ("stop", Fatal("r", "a", "5"), "failed"),
    ],
)
def test_an_error_of_the_whole_request_is_an_outcome_of_each_stream(verb, error, expected):
    outcome = _outcomes.from_error("Tencent", verb, error)
    assert outcome.name == expected
    assert outcome.details["message"] and outcome.details.get("code") == error.code


@pytest.mark.parametrize(
    "kind",
    [
        "account",
        "quota",
        "permission",
        "configuration",
        "transient",
        "throttled",
        "absent",
        "ambiguous",
        "not_found",
        "unexplained",
        "missing",
    ],
)
def test_every_kind_has_advice(kind):
    text = _outcomes.explain_verdict("Huawei", Verdict("missing" if kind == "missing" else "failed", kind, "c", "said"))
    assert "{" not in text and len(text) > 30
