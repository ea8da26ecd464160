# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Calls the ZEGO server API: signs, paces, sends and resends. Knows nothing of Ansible, nor of recordings."""

from __future__ import annotations

import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any, Callable, List, NamedTuple, Tuple

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Halted,
    NotAttempted,
    NotSent,
    Refused,
    Throttled,
    Unreachable,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Turnstile
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import Answer, Mendable, WrongClock, read
from ansible_collections.zego.cloud.plugins.module_utils._api.signing import signed_parameters

Parameters = List[Tuple[str, Any]]


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
        self._clock_offset: int | None = None
        self.halted: ZegoError | None = None
        self.interrupted = ""
        self.requests_sent = 0

    def _attempt(self, action: str, parameters: list[tuple[str, Any]], sent: _Sent, body: dict[str, Any] | None) -> Any:
        """Send one request; return its answer or the error, which is not raised so that no context clings to it."""
        common = signed_parameters(self._app_id, self._secret, action, int(time.time()) + sent.offset)
        query = list(common.items()) + parameters
        hide = (self._secret, common["Signature"], common["SignatureNonce"], *self._hide)
        try:
            answer = self._transport.get(query, hide) if body is None else self._transport.post(query, body, hide)
            return read(answer, action)
        except ZegoError as error:
            return error

    def _learn(self, outcome: Any, sent: _Sent) -> None:
        """Let all later requests profit from this one's outcome."""
        turnstile = self.turnstile
        if isinstance(outcome, Throttled):
            turnstile.requests.refused(sent.at)
        elif isinstance(outcome, (Answer, Refused)):
            turnstile.requests.accepted()
            # A reply with Code 0 may still carry nothing but throttled streams: whether it is progress is the caller's to say.
            if isinstance(outcome, Refused):
                turnstile.patience.progress()
        if isinstance(outcome, WrongClock):
            outcome.corrected = self._correct_clock(outcome, sent)
        elif isinstance(outcome, (Halted, Unreachable)) and not isinstance(outcome, Mendable):
            self.halt(outcome)

    def _correct_clock(self, error: WrongClock, sent: _Sent) -> bool:
        """Take the clock's offset from the reply's Date header, once. False: that does not help."""
        if self._clock_offset is not None:
            return sent.offset != self._clock_offset
        try:
            # The header's zone is always GMT, said or not.
            moment = parsedate_to_datetime(error.server_date or "")
            offset = round((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() - time.time())
        except (TypeError, ValueError, IndexError, OverflowError):
            return False
        if not offset:
            return False
        self._clock_offset = offset
        side = "behind" if offset > 0 else "ahead of"
        self._warn(
            f"This machine's clock is {abs(offset)} s {side} the ZEGO API's. It was corrected for this run; set the clock (NTP)."
        )
        return True

    def _check_outage(self, error: ZegoError) -> None:
        """End the run where the API has not answered anybody for the whole retry window."""
        if isinstance(error, (NotSent, AnswerLost)) and self.turnstile.outage.is_down():
            self.halt(ZegoError(f"the API does not answer ({error.reason})", error.advice, error.code))

    def _give_up(self, error: ZegoError) -> None:
        """End the run where what no retry mended would meet every other request as well."""
        if isinstance(error, (WrongClock, Mendable)):
            self.halt(error)
        elif isinstance(error, Throttled):
            self.lose_patience(error)

    def lose_patience(self, error: ZegoError) -> bool:
        """End the run where nothing but 'too frequent' came for as long as the user lets it; return whether that is so."""
        if self.turnstile.patience.left() > 0:
            return False
        self.halt(
            ZegoError(
                f"{error.reason}, and nothing else for {self.turnstile.patience.limit:g} s", error.advice, error.code
            )
        )
        return True

    def halt(self, error: ZegoError) -> None:
        """Send nothing any more, for the cause given. Calls that wait end at once."""
        self.halted = self.halted or error

    def interrupt(self, cause: str) -> None:
        """Leave a note that the run is to end early. May be called from a signal handler, which must not wait for a lock."""
        self.interrupted = cause

    def heed_interrupt(self) -> None:
        """End the run where such a note was left."""
        if self.interrupted:
            self.halt(
                ZegoError(f"it was interrupted by {self.interrupted}", "Run it again: only what is left changes.")
            )

    def not_attempted(self) -> NotAttempted:
        """Return the error of a call whose turn never came."""
        cause = self.halted or ZegoError("the run was interrupted", "Run it again.")
        return NotAttempted(f"not attempted, since the run ended early: {cause.reason}", cause.advice, cause.code)
