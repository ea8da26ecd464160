# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a teardown has come: what became of each item so far, and what is left for the later steps. Pure."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import (
    Entry,
    StepRun,
    all_mappings,
    read_files,
    read_relays,
    read_rooms,
    read_streams,
    reason_for_silence,
    report_entry,
    skipped_entry,
    task_results,
    typed,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._text import visible

# In the order in which they run. The rooms come after the recordings: a room stays open if a stream that was found in
# it may still be recorded. The files come last: they appear some time after the stop.
STEPS = {
    "discover": "Find the streams of the rooms",
    "recordings": "Stop the recordings",
    "relays": "Stop the relays",
    "rooms": "Close the rooms",
    "files": "Wait for the recorded files",
}
# The API reference has no search for Aliyun's files.
WITHOUT_FILES = ("Aliyun",)
_NO_FILE = (
    "No recorded file was found in time. Look at {vendor}'s console: a file can take longer than the teardown waited, "
    "or there was nothing to record."
)
_NOT_WHOLE = (
    "The recording is not whole: its newest file was made before it was stopped. Either the rest takes longer than the "
    "teardown waited, or nobody pushed any more by then. Look at {vendor}'s console; if nobody pushed any more, raise "
    "zego_teardown_files_tolerance."
)
_KEPT_OPEN = (
    "The room was left open: {reason}. The next run finds it there. "
    "Run again, or set zego_teardown_keep_rooms to false to close it nevertheless."
)
_CLOSED_NEVERTHELESS = (
    "Of the streams that were found in it, {streams} {were} not stopped: a name like that is refused, so no later run "
    "could stop it either, and the room was not left open for it."
)
_REFUSED_NAME = "The API refuses this name: stop it at {vendor}'s console."
# What client SDKs allow (reference page "Stream IDs"). Code 2, 'invalid input parameter', is about the name only where
# the name has something else in it.
_PLAIN_NAME = re.compile("[A-Za-z0-9_-]{1,256}")
_INVALID_PARAMETER = "the API answered Code 2 "
# Of an item that an interrupted run may have been at.
UNKNOWN = "unknown"
INTERRUPTED = "the run was interrupted, and the report does not know whether this was done. Run it again."
_ROOM_TYPES = {"streams": int, "code": str, "message": str, "request_id": str}


class Progress:
    """What the role knows. Any key may be missing, since a step may have ended anywhere."""

    def __init__(self, facts: Entry) -> None:
        self.facts = facts
        self.plan: Entry = facts.get("plan") or {}
        self.skip = set(facts.get("skip") or [])
        self.interrupted = bool(facts.get("interrupted"))
        self.ran: dict[str, Entry] = {step["step"]: step for step in facts.get("steps") or []}

    def planned(self, step: str) -> list[Any]:
        """Return what a step has to do; for the files these are groups of streams."""
        if step != "files":
            return list(self.plan.get(step) or [])
        return groups_with_files(self.facts) if self.facts.get("wait_for_files") else []

    def wanted(self, step: str) -> bool:
        """Whether the step has to run. A wanted step that did not run is a failure."""
        # In check mode nothing was stopped, so no file can be waited for.
        return step not in self.skip and not (step == "files" and self.facts.get("check_mode"))

    def registered(self, step: str) -> Any:
        """Return what Ansible registered of the step's task; None if the step did not run."""
        return (self.facts.get("results") or {}).get(step) if step in self.ran else None

    def error(self, step: str) -> Any:
        """Return what ended the step early; None if nothing did."""
        return self.ran.get(step, {}).get("error")

    def run_of(self, step: str) -> StepRun:
        """Return all that is known of one step."""
        planned, registered, wanted = self.planned(step), self.registered(step), self.wanted(step)
        if self.is_unknown(step):
            return StepRun(planned, registered, wanted, INTERRUPTED, silence=UNKNOWN)
        return StepRun(planned, registered, wanted, self.error(step))

    def is_unknown(self, step: str) -> bool:
        """Whether an interrupted run may have been at this step, or did not reach it."""
        if not self.interrupted or not self.wanted(step) or step in self.ran:
            return False
        if step != "files":
            return bool(self.planned(step))
        # Which files it waits for is known once the recordings were stopped.
        searched = any(group["vendor"] not in WITHOUT_FILES for group in self.planned("recordings"))
        return searched and bool(self.facts.get("wait_for_files"))


