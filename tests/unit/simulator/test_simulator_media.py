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


def test_tencent_in_the_documented_shape(api, simulator):
    simulator.add_files(
        "Tencent",
        [{"stream": "secret-name", "begin": BEGIN, "created": BEGIN + 40, "duration": 31.104, "size": 2239086}],
    )
    reply = search(api, "Tencent")
    assert (reply["Code"], list(reply["Data"]), reply["Data"]["Tencent"]["TotalCount"]) == (0, ["Tencent"], 1)
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
    assert row["TranscodeInfo"] == {
        "TranscodeSet": [{"Url": url, "Definition": 0, "Size": 2239086, "Duration": 31.104}]
    }
    assert re.fullmatch(r"http://push\.url/[^/]+/[^/]+/[^/]+\.mp4", url) and re.fullmatch(r"[0-9]{19}", row["FileId"])
    # The reply does not tell the stream; the request does.
    assert (
        "secret-name" not in str(reply)
        and ids(search(api, "Tencent", ["secret-name"])) == [row["FileId"]]
        and ids(search(api, "Tencent", ["other"])) == []
    )


def test_ws_in_the_documented_shape(api, simulator):
    simulator.add_files("Ws", [{"stream": "alinxu_test", "begin": BEGIN, "created": 1690539404, "size": 6441553}])
    (row,) = search(api, "Ws")["Data"]["Ws"]["Keys"]
    assert len(row.pop("ETag")) == 28
    key = "app-alinxu_test--20230728181527.mp4"
    assert row == {
        "Key": key,
        "LastModified": "2023-07-28T10:16:44Z",
        "Size": 6441553,
        "MediaUrl": f"http://push.url/{key}",
    }


