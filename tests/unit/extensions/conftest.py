# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the event sources have in common: a spool, a log, a simulator."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.client import Simulator  # noqa: E402


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    """A home of the test's own: the pace is shared by a file there."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def spool(tmp_path):
    return str(tmp_path / "spool.sqlite3")


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO)
    return caplog


@pytest.fixture
def simulator():
    with Simulator(quota=0, room_seconds=0) as started:
        yield started
