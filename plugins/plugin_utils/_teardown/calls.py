# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which modules a step of the teardown runs, and with what. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import Progress, followup
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import LOOP_VARIABLE, Entry

# What has these groups of streams to do has a call for each.
GROUPED = ("recordings", "files")
_DAY = 86400
_LONGEST_DELAY = 5


def work_of(step: str, facts: Entry) -> list[Any]:
    """Return what a step has to do, given how the earlier ones ended."""
    progress = Progress(facts)
    if step == "rooms":
        return list(followup(facts)["rooms"])
    if step == "files" and not progress.wanted(step):
        return []
    return progress.planned(step)


def calls_of(step: str, work: list[Any], settings: Entry, *, now: float) -> list[Entry]:
    """Return the calls of a step that has work: each {module, args}. ``now``: in Unix seconds."""
    if step == "discover":
        return [_call("zego_stream_info", rooms=[room["room_id"] for room in work])]
    if step == "recordings":
        return [_recordings(group, settings) for group in work]
    if step == "relays":
        absent = settings.get("relay_absent_codes")
        return [_call("zego_cdn_relay", relays=work, absent_codes=absent, **_ledger(settings))]
    if step == "rooms":
        reason, callback = settings.get("close_reason"), settings.get("close_callback")
        return [_call("zego_room", rooms=work, state="closed", reason=reason, room_close_callback=callback)]
    return [_files(group, settings, now=now) for group in work]


def check_call(settings: Entry) -> Entry:
    """Return a call that checks the options of the connection, wherever they come from: in check mode it sends nothing.

    Without it, every step would fail for a secret that is missing.
    """
    pace = settings.get("requests_per_second")
    call = _call("zego_cdn_record", vendor="Tencent", streams=["none-is-stopped-here"], requests_per_second=pace)
    # The defaults of a play may be for Aliyun.
    call["args"].update(domain=None, point=None, ledger="")
    return {**call, "check_mode": True, "required": True}


def preflight_call(settings: Entry, vendors: list[str]) -> Entry:
    """Return the call that asks the API whether it can be used; in check mode it sends the same."""
    pace = settings.get("requests_per_second")
    return _call("preflight", vendors=vendors, requests_per_second=pace)


def registered(step: str, work: list[Any], results: list[Entry]) -> Entry:
    """Return the results of a step's calls in the form in which Ansible registers those of a task."""
    if step not in GROUPED:
        return results[0] if results else {}
    return {"results": [{**result, LOOP_VARIABLE: group} for group, result in zip(work, results)]}


def _call(module: str, **args: Any) -> Entry:
    return {"module": module, "args": {name: value for name, value in args.items() if value is not None}}


def _ledger(settings: Entry) -> Entry:
    return {"ledger": settings.get("ledger"), "ledger_ttl": settings.get("ledger_ttl")}


def _recordings(group: Entry, settings: Entry) -> Entry:
    return _call(
        "zego_cdn_record",
        vendor=group["vendor"],
        streams=group["streams"],
        # The plan has refused white space at the ends of names that somebody wrote. What is left came from the API.
        exact_names=True,
        domain=group.get("domain"),
        point=group.get("point"),
        not_recording_codes=settings["not_recording_codes"].get(group["vendor"]),
        expect_recording=settings["expect_recording"],
        requests_per_second=settings.get("requests_per_second"),
        **_ledger(settings),
        # The report has every stream, whatever the defaults of the play say.
        result="all",
    )


def _files(group: Entry, settings: Entry, *, now: float) -> Entry:
    delay = max(settings["files_delay"], 1)
    return _call(
        "zego_media_info",
        vendor=group["vendor"],
        streams=group["streams"],
        exact_names=True,
        # A file that an earlier event left under the same name does not count.
        since=settings.get("files_since", str(int(now) - _DAY)),
        app=settings.get("files_app") if group["vendor"] in ("Ws", "Huawei") else None,
        wait=True,
        wait_for=group["stops"],
        wait_timeout=settings["files_retries"] * delay,
        wait_delay=min(delay, _LONGEST_DELAY),
        wait_tolerance=settings["files_tolerance"],
        requests_per_second=settings.get("requests_per_second"),
    )
