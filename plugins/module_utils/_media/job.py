# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Searches for recorded files, through all pages (reference page "SearchMedia")."""

from __future__ import annotations

import math
import os
import time
from functools import partial
from typing import Any, Callable, Iterator

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import Gone, RefusedForContent, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import Call, Job, run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._media.files import (
    KEY_VENDORS,
    KeyNames,
    Page,
    key_prefix,
    page_of_reply,
)
from ansible_collections.zego.cloud.plugins.module_utils._media.search import (
    Findings,
    LimitReached,
    Search,
    sent_prefix,
)

ACTION = "SearchMedia"
# Tencent: at most so many streams or files in one request.
GROUP = 10
PAGE_SIZE = 100
# PageNumber x PageSize + PageSize <= 5000. No document says whether pages count from 0 or from 1: this many files can
# be reached either way.
WINDOW = 4900
LAST_PAGE = 49
# The largest MaxKeys that the reference allows.
KEYS = 1000
_DAY = 86400
_NARROW = "Narrow the search with since, until or name_prefix; if it persists, give ZEGO's support the request id."


class MediaJob:
    """Does a search. ``warn`` takes warnings for the user.

    ``findings`` holds what was found; ``names`` reads streams out of keys, None at vendors without keys.
    """

    def __init__(self, client: ZegoClient, search: Search, warn: Callable[[str], None] = lambda text: None) -> None:
        self._client = client
        self._search = search
        self._warn = warn
        self._streams = search.sent(search.streams)
        self.findings = Findings(search)
        self.names: KeyNames | None = None
        if search.vendor in KEY_VENDORS:
            self.names = KeyNames(search.vendor, search.app, self._streams, environment=search.environment)
            self.findings.doubtful = self.names.doubtful

    def search(self) -> Findings:
        """Search, and return what was found."""
        names, streams = self.names, self._streams
        file_ids = self._search.sent(self._search.file_ids)
        if streams == [] or file_ids == []:
            # Without any name, a request would ask for everything.
            return self.findings
        # The streams of each job, None where it is not for streams.
        groups: list[list[str] | None] = [streams]
        if names is not None:
            jobs = [lambda: self._guarded(streams, self._all_keys(names))]
        elif streams is not None:
            groups = [*_groups(streams)]
            jobs = [partial(self._tencent_streams, group) for group in _groups(streams)]
        elif file_ids is not None:
            groups = [None for _group in _groups(file_ids)]
            jobs = [partial(self._tencent_ids, group) for group in _groups(file_ids)]
        else:
            jobs = [lambda: self._guarded(None, self._tencent([]))]
        run_jobs(self._client, jobs, lambda number, error: self.findings.fail(error, groups[number]))
        return self.findings

    def _guarded(self, streams: list[str] | None, work: Job[None]) -> Job[None]:
        """Do ``work``, which finds the files of ``streams``, and keep what went wrong."""
        try:
            yield from work
        except LimitReached:
            return
        except ZegoError as error:
            self.findings.fail(error, streams)
            return
        self.findings.settle(streams)

    def _page(self, parameters: Parameters) -> Job[Page]:
        self.findings.check_limit()
        search = self._search
        try:
            reply = yield Call(ACTION, [*search.environment.parameters, ("Vendor", search.vendor), *parameters])
        except Gone:
            # 41003, 'file does not exist', is an answer: there are none.
            return Page([])
        page = page_of_reply(search.vendor, reply.data)
        if page is None:
            advice = "Run it again; if it persists, give ZEGO's support the request id."
            raise ZegoError("the reply has no list of files", advice, request_id=reply.request_id)
        return page

    def _tencent_streams(self, streams: list[str]) -> Job[None]:
        """Ask for up to ten streams at once. If there are files, ask for each stream: no reply says whose they are."""
        if len(streams) > 1:
            try:
                if (yield from self._have_no_files(streams)):
                    self.findings.settle(streams)
                    return
            except LimitReached:
                return
            except ZegoError as error:
                self.findings.fail(error, streams)
                return
        for stream in streams:
            yield from self._guarded([stream], self._tencent([("StreamId[]", stream)], stream))

    def _have_no_files(self, streams: list[str]) -> Job[bool]:
        names = [("StreamId[]", stream) for stream in streams]
        try:
            # One file is enough: only the total counts here.
            page = yield from self._page([*self._times(), *self._name_prefix(), *names, ("PageSize", 1)])
        except RefusedForContent:
            # One of the names is refused: asked for alone, the others are not.
            return False
        return not page.total

    def _tencent_ids(self, file_ids: list[str]) -> Job[None]:
        """Ask for up to ten files at once; if that is refused, for each alone: one bad id must not hide good files."""
        try:
            yield from self._tencent([("FileId[]", file_id) for file_id in file_ids])
        except LimitReached:
            return
        except RefusedForContent as error:
            if len(file_ids) == 1:
                self.findings.fail(error, None, f"file {file_ids[0]}")
                return
            for file_id in file_ids:
                yield from self._tencent_ids([file_id])
        except ZegoError as error:
            several = f"{len(file_ids)} files from {file_ids[0]} on"
            self.findings.fail(error, None, f"file {file_ids[0]}" if len(file_ids) == 1 else several)

    def _times(self, since: float | None = None, until: float | None = None) -> Parameters:
        """Return the parameters of a span of time, by default the one that the user wants."""
        since = self._search.since if since is None else since
        until = self._search.until if until is None else until
        parameters: Parameters = []
        # The API takes whole seconds. Round outwards: Findings leaves out what was created outside of the span.
        if since is not None:
            parameters.append(("StartTime", math.floor(since)))
        if until is not None:
            parameters.append(("EndTime", math.ceil(until)))
        return parameters

    def _name_prefix(self) -> Parameters:
        prefix = sent_prefix(self._search.name_prefix or "")
        return [("NamePrefix", prefix)] if prefix else []

    def _tencent(
        self,
        parameters: Parameters,
        stream: str | None = None,
        *,
        since: float | None = None,
        until: float | None = None,
        halvings: Iterator[int] | None = None,
    ) -> Job[None]:
        """Take all files that match. If they are more than the API lists, ask for each half of the time separately.

        ``halvings``: so many more may come, None where this is the first.
        """
        query = [*parameters, *self._name_prefix(), *self._times(since, until), ("PageSize", PAGE_SIZE)]
        page = yield from self._page(query)
        if page.total <= WINDOW:
            yield from self._tencent_pages(query, page, stream)
            return
        start = math.floor(since if since is not None else self._search.since or 0)
        end = math.ceil(until if until is not None else self._search.until or time.time() + _DAY)
        # The API takes whole seconds, so this span cannot be halved. What it does not list is reported as missing.
        if end - start <= 1:
            yield from self._tencent_pages(query, page, stream)
            return
        if halvings is None:
            # At each depth, no more spans than this can hold too many files. An API that counts more of them in the
            # parts than in the whole would never come to an end.
            halvings = iter(range((page.total // WINDOW + 1) * (end - start).bit_length()))
        if next(halvings, None) is None:
            raise ZegoError("the API counts more files in parts of the time than in the whole", _NARROW)
        # These may be all that a limit asks for.
        self.findings.add(_of_stream(stream, page.files))
        middle = (start + end) // 2
        yield from self._tencent(parameters, stream, since=start, until=middle, halvings=halvings)
        yield from self._tencent(parameters, stream, since=middle, until=end, halvings=halvings)

    def _tencent_pages(self, query: Parameters, page: Page, stream: str | None) -> Job[None]:
        seen: set[Any] = set()
        # The first page came without a number. No document says whether pages count from 0 or from 1, so page 1 is the
        # second one, or the first one again. None: no page is left to ask for.
        for number in (*range(1, LAST_PAGE + 1), None):
            files = _of_stream(stream, page.files)
            before = len(seen)
            seen.update((file.get("file_id"), file.get("url")) for file in files)
            self.findings.add(files)
            # Page 1 may be the first one again; a later page without anything new is the end.
            nothing_new = len(seen) == before and number is not None and number > 2
            if number is None or len(seen) >= page.total or not page.files or nothing_new:
                break
            page = yield from self._page([*query, ("PageNumber", number)])
        if len(seen) < page.total:
            self.findings.fall_short(stream)
            self._warn(f"{ACTION} counted {page.total} files, and listed {len(seen)} of them.")

    def _all_keys(self, names: KeyNames) -> Job[None]:
        """Take all keys, one page after the other."""
        prefix = sent_prefix(self._key_prefix())
        query: Parameters = [("NamePrefix", prefix)] if prefix else []
        query.append(("MaxKeys", KEYS))
        marker, markers = "", set()
        seen: set[Any] = set()
        while True:
            page = yield from self._page([*query, ("Marker", marker)] if marker else query)
            before = len(seen)
            seen.update(file.get("name") for file in page.files)
            self.findings.add(list(filter(None, (self._with_stream(names, file) for file in page.files))))
            marker = page.marker
            if not marker:
                return
            if marker in markers:
                raise ZegoError("the API sent the same marker twice, so the list of files does not end", _NARROW)
            # A new marker on each page, and nothing new on it, would go on for ever.
            if len(seen) == before:
                raise ZegoError("the API sent a page without any new file, and a marker for a further one", _NARROW)
            markers.add(marker)

    def _key_prefix(self) -> str:
        """Return what all keys that matter begin with, as far as it is known."""
        search = self._search
        if search.name_prefix:
            return search.name_prefix
        # The test environment's prefix may or may not be in the keys.
        if search.environment.stream_prefix:
            return ""
        # The common beginning of all names makes the list shorter. The streams are told apart afterwards.
        return key_prefix(search.vendor, search.app, os.path.commonprefix(self._streams or [""]))

    def _with_stream(self, names: KeyNames, file: dict[str, Any]) -> dict[str, Any] | None:
        """Return a file with its stream; None if streams were asked for, and it belongs to none of them."""
        stream = names.stream_of(file.get("name", ""))
        if stream is not None:
            return {"stream_id": stream, **file}
        return file if self._search.streams is None else None


def _of_stream(stream: str | None, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files with their stream, where it is known."""
    return files if stream is None else [{"stream_id": stream, **file} for file in files]


def _groups(names: list[str]) -> list[list[str]]:
    return [names[start : start + GROUP] for start in range(0, len(names), GROUP)]
