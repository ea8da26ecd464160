# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether a request that failed is sent again, and when. The error decides (see ``errors.py``)."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils._api import errors
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import backoff

# A gateway's Retry-After counts up to so many seconds: a longer one must not hold up the end of an event.
LONGEST_RETRY_AFTER = 30.0


class Retry:
    """The attempts of one request: how many there were, whether one may have done the work, what comes next.

    ``limit``: how often to send it again for anything but its pace; ``repeatable``: whether doing it twice is harmless;
    ``spacing``: seconds that the API wants between two such requests.
    """

    def __init__(self, limit: int, repeatable: bool, gate: Gate, *, spacing: float = 0.0) -> None:
        self._limit = limit
        self.repeatable = repeatable
        self._gate = gate
        self._spacing = spacing
        self._retried = 0
        self._window_ends = 0.0
        self._last_error: ZegoError | None = None
        self.attempts = 0
        # A lost answer leaves a mark: whatever later attempts say, an earlier one may have done the work.
        self.maybe_done = False

    def delay_after(
        self, error: ZegoError, retry_after: float | None = None, clock_corrected: bool = False
    ) -> float | None:
        """Return the seconds until the next attempt, or None to give up.

        ``retry_after``: seconds that the server asked for; ``clock_corrected``: whether a new timestamp may help.
        """
        self._last_error = error
        # After Code 1000 a start may be running. A stop is sent again, and the next reply decides.
        if error.maybe_done or (error.unclear and not self.repeatable):
            self.maybe_done = True
        if error.retry == errors.WITH_NEW_TIME:
            return 0.0 if clock_corrected else None
        # Not counted as a retry: with many pipelines, one request may be refused many times and still succeed.
        if error.retry == errors.AFTER_PAUSE:
            certain = self.repeatable or not error.unclear
            return self._pause(retry_after or 0.0) if certain else None
        allowed = error.retry == errors.ALWAYS or (error.retry == errors.IF_REPEATABLE and self.repeatable)
        if not allowed or self._retried >= self._limit:
            return None
        # A request that was never sent does not start the API's interval.
        spacing = 0.0 if error.retry == errors.ALWAYS else self._spacing
        return max(self._backoff(), min(retry_after or 0.0, LONGEST_RETRY_AFTER), spacing)

    def _backoff(self) -> float:
        """Return the wait before the next retry.

        The last retry comes at the end of the retry window: jitter must not shorten the time an API may be away.
        """
        if not self._retried:
            self._window_ends = self._gate.clock() + retry_window(self._limit)
        delay = backoff(self._retried, self._gate.rng)
        self._retried += 1
        if self._retried < self._limit:
            return delay
        return max(delay, self._window_ends - self._gate.clock())

    def _pause(self, retry_after: float) -> float | None:
        left = self._gate.patience.left()
        wanted = max(retry_after, self._spacing)
        # Do not begin a wait that cannot end in time.
        if left <= 0 or wanted > left:
            return None
        # The pace has slowed down already. The jitter keeps pipelines from coming back all at once.
        return max(wanted, self._gate.rng.uniform(0, 0.5))

    def final(self, error: ZegoError) -> ZegoError:
        """Return the error that this request ends with, its attempts counted.

        A request that was sent before the run ended early ends with its last error: it is never 'not attempted'.
        """
        if isinstance(error, NotAttempted) and self._last_error is not None:
            error = self._last_error
        error.attempts = self.attempts
        error.maybe_done = self.maybe_done
        return error
