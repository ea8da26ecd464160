# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's options, and the order it makes of them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._tasks import cdn_record as zego_cdn_record

PARAMS = {
    "app_id": 12345,
    "vendor": "Aliyun",
    "state": "stopped",
    "domain": "d",
    "point": "p",
    "end_time": None,
    "is_test": False,
    "force": False,
    "expect_recording": True,
    "batch_size": "7",
    "not_recording_codes": ["404", "404"],
    "ledger_required": False,
    "exact_names": False,
}


@pytest.mark.parametrize("state,verb", [("stopped", "stop"), ("started", "start")])
def test_the_options_of_the_module_become_an_order(state, verb):
    order = zego_cdn_record.make_order(dict(PARAMS, state=state), PRODUCTION)
    assert (order.verb, order.vendor, order.domain, order.point, order.batch_size) == (verb, "Aliyun", "d", "p", 7)
    assert order.not_recording_codes == frozenset({"404"}) and order.environment == PRODUCTION
    assert order.expect_recording


@pytest.mark.parametrize("state", ["stopped", "started"])
def test_batches_begin_with_twenty_and_grow_where_nothing_else_is_wanted(state):
    auto = zego_cdn_record.make_order(dict(PARAMS, state=state, batch_size=" auto "), PRODUCTION)
    assert auto.batch_size == 20 and auto.batches_grow
    assert zego_cdn_record.SPEC["batch_size"]["default"] == "auto"
    given = zego_cdn_record.make_order(dict(PARAMS, state=state), PRODUCTION)
    assert given.batch_size == 7 and not given.batches_grow


def test_the_test_environment_gives_the_order_its_prefix():
    order = zego_cdn_record.make_order(PARAMS, environment_of(12345, True))
    assert order.environment.stream_prefix == "zegotest-12345-"
    assert ("IsTest", "true") in order.parameters()


@pytest.mark.parametrize("is_test", [True, False])
def test_one_stream_by_two_names_in_the_test_environment_is_asked_for_once(is_test):
    both = ["foo", "zegotest-12345-foo", "bar", "zegotest-12345-baz"]
    params = dict(PARAMS, streams=both, is_test=is_test)
    streams, refused = zego_cdn_record.read(params)
    assert streams == both and set(refused) == ({"zegotest-12345-foo"} if is_test else set())


# Runs the module as Ansible does, then says which libraries were loaded.
RUNNER = """
import json, runpy, sys
sys.path[:0] = json.loads(sys.argv[1])
from ansible.module_utils import basic
basic._ANSIBLE_PROFILE = "legacy"
sys.argv = ["module", sys.argv[2]]
try:
    name = "ansible_collections.zego.cloud.plugins.modules.zego_cdn_record"
    runpy.run_module(name, run_name="__main__", alter_sys=True)
finally:
    print(" ".join(name for name in ("requests", "sqlite3", "ssl") if name in sys.modules), file=sys.stderr)
"""


def loaded(tmp_path, **given):
    """Run the module without a network; return its result, and which of the libraries above it loaded."""
    arguments = {"vendor": "Tencent", "streams": ["a"], "app_id": 1, "server_secret": "secret", "ledger": "", **given}
    path = tmp_path / "arguments.json"
    path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, json.dumps(sys.path), str(path)], capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout), done.stderr.split()


def test_what_sends_nothing_does_not_load_what_sends(tmp_path):
    result, libraries = loaded(tmp_path, _ansible_check_mode=True)
    assert result["changed"] and libraries == []


def test_what_is_refused_loads_nothing(tmp_path):
    result, libraries = loaded(tmp_path, streams=[["a"]])
    assert result["failed"] and libraries == []


def test_the_ledger_loads_its_database_and_a_request_its_library(tmp_path):
    ledger = tmp_path / "ledger.sqlite3"
    ledger.touch()
    result, libraries = loaded(tmp_path, ledger=str(ledger), _ansible_check_mode=True)
    assert result["changed"] and libraries == ["sqlite3"]
    result, libraries = loaded(tmp_path, api_url="http://127.0.0.1:9", retries=0)
    assert result["failed"] and "requests" in libraries
