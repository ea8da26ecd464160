# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes pictures of the report page: ``nox -s report -- --pictures``. They go to tests/output/report."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from chromium import OUTPUT, TREE, Browser
from pages import write

LOOKS = {"light": False, "dark": True}


def main():
    folder = Path(tempfile.mkdtemp(prefix="zego-pictures-"))
    browser = Browser(folder / "profile")
    try:
        for count in (5, 200):
            for language in ("en", "zh"):
                page = write(folder / f"{language}-{count}.html", count=count, language=language)
                for width in (390, 1280):
                    for look, dark in LOOKS.items():
                        browser.open(page, width, dark=dark)
                        print(browser.picture(f"page-{language}-{count}-{width}-{look}"))
    finally:
        browser.driver.quit()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(TREE, ignore_errors=True)
    print(f"The pictures are in {OUTPUT}")


if __name__ == "__main__":
    main()
