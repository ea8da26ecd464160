# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that answers with whatever bytes a scenario likes: the simulator speaks HTTP and the API, this need not."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from urllib.parse import parse_qsl

# How a vendor's entry says that it worked.
SUCCESS = {"Tencent": "", "Ws": 200, "Huawei": 0, "Aliyun": 200}


class Request:
    """A request as it came. ``number``: which one it is on its connection, from 1."""

    def __init__(self, head, number):
        self.line = head.split(b"\r\n", 1)[0].decode("latin-1")
        self.query = parse_qsl(self.line.split(" ")[1].partition("?")[2], keep_blank_values=True)
        self.number = number

    def value(self, name):
        """Return the first parameter of that name, '' if there is none."""
        return next((value for key, value in self.query if key == name), "")

    @property
    def streams(self):
        return [value for key, value in self.query if key == "StreamId[]"]


def entry(vendor, stream, code=None, **more):
    """Return the entry of a stream: of its success, if no code is given."""
    code = SUCCESS[vendor] if code is None else code
    if vendor == "Ws":
        return {"id": stream, "task": "mp4", "http_code": code, "msg": "", "persistentId": "p", **more}
    return {"StreamName": stream, "Code": code, "Message": "", "RequestId": "r", **more}


def reply(data=None, code=0, message="success"):
    """Return a reply of the API as JSON."""
    return json.dumps({"Code": code, "Message": message, "RequestId": "1", "Data": data}).encode()


def http(body=b"", status="200 OK", headers=()):
    """Return an answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class RawServer:
    """Lets ``act(connection, request)`` answer each request. A connection is kept where it returns True.

    ``at_once``: called with a connection before anything is read from it, instead. What it sent is in ``requests``.
    Use it as a context manager.
    """

    def __init__(self, act, at_once=None):
        self._act = act
        self._at_once = at_once
        self._open = []
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def __enter__(self):
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        # A thread that waits in accept() notices neither close() nor the end of the scenario.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _listen(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        # The client may go whenever it likes.
        with contextlib.suppress(OSError), connection:
            connection.settimeout(30)
            if self._at_once is not None:
                self._at_once(connection)
                return
            number, goes_on, rest = 0, True, b""
            while goes_on:
                head, rest = self._head(connection, rest)
                if head is None:
                    return
                number += 1
                request = Request(head, number)
                self.requests.append(request)
                goes_on = self._act(connection, request)

    @staticmethod
    def _head(connection, text):
        while b"\r\n\r\n" not in text:
            part = connection.recv(65536)
            if not part:
                return None, b""
            text += part
        head, _end, rest = text.partition(b"\r\n\r\n")
        return head, rest


def answering(*answers, keep=True):
    """Return an ``act`` that sends these bytes, or what these functions make of a request, the last one for ever."""
    turns = iter(range(1_000_000))
    lock = threading.Lock()

    def act(connection, request):
        with lock:
            answer = answers[min(next(turns), len(answers) - 1)]
        connection.sendall(answer(request) if callable(answer) else answer)
        return keep

    return act
