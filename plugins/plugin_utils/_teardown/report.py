# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one structure behind every form of the report: what was asked, what became of it, what failed, when. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import progress as _facts
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import registered as _results
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS, WITHOUT_FILES, Facts
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import Entry
from ansible_collections.zego.cloud.plugins.plugin_utils._text import seconds_between

# Goes up where a key is renamed, removed, or changes its meaning; new keys may come at any time.
SCHEMA = "zego.cloud/teardown-report/1"


def counted(entries: list[Entry]) -> dict[str, int]:
    """Return total, changed, unchanged, failed and skipped of some entries; the last four add up to the first."""
    changed = sum(1 for entry in entries if entry["changed"] and not entry["failed"])
    failed = sum(1 for entry in entries if entry["failed"])
    skipped = sum(1 for entry in entries if entry["outcome"] == "skipped")
    unchanged = len(entries) - changed - failed - skipped
    return {"total": len(entries), "changed": changed, "unchanged": unchanged, "failed": failed, "skipped": skipped}


def outcomes(entries: list[Entry]) -> dict[str, int]:
    """Return how many entries had which outcome, the most frequent first."""
    return dict(Counter(entry["outcome"] for entry in entries).most_common())


DETAILS = ("vendor", "domain", "point", "cdn", "outcome", "code", "message", "request_id", "vendor_request_id")


def failure_of(step: str, name: str, entry: Entry, counts: bool) -> Entry:
    """Return the failure of an item of a step."""
    return {"step": step, "name": name, **{key: entry[key] for key in DETAILS if entry.get(key)}, "counts": counts}


def missing_file(stream: Entry) -> Entry:
    """Return what is known of a stream's file that did not come."""
    return {"vendor": stream["vendor"], **stream["files_missing"]}


def _failures(known: Facts, parts: dict[str, list[Entry]]) -> list[Entry]:
    """Return everything that failed, what counts as a failure of the teardown first, in the order of the steps."""
    fail_on = set(known.facts.get("fail_on", STEPS))
    names = {"discover": "room_id", "recordings": "stream_id", "relays": "stream_id", "rooms": "room_id"}
    made = []
    for step in STEPS:
        counts = step in fail_on
        if step == "files":
            missing = [stream for stream in parts["recordings"] if "files_missing" in stream]
            found = [failure_of(step, stream["stream_id"], missing_file(stream), counts) for stream in missing]
        else:
            found = [failure_of(step, entry[names[step]], entry, counts) for entry in parts[step] if entry["failed"]]
        if known.error(step) and not found:
            # Something else than an item failed, so nothing says that it does not matter.
            found = [{"step": step, "name": STEPS[step], "message": str(known.error(step)), "counts": True}]
        made += found
    # What failed by itself comes before what was not attempted because of it.
    return sorted(made, key=lambda failure: (not failure["counts"], failure.get("outcome") == "not_attempted"))


def _why_not(known: Facts, step: str) -> str:
    if step in known.skip:
        return "skipped as asked"
    if not known.planned(step):
        return "nothing to do"
    return "skipped in check mode" if not known.meant(step) else "did not run"


def _timeline(known: Facts, parts: dict[str, list[Entry]], files: Entry) -> list[Entry]:
    made = []
    for step, title in STEPS.items():
        ran = known.ran.get(step)
        head: Entry = {"step": step, "title": title}
        entries = parts.get(step, [])
        if ran is None and not any(entry["failed"] for entry in entries):
            made.append({**head, "status": "skipped", "summary": _why_not(known, step)})
            continue
        failed = bool(known.error(step)) or any(entry["failed"] for entry in entries)
        summary = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes(entries).items())
        if step == "files":
            failed = failed or files["missing"] > 0
            summary = f"{files['found']} found, {files['missing']} of {files['waited_for']} streams without one"
        summary = f"expected: {summary}" if known.facts.get("check_mode") and step != "discover" else summary
        status = "failed" if failed else "changed" if any(entry["changed"] for entry in entries) else "ok"
        times = {"started": ran.get("started"), "finished": ran.get("finished")} if ran else {}
        seconds = {"seconds": seconds_between(ran.get("started"), ran.get("finished"))} if ran else {}
        made.append({**head, "status": status, "summary": summary, **times, **seconds})
    return made


def _notes(known: Facts) -> list[str]:
    notes = [text for step in STEPS for text in _results.warnings(known.registered(step))]
    unsearched = [group for group in known.planned("recordings") if group["vendor"] in WITHOUT_FILES]
    if unsearched and known.facts.get("wait_for_files"):
        notes.append("The recorded files of Aliyun were not waited for: the API cannot search for them.")
    return list(dict.fromkeys(notes))


def build(facts: Entry) -> Entry:
    """Return the report, as docs/teardown-report.schema.json describes it.

    ``facts``: event, check_mode, started, finished (ISO 8601), skip, fail_on, wait_for_files, keep_rooms, plan (see _plan.plan),
    steps ([{step, started, finished, error}], those that ran), results ({step: what Ansible registered}).
    """
    known = Facts(facts)
    streams = _facts.streams(known)
    files = _facts.add_files(known, streams)
    discovery = _facts.discovery(known)
    relays = _results.relays(
        known.planned("relays"), known.registered("relays"), known.meant("relays"), known.error("relays")
    )
    rooms = _facts.rooms(known)
    parts = {"discover": discovery, "recordings": streams, "relays": relays, "rooms": rooms}
    failures = _failures(known, parts)
    vendors = dict.fromkeys(stream["vendor"] for stream in streams)
    return {
        "schema": SCHEMA,
        "event": str(facts.get("event") or "event"),
        "check_mode": bool(facts.get("check_mode")),
        "started": facts.get("started"),
        "finished": facts.get("finished"),
        "seconds": seconds_between(facts.get("started"), facts.get("finished")),
        "failed": any(failure["counts"] for failure in failures),
        "totals": counted(streams),
        "outcomes": outcomes(streams),
        "vendors": [
            {"vendor": vendor, **counted([stream for stream in streams if stream["vendor"] == vendor])}
            for vendor in vendors
        ],
        "failures": failures,
        "timeline": _timeline(known, parts, files),
        "streams": streams,
        "files": files,
        "discovery": discovery,
        "relays": relays,
        "rooms": rooms,
        "warnings": _notes(known),
    }


_CAUSE = ("step", "vendor", "outcome", "code", "message", "counts")


def grouped(failures: list[Entry]) -> list[Entry]:
    """Return the failures with the same cause together: {step, vendor, outcome, code, message, counts, items}, in their order."""
    groups: dict[tuple[Any, ...], Entry] = {}
    for failure in failures:
        head: Entry = {key: failure[key] for key in _CAUSE if key in failure}
        group = groups.setdefault(tuple(map(str, head.items())), {**head, "items": []})
        group["items"].append(
            {key: failure[key] for key in ("name", "cdn", "request_id", "vendor_request_id") if failure.get(key)}
        )
    return list(groups.values())
