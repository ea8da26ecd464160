# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Deliberate faults, as data: each breaks one promise of the documentation by a small edit of one function."""

from __future__ import annotations

from typing import NamedTuple

_SECURITY = "docs/docsite/rst/security.rst"
_IDEMPOTENCY = "docs/docsite/rst/idempotency.rst"
_ERRORS = "docs/docsite/rst/errors.rst"
_TEARDOWN = "docs/docsite/rst/teardown_from_ci.rst"
_EVENTS = "docs/docsite/rst/react_to_recorded_files.rst"
_OBSERVABILITY = "docs/docsite/rst/observability.rst"
_RESULT = "docs/docsite/rst/result.rst"
_RATES = "docs/docsite/rst/rate_limits.rst"
_MACHINES = "docs/docsite/rst/several_machines.rst"
_ROLE = "roles/teardown/README.md"


class Fault(NamedTuple):
    """One edit.

    ``promise``: what it breaks, in the words of ``page``; ``function``: as much of file, class and function as names
    one, such as ``Sender.send``; ``old``: a text that stands once in it; ``new``: what stands there instead;
    ``scenarios``: those of tests/integration that have to fail where no unit test does, as TARGET:SCENARIO.
    """

    name: str
    promise: str
    function: str
    old: str
    new: str
    page: str = "README.md"
    scenarios: tuple[str, ...] = ()


_ONE_OUTCOME = "**Every stream has exactly one outcome**"
_FAILS_ONCE = (
    "If any stream failed, the task fails once, at the end, and its `msg` says which stream, why, and what to do."
)
_NO_FALSE_STOP = "only a stream's own entry in the vendor's reply counts, never the `Code: 0` around it"
_RERUN = "A stop is sent again and reported as unchanged."
_LOST_START = "A start at Tencent or Ws whose answer was lost is `unknown`. It is not sent again"
_NEIGHBOURS = "a batch that is refused as a whole is halved until the culprit stands alone"
_QUOTA = "**It stays within the quota** of 20 requests a second"
_BACKS_OFF = "backs off when the API or a vendor says 'too frequent'"
_GIVES_UP = "gives up early if going on is useless"
_SHORT_OUTAGE = "If the API is away for seconds, nothing is lost."
_DOWN = "If it is down, the run says so after a few requests, not after thousands."
_INTERRUPTED = (
    "It waits for the answers to requests in flight, records them, and reports the other streams as `not_attempted`."
)
_WHOLE = "a stream is whole once its newest file was made at the stop or later"
_NO_SECRET = "**No output holds a secret, a signature or a signed URL.**"

