# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action says while a module runs, and at the end. Real playbooks run it in tests/integration."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from ansible_collections.zego.cloud.plugins.action import teardown_step


class Screen:
    """Stands in for Ansible's display; sets ``done`` after so many lines."""

    def __init__(self, done, lines):
        self.done, self.left, self.shown = done, lines, []

    def display(self, text, *, stderr):
        assert stderr, "the standard output may be JSON"
        self.shown.append(text)
        self.left -= 1
        if not self.left:
            self.done.set()


def test_a_long_step_says_that_it_is_alive(monkeypatch):
    done = threading.Event()
    screen = Screen(done, 3)
    monkeypatch.setattr(teardown_step, "Display", lambda: screen)
    monkeypatch.setattr(teardown_step, "HEARTBEAT", 0.001)
    calls = [
        {"module": "zego_cdn_record", "args": {"vendor": "Tencent", "streams": ["a", "b"]}},
        {"module": "zego_room", "args": {"rooms": ["r"], "server_secret": "hidden"}},
    ]
    teardown_step._say_alive(done, "Stop the recordings", calls)
    assert screen.shown == ["Stop the recordings: 2 streams at Tencent, 1 room, for 0 s so far"] * 3


def test_a_wait_says_how_long_it_may_take(monkeypatch):
    done = threading.Event()
    screen = Screen(done, 1)
    monkeypatch.setattr(teardown_step, "Display", lambda: screen)
    monkeypatch.setattr(teardown_step, "HEARTBEAT", 0.001)
    calls = [{"args": {"vendor": vendor, "streams": ["a"], "wait_timeout": 600}} for vendor in ("Tencent", "Ws")]
    teardown_step._say_alive(done, "Wait for the recorded files", calls)
    assert screen.shown[0].endswith("1 stream at Tencent, 1 stream at Ws, for 0 s so far, it waits up to 1200 s")


def test_the_end_is_one_line_that_fails_or_the_lines_of_a_success():
    assert teardown_step._end(None) == {"changed": False, "skipped": True}
    failed = teardown_step._end({"end": {"failed": True, "lines": ["not complete.", "The report is in d"]}})
    assert failed == {"changed": False, "failed": True, "msg": "not complete. The report is in d"}
    good = teardown_step._end({"end": {"failed": False, "lines": ["all done."]}})
    assert good["msg"] == ["all done."] and "failed" not in good


@pytest.mark.parametrize(
    "transport,become,environment,python,expected",
    [
        ("local", None, [], sys.executable, True),
        ("local", None, [{}], sys.executable, True),
        ("local", None, [{"ZEGO_REGION": "sha"}], sys.executable, False),
        ("local", None, ["{{ crew_environment }}"], sys.executable, False),
        ("local", "sudo", [], sys.executable, False),
        ("local", None, [], "/opt/python", False),
        ("local", None, [], None, False),
        ("ssh", None, [], sys.executable, False),
    ],
)
def test_options_are_checked_without_a_module_only_where_it_would_meet_the_same(
    transport, become, environment, python, expected
):
    action = teardown_step.ActionModule.__new__(teardown_step.ActionModule)
    action._connection = SimpleNamespace(transport=transport, become=become)
    action._task = SimpleNamespace(environment=environment)
    action._vars, action._templar = (
        {"ansible_python_interpreter": python},
        SimpleNamespace(template=lambda value: value),
    )
    assert action._is_here() == expected


def test_a_defect_leaves_a_result_of_this_event_and_quotes_no_value(monkeypatch):
    action, kept = teardown_step.ActionModule.__new__(teardown_step.ActionModule), []
    action._play_context = SimpleNamespace(check_mode=True)

    def fails():
        raise KeyError("the secret")

    monkeypatch.setattr(action, "_checked", fails, raising=False)
    monkeypatch.setattr(action, "_save", kept.append, raising=False)
    result = action._read()
    assert result["failed"] and result["check_mode"] and result["msg"] in result["short"]
    assert "KeyError in test_teardown_action.py, line " in result["msg"] and "the secret" not in result["msg"]
    # The next task fails with it.
    assert kept == [{"refused": result["msg"], "is_told": False}]


@pytest.mark.parametrize("step", ["check", "recordings", "report", "end"])
def test_whichever_task_comes_first_refuses_an_event_and_the_others_do_not_tell_it_again(step, monkeypatch):
    """--step can leave out any task, and an event that was refused must not look ended."""
    action, kept = (
        teardown_step.ActionModule.__new__(teardown_step.ActionModule),
        [{"refused": "why", "is_told": False}],
    )
    monkeypatch.setattr(action, "_load", lambda: kept[-1], raising=False)
    monkeypatch.setattr(action, "_save", kept.append, raising=False)
    with pytest.raises(teardown_step.AnsibleActionFail, match="why"):
        action._act(step)
    for later in ("check", "recordings", "report", "end"):
        assert action._act(later) == {"changed": False, "skipped": True}


def test_a_host_cannot_choose_where_the_state_is_kept():
    assert teardown_step._plain("../../etc/passwd") == "------etc-passwd" and len(teardown_step._plain("x" * 999)) == 64
