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


def test_published_signature_vector(api, simulator):
    simulator.configure(
        app_id=12345, server_secret="9193cc662a4c0ec135ec71fb57194b38", clock_skew_seconds=1615186943 - time.time()
    )
    vector = {
        "AppId": 12345,
        "SignatureNonce": "4fd24687296dd9f3",
        "Timestamp": 1615186943,
        "Signature": "43e5cfcca828314675f91b001390566a",
    }
    assert api.sign(12345, "4fd24687296dd9f3", "9193cc662a4c0ec135ec71fb57194b38", 1615186943) == vector["Signature"]
    assert api.stop("Tencent", "cdn01", **vector)["Code"] == 0


@pytest.mark.parametrize(
    "code, changes",
    [
        (100000001, {"AppId": None}),
        (100000001, {"AppId": "12a"}),
        (100000001, {"AppId": 2**32}),
        (100000002, {"Timestamp": None}),
        (100000002, {"Timestamp": ""}),
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
def test_each_mistake_has_its_code(api, simulator, code, changes):
    simulator.record("Tencent", ["cdn01"])
    reply = api.stop("Tencent", "cdn01", **changes)
    assert (reply["Code"], reply.get("Data")) == (code, None)
    assert api.running("Tencent", "cdn01") == 1
    assert (api.log()["accepted"], api.log()["work"], api.log()["code"]) == (False, False, code)


def test_signature_is_lower_case(api):
    target = api.target(STOP, "Tencent", ["cdn01"])
    signature = target.split("Signature=")[1][:32]
    status, _headers, body = api.send(target.replace(signature, signature.upper()))
    assert status == 200 and b"100000005" in body


def test_host_header(api, simulator):
    for host in ("", "a b", "-", "http://x"):
        assert b"100000000" in api.send(api.target(STOP, "Tencent", ["cdn01"]), headers={"Host": host})[2]
    simulator.configure(allowed_hosts=["rtc-api.zego.im"])
    assert api.stop("Tencent", "cdn01")["Code"] == 100000000
    assert b'"Code":0' in api.send(api.target(STOP, "Tencent", ["cdn01"]), headers={"Host": "rtc-api.zego.im:443"})[2]


def test_clock_window_is_ten_minutes_either_way(api):
    now = int(time.time())
    assert [api.stop("Tencent", "a", Timestamp=now + shift)["Code"] for shift in (-590, 590)] == [0, 0]
    assert [api.stop("Tencent", "a", Timestamp=now + shift)["Code"] for shift in (-605, 605)] == [100000004, 100000004]


def test_skewed_clock_shows_in_date_and_check(api, simulator):
    simulator.configure(clock_skew_seconds=-3600)
    assert api.stop("Tencent", "a")["Code"] == 100000004
    assert api.stop("Tencent", "a", Timestamp=int(time.time()) - 3600)["Code"] == 0
    date = api.send(api.target(STOP, "Tencent", ["a"]))[1]["Date"]
    assert abs(parsedate_to_datetime(date).timestamp() - (time.time() - 3600)) < 3


def test_date_can_be_left_out(api, simulator):
    simulator.configure(send_date=False)
    assert api.send(api.target(STOP, "Tencent", ["a"]))[1]["Date"] is None


def test_nonce_is_used_once(api, simulator):
    nonce = {"SignatureNonce": "0123456789abcdef"}
    assert api.stop("Tencent", "a", **nonce)["Code"] == 0
    assert api.stop("Tencent", "a", **nonce)["Code"] == 100000005
    simulator.configure(nonce_reused_code=7)
    assert api.start("Tencent", "a", **nonce)["Code"] == 7


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "http"},
        {"kind": "reset"},
        {"kind": "hang", "seconds": 9},
        {"kind": "code", "code": 6},
        {"kind": "drop_after"},
    ],
)
def test_nonce_is_used_up_whatever_was_answered(api, simulator, rule):
    simulator.add_fault(times=1, **rule)
    target = api.target(STOP, "Tencent", ["a"])
    try:
        api.send(target, timeout=0.3)
    except (OSError, HTTPException):
        pass
    until = time.monotonic() + 3
    while api.log()["outcome"] == "pending" and time.monotonic() < until:
        time.sleep(0.02)
    assert b"100000005" in api.send(target)[2]


