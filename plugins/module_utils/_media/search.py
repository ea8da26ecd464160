# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A search for recorded files, and what was found: what goes in, what is kept meanwhile, what comes out."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _result as _items
from ansible_collections.zego.cloud.plugins.module_utils import _times, _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._result import named

# Reference page "SearchMedia": Tencent's NamePrefix.
PREFIX_BYTES = 20


class Search(NamedTuple):
    """What is searched for. ``streams`` and ``file_ids``: None for any; ``since`` and ``until``: Unix seconds; ``common``: for every action."""

    vendor: str
    streams: list[str] | None = None
    file_ids: list[str] | None = None
    app: str | None = None
    name_prefix: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int | None = None
    common: tuple[tuple[str, Any], ...] = ()
    test_prefix: str = ""


class Enough(Exception):
    """The limit is reached."""


class Found:
    """The files found so far, each once, and what went wrong. Safe under several threads."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._files: dict[Any, dict[str, Any]] = {}
        self.complete = True
        # What went wrong, each with what was asked for ('' for all there is).
        self.errors: list[tuple[str, ZegoError]] = []
        # What became of each stream: None where the limit kept it from being asked for, True where all is known of it.
        self.streams: dict[str, Any] = dict.fromkeys(search.streams or ())

    def add(self, files: list[dict[str, Any]]) -> None:
        """Take the files that were created at the time wanted."""
        for file in files:
            if self._is_in_time(file):
                self._files.setdefault((file.get("file_id") or file.get("name"), file.get("url")), file)

    def _is_in_time(self, file: dict[str, Any]) -> bool:
        created = _times.parse(file.get("created"))
        if created is None:
            return True
        since, until = self._search.since, self._search.until
        # Tencent and Ws tell whole seconds, and a file of such a second may be later than its time says. Huawei tells milliseconds.
        earliest = None if since is None else math.floor(since) if created.is_integer() else since
        return (earliest is None or created >= earliest) and (until is None or created < until)

    def check_limit(self) -> None:
        """Raise ``Enough`` where the limit is reached."""
        if self._search.limit is not None and len(self._files) >= self._search.limit:
            self.complete = False
            raise Enough

    def fail(self, error: ZegoError, streams: list[str] | None, what: str = "") -> None:
        """A request failed for good; ``streams``: those it was for; ``what``: names what it was for where that is no stream."""
        self.errors.append((what, error))
        self.complete = False
        self.streams.update(dict.fromkeys(streams or (), error))

    def settle(self, streams: list[str] | None) -> None:
        """All is known of these streams."""
        self.streams.update(dict.fromkeys(streams or (), True))

    def files(self) -> list[dict[str, Any]]:
        """Return the files, oldest first, no more than the limit."""
        files = sorted(self._files.values(), key=_age)
        limit = self._search.limit
        if limit is not None and len(files) > limit:
            self.complete = False
        return files[:limit]


def _age(file: dict[str, Any]) -> tuple[float, str, str]:
    """Return what sorts a file: by its time, and not by the text of it, in which ``49.500Z`` comes before ``49Z``."""
    created = _times.parse(file.get("created"))
    return (math.inf if created is None else created, file.get("name") or "", file.get("file_id") or "")


def make_search(params: dict[str, Any], common: list[tuple[str, Any]]) -> Search:
    """Return the search that the module's parameters describe. Raises ``ValueError`` with a sentence for the user."""
    vendor = params["vendor"]
    if vendor == "Aliyun":
        raise ValueError(
            "vendor Aliyun: the API has no search for its recorded files (SearchMedia knows Tencent, Ws and Huawei only)."
        )
    _check_together(params, vendor)
    streams, file_ids = (
        None if params[option] is None else _validation.check_names(option, params[option])
        for option in ("streams", "file_ids")
    )
    for option in ("app", "name_prefix"):
        if params[option] is not None:
            _validation.check_name(option, params[option])
    if vendor == "Tencent":
        _validation.check_size("name_prefix (vendor Tencent)", params["name_prefix"] or "", PREFIX_BYTES)
    since, until = _moment("since", params["since"]), _moment("until", params["until"])
    if since is not None and until is not None and since >= until:
        raise ValueError("since must be earlier than until.")
    if params["limit"] is not None and params["limit"] < 1:
        raise ValueError(f"limit must be 1 or more, not {params['limit']}.")
    prefix = f"zegotest-{params['app_id']}-" if params["is_test"] else ""
    return Search(
        vendor,
        streams,
        file_ids,
        params["app"],
        params["name_prefix"],
        since,
        until,
        params["limit"],
        tuple(common),
        prefix,
    )


def _check_together(params: dict[str, Any], vendor: str) -> None:
    if params["file_ids"] is not None and vendor != "Tencent":
        raise ValueError(f"file_ids applies to vendor Tencent only, not to {vendor}.")
    if params["file_ids"] is not None and params["streams"] is not None:
        raise ValueError("streams and file_ids cannot be combined.")
    if params["app"] is not None and vendor == "Tencent":
        raise ValueError("app applies to the vendors Ws and Huawei only, not to Tencent.")


def _moment(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    seconds = _times.parse(text)
    if seconds is None:
        raise ValueError(
            f"{option} {text[:64]!r} is neither Unix seconds nor an ISO 8601 time such as 2026-05-01T18:00:00Z."
        )
    return seconds


def _stream_entries(
    search: Search, found: Found, files: list[dict[str, Any]], doubtful: dict[str, int]
) -> list[dict[str, Any]]:
    counts = Counter(file.get("stream_id") for file in files)
    entries = []
    for stream, state in found.streams.items():
        entry = {"stream_id": stream, "failed": isinstance(state, ZegoError)}
        if state is True:
            entry["files"] = counts[stream]
        elif state is None:
            entry["message"] = "not asked for to the end, since the limit was reached."
        else:
            entry.update(_items.facts_of(state))
        if doubtful.get(stream) and state is True:
            entry["message"] = (
                f"{doubtful[stream]} further keys end with this name. They belong to other streams, unless the name of the application has a dash: "
                "say so in app if it does."
            )
        entries.append(entry)
    return entries


def result(search: Search, found: Found, doubtful: dict[str, int], api_requests: int) -> dict[str, Any]:
    """Return the result of the task. ``doubtful``: see ``KeyNames``."""
    files = found.files()
    entries = _stream_entries(search, found, files, doubtful)
    lines = [f"{entry['stream_id']}: {entry['message']}" for entry in entries if entry["failed"]]
    lines = lines or [
        ": ".join(filter(None, (what, _items.facts_of(error)["message"]))) for what, error in found.errors
    ]
    whole = "" if found.complete else ", and there may be more"
    returned = {
        "changed": False,
        "failed": bool(lines),
        "msg": f"{search.vendor}: {len(files)} recorded files{whole}. {named(lines)}".strip(),
        "files": files,
        "complete": found.complete,
        "summary": {"files": len(files), "bytes": sum(file.get("size", 0) for file in files), "failed": len(lines)},
        "api_requests": api_requests,
    }
    return {**returned, "streams": entries} if search.streams is not None else returned
