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
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils._api.board import (
    AHEAD_PLACES,
    AHEAD_SECONDS,
    IDLE_SECONDS,
    Numbers,
    moment,
    number,
)

# Requests are spaced as if a second lasted this long, because the API counts them when they arrive. With these 5 %, a
# request that is delayed by up to 50 ms on its way does not arrive in the same second as the twentieth after it.
SECOND = 1.05
# Requests a second. The rate grows only with accepted requests: without a floor, a run could slow to a standstill.
SLOWEST = 0.5
# No quota is higher than this; what stands in a file that anybody may have written is cut to it.
MOST = 100_000.0
# So many entries of the last second are shared: more than that is no quota that needs it.
LONGEST_LOG = 200
# Waits of up to 0.5, 1, 2, 4, 8, 8 … seconds. The guide on rate limits and the option retries state them.
BACKOFF_BASE = 0.5
BACKOFF_CAP = 8.0

Clock = Callable[[], float]


def furthest(rate: float) -> float:
    """Return by how many seconds a place may lie ahead. At one request a second, sixteen runs fill sixteen seconds."""
    return max(AHEAD_SECONDS, AHEAD_PLACES * SECOND / rate)


def backoff(attempt: int, rng: random.Random) -> float:
    """Return how many seconds to wait before trying again: exponential in ``attempt`` (from 0), with full jitter."""
    # Full jitter, so that pipelines that failed together do not come back together. The exponent is limited because a
    # long outage would make the power too large for a float.
    return rng.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(attempt, 16)))


class Pace:
    """A rate in units a second that only this run keeps; infinite where nothing limits it."""

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


