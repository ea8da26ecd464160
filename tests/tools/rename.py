# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Gives the collection another name, in every file of this tree: ``python tests/tools/rename.py NAMESPACE NAME``.

The repository's address, its authors and the image of the example keep theirs. The tree has to be committed, so that
``git diff`` shows what was done, and ``git checkout .`` takes it back.
"""

from __future__ import annotations

import argparse
import keyword
import re
import subprocess
import sys
from pathlib import Path

import yaml
from copies import tracked_files

ROOT = Path(__file__).resolve().parents[2]
# Galaxy takes these. Both are parts of the path by which Python imports the collection's plugins.
PART = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def name_problem(part):
    """Return what is wrong with a namespace or a name, or None."""
    if not PART.fullmatch(part):
        return f"'{part}' has to be of lower-case letters, digits and single underscores, and begin with a letter"
    return f"'{part}' is a word of Python's" if keyword.iskeyword(part) else None


def rules(old, new):
    """Return [(pattern, replacement)]. ``old`` and ``new``: (namespace, name)."""
    (namespace, name), (to_namespace, to_name) = old, new
    dotted, escaped = rf"{namespace}\.{name}", rf"{namespace}\\\.{name}"
    # ansible-collection-… is the repository's address. Whoever wrote a file stays its author.
    own = r"(?<!ansible-collection-)\b{}\b(?! authors)"
    in_markdown = f"{to_namespace}\\.{to_name}"
    return [
        (own.format(dotted), f"{to_namespace}.{to_name}"),
        (own.format(escaped), in_markdown.replace("\\", r"\\")),
        (rf"\b{namespace}/{name}\b", f"{to_namespace}/{to_name}"),
        (rf'"{namespace}"(, | / )"{name}"', rf'"{to_namespace}"\1"{to_name}"'),
        # The tarball, whatever its version.
        (rf"\b{namespace}-{name}-(?=[*{{\d])", f"{to_namespace}-{to_name}-"),
    ]


def renamed(text, old, new):
    """Return a text with the collection's new name in it."""
    for pattern, replacement in rules(old, new):
        text = re.sub(pattern, replacement, text)
    return text


def renamed_galaxy(text, new):
    """Return galaxy.yml with the new name."""
    for key, value in zip(("namespace", "name"), new):
        text = re.sub(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    return text


def current(tree):
    """Return (namespace, name) of the collection in a tree."""
    galaxy = yaml.safe_load((tree / "galaxy.yml").read_text(encoding="utf-8"))
    return galaxy["namespace"], galaxy["name"]


def rename(tree, new):
    """Give the collection in a tree another name; return the files that changed."""
    old, changed = current(tree), []
    for name in tracked_files(tree):
        path = tree / name
        try:
            before = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            # An image or the like, which names nothing.
            continue
        after = renamed(before, old, new)
        after = renamed_galaxy(after, new) if name == "galaxy.yml" else after
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(name)
    return changed


def main():
    """Rename the collection of this tree."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("namespace")
    parser.add_argument("name")
    options = parser.parse_args()
    new = (options.namespace, options.name)
    problems = [problem for problem in map(name_problem, new) if problem]
    status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
    if status.stdout:
        problems.append("commit or stash first: the tree has changes of its own")
    if problems:
        sys.exit("\n".join(problems))
    old = current(ROOT)
    changed = rename(ROOT, new)
    print(f"{'.'.join(old)} is {'.'.join(new)} now, in {len(changed)} files. Next: ruff format . && make test")


if __name__ == "__main__":
    main()
