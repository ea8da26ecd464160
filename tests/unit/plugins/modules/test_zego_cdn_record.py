# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's options, and the order it makes of them."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.zego.cloud.plugins.modules import zego_cdn_record

PARAMS = {
    "app_id": 12345,
    "vendor": "Aliyun",
    "state": "stopped",
    "domain": "d",
    "point": "p",
    "end_time": None,
    "is_test": False,
    "force": False,
    "batch_size": 7,
    "not_recording_codes": ["404", "404"],
}


def test_documentation_and_spec_agree():
    options = yaml.safe_load(zego_cdn_record.DOCUMENTATION)["options"]
    assert set(options) == set(zego_cdn_record.SPEC)
    for name, documented in options.items():
        for key in ("type", "elements", "required", "default", "choices", "aliases"):
            assert documented.get(key) == zego_cdn_record.SPEC[name].get(key), (name, key)


@pytest.mark.parametrize("state,verb", [("stopped", "stop"), ("started", "start")])
def test_order(state, verb):
    order = zego_cdn_record.make_order(dict(PARAMS, state=state))
    assert (order.verb, order.vendor, order.domain, order.point, order.batch_size) == (verb, "Aliyun", "d", "p", 7)
    assert order.not_recording_codes == frozenset({"404"}) and order.test_prefix == ""


def test_order_for_the_test_environment():
    order = zego_cdn_record.make_order(dict(PARAMS, is_test=True))
    assert order.is_test and order.test_prefix == "zegotest-12345-"