def test_quota_of_twenty_is_the_default(api, simulator):
    assert simulator.config()["quota"]["StopCDNRecord"] == 20


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
@pytest.mark.parametrize("counted, pause", [(False, 0.12), (True, 0.12)])
def test_quota_is_a_sliding_second(api, simulator, counted, pause):
    simulator.configure(quota=2, count_refused=counted)
    for _turn in range(5):
        api.stop("Tencent", "a")
    for _turn in range(5):
        time.sleep(pause)
        api.stop("Tencent", "a")
    time.sleep(1.0)
    api.stop("Tencent", "a")
    lines = simulator.requests()
    found = [line["accepted"] for line in lines]
    assert found == [line["code"] == 0 for line in lines] == replay(lines, 2, counted)
    assert found[0] and found[-1] and not all(found)
    stats = simulator.stats()
    assert stats["actions"] == {STOP: {"0": found.count(True), "6": found.count(False)}}
    assert (stats["requests"], stats["accepted"], stats["refused"]) == (11, found.count(True), found.count(False))


def test_quota_is_one_for_each_action(api, simulator):
    simulator.configure(quota={STOP: 1})
    for _turn in range(3):
        api.stop("Tencent", "a")
    assert api.start("Tencent", "a")["Code"] == 0
    assert {line["code"] for line in simulator.requests() if line["action"] == STOP} == {0, 6}


def test_a_wrong_signature_is_free(api, simulator):
    simulator.configure(quota=1)
    api.stop("Tencent", "a", Signature="0" * 32)
    assert api.stop("Tencent", "a")["Code"] == 0


def test_only_the_action_path_uses_the_quota(api, simulator):
    simulator.configure(quota=1)
    assert api.send("/elsewhere?Action=StopCDNRecord")[0] == 404
    assert simulator.health() == {"ok": True}
    assert api.stop("Tencent", "a")["Code"] == 0


def test_quota_off(api, simulator):
    simulator.configure(quota=0)
    assert {api.stop("Tencent", "a")["Code"] for _turn in range(40)} == {0}


def test_get_only(api):
    status, headers, _body = api.send(api.target(STOP, "Tencent", ["a"]), method="POST")
    assert (status, headers["Allow"]) == (405, "GET")
    assert (api.log()["number"], api.log()["method"], api.log()["status"]) == (None, "POST", 405)


def test_keep_alive_is_one_connection(api, simulator):
    connection = api.connect()
    for _turn in range(3):
        connection.request("GET", api.target(STOP, "Tencent", ["a"]))
        connection.getresponse().read()
    connection.close()
    assert simulator.stats()["action_connections"] == 1
    assert len({line["connection"] for line in simulator.requests()}) == 1
    api.stop("Tencent", "a")
    assert simulator.stats()["action_connections"] == 2


def test_request_id_is_sometimes_a_number(api, simulator):
    kinds = [type(api.stop("Tencent", "a")["RequestId"]) for _turn in range(4)]
    assert kinds in ([str, int, str, int], [int, str, int, str])
    simulator.configure(request_id="number")
    assert isinstance(api.stop("Tencent", "a")["RequestId"], int)
    simulator.configure(request_id="string")
    assert isinstance(api.stop("Tencent", "a")["RequestId"], str)


def test_data_of_an_error_is_sometimes_null(api, simulator):
    found = {"Data" in api.stop("Nobody", "a") for _turn in range(6)}
    assert found == {True, False}
    simulator.configure(error_data="null")
    assert all("Data" in api.stop("Nobody", "a") for _turn in range(3))
    simulator.configure(error_data="absent")
    assert not any("Data" in api.stop("Nobody", "a") for _turn in range(3))
