# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The exact record of what came in and what was done about it: log, counts, peaks."""

from __future__ import annotations

import time
from collections import deque

from catalogue import VENDORS
from request import Parameters
from window import Window


class Record:
    """One line of the log. Kept small, since every request has one: its target is read when somebody asks."""

    __slots__ = (
        "accepted_at",
        "at",
        "body",
        "code",
        "connection",
        "fault",
        "method",
        "number",
        "outcome",
        "results",
        "status",
        "target",
        "wall",
        "work",
    )

    def __init__(self, number, method, target, connection, body=b""):
        self.number = number
        self.body = body
        self.method = method
        self.at = time.monotonic()
        self.wall = time.time()
        self.target = target
        self.connection = connection
        self.outcome = "pending"
        self.status = None
        self.code = None
        self.fault = None
        self.accepted_at = None
        self.work = False
        self.results = ()

    def add_fault(self, kind):
        """Note that a fault of this kind fired."""
        if self.fault is None:
            self.fault = kind
        elif kind not in self.fault.split("+"):
            self.fault += "+" + kind

    def describe(self):
        """The record as an object for the control path."""
        said = Parameters(self.target, self.body)
        return {
            "number": self.number,
            "time": self.wall,
            "mono": self.at,
            "accepted_mono": self.accepted_at,
            "method": self.method,
            "action": said.action,
            "vendor": said.vendor,
            "streams": said.subjects,
            "room": said.room,
            "connection": self.connection,
            "nonce": said.get("SignatureNonce"),
            "signature": said.get("Signature"),
            "path": self.target,
            "body": self.body.decode("utf-8", "replace"),
            "outcome": self.outcome,
            "status": self.status,
            "code": self.code,
            "fault": self.fault,
            "accepted": self.accepted_at is not None,
            "work": self.work,
            "results": list(self.results),
        }


class _Vendor:
    __slots__ = ("received", "throttled", "window")

    def __init__(self):
        self.received = 0
        self.throttled = 0
        self.window = Window()


class Journal:
    """Log and counters of one run. Not thread-safe: the caller holds the world's lock."""

    def __init__(self, actions, log_limit=0):
        self._actions = actions
        self._records = deque(maxlen=log_limit or None)
        self._all = Window()
        self._accepted = Window()
        self._by_action = {}
        self._vendors = {vendor: _Vendor() for vendor in VENDORS}
        self.total = self.accepted = self.refused = self.worked = self.other = 0
        self.in_flight = self.in_flight_peak = 0
        self.connections = self.action_connections = 0

    def limit(self, log_limit):
        """Keep only so many records from now on; 0 keeps all."""
        if (log_limit or None) != self._records.maxlen:
            self._records = deque(self._records, maxlen=log_limit or None)

    def open(self, request, connection):
        """Note an action request as it arrives; number it. Returns its Record."""
        self.total += 1
        record = Record(self.total, request.method, request.target, connection, request.body)
        request.number, request.at, request.wall = record.number, record.at, record.wall
        self._records.append(record)
        self._all.add(record.at)
        self.in_flight += 1
        self.in_flight_peak = max(self.in_flight_peak, self.in_flight)
        return record

    def accept(self, record, now):
        """Note that a request has passed the gateway and its quota."""
        record.accepted_at = now
        self.accepted += 1
        self._accepted.add(now)

    def close(self, request, record, outcome, status=None, code=None):
        """Note how a request ended: answered, reset, dropped, truncated, client_left or crashed."""
        record.outcome, record.status, record.code = outcome, status, code
        self.in_flight -= 1
        self.worked += record.work
        self.refused += record.accepted_at is None
        self._count(request, record, 1)

    def lost(self, request, record):
        """Note that the answer to a closed request could not be sent: the client had left."""
        self._count(request, record, -1)
        record.outcome, record.status, record.code = "client_left", None, None
        self._count(request, record, 1)

    def _count(self, request, record, step):
        answer = record.outcome
        if record.code is not None:
            answer = str(record.code)
        elif record.status not in (None, 200):
            answer = f"http {record.status}"
        counts = self._by_action.setdefault(request.action if request.action in self._actions else "other", {})
        counts[answer] = counts.get(answer, 0) + step
        if not counts[answer]:
            del counts[answer]

    def not_an_action(self, method, target, connection, status):
        """Note a request that is none: it has no number and counts for nothing but itself."""
        self.other += 1
        record = Record(None, method, target, connection)
        record.outcome, record.status = "answered", status
        self._records.append(record)

    def received(self, vendor, count):
        """Note stream entries that reached a vendor."""
        self._vendors[vendor].received += count

    def vendor_takes(self, vendor, limit, now):
        """Whether the vendor's own quota (0: none) takes one more stream entry; uses it up if so."""
        counts = self._vendors[vendor]
        if limit and counts.window.count(now) >= limit:
            counts.throttled += 1
            return False
        counts.window.add(now)
        return True

    def records(self):
        """The log as it stands, oldest first."""
        return list(self._records)

    def stats(self):
        """The counts as an object for the control path."""
        streams = {}
        for vendor, counts in self._vendors.items():
            streams[vendor] = {
                "received": counts.received,
                "throttled": counts.throttled,
                "peak_per_second": counts.window.peak,
            }
        return {
            "requests": self.total,
            "accepted": self.accepted,
            "refused": self.refused,
            "worked": self.worked,
            "other_requests": self.other,
            "actions": {name: dict(counts) for name, counts in self._by_action.items()},
            "peak_per_second": {"accepted": self._accepted.peak, "all": self._all.peak},
            "streams": streams,
            "connections_accepted": self.connections,
            "action_connections": self.action_connections,
            "in_flight": self.in_flight,
            "in_flight_peak": self.in_flight_peak,
        }
