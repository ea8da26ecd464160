# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Counting within any one second."""

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
