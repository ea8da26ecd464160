# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects that were here once."""

from __future__ import annotations

import io
import socket
import threading

import pytest

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api import lane as _lane
from ansible_collections.zego.cloud.plugins.module_utils._api import replies as _replies
from ansible_collections.zego.cloud.plugins.module_utils._api import transport as _transport
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotSent, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    failure,
    http,
    make_client,
    reply,
    success,
)


def streams_of(query):
    return [value for name, value in query if name == "StreamId[]"]


def test_patience_ends_where_the_vendor_throttles_for_ever():
    def step(query):
        if client.requests_sent > 1000:
            raise KeyboardInterrupt  # would go on for ever
        return reply(
            0, {"Tencent": [failure("Tencent", stream, "RequestLimitExceeded") for stream in streams_of(query)]}
        )

    client = make_client(step, patience=60)
    try:
        results = RecordingJob(client, FakeLedger(), Order("Tencent", "stop"), ["a", "b"]).run()
    except KeyboardInterrupt:
        pytest.fail(f"still sending after {client.turnstile.clock() - 1000:.0f} s, rate_limit_timeout is 60 s")
    assert [result.outcome.name for result in results] == ["failed", "failed"]


def test_patience_is_for_the_whole_run_not_for_each_batch():
    client = make_client(reply(6), patience=60)
    began = client.turnstile.clock()
    results = RecordingJob(
        client, FakeLedger(), Order("Tencent", "stop", batch_size=1), [f"s{n}" for n in range(2000)]
    ).run()
    # The fakes' clock adds up what several threads sleep at once. Each batch by itself would take more than a thousand seconds.
    assert client.turnstile.clock() - began < 400
    assert {result.outcome.name for result in results} == {"failed", "not_attempted"}
    assert all("too frequent" in result.outcome.facts["message"] for result in results)


def test_patience_with_a_vendor_is_for_the_whole_run():
    def step(query):
        return reply(
            0, {"Tencent": [failure("Tencent", stream, "RequestLimitExceeded") for stream in streams_of(query)]}
        )

    client = make_client(step, patience=60)
    began = client.turnstile.clock()
    results = RecordingJob(
        client, FakeLedger(), Order("Tencent", "stop", batch_size=5), [f"s{n}" for n in range(2000)]
    ).run()
    # The fakes' clock adds up what several threads sleep at once. Each batch by itself would take more than a thousand seconds.
    assert client.turnstile.clock() - began < 400
    assert all("RequestLimitExceeded" in result.outcome.facts["message"] for result in results)


@pytest.mark.parametrize("status", [101, 103, 199])
@pytest.mark.parametrize("verb, outcome", [("start", "unknown"), ("stop", "stopped")])
def test_what_announces_an_answer_is_none(status, verb, outcome):
    def step(query):
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    results = RecordingJob(make_client(http(status), step), FakeLedger(), Order("Tencent", verb), ["a"]).run()
    assert results[0].outcome.name == outcome


def test_half_an_emoji_costs_nobody_else_a_result():
    text = '{"Code": 0, "Data": [{"a": "fan \\ud83d", "b": "\\ud83d\\ude00", "c": "\\\\ud83d"}]}'
    data = _replies.read(_transport.HttpAnswer(200, text, None, None)).data[0]
    assert data == {"a": "fan \x1a", "b": "\U0001f600", "c": "\\ud83d"}
    # What was mended must never pass for a name that can be sent.
    with pytest.raises(ValueError):
        _validation.check_name("stream", data["a"].replace(" ", ""))


def test_a_vendors_code_is_found_however_long_the_message():
    from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import parse

    verdict = parse("Huawei", "stop", {"Huawei": [failure("Huawei", "a", 404, "x" * 300 + " LIVE.100011002")]}, ["a"])[
        0
    ]["a"]
    assert verdict.meaning == "failed" and len(verdict.message) == 200


@pytest.mark.parametrize("code", ["\u00b2", "9" * 5000])
def test_an_odd_code_is_a_lost_answer(code):
    with pytest.raises(ZegoError):
        make_client(reply(code), retries=0).call("StopCDNRecord", [], True)


def test_no_spinning_while_all_workers_wait():
    looked_twice, timeouts = threading.Event(), []

    def watched(in_flight, seconds):
        if len(in_flight) == _lane.WORKERS:
            timeouts.append(seconds)
            if len(timeouts) == 2:
                looked_twice.set()
        return wait_for(in_flight, seconds)

    def step(query):
        # The first is the probe; the others answer once all workers wait and the job has looked up from its waiting.
        assert client.requests_sent == 1 or looked_twice.wait(30)
        return reply(0, {"Tencent": [success("Tencent", stream) for stream in streams_of(query)]})

    client = make_client(step, rate=1000000)
    wait_for, client.turnstile.wait_for = client.turnstile.wait_for, watched
    # What may be in flight grows with the answers; here nothing but the number of workers is to limit it.
    client.turnstile.streams.lift()
    RecordingJob(client, FakeLedger(), Order("Tencent", "stop", batch_size=1), [f"s{n}" for n in range(70)]).run()
    assert timeouts[:2] == [_lane.ATTENTION] * 2


def test_what_was_sent_is_not_called_not_attempted():
    streams = [f"s{n}" for n in range(40)]

    def step(query):
        return reply(2) if len(streams_of(query)) > 1 else reply(5)

    for _turn in range(20):
        for result in RecordingJob(
            make_client(step), FakeLedger(), Order("Tencent", "stop", batch_size=2), streams
        ).run():
            assert result.outcome.name != "not_attempted" or result.attempts == 0


def test_an_unresolved_name_is_said_to_be_one(monkeypatch):
    def unknown(*_a, **_k):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent) as caught:
        _transport.Transport("http://api.invalid/", 2.0, True, 1).get([])
    assert "cannot be resolved" in caught.value.reason


def test_b_a_refused_connection_is_no_timeout():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent) as caught:
            _transport.Transport(f"http://127.0.0.1:{holder.getsockname()[1]}/", 2.0, True, 1).get([])
    assert "within" not in caught.value.reason


@pytest.mark.parametrize("name, value", [("timeout", 1e10), ("requests_per_second", 1e-12)])
def test_numbers_that_overflow_a_timer_are_refused(name, value):
    params = {"timeout": 10, "requests_per_second": 20, "retries": 4, "app_id": 1, name: value}
    with pytest.raises(ValueError, match=name):
        _validation.check_numbers(params, ("timeout", "requests_per_second"))


def test_a_short_password_does_not_break_replies():
    # Transport-level: redaction before JSON is read also hits codes and stream names.
    response = _transport.requests.Response()
    response.raw, response.status_code = (
        io.BytesIO(b'{"Code": 0, "Data": {"Tencent": [{"StreamName": "stage-1", "Code": ""}]}}'),
        200,
    )
    text = _transport.Transport._answer(response, ("user:stage", "stage")).text
    assert "stage-1" in text


def test_a_refused_1000_start_is_not_forgotten():
    ledger = FakeLedger()
    results = RecordingJob(make_client(reply(1000)), ledger, Order("Tencent", "start"), ["a"]).run()
    assert results[0].outcome.name == "unknown" or "a" in ledger.memories


def test_huawei_404_with_a_permission_code_is_not_absent():
    from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import parse

    verdict = parse(
        "Huawei", "stop", {"Huawei": [failure("Huawei", "a", 404, "LIVE.100011002 authentication failed")]}, ["a"]
    )[0]["a"]
    assert verdict.meaning == "failed"
