# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The structure behind every form of the report: what was planned, what became of it, what failed, and when. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import (
    INTERRUPTED,
    STEPS,
    UNKNOWN,
    WITHOUT_FILES,
    Progress,
    add_files,
    closed_warnings,
    discovery_entries,
    relay_entries,
    room_entries,
    stream_entries,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import Entry, warnings
from ansible_collections.zego.cloud.plugins.plugin_utils._text import counted, seconds_between

# The number rises when a key is renamed, removed, or changes its meaning. New keys may come at any time.
SCHEMA = "zego.cloud/teardown-report/1"

# For each step with entries of its own: the key of the report that holds them, and the key of an entry that names it.
# The files are in the entries of the streams.
_ENTRIES = {
    "discover": ("discovery", "room_id"),
    "recordings": ("streams", "stream_id"),
    "relays": ("relays", "stream_id"),
    "rooms": ("rooms", "room_id"),
}
_FAILURE_KEYS = ("vendor", "domain", "point", "cdn", "outcome", "code", "message", "request_id", "vendor_request_id")
_CAUSE_KEYS = ("step", "vendor", "outcome", "code", "message", "counts")
_CULPRIT_KEYS = ("name", "cdn", "request_id", "vendor_request_id")


class Item(NamedTuple):
    """An entry of the report with its failures: a stream may have failed itself, and its file may be missing."""

    step: str
    name: str
    entry: Entry
    failures: list[Entry]


def items(report: Entry) -> list[Item]:
    """Return the entries of a report, each with its own failures, in the order of the steps."""
    return _items(report, {failure["step"] for failure in report["failures"] if failure["counts"]})


def step_failures(report: Entry) -> list[Entry]:
    """Return the failures of no entry: each is a step that ended early although none of its items failed."""
    blamed = {failure["step"] for item in items(report) for failure in item.failures}
    return [failure for failure in report["failures"] if failure["step"] not in blamed]


def files_problem(entry: Entry) -> Entry:
    """Return why the files of a stream are not all there, empty if they are (or of an entry that is no stream)."""
    problem: Entry = entry.get("files_missing") or entry.get("files_incomplete") or {}
    return problem


def _items(parts: Entry, fail_on: set[str]) -> list[Item]:
    linked = []
    for step, (key, name_key) in _ENTRIES.items():
        for entry in parts[key]:
            name = entry[name_key]
            failures = [_failure(step, name, entry, counts=step in fail_on)] if entry["failed"] else []
            problem = files_problem(entry)
            if problem:
                problem = {"vendor": entry["vendor"], **problem}
                failures.append(_failure("files", name, problem, counts="files" in fail_on))
            linked.append(Item(step, name, entry, failures))
    return linked


def _failure(step: str, name: str, problem: Entry, *, counts: bool) -> Entry:
    details = {key: problem[key] for key in _FAILURE_KEYS if problem.get(key)}
    return {"step": step, "name": name, **details, "counts": counts}


def _failures(progress: Progress, linked: list[Item]) -> list[Entry]:
    """Return everything that failed: what counts first, then in the order of the steps."""
    failures = []
    for step, title in STEPS.items():
        of_step = [failure for item in linked for failure in item.failures if failure["step"] == step]
        error = INTERRUPTED if progress.is_unknown(step) else progress.error(step)
        if error and not of_step:
            # What failed is not an item, so fail_on does not apply to it.
            of_step = [{"step": step, "name": title, "message": str(error), "counts": True}]
        failures += of_step
    # What was not attempted is a consequence of what failed by itself, and comes after it.
    return sorted(failures, key=lambda failure: (not failure["counts"], failure.get("outcome") == "not_attempted"))


def totals(entries: list[Entry]) -> dict[str, int]:
    """Return how many entries there are, and how many changed, did not change, failed and were skipped."""
    # An entry that changed and failed counts once, as failed: the numbers have to add up to the total.
    changed = sum(1 for entry in entries if entry["changed"] and not entry["failed"])
    failed = sum(1 for entry in entries if entry["failed"])
    skipped = sum(1 for entry in entries if entry["outcome"] == "skipped")
    unchanged = len(entries) - changed - failed - skipped
    return {"total": len(entries), "changed": changed, "unchanged": unchanged, "failed": failed, "skipped": skipped}


