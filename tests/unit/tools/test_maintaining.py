# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What docs/maintaining.md names is there, and the requirements hold that no other test looks at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "maintaining.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?!requirement|---)(.+?) \| (.+) \|$", re.MULTILINE)
# Galaxy's and Automation Hub's, one of which has to be there.
TAGS = {"application", "cloud", "database", "eda", "infrastructure", "linux", "monitoring", "networking", "security"}
TAGS |= {"storage", "tools", "windows"}
# ansible-lint's rules that certification does not let a collection skip.
ENFORCED = {"command-instead-of-module", "command-instead-of-shell", "meta-no-info", "meta-runtime", "no-changed-when"}
ENFORCED |= {
    "no-handler",
    "no-log-password",
    "package-latest",
    "risky-file-permissions",
    "risky-shell-pipe",
    "unnamed-task",
}
# Folders below plugins/ that ansible-core and the community package know.
FOLDERS = {"action", "become", "cache", "callback", "cliconf", "connection", "doc_fragments", "filter", "httpapi"}
FOLDERS |= {"inventory", "lookup", "module_utils", "modules", "netconf", "plugin_utils", "shell", "strategy"}
FOLDERS |= {"sub_plugins", "terminal", "test", "vars"}


def load(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def fulfilled_by(text):
    """Return {requirement: what fulfils it} of the tables in a page."""
    return {requirement: re.findall(r"`([^`]+/[^`]+|[\w.-]+\.\w+)`", cell) for requirement, cell in ROW.findall(text)}


def missing(name):
    """Tell whether a file, or a test in it, does not exist."""
    path, _colons, test = name.partition("::")
    if not (ROOT / path).is_file():
        return True
    return bool(test) and f"\ndef {test}(" not in (ROOT / path).read_text(encoding="utf-8")


def test_each_requirement_is_fulfilled_by_a_file_or_a_test_that_exists():
    rows = fulfilled_by(GUIDE)
    assert len(rows) > 30 and all(rows.values()), rows
    named = [name for names in rows.values() for name in names]
    assert len([name for name in named if "::" in name]) > 20
    assert list(filter(missing, named)) == []


@pytest.mark.parametrize(
    ("name", "is_missing"),
    [
        ("galaxy.yml", False),
        ("galaxy.yaml", True),
        ("tests/unit/tools/test_maintaining.py::load", False),
        ("tests/unit/tools/test_maintaining.py::loa", True),
    ],
)
def test_a_file_or_a_test_that_does_not_exist_is_found_out(name, is_missing):
    assert missing(name) == is_missing


def test_a_row_without_a_file_is_found_out():
    text = "| requirement | fulfilled by |\n| --- | --- |\n| a | `b/c.py`, `d.yml` (`e`) |\n| f | good will |\n"
    assert fulfilled_by(text) == {"a": ["b/c.py", "d.yml"], "f": []}


def test_what_is_internal_begins_with_an_underscore():
    for kind in ("module_utils", "plugin_utils"):
        names = [path.name for path in (ROOT / "plugins" / kind).iterdir() if path.name != "__pycache__"]
        assert names and [name for name in names if not name.startswith("_")] == []


def test_plugins_are_in_folders_that_ansible_knows():
    assert {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir()} <= FOLDERS | {"__pycache__"}


def test_the_collection_depends_on_no_other():
    assert load("galaxy.yml")["dependencies"] == {}


def test_a_tag_is_one_that_certification_requires():
    assert TAGS & set(load("galaxy.yml")["tags"])


def test_no_rule_is_skipped_that_certification_enforces():
    settings = load(".ansible-lint")
    skipped = {rule.partition("[")[0] for key in ("skip_list", "warn_list") for rule in settings.get(key, [])}
    assert settings["profile"] == "production" and not skipped & ENFORCED
    assert not (ROOT / ".ansible-lint-ignore").exists()


def test_sanity_ignores_nothing():
    assert list((ROOT / "tests" / "sanity").glob("ignore*")) == []
    # What is left out of it is not in the tarball either.
    left_out = re.findall(r'"--exclude", "([\w/]+)/"', (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    assert left_out == ["templates"] and set(left_out) <= set(load("galaxy.yml")["build_ignore"])


def test_modules_that_only_read_are_named_info_and_support_check_mode():
    reading = {}
    for path in (ROOT / "plugins" / "modules").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        reading[path.stem] = "zego.cloud.attributes.info_module" in text.lower()
    assert reading == {name: name.endswith("_info") for name in reading}
    fragment = (ROOT / "plugins" / "doc_fragments" / "attributes.py").read_text(encoding="utf-8")
    (info,) = re.findall(r'INFO_MODULE = r"""(.*?)"""', fragment, re.DOTALL)
    assert yaml.safe_load(info)["attributes"]["check_mode"]["support"] == "full"


def test_the_readme_has_the_sections_that_certification_asks_for():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.*)\n((?:(?!^## ).*\n)*)", readme, re.MULTILINE))
    assert "CHANGELOG.md" in sections["Release Notes and Roadmap"]
    assert load("galaxy.yml")["issues"] in sections["Support"]


def test_the_namespace_is_to_be_claimed_and_renaming_is_one_command():
    assert "**It has to be claimed from the vendor**" in GUIDE
    (command,) = re.findall(r"^\$ \S+ (tests/tools/rename\.py) NAMESPACE NAME$", GUIDE, re.MULTILINE)
    assert (ROOT / command).is_file()
