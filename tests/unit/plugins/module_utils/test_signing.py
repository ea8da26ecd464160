# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference page "Calling": the published vector, and a nonce of its own for each request."""

from __future__ import annotations

import hashlib
import re

from ansible_collections.zego.cloud.plugins.module_utils._api import signing as _signing

NONCE, SECRET, STAMP = "4fd24687296dd9f3", "9193cc662a4c0ec135ec71fb57194b38", 1615186943


def test_the_published_example_has_the_published_signature():
    assert _signing.signature(12345, NONCE, SECRET, timestamp=STAMP) == "43e5cfcca828314675f91b001390566a"


def test_the_signature_is_the_same_where_md5_takes_no_further_argument(monkeypatch):
    real = hashlib.md5

    def old_md5(text, **options):
        if options:
            raise TypeError("md5() takes no keyword arguments")
        return real(text)

    monkeypatch.setattr(hashlib, "md5", old_md5)
    assert _signing.signature(12345, NONCE, SECRET, timestamp=STAMP) == "43e5cfcca828314675f91b001390566a"


def test_parameters_are_signed_with_their_own_nonce():
    several = [_signing.signed_parameters(12345, SECRET, "StopCDNRecord", timestamp=STAMP) for _item in range(50)]
    assert len({item["SignatureNonce"] for item in several}) == 50
    for item in several:
        assert set(item) == {"Action", "AppId", "SignatureNonce", "Timestamp", "Signature", "SignatureVersion"}
        assert re.match(r"^[0-9a-f]{16}$", item["SignatureNonce"])
        expected = hashlib.md5(f"12345{item['SignatureNonce']}{SECRET}{STAMP}".encode()).hexdigest()
        assert item["Signature"] == expected
        assert (item["Action"], item["AppId"], item["Timestamp"], item["SignatureVersion"]) == (
            "StopCDNRecord",
            12345,
            STAMP,
            "2.0",
        )
