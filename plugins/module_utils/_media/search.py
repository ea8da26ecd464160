# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A search for recorded files: what goes in, and what is found meanwhile."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times, _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import BadName, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._values import printable

# Reference page "SearchMedia": the largest NamePrefix, stated without naming a vendor.
PREFIX_BYTES = 20

# How far the files of one stream are known.
NOT_ASKED = "not_asked"  # the limit was reached first
COMPLETE = "complete"
FAILED = "failed"


class Search(NamedTuple):
    """What is searched for.

    ``streams`` and ``file_ids``: None for any; ``since`` and ``until``: Unix seconds; ``refused``: why no request can
    carry some of the streams or files, by name.
    """

    vendor: str
    streams: list[str] | None = None
    file_ids: list[str] | None = None
    app: str | None = None
    name_prefix: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int | None = None
    environment: Environment = PRODUCTION
    refused: dict[str, str] = {}

    def sent(self, names: list[str] | None) -> list[str] | None:
        """Return those of the names that a request can carry, None for any."""
        return None if names is None else [name for name in names if name not in self.refused]


def sent_prefix(prefix: str) -> str:
    """Return as much of a prefix as the API takes: 20 bytes, and no part of a character. The rest is filtered here."""
    return prefix.encode("utf-8")[:PREFIX_BYTES].decode("utf-8", "ignore")


class LimitReached(Exception):
    """There are as many files as the user wants."""


