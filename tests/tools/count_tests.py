# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Adds up the JUnit XML files below a folder: ``N passed, N failed, N skipped``.

The exit code is 1 where one failed, or where nothing ran.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree


def start_over(folder):
    """Remove the results of an earlier run from ``folder``, also those of a target that is gone since; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    return str(folder)


def count(folder):
    """Return (passed, failed, skipped) over all test cases in the XML files below ``folder``."""
    passed = failed = skipped = 0
    for path in sorted(Path(folder).rglob("*.xml")):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped


def main():
    """Print the sum for the folder given as the only argument."""
    passed, failed, skipped = count(sys.argv[1])
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
