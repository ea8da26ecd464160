# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Where the API is, by region and by action, as data (reference page "Calling")."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils._api.codes import CLOUD_RECORDING, FAMILY_OF

# 'global' is the address that is not bound to a region.
REGIONS = ("global", "sha", "hkg", "fra", "lax", "bom", "sgp")

# Every family but cloud recording is served at the same address.
_USUAL = "rtc-api"
_HOSTS = {CLOUD_RECORDING: "cloudrecord-api"}


def address_of(region: str, action: str = "") -> str:
    """Return the URL of ``action`` in one of the ``REGIONS``."""
    host = _HOSTS.get(FAMILY_OF.get(action, ""), _USUAL)
    suffix = "" if region == "global" else f"-{region}"
    return f"https://{host}{suffix}.zego.im/"
