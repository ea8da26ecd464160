# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files were recorded of which stream, in one form for every vendor."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, names  # noqa: E402
from secrecy import every_failure  # noqa: E402

VENDORS = ("Tencent", "Ws", "Huawei")
DAY = 1690502400  # 2023-07-28


def _file(stream, second=0, **more):
    return {
        "stream": stream,
        "created": DAY + second,
        "begin": DAY + second - 60,
        "duration": 60,
        "size": 1000 + second,
        **more,
    }


def _counts(result):
    return {entry["stream_id"]: entry.get("files") for entry in result["streams"]}


def test_files_of_every_vendor_have_one_form(scene):
    for vendor in VENDORS:
        scene.simulator.add_files(vendor, [_file("a", 7), _file("a", 3), _file("b", 5), _file("other", 6)])
    for options in ((), ("--check",)):
        results = scene.calls([{"vendor": vendor, "streams": ["b", "a", "none", "b"]} for vendor in VENDORS], *options)
        for vendor, result in zip(VENDORS, results):
            assert not result["failed"] and not result["changed"] and result["complete"], brief(result)
            assert [file["stream_id"] for file in result["files"]] == ["a", "b", "a"], brief(result)
            assert list(_counts(result).items()) == [("b", 1), ("a", 2), ("none", 0)], brief(result)
            assert result["summary"] == {"files": 3, "bytes": 3015, "failed": 0}, brief(result)
            first = result["files"][0]
            assert (
                first["created"].startswith("2023-07-28T00:00:03")
                and first["created"].endswith("Z")
                and first["size"] == 1003
            ), brief(result)
            assert first["format"] == "mp4" and first["url"].startswith("http://push.url/"), brief(result)
            known = {"stream_id", "name", "format", "url", "size", "created"} | (
                {"file_id", "duration", "expires"} if vendor == "Tencent" else set()
            )
            assert set(first) == known, brief(result)
    assert results[0]["files"][0]["duration"] == 60 and results[0]["files"][0]["expires"] == "9999-12-31T23:59:59Z"


def test_a_stream_is_matched_exactly(scene):
    streams = ["cdn1", "cdn10", "cdn", "x-cdn1", "cdn1-x", "xcdn1"]
    for vendor in VENDORS:
        scene.simulator.add_files(vendor, [_file(stream, number) for number, stream in enumerate(streams)])
    for result in scene.calls([{"vendor": vendor, "streams": ["cdn1"]} for vendor in VENDORS]):
        assert [file["stream_id"] for file in result["files"]] == ["cdn1"] and _counts(result) == {"cdn1": 1}, brief(
            result
        )
    for result in scene.calls([{"vendor": vendor, "streams": ["x-cdn1", "cdn1"]} for vendor in VENDORS]):
        assert _counts(result) == {"x-cdn1": 1, "cdn1": 1}, brief(result)


def test_more_than_ten_streams_are_all_found(scene):
    scene.simulator.add_files("Tencent", [_file("cdn03"), _file("cdn03", 1), _file("cdn25"), _file("unrequested")])
    result = scene.call(vendor="Tencent", streams=names(25))
    assert not result["failed"] and {name: count for name, count in _counts(result).items() if count} == {
        "cdn03": 2,
        "cdn25": 1,
    }, brief(result)
    asked = [len(line["streams"]) for line in scene.simulator.requests()]
    assert sorted(asked) == [1] * 15 + [5, 10, 10] and result["api_requests"] == 18, asked


def test_files_of_all_pages_are_found(scene):
    scene.simulator.configure(quota=0)
    scene.simulator.add_files("Tencent", [_file("a", number) for number in range(250)])
    for first_page in (0, 1):
        scene.simulator.configure(first_page=first_page)
        result = scene.call(vendor="Tencent", streams=["a"])
        assert (
            len(result["files"]) == len({file["file_id"] for file in result["files"]}) == 250 and result["complete"]
        ), brief(result)
    for vendor in ("Ws", "Huawei"):
        scene.simulator.add_files(vendor, [_file(f"s{number % 7}", number) for number in range(2500)])
        result = scene.call(vendor=vendor, streams=["s3"])
        assert len(result["files"]) == 357 and result["api_requests"] == 3 and result["complete"], brief(result)
        assert len(scene.call(vendor=vendor)["files"]) == 2500


