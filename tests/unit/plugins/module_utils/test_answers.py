# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no API should give, kept in answers.json, and what they must not do: stop a stream in a report, start
one twice, show a secret, take the memory, or raise.

Each goes over a real socket through the real HTTP client. In the file a byte is the character of that number. The words
between @ are replaced, see ``Answer``.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import socket
import threading
import zlib
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import settings

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Sender
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import Secrets
from ansible_collections.zego.cloud.plugins.module_utils._api.transport import RequestsTransport
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.plugins.module_utils._recording.result import recording_result
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    APP_ID,
    SECRET,
    FakeLedger,
    failure,
    make_gate,
    success,
)

FILE = Path(__file__).parent / "answers.json"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: @LENGTH@\r\n"
MEGABYTES = b" " * (64 << 20)
# Too large for a file.
LARGE = {
    "gzip-of-64-megabytes": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(MEGABYTES),
    "gzip-of-gzip": HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(gzip.compress(MEGABYTES)),
    "deflate-of-64-megabytes": HEAD + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(MEGABYTES),
    "nested-deeply": HEAD + b"\r\n" + b"[" * 100_000,
    "data-nested-deeply": HEAD + b'\r\n{"Code": 0, "Data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    "header-of-a-hundred-kilobytes": HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n{}",
}
KEPT = json.loads(FILE.read_text(encoding="utf-8"))
ANSWERS = {**{name: text.encode("latin-1") for name, text in KEPT["answers"].items()}, **LARGE}
# What is odd, and nevertheless says plainly that it worked, by the vendors at which it does.
WORKED = KEPT["worked"]
VENDORS = ("Tencent", "Ws", "Huawei", "Aliyun")
BAD = {"Tencent": "FailedOperation", "Ws": 500, "Huawei": "LIVE.100011002", "Aliyun": "InvalidDomain.NotFound"}
STREAM = "stage-1"
OTHERWISE = {"stop": {"failed"}, "start": {"failed", "unknown"}}
# An answer of 64 MB must not be held as a whole. Beside others, on the oldest libraries, and with what was before.
MOST_MEMORY = 500 << 20


class Answer:
    """The bytes of an answer to a query, from those of a file."""

    def __init__(self, template, vendor):
        self.template = template
        self.vendor = vendor

    def _entry(self, **changes):
        name = "id" if self.vendor == "Ws" else "StreamName"
        code = "http_code" if self.vendor == "Ws" else "Code"
        keys = {"name": name, "code": code, "message": "msg" if self.vendor == "Ws" else "Message"}
        return {**success(self.vendor, STREAM), **{keys[key]: value for key, value in changes.items()}}

    def _twice(self, first, second):
        """An entry with its code twice, which JSON allows."""
        code = "http_code" if self.vendor == "Ws" else "Code"
        text = json.dumps({key: value for key, value in self._entry().items() if key != code})
        return f'{text[:-1]}, "{code}": {json.dumps(first)}, "{code}": {json.dumps(second)}}}'

    def _words(self, query):
        good, bad = self._entry(), failure(self.vendor, STREAM, BAD[self.vendor], "failed")
        code = good["http_code" if self.vendor == "Ws" else "Code"]
        values = dict(parse_qsl(query))
        return {
            "@SUCCESS@": json.dumps(good),
            "@SUCCESS_OTHER@": json.dumps(self._entry(name="another")),
            "@SUCCESS_UPPER@": json.dumps(self._entry(name=STREAM.upper())),
            "@SUCCESS_SPACE@": json.dumps(self._entry(name=STREAM + " ")),
            "@SUCCESS_LIST@": json.dumps(self._entry(name=[STREAM])),
            "@FAILURE@": json.dumps(bad),
            "@FAILURE_ECHO@": json.dumps(failure(self.vendor, STREAM, BAD[self.vendor], query)),
            "@TWICE_LAST@": self._twice(code, BAD[self.vendor]),
            "@TWICE_FIRST@": self._twice(BAD[self.vendor], code),
            "@VENDOR@": self.vendor,
            "@VENDOR_UPPER@": self.vendor.upper() + "X",
            "@STREAM@": STREAM,
            "@QUERY@": query,
            "@SIGNATURE@": values.get("Signature", ""),
        }

    def to(self, query):
        text = self.template
        for word, value in self._words(query).items():
            text = text.replace(word.encode(), value.encode())
        while b"@CODE:" in text:
            before, _mark, rest = text.partition(b"@CODE:")
            value, _mark, after = rest.partition(b"@")
            entry = json.dumps(self._entry(code="CODE")).encode().replace(b'"CODE"', value)
            text = before + entry + after
        _head, _mark, body = text.partition(b"@LENGTH@")
        body = body.partition(b"\r\n\r\n")[2].partition(b"HTTP/1.1 ")[0]
        return text.replace(b"@LENGTH@", str(len(body)).encode())


