# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger: private, shared by several runs, and never a reason not to stop a recording."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, brief, main, names, warnings  # noqa: E402

HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def _goes_on(scene, ledger):
    """The ledger is of no use: that is a warning, and the recording is stopped."""
    scene.simulator.record("Tencent", ["a"])
    result = scene.call(vendor="Tencent", streams=["a"], ledger=str(ledger))
    all_are("stopped", result, changed=True)
    assert f"The ledger {ledger} cannot be used" in warnings(result), warnings(result)
    assert not scene.running("Tencent", "a")


def test_the_file_is_private_and_its_folder_is_made(scene):
    scene.simulator.record("Tencent", ["a"])
    result = scene.call(vendor="Tencent", streams=["a"])
    assert not warnings(result), warnings(result)
    assert os.stat(scene.ledger).st_mode & 0o777 == 0o600
    assert os.stat(scene.ledger.parent).st_mode & 0o077 == 0


def test_a_corrupt_file_is_a_warning(scene):
    path = scene.home / "corrupt.sqlite3"
    path.write_bytes(b"this is no database, and long enough to be looked at. " * 200)
    _goes_on(scene, path)


def test_a_database_of_something_else_is_a_warning(scene):
    path = scene.home / "other.sqlite3"
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sqlite3; sqlite3.connect({str(path)!r}).execute('CREATE TABLE recording (x INTEGER)')",
        ],
        check=True,
    )
    _goes_on(scene, path)


def test_a_path_below_a_file_is_a_warning(scene):
    (scene.home / "file").write_text("in the way", encoding="utf-8")
    _goes_on(scene, scene.home / "file" / "ledger.sqlite3")


def test_a_path_that_is_a_folder_is_a_warning(scene):
    (scene.home / "folder").mkdir()
    _goes_on(scene, scene.home / "folder")


def test_a_locked_file_is_a_warning(scene):
    path = scene.home / "locked.sqlite3"
    all_are("already_stopped", scene.call(vendor="Tencent", streams=["b"], ledger=str(path)), changed=False)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline().strip() == b"held"
        _goes_on(scene, path)
    finally:
        holder.communicate()
    all_are("already_stopped", scene.call(vendor="Tencent", streams=["a"], ledger=str(path)), changed=False)


def test_a_start_without_a_memory_says_so_or_is_not_sent(scene):
    path = scene.home / "folder.sqlite3"
    path.mkdir()
    start = {"vendor": "Tencent", "state": "started", "ledger": str(path)}
    refused, sent = scene.calls([dict(start, streams=["a"], ledger_required=True), dict(start, streams=["b"])])
    all_are("not_attempted", refused, changed=False)
    assert "cannot be used" in refused["msg"] and "ledger_required=false" in refused["msg"], brief(refused)
    all_are("started", sent, changed=True)
    assert "a second time" in warnings(sent), warnings(sent)
    assert not scene.running("Tencent", "a") and scene.running("Tencent", "b") == 1
    none = scene.call(**dict(start, streams=["c"], ledger="", ledger_required=True))
    assert none["failed"] and "ledger_required needs a ledger" in none["msg"], brief(none)


def test_what_is_not_ours_is_left_alone(scene):
    """A symbolic link is not followed, and without a home no folder named ~ is made."""
    target = scene.home / "precious"
    target.write_bytes(b"")
    target.chmod(0o644)
    link = scene.home / "link.sqlite3"
    link.symlink_to(target)
    _goes_on(scene, link)
    assert target.read_bytes() == b"" and target.stat().st_mode & 0o777 == 0o644
    scene.simulator.record("Tencent", ["a"])
    result = scene.call(vendor="Tencent", streams=["a"], ledger="~nobody-of-this-name/ledger.sqlite3")
    all_are("stopped", result, changed=True)
    assert "no home folder is known" in warnings(result), warnings(result)


def test_one_server_has_one_memory_however_it_is_spelled(scene):
    scene.simulator.record("Tencent", ["a"])
    scene.simulator.configure(repeated_stop={"Tencent": "success"})
    spellings = [scene.simulator.url, scene.simulator.url.rstrip("/"), scene.simulator.url.replace("http", "HTTP")]
    results = scene.calls([{"vendor": "Tencent", "streams": ["a"], "api_url": url} for url in spellings])
    assert [result["changed"] for result in results] == [True, False, False], [brief(result) for result in results]


def test_two_playbooks_at_once_share_one_ledger(scene):
    scene.simulator.configure(repeated_stop="success")
    halves = [names(30, "left"), names(30, "right")]
    for half in halves:
        scene.simulator.record("Tencent", half)
    running = [scene.start_calls([{"vendor": "Tencent", "streams": half, "batch_size": 3}]) for half in halves]
    for process, path in running:
        result = scene.finish_calls(process, path)[0]
        all_are("stopped", result, changed=True)
        assert not warnings(result), warnings(result)
    result = scene.call(vendor="Tencent", streams=halves[0] + halves[1])
    all_are("already_stopped", result, changed=False)


