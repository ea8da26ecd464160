# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report in a few lines, for a chat. Pure."""

from __future__ import annotations

from typing import Any, Iterator

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import names_of, verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, Language, in_language
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import by_vendor, grouped, summary_of
from ansible_collections.zego.cloud.plugins.plugin_utils._text import chat, cut, visible

# WeCom takes 4,096 bytes of Markdown; the other chats take more. The rest is for what a play adds.
MAX_BYTES = 3_600
# One cause of failure with many long names must not be all that is said.
MAX_LINE = 600


def short(report: dict[str, Any], max_bytes: int = MAX_BYTES, words: Language = ENGLISH, *, problem: str = "") -> str:
    """Return the verdict, then what became of each step and why something failed, as many whole lines as fit.

    ``problem``: why the run failed beside all that, such as a report that was not written.
    """
    told = in_language({**report, "failed": report["failed"] or bool(problem)}, words)
    said = (_verdict(told, words), *filter(None, [words.told(problem)]), *_steps(told, words))
    lines = [cut(chat(line), MAX_LINE) for line in said]
    shown = _first_that_fit(lines, max_bytes)
    if len(shown) < len(lines):
        room = max_bytes - len(_more(len(lines), words).encode("utf-8")) - 1
        shown = _first_that_fit(lines, room)
        shown.append(_more(len(lines) - len(shown), words))
    return "\n".join(shown)


def short_of_none(event: Any, problem: str, words: Language = ENGLISH) -> str:
    """Return the report for a chat of a teardown that has none.

    ``problem``: why it was refused before its first step, '' where it only did not come to its end.
    """
    name = visible(event)
    if not problem:
        parts = [words.text("FAILED: teardown of {event}", event=name), words.text("the run did not come to its end")]
        return cut(chat(words.besides.join(parts) + words.stop), MAX_BYTES)
    refused = words.text("FAILED: the teardown of {event} did not begin, and nothing was stopped.", event=name)
    return cut(f"{chat(refused)}\n{chat(words.told(problem))}", MAX_BYTES)


def _verdict(report: dict[str, Any], words: Language) -> str:
    event = visible(report["event"])
    if report["failed"]:
        parts = [words.text("FAILED: teardown of {event}", event=event)]
    else:
        parts = [words.text("OK: teardown of {event}", event=event)]
    if report["check_mode"]:
        parts.append(words.text("rehearsal in check mode, nothing was changed"))
    return words.besides.join([*parts, verdict(report, words)]) + words.stop


def _steps(report: dict[str, Any], words: Language) -> Iterator[str]:
    """Yield a line for each vendor, and for each other step that ran, each with its causes of failure."""
    for entry in report["timeline"]:
        if entry["status"] == "skipped":
            continue
        if entry["step"] == "recordings":
            for vendor, streams in by_vendor(report["streams"]).items():
                became = words.listed(summary_of(streams))
                if report["check_mode"]:
                    became = words.text("expected: {outcome}", outcome=became)
                yield _line(words.vendor(vendor), became, words)
        else:
            yield _line(entry["title"], entry["summary"], words)
        for group in grouped([failure for failure in report["failures"] if failure["step"] == entry["step"]]):
            names, said = names_of(group, visible, words), group.get("message") or ""
            if group["counts"]:
                yield words.text("FAILED {names}: {said}", names=names, said=said)
            else:
                yield words.text("FAILED (does not count) {names}: {said}", names=names, said=said)


def _line(what: str, became: str, words: Language) -> str:
    return words.text("{what}: {became}", what=what, became=became)


def _more(count: int, words: Language) -> str:
    return words.count("{count} more line is in the report.", "{count} more lines are in the report.", count)


def _first_that_fit(lines: list[str], max_bytes: int) -> list[str]:
    """Return as many of the first lines as fit with the breaks between them. The first one is always there."""
    taken = len(lines[0].encode("utf-8"))
    shown = [lines[0]]
    for line in lines[1:]:
        taken += 1 + len(line.encode("utf-8"))
        if taken > max_bytes:
            break
        shown.append(line)
    return shown
