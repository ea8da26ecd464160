# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What no output may hold, and how it is kept out."""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from typing import Any, Iterable
from urllib.parse import unquote, urlsplit

# A shorter text is as likely to be part of a stream's name: blacking it out would damage the result.
SECRET_LENGTH = 8
REDACTED = "********"


def is_secret(text: str) -> bool:
    """Tell whether a text is long enough to be blacked out."""
    return len(text) >= SECRET_LENGTH


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every secret that is long enough blacked out."""
    for secret in secrets:
        if is_secret(secret):
            text = text.replace(secret, REDACTED)
    return text


def is_loopback(host: str) -> bool:
    """Tell whether a host of a URL is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hide_user_info(params: dict[str, Any], no_log_values: set[str]) -> tuple[str, ...]:
    """Keep a user name and password in api_url out of all output; return the texts that no reply may echo.

    Takes them out of ``params``, whose values -vvv prints as the invocation, and adds them to ``no_log_values``.
    """
    url = str(params.get("api_url") or "")
    user_info = user_info_of(url)
    if not user_info:
        return ()
    decoded = unquote(user_info)
    # A gateway may echo the user info as it was written or decoded, and the password without the name.
    texts = {
        user_info,
        decoded,
        # As the Authorization header carries it.
        b64encode(decoded.encode("utf-8", "replace")).decode(),
        user_info.partition(":")[2],
        decoded.partition(":")[2],
    }
    hidden = tuple(filter(is_secret, texts))
    no_log_values.update(hidden)
    params["api_url"] = url.replace(f"{user_info}@", "", 1)
    return hidden


def user_info_of(url: str) -> str:
    """Return the user info of a URL as written, '' where it has none.

    If it is no valid URL: everything that could be user info.
    """
    try:
        parts = urlsplit(url)
        # Reading the port raises ValueError if it is no valid one.
        if parts.port != -1 and parts.netloc:
            return parts.netloc.rpartition("@")[0]
    except ValueError:
        pass
    return url.rpartition("@")[0].partition("//")[2]