def by_vendor(streams: list[Entry]) -> dict[str, list[Entry]]:
    """Return the streams of each vendor, the vendors in the order of their first streams."""
    vendors: dict[str, list[Entry]] = {}
    for stream in streams:
        vendors.setdefault(stream["vendor"], []).append(stream)
    return vendors


def is_unconfirmed(entry: Entry) -> bool:
    """Tell whether a stream was not recording, and only the vendor's answer says so: it may be a misspelt name."""
    return entry["outcome"] == "already_stopped" and entry.get("evidence") == "vendor"


def unconfirmed(streams: list[Entry]) -> tuple[int, str]:
    """Return how many streams only the vendor's answer says were not recording, and that in words."""
    vendors = [stream["vendor"] for stream in streams if is_unconfirmed(stream)]
    whose = vendors[0] if len(set(vendors)) == 1 else "their vendors"
    return len(vendors), f"not recording, according to {whose}"


def _evidence(streams: list[Entry]) -> dict[str, int]:
    counted = Counter(stream.get("evidence") for stream in streams)
    return {source: counted[source] for source in ("remembered", "vendor")}


def outcomes(entries: list[Entry]) -> dict[str, int]:
    """Return how many entries had each outcome, the most frequent first."""
    return dict(Counter(entry["outcome"] for entry in entries).most_common())


def _timeline(progress: Progress, parts: dict[str, list[Entry]], files: Entry) -> list[Entry]:
    """Return one entry for each step: its status, a summary of its outcomes, and when it ran."""
    timeline = []
    for step, title in STEPS.items():
        entry: Entry = {"step": step, "title": title}
        entries = parts[_ENTRIES[step][0]] if step in _ENTRIES else []
        ran = progress.ran.get(step)
        if progress.is_unknown(step):
            entry.update(status="failed", summary=summary_of(entries) or UNKNOWN)
        # A step that had to run and did not has failed entries, and must not look skipped.
        elif ran is None and not any(item["failed"] for item in entries):
            entry.update(status="skipped", summary=_reason_not_run(progress, step))
        else:
            missing = files["missing"] + files["incomplete"] if step == "files" else 0
            entry["status"] = _status(entries, failed=bool(progress.error(step) or missing))
            entry["summary"] = _summary(step, entries, files)
            if progress.facts.get("check_mode") and step != "discover":
                entry["summary"] = f"expected: {entry['summary']}"
        if ran:
            started, finished = ran.get("started"), ran.get("finished")
            entry.update(started=started, finished=finished, seconds=seconds_between(started, finished))
        timeline.append(entry)
    return timeline


def _reason_not_run(progress: Progress, step: str) -> str:
    if step in progress.skip:
        return "skipped as asked"
    if not progress.planned(step):
        return "nothing to do"
    return "did not run" if progress.wanted(step) else "skipped in check mode"


def _status(entries: list[Entry], *, failed: bool) -> str:
    if failed or any(entry["failed"] for entry in entries):
        return "failed"
    return "changed" if any(entry["changed"] for entry in entries) else "ok"


def summary_of(entries: list[Entry]) -> str:
    """Return in words how many entries had which outcome."""
    known = [entry for entry in entries if not is_unconfirmed(entry)]
    summary = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes(known).items())
    count, words = unconfirmed(entries)
    return "; ".join(filter(None, [summary, f"{count} {words}" if count else ""]))


def _summary(step: str, entries: list[Entry], files: Entry) -> str:
    if step == "discover":
        return _rooms_summary(entries)
    return _files_summary(files) if step == "files" else summary_of(entries)