class Findings:
    """The files found so far, each once, and what went wrong."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._files: dict[Any, dict[str, Any]] = {}
        self._by_stream: dict[str | None, list[dict[str, Any]]] = {}
        self.complete = True
        # What went wrong, each with what was asked for ('' for all there is).
        self.errors: list[tuple[str, ZegoError]] = []
        self.states: dict[str, str] = dict.fromkeys(search.streams or (), NOT_ASKED)
        self.stream_errors: dict[str, ZegoError] = {}
        # Of these the API counted more files than it listed (None: of a search without streams).
        self.short: set[str | None] = set()
        # How many keys may or may not be a stream's, see ``KeyNames``.
        self.doubtful: Counter[str] = Counter()
        for name, problem in search.refused.items():
            error = BadName(problem.rstrip("."), "It was not sent.")
            if search.streams is None:
                self.fail(error, None, f"file {printable(name)}")
            else:
                self.fail(error, [name])

    def add(self, files: list[dict[str, Any]]) -> None:
        """Take the files that were created at the time wanted, and have the name wanted."""
        for file in files:
            if self._is_in_time(file) and self._has_prefix(file):
                # A file may come twice: page 1 can be the first page again, and two halves of a span share a moment.
                identity = (file.get("file_id") or file.get("name"), file.get("url"))
                if identity not in self._files:
                    self._files[identity] = file
                    self._by_stream.setdefault(file.get("stream_id"), []).append(file)

    def _is_in_time(self, file: dict[str, Any]) -> bool:
        created = _times.parse(file.get("created"))
        # A file whose time cannot be read is shown rather than hidden.
        if created is None:
            return True
        since, until = self._search.since, self._search.until
        if until is not None and created >= until:
            return False
        if since is None:
            return True
        # Tencent and Ws state whole seconds, so the file may be up to a second younger. Huawei states milliseconds.
        return created >= (math.floor(since) if created.is_integer() else since)

    def _has_prefix(self, file: dict[str, Any]) -> bool:
        prefix = self._search.name_prefix or ""
        # What the API was asked for in full, it has filtered itself.
        return prefix == sent_prefix(prefix) or file.get("name", "").startswith(prefix)

    def check_limit(self) -> None:
        """Raise ``LimitReached`` if there are as many files as the user wants."""
        if self._search.limit is not None and len(self._files) >= self._search.limit:
            self.complete = False
            raise LimitReached

    def fail(self, error: ZegoError, streams: list[str] | None, what: str = "") -> None:
        """A request failed for good.

        ``streams``: those it was for; ``what``: names what it was for where that is no stream.
        """
        self.errors.append((what, error))
        self.complete = False
        self.states.update(dict.fromkeys(streams or (), FAILED))
        self.stream_errors.update(dict.fromkeys(streams or (), error))

    def fall_short(self, stream: str | None) -> None:
        """The API counted more files of this stream than it listed."""
        self.short.add(stream)
        self.complete = False

    def settle(self, streams: list[str] | None) -> None:
        """All files of these streams are known."""
        self.states.update(dict.fromkeys(streams or (), COMPLETE))

    def adopt(self, stream: str, other: Findings) -> None:
        """Take over all that another search found of this stream."""
        self.add(other.files_of(stream))
        self.states[stream] = other.states[stream]
        if stream in other.stream_errors:
            self.fail(other.stream_errors[stream], [stream])
        if stream in other.short:
            self.fall_short(stream)
        if other.doubtful[stream]:
            self.doubtful[stream] = other.doubtful[stream]

    def files_of(self, stream: str) -> list[dict[str, Any]]:
        """Return the files of one stream, in no order."""
        return list(self._by_stream.get(stream, ()))

    def files(self) -> list[dict[str, Any]]:
        """Return the files, oldest first, no more than the limit."""
        files = sorted(self._files.values(), key=_age)
        limit = self._search.limit
        if limit is not None and len(files) > limit:
            self.complete = False
        return files[:limit]


def _age(file: dict[str, Any]) -> tuple[float, str, str]:
    """Return the sort key of a file: its time as a number. As text, ``49.500Z`` would come before ``49Z``."""
    created = _times.parse(file.get("created"))
    return (math.inf if created is None else created, file.get("name") or "", file.get("file_id") or "")


def make_search(params: dict[str, Any], environment: Environment) -> Search:
    """Return the search that the module's parameters describe. Raises ``ValueError`` with a sentence for the user."""
    vendor = params["vendor"]
    _check_together(params, vendor)
    streams, refused = _names("streams", params["streams"], exact=params["exact_names"])
    file_ids, refused_ids = _names("file_ids", params["file_ids"])
    for option in ("app", "name_prefix"):
        if params[option] is not None:
            _validation.check_word(option, params[option])
    since, until = _moment("since", params["since"]), _moment("until", params["until"])
    if since is not None and until is not None and since >= until:
        raise ValueError("since must be earlier than until.")
    if params["limit"] is not None and params["limit"] < 1:
        raise ValueError(f"limit must be 1 or more, not {params['limit']}.")
    return Search(
        vendor,
        streams=streams,
        file_ids=file_ids,
        app=params["app"],
        name_prefix=params["name_prefix"],
        since=since,
        until=until,
        limit=params["limit"],
        environment=environment,
        refused={**refused, **refused_ids},
    )


def _check_together(params: dict[str, Any], vendor: str) -> None:
    if vendor == "Aliyun":
        raise ValueError(
            "vendor Aliyun: the API has no search for its recorded files "
            "(SearchMedia knows Tencent, Ws and Huawei only)."
        )
    if params["file_ids"] is not None and vendor != "Tencent":
        raise ValueError(f"file_ids applies to vendor Tencent only, not to {vendor}.")
    if params["file_ids"] is not None and params["streams"] is not None:
        raise ValueError("streams and file_ids cannot be combined.")
    if params["app"] is not None and vendor == "Tencent":
        raise ValueError("app applies to the vendors Ws and Huawei only, not to Tencent.")


def _names(option: str, names: list[str] | None, *, exact: bool = False) -> tuple[list[str] | None, dict[str, str]]:
    return (None, {}) if names is None else _validation.sort_names(option, names, exact=exact)


def _moment(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    seconds = _times.parse(text)
    if seconds is None:
        raise ValueError(
            f"{option} {text[:64]!r} is neither Unix seconds nor an ISO 8601 time such as 2026-05-01T18:00:00Z."
        )
    return seconds
