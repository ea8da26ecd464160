# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what Ansible registered of the role's tasks.

A task may have failed before it returned anything, or returned something malformed. Whatever came back, each item that
was planned gets exactly one entry here, and counts as failed unless the module says otherwise. Pure.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import GROUP_KEYS
from ansible_collections.zego.cloud.plugins.plugin_utils._text import safe_link

# The loop variable of the role's tasks: the group of streams that a result is about.
LOOP_VARIABLE = "__zego_teardown_group"

_ENTRY_TYPES = {
    "code": str,
    "message": str,
    "request_id": str,
    "vendor_request_id": str,
    "task_id": str,
    "stopped_at": str,
    "evidence": str,
    "attempts": int,
}
_FILE_TYPES = {
    "file_id": str,
    "name": str,
    "format": str,
    "size": float,
    "duration": float,
    "created": str,
    "expires": str,
}
_RECORDING_TYPES = {"recorded_from": str, "recorded_to": str, "duration": float, "stopped_at": str}
_GAP_TYPES = {"from": str, "to": str, "seconds": float}
_ANNOUNCED_TYPES = {"format": str, "persistent_id": str}

Entry = dict[str, Any]


class StepRun(NamedTuple):
    """One step of a teardown and what Ansible has of it."""

    planned: list[Any]  # what the step has to do
    registered: Any  # what its task registered, which can be anything; None if it did not run
    wanted: bool  # False if the step is skipped on purpose
    error: Any  # what ended the step early, None if nothing did
    silence: str = "failed"  # the outcome of an item without an answer


class FileSearch(NamedTuple):
    """The recorded files that were found, and what they come to, all by (vendor, stream ID).

    ``recordings``: from when to when, and whether that is the whole recording; ``incomplete``: the streams whose files
    are not; ``problems``: why the API could not be asked.
    """

    files: dict[tuple[str, str], list[Entry]]
    recordings: dict[tuple[str, str], Entry]
    incomplete: set[tuple[str, str]]
    problems: dict[tuple[str, str], Entry]


def task_results(registered: Any) -> list[Entry]:
    """Return the results of a task, one for each item of its loop; none if it was skipped or did not run."""
    if not isinstance(registered, dict):
        return []
    results = registered["results"] if isinstance(registered.get("results"), list) else [registered]
    # A skipped result says nothing about any item.
    return [result for result in results if isinstance(result, dict) and result and not result.get("skipped")]


def mappings(result: Entry, key: str) -> list[Entry]:
    """Return the mappings in the list ``key`` of a result; none if there is no such list."""
    values = result.get(key)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def all_mappings(registered: Any, key: str) -> list[Entry]:
    """Return the mappings in the lists ``key`` of all results of a task."""
    return [entry for result in task_results(registered) for entry in mappings(result, key)]


def reason_for_silence(results: list[Entry], error: Any) -> str:
    """Return why a task has no entry for an item: its own message if it has one, else the error of the step."""
    for result in results:
        # Ansible's own message is about SSH or a shell, and does not say that the module never ran.
        if result.get("unreachable"):
            return f"the host that runs the module was not reachable: {result.get('msg', '')}".strip(" :")
        if result.get("msg"):
            return str(result["msg"])
    return str(error) if error else "the task did not get as far as this."


def typed(entry: Entry, types: Mapping[str, type]) -> Entry:
    """Return the keys in ``types`` for which ``entry`` has a value of that type.

    Anything becomes text; only a finite number of at least 0 stays a number.
    """
    values: Entry = {}
    for key, kind in types.items():
        value = entry.get(key)
        if kind is str:
            if value not in (None, ""):
                values[key] = str(value)
        elif isinstance(value, (int, float)) and _is_count(value):
            values[key] = int(value) if kind is int else value
    return values


def _is_count(value: float) -> bool:
    return not isinstance(value, bool) and 0 <= value < float("inf")


def report_entry(answer: Entry | None, identity: Entry, reason: str, silence: str = "failed") -> Entry:
    """Return the report's entry for an item: ``identity`` and what the module answered for it.

    Without an answer the item counts as failed, for ``reason``, and ``silence`` is its outcome.
    """
    if answer is None:
        return {**identity, "outcome": silence, "changed": False, "failed": True, "message": reason}
    outcome = answer.get("outcome")
    return {
        **identity,
        "outcome": str(outcome or "failed"),
        "changed": bool(answer.get("changed")),
        # An entry without an outcome is no success.
        "failed": bool(answer.get("failed")) or not outcome,
        **typed(answer, _ENTRY_TYPES),
    }


def skipped_entry(identity: Entry) -> Entry:
    """Return the entry of an item whose step was skipped on purpose."""
    return {**identity, "outcome": "skipped", "changed": False, "failed": False}


def _first_by(key: Callable[[Entry], Any], entries: list[Entry]) -> dict[Any, Entry]:
    """Return the entries by their key; of several with one key the first counts."""
    by_key: dict[Any, Entry] = {}
    for entry in entries:
        by_key.setdefault(key(entry), entry)
    return by_key


def _stream_id(entry: Entry) -> Any:
    return entry.get("stream_id")


def _room_id(entry: Entry) -> Any:
    return entry.get("room_id")


