# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and its playbook end an event of 200 streams, whatever fails on the way, and say what became of it."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import closed_port, main, slow  # noqa: E402
from secrecy import ENV, LOUD, nothing_shown  # noqa: E402

FROZEN = {"kind": "stream_code", "code": "ResourceNotFound.FreezeService", "message": "the service is frozen"}
FORMS = {"teardown.json", "teardown.xml", "teardown.md", "teardown.html"}
KEY = "relay-key-of-the-crew"
SMALL = {"Tencent": ["t1", "t2"], "Ws": ["w1"], "Huawei": ["h1"]}


def _example():
    """The shipped event; ansible-test runs a copy of the target inside the collection."""
    return next(
        path
        for folder in Path(__file__).resolve().parents
        for path in [folder / "examples" / "event.yml"]
        if path.is_file()
    )


def _role():
    """The role's folder, beside or above the target."""
    return next(
        path for folder in Path(__file__).resolve().parents for path in [folder / "roles" / "teardown"] if path.is_dir()
    )


def _streams():
    text = _example().read_text(encoding="utf-8")
    return {
        vendor: re.findall(rf"\b{prefix}-\d{{3}}\b", text.split("zego_teardown_discover_rooms")[0])
        for vendor, prefix in PREFIXES.items()
    }


PREFIXES = {"Tencent": "stage", "Ws": "lobby", "Huawei": "arena"}


class Teardown:
    """One run of the playbook: ``rc``, ``output``, and ``report`` (None where none was written)."""

    def __init__(self, scene, *options, playbook="zego.cloud.teardown", env=None, folder="report", **variables):
        self.folder = scene.home / folder
        given = {f"zego_teardown_{name}": value for name, value in variables.items() if not name.startswith("given_")}
        given.update((name, value) for name, value in variables.items() if name.startswith("given_"))
        given.setdefault("zego_teardown_report_dir", str(self.folder))
        done = scene.run("ansible-playbook", playbook, *options, env=env, **given)
        self.rc, self.output = done
        path = self.folder / "teardown.json"
        self.report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        recap = re.findall(r"changed=(\d+)\s+unreachable=\d+\s+failed=(\d+)", self.output)[-1]
        self.changed, self.failed = map(int, recap)

    def form(self, name):
        """The text of a form of the report."""
        return (self.folder / f"teardown.{name}").read_text(encoding="utf-8")

    def outcomes(self, key="streams", field="stream_id"):
        """{name: outcome}."""
        return {entry[field]: entry["outcome"] for entry in self.report[key]}


def _record(scene, streams=None):
    for vendor, names in (SMALL if streams is None else streams).items():
        scene.simulator.record(vendor, names)
    scene.simulator.configure(room_seconds=0)


def _late(stream, **more):
    """A file of a stream that is made after the recording is stopped, however long the playbook takes to get there."""
    return {"stream": stream, "created": time.time() + 600, **more}


def _actions(scene):
    return scene.simulator.stats()["actions"]


def _end_the_night(scene, *options):
    quick = ("-e", "zego_teardown_files_delay=1", "-e", "zego_teardown_files_retries=60")
    return Teardown(scene, "-e", f"@{_example()}", *quick, *options, env={"RELAY_KEY": KEY})


@slow
def test_an_event_of_200_streams_ends_and_a_second_run_changes_nothing(scene):
    streams = _streams()
    assert [len(names) for names in streams.values()] == [90, 60, 50]
    _record(scene, streams)
    scene.simulator.record("Huawei", ["guest-1"])
    scene.simulator.add_room("green-room", ["guest-1", "stage-001"])
    scene.simulator.add_relay("stage-001", f"rtmp://live.example.com/app/{KEY}")
    scene.simulator.add_relay("stage-002", "rtmp://push.example.net/live/stage-002")
    scene.simulator.configure(file_delay_seconds=1)
    scene.simulator.add_fault(stream="stage-007", **FROZEN)
    first = _end_the_night(scene)
    assert first.rc == 2 and first.failed == 1 and first.changed == 3
    assert first.report["totals"] == {"total": 201, "changed": 200, "unchanged": 0, "failed": 1, "skipped": 0}
    assert (
        first.report["files"]["missing"] == 0
        and first.report["files"]["waited_for"] == first.report["files"]["found"] == 200
    )
    assert first.outcomes("rooms", "room_id") == {"green-room": "closed", "backstage": "already_closed"}
    assert set(first.outcomes("relays").values()) == {"removed"}
    (fatal,) = re.findall(r"^fatal: .*$", first.output, re.MULTILINE)
    # Each failed stream is told once, with its advice; the failure is one line, with the place of the report.
    (told,) = re.findall(r"^.*FAILED stage-007: .*$", first.output, re.MULTILINE)
    assert "FreezeService" in told and "settle that with Tencent" in told and first.output.count("FreezeService") == 1
    assert "1 failed of 201 streams" in fatal and f"The report is in {first.folder}" in fatal
    assert '"Tencent: 89 stopped, 1 failed"' in first.output and first.output.count("TASK [") <= 13
    state = scene.simulator.state()
    assert [name for names in state.values() for name, stream in names.items() if stream["running"]] == ["stage-007"]
    assert {path.name for path in first.folder.iterdir()} == FORMS
    _forms_agree(first)

    scene.simulator.clear_faults()
    second = _end_the_night(scene)
    assert second.rc == 0 and second.failed == 0 and second.changed == 1, second.output[-2000:]
    assert second.report["totals"]["changed"] == 1 and second.outcomes()["stage-007"] == "stopped"
    assert second.report["totals"]["unchanged"] == 199 and not second.report["failed"]
    assert all(stream["stops"] == 1 for names in scene.simulator.state().values() for stream in names.values())
    third = _end_the_night(scene)
    assert third.rc == 0 and third.changed == 0 and third.report["totals"]["unchanged"] == 200


def _forms_agree(run):
    """The four forms say the same."""
    root = ElementTree.fromstring(run.form("xml"))
    cases = [case for suite in root for case in suite if suite.get("name") in PREFIXES]
    streams = run.report["streams"]
    reported = sorted(stream["stream_id"] for stream in streams)
    assert sorted(case.get("name") for case in cases) == reported and len(cases) == 201
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {"stage-007"} and [stream["stream_id"] for stream in streams if stream["failed"]] == ["stage-007"]
    for text in (run.form("md"), run.form("html")):
        assert (
            "stage-007" in text
            and "ResourceNotFound.FreezeService" in text
            and "guest-1" in text
            and "push.url" in text
        )
        assert run.report["failures"][0]["request_id"] in text
    assert run.form("html").count('<tr role="row" class="failed"') == 1


@slow
def test_the_other_vendors_go_on(scene):
    _record(scene)
    scene.simulator.add_room("main", ["x"])
    scene.simulator.add_fault(kind="code", code=3, vendor="Ws")
    run = Teardown(scene, streams=SMALL, close_rooms=["main"])
    assert run.rc == 2 and run.outcomes() == {"t1": "stopped", "t2": "stopped", "w1": "failed", "h1": "stopped"}
    assert run.outcomes("rooms", "room_id") == {"main": "closed"}
    assert [step["status"] for step in run.report["timeline"]] == ["skipped", "failed", "skipped", "changed", "skipped"]


