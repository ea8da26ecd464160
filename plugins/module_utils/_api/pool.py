# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Items of which each takes calls of its own (rooms, relays, streams to search for): all are worked on, several at a time, in one order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Callable, Iterable, TypeVar

from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._recording.outcomes import FAILED, FAILURES, NOT_ATTEMPTED
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import ATTENTION, WORKERS

Item = TypeVar("Item")
Done = TypeVar("Done")


def each(client: ZegoClient, items: Iterable[Item], work: Callable[[Item], Done]) -> list[Done]:
    """Return ``work(item)`` of every item, in their order.

    The client holds the pace. Where it gives up, calls whose turn has not come end with ``NotAttempted`` at once, so that nothing
    needs to be cancelled here. ``work`` must not let a ``ZegoError`` out.
    """
    client.turnstile.streams.lift()
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            while wait(futures, timeout=ATTENTION).not_done:
                client.heed_interrupt()
        except BaseException:
            client.halt(ZegoError("the run was interrupted", "Run it again."))
            raise
        return [future.result() for future in futures]


def facts_of(error: ZegoError) -> dict[str, Any]:
    """Return the keys of an item's entry that come from an error: code, message, request_id."""
    facts = {"code": error.code, "message": f"{error.reason}. {error.advice}".strip(), "request_id": error.request_id}
    return {key: value for key, value in facts.items() if value}


def entry(head: dict[str, Any], outcome: str, changed: bool, facts: dict[str, Any], attempts: int) -> dict[str, Any]:
    """Return an item's entry of the result. ``head``: what names it; ``facts``: what else is known, without empty values."""
    return {**head, "outcome": outcome, "changed": changed, "failed": outcome in FAILURES, **facts, "attempts": attempts}


def failed_entry(head: dict[str, Any], error: ZegoError) -> dict[str, Any]:
    """Return the entry of an item whose call ended with this error."""
    outcome = NOT_ATTEMPTED if isinstance(error, NotAttempted) else FAILED
    return entry(head, outcome, False, facts_of(error), error.attempts)
