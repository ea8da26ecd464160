# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real headless browser, and pages of the report for it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output" / "report"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
# This tree, as the collection that its plugins import from.
_tree = Path(tempfile.mkdtemp(prefix="zego-report-"))
(_tree / "ansible_collections" / "zego").mkdir(parents=True)
(_tree / "ansible_collections" / "zego" / "cloud").symlink_to(ROOT)
sys.path[:0] = [str(_tree), str(ROOT / "tests" / "unit" / "plugins" / "plugin_utils")]


def pytest_unconfigure():
    shutil.rmtree(_tree, ignore_errors=True)


class Browser:
    """A headless Chromium, with what a test asks of it."""

    def __init__(self, profile, javascript=True):
        options = webdriver.ChromeOptions()
        options.binary_location = next(path for path in map(shutil.which, BROWSERS) if path)
        for option in (*OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        if not javascript:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def open(self, path, width=1280, *, height=900, dark=False):
        """Open a file in a window of that size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get(Path(path).resolve().as_uri())

    def run(self, script, *arguments):
        """Return what a script returns."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        """Return the only element of a selector."""
        (found,) = self.driver.find_elements("css selector", selector)
        return found

    def shown(self):
        """Return the names of the streams that the table shows, in its order."""
        return self.run(
            "return [...document.querySelectorAll('#table tbody tr')].filter(row => !row.hidden)"
            ".map(row => row.cells[0].querySelector('code').textContent)"
        )

    def log(self):
        """Return the messages in the browser's console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, name):
        """Save a screenshot of the window; return its path."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        path = OUTPUT / f"{name}.png"
        assert self.driver.save_screenshot(str(path))
        return path


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
