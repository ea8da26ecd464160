# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what Ansible registered of the role's tasks: whatever came back, each item that was asked for gets exactly one entry. Pure."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay
from ansible_collections.zego.cloud.plugins.plugin_utils._text import safe_link

# The loop variable of the role's tasks: the group of streams that a result is about.
GROUP = "__zego_teardown_group"
PLACE = ("vendor", "domain", "point")
_FACTS = {"code": str, "message": str, "request_id": str, "vendor_request_id": str, "task_id": str, "attempts": int}
_FILE = {"file_id": str, "name": str, "format": str, "size": float, "duration": float, "created": str, "expires": str}

_ANNOUNCED = {"format": str, "persistent_id": str}

Entry = dict[str, Any]


def results_of(registered: Any) -> list[Entry]:
    """Return the results of a registered task, of its items where it was a loop; none where it was skipped or did not run."""
    if not isinstance(registered, dict):
        return []
    found = registered["results"] if isinstance(registered.get("results"), list) else [registered]
    return [result for result in found if isinstance(result, dict) and result and not result.get("skipped")]


def listed(result: Entry, key: str) -> list[Entry]:
    """Return the mappings of the list ``key`` of a result."""
    found = result.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def trouble(results: list[Entry], error: Any) -> str:
    """Return why an item has no entry: what the task said instead, or the step's own error."""
    for result in results:
        if result.get("unreachable"):
            return f"the host that runs the module was not reachable: {result.get('msg', '')}".strip(" :")
        if result.get("msg"):
            return str(result["msg"])
    return str(error) if error else "the task did not get as far as this."


def typed(found: Entry, kinds: Mapping[str, type]) -> Entry:
    """Return the keys of ``kinds`` that ``found`` has a value for: texts as text, numbers only where they are some."""
    made: Entry = {}
    for key, kind in kinds.items():
        value = found.get(key)
        if kind is str and value not in (None, ""):
            made[key] = str(value)
        elif (
            kind is not str
            and isinstance(value, (int, float))
            and not isinstance(value, bool)
            and 0 <= value < float("inf")
        ):
            made[key] = int(value) if kind is int else value
    return made


def entry_of(found: Entry | None, head: Entry, why: str) -> Entry:
    """Return the report's entry: ``head``, and what the module said of it; a failed one where it said nothing."""
    if found is None:
        return {**head, "outcome": "failed", "changed": False, "failed": True, "message": why}
    outcome = found.get("outcome")
    # An entry that says nothing of its outcome is no success.
    failed = bool(found.get("failed")) or not outcome
    return {
        **head,
        "outcome": str(outcome or "failed"),
        "changed": bool(found.get("changed")),
        "failed": failed,
        **typed(found, _FACTS),
    }


def passed_over(head: Entry) -> Entry:
    """Return the entry of an item whose step did not run on purpose."""
    return {**head, "outcome": "skipped", "changed": False, "failed": False}


def _index(entries: list[Entry], key: Callable[[Entry], Any]) -> dict[Any, Entry]:
    """Return {key: entry}; the first one counts."""
    found: dict[Any, Entry] = {}
    for entry in entries:
        found.setdefault(key(entry), entry)
    return found


def _place(value: Any) -> tuple[Any, ...]:
    return tuple(value.get(key) for key in PLACE) if isinstance(value, dict) else ()


def streams(groups: list[Entry], registered: Any, ran: bool, error: Any) -> list[Entry]:
    """Return one entry for each stream of each group, in the order asked."""
    by_place = _index(results_of(registered), lambda result: _place(result.get(GROUP)))
    made = []
    for group in groups:
        result = by_place.get(_place(group))
        found = _index(listed(result, "streams") if result else [], lambda entry: entry.get("stream_id"))
        why = trouble([result] if result else [], error)
        for name in group["streams"]:
            head = {"stream_id": name, **{key: group[key] for key in PLACE if group.get(key)}}
            entry = entry_of(found.get(name), head, why) if ran else passed_over(head)
            announced = [
                typed(file, _ANNOUNCED) for file in listed(found.get(name, {}), "files") if file.get("persistent_id")
            ]
            made.append({**entry, **({"announced": announced} if announced else {})})
    return made


def rooms(names: list[str], registered: Any, ran: bool, error: Any) -> list[Entry]:
    """Return one entry for each room that was to be closed."""
    results = results_of(registered)
    found = _index(
        [entry for result in results for entry in listed(result, "rooms")], lambda entry: entry.get("room_id")
    )
    heads = [{"room_id": name} for name in names]
    return [
        entry_of(found.get(head["room_id"]), head, trouble(results, error)) if ran else passed_over(head)
        for head in heads
    ]


def relays(pairs: list[Entry], registered: Any, ran: bool, error: Any) -> list[Entry]:
    """Return one entry for each relay that was to be stopped. Its address carries the key to publish there, and is cut.

    The module answers in the order asked, and names no address either: the place in the list tells which is which.
    """
    results = results_of(registered)
    found = [entry for result in results for entry in listed(result, "relays")]
    answered = [entry.get("stream_id") for entry in found] == [pair["stream_id"] for pair in pairs]
    made = []
    for number, pair in enumerate(pairs):
        head = {"stream_id": pair["stream_id"], "cdn": Relay(pair["stream_id"], pair["cdn_url"]).cdn()}
        made.append(
            entry_of(found[number] if answered else None, head, trouble(results, error)) if ran else passed_over(head)
        )
    return made


def file_of(found: Entry) -> Entry:
    """Return one recorded file; its address only where it is safe to follow, and without query and password."""
    link = safe_link(found.get("url"))
    return {**typed(found, _FILE), **({"url": link} if link else {})}


class Files(NamedTuple):
    """What a look for recorded files brought: the files, and why there may be more, by (vendor, stream)."""

    found: dict[tuple[str, str], list[Entry]]
    troubles: dict[tuple[str, str], Entry]


def files(groups: list[Entry], registered: Any, error: Any) -> Files:
    """Return the recorded files of the streams of ``groups``; a stream whose files could not be asked for has its trouble told."""
    by_place = _index(results_of(registered), lambda result: _place(result.get(GROUP)))
    looked = Files({}, {})
    for group in groups:
        result = by_place.get(_place(group)) or {}
        vendor = group["vendor"]
        for file in listed(result, "files"):
            looked.found.setdefault((vendor, str(file.get("stream_id"))), []).append(file_of(file))
        told = _index(listed(result, "streams"), lambda entry: entry.get("stream_id"))
        for name in group["streams"]:
            entry = told.get(name, {"failed": True, "message": trouble([result] if result else [], error)})
            if entry.get("failed"):
                looked.troubles[vendor, name] = typed(entry, _FACTS)
    return looked


def warnings(registered: Any) -> list[str]:
    """Return the warnings of a task. ansible-core 2.19 and newer keep them as mappings."""
    found = []
    for source in [registered, *results_of(registered)]:
        for item in source.get("warnings") or [] if isinstance(source, dict) else []:
            event = item.get("event") if isinstance(item, dict) else None
            found.append(str(event.get("msg", event) if isinstance(event, dict) else item))
    return list(dict.fromkeys(found))
