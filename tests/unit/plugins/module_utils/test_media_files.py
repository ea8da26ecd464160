# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the vendors list, read into one form."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._media.files import KeyNames, key_prefix, page_of_reply

# The examples of the API reference.
TENCENT = {
    "TotalCount": 1,
    "MediaInfoSet": [
        {
            "BasicInfo": {
                "Name": "1690354361.mp4",
                "CreateTime": "2023-07-26T06:52:49Z",
                "UpdateTime": "2023-07-26T10:21:33Z",
                "ExpireTime": "9999-12-31T23:59:59Z",
                "Type": "mp4",
                "MediaUrl": "http://push.url/9e505713fb216f0b0232064f.mp4",
                "Status": "Normal",
            },
            "TranscodeInfo": {
                "TranscodeSet": [
                    {
                        "Url": "http://push.url/9e505713fb216f0b0232064f.mp4",
                        "Definition": 0,
                        "Size": 2239086,
                        "Duration": 31.104,
                    }
                ]
            },
            "FileId": "3270835011057780896",
        }
    ],
    "RequestId": "c827629f-08b4-406c-b063-b660126e922f",
}
WS_KEY = "app-alinxu_test--20230728181527.mp4"
HUAWEI_KEY = "record/app/command_record/alinxu_test/2023-07-28-09-30-06.mp4"


def keys(*names, marker=""):
    items = [
        {"ETag": "e", "Key": name, "LastModified": "2023-07-28T10:16:44Z", "Size": 7, "MediaUrl": f"http://u/{name}"}
        for name in names
    ]
    return {"Keys": items, "NextMarker": marker}


def test_a_file_of_tencent_is_read_as_documented():
    page = page_of_reply("Tencent", {"Tencent": TENCENT})
    assert page.total == 1 and page.files == [
        {
            "file_id": "3270835011057780896",
            "name": "1690354361.mp4",
            "format": "mp4",
            "url": "http://push.url/9e505713fb216f0b0232064f.mp4",
            "size": 2239086,
            "duration": 31.104,
            "created": "2023-07-26T06:52:49Z",
            "expires": "9999-12-31T23:59:59Z",
        }
    ]


def test_the_recorded_file_is_not_one_made_of_it():
    takes = [{"Url": "v", "Size": 1}, {"Url": "u", "Size": "22"}]
    item = {"FileId": 7, "BasicInfo": {"Name": "a.flv", "MediaUrl": "u"}, "TranscodeInfo": {"TranscodeSet": takes}}
    assert page_of_reply("Tencent", {"Tencent": {"TotalCount": "1", "MediaInfoSet": [item]}}).files == [
        {"file_id": "7", "name": "a.flv", "format": "flv", "url": "u", "size": 22}
    ]


@pytest.mark.parametrize("size", [2**53 + 1, str(2**53 + 1), 10**20 + 1])
def test_a_size_is_kept_to_the_byte(size):
    assert page_of_reply("Ws", {"Ws": {"Keys": [{"Key": "k", "Size": size}]}}).files == [
        {"name": "k", "size": int(size)}
    ]
    assert page_of_reply("Ws", {"Ws": {"Keys": [{"Key": "k", "Size": 7.9}]}}).files == [{"name": "k", "size": 7}]


@pytest.mark.parametrize("vendor,key", [("Ws", WS_KEY), ("Huawei", HUAWEI_KEY)])
def test_a_key_of_ws_or_huawei_is_read_as_a_file(vendor, key):
    page = page_of_reply(vendor, {vendor: keys(key, marker="m")})
    assert page.marker == "m"
    assert page.files == [
        {"name": key, "format": "mp4", "url": f"http://u/{key}", "size": 7, "created": "2023-07-28T10:16:44Z"}
    ]


@pytest.mark.parametrize("vendor", ["Tencent", "Ws", "Huawei"])
@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        {"Tencent": None},
        {"Ws": {}},
        {"Huawei": {"Keys": None}},
        {"Tencent": {"TotalCount": 0}},
        {"Tencent": {"MediaInfoSet": []}},
    ],
)
def test_no_list_is_not_an_empty_list(vendor, data):
    assert page_of_reply(vendor, data) is None


WORDS = [
    "TotalCount",
    "MediaInfoSet",
    "Keys",
    "NextMarker",
    "Key",
    "Size",
    "BasicInfo",
    "TranscodeInfo",
    "TranscodeSet",
    "FileId",
    "Url",
]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)),
    max_leaves=15,
)


