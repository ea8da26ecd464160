# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module leaves in the system's log."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils import basic

from ansible_collections.zego.cloud.plugins.modules import zego_cdn_relay

KEY = "key-of-the-stream"


def logged(monkeypatch, capsys, relays):
    """Run the module in check mode; return what it logs, and its result."""
    given = {
        "app_id": 1234567890,
        "server_secret": "0" * 32,
        "relays": relays,
        "ledger": "",
        "_ansible_check_mode": True,
    }
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    lines = []
    monkeypatch.setattr(
        basic.AnsibleModule, "log", lambda _module, msg, log_args=None: lines.append(f"{msg} {log_args}")
    )
    with pytest.raises(SystemExit):
        zego_cdn_relay.main()
    return "\n".join(lines), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("ending", ["", "\n", "\\", "\u200b", "'", '"'])
def test_no_log_holds_the_address_of_a_relay(monkeypatch, capsys, ending):
    relays = [{"stream_id": "stage-of-the-night", "cdn_url": f"rtmp://push.example.com/live/{KEY}{ending}"}]
    log, _result = logged(monkeypatch, capsys, relays)
    assert "ledger_ttl" in log and KEY not in log


def test_the_result_names_the_streams(monkeypatch, capsys):
    relays = [{"stream_id": "stage-of-the-night", "cdn_url": f"rtmp://push.example.com/live/{KEY}"}]
    _log, result = logged(monkeypatch, capsys, relays)
    assert [entry["stream_id"] for entry in result["relays"]] == ["stage-of-the-night"]
