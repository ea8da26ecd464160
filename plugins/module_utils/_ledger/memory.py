# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is remembered of one stream, and what holds where two runs wrote about it. Pure: no file, no network."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

# The longest task id that is kept. Those of the vendors have up to some hundred characters.
_TASK_LENGTH = 1000
# No request is on its way for longer: most runs wait 10 s for an answer, and a start is not sent again after it left.
IN_FLIGHT_SECONDS = 60.0


class State:
    """What was done to a stream last."""

    STOPPED = "stopped"
    RUNNING = "running"
    # A start is in flight, or its run was killed.
    STARTING = "starting"
    # A stop was sent of what was running: it is in flight, its run was killed, or no answer tells whether it worked.
    STOPPING = "stopping"
    # A stop was sent while a start was in flight, whose run may have been killed. ``since`` is the start's.
    CROSSED = "crossed"
    # Nobody knows whether it is recorded: a start's answer was lost, or a stop and a start crossed.
    UNCERTAIN = "uncertain"


_STATES = frozenset({State.STOPPED, State.RUNNING, State.STARTING, State.STOPPING, State.CROSSED, State.UNCERTAIN})


class Memory(NamedTuple):
    """What is remembered of a stream. Times are in Unix seconds of the ledger's clock.

    ``state``: one of ``State``; ``since``: when that was written; ``until``: a start's end time; ``task``: the vendor's
    task id.
    """

    state: str
    since: float
    until: float | None = None
    task: str | None = None

    def running_at(self, now: float) -> bool:
        """Tell whether a recording is remembered whose end time has not come."""
        return self.state == State.RUNNING and (self.until is None or now < self.until)

    def counts_at(self, now: float, ttl: float) -> bool:
        """Tell whether this still says anything. ``now``: Unix seconds; ``ttl``: seconds for which a memory counts."""
        # A start with an end time runs until then, however long that is. After it, no doubt is left either.
        if self.state != State.STOPPED and self.until is not None:
            return now < self.until
        # After the ttl the name may be that of another event's stream.
        # Absolute: a memory from the future, written before the clock was set back, must not count forever.
        return abs(now - self.since) <= ttl


def memory_of(state: Any, since: Any, until: Any, task: Any) -> Memory | None:
    """Return what a row says, None where it does not make sense: anybody may have written it."""
    try:
        since = float(since)
        until = None if until is None else float(until)
    except (TypeError, ValueError, OverflowError):
        # A whole number of a thousand digits is too large for a float.
        return None
    if state not in _STATES or not math.isfinite(since) or (until is not None and not math.isfinite(until)):
        return None
    # The task id is shown in results.
    is_usable = isinstance(task, str) and task.isprintable() and len(task) <= _TASK_LENGTH
    return Memory(state, since, until, task if is_usable else None)


def may_be_in_flight(memory: Memory | None, now: float) -> bool:
    """Tell whether a start may be carried out only after a stop that is sent now."""
    if memory is None or memory.state not in (State.STARTING, State.CROSSED):
        return False
    return abs(now - memory.since) <= IN_FLIGHT_SECONDS


def latest_end(*memories: Memory | None) -> float | None:
    """Return when the last of several recordings ends by itself, None where one of them does not."""
    ends = [memory.until for memory in memories if memory is not None and memory.state != State.STOPPED]
    known = [end for end in ends if end is not None]
    return max(known, default=None) if len(known) == len(ends) else None


def _is_recording(memory: Memory | None) -> bool:
    return memory is not None and memory.state in (State.RUNNING, State.STARTING)


def crossed(done: Memory | None, found: Memory | None) -> bool:
    """Tell whether what this run did contradicts what another run wrote after this one last looked.

    ``done``: what this run would write, None for 'nothing is being recorded'; ``found``: what the other run wrote.
    Answers come in any order. Where a start and a stop were in flight at once, none of them tells which came last.
    """
    if found is not None and found.state in (State.CROSSED, State.UNCERTAIN):
        return True
    return _is_recording(done) != _is_recording(found)


def merged(done: Memory | None, found: Memory | None) -> Memory | None:
    """Return what holds of two acts that do not contradict each other: the one that says more."""
    # Two stops: one of them worked for certain, or found nothing.
    if found is not None and found.state == State.STOPPING:
        return done
    if done is not None and done.state == State.STOPPING:
        return found
    if done is None or (done.state == State.STARTING and found is not None and found.state == State.RUNNING):
        return found
    return done
