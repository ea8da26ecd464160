# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the body of a callback, and checks who signed it and when."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from typing import Any, Callable, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

# Seconds since the epoch, as the API sends them; a longer number is none.
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_APP_ID = re.compile(r"[0-9]{1,10}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
_MOST_FIELDS = 200
_LONGEST_NUMBER = 19

BROKEN, UNSIGNED, FOREIGN = 400, 401, 403


class Refused(Exception):
    """A callback that is not taken. ``status``: of the answer; the text says why, and quotes nothing of the body."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Callback(NamedTuple):
    """A callback that was signed with our secret.

    ``fields``: those of the body, numbers as text; ``token``: the same for each body that comes with this signature;
    ``digest``: the same for each spelling of this body; ``until``: when the signature is too old.
    """

    app_id: int
    fields: dict[str, Any]
    token: str
    digest: str
    until: float


class _Number(str):
    """A number as it was sent: signatures cover its text."""


def _refuse_constant(_text: str) -> Any:
    raise ValueError("no JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    # Which of the two would count? Whoever reads the body elsewhere may take the other one.
    if len(found) < len(pairs):
        raise ValueError("a field is there twice")
    return found


def _plain(value: Any) -> Any:
    """Return a value of JSON with usual numbers in it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, _Number) or len(value) > _LONGEST_NUMBER:
        return value
    number = float(value)
    if not math.isfinite(number):
        return str(value)
    return int(value) if re.fullmatch(r"-?[0-9]+", value) else number


def _from_json(text: str) -> dict[str, Any]:
    value = json.loads(
        text,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_refuse_constant,
        object_pairs_hook=_without_duplicates,
    )
    if not isinstance(value, dict):
        raise ValueError("no object")
    return {name: str(item) if isinstance(item, _Number) else _plain(item) for name, item in value.items()}


def _from_form(text: str) -> dict[str, Any]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS)
    # PHP's way to send a list repeats a name that ends in brackets.
    single = [(name, value) for name, value in pairs if "[" not in name]
    return _without_duplicates(single)


def read_body(body: bytes) -> dict[str, Any]:
    """Return the fields of a body: JSON, JSON that is percent-encoded, or a form. Raises ``Refused``."""
    try:
        text = body.decode("utf-8").strip()
        if text[:3].upper() == "%7B":
            text = unquote_plus(text, errors="strict")
        return _from_json(text) if text.startswith("{") else _from_form(text)
    except (ValueError, RecursionError):
        # Raised outside of the handler: the error quotes the body.
        pass
    raise Refused(BROKEN, "the body is neither a JSON object nor a form")


def signature_of(secret: str, timestamp: str, nonce: str) -> str:
    """Return the signature of a callback. It covers no more than these three."""
    return hashlib.sha1("".join(sorted([secret, timestamp, nonce])).encode("utf-8", "replace")).hexdigest()


class Reader:
    """Reads callbacks of one AppID. ``max_age``: for how many seconds a signature counts, before and after now."""

    def __init__(self, app_id: int, secret: str, max_age: float, clock: Callable[[], float]) -> None:
        self._app_id = app_id
        self._secret = secret
        self._max_age = max_age
        self._clock = clock

    def read(self, body: bytes) -> Callback:
        """Return the callback of a body. Raises ``Refused``."""
        fields = read_body(body)
        self._check_app_id(fields)
        timestamp, nonce, signature = (fields.get(name) for name in ("timestamp", "nonce", "signature"))
        if not (isinstance(timestamp, str) and isinstance(nonce, str) and isinstance(signature, str)):
            raise Refused(UNSIGNED, "it is not signed")
        if not _TIMESTAMP.fullmatch(timestamp) or not nonce or not _SIGNATURE.fullmatch(signature):
            raise Refused(UNSIGNED, "it is not signed")
        expected = signature_of(self._secret, timestamp, nonce)
        if not hmac.compare_digest(expected, signature.lower()):
            raise Refused(UNSIGNED, "its signature is wrong: check the callback secret")
        age = self._clock() - int(timestamp)
        if abs(age) > self._max_age:
            side = "old" if age > 0 else "far in the future"
            raise Refused(UNSIGNED, f"its signature is too {side}: check the clocks, and max_age")
        return Callback(
            self._app_id,
            fields,
            # Of the signature, not of the nonce: of digits between nonce and timestamp nobody can tell whose they are.
            hashlib.sha256(expected.encode("ascii")).hexdigest(),
            _digest(fields),
            int(timestamp) + self._max_age,
        )

    def _check_app_id(self, fields: dict[str, Any]) -> None:
        names = [name for name in ("appid", "app_id") if name in fields]
        values = {fields[name] for name in names if isinstance(fields[name], str)}
        if not names or len(values) != 1:
            raise Refused(BROKEN, "it does not name its AppID")
        (app_id,) = values
        if not _APP_ID.fullmatch(app_id):
            raise Refused(BROKEN, "its AppID is no number")
        if int(app_id) != self._app_id:
            raise Refused(FOREIGN, f"it is about AppID {int(app_id)}, and this source takes {self._app_id}")


def _digest(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode("utf-8")).hexdigest()