def followup(facts: Entry) -> Entry:
    """Return what the later steps have to do, given how the earlier ones ended.

    ``rooms`` lists the rooms to close, ``files`` the groups of streams whose files to wait for, each with ``stops``:
    when its streams were stopped, as far as that is known.
    """
    kept = kept_rooms(facts)
    rooms = Progress(facts).planned("rooms")
    return {"rooms": [room for room in rooms if room not in kept], "files": groups_with_files(facts)}


def kept_rooms(facts: Entry) -> dict[str, str]:
    """Return the rooms that have to stay open, each with a message that says why.

    Only an open room can be asked for its streams, so one whose streams are not all stopped must still be open for the
    next run. With ``keep_rooms`` false none is kept.
    """
    if not facts.get("keep_rooms", True):
        return {}
    progress = Progress(facts)
    reasons = {
        room["room_id"]: "its streams could not be listed" for room in discovery_entries(progress) if room["failed"]
    }
    # The next run knows these without the room.
    named = {stream["stream_id"] for stream in progress.plan.get("discovered") or [] if stream.get("named")}
    for stream in stream_entries(progress):
        # One that only failed because it had to be recording is not being recorded. One whose name is refused could
        # not be stopped by the next run either: whoever publishes it would keep the room open for ever.
        if stream.get("evidence") == "vendor" or stream.get("name_refused"):
            continue
        if stream["failed"] and "room_id" in stream and stream["stream_id"] not in named:
            reason = f"stream {stream['stream_id']}, which was found in it, may still be recorded"
            reasons.setdefault(stream["room_id"], reason)
    planned = progress.planned("rooms")
    return {room: _KEPT_OPEN.format(reason=reasons[room]) for room in planned if room in reasons}


def groups_with_files(facts: Entry) -> list[Entry]:
    """Return the planned groups with only the streams whose recording ended and whose files the API can search for."""
    progress = Progress(facts)
    entries = stream_entries(progress)
    # A recording that goes on has no file yet, and waiting for it would take all the time there is.
    failed = {(stream["vendor"], stream["stream_id"]) for stream in entries if stream["failed"]}
    stopped_at = {(stream["vendor"], stream["stream_id"]): stream.get("stopped_at") for stream in entries}
    groups = []
    for group in progress.planned("recordings"):
        vendor = group["vendor"]
        names = [name for name in group["streams"] if (vendor, name) not in failed]
        if names and vendor not in WITHOUT_FILES:
            known = [name for name in names if stopped_at.get((vendor, name))]
            stops = [{"stream_id": name, "stopped_at": stopped_at[vendor, name]} for name in known]
            groups.append({**group, "streams": names, "stops": stops})
    return groups


def discovery_entries(progress: Progress) -> list[Entry]:
    """Return one entry for each room whose streams were to be found."""
    step = progress.run_of("discover")
    if not step.wanted:
        return [skipped_entry(room) for room in step.planned]
    answers = {str(room.get("room_id")): room for room in all_mappings(step.registered, "rooms")}
    silent = {"failed": True, "message": reason_for_silence(task_results(step.registered), step.error)}
    entries = []
    for room in step.planned:
        answer = answers.get(room["room_id"])
        entry = _discovery_entry(room, answer or silent)
        entries.append(entry if answer else {**entry, "outcome": step.silence})
    return entries


def _discovery_entry(room: Entry, answer: Entry) -> Entry:
    failed = bool(answer.get("failed"))
    outcome = "found" if answer.get("exists") else "gone"
    entry = {**room, "outcome": "failed" if failed else outcome, "changed": False, "failed": failed}
    if "exists" in answer:
        entry["exists"] = bool(answer["exists"])
    return {**entry, **typed(answer, _ROOM_TYPES)}


def stream_entries(progress: Progress) -> list[Entry]:
    """Return one entry for each stream; those whose names no request can carry come last.

    An entry has ``name_refused`` where that is so, and where the API refuses the name.
    """
    entries = read_streams(progress.run_of("recordings"))
    discovered = progress.plan.get("discovered") or []
    rooms = {(stream["vendor"], stream["stream_id"]): stream["room_id"] for stream in discovered}
    for entry in entries:
        room = rooms.get((entry["vendor"], entry["stream_id"]))
        if room:
            entry["room_id"] = room
    _mark_refused_names(entries)
    for stream in progress.plan.get("refused") or []:
        identity = {key: value for key, value in stream.items() if key != "message"}
        if progress.wanted("recordings"):
            entries.append({**report_entry(None, identity, stream["message"]), "name_refused": True})
        else:
            entries.append(skipped_entry(identity))
    return entries


