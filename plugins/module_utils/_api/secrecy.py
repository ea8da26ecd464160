# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What no output may hold, and how it is kept out."""

from __future__ import annotations

import binascii
import ipaddress
import re
import string
from typing import Any, Iterable, Iterator
from urllib.parse import unquote, unquote_to_bytes, urlsplit

# A shorter text is as likely to be part of a stream's name: blacking it out would damage the result.
SECRET_LENGTH = 8
REDACTED = "********"
NOT_SHOWN = "(not shown, since it repeats a secret)"

# A nonce has 16 hex characters, a signature 32. Half of one is enough to find it: a reply may be cut anywhere.
_HEX_LENGTH = 16
_HEX = re.compile(rb"[0-9a-f]{16,}")
_HEX_IN_TEXT = re.compile(r"[0-9A-Fa-f]{16,}")
# How many encodings on top of each other are taken off: JSON in JSON, percent-encoded twice, and one more.
_ROUNDS = 5
# JSON's and JavaScript's escapes, and numbered entities of HTML.
_ESCAPED = re.compile(
    rb"(?<!\\)\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2})|[bfnrt])|&#x([0-9a-f]{1,6});?|&#([0-9]{1,7});?", re.IGNORECASE
)
_ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
_SEPARATORS = bytes(set(range(256)).difference(_ALPHANUMERIC))
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_NOT_BASE64 = bytes(set(range(256)).difference(_ALPHANUMERIC + b"+/-_"))
_STANDARD_BASE64 = bytes.maketrans(b"-_", b"+/")


def is_secret(text: str) -> bool:
    """Tell whether a text is long enough to be blacked out."""
    return len(text) >= SECRET_LENGTH


class Secrets:
    """What no reply of this run may bring into an output: the texts given, and what signed each request so far.

    ``texts``: such as the ServerSecret and a password; ``addresses``: of which no part of eight letters and digits may
    be shown; ``names``: what may be shown of them nevertheless.
    Several threads share it: one adds to it what signs its own request, and looks for that of all of them.
    """

    def __init__(self, texts: Iterable[str] = (), addresses: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        # If a part were blacked out first, the whole would not be found, and its rest would stay readable.
        self._texts = sorted(filter(is_secret, set(texts)), key=len, reverse=True)
        self._compact = [compact for compact in map(_compact, map(_bytes, self._texts)) if _is_long(compact)]
        # What has few letters and digits is looked for as it is.
        self._literal = [text.lower() for text in self._texts if not _is_long(_compact(_bytes(text)))]
        self._pieces = _pieces(addresses) - _pieces(names)
        self._signing: set[bytes] = set()

    def add_signing(self, signature: str, nonce: str) -> None:
        """Add what signs one request (32 and 16 hex characters), before it is sent."""
        for text in (nonce, signature[:_HEX_LENGTH], signature[_HEX_LENGTH:]):
            self._signing.add(text.encode())

    def occur_in(self, text: str) -> bool:
        """Tell whether a text holds one of them, however it is spelled.

        In any letter case, with anything between its characters that is neither letter nor digit, JSON-escaped,
        percent-encoded, as numbered entities, or in base64. A megabyte takes some hundredths of a second.
        """
        return any(map(self._occur_in_view, _views(_bytes(text))))

    def _occur_in_view(self, view: bytes) -> bool:
        compact = _compact(view)
        if any(self._signs(run) for run in _HEX.findall(compact)):
            return True
        if any(secret in compact for secret in self._compact):
            return True
        if self._pieces and not self._pieces.isdisjoint(_parts(compact, SECRET_LENGTH)):
            return True
        if not self._literal:
            return False
        text = view.decode("utf-8", "replace").lower()
        return any(secret in text for secret in self._literal)

    def _signs(self, run: bytes) -> bool:
        return any(part in self._signing for part in _parts(run, _HEX_LENGTH))

    def clean(self, text: str) -> str:
        """Return a text with what is secret blacked out; where that is not enough, a note instead of all of it."""
        if not self.occur_in(text):
            return text
        for secret in self._texts:
            text = re.sub(re.escape(secret), REDACTED, text, flags=re.IGNORECASE)
        text = _HEX_IN_TEXT.sub(self._blacked_out, text)
        return NOT_SHOWN if self.occur_in(text) else text

    def _blacked_out(self, run: re.Match[str]) -> str:
        return REDACTED if self._signs(run.group().lower().encode()) else run.group()

    def clean_data(self, data: Any) -> Any:
        """Return JSON data with each text in it cleaned. Data that is nested too deep for Python raises its error."""
        if isinstance(data, dict):
            return {self.clean(key): self.clean_data(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.clean_data(item) for item in data]
        if isinstance(data, str):
            return self.clean(data)
        # A nonce may consist of digits.
        is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
        return NOT_SHOWN if is_number and self.occur_in(str(data)) else data


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _compact(data: bytes) -> bytes:
    """Return letters and digits only, in lower case. All bytes of other characters go, invisible ones included."""
    return data.translate(_LOWER, _SEPARATORS)


def _is_long(compact: bytes) -> bool:
    return len(compact) >= SECRET_LENGTH


def _parts(compact: bytes, length: int) -> Iterator[bytes]:
    for start in range(len(compact) - length + 1):
        yield compact[start : start + length]


def _pieces(texts: Iterable[str]) -> set[bytes]:
    """Return every part of eight letters and digits that these texts have, encoded or decoded."""
    found: set[bytes] = set()
    for text in texts:
        for view in _decodings(_bytes(text)):
            found.update(_parts(_compact(view), SECRET_LENGTH))
    return found


def _views(data: bytes) -> Iterator[bytes]:
    """Yield data as it is and in all its decodings."""
    for view in _decodings(data):
        yield view
        kept = view.translate(_STANDARD_BASE64, _NOT_BASE64)
        # Where its first character is not known, base64 begins at one of four places.
        for start in range(4):
            part = kept[start:]
            yield from _decodings(binascii.a2b_base64(part + b"A" * (-len(part) % 4)))


def _decodings(data: bytes) -> Iterator[bytes]:
    for _round in range(_ROUNDS):
        yield data
        decoded = _ESCAPED.sub(_character, data) if b"\\" in data or b"&#" in data else data
        decoded = unquote_to_bytes(decoded) if b"%" in decoded else decoded
        if decoded == data:
            return
        data = decoded


def _character(escape: re.Match[bytes]) -> bytes:
    *hexadecimal, decimal = escape.groups()
    digits = next(filter(None, hexadecimal), None)
    point = int(digits, 16) if digits else int(decimal or 0)
    # Letters and digits are all that counts.
    return bytes([point]) if point < 128 else b""


def is_loopback(host: str) -> bool:
    """Tell whether a host of a URL is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def has_user_info(url: str) -> bool:
    """Tell whether an address has, or may have, a user name or password before its host."""
    try:
        parts = urlsplit(url)
        # Reading the port raises ValueError if it is no valid one.
        if parts.port != -1 and parts.netloc:
            return "@" in parts.netloc
    except ValueError:
        pass
    return "@" in url


def path_parts(url: str) -> list[str]:
    """Return the parts of an address' path, encoded and decoded, none for what is no address: one may be a token."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return []
    return [*path.split("/"), *unquote(path).split("/")]


def without_secrets(url: str) -> str:
    """Return scheme, host and port of an address: user info, path, query and fragment may hold a token.

    Returns a note for what is no valid address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not re.fullmatch(r"[\w.-]+|[0-9a-fA-F:.]+", host):
        return "(not shown)"
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"
