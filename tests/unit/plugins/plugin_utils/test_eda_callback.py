# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of a callback's body, who may have signed it, and the event that it makes."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.plugin_utils._eda import events
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.callback import (
    Reader,
    Refused,
    read_body,
    signature_of,
)

APP_ID = 1234567890
SECRET = "a-callback-secret"
NOW = 1_700_000_000
MAX_AGE = 300


def reader(app_id=APP_ID, secret=SECRET):
    return Reader(app_id, secret, MAX_AGE, lambda: float(NOW))


def signed(secret=SECRET, timestamp=str(NOW), nonce="123412", **fields):
    base = {"event": "record", "appid": str(APP_ID), "stream_alias": "stage-1", "replay_url": "http://x.test/a.mp4"}
    signature = signature_of(secret, str(timestamp), str(nonce))
    return {**base, "timestamp": timestamp, "nonce": nonce, "signature": signature, **fields}


def body(fields):
    return json.dumps(fields).encode()


def refusal(data, **options):
    with pytest.raises(Refused) as error:
        reader(**options).read(data)
    assert SECRET not in str(error.value)
    return error.value.status


def test_the_published_signature():
    assert signature_of("secret", "1470820198", "123412") == "5bd59fd62953a8059fb7eaba95720f66d19e4517"


def test_a_body_may_be_json_percent_encoded_or_a_form():
    fields = signed(stream_alias="日本 +&=%7B")
    forms = [body(fields), b"  " + body(fields), quote(body(fields)).encode(), quote(body(fields)).lower().encode()]
    forms.append(quote(json.dumps(fields).replace(" ", "\0")).replace("%00", "+").replace("%E6", "%e6").encode())
    for data in (forms[0], forms[1], forms[2], urlencode(fields).encode()):
        assert reader().read(data).fields == fields
    assert len({reader().read(data).digest for data in (forms[0], forms[2], urlencode(fields).encode())}) == 1
    assert read_body(b"%7b%22a%22%3A+%22b+c%2Bd%22%7d") == {"a": "b c+d"}


def test_numbers_are_signed_as_they_were_written():
    fields = signed(timestamp=NOW, nonce=123412, appid=APP_ID)
    callback = reader().read(body(fields))
    assert callback.fields["timestamp"] == str(NOW) and callback.fields["appid"] == str(APP_ID)
    assert callback.digest == reader().read(body(signed())).digest
    # A float is another text, and so another signature.
    assert refusal(body({**fields, "nonce": 123412.0})) == 401


def test_a_nested_value_keeps_its_numbers():
    text = '{"a": {"b": [1, -2.5, 12345678901234567890123, 1e999]}, "c": 1e3}'
    nested = [1, -2.5, "12345678901234567890123", "1e999"]
    assert read_body(text.encode()) == {"a": {"b": nested}, "c": "1e3"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"[1]",
        b"null",
        b"hello",
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b'{"a": NaN}',
        b'{"appid": "1", "appid": "2"}',
        b"appid=1&appid=2",
        b"a=%ff",
        b"%7B%ff%7D",
        b"&".join(b"a%d=1" % number for number in range(300)),
        b'{"a":' * 100000,
        b"[" * 100000,
        b'{"a": ' + b"9" * 100000 + b"}",
    ],
)
def test_a_broken_body_is_400_and_quotes_nothing(data):
    with pytest.raises(Refused) as error:
        reader().read(data)
    assert error.value.status == 400 and error.value.__context__ is None
    assert len(str(error.value)) < 80


@given(st.binary(max_size=200))
def test_no_body_does_anything_but_be_refused(data):
    with pytest.raises(Refused) as error:
        reader().read(data)
    assert error.value.status in (400, 401, 403)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("appid", "app_id", "timestamp", "nonce", "signature", "event", "event_type", "extra_params", "replay_url")


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON, max_size=6))
def test_whatever_the_fields_hold_a_signed_callback_is_an_event_or_a_sentence(fields):
    data = {**signed(), **{name: value for name, value in fields.items() if name not in ("appid", "nonce")}}
    data.update({name: signed()[name] for name in ("timestamp", "nonce", "signature")})
    data.pop("app_id", None)
    try:
        callback = reader().read(json.dumps(data).encode())
        event = events.callback_event(callback.app_id, callback.fields)
    except Refused as error:
        assert error.status == 400
    except ValueError as error:
        assert str(error)
    else:
        # The engine takes JSON, and hands it on as YAML.
        assert event is None or json.dumps(event.as_data()).encode()


