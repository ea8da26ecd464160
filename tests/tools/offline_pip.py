# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Lets ``ansible-test --venv`` work where its download host cannot be reached.

It fetches get-pip.py from there once. Where the host's name does not resolve, this writes a stand-in that calls the standard
library's ensurepip to the place where ansible-test looks for the downloaded file. Run it with the Python that has ansible-core.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

HOST = "ci-files.testing.ansible.com"
STAND_IN = "import ensurepip\nensurepip.bootstrap()\n"


def pip_version(source):
    """Return the pip version that ansible-test's python_requirements.py names."""
    return re.search(r"pip='([0-9.]+)'", source).group(1)


def main():
    """Write the stand-in where it is needed."""
    try:
        socket.getaddrinfo(HOST, 443)
        return
    except OSError:
        pass
    import ansible_test

    source = (Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    path = Path(os.path.expanduser("~/.ansible/test/cache")) / f"get_pip_{pip_version(source).replace('.', '_')}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STAND_IN, encoding="utf-8")


if __name__ == "__main__":
    main()
