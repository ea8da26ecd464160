# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Finds the Pythons of this machine that really run; a pyenv shim of a version that is not active does not.

``python3 pythons.py`` prints the path of the newest one that can run ansible-core's controller.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

TARGETS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
CONTROLLERS = ("3.11", "3.12", "3.13")
_PROBE = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"


def _pyenv_folders():
    if not shutil.which("pyenv"):
        return []
    root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
    versions = os.path.join(root, "versions")
    names = sorted(os.listdir(versions)) if root and os.path.isdir(versions) else []
    return [os.path.join(versions, name, "bin") for name in names]


def _probe(command):
    """Return (version, real path) of a Python, None where it does not run or cannot make virtual environments."""
    try:
        done = subprocess.run([command, "-c", _PROBE], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split(None, 1)
    return (words[0], words[1].strip()) if done.returncode == 0 and len(words) == 2 else None


def find(folders=None):
    """Return {version: path} for the wanted versions that run, looked for in ``folders`` (default: pyenv's and PATH's)."""
    if folders is None:
        folders = _pyenv_folders() + os.environ.get("PATH", "").split(os.pathsep)
    found = {}
    for folder in folders:
        for name in [f"python{version}" for version in TARGETS] + ["python3"]:
            path = os.path.join(folder, name)
            probed = _probe(path) if os.access(path, os.X_OK) else None
            if probed and probed[0] in TARGETS:
                found.setdefault(*probed)
    return dict(sorted(found.items(), key=lambda item: TARGETS.index(item[0])))


def main():
    """Print the newest controller Python, or fail with a sentence."""
    found = find()
    usable = [found[version] for version in CONTROLLERS if version in found]
    if not usable:
        sys.exit(
            "No Python 3.11 to 3.13 with venv was found: install one (Debian: apt-get install python3 python3-venv)."
        )
    print(usable[-1])


if __name__ == "__main__":
    main()