@pytest.mark.parametrize(
    "changes,status",
    [
        ({"signature": "0" * 40}, 401),
        ({"signature": ""}, 401),
        ({"signature": None}, 401),
        ({"signature": ["a"]}, 401),
        ({"signature": "é" * 40}, 401),
        ({"nonce": "123413"}, 401),
        ({"nonce": ""}, 401),
        ({"nonce": None}, 401),
        ({"timestamp": "1" * 13}, 401),
        ({"timestamp": "٣" * 10}, 401),
        ({"timestamp": f" {NOW}"}, 401),
        ({"timestamp": f"+{NOW}"}, 401),
        ({"timestamp": True}, 401),
        ({"appid": "987"}, 403),
        ({"appid": None}, 400),
        ({"appid": "x"}, 400),
        ({"appid": "٣"}, 400),
        ({"appid": str(APP_ID), "app_id": "987"}, 400),
    ],
)
def test_what_is_not_signed_by_us_is_refused(changes, status):
    fields = signed()
    fields.update(changes)
    assert refusal(body(fields)) == status
    without = {name: value for name, value in fields.items() if value is not None}
    assert refusal(body(without)) == status


@pytest.mark.parametrize("age,taken", [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_signature_counts_for_a_while_before_and_after_its_time(age, taken):
    data = body(signed(timestamp=str(NOW - age)))
    if taken:
        assert reader().read(data).until == NOW - age + MAX_AGE
    else:
        assert refusal(data) == 401


def test_another_secret_is_refused_and_capitals_are_not():
    assert refusal(body(signed(secret="another"))) == 401
    fields = signed()
    assert reader().read(body({**fields, "signature": fields["signature"].upper()})).fields["event"] == "record"


def test_one_signature_is_one_token_wherever_nonce_and_time_are_cut():
    """Both are digits, sorted and joined: without the secret, somebody may take the one for the other."""
    first, second = signed(nonce=str(NOW + 100)), signed(timestamp=str(NOW + 100), nonce=str(NOW), stream_alias="other")
    assert first["signature"] == second["signature"]
    taken, stolen = reader().read(body(first)), reader().read(body(second))
    assert taken.token == stolen.token and taken.digest != stolen.digest


def event_of(**fields):
    return events.callback_event(APP_ID, reader().read(body(signed(**fields))).fields)


def test_a_file_of_tencent():
    extra = {"TaskId": "t", "FileID": "4711", "Duration": 31.104}
    event = event_of(begin_time="1690539327", end_time=1690539358, extra_params=json.dumps(extra))
    assert event.as_data() == {
        "meta": {"uuid": "4711"},
        "zego": {
            "event": "record",
            "app_id": APP_ID,
            "vendor": "Tencent",
            "stream_id": "stage-1",
            "file": {
                "file_id": "4711",
                "format": "mp4",
                "url": "http://x.test/a.mp4",
                "duration": 31.104,
                "started": "2023-07-28T10:15:27Z",
                "ended": "2023-07-28T10:15:58Z",
                "task_id": "t",
            },
        },
    }


def test_a_file_of_huawei_is_its_key_and_one_of_ws_its_url():
    key = "record/app/command_record/stage-1/2023-07-28-09-30-06.mp4"
    huawei = event_of(extra_params={"ObsObject": key, "FileSize": 2239086, "Duration": 1})
    assert (huawei.uuid, huawei.zego["vendor"]) == (key, "Huawei")
    assert (huawei.zego["file"]["name"], huawei.zego["file"]["size"]) == (key, 2239086)
    ws = event_of(extra_params=json.dumps({"PersistentId": "p"}), replay_url="http://u:p@x.test/a.flv?sign=1#x")
    assert (ws.uuid, ws.zego["vendor"], ws.zego["file"]["format"]) == ("http://x.test/a.flv", "Ws", "flv")


def test_a_search_makes_the_same_event_of_the_same_file():
    url = "http://x.test/a.mp4"
    found = {"file_id": "4711", "name": "1.mp4", "url": url, "size": 5, "created": "2023-07-28T10:15:27Z"}
    poll = events.file_event(APP_ID, "Tencent", "stage-1", found)
    told = event_of(extra_params=json.dumps({"FileID": "4711"}))
    assert poll.uuid == told.uuid and set(told.zego) == set(poll.zego)
    key = "record/app/command_record/stage-1/2023-07-28-09-30-06.mp4"
    poll = events.file_event(APP_ID, "Huawei", "stage-1", {"name": key, "url": url})
    assert poll.uuid == event_of(extra_params=json.dumps({"ObsObject": key})).uuid
    poll = events.file_event(APP_ID, "Ws", "stage-1", {"name": "app-stage-1--20230728181527.mp4", "url": url})
    assert poll.uuid == event_of(extra_params=json.dumps({"PersistentId": "p"})).uuid == event_of().uuid


@pytest.mark.parametrize("extra", ["", "{", "[]", "null", '{"FileID": 5}', '{"FileID": null}', "{" * 9999, 7, None])
def test_strange_extra_parameters_leave_the_url(extra):
    event = event_of(extra_params=extra)
    assert event.uuid in ("http://x.test/a.mp4", "5")


@pytest.mark.parametrize("url", ["", "x", "http://", "http://[", None, 5, ["http://x.test/a"]])
def test_a_file_without_identity_makes_no_event(url):
    with pytest.raises(ValueError, match="neither a file nor its URL"):
        event_of(replay_url=url)


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "a{%b", "a{#b", "\0", "\ud800", "x" * 5000])
def test_what_a_playbook_would_run_or_cannot_hold_makes_no_event(text):
    for fields in ({"stream_alias": text}, {"extra_params": {"FileID": text}}):
        with pytest.raises(ValueError, match="text"):
            event_of(**fields)
    with pytest.raises(ValueError, match="text"):
        events.callback_event(APP_ID, {"event_type": "1", "detail": {"file_info": [{"user_name": text}]}})
    with pytest.raises(ValueError, match="text"):
        events.callback_event(APP_ID, {"event_type": "1", "detail": {text: 1}})