def test_a_step_that_breaks_does_not_stop_the_next(scene):
    _record(scene)
    scene.simulator.add_room("main", ["x"])
    # Fine while the event is checked and when the rooms are closed, but not when the recordings are stopped.
    step = "(__zego_teardown_chosen | default([]))[-1:]"
    path = scene.home / "event.yml"
    path.write_text(
        f"small: {json.dumps(SMALL)}\n"
        f"zego_teardown_streams: \"{{{{ ('no JSON' | from_json) if {step} == ['recordings'] else small }}}}\"\n"
        # As if neither were given.
        'zego_teardown_region: "{{ omit }}"\nzego_teardown_close_reason: "{{ no_reason | default(omit) }}"\n',
        encoding="utf-8",
    )
    run = Teardown(scene, "-e", f"@{path}", close_rooms=["main"])
    assert run.rc == 2 and set(run.outcomes().values()) == {"failed"} and scene.running("Tencent", "t1")
    assert "zego_teardown_streams cannot be read" in run.report["streams"][0]["message"]
    assert run.outcomes("rooms", "room_id") == {"main": "closed"}


def test_a_variable_that_names_an_undefined_one_is_not_taken_for_one_that_is_not_given(scene):
    """Without its gateway's address, the event would be sent to another API."""
    run = Teardown(scene, "-e", "zego_teardown_api_url={{ the_gateway_of_tonight }}", streams=SMALL)
    assert run.rc == 2 and "'the_gateway_of_tonight' is undefined" in run.output
    assert run.report is None and not scene.requests()


@slow
def test_an_api_that_is_down_fails_every_stream_and_still_makes_a_report(scene):
    run = Teardown(
        scene, env={"ZEGO_API_URL": f"http://127.0.0.1:{closed_port()}"}, streams=SMALL, close_rooms=["main"], retries=0
    )
    assert (
        run.rc == 2 and run.report["totals"]["failed"] == 4 and run.outcomes("rooms", "room_id") == {"main": "failed"}
    )
    assert {path.name for path in run.folder.iterdir()} == FORMS


def test_check_mode_reports_what_would_happen_and_changes_nothing(scene):
    _record(scene)
    scene.simulator.add_room("main", ["guest"])
    scene.simulator.add_relay("t1", f"rtmp://a.example.com/app/{KEY}")
    relays = [{"stream_id": "t1", "cdn_url": f"rtmp://a.example.com/app/{KEY}"}]
    given = dict(
        streams=SMALL,
        discover_rooms=["main"],
        vendor="Tencent",
        relays=relays,
        close_rooms=["main"],
        wait_for_files=True,
    )
    run = Teardown(scene, "--check", step_summary=str(scene.home / "summary.md"), **given)
    assert run.rc == 0 and run.changed == 3 and set(_actions(scene)) == {"SearchMedia", "DescribeSimpleStreamList"}
    # It says what that proves, and what nobody knows.
    for words in ("it accepts AppID and secret", "Tencent, Ws, Huawei: this AppID may search", "No call tells"):
        assert any(words in line for line in run.report["preflight"]) and run.output.count(words) == 1, words
    # The report is that of a rehearsal, in each form.
    assert {path.name for path in run.folder.iterdir()} == FORMS and run.report["check_mode"]
    assert all("rehearsal" in run.form(form).lower() for form in ("xml", "md", "html")) and not scene.ledger.exists()
    assert "# ✅ Rehearsal (check mode): Teardown of" in (scene.home / "summary.md").read_text(encoding="utf-8")
    assert (
        "rehearsal in check mode, nothing was changed: would change 5 of 5 streams" in run.output
        and "expected: 1 removed" in run.output
    )
    assert scene.running("Tencent", "t1") and scene.simulator.rooms()["main"]["state"] == "open"
    # A secret that is wrong does not look fine, and the last report stays.
    secret = "feedfacefeedfacefeedfacefeedface"
    run = Teardown(scene, "--check", server_secret=secret, streams=SMALL, event="wrong")
    (said,) = re.findall(r"^fatal: .*$", run.output, re.MULTILINE)
    assert run.rc == 2 and run.failed == 1 and "Code 100000005 (signature wrong)" in said and secret not in run.output
    assert "Nothing was stopped or closed." in said and run.report["event"] == "event"


@slow
def test_a_rehearsal_without_a_network_asks_nobody(scene):
    nowhere = f"http://127.0.0.1:{closed_port()}"
    run = Teardown(scene, "--check", api_url=nowhere, streams=SMALL, retries=0)
    assert run.rc == 2 and f"The API at {nowhere[7:]} cannot be used: " in run.output and run.report is None
    assert "connection refused" in run.output and "Write the report" not in run.output
    run = Teardown(scene, "--check", api_url=nowhere, streams=SMALL, preflight=False)
    assert run.rc == 0 and run.report["totals"]["changed"] == 4 and "preflight" not in run.report
    # Wherever it is asked for, also before a real run; where a vendor refuses the account, nothing is stopped.
    _record(scene)
    scene.simulator.configure(vendors=["Tencent", "Huawei"])
    run = Teardown(scene, streams=SMALL, preflight="yes")
    assert run.rc == 2 and "Ws cannot be used with this AppID: the API answered Code 4" in run.output
    assert scene.running("Tencent", "t1") and set(_actions(scene)) == {"SearchMedia"}
    scene.simulator.configure(vendors=["Tencent", "Ws", "Huawei"], clock_skew_seconds=3600)
    run = Teardown(scene, streams=SMALL, preflight="yes")
    assert run.rc == 0 and run.report["totals"]["changed"] == 4
    # A Date has whole seconds, and an answer takes its time.
    clock = re.compile(r"achine's clock is 3(600|59\d) s behind")
    assert clock.search(" ".join(run.report["preflight"])) and clock.search(" ".join(run.report["warnings"]))


@slow
def test_steps_can_be_left_out(scene):
    _record(scene)
    scene.simulator.add_room("main", ["guest"])
    given = dict(streams=SMALL, discover_rooms=["main"], vendor="Tencent", close_rooms=["main"], wait_for_files=True)
    given["relays"] = [{"stream_id": "t1", "cdn_url": "rtmp://a.example.com/app/t1"}]
    # As text, the way -e gives it.
    run = Teardown(scene, "-e", "zego_teardown_skip=discover,relays,rooms,files", **given)
    assert run.rc == 0 and set(_actions(scene)) == {"StopCDNRecord"} and run.report["totals"]["total"] == 4
    assert [step["summary"] for step in run.report["timeline"]].count("skipped as asked") == 4
    # Text again, and it asks ZEGO for its callback.
    run = Teardown(scene, "-e", "zego_teardown_close_callback=yes", skip=["recordings", "files"], **given)
    assert [closing["callback"] for closing in scene.simulator.rooms()["main"]["closings"]] == [True]
    assert run.rc == 0 and run.report["totals"]["skipped"] == 5 and set(run.outcomes().values()) == {"skipped"}
    assert set(_actions(scene)) == {"StopCDNRecord", "DescribeSimpleStreamList", "DeleteCDNTransferRule", "CloseRoom"}


@slow
def test_an_event_fails_for_what_counts_as_a_failure(scene):
    _record(scene)
    scene.simulator.add_fault(kind="code", code=3, action="CloseRoom")
    scene.simulator.add_fault(stream="t1", **FROZEN)
    run = Teardown(scene, streams=SMALL, close_rooms=["main"], fail_on=["rooms"])
    assert run.rc == 2 and "FAILED main: " in run.output and "FAILED (does not count) t1: " in run.output
    run = Teardown(scene, "-e", "zego_teardown_fail_on=relays", streams=SMALL, close_rooms=["main"])
    assert (
        run.rc == 0
        and not run.report["failed"]
        and [failure["counts"] for failure in run.report["failures"]] == [False, False]
    )


