# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How fast requests may go: the AppID's quota, shared with others, and the vendors' own quotas per stream (reference: "20 requests a second per AppID")."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import Callable

# Requests are spaced as if a second lasted this long: what one of them loses on its way to the server
# must not push it into the same second as the twentieth after it.
SECOND = 1.05
SLOWEST = 0.5
BACKOFF_BASE = 0.5
BACKOFF_CAP = 8.0

Clock = Callable[[], float]


def backoff(attempt: int, rng: random.Random) -> float:
    """Return how many seconds to wait before trying again: exponential in ``attempt`` (from 0), with full jitter."""
    return rng.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(attempt, 16)))


class Pace:
    """A rate in units a second that several threads keep to; ``rate`` is infinite where nothing limits it."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._free_at = clock()

    def wait(self) -> float:
        """Return the seconds until the next unit may go (0 or less: now)."""
        return self._free_at - self._clock()

    def take(self, units: int) -> None:
        """Use up ``units`` from now on."""
        self._free_at = max(self._clock(), self._free_at) + units * SECOND / self.rate

    def pause(self, seconds: float) -> None:
        """Let nothing go for ``seconds``."""
        self._free_at = max(self._free_at, self._clock() + seconds)


class RequestPace(Pace):
    """Requests a second: full speed when alone, additive growth and multiplicative decrease on 'too frequent'."""

    GROWTH = 1.0  # requests a second, each second
    DECREASE = 0.75

    def __init__(self, ceiling: float, clock: Clock, rng: random.Random) -> None:
        super().__init__(ceiling, clock)
        self._ceiling = ceiling
        self._slowest = min(SLOWEST, ceiling)
        self._rng = rng
        self._slowed_at = float("-inf")

    def accepted(self) -> None:
        """A request was taken."""
        self.rate = min(self._ceiling, self.rate + self.GROWTH / self.rate)

    def refused(self, sent_at: float) -> None:
        """A request sent at ``sent_at`` came too soon. Several refusals of one burst slow down once."""
        if sent_at < self._slowed_at:
            return
        self._slowed_at = self._clock()
        self.rate = max(self._slowest, self.rate * self.DECREASE)
        self.pause(self._rng.uniform(0, 2 / self.rate))


class StreamPace(Pace):
    """Stream entries a second: unlimited until a vendor throttles, then the pace at which it took them."""

    DECREASE = 0.9
    GROWTH = 1.02
    GROWTH_CAP = 1.25

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        super().__init__(float("inf"), clock)
        self._rng = rng
        self._growth = self.GROWTH
        self._taken: deque[tuple[float, int]] = deque()
        self._slowed_at = float("-inf")

    def _taken_within_a_second(self) -> int:
        while self._taken and self._taken[0][0] <= self._clock() - 1:
            self._taken.popleft()
        return sum(units for _at, units in self._taken)

    def accepted(self, units: int) -> None:
        """A vendor took ``units`` entries, and throttled none beside them."""
        if not units:
            return
        self._taken_within_a_second()
        self._taken.append((self._clock(), units))
        self.rate *= self._growth
        self._growth = min(self.GROWTH_CAP, 1 + (self._growth - 1) * 1.25)

    def throttled(self, sent_at: float, accepted: int) -> None:
        """A vendor refused entries of a request sent at ``sent_at`` for their pace, and took ``accepted`` others beside them."""
        if accepted:
            self._taken.append((self._clock(), accepted))
        if sent_at < self._slowed_at:
            return
        self._slowed_at = self._clock()
        self._growth = self.GROWTH
        self.rate = max(SLOWEST, min(self.rate * self.DECREASE, self._taken_within_a_second() or 1))
        self.pause(1 + self._rng.uniform(0, 0.25))


class Patience:
    """Ends a wait that brings no progress: ``limit`` seconds of nothing but 'too frequent'."""

    def __init__(self, limit: float, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._stalled_since: float | None = None

    def progress(self) -> None:
        """Something was accepted: the count starts anew at the next refusal."""
        self._stalled_since = None

    def left(self) -> float:
        """Something was refused for its pace: return the seconds that the wait may still take (0: give up)."""
        if self._stalled_since is None:
            self._stalled_since = self._clock()
        return max(0.0, self.limit - (self._clock() - self._stalled_since))


class Turnstile:
    """Lets the threads of one client pass one after the other, as fast as both paces allow. ``stop()`` opens it for good."""

    def __init__(self, requests_per_second: float, rate_limit_timeout: float, clock: Clock = time.monotonic, rng: random.Random | None = None) -> None:
        self.clock = clock
        self.rng = rng or random.Random()  # noqa: S311 (jitter is no secret)
        self.requests = RequestPace(requests_per_second, clock, self.rng)
        self.streams = StreamPace(clock, self.rng)
        self.patience = Patience(rate_limit_timeout, clock)
        self._line = threading.Lock()
        self._stopped = threading.Event()

    def pass_through(self, units: int) -> bool:
        """Wait for the turn of a request with ``units`` stream entries. False: the client stopped meanwhile."""
        with self._line:
            while not self._stopped.is_set():
                wait = max(self.requests.wait(), self.streams.wait())
                if wait <= 0:
                    self.requests.take(1)
                    self.streams.take(units)
                    return True
                self._stopped.wait(wait)
            return False

    def sleep(self, seconds: float) -> bool:
        """Wait. False: the client stopped meanwhile."""
        return not self._stopped.wait(seconds)

    def stop(self) -> None:
        """Wake up all who wait, and let nobody through any more."""
        self._stopped.set()
