# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that fails in every way: one sentence that shows no secret, within the deadline, and the run goes on."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import textwrap
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.zego.cloud.plugins.module_utils._ledger import ledger as ledger_module
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server, ServerError, Write

USER, PASSWORD = "crew-of-the-night", "pass-word-of-the-crew"
ACL = f"user {USER} on >{PASSWORD} ~zego:12345:* -@all +@connection +get +mget +set +del +eval +time"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def make(warnings):
    def build(address, app_id=12345, **login):
        login = Login(address, **login)
        return Ledger("", "1", "Tencent", ttl=3600, warn=warnings.append, login=login, app_id=app_id)

    return build


def _goes_on(ledger, warnings, told):
    """Whatever is done with it, there is one warning, and no secret in it."""
    ledger.write({"a": Memory("stopped", ledger.now())})
    assert ledger.load(["a"]) == {} and ledger.claim(["a"]) == {} and ledger.settle({"a": None}) == set()
    ledger.close(time.time())
    assert len(warnings) == 1, warnings
    assert f"cannot be used ({told}" in warnings[0] and "The run goes on without it" in warnings[0], warnings
    assert "ledger_password" in warnings[0]
    assert USER not in warnings[0] and PASSWORD not in warnings[0]


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"password": PASSWORD},
        {"user": USER, "password": "wrong-pass-word"},
        {"user": "nobody", "password": PASSWORD},
    ],
)
def test_a_wrong_login_is_told_without_it(start_server, make, warnings, login):
    with start_server(users=[ACL]) as server:
        _goes_on(make(server.address, **login), warnings, "it refused the user or the password")


def test_a_user_of_one_app_is_enough_and_reaches_no_other(start_server, make, warnings):
    with start_server(users=[ACL]) as server:
        ledger = make(server.address, user=USER, password=PASSWORD)
        ledger.write({"a": Memory("stopped", ledger.now()), "b": Memory("stopped", ledger.now())})
        ledger.write({"b": None})
        assert set(ledger.load(["a", "b"])) == {"a"} and not warnings
        other = make(server.address, app_id=54321, user=USER, password=PASSWORD)
        _goes_on(other, warnings, "the user may not use these keys or commands")


def test_a_server_that_is_away_is_told(make, warnings):
    _goes_on(make("redis://127.0.0.1:1/0"), warnings, "it cannot be reached: Connection refused")


def test_a_socket_that_is_not_there_is_told(make, warnings):
    _goes_on(make("unix:///nonexistent/redis.sock"), warnings, "it cannot be reached: No such file")


def test_a_database_that_is_not_there_is_told(server, make, warnings):
    _goes_on(make(server.address.replace("/0", "/77")), warnings, "it has no database of that number")


def test_a_socket_is_a_server_as_any_other(server, make, warnings):
    first, second = make(server.address), make(server.socket_address)
    first.write({"a": Memory("stopped", first.now())})
    assert set(second.load(["a"])) == {"a"} and not warnings


def _full(client):
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")


@pytest.mark.parametrize(
    "harm,told",
    [
        (_full, "its memory is full"),
        (lambda client: client.replicaof("127.0.0.1", "1"), "it is a replica, which takes no writes"),
    ],
)
def test_a_server_that_takes_no_writes_is_told(start_server, make, warnings, harm, told):
    with start_server() as server:
        ledger = make(server.address)
        harm(server.client())
        assert ledger.load(["a"]) == {}
        _goes_on(ledger, warnings, told)


def test_a_key_of_something_else_is_told(server, make, warnings):
    ledger = make(server.address)
    ledger.write({"a": Memory("stopped", ledger.now())})
    key = server.client().keys()[0]
    server.client().delete(key)
    server.client().lpush(key, "x")
    _goes_on(ledger, warnings, "something else is under one of its keys")


def test_a_server_that_was_killed_is_told_and_costs_no_time(start_server, make, warnings):
    with start_server() as server:
        ledger = make(server.address)
        server.kill()
        began = time.monotonic()
        _goes_on(ledger, warnings, "")
        # A machine that tests may be slow; that of no server at all would last for ever.
        assert time.monotonic() - began < 20


def test_a_server_that_was_started_again_has_forgotten_and_goes_on(start_server, make, warnings):
    with start_server() as server:
        ledger = make(server.address)
        ledger.write({"a": Memory("stopped", ledger.now())})
        server.restart()
        ledger.write({"b": Memory("stopped", ledger.now())})
        assert set(ledger.load(["a", "b"])) == {"b"} and not warnings