@slow
def test_a_misspelt_stream_is_told_apart_and_can_fail(scene):
    scene.simulator.record("Tencent", ["t1"])
    given = dict(streams={"Tencent": ["t1", "tt1"]})
    words = "not recording, according to Tencent"
    run = Teardown(scene, **given)
    assert run.rc == 0 and run.outcomes() == {"t1": "stopped", "tt1": "already_stopped"}
    assert run.report["evidence"] == {"remembered": 0, "vendor": 1} and f"1 stopped; 1 {words}" in run.output
    assert any("tt1" in warning for warning in run.report["warnings"]), run.report["warnings"]
    pages = [(run.folder / name).read_text(encoding="utf-8") for name in sorted(FORMS - {"teardown.json"})]
    assert len(pages) == 3 and all(words in page for page in pages)
    run = Teardown(scene, expect_recording=True, **given)
    assert run.rc == 2 and run.outcomes() == {"t1": "already_stopped", "tt1": "failed"}
    assert run.report["evidence"] == {"remembered": 1, "vendor": 1}
    assert run.output.count(f"FAILED tt1: {words}") == 1


@slow
def test_a_rerun_finds_the_streams_of_a_room_again(scene):
    scene.simulator.configure(room_seconds=0)
    scene.simulator.record("Tencent", ["guest-1", "guest-2"])
    scene.simulator.add_room("main", ["guest-1", "guest-2"])
    scene.simulator.add_room("back", ["other"])
    scene.simulator.add_fault(stream="guest-2", **FROZEN)
    given = dict(discover_rooms=["main"], vendor="Tencent", close_rooms=["main", "back"])
    run = Teardown(scene, **given)
    assert run.rc == 2 and run.outcomes() == {"guest-1": "stopped", "guest-2": "failed"}
    assert run.outcomes("rooms", "room_id") == {"main": "kept_open", "back": "closed"}
    scene.simulator.clear_faults()
    run = Teardown(scene, **given)
    assert run.rc == 0 and run.outcomes() == {"guest-1": "already_stopped", "guest-2": "stopped"}
    assert run.outcomes("rooms", "room_id") == {"main": "closed", "back": "already_closed"} and run.changed == 2


def test_one_bad_name_leaves_the_rest_of_the_event_alone(scene):
    scene.simulator.configure(quota=0, room_seconds=0)
    scene.simulator.record("Ws", ["w1", "guest "])
    scene.simulator.record("Tencent", ["guest 1"])
    scene.simulator.add_room("main", ["guest 1", "a\tb"])
    scene.simulator.add_room("back", ["guest "])
    # The API refuses this name, whatever request carries it.
    scene.simulator.add_fault(kind="code", code=2, stream="guest 1")
    relays = [{"stream_id": name, "cdn_url": f"rtmp://push.example.com/live/{KEY}"} for name in ("w1", "w1 ")]
    scene.simulator.add_relay("w1", relays[0]["cdn_url"])
    run = Teardown(
        scene,
        streams={"Ws": ["w1", "w1 "]},
        discover_rooms=[{"room_id": "main", "vendor": "Tencent"}, {"room_id": "back", "vendor": "Ws"}, "r\n"],
        vendor="Ws",
        relays=relays,
        close_rooms=["main", "back", "b "],
    )
    assert run.rc == 2 and run.failed == 1, run.output[-3000:]
    stopped = {"w1": "stopped", "guest ": "stopped"}
    assert run.outcomes() == {**stopped, "guest 1": "failed", "w1 ": "failed", "a\tb": "failed"}
    assert run.outcomes("rooms", "room_id") == {"main": "closed", "back": "closed", "b ": "failed"}
    assert run.outcomes("relays") == {"w1": "removed", "w1 ": "failed"}
    assert run.outcomes("discovery", "room_id") == {"main": "found", "back": "found", "r\n": "failed"}
    assert "Room main: " in run.output and "was not left open for it" in run.form("html")
    assert {failure["name"] for failure in run.report["failures"]} == {"guest 1", "w1 ", "a\tb", "b ", "r\n"}
    assert KEY not in run.output


@slow
def test_a_room_that_cannot_be_asked_stays_open(scene):
    scene.simulator.configure(room_seconds=0)
    scene.simulator.record("Tencent", ["guest-1", "t1"])
    scene.simulator.add_room("main", ["guest-1"])
    scene.simulator.add_fault(kind="code", code=3, action="DescribeSimpleStreamList")
    given = dict(streams={"Tencent": ["t1"]}, discover_rooms=["main"], vendor="Tencent", close_rooms=["main"])
    run = Teardown(scene, **given)
    assert (
        run.rc == 2
        and run.outcomes() == {"t1": "stopped"}
        and run.outcomes("rooms", "room_id") == {"main": "kept_open"}
    )
    assert scene.simulator.rooms()["main"]["state"] == "open" and "its streams could not be listed" in run.output
    run = Teardown(scene, keep_rooms=False, **given)
    assert run.rc == 2 and run.outcomes("rooms", "room_id") == {"main": "closed"}


@slow
def test_what_a_room_tells_is_no_template(scene):
    names = ["{{lookup('pipe','touch${IFS}pwned')}}", "{%raw%}", "<script>alert(1)</script>", "a|b`c`@team"]
    # GitLab and Jenkins take this for the name of a file to keep.
    names.append("[[ATTACHMENT|/etc/passwd]]")
    scene.simulator.configure(room_seconds=0)
    scene.simulator.record("Tencent", names)
    scene.simulator.add_room("main", names)
    scene.simulator.add_fault(stream=names[0], **dict(FROZEN, message=names[-1]))
    run = Teardown(scene, "-v", discover_rooms=["main"], vendor="Tencent", folder="odd")
    assert run.rc == 2 and run.outcomes() == {name: "failed" if name == names[0] else "stopped" for name in names}
    assert names[0] in run.output and not [
        path for path in (scene.target, scene.home, Path.cwd()) if (path / "pwned").exists()
    ]
    assert "[[" not in run.form("xml") and run.form("xml").count("[ [ATTACHMENT|/etc/passwd]]") >= 2
    assert "<script>alert" not in run.form("html") and names[2] in [
        case.get("name") for case in ElementTree.fromstring(run.form("xml")).iter("testcase")
    ]


@slow
def test_files_that_do_not_come_are_told_as_missing(scene):
    _record(scene)
    scene.simulator.record("Aliyun", ["y1"])
    # Tencent's file of last week is none of tonight's; w10's is none of w1's.
    scene.simulator.add_files("Tencent", [{"stream": "t1", "created": 1700000000}, _late("t2")])
    scene.simulator.add_files("Ws", [_late("w10")])
    scene.simulator.add_files("Huawei", [_late("h1")])
    streams = dict(SMALL, Aliyun=["y1"])
    run = Teardown(scene, streams=streams, wait_for_files=True, files_retries=1, files_delay=1)
    assert run.rc == 2 and set(run.outcomes().values()) == {"stopped"}
    assert [(failure["step"], failure["name"]) for failure in run.report["failures"]] == [
        ("files", "t1"),
        ("files", "w1"),
    ]
    assert "The recorded files of Aliyun were not waited for" in run.report["warnings"][0]
    run = Teardown(scene, streams=streams, wait_for_files=True, files_retries=0, fail_on=["recordings"])
    assert run.rc == 0 and run.report["files"] == {
        "waited_for": 4,
        "found": 2,
        "bytes": run.report["files"]["bytes"],
        "missing": 2,
        "incomplete": 0,
        "unknown": 0,
    }


