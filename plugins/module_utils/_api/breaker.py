# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The circuit breaker of one client: tells an API that stumbles from one that is down."""

from __future__ import annotations

import random
from typing import Callable

from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import BACKOFF_BASE, BACKOFF_CAP, backoff

# After so many attempts in a row without an answer, only one probe at a time is sent. The number is small, so that an
# API that is down costs a few requests, however many batches wait.
SUSPECT = 3


def retry_window(retries: int) -> float:
    """Return the seconds for which an API may be away without any loss: the longest that ``retries`` waits can take."""
    # Without jitter: 0.5 + 1 + 2 + 4 = 7.5 s for the default of four retries. The option's documentation promises that.
    return sum(min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(number, 16)) for number in range(retries))


class Breaker:
    """Counts attempts without an answer. ``window``: seconds after which an API that never answers counts as down.

    Until the first answer, and while an outage is suspected, only one attempt may be in flight (``probing``): neither
    a wrong secret nor a dead API costs more than a few requests. Probes rotate among the requests, so one bad request
    cannot make the API look down.
    """

    def __init__(self, window: float, clock: Callable[[], float], rng: random.Random) -> None:
        self._window = window
        self._clock = clock
        self._rng = rng
        self._unanswered = 0
        self._since = 0.0
        self._not_before = float("-inf")
        self.probing = True

    def wait(self) -> float:
        """Return the seconds until the next attempt may be made (0 or less: now)."""
        return self._not_before - self._clock()

    def answered(self) -> None:
        """An attempt was answered, whatever the answer says."""
        self._unanswered = 0
        self._not_before = float("-inf")
        self.probing = False

    def unanswered(self) -> None:
        """An attempt was not answered, or never left."""
        now = self._clock()
        if not self._unanswered:
            self._since = now
        self._unanswered += 1
        if self._unanswered >= SUSPECT:
            self.probing = True
            # Probes back off, but by no more than BACKOFF_CAP seconds: the end of an outage is noticed soon.
            self._not_before = now + backoff(self._unanswered - SUSPECT, self._rng)

    def is_silent_for(self, windows: float) -> bool:
        """Tell whether no attempt was answered for so many retry windows."""
        return self._unanswered > 0 and self._clock() - self._since >= windows * self._window

    def is_down(self) -> bool:
        """Tell whether the API has been silent for long enough to give up."""
        # Both conditions: several attempts may fail within a moment, and no request may be lost to an API that is back
        # within the window.
        return self._unanswered >= SUSPECT and self.is_silent_for(1)
