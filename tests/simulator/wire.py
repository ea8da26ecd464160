# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""HTTP/1.1 on one socket: read a request, send a reply. Small, and able to misbehave on purpose."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from collections import namedtuple
from email.utils import formatdate
from http.client import responses

HEAD_LIMIT = 1 << 22
_POLL_SECONDS = 0.05

HttpRequest = namedtuple("HttpRequest", "method target headers body keep_alive")


class BadRequest(Exception):
    """What came in is no HTTP that this server speaks. Carries the status to send."""


class Wire:
    """One TCP (or TLS) connection. Used by one thread."""

    def __init__(self, sock):
        self._socket = sock
        self._buffer = b""

    def read(self):
        """The next HttpRequest, or None at the end of the connection. Raises BadRequest, OSError."""
        head = self._read_head()
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")
        try:
            method, target, version = lines[0].split(" ")
        except ValueError:
            raise BadRequest(400) from None
        headers = {}
        for line in lines[1:]:
            name, _colon, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        connection = headers.get("connection", "").lower()
        keep_alive = "close" not in connection if version == "HTTP/1.1" else "keep-alive" in connection
        return HttpRequest(method, target, headers, self._read_body(headers), keep_alive)

    def send(self, reply, date, keep_alive):
        """Send a Reply in one go; `date`: Unix seconds, or None for no header. A severed reply ends the connection."""
        if reply.sever == "reset":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif reply.sever != "drop":
            body = reply.body[: len(reply.body) // 2] if reply.sever == "truncate" else reply.body
            self._socket.sendall(_head(reply, date, keep_alive) + body)

    def wait(self, seconds):
        """Let that much time pass. Returns whether the client is still there; says so early where it is not."""
        until = time.monotonic() + seconds
        while not self._gone():
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, _POLL_SECONDS))
        return False

    def close(self):
        """End the connection."""
        self._socket.close()

    def _gone(self):
        # poll, not select: with a thousand connections the descriptors outgrow what select takes.
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if self._buffer or not poll.poll(0):
            return False
        # Nobody can peek at a TLS socket; a waiting client sends nothing, so anything to read is its farewell.
        if isinstance(self._socket, ssl.SSLSocket):
            return True
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _more(self):
        chunk = self._socket.recv(65536)
        self._buffer += chunk
        return bool(chunk)

    def _read_head(self):
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > HEAD_LIMIT:
                raise BadRequest(431)
            if not self._more():
                return None
        head, _mark, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head

    def _read_body(self, headers):
        if "transfer-encoding" in headers:
            raise BadRequest(411)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > HEAD_LIMIT:
            raise BadRequest(400)
        if headers.get("expect", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self._buffer) < int(length):
            if not self._more():
                raise BadRequest(400)
        body, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return body


def _head(reply, date, keep_alive):
    lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
    if date is not None:
        lines.append("Date: " + formatdate(date, usegmt=True))
    lines.append("Content-Type: " + reply.content_type)
    lines.append(f"Content-Length: {len(reply.body)}")
    lines.extend(f"{name}: {value}" for name, value in reply.headers)
    lines.append("Connection: " + ("keep-alive" if keep_alive else "close"))
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