def test_an_old_cut_is_not_the_recording(scene):
    _record(scene)
    old = {"created": time.time() - 3 * 3600, "duration": 7200}
    scene.simulator.add_files("Tencent", [{"stream": name, **old} for name in ("t1", "t2", "t3")])
    scene.simulator.add_files("Tencent", [_late("t1", ready_in=1, duration=3600)])
    scene.simulator.add_files("Ws", [{"stream": "w1", **old}])
    scene.simulator.add_files("Huawei", [{"stream": "h1", **old}, _late("h1")])
    # t3 was stopped before, nobody knows when.
    streams = dict(SMALL, Tencent=["t1", "t2", "t3"])
    run = Teardown(scene, streams=streams, wait_for_files=True, files_retries=4, files_delay=1)
    assert run.rc == 2 and "FAILED - RETRYING" not in run.output
    failures = run.report["failures"]
    assert [(one["step"], one["name"]) for one in failures] == [("files", "t2"), ("files", "w1")]
    assert all("its newest file was made before it was stopped" in one["message"] for one in failures)
    files = run.report["files"]
    assert (files["waited_for"], files["missing"], files["incomplete"], files["unknown"]) == (5, 0, 2, 1)
    assert any("Of 1 stream nobody knows when" in warning for warning in run.report["warnings"])
    entries = {entry["stream_id"]: entry for entry in run.report["streams"]}
    whole = {name: entry["recording"].get("whole") for name, entry in entries.items()}
    assert whole == {"t1": True, "t2": False, "t3": None, "w1": False, "h1": True}
    recording = entries["t1"]["recording"]
    assert len(entries["t1"]["files"]) == 2 and recording["duration"] == 10800 and len(recording["gaps"]) == 1
    assert recording["recorded_from"] < recording["gaps"][0]["from"] < recording["recorded_to"]
    assert "2 files, " in run.form("html") and "a gap of " in run.form("md") and "not whole" in run.form("xml")


@slow
def test_files_that_come_while_the_role_waits_are_found(scene):
    _record(scene)
    given = dict(
        streams={"Tencent": ["t1", "t2"]},
        wait_for_files=True,
        files_retries=60,
        files_delay=1,
        report_dir=str(scene.home / "report"),
    )
    process = scene.start(
        "ansible-playbook", "zego.cloud.teardown", **{f"zego_teardown_{name}": value for name, value in given.items()}
    )
    while "SearchMedia" not in _actions(scene):
        assert process.poll() is None
        time.sleep(0.1)
    scene.simulator.add_files("Tencent", ["t1", "t2"])
    done = scene.finish(process)
    assert done.rc == 0 and "FAILED - RETRYING" not in done.output


@slow
def test_the_wait_goes_on_for_the_others_where_one_stream_is_refused(scene):
    scene.simulator.record("Tencent", ["t1", "bad", "t2"])
    scene.simulator.add_fault(kind="poison", stream="bad", action="SearchMedia")
    given = dict(
        streams={"Tencent": ["t1", "bad", "t2"]},
        wait_for_files=True,
        files_retries=60,
        files_delay=1,
        report_dir=str(scene.home / "report"),
    )
    process = scene.start(
        "ansible-playbook", "zego.cloud.teardown", **{f"zego_teardown_{name}": value for name, value in given.items()}
    )
    while "SearchMedia" not in _actions(scene):
        assert process.poll() is None
        time.sleep(0.1)
    scene.simulator.add_files("Tencent", ["t1", "t2"])
    done = scene.finish(process)
    report = json.loads((scene.home / "report" / "teardown.json").read_text(encoding="utf-8"))
    # It ends once all is known: the retries that are left are not spent on the one that is refused.
    assert done.rc == 2 and [(failure["name"], failure["code"]) for failure in report["failures"]] == [("bad", "2")]
    assert report["files"]["found"] == 2


@slow
def test_the_wait_goes_on_after_a_gateway_that_stumbles(scene):
    scene.simulator.record("Ws", ["w1"])
    scene.simulator.add_fault(kind="code", code=100000015, action="SearchMedia", times=2)
    scene.simulator.add_files("Ws", [_late("w1")])
    run = Teardown(scene, streams={"Ws": ["w1"]}, wait_for_files=True, files_retries=5, files_delay=1, retries=1)
    assert run.rc == 0 and run.report["files"]["found"] == 1
    assert _actions(scene)["SearchMedia"] == {"100000015": 2, "0": 2}


@slow
def test_nobody_waits_for_files_that_no_wait_will_bring(scene):
    _record(scene)
    for code in (8, 3):
        scene.simulator.clear_faults()
        scene.simulator.add_fault(kind="code", code=code, action="SearchMedia")
        run = Teardown(scene, streams={"Ws": ["w1"]}, wait_for_files=True, files_retries=50, files_delay=30)
        assert run.rc == 2 and run.report["failures"][0]["code"] == str(code)
    assert _actions(scene)["SearchMedia"] == {"8": 1, "3": 1}
    run = Teardown(
        scene, streams={"Ws": ["w1"]}, wait_for_files=True, files_retries=50, files_delay=30, files_since="yesterday"
    )
    assert (
        run.rc == 2
        and "since" in run.report["failures"][0]["message"]
        and _actions(scene)["SearchMedia"] == {"8": 1, "3": 1}
    )


@slow
def test_the_report_goes_where_the_user_wants_it(scene):
    _record(scene)
    summary = scene.home / "summary.md"
    summary.write_text("What was there before.\n", encoding="utf-8")
    env = {"GITHUB_STEP_SUMMARY": str(summary)}
    run = Teardown(scene, "-e", "zego_teardown_report_formats=html,json", env=env, streams=SMALL, folder="a/b/c")
    assert run.rc == 0 and {path.name for path in run.folder.iterdir()} == {"teardown.json", "teardown.html"}
    once = summary.read_text(encoding="utf-8")
    Teardown(scene, env=env, streams=SMALL, folder="a/b/c")
    twice = summary.read_text(encoding="utf-8")
    assert once.startswith("What was there before.\n") and twice.startswith("What was there before.\n")
    assert (
        once.count("# ✅ Teardown of") == twice.count("# ✅ Teardown of") == 1
        and "4 changed" in once
        and "4 unchanged" in twice
    )
    # Relative to where the playbook was started.
    relative = f"report-of-{os.getpid()}-{scene.simulator.port}"
    written = scene.target / relative
    try:
        assert Teardown(scene, streams=SMALL, report_dir=relative).rc == 0
        assert {path.name for path in written.iterdir()} == FORMS
    finally:
        for path in list(written.glob("*")):
            path.unlink()
        written.rmdir()


@slow
def test_a_report_that_cannot_be_written_fails_after_all_the_work(scene):
    _record(scene)
    (scene.home / "file").write_text("", encoding="utf-8")
    summary = scene.home / "summary.md"
    given = dict(streams=SMALL, report_dir=str(scene.home / "file" / "report"), step_summary=str(summary))
    run = Teardown(scene, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}, **given)
    assert run.rc == 2 and run.failed == 1 and "The report was not written: folder: " in run.output.split("fatal:")[-1]
    assert not scene.running("Tencent", "t1") and "4 changed, 0 unchanged, 0 failed of 4 streams" in run.output
    # Nothing points to what is not there, and the summary has it all nevertheless.
    assert (
        f"The report is in {scene.home}" not in run.output
        and _stats(run)["report_dir"] == ""
        and _stats(run)["failed"] is True
    )
    assert "4 changed" in summary.read_text(encoding="utf-8")


@slow
def test_a_form_that_cannot_be_written_takes_no_other_along(scene):
    _record(scene)
    summary = scene.home / "summary.md"
    (scene.home / "report").mkdir()
    # A folder is where the form should be.
    (scene.home / "report" / "teardown.xml").mkdir()
    run = Teardown(scene, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}, streams=SMALL, step_summary=str(summary))
    assert (
        run.rc == 2
        and run.failed == 1
        and "Not all of the report was written: junit: " in run.output.split("fatal:")[-1]
    )
    assert {path.name for path in run.folder.iterdir() if path.is_file()} == FORMS - {"teardown.xml"}
    assert "4 changed" in summary.read_text(encoding="utf-8") and f"The report is in {run.folder}" in run.output
    assert _stats(run)["report_dir"] == str(run.folder)
    run = Teardown(scene, streams=SMALL, step_summary="/proc/none/summary.md")
    (said,) = re.findall(r"Not all of the report was written: (.*)", run.output.split("fatal:")[-1])
    assert run.rc == 2 and run.failed == 1 and "junit: " in said and " | summary of the CI job: " in said


