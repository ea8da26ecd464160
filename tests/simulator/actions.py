# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions the API knows: each module registers its own."""

from __future__ import annotations

import event_actions
import media_actions
import recording_actions
from registry import ACTIONS, Refused

MODULES = (event_actions, media_actions, recording_actions)

__all__ = ["ACTIONS", "MODULES", "Refused"]
