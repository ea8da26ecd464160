# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""SearchMedia: the recorded files, in the shapes of the vendors' examples."""

from __future__ import annotations

import base64
import hashlib
import re
import time

import catalogue as codes
import checks
import shapes
from files import address
from registry import Refused, action

FILTERS = 10
PREFIX_BYTES = 20
PAGE_SIZE = 10
PAGES_END = 5000
MAX_KEYS = 1000
_NUMBER = re.compile(r"[0-9]{1,12}")
_TENCENT = ("StartTime", "EndTime", "PageNumber", "PageSize")
_TENCENT_LISTS = ("StreamId", "FileId")
_KEYED = ("Marker", "MaxKeys")


@action("SearchMedia")
def search_media(world, request, record):
    """One page of a vendor's recorded files."""
    refusal = checks.common(request) or _vendor(request, world.settings) or _misplaced(request, world.settings)
    if not refusal and checks.size(request.get("NamePrefix")) > PREFIX_BYTES:
        refusal = _invalid("NamePrefix is too long")
    if refusal:
        raise Refused(*refusal)
    search = _search_tencent if request.vendor == "Tencent" else _search_keys
    return {request.vendor: search(world, request, record)}


def _vendor(request, settings):
    if request.vendor in codes.VENDORS and request.vendor not in codes.MEDIA_VENDORS:
        return _invalid("Vendor has no media files")
    return checks.vendor(request, settings)


def _misplaced(request, settings):
    """Refuse what is documented for other vendors alone; what the others do with it is not."""
    if not settings["strict_parameters"]:
        return None
    tencent = request.vendor == "Tencent"
    wrong = [name for name in (_KEYED if tencent else _TENCENT) if name in request.values]
    wrong += [f"{name}[]" for name in _TENCENT_LISTS if name in request.lists and not tencent]
    return _invalid(f"{wrong[0]} is not for this vendor") if wrong else None


def _invalid(detail):
    return codes.INVALID_PARAMETER, detail


def _number(request, name, default, lowest=0, highest=10**12):
    text = request.get(name)
    if name not in request.values:
        return default
    if not _NUMBER.fullmatch(text) or not lowest <= int(text) <= highest:
        raise Refused(*_invalid(name))
    return int(text)


def _filter(request, name):
    values = request.lists.get(name, [])
    if len(values) > FILTERS:
        raise Refused(*_invalid(f"too many {name}[]"))
    for value in values:
        refusal = checks.stream_id(value, f"{name}[]")
        if refusal:
            raise Refused(*refusal)
    return values


def _search_tencent(world, request, record):
    streams, file_ids = _filter(request, "StreamId"), _filter(request, "FileId")
    prefix = request.get("NamePrefix")
    since, until = _number(request, "StartTime", None), _number(request, "EndTime", None)
    first = world.settings["first_page"]
    page, size = _number(request, "PageNumber", first, first), _number(request, "PageSize", PAGE_SIZE, 1)
    if page * size + size > PAGES_END:
        raise Refused(*_invalid("PageNumber and PageSize reach too far"))
    world.files.settle(request.at)
    found = world.files.search(streams, file_ids, prefix, since, until)
    start = (page - first) * size
    record.work = True
    rows = _rows(world, request, record, found[start : start + size], _tencent_row)
    return {"TotalCount": len(found), "MediaInfoSet": rows, "RequestId": shapes.uuid()}


def _search_keys(world, request, record):
    limit = _number(request, "MaxKeys", MAX_KEYS, 1, MAX_KEYS)
    world.files.settle(request.at)
    page, marker = world.files.keys(request.vendor, request.get("NamePrefix"), request.get("Marker"), limit)
    record.work = True
    return {"Keys": _rows(world, request, record, page, _KEY_ROWS[request.vendor]), "NextMarker": marker}


def _rows(world, request, record, files, shape):
    base = world.settings["media_url"]
    if not world.faults.rules:
        return [shape(file, base) for file in files]
    rows = []
    for file in files:
        rows.extend(world.faults.change_listed(request, file.stream, record, shape(file, base)))
    unrequested = world.faults.unrequested_streams(request, record)
    return rows + [shape(world.files.unrequested(request.vendor, stream), base) for stream in unrequested]


def _iso(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


# The stream is nowhere in it, as in the vendor's example: only the request knows it.
def _tencent_row(file, base):
    url = address("Tencent", file, base)
    created = _iso(file.created)
    basic = {
        "Name": file.label,
        "CreateTime": created,
        "UpdateTime": created,
        "ExpireTime": file.expires,
        "Type": file.format,
        "MediaUrl": url,
        "Status": "Normal",
    }
    transcoded = {"Url": url, "Definition": 0, "Size": file.size, "Duration": file.duration}
    return {"BasicInfo": basic, "TranscodeInfo": {"TranscodeSet": [transcoded]}, "FileId": file.file_id}


def _key_row(file, url, etag, modified):
    return {
        "ETag": etag,
        "Key": file.label,
        "LastModified": modified,
        "Size": file.size,
        "MediaUrl": url,
    }


def _ws_row(file, base):
    etag = base64.urlsafe_b64encode(b"\x96" + hashlib.sha1(file.label.encode("utf-8", "replace")).digest()).decode(
        "ascii"
    )
    return _key_row(file, address("Ws", file, base), etag, _iso(file.created))


def _huawei_row(file, base):
    etag = hashlib.md5(file.label.encode("utf-8", "replace")).hexdigest()
    modified = f"{_iso(file.created)[:-1]}.{int(file.created % 1 * 1000):03d}Z"
    return _key_row(file, address("Huawei", file, base), f'"{etag}"', modified)


_KEY_ROWS = {"Ws": _ws_row, "Huawei": _huawei_row}
