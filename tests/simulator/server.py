# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The server: a listening socket, one thread a connection, and the world behind them."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import sys
import threading
import time

import api
import control
from catalogue import GET_ONLY
from request import Reply, Request
from wire import BadRequest, Wire
from world import World

_SEVERED = {"reset": "reset", "drop": "dropped", "truncate": "truncated"}


class Server:
    """Listens once made. Takes settings, a scenario, where to listen, an SSLContext or None, and whether to log."""

    def __init__(self, base, scenario=None, host="127.0.0.1", port=0, tls=None, verbose=False):
        self._base = base
        self.world = World(base, scenario)
        self.tls = tls
        self.verbose = verbose
        self.connections_open = 0
        self._serial = 0
        self._lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(1024)
        self.port = self._socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{shown}:{self.port}"

    def start(self):
        """Accept connections in the background."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Accept no more connections."""
        self._socket.close()

    def reset(self, scenario):
        """Put a new world in the place of the old one, where hanging requests end. Raises ScenarioError."""
        old, self.world = self.world, World(self._base, scenario)
        old.stop()

    def opened(self):
        """Count a new connection; returns its number."""
        with self._lock:
            self._serial += 1
            self.connections_open += 1
            serial = self._serial
        world = self.world
        with world.lock:
            world.journal.connections += 1
        return serial

    def closed(self):
        """Count a connection out."""
        with self._lock:
            self.connections_open -= 1

    def _accept(self):
        while True:
            try:
                sock, address = self._socket.accept()
            except OSError:
                if self._socket.fileno() == -1:
                    return
                # Out of file descriptors, or a client gone at once: neither ends the server.
                time.sleep(0.01)
                continue
            threading.Thread(target=Connection(self, sock, address).run, daemon=True).start()


class Connection:
    """One client's connection, served by one thread."""

    def __init__(self, server, sock, address):
        self._server = server
        self._socket = sock
        self._local = ipaddress.ip_address(address[0].partition("%")[0].replace("::ffff:", "")).is_loopback
        self._number = server.opened()
        self._counted_in = None

    def run(self):
        """Serve requests until the client or a fault ends it."""
        wire = None
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._server.tls:
                self._socket = self._server.tls.wrap_socket(self._socket, server_side=True)
            wire = Wire(self._socket)
            while self._serve_one(wire):
                pass
        except (OSError, ssl.SSLError):
            pass
        except BadRequest as error:
            self._refuse(wire, error.args[0])
        finally:
            self._socket.close()
            self._server.closed()

    def _refuse(self, wire, status):
        try:
            wire.send(Reply(status, b"", "text/plain"), None, False)
        except OSError:
            pass

    def _serve_one(self, wire):
        http = wire.read()
        if http is None:
            return False
        path = http.target.partition("?")[0]
        request = self._action_request(http) if path == "/" else None
        if request:
            return self._serve_action(wire, http, request)
        if path.startswith(control.PREFIX):
            reply = control.handle(self._server, http.method, http.target, http.body) if self._local else Reply(403)
        else:
            reply = self._no_action(path, http.method)
            self._note_other(http, reply.status)
        wire.send(reply, self._date(self._server.world), http.keep_alive)
        return http.keep_alive

    @staticmethod
    def _no_action(path, method):
        if path != "/":
            return Reply(404, b"", "text/plain")
        return Reply(405, b"", "text/plain", [("Allow", "GET" if method == "POST" else "GET, POST")])

    @staticmethod
    def _action_request(http):
        """The request in its terms, or None where its method is not one of its action's."""
        if http.method not in ("GET", "POST"):
            return None
        request = Request(http.target, http.headers.get("host", ""), http.method, http.body)
        return None if http.method == "POST" and request.action in GET_ONLY else request

    def _note_other(self, http, status):
        world = self._server.world
        with world.lock:
            world.journal.not_an_action(http.method, http.target, self._number, status)

    def _serve_action(self, wire, http, request):
        world = self._server.world
        with world.lock:
            if self._counted_in is not world:
                self._counted_in = world
                world.journal.action_connections += 1
            record = world.journal.open(request, self._number)
        reply, outcome = None, "crashed"
        try:
            reply = api.handle(world, request, record, wire.wait)
            outcome = self._outcome(wire, reply)
        finally:
            self._finish(world, request, record, outcome, reply)
        if outcome == "client_left":
            return False
        try:
            wire.send(reply, self._date(world), http.keep_alive and reply.sever is None)
        except OSError:
            with world.lock:
                world.journal.lost(request, record)
            raise
        return outcome == "answered" and http.keep_alive

    @staticmethod
    def _outcome(wire, reply):
        if reply is None or (reply.delay and not wire.wait(reply.delay)):
            return "client_left"
        return _SEVERED.get(reply.sever, "answered")

    # Before the answer is sent, so that whoever has it finds it in the record.
    def _finish(self, world, request, record, outcome, reply):
        status = reply.status if outcome in ("answered", "truncated") else None
        with world.lock:
            world.journal.close(request, record, outcome, status, reply.code if status is not None else None)
        if self._server.verbose:
            what = f"{request.action or '-'} {request.vendor or '-'} streams={len(request.streams)}"
            print(
                f"{what} {outcome} status={status} code={record.code} fault={record.fault or '-'}",
                file=sys.stderr,
                flush=True,
            )

    @staticmethod
    def _date(world):
        return world.clock.now() if world.settings["send_date"] else None
