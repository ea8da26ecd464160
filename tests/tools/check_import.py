# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Imports the tarball as Ansible Galaxy does, with every check that it has, and lints what the tarball installs.

``python check_import.py FOLDER``: runs with the Python that has galaxy-importer; FOLDER takes the results as JUnit XML.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import check_build

ROOT = check_build.ROOT
sys.path.insert(0, str(ROOT / "tests" / "integration" / "targets" / "support_zego"))

from harness import report  # noqa: E402

# Galaxy's own checks, and those of Automation Hub, but for what needs a container. Ruff stands for flake8, with which
# it disagrees about slices.
CONFIG = """[galaxy-importer]
check_changelog = True
check_required_tags = True
require_v1_or_greater = True
run_ansible_doc = True
run_ansible_lint = True
run_flake8 = False
run_ansible_test = False
local_image_docker = False
"""
LEVELS = ("WARNING: ", "ERROR: ", "CRITICAL: ")


def complaints(output):
    """Return the lines of galaxy-importer's output that are not mere progress."""
    return [line for line in output.splitlines() if line.startswith(LEVELS)]


def undocumented(result):
    """Return what of an importer's result it read no documentation of, or a sentence where it saw no plugins at all."""
    described = {
        item["name"]: item["description"]
        for item in result["contents"]
        if item["content_type"] in ("module", "filter", "role")
    }
    return (
        [name for name, description in described.items() if not description]
        if described
        else ["galaxy-importer found no plugins"]
    )


def patterns(result):
    """Return the names of the patterns that an importer's result has."""
    return [pattern["name"] for pattern in result.get("patterns") or []]


def run(folder, *command, **more):
    """Run a command of this Python's environment in ``folder``; return (status, output)."""
    env = {**os.environ, "PATH": f"{check_build.BIN}{os.pathsep}{os.environ['PATH']}", **more}
    done = subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def importer(folder):
    """Run galaxy-importer on the tarball in ``folder``; return {check: what went wrong, or None}."""
    (tarball,) = Path(folder).glob("zego-cloud-*.tar.gz")
    config = Path(folder) / "galaxy-importer.cfg"
    config.write_text(CONFIG, encoding="utf-8")
    status, output = run(
        folder, sys.executable, "-m", "galaxy_importer.main", tarball.name, GALAXY_IMPORTER_CONFIG=str(config)
    )
    found = complaints(output)
    path = Path(folder) / "importer_result.json"
    result = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    bare = undocumented(result) if result else ["nothing was imported"]
    seen = patterns(result) if result else []
    wanted = sorted(path.name for path in (ROOT / "extensions" / "patterns").iterdir())
    return {
        "it is imported": None if status == 0 and "completed successfully" in output else output,
        "without a warning": "\n".join(found) or None,
        "with its documentation": ", ".join(bare) or None,
        "with its patterns": None if sorted(seen) == wanted else f"{wanted} are there, {seen} were imported",
    }


def lint(path):
    """Run ansible-lint's profile production on what ``path`` holds; return {check: what went wrong, or None}."""
    installed = os.path.join(path, "ansible_collections", "zego", "cloud")
    # ansible-lint takes yamllint's rules from where it runs.
    for name in (".yamllint", ".gitignore"):
        shutil.copy(ROOT / name, installed)
    command = (
        "ansible-lint",
        "--offline",
        "--strict",
        "--nocolor",
        "--profile",
        "production",
        "-c",
        str(ROOT / ".ansible-lint"),
    )
    status, output = run(installed, *command, ANSIBLE_COLLECTIONS_PATH=path)
    return {"ansible-lint passes": None if status == 0 and "Passed: 0 failure(s), 0 warning(s)" in output else output}


def main():
    """Build, install, import, lint; say how it went, and exit with 1 if something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = check_build.install(folder)
        problems = {**importer(folder), **lint(path)}
    for name, problem in problems.items():
        print(f"{name}: {problem or 'ok'}", flush=True)
    report("import", problems, sys.argv[1])
    sys.exit(1 if any(problems.values()) else 0)


if __name__ == "__main__":
    main()
