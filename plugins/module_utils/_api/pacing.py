# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How fast requests may go: the AppID's quota, shared with others, and the vendors' own quotas of streams.

See the reference page "Calling": 20 requests a second per AppID.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from typing import Callable

# Requests are spaced as if a second lasted this long, because the API counts them when they arrive. With these 5 %, a
# request that is delayed by up to 50 ms on its way does not arrive in the same second as the twentieth after it.
SECOND = 1.05
# Requests a second. The rate grows only with accepted requests: without a floor, a run could slow to a standstill.
SLOWEST = 0.5
# Waits of up to 0.5, 1, 2, 4, 8, 8 … seconds. The guide on rate limits and the option retries state them.
BACKOFF_BASE = 0.5
BACKOFF_CAP = 8.0

Clock = Callable[[], float]


def backoff(attempt: int, rng: random.Random) -> float:
    """Return how many seconds to wait before trying again: exponential in ``attempt`` (from 0), with full jitter."""
    # Full jitter, so that pipelines that failed together do not come back together. The exponent is limited because a
    # long outage would make the power too large for a float.
    return rng.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(attempt, 16)))


class Pace:
    """A rate in units a second; infinite where nothing limits it."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._free_at = clock()

    def wait(self) -> float:
        """Return the seconds until the next unit may go (0 or less: now)."""
        return self._free_at - self._clock()

    def take(self, units: int) -> None:
        """Use up ``units`` from now on."""
        # Time in which nothing was sent is not saved up: a burst would exceed the quota within one second.
        self._free_at = max(self._clock(), self._free_at) + units * SECOND / self.rate

    def pause(self, seconds: float) -> None:
        """Let nothing go for ``seconds``."""
        self._free_at = max(self._free_at, self._clock() + seconds)


class RequestPace(Pace):
    """Requests a second: full speed when alone, additive increase and multiplicative decrease on 'too frequent'.

    Growth quickens with the time since the last refusal: a pipeline whose neighbours have finished is soon back at
    full speed.
    """

    # Chosen by measurement (docs/benchmarks.md): four pipelines use 90 % of their quota, and 22 % of their requests are
    # refused. With QUICKENS 0.2 and DECREASE 0.75 it was 87 % and 14 %.
    GROWTH = 1.0  # requests a second, each second, right after a refusal
    QUICKENS = 1.0  # so much more growth for each second without one
    DECREASE = 0.85  # steeper leaves more of a shared quota unused, gentler has more requests refused

    def __init__(self, ceiling: float, clock: Clock, rng: random.Random) -> None:
        super().__init__(ceiling, clock)
        self._ceiling = ceiling
        # The user may ask for an even slower pace.
        self._slowest = min(SLOWEST, ceiling)
        self._rng = rng
        self._slowed_at = float("-inf")

    def accepted(self) -> None:
        """The API accepted a request."""
        if self.rate < self._ceiling:
            growth = self.GROWTH + self.QUICKENS * (self._clock() - self._slowed_at)
            # Divided by the rate, since that many are accepted in a second: the growth is per second, not per request.
            self.rate = min(self._ceiling, self.rate + growth / self.rate)

    def refused(self, sent_at: float) -> None:
        """A request sent at ``sent_at`` came too soon. Several refusals of one burst count once."""
        # It was sent at the old rate, and says nothing about the new one.
        if sent_at < self._slowed_at:
            return
        self._slowed_at = self._clock()
        self.rate = max(self._slowest, self.rate * self.DECREASE)
        # For a random time, so that pipelines that were refused together do not come back together.
        self.pause(self._rng.uniform(0, 2 / self.rate))


class StreamQuota:
    """Stream entries in a second: unlimited until a vendor throttles, then as many as it was seen to take.

    No vendor documents its quota, so it is probed: by a slow start (what may be in flight doubles with each answer),
    and, once the limit was met, by keeping to what was taken and trying a little more after a while. This is a sliding
    window and not a spacing, because entries go in batches and the vendors count them by the second.
    """

    HOLD = 1.0  # seconds without growth after the vendor throttled; doubled if that happens again soon
    LONGEST_HOLD = 4.0
    GROWTH = 1.0  # entries a second, each second, for each second since
    SHARE = 0.01  # and this part of the limit on top
    DECREASE = 0.95
    STEEPEST = 0.75
    # This part of the limit has to be free before a request goes. Otherwise requests would carry single streams.
    PART = 0.2

    def __init__(self, clock: Clock) -> None:
        self.limit = float("inf")
        self._clock = clock
        self._hold = self.HOLD
        self._window = 1
        self._in_flight = 0
        # Sent entries may be delayed on their way, like requests (see SECOND). Entries that were taken have arrived.
        self._sent = _LastSecond(clock, SECOND)
        self._taken = _LastSecond(clock, 1.0)
        self._slowed_at = float("-inf")

    def lift(self) -> None:
        """The requests carry no stream entries that a vendor counts: only the pace of requests limits them."""
        self._window = sys.maxsize

    def crowded(self) -> bool:
        """Tell whether an answer has to come first: we do not know yet how much the vendor takes."""
        return self.limit == float("inf") and self._in_flight >= self._window

    def wait(self) -> float:
        """Return the seconds until a request may go (0 or less: now)."""
        if self.limit == float("inf"):
            return 0.0
        return self._sent.until_at_most(int(self.limit) - max(1, int(self.limit * self.PART)))

    def fitting(self, units: int) -> int:
        """Return how many of ``units`` entries a request may carry now, at least one."""
        return units if self.limit == float("inf") else max(1, min(units, int(self.limit) - self._sent.total()))

    def sent(self, units: int) -> None:
        """``units`` entries are in flight."""
        self._in_flight += units
        self._sent.add(units)

    def returned(self, units: int) -> None:
        """They are no longer in flight, whatever became of them."""
        self._in_flight -= units

    def accepted(self, units: int) -> None:
        """A vendor took ``units`` entries, and throttled none beside them."""
        self._window += units
        self._taken.add(units)
        since = self._clock() - self._slowed_at - self._hold
        if since > 0 and self.limit != float("inf"):
            self.limit += (self.GROWTH / self.limit + self.SHARE) * since * units

    def throttled(self, sent_at: float, units: int) -> None:
        """A vendor throttled entries of a request sent at ``sent_at``, and took ``units`` others.

        Several refusals of one burst count once.
        """
        self._taken.add(units)
        # It was sent under the old limit, and says nothing about the new one.
        if sent_at < self._slowed_at:
            return
        # What the vendor took in the last second is the best guess of its quota.
        taken = self._taken.total()
        if self.limit == float("inf"):
            self.limit = max(1.0, taken)
        else:
            # Throttled again so soon: the quota has not grown, so wait longer before trying more.
            again = self._clock() - self._slowed_at < 2 * self.LONGEST_HOLD
            self._hold = min(self._hold * 2, self.LONGEST_HOLD) if again else self.HOLD
            # At least one less, since the limit was too high. At most a quarter less, since little may have been taken
            # only because little was sent.
            self.limit = max(1.0, min(self.limit - 1, max(taken * self.DECREASE, self.limit * self.STEEPEST)))
        self._slowed_at = self._clock()


class _LastSecond:
    """Counts units over the last ``seconds``."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._log: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, units: int) -> None:
        if units:
            self._log.append((self._clock(), units))
            self._total += units
        self.total()

    def total(self) -> int:
        while self._log and self._log[0][0] <= self._clock() - self._seconds:
            self._total -= self._log.popleft()[1]
        return self._total

    def until_at_most(self, total: int) -> float:
        """Return the seconds until no more than ``total`` units are left, if no further ones come."""
        left = self.total()
        for at, units in self._log:
            if left <= total:
                break
            left -= units
            if left <= total:
                return at + self._seconds - self._clock()
        return 0.0


class Patience:
    """Ends a wait that brings no progress: ``limit`` seconds of nothing but 'too frequent'."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._stalled_since: float | None = None

    def progress(self) -> None:
        """Something was accepted: the time starts again at the next refusal."""
        self._stalled_since = None

    def left(self) -> float:
        """Something was refused for its pace: return the seconds that the wait may still take (0: give up).

        The time runs for the whole run, not for each request: otherwise a thousand batches would each wait their turn.
        """
        if self._stalled_since is None:
            self._stalled_since = self._clock()
        return max(0.0, self.limit - (self._clock() - self._stalled_since))
