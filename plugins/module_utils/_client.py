# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Calls the ZEGO server API: signs, paces, sends and resends. Knows nothing of Ansible, nor of recordings."""

from __future__ import annotations

import json
import re
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, List, NamedTuple, Tuple, Union

from ansible_collections.zego.cloud.plugins.module_utils import _actions, _codes
from ansible_collections.zego.cloud.plugins.module_utils._errors import (
    AnswerLost,
    Gone,
    Halted,
    NotAttempted,
    NotSent,
    Refused,
    RefusedForContent,
    Throttled,
    Unreachable,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._pacing import Turnstile, backoff
from ansible_collections.zego.cloud.plugins.module_utils._signing import signed_parameters

# So many calls in a row that got no answer at all, whatever the retries: the API is down.
BREAKER = 3
_CODE = re.compile(r"[0-9]{1,12}\Z")
TOO_LARGE = frozenset({413, 414, 431})
Parameters = Union[List[Tuple[str, Any]], Callable[[], List[Tuple[str, Any]]]]
_RERUN = "Run it again; if it stays, check api_url and the state of the API."


class Reply(NamedTuple):
    """A reply with Code 0: its Data as sent, its RequestId as text, and how it came about (see ``ZegoError``).

    ``sent_at``: when its request was sent, by the turnstile's clock. ``message``: its Message, as one line.
    """

    data: Any
    request_id: str | None
    attempts: int
    answer_lost: bool
    sent_at: float
    message: str = ""


class _Sent(NamedTuple):
    at: float
    offset: int


class _Answer(NamedTuple):
    data: Any
    request_id: str | None
    message: str


class _WrongClock(Refused):
    """The API refused the timestamp (100000004)."""


class _Mendable(Halted):
    """Ends the run unless another attempt mends it."""


class _Uncertain(Refused):
    """An error reply that does not say whether the work was done."""


def _plain(text: Any) -> str:
    """Return a server's text as one short line without control characters."""
    line = "".join(char if char.isprintable() else " " for char in str(text or ""))
    return " ".join(line.split())[:200]


def _load(text: str) -> dict[str, Any]:
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError):
        raise AnswerLost("the answer is not readable JSON", _RERUN) from None
    code = reply.get("Code") if isinstance(reply, dict) else None
    if isinstance(code, bool) or not isinstance(code, (int, str)) or not _CODE.match(str(code)):
        raise AnswerLost("the answer has no Code", _RERUN)
    return reply


def _refusal(action: str, code: int, message: str, request_id: str | None) -> ZegoError:
    """Return the error for a Code that is not 0."""
    row = _codes.explain(code, action)
    said = f": {message}" if message else ""
    reason = f"the API answered Code {code} ({row.meaning}){said}"
    kinds = {_codes.SPLIT: RefusedForContent, _codes.THROTTLED: Throttled, _codes.CLOCK: _WrongClock, _codes.END: Halted, _codes.UNCERTAIN: _Uncertain}
    kinds[_codes.GONE] = Gone
    kind = _Mendable if code in _codes.RETRY_FIRST else kinds.get(row.policy, Refused)
    return kind(reason, row.advice, str(code), request_id)


def _status_error(status: int) -> ZegoError:
    """Return the error for an HTTP status that is not 2xx; the API itself documents 200 only, so it comes from something on the way."""
    reason, code = f"HTTP status {status} instead of a reply", f"HTTP {status}"
    if status in TOO_LARGE:
        return RefusedForContent(reason, "Lower batch_size.", code)
    if status == 429:
        return Throttled(reason, "Lower requests_per_second, raise rate_limit_timeout, or run fewer pipelines at once.", code)
    if status >= 500 or status == 408:
        return AnswerLost(reason, _RERUN, code)
    if 300 <= status < 400:
        return Halted(f"{reason}: redirects are not followed, since they would carry the signature elsewhere", "Check api_url.", code)
    if status in (401, 403, 404, 405, 407):
        return Halted(reason, "Check api_url, and the proxies and gateways on the way.", code)
    return Refused(reason, "Check api_url, and the proxies and gateways on the way.", code)