def test_a_folder_that_is_there_keeps_its_mode_and_an_old_report_does_not_stay(scene):
    scene.simulator.record("Ws", ["w1"])
    scene.simulator.configure(quota=0)
    folder = scene.home / "report"
    folder.mkdir(mode=0o700)
    starts = scene.metered()
    run = Teardown(scene, streams={"Ws": ["w1"]}, report_language="zh")
    # A start is the dearest of all: one for each step that has something to do, and one to check the event, since the
    # modules run on another Python than the playbook: nobody else knows whether that one has what they need.
    assert len(starts.read_text(encoding="utf-8").splitlines()) == 2
    assert run.rc == 0 and {path.name for path in folder.iterdir()} == FORMS
    # People read Chinese, programs what they know.
    texts = {ending: (folder / f"teardown.{ending}").read_text(encoding="utf-8") for ending in ("md", "html")}
    assert "收尾报告：" in texts["md"] and '<html lang="zh-CN">' in texts["html"]
    assert run.report["timeline"][1]["title"] == "Stop the recordings" and "1 changed, 0 unchanged" in run.output
    run = Teardown(scene, streams={"Ws": ["w1"]}, report_formats=["json"])
    assert run.rc == 0 and {path.name for path in folder.iterdir()} == {"teardown.json"}
    assert folder.stat().st_mode & 0o777 == 0o700 and run.report["totals"]["unchanged"] == 1


@slow
def test_a_user_that_may_write_to_the_folder_of_another_can_report_there(scene):
    scene.simulator.record("Ws", ["w1"])
    folder = scene.home / "report"
    folder.mkdir()
    (folder / "teardown.md").write_text("of another user", encoding="utf-8")
    if os.geteuid() == 0:
        os.chown(folder, 12345, 12345)
        os.chown(folder / "teardown.md", 12345, 12345)
    run = Teardown(scene, streams={"Ws": ["w1"]})
    kept = folder / "teardown.md"
    assert run.rc == 0 and folder.stat().st_uid == kept.stat().st_uid != os.geteuid() or os.geteuid()
    assert "# ✅ Teardown of" in run.form("md")


def _killed(scene, **given):
    """Start the playbook, and kill it while a request waits for its answer: nothing of the role runs after that."""
    process = scene.start("ansible-playbook", "zego.cloud.teardown", **given)
    deadline = time.monotonic() + 120
    while not scene.simulator.stats()["in_flight"] and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_an_interrupted_run_leaves_a_report_that_says_so(scene):
    _record(scene)
    scene.simulator.add_fault(kind="hang", seconds=60, vendor="Huawei")
    given = {"streams": {"Tencent": ["t1"], "Huawei": ["h1"]}, "close_rooms": ["main"], "timeout": 50}
    folder = scene.home / "report"
    _killed(scene, zego_teardown_report_dir=str(folder), **{f"zego_teardown_{name}": given[name] for name in given})
    report = json.loads((folder / "teardown.json").read_text(encoding="utf-8"))
    assert {path.name for path in folder.iterdir()} == FORMS
    assert report["interrupted"] and report["failed"] and report["totals"]["failed"] == 2
    assert "does not know whether this was done" in report["streams"][1]["message"]


@slow
def test_each_run_keeps_its_report_and_one_that_is_interrupted_says_what_it_did(scene):
    _record(scene)
    summary = scene.home / "summary.md"
    scene.simulator.add_fault(kind="hang", seconds=60, action="SearchMedia")
    given = {"streams": {"Tencent": ["t1", "t2"]}, "wait_for_files": True, "reports": "dated", "timeout": 50}
    given.update(report_dir=str(scene.home / "report"), step_summary=str(summary))
    given = {f"zego_teardown_{name}": value for name, value in given.items()}
    _killed(scene, **given)
    (folder,) = (scene.home / "report").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z", folder.name) and {path.name for path in folder.iterdir()} == FORMS
    report = json.loads((folder / "teardown.json").read_text(encoding="utf-8"))
    assert report["interrupted"] and {stream["outcome"] for stream in report["streams"]} == {"stopped"}
    # No file is missing of which nobody knows yet, and no stream has failed for it.
    assert report["files"]["missing"] == 0 and not any("files_missing" in stream for stream in report["streams"])
    (failure,) = report["failures"]
    assert failure["step"] == "files" and "does not know whether this was done" in failure["message"]
    assert "# ❌ Interrupted: Teardown of" in summary.read_text(encoding="utf-8")
    # The next run has a folder of its own, and replaces what the summary says.
    scene.simulator.clear_faults()
    scene.simulator.add_files("Tencent", [_late("t1"), _late("t2")])
    run = scene.run("ansible-playbook", "zego.cloud.teardown", **given)
    folders = sorted((scene.home / "report").iterdir())
    report = json.loads((folders[1] / "teardown.json").read_text(encoding="utf-8"))
    assert run.rc == 0 and len(folders) == 2 and "interrupted" not in report and not report["failed"]
    assert "Interrupted" not in summary.read_text(encoding="utf-8") and f"The report is in {folders[1]}" in run.output


def test_a_play_goes_on_with_the_result(scene):
    scene.simulator.record("Tencent", ["t1", "t2"])
    scene.simulator.configure(quota=0)
    scene.simulator.add_fault(stream="t2", **FROZEN)
    kept = scene.home / "results.json"
    scene.play("result.yml", "-e", f"folder={scene.home / 'report'}", result_file=str(kept))
    failed, refused, unusable, unasked, unread, reason = json.loads(kept.read_text(encoding="utf-8"))
    (stream,) = failed["failed_streams"]
    assert failed["failed"] and stream["stream_id"] == "t2" and stream["code"] == FROZEN["code"]
    assert "settle that with Tencent" in stream["message"] and stream["message"] in failed["msg"]
    assert failed["msg"].endswith(f"The report is in {scene.home / 'report'}")
    assert failed["totals"]["total"] == 2 and failed["files"]["found"] == 0 and not failed["interrupted"]
    assert set(failed["reports"]) == {"json", "junit", "markdown", "html"}
    assert all(os.path.isfile(path) for path in failed["reports"].values())
    # Nothing of the teardown before stands for one that was refused, and each says why.
    for result, event, why in (
        (refused, "Launch night", "got 'tencent'."),
        (unusable, "event", "api_user holds a colon"),
        (unasked, "event", "cannot be used: the API answered Code 100000005"),
    ):
        assert set(result) == set(failed) and result["event"] == event and why in result["msg"], result
        assert result["failed"] and result["totals"]["total"] == 0 and not result["reports"]
        assert why in result["short"] and not result["failed_streams"], result
    assert refused["short"].startswith("失败 · 收尾没有开始，没有停止任何录制：Launch night。\n")
    assert unusable["short"].startswith("FAILED: the teardown of event did not begin, and nothing was stopped.\n")
    assert unasked["msg"] == reason and "Check that server_secret belongs" in reason
    # Ansible reads the variables before the role can set the fact: what the play set first stays.
    assert unread["short"] == "it did not begin" and "'the_gateway_of_tonight' is undefined" in unread["why"]
    # Before a real run, the API is asked where that is wanted. With a secret that it refuses, no stop is sent.
    assert _actions(scene) == {"StopCDNRecord": {"0": 1}, "SearchMedia": {"100000005": 1}}


