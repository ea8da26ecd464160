# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the role asks before its first step: reads the options, asks the API whether it can be used, and exits."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._event.preflight import DOWN, REFUSED, Clients, ask
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule

SPEC: dict[str, dict[str, Any]] = {"vendors": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    module = ZegoModule(SPEC)
    vendors = module.accept(lambda params: params["vendors"])
    clients = Clients(module.client)
    answers = ask(clients.client_for, vendors, module.environment)
    failed = [answer for answer in answers if answer["verdict"] in (DOWN, REFUSED)]
    module.exit(
        {
            "changed": False,
            "failed": bool(failed),
            "msg": " | ".join(answer["message"] for answer in failed),
            "answers": answers,
            "address": module.shown_url,
            "seconds_ahead": clients.seconds_ahead,
            "api_requests": clients.requests_sent,
        }
    )
