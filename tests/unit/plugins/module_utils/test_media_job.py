# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A search, through all pages."""

from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.zego.cloud.plugins.module_utils._media import job as media_job
from ansible_collections.zego.cloud.plugins.module_utils._media.job import MediaJob
from ansible_collections.zego.cloud.plugins.module_utils._media.result import search_result
from ansible_collections.zego.cloud.plugins.module_utils._media.search import (
    Search,
    make_search,
    sent_prefix,
)
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import make_client, reply

PARAMS = dict.fromkeys(("streams", "file_ids", "app", "name_prefix", "since", "until", "limit"))
PARAMS.update(vendor="Tencent", app_id=5, is_test=False, exact_names=False)


def params(**given):
    return {**PARAMS, **given}


class Tencent:
    """Lists files as the reference says. ``first``: the number of the first page."""

    # How many files of one question it lists.
    LISTED = 5000

    def __init__(self, files, first=0, bad=()):
        self.files, self.first, self.bad = files, first, bad
        self.asked = []
        self.prefixes = []
        self._found = {}

    def __call__(self, query):
        given = dict(query)
        streams = [value for name, value in query if name == "StreamId[]"]
        ids = [value for name, value in query if name == "FileId[]"]
        self.asked.append((streams or ids, given.get("PageNumber")))
        self.prefixes.append(given.get("NamePrefix"))
        size, number = int(given.get("PageSize", 10)), int(given.get("PageNumber", self.first))
        if (
            len(streams) > 10
            or len(ids) > 10
            or number * size + size > self.LISTED
            or number < self.first
            or set(self.bad).intersection(streams + ids)
        ):
            return reply(2)
        found = self._matching(
            frozenset(streams),
            frozenset(ids),
            range(int(given.get("StartTime", 0)), int(given.get("EndTime", 10**12)) + 1),
            given.get("NamePrefix", ""),
        )
        start = (number - self.first) * size
        shown = [self._item(file) for file in found[start : start + size]]
        return reply(0, {"Tencent": {"TotalCount": len(found), "MediaInfoSet": shown, "RequestId": "r"}})

    def _matching(self, streams, ids, times, prefix):
        """Return the files of a question; each page of it asks again."""
        question = (streams, ids, times, prefix)
        if question not in self._found:
            self._found[question] = [
                file
                for file in self.files
                if (not streams or file["stream"] in streams)
                and (not ids or file["id"] in ids)
                and file["created"] in times
                and file["name"].startswith(prefix)
            ]
        return self._found[question]

    @staticmethod
    def _item(file):
        created = (
            f"2023-01-01T{file['created'] // 3600:02d}:{file['created'] // 60 % 60:02d}:{file['created'] % 60:02d}Z"
        )
        return {
            "FileId": file["id"],
            "BasicInfo": {"Name": file["name"], "CreateTime": created, "MediaUrl": f"u/{file['id']}"},
        }


TEST = environment_of(5, True)
BASE = 1672531200  # 2023-01-01


class Shifted(Tencent):
    """The same, its files made on the day that they say."""

    def __call__(self, query):
        shifted = [(name, int(value) - BASE if name in ("StartTime", "EndTime") else value) for name, value in query]
        return super().__call__(shifted)


def files_of(*streams, count=1, start=0):
    return [
        {"stream": stream, "id": f"{stream}-{number}", "name": f"{number}.mp4", "created": start + number}
        for stream in streams
        for number in range(count)
    ]


def run(world, **search):
    client, wanted = make_client(world), Search(search.pop("vendor", "Tencent"), **search)
    job = MediaJob(client, wanted, lambda text: None)
    findings = job.search()
    done = search_result(wanted, findings, api_requests=client.requests_sent)
    json.dumps(done)
    return done


def owners(done):
    return {file["file_id"]: file.get("stream_id") for file in done["files"]}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101])
def test_all_pages_are_found_whatever_the_first_is_called(first, count):
    world = Tencent(files_of("a", count=count), first)
    done = run(world)
    assert len(done["files"]) == count and done["complete"] and not done["failed"]
    assert done["api_requests"] <= count // 100 + 2


def test_all_that_one_question_lists_is_found_without_another():
    done = run(Tencent(files_of("a", count=4900), first=1))
    assert len(done["files"]) == 4900 and done["complete"] and done["api_requests"] <= 51


