# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The GitHub Action, the GitLab component and the Jenkinsfile end an event, and end it again on another machine.

Their shell parts run as they are, with pip, ansible-galaxy and ansible-playbook; see runners.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support_zego")]

from harness import closed_port, main, slow  # noqa: E402
from runners import EXAMPLES, GitHub, GitLab, Jenkins, Machine  # noqa: E402

KEY = "relay-key-of-the-crew"
# Beside the streams, the report has two rooms to search, two relays and two rooms to close.
OTHERS = 2 + 2 + 2


def _example(name):
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def _begin(scene):
    """Let the event of the example be under way; return how many streams it has, a machine, and the credentials."""
    streams = _example("event.yml")["zego_teardown_streams"]
    # A vendor that acknowledges each stop again: without the ledger, a rerun would look like a change.
    scene.simulator.configure(room_seconds=0, file_delay_seconds=0, repeated_stop="success")
    for vendor, names in streams.items():
        scene.simulator.record(vendor, names)
    scene.simulator.record("Huawei", ["guest-1"])
    scene.simulator.add_room("green-room", ["guest-1"])
    scene.simulator.add_relay("stage-001", f"rtmp://live.example.com/app/{KEY}")
    secret = scene.simulator.server_secret
    values = {"ZEGO_APP_ID": str(scene.simulator.app_id), "ZEGO_SERVER_SECRET": secret, "RELAY_KEY": KEY}
    return sum(map(len, streams.values())) + 1, Machine(scene, [secret, KEY]), values


def _totals(folder):
    return json.loads((folder / "teardown.json").read_text(encoding="utf-8"))["totals"]


def _check_ended(scene, report, count):
    """The first run stopped everything."""
    assert _totals(report) == {"total": count, "changed": count, "unchanged": 0, "failed": 0, "skipped": 0}
    running = [item for names in scene.simulator.state().values() for item in names.values() if item["running"]]
    relays = [relay for item in scene.simulator.relays().values() for relay in item["urls"].values()]
    assert count == 201 and running == [] and relays and not [relay for relay in relays if relay["running"]]


def _check_unchanged(report, count):
    """A later run changed nothing: the green room is closed, so its guest is in no room any more."""
    totals = _totals(report)
    assert (totals["total"], totals["changed"], totals["failed"]) == (count - 1, 0, 0), totals


def _cases(path):
    """The test cases that a CI system finds in the JUnit file."""
    return len(list(ElementTree.parse(path).getroot().iter("testcase")))


@slow
def test_the_github_action_ends_an_event_and_a_rerun_elsewhere_changes_nothing(scene):
    count, machine, values = _begin(scene)
    github, workflow = GitHub(machine, values), _example("github-actions.yml")
    assert github.run(workflow, check=True), machine.output[-2000:]
    # It asks what changes nothing: whether the API can be used, and who streams in the rooms.
    assert set(scene.simulator.stats()["actions"]) == {"SearchMedia", "DescribeSimpleStreamList"}
    assert f"would change {count} of {count} streams" in machine.output
    # The report of the rehearsal says what would happen.
    assert "Rehearsal (check mode)" in github.summary and github.caches == []
    assert (github.outputs["failed"], github.outputs["changed"]) == ("0", str(count))
    assert (github.artifacts["teardown-report-teardown"] / "teardown.html").is_file()

    scene.simulator.add_fault(kind="stream_code", stream="lobby-007", code="403")
    assert not github.run(workflow, check=False)
    report = machine.workspace / "zego-teardown"
    told = {"failed": "1", "total": str(count), "changed": str(count - 1), "report": str(report)}
    assert github.outputs == told, machine.output[-2000:]
    assert "lobby-007" in github.summary
    assert (github.artifacts["teardown-report-teardown"] / "teardown.html").is_file()

    # On another machine, the cache has what the run that failed had stopped.
    scene.simulator.clear_faults()
    machine.renew()
    assert github.run(workflow, check=False) and len(github.caches) == 2, machine.output[-2000:]
    assert (github.outputs["changed"], github.outputs["failed"]) == ("1", "0")
    machine.renew()
    assert github.run(workflow, check=False), machine.output[-2000:]
    _check_unchanged(github.artifacts["teardown-report-teardown"], count)
    assert "# ✅ Teardown of `Launch night 2026`" in github.summary, github.summary[:500]


