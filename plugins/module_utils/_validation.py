# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Refuses bad input before anything is sent. Every check raises ``ValueError`` with a sentence for the user."""

from __future__ import annotations

import hashlib
import os
import re
import time
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._api.hosts import address_of
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import has_user_info, is_loopback
from ansible_collections.zego.cloud.plugins.module_utils._values import printable

# Reference page "Stream IDs": some pages say 255 bytes, others 256. The server decides.
STREAM_BYTES = 256
# Reference page "StopCDNRecord, StartCDNRecord": at most 24 h ahead.
END_TIME_AHEAD = 24 * 3600
APP_ID_MAX = 2**32 - 1
# The size of batches that is found out.
AUTO_SIZE = "auto"
# Larger numbers make waits that overflow the system's timers.
LARGEST = 1_000_000
RETRIES_MAX = 1000
# The options of the connection that must be above zero.
POSITIVE = ("timeout", "requests_per_second", "rate_limit_timeout")
SLOWEST = 0.01
# How OpenSSL looks for a certificate in a folder.
_HASHED = re.compile("[0-9a-f]{8}[.][0-9]+")
QUOTES = "\"'\u201c\u201d\u2018\u2019`"


def name_problem(what: str, value: str, *, limit: int = STREAM_BYTES, exact: bool = False) -> str:
    """Return what keeps a request from carrying a name, as a sentence; '' where nothing does.

    ``limit``: the most bytes; ``exact``: whether the API itself gave the name, so that white space at its ends is no
    slip.
    """
    if not value:
        return f"{what} is empty."
    shown = printable(value[:32]) + ("..." if len(value) > 32 else "")
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        return f"{what} '{shown}' is not valid UTF-8."
    if size > limit:
        return f"{what} '{shown}' has {size} bytes, at most {limit} are allowed."
    # Most likely a slip of whoever wrote it: no stream of that name would be found.
    if not exact and value != value.strip():
        return f"{what} '{shown}' begins or ends with white space."
    # Client SDKs allow letters, digits, '-' and '_' only, but streams that come another way have names with spaces and
    # emoji. The server judges those.
    if not all(map(_is_sendable, value)):
        return f"{what} '{shown}' has white space other than a space, or control characters."
    return ""


def _is_sendable(char: str) -> bool:
    # The joiners and the tags of flags are parts of emoji. Others that do not print change how a line is read.
    return char.isprintable() or char in "\u200c\u200d" or "\U000e0020" <= char <= "\U000e007f"


def check_name(what: str, value: str) -> None:
    """Refuse a name that no request can carry."""
    problem = name_problem(what, value)
    if problem:
        raise ValueError(problem)


def check_word(what: str, value: str) -> None:
    """Refuse a name that no request can carry, or that has a space."""
    check_name(what, value)
    if " " in value:
        raise ValueError(f"{what} '{printable(value[:32])}' has white space.")


def sort_names(
    option: str, names: list[str], *, limit: int = STREAM_BYTES, exact: bool = False
) -> tuple[list[str], dict[str, str]]:
    """Return the names without duplicates, in the order given, and why no request can carry some of them, by name.

    See ``name_problem``. One bad name is no reason to leave the others alone: only an empty list is refused.
    """
    check_not_empty(option, names)
    refused: dict[str, str] = {}
    for position, name in enumerate(names, 1):
        problem = name_problem(f"{option}: entry {position}", name, limit=limit, exact=exact)
        if problem:
            refused.setdefault(name, problem)
    return list(dict.fromkeys(names)), refused


def check_not_empty(option: str, names: list[str]) -> None:
    """Refuse a list without any name."""
    if not names:
        raise ValueError(f"{option} is empty: give at least one {option[:-1].replace('_', ' ')}.")


def check_size(option: str, text: str, size: int) -> None:
    """Refuse a text with more bytes than that."""
    if len(text.encode("utf-8", "replace")) > size:
        raise ValueError(f"{option} has more than {size} bytes.")


def check_order(params: dict[str, Any]) -> None:
    """Refuse options that do not go together with vendor or state."""
    for name in ("domain", "point"):
        if params[name] is None:
            continue
        if params["vendor"] != "Aliyun":
            raise ValueError(f"{name} applies to vendor Aliyun only, not to {params['vendor']}.")
        check_word(name, params[name])
    if params["end_time"] is None:
        return
    if params["state"] != "started" or params["vendor"] != "Tencent":
        raise ValueError("end_time applies to state=started at vendor Tencent only.")
    ahead = params["end_time"] - time.time()
    if not 0 < ahead <= END_TIME_AHEAD:
        raise ValueError(f"end_time {params['end_time']} is not within the next 24 hours (Unix seconds).")


