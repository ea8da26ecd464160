# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each step has to do for an event as the crew writes it down."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import EVENT, FOUND, KEY  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import plan as _plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems

NAMES = st.text("abc-_0123456789é.|<@", min_size=1, max_size=8)
VENDORS = ("Tencent", "Ws", "Huawei", "Aliyun")


def test_streams_are_planned_from_a_mapping_and_from_rooms():
    made = _plan.plan(EVENT, FOUND)
    assert made["recordings"] == [
        {"vendor": "Tencent", "streams": ["stage-1", "stage-2"]},
        {"vendor": "Ws", "streams": ["lobby-1"]},
        {"vendor": "Aliyun", "domain": "pull.example.com", "point": "live", "streams": ["studio-1"]},
        {"vendor": "Huawei", "streams": ["arena-1"]},
    ]
    # The event says where stage-1 is recorded; the room's vendor does not count for it.
    assert [(stream["stream_id"], stream["named"]) for stream in made["discovered"]] == [
        ("arena-1", False),
        ("stage-1", True),
    ]
    assert made["discover"] == [{"room_id": "main", "vendor": "Huawei"}, {"room_id": "back", "vendor": "Huawei"}]
    assert made["rooms"] == ["main", "back"] and made["relays"] == EVENT["relays"] and made["refused"] == []


def test_streams_are_planned_from_a_list_with_a_vendor_each():
    streams = [
        {"stream_id": "a", "vendor": "Ws"},
        "b",
        {"stream_id": "a", "vendor": "Ws"},
        {"stream_id": 7, "vendor": "Ws"},
    ]
    made = _plan.plan({"streams": streams, "vendor": "Tencent"})
    assert made["recordings"] == [{"vendor": "Ws", "streams": ["a", "7"]}, {"vendor": "Tencent", "streams": ["b"]}]


def test_a_room_may_have_a_vendor_of_its_own():
    made = _plan.plan(
        {"discover_rooms": [{"room_id": "main", "vendor": "Ws"}, "back"], "vendor": "Tencent"},
        [{"stream_id": "a", "room_id": "main"}],
    )
    assert made["recordings"] == [{"vendor": "Ws", "streams": ["a"]}]


def test_a_stream_whose_name_no_request_can_carry_is_told_and_left_out():
    made = _plan.plan(
        {"discover_rooms": ["main"], "vendor": "Ws"},
        [{"stream_id": "a\tb", "room_id": "main"}, {"stream_id": "c", "room_id": "main"}],
    )
    assert made["recordings"] == [{"vendor": "Ws", "streams": ["c"]}]
    (refused,) = made["refused"]
    assert refused["stream_id"] == "a\tb" and "console" in refused["message"]


def test_a_stream_of_the_event_whose_name_no_request_can_carry_leaves_the_others_alone():
    made = _plan.plan({"streams": {"Ws": ["a ", "b", "c\nd", "a "]}, "close_rooms": ["r ", "x" * 200]})
    assert made["recordings"] == [{"vendor": "Ws", "streams": ["b"]}]
    assert [stream["stream_id"] for stream in made["refused"]] == ["a ", "c\nd"]
    assert made["refused"][0] == {
        "stream_id": "a ",
        "vendor": "Ws",
        "message": "zego_teardown_streams, Ws, entry 1, stream_id 'a ' begins or ends with white space. It was not "
        "sent: correct the name, and run again.",
    }
    # The module says of each room what is wrong with its ID.
    assert made["rooms"] == ["r ", "x" * 200]
    assert _plan.plan({"streams": {"Ws": ["a "]}})["refused"]


@pytest.mark.parametrize("name", ["guest 1", " guest", "guest ", "👩\u200d🚒", "x" * 256, "a%2Fb"])
def test_what_the_api_names_is_sent_as_it_is(name):
    event = {"discover_rooms": ["main"], "vendor": "Ws"}
    made = _plan.plan(event, [{"stream_id": name, "room_id": "main"}])
    assert made["recordings"] == [{"vendor": "Ws", "streams": [name]}] and not made["refused"]
    # In the event it is no slip either, then.
    made = _plan.plan({**event, "streams": {"Ws": [name]}}, [{"stream_id": name, "room_id": "main"}])
    assert made["recordings"] == [{"vendor": "Ws", "streams": [name]}] and not made["refused"]


