# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads one reply of the API: its Data, or the error that its Code or its HTTP status stands for (reference page "Calling")."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api import codes as _codes
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Gone,
    Halted,
    Refused,
    RefusedForContent,
    Throttled,
    ZegoError,
)

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CODE = re.compile(r"[0-9]{1,12}\Z")
TOO_LARGE = frozenset({413, 414, 431})
_RERUN = "Run it again; if it stays, check api_url and the state of the API."


class Answer(NamedTuple):
    data: Any
    request_id: str | None
    message: str = ""


class WrongClock(Refused):
    """The API refused the timestamp (100000004)."""


class Mendable(Halted):
    """Ends the run unless another attempt mends it."""


class Uncertain(Refused):
    """An error reply that does not say whether the work was done."""


def _plain(text: Any) -> str:
    """Return a server's text as one short line without control characters."""
    line = "".join(char if char.isprintable() else " " for char in str(text or ""))
    return " ".join(line.split())[:200]


def _parse(text: str) -> Any:
    """Return JSON as data. Half a surrogate pair (a name that was cut in the middle of an emoji) becomes U+001A: Ansible refuses a result with the one,
    and every name with the other is refused before it is sent, so that a mended name is never taken for the real one.
    """
    data = json.loads(text)
    if not _ESCAPED_SURROGATE.search(text):
        return data
    return json.loads(_SURROGATE.sub(r"\\u001a", json.dumps(data, ensure_ascii=False)))


def _load(text: str) -> dict[str, Any]:
    try:
        reply = _parse(text)
    except (ValueError, RecursionError):
        raise AnswerLost("the answer is not readable JSON", _RERUN) from None
    code = reply.get("Code") if isinstance(reply, dict) else None
    if isinstance(code, bool) or not isinstance(code, (int, str)) or not _CODE.match(str(code)):
        raise AnswerLost("the answer has no Code", _RERUN)
    return reply


def _refusal(action: str, code: int, message: str, request_id: str | None) -> ZegoError:
    """Return the error for a Code that is not 0."""
    row = _codes.explain(code, action)
    said = f": {message}" if message else ""
    reason = f"the API answered Code {code} ({row.meaning}){said}"
    kinds = {
        _codes.SPLIT: RefusedForContent,
        _codes.THROTTLED: Throttled,
        _codes.CLOCK: WrongClock,
        _codes.END: Halted,
        _codes.UNCERTAIN: Uncertain,
    }
    kinds[_codes.GONE] = Gone
    kind = Mendable if code in _codes.RETRY_FIRST else kinds.get(row.policy, Refused)
    return kind(reason, row.advice, str(code), request_id)


def _status_error(status: int) -> ZegoError:
    """Return the error for an HTTP status that is not 2xx; the API itself documents 200 only, so it comes from something on the way."""
    reason, code = f"HTTP status {status} instead of a reply", f"HTTP {status}"
    if status in TOO_LARGE:
        return RefusedForContent(reason, "Lower batch_size.", code)
    if status == 429:
        return Throttled(
            reason, "Lower requests_per_second, raise rate_limit_timeout, or run fewer pipelines at once.", code
        )
    # 1xx: what announces an answer is none.
    if status < 200 or status >= 500 or status == 408:
        return AnswerLost(reason, _RERUN, code)
    if 300 <= status < 400:
        return Halted(
            f"{reason}: redirects are not followed, since they would carry the signature elsewhere",
            "Check api_url.",
            code,
        )
    if status in (401, 403, 404, 405, 407):
        return Halted(reason, "Check api_url, and the proxies and gateways on the way.", code)
    return Refused(reason, "Check api_url, and the proxies and gateways on the way.", code)


def read(answer: Any, action: str = "StopCDNRecord") -> Answer | ZegoError:
    """Return what an HTTP answer (see ``HttpAnswer``) to ``action`` comes to: the reply with Code 0, or the error that it stands for."""
    if not 200 <= answer.status < 300:
        error = _status_error(answer.status)
        error.retry_after = answer.retry_after
        return error
    try:
        reply = _load(answer.text)
    except AnswerLost as lost:
        return lost
    code = int(reply["Code"])
    request_id = reply.get("RequestId")
    request_id = _plain(request_id) if isinstance(request_id, (str, int)) else None
    if code == 0:
        return Answer(reply.get("Data"), request_id, _plain(reply.get("Message")))
    error = _refusal(action, code, _plain(reply.get("Message")), request_id)
    error.server_date = answer.date
    return error
