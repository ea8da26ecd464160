# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads what a vendor said about each stream of one reply: one verdict a stream. Nothing here raises.

See the reference page "StopCDNRecord, StartCDNRecord".
"""

from __future__ import annotations

import re
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import one_line
from ansible_collections.zego.cloud.plugins.module_utils._recording import vendor_codes as codes
from ansible_collections.zego.cloud.plugins.module_utils._values import as_text, dicts_in, without_empty

_HUAWEI_CODE = re.compile(r"\b(?:LIVE\.)?(10\d{7})\b")

# A stream can have several rows (Ws: one for each recorded format). Of their meanings the first one in this list is the
# stream's: one format that was not stopped keeps the stream from counting as stopped. ABSENT is good for a stop, since
# nothing is left to stop, and bad for a start, since there is nothing to record.
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
    """What a reply says about one stream: a meaning and a kind of ``vendor_codes``, and the vendor's own words.

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


class _Row(NamedTuple):
    """One row of a reply: the stream it names (None: none), and what it says."""

    stream: str | None
    verdict: Verdict


def verdicts_of_reply(
    vendor: str,
    verb: str,
    data: Any,
    *,
    streams: Iterable[str],
    absent_codes: frozenset[str] = frozenset(),
    environment: Environment = PRODUCTION,
) -> tuple[dict[str, Verdict], list[str]]:
    """Return a verdict for each of ``streams``, and the names in the reply that nobody asked for.

    ``verb``: 'stop' or 'start'; ``data``: the reply's Data, whatever it is; ``absent_codes``: further codes that mean
    'not recording'; ``environment``: says what stands before a stream's name in the reply.
    """
    # Data holds one key, the vendor's name. Under any other name there is nothing about these streams.
    entries = data.get(vendor) if isinstance(data, dict) else None
    default = MISSING
    # Ws answers in a form of its own; the other three share one.
    if vendor == "Ws":
        rows, default = _ws_rows(entries, absent_codes)
    else:
        rows = [_row(vendor, entry, absent_codes) for entry in dicts_in(entries)]
    by_stream: dict[str, list[Verdict]] = {stream: [] for stream in streams}
    unrequested = []
    for name, verdict in rows:
        # A row without a name is never matched by its position: it could be the success of another stream.
        if name is None:
            continue
        # A stream may really be called so: the whole name comes before the name without the prefix.
        stream = name if name in by_stream else environment.bare_name(name)
        if stream in by_stream:
            by_stream[stream].append(verdict)
        else:
            unrequested.append(_line(stream))
    verdicts = {stream: _merge(several, verb) if several else default for stream, several in by_stream.items()}
    return verdicts, unrequested


def _row(vendor: str, entry: dict[str, Any], absent_codes: frozenset[str]) -> _Row:
    verdict = _judge(vendor, entry.get("Code"), entry.get("Message"), absent_codes=absent_codes)
    verdict = verdict._replace(
        vendor_request_id=_line(entry.get("RequestId")) or None, task_id=_line(entry.get("TaskId")) or None
    )
    return _Row(as_text(entry.get("StreamName")), verdict)


def _ws_rows(data: Any, absent_codes: frozenset[str]) -> tuple[list[_Row], Verdict]:
    """Return the rows of Ws, and the verdict for streams without one.

    Ws answers with an object around a list, or with the bare list, as in the Chinese edition's example of a stop. If
    the object itself says failure, that holds for all streams without a row.
    """
    if not isinstance(data, dict):
        return [_ws_row(entry, None, absent_codes) for entry in dicts_in(data)], MISSING
    trace_id = _line(data.get("trace_id")) or None
    whole = _judge("Ws", data.get("http_code"), data.get("msg"), absent_codes=absent_codes)
    # If the object says success or 'absent', a stream without a row of its own is still not known to be stopped.
    says_failure = whole.meaning not in (codes.SUCCESS, codes.ABSENT, codes.MISSING)
    default = whole._replace(vendor_request_id=trace_id) if says_failure else MISSING
    return [_ws_row(entry, trace_id, absent_codes) for entry in dicts_in(data.get("list"))], default


def _ws_row(entry: dict[str, Any], trace_id: str | None, absent_codes: frozenset[str]) -> _Row:
    verdict = _judge("Ws", entry.get("http_code"), entry.get("msg"), absent_codes=absent_codes)
    file = {}
    if _line(entry.get("persistentId")):
        file = {"format": _line(entry.get("task")), "persistent_id": _line(entry.get("persistentId"))}
    files = (without_empty(file),) if file else ()
    return _Row(as_text(entry.get("id")), verdict._replace(vendor_request_id=trace_id, files=files))


def _judge(vendor: str, code: Any, message: Any, *, absent_codes: frozenset[str]) -> Verdict:
    """Return the verdict of one row. ``absent_codes``: the user's own codes for 'not recording'."""
    text = as_text(code)
    # A row without a usable code confirms nothing: it must not become a success.
    if text is None:
        return MISSING
    # The whole message decides; it is only cut where it is shown.
    whole = _line(message, 100_000)
    spellings = _spellings(vendor, text, whole)
    row = codes.lookup(vendor, spellings, whole)
    # The user may explain a code that no document explains, but not turn a documented refusal into 'not recording'.
    if row.kind not in codes.SETTLED_KINDS and absent_codes.intersection(spellings):
        row = codes.Row(text, codes.ABSENT, "absent")
    return Verdict(row.meaning, row.kind, _line(code), whole[:200])


def _spellings(vendor: str, code: str, message: str) -> tuple[str, ...]:
    """Return the spellings under which the table may list a code.

    Huawei's own codes are strings, but ZEGO's field is an integer: the code may come with or without 'LIVE.', or in the
    message. It is more exact than an HTTP-like status in the field.
    """
    if vendor != "Huawei" or code == "0":
        return (code,)
    in_field = _HUAWEI_CODE.fullmatch(code)
    numbers = [in_field.group(1)] if in_field else _HUAWEI_CODE.findall(message)
    if not numbers:
        return (code,)
    return (*(f"LIVE.{number}" for number in numbers), *numbers)


def _merge(verdicts: list[Verdict], verb: str) -> Verdict:
    """Return one verdict for all rows of a stream: the worst one, with the files of all."""
    order = _WORST_FIRST[verb]
    worst = min(verdicts, key=lambda verdict: order.index(verdict.meaning))
    # Kept, since a start that began in one format must not be sent again, and a stop may have stopped something.
    partly = worst.meaning != codes.SUCCESS and any(verdict.meaning == codes.SUCCESS for verdict in verdicts)
    files = tuple(file for verdict in verdicts for file in verdict.files)
    return worst._replace(files=files, partly=partly)


def _line(value: Any, length: int = 200) -> str:
    return one_line(as_text(value), length)