STREAMS = {"Tencent": ["a"]}
UNCLEAR = {
    "nothing to tear down": {},
    "'a' has no vendor": {"streams": ["a"]},
    "got 'tencent'": {"streams": {"tencent": ["a"]}},
    "got 'Akamai'": {"streams": [{"stream_id": "a", "vendor": "Akamai"}]},
    "unknown key 'name'": {"streams": [{"name": "a", "vendor": "Ws"}]},
    "unknown key 'id'": {"discover_rooms": [{"id": "main"}], "vendor": "Ws"},
    "is listed under Ws, and says Tencent": {"streams": {"Ws": [{"stream_id": "a", "vendor": "Tencent"}]}},
    "for Aliyun only": {"streams": {"Ws": [{"stream_id": "a", "domain": "d"}]}},
    "zego_teardown_streams, Ws must be a list, not the boolean true": {"streams": {"Ws": True}},
    "zego_teardown_close_rooms is text with brackets": {"close_rooms": "[a,b]"},
    "zego_teardown_streams is text with brackets": {"streams": "{'Ws': ['a']}", "vendor": "Ws"},
    """use -e '{"variable":""": {"close_rooms": "['a', 'b']"},
    "discover_rooms is text with brackets": {"discover_rooms": '"main"', "vendor": "Ws"},
    "Ws: the list is empty, so that nothing would be stopped at Ws": {"streams": {"Ws": [], "Tencent": ["a"]}},
    "zego_teardown_streams, Ws begins and ends like the text of a list": {"streams": {"Ws": ['["a"', '"b"]']}},
    "zego_teardown_close_rooms begins and ends like the text of a list": {"close_rooms": ["'a'", "'b'"]},
    "Tencent: the list is empty": {"streams": {"Ws": ["a"], "Tencent": None}},
    "Huawei: the list is empty": {"streams": {"Ws": ["a"], "Huawei": ""}, "allow_empty": False},
    "did you mean Tencent?": {"streams": {"tencent": ["a"]}},
    "got 'Wangsu'. did you mean Ws?": {"streams": ["a"], "vendor": "Wangsu"},
    "entry 1: the vendor has to be one of Tencent, Ws, Huawei, Aliyun; got 'Alibaba'. did you mean Aliyun?": {
        "discover_rooms": [{"room_id": "main", "vendor": "Alibaba"}]
    },
    "add the filter map(attribute='stream_id')": {
        "streams": [{"stream_id": "a", "room_id": "main", "exists": True}],
        "vendor": "Ws",
    },
    "entry 2, stream_id is a list, not a name. Give one flat list": {"streams": {"Ws": ["a", ["b", "c"]]}},
    "entry 1, stream_id is the number 1.1, not a name": {"streams": {"Ws": [1.10]}},
    "entry 1, stream_id is what 'omit' leaves": {"streams": {"Ws": ["__omit_place_holder__da39a3ee"]}},
    "zego_teardown_close_rooms, entry 2 is a mapping, not a name": {"close_rooms": ["a", {"room_id": "b"}]},
    "entry 1, stream_id is not valid UTF-8": {"streams": {"Ws": ["a\ud800"]}},
    "stream_id is the boolean true, not a name. YAML reads on": {"streams": {"Ws": [True]}},
    "entry 1, stream_id is empty": {"streams": {"Ws": [""]}},
    "room 'main' has no vendor": {"discover_rooms": ["main"]},
    "listed before with the vendor Ws": {
        "discover_rooms": [{"room_id": "main", "vendor": "Ws"}, {"room_id": "main", "vendor": "Huawei"}]
    },
    "entry 1: expected a mapping with stream_id and cdn_url": {"relays": [{"stream_id": "a"}]},
    "zego_teardown_relays: entry 1": {"relays": [f"rtmp://x/app/{KEY}?txSecret={KEY}"]},
    "relays: entry 1: expected a mapping": {"relays": f"rtmp://x/app/{KEY},rtmp://x/app/{KEY}?txSecret={KEY}"},
    "zego_teardown_relays: expected a list": {"relays": {"a": f"rtmp://x/app/{KEY}?txSecret={KEY}"}},
    "zego_teardown_relays is text with brackets": {"relays": f"['rtmp://x/app/{KEY}']"},
    "relays: entry 1: expected": {"relays": [{"stream_id": [f"rtmp://x/app/{KEY}"], "cdn_url": f"rtmp://x/app/{KEY}"}]},
    "relays: cdn_url of entry 1": {"relays": [{"stream_id": f"rtmp://x/app/{KEY} x", "cdn_url": "a"}]},
    "cdn_url of entry 1": {"relays": [{"stream_id": "a", "cdn_url": f"http://x/{KEY}"}]},
    "not_recording_codes: the vendor has to be one of Tencent, Ws, Huawei, Aliyun; got 'tencent'": {
        "streams": STREAMS,
        "not_recording_codes": {"tencent": [1]},
    },
    "not_recording_codes: expected a mapping": {"streams": STREAMS, "not_recording_codes": [1]},
    "close_rooms, entry 1": {"close_rooms": [None]},
}


