# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the wait for recorded files goes on, and what it ends with."""

from __future__ import annotations

import pytest

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import (
    AnswerLost,
    Fatal,
    FatalAfterRetries,
    Forbidden,
    NotAttempted,
    RefusedForContent,
    Unreachable,
    WrongClock,
    ZegoError,
)
from ansible_collections.zego.cloud.plugins.module_utils._media.result import search_result
from ansible_collections.zego.cloud.plugins.module_utils._media.search import Findings, Search
from ansible_collections.zego.cloud.plugins.module_utils._media.wait import Wait, make_wait, search_until_whole
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import FakeClock

STOP = 1777672800.0  # 2026-05-01T22:00:00Z
HOUR = 3600
PARAMS = {
    "streams": ["a"],
    "limit": None,
    "wait": True,
    "wait_for": None,
    "wait_timeout": 600,
    "wait_delay": 5.0,
    "wait_tolerance": 10.0,
    "fail_on_missing": False,
}


def file_of(stream, made, **more):
    return {
        "stream_id": stream,
        "file_id": f"{stream}{made}",
        "format": "mp4",
        "created": _times.iso(STOP + made),
        **more,
    }


class World:
    """Answers each search from a script: per search {stream: its files, or an error}. The last goes on for ever."""

    def __init__(self, *script):
        self.script = list(script)
        self.asked = []
        self.clock = FakeClock(0.0)

    def look(self, search):
        listed = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(list(search.streams))
        findings = Findings(search)
        for stream in search.streams:
            found = listed.get(stream, [])
            if isinstance(found, ZegoError):
                findings.fail(found, [stream])
            else:
                findings.add([file_of(stream, made) for made in found])
                findings.settle([stream])
        return findings

    def run(self, *streams, timeout=600.0, stops=True, fail=False, delay=5.0):
        search = Search("Tencent", streams=list(streams))
        known = dict.fromkeys(streams, STOP) if stops is True else stops
        wait = Wait(known, 10.0, timeout=timeout, delay=delay, fail=fail)
        found = search_until_whole(search, wait, self.look, clock=self.clock, sleep=self.clock.wait)
        return search_result(search, found, api_requests=len(self.asked), wait=wait)


def missing(done):
    return {entry["stream_id"]: entry["missing"] for entry in done["streams"]}


def test_an_old_cut_does_not_end_the_wait():
    world = World({"a": [-3 * HOUR]}, {"a": [-3 * HOUR]}, {"a": [-3 * HOUR, 4]})
    done = world.run("a")
    assert len(world.asked) == 4 and done["streams"][0]["whole"] and done["streams"][0]["files"] == 2
    assert missing(done) == {"a": False} and done["summary"] == {"files": 2, "bytes": 0, "failed": 0, "missing": 0}


def test_a_large_cut_that_is_listed_after_the_last_one_is_waited_for():
    world = World({"a": [4]}, {"a": [2, 4]}, {"a": [2, 4]})
    assert world.run("a")["streams"][0]["files"] == 2 and len(world.asked) == 3


def test_a_name_that_was_not_sent_is_not_waited_for():
    world = World({"a": [1]}, {"a": [1]})
    search = Search("Tencent", streams=["b ", "a"], refused={"b ": "Not a name."})
    wait = Wait({"a": STOP, "b ": STOP}, 10.0, timeout=600.0)
    found = search_until_whole(search, wait, world.look, clock=world.clock, sleep=world.clock.wait)
    done = search_result(search, found, api_requests=0, wait=wait)
    assert world.asked == [["a"], ["a"]] and missing(done) == {"b ": True, "a": False}
    assert done["failed"] and done["streams"][0]["message"] == "Not a name. It was not sent."


def test_whole_recordings_are_not_searched_for_again():
    world = World({"a": [1]}, {"a": [1], "b": [2]}, {"a": [1], "b": [2]})
    done = world.run("a", "b")
    assert world.asked == [["a", "b"], ["a", "b"], ["b"]] and missing(done) == {"a": False, "b": False}
    assert [file["file_id"] for file in done["files"]] == ["a1", "b2"] and done["complete"]


def test_the_pauses_grow_up_to_a_minute_and_end_at_the_deadline():
    world = World({})
    done = world.run("a", timeout=300.0)
    assert world.clock.waits[:4] == [5, 7.5, 11.25, 16.875] and max(world.clock.waits) == 60
    assert sum(world.clock.waits) == 300 and len(world.asked) == len(world.clock.waits) + 1
    assert missing(done) == {"a": True} and not done["failed"] and "a is not whole: no file of it" in done["msg"]
    # A longer pause than that is kept.
    slow = World({})
    slow.run("a", timeout=300.0, delay=100.0)
    assert slow.clock.waits == [100, 100, 100]


def test_the_task_fails_for_what_is_missing_where_that_is_asked_for():
    done = World({"a": [-HOUR]}).run("a", fail=True)
    assert done["failed"] and "3600 s before the stop" in done["msg"] and done["summary"]["failed"] == 0
    assert not World({"a": [1]}).run("a", fail=True)["failed"]


