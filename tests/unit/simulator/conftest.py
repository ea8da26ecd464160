# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A running simulator for every test, and a few lines that speak to it as a client of the API would."""

from __future__ import annotations

import hashlib
import http.client
import importlib
import json
import os
import sys
import time
from urllib.parse import urlencode

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TESTS)
CLIENT = importlib.import_module("simulator.client")


class Api:
    """Signs and sends requests to one simulator."""

    # What http.client raises where an answer ends too early.
    LOST = http.client.HTTPException

    def __init__(self, simulator):
        self.simulator = simulator

    @staticmethod
    def sign(app_id, nonce, secret, timestamp):
        return hashlib.md5(f"{app_id}{nonce}{secret}{timestamp}".encode()).hexdigest()

    def target(self, action, vendor=None, streams=(), **changes):
        """A signed request target; `changes` replace a parameter, or drop it where None."""
        values = {
            "Action": action,
            "AppId": self.simulator.app_id,
            "SignatureNonce": os.urandom(8).hex(),
            "Timestamp": int(time.time()),
        }
        values.update({"SignatureVersion": "2.0", "Vendor": vendor})
        values.update({key: value for key, value in changes.items() if key not in ("Signature", "secret")})
        secret = changes.get("secret", self.simulator.server_secret)
        values["Signature"] = changes.get(
            "Signature", self.sign(values["AppId"], values["SignatureNonce"], secret, values["Timestamp"])
        )
        pairs = [(key, value) for key, value in values.items() if value is not None]
        return "/?" + urlencode(pairs + [("StreamId[]", stream) for stream in streams])

    def connect(self, timeout=5):
        return http.client.HTTPConnection(self.simulator.host, self.simulator.port, timeout=timeout)

    def send(self, target, method="GET", headers=None, timeout=5, body=None):
        """Send one request on a connection of its own; returns (status, headers, body)."""
        connection = self.connect(timeout)
        try:
            connection.request(method, target, body, headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def call(self, *args, **changes):
        """Send one signed request; returns the reply's JSON, which has to come with HTTP 200."""
        status, _headers, body = self.send(self.target(*args, **changes))
        assert status == 200
        return json.loads(body)

    def post(self, action, body, **changes):
        """Send one signed POST with a JSON body (or these bytes); returns the reply's JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, _headers, answer = self.send(
            self.target(action, **changes), "POST", {"Content-Type": "application/json"}, body=data
        )
        assert status == 200
        return json.loads(answer)

    @staticmethod
    def load(body):
        return json.loads(body)

    def stop(self, vendor, *streams, **changes):
        return self.call("StopCDNRecord", vendor, streams, **changes)

    def start(self, vendor, *streams, **changes):
        return self.call("StartCDNRecord", vendor, streams, **changes)

    def log(self):
        """The last line of the simulator's log."""
        return self.simulator.requests()[-1]

    def running(self, vendor, stream):
        """How many tasks record a stream now."""
        return self.simulator.state()[vendor].get(stream, {"running": 0})["running"]


@pytest.fixture(scope="session")
def process():
    with CLIENT.Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(process):
    process.reset()
    return process


@pytest.fixture
def api(simulator):
    return Api(simulator)


@pytest.fixture
def error():
    return CLIENT.SimulatorError


@pytest.fixture
def program():
    """Where the program lives, for tests that start it themselves."""
    return os.path.join(TESTS, "simulator")


@pytest.fixture
def launch():
    """A function that starts a simulator of the test's own."""
    started = []

    def start(*args, **kwargs):
        started.append(CLIENT.Simulator(*args, **kwargs))
        return started[-1].start()

    yield start
    for simulator in started:
        simulator.stop()
