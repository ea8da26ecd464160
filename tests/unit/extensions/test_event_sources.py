# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What both event sources say of themselves, and how they find their collection."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys

import pytest
import yaml

pytest.importorskip("aiohttp")

from engine import SOURCES  # noqa: E402

from ansible_collections.zego.cloud.plugins.module_utils._options import CONNECTION_SPEC  # noqa: E402
from ansible_collections.zego.cloud.plugins.plugin_utils._eda import polling  # noqa: E402


def documentation(name):
    tree = ast.parse((SOURCES / f"{name}.py").read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "EXAMPLES"):
            found[node.targets[0].id] = yaml.safe_load(node.value.value)
    return found


@pytest.mark.parametrize("name", ["zego_callback", "zego_recorded_files"])
def test_documentation_and_spec_agree(name):
    options = documentation(name)["DOCUMENTATION"]["options"]
    spec = runpy.run_path(str(SOURCES / f"{name}.py"))["SPEC"]
    assert set(options) == {*spec, "feedback"}
    for option, rule in spec.items():
        for key in ("type", "required", "default", "choices", "env"):
            assert options[option].get(key) == rule.get(key), (option, key)
    for example in documentation(name)["EXAMPLES"]:
        (args,) = example.values()
        assert list(example) == [f"zego.cloud.{name}"] and set(args) <= set(options)


def test_the_connection_has_the_options_of_the_modules():
    assert set(polling.CONNECTION) == set(CONNECTION_SPEC)
    for name, rule in polling.CONNECTION.items():
        if name not in ("requests_per_second", "retries"):
            assert rule.get("default") == CONNECTION_SPEC[name].get("default"), name
        fallback = CONNECTION_SPEC[name].get("fallback")
        assert rule.get("env") == (fallback[1][0] if fallback else None), name


def test_a_source_finds_its_collection_beside_the_package_ansible(tmp_path):
    """The package ``ansible`` brings ``ansible_collections`` as a regular package, which hides other folders."""
    other = tmp_path / "ansible_collections"
    other.mkdir()
    (other / "__init__.py").write_text("", encoding="utf-8")
    source = f"import runpy; print(callable(runpy.run_path({str(SOURCES / 'zego_callback.py')!r})['main']))"
    for path in ("", str(tmp_path)):
        env = {"PYTHONPATH": path, "PATH": ""}
        done = subprocess.run(
            [sys.executable, "-c", source], env=env, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.stdout == "True\n", done.stderr
