# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Publishes the tarball that ``make release-check`` left on Ansible Galaxy, and moves the tag of its major version.

Only the workflow release.yml runs it, where the token is. ansible-galaxy reads the token from ANSIBLE_GALAXY_TOKEN, so
that no command line has it. The tag, such as v1, is what users of the GitHub Action name.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import check_release
from packaging.version import Version
from rename import current

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "ANSIBLE_GALAXY_TOKEN"


def tarball_of(tree, version):
    """Return the path of the version's tarball, where ``make release-check`` leaves it."""
    return tree / "tests" / "output" / "release" / f"{'-'.join(current(tree))}-{version}.tar.gz"


def problems(tree, version, token):
    """Return a sentence for all that keeps the version from being published."""
    found = list(check_release.check_tag(tree, version))
    if not tarball_of(tree, version).is_file():
        found.append(f"{tarball_of(tree, version).name} is not there: make release-check")
    if not token:
        found.append(f"{TOKEN} is not set")
    return found


def major_tag(tree, version):
    """Return the tag of the version's major version, or None where a newer release of it has that."""
    tags = check_release.git(tree, "tag", "--list").split()
    versions = [Version(tag) for tag in tags if check_release.VERSION.fullmatch(tag)]
    same = [other for other in versions if other.major == Version(version).major]
    return f"v{Version(version).major}" if max(same) == Version(version) else None


def publish(tree, version, galaxy):
    """Publish the tarball, then move the tag. ``galaxy``: the command ansible-galaxy."""
    subprocess.run([galaxy, "collection", "publish", str(tarball_of(tree, version))], check=True)
    tag = major_tag(tree, version)
    if tag:
        check_release.git(tree, "tag", "--force", tag, f"refs/tags/{version}^{{commit}}")
        check_release.git(tree, "push", "--force", "origin", f"refs/tags/{tag}")
    return tag


def main():
    """Publish the version in galaxy.yml, or say why not."""
    version = str(check_release.load(ROOT / "galaxy.yml")["version"])
    found = problems(ROOT, version, os.environ.get(TOKEN))
    if found:
        sys.exit("\n".join(["Nothing was published:", *found]))
    tag = publish(ROOT, version, str(check_release.BIN / "ansible-galaxy"))
    print(f"{version} is published, and {tag or 'no tag'} was moved to it.")


if __name__ == "__main__":
    main()