def test_no_event_of_a_play_takes_another_ones_place(scene):
    """Not even where a tag is skipped, and with it the tasks that read and check an event for all steps."""
    kept = scene.home / "results.json"
    for options in ((), ("--skip-tags", "discover")):
        scene.simulator.record("Ws", ["w1", "w2"])
        folder = {"zego_teardown_report_dir": str(scene.home / "report")}
        run = scene.play("two_events.yml", *options, result_file=str(kept), **folder)
        first, second, third, reason = json.loads(kept.read_text(encoding="utf-8"))
        assert first["event"] == "First" and first["outcomes"] == {"skipped": 1}
        assert second["event"] == "Second" and not second["failed"] and second["totals"]["skipped"] == 0, second
        assert "got 'ws'. Did you mean Ws?" in reason and run.output.count("Did you mean Ws?") <= 3
        assert "exception occurred" not in run.output, "a refusal is no defect"
        assert third["failed"] and third["totals"]["total"] == 0 and third["event"] in ("Third", "")
        # Where nobody read the event before its first step, the fact knows no more than that.
        assert ("did not begin" in third["short"]) == (not options) and third["interrupted"] == bool(options)
        assert not scene.running("Ws", "w1") and scene.running("Ws", "w2")


def _stats(run):
    (stats,) = re.findall(r"^\s*RUN: (.*)$", run.output, re.MULTILINE)
    return json.loads(stats)["zego_teardown"]


@slow
def test_the_summary_keeps_events_apart(scene):
    _record(scene)
    summary = scene.home / "summary.md"
    events = ["发布会", "演唱会", "Launch night", "Launch-night", "--", "发布会"]
    for event in events:
        assert Teardown(scene, event=event, streams={"Ws": ["w1"]}, step_summary=str(summary)).rc == 0
    text = summary.read_text(encoding="utf-8")
    assert "Interrupted" not in text
    assert all(text.count(f"Teardown of `{event}`") == 1 for event in events) and text.count("<!-- BEGIN") == 5
    assert "<!-- BEGIN teardown of Launch night -->" in text


@slow
def test_no_summary_is_written_where_none_is_wanted(scene):
    _record(scene)
    run = Teardown(scene, streams=SMALL, step_summary=None)
    assert run.rc == 0 and {path.name for path in run.folder.iterdir()} == FORMS


@slow
def test_whatever_runs_the_playbook_gets_the_totals(scene):
    _record(scene)
    scene.simulator.add_fault(stream="w1", **FROZEN)
    run = Teardown(scene, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}, streams=SMALL)
    told = _stats(run)
    assert told["totals"] == run.report["totals"] and told["failed"] is True and told["failed_streams"] == ["w1"]
    assert told["report_dir"] == str(run.folder) and told["event"] == "event" and told["check_mode"] is False


@slow
def test_a_platform_gets_what_fits_in_its_events_and_the_report_has_everything(scene):
    """AWX names the most that it keeps of one result. Above that, it would drop even the message."""
    streams = {"Tencent": [f"stage-{number}" for number in range(60)], "Ws": ["w1"]}
    _record(scene, streams)
    scene.simulator.add_fault(stream="stage-7", **FROZEN)
    env = {"MAX_EVENT_RES": "20000"}
    # The defaults of a play never leave anything out of the report.
    run = Teardown(scene, "-v", env=env, streams=streams)
    assert run.rc == 2 and run.outcomes() == {
        **dict.fromkeys([*streams["Tencent"], "w1"], "stopped"),
        "stage-7": "failed",
    }
    assert all(entry["request_id"] for entry in run.report["streams"])
    # Nothing else went wrong, and the step itself says what failed, and how many there were.
    assert [failure["name"] for failure in run.report["failures"]] == ["stage-7"]
    said = run.output.partition("Stop the recordings]")[2].partition("TASK [")[0]
    assert '"Tencent: 59 stopped, 1 failed"' in said and said.count("stage-7") == 1, said
    # No task returns what became of each stream.
    assert "stage-8" not in run.output and "no_log: true" not in run.output


EMPTY = "There is nothing to tear down"
REFUSED = [
    ("has no vendor", {"streams": ["w1"]}),
    ("got 'ws'. Did you mean Ws?", {"streams": {"ws": ["w1"]}}),
    ("stream_id is a list, not a name", {"streams": {"Ws": [["w1"]]}}),
    ("stream_id is the boolean true, not a name", {"streams": {"Ws": [True]}}),
    ("stream_id is the number 1.1, not a name", {"streams": {"Ws": [1.10]}}),
    ("stream_id is null, not a name", {"streams": {"Ws": [None]}}),
    ("map(attribute='stream_id')", {"streams": {"Ws": [{"stream_id": "w1", "exists": True}]}}),
    ("Tencent: the list is empty", {"streams": {"Ws": ["w1"], "Tencent": []}}),
    ("Huawei: the list is empty", {"streams": {"Ws": ["w1"], "Huawei": None}}),
    ("is text with brackets", {"streams": "(w1,w2)", "vendor": "Ws"}),
    ("got 'Wangsu'. Did you mean Ws?", {"streams": ["w1"], "vendor": "Wangsu"}),
    ("got 'Alibaba'. Did you mean Aliyun?", {"discover_rooms": [{"room_id": "main", "vendor": "Alibaba"}]}),
    ("zego_teardown_keep_rooms: expected true or false", {"close_rooms": ["main"], "keep_rooms": "ture"}),
    ("got 'relay'. Did you mean relays?", {"close_rooms": ["main"], "skip": "relay"}),
    ("zego_teardown_app_id must be the project's number", {"close_rooms": ["main"], "app_id": "12a4"}),
    ("zego_teardown_server_secret holds white space", {"close_rooms": ["main"], "server_secret": "a b"}),
    (EMPTY, {}),
    (EMPTY, {"streams": {"Tencent": ""}, "allow_empty": True}),
]


def test_an_event_that_is_not_clear_is_refused_before_the_first_request(scene):
    kept = scene.home / "cases.json"
    cases = []
    for reason, given in REFUSED:
        options = {f"zego_teardown_{name}": value for name, value in given.items()}
        cases.append({"zego_teardown_event": reason, **options})
    scene.play("cases.yml", cases=cases, result_file=str(kept), zego_teardown_report_dir=str(scene.home / "report"))
    messages = json.loads(kept.read_text(encoding="utf-8"))
    assert len(messages) == len(REFUSED)
    for (reason, _given), message in zip(REFUSED, messages):
        assert reason in message and "problems:" not in message, f"{reason}: {message}"
    assert scene.requests() == 0 and not (scene.home / "report").exists()


@slow
def test_all_that_is_unclear_is_told_at_once_and_the_last_report_stays(scene):
    _record(scene)
    assert Teardown(scene, streams={"Ws": ["w1"]}).rc == 0
    sent = scene.requests()
    given = {"stream": {"Ws": ["w1"]}, "close_room": ["main"], "vendor": "tencent", "skip": ["everything"]}
    run = Teardown(scene, report_formats=["pdf"], **given)
    for part in (
        "5 problems:",
        "Did you mean zego_teardown_streams?",
        "Did you mean zego_teardown_close_rooms?",
        "Did you mean Tencent?",
        "got 'everything'",
        "got 'pdf'",
    ):
        assert part in run.output, part
    # Ansible's own check would print the whole specification.
    assert run.rc == 2 and "argument_spec" not in run.output and len(run.output) < 4000
    # A secret that cannot be signed with fails the run before the first step, wherever it comes from.
    secret = scene.simulator.server_secret
    for env, reason in (
        ({"ZEGO_SERVER_SECRET": f"{secret}\n"}, "server_secret holds a newline"),
        ({"ZEGO_SERVER_SECRET": ""}, "server_secret"),
        ({"ZEGO_APP_ID": "12a4"}, "ZEGO_APP_ID"),
    ):
        run = Teardown(scene, env=env, streams={"Ws": ["w1"]})
        assert run.rc == 2 and reason in run.output.split("fatal:")[1] and run.outcomes() == {"w1": "stopped"}, reason
    assert scene.requests() == sent and secret not in run.output


