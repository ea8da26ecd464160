# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Keeps a copy of the collection up to date at a path that ansible-test takes.

The copy stays from run to run, since ansible-test keeps its environments below tests/output of the tree it works in.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

# Where ansible-test keeps what it made: results go before each run, its environments stay.
KEPT = ("tests", "output")


def own_environment():
    """Return this environment without what git tells its hooks, which would send git to the wrong repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def tracked_files(root):
    """Return the files that belong to the collection at ``root``: committed or new, not ignored; relative paths."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=root, env=own_environment(), stdout=subprocess.PIPE, check=True)
    return [name for name in os.fsdecode(done.stdout).split("\0") if name and (root / name).is_file()]


def update(root, copy):
    """Make the tree ``copy`` hold exactly the files of the collection at ``root``; return its resolved path."""
    copy = Path(copy).absolute()
    wanted = set(tracked_files(root))
    copy.mkdir(parents=True, exist_ok=True)
    for path in sorted(copy.rglob("*"), reverse=True):
        name = path.relative_to(copy)
        if name.parts[0] == ".git" or name.parts[: len(KEPT)] == KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name.as_posix() not in wanted:
            path.unlink()
    for name in wanted:
        target = copy / name
        if not target.exists() or not filecmp.cmp(root / name, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)
    for folder in ("junit", "coverage", "reports", "data"):
        shutil.rmtree(copy.joinpath(*KEPT, folder), ignore_errors=True)
    # ansible-test asks git which files there are.
    if not (copy / ".git").is_dir():
        subprocess.run(["git", "init", "-q", str(copy)], env=own_environment(), check=True)
    subprocess.run(["git", "add", "-A"], cwd=copy, env=own_environment(), check=True)
    return copy.resolve()
