# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The client of one run: makes attempts, learns from their outcomes, and knows when the run is over."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Attempt, Exchange, Parameters, Sender
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import SUSPECT
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AFTER_PAUSE,
    WITH_NEW_TIME,
    NotAttempted,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate

# Seconds. The API refuses timestamps that are ten minutes off, so a smaller difference is not why it refused one.
CLOCKS_AGREE = 2
LARGEST_OFFSET = 86400
# A refusal that so many requests met, which have nothing in common, is about all of them.
COMMON_TO = 3
# So many requests that met silence, for so many retry windows, say that the API is down, even where all of them are
# parts of a few batches.
MANY_SILENT = 6
LONG_SILENCE = 4
# How often one run corrects its clock.
MOST_CORRECTIONS = 5


class Reply(NamedTuple):
    """A reply with Code 0: its Data as sent, its RequestId as text, and how it came about (see ``ZegoError``).

    ``sent_at``: when its request was sent, by the gate's clock. ``message``: its Message, as one line.
    """

    data: Any
    request_id: str | None
    attempts: int
    maybe_done: bool
    sent_at: float
    message: str = ""


class ZegoClient:
    """Calls actions of the API for one AppID. Only the thread that runs the job may use it.

    ``sender`` signs and sends; ``gate`` holds the limits; ``retries`` bounds how often one request is sent again for
    anything but its pace; ``warn`` takes warnings for the user.
    ``halted`` is the error that ended the run, None while it goes on; ``requests_sent`` counts all attempts.
    ``seconds_ahead``: by how much the API's clock is ahead of this machine's, as its answers say; 0 until one came.
    """

    def __init__(
        self, sender: Sender, gate: Gate, *, retries: int = 4, warn: Callable[[str], None] = lambda text: None
    ) -> None:
        self.sender = sender
        self.gate = gate
        self.retries = retries
        self._warn = warn
        self._clock_offset = 0
        self._clock_corrections = 0
        self._ahead: int | None = None
        self.halted: ZegoError | None = None
        self._any_accepted = False
        # What was refused, by code, since the run began.
        self._refused: dict[str | None, set[Any]] = {}
        # And how many requests for a single stream met it, out of batches.
        self._refused_alone: Counter[str | None] = Counter()
        # How many attempts were answered, and which requests met silence since the last answer, each with its origin.
        self.answers = 0
        self._silent: dict[Any, Any] = {}
        self._interrupted_by = ""
        self.requests_sent = 0

    @property
    def seconds_ahead(self) -> int:
        """By how many seconds the API's clock is ahead of this machine's (see the class)."""
        return self._ahead or 0

    def api_time(self) -> float | None:
        """Return the time by the API's clock, in Unix seconds; None where no answer has told it."""
        return None if self._ahead is None else time.time() + self._ahead

    def new_attempt(
        self, action: str, parameters: Parameters, body: dict[str, Any] | None = None, *, fresh: bool = False
    ) -> Attempt:
        """Return one further attempt, which counts as sent. ``fresh``: see ``Attempt``."""
        # Counted before it is sent: a request whose answer is lost was a request, too.
        self.requests_sent += 1
        return Attempt(action, tuple(parameters), body, self.gate.clock(), self._clock_offset, fresh)

    def learn(self, attempt: Attempt, exchange: Exchange) -> bool:
        """Let all later requests profit from this attempt. Returns whether the clock was corrected because of it."""
        outcome = exchange.outcome
        ahead = _seconds_ahead(exchange.server_date)
        # An answer's time on its way makes the API's clock look late. So the largest difference is the nearest.
        # A gateway's Date may be years off.
        if ahead is not None and abs(ahead) <= LARGEST_OFFSET:
            self._ahead = ahead if self._ahead is None else max(ahead, self._ahead)
        if not isinstance(outcome, ZegoError) or outcome.answered:
            self.answers += 1
            self._silent.clear()
        if not isinstance(outcome, ZegoError):
            # A reply with Code 0 may still carry nothing but throttled streams: the job says whether it is progress.
            self.gate.accepted()
            self._any_accepted = True
            return False
        # 'Too frequent' slows down. Any other refusal still says that the request was within the quota.
        if outcome.retry == AFTER_PAUSE:
            self.gate.refused(attempt.sent_at)
        elif outcome.answered:
            self.gate.accepted()
            self.gate.patience.progress()
        if outcome.ends_run:
            self.halt(outcome)
        return outcome.retry == WITH_NEW_TIME and self._correct_clock(exchange.server_date, attempt.clock_offset)

    def _correct_clock(self, server_date: str | None, offset_used: int) -> bool:
        """Take the clock's offset from the reply's Date header. Returns whether a new timestamp may help."""
        if offset_used != self._clock_offset:
            # It was corrected while this attempt was in flight.
            return True
        offset = _seconds_ahead(server_date)
        # No usable Date, or the clocks agree: a new timestamp would be refused as well.
        if offset is None or abs(offset - self._clock_offset) <= CLOCKS_AGREE:
            return False
        if abs(offset) > LARGEST_OFFSET:
            # A signature for a time far ahead is good for any call then, for whoever sent this Date.
            self.halt(
                ZegoError(
                    f"the answer's Date is more than a day off this machine's clock ({offset} s)",
                    "Set the clock (NTP). If it is right, check api_url and the gateways on the way.",
                )
            )
            return False
        # Time synchronization may set the clock during the run, so once is not enough. But it has to end.
        if self._clock_corrections >= MOST_CORRECTIONS:
            return False
        self._clock_corrections += 1
        self._clock_offset = offset
        if abs(offset) > CLOCKS_AGREE:
            side = "behind" if offset > 0 else "ahead of"
            self._warn(
                f"This machine's clock is {abs(offset)} s {side} the ZEGO API's. "
                "It was corrected for this run; set the clock (NTP)."
            )
        return True

    def check_breaker(self, error: ZegoError, request: Any, origin: Any) -> None:
        """End the run if the API has not answered anybody for the whole retry window.

        ``request``: what met the error; ``origin``: the same for all requests that were made of one.
        """
        if error.answered:
            return
        self._silent[request] = origin
        # One request's retries prove nothing: the breaker counts over all of them.
        if not self.gate.breaker.is_down():
            return
        # If hardly anything is left to send, and the API took the rest, it may stumble over one of these streams. The
        # halves of their batches tell: most of them are answered then.
        is_long = len(self._silent) >= MANY_SILENT and self.gate.breaker.is_silent_for(LONG_SILENCE)
        if self._any_accepted and len(set(self._silent.values())) < SUSPECT and not is_long:
            return
        self.halt(ZegoError(f"the API does not answer ({error.reason})", error.advice, error.code))

    def give_up(self, error: ZegoError, origin: Any, several: bool, *, alone: bool = True) -> None:
        """A request ends with ``error``. End the run if every other request would end with it as well.

        ``origin``: the same for all requests that were made of one, such as the halves of a batch; ``several``: whether
        that one may hold several streams; ``alone``: whether this one holds no more than one.
        """
        if error.ends_run_after_retries and (error.lasting or not self._any_accepted):
            self.halt(error)
        elif self._counts_as_common(error, several) and not self._any_accepted:
            self._refused.setdefault(error.code, set()).add(origin)
            if several and alone:
                self._refused_alone[error.code] += 1
            # Each batch may be refused for one of its streams. So many streams, each alone, are not all bad.
            if self.is_common(error) and not (several and self._refused_alone[error.code] < COMMON_TO):
                self.halt(error)
        elif error.retry == AFTER_PAUSE:
            self.check_patience(error)

    def is_common(self, error: ZegoError) -> bool:
        """Tell whether so many requests that have nothing in common met the same refusal, and none was accepted."""
        return not self._any_accepted and len(self._refused.get(error.code, ())) >= COMMON_TO

    @staticmethod
    def _counts_as_common(error: ZegoError, several: bool) -> bool:
        # What names one room or relay may be refused for that alone, many times over. A batch is refused as a whole.
        return error.ends_run_if_common and (several or error.about_everything)

    def check_patience(self, error: ZegoError) -> bool:
        """End the run after ``rate_limit_timeout`` seconds of nothing but 'too frequent'. Returns whether it ended."""
        patience = self.gate.patience
        # The next request would wait as long, and for nothing: the whole run ends.
        if patience.left() > 0:
            return False
        reason = f"{error.reason}, and nothing else for {patience.limit:g} s"
        self.halt(ZegoError(reason, error.advice, error.code))
        return True

    def halt(self, error: ZegoError) -> None:
        """Send nothing any more, because of ``error``. The first reason counts."""
        self.halted = self.halted or error

    def interrupt(self, signal_name: str) -> None:
        """Ask for an early end of the run. Safe in a signal handler: it only leaves a note."""
        self._interrupted_by = signal_name

    def check_interrupt(self) -> None:
        """End the run if such a note was left."""
        if self._interrupted_by:
            reason = f"it was interrupted by {self._interrupted_by}"
            self.halt(ZegoError(reason, "Run it again: only what is left changes."))

    def not_attempted(self) -> NotAttempted:
        """Return the error of a call whose turn never came."""
        cause = self.halted or ZegoError("the run was interrupted", "Run it again.")
        return NotAttempted(f"not attempted, since the run ended early: {cause.reason}", cause.advice, cause.code)


def _seconds_ahead(server_date: str | None) -> int | None:
    """Return the seconds by which a Date header is ahead of this machine's clock, None where it cannot be read."""
    try:
        moment = parsedate_to_datetime(server_date or "")
        # The header's zone is always GMT, said or not.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return round(moment.timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
