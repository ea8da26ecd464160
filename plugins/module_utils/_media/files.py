# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads the vendors' lists of recorded files into one form (reference page "SearchMedia"). Nothing here raises."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, Environment
from ansible_collections.zego.cloud.plugins.module_utils._values import (
    as_dict,
    as_integer,
    as_number,
    as_text,
    dicts_in,
    without_none,
)

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


def _filled(value: Any) -> str | None:
    """Return a value as text, None where there is none."""
    return as_text(value) or None


def _extension(name: str | None) -> str | None:
    match = re.search(r"\.([A-Za-z0-9]{1,8})\Z", name or "")
    return match.group(1).lower() if match else None


def _tencent_file(item: dict[str, Any]) -> dict[str, Any]:
    basic = as_dict(item.get("BasicInfo"))
    url = _filled(basic.get("MediaUrl"))
    versions = dicts_in(as_dict(item.get("TranscodeInfo")).get("TranscodeSet"))
    # The set lists the recorded file and its transcoded versions. The one at the same address is the file.
    recorded = next((version for version in versions if version.get("Url") == url), versions[0] if versions else {})
    name = _filled(basic.get("Name"))
    return without_none(
        {
            "file_id": _filled(item.get("FileId")),
            "name": name,
            "format": _filled(basic.get("Type")) or _extension(name),
            "url": url,
            "size": as_integer(recorded.get("Size")),
            "duration": as_number(recorded.get("Duration")),
            "created": _times.from_text(basic.get("CreateTime")),
            "expires": _times.from_text(basic.get("ExpireTime")),
        }
    )


def _key_file(item: dict[str, Any]) -> dict[str, Any]:
    name = _filled(item.get("Key"))
    return without_none(
        {
            "name": name,
            "format": _extension(name),
            "url": _filled(item.get("MediaUrl")),
            "size": as_integer(item.get("Size")),
            "created": _times.from_text(item.get("LastModified")),
        }
    )


def page_of_reply(vendor: str, data: Any) -> Page | None:
    """Return what is in the Data of a reply; None where it is no list of files."""
    listing = as_dict(as_dict(data).get(vendor))
    if vendor in KEY_VENDORS:
        if not isinstance(listing.get("Keys"), list):
            return None
        files = [_key_file(item) for item in dicts_in(listing["Keys"])]
        return Page([file for file in files if file], marker=as_text(listing.get("NextMarker")) or "")
    total = as_integer(listing.get("TotalCount"))
    items = listing.get("MediaInfoSet")
    # Without the count nobody knows whether there are further pages.
    if total is None or not isinstance(items, list):
        return None
    files = [_tencent_file(item) for item in dicts_in(items)]
    return Page([file for file in files if file], total)


class KeyNames:
    """Reads the stream out of a key, exactly: ``cdn1`` is neither ``cdn10`` nor ``x-cdn1``.

    ``app``: the application in the keys, None where it is not known; ``streams``: those asked for, None for any;
    ``environment``: says what may stand before a stream's name.
    ``doubtful`` counts the keys that end with a wanted stream's name, but are read as another stream's, because the
    application is not known and its name could have a dash.
    """

    def __init__(
        self, vendor: str, app: str | None, streams: Iterable[str] | None, *, environment: Environment = PRODUCTION
    ) -> None:
        self._pattern = re.compile(_KEY[vendor].format(app=re.escape(app) if app else _ANY_APP[vendor]), re.ASCII)
        self._may_have_dash = vendor == "Ws" and not app
        self._wanted = None if streams is None else frozenset(streams)
        self._environment = environment
        self.doubtful: Counter[str] = Counter()

    def stream_of(self, key: str) -> str | None:
        """Return the stream of a key; None if the key is not of the documented form or its stream not wanted."""
        match = self._pattern.fullmatch(key)
        if match is None:
            return None
        stream = match.group("stream")
        if self._wanted is None or stream in self._wanted:
            return stream
        bare_name = self._environment.bare_name(stream)
        if bare_name in self._wanted:
            return bare_name
        if self._may_have_dash:
            self._doubt(stream)
        return None

    def _doubt(self, stream: str) -> None:
        wanted = self._wanted or frozenset()
        parts = stream.split("-")
        # The name of the application could end at any dash.
        for start in range(1, len(parts)):
            tail = "-".join(parts[start:])
            if tail in wanted:
                self.doubtful[tail] += 1


def key_prefix(vendor: str, app: str | None, stream_start: str) -> str:
    """Return what all keys begin with whose stream begins so; '' where the application is not known."""
    return _PREFIX[vendor].format(app=app, stream=stream_start) if app else ""
