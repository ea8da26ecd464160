# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The callbacks that the simulator posts: when, in which form, how they are signed, and how often."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
import time
from urllib.parse import parse_qsl, unquote

import pytest

# 2023-07-28T10:15:27Z: the vendor's own example.
BEGIN = 1690539327
SECRET = "callback-secret-of-the-demo"


class Sink:
    """A server that keeps what is posted to it. ``statuses``: of the next answers; then 200."""

    def __init__(self):
        self.bodies, self.types, self.times, self.statuses = [], [], [], []
        self._change = threading.Condition()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with sink._change:
                    sink.bodies.append(body)
                    sink.types.append(self.headers["Content-Type"])
                    sink.times.append(time.monotonic())
                    status = sink.statuses.pop(0) if sink.statuses else 200
                    sink._change.notify_all()
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_given):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?from=zego"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def take(self, number):
        """Return the bodies once there are so many of them."""
        with self._change:
            assert self._change.wait_for(lambda: len(self.bodies) >= number, 10), self.bodies
            return list(self.bodies)

    def fields(self, number=1):
        """Return what the JSON bodies hold, once there are so many of them."""
        return [json.loads(body) for body in self.take(number)]


@pytest.fixture
def sink():
    running = Sink()
    yield running
    running.close()


@pytest.fixture
def posting(simulator, sink):
    """The simulator, which posts its callbacks to the sink, with pauses a thousand times as short."""
    simulator.configure(callback_url=sink.url, callback_time_scale=0.001)
    return simulator


def settled(simulator, number=1):
    """Return the simulator's own list of callbacks, once so many are no longer pending."""
    until = time.monotonic() + 10
    while True:
        found = simulator.callbacks()
        if len([entry for entry in found if entry["state"] != "pending"]) >= number:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.01)


def signed(fields):
    parts = sorted([SECRET, str(fields["timestamp"]), str(fields["nonce"])])
    return hashlib.sha1("".join(parts).encode()).hexdigest()


def test_the_signature_is_the_published_one(program, monkeypatch):
    monkeypatch.syspath_prepend(program)
    import callbacks

    assert callbacks.sign("secret", "1470820198", "123412") == "5bd59fd62953a8059fb7eaba95720f66d19e4517"


def test_a_file_of_tencent_is_told_with_the_fields_of_the_reference_all_of_them_text(posting, sink):
    file = {"stream": "cdn01", "begin": BEGIN, "duration": 31.104, "file_id": "4711", "url": "http://x.test/a.mp4"}
    posting.add_files("Tencent", [file])
    (fields,) = sink.fields()
    assert sink.types == ["application/json"] and fields["signature"] == signed(fields)
    assert abs(int(fields.pop("timestamp")) - time.time()) < 5 and fields.pop("nonce").isdecimal()
    assert all(isinstance(value, str) for value in fields.values())
    extra = json.loads(fields.pop("extra_params"))
    assert extra == {"TaskId": "", "FileID": "4711", "Duration": 31.104}
    del fields["signature"]
    assert fields == {
        "stream_alias": "cdn01",
        "replay_url": "http://x.test/a.mp4",
        "begin_time": str(BEGIN),
        "end_time": str(BEGIN + 31),
        "appid": str(posting.app_id),
        "event": "record",
    }


@pytest.mark.parametrize("vendor,keys", [("Huawei", {"ObsObject", "FileSize"}), ("Ws", {"PersistentId"})])
def test_other_vendors_have_fields_of_their_own_and_the_address_of_the_search(posting, sink, api, vendor, keys):
    posting.add_files(vendor, ["cdn01"])
    (fields,) = sink.fields()
    extra = json.loads(fields["extra_params"])
    assert set(extra) == keys | {"Duration"}
    (row,) = api.call("SearchMedia", vendor)["Data"][vendor]["Keys"]
    assert fields["replay_url"] == row["MediaUrl"]
    assert extra.get("ObsObject", row["Key"]) == row["Key"] and extra.get("FileSize", row["Size"]) == row["Size"]


