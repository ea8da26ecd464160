# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The task of zego_stream_info: reads its options, has the rooms asked, and exits."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._event import rooms as _rooms
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule

SPEC: dict[str, dict[str, Any]] = {
    "rooms": {"type": "list", "elements": "str", "required": True, "aliases": ["room_ids", "room_id"]},
    "requests_per_second": {"type": "float", "default": 50},
}


def main() -> None:
    module = ZegoModule(SPEC)
    rooms, refused = module.accept(lambda params: _rooms.check_rooms("rooms", params["rooms"]))
    module.exit(_rooms.list_rooms(module.client(_rooms.LIST), rooms, module.environment, refused=refused))
