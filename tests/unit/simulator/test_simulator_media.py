# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Recorded files: how they come to be, and how each vendor lets them be found."""

from __future__ import annotations

import re
import time

import pytest

SEARCH = "SearchMedia"
# 2023-07-28T10:15:27Z: the vendor's own example of a Ws key says 18:15:27.
BEGIN = 1690539327
FORMS = {"Ws": "app-{}--20230728181527.mp4", "Huawei": "record/app/command_record/{}/2023-07-28-10-15-27.mp4"}


def search(api, vendor, streams=(), file_ids=(), **changes):
    """One search; lists go by brackets in the query."""
    target = api.target(SEARCH, vendor, streams, **changes) + "".join(f"&FileId%5B%5D={one}" for one in file_ids)
    status, _headers, body = api.send(target)
    assert status == 200
    return api.load(body)


def ids(reply):
    assert list(reply["Data"]["Tencent"]) == ["TotalCount", "MediaInfoSet", "RequestId"]
    return [row["FileId"] for row in reply["Data"]["Tencent"]["MediaInfoSet"]]


def keys(reply):
    (data,) = reply["Data"].values()
    assert list(data) == ["Keys", "NextMarker"]
    return [row["Key"] for row in data["Keys"]]


def named(*names, **more):
    """Tencent files by their FileId, of the stream of that name, a second apart."""
    return [
        dict({"stream": name, "file_id": name, "created": BEGIN + place}, **more) for place, name in enumerate(names)
    ]


def test_a_tencent_file_comes_in_the_documented_shape_without_its_stream(api, simulator):
    file = {"stream": "secret-name", "begin": BEGIN, "created": BEGIN + 40, "duration": 31.104, "size": 2239086}
    simulator.add_files("Tencent", [file])
    reply = search(api, "Tencent")
    (row,) = reply["Data"]["Tencent"]["MediaInfoSet"]
    url = row["BasicInfo"].pop("MediaUrl")
    assert row["BasicInfo"] == {
        "Name": f"{BEGIN}.mp4",
        "CreateTime": "2023-07-28T10:16:07Z",
        "UpdateTime": "2023-07-28T10:16:07Z",
        "ExpireTime": "9999-12-31T23:59:59Z",
        "Type": "mp4",
        "Status": "Normal",
    }
    transcoded = {"Url": url, "Definition": 0, "Size": 2239086, "Duration": 31.104}
    assert row["TranscodeInfo"] == {"TranscodeSet": [transcoded]} and re.fullmatch(r"[0-9]{19}", row["FileId"])
    assert re.fullmatch(r"http://push\.url/[^/]+/[^/]+/[^/]+\.mp4", url) and "secret-name" not in str(reply)
    assert ids(search(api, "Tencent", ["secret-name"])) == [row["FileId"]]
    assert ids(search(api, "Tencent", ["other"])) == []


@pytest.mark.parametrize(
    "vendor, etag, modified",
    [("Ws", r".{28}", "2023-07-28T10:15:28Z"), ("Huawei", r'"[0-9a-f]{32}"', "2023-07-28T10:15:28.876Z")],
)
def test_a_key_comes_in_the_documented_shape(api, simulator, vendor, etag, modified):
    simulator.add_files(vendor, [{"stream": "a_b", "begin": BEGIN, "created": BEGIN + 1.87625, "size": 6441553}])
    (row,) = search(api, vendor)["Data"][vendor]["Keys"]
    assert re.fullmatch(etag, row.pop("ETag"))
    key = FORMS[vendor].format("a_b")
    assert row == {"Key": key, "LastModified": modified, "Size": 6441553, "MediaUrl": f"http://push.url/{key}"}


def test_a_prefix_finds_streams_of_similar_names_and_with_dashes(api, simulator):
    streams = ["cdn1", "cdn10", "cdn1-a", "x-cdn1", "cdn1--20230728181527"]
    simulator.add_files("Ws", [{"stream": stream, "begin": BEGIN} for stream in streams])
    every = sorted(FORMS["Ws"].format(stream) for stream in streams)
    assert keys(search(api, "Ws")) == every
    assert keys(search(api, "Ws", NamePrefix="app-cdn1")) == [key for key in every if "x-cdn1" not in key]
    assert keys(search(api, "Ws", NamePrefix="app-cdn10")) == [FORMS["Ws"].format("cdn10")]
    assert keys(search(api, "Ws", NamePrefix="cdn1")) == []


