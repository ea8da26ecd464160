# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JUnit XML: one test case for each stream, relay, closed room, and room searched for streams. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import recording_line
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import (
    Item,
    by_vendor,
    items,
    step_failures,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose, visible

_OPENING = re.compile(r"\[(?=\[)")
_IDS = (("request_id", "ZEGO request ID"), ("vendor_request_id", "vendor request ID"), ("task_id", "task ID"))


def _details(failure: dict[str, Any]) -> str:
    ids = [f"{label}: {visible(failure[key])}" for key, label in _IDS if failure.get(key)]
    return "\n".join([prose(failure.get("message")), *ids])


def _add_case(suite: ElementTree.Element, name: str, item: Item, *, check_mode: bool) -> None:
    """Add the test case of an item, with a failure element for each of its failures that counts."""
    outcome = item.entry["outcome"]
    # A request carries many streams, so there is no time of a single one.
    case = ElementTree.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name, time="0")
    output = [f"{visible(outcome)}: {prose(item.entry.get('message'))}".rstrip(": ")]
    output += [f"file: {file.get('url') or visible(file.get('name'))}" for file in item.entry.get("files", [])]
    recording = recording_line(item.entry) if item.entry.get("files") else ""
    output += [f"recording: {visible(recording)}"] if recording else []
    for failure in item.failures:
        if failure["counts"]:
            code = visible(failure.get("code")) or visible(failure.get("outcome")) or "failed"
            message = prose(failure.get("message"))
            ElementTree.SubElement(case, "failure", type=code, message=message).text = _details(failure)
        else:
            output.append(f"failed, and does not count: {_details(failure)}")
    if not item.failures and outcome == "skipped":
        ElementTree.SubElement(case, "skipped", message="the step was skipped")
    # In check mode nothing was stopped: a passed case would say that it was.
    elif not item.failures and check_mode:
        message = f"check mode: {visible(outcome)} is what would happen"
        ElementTree.SubElement(case, "skipped", message=message)
    ElementTree.SubElement(case, "system-out").text = "\n".join(output)


def _suites(report: dict[str, Any]) -> dict[str, list[Item]]:
    """Return the items by the name of their suite: a vendor for the streams, else a step that had something to do."""
    suites: dict[str, list[Item]] = {vendor: [] for vendor in by_vendor(report["streams"])}
    for item in items(report):
        name = item.entry["vendor"] if item.step == "recordings" else STEPS[item.step]
        suites.setdefault(name, []).append(item)
    return suites


def _place(entry: dict[str, Any]) -> str:
    """Return where an item is, to tell it from another one of the same name."""
    place = "/".join(str(entry[key]) for key in ("domain", "point") if entry.get(key))
    return place or (f"in room {entry['room_id']}" if "stream_id" in entry and entry.get("room_id") else "")


def _case_names(cases: list[Item]) -> list[str]:
    """Return a distinct name for each case: CI systems take cases of one name for one test."""
    plain = []
    for item in cases:
        name = visible(item.name)
        plain.append(f"{name} -> {item.entry['cdn']}" if item.entry.get("cdn") else name)
    often = Counter(plain)
    names: dict[str, None] = {}
    for name, item in zip(plain, cases):
        place = _place(item.entry) if often[name] > 1 else ""
        placed = f"{name} ({visible(place)})" if place else name
        distinct, number = placed, 1
        while distinct in names or (distinct != name and distinct in often):
            number += 1
            distinct = f"{placed} ({number})"
        names[distinct] = None
    return list(names)


def _set_counts(root: ElementTree.Element) -> None:
    """Set how many cases there are and failed. Jenkins' schema has no 'skipped' at the root element."""
    for element in [root, *root]:
        element.set("tests", str(len(list(element.iter("testcase")))))
        element.set("failures", str(sum(1 for case in element.iter("testcase") if case.find("failure") is not None)))
        element.set("errors", "0")
    for suite in root:
        suite.set("skipped", str(sum(1 for case in suite.iter("testcase") if case.find("skipped") is not None)))


def _break_commands(root: ElementTree.Element) -> None:
    """Break up '[[', as Markdown is escaped: GitLab and Jenkins read '[[ATTACHMENT|path]]' as the name of a file."""
    for element in root.iter():
        for name, value in element.items():
            element.set(name, _OPENING.sub("[ ", value))
        element.text = _OPENING.sub("[ ", element.text) if element.text else element.text


def junit(report: dict[str, Any]) -> str:
    """Return the report as JUnit XML (text with an XML declaration for UTF-8)."""
    title = f"teardown of {visible(report['event'])}"
    if report.get("interrupted"):
        title = f"interrupted {title}"
    if report["check_mode"]:
        title = f"rehearsal (check mode): {title}"
    root = ElementTree.Element("testsuites", name=title, time=str(report["seconds"] or 0))
    check_mode = report["check_mode"]
    for suite_name, cases in _suites(report).items():
        suite = ElementTree.SubElement(root, "testsuite", name=visible(suite_name))
        for item, name in zip(cases, _case_names(cases)):
            _add_case(suite, name, item, check_mode=check_mode)
    failures = step_failures(report)
    # A step that broke as a whole has no case of its own that could fail.
    if failures:
        suite = ElementTree.SubElement(root, "testsuite", name="Steps")
        for failure in failures:
            item = Item(failure["step"], failure["name"], {"outcome": "failed"}, [failure])
            _add_case(suite, visible(failure["name"]), item, check_mode=check_mode)
    for suite in root:
        suite.set("timestamp", visible(report["started"]))
    _set_counts(root)
    _break_commands(root)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
