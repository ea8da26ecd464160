# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The release check on copies of this tree: one that is a release, and many that are wrong on purpose."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import check_release
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VERSION = str(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
MODULE = "plugins/modules/zego_room.py"
CHANGELOG = "changelogs/changelog.yaml"


def git(tree, *arguments):
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.com", "-c", "core.hooksPath=/dev/null")
    return subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True, text=True).stdout


def commit(tree, tag=VERSION):
    """Commit everything, and tag it as the release that galaxy.yml names."""
    git(tree, "add", "-A")
    git(tree, "commit", "--allow-empty", "--no-verify", "-m", "Release")
    if tag:
        git(tree, "tag", "-f", "-a", tag, "-m", f"zego.cloud {tag}")


def edit(tree, name, pattern, text):
    """Replace the one place that a pattern finds in a file."""
    path = tree / name
    new, count = re.subn(pattern, text, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, (name, pattern)
    path.write_text(new, encoding="utf-8")


def write(tree, name, text=""):
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text(text, encoding="utf-8")


def write_changelog(tree, *options):
    """What make changelog does."""
    env = {**os.environ, "PATH": f"{check_release.BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [str(check_release.BIN / "antsibull-changelog"), "release", *options]
    done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def released(tmp_path_factory, copy_tree):
    """This tree as a release: with the changelog written where fragments wait for it, committed and tagged."""
    tree = tmp_path_factory.mktemp("release") / "tree"
    copy_tree(tree)
    if VERSION not in check_release.releases(tree):
        write(tree, "changelogs/fragments/summary.yml", "release_summary: The next one.\n")
    if list((tree / "changelogs" / "fragments").glob("[!.]*")):
        write_changelog(tree, "--update-existing")
    git(tree, "init", "-q")
    commit(tree)
    return tree


@pytest.fixture
def tree(released, tmp_path):
    """A copy of the release, to be spoilt."""
    shutil.copytree(released, tmp_path / "tree")
    return tmp_path / "tree"


def check(tree, *options):
    """Run the command in the tree; returns (status, its lines)."""
    command = [sys.executable, str(ROOT / "tests" / "tools" / "check_release.py"), *options]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_a_release_passes_and_its_tarball_is_kept_and_the_same_elsewhere(tree, tmp_path):
    assert list(check_release.check_tag(tree, VERSION)) == []
    git(tree, "tag", "-d", VERSION)
    status, lines = check(tree, "--no-tag", "--output", str(tmp_path / "out"))
    tarball = tmp_path / "out" / f"zego-cloud-{VERSION}.tar.gz"
    assert (status, len(lines)) == (0, 1) and lines[0].startswith(f"HEAD is a release: {tarball}: SHA-256 "), lines
    assert re.fullmatch("[0-9a-f]{64}", lines[0].rpartition(" ")[2])
    held = check_release.contents(tarball)
    assert {"MANIFEST.json", "README.md", "CHANGELOG.md", "COPYING", "requirements.txt", MODULE} <= set(held)
    assert not [name for name in held if name.startswith(("tests", "."))]
    elsewhere = shutil.copytree(tree, tmp_path / "elsewhere" / "other")
    assert check_release.contents(check_release.build(elsewhere, tmp_path)) == held


def test_the_steps_of_a_release_make_one(tree):
    """Work on the next version, write the changelog, commit."""
    edit(tree, "galaxy.yml", "^version: .*", "version: 99.0.0")
    shutil.copy(tree / MODULE, tree / "plugins" / "modules" / "zego_new.py")
    edit(tree, "plugins/modules/zego_new.py", "^module: .*", "module: zego_new")
    edit(tree, "plugins/modules/zego_new.py", "^version_added: .*", "version_added: 99.0.0")
    fragment = "release_summary: It has a new module.\nbugfixes:\n  - Something was mended.\n"
    write(tree, "changelogs/fragments/new.yml", fragment)
    write_changelog(tree)
    commit(tree, tag=None)
    assert [*check_release.check_version(tree, "99.0.0"), *check_release.check_changelog(tree, "99.0.0")] == []
    assert "Something was mended" in (tree / "CHANGELOG.md").read_text(encoding="utf-8")
    assert check_release.named(check_release.releases(tree)["99.0.0"]) == {"zego_new"}


@pytest.mark.parametrize(
    ("file", "line", "dropped"),
    [
        ("meta/runtime.yml", "requires_ansible", 'requires_ansible: ">=2.18.0"'),
        ("tests/config.yml", "python_requires", 'python_requires: ">=3.12"'),
    ],
)
def test_dropping_an_ansible_core_or_a_python_is_a_major_release(tree, file, line, dropped):
    """The release before this one has a tag, and supported more."""
    earlier = max(set(check_release.releases(tree)) - {VERSION}, key=check_release.Version)
    git(tree, "tag", "-a", earlier, "-m", "The one before")
    major = f"{check_release.Version(earlier).major + 1}.0.0"
    assert [*check_release.check_support(tree, VERSION), *check_release.check_support(tree, major)] == []
    edit(tree, file, rf"\b{line}: .*", dropped)
    (sentence,) = check_release.check_support(tree, VERSION)
    assert sentence.startswith(f"{file}: {line} ") and "is a major release" in sentence
    assert list(check_release.check_support(tree, major)) == []
    # To support more than before is none of that.
    edit(tree, file, rf"\b{line}: .*", f'{line}: ">=2.0"')
    assert list(check_release.check_support(tree, VERSION)) == []


def test_the_collection_works_without_the_files_that_a_package_may_leave_out(installed, run, simulator, tmp_path):
    """The community package may leave out all that is not in these folders."""
    path = tmp_path / "ansible_collections" / "zego" / "cloud"
    for name in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(Path(installed) / "ansible_collections" / "zego" / "cloud" / name, path / name)
    simulator.record("Tencent", ["stage-1"])
    event = {"zego_teardown_streams": {"Tencent": ["stage-1"]}, "zego_teardown_report_dir": str(tmp_path / "report")}
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "HOME": str(tmp_path), "ZEGO_API_URL": simulator.url}
    env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
    done = run("ansible-playbook", "zego.cloud.teardown", "-e", json.dumps(event), cwd=tmp_path, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stage-1" in (tmp_path / "report" / "teardown.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "version, sentence",
    [
        ("1.0", "version 1.0 is not of the form 1.2.3"),
        ("99.0.0", f"version 99.0.0, but the newest entry in {CHANGELOG} is {VERSION}"),
    ],
)
def test_a_version_has_a_form_and_an_entry(released, version, sentence):
    assert next(check_release.check_version(released, version)) == f"galaxy.yml: {sentence}"


def test_everything_new_names_a_release_that_names_it(tree):
    others = sorted(path.name for path in (tree / "plugins" / "modules").glob("zego_*.py") if path.name not in MODULE)
    added = dict(zip(others, ("99.1.0", "soon", "0.0.7")))
    for name, version in added.items():
        edit(tree, f"plugins/modules/{name}", r"^version_added: .*", f"version_added: {version}")
    specs = "roles/teardown/meta/argument_specs.yml"
    edit(tree, specs, r"^( +)type: raw$", r'\1type: raw\n\1version_added: "99.1.0"')
    shutil.copy(tree / MODULE, tree / "plugins" / "modules" / "zego_new.py")
    assert list(check_release.check_version(tree, VERSION)) == [
        f"plugins/modules/{others[0]}: version_added 99.1.0 is newer than {VERSION}",
        f"plugins/modules/{others[1]}: version_added soon is not a version",
        f"plugins/modules/{others[2]}: version_added 0.0.7 names a version without an entry in {CHANGELOG}",
        f"{specs}: version_added 99.1.0 is newer than {VERSION}",
        f"zego_new: no entry in {CHANGELOG} calls it new",
    ]
    (tree / CHANGELOG).unlink()
    told = f"galaxy.yml: version {VERSION}, but the newest entry in {CHANGELOG} is missing"
    assert next(check_release.check_version(tree, VERSION)) == told


def test_a_changelog_is_whole_generated_and_not_of_the_future(tree):
    write(tree, "changelogs/fragments/7.yml", "bugfixes: [mended]\n")
    edit(tree, "CHANGELOG.md", "Release Summary", "Summary")
    date = rf"^(  {re.escape(VERSION)}:(?:\n    .*)*\n    release_date: ).*"
    edit(tree, CHANGELOG, date, r"\g<1>'2999-01-01'")
    commit(tree)
    found = list(check_release.check_changelog(tree, VERSION))
    assert found == [
        f"{CHANGELOG}: {VERSION} is dated 2999-01-01, which is yet to come",
        "changelogs/fragments/7.yml: a fragment that is in no release: make changelog",
        f"CHANGELOG.md: not what antsibull-changelog makes of {CHANGELOG}",
    ]


def test_a_tarball_holds_what_a_user_needs_and_nothing_of_the_workshop(tree, tmp_path):
    edit(tree, "galaxy.yml", "^build_ignore:", f"build_ignore:\n  - playbooks\n  - {MODULE}")
    edit(tree, "galaxy.yml", "^  - noxfile.py\n", "")
    edit(tree, "galaxy.yml", "^name: .*", "name: clouds")
    shutil.rmtree(tree / "LICENSES")
    commit(tree)
    found = list(check_release.check_tarball(tree, VERSION, tmp_path / "out"))
    assert set(found) >= {
        f"the tarball is called zego-clouds-{VERSION}.tar.gz",
        "the tarball has no playbooks/",
        "the tarball has no LICENSES/",
        f"the tarball lacks {MODULE}",
        "the tarball holds noxfile.py, which is for development only",
    }


def test_what_is_not_committed_is_no_release(tree):
    write(tree, "plugins/modules/zego_mine.py")
    edit(tree, "README.md", "^# .*", "# Mine")
    git(tree, "tag", "-d", VERSION)
    status, lines = check(tree)
    expected = {"plugins/modules/zego_mine.py: not committed", "README.md: not committed"}
    assert status == 1 and {*expected, f"no tag {VERSION}: git tag -a {VERSION} -m 'zego.cloud {VERSION}'"} <= set(
        lines
    )


def test_a_release_has_an_annotated_tag_on_its_commit(tree):
    git(tree, "tag", "-d", VERSION)
    git(tree, "tag", VERSION)
    told = f"the tag {VERSION} has no author and no date: git tag -a"
    assert list(check_release.check_tag(tree, VERSION)) == [told]
    git(tree, "tag", "-d", VERSION)
    git(tree, "tag", "-a", VERSION, "-m", "Too early")
    commit(tree, tag=None)
    assert list(check_release.check_tag(tree, VERSION)) == [f"the tag {VERSION} is not on HEAD"]


def test_a_galaxy_file_that_cannot_be_built_is_a_sentence(tree):
    edit(tree, "galaxy.yml", "^readme: .*", "")
    commit(tree)
    status, lines = check(tree)
    assert status == 1 and "ansible-galaxy failed" in lines[0], lines


def test_a_tarball_that_differs_in_one_byte_differs(tmp_path):
    """A word, a mode, and the manifests' meaning count; their order does not."""
    said = {"files": [{"name": "b"}, {"name": "a"}]}
    found = []
    for number, (text, mode, files) in enumerate(
        (("x", 0o644, 1), ("y", 0o644, 1), ("x", 0o755, 1), ("x", 0o644, -1), ("x", 0o644, 0))
    ):
        path = tmp_path / f"{number}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, content in (
                ("file", text),
                ("FILES.json", check_release.json.dumps({"files": said["files"][::files] if files else []})),
            ):
                (tmp_path / name).write_text(content)
                (tmp_path / name).chmod(mode)
                archive.add(tmp_path / name, name)
        found.append(check_release.contents(path))
    assert found[0] == found[3]
    assert all(found[0] != other for other in (found[1], found[2], found[4]))
