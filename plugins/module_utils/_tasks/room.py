# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The task of zego_room: reads its options, has the rooms closed, and exits."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.steps import run_jobs
from ansible_collections.zego.cloud.plugins.module_utils._event import rooms as _rooms
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.module_utils._result import task_result

SPEC: dict[str, dict[str, Any]] = {
    "rooms": {"type": "list", "elements": "str", "required": True, "aliases": ["room_ids", "room_id"]},
    "state": {"type": "str", "default": "closed", "choices": ["closed"]},
    "reason": {"type": "str"},
    "room_close_callback": {"type": "bool", "default": False},
}


def read(params: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return the rooms, and why some of them cannot be sent. Raises ``ValueError``."""
    _validation.check_size("reason", params["reason"] or "", _rooms.REASON_BYTES)
    return _rooms.check_rooms("rooms", params["rooms"])


def main() -> None:
    module = ZegoModule(SPEC)
    rooms, refused = module.accept(read)
    sent = [room for room in rooms if room not in refused]
    check_mode, environment = module.ansible.check_mode, module.environment
    client = module.client(_rooms.LIST if check_mode else _rooms.CLOSE)
    module.on_interrupt(client.interrupt)
    if check_mode:
        jobs = [partial(_rooms.expect_closing, room, environment) for room in sent]
    else:
        reason, callback = module.params["reason"], module.params["room_close_callback"]
        jobs = [partial(_rooms.close_room, room, reason, environment, callback=callback) for room in sent]
    found = run_jobs(client, jobs, lambda number, error: _rooms.not_closed(sent[number], error))
    entries = _rooms.with_refused(rooms, refused, found)
    module.exit(task_result(_rooms.SUBJECT, entries, client.requests_sent, with_diff=module.ansible._diff))
