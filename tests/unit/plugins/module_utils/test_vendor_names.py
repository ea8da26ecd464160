# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever knows a vendor by another name is told the API's."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_names import (
    OTHER_NAMES,
    meant_vendor,
    vendor_advice,
)


@pytest.mark.parametrize(
    "text,vendor",
    [
        ("tencent", "Tencent"),
        ("Tencent Cloud", "Tencent"),
        ("QCloud", "Tencent"),
        ("腾讯云", "Tencent"),
        ("WS", "Ws"),
        ("Wangsu", "Ws"),
        ("HUAWEI", "Huawei"),
        ("Huawei-Cloud", "Huawei"),
        ("Alibaba", "Aliyun"),
        ("alibaba_cloud", "Aliyun"),
        ("aliyun ", "Aliyun"),
    ],
)
def test_another_name_of_a_vendor_gets_the_right_one(text, vendor):
    assert meant_vendor(text) == vendor and vendor_advice(text).endswith(f"Did you mean {vendor}?")


@pytest.mark.parametrize("text", ["", "Akamai", "Wso2", "cloud"])
def test_other_texts_get_no_guess(text):
    assert meant_vendor(text) == "" and vendor_advice(text) == ""


def test_the_vendors_themselves_need_no_advice():
    assert set(OTHER_NAMES) == set(VENDORS) and not any(map(vendor_advice, VENDORS))
