# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference page "What the four CDN vendors say about a stream": every row, and every shape of a reply."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import verdicts_of_reply
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils import fakes

VENDORS = ("Tencent", "Huawei", "Aliyun", "Ws")
GOOD = {vendor: {vendor: [fakes.success(vendor, "a"), fakes.success(vendor, "b")]} for vendor in VENDORS}
GOOD_WS_OBJECT = {
    "Ws": {"msg": None, "http_code": 200, "trace_id": "t", "call_time": "2022-05-26 11:46:06", "list": GOOD["Ws"]["Ws"]}
}

# vendor, code, message, meaning, kind (None: the reference gives no cause)
TABLE = [
    ("Tencent", "", "", "success", "success"),
    ("Tencent", "ResourceNotFound.TaskId", "the TaskId does not exist", "absent", "absent"),
    ("Tencent", "ResourceNotFound.TaskNotFound", "the task does not exist", "absent", "absent"),
    ("Tencent", "InvalidParameter.TaskNotExist", "the task does not exist", "absent", "absent"),
    ("Tencent", "ResourceNotFound.ChannelNotExist", "channel does not exist", "absent", "absent"),
    ("Tencent", "ResourceUnavailable.StreamNotExist", "stream does not exist", "absent", "absent"),
    ("Tencent", "InternalError", "internal error", "transient", "transient"),
    ("Tencent", "InternalError.NetworkError", "internal error", "transient", "transient"),
    ("Tencent", "InternalError.SystemError", "internal error", "transient", "transient"),
    ("Tencent", "ServiceUnavailable", "internal error", "transient", "transient"),
    ("Tencent", "RequestLimitExceeded", "", "throttled", "throttled"),
    ("Tencent", "RequestLimitExceeded.IPLimitExceeded", "", "throttled", "throttled"),
    ("Tencent", "RequestLimitExceeded.UinLimitExceeded", "", "throttled", "throttled"),
    ("Tencent", "RequestLimitExceeded.GlobalRegionUinLimitExceeded", "", "throttled", "throttled"),
    ("Tencent", "LimitExceeded.RateLimitExceeded", "", "throttled", "throttled"),
    ("Tencent", "ResourceNotFound.ForbidService", "blocked", "failed", "account"),
    ("Tencent", "ResourceNotFound.FreezeService", "suspended", "failed", "account"),
    ("Tencent", "ResourceNotFound.StopService", "arrears", "failed", "account"),
    ("Tencent", "ResourceNotFound.UserDisableService", "disabled", "failed", "account"),
    ("Tencent", "LimitExceeded.MaximumRunningTask", "", "failed", "quota"),
    ("Tencent", "LimitExceeded.MaximumTask", "", "failed", "quota"),
    ("Tencent", "InvalidParameter", "", "unexplained", "ambiguous"),
    ("Tencent", "UnsupportedOperation", "", "unexplained", "ambiguous"),
    ("Tencent", "AuthFailure", "", "failed", "permission"),
    ("Tencent", "AuthFailure.SignatureFailure", "", "failed", "permission"),
    ("Tencent", "UnauthorizedOperation", "", "failed", "permission"),
    ("Tencent", "UnauthorizedOperation.CamNoAuth", "", "failed", "permission"),
    # Near the rows, and none of them: never a bare prefix.
    ("Tencent", "ResourceNotFound.", "", "unexplained", None),
    ("Tencent", "FailedOperation.StreamNotExist", "", "absent", "absent"),
    ("Tencent", "FailedOperation.StreamNotAlive", "", "absent", "absent"),
    ("Tencent", "ResourceNotFound.StreamNotAlive", "", "absent", "absent"),
    ("Tencent", "FailedOperation.NotFound", "", "unexplained", "not_found"),
    ("Tencent", "FailedOperation.NotFound", "The task does not exist.", "absent", "absent"),
    ("Tencent", "FailedOperation.NotFound", "record not found", "unexplained", "not_found"),
    ("Tencent", "ResourceNotFound", "", "unexplained", "not_found"),
    ("Tencent", "ResourceNotFound", "resource not found", "unexplained", "not_found"),
    ("Tencent", "ResourceNotFound", "stream does not exist", "absent", "absent"),
    ("Tencent", "ResourceNotFound", "Stream 'one' was not found", "absent", "absent"),
    ("Tencent", "ResourceNotFound", "the recording task of stream one does not exist", "absent", "absent"),
    ("Tencent", "ResourceNotFound", "the domain of the stream does not exist", "unexplained", "not_found"),
    ("Tencent", "ResourceNotFound", "domain: stream does not exist", "unexplained", "not_found"),
    ("Tencent", "ResourceNotFound.InvalidUser", "stream does not exist", "failed", "account"),
    ("Tencent", "FailedOperation.JiFeiNoEnoughFund", "stream does not exist", "failed", "account"),
    ("Tencent", "FailedOperation", "stream does not exist", "transient", "transient"),
    ("Tencent", "FailedOperation.CallOtherSvrError", "", "transient", "transient"),
    ("Tencent", "InternalError.CallOtherSvrError", "", "transient", "transient"),
    ("Tencent", "InternalError.DBError", "", "transient", "transient"),
    ("Tencent", "ResourceNotFound.SomethingNew", "", "unexplained", None),
    ("Tencent", "InternalError.New", "", "unexplained", None),
    ("Tencent", "RequestLimitExceededX", "", "unexplained", None),
    ("Tencent", "resourcenotfound.taskid", "", "unexplained", None),
    ("Tencent", 0, "", "unexplained", None),
    ("Tencent", 200, "success", "unexplained", None),
    ("Tencent", "success", "success", "unexplained", None),
    ("Huawei", 0, "success", "success", "success"),
    ("Huawei", "0", "success", "success", "success"),
    ("Huawei", "LIVE.100011022", "record task exists", "running", "running"),
    ("Huawei", 100011022, "record task exists", "running", "running"),
    ("Huawei", "100011022", "record task exists", "running", "running"),
    ("Huawei", 400, "LIVE.100011022: record task exists", "running", "running"),
    ("Huawei", 404, "resource does not exist", "unexplained", "not_found"),
    ("Huawei", "404", "", "unexplained", "not_found"),
    ("Huawei", 404, "The domain does not exist", "unexplained", "not_found"),
    ("Huawei", 404, "recording configuration does not exist", "unexplained", "not_found"),
    ("Huawei", 404, "pull.live.stream does not exist", "unexplained", "not_found"),
    ("Huawei", 404, "Not found. Record does not exist", "absent", "absent"),
    ("Huawei", 404, "record does not exist", "absent", "absent"),
    ("Huawei", "404", "stream one does not exist", "absent", "absent"),
    ("Huawei", 404, "LIVE.103011019: record task not found", "absent", "absent"),
    ("Huawei", 404, "LIVE.103011019: domain not found", "unexplained", "not_found"),
    ("Huawei", "LIVE.103011019", "domain pull.example.com: record does not exist", "unexplained", "not_found"),
    ("Huawei", "LIVE.103011019", "", "unexplained", "not_found"),
    ("Huawei", 400, "LIVE.103011019: record does not exist, LIVE.100011002", "unexplained", "ambiguous"),
    ("Huawei", 400, "trace 1003011019, x-103011019, 103011019x", "unexplained", None),
    ("Huawei", "LIVE.103011019", "record does not exist", "absent", "absent"),
    ("Huawei", 103011019, "record does not exist", "absent", "absent"),
    ("Huawei", "LIVE.100011007", "too frequent", "throttled", "throttled"),
    ("Huawei", 100011007, "too frequent", "throttled", "throttled"),
    ("Huawei", "LIVE.100011000", "internal", "transient", "transient"),
    ("Huawei", "LIVE.100011005", "internal", "transient", "transient"),
    ("Huawei", "LIVE.103011021", "database", "transient", "transient"),
    ("Huawei", "LIVE.100011006", "maintenance", "transient", "transient"),
    ("Huawei", 100011008, "maintenance", "transient", "transient"),
    ("Huawei", "LIVE.100011002", "authentication", "failed", "permission"),
    ("Huawei", "LIVE.100011003", "authentication", "failed", "permission"),
    ("Huawei", "LIVE.100011014", "account", "failed", "permission"),
    ("Huawei", "LIVE.100011015", "account", "failed", "permission"),
    ("Huawei", "LIVE.100011009", "account", "failed", "permission"),
    ("Huawei", 100011013, "account", "failed", "permission"),
    ("Huawei", "", "", "unexplained", None),
    ("Huawei", 200, "success", "unexplained", None),
    ("Huawei", "LIVE.100011999", "", "unexplained", None),
    ("Huawei", "LIVE.", "", "unexplained", None),
    ("Aliyun", 200, "", "success", "success"),
    ("Aliyun", "200", "", "success", "success"),
    ("Aliyun", "TaskAlreadyStarted", "task has already started", "running", "running"),
    ("Aliyun", 409, "TaskAlreadyStarted", "running", "running"),
    ("Aliyun", 409, "Task has already started.", "running", "running"),
    ("Aliyun", "StreamNotFound", "Stream does not exist", "absent", "absent"),
    ("Aliyun", "InvalidStream.NotFound", "Stream does not exist", "absent", "absent"),
    ("Aliyun", 409, "StreamNotFound", "absent", "absent"),
    ("Aliyun", 404, "InvalidStream.NotFound", "absent", "absent"),
    ("Aliyun", "404", "Stream does not exist", "absent", "absent"),
    ("Aliyun", 404, "The specified stream does not exist", "absent", "absent"),
    ("Aliyun", 404, "StreamNotFound: stream does not exist", "absent", "absent"),
    ("Aliyun", 404, "The recording configuration of the stream does not exist", "unexplained", None),
    ("Aliyun", 404, "InvalidParameter: domain of stream does not exist", "unexplained", None),
    ("Aliyun", 409, "MyStreamNotFound", "unexplained", None),
    ("Aliyun", 404, "Stream one does not exist.", "absent", "absent"),
    ("Aliyun", 409, "The task of stream one has already been started", "running", "running"),
    ("Aliyun", 404, "", "unexplained", "not_found"),
    ("Aliyun", 409, "", "unexplained", None),
    ("Aliyun", 404, "The domain does not exist", "unexplained", None),
    ("Aliyun", "Throttling", "", "throttled", "throttled"),
    ("Aliyun", "Throttling.User", "", "throttled", "throttled"),
    ("Aliyun", 429, "", "throttled", "throttled"),
    ("Aliyun", 500, "", "transient", "transient"),
    ("Aliyun", 503, "", "transient", "transient"),
    ("Aliyun", "InternalError", "", "transient", "transient"),
    ("Aliyun", "CodeConfigNotFound", "", "failed", "configuration"),
    ("Aliyun", "InvalidConfig.NotFound", "", "failed", "configuration"),
    ("Aliyun", "InvalidDomain.NotFound", "", "failed", "configuration"),
    ("Aliyun", 404, "InvalidDomain.NotFound", "failed", "configuration"),
    ("Aliyun", 0, "", "unexplained", None),
    ("Aliyun", "", "", "unexplained", None),
    ("Aliyun", 201, "", "unexplained", None),
    ("Ws", 200, "success", "success", "success"),
    ("Ws", "200", "success", "success", "success"),
    ("Ws", 429, "", "throttled", "throttled"),
    ("Ws", 500, "", "transient", "transient"),
    ("Ws", 502, "", "transient", "transient"),
    ("Ws", "503", "", "transient", "transient"),
    ("Ws", 404, "", "unexplained", "not_found"),
    ("Ws", 404, "task does not exist", "unexplained", "not_found"),
    ("Ws", 400, "", "unexplained", None),
    ("Ws", 0, "success", "unexplained", None),
    ("Ws", "", "success", "unexplained", None),
    ("Ws", 5000, "", "unexplained", None),
]


