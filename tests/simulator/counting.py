# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""How a gateway may count the requests of a quota. The reference names a number a second, and not how it is counted.

Each counter takes the time in seconds. Not thread-safe: the caller holds the world's lock."""

from __future__ import annotations

import time

from window import Window


class SlidingSecond:
    """No more than `limit` in any one second."""

    def __init__(self):
        self.window = Window()

    def is_free(self, now, limit):
        """Whether one more request may come in now."""
        return self.window.count(now) < limit

    def take(self, now, limit):
        """Let a request in; returns the seconds for which it then waits."""
        self.window.add(now)
        return 0.0

    def refuse(self, now):
        """A request was refused."""


class CalendarSecond(SlidingSecond):
    """No more than `limit` from one full second of the clock to the next."""

    def __init__(self):
        super().__init__()
        self._offset = time.time() - time.monotonic()
        self._second = None
        self._count = 0

    def is_free(self, now, limit):
        second = int(now + self._offset)
        if second != self._second:
            self._second, self._count = second, 0
        return self._count < limit

    def take(self, now, limit):
        self._count += 1
        return super().take(now, limit)


class Bucket(SlidingSecond):
    """A token for each request: `limit` new ones a second, and no more than `burst` saved up."""

    def __init__(self, burst):
        super().__init__()
        self._burst = burst
        self._tokens = float(burst)
        self._at = None

    def is_free(self, now, limit):
        if self._at is not None:
            self._tokens = min(float(self._burst), self._tokens + (now - self._at) * limit)
        self._at = now
        # Twenty times a twentieth is not quite one.
        return self._tokens >= 1.0 - 1e-9

    def take(self, now, limit):
        self._tokens -= 1.0
        return super().take(now, limit)


class LeakyQueue(SlidingSecond):
    """Requests wait in a queue that `limit` leave a second; it holds those of one second."""

    def __init__(self):
        super().__init__()
        self._free_at = float("-inf")

    def is_free(self, now, limit):
        return self._free_at - now <= 1.0

    def take(self, now, limit):
        begins = max(now, self._free_at)
        self._free_at = begins + 1.0 / limit
        super().take(now, limit)
        return begins - now


class PenaltyBox(SlidingSecond):
    """Whoever exceeds the quota gets nothing for a second; `is_prolonged`: a second from the last refusal on."""

    def __init__(self, is_prolonged):
        super().__init__()
        self._is_prolonged = is_prolonged
        self._until = float("-inf")

    def is_free(self, now, limit):
        return now >= self._until and super().is_free(now, limit)

    def refuse(self, now):
        if self._is_prolonged or now >= self._until:
            self._until = now + 1.0


COUNTERS = {
    "second": SlidingSecond,
    "calendar": CalendarSecond,
    "bucket_20": lambda: Bucket(20),
    "bucket_5": lambda: Bucket(5),
    "bucket_1": lambda: Bucket(1),
    "queue": LeakyQueue,
    "penalty": lambda: PenaltyBox(is_prolonged=False),
    "prolonged_penalty": lambda: PenaltyBox(is_prolonged=True),
}
