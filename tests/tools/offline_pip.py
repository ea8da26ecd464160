# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Lets ``ansible-test --venv`` work where PyPI is reached, and its other download hosts are not.

It fetches get-pip.py from a host of its own once, and keeps it in ~/.ansible/test/cache. Where the host's name does not
resolve, this writes a stand-in to that place, which calls the standard library's ensurepip. Where it resolves,
stand-ins of earlier runs are removed: ansible-test fetches the real one.

The release candidate of ansible-core 2.22 takes one package for its sanity tests out of a GitHub archive. Where that
host's name does not resolve, the package of the same name on PyPI takes its place, in this Python's ansible-test only.

Run it with the Python that has ansible-core, which is to be one made for tests.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

HOST = "ci-files.testing.ansible.com"
STAND_IN = "import ensurepip\nensurepip.bootstrap()\n"
_ARCHIVE = re.compile(r"^([\w.-]+) @ https://([\w.-]+)/\S*", re.MULTILINE)


def resolves(host):
    """Return whether the name of a host leads to an address."""
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        return False
    return True


def replace(path, text):
    """Write a file in one step: ansible-test of another session may be reading it."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def pip_versions(source):
    """Return the pip versions that ansible-test's python_requirements.py names.

    ansible-core 2.16 has others for old Pythons.
    """
    return re.findall(r"pip='([0-9.]+)'", source)


def write(cache, version):
    """Write the stand-in for a version of pip, unless the real one is there."""
    path = cache / f"get_pip_{version.replace('.', '_')}.py"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        replace(path, STAND_IN)


def remove(cache):
    """Remove every stand-in, and nothing that was downloaded."""
    for path in cache.glob("get_pip_*.py"):
        if path.read_bytes() == STAND_IN.encode():
            path.unlink()


def from_pypi(requirements, reachable=resolves):
    """Return a requirements file in which packages from hosts out of reach have the names that they have on PyPI."""

    def name(found):
        return found.group(0) if reachable(found.group(2)) else found.group(1)

    return _ARCHIVE.sub(name, requirements)


def main():
    """Write what is needed; remove what is not."""
    import ansible_test

    folder = Path(ansible_test.__file__).parent
    cache = Path(os.path.expanduser("~/.ansible/test/cache"))
    if resolves(HOST):
        remove(cache)
    else:
        source = (folder / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
        for version in pip_versions(source):
            write(cache, version)
    for path in (folder / "_data" / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        if from_pypi(text) != text:
            replace(path, from_pypi(text))


if __name__ == "__main__":
    main()
