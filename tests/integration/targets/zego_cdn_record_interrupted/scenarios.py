# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is cut short, or meets another one: the next run ends in the state that an undisturbed one would have."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, names, outcomes  # noqa: E402

STREAMS = names(120)
GIVEN = {"vendor": "Tencent", "streams": STREAMS, "batch_size": 2}


def _disturb(scene, number, whom, **parameters):
    """Start a run, wait until it is well under way, send it the signal, and wait for its end."""
    scene.simulator.configure(latency_ms=300)
    process, _path = scene.start_calls([dict(GIVEN, **parameters)])
    while scene.requests() < 12:
        assert process.poll() is None, "it ended too early"
        time.sleep(0.02)
    for pid in whom(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    scene.output += process.communicate(timeout=60)[0].decode("utf-8", "replace")
    _wait_for_silence(scene)
    assert scene.requests() < 60, "it was over before it could be disturbed"
    scene.simulator.configure(latency_ms=0)


def _descendants(root):
    """Return {process ID: command line} of a process and of all that it started, whatever their groups and sessions."""
    listed = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = []
    for line in listed[1:]:
        pid, parent, command = line.split(None, 2)
        rows.append((int(pid), int(parent), command))
    found = {pid: command for pid, _parent, command in rows if pid == root}
    for _depth in range(12):
        found.update({pid: command for pid, parent, command in rows if parent in found})
    return found


def everybody(root):
    """The playbook and all its processes."""
    return list(_descendants(root))


def the_playbook(root):
    """As from a person's terminal or a CI runner: the playbook's own process group."""
    return [-root]


def the_module(root):
    """The process that sends the requests."""
    found = [
        pid
        for pid, command in _descendants(root).items()
        if "AnsiballZ_zego_cdn_record" in command and not command.startswith("/bin/sh")
    ]
    assert found, "the module was not found"
    return found


def _wait_for_silence(scene):
    """A module whose playbook is gone may go on for a while."""
    seen = -1
    while seen != scene.requests():
        seen = scene.requests()
        time.sleep(1)


def _ledger_is_intact(scene):
    with contextlib.closing(sqlite3.connect(scene.ledger)) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _stop_after(scene, *disturbance):
    scene.simulator.record("Tencent", STREAMS)
    _disturb(scene, *disturbance)
    assert any(scene.running("Tencent", name) for name in STREAMS)
    result = scene.call(**GIVEN)
    assert not result["failed"] and set(outcomes(result).values()) <= {"stopped", "already_stopped"}, brief(result)
    assert not any(task["running"] for task in scene.simulator.state()["Tencent"].values())
    _ledger_is_intact(scene)


def _start_after(scene, *disturbance):
    """Return how many streams a rerun reports as unknown."""
    _disturb(scene, *disturbance, state="started")
    result = scene.call(state="started", **GIVEN)
    found, state = outcomes(result), scene.simulator.state()["Tencent"]
    assert set(found.values()) <= {"started", "already_started", "unknown"}, brief(result)
    for name, outcome in found.items():
        count = state.get(name, {}).get("starts", 0)
        assert count == 1 or outcome == "unknown" and count == 0, (name, outcome, count)
    _ledger_is_intact(scene)
    return list(found.values()).count("unknown")


def test_stops_go_on_after_a_run_that_sigint_ended(scene):
    _stop_after(scene, signal.SIGINT, the_playbook)


def test_stops_go_on_after_a_run_that_sigkill_ended(scene):
    _stop_after(scene, signal.SIGKILL, everybody)


def test_starts_after_sigint_are_as_if_nothing_had_happened(scene):
    assert _start_after(scene, signal.SIGINT, the_playbook) == 0


def test_starts_after_sigterm_are_as_if_nothing_had_happened(scene):
    assert _start_after(scene, signal.SIGTERM, the_module) == 0


def test_starts_after_sigkill_are_unknown_at_the_most(scene):
    # What was under way: 300 ms of latency at 20 requests a second, and what the threads had claimed meanwhile.
    assert _start_after(scene, signal.SIGKILL, everybody) <= 32


def test_an_interrupted_module_still_reports_each_stream(scene):
    scene.simulator.record("Tencent", STREAMS)
    scene.simulator.configure(latency_ms=300)
    process, path = scene.start_calls([GIVEN])
    while scene.requests() < 12:
        time.sleep(0.02)
    for pid in the_module(process.pid):
        os.kill(pid, signal.SIGTERM)
    result = scene.finish_calls(process, path)[0]
    found, state = outcomes(result), scene.simulator.state()["Tencent"]
    assert result["failed"] and result["changed"] and set(found.values()) == {"stopped", "not_attempted"}, brief(result)
    assert "SIGTERM" in result["msg"] and list(found) == STREAMS
    for name in STREAMS:
        assert (found[name] == "stopped") == (not state[name]["running"]), name


def test_a_task_that_runs_into_its_timeout_starts_no_stream_twice(scene):
    scene.simulator.configure(latency_ms=300)
    done = scene.play("timeout.yml", streams=STREAMS)
    assert "rescued=1" in done.output
    _wait_for_silence(scene)
    starts = [scene.simulator.state()["Tencent"].get(name, {}).get("starts", 0) for name in STREAMS]
    assert max(starts) == 1, starts
    result = scene.call(state="started", **GIVEN)
    unknown = [name for name, outcome in outcomes(result).items() if outcome == "unknown"]
    state = scene.simulator.state()["Tencent"]
    assert all(state[name]["starts"] == 1 for name in STREAMS if name not in unknown)
    _ledger_is_intact(scene)


def test_two_runs_at_once_start_each_stream_once(scene):
    scene.simulator.configure(latency_ms=50)
    running = [scene.start_calls([dict(GIVEN, state="started")]) for _turn in range(2)]
    found = [outcomes(scene.finish_calls(process, path)[0]) for process, path in running]
    state = scene.simulator.state()["Tencent"]
    assert [state[name]["starts"] for name in STREAMS] == [1] * len(STREAMS)
    for name in STREAMS:
        both = sorted(outcome[name] for outcome in found)
        assert both in (["already_started", "started"], ["started", "unknown"]), (name, both)


if __name__ == "__main__":
    main(globals())