def _mark_refused_names(entries: list[Entry]) -> None:
    """Mark the entries of streams whose names the API refuses: with Code 2, each in a request of its own.

    Where streams of one vendor with plain names were refused with it as well, the names are not the reason.
    """
    refused = [entry for entry in entries if str(entry.get("message")).startswith(_INVALID_PARAMETER)]
    plain = {entry["vendor"] for entry in refused if _PLAIN_NAME.fullmatch(entry["stream_id"])}
    for entry in refused:
        if entry["vendor"] not in plain:
            advice = _REFUSED_NAME.format(vendor=entry["vendor"])
            entry.update(name_refused=True, message=f"{entry['message']} {advice}")


def relay_entries(progress: Progress) -> list[Entry]:
    """Return one entry for each relay that was to be stopped."""
    return read_relays(progress.run_of("relays"))


def room_entries(progress: Progress) -> list[Entry]:
    """Return one entry for each room that was to be closed, including those that were kept open."""
    step = progress.run_of("rooms")
    entries = read_rooms(step)
    # Of a run that was interrupted before, no room was left open on purpose.
    if not step.wanted or (progress.interrupted and "rooms" not in progress.ran):
        return entries
    kept, hopeless = kept_rooms(progress.facts), closed_nevertheless(progress)
    # If the module has an answer for a room, that answer counts: the room was not kept open.
    answered = {str(room.get("room_id")) for room in all_mappings(step.registered, "rooms")}
    for entry in entries:
        name = entry["room_id"]
        if name in kept and name not in answered:
            entry.update(outcome="kept_open", message=kept[name])
        elif name in hopeless and not entry["failed"]:
            entry["message"] = " ".join(filter(None, [entry.get("message"), hopeless[name]]))
    return entries


def closed_nevertheless(progress: Progress) -> dict[str, str]:
    """Return a message for each room to close in which streams were found whose names are refused."""
    names: dict[str, list[str]] = {}
    for stream in stream_entries(progress):
        if stream.get("name_refused") and "room_id" in stream:
            names.setdefault(stream["room_id"], []).append(repr(visible(stream["stream_id"])))
    messages = {}
    for room in progress.planned("rooms"):
        if room in names and room not in kept_rooms(progress.facts):
            were = "was" if len(names[room]) == 1 else "were"
            messages[room] = _CLOSED_NEVERTHELESS.format(streams=" and ".join(names[room]), were=were)
    return messages


def closed_warnings(facts: Entry) -> list[str]:
    """Return a warning for each such room, if rooms are to be closed at all."""
    progress = Progress(facts)
    if not progress.wanted("rooms"):
        return []
    return [f"Room {room}: {message}" for room, message in closed_nevertheless(progress).items()]


def add_files(progress: Progress, streams: list[Entry]) -> Entry:
    """Give each stream its ``files`` and what they come to; return the totals.

    A stream gets ``files_missing`` if none came in time, ``files_incomplete`` if those that came are not the whole
    recording.
    """
    step = progress.run_of("files")
    # Of a wait that an interrupted run was at, nothing is known: no file is missing yet.
    if not step.wanted or progress.is_unknown("files"):
        step = step._replace(planned=[])
    search = read_files(step)
    awaited = {(group["vendor"], name) for group in step.planned for name in group["streams"]}
    counts = {"missing": 0, "incomplete": 0, "unknown": 0}
    for stream in streams:
        key = (stream["vendor"], stream["stream_id"])
        stream["files"] = search.files.get(key, [])
        if search.recordings.get(key) and stream["files"]:
            stream["recording"] = search.recordings[key]
        if key not in awaited:
            continue
        # An error of the search says more than 'not found in time'.
        problem = search.problems.get(key)
        if not stream["files"]:
            counts["missing"] += 1
            stream["files_missing"] = problem or {"message": _NO_FILE.format(vendor=stream["vendor"])}
        elif key in search.incomplete:
            counts["incomplete"] += 1
            stream["files_incomplete"] = problem or {"message": _NOT_WHOLE.format(vendor=stream["vendor"])}
        elif "whole" not in stream.get("recording", {}):
            counts["unknown"] += 1
    files = [file for stream in streams for file in stream["files"]]
    size = sum(file["size"] for file in files if isinstance(file.get("size"), (int, float)))
    return {"waited_for": len(awaited), "found": len(files), "bytes": size, **counts}