def verdicts_of(vendor, verb, data, streams, absent_codes=frozenset(), environment=PRODUCTION):
    return verdicts_of_reply(vendor, verb, data, streams=streams, absent_codes=absent_codes, environment=environment)


@pytest.mark.parametrize("verb", ["stop", "start"])
@pytest.mark.parametrize("vendor,code,message,meaning,kind", TABLE)
def test_each_row_of_the_tables_has_its_verdict(vendor, code, message, meaning, kind, verb):
    other = fakes.success(vendor, "other")
    verdicts, unrequested = verdicts_of(
        vendor, verb, {vendor: [other, fakes.failure(vendor, "one", code, message)]}, ["one", "other"]
    )
    assert verdicts["one"].meaning == meaning
    assert kind is None or verdicts["one"].kind == kind
    assert verdicts["one"].code == str(code)
    assert verdicts["other"].meaning == "success"
    assert unrequested == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_examples_of_the_reference_have_their_verdicts(vendor):
    verdicts, unrequested = verdicts_of(vendor, "stop", GOOD[vendor], ["b", "a"])
    assert list(verdicts) == ["b", "a"]
    assert [item.meaning for item in verdicts.values()] == ["success", "success"]
    assert unrequested == []
    if vendor != "Ws":
        assert verdicts["a"].vendor_request_id == "r-a"