@pytest.mark.parametrize("reason", UNCLEAR)
def test_what_is_unclear_is_refused(reason):
    with pytest.raises(ValueError) as caught:
        _plan.plan(UNCLEAR[reason])
    assert reason.lower() in str(caught.value).lower() and KEY not in str(caught.value)


@pytest.mark.parametrize("codes", [None, {}, "", {"Tencent": [1], "Aliyun": []}])
def test_codes_are_taken_for_vendors_that_there_are(codes):
    assert _plan.plan({"streams": STREAMS, "not_recording_codes": codes})["recordings"]


def test_all_that_is_unclear_is_told_at_once():
    event = {
        "streams": {"tencent": ["a"], "Ws": ["b", True, 1.5]},
        "vendor": "Alibaba",
        "discover_rooms": ["main", None],
        "close_rooms": [["x"]],
    }
    with pytest.raises(ValueError, match=r"^6 problems: \(1\) .*\(6\) ") as caught:
        _plan.plan(event)
    told = str(caught.value)
    for part in (
        "Aliyun?",
        "Tencent?",
        "Ws, entry 2",
        "Ws, entry 3",
        "discover_rooms, entry 2",
        "close_rooms, entry 1",
    ):
        assert part in told
    assert "There is nothing" not in told
    many = Problems()
    many.found = [f"Entry {number} is wrong." for number in range(14)] + ["Entry 0 is wrong."]
    assert many.in_words().startswith("14 problems: (1) Entry 0 is wrong.") and many.in_words().endswith("And 4 more.")


TEXTS = {
    '["a", "b"]': ["a", "b"],
    ' [ "a" ]\n': ["a"],
    "a,b": ["a", "b"],
    "a": ["a"],
    '["a,b"]': ["a,b"],
}


@pytest.mark.parametrize("text", TEXTS)
def test_text_for_a_list_is_read_as_json_or_at_its_commas(text):
    made = _plan.plan({"streams": text, "vendor": "Ws", "close_rooms": text, "discover_rooms": text})
    assert made["recordings"] == [{"vendor": "Ws", "streams": TEXTS[text]}] and made["rooms"] == TEXTS[text]
    assert [room["room_id"] for room in made["discover"]] == TEXTS[text]
    assert _plan.plan({"streams": {"Ws": text}})["recordings"] == made["recordings"]


def test_the_json_text_of_a_mapping_or_of_relays_is_read():
    relay = {"stream_id": "a", "cdn_url": f"rtmp://x/app/{KEY}"}
    made = _plan.plan({"streams": '{"Ws": ["a"], "Tencent": ["b"]}', "relays": json.dumps([relay])})
    assert [group["vendor"] for group in made["recordings"]] == ["Ws", "Tencent"] and made["relays"] == [relay]


def test_the_list_of_a_vendor_may_be_empty_where_that_is_allowed():
    streams = {"Tencent": [], "Ws": ["a"], "Huawei": None}
    for yes in (True, "yes", "true", 1):
        made = _plan.plan({"streams": streams, "allow_empty": yes})
        assert made["recordings"] == [{"vendor": "Ws", "streams": ["a"]}]
    with pytest.raises(ValueError, match="There is nothing to tear down"):
        _plan.plan({"streams": {"Tencent": []}, "allow_empty": True})