@pytest.mark.parametrize("vendor", ["Tencent", "Ws", "Huawei"])
def test_a_prefix_has_twenty_bytes_at_most(api, simulator, vendor):
    name = "record/app/command_record/a/1.mp4"
    simulator.add_files(vendor, [{"stream": "a", "name": name}])
    found = ids if vendor == "Tencent" else keys
    assert len(found(search(api, vendor, NamePrefix=name[:20]))) == 1
    for prefix in (name[:21], "é" * 10 + "e"):
        assert search(api, vendor, NamePrefix=prefix)["Code"] == 2


def test_tencent_finds_by_stream_id_name_and_time(api, simulator):
    simulator.add_files(
        "Tencent",
        named("a", "b", "c", "d") + [{"stream": "a", "file_id": "e", "created": BEGIN + 9, "name": "first.mp4"}],
    )
    for expected, asked in [
        ("edcba", {}),
        ("ea", {"streams": ["a"]}),
        ("eba", {"streams": ["a", "b", "a", "nobody"]}),
        ("db", {"file_ids": ["b", "d", "b", "none"]}),
        ("a", {"streams": ["a"], "file_ids": ["a", "b"]}),
        ("e", {"NamePrefix": "first"}),
        ("e", {"NamePrefix": "fi", "streams": ["a"]}),
        ("", {"NamePrefix": "irst"}),
        ("cb", {"StartTime": BEGIN + 1, "EndTime": BEGIN + 2}),
        ("e", {"StartTime": BEGIN + 4}),
        ("a", {"EndTime": BEGIN}),
        ("a", {"EndTime": BEGIN, "streams": ["a"]}),
        ("", {"StartTime": BEGIN + 2, "EndTime": BEGIN + 1}),
        ("dc", {"StartTime": BEGIN + 2, "NamePrefix": str(BEGIN)[:4]}),
    ]:
        reply = search(api, "Tencent", **asked)
        assert ("".join(ids(reply)), reply["Data"]["Tencent"]["TotalCount"]) == (expected, len(expected)), asked
    assert api.log()["work"] is True and api.log()["vendor"] == "Tencent"


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("asked", [{}, {"streams": ["s"]}])
def test_tencent_lists_in_pages_newest_first(api, simulator, first, asked):
    simulator.configure(first_page=first)
    files = named(*(f"f{place:02}" for place in range(25)), stream="s")
    simulator.add_files("Tencent", files)
    newest = [file["file_id"] for file in reversed(files)]
    pages = [search(api, "Tencent", PageNumber=first + page, PageSize=10, **asked) for page in range(4)]
    assert [ids(page) for page in pages] == [newest[:10], newest[10:20], newest[20:], []]
    assert {page["Data"]["Tencent"]["TotalCount"] for page in pages} == {25}
    assert ids(search(api, "Tencent", **asked)) == newest[:10]


@pytest.mark.parametrize("vendor", ["Ws", "Huawei"])
def test_keys_are_listed_by_marker(api, simulator, vendor):
    simulator.add_files(vendor, [f"s{place:02}" for place in range(7)])
    every = keys(search(api, vendor))
    found, marker = [], ""
    for size in (3, 3, 1):
        data = search(api, vendor, MaxKeys=3, Marker=marker)["Data"][vendor]
        assert len(data["Keys"]) == size
        found += [row["Key"] for row in data["Keys"]]
        marker = data["NextMarker"]
    assert found == every == sorted(every) and len(every) == 7 and marker == ""
    # A full last page is the last one, and a marker need not be a key.
    assert search(api, vendor, MaxKeys=7)["Data"][vendor]["NextMarker"] == ""
    assert keys(search(api, vendor, Marker=every[5] + "x")) == every[6:]
    start = every[3][:7]
    asked = keys(search(api, vendor, Marker="a", NamePrefix=start))
    assert asked == [key for key in every if key.startswith(start)]
    simulator.add_files(vendor, [f"t{place}" for place in range(994)])
    first = search(api, vendor)["Data"][vendor]
    assert len(first["Keys"]) == 1000 and first["NextMarker"] == first["Keys"][-1]["Key"]


