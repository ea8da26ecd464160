# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The recorded files of every vendor that can be searched: which there are, which will be, and how to find them."""

from __future__ import annotations

import hashlib
import heapq
import time
from bisect import bisect_left, bisect_right, insort
from itertools import count

from catalogue import MEDIA_VENDORS
from config import ScenarioError

BYTES_PER_SECOND = 250000
DEFAULT_DURATION = 60
FIRST_FILE_ID = 3270835011057780896
FOR_EVER = "9999-12-31T23:59:59Z"
# In the vendor's example the key is eight hours ahead of LastModified, hence Beijing's time; in Huawei's it is UTC.
WS_KEY_OFFSET = 8 * 3600


class File:
    """One recorded file. `label`: its Name (Tencent) or Key; `begin`, `created`: Unix seconds; `url`: None as usual.

    `announced`: whether a callback tells of it; `task`: the vendor's ID of the recording."""

    __slots__ = (
        "announced",
        "begin",
        "created",
        "duration",
        "expires",
        "file_id",
        "format",
        "label",
        "ready",
        "serial",
        "size",
        "stream",
        "task",
        "url",
    )

    def __init__(self, serial, stream, begin, created, duration, size=None, kind="mp4"):
        self.serial = serial
        self.stream = stream
        self.begin = begin
        self.created = created
        self.duration = duration
        self.size = int(max(duration, 1) * BYTES_PER_SECOND) if size is None else size
        self.format = kind
        self.label = None
        self.file_id = str(FIRST_FILE_ID + serial)
        self.expires = FOR_EVER
        self.url = None
        self.task = ""
        self.announced = True
        self.ready = False


class Shelf:
    """One vendor's files that are there, in the orders in which they are looked for."""

    def __init__(self):
        self.by_label = {}
        self.labels = []
        self.by_id = {}
        self.by_stream = {}
        self.timeline = []

    def put(self, files):
        """Add files."""
        few = len(files) < 8
        for file in files:
            file.ready = True
            self.by_label[file.label] = file
            self.by_id[file.file_id] = file
            self.by_stream.setdefault(file.stream, []).append(file)
            if few:
                insort(self.labels, file.label)
                insort(self.timeline, (int(file.created), file.serial))
        if not few:
            self.labels.extend(file.label for file in files)
            self.labels.sort()
            self.timeline.extend((int(file.created), file.serial) for file in files)
            self.timeline.sort()