def test_a_stream_under_two_vendors_and_a_number_are_warned_of():
    made = _plan.plan({"streams": {"Tencent": ["a", 83], "Ws": ["a", "b"]}, "close_rooms": [7, "x"]})
    numbers, rooms, two = sorted(made["warnings"], key=lambda text: ("two" in text, "Stream" in text, "rooms" in text))
    assert "zego_teardown_streams, Tencent has numbers: entry 2 is sent as '83'" in numbers and "quote names" in numbers
    assert "zego_teardown_close_rooms has numbers: entry 1 is sent as '7'" in rooms
    assert two.startswith("Stream 'a' is named under Tencent and Ws.")
    assert _plan.plan({"streams": {"Tencent": ["a"], "Ws": ["b"]}})["warnings"] == []
    found = [{"stream_id": "g", "room_id": "m"}, {"stream_id": "g", "room_id": "n"}]
    rooms = [{"room_id": "m", "vendor": "Ws"}, {"room_id": "n", "vendor": "Huawei"}]
    (warning,) = _plan.plan({"discover_rooms": rooms}, found)["warnings"]
    assert "Stream 'g' is named under Ws and Huawei." in warning


class Vaulted:
    """As ansible-core before 2.19 has an inline vault in a list: no text until it is asked for."""

    __ENCRYPTED__ = True

    def __init__(self, text):
        self._text = text

    def __str__(self):
        return self._text


def test_an_inline_vault_is_read_as_its_text():
    relay = {"stream_id": "a", "cdn_url": Vaulted(f"rtmp://x/app/{KEY}")}
    made = _plan.plan({"relays": [relay], "streams": {"Ws": [Vaulted("b")]}})
    assert made["relays"][0]["cdn_url"] == f"rtmp://x/app/{KEY}" and made["recordings"][0]["streams"] == ["b"]


@given(st.lists(st.tuples(NAMES, st.sampled_from(VENDORS)), min_size=1, max_size=30))
def test_every_stream_has_exactly_one_place(pairs):
    made = _plan.plan({"streams": [{"stream_id": name, "vendor": vendor} for name, vendor in pairs]})
    placed = [(name, group["vendor"]) for group in made["recordings"] for name in group["streams"]]
    assert sorted(placed) == sorted(set(pairs)) and len({group["vendor"] for group in made["recordings"]}) == len(
        made["recordings"]
    )


KEYS = st.sampled_from(["stream_id", "vendor", "room_id", "cdn_url", "Tencent", "x"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(JUNK, JUNK, JUNK, JUNK, JUNK)
def test_junk_is_refused_with_a_sentence_or_accepted(streams, vendor, rooms, relays, close):
    event = {"streams": streams, "vendor": vendor, "discover_rooms": rooms, "relays": relays, "close_rooms": close}
    try:
        made = _plan.plan(event)
    except ValueError as error:
        assert len(str(error)) > 10
    else:
        assert all(group["vendor"] in VENDORS for group in made["recordings"])


def _written(value):
    """Every name that a value of a list option may stand for: its own text, JSON's, or a piece between commas."""
    if isinstance(value, dict):
        return _written(value.get("stream_id"))
    if isinstance(value, str):
        try:
            inside = json.loads(value)
        except ValueError:
            inside = []
        return {value, *value.split(","), *(_entries(inside) if isinstance(inside, list) else ())}
    return {str(value)} if isinstance(value, int) and not isinstance(value, bool) else set()


def _entries(value):
    return set().union(*map(_written, value)) if isinstance(value, list) else _written(value)


@given(JUNK | st.lists(st.text('ab,["]}1 ', max_size=8) | JUNK, max_size=4) | st.text('ab,[]"{}: 1', max_size=12))
def test_each_name_that_is_sent_was_written_so(value):
    try:
        made = _plan.plan({"streams": {"Ws": value}, "close_rooms": ["x"]})
    except ValueError:
        return
    sent = {name for group in made["recordings"] for name in group["streams"]}
    assert sent <= _entries(value)
