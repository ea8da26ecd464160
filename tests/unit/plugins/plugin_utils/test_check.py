# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check before the first step names all that is unclear, and warns of what is probably a mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._options import CONNECTION_SPEC, REGIONS
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import progress, settings
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.check import VARIABLES, check
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import plan

ROLE = Path(__file__).resolve().parents[4] / "roles" / "teardown"
EVENT = {"streams": {"Ws": ["a"]}}
SECRET = "feedfacefeedfacefeedfacefeedface"


def _yaml(path):
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_every_variable_is_checked_and_documented():
    options = _yaml("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert {name[len("zego_teardown_") :] for name in options} == set(VARIABLES)
    # Ansible's own check would refuse null, and print the whole specification.
    assert all(option["type"] == "raw" and "choices" not in option for option in options.values())
    assert settings.REGIONS == tuple(REGIONS) and settings.STEPS == tuple(progress.STEPS)
    assert set(settings.CONNECTION) | {"requests_per_second", "ledger"} == set(CONNECTION_SPEC)


def test_the_three_shapes_of_streams_that_are_documented_are_taken():
    options = _yaml("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    text = " ".join(options["zego_teardown_streams"]["description"])
    shapes = [yaml.safe_load(shape) for shape in re.findall(r"C\(([\[{].*?[\]}])\)", text)]
    assert [type(shape) for shape in shapes] == [dict, list, list]
    counts = []
    for shape in shapes:
        event = {"streams": shape, "vendor": "Tencent" if shape == ["stage-1", "stage-2"] else None}
        checked = check(event)
        assert checked["problem"] == "" and not checked["warnings"]
        counts.append(sum(len(group["streams"]) for group in plan(event)["recordings"]))
    assert counts == [3, 2, 2]


def test_a_variable_that_is_not_given_has_the_default_that_is_documented():
    defaults = _yaml("defaults/main.yml")
    options = _yaml("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    for name, setting in settings.SETTINGS.items():
        if name != "step_summary":
            assert defaults.get(f"zego_teardown_{name}") == setting.default, name
            assert options[f"zego_teardown_{name}"].get("default") == setting.default, name


@pytest.mark.parametrize("nothing", [None, "", "  ", "__omit_place_holder__da39a3ee5e6b4b0d"])
def test_null_and_empty_mean_not_given(nothing):
    checked = check({**dict.fromkeys(VARIABLES, nothing), **EVENT})
    wanted = {name: setting.default for name, setting in settings.SETTINGS.items() if setting.default is not None}
    found = {name: value for name, value in checked["settings"].items() if not settings.SETTINGS[name].empty}
    assert checked["problem"] == "" and found == wanted
    assert check(dict.fromkeys(VARIABLES, nothing))["problem"].startswith("There is nothing to tear down")


def test_nothing_that_is_kept_holds_a_secret():
    relay = {"stream_id": "a", "cdn_url": f"rtmp://x/app/{SECRET}"}
    given = {**EVENT, "server_secret": SECRET, "app_id": 1, "relays": [relay]}
    assert check(given)["problem"] == "" and SECRET not in str(check(given))
    assert SECRET not in str(check({**given, "relays": [f"rtmp://x/app/{SECRET}"], "skip": "x"}))


def test_empty_text_has_a_meaning_where_it_is_documented():
    assert check({**EVENT, "ledger": "", "step_summary": ""})["settings"]["ledger"] == ""
    assert "ledger" not in check({**EVENT, "ledger": None})["settings"]
    assert check({**EVENT, "fail_on": [], "report_formats": []})["settings"]["fail_on"] == []


READ = [
    ("keep_rooms", "no", False),
    ("keep_rooms", "False ", False),
    ("keep_rooms", 0, False),
    ("wait_for_files", "TRUE", True),
    ("skip", "relays, rooms", ["relays", "rooms"]),
    ("skip", '["relays"]', ["relays"]),
    ("fail_on", ["recordings"], ["recordings"]),
    ("report_formats", "html", ["html"]),
    ("files_retries", "0", 0),
    ("files_since", 1700000000, "1700000000"),
    ("relay_absent_codes", "1,2", [1, 2]),
    ("relay_absent_codes", 7, [7]),
    ("not_recording_codes", '{"Ws": ["404"]}', {"Ws": ["404"]}),
    ("not_recording_codes", {"Ws": "404,405", "Tencent": None}, {"Ws": ["404", "405"]}),
    ("event", 2026, "2026"),
    ("requests_per_second", "2.5", 2.5),
]


@pytest.mark.parametrize("name, value, wanted", READ)
def test_a_variable_is_read_in_its_type(name, value, wanted):
    checked = check({**EVENT, name: value})
    assert checked["problem"] == "" and checked["settings"][name] == wanted


UNCLEAR = [
    ("keep_rooms", "ture", "zego_teardown_keep_rooms: expected true or false, got 'ture'."),
    ("wait_for_files", [], "zego_teardown_wait_for_files: expected true or false"),
    ("allow_empty", "yep", "zego_teardown_allow_empty: expected true or false"),
    ("is_test", "jes", "zego_teardown_is_test: expected true or false"),
    ("skip", "relay", "got 'relay'. Did you mean relays?"),
    ("skip", "[relays]", "zego_teardown_skip is text with brackets"),
    ("fail_on", ["recording"], "Did you mean recordings?"),
    ("report_formats", "HTML", "Did you mean html?"),
    ("region", "Sha", "Did you mean sha?"),
    ("files_retries", "-1", "zego_teardown_files_retries: expected a whole number"),
    ("files_delay", True, "zego_teardown_files_delay: expected a whole number"),
    ("timeout", "ten", "zego_teardown_timeout: expected a number"),
    ("rate_limit_timeout", float("inf"), "zego_teardown_rate_limit_timeout: expected a number"),
    ("relay_absent_codes", ["x"], "zego_teardown_relay_absent_codes: expected a whole number"),
    ("not_recording_codes", ["x"], "zego_teardown_not_recording_codes: expected a mapping"),
    ("not_recording_codes", {"ws": [1]}, "got 'ws'. Did you mean Ws?"),
    ("app_id", SECRET, "zego_teardown_app_id must be the project's number, digits only"),
    ("app_id", "１２３", "zego_teardown_app_id must be the project's number"),
    ("app_id", 2**32, "zego_teardown_app_id must be the project's number"),
    ("app_id", True, "zego_teardown_app_id must be the project's number"),
    ("server_secret", f"{SECRET}\n", "zego_teardown_server_secret holds a newline"),
    ("server_secret", f"{SECRET[:16]} {SECRET[16:]}", "zego_teardown_server_secret holds white space"),
    ("server_secret", f'"{SECRET}"', "zego_teardown_server_secret has quotes at its ends"),
    ("server_secret", 12345678, "zego_teardown_server_secret must be text: quote it."),
    ("close_reason", ["x"], "zego_teardown_close_reason: expected text"),
]


@pytest.mark.parametrize("name, value, reason", UNCLEAR)
def test_a_variable_that_is_unclear_is_named(name, value, reason):
    problem = check({**EVENT, name: value})["problem"]
    assert reason in problem and SECRET[:16] not in problem and "problems:" not in problem


def test_two_typos_are_told_in_one_message():
    given = {"streams": {"tencent": ["a"]}, "keep_rooms": "ture"}
    problem = check(given, ["zego_teardown_stream", "zego_teardown_close_room", "zego_teardown_hosts", "x"])["problem"]
    assert problem.startswith("4 problems: (1) zego_teardown_close_room is no variable of the role")
    for part in ("mean zego_teardown_close_rooms?", "mean zego_teardown_streams?", "'ture'", "mean Tencent?"):
        assert part in problem


@pytest.mark.parametrize(
    "name, meant",
    [
        ("close_rooms", "close_rooms"),
        ("streams", "streams"),
        ("zego_tear_down_close_rooms", "close_rooms"),
        ("zego_tear_down_app_id", "app_id"),
        ("ZEGO_TEARDOWN_RELAYS", "relays"),
        ("zego_taerdown_close_reason", "close_reason"),
        ("teardown_keep_rooms", "keep_rooms"),
        ("zego_close_rooms", "close_rooms"),
    ],
)
def test_a_variable_that_nobody_reads_is_warned_of(name, meant):
    (warning,) = check({"discover_rooms": [{"room_id": "m", "vendor": "Ws"}]}, [name, "ansible_host"])["warnings"]
    assert f"The variable {name} is set" in warning and f"Did you mean zego_teardown_{meant}?" in warning
    # The event may be empty for that very reason.
    problem = check({}, [name])["problem"]
    assert "There is nothing to tear down" in problem and f"zego_teardown_{meant}?" in problem


def test_a_variable_that_somebody_may_read_is_not_warned_of():
    names = "app_id vendor event timeout groups zego_app_id zego_sdk my_streams streams_of_tonight teardown_done"
    assert check(EVENT, [*names.split(), "streams", "zego_tear_down_streams", "__zego_teardown_x"])["warnings"] == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(VARIABLES), VALUES, max_size=6))
def test_whatever_is_given_there_is_an_answer(given):
    checked = check(given)
    # A name that stands for something else in Python and in YAML must not get through.
    assert checked["problem"] or set(checked["settings"]["skip"]) <= set(settings.STEPS)
    assert checked["problem"] or isinstance(checked["settings"]["keep_rooms"], bool)
