# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Redis or Valkey server for the tests that need one. Without it they are skipped, and fail in CI."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[3]


def _servers():
    """The class of servers, and a function that says what a test with one lacks here."""
    folder = str(TESTS / "integration" / "targets" / "support_zego")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("redis_server")


@pytest.fixture(scope="session")
def start_server():
    """A function that starts a server of the test's own."""
    servers, started = _servers(), []
    lack = servers.missing()
    if lack and os.environ.get("CI"):
        pytest.fail(lack)
    if lack:
        pytest.skip(lack)

    def start(**options):
        started.append(servers.RedisServer(**options))
        return started[-1].__enter__()

    yield start
    for server in started:
        server.__exit__()


@pytest.fixture(scope="session")
def running_server(start_server):
    return start_server()


@pytest.fixture
def server(running_server):
    """A server with nothing in it."""
    running_server.client().flushall()
    return running_server
