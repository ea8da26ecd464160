# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's documentation, options and defaults."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.zego.cloud.plugins import modules
from ansible_collections.zego.cloud.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.zego.cloud.plugins.module_utils._api import quotas as _quotas
from ansible_collections.zego.cloud.plugins.module_utils._options import CONNECTION_SPEC

FOLDER = Path(list(modules.__path__)[0])
NAMES = sorted(path.stem for path in FOLDER.glob("zego_*.py"))
FRAGMENT = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
KEYS = ("type", "elements", "required", "default", "choices", "aliases")
QUOTAS = {
    "zego_cdn_record": "StopCDNRecord",
    "zego_cdn_relay": "DeleteCDNTransferRule",
    "zego_media_info": "SearchMedia",
    "zego_room": "CloseRoom",
    "zego_stream_info": "DescribeSimpleStreamList",
}


def load(name):
    return importlib.import_module(f"ansible_collections.zego.cloud.plugins.modules.{name}")


def spec_of(name):
    """Return the options of a module. Those of most are in module_utils/_tasks."""
    module = load(name)
    if hasattr(module, "SPEC"):
        return module.SPEC
    return importlib.import_module(module.main.__module__).SPEC


def compare(documented, spec):
    assert set(documented) == set(spec)
    for name, option in documented.items():
        for key in KEYS:
            assert option.get(key) == spec[name].get(key), (name, key)
        compare(option.get("suboptions", {}), spec[name].get("options", {}))


@pytest.mark.parametrize("name", NAMES)
def test_documentation_and_spec_agree(name):
    module = load(name)
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    merged = {option: {**FRAGMENT.get(option, {}), **given} for option, given in {**FRAGMENT, **documented}.items()}
    compare(merged, {**CONNECTION_SPEC, **spec_of(name)})


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_return_values_are_yaml(name):
    module = load(name)
    tasks = yaml.safe_load(module.EXAMPLES)
    assert any(f"zego.cloud.{name}" in task for task in tasks)
    returned = yaml.safe_load(module.RETURN)
    assert "results" not in returned and all("sample" in item or "contains" in item for item in returned.values())


@pytest.mark.parametrize("name", sorted(QUOTAS))
def test_the_default_pace_is_the_quota(name):
    spec = {**CONNECTION_SPEC, **spec_of(name)}
    assert (
        _quotas.permitted_rate(QUOTAS[name], spec["requests_per_second"].get("default"))
        == _quotas.quota_of(QUOTAS[name]).per_second
    )


def test_every_module_is_in_the_action_group():
    runtime = yaml.safe_load((FOLDER.parents[1] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["zego"] == [f"zego.cloud.{name}" for name in NAMES]
