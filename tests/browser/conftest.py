# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Browsers for the tests."""

from __future__ import annotations

import shutil

import pytest
from chromium import TREE, Browser


def pytest_unconfigure():
    shutil.rmtree(TREE, ignore_errors=True)


def _browser(tmp_path_factory, **options):
    browser = Browser(tmp_path_factory.mktemp("profile"), **options)
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    yield from _browser(tmp_path_factory)


@pytest.fixture(scope="session")
def browser_without_javascript(tmp_path_factory):
    yield from _browser(tmp_path_factory, javascript=False)
