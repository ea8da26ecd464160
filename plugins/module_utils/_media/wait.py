# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Searches again and again, until each stream's recording is whole or the time is over."""

from __future__ import annotations

import time
from typing import Any, Callable, Iterable, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _times, _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import RefusedForContent
from ansible_collections.zego.cloud.plugins.module_utils._media.recordings import Recording, read_recording
from ansible_collections.zego.cloud.plugins.module_utils._media.search import COMPLETE, Findings, Search

# Each pause between two searches is half as long again as the one before it, up to this.
LONGEST_PAUSE = 60.0
_GROWTH = 1.5


class Wait(NamedTuple):
    """What is waited for.

    ``stops``: when the recording of a stream was stopped, in Unix seconds of the API's clock, as far as it is known;
    ``tolerance``: see ``read_recording``; ``timeout``: for how many seconds to search again, 0 for a single search;
    ``delay``: seconds between the first two searches; ``fail``: whether the task fails for what did not come.
    """

    stops: dict[str, float]
    tolerance: float
    timeout: float = 0.0
    delay: float = 5.0
    fail: bool = False

    def recording(self, stream: str, files: list[dict[str, Any]]) -> Recording:
        """Return what these files of a stream come to."""
        return read_recording(files, self.stops.get(stream), self.tolerance)


def make_wait(params: dict[str, Any], *, check_mode: bool) -> Wait | None:
    """Return what the module's parameters say is waited for, None for nothing.

    Raises ``ValueError`` with a sentence for the user.
    """
    if not params["wait"] and params["wait_for"] is None:
        if params["fail_on_missing"]:
            raise ValueError("fail_on_missing needs wait or wait_for.")
        return None
    for option, needed in (("streams", True), ("limit", False)):
        if (params[option] is not None) is not needed:
            raise ValueError(f"wait and wait_for {'need' if needed else 'cannot be combined with'} {option}.")
    for option in ("wait_timeout", "wait_tolerance"):
        if not 0 <= params[option] <= _validation.LARGEST:
            raise ValueError(f"{option} must be between 0 and {_validation.LARGEST}, not {params[option]}.")
    # In check mode nothing was stopped, so no file will come.
    waits = params["wait"] and not check_mode
    return Wait(
        _stops(params["wait_for"] or []),
        params["wait_tolerance"],
        timeout=params["wait_timeout"] if waits else 0.0,
        delay=params["wait_delay"],
        fail=params["fail_on_missing"],
    )


def _stops(entries: list[Any]) -> dict[str, float]:
    """Return when each stream was stopped, of the entries that say so. Their other keys do not matter."""
    stops: dict[str, float] = {}
    for position, entry in enumerate(entries, 1):
        where = f"wait_for: entry {position}"
        if not isinstance(entry, dict) or not entry.get("stream_id"):
            raise ValueError(f"{where} has no stream_id.")
        # zego_cdn_record leaves it out where nobody knows.
        if entry.get("stopped_at") in (None, ""):
            continue
        stopped_at = _times.parse(str(entry["stopped_at"]))
        if stopped_at is None:
            raise ValueError(
                f"{where}, stopped_at {str(entry['stopped_at'])[:64]!r} is neither Unix seconds nor an ISO 8601 time "
                "such as 2026-05-01T22:00:04Z."
            )
        stops[str(entry["stream_id"])] = stopped_at
    return stops


def search_until_whole(
    search: Search,
    wait: Wait,
    look: Callable[[Search], Findings],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Findings:
    """Return what was found, of each stream by the last search for it. ``look`` makes one search.

    A stream whose recording is whole is not searched for again. A large cut can be listed after the small one that
    follows it: so it counts as whole only once two searches in a row found the same files, unless there is only one.
    """
    deadline = clock() + wait.timeout
    pause = wait.delay
    pending = list(search.sent(search.streams) or [])
    last: dict[str, Findings] = {}
    before: dict[str, frozenset[Any]] = {}
    while pending:
        findings = look(search._replace(streams=pending, refused={}))
        last.update(dict.fromkeys(pending, findings))
        listed = {stream: _identities(findings.files_of(stream)) for stream in pending}
        settled = {stream for stream in pending if not wait.timeout or before.get(stream) == listed[stream]}
        pending = [stream for stream in pending if not _is_done(stream, findings, wait, settled)]
        before = listed
        left = deadline - clock()
        if not pending or left <= 0 or _is_hopeless(findings):
            break
        sleep(min(pause, left))
        pause = min(pause * _GROWTH, max(LONGEST_PAUSE, wait.delay))
    whole = Findings(search)
    for stream, found in last.items():
        whole.adopt(stream, found)
    return whole


def _identities(files: Iterable[dict[str, Any]]) -> frozenset[Any]:
    return frozenset((file.get("file_id") or file.get("name"), file.get("url")) for file in files)


def _is_done(stream: str, findings: Findings, wait: Wait, settled: set[str]) -> bool:
    # A stream that the API refuses gets no file. The wait for the others goes on.
    error = findings.stream_errors.get(stream)
    if error is not None and (error.lasting or isinstance(error, RefusedForContent)):
        return True
    if findings.states[stream] != COMPLETE or stream not in settled:
        return False
    return not wait.recording(stream, findings.files_of(stream)).missing


def _is_hopeless(findings: Findings) -> bool:
    """Whether a request failed for a reason that no wait removes: signature, permission, configuration, this clock.

    What may be about one stream alone counts only where the API took no other request.
    """
    lasting = [error for error in findings.stream_errors.values() if error.lasting]
    about_all = any(error.ends_run or error.ends_run_after_retries for error in lasting)
    return about_all or (bool(lasting) and COMPLETE not in findings.states.values())
