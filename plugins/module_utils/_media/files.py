# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads the vendors' lists of recorded files into one form, never with an exception (reference page "SearchMedia")."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times

# The vendors that list keys of a bucket; of Tencent's files only the search knows the stream.
KEY_VENDORS = ("Ws", "Huawei")
_KEY = {
    # APP-STREAM--20230728181527.mp4, in no folder. Both names may have dashes: APP has none, or is given.
    "Ws": r"(?P<app>{app})-(?P<stream>[^/]+)--\d{{14}}\.[A-Za-z0-9]+",
    # record/APP/command_record/STREAM/2023-07-28-09-30-06.mp4
    "Huawei": r"record/(?P<app>{app})/command_record/(?P<stream>[^/]+)/[^/]+",
}
_ANY_APP = {"Ws": r"[^-/]+", "Huawei": r"[^/]+"}
_PREFIX = {"Ws": "{app}-{stream}", "Huawei": "record/{app}/command_record/{stream}"}


class Page(NamedTuple):
    """One page: its files, Tencent's TotalCount, and the marker of the next page of keys ('' for none)."""

    files: list[dict[str, Any]]
    total: int = 0
    marker: str = ""


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value) or None


def _number(value: Any) -> float | None:
    """Return a number (or one as text) that is not negative, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value)
    return float(text) if len(text) <= 32 and re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    if number is None:
        return None
    # Not by way of a float, which knows no more than 53 bits.
    return int(str(value)) if str(value).isdigit() else int(number)


def _known(file: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in file.items() if value is not None}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _extension(name: str | None) -> str | None:
    match = re.search(r"\.([A-Za-z0-9]{1,8})\Z", name or "")
    return match.group(1).lower() if match else None


def _tencent_file(item: dict[str, Any]) -> dict[str, Any]:
    basic = _dict(item.get("BasicInfo"))
    url = _text(basic.get("MediaUrl"))
    takes = _dicts(_dict(item.get("TranscodeInfo")).get("TranscodeSet"))
    # The set lists the recorded file itself and what was made of it; the one at the same address is the file.
    take = next((take for take in takes if take.get("Url") == url), takes[0] if takes else {})
    name = _text(basic.get("Name"))
    return _known(
        {
            "file_id": _text(item.get("FileId")),
            "name": name,
            "format": _text(basic.get("Type")) or _extension(name),
            "url": url,
            "size": _whole(take.get("Size")),
            "duration": _number(take.get("Duration")),
            "created": _times.from_text(basic.get("CreateTime")),
            "expires": _times.from_text(basic.get("ExpireTime")),
        }
    )


def _key_file(item: dict[str, Any]) -> dict[str, Any]:
    name = _text(item.get("Key"))
    return _known(
        {
            "name": name,
            "format": _extension(name),
            "url": _text(item.get("MediaUrl")),
            "size": _whole(item.get("Size")),
            "created": _times.from_text(item.get("LastModified")),
        }
    )


def parse(vendor: str, data: Any) -> Page | None:
    """Return what is in the Data of a reply; None where it is no list of files."""
    found = _dict(_dict(data).get(vendor))
    if vendor in KEY_VENDORS:
        if not isinstance(found.get("Keys"), list):
            return None
        files = [_key_file(item) for item in _dicts(found["Keys"])]
        return Page([file for file in files if file], marker=_text(found.get("NextMarker")) or "")
    total = _whole(found.get("TotalCount"))
    items = found.get("MediaInfoSet")
    if total is None or not isinstance(items, list):
        return None
    files = [_tencent_file(item) for item in _dicts(items)]
    return Page([file for file in files if file], total)


class KeyNames:
    """Knows the stream of a key, exactly: ``cdn1`` is neither ``cdn10`` nor ``x-cdn1``.

    ``app``: the application in the keys, None where it is not known; ``streams``: those asked for, None for any; ``test_prefix``: what the
    test environment puts before a stream's name.
    """

    def __init__(self, vendor: str, app: str | None, streams: Iterable[str] | None, test_prefix: str = "") -> None:
        self._pattern = re.compile(_KEY[vendor].format(app=re.escape(app) if app else _ANY_APP[vendor]), re.ASCII)
        self._dashed = vendor == "Ws" and not app
        self._wanted = None if streams is None else frozenset(streams)
        self._prefix = test_prefix
        # Keys that end with a wanted stream's name, but are read as another stream's, since the application is not known.
        self.doubtful: Counter[str] = Counter()

    def stream_of(self, key: str) -> str | None:
        """Return the stream of a key; None where the key has not the documented form, or its stream is not wanted."""
        match = self._pattern.fullmatch(key)
        if match is None:
            return None
        stream = match.group("stream")
        if self._wanted is None or stream in self._wanted:
            return stream
        bare = stream[len(self._prefix) :] if self._prefix and stream.startswith(self._prefix) else None
        if bare in self._wanted:
            return bare
        if self._dashed:
            self._doubt(stream)
        return None

    def _doubt(self, stream: str) -> None:
        wanted = self._wanted or frozenset()
        parts = stream.split("-")
        for start in range(1, len(parts)):
            tail = "-".join(parts[start:])
            if tail in wanted:
                self.doubtful[tail] += 1


def key_prefix(vendor: str, app: str | None, stream_start: str) -> str:
    """Return what all keys begin with whose stream begins so; '' where the application is not known."""
    return _PREFIX[vendor].format(app=app, stream=stream_start) if app else ""
