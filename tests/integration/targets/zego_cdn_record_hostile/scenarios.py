# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers, connections and proxies that nobody expects: nothing false, nothing twice, no end that does not come."""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
import zlib
from email.utils import formatdate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from bare import Machine  # noqa: E402
from harness import VENDORS, all_are, brief, entry, main, names, outcomes, warnings  # noqa: E402
from raw_server import RawServer, answering, http, reply  # noqa: E402
from raw_server import entry as entry_of  # noqa: E402

# More than an answer has, and than what the machine of these scenarios has left.
BOMB = 256 << 20
LITTLE = Machine(memory=160 << 20)


def _started(request, vendor="Tencent"):
    return http(reply({vendor: [entry_of(vendor, stream) for stream in request.streams]}))


def _row(scene, stream="a"):
    """Return whether a further start of the stream would be sent, as far as the ledger knows."""
    with RawServer(answering(_started)) as server:
        result = scene.call(vendor="Tencent", streams=[stream], state="started", api_url=server.url)
        assert result["api_requests"] == len(server.requests)
        return len(server.requests)


# Which answer is whose.


def _announcing(answer):
    """Return what announces its first answer (103), and sends that when the next request comes."""
    late = []

    def act(connection, request):
        if late:
            # On the same connection, everything would be one answer off from here on. On another one it is lost.
            before = late[0] if request.number > 1 else b""
            connection.sendall(before + answer(request))
        else:
            late.append(answer(request))
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        return True

    return act


def test_after_an_announcement_no_stream_gets_the_answer_of_another(scene):
    def answer(request):
        done = [entry_of("Tencent", stream) for stream in request.streams if stream == "a"]
        return http(reply({"Tencent": done}))

    with RawServer(_announcing(answer)) as server:
        result = scene.call(vendor="Tencent", streams=["a", "b"], batch_size=1, api_url=server.url, retries=2)
    assert outcomes(result) == {"a": "stopped", "b": "failed"}, brief(result)


def test_after_an_announcement_no_room_gets_the_answer_of_another(scene):
    def answer(request):
        return http(reply(code=0) if request.value("RoomId") == "a" else reply(code=4711, message="no"))

    scene.module = "zego_room"
    with RawServer(_announcing(answer)) as server:
        result = scene.call(rooms=["a", "b"], api_url=server.url, retries=1)
    assert [item["outcome"] for item in result["rooms"]] == ["closed", "failed"], brief(result)


def test_names_of_the_test_environment_are_not_mixed_up(scene):
    prefixed = f"zegotest-{scene.simulator.app_id}-foo"
    scene.simulator.record("Tencent", ["foo", prefixed])
    result = scene.call(vendor="Tencent", streams=["foo", prefixed, "bar"], is_test=True)
    assert outcomes(result) == {"foo": "stopped", prefixed: "failed", "bar": "already_stopped"}, brief(result)
    assert [line["streams"] for line in scene.simulator.requests()] == [["foo", "bar"]]
    assert "the same in the test environment" in entry(result, prefixed)["message"]


def test_a_byte_that_is_no_text_is_no_stream(scene):
    """U+FFFD stands for such a byte elsewhere, and may be part of a real name."""
    body = reply({"Tencent": [entry_of("Tencent", "caf@")]}).replace(b"@", b"\xe9")
    with RawServer(answering(http(body))) as server:
        result = scene.call(vendor="Tencent", streams=["caf\ufffd"], retries=0, api_url=server.url)
    all_are("failed", result, changed=False)


# Contradictions.


def test_a_ws_object_that_says_failure_is_no_stop(scene):
    for code in (403, 500):
        body = reply({"Ws": {"http_code": code, "msg": "failed", "list": [entry_of("Ws", "a")]}})
        with RawServer(answering(http(body))) as server:
            result = scene.call(vendor="Ws", streams=["a", "b"], retries=0, api_url=server.url)
        all_are("failed", result, changed=False)


def test_of_what_comes_twice_the_worse_counts(scene):
    for vendor in VENDORS:
        good, bad = entry_of(vendor, "a"), entry_of(vendor, "a", 500 if vendor != "Tencent" else "FailedOperation")
        key = "http_code" if vendor == "Ws" else "Code"
        text = json.dumps(good)
        twice = [f'{text[:-1]}, "{key}": {json.dumps(bad[key])}}}', f'{{"{key}": {json.dumps(bad[key])}, {text[1:]}']
        bodies = [reply({vendor: [good, bad]}), reply({vendor: [bad, good]})]
        bodies += [reply({vendor: ["@"]}).replace(b'"@"', text.encode()) for text in twice]
        with RawServer(answering(*map(http, bodies))) as server:
            given = {"vendor": vendor, "streams": ["a"], "retries": 0, "api_url": server.url}
            for result in scene.calls([given] * len(bodies)):
                all_are("failed", result, changed=False)


# Connections.