@slow
def test_text_stands_for_a_list_on_every_core(scene):
    _record(scene)
    scene.simulator.configure(room_seconds=0)
    scene.simulator.add_room("main", ["x"])
    # As -e and an environment variable give it.
    options = ("-e", """zego_teardown_streams='["t1","t2"]'""", "-e", "zego_teardown_close_rooms=main,back")
    path = scene.home / "event.yml"
    path.write_text("zego_teardown_relays: \"{{ lookup('env', 'RELAYS') }}\"\n", encoding="utf-8")
    scene.simulator.add_relay("t1", f"rtmp://a.example.com/app/{KEY}")
    relays = json.dumps([{"stream_id": "t1", "cdn_url": f"rtmp://a.example.com/app/{KEY}"}])
    run = Teardown(scene, *options, "-e", f"@{path}", env={"RELAYS": relays}, vendor="Tencent")
    assert run.rc == 0 and run.outcomes() == {"t1": "stopped", "t2": "stopped"}
    assert run.outcomes("rooms", "room_id") == {"main": "closed", "back": "already_closed"}
    assert run.outcomes("relays") == {"t1": "removed"}
    sent = scene.requests()
    run = Teardown(scene, "-e", "zego_teardown_streams=\"['t1'\"", vendor="Tencent", folder="none")
    assert run.rc == 2 and "is text with brackets" in run.output and scene.requests() == sent and run.report is None