@pytest.mark.parametrize(
    "code, vendor, asked",
    [
        (2, "Aliyun", {}),
        (2, None, {}),
        (2, "Tencent", {"IsTest": "maybe"}),
        (0, "Tencent", {"streams": list("0123456789")}),
        (2, "Tencent", {"streams": list("0123456789A")}),
        (0, "Tencent", {"file_ids": range(10)}),
        (2, "Tencent", {"file_ids": range(11)}),
        (2, "Tencent", {"streams": ["x" * 257]}),
        (0, "Tencent", {"NamePrefix": "x" * 20}),
        (2, "Tencent", {"NamePrefix": "\u00e9" * 11}),
        (2, "Tencent", {"StartTime": "soon"}),
        (2, "Tencent", {"EndTime": -1}),
        (2, "Tencent", {"PageSize": 0}),
        (0, "Tencent", {"PageNumber": 49, "PageSize": 100}),
        (2, "Tencent", {"PageNumber": 50, "PageSize": 100}),
        (2, "Tencent", {"PageNumber": 0, "PageSize": 5001}),
        (2, "Tencent", {"Marker": "a"}),
        (0, "Ws", {"NamePrefix": "x" * 20, "MaxKeys": 1}),
        (2, "Huawei", {"MaxKeys": 1001}),
        (2, "Ws", {"streams": ["a"]}),
        (2, "Ws", {"file_ids": [1]}),
        (2, "Huawei", {"StartTime": 1}),
        (2, "Huawei", {"PageNumber": 0}),
    ],
)
def test_parameters_are_taken_as_the_reference_says(api, code, vendor, asked):
    assert search(api, vendor, **asked)["Code"] == code
    assert api.log()["work"] is (code == 0)


def test_a_search_can_come_by_post(api, simulator):
    simulator.add_files("Tencent", named("a", "b", "c"))
    assert ids(api.post(SEARCH, {"Vendor": "Tencent", "StreamId": ["a", "c"], "PageSize": 1, "PageNumber": 1})) == ["a"]
    assert api.log()["streams"] == ["a", "c"] and api.log()["vendor"] == "Tencent"


@pytest.mark.parametrize(
    "vendor, tasks, formats, expected",
    [
        ("Tencent", 2, ["mp4"], ["mp4", "mp4"]),
        ("Ws", 1, ["mp4", "flv"], ["flv", "mp4"]),
        ("Huawei", 1, ["mp4"], ["mp4"]),
    ],
)
def test_a_stop_makes_a_file_for_each_task_and_format(api, simulator, vendor, tasks, formats, expected):
    simulator.configure(file_delay_seconds=0, ws_formats=formats, repeated_stop="success")
    for _turn in range(tasks):
        simulator.record(vendor, ["a-b"])
    before = time.time()
    for _turn in range(2):
        api.stop(vendor, "a-b", "never")
    files = simulator.files()[vendor]
    assert sorted(file["format"] for file in files) == expected
    assert all(file["stream"] == "a-b" and file["ready"] for file in files)
    assert all(before - 1 <= file["created"] <= time.time() and 0 <= file["duration"] < 60 for file in files)


def test_nothing_makes_files_where_none_are_to_be(api, simulator, error):
    simulator.record("Tencent", ["a"])
    api.stop("Tencent", "a")
    assert simulator.files() == {"Tencent": [], "Ws": [], "Huawei": []}, "files come where their delay is set"
    simulator.configure(file_delay_seconds=0)
    simulator.record("Aliyun", ["a"])
    assert api.stop("Aliyun", "a")["Code"] == 0 and "Aliyun" not in simulator.files()
    with pytest.raises(error):
        simulator.add_files("Aliyun", ["a"])


def test_a_file_is_found_once_its_time_has_come(api, simulator):
    simulator.configure(file_delay_seconds=0.2)
    simulator.record("Huawei", ["a"])
    api.stop("Huawei", "a")
    simulator.add_files("Huawei", ["b", {"stream": "c", "ready_in": 3600}])
    found = []
    while len(found) < 100 and (not found or len(found[-1]) < 2):
        found.append(keys(search(api, "Huawei")))
        time.sleep(0.05)
    assert [key.split("/")[3] for key in found[-1]] == ["a", "b"]
    # The log's own times decide, so that a slow machine cannot fail the test.
    stop, *searches = [line["accepted_mono"] for line in simulator.requests()]
    for shown, moment in zip(found, searches):
        assert len(shown) == 1 + (moment - stop >= 0.2)
    assert len(found) == len(searches)
    assert {file["stream"]: file["ready"] for file in simulator.files()["Huawei"]} == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize(
    "rule, vendor, expected",
    [
        ({"kind": "missing_entry", "stream": "a"}, "Ws", ["b"]),
        ({"kind": "duplicate_entry", "stream": "b"}, "Ws", ["a", "b", "b"]),
        ({"kind": "raw_entry", "stream": "a", "entry": {"Key": 7}}, "Huawei", ["7", "b"]),
        ({"kind": "extra_entry", "extra": "c"}, "Huawei", ["a", "b", "c"]),
    ],
)
def test_an_entry_fault_changes_the_list_of_keys(api, simulator, rule, vendor, expected):
    simulator.add_files(vendor, ["a", "b"])
    simulator.add_fault(**rule)
    found = [str(key) for key in keys(search(api, vendor))]
    assert [re.sub(r"^app-(.*)--.*|.*command_record/(.*)/.*", r"\1\2", key) for key in found] == expected
