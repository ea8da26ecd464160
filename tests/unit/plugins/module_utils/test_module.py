# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as given, and what the environment says where an option is not."""

from __future__ import annotations

import json
import re
import sys
import syslog
from itertools import product

import pytest
from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

from ansible_collections.zego.cloud.plugins.module_utils import _module, _options
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import without_login

OPTIONS = (*_options.CONNECTION_SPEC, "streams", "ledger", "state")


def test_null_is_not_given_and_neither_is_an_empty_connection_option():
    given = {name: "" for name in OPTIONS}
    assert set(_options.without_unset(given)) == {"streams", "ledger", "state"}
    assert _options.without_unset({name: None for name in OPTIONS}) == {}
    assert _options.without_unset({"region": " \n", "api_url": "\t"}) == {}


def test_what_was_given_stays_and_so_do_ansibles_own_parameters():
    given = {"is_test": False, "retries": 0, "streams": [], "_ansible_check_mode": None, "unknown": "x"}
    assert _options.without_unset(given) == given


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_variable_of_the_environment_is_unset(monkeypatch, empty):
    monkeypatch.setenv("ZEGO_REGION", empty)
    with pytest.raises(AnsibleFallbackNotFound):
        _options.env_unless_empty("ZEGO_REGION")
    monkeypatch.setenv("ZEGO_REGION", "sha")
    assert _options.env_unless_empty("ZEGO_REGION") == "sha"


@pytest.mark.parametrize("option", ["app_id", "server_secret", "region", "api_url", "api_user", "api_password"])
def test_every_fallback_to_the_environment_ignores_what_is_empty(option):
    assert _options.CONNECTION_SPEC[option]["fallback"][0] is _options.env_unless_empty


@pytest.mark.parametrize("value", [1, 1234567890, "1234567890", " 123\n", 123.0])
def test_a_number_is_an_app_id(monkeypatch, value):
    assert _options.check_app_id({"app_id": value}) == ""
    monkeypatch.setenv("ZEGO_APP_ID", str(value))
    assert value == 123.0 or _options.check_app_id({}) == ""


@pytest.mark.parametrize("value", ["12345678O0", "1e9", "0x10", "-5", "12 34", True, [1]])
def test_what_is_no_number_is_no_app_id_and_is_not_shown(monkeypatch, value):
    assert _options.check_app_id({"app_id": value}) == "app_id must be the project's number, digits only."
    monkeypatch.setenv("ZEGO_APP_ID", str(value))
    said = _options.check_app_id({})
    assert "environment variable ZEGO_APP_ID" in said and str(value) not in said


GIVEN = {"app_id": 1, "server_secret": "0123456789abcdef0123456789abcdef"}
ACCEPTED = [
    {},
    {"app_id": "1", "retries": "0", "is_test": "yes", "timeout": "0.5", "ledger": ""},
    {"region": "sha", "api_user": "crew", "api_password": "of-the-night", "requests_per_second": 3},
    {"region": None, "api_url": " ", "ca_path": None},
    {"ledger": "rediss://ledger.example.com"},
]
REFUSED = [
    {"app_id": None},
    {"app_id": "12a4"},
    {"server_secret": ""},
    {"server_secret": "a b"},
    {"region": "mars"},
    {"api_url": "http://api.example.com"},
    {"api_url": "ftp://api.example.com"},
    {"api_user": "crew:of-the-night"},
    {"ca_path": "/nowhere/ca.pem"},
    {"timeout": 0},
    {"timeout": "soon"},
    {"timeout": 10**400},
    {"timeout": float("nan")},
    {"app_id": float("inf")},
    {"retries": float("inf")},
    {"retries": "inf"},
    {"retries": "1e400"},
    {"timeout": "nan"},
    {"timeout": "-inf"},
    {"retries": -1},
    {"requests_per_second": [1]},
    {"ledger": "redis://crew:secret@ledger.example.com"},
    {"is_test": "perhaps"},
    {"surprise": 1},
]


@pytest.mark.parametrize("given,accepted", [*product(ACCEPTED, [True]), *product(REFUSED, [False])])
def test_the_connection_is_accepted_where_every_module_accepts_it(start, monkeypatch, given, accepted):
    for name in ("APP_ID", "SERVER_SECRET", "REGION", "API_URL", "API_USER", "API_PASSWORD", "LEDGER"):
        monkeypatch.delenv(f"ZEGO_{name}", raising=False)
    given = {**GIVEN, **given}
    assert _options.is_connection(given) == accepted
    # A module that refuses its options says why, and ends.
    assert bool(start(**given)[2]) != accepted


def test_what_is_not_given_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("ZEGO_APP_ID", "1")
    monkeypatch.setenv("ZEGO_SERVER_SECRET", GIVEN["server_secret"])
    assert _options.is_connection({}) and _options.is_connection({"app_id": None, "server_secret": ""})
    monkeypatch.setenv("ZEGO_REGION", "mars")
    assert not _options.is_connection({}) and _options.is_connection({"region": "sha"})


def test_the_place_where_parameters_are_read_is_still_there():
    # Ansible calls it 'for backwards compatibility'. Without it, lists would be texts again before we see them.
    assert callable(AnsibleModule._load_params)


