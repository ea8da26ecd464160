# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the event sources."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.plugin_utils._eda.options import read_options

SPEC = {
    "port": {"type": "int", "required": True, "least": 1, "most": 9},
    "secret": {"type": "str", "required": True, "env": "ZEGO_TEST_SECRET"},
    "rate": {"type": "float", "default": 2.5},
    "on": {"type": "bool", "default": False},
    "names": {"type": "list", "choices": ["a", "b"]},
    "kind": {"type": "str", "choices": ["x", "y"], "default": "x"},
    "file": {"type": "path"},
}
GIVEN = {"port": 5, "secret": "swordfish"}


def test_values_are_read_as_a_rulebook_and_its_variables_give_them(monkeypatch):
    monkeypatch.setenv("HOME", "/home/x")
    args = {"port": " 5 ", "secret": 17, "rate": "3", "on": "Yes", "names": "a, b", "file": "~/f", "kind": "y"}
    found = read_options({**args, "feedback": True, "eda_feedback_queue": object()}, SPEC)
    assert found == {
        "port": 5,
        "secret": "17",
        "rate": 3.0,
        "on": True,
        "names": ["a", "b"],
        "kind": "y",
        "file": "/home/x/f",
    }
    assert read_options({**GIVEN, "on": "off"}, SPEC)["on"] is False
    assert read_options(GIVEN, SPEC) == {**GIVEN, "rate": 2.5, "on": False, "names": None, "kind": "x", "file": None}


@pytest.mark.parametrize("empty", [None, "", " \n"])
def test_null_and_empty_count_as_not_given(monkeypatch, empty):
    monkeypatch.setenv("ZEGO_TEST_SECRET", "from-there")
    found = read_options({"port": 5, "secret": empty, "rate": empty, "file": empty}, SPEC)
    assert (found["secret"], found["rate"], found["file"]) == ("from-there", 2.5, None)
    monkeypatch.setenv("ZEGO_TEST_SECRET", " ")
    with pytest.raises(ValueError, match="secret is required.*ZEGO_TEST_SECRET"):
        read_options({"port": 5, "secret": empty}, SPEC)


@pytest.mark.parametrize(
    "args,reason",
    [
        ({"prot": 5}, "unknown option prot"),
        ({"port": "swordfish"}, "port must be a whole number"),
        ({"port": True}, "port must be a whole number"),
        ({"port": 5.5}, "port must be a whole number"),
        ({"port": 0}, "port must be at least 1"),
        ({"port": 10}, "port must be at most 9"),
        ({"rate": "nan"}, "rate must be a number"),
        ({"rate": [1]}, "rate must be a number"),
        ({"on": "swordfish"}, "on must be true or false"),
        ({"names": ["a", "swordfish"]}, "names must be of a, b"),
        ({"names": {"a": 1}}, "names must be a list"),
        ({"names": [["a"]]}, "names must be a list"),
        ({"kind": "swordfish"}, "kind must be one of x, y"),
        ({"secret": {"a": 1}}, "secret must be text"),
        ({"file": ["swordfish"]}, "file must be a path"),
    ],
)
def test_what_is_wrong_is_said_without_the_value(args, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read_options({**GIVEN, **args}, SPEC)
    assert "swordfish" not in str(error.value)


def test_of_a_variable_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("ZEGO_TEST_PORT", "swordfish")
    with pytest.raises(ValueError, match="environment variable ZEGO_TEST_PORT") as error:
        read_options({}, {"port": {"type": "int", "env": "ZEGO_TEST_PORT"}})
    assert "swordfish" not in str(error.value)