@given(st.sampled_from(["Tencent", "Ws", "Huawei"]), JSON, st.lists(JSON, max_size=3))
def test_whatever_comes_is_read(vendor, data, items):
    for reply in (
        data,
        {vendor: data},
        {vendor: {"Keys": items, "TotalCount": 1, "MediaInfoSet": items, "NextMarker": data}},
    ):
        page = page_of_reply(vendor, reply)
        json.dumps(page)
        for file in page.files if page else []:
            assert file and None not in file.values() and file.get("size", 0) >= 0


def streams_of(vendor, key, wanted=None, app=None, prefix=""):
    return KeyNames(vendor, app, wanted, environment=Environment((), prefix)).stream_of(key)


@pytest.mark.parametrize(
    "vendor,key,app,stream",
    [
        ("Ws", WS_KEY, None, "alinxu_test"),
        ("Ws", "app-x-cdn1--20230728181527.mp4", None, "x-cdn1"),
        ("Ws", "app-x-cdn1--20230728181527.mp4", "app", "x-cdn1"),
        ("Ws", "app-x-cdn1--20230728181527.mp4", "app-x", "cdn1"),
        ("Ws", "app-a--20230728181527--20230729181527.flv", None, "a--20230728181527"),
        ("Ws", "app-a--2023.mp4", None, None),
        ("Ws", "app-a--20230728181527", None, None),
        ("Ws", "app-a--20230728181527.mp4\n", None, None),
        ("Ws", "app--20230728181527.mp4", None, None),
        ("Ws", "dir/app-cdn1--20230728181527.mp4", None, None),
        ("Ws", "app-dir/cdn1--20230728181527.mp4", None, None),
        ("Ws", "app-dir/cdn1--20230728181527.mp4", "app", None),
        ("Ws", "a.p-s--20230728181527.mp4", "a.p", "s"),
        ("Ws", "axp-s--20230728181527.mp4", "a.p", None),
        ("Huawei", HUAWEI_KEY, None, "alinxu_test"),
        ("Huawei", HUAWEI_KEY, "app", "alinxu_test"),
        ("Huawei", HUAWEI_KEY, "ap", None),
        ("Huawei", "record/my-app/command_record/a-b/x.mp4", None, "a-b"),
        ("Huawei", "record/app/command_record/a/b/x.mp4", None, None),
        ("Huawei", "other/app/command_record/a/x.mp4", None, None),
        ("Huawei", "", None, None),
    ],
)
def test_the_stream_is_found_in_a_key(vendor, key, app, stream):
    assert streams_of(vendor, key, None, app) == stream


@pytest.mark.parametrize(
    "vendor,form",
    [("Ws", "app-{}--20230728181527.mp4"), ("Huawei", "record/app/command_record/{}/2023-07-28-09-30-06.mp4")],
)
@given(st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True))
def test_a_stream_is_matched_exactly(vendor, form, wanted, other):
    for app in (None, "app"):
        assert streams_of(vendor, form.format(wanted), [wanted], app) == wanted
        for name in (other, f"{wanted}0", f"x-{wanted}", f"{wanted}-x", f"x{wanted}"):
            if name != wanted:
                assert streams_of(vendor, form.format(name), [wanted], app) is None


def test_names_that_end_alike_are_said():
    names = KeyNames("Ws", None, ["cdn1", "x-cdn1"])
    assert names.stream_of("app-x-cdn1--20230728181527.mp4") == "x-cdn1" and not names.doubtful
    assert names.stream_of("live-app-cdn1--20230728181527.mp4") is None
    assert names.stream_of("live-app-x-cdn1--20230728181527.mp4") is None
    assert names.doubtful == {"cdn1": 2, "x-cdn1": 1}
    known = KeyNames("Ws", "app", ["cdn1"])
    assert known.stream_of("app-x-cdn1--20230728181527.mp4") is None and not known.doubtful


def test_the_prefix_of_the_test_environment_is_taken_off_a_name():
    key = "app-zegotest-5-a--20230728181527.mp4"
    assert streams_of("Ws", key, ["a"], None, "zegotest-5-") == "a"
    assert streams_of("Ws", key, ["zegotest-5-a"], None, "zegotest-5-") == "zegotest-5-a"
    assert streams_of("Ws", key, ["a"]) is None


@pytest.mark.parametrize("vendor,key", [("Ws", WS_KEY), ("Huawei", HUAWEI_KEY)])
def test_a_prefix_leaves_no_key_of_the_stream_out(vendor, key):
    assert key.startswith(key_prefix(vendor, "app", "alinxu")) and key.startswith(key_prefix(vendor, "app", ""))
    assert key_prefix(vendor, None, "alinxu") == ""
