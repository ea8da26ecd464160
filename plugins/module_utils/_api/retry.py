# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a call that failed is sent again, and when (design: "The rules that the domain dictates")."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    NotAttempted,
    NotSent,
    Throttled,
    Unreachable,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Turnstile
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import backoff
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import Mendable, Uncertain, WrongClock


class Attempts:
    """What one call went through, and whether it goes on. ``spacing``: seconds that the API wants between two such requests."""

    def __init__(self, retries: int, repeatable: bool, turnstile: Turnstile, spacing: float = 0.0) -> None:
        self._retries = retries
        self._repeatable = repeatable
        self._turnstile = turnstile
        self._spacing = spacing
        self._retried = 0
        self._until = 0.0
        self._last: ZegoError | None = None
        self.attempts = 0
        self.answer_lost = False

    def delay_after(self, error: ZegoError) -> float | None:
        """Return the seconds until the next attempt, or None to give up."""
        self._last = error
        if isinstance(error, (AnswerLost, Mendable)) or isinstance(error, Uncertain) and not self._repeatable:
            self.answer_lost = True
        if isinstance(error, WrongClock):
            return 0.0 if error.corrected else None
        if isinstance(error, Throttled):
            return self._throttled_delay(error)
        mendable = isinstance(error, NotSent) and not isinstance(error, Unreachable)
        mendable = mendable or self._repeatable and isinstance(error, (AnswerLost, Mendable, Uncertain))
        if not mendable or self._retried >= self._retries:
            return None
        # What never left did not count.
        spacing = 0.0 if isinstance(error, NotSent) else self._spacing
        return max(self._backoff(), min(error.retry_after or 0.0, 30.0), spacing)

    def _backoff(self) -> float:
        """Return the wait before the next retry. The last retry comes at the end of the retry window: jitter must not shorten that."""
        if not self._retried:
            self._until = self._turnstile.clock() + retry_window(self._retries)
        self._retried += 1
        delay = backoff(self._retried - 1, self._turnstile.rng)
        return delay if self._retried < self._retries else max(delay, self._until - self._turnstile.clock())

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