def test_tencent_start_hands_out_its_task():
    verdicts, _unrequested = verdicts_of(
        "Tencent", "start", {"Tencent": [fakes.success("Tencent", "a", "start")]}, ["a"]
    )
    assert verdicts["a"].task_id == "t-a"


def test_ws_object_and_bare_list_say_the_same():
    as_object = verdicts_of("Ws", "stop", GOOD_WS_OBJECT, ["a", "b"])[0]
    as_list = verdicts_of("Ws", "stop", GOOD["Ws"], ["a", "b"])[0]
    for stream in ("a", "b"):
        assert as_object[stream].meaning == as_list[stream].meaning == "success"
        assert as_object[stream].files == as_list[stream].files == ({"format": "mp4", "persistent_id": f"p-{stream}"},)
    assert as_object["a"].vendor_request_id == "t"


def test_several_ws_rows_for_one_stream_are_one_verdict():
    rows = [fakes.success("Ws", "a"), dict(fakes.success("Ws", "a"), task="flv", persistentId="p2")]
    verdict = verdicts_of("Ws", "stop", {"Ws": rows}, ["a"])[0]["a"]
    assert verdict.meaning == "success"
    assert [item["format"] for item in verdict.files] == ["mp4", "flv"]


@pytest.mark.parametrize("code,meaning", [(404, "unexplained"), (503, "transient"), (429, "throttled")])
@pytest.mark.parametrize("turned", [False, True])
def test_ws_one_bad_format_speaks_for_the_stream(code, meaning, turned):
    rows = [fakes.success("Ws", "a"), dict(fakes.failure("Ws", "a", code), task="flv")]
    verdict = verdicts_of("Ws", "stop", {"Ws": rows[::-1] if turned else rows}, ["a"])[0]["a"]
    assert verdict.meaning == meaning
    assert verdict.partly


