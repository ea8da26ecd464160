# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The task of zego_cdn_relay: reads its options, has the relays removed, and exits."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._event import relays as _relays
from ansible_collections.zego.cloud.plugins.module_utils._event.relay import check_relays, hide_addresses
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.module_utils._result import task_result

SPEC: dict[str, dict[str, Any]] = {
    # Raw: Ansible's own conversion to a mapping would print what it cannot convert, the key in it included.
    # Not no_log, which would hide the names of the streams as well: hide_addresses hides the addresses.
    "relays": {"type": "list", "elements": "raw", "required": True, "no_log": False},
    "state": {"type": "str", "default": "absent", "choices": ["absent"]},
    "absent_codes": {"type": "list", "elements": "int", "default": []},
    "ledger_ttl": {"type": "int", "default": 3600},
    "requests_per_second": {"type": "float", "default": 10},
}


def main() -> None:
    module = ZegoModule(SPEC, positive=("ledger_ttl",), mask=hide_addresses, masked=("relays",))
    params, check_mode = module.params, module.ansible.check_mode
    relays, refused = module.accept(lambda params: check_relays(params["relays"]))
    ledger = module.ledger(_relays.LEDGER_NAME, read_only=check_mode)
    if check_mode:
        entries, api_requests = _relays.expected_entries(ledger, relays, refused=refused), 0
    else:
        shown = tuple(name for relay in relays for name in relay.names())
        client = module.client(_relays.ACTION, tuple(relay.address() for relay in relays), shown)
        module.on_interrupt(client.interrupt)
        job = _relays.RelayJob(
            client,
            ledger,
            relays,
            refused=refused,
            absent_codes=params["absent_codes"],
            environment=module.environment,
        )
        entries, api_requests = job.remove(), client.requests_sent
    module.exit(task_result(_relays.SUBJECT, entries, api_requests, with_diff=module.ansible._diff))
