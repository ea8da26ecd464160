# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What lies under the HTTP libraries: whether a request can have left, and how long and how large an answer may be.

``requests`` and urllib3 limit each wait for data, but not an answer as a whole, and do not tell a TLS handshake that
failed from an answer that was lost.
"""

from __future__ import annotations

import http.client
import socket
import time
import zlib
from typing import Any

try:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:  # reported by _module.py, with Ansible's standard message
    HTTPAdapter = HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]

READ_BYTES = 64 * 1024
# A page of a thousand recorded files, the largest reply there is, takes less than 1 MB. JSON of this size takes less
# than 300 MB once it is read, whatever it holds.
LARGEST_ANSWER = 8 * 2**20


class NoConnection(OSError):
    """No connection was established, so nothing of the request has left. The cause is the library's error."""


class TooLarge(OSError):
    """The answer is larger than any of the API's."""


class CutOff(OSError):
    """The answer ended before the length that it had announced."""


class _BoundedReader:
    """Reads an answer from a socket, as ``http.client`` wants it: in all for as long as the socket's timeout allows.

    Raises ``socket.timeout`` after that, and ``TooLarge`` for more bytes than an answer may have.
    """

    def __init__(self, stream: Any, connected: socket.socket) -> None:
        self._stream = stream
        self._socket = connected
        self._buffer = bytearray()
        self._count = 0
        # Without a deadline, a server that sends a byte now and then would hold the run for ever.
        timeout = connected.gettimeout()
        self._deadline = None if timeout is None else time.monotonic() + timeout

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)

    def close(self) -> None:
        self._stream.close()

    def flush(self) -> None:
        """Do nothing: this is only read. ``http.client`` calls it."""

    def _fill(self) -> bool:
        """Read what there is, at least one byte. Returns False at the end of the stream."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            self._socket.settimeout(left)
        part = self._stream.read1(READ_BYTES)
        self._count += len(part)
        # Here and not by what is decoded: a chunk may claim a negative size, and then has no end.
        if self._count > LARGEST_ANSWER:
            raise TooLarge
        self._buffer += part
        return bool(part)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def read(self, size: int | None = -1) -> bytes:
        wanted = LARGEST_ANSWER + 1 if size is None or size < 0 else size
        while len(self._buffer) < wanted and self._fill():
            pass
        return self._take(wanted)

    def read1(self, size: int = -1) -> bytes:
        if not self._buffer:
            self._fill()
        return self._take(len(self._buffer) if size < 0 else size)

    def readinto(self, target: Any) -> int:
        part = self.read(len(target))
        target[: len(part)] = part
        return len(part)

    def peek(self, _size: int = 0) -> bytes:
        if not self._buffer:
            self._fill()
        return bytes(self._buffer)

    def readline(self, limit: int = -1) -> bytes:
        most = LARGEST_ANSWER + 1 if limit < 0 else limit
        while True:
            end = self._buffer.find(b"\n") + 1
            if end or len(self._buffer) >= most:
                return self._take(min(end or most, most))
            if not self._fill():
                return self._take(most)


class _Response(http.client.HTTPResponse):
    """An answer that is bounded in time and size, its headers included."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = _BoundedReader(self.fp, sock)

    def begin(self, *args: Any, **kwargs: Any) -> None:
        super().begin(*args, **kwargs)
        # The API always answers 200. After anything else the connection may be one answer off: http.client takes a 103
        # for the whole answer, and the real one would become the answer to the next request.
        if self.status != 200:
            self.will_close = True


class _Connecting:
    """A connection that says when it was never established."""

    response_class: Any = _Response

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:
            # The proxy's answer to CONNECT and the TLS handshake belong to it, too.
            raise NoConnection from error


class _HttpConnection(_Connecting, HTTPConnection):  # type: ignore[misc]
    pass


class _HttpsConnection(_Connecting, HTTPSConnection):  # type: ignore[misc]
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class Adapter(HTTPAdapter):
    """The adapter of ``requests`` for such connections. ``pool_size``: how many are kept alive."""

    def __init__(self, pool_size: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        # Connections through SOCKS have classes of their own.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


def read_body(raw: Any) -> bytes:
    """Return the body of an answer of urllib3, decompressed once at most.

    Raises ``TooLarge``, ``CutOff``, and ``ValueError`` for a body that is compressed in an unknown or a broken way.
    """
    body = bytearray()
    while part := raw.read(READ_BYTES, decode_content=False):
        body += part
    # urllib3 1.26 does not check it.
    announced = raw.headers.get("Content-Length", "")
    if announced.isdecimal() and len(body) < int(announced):
        raise CutOff
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return bytes(body)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError("an encoding that was not asked for")
    return _inflate(bytes(body))


def _inflate(body: bytes) -> bytes:
    # The libraries would decompress it whole: 8 MB may become 8 GB.
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(body, LARGEST_ANSWER + 1)
    except zlib.error:
        # Some servers send 'deflate' without its header.
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            plain = inflater.decompress(body, LARGEST_ANSWER + 1)
        except zlib.error:
            raise ValueError("it cannot be decompressed") from None
    if len(plain) > LARGEST_ANSWER:
        raise TooLarge
    return plain
