# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each step has to do for an event as the crew writes it down."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import EVENT, FOUND, KEY  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import plan as _plan

NAMES = st.text("abc-_0123456789é.|<`", min_size=1, max_size=8)
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
        [{"stream_id": "a b", "room_id": "main"}, {"stream_id": "c", "room_id": "main"}],
    )
    assert made["recordings"] == [{"vendor": "Ws", "streams": ["c"]}]
    (refused,) = made["refused"]
    assert refused["stream_id"] == "a b" and "console" in refused["message"]


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
    "expected a list": {"streams": {"Ws": "a"}},
    "got 'a,b'": {"close_rooms": "a,b"},
    "entry 1, stream_id 'a b' has white space": {"streams": {"Ws": ["a b"]}},
    "expected a name, got True": {"streams": {"Ws": [True]}},
    "expected a name, got ''": {"streams": {"Ws": [""]}},
    "room 'main' has no vendor": {"discover_rooms": ["main"]},
    "listed before with the vendor Ws": {
        "discover_rooms": [{"room_id": "main", "vendor": "Ws"}, {"room_id": "main", "vendor": "Huawei"}]
    },
    "entry 1: expected a mapping with stream_id and cdn_url": {"relays": [{"stream_id": "a"}]},
    "zego_teardown_relays: entry 1": {"relays": [f"rtmp://x/app/{KEY}?txSecret={KEY}"]},
    "zego_teardown_relays: expected a list": {"relays": f"rtmp://x/app/{KEY}?txSecret={KEY}"},
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


def test_a_misspelt_variable_is_refused_with_the_right_one():
    _plan.check_names(["zego_teardown_streams"], ["zego_teardown_streams"])
    with pytest.raises(ValueError, match="Did you mean zego_teardown_streams"):
        _plan.check_names(
            ["zego_teardown_stream", "zego_teardown_streams"], ["zego_teardown_streams", "zego_teardown_relays"]
        )
    with pytest.raises(ValueError, match="^zego_teardown_x is no variable of the role zego.cloud.teardown.$"):
        _plan.check_names(["zego_teardown_x"], ["something"])


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
