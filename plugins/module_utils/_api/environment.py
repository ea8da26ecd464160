# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""ZEGO's test environment, which only projects created on or before 2021-11-16 have (reference page "Calling")."""

from __future__ import annotations

from typing import Any, NamedTuple


class Environment(NamedTuple):
    """``parameters``: what every action takes; ``stream_prefix``: what the environment puts before a stream's name."""

    parameters: tuple[tuple[str, Any], ...] = ()
    stream_prefix: str = ""

    def full_name(self, stream: str) -> str:
        """Return a stream's name as the media service wants it there: with the prefix, once."""
        return stream if stream.startswith(self.stream_prefix) else self.stream_prefix + stream

    def bare_name(self, stream: str) -> str:
        """Return a stream's name in a reply or a file's name as the user knows it: without the prefix."""
        # Stream IDs carry the prefix there. The reference does not say whether replies and files do, so both are read.
        if self.stream_prefix and stream.startswith(self.stream_prefix):
            return stream[len(self.stream_prefix) :]
        return stream


PRODUCTION = Environment()


def environment_of(app_id: int, is_test: bool) -> Environment:
    """Return the environment that the module's options name."""
    return Environment((("IsTest", "true"),), f"zegotest-{app_id}-") if is_test else PRODUCTION
