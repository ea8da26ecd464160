# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Counting within any one second, and within a name's own interval."""

from __future__ import annotations

from collections import deque


class Window:
    """A sliding second. Not thread-safe: the caller holds the world's lock."""

    __slots__ = ("_times", "peak")

    def __init__(self):
        self._times = deque()
        self.peak = 0

    def count(self, now):
        """How many were added in the second that ends now."""
        times = self._times
        horizon = now - 1.0
        while times and times[0] <= horizon:
            times.popleft()
        return len(times)

    def add(self, now):
        """Count one more and keep the peak."""
        self._times.append(now)
        count = self.count(now)
        self.peak = max(self.peak, count)


class Intervals:
    """At most one use of a name in any `span` seconds. Forgets the names that are free again."""

    __slots__ = ("_last",)

    def __init__(self):
        self._last = {}

    def free(self, name, now, span):
        """Whether the name was not used in the span that ends now."""
        return self._last.get(name, now - span) <= now - span

    def use(self, name, now, span):
        """Use the name."""
        last = self._last
        last.pop(name, None)
        last[name] = now
        # The oldest use comes first.
        while last:
            oldest = next(iter(last))
            if last[oldest] > now - span:
                break
            del last[oldest]
