# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role hands on: the fact zego_teardown_result, and the totals for whatever runs the playbook. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import Entry
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import totals

_STREAM_KEYS = ("stream_id", "vendor", "room_id", "domain", "point", "outcome", "code", "message", "request_id")


def run_result(report: Entry, *, failure: str, short: str, report_dir: str, reports: dict[str, str]) -> Entry:
    """Return the fact.

    ``failure``: why the teardown failed, in one line, '' if it did not; ``short``: the report for a chat;
    ``report_dir``: '' where nothing was written; ``reports``: the path of each form that was written.
    """
    failed = [stream for stream in report["streams"] if stream["failed"]]
    return {
        "event": report["event"],
        "check_mode": report["check_mode"],
        "interrupted": bool(report.get("interrupted")),
        "failed": bool(failure) or report["failed"],
        "msg": failure,
        "short": short,
        "totals": report["totals"],
        "outcomes": report["outcomes"],
        "files": report["files"],
        "failed_streams": [_known(stream) for stream in failed],
        "failures": report["failures"],
        "preflight": report.get("preflight", []),
        "report_dir": report_dir,
        "reports": reports,
    }


def _known(stream: Entry) -> Entry:
    return {key: stream[key] for key in _STREAM_KEYS if stream.get(key)}


def no_result(
    event: Any,
    problem: str,
    *,
    short: str,
    check_mode: bool,
    interrupted: bool = False,
    report_dir: str = "",
    reports: dict[str, str] | None = None,
) -> Entry:
    """Return the fact of an event without a report that came to its end.

    ``problem``: why it was refused before its first step; or, where it was ``interrupted``, that it was. Then the
    report is the one that says so, if it was written.
    """
    return {
        "event": str(event),
        "check_mode": check_mode,
        "interrupted": interrupted,
        "failed": True,
        "msg": problem,
        "short": short,
        "totals": totals([]),
        "outcomes": {},
        "files": {"waited_for": 0, "found": 0, "bytes": 0, "missing": 0, "incomplete": 0, "unknown": 0},
        "failed_streams": [],
        "failures": [],
        "preflight": [],
        "report_dir": report_dir,
        "reports": reports or {},
    }


def run_stats(report: Entry, result: Entry) -> Entry:
    """Return what ``set_stats`` hands to whatever runs the playbook."""
    failures = [failure for failure in report["failures"] if failure["step"] == "recordings"]
    names = [failure["name"] for failure in failures]
    kept = ("event", "check_mode", "failed", "totals", "outcomes", "files", "report_dir")
    return {**{key: result[key] for key in kept}, "failed_streams": names}
