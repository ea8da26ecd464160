# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one HTML page that needs nothing else: no server, no network, and no JavaScript to be read.

Pure, but for reading the page's template, style and script from the folder ``page``.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import before_the_first_step, verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import (
    Teller,
    axis_of,
    marks_of,
    recording_line,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, Language, in_language
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    files_problem,
    grouped,
    is_unconfirmed,
    unconfirmed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import (
    prose,
    safe_link,
    seconds_between,
    size,
    time_of,
    visible,
)

_FOLDER = Path(__file__).resolve().parent / "page"
_LABELS = {
    "failed": "failed",
    "changed": "stopped now",
    "unchanged": "stopped before",
    "skipped": "skipped",
}
_CHECK_MODE_LABELS = {
    "failed": "would fail",
    "changed": "would be stopped",
    "unchanged": "are stopped already",
    "skipped": "skipped",
}
# In the report of a run that was interrupted, what has no answer counts as failed.
_UNSURE = "failed or not known"
# The order of the table of streams: failures first.
_RANKS = {"failed": 0, "changed": 1, "unchanged": 2, "skipped": 2}
_STEP_MARKS = {"failed": "✗", "changed": "✓", "ok": "✓", "skipped": "–"}
_STEP_WORDS = {"failed": "failed", "changed": "done", "ok": "done", "skipped": "skipped"}
# With more streams than that, the table is folded: on a phone it would be tens of screens long.
UNFOLDED = 50
# What vendors answer to a stop that went well.
_SUCCESS_CODES = ("0", "200")


@lru_cache(maxsize=None)
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


def _inline(name: str) -> Markup:
    """Return style or script as it stands in the page: without the licence, which the page does not repeat."""
    text = _read(name)
    return Markup(text[text.index("*/") + 2 :].strip())


