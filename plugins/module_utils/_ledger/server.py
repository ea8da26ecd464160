# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection to a Redis or Valkey server that several machines share."""

from __future__ import annotations

import os
import time
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login

redis: Any
try:
    import redis
except ImportError:
    # Optional: a ledger in a file needs none of it.
    redis = None


class Server:
    """A connection. Everything may raise ``redis.RedisError`` or ``OSError``.

    ``deadline``: the seconds that one exchange may take.
    """

    def __init__(self, login: Login, deadline: float) -> None:
        self._deadline = deadline
        options: dict[str, Any] = {
            "socket_timeout": deadline,
            "socket_connect_timeout": deadline,
            # One attempt: a server that does not answer must not hold up the end of an event.
            "retry_on_timeout": False,
            "username": login.user or None,
            "password": login.password or None,
        }
        if login.address.startswith("rediss://"):
            options.update(_tls(login))
        self._redis = redis.Redis.from_url(login.address, **options)
        began = time.time()
        seconds, microseconds = self._redis.time()
        # The server's clock counts: those of the machines differ. It was read in the middle of the exchange.
        self._ahead = seconds + microseconds / 1e6 - (began + time.time()) / 2

    def now(self) -> float:
        """Return the server's time in Unix seconds."""
        return time.time() + self._ahead

    def pipeline(self, transaction: bool) -> Any:
        """Return a pipeline of commands, which go in one exchange."""
        return self._redis.pipeline(transaction=transaction)

    def transaction(self, change: Callable[[Any], None], keys: list[str]) -> None:
        """Read and write in one: ``change`` reads from a pipeline, calls its ``multi()``, and queues what to write.

        It is called again where somebody else has written to ``keys`` between, until the deadline.
        """
        give_up_at = time.monotonic() + self._deadline
        with self._redis.pipeline(transaction=True) as pipeline:
            while True:
                try:
                    pipeline.watch(*keys)
                    change(pipeline)
                    pipeline.execute()
                    return
                except redis.WatchError:
                    if time.monotonic() >= give_up_at:
                        raise

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()


def _tls(login: Login) -> dict[str, Any]:
    if not login.verify:
        return {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    options: dict[str, Any] = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if login.ca_path:
        options["ssl_ca_path" if os.path.isdir(login.ca_path) else "ssl_ca_certs"] = login.ca_path
    return options