@pytest.mark.parametrize(
    "code,meaning", [(200, "missing"), (404, "unexplained"), (503, "transient"), (429, "throttled"), (None, "missing")]
)
def test_a_ws_object_without_rows_speaks_for_the_stream(code, meaning):
    found = verdicts_of("Ws", "stop", {"Ws": {"http_code": code, "msg": "no", "list": []}}, ["a"])[0]["a"]
    assert found.meaning == meaning


@pytest.mark.parametrize("verb", ["stop", "start"])
@pytest.mark.parametrize(
    "code,meaning", [(503, "transient"), (403, "unexplained"), (429, "throttled"), (404, "unexplained")]
)
def test_a_ws_row_of_success_in_an_object_of_failure_is_no_success(verb, code, meaning):
    data = {"Ws": {"http_code": code, "msg": "no", "list": [fakes.success("Ws", "a", verb)]}}
    verdicts = verdicts_of("Ws", verb, data, ["a", "b"])[0]
    assert verdicts["a"].meaning == verdicts["b"].meaning == meaning
    # It may have been stopped, or started, nevertheless.
    assert verdicts["a"].partly and not verdicts["b"].partly


def test_a_ws_row_of_failure_in_an_object_of_success_speaks_for_its_stream():
    rows = [fakes.success("Ws", "a"), dict(fakes.success("Ws", "b"), http_code=403)]
    data = {"Ws": {"http_code": 200, "msg": "ok", "list": rows}}
    verdicts = verdicts_of("Ws", "stop", data, ["a", "b"])[0]
    assert (verdicts["a"].meaning, verdicts["b"].meaning) == ("success", "unexplained")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "data",
    [None, {}, [], "x", 0, True, 1.5, [[]], {"Other": []}, {"Tencent": None, "Ws": 3, "Huawei": "x", "Aliyun": {}}],
)
def test_nothing_usable_is_missing(vendor, data):
    verdicts, unrequested = verdicts_of(vendor, "stop", data, ["a", "b"])
    assert {item.meaning for item in verdicts.values()} == {"missing"}
    assert unrequested == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_another_vendors_key_says_nothing(vendor):
    for other in VENDORS:
        if other != vendor:
            assert verdicts_of(vendor, "stop", GOOD[other], ["a"])[0]["a"].meaning == "missing"
    assert verdicts_of(vendor, "stop", {vendor.lower(): GOOD[vendor][vendor]}, ["a"])[0]["a"].meaning == "missing"


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("code", [None, True, False, 0.0, 200.0, [], {}, [200], {"Code": 0}])
def test_a_code_of_a_wrong_type_is_no_success(vendor, code):
    verdict = verdicts_of(vendor, "stop", {vendor: [fakes.failure(vendor, "a", code, "success")]}, ["a"])[0]["a"]
    assert verdict.meaning == "missing"


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_entry_without_code_is_no_success(vendor):
    item = fakes.success(vendor, "a")
    del item["http_code" if vendor == "Ws" else "Code"]
    assert verdicts_of(vendor, "stop", {vendor: [item]}, ["a"])[0]["a"].meaning == "missing"