def test_a_single_search_takes_what_is_listed():
    world = World({"a": [1], "b": [-HOUR]})
    assert missing(world.run("a", "b", timeout=0.0)) == {"a": False, "b": True}
    assert len(world.asked) == 1 and world.clock.waits == []


def test_a_stream_of_an_unknown_stop_needs_a_file():
    world = World({}, {"a": [-HOUR]}, {"a": [-HOUR]})
    done = world.run("a", stops={"other": STOP})
    assert len(world.asked) == 3 and missing(done) == {"a": False}
    entry = done["streams"][0]
    assert "whole" not in entry and "nobody knows when its recording was stopped" in entry["message"]


@pytest.mark.parametrize(
    "error", [Fatal("Code 8", "a", "8"), Unreachable("certificate", "a"), WrongClock("clock", "a", "100000004")]
)
def test_the_wait_ends_at_once_for_what_no_wait_changes(error):
    world = World({"a": [], "b": error, "c": NotAttempted("x")})
    done = world.run("a", "b", "c")
    assert len(world.asked) == 1 and done["failed"] and missing(done) == {"a": True, "b": True, "c": True}


def test_a_permission_that_one_stream_lacks_does_not_keep_the_others():
    denied = Forbidden("Code 3", "a", "3")
    world = World({"a": [], "b": denied}, {"a": [1]}, {"a": [1]})
    done = world.run("a", "b")
    assert world.asked == [["a", "b"], ["a"], ["a"]] and missing(done) == {"a": False, "b": True}
    # Nobody has it: the client gave up before it asked for c.
    world = World({"a": denied, "b": denied, "c": NotAttempted("x")})
    assert missing(world.run("a", "b", "c")) == {"a": True, "b": True, "c": True} and len(world.asked) == 1


@pytest.mark.parametrize(
    "error", [AnswerLost("lost"), FatalAfterRetries("Code 100000015"), NotAttempted("the API does not answer")]
)
def test_what_may_pass_is_waited_out(error):
    world = World({"a": error}, {"a": [1]})
    done = world.run("a")
    assert not done["failed"] and len(world.asked) == 3 and missing(done) == {"a": False}
    lasting = World({"a": error}).run("a", timeout=20.0)
    assert lasting["failed"] and missing(lasting) == {"a": True} and not lasting["complete"]


def test_a_refused_name_does_not_keep_the_others():
    world = World({"a": [1], "b": RefusedForContent("Code 2", "a", "2")})
    done = world.run("a", "b")
    assert world.asked == [["a", "b"], ["a"]]
    assert missing(done) == {"a": False, "b": True} and done["failed"] and done["streams"][1]["code"] == "2"


def test_what_was_counted_and_not_listed_is_said():
    def look(search):
        findings = world.look(search)
        findings.fall_short("a")
        return findings

    world = World({"a": [1], "b": [1]})
    wait = Wait({}, 10.0)
    done = search_until_whole(Search("Tencent", streams=["a", "b"]), wait, look)
    assert not done.complete and done.short == {"a"}


@pytest.mark.parametrize(
    "given,word",
    [
        ({"streams": None}, "need streams"),
        ({"limit": 3}, "cannot be combined with limit"),
        ({"wait_timeout": -1}, "wait_timeout must be between 0"),
        ({"wait_tolerance": -0.5}, "wait_tolerance must be between 0"),
        ({"wait_for": ["a"]}, "entry 1 has no stream_id"),
        ({"wait_for": [{"stream_id": "a"}, {"stopped_at": "1"}]}, "entry 2 has no stream_id"),
        ({"wait_for": [{"stream_id": "a", "stopped_at": "soon"}]}, "entry 1, stopped_at 'soon' is neither"),
        ({"wait": False, "fail_on_missing": True}, "fail_on_missing needs"),
    ],
)
def test_a_wait_for_what_cannot_be_is_refused(given, word):
    with pytest.raises(ValueError, match=word):
        make_wait({**PARAMS, **given}, check_mode=False)


def test_the_result_of_a_stop_is_what_is_waited_for():
    entries = [
        {"stream_id": "a", "outcome": "stopped", "stopped_at": "2026-05-01T22:00:00Z"},
        {"stream_id": "b", "outcome": "already_stopped"},
        {"stream_id": "c", "stopped_at": int(STOP) + 7},
        {"stream_id": "d", "stopped_at": None},
    ]
    wait = make_wait({**PARAMS, "wait_for": entries, "fail_on_missing": True}, check_mode=False)
    assert wait == Wait({"a": STOP, "c": STOP + 7}, 10.0, timeout=600, delay=5.0, fail=True)
    assert make_wait({**PARAMS, "wait_for": entries}, check_mode=True).timeout == 0
    assert make_wait({**PARAMS, "wait": False, "wait_for": entries}, check_mode=False).timeout == 0
    assert make_wait({**PARAMS, "wait": False}, check_mode=False) is None
