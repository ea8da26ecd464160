# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks that a tree's HEAD is a release: version, changelog, tag, a clean tree, and the tarball that comes of it.

``python check_release.py [--no-tag] [--output FOLDER]``: runs with the Python that has ansible-core and
antsibull-changelog. FOLDER takes the tarball, by default tests/output/release. Prints what is wrong, a line each, and
exits with 1 then.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml
from packaging.version import InvalidVersion, Version

BIN = Path(sys.executable).parent
VERSION = re.compile(r"\d+\.\d+\.\d+")
VERSION_ADDED = re.compile(r"^\s*version_added:\s*[\"']?([^\"'\s#]+)", re.MULTILINE)
# What a user must get, and what no user wants.
SHIPPED = (
    "COPYING",
    "CHANGELOG.md",
    "LICENSES/",
    "README.md",
    "changelogs/changelog.yaml",
    "extensions/",
    "meta/",
    "playbooks/",
    "plugins/",
    "requirements.txt",
    "roles/",
)
DEVELOPMENT = (".", "Makefile", "action.yml", "noxfile.py", "pyproject.toml", "templates/", "tests/", "galaxy.yml")
# What ansible-galaxy adds. Their order differs from one file system to the next.
MANIFESTS = ("MANIFEST.json", "FILES.json")


def _run(command, cwd, program=BIN):
    """Return what a command prints; raises ``RuntimeError`` with its output where it fails."""
    name = str(program / command[0]) if program else command[0]
    done = subprocess.run([name, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}".strip())
    return done.stdout


def git(tree, *arguments):
    """Return what git prints; raises ``RuntimeError`` where it fails."""
    return _run(("git", *arguments), tree, program=None)


def load(path):
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def releases(tree):
    """Return {version: entry} of the changelog, none where there is no changelog."""
    path = tree / "changelogs" / "changelog.yaml"
    return load(path)["releases"] if path.is_file() else {}


def additions(tree):
    """Yield (file, version) for each version_added of plugins and roles."""
    for path in sorted([*tree.glob("plugins/**/*.py"), *tree.glob("roles/*/meta/argument_specs.yml")]):
        for version in VERSION_ADDED.findall(path.read_text(encoding="utf-8")):
            yield path.relative_to(tree).as_posix(), version


def named(entry):
    """Return the names of the plugins and roles that a release's entry calls new."""
    plugins = [*entry.get("modules", ()), *(item for items in entry.get("plugins", {}).values() for item in items)]
    return {item["name"] for item in [*plugins, *(entry.get("objects", {}).get("role", ()))]}


def _addition(version, file, added, known):
    """Say what is wrong with a version_added, or None."""
    try:
        if Version(added) > Version(version):
            return f"{file}: version_added {added} is newer than {version}"
    except InvalidVersion:
        return f"{file}: version_added {added} is not a version"
    return (
        None
        if added in known
        else f"{file}: version_added {added} names a version without an entry in changelogs/changelog.yaml"
    )


def check_version(tree, version):
    """Yield what is wrong with the version in galaxy.yml and with each version_added."""
    if not VERSION.fullmatch(version):
        yield f"galaxy.yml: version {version} is not of the form 1.2.3"
        return
    known = releases(tree)
    newest = max(known, key=Version, default="missing")
    if newest != version:
        yield f"galaxy.yml: version {version}, but the newest entry in changelogs/changelog.yaml is {newest}"
    for file, added in additions(tree):
        problem = _addition(version, file, added, known)
        if problem:
            yield problem
    told = set().union(*map(named, known.values()))
    names = [path.stem for kind in ("modules", "filter", "lookup") for path in tree.glob(f"plugins/{kind}/*.py")]
    for name in sorted({*names, *(path.name for path in tree.glob("roles/*") if path.is_dir())} - told):
        yield f"{name}: no entry in changelogs/changelog.yaml calls it new"


# Where a tree says what it supports: (file, the line in it). Each says ">=" and a version.
SUPPORT = (("meta/runtime.yml", "requires_ansible"), ("tests/config.yml", "python_requires"))


def _oldest(text, line):
    """Return the oldest version that a file names in a line such as ``requires_ansible: ">=2.16.0"``, or None."""
    found = re.search(rf"^\s*{line}:\s*\"?>=\s*([\d.]+)", text, re.MULTILINE)
    return Version(found[1]) if found else None


def check_support(tree, version):
    """Yield what a version no longer supports that the release before it did, unless it is a major one."""
    earlier = [known for known in releases(tree) if Version(known) < Version(version)]
    previous = max(earlier, key=Version, default=None)
    tagged = previous and git(tree, "tag", "--list", previous).strip()
    if not tagged or Version(previous).major < Version(version).major:
        return
    for file, line in SUPPORT:
        before = _oldest(git(tree, "show", f"{previous}:{file}"), line)
        now = _oldest((tree / file).read_text(encoding="utf-8"), line)
        if now is None or (before and now > before):
            yield f"{file}: {line} was {before} in {previous}, and is {now}: to drop a version is a major release"


def check_changelog(tree, version):
    """Yield what is wrong with the changelog."""
    entry = releases(tree).get(version)
    if entry is None:
        yield f"changelogs/changelog.yaml: no entry for {version}: make changelog"
        return
    if not entry.get("changes", {}).get("release_summary"):
        yield f"changelogs/changelog.yaml: the entry for {version} has no release_summary"
    if str(entry["release_date"]) > datetime.datetime.now(datetime.timezone.utc).date().isoformat():
        yield f"changelogs/changelog.yaml: {version} is dated {entry['release_date']}, which is yet to come"
    for path in sorted((tree / "changelogs" / "fragments").glob("[!.]*")):
        yield f"changelogs/fragments/{path.name}: a fragment that is in no release: make changelog"
    with tempfile.TemporaryDirectory() as folder:
        copy = extract(tree, Path(folder))
        _run(("antsibull-changelog", "generate"), copy)
        if (copy / "CHANGELOG.md").read_text(encoding="utf-8") != (tree / "CHANGELOG.md").read_text(encoding="utf-8"):
            yield "CHANGELOG.md: not what antsibull-changelog makes of changelogs/changelog.yaml"


def check_clean(tree):
    """Yield each file that is not as HEAD has it."""
    for line in git(tree, "status", "--porcelain").splitlines():
        yield f"{line[3:]}: not committed"


def check_tag(tree, version):
    """Yield what is wrong with the version's tag."""
    if git(tree, "tag", "--list", version).strip() != version:
        yield f"no tag {version}: git tag -a {version} -m 'zego.cloud {version}'"
    elif git(tree, "cat-file", "-t", f"refs/tags/{version}").strip() != "tag":
        yield f"the tag {version} has no author and no date: git tag -a"
    elif git(tree, "rev-parse", f"refs/tags/{version}^{{commit}}") != git(tree, "rev-parse", "HEAD"):
        yield f"the tag {version} is not on HEAD"


def extract(tree, folder):
    """Write the files of HEAD, and nothing else, to a new folder below ``folder``; return it."""
    target = Path(tempfile.mkdtemp(dir=folder))
    archive = target.with_suffix(".tar")
    git(tree, "archive", "--output", str(archive), "HEAD")
    with tarfile.open(archive) as files:
        files.extractall(target, filter="data")
    archive.unlink()
    return target


def build(tree, folder):
    """Build the collection from the files of HEAD; return the path of its tarball."""
    output = Path(tempfile.mkdtemp(dir=folder))
    _run(("ansible-galaxy", "collection", "build", str(extract(tree, folder)), "--output-path", str(output)), folder)
    (tarball,) = output.glob("*.tar.gz")
    return tarball


def contents(tarball):
    """Return {name: (kind, mode, SHA-256 of the content)} of a tarball; the order in a manifest does not count."""
    found = {}
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member).read() if member.isfile() else member.linkname.encode()
            if member.name in MANIFESTS:
                said = json.loads(content)
                said.get("files", []).sort(key=lambda item: item["name"])
                said.get("file_manifest_file", {}).pop("chksum_sha256", None)
                content = json.dumps(said, sort_keys=True).encode()
            found[member.name] = (member.type, member.mode, hashlib.sha256(content).hexdigest())
    return found


