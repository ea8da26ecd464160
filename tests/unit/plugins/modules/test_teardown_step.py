# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several modules run in one process, each with its own arguments and its own result."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils import basic

from ansible_collections.zego.cloud.plugins.modules import teardown_step

SECRET = "feedfacefeedfacefeedfacefeedface"
CONNECTION = {"app_id": 1, "server_secret": SECRET, "api_url": "http://127.0.0.1:9", "retries": 0}


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", basic._ANSIBLE_ARGS)


def call(module, **more):
    return {"module": module, "args": {**CONNECTION, **more}}


def test_each_call_has_its_own_result():
    calls = [
        call("zego_cdn_record", vendor="Tencent", streams=["a", "b"], ledger=""),
        call("zego_cdn_record", vendor="Ws", streams=["c "], ledger=""),
        call("zego_room", rooms=["r "]),
        call("zego_cdn_relay", relays=[{"stream_id": "a ", "cdn_url": "rtmp://push.example.com/live/key"}], ledger=""),
        call("zego_media_info", vendor="Ws", streams=["d "]),
        call("zego_stream_info", rooms=["r "]),
    ]
    given = {"_ansible_check_mode": True, "_ansible_diff": False}
    first, second, third, fourth, fifth, sixth = teardown_step.run_calls(calls, given)
    assert first["changed"] and [entry["outcome"] for entry in first["streams"]] == ["stopped", "stopped"]
    assert second["failed"] and second["streams"][0]["stream_id"] == "c "
    assert third["rooms"][0]["failed"] and fourth["relays"][0]["failed"] and fifth["failed"] and sixth["failed"]
    assert SECRET not in json.dumps([first, second, third, fourth, fifth, sixth])


def test_what_has_to_succeed_ends_the_calls_and_may_be_a_rehearsal():
    check = {**call("zego_cdn_record", vendor="Tencent", streams=["a"], ledger=""), "check_mode": True}
    bad = {**check, "args": {**check["args"], "server_secret": "a b"}, "required": True}
    (result,) = teardown_step.run_calls([bad, check], {})
    assert result["failed"] and "white space" in result["msg"]
    # Without 'required', the next one runs. Both send nothing.
    results = teardown_step.run_calls([{**bad, "required": False}, check], {"_ansible_check_mode": False})
    assert [result.get("failed", False) for result in results] == [True, False] and results[1]["changed"]


@pytest.mark.parametrize("warning", ["told", {"event": {"msg": "told"}}, {"event": "told"}])
def test_a_warning_is_text_on_every_core(warning):
    assert teardown_step.warning_text(warning) == "told"


def test_what_is_raised_costs_its_call_only(monkeypatch):
    def task_of(module):
        def main():
            if module == "broken":
                raise TypeError(SECRET)
            print("{}" if module == "good" else "no JSON")

        return main

    monkeypatch.setattr(teardown_step, "task_of", task_of)
    results = teardown_step.run_calls([call("broken"), call("silent"), call("good")], {})
    assert results[0] == {"failed": True, "msg": "an error on this machine ended broken (TypeError)."}
    assert results[1]["failed"] and "no result" in results[1]["msg"] and results[2] == {"warnings": []}
