# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Searches for recorded files, through all pages (reference page "SearchMedia")."""

from __future__ import annotations

import math
import os
import time
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Gone, RefusedForContent, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, each
from ansible_collections.zego.cloud.plugins.module_utils._media import files as _media_files
from ansible_collections.zego.cloud.plugins.module_utils._media.search import Enough, Found, Search

ACTION = "SearchMedia"
# Tencent: at most so many streams or files in one request.
GROUP = 10
PAGE_SIZE = 100
# PageNumber x PageSize + PageSize <= 5000. Whether pages count from 0 or from 1 is not documented: so many can be reached either way.
WINDOW = 4900
LAST_PAGE = 49
KEYS = 1000
_DAY = 86400


class MediaJob:
    """Does a search. ``warn`` takes warnings for the user."""

    def __init__(self, client: ZegoClient, search: Search, warn: Callable[[str], None] = lambda text: None) -> None:
        self._client = client
        self._search = search
        self._warn = warn
        self.found = Found(search)
        self.names: Any = None

    def run(self) -> Found:
        """Search, and return what was found."""
        search = self._search
        if search.vendor in _media_files.KEY_VENDORS:
            self.names = _media_files.KeyNames(search.vendor, search.app, search.streams, search.test_prefix)
            jobs = [self._guarded(search.streams, self._keys())]
        elif search.streams is not None:
            jobs = [self._tencent_group(group) for group in _groups(search.streams)]
        elif search.file_ids is not None:
            jobs = [self._tencent_ids(group) for group in _groups(search.file_ids)]
        else:
            jobs = [self._guarded(None, self._tencent([]))]
        each(self._client, jobs)
        return self.found

    def _guarded(self, streams: list[str] | None, work: Job[None]) -> Job[None]:
        """Do ``work``, which finds the files of ``streams``, and keep what went wrong."""
        try:
            yield from work
        except Enough:
            return
        except ZegoError as error:
            self.found.fail(error, streams)
            return
        self.found.settle(streams)

    def _page(self, parameters: list[tuple[str, Any]]) -> Job[_media_files.Page]:
        self.found.check_limit()
        search = self._search
        try:
            reply = yield Call(ACTION, [*search.common, ("Vendor", search.vendor), *parameters])
        except Gone:
            return _media_files.Page([])
        page = _media_files.parse(search.vendor, reply.data)
        if page is None:
            raise ZegoError(
                "the reply has no list of files",
                "Run it again; if it stays, give ZEGO's support the request id.",
                None,
                reply.request_id,
            )
        return page

    def _tencent_group(self, streams: list[str]) -> Job[None]:
        """Ask for up to ten streams at once; where there are files, for each alone, since no reply tells whose they are."""
        if len(streams) == 1:
            yield from self._guarded(streams, self._tencent([("StreamId[]", streams[0])], streams[0]))
            return
        try:
            page = yield from self._page(
                self._times() + self._prefix() + [("StreamId[]", name) for name in streams] + [("PageSize", 1)]
            )
            known_empty = not page.total
        except Enough:
            return
        except RefusedForContent:
            known_empty = False
        except ZegoError as error:
            self.found.fail(error, streams)
            return
        if known_empty:
            self.found.settle(streams)
            return
        for stream in streams:
            yield from self._tencent_group([stream])

    def _tencent_ids(self, file_ids: list[str]) -> Job[None]:
        """Ask for up to ten files at once; where something in that is refused, for each alone: one bad id must not hide nine good files."""
        try:
            yield from self._tencent([("FileId[]", name) for name in file_ids])
        except Enough:
            return
        except ZegoError as error:
            if len(file_ids) == 1 or not isinstance(error, RefusedForContent):
                self.found.fail(
                    error,
                    None,
                    f"file {file_ids[0]}" if len(file_ids) == 1 else f"{len(file_ids)} files from {file_ids[0]} on",
                )
                return
            for file_id in file_ids:
                yield from self._tencent_ids([file_id])

    def _times(self, since: float | None = None, until: float | None = None) -> list[tuple[str, Any]]:
        since = self._search.since if since is None else since
        until = self._search.until if until is None else until
        given = {
            "StartTime": None if since is None else math.floor(since),
            "EndTime": None if until is None else math.ceil(until),
        }
        return [(name, value) for name, value in given.items() if value is not None]

    def _prefix(self) -> list[tuple[str, Any]]:
        return [("NamePrefix", self._search.name_prefix)] if self._search.name_prefix else []

    def _tencent(
        self,
        parameters: list[tuple[str, Any]],
        stream: str | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> Job[None]:
        """Take all files of one question; where they are more than the API lists, ask for each half of the time by itself."""
        asked = [*parameters, *self._prefix(), *self._times(since, until), ("PageSize", PAGE_SIZE)]
        page = yield from self._page(asked)
        if page.total <= WINDOW:
            yield from self._tencent_pages(asked, page, stream)
            return
        start = math.floor(since if since is not None else self._search.since or 0)
        end = math.ceil(until if until is not None else self._search.until or time.time() + _DAY)
        if end - start <= 1:
            yield from self._tencent_pages(asked, page, stream)
            return
        # These may be all that a limit asks for.
        self.found.add(_of(stream, page.files))
        middle = (start + end) // 2
        yield from self._tencent(parameters, stream, start, middle)
        yield from self._tencent(parameters, stream, middle, end)

    def _tencent_pages(self, asked: list[tuple[str, Any]], page: _media_files.Page, stream: str | None) -> Job[None]:
        seen: set[Any] = set()
        # The first page came without a number. Page 1 is the second one, or the first again, as the API counts.
        for number in (*range(1, LAST_PAGE + 1), None):
            files = _of(stream, page.files)
            fresh = {(file.get("file_id"), file.get("url")) for file in files} - seen
            seen |= fresh
            self.found.add(files)
            if number is None or len(seen) >= page.total or not page.files or not fresh and number > 2:
                break
            page = yield from self._page([*asked, ("PageNumber", number)])
        if len(seen) < page.total:
            self.found.complete = False
            self._warn(f"{ACTION} counted {page.total} files, and listed {len(seen)} of them.")

    def _keys(self) -> Job[None]:
        """Take all keys, one page after the other."""
        search = self._search
        start = os.path.commonprefix(search.streams or [""])
        prefix = search.name_prefix or (
            "" if search.test_prefix else _media_files.key_prefix(search.vendor, search.app, start)
        )
        given = [("NamePrefix", prefix)] if prefix else []
        marker, markers = "", set()
        while True:
            page = yield from self._page([*given, ("MaxKeys", KEYS)] + ([("Marker", marker)] if marker else []))
            self.found.add([file for file in map(self._with_stream, page.files) if file])
            marker = page.marker
            if not marker:
                return
            if marker in markers:
                raise ZegoError(
                    "the API sent the same marker twice, so the list of files does not end",
                    "Narrow the search with name_prefix.",
                )
            markers.add(marker)

    def _with_stream(self, file: dict[str, Any]) -> dict[str, Any] | None:
        stream = self.names.stream_of(file.get("name", ""))
        if stream is None:
            return file if self._search.streams is None else None
        return {"stream_id": stream, **file}


def _of(stream: str | None, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files with their stream, where it is known."""
    return files if stream is None else [{"stream_id": stream, **file} for file in files]


def _groups(names: list[str]) -> list[list[str]]:
    return [names[start : start + GROUP] for start in range(0, len(names), GROUP)]
