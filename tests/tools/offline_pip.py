# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Lets ``ansible-test --venv`` work where its download host cannot be reached.

It fetches get-pip.py from there once, and keeps it in ~/.ansible/test/cache, which all checkouts of this user share.
Where the host's name does not resolve, this writes a stand-in to that place, which calls the standard library's
ensurepip. Where it resolves, stand-ins of earlier runs are removed, so that ansible-test fetches the real one. Run it
with the Python that has ansible-core.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

HOST = "ci-files.testing.ansible.com"
STAND_IN = "import ensurepip\nensurepip.bootstrap()\n"


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
        path.write_text(STAND_IN, encoding="utf-8")


def remove(cache):
    """Remove every stand-in, and nothing that was downloaded."""
    for path in cache.glob("get_pip_*.py"):
        if path.read_bytes() == STAND_IN.encode():
            path.unlink()


def main():
    """Write the stand-in where it is needed; remove it where it is not."""
    cache = Path(os.path.expanduser("~/.ansible/test/cache"))
    try:
        socket.getaddrinfo(HOST, 443)
    except OSError:
        import ansible_test

        source = (Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py").read_text(
            encoding="utf-8"
        )
        for version in pip_versions(source):
            write(cache, version)
    else:
        remove(cache)


if __name__ == "__main__":
    main()
