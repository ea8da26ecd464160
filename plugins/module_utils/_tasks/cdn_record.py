# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The task of zego_cdn_record: reads its options, has the recordings stopped or started, and exits."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import (
    ACTIONS,
    BATCH_SIZE,
    Order,
    RecordingJob,
    expected_results,
)
from ansible_collections.zego.cloud.plugins.module_utils._recording.result import (
    ALL,
    KEPT,
    recording_result,
    unconfirmed,
    with_entries_of,
)
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_names import vendor_advice
from ansible_collections.zego.cloud.plugins.module_utils._values import printable

AUTO = _validation.AUTO_SIZE
SPEC: dict[str, dict[str, Any]] = {
    "streams": {"type": "list", "elements": "str", "required": True, "aliases": ["stream_ids", "stream_id"]},
    "exact_names": {"type": "bool", "default": False},
    "vendor": {"type": "str", "required": True, "choices": list(VENDORS)},
    "state": {"type": "str", "default": "stopped", "choices": ["stopped", "started"]},
    "domain": {"type": "str"},
    "point": {"type": "str"},
    "end_time": {"type": "int"},
    "force": {"type": "bool", "default": False},
    "expect_recording": {"type": "bool", "default": False},
    "batch_size": {"type": "str", "default": AUTO},
    "not_recording_codes": {"type": "list", "elements": "str", "default": []},
    "ledger_ttl": {"type": "int", "default": 3600},
    "ledger_required": {"type": "bool", "default": False},
    "result": {"type": "str", "default": ALL, "choices": list(KEPT)},
    "requests_per_second": {"type": "float", "default": 20},
}


def make_order(params: dict[str, Any], environment: Environment) -> Order:
    """Return the job's order from the module's parameters."""
    names = ("vendor", "domain", "point", "end_time", "force", "expect_recording", "ledger_required")
    size = params["batch_size"].strip()
    return Order(
        batch_size=BATCH_SIZE if size == AUTO else int(size),
        batches_grow=size == AUTO,
        verb="stop" if params["state"] == "stopped" else "start",
        environment=environment,
        not_recording_codes=frozenset(params["not_recording_codes"]),
        **{name: params[name] for name in names},
    )


def end_time_advice(text: str) -> str:
    """Return what to tell whoever gave a date, '' where it is a number."""
    if text.strip().lstrip("+-").isdecimal():
        return ""
    return (
        "end_time must be Unix seconds, such as 1790546400: date -d '2026-09-27 22:00' +%s prints them, or in a "
        "playbook \"{{ ('2026-09-27 22:00:00' | to_datetime).timestamp() | int }}\"."
    )


def read(params: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return the streams, and why some of them cannot be sent. Raises ``ValueError``."""
    _validation.check_order(params)
    _validation.check_batch_size(params["batch_size"])
    if params["ledger_required"] and params["state"] == "started" and not params["ledger"]:
        raise ValueError("ledger_required needs a ledger: set ledger to a path or an address.")
    streams, refused = _validation.sort_names("streams", params["streams"], exact=params["exact_names"])
    environment = environment_of(params["app_id"], params["is_test"])
    for stream in streams:
        bare = environment.bare_name(stream)
        if bare != stream and bare in streams:
            shown = printable(stream)
            refused[stream] = f"streams: '{shown}' is the same in the test environment with and without its prefix."
    return streams, refused


def main() -> None:
    module = ZegoModule(SPEC, positive=("ledger_ttl",), advice={"vendor": vendor_advice, "end_time": end_time_advice})
    streams, refused = module.accept(read)
    params, check_mode = module.params, module.ansible.check_mode
    order = make_order(params, module.environment)
    # Aliyun records a stream separately at each domain and point.
    scope = "/".join(part for part in (params["domain"], params["point"]) if part)
    ledger = module.ledger(params["vendor"], scope=scope, read_only=check_mode, starts=order.verb == "start")
    if check_mode:
        results, api_requests = expected_results(order, ledger, streams, refused), 0
    else:
        client = module.client(shared=ACTIONS[order.verb], vendor=order.vendor)
        module.on_interrupt(client.interrupt)
        job = RecordingJob(
            client,
            ledger,
            order,
            streams=streams,
            refused=refused,
            retries=params["retries"],
            url_bytes=len(module.shown_url),
            warn=module.warn,
        )
        results, api_requests = job.run(), client.requests_sent
    returned = recording_result(params["vendor"], results, api_requests, with_diff=module.ansible._diff)
    warning = unconfirmed(params["vendor"], returned["streams"])
    if warning:
        module.warn(warning)
    module.exit(with_entries_of(params["result"], returned))
