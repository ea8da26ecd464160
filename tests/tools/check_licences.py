# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks which licence a plugin's file names: BSD-2-Clause in module_utils, GPL-3.0-or-later in every other plugin.

``reuse lint`` checks that each file names one, and cannot tell which.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
# Where other projects may take code from, whatever their own licence is.
SHARED = "module_utils"
# REUSE-IgnoreStart
TAG = "SPDX-License-Identifier:"
# REUSE-IgnoreEnd


def problems(plugins):
    """Return a sentence for each file below the folder ``plugins`` that names the wrong licence."""
    found = []
    for path in sorted(path for path in plugins.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        name = path.relative_to(plugins)
        licence = "BSD-2-Clause" if name.parts[0] == SHARED else "GPL-3.0-or-later"
        if not re.search(rf"{TAG} {licence}\s", path.read_text(encoding="utf-8")[:1000]):
            found.append(f"plugins/{name.as_posix()}: its first lines do not say {TAG} {licence}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(problems(PLUGINS)) or 0)
