# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks for recorded files again and again, and spools each that is new."""

from __future__ import annotations

import time
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.hosts import REGIONS
from ansible_collections.zego.cloud.plugins.module_utils._connection import Connection
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import (
    DEFAULT_LEDGER,
    Login,
    check_ledger,
    is_server,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.boards import open_board
from ansible_collections.zego.cloud.plugins.module_utils._media.job import ACTION, MediaJob
from ansible_collections.zego.cloud.plugins.module_utils._media.search import Findings, Search, make_search
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.events import Event, file_event
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.options import SPOOL
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import FULL, NEW, Spool

# The vendors whose files the API can search for.
VENDORS = ("Tencent", "Ws", "Huawei")
CONNECTION: dict[str, dict[str, Any]] = {
    "app_id": {"type": "int", "required": True, "env": "ZEGO_APP_ID"},
    "server_secret": {"type": "str", "required": True, "env": "ZEGO_SERVER_SECRET"},
    "region": {"type": "str", "default": "global", "choices": list(REGIONS), "env": "ZEGO_REGION"},
    "api_url": {"type": "str", "env": "ZEGO_API_URL"},
    "api_user": {"type": "str", "env": "ZEGO_API_USER"},
    "api_password": {"type": "str", "env": "ZEGO_API_PASSWORD"},
    "ledger": {"type": "str", "default": DEFAULT_LEDGER, "env": "ZEGO_LEDGER"},
    "ledger_user": {"type": "str", "env": "ZEGO_LEDGER_USER"},
    "ledger_password": {"type": "str", "env": "ZEGO_LEDGER_PASSWORD"},
    "is_test": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 4},
    "requests_per_second": {"type": "float", "default": 5},
    "rate_limit_timeout": {"type": "float", "default": 120},
}
SPEC: dict[str, dict[str, Any]] = {
    **CONNECTION,
    "vendor": {"type": "str", "required": True, "choices": list(VENDORS)},
    "streams": {"type": "list"},
    "app": {"type": "str"},
    "name_prefix": {"type": "str"},
    "since": {"type": "str"},
    "interval": {"type": "float", "default": 60, "least": 1, "most": 86400},
    "overlap": {"type": "float", "default": 3600, "least": 60, "most": 30 * 86400},
    **SPOOL,
}


class Round(NamedTuple):
    """What one search came to: how many events are new, whether some found no room, and what went wrong."""

    new: int
    full: bool
    error: ZegoError | None


class Poller:
    """Searches for one vendor's files. Only one thread at a time may use it.

    ``options``: as ``SPEC`` has them; ``warn`` takes what the user should know, each sentence once.
    """

    def __init__(
        self,
        options: dict[str, Any],
        spool: Spool,
        owner: int,
        warn: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._options = options
        self._spool = spool
        self._owner = owner
        self._warn = warn
        self._clock = clock
        self._warned: set[str] = set()
        self._connection = Connection(options, (options["ledger_password"] or "",))
        self._connection.check()
        self._client: Any = None
        self._over = False
        self._search = make_search(
            {**options, "file_ids": None, "until": None, "limit": None, "exact_names": False},
            environment_of(options["app_id"], options["is_test"]),
        )
        if self._search.refused:
            raise ValueError(next(iter(self._search.refused.values())))
        # Another search must not begin where this one ended.
        parts = (options["app_id"], options["vendor"], options["streams"], options["app"], options["name_prefix"])
        self._name = repr(parts)

    @staticmethod
    def check(options: dict[str, Any]) -> None:
        """Refuse options that no request can carry. Raises ``ValueError`` with a sentence."""
        Connection(options).check()
        check_ledger(options["ledger"])
        if is_server(options["ledger"]) and not _has_redis():
            raise ValueError(
                "the Python library redis, for a ledger on a server, is missing where ansible-rulebook runs"
            )

    def stop(self) -> None:
        """End the search under way early. Safe from another thread."""
        self._over = True
        client = self._client
        if client is not None:
            client.interrupt("the end of the rulebook")

    def poll(self) -> Round:
        """Make one search; spool what is new."""
        began = self._clock()
        # Where the engine keeps the spool full, the next search looks from here again.
        since = self._since(began)
        findings = self._look(self._search._replace(since=since))
        events = [event for event in map(self._event, findings.files()) if event is not None]
        results = self._spool.add_all(self._owner, events, self._options["max_pending"])
        error = findings.errors[0][1] if findings.errors else None
        full = FULL in results
        if findings.complete and not full:
            self._spool.end_search(self._name, began)
        self._spool.prune(max(self._options["keep_days"], self._options["overlap"] / 86400 + 1))
        return Round(results.count(NEW), full, error)

    def _since(self, now: float) -> float:
        """Return the time from which files are looked for: a file can be listed long after it was made."""
        start = now if self._search.since is None else self._search.since
        first, done = self._spool.begin_search(self._name, start)
        return first if done is None else max(first, min(done, now) - self._options["overlap"])

    def _look(self, search: Search) -> Findings:
        if self._client is None or self._client.halted is not None:
            self._client = self._connection.client(ACTION, warn=self._warn_once)
        if self._over:
            self._client.interrupt("the end of the rulebook")
        # Anew for each search: a server may have been away meanwhile, and a file may have been replaced.
        board = self._board()
        self._client.gate.share(board)
        try:
            return MediaJob(self._client, search, self._warn_once).search()
        finally:
            self._client.gate.share(None)
            if board is not None:
                board.close()

    def _board(self) -> Board | None:
        """Return where the pace of searches is shared with the other runs of this quota."""
        options = self._options
        login = Login(options["ledger"])
        if is_server(options["ledger"]):
            user, password = options["ledger_user"] or "", options["ledger_password"] or ""
            login = login._replace(user=user, password=password)
            login = login._replace(verify=options["validate_certs"], ca_path=options["ca_path"] or "")
        return open_board(login, options["app_id"], f"{self._connection.scope()} {ACTION}", self._warn_once)

    def _event(self, file: dict[str, Any]) -> Event | None:
        try:
            options = self._options
            return file_event(options["app_id"], options["vendor"], file.get("stream_id"), file)
        except ValueError as error:
            shown = file.get("file_id") or file.get("name") or "a file"
            self._warn_once(f"No event for {_shown(str(shown))}: {error}.")
            return None

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warn(text)


def _has_redis() -> bool:
    # Imported here: a ledger in a file needs nothing of it.
    from ansible_collections.zego.cloud.plugins.module_utils._ledger import server

    return server.redis is not None


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:120]
