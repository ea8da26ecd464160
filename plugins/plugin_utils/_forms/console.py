# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as plain text, for the console and for the message of the task that fails. Pure."""

from __future__ import annotations

import re
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, Language
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    by_vendor,
    grouped,
    summary_of,
    unconfirmed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration, prose, visible

# Nobody reads more names than that in one line.
MAX_NAMES = 20
MAX_CAUSES = 10
# A CI runner takes '::error::' or '##[error]' for a command where a line begins so, and some callbacks fold long lines.
_COMMAND = re.compile(r"(?<=:)(?=:)|(?<=#)(?=#)")


def verdict(report: dict[str, Any], words: Language = ENGLISH) -> str:
    """Return in one sentence how the teardown ended."""
    totals = report["totals"]
    sentence = _counts(report, words)
    if report.get("interrupted"):
        sentence = f"{words.text('the run did not come to its end')}{words.besides}{sentence}"
    if totals["skipped"]:
        sentence += words.text(" ({count} skipped)", count=totals["skipped"])
    count, unsure = unconfirmed(report["streams"])
    if count:
        sentence += words.besides + words.listed(f"{count} {unsure}")
    # The counts above are about streams; relays, rooms and files can fail beside them.
    others = sum(1 for failure in report["failures"] if failure["step"] != "recordings")
    if others and report.get("interrupted"):
        sentence += words.besides + words.text("{count} more of which nobody knows, or that failed", count=others)
    elif others:
        sentence += words.besides + words.count("{count} further failure", "{count} further failures", others)
    return sentence


def _counts(report: dict[str, Any], words: Language) -> str:
    totals = report["totals"]
    of_streams = {"count": totals["total"], **{key: totals[key] for key in ("changed", "unchanged", "failed")}}
    if report["check_mode"]:
        sentence = words.count(
            "would change {changed} of {count} stream", "would change {changed} of {count} streams", **of_streams
        )
        return sentence + words.text(", {failed} would fail", **of_streams) if totals["failed"] else sentence
    if report.get("interrupted"):
        # What has no answer counts as failed, and nothing says that it did.
        return words.count(
            "{changed} changed, {unchanged} unchanged, {failed} failed or not known of {count} stream",
            "{changed} changed, {unchanged} unchanged, {failed} failed or not known of {count} streams",
            **of_streams,
        )
    return words.count(
        "{changed} changed, {unchanged} unchanged, {failed} failed of {count} stream",
        "{changed} changed, {unchanged} unchanged, {failed} failed of {count} streams",
        **of_streams,
    )


def before_the_first_step(report: dict[str, Any]) -> list[str]:
    """Return what the API answered before the first step, without what the warnings say."""
    return [line for line in report.get("preflight", []) if line not in report["warnings"]]


def names_of(group: dict[str, Any], show: Callable[[Any], str] = visible, words: Language = ENGLISH) -> str:
    """Return the names in a group of failures, the first MAX_NAMES of them; ``show`` formats a name."""
    names = []
    for item in group["items"][:MAX_NAMES]:
        name = show(item["name"])
        names.append(f"{name} → {show(item['cdn'])}" if item.get("cdn") else name)
    more = len(group["items"]) - len(names)
    return words.comma.join(names) + (words.text(" and {count} more", count=more) if more else "")


def console_lines(report: dict[str, Any]) -> list[str]:
    """Return the verdict, the steps, the causes of failure with the names that each hit, and the warnings."""
    mode = "rehearsal in check mode, nothing was changed: " if report["check_mode"] else ""
    lines = [f"{visible(report['event'])}: {mode}{verdict(report)}."]
    for step in report["timeline"]:
        time = f" ({duration(step['seconds'])})" if step.get("seconds") is not None else ""
        lines.append(f"{step['title']}: {step['summary'] or 'nothing'}{time}")
    for group in grouped(report["failures"]):
        where = STEPS[group["step"]]
        if group.get("vendor"):
            where += f", {group['vendor']}"
        if not group["counts"]:
            where += ", does not count"
        lines.append(f"FAILED ({where}) {names_of(group)}: {prose(group.get('message'))}")
    return lines + [f"WARNING {prose(warning)}" for warning in report["warnings"]]


def step_lines(report: dict[str, Any], step: str) -> list[str]:
    """Return what became of a step: a line for each vendor, else one, then each cause of failure, once."""
    (entry,) = [entry for entry in report["timeline"] if entry["step"] == step]
    lines = [entry["summary"] or "nothing"]
    if step == "recordings":
        # Nothing may look stopped that was not.
        mode = "expected: " if report["check_mode"] else ""
        lines = [f"{vendor}: {mode}{summary_of(streams)}" for vendor, streams in by_vendor(report["streams"]).items()]
    failures = [failure for failure in report["failures"] if failure["step"] == step]
    for group in grouped(failures):
        word = "FAILED" if group["counts"] else "FAILED (does not count)"
        lines.append(f"{word} {names_of(group)}: {prose(group.get('message'))}")
    return [_COMMAND.sub(" ", line) for line in lines]


def final_line(report: dict[str, Any]) -> str:
    """Return in one line how the teardown ended, without what its steps have said before."""
    mode = "rehearsal in check mode, nothing was changed: " if report["check_mode"] else ""
    start = "The teardown of " if report["failed"] else ""
    end = " is not complete" if report["failed"] else ""
    return _COMMAND.sub(" ", f"{start}{visible(report['event'])}{end}: {mode}{verdict(report)}.")


def failure_message(report: dict[str, Any]) -> str:
    """Return in one line why the teardown failed: which items, why, and what to do. '' if it did not fail."""
    groups = [group for group in grouped(report["failures"]) if group["counts"]]
    if not groups:
        return ""
    causes = []
    for group in groups[:MAX_CAUSES]:
        vendor = f" at {group['vendor']}" if group.get("vendor") else ""
        causes.append(f"{names_of(group)}{vendor}: {prose(group.get('message'))}")
    more = f" | and {len(groups) - MAX_CAUSES} more causes." if len(groups) > MAX_CAUSES else ""
    event = visible(report["event"])
    return f"The teardown of {event} is not complete: {verdict(report)}. {' | '.join(causes)}{more}"


def console(report: dict[str, Any]) -> dict[str, Any]:
    """Return {lines, failure}: the report for the console, and why the teardown failed."""
    lines = [_COMMAND.sub(" ", line) for line in console_lines(report)]
    return {"lines": lines, "failure": _COMMAND.sub(" ", failure_message(report))}
