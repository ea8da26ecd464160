# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several runs at one gateway, in a time that nobody waits for: real gates, and the simulator's ways to count."""

from __future__ import annotations

import heapq
import importlib
import itertools
import random
import statistics
import sys
from collections import namedtuple
from pathlib import Path

from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import WORKERS

QUOTA = 20
# What became of it: part of the quota used, part of the requests refused, the slowest run's time over the fastest's,
# the runs that ended, entries that the vendor throttled over those that it took.
Figures = namedtuple("Figures", "used refused fairness ended throttled")


def counters():
    """The simulator's counters, by name."""
    folder = str(Path(__file__).resolve().parents[3] / "simulator")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("counting").COUNTERS


class DictBoard(Board):
    """Numbers in a dictionary, by a clock of its own, which is ``ahead`` of the runs'."""

    def __init__(self, clock, ahead=1_790_000_000.0):
        self._clock = clock
        self._ahead = ahead
        self.values = {}
        self.exchanges = 0

    def now(self):
        return self._clock() + self._ahead

    def exchange(self, change):
        self.exchanges += 1
        self.values = change(self.values)


class Time:
    """What happens next, and when."""

    def __init__(self):
        self.now = 0.0
        self._heap = []
        self._serial = itertools.count()

    def __call__(self):
        return self.now

    def at(self, moment, work, *given):
        heapq.heappush(self._heap, (max(moment, self.now), next(self._serial), work, given))

    def run(self, until):
        while self._heap and self._heap[0][0] <= until:
            self.now, _serial, work, given = heapq.heappop(self._heap)
            work(*given)


class Gateway:
    """Takes requests within a quota, and the entries in them within a vendor's. ``counting``: see the simulator."""

    def __init__(self, clock, counting, vendor_quota=0, counts_refused=False):
        self._clock = clock
        self._counter = counters()[counting]()
        self._vendor = counters()["second"]()
        self._vendor_quota = vendor_quota
        self._counts_refused = counts_refused
        # When, and whether it was accepted.
        self.log = []
        self.taken = self.throttled = 0

    def decide(self, entries):
        """Return (entries taken, seconds in a queue), or None where the request is refused."""
        now = self._clock()
        accepted = self._counter.is_free(now, QUOTA)
        self.log.append((now, accepted))
        if not accepted:
            self._counter.refuse(now)
            if self._counts_refused:
                self._counter.take(now, QUOTA)
            return None
        waits, taken = self._counter.take(now, QUOTA), 0
        for _entry in range(entries):
            if self._vendor_quota and not self._vendor.is_free(now, self._vendor_quota):
                break
            self._vendor.take(now, self._vendor_quota)
            taken += 1
        self.taken += taken
        self.throttled += entries - taken
        return taken, waits


class Run:
    """A run that sends ``streams`` in requests of ``batch``, as a job does."""

    def __init__(self, time, gateway, rng, *, streams, batch, board=None, latency=0.05, jitter=0.003, patience=120):
        self._time, self._gateway, self._rng = time, gateway, rng
        self._latency, self._jitter = latency, jitter
        self.gate = Gate(QUOTA, patience, 7.5, clock=time, rng=random.Random(rng.random()), board=board)
        self.waiting, self.left, self._batch = streams, streams, batch
        self._in_flight, self._version = 0, 0
        self.first = self.last = None
        self.gave_up = False

    def wake(self, version=None):
        """Send what may go, and come back when more may."""
        if version is not None and version != self._version:
            return
        self._version += 1
        while self.waiting and self._in_flight < WORKERS and not self.gave_up:
            units = self.gate.room(min(self._batch, self.waiting))
            if units:
                self._send(units)
                continue
            opens_in = self.gate.opens_in()
            if opens_in is not None:
                # A process wakes a little late.
                late = self._rng.uniform(0, 0.001)
                self._time.at(self._time() + max(0.0, opens_in) + late, self.wake, self._version)
            return

    def _send(self, units):
        self.gate.enter(units)
        self.waiting -= units
        self._in_flight += 1
        self.first = self._time() if self.first is None else self.first
        on_its_way = self._latency / 2 + self._rng.uniform(0, self._jitter)
        self._time.at(self._time() + on_its_way, self._arrive, units, self._time())

    def _arrive(self, units, sent_at):
        decision = self._gateway.decide(units)
        waits = 0.0 if decision is None else decision[1]
        self._time.at(self._time() + self._latency / 2 + waits, self._answer, units, sent_at, decision)

    def _answer(self, units, sent_at, decision):
        self._in_flight -= 1
        again, delay = units, 0.0
        if decision is None:
            self.gate.refused(sent_at)
            self.gate.leave(units, answered=True)
            self.gave_up = self.gave_up or self.gate.patience.left() <= 0
            delay = self._rng.uniform(0, 0.5)
        else:
            taken, again = decision[0], units - decision[0]
            self.gate.accepted()
            self.gate.leave(units, answered=True)
            self.gate.learn(sent_at, taken, again)
            self.left -= taken
            self.last = self._time() if taken else self.last
        if again:
            self._time.at(self._time() + delay, self._put_back, again)
        self.wake()

    def _put_back(self, units):
        self.waiting += units
        self.wake()


def simulate(counting, runs, *, boards=None, streams=400, batch=4, seed=1, limit=900.0, counts_refused=False, **more):
    """Return the Figures of so many runs at once. ``boards``: how many boards they share, None for strangers."""
    clock, rng = Time(), random.Random(seed)
    gateway = Gateway(clock, counting, more.pop("vendor_quota", 0), counts_refused)
    shared = [DictBoard(clock) for _board in range(boards or 0)]
    those = []
    for number in range(runs):
        board = shared[number % boards] if boards else None
        run = Run(clock, gateway, random.Random(rng.random()), streams=streams, batch=batch, board=board, **more)
        those.append(run)
        clock.at(rng.uniform(0, 0.02), run.wake)
    clock.run(limit)
    accepted = [moment for moment, was_accepted in gateway.log if was_accepted]
    ended = [run for run in those if run.left == 0]
    span = accepted[-1] - gateway.log[0][0]
    lasted = [run.last - run.first for run in ended]
    return Figures(
        used=(len(accepted) - 1) / QUOTA / span,
        refused=1 - len(accepted) / len(gateway.log),
        fairness=max(lasted) / min(lasted) if lasted else float("inf"),
        ended=len(ended),
        throttled=gateway.throttled / max(1, gateway.taken),
    )


def medians(figures):
    """Return the median of each of several Figures."""
    return Figures(*map(statistics.median, zip(*figures)))
