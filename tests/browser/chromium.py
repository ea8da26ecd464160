# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real headless browser, with what a test asks of it."""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output" / "report"
# axe.min.js of axe-core, which looks for what keeps people from reading a page. The session report installs it.
AXE = os.environ.get("AXE_CORE", "")
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
TREE = Path(tempfile.mkdtemp(prefix="zego-report-"))
(TREE / "ansible_collections" / "zego").mkdir(parents=True)
(TREE / "ansible_collections" / "zego" / "cloud").symlink_to(ROOT)
sys.path[:0] = [str(TREE), str(ROOT / "tests" / "unit" / "plugins" / "plugin_utils")]


_RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run({resultTypes: ['violations', 'passes']}).then(found => done([
  found.violations.map(broken => broken.id + ': ' + broken.help + ': '
    + broken.nodes.slice(0, 5).map(node => node.html.slice(0, 120)).join(' | ')),
  found.passes.filter(rule => rule.id === 'color-contrast').reduce((sum, rule) => sum + rule.nodes.length, 0),
]), error => done([[String(error)], 0]));
"""


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

    def set_zone(self, name):
        """Let the pages that are opened from now on take the machine to be in this time zone."""
        self.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": name})

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

    def unfold(self):
        """Open the list of the streams, if it is folded."""
        self.run("document.querySelectorAll('.fold').forEach(fold => { fold.open = true; })")

    def axe(self):
        """Return what axe-core finds: the violations, in lines, and how many elements it judged by their contrast."""
        self.run(Path(AXE).read_text(encoding="utf-8"))
        return self.driver.execute_async_script(_RUN_AXE)

    def log(self):
        """Return the messages in the browser's console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, name):
        """Save a screenshot of the whole page, however long it is; return its path."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        size = {"width": self.run("return innerWidth"), "height": self.run("return document.body.scrollHeight")}
        clip = {"x": 0, "y": 0, **size, "scale": 1}
        wanted = {"format": "png", "captureBeyondViewport": True, "clip": clip}
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", wanted)["data"]
        path = OUTPUT / f"{name}.png"
        path.write_bytes(base64.b64decode(data))
        return path
