# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that a playbook's command line lets the teardown run: on one host, and with at least one step. Pure.

To Ansible, a play without a host or without a task is a success: the recordings would go on, and nobody would know.
"""

from __future__ import annotations

import difflib
from fnmatch import fnmatch
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS

_ROLE = "zego.cloud.teardown"
# Tags that mean something to Ansible itself.
_RUN = ("all", "tagged", "always")
_SKIP = ("all", "tagged", "untagged", "never")
_NOTHING = "Nothing was sent."


class CommandLine(NamedTuple):
    """What --tags, --skip-tags, --start-at-task and --limit said; empty where one was not given."""

    tags: list[str] = []
    skip_tags: list[str] = []
    start_at_task: str = ""
    limit: str = ""


def check_steps(given: CommandLine) -> None:
    """Refuse a command line with a tag that is none, or with which no step would run. Raises ``ValueError``."""
    for option, tags, more in (("--tags", given.tags, _RUN), ("--skip-tags", given.skip_tags, _SKIP)):
        for tag in tags:
            if tag not in STEPS and tag not in more:
                raise ValueError(_unknown_tag(option, tag))
    chosen = [step for step in STEPS if _runs(step, given)]
    if not chosen:
        raise ValueError(f"--tags and --skip-tags leave no step of the teardown. {_NOTHING}")
    if given.start_at_task and not any(_starts(given.start_at_task, step) for step in chosen):
        titles = ", ".join(f"'{STEPS[step]}'" for step in chosen)
        raise ValueError(f"--start-at-task {given.start_at_task!r} is no step. The steps are {titles}. {_NOTHING}")


def _unknown_tag(option: str, tag: str) -> str:
    near = difflib.get_close_matches(tag, STEPS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    if tag in ("always", "report"):
        hint = " The report is always made."
    return f"{option} {tag!r}: the steps of the teardown are {', '.join(STEPS)}.{hint} {_NOTHING}"


def _runs(step: str, given: CommandLine) -> bool:
    """Tell whether Ansible runs the task of a step, whose one tag is the step's name."""
    matching = {step, "all", "tagged"}
    return not matching.isdisjoint(given.tags or ["all"]) and matching.isdisjoint(given.skip_tags)


def _starts(pattern: str, step: str) -> bool:
    names = (STEPS[step], f"{_ROLE} : {STEPS[step]}")
    return any(name == pattern or fnmatch(name, pattern) for name in names)


def check_host(target: Any, matching: Iterable[str], limited: Iterable[str] | None, limit: str = "") -> None:
    """Refuse a choice that is not exactly one host. Raises ``ValueError``.

    ``target``: zego_teardown_hosts; ``matching``: the hosts of the inventory that it names; ``limited``: those that
    --limit names, None if it was not given or cannot be told.
    """
    hosts = list(dict.fromkeys(matching))
    if not hosts:
        raise ValueError(
            f"zego_teardown_hosts is {target}, and the inventory has no such host. Name one that it has, or leave it "
            f"out to end the event from here. {_NOTHING}"
        )
    left = hosts if limited is None else [host for host in hosts if host in set(limited)]
    if not left:
        raise ValueError(
            f"--limit {limit} leaves out {', '.join(hosts[:5])}, from where the event is ended. Leave --limit out, or "
            f"set zego_teardown_hosts to the host that is to end it. {_NOTHING}"
        )
    # Each host would end the same event, and replace the report of the one before.
    if len(left) > 1:
        raise ValueError(
            f"The playbook {_ROLE} ends an event on one host, and zego_teardown_hosts names {len(left)}: "
            f"{', '.join(left[:5])}. Name one of them. To end an event on each, use the role {_ROLE} in a play of your "
            f"own, with a zego_teardown_report_dir for each host. {_NOTHING}"
        )
