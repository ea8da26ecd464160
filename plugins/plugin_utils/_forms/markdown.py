# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Markdown, for the summary page of a CI job. Pure."""

from __future__ import annotations

import re
from typing import Any, Iterable

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import (
    MAX_NAMES,
    before_the_first_step,
    names_of,
    verdict,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import Teller, recording_line
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, Language, in_language
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    files_problem,
    grouped,
    unconfirmed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose, size, visible

# GitHub refuses a step summary above 1 MiB, and nobody reads a table that long.
MAX_BYTES = 500_000
# What stands around the rows of the streams.
_AROUND_STREAMS = 300

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|~])")
# These are markup at the beginning of a line only: an item of a list ('- a', '1. a'), a rule, a heading underlined
# with '='.
_BLOCK = re.compile(r"^(\d*)([-=.])")
_MARKS = {"failed": "❌", "changed": "✅", "ok": "✅", "skipped": "➖"}


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


def _cause(group: dict[str, Any], words: Language) -> str:
    """Return one cause of failures as an item of a list."""
    where = words.text(STEPS[group["step"]])
    if group.get("vendor"):
        where = words.text("{step} ({vendor})", step=where, vendor=words.vendor(group["vendor"]))
    count = f"{words.then}{len(group['items'])}"
    names = words.text("{what}: {became}", what=count, became=names_of(group, code_span, words))
    headline = f"- **{escape(where)}**{names}"
    if not group["counts"]:
        headline += words.text(" *({what})*", what=words.text("does not count"))
    said = f"{code_span(group.get('code'))} {escape(group.get('message'))}".strip()
    paragraphs = [headline, f"  {said}".rstrip()]
    first = group["items"][0]
    # One request ID is enough for the vendor's support; the JSON report has the others.
    labels = {"request_id": words.text("request"), "vendor_request_id": words.text("vendor's request")}
    ids = words.then.join(f"{label} {code_span(first[key])}" for key, label in labels.items() if first.get(key))
    if ids:
        paragraphs.append(f"  {ids}{words.text(' (of the first)')}" if len(group["items"]) > 1 else f"  {ids}")
    return "\n\n".join(paragraphs)


