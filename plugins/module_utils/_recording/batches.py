# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cuts streams into requests: at most so many streams each, and no URL longer than servers accept."""

from __future__ import annotations

import heapq
from collections import deque
from typing import Callable, Iterable

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters, encoded
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.retry import Retry
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import Outcome

# The API takes GET only. Servers and proxies commonly refuse URLs beyond 4 to 8 KB with HTTP 414.
URL_BYTES = 4000
# What signing adds to a query: the names and the widest values of the common parameters.
_SIGNING_BYTES = 200


def query_bytes(parameters: Parameters) -> int:
    """Return how many bytes the parameters take in a URL."""
    return len(encoded(parameters)) + 1


class Task:
    """One stream on its way: how often it was sent, and what is known of it."""

    __slots__ = ("attempts", "bytes", "maybe_done", "outcome", "retries", "sent_at", "stream", "uncertain")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        # What it takes in a URL.
        self.bytes = query_bytes([("StreamId[]", stream)])
        self.attempts = 0
        self.retries = 0
        # Whether an earlier attempt may have done the work, although it did not say so.
        self.maybe_done = False
        # Whether some answer leaves open if anything was done.
        self.uncertain = False
        # When the first request was sent that may have done the work, in Unix seconds of this machine's clock.
        self.sent_at = 0.0
        self.outcome: Outcome | None = None