class RequestPace:
    """Requests a second, for all who share a board (see there): each reserves its place in time before it goes.

    Full speed without others, additive increase and multiplicative decrease on 'too frequent'. Growth quickens with the
    time since the last refusal: a pipeline whose neighbours have finished is soon back at full speed.
    """

    # Chosen by measurement (docs/benchmarks.md): four pipelines use 90 % of their quota, and 22 % of their requests are
    # refused. With QUICKENS 0.2 and DECREASE 0.75 it was 87 % and 14 %.
    GROWTH = 1.0  # requests a second, each second, right after a refusal
    QUICKENS = 1.0  # so much more growth for each second without one
    DECREASE = 0.85  # steeper leaves more of a shared quota unused, gentler has more requests refused
    # Where the numbers are shared, the rate is that of all. Near the one at which it was refused last it grows slower
    # for a while, since that one was too high. Alone among strangers such a rate says nothing.
    NEAR = 0.97
    CAREFUL = 20.0
    CAREFUL_SECONDS = 30.0
    # Refused more than so often in a row, with nothing accepted for so many seconds: a refusal may prolong the API's
    # window. Then nothing goes for longer than a second, doubled each time. Simulated with nine gateways: of sixteen
    # strangers at one that each refusal prolongs all end, and elsewhere it changes little.
    IN_A_ROW = 2
    QUIET_SECONDS = 1.5
    CLOSED_SECONDS = 1.1
    LONGEST_CLOSED = 4.0

    def __init__(self, ceiling: float, clock: Clock, rng: random.Random) -> None:
        self.rate = ceiling
        self.ceiling = ceiling
        # The highest ceiling of all who share the pace.
        self._common = ceiling
        # What was reserved before, and is too early now.
        self.not_before = float("-inf")
        self._clock = clock
        self._rng = rng
        self._free_at = clock()
        # The user may ask for an even slower pace.
        self._slowest = min(SLOWEST, ceiling)
        self._slowed_at = float("-inf")
        self._refused_rate = float("inf")
        # Refusals with nothing accepted between, and when the last of them was counted.
        self._in_a_row = 0
        self._counted_at = float("-inf")
        # Since when nothing was accepted.
        self._quiet_since = clock()
        self.is_shared = False

    def wait(self) -> float:
        """Return the seconds until the next place (0 or less: now)."""
        return self._free_at - self._clock()

    def reserve(self) -> float:
        """Return when the next request may go, and keep that place for it."""
        # Time in which nothing was sent is not saved up: a burst would exceed the quota within one second.
        place = max(self._clock(), self._free_at)
        self._free_at = place + SECOND / self.rate
        return place

    def late(self) -> None:
        """A request goes only now whose place was before: what comes after it keeps its distance."""
        self._free_at = max(self._free_at, self._clock() + SECOND / self.rate)

    def accepted(self) -> None:
        """The API accepted a request."""
        self.in_time()
        if not self.is_slowed():
            return
        since = self._clock() - self._slowed_at
        growth = self.GROWTH + self.QUICKENS * since
        is_near = self.is_shared and self.rate > self.NEAR * self._refused_rate
        if is_near and since < self.CAREFUL_SECONDS:
            growth /= self.CAREFUL
        # Divided by the rate, since that many are accepted in a second: the growth is per second, not per request.
        self.rate = min(self._common, self.rate + growth / self.rate)

    def in_time(self) -> None:
        """A request was accepted, at whatever rate."""
        self._in_a_row = 0
        self._quiet_since = self._clock()

    def is_slowed(self) -> bool:
        """Tell whether it is slower than it may be, so that an accepted request means something to it."""
        return self.rate < self._common

    def refused(self, sent_at: float) -> None:
        """A request sent at ``sent_at`` came too soon. Several refusals of one burst count once."""
        if sent_at >= self._counted_at:
            self._counted_at = self._clock()
            self._in_a_row += 1
        # It was sent at the old rate, and says nothing about the new one.
        if sent_at < self._slowed_at:
            return
        self._slowed_at = self._clock()
        self._refused_rate = self.rate
        self.rate = max(self._slowest, self.rate * self.DECREASE)
        # For a random time, so that pipelines that were refused together do not come back together.
        pause = self._rng.uniform(0, 2 / self.rate)
        is_quiet = self._clock() - self._quiet_since > self.QUIET_SECONDS
        if self._in_a_row > self.IN_A_ROW and is_quiet:
            doublings = min(self._in_a_row - self.IN_A_ROW - 1, 10)
            closed = min(self.LONGEST_CLOSED, self.CLOSED_SECONDS * 2**doublings)
            pause = max(pause, self._rng.uniform(closed, 2 * closed))
        self.not_before = self._clock() + pause
        self._free_at = max(self._free_at, self.not_before)

    def numbers(self, shift: float) -> Numbers:
        """Return what others have to know. ``shift``: what to add to a time of this run's clock."""
        return {
            "free_at": self._free_at + shift,
            "rate": self.rate,
            "ceiling": self._common,
            "slowed_at": self._slowed_at + shift if self._slowed_at > float("-inf") else None,
            "not_before": self.not_before + shift if self.not_before > float("-inf") else None,
            "refused_rate": None if self._refused_rate == float("inf") else self._refused_rate,
            "in_a_row": self._in_a_row,
            "counted_at": self._counted_at + shift if self._counted_at > float("-inf") else None,
            "quiet_since": self._quiet_since + shift,
        }

    def learn(self, numbers: Numbers, shift: float) -> None:
        """Take over the numbers of the others. ``shift``: what to add to a time of the board's clock.

        Anybody may have written them: what makes no sense is left out.
        """
        now = self._clock()
        rate = number(numbers.get("rate"), self._slowest, MOST)
        ceiling = number(numbers.get("ceiling"), self._slowest, MOST)
        if rate is None or ceiling is None:
            return
        free_at = moment(numbers.get("free_at"), now, shift, furthest(rate))
        if free_at is None:
            return
        # Each run may know another quota: who was granted more than usual says so in its options.
        self._common = max(self.ceiling, ceiling) if now - free_at < IDLE_SECONDS else self.ceiling
        self.rate = min(self._common, rate) if now - free_at < IDLE_SECONDS else self.ceiling
        self._free_at = free_at
        self.is_shared = True
        refused_rate = number(numbers.get("refused_rate"), self._slowest, MOST)
        self._refused_rate = float("inf") if refused_rate is None else refused_rate
        slowed_at = moment(numbers.get("slowed_at"), now, shift)
        self._slowed_at = float("-inf") if slowed_at is None else min(now, slowed_at)
        not_before = moment(numbers.get("not_before"), now, shift)
        self.not_before = float("-inf") if not_before is None else not_before
        self._in_a_row = int(number(numbers.get("in_a_row"), 0, MOST) or 0)
        counted_at = moment(numbers.get("counted_at"), now, shift)
        self._counted_at = float("-inf") if counted_at is None else min(now, counted_at)
        quiet_since = moment(numbers.get("quiet_since"), now, shift)
        # At full speed, this run tells the others of nothing.
        self._quiet_since = max(self._quiet_since, float("-inf") if quiet_since is None else min(now, quiet_since))


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
        # Whether the requests carry what a vendor counts.
        self.counts = True
        self._clock = clock
        self._hold = self.HOLD
        self._window = 1
        self._in_flight = 0
        # Sent entries may be delayed on their way, like requests (see SECOND). Entries that were taken have arrived.
        self._sent = _LastSecond(clock, SECOND)
        self._taken = _LastSecond(clock, 1.0)
        self._slowed_at = float("-inf")

    def numbers(self, shift: float) -> Numbers:
        """Return what others have to know. ``shift``: what to add to a time of this run's clock."""
        return {
            "limit": None if self.limit == float("inf") else self.limit,
            "hold": self._hold,
            "slowed_at": self._slowed_at + shift if self._slowed_at > float("-inf") else None,
            "sent": self._sent.entries(shift),
            "taken": self._taken.entries(shift),
        }

    def learn(self, numbers: Numbers, shift: float, ahead: float = AHEAD_SECONDS) -> None:
        """Take over the numbers of the others.

        ``shift``: what to add to a time of the board's clock; ``ahead``: by how many seconds a place may lie ahead.
        """
        now = self._clock()
        slowed_at = moment(numbers.get("slowed_at"), now, shift)
        limit = number(numbers.get("limit"), 1.0, MOST)
        hold = number(numbers.get("hold"), self.HOLD, self.LONGEST_HOLD)
        if slowed_at is None or limit is None or hold is None or now - slowed_at > IDLE_SECONDS:
            slowed_at, limit, hold = float("-inf"), float("inf"), self.HOLD
        self._slowed_at, self.limit, self._hold = min(now, slowed_at), limit, hold
        self._sent.replace(numbers.get("sent"), shift, ahead)
        self._taken.replace(numbers.get("taken"), shift, ahead)

    def lift(self) -> None:
        """The requests carry no stream entries that a vendor counts: only the pace of requests limits them."""
        self._window = sys.maxsize
        self.counts = False

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

    def reserve(self, units: int, place: float) -> int:
        """Return how many of ``units`` entries the request of this place may carry, and keep room for them."""
        granted = self.fitting(units)
        self._sent.add(granted, place)
        return granted

    def sent(self, units: int) -> None:
        """``units`` entries are in flight."""
        self._in_flight += units

    def returned(self, units: int) -> None:
        """They are no longer in flight, whatever became of them."""
        self._in_flight -= units

    def widen(self, units: int) -> None:
        """An answer came in which nothing was throttled: more may be in flight."""
        self._window += units

    def accepted(self, units: int, at: float | None = None) -> None:
        """A vendor took ``units`` entries, and throttled none beside them.

        ``at``: when that was known; None for now.
        """
        self._taken.add(units, at)
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
    """Counts units over the last ``seconds``, and those that are to come."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._log: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, units: int, at: float | None = None) -> None:
        """Count ``units`` from ``at`` on, in seconds of the clock; from now on if it is None."""
        if units:
            self._log.append((self._clock() if at is None else at, units))
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

    def entries(self, shift: float) -> list[list[float]]:
        """Return what it counts, as [time, units]."""
        self.total()
        return [[at + shift, units] for at, units in self._log][-LONGEST_LOG:]

    def replace(self, entries: Any, shift: float, ahead: float) -> None:
        """Count these instead. What makes no sense is left out."""
        now, read = self._clock(), []
        for entry in entries[-LONGEST_LOG:] if isinstance(entries, list) else ():
            if isinstance(entry, list) and len(entry) == 2:
                at, units = moment(entry[0], now, shift, ahead), number(entry[1], 0, MOST)
                if at is not None and units is not None:
                    read.append((at, int(units)))
        self._log = deque(sorted(read))
        self._total = sum(units for _at, units in read)
        self.total()


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
