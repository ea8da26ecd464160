# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request against a real socket: what comes back, or why nothing does, never with the signed URL in it."""

from __future__ import annotations

import gzip
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import traceback
import tracemalloc
import zlib
from contextlib import contextmanager

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._api import transport as _transport
from ansible_collections.zego.cloud.plugins.module_utils._api import wire as _wire
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent, Unreachable

SIGNATURE = "43e5cfcca828314675f91b001390566a"
QUERY = [("Signature", SIGNATURE), ("StreamId[]", "cdn 01&x"), ("StreamId[]", "é")]


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        received = b""
        while b"\r\n\r\n" not in received:
            part = self.request.recv(65536)
            if not part:
                return
            received += part
        self.server.received.append(received)
        self.server.act(self.request)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 20

    def handle_error(self, request, client_address):
        """A client that gives up is part of these tests."""


@contextmanager
def serving(act, context=None):
    server = _Server(("127.0.0.1", 0), _Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.received, server.act, server.over = [], act, threading.Event()
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def sending(data):
    return lambda connection: connection.sendall(data)


def answer(body=b'{"Code": 0}', status=b"200 OK", headers=b""):
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Length: %d\r\n" % len(body)
        + headers
        + b"Connection: close\r\n\r\n"
        + body
    )


def transport_to(server, timeout=5.0, verify=True, scheme="http", **credentials):
    return _transport.RequestsTransport(
        f"{scheme}://127.0.0.1:{server.server_address[1]}/", timeout, verify, pool_size=4, **credentials
    )


def get(server, **options):
    return transport_to(server, **options).send(QUERY)


def fails(kind, transport):
    """The request fails as ``kind``, and nothing of the error tells the URL."""
    with pytest.raises((NotSent, AnswerLost)) as caught:
        transport.send(QUERY)
    error = caught.value
    assert error.__class__ is kind
    assert error.__cause__ is None and error.__context__ is None
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    for text in (str(error), repr(error), error.advice, told, repr(error.args), repr(vars(error))):
        for hidden in (SIGNATURE, "Signature=", "StreamId", "s3cret", "cdn%2001", "http://127", "https://127"):
            assert hidden not in text
    assert error.reason and error.advice
    return error


def test_status_text_date_and_retry_after_of_an_answer_are_read():
    with serving(
        sending(
            answer(
                b'{"Code": 0, "x": "\xc3\xa9"}', headers=b"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\nRetry-After: 7\r\n"
            )
        )
    ) as server:
        got = get(server)
    assert got.status == 200
    assert got.text == '{"Code": 0, "x": "\xe9"}'
    assert (got.date, got.retry_after) == ("Tue, 15 Nov 1994 08:12:31 GMT", 7)
    line = server.received[0].split(b"\r\n")[0]
    assert (
        line
        == b"GET /?Signature=" + SIGNATURE.encode() + b"&StreamId%5B%5D=cdn%2001%26x&StreamId%5B%5D=%C3%A9 HTTP/1.1"
    )


@pytest.mark.parametrize("header", [b"", b"Retry-After: \r\n", b"Retry-After: soon\r\n", b"Retry-After: -\xff\r\n"])
def test_an_unusable_retry_after_is_none(header):
    with serving(sending(answer(headers=header))) as server:
        assert get(server).retry_after is None


def test_undecodable_and_compressed_bodies_are_read():
    with serving(sending(answer(b"\xff\xfe{"))) as server:
        assert get(server).text.endswith("{")
    with serving(sending(answer(gzip.compress(b'{"Code": 0}'), headers=b"Content-Encoding: gzip\r\n"))) as server:
        assert get(server).text == '{"Code": 0}'


@pytest.mark.parametrize("status", [b"301 M", b"302 F", b"307 T", b"308 P"])
def test_redirects_are_not_followed(status):
    hits = []
    with serving(lambda connection: (hits.append(1), connection.sendall(answer()))) as other:
        target = b"Location: http://127.0.0.1:%d/\r\n" % other.server_address[1]
        with serving(sending(answer(b"", status, target))) as server:
            assert get(server).status == int(status[:3])
    assert hits == []


