# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What publishes a release: on a copy of a repository, and with a stand-in for ansible-galaxy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import publish  # noqa: E402


def git(tree, *arguments):
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.com")
    done = subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path):
    """A clone whose HEAD is the release 1.2.0, with its tarball."""
    tree, origin = tmp_path / "tree", tmp_path / "origin.git"
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(tmp_path, "init", "-q", str(tree))
    git(tree, "remote", "add", "origin", str(origin))
    (tree / "galaxy.yml").write_text("namespace: acme\nname: live\nversion: 1.2.0\n", encoding="utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "Release")
    git(tree, "tag", "-a", "1.2.0", "-m", "1.2.0")
    tarball = publish.tarball_of(tree, "1.2.0")
    tarball.parent.mkdir(parents=True)
    tarball.write_bytes(b"a tarball")
    return tree


@pytest.fixture
def galaxy(tmp_path):
    """A command that notes its arguments, in place of ansible-galaxy."""
    path = tmp_path / "ansible-galaxy"
    path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_tarball_is_published_and_the_tag_of_the_major_version_moves(tree, galaxy, tmp_path):
    git(tree, "tag", "v1", git(tree, "commit-tree", "HEAD^{tree}", "-m", "An earlier release"))
    git(tree, "push", "-q", "origin", "v1")
    assert publish.problems(tree, "1.2.0", "token") == []
    assert publish.publish(tree, "1.2.0", str(galaxy)) == "v1"
    tarball = publish.tarball_of(tree, "1.2.0")
    assert (
        tmp_path / "calls"
    ).read_text() == f"collection publish {tarball}\n" and tarball.name == "acme-live-1.2.0.tar.gz"
    assert git(tmp_path / "origin.git", "rev-parse", "v1^{commit}") == git(tree, "rev-parse", "HEAD")


def test_a_repair_of_an_older_release_does_not_move_the_tag_back(tree, galaxy, tmp_path):
    git(tree, "tag", "1.10.0")
    git(tree, "tag", "2.0.0")
    assert publish.publish(tree, "1.2.0", str(galaxy)) is None
    assert git(tmp_path / "origin.git", "tag", "--list") == ""
    git(tree, "tag", "-d", "1.10.0")
    assert publish.major_tag(tree, "1.2.0") == "v1"


def test_a_release_that_galaxy_refuses_moves_no_tag(tree, galaxy, tmp_path):
    galaxy.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        publish.publish(tree, "1.2.0", str(galaxy))
    assert git(tmp_path / "origin.git", "tag", "--list") == ""


def test_everything_that_keeps_a_version_from_being_published_is_named(tree):
    publish.tarball_of(tree, "1.2.0").unlink()
    git(tree, "commit", "-q", "--allow-empty", "-m", "After the release")
    told = "\n".join(publish.problems(tree, "1.2.0", ""))
    wanted = ("the tag 1.2.0 is not on HEAD", "acme-live-1.2.0.tar.gz is not there", "ANSIBLE_GALAXY_TOKEN is not set")
    assert [text for text in wanted if text not in told] == []