TOKEN = "s3cret-token-of-the-crew"


@pytest.fixture(name="start")
def start_fixture(monkeypatch, capsys):
    """Returns a function that makes a module, and returns (it or None, what it logged, what it printed)."""

    def start(spec=None, **given):
        logged = []
        arguments = {"app_id": 1, "server_secret": "0123456789abcdef0123456789abcdef", **given}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        monkeypatch.setattr(basic, "has_journal", False)
        logging = sys.modules.get("ansible.module_utils._internal._logging")
        if logging is not None:
            monkeypatch.setattr(logging, "has_journal", False)
        monkeypatch.setattr(syslog, "syslog", lambda *message: logged.append(str(message)))
        module = None
        try:
            module = _module.ZegoModule(spec or {})
            module.accept(lambda params: None)
        except SystemExit:
            pass
        printed = capsys.readouterr().out
        if printed:
            # From ansible-core 2.22 on, a module tells its controller what to hide, which takes it off the result.
            result = json.loads(printed)
            assert _module.HIDDEN not in result.pop("_ansible_new_secrets", ())
            printed = json.dumps(result)
        return module, "".join(logged), printed

    return start


@pytest.mark.parametrize(
    "given",
    [
        {"api_url": f"https://{TOKEN}:@gw.example.com/"},
        {"api_url": f"https://{TOKEN}@gw.example.com/"},
        {"api_url": f"https://crew:{TOKEN}@gw.example.com/"},
        {"api_url": f"https://crew:{TOKEN}/@gw.example.com:port/"},
        {"api_url": f"https://gw.example.com/{TOKEN}/zego"},
        {"api_url": f"https://gw.example.com/?{TOKEN}"},
        {"api_url": f"ftp://gw.example.com/{TOKEN}"},
        {"api_url": f"http://gw.example.com/{TOKEN}"},
        {"api_url": f"http:/{TOKEN}"},
        {"api_user": TOKEN},
        {"api_user": f"{TOKEN}:"},
        {"api_user": "crew", "api_password": TOKEN},
        {"api_user": TOKEN, "app_id": "junk"},
        {"api_url": f"https://{TOKEN}:@gw.example.com/", "timeout": "junk"},
        {"api_url": f"https://gw.example.com/{TOKEN}", "unknown": 1},
    ],
)
def test_no_token_reaches_the_log_or_the_result(start, given):
    module, logged, printed = start(**given)
    assert TOKEN not in logged + printed
    if module is not None:
        # From ansible-core 2.22 on, the note has another text.
        assert re.search(r"Invoked with .*api_url=(NOT_LOGGING_PARAMETER|[$]REDACTED[$])", logged)


@pytest.mark.parametrize("given", [{"api_user": TOKEN}, {"api_url": f"https://gw.example.com/{TOKEN}"}])
def test_no_token_is_in_the_invocation_and_the_module_has_it_nevertheless(start, capsys, given):
    module, _logged, printed = start(**given)
    assert not printed
    client = module.client()
    secrets = client.sender.secrets
    assert secrets.occur_in(f"denied for {TOKEN}")
    with pytest.raises(SystemExit):
        module.ansible.exit_json(changed=False)
    result = json.loads(capsys.readouterr().out)
    result.pop("_ansible_new_secrets", None)
    assert TOKEN not in json.dumps(result) and result["changed"] is False
    assert TOKEN not in module.scope()
    # Where -vvv prints the invocation, it prints these.
    assert TOKEN not in json.dumps(module.ansible.params)


def test_a_short_user_name_damages_no_name(start, capsys):
    module, _logged, _printed = start(api_user="e")
    with pytest.raises(SystemExit):
        module.ansible.exit_json(changed=False, streams=["stage-e"])
    assert json.loads(capsys.readouterr().out)["streams"] == ["stage-e"]


@pytest.mark.parametrize("ledger", ["~nobody-of-this-name/zego/ledger.sqlite3", "~nobody-of-this-name"])
def test_the_pace_makes_no_folder_of_a_home_that_is_not_there(start, tmp_path, monkeypatch, ledger):
    monkeypatch.chdir(tmp_path)
    module = start(ledger=ledger)[0]
    module._board("StopCDNRecord")
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("~")]


def test_the_pace_lies_beside_a_ledger_that_is_named_without_a_folder(start, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert start(ledger="ledger.sqlite3")[0]._board("StopCDNRecord") is not None
    assert [path.name[:5] for path in tmp_path.iterdir()] == ["pace-"]


@pytest.mark.parametrize(
    "ledger",
    [
        "redis://crew:word@host/0",
        "redis://host:word/0",
        "https://word:1/0",
        "redis://host/0?password=word",
        "redis:///0",
    ],
)
def test_of_an_address_that_is_refused_nothing_is_shown(ledger):
    """A password may stand anywhere in it."""
    assert without_login(ledger) == "(not shown)"
    for fine in ("", "~/ledger.sqlite3", "redis://host:6379/0", "unix:///run/redis.sock?db=0"):
        assert without_login(fine) == fine
