# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Lets the threads of one client pass one after the other, when every limit allows it."""

from __future__ import annotations

import random
import threading
import time

from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import Outage
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import Clock, Patience, RequestPace, StreamQuota


class Turnstile:
    """Holds what limits a client: its requests' pace, the streams' pace, its patience, and whether the API answers at all.

    ``requests_per_second`` and ``rate_limit_timeout``: the module's options; ``window``: see ``Outage``. ``stop()`` opens it for good.
    """

    def __init__(
        self, requests_per_second: float, rate_limit_timeout: float, window: float = 0.0, clock: Clock = time.monotonic, rng: random.Random | None = None
    ) -> None:
        self.clock = clock
        self.rng = rng or random.Random()  # noqa: S311 (jitter is no secret)
        self.requests = RequestPace(requests_per_second, clock, self.rng)
        self.streams = StreamQuota(clock)
        self.patience = Patience(rate_limit_timeout, clock)
        self.outage = Outage(window, clock, self.rng)
        self._line = threading.Lock()
        self._changed = threading.Condition()
        self._in_flight = 0
        self._stopped = False

    def pass_through(self, units: int) -> int:
        """Wait for the turn of a request with up to ``units`` stream entries; return how many it may carry, 0 where the client stopped meanwhile."""
        with self._line, self._changed:
            while not self._stopped:
                wait = self._hindered()
                if wait is not None and wait <= 0:
                    return self._enter(units)
                self._changed.wait(wait)
            return 0

    def _hindered(self) -> float | None:
        """Return the seconds until the next request may go, None where an answer has to come first."""
        if self._in_flight and (self.outage.probing or self.streams.crowded()):
            return None
        return max(self.requests.wait(), self.streams.wait(), self.outage.wait())

    def _enter(self, units: int) -> int:
        granted = self.streams.fitting(units)
        self.requests.take(1)
        self.streams.sent(granted)
        self._in_flight += 1
        return granted

    def leave(self, units: int, answered: bool | None) -> None:
        """Who passed is no longer under way: answered, or never to be; None: it made no request after all."""
        with self._changed:
            self._in_flight -= 1
            self.streams.returned(units)
            if answered:
                self.outage.answered()
            elif answered is False:
                self.outage.unanswered()
            self._changed.notify_all()

    def learn(self, sent_at: float, taken: int, throttled: int) -> None:
        """Of a request sent at ``sent_at``, the vendor took so many stream entries, and refused so many for their pace; anything taken is progress."""
        with self._changed:
            if taken:
                self.patience.progress()
            if throttled:
                self.streams.throttled(sent_at, taken)
            else:
                self.streams.accepted(taken)
            self._changed.notify_all()

    def sleep(self, seconds: float) -> bool:
        """Wait. False: the client stopped meanwhile."""
        until = self.clock() + seconds
        with self._changed:
            while not self._stopped and self.clock() < until:
                self._changed.wait(until - self.clock())
            return not self._stopped

    def stop(self) -> None:
        """Wake up all who wait, and let nobody through any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
