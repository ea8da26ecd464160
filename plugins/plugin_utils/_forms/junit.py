# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JUnit XML: one test case a stream, beside one for each relay, room, and room that was searched for streams. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any
from xml.etree import ElementTree

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import DETAILS, failure_of, missing_file
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose, visible

_IDS = (("request_id", "ZEGO request ID"), ("vendor_request_id", "vendor request ID"), ("task_id", "task ID"))


def _details(failure: dict[str, Any]) -> str:
    lines = [prose(failure.get("message"))] + [
        f"{label}: {visible(failure[key])}" for key, label in _IDS if failure.get(key)
    ]
    return "\n".join(lines)


def _case(
    suite: ElementTree.Element, name: str, entry: dict[str, Any], failures: list[dict[str, Any]], check_mode: bool
) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name, time="0")
    for failure in [failure for failure in failures if failure["counts"]]:
        code = visible(failure.get("code")) or visible(failure.get("outcome")) or "failed"
        ElementTree.SubElement(case, "failure", type=code, message=prose(failure.get("message"))).text = _details(
            failure
        )
    if not failures and (check_mode or entry["outcome"] == "skipped"):
        why = (
            "the step was skipped"
            if entry["outcome"] == "skipped"
            else f"check mode: {visible(entry['outcome'])} is what would happen"
        )
        ElementTree.SubElement(case, "skipped", message=why)
    told = [f"{visible(entry['outcome'])}: {prose(entry.get('message'))}".rstrip(": ")]
    told += [f"file: {file.get('url') or visible(file.get('name'))}" for file in entry.get("files", [])]
    told += [f"failed, and does not count: {_details(failure)}" for failure in failures if not failure["counts"]]
    ElementTree.SubElement(case, "system-out").text = "\n".join(told)


def _suites(report: dict[str, Any]) -> list[tuple[str, list[tuple[str, str, dict[str, Any]]]]]:
    """Return (name, [(step, name, entry)]) for each suite: a vendor's streams, and one for each other step that had to do something."""
    found = []
    for vendor in dict.fromkeys(stream["vendor"] for stream in report["streams"]):
        found.append(
            (
                vendor,
                [
                    ("recordings", stream["stream_id"], stream)
                    for stream in report["streams"]
                    if stream["vendor"] == vendor
                ],
            )
        )
    for step, key, field in (
        ("discover", "discovery", "room_id"),
        ("relays", "relays", "stream_id"),
        ("rooms", "rooms", "room_id"),
    ):
        if report[key]:
            found.append((STEPS[step], [(step, entry[field], entry) for entry in report[key]]))
    return found


def _place(entry: dict[str, Any]) -> str:
    """Return where an item is, for one whose name another one has as well."""
    spot = "/".join(str(entry[key]) for key in ("domain", "point") if entry.get(key))
    return spot or (f"in room {entry['room_id']}" if "stream_id" in entry and entry.get("room_id") else "")


def _labels(cases: list[tuple[str, str, dict[str, Any]]]) -> list[str]:
    """Return a name for each case. No two are the same: a test history takes what has one name for one test."""
    names = [
        f"{visible(name)} -> {entry['cdn']}" if entry.get("cdn") else visible(name) for _step, name, entry in cases
    ]
    often = Counter(names)
    made: dict[str, None] = {}
    for name, (_step, _name, entry) in zip(names, cases):
        place = _place(entry) if often[name] > 1 else ""
        label = full = f"{name} ({visible(place)})" if place else name
        number = 1
        while label in made or (label != name and label in often):
            number += 1
            label = f"{full} ({number})"
        made[label] = None
    return list(made)


def _identity(failure: dict[str, Any]) -> tuple[Any, ...]:
    return (failure["step"], failure["name"], *(failure.get(key) for key in DETAILS))


class _Failures:
    """The failures of a report, of which each is told once: by the item that it is about."""

    def __init__(self, failures: list[dict[str, Any]]) -> None:
        self._left: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for failure in failures:
            self._left.setdefault(_identity(failure), []).append(failure)

    def of(self, step: str, name: str, entry: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the failures of an item. Two items of one name differ in more than that, or it is all the same whose failure is whose."""
        made = [failure_of(step, name, entry, True)] if entry["failed"] else []
        if "files_missing" in entry:
            made.append(failure_of("files", name, missing_file(entry), True))
        known = [self._left.get(_identity(failure)) for failure in made]
        return [failures.pop(0) for failures in known if failures]

    def rest(self) -> list[dict[str, Any]]:
        """Return those of no item: a step that broke as a whole has none to carry its failure."""
        return [failure for failures in self._left.values() for failure in failures]


def _count(root: ElementTree.Element) -> None:
    """Say how many cases there are. Jenkins' schema knows no 'skipped' of the whole."""
    for element in [root, *root]:
        element.set("tests", str(len(list(element.iter("testcase")))))
        element.set("failures", str(sum(1 for case in element.iter("testcase") if case.find("failure") is not None)))
        element.set("errors", "0")
    for suite in root:
        suite.set("skipped", str(sum(1 for case in suite.iter("testcase") if case.find("skipped") is not None)))


def junit(report: dict[str, Any]) -> str:
    """Return the report as JUnit XML (text with an XML declaration for UTF-8)."""
    root = ElementTree.Element(
        "testsuites", name=f"teardown of {visible(report['event'])}", time=str(report["seconds"] or 0)
    )
    failures = _Failures(report["failures"])
    for name, cases in _suites(report):
        suite = ElementTree.SubElement(root, "testsuite", name=visible(name))
        for (step, item, entry), label in zip(cases, _labels(cases)):
            _case(suite, label, entry, failures.of(step, item, entry), report["check_mode"])
    rest = failures.rest()
    if rest:
        suite = ElementTree.SubElement(root, "testsuite", name="Steps")
        for failure in rest:
            _case(suite, visible(failure["name"]), {"outcome": "failed"}, [failure], report["check_mode"])
    for suite in root:
        suite.set("timestamp", visible(report["started"]))
    _count(root)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
