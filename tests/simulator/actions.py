# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The actions the API knows: each module registers its own."""

from __future__ import annotations

import event_actions  # noqa: F401
import recording_actions  # noqa: F401
from registry import ACTIONS, Refused

__all__ = ["ACTIONS", "Refused"]
