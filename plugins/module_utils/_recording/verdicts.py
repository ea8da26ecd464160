# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads what a vendor said about each stream of one reply: a verdict a stream, never an exception (reference page "StopCDNRecord, StartCDNRecord")."""

from __future__ import annotations

import re
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes

_HUAWEI_CODE = re.compile(r"\b(?:LIVE\.)?(10\d{7})\b")

# Of several rows for one stream (Ws: one a recorded format) the first meaning of this list speaks for the stream.
_WORST_FIRST = {
    "stop": (
        codes.FAILED,
        codes.UNEXPLAINED,
        codes.MISSING,
        codes.THROTTLED,
        codes.TRANSIENT,
        codes.RUNNING,
        codes.SUCCESS,
        codes.ABSENT,
    ),
    "start": (
        codes.FAILED,
        codes.UNEXPLAINED,
        codes.MISSING,
        codes.ABSENT,
        codes.THROTTLED,
        codes.TRANSIENT,
        codes.SUCCESS,
        codes.RUNNING,
    ),
}


class Verdict(NamedTuple):
    """What a reply says about one stream: a meaning and a kind of _vendor_codes, the vendor's own words, and what it handed out.

    ``partly``: another row of the same stream said success.
    """

    meaning: str
    kind: str
    code: str = ""
    message: str = ""
    vendor_request_id: str | None = None
    task_id: str | None = None
    files: tuple[dict[str, str], ...] = ()
    partly: bool = False


MISSING = Verdict(codes.MISSING, "missing")


def _text(value: Any) -> str | None:
    """Return a string or number as text, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value)


def _line(value: Any, length: int = 200) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in _text(value) or "").split())[:length]


def _spellings(vendor: str, code: str, message: str) -> tuple[str, ...]:
    """Huawei's own codes are strings, ZEGO's field is an integer: the code may come with or without 'LIVE.', or in the message."""
    if vendor != "Huawei" or code == "0":
        return (code,)
    own = _HUAWEI_CODE.fullmatch(code)
    # A code of Huawei's own is more exact than the HTTP-like status that may stand in the field.
    specific = [own.group(1)] if own else _HUAWEI_CODE.findall(message)
    return tuple(f"LIVE.{digits}" for digits in specific) + tuple(specific) if specific else (code,)


def _judge(vendor: str, code: Any, message: Any, absent: frozenset[str]) -> Verdict:
    """Return the verdict of one entry. ``absent``: the user's own codes for 'not recording'."""
    text = _text(code)
    if text is None:
        return MISSING
    # What decides is read to its end, and cut only where it is shown.
    whole = _line(message, 100_000)
    spellings = _spellings(vendor, text, whole)
    row = codes.lookup(vendor, spellings, whole)
    if row.kind not in codes.SETTLED_KINDS and absent.intersection(spellings):
        row = codes.Row(text, codes.ABSENT, "absent")
    return Verdict(row.meaning, row.kind, _line(code), whole[:200])


def _entry(vendor: str, item: dict[str, Any], absent: frozenset[str]) -> tuple[str | None, Verdict]:
    verdict = _judge(vendor, item.get("Code"), item.get("Message"), absent)
    verdict = verdict._replace(
        vendor_request_id=_line(item.get("RequestId")) or None, task_id=_line(item.get("TaskId")) or None
    )
    return _text(item.get("StreamName")), verdict


def _ws_row(item: dict[str, Any], trace_id: str | None, absent: frozenset[str]) -> tuple[str | None, Verdict]:
    verdict = _judge("Ws", item.get("http_code"), item.get("msg"), absent)
    file = {"format": _line(item.get("task")), "persistent_id": _line(item.get("persistentId"))}
    files = ({key: value for key, value in file.items() if value},) if file["persistent_id"] else ()
    return _text(item.get("id")), verdict._replace(vendor_request_id=trace_id, files=files)


def _ws_entries(data: Any, absent: frozenset[str]) -> tuple[list[tuple[str | None, Verdict]], Verdict]:
    """Ws comes as an object around a list, or as the bare list. Where the object itself says failure, that holds for streams without a row."""
    if not isinstance(data, dict):
        return [_ws_row(item, None, absent) for item in _dicts(data)], MISSING
    trace_id = _line(data.get("trace_id")) or None
    whole = _judge("Ws", data.get("http_code"), data.get("msg"), absent)._replace(vendor_request_id=trace_id)
    usable = whole.meaning not in (codes.SUCCESS, codes.ABSENT, codes.MISSING)
    return [_ws_row(item, trace_id, absent) for item in _dicts(data.get("list"))], whole if usable else MISSING


def _dicts(data: Any) -> list[dict[str, Any]]:
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _merge(rows: list[Verdict], verb: str) -> Verdict:
    """Return one verdict for all rows of a stream: its worst one, with the files of all."""
    order = _WORST_FIRST[verb]
    worst = min(rows, key=lambda row: order.index(row.meaning))
    partly = any(row.meaning == codes.SUCCESS for row in rows) and worst.meaning != codes.SUCCESS
    return worst._replace(files=tuple(file for row in rows for file in row.files), partly=partly)


def parse(
    vendor: str, verb: str, data: Any, streams: Iterable[str], absent: frozenset[str] = frozenset(), prefix: str = ""
) -> tuple[dict[str, Verdict], list[str]]:
    """Return a verdict for each of ``streams``, and the names in the reply that nobody asked for.

    ``verb``: 'stop' or 'start'; ``data``: the reply's Data, whatever it is; ``absent``: further codes that mean 'not recording';
    ``prefix``: what the test environment puts before a stream's name.
    """
    found = data.get(vendor) if isinstance(data, dict) else None
    default = MISSING
    if vendor == "Ws":
        entries, default = _ws_entries(found, absent)
    else:
        entries = [_entry(vendor, item, absent) for item in _dicts(found)]
    rows: dict[str, list[Verdict]] = {stream: [] for stream in streams}
    strangers = []
    for name, verdict in entries:
        known = (
            name if name in rows or not prefix or name is None or not name.startswith(prefix) else name[len(prefix) :]
        )
        if known in rows:
            rows[known].append(verdict)
        elif known is not None:
            strangers.append(_line(known))
    return {
        stream: _merge(found_rows, verb) if found_rows else default for stream, found_rows in rows.items()
    }, strangers