class Files:
    """All files. Not thread-safe: the caller holds the world's lock."""

    def __init__(self, settings, clock):
        self._settings = settings
        self._clock = clock
        self._shelves = {vendor: Shelf() for vendor in MEDIA_VENDORS}
        self._by_serial = {}
        self._taken = set()
        self._pending = []
        self._serials = count()
        # Called with (vendor, file) once a file can be found, and with the seconds until one can be.
        self.on_ready = None
        self.on_pending = None

    def preset(self, files, stamp):
        """Let files be there, now or later: {vendor: [stream ID, or object]}. Raises ScenarioError and adds none."""
        given = [
            (vendor, item if isinstance(item, dict) else {"stream": item})
            for vendor, items in files.items()
            for item in items
        ]
        made = [(vendor, self._given(item), item) for vendor, item in given]
        self._refuse_twins(made)
        # Names given come first, so that no name that is made up takes one of them.
        for vendor, file, _item in made:
            if file.label is not None:
                self._taken.add(_mark(vendor, file))
        for vendor, file, item in made:
            if file.label is None:
                self._name(vendor, file, item.get("app", self._settings["media_app"]))
        for vendor in files:
            self._add(vendor, [(file, item.get("ready_in", 0)) for owner, file, item in made if owner == vendor], stamp)

    def recorded(self, vendor, stream, task, stamp):
        """Let the files of a recording task that just stopped appear when the settings say so."""
        delay = self._settings["file_delay_seconds"]
        if delay is None or vendor not in self._shelves:
            return
        skew = self._settings["clock_skew_seconds"]
        since = task.since
        duration = round(max(stamp.wall - since, 0.0), 3)
        kinds = self._settings["ws_formats"] if vendor == "Ws" else ["mp4"]
        made = [
            File(next(self._serials), stream, since + skew, stamp.wall + skew + delay, duration, kind=kind)
            for kind in kinds
        ]
        for file in made:
            file.task = task.task_id
            self._name(vendor, file, self._settings["media_app"])
        self._add(vendor, [(file, delay) for file in made], stamp)

    def settle(self, now):
        """Let the files appear whose time has come; `now` is monotonic."""
        while self._pending and self._pending[0][0] <= now:
            _moment, serial, vendor = heapq.heappop(self._pending)
            self._put(vendor, [self._by_serial[serial]])

    def search(self, streams, file_ids, prefix, since, until):
        """Tencent's files that match all filters given, newest first. Returns a sequence."""
        shelf = self._shelves["Tencent"]
        if file_ids or streams:
            found = [shelf.by_id[one] for one in dict.fromkeys(file_ids) if one in shelf.by_id]
            if not file_ids:
                found = [file for one in dict.fromkeys(streams) for file in shelf.by_stream.get(one, ())]
            found.sort(key=lambda file: (int(file.created), file.serial), reverse=True)
            return [file for file in found if _matches(file, streams, prefix, since, until)]
        low = 0 if since is None else bisect_left(shelf.timeline, (since, -1))
        high = len(shelf.timeline) if until is None else bisect_left(shelf.timeline, (until + 1, -1))
        found = _Newest(shelf.timeline, low, max(low, high), self._by_serial)
        return [file for file in found[:] if file.label.startswith(prefix)] if prefix else found

    def keys(self, vendor, prefix, marker, limit):
        """The files of a page, in the order of their keys, and the marker of the next page ('' on the last)."""
        shelf = self._shelves[vendor]
        labels = shelf.labels
        place = max(bisect_left(labels, prefix), bisect_right(labels, marker) if marker else 0)
        page = []
        while place < len(labels) and labels[place].startswith(prefix):
            if len(page) == limit:
                return page, page[-1].label
            page.append(shelf.by_label[labels[place]])
            place += 1
        return page, ""

    def unrequested(self, vendor, stream):
        """The file of an unrequested stream: it exists in a reply only."""
        now = int(self._clock.now())
        file = File(-1, stream, now, now, 0)
        file.label = label(vendor, file, self._settings["media_app"])
        return file

    def report(self, now):
        """All files as an object for the control path."""
        self.settle(now)
        result = {}
        for vendor, shelf in self._shelves.items():
            result[vendor] = [_describe(self._by_serial[serial]) for _at, serial in shelf.timeline]
        for _moment, serial, vendor in sorted(self._pending):
            result[vendor].append(_describe(self._by_serial[serial]))
        return result

    def _given(self, item):
        created = item.get("created")
        created = self._clock.now() + item.get("ready_in", 0) if created is None else created
        duration = item.get("duration", DEFAULT_DURATION)
        begin = item.get("begin", max(created - duration, 0))
        file = File(
            next(self._serials), item["stream"], begin, created, duration, item.get("size"), item.get("format", "mp4")
        )
        file.expires = item.get("expires", FOR_EVER)
        file.url = item.get("url")
        file.announced = item.get("callback", True)
        file.file_id = item.get("file_id", file.file_id)
        file.label = item.get("name")
        return file

    def _refuse_twins(self, made):
        seen = set()
        for vendor, file, _item in made:
            mark = _mark(vendor, file)
            if mark in self._taken or mark in seen:
                raise ScenarioError(f"files: {vendor} has {mark[1]} already")
            if mark[1] is not None:
                seen.add(mark)

    def _name(self, vendor, file, app):
        file.label = label(vendor, file, app)
        # The next second, as if it had begun then: a second file of the same key would replace the first.
        while vendor != "Tencent" and _mark(vendor, file) in self._taken:
            file.begin += 1
            file.label = label(vendor, file, app)
        self._taken.add(_mark(vendor, file))

    def _add(self, vendor, files, stamp):
        for file, delay in files:
            self._by_serial[file.serial] = file
            if delay:
                heapq.heappush(self._pending, (stamp.at + delay, file.serial, vendor))
                if self.on_pending:
                    self.on_pending(delay)
        self._put(vendor, [file for file, delay in files if not delay])

    def _put(self, vendor, files):
        self._shelves[vendor].put(files)
        for file in files:
            if self.on_ready:
                self.on_ready(vendor, file)


def _mark(vendor, file):
    """What no two files of a vendor share. Names of Tencent's files are free."""
    return vendor, file.file_id if vendor == "Tencent" else file.label


class _Newest:
    """A part of the timeline, newest first, whose files are looked up only where they are asked for."""

    def __init__(self, timeline, low, high, files):
        self._timeline = timeline
        self._low = low
        self._high = high
        self._files = files

    def __len__(self):
        return self._high - self._low

    def __getitem__(self, part):
        first, last, _step = part.indices(len(self))
        return [self._files[self._timeline[self._high - 1 - index][1]] for index in range(first, last)]


def label(vendor, file, app):
    """The name or key of a file, as in the vendor's example."""
    if vendor == "Tencent":
        return f"{int(file.begin)}.{file.format}"
    if vendor == "Ws":
        moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(file.begin + WS_KEY_OFFSET))
        return f"{app}-{file.stream}--{moment}.{file.format}"
    moment = time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime(file.begin))
    return f"record/{app}/command_record/{file.stream}/{moment}.{file.format}"


def address(vendor, file, base):
    """Where a file is, as in the vendor's example; `base`: what addresses begin with."""
    if file.url:
        return file.url
    if vendor != "Tencent":
        return f"{base}/{file.label}"
    digest = hashlib.md5(file.file_id.encode("utf-8", "replace")).hexdigest()
    return f"{base}/{digest[:8]}vodcq1500020831/{file.file_id}/{digest[8:]}.{file.format}"


def _matches(file, streams, prefix, since, until):
    created = int(file.created)
    return (
        (not streams or file.stream in streams)
        and file.label.startswith(prefix)
        and (since is None or since <= created)
        and (until is None or created <= until)
    )


def _describe(file):
    return {
        "stream": file.stream,
        "name": file.label,
        "file_id": file.file_id,
        "begin": file.begin,
        "created": file.created,
        "duration": file.duration,
        "size": file.size,
        "format": file.format,
        "ready": file.ready,
    }
