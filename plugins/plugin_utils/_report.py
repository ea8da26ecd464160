# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one structure behind every form of the report: what was asked, what became of it, what failed, when. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils import _results
from ansible_collections.zego.cloud.plugins.plugin_utils._results import Entry
from ansible_collections.zego.cloud.plugins.plugin_utils._text import seconds_between

# Goes up where a key is renamed, removed, or changes its meaning; new keys may come at any time.
SCHEMA = "zego.cloud/teardown-report/1"

STEPS = {
    "discover": "Find the streams of the rooms",
    "recordings": "Stop the recordings",
    "relays": "Stop the relays",
    "rooms": "Close the rooms",
    "files": "Wait for the recorded files",
}
# The API reference has no search for Aliyun's files.
WITHOUT_FILES = ("Aliyun",)
_NO_FILE = "No recorded file was found in time. Look at {vendor}'s console: a file can take longer than the teardown waited, or there was nothing to record."


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


class _Facts:
    """What the role knows at its end, read with patience: a key may be missing, since a step may have ended anywhere."""

    def __init__(self, facts: Entry) -> None:
        self.facts = facts
        self.plan: Entry = facts.get("plan") or {}
        self.skip = set(facts.get("skip") or [])
        self.ran: dict[str, Entry] = {step["step"]: step for step in facts.get("steps") or []}

    def planned(self, step: str) -> list[Any]:
        """Return what a step has to do; the files are those of the streams."""
        if step != "files":
            return list(self.plan.get(step) or [])
        return wanted_files(self.facts) if self.facts.get("wait_for_files") else []

    def registered(self, step: str) -> Any:
        """Return what Ansible registered of the step's task, nothing where the step did not run."""
        return (self.facts.get("results") or {}).get(step) if step in self.ran else None

    def error(self, step: str) -> Any:
        """Return what ended the step before its end."""
        return self.ran.get(step, {}).get("error")

    def meant(self, step: str) -> bool:
        """Whether the step had to run: one that did not, though it had to, is a failure."""
        return step not in self.skip and not (step == "files" and self.facts.get("check_mode"))


def wanted_files(facts: Entry) -> list[Entry]:
    """Return the groups of streams whose files are worth a wait: those that the API can search for, and whose recording did end."""
    known = _Facts(facts)
    failed = {(stream["vendor"], stream["stream_id"]) for stream in _streams(known) if stream["failed"]}
    groups = []
    for group in known.planned("recordings"):
        names = [name for name in group["streams"] if (group["vendor"], name) not in failed]
        if names and group["vendor"] not in WITHOUT_FILES:
            groups.append({**group, "streams": names})
    return groups


def _streams(known: _Facts) -> list[Entry]:
    found = _results.streams(known.planned("recordings"), known.registered("recordings"), known.meant("recordings"), known.error("recordings"))
    rooms = {(stream["vendor"], stream["stream_id"]): stream["room_id"] for stream in known.facts.get("discovered") or []}
    for stream in found:
        room = rooms.get((stream["vendor"], stream["stream_id"]))
        stream.update({"room_id": room} if room else {})
    return found


def _add_files(known: _Facts, streams: list[Entry]) -> Entry:
    """Give each stream its files; return what is to be said of all of them."""
    groups = known.planned("files") if known.meant("files") else []
    looked = _results.files(groups, known.registered("files"), known.error("files"))
    asked = {(group["vendor"], name) for group in groups for name in group["streams"]}
    missing = 0
    for stream in streams:
        key = (stream["vendor"], stream["stream_id"])
        stream["files"] = looked.found.get(key, [])
        if key in asked and not stream["files"]:
            missing += 1
            stream["files_missing"] = looked.troubles.get(key) or {"message": _NO_FILE.format(vendor=stream["vendor"])}
    files = [file for stream in streams for file in stream["files"]]
    size = sum(file["size"] for file in files if isinstance(file.get("size"), (int, float)))
    return {"waited_for": len(asked), "found": len(files), "bytes": size, "missing": missing}


def _discovery(known: _Facts) -> list[Entry]:
    registered, error = known.registered("discover"), known.error("discover")
    results = _results.results_of(registered)
    told = {str(room.get("room_id")): room for result in results for room in _results.listed(result, "rooms")}
    made = []
    for room in known.planned("discover"):
        if not known.meant("discover"):
            made.append(_results.passed_over(dict(room)))
            continue
        found = told.get(room["room_id"], {"failed": True, "message": _results.trouble(results, error)})
        facts = {key: found[key] for key in ("exists", "streams", "code", "message", "request_id") if found.get(key) not in (None, "")}
        outcome = "failed" if found.get("failed") else "found" if found.get("exists") else "gone"
        made.append({**room, "outcome": outcome, "changed": False, "failed": bool(found.get("failed")), **facts})
    return made


