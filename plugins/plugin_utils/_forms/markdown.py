# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Markdown, for the summary page of a CI job. Pure."""

from __future__ import annotations

import re
from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import MAX_NAMES, names_of, verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import recording_line
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    files_problem,
    grouped,
    unconfirmed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import duration, prose, size, visible

# GitHub refuses a step summary above 1 MiB, and nobody reads a table that long.
MAX_BYTES = 500_000
# What stands around the rows of the streams.
_AROUND_STREAMS = 300

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|~])")
# These are markup at the beginning of a line only: an item of a list ('- a', '1. a'), a rule, a heading underlined
# with '='.
_BLOCK = re.compile(r"^(\d*)([-=.])")
_MARKS = {"failed": "❌", "changed": "✅", "ok": "✅", "skipped": "➖"}
_OTHER_ENTRIES = (
    ("Rooms searched for streams", "discovery", "room_id"),
    ("Relays", "relays", "stream_id"),
    ("Rooms", "rooms", "room_id"),
)
_REQUEST_IDS = (("request_id", "request"), ("vendor_request_id", "vendor's request"))


def escape(value: Any) -> str:
    """Return free text that Markdown shows as it is: no markup, no HTML, no mention, no link."""
    text = prose(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _BLOCK.sub(r"\1\\\2", _PUNCTUATION.sub(r"\\\1", text))
    # A zero width space keeps GitHub and GitLab from turning it into a mention or a link.
    return text.replace("@", "@&#8203;").replace("://", ":&#8203;//").replace("www.", "www&#46;")


def code_span(value: Any) -> str:
    """Return a name as a code span, '' for an empty one."""
    name = visible(value)
    if not name:
        return ""
    longest = max((len(ticks) for ticks in re.findall("`+", name)), default=0)
    fence = "`" * (1 + longest)
    pad = " " if name[0] in " `" or name[-1] in " `" else ""
    return f"{fence}{pad}{name}{pad}{fence}"


def _cell(value: Any) -> str:
    """Return a name as a code span for a table.

    A cell ends at any bar without a backslash, even inside a code span. What a backslash before the bar means differs
    from one Markdown to the next, so that one is shown by its number.
    """
    return code_span(visible(value).replace("\\|", "\\[U+007C]")).replace("|", "\\|")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(header: list[str], rows: list[str]) -> list[str]:
    return [_row(header), _row(["---"] * len(header)), *rows, ""]


def _first_that_fit(blocks: Iterable[str], max_bytes: int) -> list[str]:
    """Return as many of the first blocks as fit into ``max_bytes``, each followed by a line break."""
    fitting = []
    for block in blocks:
        max_bytes -= len(block.encode("utf-8")) + 1
        if max_bytes < 0:
            break
        fitting.append(block)
    return fitting


def _cause(group: dict[str, Any]) -> str:
    """Return one cause of failures as an item of a list."""
    where = escape(STEPS[group["step"]])
    if group.get("vendor"):
        where += f" {escape('(' + group['vendor'] + ')')}"
    headline = f"- **{where}**, {len(group['items'])}: {names_of(group, code_span)}"
    if not group["counts"]:
        headline += " *(does not count)*"
    paragraphs = [headline, f"  {code_span(group.get('code'))} {escape(group.get('message'))}".rstrip()]
    first = group["items"][0]
    # One request ID is enough for the vendor's support; the JSON report has the others.
    ids = ", ".join(f"{label} {code_span(first[key])}" for key, label in _REQUEST_IDS if first.get(key))
    if ids:
        paragraphs.append(f"  {ids} (of the first)" if len(group["items"]) > 1 else f"  {ids}")
    return "\n\n".join(paragraphs)


def _failures(report: dict[str, Any], max_bytes: int) -> list[str]:
    # An outage fails every stream for one cause: that is one item here, not hundreds.
    causes = [_cause(group) for group in grouped(report["failures"])]
    if not causes:
        return []
    # The other half is for the steps and the table of the streams.
    shown = _first_that_fit(causes, max_bytes // 2)
    left_out = len(causes) - len(shown)
    note = [f"{left_out} more causes are in the JSON report.", ""] if left_out else []
    return ["## Failures", "", *shown, "", *note]


def _steps(report: dict[str, Any]) -> list[str]:
    rows = []
    for step in report["timeline"]:
        title = f"{_MARKS[step['status']]} {escape(step['title'])}"
        rows.append(_row([title, escape(step["summary"]), duration(step.get("seconds"))]))
    return ["## Steps", "", *_table(["Step", "What it came to", "Time"], rows)]


def _file_links(stream: dict[str, Any]) -> str:
    links = []
    for file in stream["files"]:
        if file.get("url"):
            link = f"[{escape(file.get('format') or 'file')}]({file['url']}) {size(file.get('size'))}"
            links.append(link.strip().replace("|", "%7C"))
    recording = escape(recording_line(stream))
    return f"{', '.join(links)} {recording}".strip()


def _stream_row(stream: dict[str, Any]) -> str:
    mark = _MARKS["skipped" if stream["outcome"] == "skipped" else "ok"]
    if stream["failed"]:
        mark = _MARKS["failed"]
    count, words = unconfirmed([stream])
    outcome = f"{mark} {escape(words if count else stream['outcome'])}"
    return _row([_cell(stream["stream_id"]), escape(stream["vendor"]), outcome, _file_links(stream)])


def _streams(report: dict[str, Any], max_bytes: int) -> list[str]:
    """Return the table of the streams, failed ones first, as far as it fits into ``max_bytes``."""
    if not report["streams"]:
        return []
    ordered = sorted(report["streams"], key=lambda stream: not (stream["failed"] or files_problem(stream)))
    rows = _first_that_fit(map(_stream_row, ordered), max_bytes)
    left_out = len(ordered) - len(rows)
    note = [f"{left_out} more are in the JSON report.", ""] if left_out else []
    opening = ["<details>", f"<summary>All {len(ordered)} streams</summary>", ""]
    return [*opening, *_table(["Stream", "Vendor", "Outcome", "Files"], rows), *note, "</details>", ""]


def _others(report: dict[str, Any]) -> list[str]:
    """Return a paragraph for each other kind of entry; the failed ones are among the failures."""
    lines = []
    for title, key, name_key in _OTHER_ENTRIES:
        entries = [entry for entry in report[key] if not entry["failed"]]
        texts = []
        for entry in entries[:MAX_NAMES]:
            cdn = f" → {code_span(entry['cdn'])}" if entry.get("cdn") else ""
            texts.append(f"{code_span(entry[name_key])}{cdn} {escape(entry['outcome'])}")
        more = f" and {len(entries) - MAX_NAMES} more" if len(entries) > MAX_NAMES else ""
        lines += [f"{title}: {', '.join(texts)}{more}.", ""] if texts else []
    return lines


def markdown(report: dict[str, Any], max_bytes: int = MAX_BYTES) -> str:
    """Return the report as Markdown for GitHub and GitLab, at most about ``max_bytes``.

    Where not even the failures and the steps fit, it is the verdict alone.
    """
    mark = _MARKS["failed" if report["failed"] else "ok"]
    lines = [f"# {mark} {_title(report)}", "", f"{escape(verdict(report))}.", ""]
    short = "\n".join([*lines, "The whole report does not fit here."]) + "\n"
    if report["started"]:
        lines += [f"{escape(report['started'])}, {duration(report['seconds'])}.", ""]
    lines += [*_failures(report, max_bytes), *_steps(report), *_others(report)]
    lines += [f"> ⚠️ {escape(warning)}\n" for warning in report["warnings"][:MAX_NAMES]]
    room = max_bytes - len("\n".join(lines).encode("utf-8"))
    if room < 0:
        return short
    text = "\n".join(lines + _streams(report, room - _AROUND_STREAMS)).rstrip() + "\n"
    return text if len(text.encode("utf-8")) <= max_bytes else short


def _title(report: dict[str, Any]) -> str:
    title = f"Teardown of {code_span(report['event'])}"
    if report.get("interrupted"):
        title = f"Interrupted: {title}"
    return f"Rehearsal (check mode): {title}" if report["check_mode"] else title