@pytest.mark.parametrize("vendor", VENDORS)
def test_unrequested_are_named_and_change_nothing(vendor):
    verdicts, unrequested = verdicts_of(vendor, "stop", {vendor: [fakes.success(vendor, "x\n\x1b[1m")]}, ["a"])
    assert verdicts["a"].meaning == "missing"
    assert len(unrequested) == 1 and unrequested[0].startswith("x") and unrequested[0].isprintable()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_name_of_digits_may_come_as_a_number(vendor):
    item = fakes.success(vendor, "x")
    item["id" if vendor == "Ws" else "StreamName"] = 42
    assert verdicts_of(vendor, "stop", {vendor: [item]}, ["42"])[0]["42"].meaning == "success"


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_prefix_of_the_test_environment_is_taken_off_a_name(vendor):
    data = {vendor: [fakes.success(vendor, "zegotest-1-a"), fakes.success(vendor, "b")]}
    verdicts, unrequested = verdicts_of(vendor, "stop", data, ["a", "b", "c"], environment=environment_of(1, True))
    assert [verdicts[name].meaning for name in "abc"] == ["success", "success", "missing"]
    assert unrequested == []
    assert verdicts_of(vendor, "stop", data, ["a"])[0]["a"].meaning == "missing"


@pytest.mark.parametrize(
    "vendor,code,own,meaning",
    [
        ("Ws", 404, "404", "absent"),
        ("Ws", 503, "503", "absent"),
        ("Tencent", "InvalidParameter", "InvalidParameter", "absent"),
        ("Huawei", 100011999, "LIVE.100011999", "absent"),
        ("Tencent", "New.Code", "Other.Code", "unexplained"),
        ("Tencent", "", "", "success"),
        ("Ws", 429, "429", "throttled"),
        ("Tencent", "ResourceNotFound.FreezeService", "ResourceNotFound.FreezeService", "failed"),
        ("Tencent", "AuthFailure", "AuthFailure", "failed"),
    ],
)
def test_a_code_that_the_user_explained_means_what_the_user_says(vendor, code, own, meaning):
    verdict = verdicts_of(vendor, "stop", {vendor: [fakes.failure(vendor, "a", code)]}, ["a"], frozenset({own}))[0]["a"]
    assert verdict.meaning == meaning