def test_a_start_goes_over_a_connection_of_its_own(scene):
    """A server may close a kept connection at any time, and nobody knows then whether it had read the request."""
    done = []

    def act(connection, request):
        if request.number > 1:
            return False
        done.extend(request.streams)
        connection.sendall(_started(request))
        return True

    streams = names(200)
    with RawServer(act) as server:
        start = {"vendor": "Tencent", "streams": streams, "batch_size": 1, "requests_per_second": 1000}
        result = scene.call(state="started", api_url=server.url, **start)
        all_are("started", result, changed=True)
    assert sorted(done) == sorted(streams) and result["api_requests"] == server.connections == 200


def _never_left(scene, word, *, env=None, **given):
    """A start fails, says why, and leaves no mark: the next one is sent."""
    given = {"vendor": "Tencent", "streams": ["a"], "state": "started", "retries": 0, "timeout": 1, **given}
    began = time.monotonic()
    result = scene.call(env=env, **given)
    all_are("failed", result, changed=False)
    assert word in result["msg"] and time.monotonic() - began < 8, brief(result)
    assert _row(scene) == 1
    # The next case begins without a memory.
    scene.ledger.unlink()


def test_a_tls_connection_that_fails_leaves_no_mark(scene):
    def hangs(connection):
        connection.recv(1 << 16)
        connection.recv(1 << 16)

    def drips(connection):
        # A record of TLS that never comes to its end.
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while True:
            connection.sendall(b"\x02")
            time.sleep(0.1)

    cases = (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n"), lambda connection: None, hangs, drips)
    for at_once in cases:
        with RawServer(None, at_once) as server:
            _never_left(scene, "no ", api_url=f"https://127.0.0.1:{server.port}/", validate_certs=False)


def test_a_proxy_that_refuses_leaves_no_mark(scene):
    def drips(connection, request):
        while True:
            connection.sendall(b"HTTP/1.1 200"[:1])
            time.sleep(0.1)

    refusing = answering(http(b"no", "407 Proxy Authentication Required"), keep=False)
    for act in (refusing, answering(http(b"no", "403 Forbidden"), keep=False), drips):
        with RawServer(act) as proxy:
            env = {"HTTPS_PROXY": proxy.url, "https_proxy": proxy.url, "NO_PROXY": "", "no_proxy": ""}
            word = "the proxy refuses" if act is not drips else "no connection"
            _never_left(scene, word, env=env, api_url="https://api.example.invalid/")
            assert proxy.requests[0].line.startswith("CONNECT ")


def test_a_server_that_speaks_of_a_tunnel_is_no_proxy(scene):
    for answer in (b"Tunnel connection failed: 407 no\r\n\r\n", http(b"", "502 Tunnel connection failed: 403 no")):
        with RawServer(answering(answer, keep=False)) as server:
            given = {"vendor": "Tencent", "streams": ["a"], "state": "started", "api_url": server.url}
            all_are("unknown", scene.call(**given), changed=False)
        scene.ledger.unlink()


def test_a_lost_answer_is_told_where_the_next_one_finds_nothing(scene):
    scene.simulator.record("Tencent", ["a", "b"])
    for stream in ("a", "b"):
        scene.simulator.add_fault(kind="drop_after", stream=stream, times=1)
    documented = scene.call(vendor="Tencent", streams=["a"])
    all_are("stopped", documented, changed=True)
    assert "lost" in entry(documented, "a")["message"], brief(documented)
    # This code does not say what was not found. So the stop is no success, but the message says what is likely.
    scene.simulator.configure(absent_code={"Tencent": "ResourceNotFound"}, absent_message={"Tencent": ""})
    vague = scene.call(vendor="Tencent", streams=["b"])
    all_are("failed", vague, changed=False)
    assert "an earlier attempt may have stopped it" in entry(vague, "b")["message"], brief(vague)


# Time.


def _for_ever(first, again, pause=0.05):
    def act(connection, request):
        connection.sendall(first)
        while True:
            connection.sendall(again)
            time.sleep(pause)

    return act


def test_an_answer_that_never_ends_is_given_up_in_time(scene):
    cases = (
        _for_ever(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        _for_ever(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
        _for_ever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        _for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        _for_ever(b"", b"H"),
    )
    for number, act in enumerate(cases):
        with RawServer(act) as server:
            given = {"vendor": "Tencent", "streams": [f"s{number}"], "retries": 0, "timeout": 1}
            began = time.monotonic()
            stop = scene.call(api_url=server.url, **given)
            start = scene.call(api_url=server.url, state="started", **given)
            seconds = time.monotonic() - began
        all_are("failed", stop, changed=False)
        all_are("unknown", start, changed=False)
        assert seconds < 8, (number, seconds)


def test_pages_without_an_end_are_given_up(scene):
    """A new marker on each page with the same file on it, and ever more files in each part of the time."""
    keys = [{"Key": "app-a--20260728181527.mp4", "Size": 1, "LastModified": "2026-07-28T10:20:00.000Z"}]
    markers = iter(range(100_000))

    def marked(_request):
        return http(reply({"Ws": {"Keys": keys, "NextMarker": f"m{next(markers)}"}}))

    scene.module = "zego_media_info"
    given = {"streams": ["a"], "requests_per_second": 1000, "retries": 0}
    with RawServer(answering(marked)) as server:
        result = scene.call(vendor="Ws", api_url=server.url, **given)
        assert result["failed"] and len(server.requests) < 10, brief(result)
    more = http(reply({"Tencent": {"TotalCount": 5000, "MediaInfoSet": [], "RequestId": "r"}}))
    with RawServer(answering(more)) as server:
        result = scene.call(vendor="Tencent", api_url=server.url, **given)
        assert result["failed"] and len(server.requests) < 500, (len(server.requests), brief(result))


def test_a_date_that_is_years_off_is_never_signed(scene):
    """A signature for it would be good for any call then, for whoever sent that date."""
    refusal = http(reply(code=100000004), headers=[f"Date: {formatdate(2051222400, usegmt=True)}"])
    with RawServer(answering(refusal)) as server:
        result = scene.call(vendor="Tencent", streams=names(60), api_url=server.url)
        assert result["failed"] and "Set the clock" in result["msg"], brief(result)
        assert len(server.requests) == 1
        assert {abs(int(request.value("Timestamp")) - time.time()) < 60 for request in server.requests} == {True}


# Memory.


def test_no_answer_takes_the_memory(scene):
    """The module has 160 MB left, and each answer would take more."""
    zeros = bytes(1 << 20)
    pressed = zlib.compressobj(1)
    deflated = b"".join([*(pressed.compress(zeros) for _part in range(BOMB >> 20)), pressed.flush()])
    gzipped = gzip.compress(gzip.compress(bytes(8 << 20), 1) + b"", 1)
    deflate = ["Content-Encoding: deflate"]
    bodies = (
        (http(deflated, headers=deflate), "8 MB"),
        (http(deflated, "302 Found", [*deflate, "Location: http://127.0.0.1:1/"]), ""),
        (http(gzipped, headers=["Content-Encoding: gzip, gzip"]), ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-fffffff\r\n" + bytes(24 << 20), ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + bytes(24 << 20), "8 MB"),
    )
    for answer, word in bodies:
        with RawServer(answering(answer, keep=False)) as server:
            given = {"vendor": "Tencent", "streams": ["a"], "retries": 0, "api_url": server.url}
            result = scene.call(machine=LITTLE, **given)
        all_are("failed", result, changed=False)
        assert word in result["msg"] and "on this machine" not in result["msg"], brief(result)


# What is shown.


def test_a_byte_order_mark_is_no_part_of_an_answer(scene):
    body = b"\xef\xbb\xbf" + reply({"Tencent": [entry_of("Tencent", "a")]})
    with RawServer(answering(http(body))) as server:
        all_are("stopped", scene.call(vendor="Tencent", streams=["a"], api_url=server.url), changed=True)


def test_what_a_vendor_says_is_cleaned_and_cut(scene):
    said = "\x1b[2J\x07::error::boo\r\n::set-output name=x::y\u202e" + "x" * (2 << 20)

    def act(connection, request):
        code = "FailedOperation" if request.streams == ["bad"] else ""
        row = entry_of("Tencent", request.streams[0], code, Message=said, TaskId=said, RequestId=said)
        connection.sendall(http(reply({"Tencent": [row]})))
        return True

    with RawServer(act) as server:
        given = {"vendor": "Tencent", "state": "started", "streams": ["bad", "good"], "batch_size": 1}
        result = scene.call(api_url=server.url, **given)
        again = scene.call(api_url=server.url, **given)
    assert outcomes(result) == {"bad": "unknown", "good": "started"}, brief(result)
    assert outcomes(again) == {"bad": "unknown", "good": "already_started"}, brief(again)
    for shown in (json.dumps(result, ensure_ascii=False), json.dumps(again, ensure_ascii=False)):
        assert "::" not in shown and not re.search("[\x00-\x1f\x7f\u202e]", shown), shown[:500]
        assert len(shown) < 10_000, len(shown)


def test_a_task_id_of_50_megabytes_is_no_answer(scene):
    row = entry_of("Tencent", "a", TaskId="x" * (50 << 20))
    with RawServer(answering(http(reply({"Tencent": [row]})), keep=False)) as server:
        given = {"vendor": "Tencent", "state": "started", "streams": ["a"], "api_url": server.url}
        result = scene.call(machine=LITTLE, **given)
    all_are("unknown", result, changed=False)
    assert "8 MB" in result["msg"] and len(json.dumps(result)) < 10_000 and not warnings(result), brief(result)


if __name__ == "__main__":
    main(globals())