def _rooms_summary(rooms: list[Entry]) -> str:
    """Return ``3 streams in 2 rooms``, and what became of the rooms that could not be searched."""
    found = [room for room in rooms if room["outcome"] == "found"]
    count = sum(room.get("streams", 0) for room in found)
    others = summary_of([room for room in rooms if room not in found])
    return ", ".join(filter(None, [f"{counted(count, 'stream')} in {counted(len(found), 'room')}", others]))


def _files_summary(files: Entry) -> str:
    waited_for = files["waited_for"]
    summary = f"{waited_for - files['missing']} of {waited_for} {'has' if waited_for == 1 else 'have'} a file"
    if files["incomplete"]:
        summary += f", {files['incomplete']} not whole"
    return summary


def _warnings(progress: Progress, unknown: int) -> list[str]:
    """Return the warnings. ``unknown``: how many streams have files of which nobody knows whether they are all."""
    texts = [*(progress.facts.get("warnings") or []), *(progress.plan.get("warnings") or [])]
    texts += [text for step in STEPS for text in warnings(progress.registered(step))]
    texts += closed_warnings(progress.facts)
    unsearchable = any(group["vendor"] in WITHOUT_FILES for group in progress.planned("recordings"))
    if unsearchable and progress.facts.get("wait_for_files"):
        texts.append("The recorded files of Aliyun were not waited for: the API cannot search for them.")
    if unknown:
        texts.append(
            f"Of {counted(unknown, 'stream')} nobody knows when the recording was stopped, "
            "so the files that were found may not be all of it."
        )
    return list(dict.fromkeys(texts))


def build(facts: Entry) -> Entry:
    """Return the report, as docs/teardown-report.schema.json describes it.

    ``facts``: event, check_mode, interrupted (whether the run has not come to its end), started and finished (ISO
    8601), skip, fail_on, wait_for_files, keep_rooms, plan (see plan.plan), preflight (what the API answered before the
    first step, in lines), warnings (of the check before it), steps ([{step, started, finished, error}], those that
    ran), results ({step: what Ansible registered}).
    """
    progress = Progress(facts)
    streams = stream_entries(progress)
    files = add_files(progress, streams)
    parts = {
        "discovery": discovery_entries(progress),
        "streams": streams,
        "relays": relay_entries(progress),
        "rooms": room_entries(progress),
    }
    failures = _failures(progress, _items(parts, set(facts.get("fail_on", STEPS))))
    vendors = [{"vendor": vendor, **totals(entries)} for vendor, entries in by_vendor(streams).items()]
    interrupted = {"interrupted": True} if progress.interrupted else {}
    preflight = {"preflight": facts["preflight"]} if facts.get("preflight") else {}
    return {
        "schema": SCHEMA,
        "event": str(facts.get("event") or "event"),
        "check_mode": bool(facts.get("check_mode")),
        **interrupted,
        **preflight,
        "started": facts.get("started"),
        "finished": facts.get("finished"),
        "seconds": seconds_between(facts.get("started"), facts.get("finished")),
        "failed": progress.interrupted or any(failure["counts"] for failure in failures),
        "totals": totals(streams),
        "outcomes": outcomes(streams),
        "evidence": _evidence(streams),
        "vendors": vendors,
        "failures": failures,
        "timeline": _timeline(progress, parts, files),
        "streams": streams,
        "files": files,
        "discovery": parts["discovery"],
        "relays": parts["relays"],
        "rooms": parts["rooms"],
        "warnings": _warnings(progress, files["unknown"]),
    }


def grouped(failures: Iterable[Entry]) -> list[Entry]:
    """Return the failures with one cause together, in the order of their first ones.

    Each group is {step, vendor, outcome, code, message, counts, items}, where known; an item has the name, and what is
    known of cdn, request_id and vendor_request_id.
    """
    groups: dict[tuple[Any, ...], Entry] = {}
    for failure in failures:
        cause: Entry = {key: failure[key] for key in _CAUSE_KEYS if key in failure}
        culprit = {key: failure[key] for key in _CULPRIT_KEYS if failure.get(key)}
        groups.setdefault(tuple(map(str, cause.items())), {**cause, "items": []})["items"].append(culprit)
    return list(groups.values())
