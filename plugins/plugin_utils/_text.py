# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be shown to people: text without invisible characters, safe links, times and sizes in words. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

# Controls, formats (direction overrides, zero width), lone surrogates, line and paragraph separators: a reader cannot
# see them, or XML cannot hold them.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LINK_SCHEMES = ("http", "https")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
# These stay as they are in a path; everything else is percent-encoded. Brackets and quotes are not among them: they
# would end a link in Markdown or HTML. '%' is among them, since the path may be encoded already.
_PATH_CHARACTERS = "/%:$+,;=~-._"


def _visible_char(char: str) -> str:
    point = ord(char)
    noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return f"[U+{point:04X}]" if noncharacter or unicodedata.category(char) in _INVISIBLE else char


def visible(value: Any) -> str:
    """Return a name as text without invisible characters: U+202E becomes ``[U+202E]``.

    The result can be encoded, and XML can hold it.
    """
    text = "" if value is None else str(value)
    return text if text.isascii() and text.isprintable() else "".join(map(_visible_char, text))


def prose(value: Any) -> str:
    """Return a message as one line of visible text, in which a run of white space is a single space."""
    return visible(" ".join(("" if value is None else str(value)).split()))


def cut(text: str, max_bytes: int) -> str:
    """Return as much of a visible text as fits into ``max_bytes`` of UTF-8, with \u2026 where something is left out."""
    data = text.encode("utf-8")
    if len(data) <= max_bytes:
        return text
    # What the cut leaves of a character is dropped.
    return data[: max(max_bytes - 3, 0)].decode("utf-8", "ignore").rstrip() + "\u2026"


def chat(value: Any) -> str:
    """Return a message as one line that a chat shows as it is: no mention, and no link with words of its own."""
    return prose(value).replace("<", "\u2039").replace(">", "\u203a").replace("](", "] (")


def safe_link(url: Any) -> str:
    """Return an HTTP address that is safe to follow, '' if ``url`` is not one.

    User info, query and fragment are left out, because passwords and signatures are there.
    """
    try:
        parts = urlsplit(str(url or ""))
        host, port = parts.hostname or "", parts.port
        name = host.encode("idna").decode("ascii") if ":" not in host else f"[{host}]"
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in _LINK_SCHEMES or not _HOST.fullmatch(name):
        return ""
    address = name if port is None else f"{name}:{port}"
    path = quote(parts.path.encode("utf-8", "replace"), safe=_PATH_CHARACTERS)
    return f"{parts.scheme}://{address}{path}"


def time_of(text: Any) -> datetime | None:
    """Return the moment of an ISO 8601 time, None if ``text`` is not one."""
    try:
        # Python 3.10, on which ansible-core 2.16 and 2.17 run, reads neither a Z nor a fraction of other than three or
        # six digits.
        in_full = re.sub(r"\.(\d+)", lambda fraction: f".{fraction[1]:0<6.6}", re.sub("Z$", "+00:00", str(text)))
        return datetime.fromisoformat(in_full)
    except ValueError:
        return None


def seconds_between(started: Any, finished: Any) -> float | None:
    """Return the seconds between two ISO 8601 times, None unless both are such times."""
    start, finish = time_of(started), time_of(finished)
    if start is None or finish is None:
        return None
    try:
        return round((finish - start).total_seconds(), 3)
    except TypeError:
        # Only one of them has a time zone.
        return None


def counted(count: int, noun: str) -> str:
    """Return how many of a thing there are: ``1 stream``, ``3 streams``."""
    return f"{count} {noun if count == 1 else noun + 's'}"


def duration(seconds: Any) -> str:
    """Return seconds for people: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 04 min``."""
    if not isinstance(seconds, (int, float)) or not 0 <= seconds < 1e9:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def size(count: Any) -> str:
    """Return a number of bytes for people: ``2.2 MB``."""
    if not isinstance(count, (int, float)) or isinstance(count, bool) or not 0 <= count < 1e21:
        return ""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
