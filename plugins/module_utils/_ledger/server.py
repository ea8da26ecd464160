# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection to a Redis or Valkey server that several machines share."""

from __future__ import annotations

import os
import queue
import re
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Callable, List, NamedTuple, Optional, TypeVar

from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError:
    # Optional: a ledger in a file needs none of it.
    redis = None  # type: ignore[assignment]

Result = TypeVar("Result")
# What lies under keys; None where there is nothing.
Texts = List[Optional[bytes]]

# Writes keys if all of them still hold what the writer has read, and returns what they hold if not. Three arguments a
# key: what was read, what is to be written ('' for nothing, in both), and after how many milliseconds it is forgotten.
# A script is one exchange, and nobody else writes between. With WATCH it would be three, and as many losers.
_SWAP = """
local found, same = {}, true
for i, key in ipairs(KEYS) do
  found[i] = redis.call('GET', key)
  same = same and (found[i] or '') == ARGV[3 * i - 2]
end
if not same then
  return found
end
for i, key in ipairs(KEYS) do
  local before, text = ARGV[3 * i - 2], ARGV[3 * i - 1]
  if text ~= before and text == '' then
    redis.call('DEL', key)
  elseif text ~= before then
    redis.call('SET', key, text, 'PX', ARGV[3 * i])
  end
end
return 1
"""
# So many keys in one command: large enough that ten thousand rows take one exchange, and small enough that the server,
# which does one thing at a time, keeps nobody waiting.
_CHUNK = 1000
# What a server says first, and what that means. Its own words may name the user, and a script's repeat a row.
_MEANINGS = (
    ("AuthenticationError|WRONGPASS|NOAUTH|Authentication required", "it refused the user or the password"),
    ("NoPermission|NOPERM", "the user may not use these keys or commands"),
    ("ReadOnlyError|READONLY", "it is a replica, which takes no writes"),
    ("OutOfMemory|OOM", "its memory is full"),
    ("MISCONF", "it takes no writes, since it cannot save them to its disk"),
    ("BusyLoading|LOADING", "it is still reading its data"),
    ("NOREPLICAS", "it takes no writes without its replicas"),
    ("MasterDown|MASTERDOWN", "it is a replica whose primary is away"),
    ("CROSSSLOT|CrossSlot|Moved|MOVED|ClusterDown|CLUSTERDOWN", "it is a cluster, which spreads keys"),
    ("WRONGTYPE", "something else is under one of its keys"),
    ("max number of clients", "it takes no more connections"),
    ("DB index|Invalid Database", "it has no database of that number"),
    ("protected mode", "it takes connections of its own machine only (protected mode)"),
    ("unknown command", "it does not know a command: Redis 6.2 or Valkey 7.2 is needed"),
)


class ServerError(OSError):
    """The server cannot be used. The text says why, in words that hold no user, password or row."""


class Write(NamedTuple):
    """What is to lie under a key: None for nothing. ``seconds``: after how long the server forgets it."""

    text: bytes | None
    seconds: float = 0.0


