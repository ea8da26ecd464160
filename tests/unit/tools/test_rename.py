# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The command that renames the collection finds its name wherever it stands, and nothing else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import rename  # noqa: E402

OLD = ("old", "name")
NEW = ("acme", "live_events")
KEPT = (
    "https://github.com/old-name/ansible-collection-old.name/issues",
    "# Copyright (c) 2026, the old.name authors",
    "ansible-builder build -t old-name-ee",
    "rtc-api.old.named and a.bold.name",
    "old_name",
)


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("old.name.teardown and old.name", "acme.live_events.teardown and acme.live_events"),
        ("from ansible_collections.old.name.plugins", "from ansible_collections.acme.live_events.plugins"),
        ("ansible_collections/old/name/plugins", "ansible_collections/acme/live_events/plugins"),
        ('folder / "old" / "name"', 'folder / "acme" / "live_events"'),
        ('join("old", "name")', 'join("acme", "live_events")'),
        (r"match old\.name\.x", r"match acme\.live_events\.x"),
        ("old-name-*.tar.gz old-name-1.2.0.tar.gz", "acme-live_events-*.tar.gz acme-live_events-1.2.0.tar.gz"),
        ('f"old-name-{version}"', 'f"acme-live_events-{version}"'),
        *((text, text) for text in KEPT),
    ],
)
def test_the_name_is_found_wherever_it_stands(text, renamed):
    assert rename.renamed(text, OLD, NEW) == renamed


def test_galaxy_gets_the_new_name():
    text = "namespace: old\nname: name\nversion: 1.0.0\ndescription: |\n  name: kept\n"
    wanted = "namespace: acme\nname: live_events\nversion: 1.0.0\ndescription: |\n  name: kept\n"
    assert rename.renamed_galaxy(text, NEW) == wanted


@pytest.mark.parametrize("part", ["Acme", "acme-live", "1acme", "_acme", "acme_", "a__b", "", "import", "../x"])
def test_what_galaxy_or_python_would_not_take_is_refused(part):
    assert part in rename.name_problem(part)


def test_of_this_tree_nothing_keeps_the_name_but_its_address_and_its_authors():
    old = rename.current(ROOT)
    dotted, kept = re.compile(r"{}(?:\\)?\.{}".format(*old)), rf"ansible-collection-{old[0]}.{old[1]}"
    for name in rename.tracked_files(ROOT):
        if (ROOT / name).suffix in (".py", ".yml", ".md", ".rst", ".json", ".toml", ".cfg", ".j2", ""):
            text = rename.renamed((ROOT / name).read_text(encoding="utf-8"), old, NEW)
            left = text.replace(kept, "").replace(f"{old[0]}.{old[1]} authors", "")
            assert not dotted.search(left), name
            assert f"{old[0]}/{old[1]}" not in left, name
