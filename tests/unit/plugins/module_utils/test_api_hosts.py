# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which host an action goes to, in each region."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils import basic

from ansible_collections.zego.cloud.plugins.module_utils._api import hosts as _hosts
from ansible_collections.zego.cloud.plugins.module_utils._api import transport
from ansible_collections.zego.cloud.plugins.modules import zego_api
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import reply

# The servers in ZEGO's own files, by region.
SUFFIXES = {
    "global": "",
    "sha": "-sha",
    "hkg": "-hkg",
    "fra": "-fra",
    "lax": "-lax",
    "bom": "-bom",
    "sgp": "-sgp",
}
CLOUD_RECORDING = ("StartRecord", "StopRecord", "PauseRecord", "ResumeRecord", "DescribeRecordStatus", "DescribeTasks")


def test_every_region_of_the_reference_can_be_chosen():
    assert list(_hosts.REGIONS) == list(SUFFIXES)


@pytest.mark.parametrize("region, suffix", SUFFIXES.items())
def test_cloud_recording_has_a_host_of_its_own(region, suffix):
    for action in CLOUD_RECORDING:
        assert _hosts.address_of(region, action) == f"https://cloudrecord-api{suffix}.zego.im/"
    for action in ("", "StopCDNRecord", "CloseRoom", "StopMix", "Unheard"):
        assert _hosts.address_of(region, action) == f"https://rtc-api{suffix}.zego.im/"


@pytest.mark.parametrize(
    "given, url",
    [
        ({"action": "DescribeTasks", "region": "hkg"}, "https://cloudrecord-api-hkg.zego.im/"),
        ({"action": "DescribeTasks"}, "https://cloudrecord-api.zego.im/"),
        ({"action": "DescribeUserNum", "region": "hkg"}, "https://rtc-api-hkg.zego.im/"),
        ({"action": "DescribeTasks", "api_url": "https://zego.example.com/"}, "https://zego.example.com/"),
    ],
)
def test_the_module_sends_an_action_to_its_host(monkeypatch, capsys, given, url):
    class Transport:
        """Stands in for the one that sends: it answers success, whatever comes."""

        used = []

        def __init__(self, address, *_options, **_more):
            self.used.append(address)

        def send(self, *_request, **_options):
            return reply(0, {})

    monkeypatch.setattr(transport, "RequestsTransport", Transport)
    monkeypatch.delenv("ZEGO_API_URL", raising=False)
    monkeypatch.delenv("ZEGO_REGION", raising=False)
    arguments = {"app_id": 1234567890, "server_secret": "0" * 32, **given}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        zego_api.main()
    result = json.loads(capsys.readouterr().out)
    assert result["code"] == 0 and Transport.used == [url]
