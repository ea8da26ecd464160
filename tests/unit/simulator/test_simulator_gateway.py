# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Who may come in: the common codes, the clock, the nonce and the quota."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http.client import HTTPException

import pytest

STOP = "StopCDNRecord"


def test_the_published_example_is_let_in(api, simulator):
    secret = "9193cc662a4c0ec135ec71fb57194b38"
    simulator.configure(app_id=12345, server_secret=secret, clock_skew_seconds=1615186943 - time.time())
    published = {
        "AppId": 12345,
        "SignatureNonce": "4fd24687296dd9f3",
        "Timestamp": 1615186943,
        "Signature": "43e5cfcca828314675f91b001390566a",
    }
    assert api.stop("Tencent", "cdn01", **published)["Code"] == 0


@pytest.mark.parametrize(
    "code, changes",
    [
        (100000001, {"AppId": None}),
        (100000001, {"AppId": "12a"}),
        (100000001, {"AppId": 2**32}),
        (100000002, {"Timestamp": None}),
        (100000003, {"Timestamp": "soon"}),
        (100000003, {"Timestamp": "-5"}),
        (100000004, {"Timestamp": 1}),
        (100000005, {"Signature": "0" * 32}),
        (100000005, {"secret": "another"}),
        (100000006, {"Action": None}),
        (100000007, {"Action": "PauseCDNRecord"}),
        (100000008, {"SignatureNonce": None}),
        (100000005, {"SignatureNonce": "short"}),
        (100000009, {"Signature": None}),
        (100000011, {"AppId": 99}),
        (100000013, {"SignatureVersion": None}),
        (100000014, {"SignatureVersion": "1.0"}),
    ],
)
def test_each_mistake_has_its_code_and_stops_nothing(api, simulator, code, changes):
    simulator.record("Tencent", ["cdn01"])
    reply = api.stop("Tencent", "cdn01", **changes)
    assert (reply["Code"], reply.get("Data")) == (code, None)
    assert api.running("Tencent", "cdn01") == 1
    assert (api.log()["accepted"], api.log()["work"], api.log()["code"]) == (False, False, code)


def test_a_signature_in_upper_case_is_wrong(api):
    target = api.target(STOP, "Tencent", ["cdn01"])
    signature = target.split("Signature=")[1][:32]
    assert b"100000005" in api.send(target.replace(signature, signature.upper()))[2]


def test_a_timestamp_may_be_ten_minutes_off_the_clock_that_the_date_shows(api, simulator):
    for skew in (0, -3600):
        simulator.configure(clock_skew_seconds=skew)
        now = int(time.time()) + skew
        codes = [api.stop("Tencent", "a", Timestamp=now + shift)["Code"] for shift in (-590, 590, -605, 605)]
        assert codes == [0, 0, 100000004, 100000004]
        date = api.send(api.target(STOP, "Tencent", ["a"]))[1]["Date"]
        assert abs(parsedate_to_datetime(date).timestamp() - now) < 3
    simulator.configure(send_date=False)
    assert api.send(api.target(STOP, "Tencent", ["a"]))[1]["Date"] is None


@pytest.mark.parametrize("rule", [None, {"kind": "http"}, {"kind": "reset"}, {"kind": "code", "code": 6}])
def test_a_nonce_is_used_up_whatever_was_answered(api, simulator, rule):
    if rule:
        simulator.add_fault(times=1, **rule)
    target = api.target(STOP, "Tencent", ["a"])
    try:
        api.send(target)
    except (OSError, HTTPException):
        pass
    assert b"100000005" in api.send(target)[2]
    simulator.configure(nonce_reused_code=7)
    assert b'"Code":7' in api.send(target)[2]


def replay(lines, quota, counted):
    """Which requests of a log a sliding second should have let through."""
    used, verdicts = [], []
    for line in lines:
        moment = line["accepted_mono"] or line["mono"]
        room = len([one for one in used if one > moment - 1.0]) < quota
        verdicts.append(room)
        if room or counted:
            used.append(moment)
    return verdicts


# The log's own times decide, so that a slow machine cannot fail the test.
@pytest.mark.parametrize("counted", [False, True])
def test_the_quota_is_a_sliding_second(api, simulator, counted):
    simulator.configure(quota=2, count_refused=counted)
    for pause in (0, 0, 0, 0.3, 0.3, 0.3, 0.15, 0):
        time.sleep(pause)
        api.stop("Tencent", "a")
    lines = simulator.requests()
    found = [line["accepted"] for line in lines]
    assert found == [line["code"] == 0 for line in lines] == replay(lines, 2, counted)
    assert found[0] and not all(found) and (counted or any(found[found.index(False) :]))
    stats = simulator.stats()
    assert stats["actions"] == {STOP: {"0": found.count(True), "6": found.count(False)}}
    assert (stats["requests"], stats["accepted"], stats["refused"]) == (8, found.count(True), found.count(False))


def test_each_action_has_a_quota_that_only_its_signed_requests_use(api, simulator):
    simulator.configure(quota={STOP: 1})
    assert api.send("/elsewhere?Action=StopCDNRecord")[0] == 404
    assert api.stop("Tencent", "a", Signature="0" * 32)["Code"] == 100000005
    assert [api.stop("Tencent", "a")["Code"] for _turn in range(3)] == [0, 6, 6]
    assert api.start("Tencent", "a")["Code"] == 0
    simulator.configure(quota=0)
    assert {api.stop("Tencent", "a")["Code"] for _turn in range(40)} == {0}


def test_requests_of_one_connection_count_as_one_connection(api, simulator):
    connection = api.connect()
    for _turn in range(3):
        connection.request("GET", api.target(STOP, "Tencent", ["a"]))
        connection.getresponse().read()
    connection.close()
    assert simulator.stats()["action_connections"] == 1
    api.stop("Tencent", "a")
    assert simulator.stats()["action_connections"] == 2


def test_request_ids_and_empty_data_vary_as_the_reference_shows_them(api, simulator):
    replies = [api.stop("Nobody", "a") for _turn in range(6)]
    assert {type(reply["RequestId"]) for reply in replies} == {str, int}
    assert {"Data" in reply for reply in replies} == {True, False}
    for kind, data, shown in (("number", "null", (int, True)), ("string", "absent", (str, False))):
        simulator.configure(request_id=kind, error_data=data)
        reply = api.stop("Nobody", "a")
        assert (type(reply["RequestId"]), "Data" in reply) == shown
