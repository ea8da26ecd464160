# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pattern for Ansible Automation Platform holds what the specification of patterns asks for, and fits the role."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PATTERN = ROOT / "extensions" / "patterns" / "teardown_event"
EXAMPLES = ROOT / "examples" / "execution-environment"
REQUIRED = {"schema_version", "name", "title", "description", "short_description", "aap_resources"}
QUESTION = {"type", "question_name", "question_description", "variable", "required"}
TYPES = {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}
FIELD = {"id", "type", "label", "help_text", "secret", "multiline", "format", "choices", "default"}
JOB_TEMPLATE = {"name", "description", "execution_environment", "playbook", "primary", "labels", "survey"}
JOB_TEMPLATE |= {"ask_credential_on_launch", "ask_inventory_on_launch", "ask_verbosity_on_launch"}


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pattern():
    return json.loads((PATTERN / "meta" / "pattern.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def resources(pattern):
    return pattern["aap_resources"]


@pytest.fixture(scope="module")
def template(resources):
    (found,) = resources["controller_job_templates"]
    return found


def test_the_pattern_says_what_it_is(pattern):
    assert set(pattern) == REQUIRED | {"tags"} and pattern["name"] == PATTERN.name
    assert re.fullmatch("[a-z0-9_]{1,64}", pattern["name"]) and len(pattern["title"]) <= 64
    assert not pattern["short_description"].endswith(".") and len(set(pattern["tags"])) == len(pattern["tags"])
    assert all(isinstance(pattern[name], str) for name in REQUIRED - {"aap_resources"})


def test_its_files_are_where_galaxy_and_the_platform_look(template):
    assert (PATTERN / "README.md").is_file() and (PATTERN / "playbooks" / template["playbook"]).is_file()
    assert len(list((PATTERN / "execution_environments").iterdir())) == 1
    # galaxy-importer counts the specification of the playbook as a second playbook.
    assert template["primary"] is True


def test_the_job_template_uses_what_the_pattern_creates(resources, template):
    assert set(template) <= JOB_TEMPLATE and set(template["labels"]) <= set(resources["controller_labels"])
    assert template["execution_environment"] == resources["controller_execution_environment"]["name"]
    assert set(resources["controller_execution_environment"]) == {"name", "description", "image_name", "pull"}
    assert re.fullmatch(r"[a-z_]+/[a-z_]+", resources["controller_execution_environment"]["image_name"])
    assert set(resources["controller_project"]) == {"name", "description"}


def test_each_question_is_about_a_variable_of_the_role(template):
    options = load(ROOT / "roles" / "teardown" / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    assert set(template["survey"]) == {"name", "description", "spec"}
    for question in template["survey"]["spec"]:
        assert set(question) - {"choices", "default"} == QUESTION and question["type"] in TYPES
        assert question["variable"] in options and isinstance(question.get("default", ""), str)
        assert ("choices" in question) == question["type"].startswith("multi")
        assert question["question_description"].endswith(".")


def test_the_specification_of_the_playbook_names_the_variables_of_the_survey(template):
    (found,) = load(PATTERN / "playbooks" / "teardown_event.meta.yml")["argument_specs"].values()
    assert list(found["options"]) == [question["variable"] for question in template["survey"]["spec"]]


def test_the_play_is_that_of_the_collections_playbook(template):
    assert load(PATTERN / "playbooks" / template["playbook"]) == load(ROOT / "playbooks" / "teardown.yml")


def test_the_image_of_the_pattern_is_that_of_the_example():
    (definition,) = (PATTERN / "execution_environments").iterdir()
    assert definition.read_bytes() == (EXAMPLES / "execution-environment.yml").read_bytes()


def test_the_credential_type_is_one_that_the_platform_takes():
    kind = load(EXAMPLES / "credential-type.yml")
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(kind) == {"inputs", "injectors"} and set(kind["inputs"]["required"]) <= set(fields)
    assert all({"id", "type", "label"} <= set(field) <= FIELD for field in fields.values())
    # Each field is handed to the job once, as the variable that the modules read.
    injected = {name: re.fullmatch(r"\{\{ (\w+) \}\}", text)[1] for name, text in kind["injectors"]["env"].items()}
    assert injected == {f"ZEGO_{name.upper()}": name for name in fields} and set(kind["injectors"]) == {"env"}


def test_the_readme_names_what_is_created(resources, template):
    readme = (PATTERN / "README.md").read_text(encoding="utf-8")
    names = [resources["controller_project"]["name"], template["name"], *resources["controller_labels"]]
    names.append(resources["controller_execution_environment"]["image_name"])
    assert [name for name in names if name not in readme] == []
