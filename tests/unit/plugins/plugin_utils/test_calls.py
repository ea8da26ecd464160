# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each step of a teardown has its modules do what is planned, and nothing else."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._tasks import (
    cdn_record,
    cdn_relay,
    media_info,
    room,
    stream_info,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import final_line, step_lines
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import calls as _calls
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.check import check
from ansible_collections.zego.cloud.tests.unit.plugins.plugin_utils.events import EVENT, facts, frozen, with_files

SPECS = {
    "zego_cdn_record": cdn_record.SPEC,
    "zego_cdn_relay": cdn_relay.SPEC,
    "zego_media_info": media_info.SPEC,
    "zego_room": room.SPEC,
    "zego_stream_info": stream_info.SPEC,
}
STEPS = ("discover", "recordings", "relays", "rooms", "files")


def settings(**given):
    checked = check({**EVENT, **given})
    assert not checked["problem"]
    return checked["settings"]


@pytest.mark.parametrize("step", STEPS)
def test_every_call_gives_options_that_the_module_has(step):
    given = settings(
        close_reason="over",
        close_callback=True,
        ledger="",
        ledger_ttl=60,
        relay_absent_codes=[1],
        requests_per_second=5,
        files_app="live",
        not_recording_codes={"Ws": [404]},
        wait_for_files=True,
    )
    known = with_files(facts())
    work = _calls.work_of(step, known)
    made = _calls.calls_of(step, work, given, now=1_000_000)
    assert work and len(made) == (len(work) if step in _calls.GROUPED else 1)
    for call in made:
        unknown = set(call["args"]) - set(SPECS[call["module"]]) - {"ledger"}
        assert not unknown and None not in call["args"].values()
    # Empty text means 'no memory'.
    assert {call["args"].get("ledger", "") for call in made} == {""}
    if step == "recordings":
        vendors = [group["vendor"] for group in work]
        assert [call["args"]["vendor"] for call in made] == vendors
        assert all(call["args"]["exact_names"] and call["args"]["result"] == "all" for call in made)
        codes = {call["args"]["vendor"]: call["args"].get("not_recording_codes") for call in made}
        assert codes["Ws"] == [404] and codes["Tencent"] is None
    if step == "files":
        assert all(call["args"]["since"] == str(1_000_000 - 86400) for call in made)
        assert all(("app" in call["args"]) == (call["args"]["vendor"] in ("Ws", "Huawei")) for call in made)


def test_what_was_not_given_is_left_to_the_modules():
    (call,) = _calls.calls_of("rooms", ["main"], settings(), now=0)
    assert call == {"module": "zego_room", "args": {"rooms": ["main"], "state": "closed"}}


def test_a_step_has_no_work_where_nothing_is_planned_or_check_mode_has_none():
    assert _calls.work_of("files", facts(wait_for_files=True, check_mode=True)) == []
    assert _calls.work_of("relays", facts({"streams": {"Ws": ["a"]}}, [])) == []
    # A room in which a stream may still be recorded stays open.
    assert _calls.work_of("rooms", facts(entry=frozen("arena-1"))) == ["back"]


def test_the_check_sends_nothing_and_ends_the_run():
    call = _calls.check_call(settings(requests_per_second=5))
    assert call["check_mode"] and call["required"] and call["args"]["domain"] is None and call["args"]["ledger"] == ""
    assert set(call["args"]) <= {*cdn_record.SPEC, "ledger"}


def test_results_have_the_form_that_ansible_registers():
    groups = [{"vendor": "Ws", "streams": ["a"]}, {"vendor": "Huawei", "streams": ["b"]}]
    found = _calls.registered("recordings", groups, [{"streams": []}, {"msg": "no"}])
    assert [result["__zego_teardown_group"] for result in found["results"]] == groups
    assert found["results"][1]["msg"] == "no"
    assert _calls.registered("rooms", ["main"], [{"rooms": []}]) == {"rooms": []}
    assert _calls.registered("rooms", ["main"], []) == {}


def test_a_step_says_a_line_for_each_vendor_and_each_cause_once():
    report = _report.build(facts(entry=frozen("stage-1", "stage-2", "lobby-1"), fail_on=["rooms"]))
    lines = step_lines(report, "recordings")
    assert lines[:3] == ["Tencent: 2 failed", "Ws: 1 failed", "Aliyun: 1 stopped"]
    told = [line for line in lines if line.startswith("FAILED")]
    assert len(told) == 2 and told[0].startswith("FAILED (does not count) stage-1, stage-2: Tencent answered")
    assert step_lines(report, "discover") == ["2 streams in 1 room, 1 gone"]
    assert step_lines(report, "rooms") == ["2 closed"]
    # Nothing in them is a command to a CI runner.
    report = _report.build(facts({"streams": {"Ws": ["::error::x"]}}, [], frozen("::error::x")))
    assert not any("::" in line for line in step_lines(report, "recordings"))


def test_the_last_line_says_whether_it_is_complete_and_no_cause():
    report = _report.build(facts(entry=frozen("stage-1")))
    assert final_line(report) == (
        "The teardown of Launch night is not complete: 4 changed, 0 unchanged, 1 failed of 5 streams."
    )
    assert final_line(_report.build(facts())) == "Launch night: 5 changed, 0 unchanged, 0 failed of 5 streams."
    assert "rehearsal in check mode" in final_line(_report.build(facts(check_mode=True)))
