# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Signs requests to the ZEGO server API (reference page "Calling")."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

# The only version that the reference describes.
SIGNATURE_VERSION = "2.0"


def _md5(text: bytes) -> str:
    # The API asks for MD5. "Not for security" keeps it usable on FIPS machines; Python 3.8 lacks the argument.
    try:
        return hashlib.md5(text, usedforsecurity=False).hexdigest()
    except TypeError:
        return hashlib.md5(text).hexdigest()  # noqa: S324


def new_nonce() -> str:
    """Return a fresh SignatureNonce: 8 random bytes as 16 hex characters."""
    return secrets.token_hex(8)


def signature(app_id: int, nonce: str, server_secret: str, *, timestamp: int) -> str:
    """Return md5(AppId + SignatureNonce + ServerSecret + Timestamp) as 32 lower-case hex characters.

    ``timestamp`` is in Unix seconds, by the server's clock.
    """
    return _md5(f"{app_id}{nonce}{server_secret}{timestamp}".encode())


def signed_parameters(app_id: int, server_secret: str, action: str, *, timestamp: int) -> dict[str, Any]:
    """Return the common query parameters of one request, with a nonce and a signature of its own."""
    nonce = new_nonce()
    return {
        "Action": action,
        "AppId": app_id,
        "SignatureNonce": nonce,
        "Timestamp": timestamp,
        "Signature": signature(app_id, nonce, server_secret, timestamp=timestamp),
        "SignatureVersion": SIGNATURE_VERSION,
    }
