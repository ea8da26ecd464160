# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The rulebooks under the real ansible-rulebook: a callback fires the playbook; each file once, whatever dies."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rulebook import Rulebook  # noqa: E402


def post(rulebook, body):
    """POST to the receiver; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", rulebook.port, timeout=10)
    try:
        connection.request("POST", "/", body)
        return connection.getresponse().status
    finally:
        connection.close()


def signed(rulebook, fields, age=0, secret=None, nonce="123456"):
    timestamp = str(int(time.time()) - age)
    signature = hashlib.sha1("".join(sorted([secret or rulebook.secret, timestamp, nonce])).encode()).hexdigest()
    base = {"event": "record", "appid": str(rulebook.simulator.app_id), "stream_alias": "x", "replay_url": "http://x/f"}
    return {**base, **fields, "timestamp": timestamp, "nonce": nonce, "signature": signature}


def secrets_of(rulebook):
    return rulebook.secret, rulebook.simulator.server_secret


@pytest.fixture
def recorded(tmp_path):
    with Rulebook(tmp_path, "zego.cloud.recorded_file") as rulebook:
        yield rulebook


def test_a_signed_callback_fires_the_playbook_and_what_nobody_told_is_found(recorded):
    """Once for each file, and for nothing else; and no output holds a secret, even at -vv."""
    recorded.start("-vv")
    stolen = signed(recorded, {"replay_url": "http://x/stolen"}, nonce="1")
    attacks = [
        (signed(recorded, {}, secret="guessed"), 401),
        (signed(recorded, {}, age=400), 401),
        (signed(recorded, {}, age=-400), 401),
        (signed(recorded, {"appid": "987"}), 403),
        (b"\xff\xfe{}", 400),
        (b" " * 10_000_000, 413),
        ({**stolen, "event": "room_login"}, 200),
        (stolen, 401),
    ]
    for body, status in attacks:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            assert post(recorded, data) == status
        except (ConnectionError, BrokenPipeError):
            # Of ten megabytes not all is read.
            assert status == 413
    files = [{"stream": f"s{number}", "file_id": f"f{number}"} for number in range(3)]
    # One callback is lost, and another is about a file that the API does not have.
    files[2]["callback"] = False
    recorded.simulator.add_files("Tencent", files)
    recorded.wait(lambda: len(recorded.handled()) == 3, "three files are handled")
    recorded.simulator.add_files("Tencent", [{"stream": "s9", "file_id": "f9"}])
    recorded.wait(lambda: "f9" in recorded.handled(), "a fourth one is")
    assert sorted(recorded.handled()) == ["f0", "f1", "f2", "f9"]
    states = [entry["state"] for entry in recorded.simulator.callbacks()]
    assert states == ["delivered"] * 3
    recorded.end()
    said = recorded.said()
    assert "Traceback" not in said and not [one for one in secrets_of(recorded) if one in said]
    assert not re.search("[Ss]ignature=[0-9a-f]{32}", said)


def test_each_of_twelve_files_has_its_action_once_though_the_engine_is_killed_among_their_callbacks(recorded):
    """Some callbacks were answered, some come again, some are lost: spool, engine and search together miss none."""
    recorded.simulator.configure(callback_time_scale=0.02)
    recorded.start()
    first = [{"stream": f"a{number}", "file_id": f"a{number}"} for number in range(6)]
    recorded.simulator.add_files("Tencent", first)

    def answered():
        return len([entry for entry in recorded.simulator.callbacks() if entry["state"] == "delivered"])

    recorded.wait(lambda: answered() >= 6, "six callbacks are answered")
    recorded.kill()
    # These meet nobody. Their attempts are over before the next start: they are lost.
    second = [{"stream": f"b{number}", "file_id": f"b{number}"} for number in range(6)]
    recorded.simulator.add_files("Tencent", second)
    lost = len([entry for entry in recorded.simulator.callbacks() if entry["state"] != "delivered"])
    assert lost == 6 and recorded.handled() == []
    recorded.start()
    recorded.wait(lambda: len(recorded.handled()) >= 12, "twelve files are handled")
    # One more, to let whatever would be done twice be done.
    recorded.simulator.add_files("Tencent", [{"stream": "last", "file_id": "last"}])
    recorded.wait(lambda: "last" in recorded.handled(), "a thirteenth one is")
    assert sorted(recorded.handled()) == sorted([file["file_id"] for file in (*first, *second)] + ["last"])


def test_a_playbook_that_ran_when_the_engine_was_killed_runs_again_and_does_nothing_twice(recorded):
    """But for the one file that may have been between its tasks and its mark."""
    recorded.start()
    files = [{"stream": f"s{number}", "file_id": f"f{number}"} for number in range(8)]
    recorded.simulator.add_files("Tencent", files)
    recorded.wait(lambda: len(recorded.handled()) >= 3, "three of eight files are handled")
    recorded.kill()
    done = len(recorded.handled())
    recorded.start()
    recorded.wait(lambda: len(recorded.marks()) >= 8, "all are")
    handled = recorded.handled()
    assert done < 8 and set(handled) == {file["file_id"] for file in files} and len(handled) <= 9, handled


def test_an_event_ends_once_its_rooms_are_empty_and_not_before(tmp_path):
    event = tmp_path / "event.yml"
    report = tmp_path / "report"
    event.write_text(
        json.dumps({"zego_teardown_streams": {"Tencent": ["stage-1"]}, "zego_teardown_report_dir": str(report)}),
        encoding="utf-8",
    )
    variables = {"zego_event_over_rooms": ["hall", "green-room"], "zego_event_over_file": str(event)}
    with Rulebook(tmp_path, "zego.cloud.event_over", **variables) as rulebook:
        simulator = rulebook.simulator
        simulator.record("Tencent", ["stage-1"])
        simulator.add_room("hall", ["stage-1", "stage-2"])
        simulator.add_room("green-room", ["guest"])
        rulebook.start()
        asked = "DescribeSimpleStreamList"
        # A stream ends, and others go on: the API is asked, and nothing is stopped.
        simulator.add_room("green-room", [])
        rulebook.wait(lambda: [one for one in simulator.requests() if one["action"] == asked], "the rooms are asked")
        assert simulator.state()["Tencent"]["stage-1"]["running"] == 1
        simulator.add_room("hall", [])
        rulebook.wait(lambda: not simulator.state()["Tencent"]["stage-1"]["running"], "the event is ended")
        first = [one["action"] for one in simulator.requests()].index("StopCDNRecord")
        before = [one for one in simulator.requests()[:first] if one["action"] == asked]
        # Both rooms, twice: while somebody was on air, and once nobody was.
        assert len(before) == 4
