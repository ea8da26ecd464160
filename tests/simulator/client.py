# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Run the simulator from a test: start it, look into it, change it, end it. Needs the standard library alone."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.dirname(os.path.abspath(__file__))
APP_ID = 1234567890
SERVER_SECRET = "0123456789abcdef0123456789abcdef"


class SimulatorError(Exception):
    """The simulator did not start, or refused a control request; the text says why."""


class Simulator:
    """A simulator in a process of its own; a context manager.

    Takes a scenario ({config, recordings, rooms, relays, files, faults}) or None, more command-line `options`,
    `tls_cert`/`tls_key`, and settings by name.
    Has `url`, `host`, `port`, `app_id`, `server_secret` and `process` once started."""

    def __init__(self, scenario=None, options=(), tls_cert=None, tls_key=None, timeout=60.0, **config):
        self.scenario = dict(scenario or {})
        if config:
            self.scenario["config"] = dict(self.scenario.get("config") or {}, **config)
        self.app_id = APP_ID
        self.server_secret = SERVER_SECRET
        self.host = "127.0.0.1"
        self.port = None
        self.url = None
        self.process = None
        self._options = (
            list(options) + (["--tls-cert", tls_cert] if tls_cert else []) + (["--tls-key", tls_key] if tls_key else [])
        )
        self._tls = bool(tls_cert)
        self._timeout = timeout
        self._output = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_error):
        self.stop()

    def start(self):
        """Start the process and wait until it answers. Returns self."""
        # Gone once the process listens: a test runner that forks and never tears down must leave no folder behind.
        folder = tempfile.mkdtemp(prefix="zego-simulator-")
        try:
            self._launch(folder)
            self._wait_for_port(os.path.join(folder, "port"))
            self.health()
        except BaseException:
            self.stop()
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return self

    def stop(self):
        """End the process, if it runs. May be called twice."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def output(self):
        """What the process has printed so far: its address, with `--verbose` its requests, and what went wrong."""
        # Not by seek and read: the process writes at the same offset.
        number = self._output.fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode("utf-8", "replace").strip()

    def health(self):
        """{"ok": true}."""
        return self.control("GET", "health")

    def state(self):
        """What every vendor records, by vendor and stream, with counts and history."""
        return self.control("GET", "state")

    def requests(self, since=0):
        """The log of action requests, oldest first; only those numbered above `since` where given."""
        return self.control("GET", f"requests?since={since}" if since else "requests")

    def stats(self):
        """Counts and peaks."""
        return self.control("GET", "stats")

    def config(self):
        """The settings in force, but for the secret."""
        return self.control("GET", "config")

    def faults(self):
        """The fault rules in force, each with `seen` and `fired`."""
        return self.control("GET", "faults")

    def reset(self, scenario=None):
        """Start anew with this scenario: state, settings, faults, log and counts."""
        return self.control("POST", "reset", scenario or {})

    def configure(self, **config):
        """Merge settings into those in force."""
        return self.control("POST", "config", config)

    def add_fault(self, **rule):
        """Append a fault rule."""
        return self.control("POST", "faults", rule)

    def clear_faults(self):
        """Forget all fault rules."""
        return self.control("DELETE", "faults")

    def record(self, vendor, streams):
        """Let streams be recording (each call is one more task of each stream)."""
        return self.control("POST", "recordings", {vendor: list(streams)})

    def add_room(self, room, streams):
        """Let a room have these streams alone: IDs, or objects in the API's words. An empty list destroys the room."""
        return self.control("POST", "rooms", {room: list(streams)})

    def rooms(self):
        """Every room with `state` (open, closed, empty), `streams` and `closings`."""
        return self.control("GET", "rooms")

    def add_relay(self, stream, *urls):
        """Let a stream be relayed to these addresses."""
        return self.control("POST", "relays", {stream: list(urls)})

    def relays(self):
        """Every stream with relays: the last `sequence`, and for each of its `urls` `running` and `deleted_by`."""
        return self.control("GET", "relays")

    def add_files(self, vendor, files):
        """Let a vendor have these recorded files: stream IDs, or objects with `stream` and any of the README's keys."""
        return self.control("POST", "files", {vendor: list(files)})

    def files(self):
        """Every vendor's recorded files, oldest first, then those that are not `ready`."""
        return self.control("GET", "files")

    def callbacks(self):
        """Every callback: its `fields`, `state` (pending, delivered, lost) and `attempts` (`time`, `status`)."""
        return self.control("GET", "callbacks")

    def post_callback(self, **fields):
        """Post a callback with these fields, signed and sent again like any other."""
        return self.control("POST", "callbacks", fields)

    def control(self, method, path, value=None):
        """Send one control request; returns its JSON. Raises SimulatorError where it is refused."""
        connection = self._connection()
        try:
            body = None if value is None else json.dumps(value)
            connection.request(method, "/_control/" + path, body)
            reply = connection.getresponse()
            answer = json.loads(reply.read().decode("utf-8"))
        finally:
            connection.close()
        if reply.status != 200:
            raise SimulatorError(f"{method} {path}: HTTP {reply.status}: {answer.get('error')}")
        return answer

    def _connection(self):
        if not self._tls:
            return http.client.HTTPConnection(self.host, self.port, timeout=self._timeout)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.host, self.port, timeout=self._timeout, context=context)

    def _launch(self, folder):
        path = os.path.join(folder, "scenario.json")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(self.scenario, stream)
        command = [sys.executable, PROGRAM, "--scenario", path, "--port-file", os.path.join(folder, "port")]
        command += [
            "--app-id",
            str(self.app_id),
            "--server-secret",
            self.server_secret,
            "--parent-pid",
            str(os.getpid()),
        ]
        # Outlives this function on purpose: stop() closes it.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command + self._options, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output
        )

    def _wait_for_port(self, path):
        until = time.monotonic() + self._timeout
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > until:
                raise SimulatorError(f"the simulator did not start: {self.output()}")
            time.sleep(0.01)
        with open(path, encoding="ascii") as stream:
            self.port = int(stream.read())
        self.url = f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"