def _hash(text: str) -> str:
    """Return the source expression that lets a browser run exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _policy(style: str, script: str) -> str:
    """Return the content security policy of a page that applies this style, runs this script, and nothing else."""
    return (
        # Names and messages come from outside. Even one that got past the escaping could not run or load anything.
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _bar(report: dict[str, Any], step: dict[str, Any]) -> tuple[float, float]:
    """Return where a step is on the timeline: (offset, width) in percent of the whole."""
    whole = report["seconds"] or 0
    if whole <= 0:
        return 0.0, 0.0
    offset = seconds_between(report["started"], step.get("started")) or 0
    # A step takes at least half a percent, so that it can still be seen.
    start = min(max(100 * offset / whole, 0.0), 99.5)
    width = max(100 * (step.get("seconds") or 0) / whole, 0.5)
    return round(start, 2), round(min(width, 100 - start), 2)


def _kind(entry: dict[str, Any]) -> str:
    """Return what the page colours and filters an entry by: failed, changed, unchanged or skipped."""
    return "failed" if files_problem(entry) else _own_kind(entry)


def _own_kind(entry: dict[str, Any]) -> str:
    """Return the same, but for the files: a stream whose file is missing was stopped nevertheless."""
    if entry["failed"]:
        return "failed"
    if entry["changed"]:
        return "changed"
    return "skipped" if entry["outcome"] == "skipped" else "unchanged"


def _is_bad(entry: dict[str, Any]) -> bool:
    return bool(entry["failed"])


def _is_worth_a_code(entry: dict[str, Any]) -> bool:
    """Tell whether the code of an entry says something: the one of a success does not."""
    return bool(entry.get("code")) and (entry["failed"] or entry["code"] not in _SUCCESS_CODES)


def _rank(stream: dict[str, Any]) -> int:
    return _RANKS[_kind(stream)]


class _Page(Teller):
    """What the page says in its language, with its times in elements that the script puts into the reader's zone."""

    def __init__(self, report: dict[str, Any], words: Language) -> None:
        super().__init__(words)
        self.report = report
        self.axis = axis_of(report)

    def text(self, sentence: str, **values: Any) -> Markup:
        """Return a sentence of the page, in which only what is marked as safe is not escaped."""
        template = escape(self.words.text(sentence, **{key: f"{{{key}}}" for key in values}))
        return template.format(**values) if values else template

    def join(self, parts: list[str]) -> Markup:
        """Return the parts of a sentence as one."""
        return Markup(self.words.besides).join(parts)

    def time(self, time: Any, form: str, shown: str, since: Any = "") -> Markup:
        """Return a time element. ``form``: which form the script gives it."""
        since = Markup(' data-since="{}"').format(since) if since else ""
        return Markup('<time datetime="{}" data-form="{}"{}>{}</time>').format(visible(time), form, since, shown)

    def at(self, time: Any, form: str = "zoned") -> Markup:
        """Return a time of the run: with its day and zone, or as a time of day."""
        return self.clock(time) if form == "clock" else self.time(time, form, f"{super().moment(time)} UTC")

    def clock(self, time: Any) -> Markup:
        """Return a time of day."""
        return self.time(time, "clock", super().clock(time)) if time_of(time) else escape(visible(time))

    def moment(self, time: Any) -> Markup:
        """Return a time with its day."""
        return self.time(time, "moment", super().moment(time))

    def end(self, time: Any, start: Any) -> Markup:
        """Return a time with its zone, and with its day where that is not the day of the start."""
        shown = str(Teller.end(_PLAIN, time, start))
        return self.time(time, "zoned", shown, since=visible(start))

    def place(self, sentence: str, **names: str) -> Markup:
        """Return a sentence in which names stand apart from the direction of the text around them."""
        return self.text(sentence, **{key: Markup("<bdi>{}</bdi>").format(name) for key, name in names.items()})

    def outcome(self, entry: dict[str, Any]) -> str:
        """Return the outcome of an entry. Where only the vendor tells of it, the message beside it says so."""
        outcome = "not recording" if is_unconfirmed(entry) else str(entry["outcome"]).replace("_", " ")
        shown = self.words.text(outcome)
        # Nothing may look stopped that was not.
        is_expected = self.report["check_mode"] and entry["changed"]
        return self.words.text("expected: {outcome}", outcome=shown) if is_expected else shown

    def tiles(self) -> list[tuple[str, int, str]]:
        """Return the tiles of the totals: (class, count, label)."""
        labels = _CHECK_MODE_LABELS if self.report["check_mode"] else _LABELS
        if self.report.get("interrupted"):
            labels = {**labels, "failed": _UNSURE}
        counts = dict(self.report["totals"])
        unsure, words = unconfirmed(self.report["streams"])
        counts["unchanged"] -= unsure
        tiles = [
            (key, counts[key], self.words.text(label))
            for key, label in labels.items()
            if counts[key] or key != "skipped"
        ]
        # Beside the streams of which this machine knows that they were stopped before.
        place = 1 + [key for key, _count, _label in tiles].index("unchanged")
        return tiles[:place] + ([("unchanged", unsure, self.words.told(words))] if unsure else []) + tiles[place:]

    def shares(self) -> list[dict[str, Any]]:
        """Return the parts of the bar that shows how many streams failed, changed and did not change, in percent."""
        parts, offset, totals = [], 0.0, self.report["totals"]
        for kind in _LABELS:
            width = 100 * totals[kind] / (totals["total"] or 1)
            if width:
                parts.append({"kind": kind, "offset": round(offset, 2), "width": round(width, 2)})
            offset += width
        return parts

    def headline(self) -> str:
        """Return in a word or two how it ended."""
        if self.report.get("interrupted"):
            return self.words.text("Interrupted")
        if self.report["failed"]:
            return self.words.text("Not complete")
        return self.words.text("Ready") if self.report["check_mode"] else self.words.text("All done")

    def files(self) -> list[str]:
        """Return what became of the recorded files, in lines; none where they were not waited for."""
        files, words = self.report["files"], self.words
        waited_for = files["waited_for"]
        if not waited_for and not files["found"]:
            return []
        have = {"count": waited_for, "total": waited_for, "have": waited_for - files["missing"]}
        lines = [
            words.count("{have} of {total} stream has a file", "{have} of {total} streams have a file", **have),
        ]
        found = words.count("{count} file", "{count} files", files["found"])
        in_all = size(files["bytes"]) if files["bytes"] else ""
        lines.append(words.text("{files}, {size} in all", files=found, size=in_all) if in_all else found)
        if files.get("incomplete"):
            lines.append(
                words.count(
                    "{count} stream has a recording that is not whole",
                    "{count} streams have a recording that is not whole",
                    files["incomplete"],
                )
            )
        if files.get("unknown"):
            lines.append(
                words.count(
                    "of {count} stream nobody knows whether the files are all",
                    "of {count} streams nobody knows whether the files are all",
                    files["unknown"],
                )
            )
        return lines

    def axis_line(self) -> Markup | str:
        """Return what explains the bars of the recordings, '' where there are none."""
        if self.axis is None:
            return ""
        start, end = (self.moment(moment.isoformat()) for moment in self.axis)
        return self.text(
            "The bars show the recordings on one time axis, from {start} to {end}: a cut ends when its file was made, "
            "a gap is red, the thin mark is the stop.",
            start=start,
            end=end,
        )

    def others(self) -> list[tuple[str, str, str, str]]:
        """Return the lists beside the streams: title, step, key of the report, key of an entry's name."""
        return [
            (self.words.text("Rooms searched for streams"), "discover", "discovery", "room_id"),
            (self.words.text("Relays"), "relays", "relays", "stream_id"),
            (self.words.text("Closed rooms"), "rooms", "rooms", "room_id"),
        ]


_PLAIN = Teller()


def _causes(groups: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    """Return which failure, by its number on the page, is the one of a step's item of that vendor and name."""
    causes: dict[tuple[Any, ...], int] = {}
    for number, group in enumerate(groups, 1):
        for item in group["items"]:
            causes.setdefault((group["step"], group.get("vendor"), item.get("name", "")), number)
    return causes


@lru_cache(maxsize=None)
def _template() -> Template:
    # Everything is escaped except the style and the script, which this file marks as safe.
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(visible=visible, prose=prose, link=safe_link, size=size, kind=_kind, own_kind=_own_kind)
    environment.tests.update(bad=_is_bad, worth_a_code=_is_worth_a_code)
    return environment.from_string(_read("page.html.j2"))


def html(report: dict[str, Any], words: Language = ENGLISH) -> str:
    """Return the report as an HTML page."""
    style, script = _inline("page.css"), _inline("page.js")
    report = in_language(report, words)
    page = _Page(report, words)
    groups = grouped(report["failures"])
    rendered = _template().render(
        report=report,
        page=page,
        words=words,
        style=style,
        script=script,
        policy=_policy(style, script),
        verdict=verdict(report, words),
        groups=groups,
        before=before_the_first_step(report),
        causes=_causes(groups),
        steps=STEPS,
        step_marks=_STEP_MARKS,
        step_words=_STEP_WORDS,
        bars=[_bar(report, step) for step in report["timeline"]],
        streams=sorted(report["streams"], key=_rank),
        unfolded=UNFOLDED,
        recording_line=recording_line,
        marks_of=marks_of,
    )
    return rendered + "\n"