def test_memory_keeps_apps_vendors_and_domains_apart(scene):
    scene.simulator.configure(repeated_stop="success")
    given = (
        ("stopped", {"vendor": "Tencent"}),
        ("stopped", {"vendor": "Huawei"}),
        ("stopped", {"vendor": "Aliyun", "domain": "one.example.com"}),
        ("stopped", {"vendor": "Aliyun", "domain": "two.example.com"}),
        ("already_stopped", {"vendor": "Aliyun", "domain": "one.example.com"}),
        ("already_stopped", {"vendor": "Tencent"}),
        ("already_stopped", {"vendor": "Tencent", "api_url": scene.simulator.url + "/"}),
    )
    results = scene.calls([dict(parameters, streams=["a"]) for _outcome, parameters in given])
    for (outcome, _parameters), result in zip(given, results):
        all_are(outcome, result, changed=outcome == "stopped")


def test_memory_counts_within_its_time_only(scene):
    scene.simulator.configure(repeated_stop="success")
    all_are("stopped", scene.call(vendor="Tencent", streams=["a"]), changed=True)
    time.sleep(1.5)
    all_are("stopped", scene.call(vendor="Tencent", streams=["a"], ledger_ttl=1), changed=True)
    all_are("already_stopped", scene.call(vendor="Tencent", streams=["a"]), changed=False)


def test_a_remembered_stop_explains_only_what_is_shaped_like_not_found(scene):
    scene.simulator.record("Ws", ["a", "b", "c", "d"])
    all_are("stopped", scene.call(vendor="Ws", streams=["a", "b", "c"]), changed=True)
    answers = {"a": (404, ""), "b": (410, "gone"), "c": (404, "the domain does not exist"), "d": (404, "")}
    for stream, (code, message) in answers.items():
        scene.simulator.add_fault(kind="row_code", stream=stream, format="mp4", code=code, message=message)
    result = scene.call(vendor="Ws", streams=list(answers))
    assert [item["outcome"] for item in result["streams"]] == ["already_stopped", "failed", "failed", "failed"]
    told = ["it was stopped at " in item["message"] for item in result["streams"]]
    assert told == [True, True, True, False], result["streams"]


def test_started_elsewhere_since_our_stop_is_no_already_stopped(scene):
    scene.simulator.record("Tencent", ["a"])
    all_are("stopped", scene.call(vendor="Tencent", streams=["a"]), changed=True)
    # Another machine starts it again, and the vendor's next answer says nothing certain.
    scene.simulator.record("Tencent", ["a"])
    for code in ("FailedOperation", "InvalidParameter", "ResourceNotFound.JustNow"):
        scene.simulator.clear_faults()
        scene.simulator.add_fault(kind="stream_code", stream="a", code=code, message="failed")
        result = scene.call(vendor="Tencent", streams=["a"], retries=1)
        all_are("failed", result, changed=False)
        assert "it was stopped at " in result["msg"] and scene.running("Tencent", "a"), brief(result)


def _crossed_by_a_start(scene, verb):
    """Send ``verb``, whose answer comes late, and the opposite meanwhile; returns both results."""
    scene.simulator.clear_faults()
    first, then = ("stopped", "started") if verb == "stop" else ("started", "stopped")
    scene.simulator.add_fault(kind="slow", ms=6000, times=1)
    sent = scene.requests()
    late, path = scene.start_calls([{"vendor": "Tencent", "streams": ["a"], "state": first}])
    while not any(line["work"] for line in scene.simulator.requests(sent)):
        assert late.poll() is None, "it ended too early"
        time.sleep(0.02)
    meanwhile = scene.call(vendor="Tencent", streams=["a"], state=then)
    return scene.finish_calls(late, path)[0], meanwhile


def test_a_stop_and_a_start_that_cross_leave_no_certainty(scene):
    """Whoever gets the answer last would remember the wrong thing."""
    scene.simulator.record("Tencent", ["a"])
    stop, start = _crossed_by_a_start(scene, "stop")
    all_are("started", start, changed=True)
    all_are("failed", stop, changed=False)
    assert "a start of another run crossed" in stop["msg"] and scene.running("Tencent", "a"), brief(stop)
    # A start that could be paid twice is not sent, and a stop ends the doubt.
    all_are("unknown", scene.call(vendor="Tencent", streams=["a"], state="started"), changed=False)
    all_are("stopped", scene.call(vendor="Tencent", streams=["a"]), changed=True)
    start, stop = _crossed_by_a_start(scene, "start")
    all_are("stopped", stop, changed=True)
    all_are("unknown", start, changed=False)
    assert "a stop of another run crossed" in start["msg"] and not scene.running("Tencent", "a"), brief(start)
    all_are("started", scene.call(vendor="Tencent", streams=["a"], state="started", force=True), changed=True)


if __name__ == "__main__":
    main(globals())