def test_streams_and_rooms():
    stream = {"channel_id": "hall", "stream_alias": "a", "user_id": "u", "user_name": "U", "room_session_id": 17}
    created = event_of(event="stream_create", create_time_ms="1690539327123", **stream)
    assert created.zego == {
        "event": "stream_create",
        "app_id": APP_ID,
        "room_id": "hall",
        "room_session_id": "17",
        "stream_id": "a",
        "user_id": "u",
        "user_name": "U",
        "created": "2023-07-28T10:15:27.123Z",
    }
    closed = event_of(event="stream_close", type="5", **stream)
    assert (closed.zego["event"], closed.zego["reason"], closed.zego["room_id"]) == ("stream_close", 5, "hall")
    room = event_of(event="room_close", room_id="hall", close_reason=1, room_close_time="1690539327123")
    assert (room.zego["room_id"], room.zego["reason"]) == ("hall", 1)
    assert room.zego["closed"] == "2023-07-28T10:15:27.123Z"


def test_cloud_recording_has_its_own_form():
    fields = signed(app_id=APP_ID, event_type=1, task_id="t", room_id="hall", sequence=2)
    fields.update(detail={"file_info": [{"file_size": 5}]}, message="m")
    for name in ("event", "appid"):
        del fields[name]
    event = events.callback_event(APP_ID, reader().read(body(fields)).fields)
    assert event.zego == {
        "event": "cloud_recording",
        "app_id": APP_ID,
        "event_type": 1,
        "task_id": "t",
        "room_id": "hall",
        "sequence": 2,
        "message": "m",
        "detail": {"file_info": [{"file_size": 5}]},
    }


def test_an_attempt_signed_anew_is_the_same_event_and_other_fields_are_another():
    first = event_of(event="room_close", room_id="hall", room_close_time="1")
    again = event_of(event="room_close", room_id="hall", room_close_time="1", nonce="9", timestamp=str(NOW + 60))
    other = event_of(event="room_close", room_id="hall", room_close_time="2")
    assert first.uuid == again.uuid != other.uuid and first.uuid.startswith("room_close:")


@pytest.mark.parametrize("event", ["room_login", "", None, 5, ["record"], {"a": 1}])
def test_any_other_event_is_none_of_ours(event):
    assert event_of(event=event) is None


def test_no_event_holds_what_signed_it():
    fields = signed()
    for event in ("record", "stream_create", "stream_close", "room_close"):
        text = json.dumps(event_of(event=event).as_data())
        assert fields["signature"] not in text and fields["nonce"] not in text
