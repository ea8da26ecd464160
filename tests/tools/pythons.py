# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which ansible-core takes which Python, and which Pythons of this machine really run.

A pyenv shim of a version that is not active is there, and does not run.

``python3 pythons.py`` prints the path of the best one for nox. ``python3 pythons.py --check``, with the Python that has
an ansible-core, compares what this file says of that version with what its ansible-test says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import NamedTuple


class Core(NamedTuple):
    """A version of ansible-core: what pip is told, and the Pythons that it takes."""

    requirement: str
    # Where the playbook runs.
    controllers: tuple[str, ...]
    # Where the module runs, from the oldest that the collection takes.
    targets: tuple[str, ...]


# The Pythons that the collection takes, where the module runs; ansible-core 2.16 and 2.17 also take older ones.
TARGETS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")


def _core(version, controllers, targets, requirement=None):
    """Return the Core whose controllers and targets lie between the given versions."""
    first, last = map(TARGETS.index, controllers)
    oldest, newest = map(TARGETS.index, targets)
    return Core(requirement or f"ansible-core=={version}.*", TARGETS[first : last + 1], TARGETS[oldest : newest + 1])


# From ansible_test/_util/target/common/constants.py of each: a unit test compares the one that is installed.
CORES = {
    "2.16": _core("2.16", ("3.10", "3.12"), ("3.8", "3.12")),
    "2.17": _core("2.17", ("3.10", "3.12"), ("3.8", "3.12")),
    "2.18": _core("2.18", ("3.11", "3.13"), ("3.8", "3.13")),
    "2.19": _core("2.19", ("3.11", "3.13"), ("3.8", "3.13")),
    "2.20": _core("2.20", ("3.12", "3.14"), ("3.9", "3.14")),
    "2.21": _core("2.21", ("3.12", "3.14"), ("3.9", "3.14")),
    # pip takes the release candidate only until 2.22.0 is out.
    "2.22": _core("2.22", ("3.13", "3.15"), ("3.9", "3.15"), "ansible-core>=2.22.0rc1,<2.23"),
}
# Where nox and the linters run, the best first: 3.13 takes every ansible-core from 2.18 on, and PyPI has all packages
# built for it.
TOOLS = ("3.13", "3.14", "3.12", "3.11")
# Where playbooks of the tests run.
CONTROLLERS = ("3.11", "3.12", "3.13", "3.14", "3.15")
_PROBE = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"


def cache_folder():
    """Return the folder of get_pythons.py: $ZEGO_CLOUD_PYTHONS, or zego-cloud-pythons in this user's cache.

    All clones of the repository share it, so that only the first one downloads.
    """
    named = os.environ.get("ZEGO_CLOUD_PYTHONS")
    if named:
        return os.path.abspath(named)
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(caches, "zego-cloud-pythons")


def _pyenv_folders():
    if not shutil.which("pyenv"):
        return []
    told = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip()
    # With another HOME, and without PYENV_ROOT, it looks in that home. Its own folder has the versions as well.
    own = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("pyenv"))))
    for versions in (os.path.join(root, "versions") for root in (told, own)):
        if os.path.isdir(versions):
            return [os.path.join(versions, name, "bin") for name in sorted(os.listdir(versions))]
    return []


def _probe(command):
    """Return (version, real path) of a Python, None where it does not run or cannot make virtual environments."""
    try:
        done = subprocess.run([command, "-c", _PROBE], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split(None, 1)
    return (words[0], words[1].strip()) if done.returncode == 0 and len(words) == 2 else None


def find(folders=None):
    """Return {version: path} for the wanted versions that run, looked for in ``folders``.

    The default are pyenv's and PATH's, and the cache's last: a Python of the machine's own comes first.
    """
    if folders is None:
        folders = _pyenv_folders() + os.environ.get("PATH", "").split(os.pathsep)
        folders.append(os.path.join(cache_folder(), "current", "usr", "bin"))
    found = {}
    for folder in folders:
        # A start of Python takes time, and that of a shim more.
        missing = [version for version in TARGETS if version not in found]
        for name in [f"python{version}" for version in missing] + ["python3"]:
            path = os.path.join(folder, name)
            probed = _probe(path) if os.access(path, os.X_OK) else None
            if probed and probed[0] in TARGETS:
                found.setdefault(*probed)
    return dict(sorted(found.items(), key=lambda item: TARGETS.index(item[0])))


def controllers(core, found):
    """Return the Pythons among ``found`` that run playbooks with this version of ansible-core, the oldest first."""
    return [version for version in CORES[core].controllers if version in found]


def targets(core, found):
    """Return the Pythons among ``found`` that run modules with this version of ansible-core, the oldest first."""
    return [version for version in CORES[core].targets if version in found]


def check(version, constants):
    """Return what CORES says wrongly of a version of ansible-core ("2.21"), None if nothing.

    ``constants`` maps the names of ansible-test's tables to the versions of Python in them.
    """
    if version not in CORES:
        return f"CORES has no ansible-core {version}"
    core = CORES[version]
    takes = tuple(constants["CONTROLLER_PYTHON_VERSIONS"])
    if core.controllers != takes:
        return (
            f"ansible-core {version} runs playbooks on {', '.join(takes)}, and CORES says {', '.join(core.controllers)}"
        )
    takes = tuple(constants["REMOTE_ONLY_PYTHON_VERSIONS"]) + takes
    # Whatever is older than our oldest is not ours.
    ours = tuple(version for version in takes if version in TARGETS)
    return (
        None
        if core.targets == ours
        else f"ansible-core {version} runs modules on {', '.join(ours)}, and CORES says {', '.join(core.targets)}"
    )


def check_installed():
    """Compare CORES with the ansible-core of this Python; exit with a sentence where they differ."""
    from ansible.release import __version__ as version
    from ansible_test._util.target.common import constants

    problem = check(".".join(version.split(".")[:2]), vars(constants))
    if problem:
        sys.exit(f"tests/tools/pythons.py: {problem}")


def main():
    """Print the best Python for nox, or fail with a sentence."""
    if sys.argv[1:] == ["--check"]:
        check_installed()
        return
    found = find()
    usable = [found[version] for version in TOOLS if version in found]
    if not usable:
        sys.exit(
            "No Python 3.11 to 3.14 with venv was found: install one (Debian: apt-get install python3 python3-venv)."
        )
    print(usable[0])


if __name__ == "__main__":
    main()
