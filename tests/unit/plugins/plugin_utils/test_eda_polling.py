# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a search of the event source shares with the modules, without any request: its place in the quota."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils import basic

from ansible_collections.zego.cloud.plugins.module_utils._ledger import server
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.polling import ACTION, SPEC, Poller

SECRET = "0123456789abcdef0123456789abcdef"
DEFAULTS = {name: rule.get("default") for name, rule in SPEC.items()}


def _options(**given):
    return {**DEFAULTS, "app_id": 1, "server_secret": SECRET, "vendor": "Tencent", **given}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"is_test": True},
        {"region": "sha"},
        {"api_url": "https://gw.example.com/zego"},
        {"ledger": "{home}/elsewhere/ledger.sqlite3"},
    ],
)
def test_a_search_and_the_module_that_searches_share_one_pace(tmp_path, monkeypatch, given):
    monkeypatch.setenv("HOME", str(tmp_path))
    given = {name: value.format(home=tmp_path) if name == "ledger" else value for name, value in given.items()}
    poller = Poller(_options(**given), None, 0, print)
    poller._board().exchange(lambda numbers: {"free_at": 7.0})
    # Not logged: the log of this machine is nobody's test.
    arguments = {"app_id": 1, "server_secret": SECRET, "_ansible_no_log": True, **given}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    module, found = ZegoModule({}), []
    module.check()
    module._board(ACTION).exchange(lambda numbers: found.append(numbers) or numbers)
    assert found == [{"free_at": 7.0}]


@pytest.mark.parametrize(
    "ledger,reason",
    [
        ("redis://crew:pass@127.0.0.1/0", "Use ledger_user and ledger_password"),
        ("https://127.0.0.1/0", "this is no address of a server"),
        ("redis://127.0.0.1/0", "the Python library redis, .*, is missing where ansible-rulebook runs"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_told_before_the_first_search(monkeypatch, ledger, reason):
    monkeypatch.setattr(server, "redis", None)
    with pytest.raises(ValueError, match=reason) as error:
        Poller.check(_options(ledger=ledger))
    assert "crew:pass" not in str(error.value)
    Poller.check(_options())
