# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters as Ansible finds them: what they refuse, and that their documentation is true."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.zego.cloud.plugins.plugin_utils import _filters

FORMS = ("report_html", "report_junit", "report_markdown", "report_text")
NAMES = (*FORMS, "teardown_followup", "teardown_plan", "teardown_report")
EVENT = {"streams": {"Tencent": ["stage-1", "stage-2"]}}


def module(name):
    return importlib.import_module(f"ansible_collections.zego.cloud.plugins.filter.{name}")


def the_filter(name):
    (found,) = module(name).FilterModule().filters().items()
    assert found[0] == name
    return found[1]


def report():
    return the_filter("teardown_report")({"event": "night", "plan": the_filter("teardown_plan")(EVENT)})


@pytest.mark.parametrize("name", NAMES)
def test_each_filter_is_documented_with_an_example_and_a_return_value(name):
    documented = yaml.safe_load(module(name).DOCUMENTATION)
    assert documented["name"] == name and documented["version_added"] == "0.1.0"
    assert yaml.safe_load(module(name).EXAMPLES)[0]["name"] and yaml.safe_load(module(name).RETURN)["_value"]["type"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, "text", [], 7])
def test_something_else_is_refused_with_a_sentence(name, value):
    with pytest.raises(AnsibleFilterError, match=rf"zego\.cloud\.{name} expects"):
        the_filter(name)(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_filter_that_will_go_says_so(name, monkeypatch):
    told = []
    screen = SimpleNamespace(deprecated=lambda text, **removal: told.append((text, removal)))
    monkeypatch.setattr(_filters, "Display", lambda: screen)
    try:
        the_filter(name)({})
    except AnsibleFilterError:
        # It is no report, or no event.
        pass
    removal = {"version": "2.0.0", "collection_name": "zego.cloud"}
    assert [said[1] for said in told] == ([] if name in FORMS else [removal])
    assert all(f"zego.cloud.{name} " in text for text, _removal in told)


@pytest.mark.parametrize("name", FORMS)
def test_a_report_of_another_version_is_refused(name):
    with pytest.raises(AnsibleFilterError, match="teardown-report/1"):
        the_filter(name)(dict(report(), schema="zego.cloud/teardown-report/2"))
    assert the_filter(name)(report())


@pytest.mark.parametrize("name", ["report_html", "report_markdown"])
def test_a_form_speaks_the_language_that_is_asked_for(name):
    form = the_filter(name)
    assert "收尾报告" in form(report(), "zh") and form(report(), language="en") == form(report())
    for unknown in ("de", "ZH", None, ["zh"], 7):
        with pytest.raises(AnsibleFilterError, match=rf"zego\.cloud\.{name} expects the language en or zh"):
            form(report(), unknown)


LOADER = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
print(*sys.modules)
"""


def test_no_filter_loads_what_talks_to_the_api():
    names = [f"ansible_collections.zego.cloud.plugins.filter.{name}" for name in NAMES]
    command = [sys.executable, "-c", LOADER, json.dumps(sys.path), *names]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert any(name.endswith("plugin_utils._teardown.report") for name in loaded)
    assert [name for name in loaded if name == "requests" or name.endswith(("_api.client", "_api.transport"))] == []


def test_a_plan_alone_makes_a_report():
    made = report()
    assert (
        made["totals"]["failed"] == 2 and made["started"] is None and the_filter("teardown_followup")({})["rooms"] == []
    )


def test_the_sample_in_the_documentation_of_the_plan_is_what_it_returns():
    assert the_filter("teardown_plan")(EVENT) == yaml.safe_load(module("teardown_plan").RETURN)["_value"]["sample"]


def test_every_documented_key_of_the_report_is_there():
    documented = yaml.safe_load(module("teardown_report").RETURN)["_value"]["contains"]
    assert set(documented) <= set(report())


def test_an_unclear_event_is_a_sentence_or_an_error():
    plan = the_filter("teardown_plan")
    assert plan({"streams": ["a"]}, check_only=True).startswith(
        "zego_teardown_streams, entry 1: stream 'a' has no vendor"
    )
    assert plan(EVENT, given_names=["zego_teardown_a"], known_names=["zego_teardown_b"], check_only=True).startswith(
        "zego_teardown_a is no variable"
    )
    assert plan(EVENT, check_only=True) == ""
    with pytest.raises(AnsibleFilterError, match="has no vendor"):
        plan({"streams": ["a"]})
