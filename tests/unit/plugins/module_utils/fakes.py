# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that nobody waits for, a transport that answers from a script, and a client that fails at will."""

from __future__ import annotations

import json
import random
import threading
import time

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Sender
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate, first_completed
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import HttpAnswer
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import Secrets
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, call_once
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import Rows, Store

SECRET = "9193cc662a4c0ec135ec71fb57194b38"
APP_ID = 12345


class FakeClock:
    """Time passes only where somebody waits."""

    def __init__(self, now=1000.0):
        self._lock = threading.Lock()
        self.now = now
        self.waits = []

    def __call__(self):
        return self.now

    def wait(self, seconds):
        with self._lock:
            self.waits.append(seconds)
            self.now += max(0.0, seconds)

    def wait_for(self, futures, seconds):
        """Return what is done. Time passes only where nothing is for a while."""
        done = first_completed(futures, 0.02)
        if not done:
            self.wait(seconds)
        return done


def make_gate(clock=None, rate=20, patience=120, seed=1, window=7.5, running=True, **more):
    """``running``: whether the API has answered before."""
    clock = clock or FakeClock()
    gate = Gate(rate, patience, window, clock=clock, rng=random.Random(seed), **more)
    gate.sleep = clock.wait
    gate.wait_for = clock.wait_for
    gate.fake_clock = clock
    if running:
        gate.breaker.answered()
    return gate


def reply(code=0, data=None, message="m", request_id="4315169065145771656", **more):
    return HttpAnswer(
        200,
        json.dumps({"Code": code, "Message": message, "RequestId": request_id, "Data": data}),
        more.get("date"),
        more.get("retry_after"),
    )


def http(status, text="", date=None, retry_after=None):
    return HttpAnswer(status, text, date, retry_after)


class FakeTransport:
    """Answers from a script: answers, exceptions, or functions of the query. The last item goes on for ever."""

    def __init__(self, *script):
        self.script = list(script)
        self.queries = []
        self.bodies = []
        # Whether each took a connection of its own.
        self.fresh = []

    def send(self, query, body=None, *, fresh=False):
        self.queries.append(list(query))
        self.fresh.append(fresh)
        self.bodies.append(body)
        item = self.script[min(len(self.queries), len(self.script)) - 1]
        if callable(item) and not isinstance(item, Exception):
            item = item(query)
        if isinstance(item, Exception):
            raise item
        return item


def make_client(*script, **options):
    window = retry_window(options.get("retries", 4))
    gate = make_gate(rate=options.pop("rate", 20), patience=options.pop("patience", 120), window=window, running=False)
    secrets = Secrets((SECRET, *options.pop("hide", ())), options.pop("addresses", ()), options.pop("names", ()))
    sender = Sender(APP_ID, SECRET, FakeTransport(*script), secrets)
    return ZegoClient(sender, gate, **options)


class DictStore(Store):
    """Rows in a dictionary. ``meanwhile``: what another run writes, by stream, right before this one writes next."""

    def __init__(self, rows):
        self.rows = rows
        self.meanwhile = {}
        self.closed = False

    def now(self):
        return time.time()

    def read(self, streams):
        return Rows({stream: self.rows[stream] for stream in streams if stream in self.rows}, frozenset())

    def update(self, streams, decide):
        self._write({stream: self.meanwhile.pop(stream) for stream in streams if stream in self.meanwhile})
        self._write(decide(self.read(streams).memories))

    def _write(self, changes):
        for stream, memory in changes.items():
            if memory is None:
                self.rows.pop(stream, None)
            else:
                self.rows[stream] = memory

    def prune(self, oldest, now):
        pass

    def close(self):
        self.closed = True


class FakeLedger(Ledger):
    """A ledger in a dictionary, whose memories always count."""

    def __init__(self, memories=None):
        self.memories = dict(memories or {})
        self.store = DictStore(self.memories)
        super().__init__("a dictionary", "app", "vendor", ttl=float("inf"), warn=pytest.fail)

    def _open(self):
        self._store = self.store

    @property
    def closed(self):
        return self.store.closed

    @property
    def taken(self):
        return self.store.meanwhile

    @taken.setter
    def taken(self, memories):
        """What another run has started meanwhile."""
        self.store.meanwhile = dict(memories)


def success(vendor, stream, verb="stop"):
    """The entry of a success as the reference shows it."""
    if vendor == "Ws":
        return {"task": "mp4", "id": stream, "http_code": 200, "msg": "success", "persistentId": f"p-{stream}"}
    code = {"Tencent": "", "Huawei": 0, "Aliyun": 200}[vendor]
    item = {
        "StreamName": stream,
        "RequestId": f"r-{stream}",
        "Code": code,
        "Message": "success" if vendor == "Huawei" else "",
    }
    if vendor == "Tencent" and verb == "start":
        item["TaskId"] = f"t-{stream}"
    return item


def failure(vendor, stream, code, message=""):
    if vendor == "Ws":
        return {"task": "mp4", "id": stream, "http_code": code, "msg": message, "persistentId": ""}
    return {"StreamName": stream, "RequestId": f"r-{stream}", "Code": code, "Message": message}


def call_action(client, action, parameters, repeatable, body=None):
    """Make one call; return its reply, or raise the error it ended with."""
    return call_once(client, Call(action, parameters, repeatable, body))


def call(client, repeatable=True):
    """Stop one stream; return the reply, or raise the error it ended with."""
    return call_action(client, "StopCDNRecord", [("Vendor", "Tencent"), ("StreamId[]", "a")], repeatable)


def sent(client):
    """How many requests reached the transport."""
    return len(client.sender.transport.queries)


def streams_of(query):
    return [value for name, value in query if name == "StreamId[]"]


def answering(vendor, entry):
    """A step that answers each stream of the request with what ``entry`` makes of it (None: no entry)."""

    def step(query):
        rows = [entry(stream) for stream in streams_of(query)]
        return reply(0, {vendor: [row for row in rows if row is not None]})

    return step