@slow
def test_the_inputs_of_the_github_action_reach_the_role(scene):
    _count, machine, values = _begin(scene)
    github, workflow = GitHub(machine, values), _example("github-actions.yml")
    ledger = machine.home / "ledger of the crew.sqlite3"
    step = workflow["jobs"]["teardown"]["steps"][-1]
    report = "the report's folder"
    step["with"] = {"event": "night.yml", "skip": "rooms, files", "ledger": str(ledger), "report-dir": report}
    event = machine.workspace / "night.yml"
    event.write_text("zego_teardown_streams: {Ws: [lobby-001]}\nzego_teardown_close_rooms: [backstage]\n")
    assert github.run(workflow), machine.output[-2000:]
    assert (github.outputs["changed"], github.outputs["report"]) == ("1", str(machine.workspace / report))
    assert ledger.is_file() and github.caches == [] and not (machine.home / ".ansible" / "zego").exists()
    assert set(scene.simulator.stats()["actions"]) == {"StopCDNRecord"}
    requests = scene.requests()
    # A report is there, but it is none of this event, which is refused.
    event.write_text("zego_teardown_streams: {Ws: []}\n")
    assert not github.run(workflow) and github.outputs["report"] == "" and github.artifacts == {}
    step["with"]["check"] = "maybe"
    assert not github.run(workflow) and "check has to be true or false" in machine.output
    assert scene.requests() == requests


@slow
def test_the_gitlab_component_ends_an_event_and_a_rerun_elsewhere_changes_nothing(scene):
    count, machine, values = _begin(scene)
    gitlab, pipeline = GitLab(machine, values), _example("gitlab-ci.yml")
    collection = str(machine.tarball())
    assert gitlab.run(pipeline, collection=collection) == 0, machine.output[-2000:]
    _check_ended(scene, gitlab.artifacts, count)
    assert _cases(gitlab.junit) == count + OTHERS
    machine.renew()
    assert gitlab.run(pipeline, collection=collection) == 0, machine.output[-2000:]
    _check_unchanged(gitlab.artifacts, count)


@slow
def test_the_inputs_of_the_gitlab_component_reach_the_role(scene):
    _count, machine, values = _begin(scene)
    gitlab, pipeline = GitLab(machine, values), _example("gitlab-ci.yml")
    (machine.workspace / "night.yml").write_text("zego_teardown_streams: {Ws: [lobby-001]}\n")
    inputs = {"event": "night.yml", "skip": "files", "collection": str(machine.tarball()), "report-dir": "told"}
    ledger = machine.home / "ledger.sqlite3"
    assert gitlab.run(pipeline, **inputs, ledger=str(ledger), check="true") == 0, machine.output[-2000:]
    assert "would change 1 of 1 stream" in machine.output and not ledger.exists()
    assert set(scene.simulator.stats()["actions"]) == {"SearchMedia"}
    scene.simulator.add_fault(kind="stream_code", stream="lobby-001", code="403")
    assert gitlab.run(pipeline, **inputs, ledger=str(ledger)) == 2
    # The report is there although the job failed.
    assert ledger.is_file() and gitlab.artifacts.name == "told" and _totals(gitlab.artifacts)["failed"] == 1
    assert _cases(gitlab.junit) == 1


@slow
def test_a_ledger_on_a_server_is_tried_with_what_it_needs_and_ends_the_event_without_it(scene):
    """Nobody listens at its address, which is a warning. Without the package for it, the modules would fail."""
    _count, machine, values = _begin(scene)
    address = f"redis://127.0.0.1:{closed_port()}/0"
    github, workflow = GitHub(machine, values), _example("github-actions.yml")
    event = "zego_teardown_streams: {Ws: [lobby-001, lobby-002]}\n"
    (machine.workspace / "night.yml").write_text(event)
    step = workflow["jobs"]["teardown"]["steps"][-1]
    step["with"] = {"event": "night.yml"}
    workflow["jobs"]["teardown"]["env"]["ZEGO_LEDGER"] = address
    assert github.run(workflow) and github.outputs["changed"] == "2" and github.caches == [], machine.output[-2000:]
    assert "[WARNING]: " in machine.output and "ledger" in machine.output
    gitlab, pipeline = GitLab(machine, values), _example("gitlab-ci.yml")
    inputs = {"event": "night.yml", "collection": str(machine.tarball()), "ledger": address}
    assert gitlab.run(pipeline, **inputs) == 0, machine.output[-2000:]
    assert "ledger" in machine.output and not (machine.workspace / ".zego-ledger" / "ledger.sqlite3").exists()


@slow
def test_the_jenkinsfile_ends_an_event_and_a_rerun_elsewhere_changes_nothing(scene):
    count, machine, values = _begin(scene)
    jenkins, text = Jenkins(machine, values), (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    assert jenkins.run(text, CHECK="") == 0, machine.output[-2000:]
    _check_ended(scene, jenkins.artifacts / "report", count)
    assert _cases(jenkins.junit) == count + OTHERS and (jenkins.artifacts / "report" / "teardown.html").is_file()
    machine.renew()
    assert jenkins.run(text, CHECK="") == 0, machine.output[-2000:]
    _check_unchanged(jenkins.artifacts / "report", count)


if __name__ == "__main__":
    main(globals())
