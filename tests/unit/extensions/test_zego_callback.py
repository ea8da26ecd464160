# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The receiver over a real socket: what it takes, what it refuses, and what it never does."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import runpy
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
from urllib.parse import quote, urlencode

import pytest

aiohttp = pytest.importorskip("aiohttp")

from engine import APP_ID, SECRET, Engine, listening, running  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils._eda import feed  # noqa: E402

NAME = "zego_callback"
EVENT = {"event": "record", "stream_alias": "stage-1", "replay_url": "http://x.test/a.mp4"}


def file(number, **more):
    return {**EVENT, "extra_params": json.dumps({"FileID": str(number)}), **more}


def sign(fields, secret=SECRET, age=0, nonce=None):
    """Sign a callback's fields as the API does, with a nonce of their own unless one is given."""
    timestamp, nonce = str(int(time.time()) - age), nonce or str(time.monotonic_ns())
    signature = hashlib.sha1("".join(sorted([secret, timestamp, nonce])).encode()).hexdigest()
    return {"appid": str(APP_ID), **fields, "timestamp": timestamp, "nonce": nonce, "signature": signature}


class Receiver:
    """A receiver that runs, as its clients see it."""

    def __init__(self, session, url, task):
        self.session, self.url, self.task = session, url, task

    async def post(self, fields, **more):
        """POST fields as JSON, or bytes as they are; return the status."""
        data = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        async with self.session.post(self.url, data=data, **more) as answer:
            assert len(await answer.text()) < 300
            return answer.status

    async def health(self):
        async with self.session.get(f"{self.url}healthz") as answer:
            return answer.status, await answer.json()


@contextlib.asynccontextmanager
async def receiving(engine, logged, spool, **args):
    logged.clear()
    given = {"port": 0, "app_id": APP_ID, "callback_secret": SECRET, "spool": spool, **args}
    async with running(NAME, engine, given) as task:
        url = f"http://127.0.0.1:{await listening(task, logged)}/"
        async with aiohttp.ClientSession() as session:
            yield Receiver(session, url, task)


def test_a_callback_is_an_event_and_the_same_one_again_is_none(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            first = sign(file(1))
            assert await receiver.post(first) == 200
            event = await engine.take()
            assert event["meta"] == {"uuid": "1"} and event["zego"]["stream_id"] == "stage-1"
            # As it was, spelled in other ways, and signed anew.
            assert await receiver.post(first) == 200
            assert await receiver.post(quote(json.dumps(first)).encode()) == 200
            assert await receiver.post(urlencode(first).encode()) == 200
            assert await receiver.post(sign(file(1))) == 200
            # A second format of the same stream is another file.
            assert await receiver.post(sign(file(2))) == 200
            assert await engine.uuids(1) == ["2"] and engine.idle()

    asyncio.run(scenario())
    assert not [record for record in logged.records if record.levelname != "INFO"]


def test_each_form_of_a_body_is_taken(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            json_type = {"Content-Type": "application/json"}
            forms = [json.dumps(sign(file(1))), quote(json.dumps(sign(file(2)))), urlencode(sign(file(3)))]
            for form in forms:
                assert await receiver.post(form.encode(), headers=json_type) == 200
            numbers = sign(file(4))
            numbers.update(timestamp=int(numbers["timestamp"]), nonce=int(numbers["nonce"]), appid=APP_ID)
            assert await receiver.post(numbers) == 200
            assert await engine.uuids(4) == ["1", "2", "3", "4"]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "name,status",
    [
        ("wrong", 401),
        ("unsigned", 401),
        ("stale", 401),
        ("future", 401),
        ("other AppID", 403),
        ("invalid UTF-8", 400),
        ("no JSON", 400),
        ("empty", 400),
        ("deep", 400),
        ("template", 400),
        ("no identity", 400),
        ("large", 413),
    ],
)
def test_the_attack_table(spool, logged, name, status):
    bodies = {
        "wrong": sign(file(1), secret="guessed"),
        "unsigned": file(1, appid=str(APP_ID)),
        "stale": sign(file(1), age=301),
        "future": sign(file(1), age=-310),
        "other AppID": sign(file(1, appid="987654321")),
        "invalid UTF-8": json.dumps(sign(file(1))).encode().replace(b"stage", b"st\xffge"),
        "no JSON": b"\x80\x03]q",
        "empty": b"",
        "deep": b'{"a":' * 40000,
        "template": sign(file(1, stream_alias="{{ lookup('pipe', 'id') }}")),
        "no identity": sign({"event": "record", "stream_alias": "stage-1"}),
        "large": b" " * 10_000_000,
    }

    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            body = bodies[name]
            try:
                assert await receiver.post(body) == status
            except aiohttp.ClientOSError:
                # Whoever sends megabytes may see the connection's end before the answer.
                assert name == "large"
            assert await receiver.post(sign(file(7))) == 200
            assert await engine.uuids(1) == ["7"] and engine.idle()

    asyncio.run(scenario())
    (warning,) = [record.getMessage() for record in logged.records if record.levelname == "WARNING"]
    assert f"answered with {status}: " in warning and len(warning) < 200
    assert SECRET not in logged.text and "Traceback" not in logged.text and "lookup" not in logged.text


def test_a_stolen_signature_carries_no_other_body_also_after_a_restart(spool, logged):
    mine = sign(file(1))
    stolen = {**mine, "stream_alias": "other", "extra_params": json.dumps({"FileID": "666"})}
    ignored = sign({"event": "room_login", "room_id": "hall"})

    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            assert await receiver.post(mine) == 200
            assert await receiver.post(stolen) == 401
            # Nor that of a callback that made no event.
            assert await receiver.post(ignored) == 200
            assert await receiver.post({**ignored, **file(666)}) == 401
            assert await engine.uuids(1) == ["1"]
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            assert await receiver.post(stolen) == 401
            assert await receiver.post(mine) == 200
            assert await receiver.post(sign(file(2))) == 200
            assert await engine.uuids(1) == ["2"] and engine.idle()

    asyncio.run(scenario())


def test_chunks_and_compression_are_no_way_around_the_size(spool, logged):
    async def chunks():
        for _time in range(200):
            yield b" " * 65536

    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool, max_body=4096) as receiver:
            with contextlib.suppress(aiohttp.ClientOSError):
                async with receiver.session.post(receiver.url, data=chunks()) as answer:
                    assert answer.status == 413
            bomb = gzip.compress(json.dumps(sign(file(1))).encode())
            assert await receiver.post(bomb, headers={"Content-Encoding": "gzip"}) == 400
            assert engine.idle()

    asyncio.run(scenario())