def check_held(tree, held):
    """Yield what is wrong with the files ``held`` by a tarball: missing, not wanted, or not as in HEAD."""
    tracked = git(tree, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    files = {name: facts for name, facts in held.items() if facts[0] != tarfile.DIRTYPE and name not in MANIFESTS}
    for name in sorted(name for name in tracked if name.startswith(SHIPPED) and name not in files):
        yield f"the tarball lacks {name}"
    for pattern in SHIPPED:
        if not any(name.startswith(pattern) for name in files):
            yield f"the tarball has no {pattern}"
    for name, (_kind, _mode, digest) in sorted(files.items()):
        if name.startswith(DEVELOPMENT):
            yield f"the tarball holds {name}, which is for development only"
        elif name not in tracked or hashlib.sha256((tree / name).read_bytes()).hexdigest() != digest:
            yield f"the tarball holds {name}, which is not in HEAD, or not so"


def check_tarball(tree, version, output):
    """Build it twice, keep the first in ``output``, and yield what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.umask(0o022)
        try:
            first = build(tree, Path(folder))
            os.umask(0o077)
            second = build(tree, Path(folder))
        finally:
            os.umask(before)
        held = contents(first)
        if held != contents(second):
            yield "two builds of the same commit differ"
        if first.name != f"zego-cloud-{version}.tar.gz":
            yield f"the tarball is called {first.name}"
        yield from check_held(tree, held)
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        (output / first.name).write_bytes(first.read_bytes())


def problems(tree, tagged, output):
    """Return a sentence for all that keeps HEAD from being a release."""
    version = str(load(tree / "galaxy.yml")["version"])
    # A wrong version, or files that are not committed, make the rest guesswork.
    found = [*check_version(tree, version), *check_clean(tree)]
    if not found:
        found += [*check_changelog(tree, version), *check_support(tree, version), *check_tarball(tree, version, output)]
    return found + list(check_tag(tree, version) if tagged else ())


def summary(tarball):
    """Return a line for a tarball: its checksum, and that of its contents, which is the same for all who build it."""
    whole, held = tarball.read_bytes(), json.dumps(sorted(contents(tarball).items()), default=bytes.decode)
    of_file, of_contents = (hashlib.sha256(data).hexdigest() for data in (whole, held.encode()))
    return f"{tarball}: SHA-256 {of_file}, of its contents {of_contents}"


def main():
    """Check the tree that holds the current folder."""
    parser = argparse.ArgumentParser(description="Check that HEAD is a release.")
    parser.add_argument("--no-tag", action="store_true", help="before the tag is made")
    parser.add_argument("--output", type=Path, help="the folder for the tarball")
    options = parser.parse_args()
    tree = Path(git(Path.cwd(), "rev-parse", "--show-toplevel").strip())
    output = options.output or tree / "tests" / "output" / "release"
    try:
        found = problems(tree, not options.no_tag, output)
    except RuntimeError as error:
        found = [str(error)]
    for problem in found:
        print(problem)
    if found:
        sys.exit(f"HEAD is not a release: {len(found)} problem(s)")
    print(f"HEAD is a release: {summary(next(output.glob('*.tar.gz')))}")


if __name__ == "__main__":
    main()