_DETAILS = ("vendor", "domain", "point", "cdn", "outcome", "code", "message", "request_id", "vendor_request_id")


def _failure(step: str, name: str, entry: Entry, counts: bool) -> Entry:
    return {"step": step, "name": name, **{key: entry[key] for key in _DETAILS if entry.get(key)}, "counts": counts}


def _failures(known: _Facts, parts: dict[str, list[Entry]]) -> list[Entry]:
    """Return everything that failed, what counts as a failure of the teardown first, in the order of the steps."""
    fail_on = set(known.facts.get("fail_on", STEPS))
    names = {"discover": "room_id", "recordings": "stream_id", "relays": "stream_id", "rooms": "room_id"}
    made = []
    for step in STEPS:
        counts = step in fail_on
        if step == "files":
            missing = [stream for stream in parts["recordings"] if "files_missing" in stream]
            found = [_failure(step, stream["stream_id"], {"vendor": stream["vendor"], **stream["files_missing"]}, counts) for stream in missing]
        else:
            found = [_failure(step, entry[names[step]], entry, counts) for entry in parts[step] if entry["failed"]]
        if known.error(step) and not found:
            # Something else than an item failed, so nothing says that it does not matter.
            found = [{"step": step, "name": STEPS[step], "message": str(known.error(step)), "counts": True}]
        made += found
    # What failed by itself comes before what was not attempted because of it.
    return sorted(made, key=lambda failure: (not failure["counts"], failure.get("outcome") == "not_attempted"))


def _why_not(known: _Facts, step: str) -> str:
    if step in known.skip:
        return "skipped as asked"
    if not known.planned(step):
        return "nothing to do"
    return "skipped in check mode" if not known.meant(step) else "did not run"


def _timeline(known: _Facts, parts: dict[str, list[Entry]], files: Entry) -> list[Entry]:
    made = []
    for step, title in STEPS.items():
        ran = known.ran.get(step)
        head: Entry = {"step": step, "title": title}
        if ran is None:
            made.append({**head, "status": "skipped", "summary": _why_not(known, step)})
            continue
        entries = parts.get(step, [])
        failed = bool(known.error(step)) or any(entry["failed"] for entry in entries)
        summary = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in outcomes(entries).items())
        if step == "files":
            failed = failed or files["missing"] > 0
            summary = f"{files['found']} found, {files['missing']} of {files['waited_for']} streams without one"
        status = "failed" if failed else "changed" if any(entry["changed"] for entry in entries) else "ok"
        times = {"started": ran.get("started"), "finished": ran.get("finished"), "seconds": seconds_between(ran.get("started"), ran.get("finished"))}
        made.append({**head, "status": status, "summary": summary, **times})
    return made


def _notes(known: _Facts) -> list[str]:
    notes = [text for step in STEPS for text in _results.warnings(known.registered(step))]
    unsearched = [group for group in known.planned("recordings") if group["vendor"] in WITHOUT_FILES]
    if unsearched and known.facts.get("wait_for_files"):
        notes.append("The recorded files of Aliyun were not waited for: the API cannot search for them.")
    return list(dict.fromkeys(notes))


def build(facts: Entry) -> Entry:
    """Return the report, as docs/teardown-report.schema.json describes it.

    ``facts``: event, check_mode, started, finished (ISO 8601), skip, fail_on, wait_for_files, plan (see _plan.plan), discovered
    ([{stream_id, vendor, room_id}]), steps ([{step, started, finished, error}], those that ran), results ({step: what Ansible registered}).
    """
    known = _Facts(facts)
    streams = _streams(known)
    files = _add_files(known, streams)
    discovery = _discovery(known)
    relays = _results.relays(known.planned("relays"), known.registered("relays"), known.meant("relays"), known.error("relays"))
    rooms = _results.rooms(known.planned("rooms"), known.registered("rooms"), known.meant("rooms"), known.error("rooms"))
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
        "vendors": [{"vendor": vendor, **counted([stream for stream in streams if stream["vendor"] == vendor])} for vendor in vendors],
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
        group["items"].append({key: failure[key] for key in ("name", "cdn", "request_id", "vendor_request_id") if failure.get(key)})
    return list(groups.values())