def test_only_posts_to_the_path_are_callbacks(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool, path="/zego/hook") as receiver:
            assert await receiver.post(sign(file(1))) == 404
            async with receiver.session.get(f"{receiver.url}zego/hook") as answer:
                assert answer.status == 405
            async with receiver.session.post(f"{receiver.url}zego/hook", data=json.dumps(sign(file(1)))) as answer:
                assert answer.status == 200
            assert await engine.uuids(1) == ["1"]

    asyncio.run(scenario())


def test_all_five_kinds_are_events_unless_others_are_wanted(spool, logged):
    cloud = {"app_id": APP_ID, "event_type": 5, "task_id": "t", "room_id": "hall"}
    kinds = [
        file(1),
        {"event": "stream_create", "stream_alias": "a", "room_id": "hall"},
        {"event": "stream_close", "stream_alias": "a", "room_id": "hall", "type": "0"},
        {"event": "room_close", "room_id": "hall"},
        cloud,
    ]

    def signed(fields):
        result = sign(fields)
        if "app_id" in fields:
            del result["appid"]
        return result

    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            for fields in kinds:
                assert await receiver.post(signed(fields)) == 200
            found = [(await engine.take())["zego"]["event"] for _time in kinds]
            assert found == ["record", "stream_create", "stream_close", "room_close", "cloud_recording"]
        async with receiving(engine, logged, f"{spool}2", events=["room_close"]) as receiver:
            for fields in kinds:
                assert await receiver.post(signed(fields)) == 200
            assert (await engine.take())["zego"]["event"] == "room_close" and engine.idle()

    asyncio.run(scenario())


def test_a_busy_engine_gets_a_fast_503_and_no_callback_hangs(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool, max_pending=3) as receiver:
            statuses = []
            began = time.monotonic()
            # The engine takes nothing: one is in its queue, one waits for a place there, and so many in the spool.
            for number in range(8):
                statuses.append(await receiver.post(sign(file(number))))
            assert time.monotonic() - began < 5
            taken = statuses.count(200)
            assert statuses == [200] * taken + [503] * (8 - taken) and 3 <= taken <= 4
            # What is known needs no room.
            assert await receiver.post(sign(file(0))) == 200
            status, state = await receiver.health()
            assert status == 503 and state["ok"] is False and state["pending"] == 3
            found = await engine.uuids(taken)
            assert found == [str(number) for number in range(taken)]
            assert await receiver.post(sign(file(9))) == 200 and await engine.uuids(1) == ["9"]
            assert (await receiver.health())[0] == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("settles", [True, False])
def test_an_event_that_the_engine_did_not_keep_for_certain_comes_again_after_a_restart(
    spool, logged, monkeypatch, settles
):
    """What it says to have is not on its disk at once: it is kept here until it is."""
    monkeypatch.setattr(feed, "SETTLE_SECONDS", 0.1 if settles else 5)

    async def scenario():
        engine = Engine(feedback=True)
        async with receiving(engine, logged, spool) as receiver:
            for number in (1, 2, 3):
                assert await receiver.post(sign(file(number))) == 200
            assert await engine.uuids(1) == ["1"]
            # The engine took it, and was killed before it was in its database.
            event = await asyncio.wait_for(engine.queue.get(), 10)
            assert event["meta"]["uuid"] == "2"
            if settles:
                # A word on an older one is none on this one.
                await engine.feedback.put({"meta": {"uuid": "an older one"}})
                await engine.feedback.put(event)
                for _time in range(500):
                    if (await receiver.health())[1]["pending"] == 1:
                        break
                    await asyncio.sleep(0.01)
        engine = Engine(feedback=True)
        async with receiving(engine, logged, spool) as receiver:
            assert await engine.uuids(1 if settles else 3) == (["3"] if settles else ["1", "2", "3"])
            assert await receiver.post(sign(file(4))) == 200
            assert await engine.uuids(1) == ["4"] and engine.idle()

    asyncio.run(scenario())


