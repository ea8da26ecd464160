# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How many examples a property is tried with: thirty, or as many as ``--hypothesis-profile=few`` or ``full`` say."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples each time, however slow the machine.
settings.register_profile(
    "full",
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=30)
settings.register_profile("few", settings.get_profile("full"), max_examples=8)
settings.load_profile("quick")
