# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The gate of one client: says when the next request may go. Every limit has to allow it."""

from __future__ import annotations

import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Callable, Iterable, TypeVar

from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board, Numbers
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import Breaker
from ansible_collections.zego.cloud.plugins.module_utils._api.pacing import (
    Clock,
    Pace,
    Patience,
    RequestPace,
    StreamQuota,
    furthest,
)

Result = TypeVar("Result")


def first_completed(futures: Iterable[Future[Any]], seconds: float) -> set[Future[Any]]:
    """Return the futures that are done as soon as there is one; none after ``seconds`` without any."""
    return wait(futures, timeout=seconds, return_when=FIRST_COMPLETED).done


# Seconds by which a request may be late without the next ones having to wait for longer.
LATE = 0.01
# Seconds after which a run looks at the common numbers again before it uses its place: another run may have been
# refused meanwhile, and the API's window is closed.
LOOK_AGAIN = 0.25


class Gate:
    """Holds the limits of one client, and its clock.

    ``own``: the user's limit of requests; ``requests``: the pace of the requests of all who share the quota;
    ``streams``: that of the stream entries in them; ``patience``: how long to go on without progress, for the whole
    run; ``breaker``: whether the API answers at all.
    ``requests_per_second`` and ``rate_limit_timeout``: the module's options; ``quota``: requests a second that the API
    takes of all together, None where that is the option; ``board``: where those who share the quota keep their numbers,
    None for a run on its own; ``vendor``: whose quota of streams it is; ``warn`` is told if the board fails;
    ``window``: see ``Breaker``.
    """

    def __init__(
        self,
        requests_per_second: float,
        rate_limit_timeout: float,
        window: float = 0.0,
        *,
        quota: float | None = None,
        board: Board | None = None,
        vendor: str = "",
        warn: Callable[[str], None] = lambda text: None,
        clock: Clock = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.clock = clock
        # The only two places where a run waits. Tests replace them together with the clock.
        self.sleep = time.sleep
        self.wait_for = first_completed
        self.rng = rng or random.Random()  # noqa: S311 (jitter is no secret)
        ceiling = quota or requests_per_second
        # Above the quota it limits nothing.
        self.own = Pace(requests_per_second if requests_per_second < ceiling else float("inf"), clock)
        self.requests = RequestPace(ceiling, clock, self.rng)
        self.streams = StreamQuota(clock)
        self.patience = Patience(rate_limit_timeout, clock)
        self.breaker = Breaker(window, clock, self.rng)
        self._board = board
        self._vendor = vendor
        self._warn = warn
        # What the others have to know soon, and no request waits for: it goes with the next place.
        self._notes: list[Callable[[], None]] = []
        self._in_flight = 0
        # When the next request goes, and how many entries it may carry; None where no place is reserved.
        self._place: tuple[float, int] | None = None
        # When this run last saw the numbers of all.
        self._looked_at = clock()

    def share(self, board: Board | None) -> None:
        """Keep the numbers there from now on; None: on its own. For a client that lives on between its jobs."""
        if self._notes:
            # The others have to know as well.
            self._together(lambda: None)
        self._board = board
        self.requests.is_shared = False
        # What was reserved among others may lie long ago.
        self._place = None

    def opens_in(self) -> float | None:
        """Return the seconds until the next request may go (0 or less: now), None where an answer has to come first."""
        # Before the first answer we know neither whether the secret is right nor how many streams the vendor takes. In
        # an outage one probe is enough.
        if self._in_flight and (self.breaker.probing or self.streams.crowded()):
            return None
        # The slowest limit decides. A place is reserved when nothing else keeps a request from going.
        waits = [self.own.wait(), self.breaker.wait()]
        if self._place is None or self._place[0] < self.requests.not_before:
            waits.append(self.streams.wait())
        else:
            waits.append(self._place[0] - self.clock())
        return max(waits)

    def room(self, wanted: int) -> int:
        """Return how many of ``wanted`` entries a request may carry that goes now, 0 where none may go."""
        opens_in = self.opens_in()
        if opens_in is None or opens_in > 0:
            return 0
        if self._board is not None and self._place is not None and self.clock() - self._looked_at > LOOK_AGAIN:
            self._together(lambda: None)
        if self._place is None or self._place[0] < self.requests.not_before:
            self._place = self._together(lambda: self._reserve(wanted))
        if self._place is None or self._place[0] > self.clock():
            return 0
        return min(wanted, self._place[1])

    def _reserve(self, wanted: int) -> tuple[float, int] | None:
        # Others may have used up what the vendor takes in a second.
        if self.streams.wait() > 0:
            return None
        place = self.requests.reserve()
        return place, self.streams.reserve(wanted, place)

    def enter(self, units: int) -> None:
        """A request with ``units`` stream entries goes now. Only after ``room`` said so."""
        place, self._place = self._place, None
        if place is not None and place[0] < self.clock() - LATE:
            self._together(self.requests.late)
        self.own.take(1)
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

    def accepted(self) -> None:
        """The API accepted a request."""
        self.requests.in_time()
        # At full speed there is nothing to tell.
        if self.requests.is_slowed():
            self._note(self.requests.accepted)

    def refused(self, sent_at: float) -> None:
        """The API refused a request sent at ``sent_at``, since it came too soon."""
        self._together(lambda: self.requests.refused(sent_at))

    def learn(self, sent_at: float, taken: int, throttled: int) -> None:
        """Of a request sent at ``sent_at``, the vendor took ``taken`` stream entries, and throttled ``throttled``.

        Any entry taken is progress.
        """
        if taken:
            self.patience.progress()
        if throttled:
            self._together(lambda: self.streams.throttled(sent_at, taken))
        else:
            self.streams.widen(taken)
            at = self.clock()
            self._note(lambda: self.streams.accepted(taken, at))

    def _note(self, work: Callable[[], None]) -> None:
        """Do ``work`` on the numbers of all who share the board, together with what is done there next."""
        if self._board is None:
            work()
        else:
            self._notes.append(work)

    def _work_off(self) -> None:
        for note in self._notes:
            note()

    def _together(self, work: Callable[[], Result]) -> Result:
        """Do ``work`` on the numbers of all who share the board. It may be done twice, on other numbers each time."""
        board = self._board
        if board is None:
            return work()
        done: list[Result] = []

        def change(numbers: Numbers) -> Numbers:
            shift = self.clock() - board.now()
            self.requests.learn(numbers, shift)
            known = numbers.get("streams")
            streams = dict(known) if isinstance(known, dict) else {}
            if self.streams.counts:
                of_vendor = streams.get(self._vendor)
                ahead = furthest(self.requests.rate)
                self.streams.learn(of_vendor if isinstance(of_vendor, dict) else {}, shift, ahead)
            self._work_off()
            done[:] = [work()]
            if self.streams.counts:
                streams[self._vendor] = self.streams.numbers(-shift)
            return {**self.requests.numbers(-shift), "streams": streams}

        try:
            board.exchange(change)
            self._looked_at = self.clock()
        except Exception as error:  # pylint: disable=broad-except
            self._board = None
            self.requests.is_shared = False
            self._warn(f"The pace is not shared with other runs: {error}. This run goes on by itself.")
            if not done:
                self._work_off()
        self._notes.clear()
        return done[0] if done else work()
