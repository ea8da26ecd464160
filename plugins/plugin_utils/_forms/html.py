# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one HTML page that needs nothing else: no server, no network, and no JavaScript to be read.

Pure, but for reading the page's template, style and script from the folder ``page``.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import axis_of, marks_of, recording_line
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    files_problem,
    grouped,
    is_unconfirmed,
    unconfirmed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import (
    duration,
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
    "unchanged": "were stopped before",
    "skipped": "skipped",
}
_CHECK_MODE_LABELS = {
    "failed": "would fail",
    "changed": "would be stopped",
    "unchanged": "are stopped already",
    "skipped": "skipped",
}
# The order of the table of streams: failures first.
_RANKS = {"failed": 0, "changed": 1, "unchanged": 2, "skipped": 2}


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


def _formatted(moment: Any, form: str) -> str:
    """Return an ISO 8601 time in this form, anything else as it is."""
    time = time_of(moment)
    return time.strftime(form) if time else visible(moment)


def _clock(moment: Any) -> str:
    return _formatted(moment, "%H:%M:%S")


def _date(moment: Any) -> str:
    return _formatted(moment, "%A, %d %B %Y, %H:%M:%S UTC")


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


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
    if entry["failed"] or files_problem(entry):
        return "failed"
    if entry["changed"]:
        return "changed"
    return "skipped" if entry["outcome"] == "skipped" else "unchanged"


def _outcome_text(entry: dict[str, Any]) -> str:
    # The message beside it says according to whom.
    return "not recording" if is_unconfirmed(entry) else str(entry["outcome"]).replace("_", " ")


def _rank(stream: dict[str, Any]) -> int:
    return _RANKS[_kind(stream)]


def _tiles(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Return the tiles of the totals: (class, count, label)."""
    labels = _CHECK_MODE_LABELS if report["check_mode"] else _LABELS
    counts = dict(report["totals"])
    unsure, words = unconfirmed(report["streams"])
    counts["unchanged"] -= unsure
    tiles = [(key, counts[key], label) for key, label in labels.items() if counts[key] or key != "skipped"]
    # Beside the streams of which this machine knows that they were stopped before.
    place = 1 + [key for key, _count, _label in tiles].index("unchanged")
    return tiles[:place] + ([("unchanged", unsure, words)] if unsure else []) + tiles[place:]


def _headline(report: dict[str, Any]) -> str:
    if report.get("interrupted"):
        return "✗ Interrupted"
    if report["failed"]:
        return "✗ Not complete"
    return "✓ Ready" if report["check_mode"] else "✓ All done"


@lru_cache(maxsize=None)
def _template() -> Template:
    # Everything is escaped except the style and the script, which this file marks as safe.
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(visible=visible, prose=prose, link=safe_link, duration=duration, size=size)
    environment.filters.update(clock=_clock, date=_date, kind=_kind)
    environment.filters.update(marks=marks_of, moment=_moment)
    environment.filters.update(recording=recording_line, files_problem=files_problem, outcome_text=_outcome_text)
    return environment.from_string(_read("page.html.j2"))


def html(report: dict[str, Any]) -> str:
    """Return the report as an HTML page."""
    style, script = _inline("page.css"), _inline("page.js")
    page = _template().render(
        report=report,
        axis=axis_of(report),
        style=style,
        script=script,
        policy=_policy(style, script),
        headline=_headline(report),
        verdict=verdict(report),
        tiles=_tiles(report),
        steps=STEPS,
        groups=grouped(report["failures"]),
        bars=[_bar(report, step) for step in report["timeline"]],
        streams=sorted(report["streams"], key=_rank),
    )
    return page + "\n"