def test_more_files_than_one_question_can_list_are_found(scene):
    scene.simulator.add_files("Tencent", [_file("a", number * 3) for number in range(5600)])
    result = scene.call(vendor="Tencent", since=str(DAY), until=str(DAY + 86400))
    assert len(result["files"]) == 5600 and result["complete"] and not result["failed"], brief(dict(result, files=[]))


def test_files_are_filtered_by_time_id_and_name(scene):
    for vendor in VENDORS:
        scene.simulator.add_files(vendor, [_file("a", number * 100) for number in range(6)])
    times = {"since": "2023-07-28T02:01:40+02:00", "until": str(DAY + 300)}
    for result in scene.calls([{"vendor": vendor, "streams": ["a"], **times} for vendor in VENDORS]):
        assert [file["size"] for file in result["files"]] == [1100, 1200], brief(result)
    whole = scene.call(vendor="Tencent")["files"]
    wanted = [file["file_id"] for file in whole[1:4]]
    by_id = scene.call(vendor="Tencent", file_ids=[*wanted, wanted[0], "1234"])
    assert (
        [file["file_id"] for file in by_id["files"]] == wanted
        and "streams" not in by_id
        and "stream_id" not in by_id["files"][0]
    ), brief(by_id)
    named = scene.call(vendor="Tencent", name_prefix=whole[2]["name"][:18])
    assert whole[2] in named["files"], brief(named)
    for vendor, prefix in (("Ws", "app-a"), ("Huawei", "record/app/")):
        assert len(scene.call(vendor=vendor, name_prefix=prefix)["files"]) == 6
        assert len(scene.call(vendor=vendor, name_prefix="other")["files"]) == 0


def test_a_long_prefix_is_sent_in_part_and_filtered_in_full(scene):
    every = [("Tencent", "2023-launch-night-main.mp4"), ("Ws", "2023-launch-night-m\u00e9-a.mp4")]
    for vendor, name in every:
        twins = [_file("a", 1, name=name), _file("a", 2, name=f"{name[:20]}xx.mp4"), _file("a", 3, name="2023.mp4")]
        scene.simulator.add_files(vendor, twins)
    for vendor, name in every:
        result = scene.call(vendor=vendor, name_prefix=name[:23])
        assert [file["name"] for file in result["files"]] == [name] and result["complete"], brief(result)
    # The API answers Code 2 to a prefix of more than 20 bytes: 19 of them are whole characters here.
    paths = [line["path"] for line in scene.simulator.requests()]
    assert "NamePrefix=2023-launch-night-ma&" in paths[0] and "NamePrefix=2023-launch-night-m&" in paths[1], paths


def test_a_limit_ends_the_search_and_is_said(scene):
    for vendor in VENDORS:
        scene.simulator.add_files(vendor, [_file("a", number) for number in range(1300)])
    for vendor, result in zip(VENDORS, scene.calls([{"vendor": vendor, "limit": 150} for vendor in VENDORS])):
        assert len(result["files"]) == 150 and not result["complete"] and not result["failed"], brief(result)
        assert result["api_requests"] == (2 if vendor == "Tencent" else 1) and "may be more" in result["msg"], brief(
            result
        )


def test_a_limit_holds_within_more_files_than_one_question_can_list(scene):
    scene.simulator.add_files("Tencent", [_file("a", number * 3) for number in range(5600)])
    result = scene.call(vendor="Tencent", since=str(DAY), until=str(DAY + 86400), limit=50)
    assert len(result["files"]) == 50 and not result["complete"] and result["api_requests"] == scene.requests() == 1, (
        brief(dict(result, files=[]))
    )


def test_milliseconds_count_in_order_and_in_filters(scene):
    scene.simulator.add_files("Huawei", [_file("a", second, size=1) for second in (50, 49.5, 49.25, 49)])
    whole, late = scene.calls(
        [{"vendor": "Huawei", "streams": ["a"]}, {"vendor": "Huawei", "streams": ["a"], "since": str(DAY + 49.4)}]
    )
    times = ["49Z", "49.250Z", "49.500Z", "50Z"]
    assert [file["created"][17:] for file in whole["files"]] == times, brief(whole)
    # A file of a whole second may be from any moment of it, as far as anybody can tell.
    assert [file["created"][17:] for file in late["files"]] == ["49Z", "49.500Z", "50Z"], brief(late)