def test_huawei_in_the_documented_shape(api, simulator):
    simulator.add_files(
        "Huawei", [{"stream": "alinxu_test", "begin": 1690536606, "created": 1690536689.17625, "size": 2172786}]
    )
    (row,) = search(api, "Huawei")["Data"]["Huawei"]["Keys"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', row.pop("ETag"))
    key = "record/app/command_record/alinxu_test/2023-07-28-09-30-06.mp4"
    assert row == {
        "Key": key,
        "LastModified": "2023-07-28T09:31:29.176Z",
        "Size": 2172786,
        "MediaUrl": f"http://push.url/{key}",
    }


@pytest.mark.parametrize("vendor", ["Ws", "Huawei"])
def test_streams_of_similar_names_and_with_dashes(api, simulator, vendor):
    streams = ["cdn1", "cdn10", "cdn1-a", "x-cdn1", "cdn1--20230728181527"]
    simulator.add_files(vendor, [{"stream": stream, "begin": BEGIN} for stream in streams])
    form = {"Ws": "app-{}--20230728181527.mp4", "Huawei": "record/app/command_record/{}/2023-07-28-10-15-27.mp4"}[
        vendor
    ]
    every = sorted(form.format(stream) for stream in streams)
    assert keys(search(api, vendor)) == every
    prefix = form.split("{")[0] + "cdn1"
    assert keys(search(api, vendor, NamePrefix=prefix)) == [key for key in every if "x-cdn1" not in key]
    assert keys(search(api, vendor, NamePrefix=prefix + "0")) == [form.format("cdn10")]
    assert keys(search(api, vendor, NamePrefix="cdn1")) == []


def test_tencent_filters(api, simulator):
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
def test_tencent_pages(api, simulator, first, asked):
    simulator.configure(first_page=first)
    files = named(*(f"f{place:02}" for place in range(25)), stream="s")
    simulator.add_files("Tencent", files)
    newest = [file["file_id"] for file in reversed(files)]
    pages = [search(api, "Tencent", PageNumber=first + page, PageSize=10, **asked) for page in range(4)]
    assert [ids(page) for page in pages] == [newest[:10], newest[10:20], newest[20:], []]
    assert {page["Data"]["Tencent"]["TotalCount"] for page in pages} == {25}
    assert ids(search(api, "Tencent", **asked)) == newest[:10]


@pytest.mark.parametrize("vendor", ["Ws", "Huawei"])
def test_pages_by_marker(api, simulator, vendor):
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
    assert keys(search(api, vendor, Marker="zzz")) == []
    assert keys(search(api, vendor, Marker="a", NamePrefix=every[3])) == [every[3]]


def test_the_default_page_of_keys_has_a_thousand(api, simulator):
    simulator.add_files("Ws", [f"s{place}" for place in range(1001)])
    first = search(api, "Ws")["Data"]["Ws"]
    assert len(first["Keys"]) == 1000 and first["NextMarker"] == first["Keys"][-1]["Key"]
    assert len(search(api, "Ws", Marker=first["NextMarker"])["Data"]["Ws"]["Keys"]) == 1


@pytest.mark.parametrize(
    "code, vendor, asked",
    [
        (2, "Aliyun", {}),
        (2, None, {}),
        (2, "tencent", {}),
        (2, "Tencent", {"IsTest": "maybe"}),
        (0, "Tencent", {"streams": [str(place) for place in range(10)]}),
        (2, "Tencent", {"streams": [str(place) for place in range(11)]}),
        (0, "Tencent", {"file_ids": range(10)}),
        (2, "Tencent", {"file_ids": range(11)}),
        (2, "Tencent", {"streams": [""]}),
        (2, "Tencent", {"streams": ["x" * 257]}),
        (0, "Tencent", {"NamePrefix": "x" * 20}),
        (2, "Tencent", {"NamePrefix": "x" * 21}),
        (2, "Tencent", {"NamePrefix": "\u00e9" * 11}),
        (2, "Tencent", {"StartTime": "soon"}),
        (2, "Tencent", {"EndTime": -1}),
        (2, "Tencent", {"PageSize": 0}),
        (2, "Tencent", {"PageNumber": "x"}),
        (0, "Tencent", {"PageNumber": 0, "PageSize": 5000}),
        (2, "Tencent", {"PageNumber": 0, "PageSize": 5001}),
        (0, "Tencent", {"PageNumber": 49, "PageSize": 100}),
        (2, "Tencent", {"PageNumber": 50, "PageSize": 100}),
        (0, "Tencent", {"PageNumber": 499}),
        (2, "Tencent", {"PageNumber": 500}),
        (2, "Tencent", {"Marker": "a"}),
        (2, "Tencent", {"MaxKeys": 5}),
        (0, "Ws", {"NamePrefix": "x" * 200, "MaxKeys": 1}),
        (0, "Huawei", {"MaxKeys": 1000}),
        (2, "Huawei", {"MaxKeys": 1001}),
        (2, "Ws", {"MaxKeys": 0}),
        (2, "Ws", {"streams": ["a"]}),
        (2, "Ws", {"file_ids": [1]}),
        (2, "Huawei", {"StartTime": 1}),
        (2, "Huawei", {"PageNumber": 0}),
    ],
)
def test_parameters(api, code, vendor, asked):
    assert search(api, vendor, **asked)["Code"] == code
    assert api.log()["work"] is (code == 0)


def test_parameters_of_other_vendors_can_be_ignored(api, simulator):
    simulator.configure(strict_parameters=False, vendors=["Ws", "Aliyun"])
    simulator.add_files("Ws", ["a", "b"])
    assert len(keys(search(api, "Ws", ["a"], PageNumber=9))) == 2
    assert [search(api, vendor)["Code"] for vendor in ("Tencent", "Aliyun")] == [4, 2]


def test_search_by_post(api, simulator):
    simulator.add_files("Tencent", named("a", "b", "c"))
    assert ids(api.post(SEARCH, {"Vendor": "Tencent", "StreamId": ["a", "c"], "PageSize": 1, "PageNumber": 1})) == ["a"]
    assert api.log()["streams"] == ["a", "c"] and api.log()["vendor"] == "Tencent"


def test_no_file_by_itself(api, simulator):
    simulator.record("Tencent", ["a"])
    api.stop("Tencent", "a")
    assert simulator.files() == {"Tencent": [], "Ws": [], "Huawei": []}


@pytest.mark.parametrize(
    "vendor, tasks, formats, expected",
    [("Tencent", 2, ["mp4"], 2), ("Ws", 1, ["mp4", "flv"], 2), ("Huawei", 1, ["mp4"], 1)],
)
def test_a_stop_makes_files(api, simulator, vendor, tasks, formats, expected):
    simulator.configure(file_delay_seconds=0, ws_formats=formats, repeated_stop="success")
    for _turn in range(tasks):
        simulator.record(vendor, ["a-b"])
    before = time.time()
    for _turn in range(2):
        api.stop(vendor, "a-b", "never")
    files = simulator.files()[vendor]
    assert len(files) == expected and all(file["stream"] == "a-b" and file["ready"] for file in files)
    assert sorted(file["format"] for file in files) == sorted(
        ["flv", "mp4"] if len(formats) == 2 else ["mp4"] * expected
    )
    assert all(before - 1 <= file["created"] <= time.time() and 0 <= file["duration"] < 60 for file in files)
    assert vendor == "Tencent" or len({file["name"] for file in files}) == expected


def test_aliyun_has_no_files(api, simulator, error):
    simulator.configure(file_delay_seconds=0)
    simulator.record("Aliyun", ["a"])
    assert api.stop("Aliyun", "a")["Code"] == 0
    assert "Aliyun" not in simulator.files()
    with pytest.raises(error):
        simulator.add_files("Aliyun", ["a"])


def test_files_take_a_while(api, simulator):
    simulator.configure(file_delay_seconds=0.5)
    simulator.record("Huawei", ["a"])
    api.stop("Huawei", "a")
    simulator.add_files("Huawei", ["b", {"stream": "c", "ready_in": 3600}])
    found = [(file["stream"], file["ready"]) for file in simulator.files()["Huawei"]]
    assert ("b", True) in found and ("c", False) in found
    found = []
    while len(found) < 100 and (not found or len(found[-1]) < 2):
        found.append(keys(search(api, "Huawei")))
        time.sleep(0.05)
    assert [key.split("/")[3] for key in found[-1]] == ["a", "b"]
    # The log's own times decide, so that a slow machine cannot fail the test.
    stop, *searches = [line["accepted_mono"] for line in simulator.requests()]
    assert [len(page) for page in found] == [1 + (moment - stop >= 0.5) for moment in searches]
    (shown,) = [file for file in simulator.files()["Huawei"] if file["stream"] == "a"]
    assert shown["ready"] and 0.5 <= shown["created"] - simulator.requests()[0]["time"] < 5


def test_a_file_that_is_late_is_not_found(api, simulator):
    simulator.configure(file_delay_seconds=3600)
    for vendor in ("Tencent", "Ws", "Huawei"):
        simulator.record(vendor, ["a"])
        api.stop(vendor, "a")
    assert ids(search(api, "Tencent")) == [] and keys(search(api, "Ws")) == [] and keys(search(api, "Huawei")) == []
    assert [len(files) for files in simulator.files().values()] == [1, 1, 1]


def test_two_files_of_one_second_have_two_keys(api, simulator, error):
    simulator.add_files(
        "Ws",
        [
            {"stream": "a", "begin": BEGIN},
            {"stream": "a", "begin": BEGIN},
            {"stream": "a", "begin": BEGIN, "app": "other"},
        ],
    )
    assert keys(search(api, "Ws")) == [
        "app-a--20230728181527.mp4",
        "app-a--20230728181528.mp4",
        "other-a--20230728181527.mp4",
    ]
    simulator.add_files("Tencent", [{"stream": "a", "name": "n"}, {"stream": "a", "name": "n"}])
    for vendor, twins in (
        ("Ws", [{"stream": "b"}, {"stream": "a", "name": "app-a--20230728181527.mp4"}]),
        ("Tencent", [{"stream": "a", "file_id": "1"}] * 2),
    ):
        with pytest.raises(error, match="already"):
            simulator.add_files(vendor, twins)
    assert {vendor: len(files) for vendor, files in simulator.files().items()} == {"Tencent": 2, "Ws": 3, "Huawei": 0}


def test_files_by_scenario_and_settings(api, simulator):
    config = {"media_app": "live", "media_url": "https://cdn.example.com"}
    simulator.reset({"config": config, "files": {"Ws": [{"stream": "a", "begin": BEGIN}], "Tencent": ["t"]}})
    (row,) = search(api, "Ws")["Data"]["Ws"]["Keys"]
    assert (row["Key"], row["MediaUrl"]) == (
        "live-a--20230728181527.mp4",
        "https://cdn.example.com/live-a--20230728181527.mp4",
    )
    given = {
        "stream": "t",
        "url": "https://x/1.flv",
        "format": "flv",
        "expires": "2023-08-01T00:00:00Z",
        "file_id": "9",
        "name": "n.flv",
        "created": BEGIN,
    }
    simulator.add_files("Tencent", [given])
    (row,) = search(api, "Tencent", file_ids=["9"])["Data"]["Tencent"]["MediaInfoSet"]
    assert [row["BasicInfo"][key] for key in ("Name", "ExpireTime", "Type", "MediaUrl")] == [
        "n.flv",
        "2023-08-01T00:00:00Z",
        "flv",
        "https://x/1.flv",
    ]
    simulator.reset()
    assert simulator.files() == {"Tencent": [], "Ws": [], "Huawei": []}


@pytest.mark.parametrize(
    "rule, vendor, expected",
    [
        ({"kind": "missing_entry", "stream": "a"}, "Ws", ["b"]),
        ({"kind": "duplicate_entry", "stream": "b"}, "Ws", ["a", "b", "b"]),
        ({"kind": "raw_entry", "stream": "a", "entry": {"Key": 7}}, "Huawei", ["7", "b"]),
        ({"kind": "extra_entry", "extra": "c"}, "Huawei", ["a", "b", "c"]),
        ({"kind": "stream_code", "code": 5}, "Ws", ["a", "b"]),
    ],
)
def test_entry_faults(api, simulator, rule, vendor, expected):
    simulator.add_files(vendor, ["a", "b"])
    simulator.add_fault(**rule)
    found = [str(key) for key in keys(search(api, vendor))]
    assert [re.sub(r"^app-(.*)--.*|.*command_record/(.*)/.*", r"\1\2", key) for key in found] == expected


def test_faults_at_tencent(api, simulator):
    simulator.add_files("Tencent", named("a", "b"))
    simulator.add_fault(kind="duplicate_entry", stream="a", times=1)
    simulator.add_fault(kind="code", code=41003, stream="b", times=1)
    assert ids(search(api, "Tencent")) == ["b", "a", "a"]
    assert (search(api, "Tencent", ["a"])["Code"], search(api, "Tencent", ["b"])["Code"]) == (0, 41003)
    assert api.log()["fault"] == "code"
    simulator.add_fault(kind="wrong_vendor_key", key="Ws", times=1)
    assert list(search(api, "Tencent")["Data"]) == ["Ws"]
    simulator.add_fault(kind="null_data", times=1)
    assert search(api, "Tencent")["Data"] is None
    simulator.add_fault(kind="extra_entry", times=1)
    assert len(ids(search(api, "Tencent"))) == 3


@pytest.mark.parametrize(
    "item",
    ["", {"begin": 1}, {"stream": "a", "colour": 1}, {"stream": "a", "created": 1e300}, {"stream": "a", "size": -1}, 5],
)
def test_nonsense_is_refused_and_adds_nothing(simulator, error, item):
    with pytest.raises(error, match="files must be"):
        simulator.add_files("Ws", ["fine", item])
    assert simulator.files()["Ws"] == []
