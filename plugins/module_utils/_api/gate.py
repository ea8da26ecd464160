# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The gate of one client: says when the next request may go. Every limit has to allow it."""

from __future__ import annotations

import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import Breaker
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import Clock, Patience, RequestPace, StreamQuota


def first_completed(futures: Iterable[Future[Any]], seconds: float) -> set[Future[Any]]:
    """Return the futures that are done as soon as there is one; none after ``seconds`` without any."""
    return wait(futures, timeout=seconds, return_when=FIRST_COMPLETED).done


class Gate:
    """Holds the limits of one client, and its clock.

    ``requests``: the pace of its requests; ``streams``: the pace of the stream entries in them; ``patience``: how long
    to go on without progress, for the whole run; ``breaker``: whether the API answers at all.
    ``requests_per_second`` and ``rate_limit_timeout``: the module's options; ``window``: see ``Breaker``.
    """

    def __init__(
        self,
        requests_per_second: float,
        rate_limit_timeout: float,
        window: float = 0.0,
        *,
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.clock = clock
        # The only two places where a run waits. Tests replace them together with the clock.
        self.sleep = time.sleep
        self.wait_for = first_completed
        self.rng = rng or random.Random()  # noqa: S311 (jitter is no secret)
        self.requests = RequestPace(requests_per_second, clock, self.rng)
        self.streams = StreamQuota(clock)
        self.patience = Patience(rate_limit_timeout, clock)
        self.breaker = Breaker(window, clock, self.rng)
        self._in_flight = 0

    def opens_in(self) -> float | None:
        """Return the seconds until the next request may go (0 or less: now), None where an answer has to come first."""
        # Before the first answer we know neither whether the secret is right nor how many streams the vendor takes. In
        # an outage one probe is enough.
        if self._in_flight and (self.breaker.probing or self.streams.crowded()):
            return None
        # The slowest limit decides.
        return max(self.requests.wait(), self.streams.wait(), self.breaker.wait())

    def enter(self, units: int) -> None:
        """A request with ``units`` stream entries goes now."""
        self.requests.take(1)
        self.streams.sent(units)
        self._in_flight += 1

    def leave(self, units: int, answered: bool) -> None:
        """A request is no longer in flight. ``answered``: whether any answer came."""
        self._in_flight -= 1
        self.streams.returned(units)
        if answered:
            self.breaker.answered()
        else:
            self.breaker.unanswered()

    def learn(self, sent_at: float, taken: int, throttled: int) -> None:
        """Of a request sent at ``sent_at``, the vendor took ``taken`` stream entries, and throttled ``throttled``.

        Any entry taken is progress.
        """
        if taken:
            self.patience.progress()
        if throttled:
            self.streams.throttled(sent_at, taken)
        else:
            self.streams.accepted(taken)
