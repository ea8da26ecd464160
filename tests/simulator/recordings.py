# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What is being recorded: every vendor's streams as a small state machine, with an exact history."""

from __future__ import annotations

import base64
import hashlib
from collections import namedtuple

from catalogue import VENDORS

# What a stop or start came to: the word for the history, the vendor's situation to report, the task it concerns.
Outcome = namedtuple("Outcome", "event situation task_id")
Task = namedtuple("Task", "task_id end since")


class Stream:
    """One stream at one vendor. `tasks` run now; `settles_at` is when Huawei has finished the last stop."""

    __slots__ = ("events", "settles_at", "starts", "stops", "task_ids", "tasks")

    def __init__(self):
        self.tasks = []
        self.starts = 0
        self.stops = 0
        self.task_ids = []
        self.settles_at = 0.0
        self.events = []


class Recordings:
    """All streams of all vendors. Not thread-safe: the caller holds the world's lock.

    Methods take a `stamp` with `wall`, `at` (monotonic) and `number` (of the request): a Request is one."""

    def __init__(self, settings, clock, files):
        self._settings = settings
        self._clock = clock
        self._files = files
        self._streams = {vendor: {} for vendor in VENDORS}
        self._serial = 0

    def preset(self, vendor, stream, stamp):
        """Let a stream be recording without anybody having asked for it by the API."""
        entry = self._entry(vendor, stream)
        self._run(entry, None, stamp)
        self._note(entry, "preset", stamp, entry.tasks[-1].task_id)

    def stop(self, vendor, stream, stamp):
        """Stop whatever records this stream. Returns an Outcome."""
        entry = self._entry(vendor, stream)
        self._expire(entry, stamp)
        if not entry.tasks:
            return self._stop_of_nothing(vendor, entry, stamp)
        task_id = entry.tasks[-1].task_id
        # A stop names the stream, not the task, so it ends every task of the stream.
        for task in entry.tasks:
            self._files.recorded(vendor, stream, task, stamp)
        entry.tasks = []
        entry.stops += 1
        entry.settles_at = stamp.at + self._settings["huawei_settle_seconds"]
        return self._done(entry, "stopped", "success", stamp, task_id)

    def start(self, vendor, stream, stamp, end=None):
        """Start recording this stream, until `end` (Unix seconds) where given. Returns an Outcome."""
        entry = self._entry(vendor, stream)
        self._expire(entry, stamp)
        if self._settings.live is not None and stream not in self._settings.live:
            return self._done(entry, "start_not_live", "not_live", stamp)
        refused = self._refused_start(vendor, entry, stamp)
        if refused:
            return refused
        self._run(entry, end, stamp)
        entry.starts += 1
        return self._done(entry, "started", "success", stamp, entry.tasks[-1].task_id)

    def throttled(self, vendor, stream, stamp):
        """Note that the vendor refused this entry for its own quota. Returns an Outcome."""
        return self._done(self._entry(vendor, stream), "throttled", "throttled", stamp)

    def report(self, stamp):
        """All streams as an object for the control path."""
        result = {}
        for vendor, streams in self._streams.items():
            for entry in streams.values():
                self._expire(entry, stamp)
            result[vendor] = {name: _describe(entry) for name, entry in streams.items()}
        return result

    def _stop_of_nothing(self, vendor, entry, stamp):
        if self._settings.repeated_stop(vendor) == "success":
            return self._done(entry, "stop_again", "success", stamp, entry.task_ids[-1] if entry.task_ids else "")
        return self._done(entry, "stop_absent", "absent", stamp)

    def _refused_start(self, vendor, entry, stamp):
        if vendor == "Tencent":
            if len(entry.tasks) >= self._settings["tencent_max_tasks"]:
                return self._done(entry, "start_limit", "limit", stamp)
            return None
        settling = vendor == "Huawei" and stamp.at < entry.settles_at
        if not entry.tasks and not settling:
            return None
        if vendor == "Ws" and self._settings["ws_repeated_start"] == "success":
            return self._done(entry, "start_again", "success", stamp, entry.tasks[-1].task_id)
        return self._done(entry, "start_running", "running", stamp)

    def _run(self, entry, end, stamp):
        self._serial += 1
        seed = b"task %d" % self._serial
        # As long and as opaque as the one in the vendor's example.
        task_id = base64.b64encode(hashlib.sha512(seed).digest() + hashlib.sha1(seed).digest()).decode("ascii")
        entry.tasks.append(Task(task_id, end, stamp.wall))
        entry.task_ids.append(task_id)

    def _expire(self, entry, stamp):
        if not entry.tasks or all(task.end is None for task in entry.tasks):
            return
        now = self._clock.now()
        for task in [task for task in entry.tasks if task.end is not None and task.end <= now]:
            entry.tasks.remove(task)
            self._note(entry, "ended", stamp, task.task_id)

    def _entry(self, vendor, stream):
        streams = self._streams[vendor]
        if stream not in streams:
            streams[stream] = Stream()
        return streams[stream]

    def _done(self, entry, event, situation, stamp, task_id=""):
        self._note(entry, event, stamp, task_id)
        return Outcome(event, situation, task_id)

    def _note(self, entry, event, stamp, task_id):
        entry.events.append((stamp.wall, stamp.at, event, stamp.number, task_id))


def _state(entry):
    if entry.tasks:
        return "recording"
    return "stopped" if entry.task_ids else "unknown"


def _describe(entry):
    events = []
    for wall, at, event, number, task_id in entry.events:
        events.append({"time": wall, "mono": at, "event": event, "request": number, "task_id": task_id})
    return {
        "state": _state(entry),
        "running": len(entry.tasks),
        "running_task_ids": [task.task_id for task in entry.tasks],
        "starts": entry.starts,
        "stops": entry.stops,
        "task_ids": list(entry.task_ids),
        "events": events,
    }