def check_numbers(params: dict[str, Any], positive: tuple[str, ...]) -> None:
    """Refuse numbers that are not above zero (``retries`` may be zero)."""
    for name in positive:
        if params[name] is not None and not 0 < params[name] <= LARGEST:
            raise ValueError(f"{name} must be a number above 0 and not above {LARGEST}, not {params[name]}.")
    pace = params.get("requests_per_second")
    if pace is not None and pace < SLOWEST:
        raise ValueError(f"requests_per_second must be at least {SLOWEST}, not {pace}.")
    if not 0 <= params["retries"] <= RETRIES_MAX:
        raise ValueError(f"retries must be between 0 and {RETRIES_MAX}, not {params['retries']}.")
    if not 0 < params["app_id"] <= APP_ID_MAX:
        raise ValueError(f"app_id must be between 1 and {APP_ID_MAX}.")


def check_batch_size(size: str) -> None:
    """Refuse a size of batches that is neither a number above zero nor ``AUTO_SIZE``."""
    digits = size.strip()
    if digits != AUTO_SIZE and not (digits.isdecimal() and 0 < int(digits[:20]) <= LARGEST):
        raise ValueError(f"batch_size must be {AUTO_SIZE}, or a number above 0 and not above {LARGEST}.")


def check_secret(secret: str) -> None:
    """Refuse a ServerSecret that cannot be signed with. Never echoes it."""
    if not secret:
        raise ValueError("server_secret is empty.")
    if not _is_utf8(secret):
        raise ValueError("server_secret is not valid UTF-8.")
    # A signature made with them is as wrong as any other, and the API only says 'authentication failed'.
    if "\n" in secret or "\r" in secret:
        raise ValueError("server_secret holds a newline: set it without, for example with the filter trim.")
    if any(char.isspace() for char in secret):
        raise ValueError("server_secret holds white space: set it without, for example with the filter trim.")
    if secret[0] in QUOTES or secret[-1] in QUOTES:
        raise ValueError("server_secret has quotes at its ends, which are not part of it: set it without.")


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def check_api_url(url: str, validate_certs: bool) -> str:
    """Return the address, for the length of requests and for the ledger's scope. Echoes nothing of it but the host."""
    # Ansible logs how a module is called before the module can hide anything.
    if has_user_info(url):
        raise ValueError("api_url has a user name, password or token before its host: use api_user and api_password.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        url.encode("utf-8")
    except ValueError:
        raise ValueError("api_url is not a usable URL.") from None
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() or char == "\\" for char in url):
        raise ValueError("api_url must be an http or https URL with a host, such as https://rtc-api.zego.im.")
    if parts.query or parts.fragment:
        raise ValueError("api_url must have neither a query nor a fragment.")
    # Anybody on the way can read the signature. Requests to this machine (a simulator) never leave it.
    if parts.scheme == "http" and validate_certs and not is_loopback(host):
        raise ValueError(
            f"api_url uses plain http to {host}: use https, or say validate_certs=false to accept that anybody on the "
            "way can read it."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path or '/'}"


def check_credentials(user: str, password: str) -> None:
    """Refuse what HTTP Basic authentication cannot carry (RFC 7617). Never echoes it."""
    if ":" in user:
        raise ValueError("api_user holds a colon, which separates it from the password: use api_password.")
    for name, text in (("api_user", user), ("api_password", password)):
        if not _is_utf8(text) or not text.isprintable():
            raise ValueError(f"{name} is not valid UTF-8, or has control characters.")


def same_server(url: str) -> str:
    """Return an address as ``check_api_url`` returns it, the same for all spellings of one server.

    Of a path it holds a hash: a gateway's may be a token.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    path = parts.path.rstrip("/")
    hashed = f"/{hashlib.sha256(path.encode('utf-8')).hexdigest()[:16]}" if path else ""
    return f"{parts.scheme}://{host}{port}{hashed}"


def check_ca_path(path: str | None) -> None:
    """Refuse a CA path that holds no certificates."""
    if path is None:
        return
    import ssl

    try:
        if os.path.isdir(path) and not any(_HASHED.fullmatch(name) for name in os.listdir(path)):
            raise ValueError(
                f"ca_path {path} is a folder without certificates that OpenSSL finds by their hash: "
                "run 'openssl rehash' on it, or name a file."
            )
        ssl.create_default_context(capath=path) if os.path.isdir(path) else ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ValueError(f"ca_path {path} cannot be used: {error.strerror or type(error).__name__}.") from None


def check_connection(params: dict[str, Any], positive: tuple[str, ...] = POSITIVE) -> str:
    """Return the address of the API, as far as it may be shown.

    ``params``: the connection's options, each with a value or None; ``positive``: those that must be above zero.
    """
    check_secret(params["server_secret"])
    check_numbers(params, positive)
    shown_url = check_api_url(params["api_url"] or address_of(params["region"]), params["validate_certs"])
    check_credentials(params["api_user"] or "", params["api_password"] or "")
    check_ca_path(params["ca_path"])
    return shown_url
