# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JUnit XML: one test case a stream, beside one for each relay, room, and room that was searched for streams. Pure."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from ansible_collections.zego.cloud.plugins.plugin_utils._facts import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose, visible

_IDS = (("request_id", "ZEGO request ID"), ("vendor_request_id", "vendor request ID"), ("task_id", "task ID"))


def _details(failure: dict[str, Any]) -> str:
    lines = [prose(failure.get("message"))] + [f"{label}: {visible(failure[key])}" for key, label in _IDS if failure.get(key)]
    return "\n".join(lines)


def _case(suite: ElementTree.Element, name: str, entry: dict[str, Any], failures: list[dict[str, Any]], check_mode: bool) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name, time="0")
    for failure in [failure for failure in failures if failure["counts"]]:
        code = visible(failure.get("code")) or visible(failure.get("outcome")) or "failed"
        ElementTree.SubElement(case, "failure", type=code, message=prose(failure.get("message"))).text = _details(failure)
    if not failures and (check_mode or entry["outcome"] == "skipped"):
        why = "the step was skipped" if entry["outcome"] == "skipped" else f"check mode: {visible(entry['outcome'])} is what would happen"
        ElementTree.SubElement(case, "skipped", message=why)
    told = [f"{visible(entry['outcome'])}: {prose(entry.get('message'))}".rstrip(": ")]
    told += [f"file: {file.get('url') or visible(file.get('name'))}" for file in entry.get("files", [])]
    told += [f"failed, and does not count: {_details(failure)}" for failure in failures if not failure["counts"]]
    ElementTree.SubElement(case, "system-out").text = "\n".join(told)


def _suites(report: dict[str, Any]) -> list[tuple[str, list[tuple[str, str, dict[str, Any]]]]]:
    """Return (name, [(step, name, entry)]) for each suite: a vendor's streams, and one for each other step that had to do something."""
    found = []
    for vendor in dict.fromkeys(stream["vendor"] for stream in report["streams"]):
        found.append((vendor, [("recordings", stream["stream_id"], stream) for stream in report["streams"] if stream["vendor"] == vendor]))
    for step, key, field in (("discover", "discovery", "room_id"), ("relays", "relays", "stream_id"), ("rooms", "rooms", "room_id")):
        if report[key]:
            found.append((STEPS[step], [(step, entry[field], entry) for entry in report[key]]))
    return found


def _identity(step: str, name: str, entry: dict[str, Any]) -> tuple[Any, ...]:
    place = (entry.get(key) for key in ("vendor", "domain", "point", "cdn"))
    return ("recordings" if step == "files" else step, name, *place)


def _by_item(failures: list[dict[str, Any]]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for failure in failures:
        found.setdefault(_identity(failure["step"], failure["name"], failure), []).append(failure)
    return found


def _strangers(root: ElementTree.Element, report: dict[str, Any], lost: list[dict[str, Any]]) -> None:
    """A step that broke as a whole has no item to carry its failure."""
    if lost:
        suite = ElementTree.SubElement(root, "testsuite", name="Steps")
        for failure in lost:
            _case(suite, visible(failure["name"]), {"outcome": "failed"}, [failure], report["check_mode"])


def junit(report: dict[str, Any]) -> str:
    """Return the report as JUnit XML (text with an XML declaration for UTF-8)."""
    root = ElementTree.Element("testsuites", name=f"teardown of {visible(report['event'])}")
    by_item = _by_item(report["failures"])
    for name, cases in _suites(report):
        suite = ElementTree.SubElement(root, "testsuite", name=visible(name))
        for step, item, entry in cases:
            label = f"{visible(item)} -> {entry['cdn']}" if entry.get("cdn") else visible(item)
            _case(suite, label, entry, by_item.pop(_identity(step, item, entry), []), report["check_mode"])
    _strangers(root, report, [failure for failures in by_item.values() for failure in failures])
    for suite in root:
        suite.set("timestamp", visible(report["started"]))
    for element in [root, *root]:
        element.set("tests", str(len(list(element.iter("testcase")))))
        element.set("failures", str(sum(1 for case in element.iter("testcase") if case.find("failure") is not None)))
        element.set("skipped", str(sum(1 for case in element.iter("testcase") if case.find("skipped") is not None)))
        element.set("errors", "0")
    root.set("time", str(report["seconds"] or 0))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