class Server:
    """A connection. Everything may raise ``ServerError``.

    ``deadline``: the seconds that one exchange may take, with whatever the libraries do for it.
    """

    def __init__(self, login: Login, deadline: float) -> None:
        self._deadline = deadline
        scheme, separator, rest = login.address.partition("://")
        address = scheme.lower() + separator + rest
        options: dict[str, Any] = {
            "socket_timeout": deadline,
            "socket_connect_timeout": deadline,
            # One attempt: a server that does not answer must not hold up the end of an event.
            "retry": Retry(NoBackoff(), 0),
            "username": login.user or None,
            "password": login.password or None,
        }
        if int(redis.__version__.split(".")[0]) >= 5:
            # The newer protocol takes further exchanges to connect, and has nothing that is needed here.
            options["protocol"] = 2
        if address.startswith("rediss://"):
            options.update(_tls(login))
        self._caller = _Caller()
        self._redis = self._call(lambda: redis.Redis.from_url(address, **options), deadline)
        # Connects, and so takes longer than an exchange.
        self._call(self._redis.time, deadline)
        began = time.monotonic()
        seconds, microseconds = self._call(self._redis.time, deadline)
        # The server's clock counts: those of the machines differ, and may be set. It was read in the middle of the
        # exchange.
        self._ahead = seconds + microseconds / 1e6 - (began + time.monotonic()) / 2

    def now(self) -> float:
        """Return the server's time in Unix seconds."""
        return time.monotonic() + self._ahead

    def read(self, keys: list[str]) -> Texts:
        """Return what lies under these keys."""

        def work() -> Texts:
            pipeline = self._redis.pipeline(transaction=False)
            for start in range(0, len(keys), _CHUNK):
                pipeline.mget(keys[start : start + _CHUNK])
            return [text for chunk in pipeline.execute() for text in chunk]

        return self._call(work, self._deadline)

    def update(self, keys: list[str], known: Texts | None, decide: Callable[[Texts], list[Write]]) -> None:
        """Read these keys, and write what ``decide`` returns for each. Nobody else writes between.

        ``known``: what was read of them before, None for nothing; where it is out of date, ``decide`` is called again.
        """
        give_up_at = time.monotonic() + self._deadline
        texts = self.read(keys) if known is None else known
        while True:
            writes = decide(texts)
            left = give_up_at - time.monotonic()
            if left <= 0:
                raise ServerError("others write the same all the time")
            found = self._swap(keys, texts, writes, left)
            if found is None:
                return
            texts = found

    def _swap(self, keys: list[str], texts: Texts, writes: list[Write], seconds: float) -> Texts | None:
        arguments: list[Any] = []
        for before, write in zip(texts, writes):
            arguments += [before or b"", write.text or b"", max(1, int(1000 * write.seconds))]
        found = self._call(lambda: self._redis.eval(_SWAP, len(keys), *keys, *arguments), seconds)
        return found if isinstance(found, list) else None

    def close(self) -> None:
        """Close the connection."""
        try:
            self._call(self._redis.close, self._deadline)
        finally:
            self._caller.close()

    def _call(self, work: Callable[[], Result], seconds: float) -> Result:
        try:
            return self._caller.call(work, seconds)
        except FutureTimeout:
            reason = f"it did not answer within {self._deadline:g} s"
        except Exception as error:  # pylint: disable=broad-except
            reason = _in_other_words(error, self._deadline)
        # Outside of the handlers: what the libraries say would be told as the cause.
        raise ServerError(reason)


def _tls(login: Login) -> dict[str, Any]:
    if not login.verify:
        return {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    options: dict[str, Any] = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if login.ca_path:
        options["ssl_ca_path" if os.path.isdir(login.ca_path) else "ssl_ca_certs"] = login.ca_path
    return options


class _Caller:
    """A thread that calls. Whoever waits for it goes on at the deadline, whatever it is still waiting for.

    The libraries limit each wait for data. They limit neither the look-up of a name nor an exchange as a whole. Python
    does not wait for this thread at the end.
    """

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._has_thread = True
        try:
            threading.Thread(target=self._run, name="ledger", daemon=True).start()
        except RuntimeError:
            # The machine gives no further one: then the libraries' own limits have to do.
            self._has_thread = False

    def call(self, work: Callable[[], Result], seconds: float) -> Result:
        """Return what ``work`` returns. Raises what it raises, and ``FutureTimeout`` after ``seconds``."""
        if not self._has_thread:
            return work()
        done: Future[Result] = Future()
        self._work.put((work, done))
        return done.result(max(0.0, seconds))

    def close(self) -> None:
        """Let the thread end."""
        self._work.put(None)

    def _run(self) -> None:
        for work, done in iter(self._work.get, None):
            try:
                done.set_result(work())
            except BaseException as error:  # pylint: disable=broad-except
                done.set_exception(error)


def _in_other_words(error: BaseException, deadline: float) -> str:
    """Return what an error of the libraries means."""
    # The libraries take the first word off, and put it into the name of the error.
    text = f"{type(error).__name__} {error}"
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, text):
            return meaning
    if isinstance(error, (redis.TimeoutError, socket.timeout)):
        return f"it did not answer within {deadline:g} s"
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "it does not talk TLS, or not one that this machine takes"
    if isinstance(cause, socket.gaierror):
        return "its name cannot be resolved"
    if cause is not None and cause.strerror:
        return f"it cannot be reached: {cause.strerror}"
    if isinstance(error, redis.ConnectionError):
        return "the connection was closed"
    return f"the answer cannot be understood ({type(error).__name__})"


def _cause(error: BaseException | None) -> OSError | None:
    """Return what the operating system or TLS said, where the libraries tell it."""
    while error is not None:
        if isinstance(error, OSError):
            return error
        error = error.__cause__ or error.__context__
    return None
