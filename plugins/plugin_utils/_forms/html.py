# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one HTML page that needs nothing else: no server, no network, no JavaScript to be read. Pure but for the page's three parts."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.markdown import verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import grouped
from ansible_collections.zego.cloud.plugins.plugin_utils._text import (
    duration,
    prose,
    safe_link,
    seconds_between,
    size,
    visible,
)

_PARTS = Path(__file__).resolve().parent / "page"
_PLURAL = {"changed": "stopped now", "unchanged": "were stopped before", "failed": "failed", "skipped": "skipped"}
_WOULD = {
    "changed": "would be stopped",
    "unchanged": "are stopped already",
    "failed": "would fail",
    "skipped": "skipped",
}


@lru_cache(maxsize=None)
def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8").strip()


def _inline(name: str) -> Markup:
    """Return style or script as it stands in the page, without its licence, which the page names once."""
    text = _part(name)
    return Markup(text[text.index("*/") + 2 :].strip())


def _hash(text: str) -> str:
    """Return the source expression that lets a browser run exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _clock(moment: Any) -> str:
    """Return the time of day of an ISO 8601 time, to the second; the text itself where it is none."""
    try:
        return datetime.fromisoformat(str(moment)).strftime("%H:%M:%S")
    except ValueError:
        return visible(moment)


def _date(moment: Any) -> str:
    try:
        return datetime.fromisoformat(str(moment)).strftime("%A, %d %B %Y, %H:%M:%S UTC")
    except ValueError:
        return visible(moment)


def _bar(report: dict[str, Any], step: dict[str, Any]) -> tuple[float, float]:
    """Return where on the timeline a step is: (offset, width) in percent of the whole."""
    whole = report["seconds"] or 0
    offset = seconds_between(report["started"], step.get("started")) or 0
    if whole <= 0:
        return 0.0, 0.0
    start = min(max(100 * offset / whole, 0.0), 99.5)
    return round(start, 2), round(min(max(100 * (step.get("seconds") or 0) / whole, 0.5), 100 - start), 2)


def _rank(stream: dict[str, Any]) -> int:
    """Failures first, then what changed, then what did not."""
    if stream["failed"] or "files_missing" in stream:
        return 0
    return 1 if stream["changed"] else 2


def _kind(stream: dict[str, Any]) -> str:
    return ("failed", "changed", "skipped" if stream["outcome"] == "skipped" else "unchanged")[_rank(stream)]


@lru_cache(maxsize=None)
def _template() -> Template:
    # Everything is escaped but what this file itself marks as safe: the style and the script.
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        visible=visible, prose=prose, link=safe_link, duration=duration, size=size, clock=_clock, date=_date, kind=_kind
    )
    return environment.from_string(_part("page.html.j2"))


def html(report: dict[str, Any]) -> str:
    """Return the report as an HTML page."""
    style, script = _inline("page.css"), _inline("page.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    text = _template().render(
        report=report,
        style=style,
        script=script,
        policy=policy,
        verdict=verdict(report),
        labels=_WOULD if report["check_mode"] else _PLURAL,
        steps=STEPS,
        groups=grouped(report["failures"]),
        bars=[_bar(report, step) for step in report["timeline"]],
        streams=sorted(report["streams"], key=_rank),
    )
    return text + "\n"
