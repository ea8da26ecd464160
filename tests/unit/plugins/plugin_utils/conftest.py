# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the role's plugins share."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

SCHEMA = Path(__file__).resolve().parents[4] / "docs" / "teardown-report.schema.json"


@pytest.fixture(scope="session")
def valid():
    """Return a function that checks a report against the shipped schema, and returns it."""
    checker = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    def check(report):
        checker.validate(json.loads(json.dumps(report)))
        return report

    return check