def test_vendor_text_is_one_short_printable_line():
    item = fakes.failure("Tencent", "a", "Bad\nCode", "two\r\nlines\x1b[31m" + "x" * 900)
    verdict = verdicts_of("Tencent", "stop", {"Tencent": [item]}, ["a"])[0]["a"]
    assert verdict.message.isprintable() and len(verdict.message) <= 200
    assert verdict.code.isprintable()


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["", "a", "b", "0", "200", "success", 0, 200, 404, "LIVE.100011022"]),
)
KEYS = st.one_of(
    st.sampled_from(
        VENDORS
        + (
            "StreamName",
            "Code",
            "Message",
            "RequestId",
            "TaskId",
            "list",
            "id",
            "http_code",
            "msg",
            "task",
            "persistentId",
        )
    ),
    st.text(max_size=3),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)


def _entries(vendor, data):
    found = data.get(vendor) if isinstance(data, dict) else None
    if vendor == "Ws" and isinstance(found, dict):
        found = found.get("list")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _says_success(vendor, data, stream):
    """An oracle of its own: is there an entry of this stream with the documented code of success?"""
    good = {"Tencent": ("",), "Huawei": (0, "0"), "Aliyun": (200, "200"), "Ws": (200, "200")}[vendor]
    name, code = ("id", "http_code") if vendor == "Ws" else ("StreamName", "Code")
    for item in _entries(vendor, data):
        value = item.get(code)
        right_type = isinstance(value, (str, int)) and not isinstance(value, bool)
        if isinstance(item.get(name), (str, int)) and str(item[name]) == stream and right_type and value in good:
            return True
    return False


def _check(vendor, verb, data):
    verdicts, unrequested = verdicts_of(vendor, verb, data, ["a", "b"])
    assert list(verdicts) == ["a", "b"]
    assert all(isinstance(name, str) for name in unrequested)
    for stream, verdict in verdicts.items():
        if verdict.meaning == "success" or verdict.partly:
            assert _says_success(vendor, data, stream)
        json.dumps(verdict._asdict())


@given(st.sampled_from(VENDORS), st.sampled_from(["stop", "start"]), ANYTHING)
def test_any_reply_gives_a_verdict(vendor, verb, data):
    _check(vendor, verb, data)
    _check(vendor, verb, {vendor: data})
    _check(vendor, verb, {vendor: {"list": data}})


def _paths(value, path=()):
    yield path
    items = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from _paths(inner, path + (key,))


@given(st.data())
def test_a_near_miss_of_a_good_reply_is_no_success(data):
    vendor = data.draw(st.sampled_from(VENDORS))
    wanted = copy.deepcopy(GOOD_WS_OBJECT if vendor == "Ws" and data.draw(st.booleans()) else GOOD[vendor])
    for _turn in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([item for item in _paths(wanted) if item] or [None]))
        if path is None:
            break
        holder = wanted
        for key in path[:-1]:
            holder = holder[key]
        change = data.draw(st.sampled_from(["drop", "replace", "double"]))
        if change == "drop":
            del holder[path[-1]]
        elif change == "replace":
            holder[path[-1]] = data.draw(ANYTHING)
        else:
            holder[path[-1]] = [copy.deepcopy(holder[path[-1]])] * 2
    _check(vendor, data.draw(st.sampled_from(["stop", "start"])), wanted)