def _failures(report: dict[str, Any], max_bytes: int, words: Language) -> list[str]:
    # An outage fails every stream for one cause: that is one item here, not hundreds.
    causes = [_cause(group, words) for group in grouped(report["failures"])]
    if not causes:
        return []
    # The other half is for the steps and the table of the streams.
    shown = _first_that_fit(causes, max_bytes // 2)
    left_out = len(causes) - len(shown)
    more = words.count(
        "{count} more cause is in the JSON report.", "{count} more causes are in the JSON report.", left_out
    )
    return [f"## {words.text('Failures')}", "", *shown, "", *([more, ""] if left_out else [])]


def _preflight(report: dict[str, Any], words: Language) -> list[str]:
    lines = [f"- {escape(line)}" for line in before_the_first_step(report)]
    return [f"## {words.text('Before the first step')}", "", *lines, ""] if lines else []


def _steps(report: dict[str, Any], words: Language) -> list[str]:
    rows = []
    for step in report["timeline"]:
        title = f"{_MARKS[step['status']]} {escape(step['title'])}"
        rows.append(_row([title, escape(step["summary"]), words.duration(step.get("seconds"))]))
    header = [words.text("Step"), words.text("What it came to"), words.text("Time")]
    return [f"## {words.text('Steps')}", "", *_table(header, rows)]


def _file_links(stream: dict[str, Any], words: Language) -> str:
    links = []
    for file in stream["files"]:
        if file.get("url"):
            link = f"[{escape(file.get('format') or words.text('file'))}]({file['url']}) {size(file.get('size'))}"
            links.append(link.strip().replace("|", "%7C"))
    recording = escape(recording_line(stream, Teller(words)))
    return f"{words.then.join(links)} {recording}".strip()


def _outcome(entry: dict[str, Any], words: Language, *, check_mode: bool) -> str:
    """Return an outcome; in check mode, that of a change is what is expected."""
    outcome = words.outcome(entry["outcome"])
    return words.text("expected: {outcome}", outcome=outcome) if check_mode and entry["changed"] else outcome


def _stream_row(stream: dict[str, Any], words: Language, *, check_mode: bool) -> str:
    mark = _MARKS["skipped" if stream["outcome"] == "skipped" else "ok"]
    if stream["failed"]:
        mark = _MARKS["failed"]
    count, unsure = unconfirmed([stream])
    outcome = words.told(unsure) if count else _outcome(stream, words, check_mode=check_mode)
    vendor = escape(words.vendor(stream["vendor"]))
    return _row([_cell(stream["stream_id"]), vendor, f"{mark} {escape(outcome)}", _file_links(stream, words)])


def _streams(report: dict[str, Any], max_bytes: int, words: Language) -> list[str]:
    """Return the table of the streams, failed ones first, as far as it fits into ``max_bytes``."""
    if not report["streams"]:
        return []
    ordered = sorted(report["streams"], key=lambda stream: not (stream["failed"] or files_problem(stream)))
    check_mode = report["check_mode"]
    rows = _first_that_fit((_stream_row(stream, words, check_mode=check_mode) for stream in ordered), max_bytes)
    left_out = len(ordered) - len(rows)
    more = words.count("{count} more is in the JSON report.", "{count} more are in the JSON report.", left_out)
    note = [more, ""] if left_out else []
    summary = words.count("{count} stream", "All {count} streams", len(ordered))
    opening = ["<details>", f"<summary>{summary}</summary>", ""]
    header = [words.text("Stream"), words.text("Vendor"), words.text("Outcome"), words.text("Files")]
    return [*opening, *_table(header, rows), *note, "</details>", ""]


def _others(report: dict[str, Any], words: Language) -> list[str]:
    """Return a paragraph for each other kind of entry; the failed ones are among the failures."""
    lines = []
    kinds = (
        (words.text("Rooms searched for streams"), "discovery", "room_id"),
        (words.text("Relays"), "relays", "stream_id"),
        (words.text("Rooms"), "rooms", "room_id"),
    )
    for title, key, name_key in kinds:
        entries = [entry for entry in report[key] if not entry["failed"]]
        texts = []
        for entry in entries[:MAX_NAMES]:
            cdn = f" → {code_span(entry['cdn'])}" if entry.get("cdn") else ""
            outcome = _outcome(entry, words, check_mode=report["check_mode"])
            texts.append(f"{code_span(entry[name_key])}{cdn} {escape(outcome)}")
        more = words.text(" and {count} more", count=len(entries) - MAX_NAMES) if len(entries) > MAX_NAMES else ""
        names = words.comma.join(texts)
        lines += [words.text("{title}: {names}{more}.", title=title, names=names, more=more), ""] if texts else []
    return lines


def markdown(report: dict[str, Any], max_bytes: int = MAX_BYTES, words: Language = ENGLISH) -> str:
    """Return the report as Markdown for GitHub and GitLab, at most about ``max_bytes``.

    Where not even the failures and the steps fit, it is the verdict alone.
    """
    mark = _MARKS["failed" if report["failed"] else "ok"]
    report = in_language(report, words)
    lines = [f"# {mark} {_title(report, words)}", "", f"{escape(verdict(report, words))}{words.stop}", ""]
    short = "\n".join([*lines, words.text("The whole report does not fit here.")]) + "\n"
    if report["started"]:
        took = words.duration(report["seconds"])
        if report.get("interrupted"):
            # How long the run took is not known.
            took = words.text("what is known at {time}", time=escape(report["finished"]))
        lines += [f"{escape(report['started'])}{words.then}{took}{words.stop}", ""]
    lines += [*_failures(report, max_bytes, words), *_preflight(report, words), *_steps(report, words)]
    lines += _others(report, words)
    lines += [f"> ⚠️ {escape(warning)}\n" for warning in report["warnings"][:MAX_NAMES]]
    room = max_bytes - len("\n".join(lines).encode("utf-8"))
    if room < 0:
        return short
    text = "\n".join(lines + _streams(report, room - _AROUND_STREAMS, words)).rstrip() + "\n"
    return text if len(text.encode("utf-8")) <= max_bytes else short


def _title(report: dict[str, Any], words: Language) -> str:
    title = words.text("Teardown of {event}", event=code_span(report["event"]))
    if report.get("interrupted"):
        title = words.text("Interrupted: {title}", title=title)
    return words.text("Rehearsal (check mode): {title}", title=title) if report["check_mode"] else title