def test_an_application_with_a_dash_is_matched_or_pointed_out(scene):
    scene.simulator.add_files("Ws", [_file("cdn1", app="my-app")])
    blind, told = scene.calls(
        [{"vendor": "Ws", "streams": ["cdn1"]}, {"vendor": "Ws", "streams": ["cdn1"], "app": "my-app"}]
    )
    assert _counts(blind) == {"cdn1": 0} and "app" in blind["streams"][0]["message"], brief(blind)
    assert _counts(told) == {"cdn1": 1} and "message" not in told["streams"][0], brief(told)
    assert "NamePrefix=my-app-cdn1" in scene.simulator.requests()[1]["path"]


def test_a_play_can_wait_for_the_files_of_stopped_recordings(scene):
    scene.simulator.configure(file_delay_seconds=3)
    for vendor in VENDORS:
        scene.simulator.record(vendor, names(3))
        old = [{"stream": name, "created": time.time() - 3 * 3600} for name in names(3)]
        scene.simulator.add_files(vendor, old)
    scene.play("wait.yml", vendors=VENDORS, streams=names(3))


def test_an_old_cut_does_not_end_the_wait(scene):
    now = time.time()
    stops = [{"stream_id": name, "outcome": "stopped", "stopped_at": str(now)} for name in ("a", "b")]
    given = {"streams": ["a", "b", "c"], "wait": True, "wait_for": stops, "wait_timeout": 3, "wait_delay": 0.5}
    for vendor in VENDORS:
        old = [{"stream": name, "created": now - 3 * 3600, "duration": 7200} for name in ("a", "b", "c")]
        last = {"stream": "a", "created": now + 5, "duration": 10800, "ready_in": 1}
        scene.simulator.add_files(vendor, [*old, last])
        result = scene.call(vendor=vendor, **given)
        entries = {entry["stream_id"]: entry for entry in result["streams"]}
        missing = {name: (entry["missing"], entry.get("whole")) for name, entry in entries.items()}
        assert missing == {"a": (False, True), "b": (True, False), "c": (False, None)}, brief(result)
        assert entries["a"]["files"] == 2 and "before the stop at" in entries["b"]["message"], brief(result)
        assert not result["failed"] and result["summary"]["missing"] == 1 and "b is not whole" in result["msg"]
        assert ("duration" in entries["a"]) is (vendor == "Tencent"), brief(result)
    # One search says the same, and fails where that is asked for.
    single = scene.call(vendor="Ws", streams=["b"], wait_for=stops, fail_on_missing=True)
    assert single["failed"] and single["api_requests"] == 1 and single["streams"][0]["missing"], brief(single)


def test_the_wait_ends_at_once_for_what_no_wait_changes(scene):
    for vendor in VENDORS:
        scene.simulator.clear_faults()
        scene.simulator.add_fault(kind="code", code=8)
        before = scene.requests()
        result = scene.call(vendor=vendor, streams=["a"], wait=True, wait_timeout=300, wait_delay=100)
        assert result["failed"] and result["streams"][0]["code"] == "8", brief(result)
        assert scene.requests() - before == result["api_requests"] == 1, brief(result)


def test_the_wait_outlasts_an_api_that_is_down(scene):
    scene.simulator.add_files("Tencent", [_file("a")])
    scene.simulator.add_fault(kind="http", status=503, times=4)
    result = scene.call(vendor="Tencent", streams=["a"], retries=1, wait=True, wait_timeout=60, wait_delay=0.5)
    assert not result["failed"] and result["streams"][0]["files"] == 1 and result["api_requests"] == scene.requests()


def test_one_bad_stream_does_not_hide_the_others(scene):
    scene.simulator.add_files("Tencent", [_file(name) for name in names(5)])
    scene.simulator.add_fault(kind="poison", stream="cdn03")
    result = scene.call(vendor="Tencent", streams=names(5))
    assert result["failed"] and not result["complete"] and len(result["files"]) == 4, brief(result)
    assert (
        _counts(result) == {"cdn01": 1, "cdn02": 1, "cdn03": None, "cdn04": 1, "cdn05": 1}
        and "cdn03: " in result["msg"]
    ), brief(result)


