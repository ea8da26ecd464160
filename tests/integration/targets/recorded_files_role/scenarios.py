# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of the files that a rulebook tells of; the rulebook itself runs in the session eda."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import main, slow  # noqa: E402

KEY = "record/app/command_record/arena-1/2026-05-01-18-00-03.mp4"


def _event(uuid, vendor, **file):
    zego = {"event": "record", "app_id": 1, "vendor": vendor, "stream_id": file.pop("stream", "stage-1"), "file": file}
    return {"meta": {"uuid": uuid}, "zego": zego}


def _events(*events):
    """What ansible-rulebook hands to a playbook for several events."""
    return {"events": {f"m_{number}": event for number, event in enumerate(events)}, "ruleset": "x", "rule": "y"}


def _play(scene, given, playbook="zego.cloud.recorded_files", **variables):
    variables = {
        "ansible_eda": given,
        "handled": str(scene.home / "handled"),
        "zego_recorded_files_tasks": str(Path(__file__).resolve().parent / "handle.yml"),
        "zego_recorded_files_done": str(scene.home / "done"),
        "zego_recorded_files_retries": 1,
        "zego_recorded_files_delay": 0,
        **variables,
    }
    return scene.run("ansible-playbook", playbook, **variables)


def _handled(scene):
    path = scene.home / "handled"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_each_file_that_the_api_lists_is_handled_once_and_no_other(scene):
    scene.simulator.add_files("Tencent", [{"stream": "stage-1", "file_id": name, "size": 7} for name in "ab"])
    scene.simulator.add_files("Huawei", [{"stream": "arena-1", "name": KEY, "size": 8}])
    events = [
        _event("a", "Tencent", file_id="a", url="http://elsewhere.example.com/a.mp4"),
        _event("b", "Tencent", file_id="b"),
        _event("forged", "Tencent", file_id="forged"),
        _event(KEY, "Huawei", name=KEY, stream="arena-1"),
    ]
    code, output = _play(scene, _events(*events), fails=["b"])
    # The size is what the API says, not what the event does.
    assert code == 2 and "2 recorded files were not handled" in output and "forged (the API does not list it" in output
    assert sorted(_handled(scene)) == ["a 7", "b 7", f"{KEY} 8"]
    # What failed goes again; what was handled does not.
    code, output = _play(scene, _events(*events[:2], events[3]))
    assert code == 0 and "changed=1 " in output and len(_handled(scene)) == 3, output


@slow
def test_an_event_of_its_own_and_without_tasks_is_named(scene):
    url = "http://push.url/app-lobby-1--20260502020003.mp4"
    scene.simulator.add_files("Ws", [{"stream": "lobby-1", "url": f"{url}?sign=x", "name": url.rpartition("/")[2]}])
    given = {"event": _event(url, "Ws", url=url, stream="lobby-1")}
    code, output = _play(scene, given, zego_recorded_files_tasks="")
    assert code == 0 and f"lobby-1: {url}" in output and _handled(scene) == []
    code, output = _play(scene, {}, zego_recorded_files_tasks="")
    assert code == 0 and "changed=0 " in output, output


@slow
def test_an_event_ends_only_where_its_rooms_are_empty(scene):
    event = scene.home / "event.yml"
    event.write_text(json.dumps({"zego_teardown_streams": {"Tencent": ["stage-1"]}}), encoding="utf-8")
    named = {"zego_event_over_rooms": ["hall"], "zego_event_over_file": str(event)}
    named["zego_teardown_report_dir"] = str(scene.home / "report")
    scene.simulator.record("Tencent", ["stage-1"])

    def told(room, **variables):
        zego = {"event": "room_close", "app_id": 1, "room_id": room}
        given = {"event": {"meta": {"uuid": "r"}, "zego": zego}}
        return _play(scene, given, "zego.cloud.event_over", **{**named, **variables})

    scene.simulator.configure(room_seconds=0)
    scene.simulator.add_room("hall", ["stage-1"])
    assert told("hall")[0] == 0 and told("another")[0] == 0
    code, output = told("hall", zego_event_over_rooms=[])
    assert code == 2 and "Name the rooms of the event" in output
    assert scene.running("Tencent", "stage-1")
    scene.simulator.add_room("hall", [])
    # An API that cannot be asked ends nothing.
    scene.simulator.add_fault(kind="code", code=100000017, action="DescribeSimpleStreamList")
    assert told("hall", zego_event_over_file=str(event))[0] == 2 and scene.running("Tencent", "stage-1")
    scene.simulator.clear_faults()
    assert told("hall")[0] == 0 and not scene.running("Tencent", "stage-1")


if __name__ == "__main__":
    main(globals())
