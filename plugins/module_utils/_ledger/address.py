# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the option ``ledger`` names: a file, a server, or nothing."""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

# A file, where nothing else is named.
DEFAULT_LEDGER = "~/.ansible/zego/ledger.sqlite3"
SCHEMES = ("redis", "rediss", "unix")
# What an address may say of the connection. Anything else has an option of its own, or is nobody's business.
_QUERY = {"db"}
_KINDS = "redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket?db=0"


class Login(NamedTuple):
    """How to reach a server.

    ``address``: what redis-py's ``from_url`` reads, without user and password; ``verify``: whether to check its
    certificate; ``ca_path``: the file or folder of CA certificates to trust, empty for the usual ones.
    """

    address: str
    user: str = ""
    password: str = ""
    verify: bool = True
    ca_path: str = ""


def is_server(ledger: str) -> bool:
    """Tell whether this is the address of a server."""
    return "://" in ledger


def file_path(ledger: str) -> str:
    """Return the path of a file, with ``~`` and environment variables in it replaced."""
    return os.path.expanduser(os.path.expandvars(ledger))


def without_login(ledger: str) -> str:
    """Return what may be shown of the option: a path, or an address that is accepted.

    In one that is refused, a password may stand anywhere: before the host, in its place, as the port.
    """
    try:
        check_ledger(ledger)
    except ValueError:
        return "(not shown)"
    return ledger


def check_ledger(ledger: str) -> None:
    """Refuse an address that names no server, or more than that. Raises ``ValueError``.

    Nothing of the address is quoted: a password may be in it.
    """
    if not is_server(ledger):
        return
    try:
        parts = urlsplit(ledger)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(f"ledger: the address cannot be read. It is a path, or {_KINDS}.") from None
    if "@" in parts.netloc or parts.username or parts.password or {"username", "password"} & set(_query(parts.query)):
        raise ValueError("ledger: a user or a password is in the address. Use ledger_user and ledger_password.")
    if parts.scheme not in SCHEMES or not port_is_fine:
        raise ValueError(f"ledger: this is no address of a server. It is a path, or {_KINDS}.")
    is_socket = parts.scheme == "unix"
    if (is_socket and (parts.netloc or not parts.path)) or (not is_socket and not parts.hostname):
        raise ValueError(f"ledger: the address names no server. It is a path, or {_KINDS}.")
    database = parts.path.strip("/") if not is_socket else ""
    if (database and not database.isdecimal()) or set(_query(parts.query)) - _QUERY or parts.fragment:
        raise ValueError(f"ledger: the address says more than a server and the number of a database. It is {_KINDS}.")
    if not all(value.isdecimal() for values in _query(parts.query).values() for value in values):
        raise ValueError(f"ledger: db is the number of a database, as in {_KINDS}.")


def _query(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)