class Server:
    """Answers each connection once, with these bytes, and closes it."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.answer = None
        self.queries = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self._reply(connection)
                except OSError:
                    # The client had read enough.
                    pass

    def _reply(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65536)
            if not part:
                return
            head += part
        query = head.split(b" ", 2)[1].decode().partition("?")[2]
        self.queries.append(query)
        connection.sendall(self.answer.to(query))

    def close(self):
        self._listener.close()


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.close()


def run(server, vendor, verb, template):
    """Stop or start one stream against this answer; return (its entry, the whole result as text)."""
    server.answer, server.queries = Answer(template, vendor), []
    secrets = Secrets((SECRET,), (), (STREAM,))
    transport = RequestsTransport(server.url, 5, True, pool_size=1)
    client = ZegoClient(Sender(APP_ID, SECRET, transport, secrets), make_gate(running=False), retries=0)
    results = RecordingJob(client, FakeLedger(), Order(vendor, verb), streams=[STREAM], retries=0).run()
    assert [result.stream for result in results] == [STREAM]
    result = recording_result(vendor, results, client.requests_sent, with_diff=False)
    return result["streams"][0], json.dumps(result)


def check_secrecy(server, told):
    assert SECRET not in told
    for query in server.queries:
        values = dict(parse_qsl(query))
        for name in ("Signature", "SignatureNonce"):
            assert not values.get(name) or values[name] not in told, name


@pytest.mark.parametrize("verb", ["stop", "start"])
@pytest.mark.parametrize("name", ANSWERS)
def test_no_odd_answer_passes_for_success(server, name, verb):
    worked = {"stop": {"stopped"}, "start": {"started"}}
    for vendor in VENDORS:
        entry, told = run(server, vendor, verb, ANSWERS[name])
        expected = worked if vendor in WORKED.get(name, ()) else OTHERWISE
        assert entry["outcome"] in expected[verb], (vendor, entry)
        assert all(char.isprintable() for char in entry.get("message", "")) and "::" not in entry.get("message", "")
        assert len(told) < 5000
        check_secrecy(server, told)


def test_no_answer_takes_the_memory(server):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("gzip-of-64-megabytes", "gzip-of-gzip", "deflate-of-64-megabytes", "nested-deeply"):
        run(server, "Tencent", "stop", ANSWERS[name])
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < MOST_MEMORY


def mutated(template, rng):
    """Return an answer with a few bytes changed, cut out, doubled, or taken from elsewhere in it."""
    text = bytearray(template)
    for _turn in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(text) + 1), rng.randint(1, 12)
        kind = rng.choice(("change", "cut", "double", "insert"))
        if kind == "change" and at < len(text):
            text[at] = rng.randrange(256)
        elif kind == "cut":
            del text[at : at + length]
        elif kind == "double":
            text[at:at] = text[at : at + length]
        else:
            text[at:at] = rng.choice((b"\r\n", b'"', b"{", b"}", b"null", b"-1", b"\x00", b"\\", b"@STREAM@", b"0"))
    return bytes(text)


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_no_damaged_answer_raises_or_shows_a_secret(server, verb):
    """From the short answers, with a fixed seed; many with --hypothesis-profile=full."""
    rng = random.Random(20261128)
    names = {
        "stop": {"failed", "stopped", "already_stopped"},
        "start": {"failed", "unknown", "started", "already_started"},
    }
    seeds = [answer for answer in ANSWERS.values() if len(answer) < 2000]
    for turn in range(4 * settings().max_examples):
        template = mutated(rng.choice(seeds), rng)
        entry, told = run(server, VENDORS[turn % 4], verb, template)
        assert entry["outcome"] in names[verb], (turn, template)
        check_secrecy(server, told)


def test_what_worked_is_a_name_of_an_answer():
    assert set(WORKED) <= set(ANSWERS)
