# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks that each file given says its licence in its first lines: GPL-3.0-or-later for plugins, BSD-2-Clause for module_utils."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

ENDINGS = (".cfg", ".css", ".j2", ".js", ".md", ".py", ".rst", ".sh", ".toml", ".txt", ".yaml", ".yml")
NAMES = (".ansible-lint", ".editorconfig", ".gitignore", ".yamllint", "Jenkinsfile", "Makefile", "extravars", "run")
# Written by antsibull-changelog or for it to take away; the licences themselves.
UNCHECKED = ("CHANGELOG.", "LICENSES/", "changelogs/changelog.yaml", "changelogs/fragments/")


def wanted(name):
    """Return the licences that a file may have, none where it is not checked."""
    if name.startswith(UNCHECKED) or not (name.endswith(ENDINGS) or PurePosixPath(name).name in NAMES):
        return ()
    if name.startswith("plugins/module_utils/"):
        return ("BSD-2-Clause",)
    return ("GPL-3.0-or-later",) if name.startswith("plugins/") else ("GPL-3.0-or-later", "BSD-2-Clause")


def problems(names):
    """Return a sentence for each file without its licence."""
    for name in names:
        allowed = wanted(name)
        lines = Path(name).read_text(encoding="utf-8").splitlines()[:8] if allowed else []
        if allowed and not any(f"SPDX-License-Identifier: {licence}" in line for line in lines for licence in allowed):
            yield f"{name}: the first lines do not say SPDX-License-Identifier: {' or '.join(allowed)}"


if __name__ == "__main__":
    sys.exit("\n".join(problems(sys.argv[1:])) or 0)
