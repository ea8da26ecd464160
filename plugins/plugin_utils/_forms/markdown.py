# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Markdown, for a job's summary page, and as plain lines for the console. Pure."""

from __future__ import annotations

import re
from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import grouped
from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration, prose, size, visible

# GitHub refuses a step summary above 1 MiB; a table this long is read by nobody.
MAX_BYTES = 500_000
NAMED = 20
CAUSES = 10

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|~])")
# Only at the beginning of a line: a rule, an item of a list ('- a', '1. a'), a heading underlined with '='.
_BLOCK = re.compile(r"^(\d*)([-=.])")
_MARKS = {"failed": "❌", "changed": "✅", "ok": "✅", "skipped": "➖"}


def text(value: Any) -> str:
    """Return free text that Markdown shows as it is: no markup, no HTML, no mention, no link."""
    escaped = prose(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = _BLOCK.sub(r"\1\\\2", _PUNCTUATION.sub(r"\\\1", escaped))
    # A zero width space keeps GitHub and GitLab from making a mention or a link of it.
    return escaped.replace("@", "@&#8203;").replace("://", ":&#8203;//").replace("www.", "www&#46;")


def code(value: Any) -> str:
    """Return a name as a code span, '' for an empty one."""
    name = visible(value)
    if not name:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", name)), default=0))
    pad = " " if name[0] in " `" or name[-1] in " `" else ""
    return f"{fence}{pad}{name}{pad}{fence}"


def _cell(value: Any) -> str:
    """Return a name as a code span for a table, whose cells end at any bar that has no backslash, even inside a code span."""
    # What a backslash before the bar means differs from one Markdown to the next.
    return code(visible(value).replace("\\|", "\\[U+007C]")).replace("|", "\\|")


def _fit(lines: Iterable[str], room: int) -> list[str]:
    """Return the first lines, as many as fit into ``room`` bytes."""
    fitting = []
    for line in lines:
        room -= len(line.encode("utf-8")) + 1
        if room < 0:
            break
        fitting.append(line)
    return fitting


def verdict(report: dict[str, Any]) -> str:
    """Return the end of it all as one sentence."""
    totals = report["totals"]
    if report["check_mode"]:
        said = f"would change {totals['changed']} of {totals['total']} streams" + (
            f", {totals['failed']} would fail" if totals["failed"] else ""
        )
    else:
        said = f"{totals['changed']} changed, {totals['unchanged']} unchanged, {totals['failed']} failed of {totals['total']} streams"
    if totals["skipped"]:
        said += f" ({totals['skipped']} skipped)"
    others = sum(1 for failure in report["failures"] if failure["step"] != "recordings")
    return said + (f"; {others} further {'failure' if others == 1 else 'failures'}" if others else "")


def named(group: dict[str, Any], show: Any = visible) -> str:
    """Return the names of a group of failures, the first few of many."""
    names = [show(item["name"]) + (f" → {show(item['cdn'])}" if item.get("cdn") else "") for item in group["items"]]
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _failure(group: dict[str, Any]) -> str:
    """Return one cause of failures as an item of a list."""
    where = " ".join(
        text(part) for part in (STEPS[group["step"]], group.get("vendor") and f"({group['vendor']})") if part
    )
    head = f"- **{where}**, {len(group['items'])}: {named(group, code)}" + (
        "" if group["counts"] else " *(does not count)*"
    )
    told = f"  {code(group.get('code'))} {text(group.get('message'))}".rstrip()
    first = group["items"][0]
    ids = [
        f"{label} {code(first[key])}"
        for key, label in (("request_id", "request"), ("vendor_request_id", "vendor's request"))
        if first.get(key)
    ]
    shown = [f"  {', '.join(ids)}" + (" (of the first)" if len(group["items"]) > 1 else "")] if ids else []
    return "\n\n".join([head, told, *shown])


def _failures(report: dict[str, Any]) -> list[str]:
    groups = [_failure(group) for group in grouped(report["failures"])]
    shown = _fit(groups, MAX_BYTES // 2)
    more = [f"{len(groups) - len(shown)} more causes are in the JSON report.", ""] if len(shown) < len(groups) else []
    return ["## Failures", "", *shown, "", *more] if groups else []


def _table(header: list[str], rows: list[str]) -> list[str]:
    return [_row(header), _row(["---"] * len(header)), *rows, ""]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _steps(report: dict[str, Any]) -> list[str]:
    rows = [
        _row([f"{_MARKS[step['status']]} {text(step['title'])}", text(step["summary"]), duration(step.get("seconds"))])
        for step in report["timeline"]
    ]
    return ["## Steps", "", *_table(["Step", "What it came to", "Time"], rows)]


def _links(stream: dict[str, Any]) -> str:
    links = [
        f"[{text(file.get('format') or 'file')}]({file['url']}) {size(file.get('size'))}".strip()
        for file in stream["files"]
        if file.get("url")
    ]
    return ", ".join(link.replace("|", "%7C") for link in links)


def _stream(stream: dict[str, Any]) -> str:
    mark = _MARKS["failed" if stream["failed"] else "skipped" if stream["outcome"] == "skipped" else "ok"]
    return _row(
        [_cell(stream["stream_id"]), text(stream["vendor"]), f"{mark} {text(stream['outcome'])}", _links(stream)]
    )


def _streams(report: dict[str, Any], room: int) -> list[str]:
    """Return the table of the streams, failed ones first, as far as it fits into ``room`` bytes."""
    if not report["streams"]:
        return []
    ordered = sorted(report["streams"], key=lambda stream: not (stream["failed"] or "files_missing" in stream))
    rows = _fit(map(_stream, ordered), room)
    left_out = len(ordered) - len(rows)
    note = [f"{left_out} more are in the JSON report.", ""] if left_out else []
    head = ["<details>", f"<summary>All {len(ordered)} streams</summary>", ""]
    return [*head, *_table(["Stream", "Vendor", "Outcome", "Files"], rows), *note, "</details>", ""]


def _others(report: dict[str, Any]) -> list[str]:
    lines = []
    for title, key, name in (
        ("Rooms searched for streams", "discovery", "room_id"),
        ("Relays", "relays", "stream_id"),
        ("Rooms", "rooms", "room_id"),
    ):
        entries = [entry for entry in report[key] if not entry["failed"]]
        names = [
            code(entry[name]) + (f" → {code(entry['cdn'])}" if entry.get("cdn") else "") + f" {text(entry['outcome'])}"
            for entry in entries[:NAMED]
        ]
        more = f" and {len(entries) - NAMED} more" if len(entries) > NAMED else ""
        lines += [f"{title}: {', '.join(names)}{more}.", ""] if names else []
    return lines


def markdown(report: dict[str, Any]) -> str:
    """Return the report as Markdown (GitHub's and GitLab's), at most about half a megabyte."""
    mark = _MARKS["failed" if report["failed"] else "ok"]
    mode = " (check mode)" if report["check_mode"] else ""
    lines = [f"# {mark} Teardown of {code(report['event'])}{mode}", "", f"{text(verdict(report))}.", ""]
    lines += [f"{text(report['started'])}, {duration(report['seconds'])}.", ""] if report["started"] else []
    lines += [*_failures(report), *_steps(report), *_others(report)]
    lines += [f"> ⚠️ {text(warning)}\n" for warning in report["warnings"][:NAMED]]
    return "\n".join(lines + _streams(report, MAX_BYTES - len("\n".join(lines).encode("utf-8")))).rstrip() + "\n"


def lines_of(report: dict[str, Any]) -> list[str]:
    """Return the report as lines for the console: the sentence, the steps, and each cause of failure with the names that it hit."""
    mode = "check mode, nothing was changed: " if report["check_mode"] else ""
    lines = [f"{visible(report['event'])}: {mode}{verdict(report)}."]
    for step in report["timeline"]:
        lines.append(
            f"{step['title']}: {step['summary'] or 'nothing'}"
            + (f" ({duration(step.get('seconds'))})" if step.get("seconds") is not None else "")
        )
    for group in grouped(report["failures"]):
        where = f"{STEPS[group['step']]}{', ' + group['vendor'] if group.get('vendor') else ''}"
        ignored = "" if group["counts"] else ", does not count"
        lines.append(f"FAILED ({where}{ignored}) {named(group)}: {prose(group.get('message'))}")
    return lines + [f"WARNING {prose(warning)}" for warning in report["warnings"]]


def summary(report: dict[str, Any]) -> str:
    """Return why the teardown failed as one line: which items, why, what to do; '' where it did not."""
    groups = [group for group in grouped(report["failures"]) if group["counts"]]
    told = [
        f"{named(group)}{' at ' + group['vendor'] if group.get('vendor') else ''}: {prose(group.get('message'))}"
        for group in groups[:CAUSES]
    ]
    more = f" | and {len(groups) - CAUSES} more causes." if len(groups) > CAUSES else ""
    return (
        f"The teardown of {visible(report['event'])} is not complete: {verdict(report)}. {' | '.join(told)}{more}"
        if told
        else ""
    )


def text_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return {lines, failure}: the report for the console, and why it failed ('' where it did not)."""
    return {"lines": lines_of(report), "failure": summary(report)}