@pytest.fixture
def tenth(monkeypatch):
    """Everything a tenth of its size: pages of ten, and 500 files that the API lists."""
    monkeypatch.setattr(media_job, "PAGE_SIZE", media_job.PAGE_SIZE // 10)
    monkeypatch.setattr(media_job, "WINDOW", media_job.WINDOW // 10)
    monkeypatch.setattr(Tencent, "LISTED", Tencent.LISTED // 10)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("count", [495, 550])
def test_more_files_than_the_api_lists_are_all_found(tenth, first, count):
    world = Shifted(files_of("a", count=count, start=3000), first)
    done = run(world, since=BASE, until=BASE + 86400)
    assert len(done["files"]) == count and done["complete"]


def test_more_files_of_one_second_than_the_api_lists_are_not_complete(tenth):
    # A second cannot be halved.
    crowd = Shifted([dict(file, created=7) for file in files_of("a", count=550)])
    done = run(crowd, since=BASE, until=BASE + 86400)
    assert 490 <= len(done["files"]) < 550 and not done["complete"] and not done["failed"]


def test_streams_are_asked_for_in_tens_and_then_by_name():
    streams = [f"s{number}" for number in range(25)]
    world = Tencent(files_of("s3", "s21", "s22", count=2) + files_of("unrequested"))
    done = run(world, streams=streams)
    assert owners(done) == {f"{name}-{number}": name for name in ("s3", "s21", "s22") for number in (0, 1)}
    assert {entry["stream_id"]: entry["files"] for entry in done["streams"] if entry["files"]} == {
        "s3": 2,
        "s21": 2,
        "s22": 2,
    }
    assert [entry["stream_id"] for entry in done["streams"]] == streams
    assert sorted(len(asked) for asked, _page in world.asked) == [1] * 15 + [5, 10, 10]


def test_one_bad_stream_does_not_fail_its_neighbours():
    world = Tencent(files_of("a", "b"), bad=["b"])
    done = run(world, streams=["a", "b", "c"])
    assert owners(done) == {"a-0": "a"} and done["failed"] and not done["complete"]
    assert [(entry["failed"], entry.get("files"), entry.get("code")) for entry in done["streams"]] == [
        (False, 1, None),
        (True, None, "2"),
        (False, 0, None),
    ]
    assert "b: " in done["msg"] and done["summary"]["failed"] == 1


def test_file_ids_are_asked_for_in_tens():
    world = Tencent(files_of("a", count=30))
    done = run(world, file_ids=[f"a-{number}" for number in range(5, 27)])
    assert len(done["files"]) == 22 and not any("stream_id" in file for file in done["files"]) and "streams" not in done
    assert sorted(len(asked) for asked, _page in world.asked) == [2, 10, 10]


def test_one_bad_file_id_does_not_hide_the_others():
    world = Tencent(files_of("a", count=30), bad=["a-7"])
    done = run(world, file_ids=[f"a-{number}" for number in range(5, 27)])
    assert len(done["files"]) == 21 and "a-7" not in {file["file_id"] for file in done["files"]}
    assert done["failed"] and not done["complete"] and done["summary"]["failed"] == 1
    assert "file a-7: " in done["msg"] and sorted(len(asked) for asked, _page in world.asked) == [1] * 10 + [2, 10, 10]


def test_a_group_of_files_that_fails_is_named():
    done = run(reply(1000), file_ids=["x", "y"])
    assert done["failed"] and "2 files from x on: " in done["msg"]


def test_a_file_that_does_not_exist_is_no_failure():
    done = run(reply(41003), file_ids=["x"])
    assert not done["failed"] and done["files"] == [] and done["complete"]


def test_a_limit_ends_the_search():
    world = Tencent(files_of("a", count=1000))
    done = run(world, limit=150)
    assert len(done["files"]) == 150 and not done["complete"] and not done["failed"] and done["api_requests"] == 2
    exact = run(Tencent(files_of("a", count=7)), limit=7)
    assert len(exact["files"]) == 7 and exact["complete"]


@pytest.mark.parametrize("streams", [None, ["a"]])
def test_a_limit_is_reached_with_the_first_page_of_many(streams):
    world = Shifted(files_of("a", count=5500, start=3000))
    done = run(world, since=BASE, until=BASE + 86400, limit=50, streams=streams)
    assert len(done["files"]) == 50 and done["api_requests"] == 1 and not done["complete"] and not done["failed"]
    assert {file.get("stream_id") for file in done["files"]} == {"a" if streams else None}
    # Further pages are asked for only as far as needed, and no file counts twice.
    done = run(world, since=BASE, until=BASE + 86400, limit=150, streams=streams)
    assert len({file["file_id"] for file in done["files"]}) == 150


def test_streams_beyond_the_limit_have_no_count():
    done = run(Tencent(files_of("a", "b", "c", count=3)), streams=["a", "b", "c"], limit=2)
    assert len(done["files"]) == 2 and not done["complete"] and not done["failed"]
    assert [entry.get("files") for entry in done["streams"]][1:] == [None, None] and "limit" in done["streams"][2][
        "message"
    ]


def test_times_are_kept_exactly():
    world = Shifted(files_of("a", count=60))
    done = run(world, since=BASE + 10, until=BASE + 12.5)
    assert [file["name"] for file in done["files"]] == ["10.mp4", "11.mp4", "12.mp4"]


def timed(vendor, *times):
    """A bucket of one stream's files, each with its time."""
    items = [{"Key": FORMS[vendor].format("a", number), "LastModified": time} for number, time in enumerate(times)]
    return reply(0, {vendor: {"Keys": items, "NextMarker": ""}})


def test_a_fraction_of_since_counts_where_the_files_have_one():
    world = timed(
        "Huawei",
        "2023-01-01T00:00:10.200Z",
        "2023-01-01T00:00:10.500Z",
        "2023-01-01T00:00:10.700Z",
        "2023-01-01T00:00:11Z",
    )
    done = run(world, vendor="Huawei", since=BASE + 10.5)
    assert [file["created"][17:] for file in done["files"]] == ["10.500Z", "10.700Z", "11Z"]
    # A file of Wangsu's says whole seconds: it may be from the end of its second.
    assert (
        len(run(timed("Ws", "2023-01-01T00:00:09Z", "2023-01-01T00:00:10Z"), vendor="Ws", since=BASE + 10.5)["files"])
        == 1
    )


def test_the_oldest_file_comes_first():
    done = run(
        timed("Huawei", "2023-01-01T00:00:49.500Z", None, "2023-01-01T00:00:50Z", "2023-01-01T00:00:49Z"),
        vendor="Huawei",
    )
    ends = [file.get("created", "")[17:] for file in done["files"]]
    assert ends == ["49Z", "49.500Z", "50Z", ""]


@pytest.mark.parametrize(
    "answer",
    [reply(0, None), reply(0, {"Tencent": {}}), reply(0, {"Ws": {"Keys": []}}), reply(4711), AnswerLost("lost")],
)
def test_what_cannot_be_read_fails_and_keeps_what_was_found(answer):
    world = Tencent(files_of("a", "b"))
    done = run(
        lambda query: answer if ("StreamId[]", "b") in query and ("StreamId[]", "a") not in query else world(query),
        streams=["a", "b"],
    )
    assert (
        owners(done) == {"a-0": "a"}
        and done["failed"]
        and [entry["failed"] for entry in done["streams"]] == [False, True]
    )


def test_a_count_that_is_never_reached_is_not_complete():
    page = {"TotalCount": 300, "MediaInfoSet": [{"FileId": "x"}]}
    done = run(reply(0, {"Tencent": page}))
    assert len(done["files"]) == 1 and not done["complete"] and done["api_requests"] <= 5


class Bucket:
    """Lists keys as the reference says."""

    def __init__(self, vendor, keys, size=1000):
        self.vendor, self.keys, self.size = vendor, sorted(keys), size
        self.asked = []

    def __call__(self, query):
        given = dict(query)
        self.asked.append(given)
        keys = [
            key for key in self.keys if key.startswith(given.get("NamePrefix", "")) and key > given.get("Marker", "")
        ]
        shown = keys[: min(self.size, int(given["MaxKeys"]))]
        items = [{"Key": key, "Size": 1, "LastModified": "2023-07-28T10:16:44Z"} for key in shown]
        return reply(0, {self.vendor: {"Keys": items, "NextMarker": shown[-1] if len(keys) > len(shown) else ""}})


FORMS = {"Ws": "app-{}--2023072818{:04d}.mp4", "Huawei": "record/app/command_record/{}/2023-07-28-09-30-{:04d}.mp4"}


@pytest.mark.parametrize("vendor", sorted(FORMS))
def test_keys_of_all_pages_are_matched_by_exact_name(vendor):
    names = ["cdn1", "cdn10", "x-cdn1", "cdn1-x"]
    keys = [FORMS[vendor].format(name, number) for name in names for number in range(30)] + ["strange.txt"]
    world = Bucket(vendor, keys, size=7)
    done = run(world, vendor=vendor, streams=["cdn1", "none"])
    assert (
        len(done["files"]) == 30
        and {file["stream_id"] for file in done["files"]} == {"cdn1"}
        and done["api_requests"] == 18
    )
    assert [entry["files"] for entry in done["streams"]] == [30, 0] and done["complete"]
    whole = run(Bucket(vendor, keys), vendor=vendor)
    assert (
        len(whole["files"]) == 121
        and sum("stream_id" not in file for file in whole["files"]) == 1
        and "streams" not in whole
    )


@pytest.mark.parametrize("vendor", sorted(FORMS))
def test_a_known_application_narrows_the_search(vendor):
    keys = [FORMS[vendor].format(name, 1) for name in ("stage-1", "stage-2", "other")]
    world = Bucket(vendor, keys)
    done = run(world, vendor=vendor, streams=["stage-2", "stage-1"], app="app")
    sent = {"Ws": "app-stage-", "Huawei": "record/app/command_r"}[vendor]
    assert len(done["files"]) == 2 and world.asked[0]["NamePrefix"] == sent
    run(world, vendor=vendor, streams=["stage-1"], app="app", name_prefix="app")
    assert world.asked[1]["NamePrefix"] == "app"


@hypothesis.given(st.text(min_size=1, max_size=40))
def test_a_prefix_is_sent_as_far_as_the_api_takes_it(prefix):
    sent = sent_prefix(prefix)
    assert prefix.startswith(sent) and len(sent.encode()) <= 20
    # One character more would be too much.
    assert sent == prefix or len(prefix[: len(sent) + 1].encode()) > 20


LONG = "9876543210987654321é"


@pytest.mark.parametrize("vendor", ["Tencent", "Ws", "Huawei"])
def test_what_a_longer_prefix_leaves_out_is_left_out_here(vendor):
    names = [LONG + "-a.mp4", LONG + "-b.mp4", LONG[:-1] + "e-a.mp4", "9876.mp4"]
    world = Bucket(vendor, names)
    if vendor == "Tencent":
        world = Tencent([{"stream": "s", "id": name, "name": name, "created": 1} for name in names])
    done = run(world, vendor=vendor, name_prefix=LONG + "-a")
    assert [file["name"] for file in done["files"]] == names[:1] and done["complete"]
    prefixes = world.prefixes if vendor == "Tencent" else [query["NamePrefix"] for query in world.asked]
    assert set(prefixes) == {LONG[:-1]}


def test_a_dash_in_the_application_is_pointed_out():
    done = run(Bucket("Ws", ["my-app-cdn1--20230728181527.mp4"]), vendor="Ws", streams=["cdn1"])
    assert done["streams"][0]["files"] == 0 and "1 further keys" in done["streams"][0]["message"] and not done["failed"]
    done = run(Bucket("Ws", ["my-app-cdn1--20230728181527.mp4"]), vendor="Ws", streams=["cdn1"], app="my-app")
    assert done["streams"][0]["files"] == 1 and "message" not in done["streams"][0]


@pytest.mark.parametrize("keys", [[], [{"Key": "app-a--20230728181527.mp4"}]])
def test_pages_with_nothing_new_and_ever_new_markers_are_given_up(keys):
    markers = iter(range(1000))
    done = run(
        lambda _query: reply(0, {"Ws": {"Keys": keys, "NextMarker": f"m{next(markers)}"}}), vendor="Ws", streams=["a"]
    )
    assert done["failed"] and "without any new file" in done["msg"] and done["api_requests"] <= 2


def test_an_api_that_counts_too_many_files_in_every_second_is_given_up():
    def step(_query):
        return reply(0, {"Tencent": {"TotalCount": 5000, "MediaInfoSet": []}})

    done = run(step, vendor="Tencent", since=1777600000.0, until=1777700000.0)
    assert done["failed"] and "more files in parts" in done["msg"] and done["api_requests"] < 100


def test_a_list_of_keys_that_never_ends_is_given_up():
    done = run(
        reply(0, {"Ws": {"Keys": [{"Key": "app-a--20230728181527.mp4"}], "NextMarker": "m"}}),
        vendor="Ws",
        streams=["a"],
    )
    assert done["failed"] and "marker" in done["msg"] and len(done["files"]) == 1 and done["api_requests"] == 2


@pytest.mark.parametrize("vendor", ["Tencent", "Ws", "Huawei"])
def test_a_missing_authentication_configuration_ends_the_search_at_once(vendor):
    streams = [f"s{number}" for number in range(200)]
    done = run(reply(8), vendor=vendor, streams=streams)
    assert done["api_requests"] == 1 and done["summary"]["failed"] == 200
    assert done["streams"][0]["code"] == "8" and "authentication configuration" in done["msg"]


def test_a_failed_page_of_keys_fails_every_stream():
    pages = [reply(0, {"Ws": {"Keys": [{"Key": "app-a--20230728181527.mp4"}], "NextMarker": "m"}}), reply(3)]
    client_pages = iter(pages)
    done = run(lambda query: next(client_pages), vendor="Ws", streams=["a", "b"])
    assert (
        len(done["files"]) == 1
        and [entry["failed"] for entry in done["streams"]] == [True, True]
        and done["summary"]["failed"] == 2
    )


@pytest.mark.parametrize(
    "given,word",
    [
        ({"vendor": "Aliyun"}, "Aliyun"),
        ({"vendor": "Ws", "file_ids": ["a"]}, "Tencent only"),
        ({"file_ids": ["a"], "streams": ["b"]}, "combined"),
        ({"app": "live"}, "app applies"),
        ({"streams": []}, "streams is empty: give at least one stream"),
        ({"file_ids": []}, "file_ids is empty: give at least one file id"),
        ({"vendor": "Ws", "app": ""}, "app is empty"),
        ({"name_prefix": "x" * 257}, "at most 256"),
        ({"name_prefix": ""}, "name_prefix is empty"),
        ({"since": "soon"}, "since"),
        ({"until": "2023-13-01"}, "until"),
        ({"since": "200", "until": "100"}, "earlier"),
        ({"limit": 0}, "limit"),
    ],
)
def test_input_that_no_search_can_take_is_refused(given, word):
    with pytest.raises(ValueError, match=word):
        make_search(params(**given), PRODUCTION)


def test_one_bad_name_hides_no_files_of_the_others():
    search = make_search(params(streams=["a", "b ", "c"]), PRODUCTION)
    done = run(Tencent(files_of("a", "b ", "c")), streams=search.streams, refused=search.refused)
    assert [(entry["stream_id"], entry.get("files")) for entry in done["streams"]] == [("a", 1), ("b ", None), ("c", 1)]
    assert done["failed"] and not done["complete"] and done["summary"]["failed"] == 1
    assert "entry 2 'b ' begins or ends with white space. It was not sent." in done["streams"][1]["message"]
    assert not make_search(params(streams=["b "], exact_names=True), PRODUCTION).refused


@pytest.mark.parametrize("given", [{"streams": ["a\n", "b\ud800"]}, {"file_ids": ["a "]}])
@pytest.mark.parametrize("vendor", ["Tencent", "Ws"])
def test_where_no_name_is_left_nothing_is_asked(given, vendor):
    search = make_search(params(**given), PRODUCTION)
    world = Tencent(files_of("a"))
    done = run(world, vendor=vendor, **given, refused=search.refused)
    assert done["failed"] and not done["files"] and not world.asked and done["api_requests"] == 0
    assert "file a : " in done["msg"] or done["msg"].count("It was not sent.") == 2


def test_a_bad_file_id_costs_itself_only():
    search = make_search(params(file_ids=["a-0", "x\ty"]), PRODUCTION)
    done = run(Tencent(files_of("a")), file_ids=search.file_ids, refused=search.refused)
    assert [file["file_id"] for file in done["files"]] == ["a-0"] and done["failed"]
    assert "file x?y: file_ids: entry 2" in done["msg"]


def test_good_input_becomes_a_search():
    given = params(vendor="Ws", streams=["a", "a"], since="2023-01-01", name_prefix="x" * 21, is_test=True, limit=3)
    search = make_search(given, TEST)
    assert search.streams == ["a"] and search.since == BASE and search.environment == TEST and search.limit == 3


@pytest.mark.parametrize(
    "asked,streams",
    [
        ({"streams": ["a", "b", *map(str, range(10))]}, ["a", "b", *map(str, range(10))]),
        ({"file_ids": ["f1"]}, []),
        ({}, []),
        ({"vendor": "Ws", "streams": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_a_search_whose_answer_breaks_this_machine_has_failed(monkeypatch, asked, streams):
    def breaking(*_arguments):
        raise MemoryError

    monkeypatch.setattr(media_job, "page_of_reply", breaking)
    client, search = make_client(reply(0)), make_search(params(**asked), PRODUCTION)
    findings = MediaJob(client, search).search()
    assert not findings.complete and client.halted is None and list(findings.stream_errors) == streams
    assert all("ended it (MemoryError" in error.reason for _what, error in findings.errors) and findings.errors