@slow
def test_null_and_empty_mean_not_given(scene):
    _record(scene)
    scene.simulator.add_room("main", ["guest"])
    scene.simulator.add_fault(kind="code", code=3, action="DescribeSimpleStreamList")
    specs = yaml.safe_load((_role() / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = [name[len("zego_teardown_") :] for name in specs["argument_specs"]["main"]["options"]]
    given = dict(streams={"Ws": ["w1"], "Huawei": ["h1"]}, discover_rooms=["main"], vendor="Ws", close_rooms=["main"])
    for nothing in (None, ""):
        folder = scene.home / f"report-{nothing}"
        more = {name: nothing for name in options if name not in given}
        run = Teardown(scene, hosts=nothing, **{**more, **given, "report_dir": str(folder), "ledger": None})
        report = json.loads((folder / "teardown.json").read_text(encoding="utf-8"))
        # The default: all steps count, and a room whose streams could not be listed stays open.
        assert run.rc == 2 and report["rooms"][0]["outcome"] == "kept_open" and report["event"] == "event"
        assert not [stream for stream in report["streams"] if stream["failed"]]
        assert {path.name for path in folder.iterdir()} == FORMS


@slow
def test_inline_vaults_work(scene):
    _record(scene)
    scene.simulator.add_relay("t1", f"rtmp://a.example.com/app/{KEY}")
    simulator = scene.simulator
    vault = VaultLib([("default", VaultSecret(b"vault-password"))])

    def inline(text, indent):
        lines = vault.encrypt(text).decode("ascii").splitlines()
        return "!vault |\n" + "\n".join(" " * indent + line for line in lines)

    path = scene.home / "vaulted.yml"
    path.write_text(
        f"zego_teardown_app_id: {simulator.app_id}\n"
        f"zego_teardown_server_secret: {inline(simulator.server_secret, 4)}\n"
        f"zego_teardown_api_url: {inline(simulator.url, 4)}\n"
        f"zego_teardown_relays:\n"
        f"  - stream_id: t1\n"
        f"    cdn_url: {inline(f'rtmp://a.example.com/app/{KEY}', 8)}\n",
        encoding="utf-8",
    )
    password = scene.home / "password"
    password.write_text("vault-password\n", encoding="utf-8")
    nothing = {"ZEGO_APP_ID": "", "ZEGO_SERVER_SECRET": "", "ZEGO_API_URL": ""}
    options = ("-e", f"@{path}", "--vault-password-file", str(password))
    run = Teardown(scene, *options, env=nothing, streams={"Ws": ["w1"]})
    assert run.rc == 0 and run.outcomes() == {"w1": "stopped"} and run.outcomes("relays") == {"t1": "removed"}
    nothing_shown(scene, KEY)


def test_credentials_of_a_gateway_reach_the_modules(scene):
    # What no header carries is refused by the modules, and by nothing else.
    for name, value, word in (
        ("api_user", "crew:of-the-night", "colon"),
        ("api_password", "of-the-night\n", "control"),
    ):
        run = Teardown(scene, **{name: value}, streams=SMALL)
        assert run.rc == 2 and f"{name} " in run.output and word in run.output
        nothing_shown(scene, "of-the-night")
    assert scene.requests() == 0


def test_tags_choose_steps(scene):
    _record(scene)
    scene.simulator.add_room("main", ["x"])
    scene.simulator.add_relay("t1", "rtmp://a.example.com/app/t1")
    relays = [{"stream_id": "t1", "cdn_url": "rtmp://a.example.com/app/t1"}]
    given = dict(streams=SMALL, relays=relays, close_rooms=["main"])
    run = Teardown(scene, "--tags", "recordings", **given)
    assert run.rc == 0 and set(_actions(scene)) == {"StopCDNRecord"} and set(run.outcomes().values()) == {"stopped"}
    assert run.outcomes("relays") == {"t1": "skipped"} and run.outcomes("rooms", "room_id") == {"main": "skipped"}
    run = Teardown(scene, "--start-at-task", "Stop the relays", "--skip-tags", "rooms", **given)
    assert run.rc == 0 and set(run.outcomes().values()) == {"skipped"} and run.outcomes("relays") == {"t1": "removed"}
    assert set(_actions(scene)) == {"StopCDNRecord", "DeleteCDNTransferRule"}
    # The event is checked, whichever step is the first.
    run = Teardown(scene, "--start-at-task", "Stop the relays", relay=relays, folder="none", **given)
    assert run.rc == 2 and "Did you mean zego_teardown_relays?" in run.output and run.report is None


USELESS = [
    (("--tags", "recording"), "Did you mean recordings?"),
    (("--skip-tags", "room"), "Did you mean rooms?"),
    (("--skip-tags", "always"), "--skip-tags 'always'"),
    (("--tags", "untagged"), "--tags 'untagged'"),
    (("--start-at-task", "Stop the recording"), "is no step"),
    (("-i", "h1,h2,", "--limit", "h1"), "--limit h1 leaves out localhost"),
]


@slow
def test_a_command_line_that_leaves_nothing_to_do_is_refused(scene):
    _record(scene)
    for options, reason in USELESS:
        done = scene.run("ansible-playbook", "zego.cloud.teardown", *options, zego_teardown_streams=SMALL)
        assert done.rc and reason in " ".join(done.output.split()) and "Nothing was sent." in done.output, options
    # In a play of one's own, a tag may be that of another task. The role says that it did nothing.
    given = dict(given_app_id=1, given_secret="", given_url="")
    run = Teardown(scene, "--tags", "others", playbook="defaults.yml", streams={"tencent": ["t1"]}, **given)
    assert run.rc == 0 and run.report is None and "Nothing was sent, and no report was written." in run.output
    assert scene.requests() == 0


def test_what_is_probably_a_mistake_is_warned_of(scene):
    scene.simulator.record("Tencent", ["t1", "83"])
    scene.simulator.record("Ws", ["t1"])
    leftovers = {"close_rooms": ["main"], "zego_tear_down_relays": []}
    path = scene.home / "leftovers.json"
    path.write_text(json.dumps(leftovers), encoding="utf-8")
    run = Teardown(scene, "-e", f"@{path}", streams={"Tencent": ["t1", 83], "Ws": ["t1"]})
    assert run.rc == 0 and run.report["totals"]["changed"] == 3
    told = " ".join(run.report["warnings"])
    for part in (
        "Stream 't1' is named under Tencent and Ws.",
        "entry 2 is sent as '83'",
        "close_rooms is set, and the role zego.cloud.teardown does not read it.",
        "Did you mean zego_teardown_relays?",
    ):
        # Before the first step.
        shown = " ".join(run.output.split()).partition("Stop the recordings of each")[0]
        assert part in told and part in shown, part


@slow
def test_the_connection_comes_by_variables_or_by_defaults_of_the_play(scene):
    _record(scene)
    none = {"ZEGO_APP_ID": "", "ZEGO_SERVER_SECRET": "", "ZEGO_API_URL": ""}
    for name in none:
        scene.env.pop(name)
    simulator = scene.simulator
    run = Teardown(
        scene,
        app_id=simulator.app_id,
        server_secret=simulator.server_secret,
        api_url=simulator.url,
        streams={"Ws": ["w1"]},
    )
    assert run.rc == 0 and run.outcomes() == {"w1": "stopped"}
    given = dict(given_app_id=simulator.app_id, given_secret=simulator.server_secret, given_url=simulator.url)
    run = Teardown(scene, playbook="defaults.yml", streams={"Huawei": ["h1"]}, **given)
    assert run.rc == 0 and run.outcomes() == {"h1": "stopped"}
    # Without one, nothing is sent, and the report of before stays.
    sent = scene.requests()
    run = Teardown(scene, streams={"Tencent": ["t1"]})
    assert run.rc == 2 and "app_id" in run.output.split("fatal:")[1] and run.outcomes() == {"h1": "stopped"}
    assert scene.requests() == sent


@slow
def test_another_host_can_do_the_work(scene):
    _record(scene)
    run = Teardown(scene, "-e", f"remote_tmp={scene.home}/there", playbook="delegated.yml", streams=SMALL)
    assert run.rc == 0 and run.report["totals"]["changed"] == 4 and "[localhost -> elsewhere]" in run.output
    run = Teardown(
        scene,
        "-e",
        "remote_tmp=/dev/null/there",
        playbook="delegated.yml",
        streams=SMALL,
        close_rooms=["main"],
        folder="unreachable",
    )
    assert (
        run.rc == 2 and run.report["totals"]["failed"] == 4 and "not reachable" in run.report["streams"][0]["message"]
    )
    assert {path.name for path in run.folder.iterdir()} == FORMS


@slow
def test_the_playbook_runs_on_another_host(scene):
    _record(scene)
    run = Teardown(scene, "-i", "elsewhere,", hosts="elsewhere", streams=SMALL)
    assert (
        run.rc == 0
        and run.report["totals"]["changed"] == 4
        and re.search(r"^elsewhere .*changed=1", run.output, re.MULTILINE)
    )


@slow
def test_the_playbook_refuses_a_host_that_is_not_there_and_several(scene):
    _record(scene)

    def refused(*options, hosts):
        given = dict(zego_teardown_hosts=hosts, zego_teardown_streams=SMALL)
        done = scene.run("ansible-playbook", "zego.cloud.teardown", *options, **given)
        assert done.rc and scene.requests() == 0
        return " ".join(done.output.split())

    assert "no such host" in refused("-i", "elsewhere,", hosts="elsewere")
    said = refused("-i", "h1,h2,", hosts="h1,h2")
    assert "zego_teardown_hosts names 2: h1, h2. Name one of them." in said
    assert "with a zego_teardown_report_dir for each host" in said
    run = Teardown(scene, "-i", "h1,h2,", "--limit", "h2", hosts="h1,h2", streams=SMALL)
    assert run.rc == 0 and run.report["totals"]["changed"] == 4


@slow
def test_the_report_is_made_once(scene):
    _record(scene)
    # Ansible's and the role's own check read this variable, and nothing else does: it may be a costly lookup.
    count = scene.home / "count"
    path = scene.home / "event.yml"
    path.write_text(
        f"zego_teardown_fail_on: \"{{{{ lookup('pipe', 'echo x >> {count}; echo recordings') }}}}\"\n", encoding="utf-8"
    )
    run = Teardown(scene, "-e", f"@{path}", streams=SMALL, close_rooms=["main"])
    assert run.rc == 0 and {path.name for path in run.folder.iterdir()} == FORMS
    assert len(count.read_text(encoding="utf-8").split()) == 2


@slow
def test_two_events_end_in_one_play(scene):
    scene.simulator.configure(room_seconds=0)
    scene.simulator.record("Tencent", ["a", "b"])
    scene.simulator.record("Ws", ["c"])
    scene.simulator.record("Huawei", ["guest"])
    scene.simulator.add_room("main", ["guest"])
    done = scene.run("ansible-playbook", "twice.yml", folder=str(scene.home))
    first, second = (
        json.loads((scene.home / name / "teardown.json").read_text(encoding="utf-8")) for name in ("first", "second")
    )
    assert done.rc == 0 and [stream["stream_id"] for stream in first["streams"]] == ["a", "b", "guest"]
    assert [stream["stream_id"] for stream in second["streams"]] == ["c"]
    assert [step["status"] for step in second["timeline"]].count("skipped") == 4


@slow
def test_no_secret_is_shown_however_loud_ansible_is(scene):
    _record(scene)
    scene.simulator.add_room("main", ["guest"])
    scene.simulator.add_fault(kind="echo_url")
    scene.simulator.add_fault(stream="t1", **FROZEN)
    scene.simulator.add_files("Ws", ["w1"])
    secret = "feedfacefeedfacefeedfacefeedface"
    relays = [{"stream_id": "t1", "cdn_url": f"rtmp://a.example.com/app/{KEY}?txSecret={KEY}"}]
    given = dict(streams=SMALL, discover_rooms=["main"], vendor="Tencent", relays=relays, close_rooms=["main"])
    wait = dict(wait_for_files=True, files_retries=1, files_delay=1)
    summary = {"GITHUB_STEP_SUMMARY": str(scene.home / "summary.md")}
    for number, more in enumerate(
        ({}, {"server_secret": secret}, {"streams": ["no-vendor"], "vendor": "", "discover_rooms": []})
    ):
        # The variables are in a file: ansible prints those of the command line with -vvvv.
        path = scene.home / f"event{number}.json"
        path.write_text(
            json.dumps({f"zego_teardown_{name}": value for name, value in {**given, **wait, **more}.items()}),
            encoding="utf-8",
        )
        run = Teardown(scene, *LOUD, "-e", f"@{path}", env=dict(ENV, **summary), folder=f"report{number}")
        assert run.rc == 2
        # What would hold a secret is really there.
        assert ("zego.cloud.teardown : Write the report" in run.output) == (number < 2)
        written = [
            one.read_text(encoding="utf-8")
            for one in [*run.folder.glob("*"), scene.home / "summary.md"]
            if one.is_file()
        ]
        shown = [text for text in written if secret in text or KEY in text or scene.simulator.server_secret in text]
        assert len(written) == (5 if number < 2 else 1) and not shown, "a secret in the report"
    nothing_shown(scene, KEY, secret)


@slow
def test_a_relay_in_the_wrong_form_stays_secret(scene):
    url = f"rtmp://a.example.com/app/{KEY}?txSecret={KEY}"
    forms = (
        url,
        f"{url},{url}",
        [url],
        [[url]],
        [{url: "t1"}],
        {"t1": url},
        [{"t1": url}],
        [{"stream_id": "t1", "cdn_url": [url]}],
    )
    for number, relays in enumerate((*forms, [{"stream_id": f"{url} ", "cdn_url": "t1"}])):
        path = scene.home / f"event{number}.json"
        path.write_text(json.dumps({"zego_teardown_relays": relays}), encoding="utf-8")
        run = Teardown(scene, *LOUD, "-e", f"@{path}", env=ENV)
        assert run.rc == 2 and not run.folder.exists() and "zego_teardown_relays" in run.output.split("fatal:")[1]
    assert scene.requests() == 0
    nothing_shown(scene, KEY, "txSecret")


if __name__ == "__main__":
    main(globals())
