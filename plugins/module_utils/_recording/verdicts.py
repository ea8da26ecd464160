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
from ansible_collections.zego.cloud.plugins.module_utils._recording import words
from ansible_collections.zego.cloud.plugins.module_utils._values import as_text, dicts_in, without_empty

_HUAWEI_CODE = r"(?:LIVE\.)?10[0-9]{7}"

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
    # What may have begun the recording comes first: only a refusal of all rows lets a start be sent again.
    "start": (
        codes.MISSING,
        codes.TRANSIENT,
        codes.UNEXPLAINED,
        codes.FAILED,
        codes.ABSENT,
        codes.THROTTLED,
        codes.SUCCESS,
        codes.RUNNING,
    ),
}


class Verdict(NamedTuple):
    """What a reply says about one stream: a meaning and a kind of ``vendor_codes``, and the vendor's own words.

    ``partly``: another row of the same stream said success; ``not_found``: it is 'unexplained', and shaped like 'not
    found', about the stream or its task.
    """

    meaning: str
    kind: str
    code: str = ""
    message: str = ""
    vendor_request_id: str | None = None
    task_id: str | None = None
    files: tuple[dict[str, str], ...] = ()
    partly: bool = False
    not_found: bool = False


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
    reader = _Reader(vendor, absent_codes, environment)
    if vendor == "Ws":
        rows, default = _ws_rows(entries, reader)
    else:
        rows = [_row(entry, reader) for entry in dicts_in(entries)]
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


class _Reader(NamedTuple):
    """What it takes to read a row. ``absent_codes``: the user's own codes for 'not recording'."""

    vendor: str
    absent_codes: frozenset[str]
    environment: Environment

    def judge(self, code: Any, message: Any, stream: str | None) -> Verdict:
        """Return the verdict of one row, about the stream that it names (None: about no single one)."""
        text = as_text(code)
        # A row without a usable code confirms nothing: it must not become a success.
        if text is None:
            return MISSING
        names = () if stream is None else (stream, self.environment.bare_name(stream))
        said = words.Message(as_text(message), names)
        row = self._row_of(text, said)
        return Verdict(
            row.meaning,
            row.kind,
            _line(code),
            said.shown[:200],
            not_found=row.meaning == codes.UNEXPLAINED and _is_not_found(row, text, said),
        )

    def _row_of(self, code: str, said: words.Message) -> codes.Row:
        spellings = _spellings(self.vendor, code, said)
        rows = [codes.lookup(self.vendor, spelled, said) for spelled in spellings]
        row = rows[0]
        if len({found.meaning for found in rows}) > 1:
            row = codes.Row(code, codes.UNEXPLAINED, "ambiguous")
        # The user may explain a code that no document explains, but not turn a documented refusal into 'not recording',
        # nor one that says itself that something else is missing.
        explained = any(self.absent_codes.intersection(spelled) for spelled in spellings)
        is_settled = any(found.kind in codes.SETTLED_KINDS for found in rows)
        if explained and not is_settled and not said.misses_a_configuration():
            return codes.Row(code, codes.ABSENT, "absent")
        return row


def _is_not_found(row: codes.Row, code: str, said: words.Message) -> bool:
    """Tell whether a row that the table leaves open says in some way that the stream or its task was not found."""
    if row.kind == "not_found":
        return not said.misses_another_thing()
    return words.is_shaped_like_not_found(code, said)


def _row(entry: dict[str, Any], reader: _Reader) -> _Row:
    stream = as_text(entry.get("StreamName"))
    verdict = reader.judge(entry.get("Code"), entry.get("Message"), stream)
    verdict = verdict._replace(
        vendor_request_id=_line(entry.get("RequestId")) or None, task_id=_line(entry.get("TaskId")) or None
    )
    return _Row(stream, verdict)


def _ws_rows(data: Any, reader: _Reader) -> tuple[list[_Row], Verdict]:
    """Return the rows of Ws, and the verdict for streams without one.

    Ws answers with an object around a list, or with the bare list, as in the Chinese edition's example of a stop. If
    the object itself says failure, that holds for all streams without a row.
    """
    if not isinstance(data, dict):
        return [_ws_row(entry, None, reader) for entry in dicts_in(data)], MISSING
    trace_id = _line(data.get("trace_id")) or None
    whole = reader.judge(data.get("http_code"), data.get("msg"), None)
    # If the object says success or 'absent', a stream without a row of its own is still not known to be stopped.
    says_failure = whole.meaning not in (codes.SUCCESS, codes.ABSENT, codes.MISSING)
    # 'Not found' of the whole object does not say that this stream was not found.
    default = whole._replace(vendor_request_id=trace_id, not_found=False) if says_failure else MISSING
    rows = [_ws_row(entry, trace_id, reader) for entry in dicts_in(data.get("list"))]
    # Where a row and an object that says failure do not say the same, one of them is wrong, and the worse one counts.
    if says_failure:
        rows += [_Row(row.stream, default) for row in rows if row.verdict.code != whole.code]
    return rows, default


def _ws_row(entry: dict[str, Any], trace_id: str | None, reader: _Reader) -> _Row:
    stream = as_text(entry.get("id"))
    verdict = reader.judge(entry.get("http_code"), entry.get("msg"), stream)
    file = {}
    if _line(entry.get("persistentId")):
        file = {"format": _line(entry.get("task")), "persistent_id": _line(entry.get("persistentId"))}
    files = (without_empty(file),) if file else ()
    return _Row(stream, verdict._replace(vendor_request_id=trace_id, files=files))


def _spellings(vendor: str, code: str, said: words.Message) -> list[tuple[str, ...]]:
    """Return for each code that a row carries the spellings under which the table may list it.

    Huawei's own codes are strings, but ZEGO's field is an integer: the code may come with or without 'LIVE.', or in the
    message. It is more exact than an HTTP-like status in the field.
    """
    if vendor != "Huawei" or code == "0":
        return [(code,)]
    found = [code] if re.fullmatch(_HUAWEI_CODE, code) else said.words(_HUAWEI_CODE)
    numbers = dict.fromkeys(word[-9:] for word in found)
    return [(f"LIVE.{number}", number) for number in numbers] or [(code,)]


def _merge(verdicts: list[Verdict], verb: str) -> Verdict:
    """Return one verdict for all rows of a stream: the worst one, with the files of all."""
    order = _WORST_FIRST[verb]
    # Of several without an explanation, one that is not shaped like 'not found' is worse.
    # Nor does anything say of one that is listed nowhere that it is a refusal.
    worst = min(
        verdicts,
        key=lambda verdict: (order.index(verdict.meaning), verdict.not_found, verdict.kind != "unexplained"),
    )
    # Kept, since a start that began in one format must not be sent again, and a stop may have stopped something.
    partly = worst.meaning != codes.SUCCESS and any(verdict.meaning == codes.SUCCESS for verdict in verdicts)
    files = tuple(file for verdict in verdicts for file in verdict.files)
    return worst._replace(files=files, partly=partly)


def _line(value: Any, length: int = 200) -> str:
    return one_line(as_text(value), length)