def test_a_bad_name_does_not_hide_the_other_streams(scene):
    for vendor in VENDORS:
        scene.simulator.add_files(vendor, [_file("a"), _file("b "), _file("c")])
        result = scene.call(vendor=vendor, streams=["a", "b ", "x" * 257, "c"])
        assert _counts(result) == {"a": 1, "b ": None, "x" * 257: None, "c": 1} and result["failed"], brief(result)
        assert not result["complete"] and result["summary"]["failed"] == 2, brief(result)
        result = scene.call(vendor=vendor, streams=["b "], exact_names=True)
        assert _counts(result) == {"b ": 1} and not result["failed"], brief(result)
    before = scene.requests()
    result = scene.call(vendor="Tencent", streams=["a\n"], wait=True)
    assert result["failed"] and result["streams"][0]["missing"] and scene.requests() == before, brief(result)


def test_what_passes_is_ridden_out(scene):
    faults = (
        {"kind": "http", "status": 503},
        {"kind": "drop_after"},
        {"kind": "cut_json"},
        {"kind": "code", "code": 6},
        {"kind": "code", "code": 1000},
    )
    for vendor in VENDORS:
        scene.simulator.reset({"files": {vendor: [_file("a")]}})
        for number, fault in enumerate(faults, 1):
            scene.simulator.add_fault(request=number, **fault)
        result = scene.call(vendor=vendor, streams=["a"], retries=5)
        assert not result["failed"] and _counts(result) == {"a": 1} and result["api_requests"] == 6, brief(result)


def test_what_stays_wrong_fails_and_is_no_empty_list(scene):
    for vendor in VENDORS:
        for kind in ("null_data", "no_data", "wrong_vendor_key", "html"):
            scene.simulator.clear_faults()
            scene.simulator.add_fault(kind=kind)
            result = scene.call(vendor=vendor, streams=["a", "b"], retries=0)
            assert result["failed"] and not result["complete"] and set(_counts(result).values()) == {None}, (
                kind,
                brief(result),
            )


def test_an_error_that_ends_the_run_costs_few_requests(scene):
    # A signature is wrong for every request. A permission may be missing for one stream: three refusals tell.
    for code, cost in ((100000005, 1), (3, 3)):
        scene.simulator.clear_faults()
        scene.simulator.add_fault(kind="code", code=code)
        before = scene.requests()
        # Slow enough for the first answer to come before the second request on any machine.
        result = scene.call(vendor="Tencent", streams=names(200), requests_per_second=1)
        assert result["failed"] and result["summary"]["failed"] == 200, brief(result)
        assert result["api_requests"] == scene.requests() - before == cost, brief(result)


def test_input_that_no_search_can_take_is_refused(scene):
    for bad, word in (
        ({"vendor": "Aliyun", "streams": ["a"]}, "no search for its recorded files"),
        ({"vendor": "Akamai"}, "value of vendor"),
        ({"vendor": "Tencent", "streams": []}, "streams is empty"),
        ({"vendor": "Tencent", "streams": [["a"]]}, "not a name"),
        ({"vendor": "Huawei", "file_ids": ["1"]}, "Tencent only"),
        ({"vendor": "Tencent", "file_ids": ["1"], "streams": ["a"]}, "combined"),
        ({"vendor": "Tencent", "name_prefix": "x" * 257}, "256"),
        ({"vendor": "Tencent", "app": "live"}, "app"),
        ({"vendor": "Ws", "since": "yesterday"}, "ISO 8601"),
        ({"vendor": "Ws", "since": "2023-02-02", "until": "2023-02-01"}, "earlier"),
        ({"vendor": "Ws", "limit": 0}, "limit"),
        ({"vendor": "Ws", "app": "my app"}, "white space"),
        ({"vendor": "Huawei", "name_prefix": "x" * 257}, "256"),
        ({"vendor": "Ws", "since": "2023-02-01T00:00:00+99:99"}, "ISO 8601"),
        ({"vendor": "Ws", "wait": True}, "streams"),
        ({"vendor": "Ws", "streams": ["a"], "wait": True, "limit": 1}, "limit"),
        ({"vendor": "Ws", "streams": ["a"], "wait_for": [{"stopped_at": "1"}]}, "stream_id"),
        ({"vendor": "Ws", "streams": ["a"], "wait": True, "wait_delay": 0}, "wait_delay"),
    ):
        result = scene.call(**bad)
        assert result["failed"] and word in result["msg"] and "files" not in result, brief(result)
    assert scene.requests() == 0


def test_no_failure_shows_a_secret(scene):
    every_failure(scene, lambda number: {"vendor": VENDORS[number % 3], "streams": ["a"]})


if __name__ == "__main__":
    main(globals())