@given(st.lists(st.sampled_from([200, 404, 429, 503, None]), min_size=1, max_size=5))
def test_ws_is_a_success_only_where_all_formats_are(codes):
    rows = [dict(fakes.failure("Ws", "a", code), task=str(place)) for place, code in enumerate(codes)]
    verdict = verdicts_of("Ws", "stop", {"Ws": rows}, ["a"])[0]["a"]
    assert (verdict.meaning == "success") == all(code == 200 for code in codes)


def test_a_vendors_code_is_found_however_long_the_message():
    verdict = verdicts_of(
        "Huawei", "stop", {"Huawei": [fakes.failure("Huawei", "a", 404, "x" * 300 + " LIVE.100011002")]}, ["a"]
    )[0]["a"]
    assert verdict.meaning == "failed" and len(verdict.message) == 200


def test_huawei_404_with_a_permission_code_is_not_absent():
    verdict = verdicts_of(
        "Huawei", "stop", {"Huawei": [fakes.failure("Huawei", "a", 404, "LIVE.100011002 authentication failed")]}, ["a"]
    )[0]["a"]
    assert verdict.meaning == "failed"


def start_of(vendor, *rows, whole=None):
    """What a start's rows for stream 'a' come to."""
    entries = [fakes.failure(vendor, "a", code) for code in rows]
    data = {vendor: entries} if whole is None else {vendor: {"http_code": whole, "msg": "no", "list": entries}}
    verdict = verdicts_of(vendor, "start", data, ["a"])[0]["a"]
    return outcomes.decide_start(vendor, verdict, None, now=1000.0, request_id="r")


@pytest.mark.parametrize(
    "vendor,rows,whole",
    [
        ("Ws", (429, 500), None),
        ("Ws", (500, 429), None),
        ("Ws", (429,), 500),
        ("Ws", (429, 400), None),
        ("Tencent", ("RequestLimitExceeded", "InternalError"), None),
        ("Tencent", ("LimitExceeded.MaximumTask", "InternalError"), None),
        ("Tencent", ("LimitExceeded.MaximumTask", "Undocumented"), None),
        ("Tencent", ("InvalidParameter", "InternalError"), None),
        ("Tencent", ("InvalidParameter", "Undocumented"), None),
        ("Tencent", ("LimitExceeded.MaximumTask", None), None),
        ("Tencent", ("LimitExceeded.MaximumTask", ""), None),
    ],
)
def test_a_start_of_which_one_row_may_have_begun_is_unknown(vendor, rows, whole):
    assert start_of(vendor, *rows, whole=whole).name == "unknown"


def test_a_start_that_every_row_refuses_for_its_pace_is_sent_again():
    assert isinstance(start_of("Ws", 429, 429), outcomes.Again)


@pytest.mark.parametrize("whole,code", [(500, 404), (403, 404)])
def test_an_absent_row_in_an_object_that_fails_is_not_absent(whole, code):
    data = {"Ws": {"http_code": whole, "msg": "no", "list": [fakes.failure("Ws", "a", code)]}}
    verdict = verdicts_of("Ws", "stop", data, ["a"], frozenset({str(code)}))[0]["a"]
    assert verdict.meaning != "absent" and not verdict.not_found


@pytest.mark.parametrize(
    "vendor,code,message",
    [("Aliyun", 409, "Task has already started"), ("Huawei", "LIVE.100011022", "record task exists")],
)
def test_no_code_of_the_user_makes_a_running_recording_absent(vendor, code, message):
    row = dict(fakes.failure(vendor, "a", code), Message=message)
    listed = frozenset({str(code), "100011022", "LIVE.100011022"})
    assert verdicts_of(vendor, "stop", {vendor: [row]}, ["a"], listed)[0]["a"].meaning == "running"