class ZegoClient:
    """Calls actions of the API for one AppID, from several threads if need be.

    ``transport`` sends one request (see ``Transport``); ``turnstile`` holds the pace; ``retries`` bounds how often one call
    is sent again for anything but its pace; ``hide`` are texts that no reply may echo; ``warn`` takes warnings for the user.
    """

    def __init__(
        self,
        app_id: int,
        server_secret: str,
        transport: Any,
        turnstile: Turnstile,
        retries: int = 4,
        hide: tuple[str, ...] = (),
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._app_id = app_id
        self._secret = server_secret
        self._transport = transport
        self.turnstile = turnstile
        self._retries = retries
        self._hide = hide
        self._warn = warn
        self._lock = threading.Lock()
        self._first = True
        self._probed = threading.Event()
        self._clock_offset: int | None = None
        self._unanswered = 0
        self.halted: ZegoError | None = None
        self.requests_sent = 0

    def call(
        self,
        action: str,
        parameters: Parameters,
        repeatable: bool,
        units: int = 1,
        before_send: Callable[[], None] = lambda: None,
        body: dict[str, Any] | None = None,
    ) -> Reply:
        """Call ``action`` until it is answered, and return the reply.

        ``repeatable``: whether it may be sent again after an attempt whose fate is unknown; if not, only what was refused or
        never left is sent again. ``units``: stream entries in it. ``before_send``: called right before each attempt. ``parameters``
        may be a function, where they differ from one attempt to the next. ``body``: sent as JSON, by POST; without it, by GET.
        Raises a ``ZegoError``, with its attempts counted.
        """
        call = _Call(self._retries, repeatable, self.turnstile, _actions.facts(action).spacing)
        while True:
            if not self._await_turn(units):
                raise call.ended(self.not_attempted())
            before_send()
            sent = _Sent(self.turnstile.clock(), self._clock_offset or 0)
            outcome = self._attempt(action, parameters() if callable(parameters) else parameters, sent, body)
            call.attempts += 1
            self._learn(outcome, sent)
            if isinstance(outcome, _Answer):
                return Reply(outcome.data, outcome.request_id, call.attempts, call.answer_lost, sent.at, outcome.message)
            delay = call.delay_after(outcome)
            if delay is None:
                self._give_up(outcome)
                raise call.ended(outcome)
            if not self.turnstile.sleep(delay):
                raise call.ended(outcome)

    def _await_turn(self, units: int) -> bool:
        """The first request goes alone: a wrong secret then costs one request, not as many as there are threads."""
        with self._lock:
            first, self._first = self._first, False
        if not first:
            self._probed.wait()
        return self.turnstile.pass_through(units)

    def _attempt(self, action: str, parameters: list[tuple[str, Any]], sent: _Sent, body: dict[str, Any] | None) -> Any:
        """Send one request; return its answer or the error, which is not raised so that no context clings to it."""
        common = signed_parameters(self._app_id, self._secret, action, int(time.time()) + sent.offset)
        query = list(common.items()) + parameters
        hide = (self._secret, common["Signature"], common["SignatureNonce"], *self._hide)
        with self._lock:
            self.requests_sent += 1
        try:
            answer = self._transport.get(query, hide) if body is None else self._transport.post(query, body, hide)
            return self._read(action, answer)
        except ZegoError as error:
            return error

    def _read(self, action: str, answer: Any) -> Any:
        if not 200 <= answer.status < 300:
            error = _status_error(answer.status)
            error.retry_after = answer.retry_after
            return error
        reply = _load(answer.text)
        code = int(reply["Code"])
        request_id = reply.get("RequestId")
        request_id = _plain(request_id) if isinstance(request_id, (str, int)) else None
        if code == 0:
            return _Answer(reply.get("Data"), request_id, _plain(reply.get("Message")))
        error = _refusal(action, code, _plain(reply.get("Message")), request_id)
        error.server_date = answer.date
        return error

    def _learn(self, outcome: Any, sent: _Sent) -> None:
        """Let all later requests profit from this one's outcome."""
        turnstile = self.turnstile
        if isinstance(outcome, Throttled):
            turnstile.requests.refused(sent.at)
        elif isinstance(outcome, (_Answer, Refused)):
            turnstile.requests.accepted()
            # A reply with Code 0 may still carry nothing but throttled streams: whether it is progress is the caller's to say.
            if isinstance(outcome, Refused):
                turnstile.patience.progress()
        if not isinstance(outcome, (NotSent, AnswerLost)):
            self._unanswered = 0
        if isinstance(outcome, _WrongClock):
            outcome.corrected = self._correct_clock(outcome, sent)
        elif isinstance(outcome, (Halted, Unreachable)) and not isinstance(outcome, _Mendable):
            self.halt(outcome)
        self._probed.set()

    def _correct_clock(self, error: _WrongClock, sent: _Sent) -> bool:
        """Take the clock's offset from the reply's Date header, once. False: that does not help."""
        with self._lock:
            if self._clock_offset is not None:
                return sent.offset != self._clock_offset
            try:
                offset = round(parsedate_to_datetime(error.server_date or "").timestamp() - time.time())
            except (TypeError, ValueError, IndexError, OverflowError):
                return False
            self._clock_offset = offset
        side = "behind" if offset > 0 else "ahead of"
        self._warn(f"This machine's clock is {abs(offset)} s {side} the ZEGO API's. It was corrected for this run; set the clock (NTP).")
        return True

    def _give_up(self, error: ZegoError) -> None:
        """End the run where going on is useless."""
        if isinstance(error, (_WrongClock, _Mendable)):
            self.halt(error)
        elif isinstance(error, (NotSent, AnswerLost)):
            self._unanswered += 1
            if self._unanswered >= BREAKER:
                self.halt(ZegoError(f"{BREAKER} calls in a row got no answer ({error.reason})", error.advice, error.code))

    def halt(self, error: ZegoError) -> None:
        """Send nothing any more, for the cause given. Calls that wait end at once."""
        with self._lock:
            self.halted = self.halted or error
        self.turnstile.stop()
        self._probed.set()

    def not_attempted(self) -> NotAttempted:
        """Return the error of a call whose turn never came."""
        cause = self.halted or ZegoError("the run was interrupted", "Run it again.")
        return NotAttempted(f"not attempted, since the run ended early: {cause.reason}", cause.advice, cause.code)


class _Call:
    """What one call went through, and whether it goes on. ``spacing``: seconds that the API wants between two such requests."""

    def __init__(self, retries: int, repeatable: bool, turnstile: Turnstile, spacing: float = 0.0) -> None:
        self._retries = retries
        self._repeatable = repeatable
        self._turnstile = turnstile
        self._spacing = spacing
        self._retried = 0
        self._last: ZegoError | None = None
        self.attempts = 0
        self.answer_lost = False

    def delay_after(self, error: ZegoError) -> float | None:
        """Return the seconds until the next attempt, or None to give up."""
        self._last = error
        if isinstance(error, (AnswerLost, _Mendable)) or isinstance(error, _Uncertain) and not self._repeatable:
            self.answer_lost = True
        if isinstance(error, _WrongClock):
            return 0.0 if error.corrected else None
        if isinstance(error, Throttled):
            return self._throttled_delay(error)
        mendable = isinstance(error, NotSent) and not isinstance(error, Unreachable)
        mendable = mendable or self._repeatable and isinstance(error, (AnswerLost, _Mendable, _Uncertain))
        if not mendable or self._retried >= self._retries:
            return None
        self._retried += 1
        spacing = 0.0 if isinstance(error, NotSent) else self._spacing
        return max(backoff(self._retried - 1, self._turnstile.rng), min(error.retry_after or 0.0, 30.0), spacing)

    def _throttled_delay(self, error: ZegoError) -> float | None:
        left = self._turnstile.patience.left()
        wanted = max(error.retry_after or 0.0, self._spacing)
        if left <= 0 or wanted > left:
            return None
        # The pace has slowed down already; the jitter keeps threads and pipelines from coming back together.
        return max(wanted, self._turnstile.rng.uniform(0, 0.5))

    def ended(self, error: ZegoError) -> ZegoError:
        """Return the error that this call ends with, its attempts counted. A call that was cut short ends with what it last met."""
        if isinstance(error, NotAttempted) and self._last is not None:
            error = self._last
        error.attempts = self.attempts
        error.answer_lost = self.answer_lost
        return error