class Batch:
    """Streams of one request.

    ``parent``: the refused batch of which it is a part; ``origin``: the first of them; ``too_large``: whether its
    parent may have been refused for its size; ``retry``: its attempts so far, None before the first.
    """

    def __init__(self, tasks: list[Task], parent: Batch | None = None, *, too_large: bool = False) -> None:
        self.tasks = tasks
        self.parent = parent
        self.origin: Batch = self if parent is None else parent.origin
        self.too_large = too_large
        self.retry: Retry | None = None
        # Whether it was given up, with all its retries. A batch may be divided before that.
        self.is_exhausted = False
        # How many attempts the API had answered when this one first met silence, None where it did not.
        self.answers_before: int | None = None
        # What it ended with as a whole.
        self.error: ZegoError | None = None
        self.accepted_halves = 0
        # Whether the others wait for its answer.
        self.is_probe = False

    def halves(self, too_large: bool = False) -> list[Batch]:
        """Return the two halves of a batch; of fewer than two streams, what there is."""
        middle = (len(self.tasks) + 1) // 2
        parts = [tasks for tasks in (self.tasks[:middle], self.tasks[middle:]) if tasks]
        return [Batch(tasks, self, too_large=too_large) for tasks in parts]

    def singles(self) -> list[Batch]:
        """Return a batch for each stream."""
        return [Batch([task], self) for task in self.tasks]

    def probes(self) -> tuple[list[Batch], Batch]:
        """Return a batch each for the first stream, one in the middle and the last one; and one of all others."""
        chosen = sorted({0, len(self.tasks) // 2, len(self.tasks) - 1})
        probes = [Batch([self.tasks[position]], self) for position in chosen]
        for probe in probes:
            probe.is_probe = True
        others = Batch([task for position, task in enumerate(self.tasks) if position not in chosen], self)
        others.error = self.error
        return probes, others


class Queue:
    """The streams that still have to be sent, in order; some of them not before a certain time.

    ``size``: streams in a batch at most; ``fixed_bytes``: what a request's URL takes without its streams; ``grows``:
    whether batches grow from there as long as all goes well.
    """

    def __init__(
        self, tasks: Iterable[Task], size: int, fixed_bytes: int, *, clock: Callable[[], float], grows: bool = False
    ) -> None:
        self.size = size
        self._smallest = size
        self._grows = grows
        self._stream_bytes = URL_BYTES - fixed_bytes - _SIGNING_BYTES
        self._clock = clock
        self._waiting = deque(tasks)
        self._batches: deque[Batch] = deque()
        # Parts of batches that were refused for a reason that may be about all of them: first see about the others.
        self._parts: deque[Batch] = deque()
        # What is not due yet: (due at, serial number, what).
        self._later: list[tuple[float, int, Task | Batch]] = []
        self._serial = 0
        # For the answers of so many probes everything else waits.
        self._probes = 0

    def __bool__(self) -> bool:
        return bool(self._waiting or self._batches or self._parts or self._later)

    def next_size(self) -> int:
        """Return how many streams the next batch has, if all of them may go; 0 where nothing is due."""
        self._wake()
        if self._batches or (self._parts and not self._waiting and not self._probes):
            return len((self._batches or self._parts)[0].tasks)
        return 0 if self._probes else self._fitting(self.size)

    def _fitting(self, size: int) -> int:
        """Return how many of the streams that wait go into one URL."""
        count, bytes_left = 0, self._stream_bytes
        for task in self._waiting:
            bytes_left -= task.bytes
            # A name that is too long by itself goes alone: the server is to judge it.
            if count >= size or (bytes_left < 0 and count):
                break
            count += 1
        return count

    def take(self, size: int) -> Batch | None:
        """Return the next batch, of no more than ``size`` streams, or None where nothing is due."""
        self._wake()
        # Halves and retried batches stay together: otherwise neither the culprit nor the right size would be found.
        if self._batches or (self._parts and not self._waiting and not self._probes):
            batch = self._batches.popleft() if self._batches else self._parts.popleft()
            # The vendor's pace allows fewer streams now. The others go to the front of the queue, to keep the order.
            self._waiting.extendleft(reversed(batch.tasks[size:]))
            batch.tasks = batch.tasks[:size]
            return batch
        if self._probes:
            return None
        tasks = [self._waiting.popleft() for _task in range(self._fitting(min(size, self.size)))]
        return Batch(tasks) if tasks else None

    def put_back(self, items: Iterable[Task | Batch], delay: float = 0.0) -> None:
        """Send these streams or batches again, not before ``delay`` seconds from now."""
        for item in items:
            # The serial number keeps what is due at the same moment in order. The items themselves cannot be compared.
            self._serial += 1
            heapq.heappush(self._later, (self._clock() + delay, self._serial, item))

    def split(self, batch: Batch) -> None:
        """Send the halves of a batch that was refused for its content, which may be its size."""
        self._batches.extend(batch.halves(too_large=True))

    def isolate(self, parts: list[Batch]) -> None:
        """Send the parts of a failed batch after all others: one of its streams may be the cause, or none."""
        self._parts.extend(parts)

    def probe(self, probes: list[Batch]) -> None:
        """Send these first, and nothing else until all of them are settled, or one of them is accepted."""
        self._batches.extendleft(reversed(probes))
        self._probes += len(probes)

    def is_probing(self) -> bool:
        """Tell whether all else waits for the answers of probes."""
        return self._probes > 0

    def settled(self, batch: Batch) -> None:
        """A batch is not sent again as it is."""
        if batch.is_probe:
            self._probes = max(0, self._probes - 1)

    def accepted(self, batch: Batch) -> None:
        """A batch was accepted as a whole. If both halves pass, the batch was too large: keep the smaller size."""
        self._probes = 0
        parent = batch.parent
        if parent is None or not batch.too_large:
            return
        parent.accepted_halves += 1
        if parent.accepted_halves == 2:
            self.size = min(self.size, (len(parent.tasks) + 1) // 2)
            self._grows = False

    def passed(self, batch: Batch) -> None:
        """Each stream of a batch got a verdict, and none was throttled: the next batches may be twice as large.

        Of several that were under way at once, the first one counts. What a URL holds ends it.
        """
        if self._grows and batch.parent is None and len(batch.tasks) >= self.size:
            self.size *= 2

    def fell_short(self, batch: Batch) -> None:
        """A batch got no answer, or none for some of its streams: it may have been too large. Go back for good."""
        if self._grows and len(batch.tasks) > self._smallest:
            self.size = max(self._smallest, min(self.size, len(batch.tasks) // 2))
            self._grows = False

    def due_in(self) -> float | None:
        """Return the seconds until something is due; None where nothing waits, or all of it for an answer."""
        self._wake()
        if self._batches or ((self._waiting or self._parts) and not self._probes):
            return 0.0
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def drain(self) -> list[Batch]:
        """Return all that is still here, in batches, and forget it."""
        left = [*self._batches, *self._parts, *self._waiting, *(item for _due_at, _serial, item in self._later)]
        self._batches.clear()
        self._parts.clear()
        self._waiting.clear()
        self._later.clear()
        return [item if isinstance(item, Batch) else Batch([item]) for item in left]

    def _wake(self) -> None:
        while self._later and self._later[0][0] <= self._clock():
            item = heapq.heappop(self._later)[2]
            if isinstance(item, Batch):
                self._batches.append(item)
            else:
                self._waiting.append(item)
