# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""StopCDNRecord and StartCDNRecord."""

from __future__ import annotations

import checks
import shapes
from registry import Refused, action


@action("StopCDNRecord")
def stop_cdn_record(world, request, record):
    """Stop recordings; one entry a stream."""
    return _recording(world, request, record, starting=False)


@action("StartCDNRecord")
def start_cdn_record(world, request, record):
    """Start recordings; one entry a stream."""
    return _recording(world, request, record, starting=True)


def _recording(world, request, record, starting):
    refusal = checks.check(request, world.settings, world.clock, starting)
    if refusal:
        raise Refused(*refusal)
    record.work = True
    world.journal.received(request.vendor, len(request.streams))
    items = []
    results = []
    # The same stream twice in one request is not documented: each entry is handled by itself, in order.
    for stream in request.streams:
        word, found = _one_stream(world, request, record, stream, starting)
        results.append(word)
        items.extend(found)
    record.results = tuple(results)
    for stream in world.faults.unrequested_streams(request, record):
        items.extend(_rows(world, request, stream, "success", "", starting))
    return {request.vendor: shapes.wrap(request.vendor, items, world.settings, world.clock)}


def _one_stream(world, request, record, stream, starting):
    plan = world.faults.for_entry(request, stream, record) if world.faults.rules else None
    if plan and plan.skip:
        word, found = "fault", _fault_rows(world, request, stream, plan, starting)
    else:
        outcome = _work(world, request, stream, starting)
        word = outcome.event
        if plan and plan.verdict:
            found = _fault_rows(world, request, stream, plan, starting)
        else:
            found = _rows(world, request, stream, outcome.situation, outcome.task_id, starting)
    return word, plan.change(found) if plan else found


def _work(world, request, stream, starting):
    vendor = request.vendor
    if not world.journal.vendor_takes(vendor, world.settings.streams_per_second(vendor), request.at):
        return world.recordings.throttled(vendor, stream, request)
    if starting:
        end = request.get("EndTime") if vendor == "Tencent" else ""
        return world.recordings.start(vendor, stream, request, int(end) if end else None)
    return world.recordings.stop(vendor, stream, request)


def _rows(world, request, stream, situation, task_id, starting):
    verdict = world.settings.vendor_code(request.vendor, situation)
    return shapes.rows(request.vendor, stream, verdict, task_id, starting, world.settings)


def _fault_rows(world, request, stream, plan, starting):
    if plan.verdict is None:
        return []
    return shapes.rows(request.vendor, stream, plan.verdict, "", starting, world.settings)
