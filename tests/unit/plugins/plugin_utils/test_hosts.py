# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command line with which nothing would be torn down is refused, since to Ansible it is a success."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.hosts import CommandLine, check_host, check_steps
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS

TASKS = Path(__file__).resolve().parents[4] / "roles" / "teardown" / "tasks" / "main.yml"

FINE = [
    CommandLine(),
    CommandLine(["all"]),
    CommandLine(["tagged"], ["rooms"]),
    CommandLine(["recordings"]),
    CommandLine(["recordings", "relays"], ["relays", "untagged"]),
    CommandLine(["all"], ["discover", "rooms"]),
    CommandLine(["all"], [], "Stop the relays"),
    CommandLine(["all"], [], "zego.cloud.teardown : Stop*"),
    CommandLine(["files"], [], "Wait for*"),
]
REFUSED = [
    (CommandLine(["recording"]), "--tags 'recording'", "Did you mean recordings?"),
    (CommandLine(["recordings", "lunch"]), "--tags 'lunch'", "discover, recordings, relays, rooms, files. Nothing"),
    (CommandLine(["report"]), "--tags 'report'", "The report is always made."),
    (CommandLine(["untagged"]), "--tags 'untagged'", ""),
    (CommandLine([""]), "--tags ''", ""),
    (CommandLine(["all"], ["room"]), "--skip-tags 'room'", "Did you mean rooms?"),
    (CommandLine(["all"], ["always"]), "--skip-tags 'always'", "The report is always made."),
    (CommandLine(["always"]), "leave no step", ""),
    (CommandLine(["all"], ["all"]), "leave no step", ""),
    (CommandLine(["all"], ["tagged"]), "leave no step", ""),
    (CommandLine(["rooms"], ["rooms"]), "leave no step", ""),
    (CommandLine(["all"], list(STEPS)), "leave no step", ""),
    (CommandLine(["all"], [], "Stop the relay"), "--start-at-task 'Stop the relay'", "'Stop the relays'"),
    (CommandLine(["recordings"], [], "Stop the relays"), "--start-at-task", "The steps are 'Stop the recordings'."),
    (CommandLine(["all"], [], "Report, and fail once if anything failed"), "--start-at-task", ""),
]


@pytest.mark.parametrize("given", FINE)
def test_a_command_line_with_a_step_is_taken(given):
    check_steps(given)


@pytest.mark.parametrize("given, what, hint", REFUSED)
def test_a_command_line_without_a_step_is_refused(given, what, hint):
    with pytest.raises(ValueError) as caught:
        check_steps(given)
    assert what in str(caught.value) and hint in str(caught.value) and "Nothing was sent." in str(caught.value)


def test_the_steps_have_these_names_and_tags():
    tasks = yaml.safe_load(TASKS.read_text(encoding="utf-8"))
    taken = [task for task in tasks if "zego.cloud.teardown_step" in task and task["tags"] != ["always"]]
    read, check, *steps = taken
    assert [task["zego.cloud.teardown_step"]["step"] for task in steps] == list(STEPS)
    tagged = {task["name"]: task["tags"] for task in steps}
    assert tagged == {title: [step] for step, title in STEPS.items()}
    # The event is checked before whichever step is the first.
    assert check["tags"] == list(STEPS)


def test_exactly_one_host_is_taken():
    check_host("localhost", ["localhost"], None)
    check_host("h1,h2", ["h1", "h2"], ["h2", "h3"], "h2,h3")
    check_host("h1", ["h1", "h1"], ["h1"], "all")
    for given, reason in (
        (("h9", [], None), "zego_teardown_hosts is h9, and the inventory has no such host"),
        (("localhost", ["localhost"], ["h1"], "h1"), "--limit h1 leaves out localhost"),
        (("localhost", ["localhost"], [], "h9"), "--limit h9 leaves out localhost"),
        (("h1,h2", ["h1", "h2"], None), "zego_teardown_hosts names 2: h1, h2. Name one of them."),
    ):
        with pytest.raises(ValueError) as caught:
            check_host(*given)
        assert reason in str(caught.value) and "Nothing was sent." in str(caught.value)