def test_a_body_goes_by_post_as_json_and_the_signature_in_the_url():
    with serving(sending(answer())) as server:
        assert transport_to(server).send(QUERY, {"a": [1, None]}).status == 200
    request = server.received[0]
    assert request.startswith(b"POST /?") and SIGNATURE.encode() in request.partition(b"\r\n")[0]
    assert b"content-type: application/json" in request.lower()


def test_cookies_are_not_kept():
    with serving(sending(answer(headers=b"Set-Cookie: a=b; Path=/\r\n"))) as server:
        transport = transport_to(server)
        transport.send(QUERY)
        transport.send(QUERY)
    assert len(server.received) == 2
    assert b"cookie" not in server.received[1].lower()


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "act,words",
    [
        (_reset, "reset|broke"),
        (lambda connection: None, "reset|broke"),
        (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), "cut off|broke"),
        (sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "cut off|broke"),
        (sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"), "cut off|broke"),
        (sending(b"rubbish\r\n\r\n"), "broke"),
        (sending(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), "broke"),
    ],
    ids=["reset", "closed", "cut", "cut chunk", "bad chunk", "rubbish", "bad gzip"],
)
def test_a_broken_answer_is_lost(act, words):
    with serving(act) as server:
        error = fails(AnswerLost, transport_to(server))
    assert any(word in error.reason for word in words.split("|"))
    assert len(server.received) == 1, "the HTTP library must not send it again by itself"


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"], ids=["silent", "stalled"])
def test_no_answer_in_time_is_lost(begin):
    def stall(connection):
        connection.sendall(begin)
        server.over.wait(10)

    with serving(stall) as server:
        error = fails(AnswerLost, transport_to(server, timeout=0.2))
    assert "0.2 s" in error.reason
    assert len(server.received) == 1


def test_refused_was_not_sent():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        error = fails(
            NotSent,
            _transport.RequestsTransport(f"http://127.0.0.1:{holder.getsockname()[1]}/", 2.0, True, pool_size=1),
        )
    assert "within" not in error.reason, "a refused connection is no timeout"
    assert error.reason.endswith(": connection refused") and "Is the simulator" in error.advice


