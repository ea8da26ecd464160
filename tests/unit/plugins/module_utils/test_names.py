# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in a list option is exactly what was asked for, or it is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils import _names

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from("[]{}()\"',"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "value,names",
    [
        (["a", "b"], ["a", "b"]),
        (("a",), ["a"]),
        ("stage-1,stage-2", ["stage-1", "stage-2"]),
        ("stage-1", ["stage-1"]),
        ('["stage-1","stage-2"]', ["stage-1", "stage-2"]),
        (' [\n"stage-1",\n"stage-2"]\n', ["stage-1", "stage-2"]),
        ('["\\u00e9", 7]', ["é", "7"]),
        ([7, "a", 10**19], ["7", "a", "10000000000000000000"]),
        (83, ["83"]),
        ("", []),
        ("[]", []),
        # Older streams have such names.
        (
            ["stage[1]", "stage(1)", "a{b}", "it's", "(x)", "a+b/c&d=e%"],
            ["stage[1]", "stage(1)", "a{b}", "it's", "(x)", "a+b/c&d=e%"],
        ),
    ],
)
def test_names_are_read_as_they_were_given(value, names):
    assert _names.read_names("streams", value).names == names


@pytest.mark.parametrize(
    "value",
    [
        "['stage-1','stage-2']",
        '["stage-1"',
        '"stage-1"',
        "'stage-1'",
        "{stage-1}",
        '{"streams": ["a"]}',
        "[stage-1, stage-2]",
        "stage-1,stage-2]",
        "{{ streams }}",
        "('a', 'b')",
        "\u201cstage-1\u201d",
        "[" * 100_000,
    ],
)
def test_the_text_of_a_list_in_another_notation_is_refused_with_the_remedy(value):
    with pytest.raises(ValueError) as caught:
        _names.read_names("streams", value)
    assert "from_json" in str(caught.value) and "-e '{" in str(caught.value)
    assert "stage" not in str(caught.value).replace('["stage-1", "stage-2"]', "")


@pytest.mark.parametrize(
    "pieces",
    [
        ['["stage-1"', '"stage-2"]'],
        ["['a'", "'b'", "'c']"],
        ["[a", "b]"],
        ["['a']"],
        ["[a]"],
        ["('a'", "'b')"],
        ['"a"', "'b'"],
        ["\u201ca\u201d"],
    ],
)
def test_the_text_of_a_list_is_no_list_of_names_in_pieces_either(pieces):
    with pytest.raises(ValueError, match="streams begins and ends like the text of a list"):
        _names.read_names("streams", pieces)


@pytest.mark.parametrize(
    "published",
    [["{{x}}"], ["{%raw%}", "a"], ['"a', "b"], ["[a", "b"], ["a", "b]"], ["[1]", "[2]"], ["stage[1]"], ["'a'", "b"]],
)
def test_a_name_that_looks_like_a_piece_of_something_is_a_name(published):
    assert _names.read_names("streams", published).names == published


@pytest.mark.parametrize(
    "entry,words",
    [
        (["a", "b"], "is a list, not a name. Give one flat list"),
        ({"stream_id": "a"}, "is a mapping, not a name. Take the names out"),
        (True, "is the boolean true, not a name. YAML reads on"),
        (False, "is the boolean false"),
        (1.1, "is the number 1.1, not a name. YAML reads 1.10"),
        (float("nan"), "is the number nan"),
        (None, "is null, not a name. Leave it out"),
        ("__omit_place_holder__0123456789", "what 'omit' leaves"),
        (b"a", "of type bytes"),
    ],
)
def test_what_is_no_name_is_refused_with_its_entry_and_the_remedy(entry, words):
    with pytest.raises(ValueError) as caught:
        _names.read_names("streams", ["good", entry])
    assert str(caught.value).startswith("streams: entry 2 ") and words in str(caught.value)


@pytest.mark.parametrize("value", [None, True, 1.5, {"a": 1}])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(ValueError, match="streams must be a list, not "):
        _names.read_names("streams", value)


def test_numbers_are_told_as_they_are_sent():
    assert _names.read_names("streams", ["a"]).warning("streams") == ""
    warning = _names.read_names("streams", ["a", 83, 7]).warning("streams")
    assert "entry 2 is sent as '83', entry 3 is sent as '7'." in warning and "quote names" in warning
    assert "and 95 more" in _names.read_names("streams", list(range(100))).warning("streams")


@given(ANYTHING)
def test_a_name_is_the_exact_text_of_an_entry_or_nothing_is_returned(value):
    try:
        found = _names.read_names("streams", value).names
    except ValueError as error:
        assert str(error).startswith("streams")
        return
    if isinstance(value, str):
        text = value.strip()
        entries = json.loads(text) if text.startswith("[") else value.split(",")
        entries = entries if text else []
    else:
        entries = value if isinstance(value, list) else [value]
    assert len(found) == len(entries)
    for name, entry in zip(found, entries):
        assert type(entry) in (str, int) and str(entry) == name


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=1, max_size=4))
def test_json_text_means_the_list_itself(names):
    def read(value):
        try:
            return _names.read_names("streams", value)
        except ValueError as error:
            return str(error)

    assert read(json.dumps(names)) == read(names)


@pytest.mark.parametrize(
    "text", ["stage-1 stage-2", "stage-1\nstage-2", "a;b", "a | b", "guest 1", "a,b c", "stage-1\tstage-2\n"]
)
def test_text_with_anything_but_commas_between_names_is_refused(text):
    with pytest.raises(ValueError, match="separate the names by commas"):
        _names.read_names("streams", text)
    # What stands in a list is one name.
    assert _names.read_names("streams", [text]).names == [text]
