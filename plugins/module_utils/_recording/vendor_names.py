# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The vendors by the names that people know them by."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS

# In lower case, letters only. The API takes only its own four names.
OTHER_NAMES = {
    "Tencent": ("tencentcloud", "qcloud", "tx", "腾讯", "腾讯云"),
    "Ws": ("wangsu", "chinanetcenter", "cdnetworks", "网宿", "网宿科技"),
    "Huawei": ("huaweicloud", "hwcloud", "华为", "华为云"),
    "Aliyun": ("ali", "alicloud", "alibaba", "alibabacloud", "阿里", "阿里巴巴", "阿里云"),
}


def meant_vendor(text: str) -> str:
    """Return the vendor that a text most likely means, '' where none is near."""
    plain = "".join(char for char in text.casefold() if char.isalpha())
    for vendor in VENDORS:
        if plain == vendor.casefold() or plain in OTHER_NAMES[vendor]:
            return vendor
    return ""


def vendor_advice(text: str) -> str:
    """Return what to tell whoever gave this text as a vendor, '' where it is one or where nothing is near."""
    meant = "" if text in VENDORS else meant_vendor(text)
    if not meant:
        return ""
    return (
        f"vendor must be one of {', '.join(VENDORS)}, spelled as the API does, not {text[:32]!r}. Did you mean {meant}?"
    )
