# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Where actions are registered. One more action is one more function with @action."""

from __future__ import annotations

ACTIONS = {}


class Refused(Exception):
    """The action refuses the whole request with a code."""

    def __init__(self, code, detail=""):
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def action(*names):
    """Register a function(world, request, record) -> Data under the names of actions.

    It runs under the world's lock. It may raise Refused, and returns None where no Data is documented."""

    def register(function):
        for name in names:
            ACTIONS[name] = function
        return function

    return register
