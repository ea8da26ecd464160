# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the forms of a report, and the summary of a CI job. A form that cannot be written costs that form only."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from typing import Any, Callable, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils import _files
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.html import html
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.junit import junit
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.markdown import MAX_BYTES, markdown
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, LANGUAGES, Language

Report = dict[str, Any]

FOLDER, SUMMARY = "folder", "summary of the CI job"


class Form(NamedTuple):
    """A form of the report: the ending of its file, how it is made, and by what an earlier one is known."""

    ending: str
    make: Callable[[Report, Language], str]
    known_by: re.Pattern[bytes]


# Programs read these two: they are in English, whatever the others are in.
def _as_json(report: Report, words: Language) -> str:
    return json.dumps(report, indent=4) + "\n"


def _as_junit(report: Report, words: Language) -> str:
    return junit(report)


def _as_markdown(report: Report, words: Language) -> str:
    return markdown(report, words=words)


_TITLE = rb"(rehearsal \(check mode\): )?(interrupted:? )?teardown of "
# What a report is called in another language; see zh_forms.py.
_TITLES = _TITLE + rb"|\A# \S+ " + "(演练（检查模式）：)?(已中断：)?收尾报告：".encode()
_GENERATOR = rb'<meta name="generator" content="zego\.cloud\.teardown">'
FORMS = {
    "json": Form("json", _as_json, re.compile(rb'\A\{\s*"schema": "zego\.cloud/teardown-report/')),
    "junit": Form("xml", _as_junit, re.compile(rb'\A<\?xml [^>]*>\s*<testsuites name="' + _TITLE, re.IGNORECASE)),
    "markdown": Form("md", _as_markdown, re.compile(rb"\A# \S+ " + _TITLES, re.IGNORECASE)),
    # Before 1.1.0 a page had its title alone.
    "html": Form("html", html, re.compile(rb"<title>(FAILED|OK): teardown of |" + _GENERATOR)),
}
# All of them say early what they are.
_HEAD = 4096


class Written(NamedTuple):
    """What became of the parts of a report.

    ``folder``: '' where nothing was written; ``reports``: the path of each form that was; ``lost``: why the others
    were not; ``warnings``: what else to say.
    """

    folder: str
    reports: dict[str, str]
    lost: dict[str, str]
    warnings: list[str]


def write_report(
    report: Report, folder: str, forms: list[str], summary: str = "", language: str = ENGLISH.code
) -> Written:
    """Write the forms to a folder, and add the report to the summary of a CI job (a path, '' for none).

    ``language``: of what people read.
    """
    words = LANGUAGES[language]
    written = Written(folder, {}, {}, [])
    try:
        if forms:
            _files.make_folder(folder)
    except OSError as error:
        written.lost[FOLDER] = _files.explain(error)
    else:
        _write_forms(report, folder, forms, written, words)
    if summary:
        try:
            problem = _add_to_summary(report, summary, words)
        except OSError as error:
            written.lost[SUMMARY] = _files.explain(error)
        else:
            written.warnings.extend([problem] if problem else [])
    return written if written.reports else written._replace(folder="")


def _write_forms(report: Report, folder: str, forms: list[str], written: Written, words: Language) -> None:
    for name, form in FORMS.items():
        path = os.path.join(folder, f"teardown.{form.ending}")
        if name not in forms:
            # CI would take the one of an earlier run for this one's. A file of somebody else is left alone.
            left = _files.discard_file(path) if _is_report(path, form) else ""
            written.warnings.extend([f"The report of an earlier run is still there: {left}."] if left else [])
            continue
        try:
            _files.write_file(path, form.make(report, words).encode("utf-8"))
        except OSError as error:
            written.lost[name] = _files.explain(error)
            left = _files.discard_file(path)
            written.lost[name] += f"; the one of an earlier run is still there: {left}" if left else ""
        else:
            written.reports[name] = path


def _is_report(path: str, form: Form) -> bool:
    try:
        with open(path, "rb") as file:
            return form.known_by.search(file.read(_HEAD)) is not None
    except OSError:
        return False


def summary_mark(event: str) -> str:
    """Return what marks the report of an event in a summary. An HTML comment allows few characters."""
    plain = re.sub("[^A-Za-z0-9]+", " ", event).strip()
    if plain == event:
        return f"teardown of {event}"
    # If that makes two names the same, the hash tells them apart.
    code = hashlib.sha256(event.encode("utf-8", "replace")).hexdigest()[:8]
    return f"teardown of {plain} {code}".replace("  ", " ")


def _add_to_summary(report: Report, path: str, words: Language) -> str:
    """Put the report into the summary, in the place of the one that is there. Return what there is to warn of."""
    path, mark = os.path.realpath(path), summary_mark(report["event"])
    text = _read_regular(path)
    others = _files.with_block(text, b"", mark)
    marks = len(_files.with_block(others, b"\n", mark)) - len(others)
    room = _files.SUMMARY_BYTES - len(others) - marks
    block = markdown(report, min(room, MAX_BYTES), words).encode("utf-8")
    if len(block) <= room:
        _files.write_file(path, _files.with_block(text, block, mark))
        return ""
    if others != text:
        _files.write_file(path, others)
    return "The report is not in the summary of the CI job: that is full (1 MiB)."


def _read_regular(path: str) -> bytes:
    """Return what is in a file; nothing of what is not there, or is no file, such as a pipe."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def loss_of(written: Written) -> str:
    """Return in one sentence which parts of the report were not written, and why; '' if all were."""
    if not written.lost:
        return ""
    start = "Not all of the report was written: " if written.reports else "The report was not written: "
    return start + " | ".join(f"{part}: {why}" for part, why in written.lost.items())