def test_a_stop_tells_each_format_once_its_file_is_there(posting, sink, api):
    posting.configure(file_delay_seconds=0.05, ws_formats=["mp4", "flv"])
    posting.record("Ws", ["cdn01"])
    api.stop("Ws", "cdn01")
    # Nobody searches for the files meanwhile.
    found = sink.fields(2)
    assert sorted(fields["replay_url"].rsplit(".", 1)[1] for fields in found) == ["flv", "mp4"]
    assert found[0]["nonce"] != found[1]["nonce"]


def test_what_a_scenario_begins_with_and_what_is_lost_is_not_told(simulator, sink, api):
    config = {"callback_url": sink.url, "file_delay_seconds": 0}
    later = {"stream": "later", "ready_in": 0.05}
    rooms = {"hall": ["cdn01"]}
    simulator.reset({"config": config, "files": {"Tencent": ["old", later]}, "rooms": rooms})
    simulator.add_files("Tencent", [{"stream": "lost", "callback": False}])
    assert [fields["stream_alias"] for fields in sink.fields()] == ["later"]
    assert len(settled(simulator)) == 1
    assert api.call("SearchMedia", "Tencent")["Data"]["Tencent"]["TotalCount"] == 3


def test_a_callback_that_is_refused_goes_again_after_growing_pauses_and_is_lost_in_the_end(posting, sink):
    posting.configure(callback_time_scale=0.01)
    sink.statuses = [500, 404, 302, 401, 503, 500, 500]
    posting.add_files("Tencent", ["cdn01"])
    (entry,) = settled(posting)
    assert entry["state"] == "lost"
    assert [attempt["status"] for attempt in entry["attempts"]] == [500, 404, 302, 401, 503, 500]
    pauses = [later - earlier for earlier, later in zip(sink.times, sink.times[1:])]
    assert all(pause >= 0.01 * least for pause, least in zip(pauses, (2, 4, 8, 16, 32)))
    assert len(set(sink.take(6))) == 1


def test_a_callback_that_is_taken_later_is_delivered_and_may_be_signed_anew(posting, sink):
    posting.configure(callback_resign=True)
    sink.statuses = [500]
    posting.add_files("Tencent", ["cdn01"])
    (entry,) = settled(posting)
    assert entry["state"] == "delivered" and [attempt["status"] for attempt in entry["attempts"]] == [500, 200]
    first, second = sink.fields(2)
    assert first["signature"] != second["signature"] and second["signature"] == signed(second)


def test_nobody_there_is_no_answer(posting):
    posting.configure(callback_url="http://127.0.0.1:9/")
    posting.add_files("Tencent", ["cdn01"])
    (entry,) = settled(posting)
    assert entry["state"] == "lost" and {attempt["status"] for attempt in entry["attempts"]} == {None}


def test_a_body_may_be_encoded_a_form_or_have_numbers(posting, sink):
    posting.configure(callback_encoding="urlencoded")
    posting.add_files("Tencent", ["日本 +&"])
    (body,) = sink.take(1)
    assert body.startswith(b"%7B") and json.loads(unquote(body.decode()))["stream_alias"] == "日本 +&"
    posting.configure(callback_encoding="form")
    posting.add_files("Tencent", ["日本 +&"])
    fields = dict(parse_qsl(sink.take(2)[1].decode(), strict_parsing=True))
    assert fields["stream_alias"] == "日本 +&" and fields["signature"] == signed(fields)
    assert sink.types[1] == "application/x-www-form-urlencoded"
    posting.configure(callback_encoding="json", callback_numbers=True)
    posting.add_files("Tencent", ["cdn01"])
    fields = json.loads(sink.take(3)[2])
    assert fields["appid"] == posting.app_id and isinstance(fields["nonce"], int)
    assert fields["signature"] == signed(fields)