FAULTS = [
    # A result that fits.
    Fault(
        "a-short-result-leaves-the-failures-out",
        "An entry for each stream that failed.",
        "with_entries_of",
        'if entry["failed"]',
        'if not entry["failed"]',
        _OBSERVABILITY,
    ),
    # No false 'stopped'.
    Fault(
        "missing-entry-is-a-success",
        _NO_FALSE_STOP,
        "verdicts_of_reply",
        "default = MISSING",
        'default = Verdict(codes.SUCCESS, "success")',
    ),
    Fault(
        "entry-without-a-code-is-a-success",
        _NO_FALSE_STOP,
        "_Reader.judge",
        "return MISSING",
        'return Verdict(codes.SUCCESS, "success")',
    ),
    Fault(
        "one-recorded-format-speaks-for-all",
        "**There is no false 'stopped'**",
        "_merge",
        "worst = min(",
        "worst = max(",
    ),
    Fault(
        "missing-domain-at-aliyun-is-absent",
        "**There is no false 'stopped'**",
        "_aliyun_status",
        'FAILED, "configuration"',
        'ABSENT, "absent"',
    ),
    # One outcome a stream.
    Fault(
        "results-in-another-order",
        "`teardown.streams` lists them in the order you gave.",
        "RecordingJob.run",
        "for task in self._tasks]",
        "for task in sorted(self._tasks, key=lambda task: task.stream)]",
    ),
    Fault("only-the-first-failure-is-named", _FAILS_ONCE, "message", "first_few(lines)", "first_few(lines[:1])"),
    Fault(
        "failed-only-if-all-failed",
        _FAILS_ONCE,
        "task_result",
        'counts["failed"] > 0',
        'counts["failed"] == counts["total"]',
    ),
    Fault(
        "unchanged-after-a-failure",
        "reports one honest outcome for each stream",
        "task_result",
        'counts["changed"] > 0',
        'counts["changed"] > 0 and not counts["failed"]',
    ),
    Fault(
        "absent-after-a-lost-answer-is-no-change",
        "the vendor answered the second stop with 'nothing is being recorded'. The first stop most likely worked.",
        "_nothing_to_stop",
        "if maybe_done:",
        "if maybe_done and remembered:",
        _IDEMPOTENCY,
    ),
    Fault(
        "a-name-is-read-as-the-vendors-words",
        "never decides by the name of the stream that it quotes.",
        "Message._text",
        "_without(self._raw, self._names)",
        "self._raw",
        _ERRORS,
    ),
    Fault(
        "memory-explains-any-error",
        "``failed``: it may have been started again elsewhere.",
        "decide_stop",
        "if verdict.not_found and remembered",
        "if remembered",
        _IDEMPOTENCY,
    ),
    Fault(
        "a-misspelt-stream-passes-where-it-had-to-be-recording",
        "or fails with `expect_recording: true`.",
        "decide_stop",
        "is_guess and expect_recording",
        "False",
    ),
    # A rerun is safe.
    Fault("ledger-ignored-for-a-repeated-stop", _RERUN, "decide_stop", "if remembered:", "if False:"),
    Fault(
        "start-resent-after-a-lost-answer",
        _LOST_START,
        "RecordingJob._send_due",
        'repeatable=self._order.verb == "stop"',
        "repeatable=True",
    ),
    Fault(
        "start-resent-by-the-next-run",
        "not even by the next run within `ledger_ttl`",
        "recall",
        "if memory.state == State.STARTING:",
        "if memory.state == State.STARTING and force:",
    ),
    Fault(
        "start-not-claimed-before-it-is-sent",
        _LOST_START,
        "RecordingJob._send_due",
        "self._claim(batch)",
        "pass",
    ),
    Fault(
        "running-stream-started-once-more",
        "a second start can be a second, paid recording",
        "RecordingJob._claim",
        "batch.tasks.remove(task)",
        "pass",
    ),
    Fault(
        "a-crossing-start-forgotten",
        "which of them came last is not known",
        "crossed",
        "return _is_recording(done) != _is_recording(found)",
        "return False",
        _IDEMPOTENCY,
    ),
    Fault(
        "a-start-on-its-way-forgotten-by-the-second-stop",
        "until that start is answered, or a minute old",
        "Ledger._uncertain",
        "return Memory(State.CROSSED, found.since, until)",
        "pass",
        _IDEMPOTENCY,
    ),
    Fault(
        "a-stop-taken-for-a-start",
        "A stop and a start of two runs may be on their way at the same time",
        "Ledger._mark",
        "State.STOPPING",
        "State.UNCERTAIN",
        _IDEMPOTENCY,
    ),
    Fault("force-does-not-start", "or start it with `force: true`", "recall", " or force or ", " or "),
    Fault(
        "ledger-counts-for-too-long",
        "counts for an hour",
        "Memory.counts_at",
        "<= ttl",
        "<= 30 * 86400",
        _IDEMPOTENCY,
    ),
    Fault(
        "ledger-written-in-check-mode",
        "It only reads the ledger",
        "cdn_record.main",
        "read_only=check_mode",
        "read_only=False",
        _IDEMPOTENCY,
        ("zego_cdn_record:check_mode_sends_and_remembers_nothing",),
    ),
    # One bad stream.
    Fault(
        "batch-of-two-fails-together",
        _NEIGHBOURS,
        "RecordingJob._sent_in_parts",
        "len(batch.tasks) == 1",
        "len(batch.tasks) <= 2",
    ),
    Fault(
        "second-half-not-sent",
        _NEIGHBOURS,
        "Queue.split",
        "batch.halves(too_large=True)",
        "batch.halves(too_large=True)[:1]",
    ),
    # The quota.
    Fault("quota-of-40", _QUOTA, "RequestPace.reserve", "SECOND / self.rate", "SECOND / self.rate / 2"),
    Fault("quota-is-what-the-user-wants", _QUOTA, "permitted_rate", "return min(wanted, quota)", "return wanted"),
    Fault(
        "too-frequent-does-not-slow-down",
        _BACKS_OFF,
        "ZegoClient.learn",
        "self.gate.refused(attempt.sent_at)",
        "self.gate.accepted()",
    ),
    Fault(
        "too-frequent-is-not-waited-for",
        _BACKS_OFF,
        "RequestPace.refused",
        "self._rng.uniform(0, 2 / self.rate)",
        "0.0",
    ),
    Fault(
        "throttling-of-a-vendor-ignored",
        "The module finds out how many streams a vendor accepts in a second, and stays within that",
        "Gate.learn",
        "self._together(lambda: self.streams.throttled(sent_at, taken))",
        "self._together(lambda: self.streams.accepted(taken))",
    ),
    Fault("wrong-secret-goes-on-with-all-batches", _GIVES_UP, "ZegoClient.learn", "self.halt(outcome)", "pass"),
    # Outages and interrupts.
    Fault("breaker-never-opens", _DOWN, "Breaker.is_down", "is_silent_for(1)", "is_silent_for(1000)"),
    Fault(
        "retries-end-too-soon",
        _SHORT_OUTAGE,
        "Retry._backoff",
        "return max(delay, self._window_ends - self._gate.clock())",
        "return delay",
    ),
    Fault(
        "sent-streams-not-attempted",
        "It can be interrupted.",
        "Retry.final",
        "isinstance(error, NotAttempted) and",
        "isinstance(error, NotAttempted) and self.maybe_done and",
    ),
    Fault(
        "interrupt-ends-without-a-report",
        _INTERRUPTED,
        "ZegoModule.on_interrupt",
        "callback(signal.Signals(number).name)",
        "raise SystemExit(1)",
        scenarios=("zego_cdn_record_interrupted:an_interrupted_module_still_reports_each_stream",),
    ),
    # Signatures and secrets.
    Fault(
        "nonce-reused",
        "Each request has its own nonce and signature.",
        "new_nonce",
        "return secrets.token_hex(8)",
        'return "0123456789abcdef"',
        _SECURITY,
    ),
    Fault(
        "timestamp-reused",
        "a signature stays valid for ten minutes",
        "Sender.send",
        "int(time.time())",
        "int(time.time()) // 3600 * 3600",
        _SECURITY,
    ),
    Fault("secret-in-a-message", _NO_SECRET, "_load_reply", "secrets.clean_data(reply)", "reply"),
    Fault(
        "signature-of-another-request-in-a-message",
        "what signed any request of the run so far",
        "Sender.send",
        'self.secrets.add_signing(common["Signature"], common["SignatureNonce"])',
        "pass",
        _SECURITY,
    ),
    Fault(
        "encoded-secret-in-a-message",
        "Where that is not enough, nothing of the text is quoted.",
        "Secrets.clean",
        "NOT_SHOWN if self.occur_in(text) else text",
        "text",
        _SECURITY,
    ),
    Fault(
        "token-in-the-log",
        "They are not in the log of the machine either",
        "_Module._log_invocation",
        "(*self._masked, *_NOT_LOGGED)",
        "self._masked",
        _SECURITY,
    ),
    Fault(
        "signed-url-in-an-error",
        _NO_SECRET,
        "RequestsTransport._no_connection",
        'f"no connection to {self._server}", ',
        'f"no connection: {causes[0]}", ',
    ),
    Fault(
        "key-of-a-relay-shown",
        "the address of a relay, except its scheme and host: the rest is often a key",
        "Relay.cdn",
        'f"rtmp://[{host}]" if ":" in host else f"rtmp://{host}"',
        "self.cdn_url",
        _SECURITY,
    ),
    Fault(
        "key-in-a-link-of-the-report",
        "In the report, links to recorded files have no query, and so no key.",
        "safe_link",
        "{address}{path}",
        '{address}{path}" + (f"?{parts.query}" if parts.query else "") + "',
        _SECURITY,
    ),
    Fault(
        "certificates-not-verified",
        "Requests use HTTPS, and the certificate is verified.",
        "RequestsTransport._exchange",
        "{}, True, self._verify, None",
        "{}, True, False, None",
        _SECURITY,
    ),
    # Rooms and reports.
    Fault(
        "room-closed-whatever-the-code-says",
        "closes rooms",
        "close_room",
        "except Gone as error:",
        "except ZegoError as error:",
    ),
    Fault(
        "refused-name-keeps-the-room-open",
        "A stream whose name is refused keeps no room open",
        "kept_rooms",
        ' or stream.get("name_refused")',
        "",
        _TEARDOWN,
    ),
    Fault(
        "any-code-2-counts-as-a-refused-name",
        "the vendor's other streams were not refused in the same way",
        "_mark_refused_names",
        'if entry["vendor"] not in plain:',
        "if refused:",
        _TEARDOWN,
    ),
    Fault(
        "bad-name-is-sent",
        "**A name that no request can carry fails by itself**",
        "sort_names",
        "if problem:",
        "if not name:",
        _TEARDOWN,
    ),
    Fault(
        "mode-of-a-folder-that-is-there-changes",
        "keep their mode and their owner",
        "make_folder",
        "if os.path.isdir(path):\n        return\n    above",
        "if os.path.isdir(path):\n        os.chmod(path, FOLDER_MODE)\n        return\n    above",
        _TEARDOWN,
    ),
    Fault(
        "form-of-an-earlier-run-stays",
        "**Nothing old stays behind.**",
        "_write_forms",
        "if _is_report(path, form) else",
        "if False else",
        _TEARDOWN,
    ),
    Fault(
        "summary-grows-beyond-what-github-takes",
        "the report is cut to what is left",
        "_add_to_summary",
        "_files.SUMMARY_BYTES - len(others) - marks",
        "_files.SUMMARY_BYTES",
        _TEARDOWN,
    ),
    Fault(
        "long-step-is-silent",
        "A step that takes longer says every ten seconds what it is at",
        "_say_alive",
        "while not done.wait(HEARTBEAT):",
        "if done.wait(1):",
        _TEARDOWN,
    ),
    Fault(
        "wrong-secret-begins-the-event",
        "a secret with a newline",
        "run_calls",
        'call.get("required") and results[-1].get("failed")',
        "not calls",
        _TEARDOWN,
    ),
    Fault(
        "interrupted-run-looks-complete",
        "says that the run did not come to its",
        "build",
        "progress.interrupted or any(",
        "any(",
        _TEARDOWN,
    ),
    Fault(
        "markup-in-a-name-reaches-the-page",
        "writes a report as HTML, JUnit, Markdown and JSON",
        "_template",
        "autoescape=True",
        "autoescape=False",
    ),
    Fault(
        "junit-counts-a-failed-stream-as-passed",
        "and fails once, at the end, if anything failed",
        "_add_case",
        'if failure["counts"]:',
        'if failure["counts"] and failure.get("code"):',
    ),
    # No old cut for a whole recording.
    Fault(
        "old-cut-is-whole",
        _WHOLE,
        "read_recording",
        "behind if behind is not None and behind > tolerance else None",
        "None",
        _TEARDOWN,
    ),
    Fault(
        "wait-forgets-the-stops",
        _WHOLE,
        "groups_with_files",
        '"stops": stops',
        '"stops": []',
        _TEARDOWN,
    ),
    # Nothing is torn down, and it looks like a success.
    Fault(
        "empty-list-of-a-vendor-is-dropped",
        "a lookup that found nothing would leave the recordings running",
        "_streams_by_vendor",
        "if not allow_empty and",
        "if allow_empty and",
        _TEARDOWN,
    ),
    Fault(
        "only-the-first-problem-is-named",
        "names everything that is unclear in one message",
        "Problems.in_words",
        "found[:_SHOWN]",
        "found[:1]",
        _TEARDOWN,
    ),
    Fault(
        "misspelt-tag-is-taken",
        "refuses a ``--limit`` that leaves out its host, a tag that is none of its steps",
        "check_steps",
        "if tag not in STEPS and tag not in more:",
        "if tag in more and tag in STEPS:",
        _TEARDOWN,
    ),
    Fault(
        "boolean-that-is-none-is-false",
        "**What is unclear is refused before anything is sent**",
        "_boolean",
        "normal in BOOLEANS_TRUE | BOOLEANS_FALSE",
        "str(normal)",
    ),
    Fault(
        "stolen-signature-carries-another-body",
        "with a signature that came with another body before",
        "Spool._is_bound",
        "digest == signed.digest",
        "digest",
        _EVENTS,
    ),
    Fault(
        "signature-from-the-future-counts",
        "with a wrong signature, or one that is older than ``max_age``, or from the future",
        "Reader.read",
        "if abs(age) > self._max_age",
        "if age > self._max_age",
        _EVENTS,
    ),
    Fault(
        "template-reaches-a-playbook",
        "A text that Ansible would take for a template, such as a stream named ``{{ x }}``, makes no event",
        "_check_text",
        "if _TEMPLATE.search(text)",
        "if _TEMPLATE.fullmatch(text)",
        _EVENTS,
    ),
    Fault(
        "known-event-is-new",
        "A file makes one event, whichever is first",
        "Spool._insert",
        "return KNOWN",
        'key = (*key[:1], f"{key[1]} ")',
        _EVENTS,
    ),
    # Several machines.
    Fault(
        "a-place-is-not-kept-for-others",
        "Each request takes its place in the quota before it goes",
        "RequestPace.reserve",
        "self._free_at = place + SECOND / self.rate",
        "self._free_at = place",
        _RATES,
    ),
    Fault(
        "a-refusal-is-not-told-to-others",
        "With a common ledger hardly any request is refused.",
        "RequestPace.learn",
        'moment(numbers.get("not_before"), now, shift)',
        'moment(numbers.get("nothing"), now, shift)',
    ),
    Fault(
        "nobody-looks-again",
        "Pipelines with one ledger fill the quota together, fairly, and without a refusal.",
        "Gate.room",
        "self.clock() - self._looked_at > LOOK_AGAIN",
        "self.clock() - self._looked_at > 1000 * LOOK_AGAIN",
        _RATES,
    ),
    Fault(
        "vendors-share-one-number-of-streams",
        "Runs that share a ledger share that number for each vendor.",
        "Gate._together",
        "streams[self._vendor] = self.streams.numbers(-shift)",
        'streams[""] = self.streams.numbers(-shift)',
        _RATES,
    ),
    Fault(
        "a-closed-window-is-not-waited-for",
        "then nothing is sent for longer than a second, twice as long each time.",
        "RequestPace.refused",
        "if self._in_a_row > self.IN_A_ROW and is_quiet:",
        "if self._in_a_row > 1000 * self.IN_A_ROW and is_quiet:",
        _RATES,
    ),
    Fault(
        "requests-never-grow",
        "doubles that while whole requests pass",
        "Queue.passed",
        "self.size *= 2",
        "self.size *= 1",
        _RATES,
    ),
    Fault(
        "a-request-that-fell-short-does-not-end-the-growth",
        "answered in part or refused for its size ends the growth",
        "Queue.fell_short",
        "self._grows = False",
        "self._grows = True",
        _RATES,
    ),
    Fault(
        "starts-grow-as-well",
        "A start keeps 20.",
        "RecordingJob.__init__",
        'order.batches_grow and order.verb == "stop"',
        "order.batches_grow",
        _RATES,
    ),
    Fault(
        "whoever-writes-last-wins-on-a-server",
        "They know what was done",
        "Server._swap",
        '[before or b"", write.text',
        '[write.text or b"", write.text',
        _MACHINES,
    ),
    Fault(
        "a-server-is-waited-for",
        "does not answer within a second is one warning",
        "_Caller.call",
        "done.result(max(0.0, seconds))",
        "done.result()",
        _MACHINES,
    ),
    Fault(
        "the-words-of-a-server-are-shown",
        "What the server says is told in other words, since its own may name the user",
        "_in_other_words",
        "return meaning",
        "return text",
        _SECURITY,
    ),
    Fault(
        "any-certificate-will-do",
        "with ``rediss://`` the certificate of the server is checked",
        "_tls",
        '"ssl_cert_reqs": "required"',
        '"ssl_cert_reqs": "none"',
        _MACHINES,
    ),
    Fault(
        "a-password-in-the-address-is-taken",
        "In the address of the ledger they are refused",
        "check_ledger",
        '"@" in parts.netloc or parts.username or parts.password',
        "parts.port == 0",
        _SECURITY,
    ),
    Fault(
        "each-machine-goes-by-its-own-clock",
        "when by the server's clock",
        "Server.now",
        "time.monotonic() + self._ahead",
        "time.time()",
        _MACHINES,
    ),
    # What is asked before the first step, and what a refusal is about.
    Fault(
        "a-rehearsal-asks-nobody",
        "`--check` asks the API, with a call that changes nothing",
        "ActionModule._begin",
        '("preflight", self._play_context.check_mode)',
        '("preflight", False)',
        _ROLE,
        ("teardown_role:check_mode_reports_what_would_happen_and_changes_nothing",),
    ),
    Fault(
        "a-vendor-that-refuses-the-account-is-fine",
        "whether the AppID may search for files at Tencent, Ws and Huawei. If not, it fails",
        "preflight._verdict",
        "return REFUSED",
        "return UNKNOWN",
        _ROLE,
    ),
    Fault(
        "what-is-said-of-the-search-is-taken-for-the-stop",
        "whether a stop will be accepted",
        "preflight._verdict",
        "codes.explain(int(code), STOP).policy == codes.PROBABLY_END",
        "True",
        _ROLE,
    ),
    Fault(
        "three-batches-with-a-bad-stream-each-end-the-run",
        "then three of their streams in requests of their own",
        "ZegoClient.give_up",
        "not (several and self._refused_alone[error.code] < COMMON_TO)",
        "True",
        _RATES,
    ),
    Fault(
        "the-others-do-not-wait-for-the-probes",
        "then three of their streams in requests of their own",
        "Queue.probe",
        "self._probes += len(probes)",
        "self._probes = 0",
        _RATES,
    ),
    Fault(
        "report-for-a-chat-outgrows-the-chat",
        "It has at most 3,600 bytes, and is cut at whole lines.",
        "short._first_that_fit",
        "if taken > max_bytes:",
        "if taken > 2 * max_bytes:",
        _RESULT,
    ),
    Fault(
        "report-for-a-chat-mentions-somebody",
        "Nothing in it mentions anybody",
        "chat",
        '.replace("<", "\\u2039")',
        "",
        _RESULT,
    ),
]
