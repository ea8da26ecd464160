# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plugins' folders are layers, and imports point one way (see docs/architecture.md)."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
PACKAGE = "ansible_collections.zego.cloud.plugins"

# What each folder, or file beside the folders, imports of the others: no more than this, and no less.
ALLOWED = {
    "module_utils/_api": set(),
    "module_utils/_ledger": {"_api"},
    "module_utils/_times": set(),
    "module_utils/_values": set(),
    "module_utils/_validation": {"_api", "_values"},
    "module_utils/_options": {"_api", "_ledger", "_validation"},
    "module_utils/_result": {"_api", "_values"},
    "module_utils/_names": {"_validation"},
    "module_utils/_connection": {"_api", "_validation"},
    "module_utils/_module": {"_api", "_connection", "_ledger", "_names", "_options", "_validation"},
    "module_utils/_recording": {"_api", "_ledger", "_result", "_times", "_values"},
    "module_utils/_event": {"_api", "_ledger", "_result", "_times", "_validation", "_values"},
    "module_utils/_media": {"_api", "_result", "_times", "_validation", "_values"},
    "module_utils/_tasks": {"_api", "_event", "_media", "_module", "_recording", "_result", "_validation", "_values"},
    "modules": {"_event", "_module", "_tasks"},
}
# Each of these may import itself and those before it. What it takes of module_utils is free of the client (see below).
PLUGIN_UTILS = ("_text", "_files", "_languages", "_teardown", "_forms", "_filters", "filter", "action")
# What the event sources in extensions/eda share: it imports module_utils, and nothing else of the collection.
OF_EVENT_SOURCES = "plugin_utils/_eda"
# What talks to the API: neither a report nor a plan needs it.
TALKS = {f"module_utils/_api/{name}" for name in ("attempt", "client", "lane", "steps", "transport")}


def files():
    """Return {path below plugins/, without .py: its tree}."""
    found = {}
    for path in PLUGINS.rglob("*.py"):
        name = path.relative_to(PLUGINS).with_suffix("").as_posix()
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


FILES = files()


def imported_modules(tree):
    """Yield the full names that a file imports, wherever in it: also inside of a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports do not work in every plugin"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def arrows():
    """Return {file: the files of the collection that it imports}."""
    result = {}
    for name, tree in FILES.items():
        inside = [module for module in imported_modules(tree) if module.startswith(f"{PACKAGE}.")]
        targets = {module[len(PACKAGE) + 1 :].replace(".", "/") for module in inside}
        result[name] = targets.intersection(FILES)
    return result


ARROWS = arrows()


def folder_of(name):
    """Return ``module_utils/_api`` for a file in it, ``modules`` for a module; a file beside the folders is its own."""
    return "/".join(name.split("/")[:2]) if name.startswith(("module_utils/", "plugin_utils/")) else name.split("/")[0]


def reached(name):
    """Return all files that importing this one may load."""
    seen, left = set(), [name]
    while left:
        for target in ARROWS[left.pop()] - seen:
            seen.add(target)
            left.append(target)
    return seen


def folder_arrows():
    result = defaultdict(set)
    for name, targets in ARROWS.items():
        result[folder_of(name)] |= {folder_of(target) for target in targets} - {folder_of(name)}
    return result


def test_each_folder_imports_what_the_table_says():
    found = {}
    for folder, targets in folder_arrows().items():
        if folder.startswith("module_utils/") or folder == "modules":
            found[folder] = {target.replace("module_utils/", "") for target in targets}
    assert found == ALLOWED


def test_what_talks_to_the_api_knows_nothing_of_ansible_or_of_the_jobs():
    for name, tree in FILES.items():
        if name.startswith("module_utils/_api/"):
            outside = [
                module for module in imported_modules(tree) if module.startswith(("ansible", "ansible_collections"))
            ]
            assert all(module.startswith(f"{PACKAGE}.module_utils._api") for module in outside), name


@pytest.mark.parametrize(
    "library,places",
    [
        ("requests", {"module_utils/_api/transport", "module_utils/_api/wire"}),
        ("urllib3", {"module_utils/_api/transport", "module_utils/_api/wire"}),
        ("sqlite3", {"module_utils/_ledger/sqlite_store", "plugin_utils/_eda/spool"}),
    ],
)
def test_a_library_is_imported_where_it_belongs(library, places):
    users = set()
    for name, tree in FILES.items():
        if library in [module.split(".")[0] for module in imported_modules(tree)]:
            users.add(name)
    assert users == places


def test_of_the_shared_code_only_the_face_to_ansible_imports_ansible():
    users = set()
    for name, tree in FILES.items():
        modules = [module.split(".")[0] for module in imported_modules(tree)]
        if name.startswith("module_utils/") and "ansible" in modules:
            users.add(name)
    assert users == {"module_utils/_module", "module_utils/_options"}


def test_imports_have_no_cycle():
    for name in FILES:
        assert name not in reached(name)


def test_no_report_and_no_plan_loads_the_client():
    for name in FILES:
        if name.startswith(("plugin_utils/", "filter/", "action/")) and folder_of(name) != OF_EVENT_SOURCES:
            assert not TALKS.intersection(reached(name)), name


def test_plugin_utils_are_layers():
    for name, targets in ARROWS.items():
        layer = folder_of(name).replace("plugin_utils/", "")
        if name.startswith(("plugin_utils/", "filter/", "action/")) and folder_of(name) != OF_EVENT_SOURCES:
            for target in targets:
                below = folder_of(target).replace("plugin_utils/", "")
                if not target.startswith("module_utils/"):
                    assert PLUGIN_UTILS.index(below) <= PLUGIN_UTILS.index(layer), (name, target)


def test_what_event_sources_share_serves_nothing_else_and_knows_nothing_of_ansible():
    for name, targets in ARROWS.items():
        if folder_of(name) == OF_EVENT_SOURCES:
            outside = {folder_of(target) for target in targets} - {OF_EVENT_SOURCES}
            assert all(folder.startswith("module_utils/") for folder in outside), name
            assert "module_utils/_module" not in reached(name)
            modules = [module.split(".")[0] for module in imported_modules(FILES[name])]
            # A source imports aiohttp itself, so that a test of what they share needs no such library.
            assert "ansible" not in modules and "aiohttp" not in modules, name
        else:
            assert OF_EVENT_SOURCES not in map(folder_of, targets), name


def test_no_module_loads_what_another_job_needs():
    jobs = {
        "zego_cdn_record": {"_recording"},
        "zego_cdn_relay": {"_event"},
        "zego_room": {"_event"},
        "zego_stream_info": {"_event"},
        "zego_api": {"_event"},
    }
    for module, own in jobs.items():
        folders = {folder_of(name).replace("module_utils/", "") for name in reached(f"modules/{module}")}
        assert folders.intersection({"_recording", "_event", "_media"}) == own
