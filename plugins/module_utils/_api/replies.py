# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads one reply of the API: its Data, or the error that its Code or HTTP status stands for.

See the reference page "Calling". Nothing here raises: a reply that cannot be read is an ``AnswerLost``.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

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

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CODE = re.compile(r"[0-9]{1,12}\Z")
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
    """Return a server's text as one line of at most ``length`` characters, without control characters."""
    line = "".join(char if char.isprintable() else " " for char in str(text or ""))
    return " ".join(line.split())[:length]


def is_success(status: int) -> bool:
    """Tell whether an HTTP status is 2xx."""
    return 200 <= status < 300


def read_reply(http: HttpAnswer, action: str = "StopCDNRecord") -> Answer | ZegoError:
    """Return what an HTTP answer to ``action`` means: the reply with Code 0, or the error that it stands for."""
    if not is_success(http.status):
        return _status_error(http.status)
    reply = _load(http.text)
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


def _load(text: str) -> dict[str, Any] | AnswerLost:
    try:
        reply = _parse(text)
    except (ValueError, RecursionError):
        return AnswerLost("the answer is not readable JSON", _RERUN)
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
    data = json.loads(text, object_pairs_hook=_distinct)
    if not _ESCAPED_SURROGATE.search(text):
        return data
    return json.loads(_SURROGATE.sub(r"\\u001a", json.dumps(data, ensure_ascii=False)))


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two values under one key, nobody knows which one holds.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refusal(action: str, code: int, message: str, *, request_id: str | None) -> ZegoError:
    """Return the error for a Code that is not 0."""
    row = codes.explain(code, action)
    said = f": {message}" if message else ""
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