def test_a_server_that_does_not_answer_costs_its_deadline_once(start_server, make, warnings, monkeypatch):
    monkeypatch.setattr(ledger_module, "SERVER_SECONDS", 0.3)
    with start_server() as server:
        ledger = make(server.address)
        server.pause()
        began = time.monotonic()
        try:
            _goes_on(ledger, warnings, "it did not answer within 0.3 s")
        finally:
            server.resume()
        assert 0.25 < time.monotonic() - began < 20


@contextlib.contextmanager
def _listener(talk):
    """Something that listens, and does ``talk`` with whoever comes; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connected, _address = listening.accept()
                    threading.Thread(target=_talk, args=(talk, connected), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def _talk(talk, connected):
    with contextlib.suppress(OSError), connected:
        talk(connected)


def _drip(connected):
    """Send a byte now and then, of an answer that never ends: each wait for data ends in time, and nothing else."""
    connected.recv(1024)
    connected.sendall(b"$100000\r\n")
    while True:
        connected.sendall(b"x")
        time.sleep(0.05)


def _talk_http(connected):
    connected.recv(1024)
    connected.sendall(b"HTTP/1.1 400 Bad Request\r\nX-User: crew-of-the-night\r\n\r\n")
    connected.recv(1024)


@pytest.mark.parametrize(
    "talk,told",
    [
        (_drip, "it did not answer within 0.4 s"),
        (_talk_http, "the answer cannot be understood"),
        (lambda connected: connected.recv(1), "the connection was closed"),
    ],
)
def test_what_is_no_such_server_is_told_in_time(make, warnings, monkeypatch, talk, told):
    # One that answers has all the time that a slow machine needs.
    monkeypatch.setattr(ledger_module, "SERVER_SECONDS", 0.4 if talk is _drip else 20)
    with _listener(talk) as address:
        began = time.monotonic()
        ledger = make(address)
        assert time.monotonic() - began < 20
        if "closed" in told:
            assert "(the connection was closed" in warnings[0] or "reset by peer" in warnings[0]
            return
        _goes_on(ledger, warnings, told)


def test_a_name_that_takes_long_to_look_up_is_given_up(make, warnings, monkeypatch):
    monkeypatch.setattr(ledger_module, "SERVER_SECONDS", 0.2)
    asked = threading.Event()

    def look_up(*_given, **_more):
        asked.set()
        time.sleep(3)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    began = time.monotonic()
    ledger = make("redis://ledger.example.com/0")
    assert asked.is_set() and time.monotonic() - began < 20
    _goes_on(ledger, warnings, "it did not answer within 0.2 s")


def test_a_name_that_nobody_has_is_told(make, warnings, monkeypatch):
    def look_up(*_given, **_more):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    _goes_on(make("redis://ledger.example.com/0"), warnings, "its name cannot be resolved")


def test_a_start_waits_for_longer(start_server, warnings, monkeypatch):
    """What it cannot remember may be paid twice."""
    monkeypatch.setattr(ledger_module, "SERVER_SECONDS", 0.05)
    with start_server() as server:
        login = Login(server.address)
        ledger = Ledger("", "1", "Tencent", ttl=3600, warn=warnings.append, starts=True, login=login, app_id=1)
        server.pause()
        threading.Timer(0.4, server.resume).start()
        assert ledger.claim(["a"]) == {} and not warnings
        assert set(ledger.load(["a"])) == {"a"}


def test_where_no_thread_starts_the_libraries_limits_have_to_do(server, make, warnings, monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    ledger = make(server.address)
    ledger.write({"a": Memory("stopped", ledger.now())})
    assert set(ledger.load(["a"])) == {"a"} and not warnings


def test_tls_goes_by_validate_certs_and_ca_path(start_server, make, warnings):
    with start_server(tls=True) as server:
        for options in ({"verify": False}, {"ca_path": server.cert}):
            ledger = make(server.address, **options)
            ledger.write({"a": Memory("stopped", ledger.now())})
            assert set(ledger.load(["a"])) == {"a"} and not warnings
        _goes_on(make(server.address), warnings, "its certificate is not valid: self")
        warnings.clear()
        # The certificate names 127.0.0.1 and localhost.
        other = server.address.replace("127.0.0.1", "127.0.0.2")
        told = make(other, ca_path=server.cert)
        assert "(its certificate is not valid: " in warnings[0] or "cannot be reached" in warnings[0]
        assert told.load(["a"]) == {}


def test_a_certificate_for_another_host_is_refused(start_server, make, warnings, monkeypatch):
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *given, **more: look_up("127.0.0.1", *given, **more))
    with start_server(tls=True) as server:
        address = server.address.replace("127.0.0.1", "ledger.example.com")
        _goes_on(make(address, ca_path=server.cert), warnings, "its certificate is not valid: Hostname mismatch")
        warnings.clear()
        assert make(address, verify=False).load(["a"]) == {} and not warnings


def test_tls_with_a_server_that_has_none_is_told(server, make, warnings, monkeypatch):
    ledger = make(server.address.replace("redis://", "rediss://"))
    assert len(warnings) == 1 and ledger.load(["a"]) == {}


def test_whoever_always_comes_too_late_gives_up(server):
    """Somebody else writes between each of its readings and its writing."""
    link, client = Server(Login(server.address), 0.3), server.client()

    def decide(texts):
        client.incr("x")
        return [Write(b"mine", 60)]

    with pytest.raises(ServerError, match="others write the same all the time|did not answer"):
        link.update(["x"], None, decide)
    assert client.get("x") != b"mine"


def test_a_script_writes_all_or_nothing(server):
    link, client = Server(Login(server.address), 30), server.client()
    client.set("b", "theirs")
    asked = []

    def decide(texts):
        asked.append(list(texts))
        return [Write(b"1", 60), Write(b"2", 60), Write(None)]

    # It believes to know them, and is wrong about one.
    link.update(["a", "b", "c"], [None, b"mine", None], decide)
    assert asked == [[None, b"mine", None], [None, b"theirs", None]]
    assert [client.get(key) for key in ("a", "b", "c")] == [b"1", b"2", None]
    link.update(["a", "b"], None, lambda texts: [Write(None), Write(texts[1])])
    assert client.get("a") is None and client.get("b") == b"2"


GUIDE = Path(__file__).resolve().parents[4] / "docs" / "docsite" / "rst" / "several_machines.rst"


def _blocks(language):
    """The code blocks of the guide in this language."""
    found = re.findall(rf"\.\. code-block:: {language}\n\n((?:  .*\n|\n)+)", GUIDE.read_text(encoding="utf-8"))
    return [textwrap.dedent(block) for block in found]


@pytest.fixture
def guided(start_server):
    """A server with the settings that the guide gives, whose password is 'password'."""
    (text,) = _blocks("text")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    # Its port and its files are the test's own.
    own = ("port", "tls-port", "tls-cert-file", "tls-key-file", "user")
    settings = {name: value.strip() for name, value in lines if name not in own}
    assert {"appendonly", "appendfsync", "maxmemory", "maxmemory-policy", "tls-auth-clients"} == set(settings)
    users = [f"user {value}" for name, value in lines if name == "user" and not value.startswith("default")]
    users.append("user admin on >admin-password ~* +@all")
    with start_server(tls=True, users=users, **settings) as server:
        yield server


def _guided_ledger(server, warnings, app_id=1234567890):
    login = Login(server.address, "crew", "password", True, server.cert)
    return Ledger("", str(app_id), "Tencent", ttl=3600, warn=warnings.append, login=login, app_id=app_id)


def test_a_server_as_the_guide_sets_it_up_serves_and_keeps_what_it_has(guided, warnings):
    ledger = _guided_ledger(guided, warnings)
    ledger.write({"stage-1": Memory("stopped", ledger.now())})
    guided.restart()
    assert set(_guided_ledger(guided, warnings).load(["stage-1"])) == {"stage-1"} and not warnings
    _goes_on(_guided_ledger(guided, warnings, app_id=1), warnings, "the user may not use these keys or commands")


def test_the_guide_shows_how_to_look_at_it_and_how_to_clear_it(guided, warnings):
    ledger = _guided_ledger(guided, warnings)
    ledger.write({"stage-1": Memory("stopped", ledger.now()), "stage 2": Memory("stopped", ledger.now())})
    block = next(block for block in _blocks("console") if "redis-cli" in block)
    key = next(key.decode() for key in _admin(guided).keys() if key.endswith(b":stage-1"))
    told = []
    for line in block.splitlines():
        command = line[2:].replace("zego:1234567890:memory:0123456789abcdef:stage-1", key)
        command = command.replace("-h ledger.example.com -p 6380 --tls", f"-h 127.0.0.1 -p {guided.port} --tls {{ca}}")
        command = command.replace("{ca}", f"--cacert {guided.cert}")
        env = {**os.environ, "ADMIN_PASSWORD": "admin-password", "REDISCLI_AUTH": "admin-password"}
        done = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True, check=True)
        told.append(done.stdout)
    assert sorted(name.rpartition(":")[2] for name in told[1].splitlines()) == ["stage 2", "stage-1"]
    assert json.loads(told[2])[0] == "stopped"
    assert not _admin(guided).keys("zego:1234567890:*")


def _admin(server):
    return server.client(username="admin", password="admin-password")