def test_unresolved_was_not_sent(monkeypatch):
    def unknown(*_args, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = fails(NotSent, _transport.RequestsTransport("http://api.invalid/", 2.0, True, pool_size=1))
    assert "api.invalid" in error.reason and "cannot be resolved" in error.reason


def test_no_connection_in_time_was_not_sent(monkeypatch):
    def slow(*_args, **_options):
        raise socket.timeout("timed out")

    monkeypatch.setattr(socket.socket, "connect", slow)
    fails(NotSent, _transport.RequestsTransport("http://127.0.0.1:9/", 0.1, True, pool_size=1))


@pytest.mark.parametrize("url", ["http://" + "a" * 70 + ".invalid/", "http://.invalid/", "http://[::1/"])
def test_unusable_addresses_never_leave_as_other_errors(url):
    try:
        transport = _transport.RequestsTransport(url, 0.5, True, pool_size=1)
    except ValueError:
        return
    with pytest.raises((NotSent, AnswerLost)) as caught:
        transport.send(QUERY)
    assert SIGNATURE not in str(caught.value)


def test_user_info_is_sent_but_never_told():
    with serving(sending(answer())) as server:
        get(server, user="user", password="s3cret")
    assert b"authorization: basic" in server.received[0].lower()
    with serving(_reset) as server:
        fails(AnswerLost, transport_to(server, user="user", password="s3cret"))


def test_what_netrc_has_for_the_host_is_not_sent(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("default login netrcuser password netrcpassword\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setattr(_transport, "is_loopback", lambda host: False)
    with serving(sending(answer())) as server:
        get(server)
        get(server, user="us@er", password="s3cret")
    assert b"authorization" not in server.received[0].lower()
    # "us@er:s3cret"
    assert b"Basic dXNAZXI6czNjcmV0" in server.received[1]


def test_plain_http_to_this_machine_takes_no_proxy(monkeypatch):
    with serving(sending(answer())) as server, serving(sending(answer())) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_address[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        get(server)
    assert len(server.received) == 1 and not proxy.received


def test_an_answer_without_an_end_is_lost(monkeypatch):
    monkeypatch.setattr(_wire, "LARGEST_ANSWER", 1_000_000)

    def endless(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _part in range(400):
            connection.sendall(b" " * 65536)

    with serving(endless) as server:
        assert "more than" in fails(AnswerLost, transport_to(server)).reason


def test_ca_certificates_that_are_not_there_keep_it_from_leaving(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    error = fails(Unreachable, _transport.RequestsTransport("https://127.0.0.1:9/", 1.0, True, pool_size=1))
    assert "REQUESTS_CA_BUNDLE" in error.advice


def test_a_proxy_that_refuses_keeps_it_from_leaving(monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(sending(answer(status=b"407 Proxy Authentication Required"))) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.server_address[1]}")
        assert (
            "proxy"
            in fails(NotSent, _transport.RequestsTransport("https://api.invalid/", 2.0, True, pool_size=1)).reason
        )


def test_a_proxy_that_cannot_be_used_keeps_it_from_leaving(monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "gopher://127.0.0.1:9")
    with pytest.raises(NotSent):
        _transport.RequestsTransport("https://api.invalid/", 2.0, True, pool_size=1).send(QUERY)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, and its server-side context."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    config, key, path = folder / "c.cnf", str(folder / "key.pem"), str(folder / "cert.pem")
    config.write_text(
        "[req]\ndistinguished_name=d\nx509_extensions=e\nprompt=no\n[d]\nCN=zego\n[e]\nsubjectAltName=IP:127.0.0.1\n"
    )
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    files = ["-keyout", key, "-out", path, "-config", str(config)]
    command = [openssl, "req", "-x509", *curve, "-nodes", "-days", "2", *files]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("openssl cannot make a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    return path, context


def test_a_self_signed_certificate_is_unreachable(certificate):
    with serving(sending(answer()), certificate[1]) as server:
        error = fails(Unreachable, transport_to(server, scheme="https"))
        assert "certificate" in error.reason and "ca_path" in error.advice
        assert server.received == []


def test_a_certificate_is_accepted_where_it_is_named_or_checks_are_off(certificate):
    with serving(sending(answer()), certificate[1]) as server:
        assert get(server, scheme="https", verify=certificate[0]).status == 200
        assert get(server, scheme="https", verify=False).status == 200


def test_a_byte_order_mark_is_no_part_of_an_answer():
    with serving(sending(answer(b'\xef\xbb\xbf{"Code": 0}'))) as server:
        assert get(server).text == '{"Code": 0}'


def test_a_byte_that_is_no_utf8_is_no_name_that_somebody_may_have():
    with serving(sending(answer(b'{"a\xff": 1, "a\xef\xbf\xbd": 2, "a\xc3": 3}'))) as server:
        assert get(server).text == '{"a\ufffe": 1, "a\ufffd": 2, "a\ufffe": 3}'


def dripping(connection, data, over):
    """Send a byte at a time, each well within the time that a single wait may take."""
    for byte in data:
        if over.wait(0.02):
            return
        connection.sendall(bytes([byte]))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n",
    ],
    ids=["status line", "headers", "body", "chunk"],
)
def test_the_time_holds_for_the_whole_answer_and_not_for_each_byte(start):
    def drip(connection):
        connection.sendall(start)
        dripping(connection, b"X" * 500, server.over)

    with serving(drip) as server:
        assert "0.2 s" in fails(AnswerLost, transport_to(server, timeout=0.2)).reason


def test_a_server_that_never_stops_continuing_is_given_up():
    def continuing(connection):
        while not server.over.wait(0.01):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with serving(continuing) as server:
        fails(AnswerLost, transport_to(server, timeout=0.3))


def _bomb(times=1):
    bomb = b" " * (64 * 2**20)
    for _turn in range(times):
        bomb = gzip.compress(bomb)
    return bomb


@pytest.mark.parametrize(
    "data",
    [
        answer(_bomb(), headers=b"Content-Encoding: gzip\r\n"),
        answer(zlib.compress(b" " * (64 * 2**20)), headers=b"Content-Encoding: deflate\r\n"),
        answer(_bomb(2), headers=b"Content-Encoding: gzip, gzip\r\n"),
        answer(_bomb(), status=b"302 Found", headers=b"Location: /x\r\nContent-Encoding: gzip\r\n"),
        answer(b" " * (9 * 2**20)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + b" " * (9 * 2**20),
    ],
    ids=["gzip", "deflate", "gzip twice", "redirect", "plain", "negative chunk"],
)
def test_an_answer_takes_little_memory_whatever_it_expands_to(data):
    with serving(sending(data)) as server:
        transport = transport_to(server)
        tracemalloc.start()
        try:
            fails(AnswerLost, transport)
            assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
        finally:
            tracemalloc.stop()


def test_deflate_without_its_header_is_read():
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = packer.compress(b'{"Code": 0}') + packer.flush()
    with serving(sending(answer(body, headers=b"Content-Encoding: deflate\r\n"))) as server:
        assert get(server).text == '{"Code": 0}'


class _KeptAlive(_Handler):
    """Answers every request of a connection, the n-th with the n-th answer of ``server.answers``."""

    def handle(self):
        self.server.connections += 1
        for parts in self.server.answers:
            received = b""
            while b"\r\n\r\n" not in received:
                part = self.request.recv(65536)
                if not part:
                    return
                received += part
            for part in parts:
                self.request.sendall(part)


@contextmanager
def keeping_alive(*answers):
    with serving(None) as server:
        server.RequestHandlerClass, server.answers, server.connections = _KeptAlive, answers, 0
        yield server


def kept(body, status=b"200 OK"):
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def test_a_connection_is_used_again():
    with keeping_alive([kept(b"1")], [kept(b"2")]) as server:
        transport = transport_to(server)
        assert [transport.send(QUERY).text for _turn in range(2)] == ["1", "2"]
        transport.close()
    assert server.connections == 1


@pytest.mark.parametrize(
    "unexpected",
    [
        [b"HTTP/1.1 103 Early Hints\r\n\r\n", kept(b"1")],
        [b"HTTP/1.1 102 Processing\r\n\r\n", kept(b"1")],
        [kept(b"x", b"404 Not Found"), kept(b"1")],
        [b"HTTP/1.1 204 No Content\r\n\r\n", kept(b"1")],
        [b"HTTP/1.1 304 Not Modified\r\n\r\n", kept(b"1")],
    ],
    ids=["103", "102", "404", "204", "304"],
)
def test_after_anything_unexpected_the_next_answer_is_its_own(unexpected):
    with keeping_alive(unexpected, [kept(b"2")]) as server:
        transport = transport_to(server)
        assert transport.send(QUERY).status != 200
        server.answers = ([kept(b"2")],)
        assert transport.send(QUERY).text == "2"
        transport.close()
    assert server.connections == 2


def test_what_must_not_be_repeated_takes_a_connection_of_its_own():
    with keeping_alive([kept(b"1")], [kept(b"2")], [kept(b"3")]) as server:
        transport = transport_to(server)
        transport.send(QUERY)
        transport.send(QUERY, fresh=True)
        transport.send(QUERY, fresh=True)
        transport.send(QUERY)
        transport.close()
    assert server.connections == 3


def test_a_tls_handshake_that_fails_or_hangs_was_not_sent():
    with serving(sending(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        # Not TLS: the server waits for a request, and sends nothing.
        fails(NotSent, transport_to(server, scheme="https", timeout=0.3))

    class _Plain(_Handler):
        def handle(self):
            self.request.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")

    with serving(None) as server:
        server.RequestHandlerClass = _Plain
        assert "TLS" in fails(NotSent, transport_to(server, scheme="https")).reason


def test_a_server_that_speaks_of_a_tunnel_is_no_proxy():
    with serving(sending(b"Tunnel connection failed: 407 no\r\n\r\n")) as server:
        fails(AnswerLost, transport_to(server))