def told(sink, number):
    """Return [(event, room, stream)] of the callbacks, sorted, once there are so many."""
    fields = sink.fields(number)
    return sorted((item["event"], item["room_id"], item.get("stream_alias", "")) for item in fields)


def test_rooms_tell_of_their_streams_and_of_their_end(posting, sink, api):
    posting.add_room("hall", ["a", "b"])
    posting.add_room("hall", ["b"])
    posting.add_room("hall", [])
    created, closed = ("stream_create", "hall"), ("stream_close", "hall")
    streams = [(*kind, stream) for kind in (closed, created) for stream in "ab"]
    assert told(sink, 5) == [("room_close", "hall", ""), *streams]
    sessions = {str(fields["room_session_id"]) for fields in sink.fields()}
    assert len(sessions) == 1
    sink.bodies.clear()
    posting.add_room("hall", ["a"])
    assert str(sink.fields()[0]["room_session_id"]) not in sessions


@pytest.mark.parametrize("wanted,events", [("true", ["room_close", "stream_close"]), ("false", ["stream_close"])])
def test_a_closed_room_tells_of_itself_only_where_that_was_asked_for(posting, sink, api, wanted, events):
    posting.configure(callback_events=["stream_close", "room_close"])
    posting.add_room("hall", ["a"])
    api.call("CloseRoom", RoomId="hall", RoomCloseCallback=wanted)
    assert [event for event, _room, _stream in told(sink, len(events))] == events
    assert len(settled(posting, len(events))) == len(events)
    assert next(item for item in sink.fields() if item["event"] == "stream_close")["type"] == "5"


def test_any_callback_can_be_posted_and_cloud_recording_has_its_own_form(posting, sink):
    sink.statuses = [500] * 3
    posting.post_callback(event_type=5, task_id="t", room_id="hall", sequence=3)
    (entry,) = settled(posting)
    assert entry["state"] == "lost" and len(entry["attempts"]) == 3
    fields = sink.fields()[0]
    assert (fields["app_id"], fields["event_type"]) == (posting.app_id, 5) and "appid" not in fields
    posting.post_callback(event="room_close", room_id="hall", appid="1")
    assert sink.fields(4)[3]["appid"] == "1"


def test_a_reset_ends_what_was_still_to_be_sent(posting, sink):
    posting.configure(callback_time_scale=1)
    sink.statuses = [500]
    posting.add_files("Tencent", ["first", {"stream": "later", "ready_in": 0.05}])
    sink.take(1)
    posting.reset({"config": {"callback_url": sink.url}, "files": {"Tencent": [{"stream": "other", "ready_in": 0.2}]}})
    assert [fields["stream_alias"] for fields in sink.fields(2)] == ["first", "other"]
    assert [entry["fields"]["stream_alias"] for entry in posting.callbacks()] == ["other"]


def test_what_cannot_be_posted_is_refused(simulator, error):
    with pytest.raises(error, match="there is no callback_url"):
        simulator.post_callback(event="record")
    for value in ("ftp://x", "http://", "x", 1):
        with pytest.raises(error, match="callback_url must be"):
            simulator.configure(callback_url=value)
    simulator.configure(callback_url="http://127.0.0.1:9/")
    with pytest.raises(error, match="an object"):
        simulator.control("POST", "callbacks", [])
    assert "callback_secret" not in simulator.config()


def test_the_command_line_says_where_callbacks_go(launch, sink):
    options = ["--callback-url", sink.url, "--callback-secret", "another", "--callback-encoding", "form"]
    simulator = launch(options=[*options, "--callback-time-scale", "0.001"])
    simulator.add_files("Tencent", ["cdn01"])
    fields = dict(parse_qsl(sink.take(1)[0].decode()))
    parts = sorted(["another", fields["timestamp"], fields["nonce"]])
    assert fields["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()