def test_a_spool_that_fails_is_503_and_not_200(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            assert await receiver.post(sign(file(1))) == 200
            with sqlite3.connect(spool) as other:
                other.execute("ALTER TABLE event RENAME TO gone")
            other.close()
            assert await receiver.post(sign(file(2))) == 503
            assert (await receiver.health())[0] == 503
            # The source outlives it.
            with sqlite3.connect(spool) as other:
                other.execute("ALTER TABLE gone RENAME TO event")
            other.close()
            assert await receiver.post(sign(file(2))) == 200
            assert await engine.uuids(2) == ["1", "2"] and engine.idle()

    asyncio.run(scenario())
    assert "The spool cannot be used" in logged.text and "Traceback" not in logged.text


def test_a_body_that_does_not_come_is_given_up(spool, logged, monkeypatch):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            port = int(receiver.url.rsplit(":", 1)[1].strip("/"))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            # Another one is not held up by it.
            assert await receiver.post(sign(file(1))) == 200 and await engine.uuids(1) == ["1"]
            assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
            writer.close()

    run_path = runpy.run_path

    def hurried(path):
        source = run_path(path)
        source["main"].__globals__["BODY_SECONDS"] = 0.2
        return source

    monkeypatch.setattr("runpy.run_path", hurried)
    asyncio.run(scenario())


def test_a_flood_of_refusals_is_ten_lines(spool, logged):
    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool) as receiver:
            for _time in range(25):
                assert await receiver.post(b"{}") == 400

    asyncio.run(scenario())
    assert logged.text.count("answered with 400") == 10


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl program to make a certificate")
def test_https_with_a_key_that_has_a_password(spool, logged, tmp_path):
    key, cert = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", *curve, "-passout", "pass:swordfish", "-days", "1", *names]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    args = {"certfile": cert, "keyfile": key, "keyfile_password": "swordfish", "host": "0.0.0.0"}

    async def scenario():
        engine = Engine()
        async with receiving(engine, logged, spool, **args) as receiver:
            url = receiver.url.replace("http://127.0.0.1", "https://localhost")
            context = ssl.create_default_context(cafile=cert)
            async with receiver.session.post(url, data=json.dumps(sign(file(1))), ssl=context) as answer:
                assert answer.status == 200
            assert await engine.uuids(1) == ["1"]
            with pytest.raises(aiohttp.ClientError):
                await receiver.post(sign(file(2)))

    asyncio.run(scenario())
    assert "swordfish" not in logged.text
    args["keyfile_password"] = "wrong"
    with pytest.raises(ValueError, match="certfile and keyfile cannot be used"):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    "args,reason",
    [
        ({"port": None}, "port is required"),
        ({"callback_secret": ""}, "callback_secret is required.*ZEGO_CALLBACK_SECRET"),
        ({"app_id": ""}, "app_id is required"),
        ({"app_id": SECRET}, "app_id must be a whole number"),
        ({"host": "0.0.0.0"}, "without certfile"),
        ({"host": "example.com"}, "without certfile"),
        ({"keyfile": "/k"}, "keyfile needs certfile"),
        ({"certfile": "/no/such/file"}, "cannot be used"),
        ({"path": "/healthz"}, "path must"),
        ({"path": "zego"}, "path must"),
        ({"path": "/{a"}, "path must"),
        ({"events": ["recrod"]}, "events must be of record"),
        ({"max_age": 0}, "max_age must be at least 1"),
        ({"spool": "/dev/null"}, "spool /dev/null cannot be used"),
        ({"secret": SECRET}, "unknown option secret"),
    ],
)
def test_what_is_wrong_with_the_options_is_said_and_ends_the_source(spool, logged, monkeypatch, args, reason):
    monkeypatch.delenv("ZEGO_CALLBACK_SECRET", raising=False)
    monkeypatch.delenv("ZEGO_APP_ID", raising=False)

    async def scenario():
        given = {"port": 0, "app_id": APP_ID, "callback_secret": SECRET, "spool": spool, **args}
        async with running(NAME, Engine(), given) as task:
            await listening(task, logged)

    with pytest.raises(Exception, match=reason) as error:
        asyncio.run(scenario())
    assert SECRET not in str(error.value)


def test_a_port_that_is_taken_is_said_and_the_spool_is_free_again(spool, logged):
    async def scenario():
        with socket.create_server(("127.0.0.1", 0)) as taken:
            async with receiving(Engine(), logged, spool, port=taken.getsockname()[1]):
                pass

    for _time in range(2):
        with pytest.raises(ValueError, match="it cannot listen on 127.0.0.1"):
            asyncio.run(scenario())