def _group_key(group: Any) -> tuple[Any, ...]:
    return tuple(group.get(key) for key in GROUP_KEYS) if isinstance(group, dict) else ()


def _results_by_group(registered: Any) -> dict[Any, Entry]:
    return _first_by(lambda result: _group_key(result.get(LOOP_VARIABLE)), task_results(registered))


def read_streams(step: StepRun) -> list[Entry]:
    """Return one entry for each stream of each planned group, in the order of the plan."""
    by_group = _results_by_group(step.registered)
    entries = []
    for group in step.planned:
        result = by_group.get(_group_key(group), {})
        answers = _first_by(_stream_id, mappings(result, "streams"))
        # Only the group's own result: what another vendor's task said is no reason for this one.
        reason = reason_for_silence([result], step.error)
        place = {key: group[key] for key in GROUP_KEYS if group.get(key)}
        for name in group["streams"]:
            identity = {"stream_id": name, **place}
            answer = answers.get(name)
            if step.wanted:
                entry = report_entry(answer, identity, reason, step.silence)
            else:
                entry = skipped_entry(identity)
            announced = _announced_files(answer or {})
            entries.append({**entry, "announced": announced} if announced else entry)
    return entries


def _announced_files(answer: Entry) -> list[Entry]:
    """Return the files that a vendor named when it acknowledged the stop, before they can be searched for."""
    return [typed(file, _ANNOUNCED_TYPES) for file in mappings(answer, "files") if file.get("persistent_id")]


def read_rooms(step: StepRun) -> list[Entry]:
    """Return one entry for each room that was to be closed."""
    if not step.wanted:
        return [skipped_entry({"room_id": name}) for name in step.planned]
    answers = _first_by(_room_id, all_mappings(step.registered, "rooms"))
    reason = reason_for_silence(task_results(step.registered), step.error)
    return [report_entry(answers.get(name), {"room_id": name}, reason, step.silence) for name in step.planned]


def read_relays(step: StepRun) -> list[Entry]:
    """Return one entry for each relay that was to be stopped, with as much of its address as may be shown.

    The module does not return addresses either, so a relay is known by its position: the answers count only if they
    name the planned streams in the planned order.
    """
    answers = all_mappings(step.registered, "relays")
    # Several relays of one stream differ only in their addresses, so its ID alone cannot tell them apart.
    complete = list(map(_stream_id, answers)) == list(map(_stream_id, step.planned))
    reason = reason_for_silence(task_results(step.registered), step.error)
    entries = []
    for position, relay in enumerate(step.planned):
        identity = {"stream_id": relay["stream_id"], "cdn": Relay(relay["stream_id"], relay["cdn_url"]).cdn()}
        if step.wanted:
            entries.append(report_entry(answers[position] if complete else None, identity, reason, step.silence))
        else:
            entries.append(skipped_entry(identity))
    return entries


def read_files(step: StepRun) -> FileSearch:
    """Return the recorded files of the planned groups, and what kept the search from finding more."""
    by_group = _results_by_group(step.registered)
    search = FileSearch({}, {}, set(), {})
    for group in step.planned:
        vendor = group["vendor"]
        result = by_group.get(_group_key(group), {})
        for file in mappings(result, "files"):
            search.files.setdefault((vendor, str(_stream_id(file))), []).append(_file(file))
        answers = _first_by(_stream_id, mappings(result, "streams"))
        unanswered = {"failed": True, "message": reason_for_silence([result], step.error)}
        for name in group["streams"]:
            answer = answers.get(name, unanswered)
            search.recordings[vendor, name] = _recording(answer)
            if answer.get("failed"):
                search.problems[vendor, name] = typed(answer, _ENTRY_TYPES)
            # A module that was killed says nothing of a stream, and that is no good news.
            if answer.get("missing") or answer.get("failed"):
                search.incomplete.add((vendor, name))
    return search


def _recording(answer: Entry) -> Entry:
    """Return what the files of a stream come to. ``whole`` is missing where nobody knows when it was stopped."""
    recording = typed(answer, _RECORDING_TYPES)
    if isinstance(answer.get("whole"), bool):
        recording["whole"] = answer["whole"]
    gaps = [typed(gap, _GAP_TYPES) for gap in mappings(answer, "gaps")]
    return {**recording, "gaps": gaps} if gaps else recording


def _file(file: Entry) -> Entry:
    """Return one recorded file, with its address only if that is safe to follow."""
    # The query of an address may be a signature that lets anybody fetch the file.
    link = safe_link(file.get("url"))
    details = typed(file, _FILE_TYPES)
    return {**details, "url": link} if link else details


def warnings(registered: Any) -> list[str]:
    """Return the distinct warnings of a task. ansible-core 2.19 and newer register them as mappings."""
    texts: dict[str, None] = {}
    for source in [registered, *task_results(registered)]:
        for warning in source.get("warnings") or [] if isinstance(source, dict) else []:
            texts[_warning_text(warning)] = None
    return list(texts)


def _warning_text(warning: Any) -> str:
    event = warning.get("event") if isinstance(warning, dict) else None
    return str(event.get("msg", event) if isinstance(event, dict) else warning)
