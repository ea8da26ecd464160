# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads one reply of the API: its Data, or the error that its Code or HTTP status stands for.

See the reference page "Calling". Nothing here raises: a reply that cannot be read is an ``AnswerLost``.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api import codes
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    FatalAfterRetries,
    Forbidden,
    Gone,
    ProbablyThrottled,
    Refused,
    RefusedForContent,
    Throttled,
    Uncertain,
    WrongClock,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import Secrets

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CODE = re.compile(r"[0-9]{1,12}\Z")
# No reply of the API has more than ten levels. Deeper data overflows the stack of what reads it, here or in Ansible.
_DEEPEST = 64
# Longer numbers take Python minutes to read, or are refused by it.
_LONGEST_NUMBER = 300
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{},:]|[^][{},:"\s]+', re.DOTALL)
# What a CI runner would take for a command, if the message came to stand at the beginning of a line:
# '::error::' (GitHub), '##[error]' and '##vso[task.complete]' (GitHub, Azure).
_COMMAND = re.compile(r"(?<=:)(?=:)|(?<=#)(?=#)")
# All streams are in the URL, so a smaller batch may pass.
_TOO_LARGE = (413, 414, 431)
# RFC 9110: the server does not carry the request out.
_NOTHING_BEGAN = (400, 401, 403, 404, 405, 429, *_TOO_LARGE)
# The API answers 200 even when it refuses. These statuses come from something else on the way or at that address.
_NOT_THE_API = (401, 403, 404, 405, 407)
_RERUN = "Run it again; if it persists, check api_url and the state of the API."
_CHECK_THE_WAY = "Check api_url, and the proxies and gateways on the way."

_ERROR_OF_POLICY: dict[str, type[ZegoError]] = {
    codes.SPLIT: RefusedForContent,
    codes.THROTTLED: Throttled,
    codes.PROBABLY_THROTTLED: ProbablyThrottled,
    codes.CLOCK: WrongClock,
    codes.END: Fatal,
    codes.PROBABLY_END: Forbidden,
    codes.UNCERTAIN: Uncertain,
    codes.GONE: Gone,
    codes.FAILED: Refused,
}


class HttpAnswer(NamedTuple):
    """A complete answer: HTTP status, body text, server time (RFC 7231 text or None), Retry-After (seconds or None)."""

    status: int
    text: str
    date: str | None
    retry_after: float | None


class Answer(NamedTuple):
    """A reply with Code 0: its Data as sent, its RequestId as text, its Message as one line."""

    data: Any
    request_id: str | None
    message: str = ""


def one_line(text: Any, length: int = 200) -> str:
    """Return a server's text as one line of at most ``length`` characters.

    It has neither control characters nor anything that a CI runner would take for a command of its own.
    """
    # Cut first: it may have millions of characters.
    line = "".join(char if char.isprintable() else " " for char in str(text or "")[: 4 * length])
    return _COMMAND.sub(" ", " ".join(line.split()))[:length]


def is_success(status: int) -> bool:
    """Tell whether an HTTP status is 2xx."""
    return 200 <= status < 300


def read_reply(http: HttpAnswer, action: str = "StopCDNRecord", secrets: Secrets | None = None) -> Answer | ZegoError:
    """Return what an HTTP answer to ``action`` means: the reply with Code 0, or the error that it stands for.

    Nothing of ``secrets`` is in it. A body that is no reply of the API is never quoted.
    """
    if not is_success(http.status):
        return _status_error(http.status)
    reply = _load_reply(http.text, secrets or Secrets())
    if isinstance(reply, AnswerLost):
        return reply
    code = int(reply["Code"])
    message = one_line(reply.get("Message"))
    request_id = reply.get("RequestId")
    # Documented as a string, but the reference's own examples show bare numbers, too.
    request_id = one_line(request_id) if isinstance(request_id, (str, int)) else None
    if code == 0:
        return Answer(reply.get("Data"), request_id, message)
    return _refusal(action, code, message, request_id=request_id)


def _load_reply(text: str, secrets: Secrets) -> dict[str, Any] | AnswerLost:
    try:
        reply = _parse(text)
    except (ValueError, RecursionError):
        return AnswerLost("the answer is not readable JSON", _RERUN)
    # Before anything reads it: a server may repeat the signed URL, and what it says is quoted in results. The whole
    # body first, since nearly all are clean.
    if secrets.occur_in(text):
        reply = secrets.clean_data(reply)
    code = reply.get("Code") if isinstance(reply, dict) else None
    # A proxy may answer with JSON of its own. Without a Code it is no reply of the API, and confirms nothing.
    if isinstance(code, bool) or not isinstance(code, (int, str)) or not _CODE.match(str(code)):
        return AnswerLost("the answer has no Code", _RERUN)
    return reply


def _parse(text: str) -> Any:
    """Return JSON as data, in which half a surrogate pair is U+001A.

    A vendor may cut a name in the middle of an emoji, and Ansible refuses a result with half of one. U+001A instead
    never makes a valid name: we refuse to send names that contain it.
    """
    try:
        data = _parse_json(text)
    except RecursionError:
        data = _parse_shallow(text)
    else:
        data = _parse_shallow(text) if _is_deep(text, data) else data
    if not _ESCAPED_SURROGATE.search(text):
        return data
    return _parse_json(_SURROGATE.sub(r"\\u001a", json.dumps(data, ensure_ascii=False)))


def _parse_json(text: str) -> Any:
    return json.loads(text, parse_int=_number, object_pairs_hook=_distinct)


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _is_deep(text: str, data: Any) -> bool:
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    level = [data]
    for _depth in range(_DEEPEST):
        level = [part for container in level for part in _containers_in(container)]
        if not level:
            return False
    return True


def _containers_in(container: Any) -> list[Any]:
    parts = container.values() if isinstance(container, dict) else container
    return [part for part in parts if isinstance(part, (dict, list))]


def _parse_shallow(text: str) -> dict[str, Any]:
    """Return an object of which every value that is nested too deep is text: its JSON.

    It is still known then whether the API did what it was asked for.
    """
    members = []
    for key, value in _members(text):
        try:
            data = _parse_json(value)
        except RecursionError:
            data = value
        is_deep = isinstance(data, (dict, list)) and _is_deep(value, data)
        members.append((str(json.loads(key)), value if is_deep else data))
    return _distinct(members)


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of each member of an object, as JSON. Raises ``ValueError`` if it is none."""
    if not text.lstrip().startswith("{"):
        raise ValueError("it is no object")
    depth, key, begin = 0, "", -1
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if depth == 1 and sign in ",}":
            if not key or begin < 0:
                raise ValueError("no member")
            yield key, text[begin : token.start()].strip()
            key, begin = "", -1
        elif depth == 1 and not key:
            key = sign
        elif depth == 1 and sign == ":" and begin < 0:
            begin = token.end()
        depth += (sign in "[{") - (sign in "]}")
    if depth:
        raise ValueError("it is cut off")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two values under one key, nobody knows which one holds.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refusal(action: str, code: int, message: str, *, request_id: str | None) -> ZegoError:
    """Return the error for a Code that is not 0."""
    row = codes.explain(code, action)
    # The API's own words for a code are often those of its documentation.
    is_news = message and message.strip(" .").casefold() not in row.meaning.casefold()
    said = f": {message}" if is_news else ""
    reason = f"the API answered Code {code} ({row.meaning}){said}"
    error_class = _ERROR_OF_POLICY[row.policy]
    if code in codes.RETRY_FIRST:
        error_class = FatalAfterRetries
    error = error_class(reason, row.advice, str(code), request_id=request_id)
    # The class says it of some whatever their code.
    error.nothing_began = codes.refuses_before_work(code, row)
    return error


def _status_error(status: int) -> ZegoError:
    """Return the error for an HTTP status that is not 2xx.

    The API itself documents 200 only, so any other status comes from a proxy or gateway on the way.
    """
    error = _error_of_status(status)
    error.nothing_began = status in _NOTHING_BEGAN
    return error


def _error_of_status(status: int) -> ZegoError:
    reason, code = f"HTTP status {status} instead of a reply", f"HTTP {status}"
    if status in _TOO_LARGE:
        return RefusedForContent(reason, "Lower batch_size.", code)
    if status == 429:
        return Throttled(reason, codes.SLOW_DOWN, code)
    # A gateway that failed or waited too long does not say whether the API did the work. A 1xx status is not a final
    # response.
    if status < 200 or status >= 500 or status == 408:
        return AnswerLost(reason, _RERUN, code)
    if 300 <= status < 400:
        reason = f"{reason}: redirects are not followed, since they would carry the signature elsewhere"
        return Forbidden(reason, "Check api_url.", code)
    if status in _NOT_THE_API:
        return Forbidden(reason, _CHECK_THE_WAY, code)
    return Refused(reason, _CHECK_THE_WAY, code)
