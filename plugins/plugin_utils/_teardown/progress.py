# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role knows at any moment, read with patience: what became of each item so far, and what that leaves for the later steps. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import registered as _results
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import Entry

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
_ROOM = {"streams": int, "code": str, "message": str, "request_id": str}


class Facts:
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


def kept_rooms(facts: Entry) -> list[Entry]:
    """Return the rooms that have to stay open: only an open room can be asked for its streams, and by the next run it has to.

    Each is {room_id, message}. Nothing is kept open where ``keep_rooms`` is false.
    """
    known = Facts(facts)
    if not facts.get("keep_rooms", True):
        return []
    why = {room["room_id"]: "its streams could not be listed" for room in discovery(known) if room["failed"]}
    named = {stream["stream_id"] for stream in known.plan.get("discovered") or [] if stream.get("named")}
    for stream in streams(known):
        # The next run knows a stream that the event names without the room.
        if stream["failed"] and "room_id" in stream and stream["stream_id"] not in named:
            why.setdefault(
                stream["room_id"], f"stream {stream['stream_id']}, which was found in it, may still be recorded"
            )
    advice = (
        "The next run finds it there. Run again, or set zego_teardown_keep_rooms to false to close it nevertheless."
    )
    return [
        {"room_id": room, "message": f"The room was left open: {why[room]}. {advice}"}
        for room in known.planned("rooms")
        if room in why
    ]


def wanted_files(facts: Entry) -> list[Entry]:
    """Return the groups of streams whose files are worth a wait: those that the API can search for, and whose recording did end."""
    known = Facts(facts)
    failed = {(stream["vendor"], stream["stream_id"]) for stream in streams(known) if stream["failed"]}
    groups = []
    for group in known.planned("recordings"):
        names = [name for name in group["streams"] if (group["vendor"], name) not in failed]
        if names and group["vendor"] not in WITHOUT_FILES:
            groups.append({**group, "streams": names})
    return groups


def followup(facts: Entry) -> Entry:
    """Return what the later steps have to do after what the earlier ones came to: {rooms: to close, files: groups to wait for}."""
    kept = {room["room_id"] for room in kept_rooms(facts)}
    return {"rooms": [room for room in Facts(facts).planned("rooms") if room not in kept], "files": wanted_files(facts)}


def rooms(known: Facts) -> list[Entry]:
    """Return one entry for each room that was to be closed, those that were kept open included."""
    kept = {room["room_id"]: room for room in kept_rooms(known.facts)} if known.meant("rooms") else {}
    registered = known.registered("rooms")
    answered = {
        str(room.get("room_id"))
        for result in _results.results_of(registered)
        for room in _results.listed(result, "rooms")
    }
    made = _results.rooms(known.planned("rooms"), registered, known.meant("rooms"), known.error("rooms"))
    for entry in made:
        if entry["room_id"] in kept and entry["room_id"] not in answered:
            entry.update(outcome="kept_open", message=kept[entry["room_id"]]["message"])
    return made


def streams(known: Facts) -> list[Entry]:
    """Return one entry for each stream, those that no request could carry at the end."""
    found = _results.streams(
        known.planned("recordings"),
        known.registered("recordings"),
        known.meant("recordings"),
        known.error("recordings"),
    )
    rooms = {
        (stream["vendor"], stream["stream_id"]): stream["room_id"] for stream in known.plan.get("discovered") or []
    }
    for stream in found:
        room = rooms.get((stream["vendor"], stream["stream_id"]))
        stream.update({"room_id": room} if room else {})
    return found + [
        _results.entry_of(None, dict(stream), stream["message"]) for stream in known.plan.get("refused") or []
    ]


def add_files(known: Facts, streams: list[Entry]) -> Entry:
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


def discovery(known: Facts) -> list[Entry]:
    """Return one entry for each room that was to be searched for streams."""
    registered, error = known.registered("discover"), known.error("discover")
    results = _results.results_of(registered)
    told = {str(room.get("room_id")): room for result in results for room in _results.listed(result, "rooms")}
    made = []
    for room in known.planned("discover"):
        if not known.meant("discover"):
            made.append(_results.passed_over(dict(room)))
            continue
        found = told.get(room["room_id"], {"failed": True, "message": _results.trouble(results, error)})
        facts = {**({"exists": bool(found["exists"])} if "exists" in found else {}), **_results.typed(found, _ROOM)}
        outcome = "failed" if found.get("failed") else "found" if found.get("exists") else "gone"
        made.append({**room, "outcome": outcome, "changed": False, "failed": bool(found.get("failed")), **facts})
    return made
