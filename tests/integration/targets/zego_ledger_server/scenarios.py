# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ledger on a server, which machines share: what they know of each other, and how they go on without it."""

from __future__ import annotations

import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import NotHere, all_are, brief, closed_port, entry, main, names, outcomes, slow, warnings  # noqa: E402
from redis_server import RedisServer, missing  # noqa: E402
from secrecy import ENV, LOUD, logged, nothing_shown  # noqa: E402

USER, PASSWORD = "crew-of-the-night", "pass-word-of-the-crew"
# What the guide says that a user needs.
RIGHTS = "-@all +@connection +get +mget +set +del +eval +time"
# No event is held up for longer than a second by each of: the ledger, the pace. The rest is Python, on a busy machine.
NO_HANG = 15


def _server(**options):
    if missing():
        raise NotHere(missing())
    return RedisServer(**options)


def _acl(scene, app_id=None):
    return f"user {USER} on >{PASSWORD} ~zego:{app_id or scene.simulator.app_id}:* {RIGHTS}"


def _machine(scene, number):
    """The environment of another machine: a home with nothing in it."""
    home = scene.home / f"machine-{number}"
    home.mkdir(exist_ok=True)
    return {"HOME": str(home)}


def _at_once(work, count):
    with ThreadPoolExecutor(count) as machines:
        return list(machines.map(work, range(count)))


def test_a_second_machine_knows_what_the_first_one_did(scene):
    scene.simulator.configure(repeated_stop="success")
    scene.simulator.record("Tencent", names(45))
    with _server() as server:
        stop = {"vendor": "Tencent", "streams": names(45), "ledger": server.address}
        all_are("stopped", scene.call(env=_machine(scene, 1), **stop), changed=True)
        rerun = scene.call(env=_machine(scene, 2), **stop)
        all_are("already_stopped", rerun, changed=False)
        assert not warnings(rerun) and rerun["summary"]["remembered"] == 45, brief(rerun)
        # Without it, the second machine takes the repeated success for a change.
        all_are("stopped", scene.call(env=_machine(scene, 3), vendor="Tencent", streams=names(45)), changed=True)
        start = {"vendor": "Tencent", "state": "started", "streams": names(5), "ledger": server.address}
        all_are("started", scene.call(env=_machine(scene, 1), **start), changed=True)
        again = scene.call(env=_machine(scene, 2), **start)
        all_are("already_started", again, changed=False)
        assert again["api_requests"] == 0 and all(scene.running("Tencent", stream) == 1 for stream in names(5))
        # Nothing lies in a home but what these machines need for themselves.
        assert not (scene.home / "machine-1" / ".ansible" / "zego").exists()


def test_machines_that_start_the_same_streams_at_once_send_each_once(scene):
    with _server() as server:
        scene.simulator.configure(latency_ms=100)
        start = {"vendor": "Tencent", "state": "started", "streams": names(40), "ledger": server.address}

        def run(number):
            return scene.call(env=_machine(scene, number), batch_size=5, **start)

        results = _at_once(run, 4)
        assert all(scene.running("Tencent", stream) == 1 for stream in names(40))
        for stream in names(40):
            told = sorted(outcomes(result)[stream] for result in results)
            assert told.count("started") == 1 and set(told) <= {"started", "already_started", "unknown"}, told
        received = scene.simulator.stats()["streams"]["Tencent"]["received"]
        assert received == 40, received
        for result in results:
            for stream in names(40):
                if outcomes(result)[stream] == "unknown":
                    assert "another run" in entry(result, stream)["message"], brief(result)


def _goes_on(scene, told, **given):
    """The ledger is of no use: that is one warning in time, and the recording is stopped."""
    scene.simulator.record("Tencent", ["a"])
    began = time.monotonic()
    result = scene.call(vendor="Tencent", streams=["a"], **given)
    assert time.monotonic() - began < NO_HANG
    all_are("stopped", result, changed=True)
    assert len(result["warnings"]) == 1, result["warnings"]
    assert f"cannot be used ({told}" in warnings(result) and "goes on without it" in warnings(result), warnings(result)
    assert not scene.running("Tencent", "a")


def _start_follows_ledger_required(scene, **given):
    start = {"vendor": "Tencent", "state": "started", **given}
    refused, sent = scene.calls([dict(start, streams=["x"], ledger_required=True), dict(start, streams=["y"])])
    all_are("not_attempted", refused, changed=False)
    assert "cannot be used" in refused["msg"] and "ledger_required=false" in refused["msg"], brief(refused)
    all_are("started", sent, changed=True)
    assert "a second time" in warnings(sent), warnings(sent)
    assert not scene.running("Tencent", "x") and scene.running("Tencent", "y") == 1
    scene.call(vendor="Tencent", streams=["y"], ledger="")


def test_a_server_that_is_away_is_a_warning(scene):
    if missing():
        raise NotHere(missing())
    address = f"redis://127.0.0.1:{closed_port()}/0"
    _goes_on(scene, "it cannot be reached: Connection refused", ledger=address)
    _start_follows_ledger_required(scene, ledger=address)


def test_a_wrong_password_is_a_warning(scene):
    with _server(users=[_acl(scene)]) as server:
        login = {"ledger": server.address, "ledger_user": USER, "ledger_password": "wrong-pass-word"}
        _goes_on(scene, "it refused the user or the password", **login)
        _start_follows_ledger_required(scene, **login)


def test_a_user_who_may_use_the_keys_of_one_app_is_enough(scene):
    with _server(users=[_acl(scene)]) as server:
        login = {"ledger": server.address, "ledger_user": USER, "ledger_password": PASSWORD}
        scene.simulator.record("Ws", names(3))
        result = scene.call(vendor="Ws", streams=names(3), **login)
        all_are("stopped", result, changed=True)
        assert not warnings(result), warnings(result)
    with _server(users=[_acl(scene, app_id=1)]) as server:
        login["ledger"] = server.address
        _goes_on(scene, "the user may not use these keys or commands", **login)


def test_a_server_that_does_not_answer_is_a_warning(scene):
    with _server() as server:
        server.pause()
        try:
            _goes_on(scene, "it did not answer within 1 s", ledger=server.address)
        finally:
            server.resume()


def test_a_replica_and_a_full_server_are_warnings(scene):
    with _server() as server:
        server.client().config_set("maxmemory", "1")
        _goes_on(scene, "its memory is full", ledger=server.address)
        _start_follows_ledger_required(scene, ledger=server.address)
        server.client().config_set("maxmemory", "0")
        server.client().replicaof("127.0.0.1", closed_port())
        _goes_on(scene, "it is a replica, which takes no writes", ledger=server.address)


def _while_running(scene, harm, address, **given):
    """Do ``harm`` once a run has sent its first request; return the run's result."""
    scene.simulator.configure(latency_ms=150)
    streams = names(40)
    scene.simulator.record("Tencent", streams)
    sent = scene.requests()
    stop = {"vendor": "Tencent", "streams": streams, "batch_size": 2, "ledger": address, **given}
    with ThreadPoolExecutor(1) as machine:
        running = machine.submit(scene.call, **stop)
        until = time.monotonic() + 30
        while scene.requests() < sent + 3:
            assert not running.done() and time.monotonic() < until, "it ended too early"
            time.sleep(0.01)
        harm()
        return running.result()


def test_a_server_that_is_killed_in_the_middle_is_one_warning(scene):
    with _server() as server:
        result = _while_running(scene, server.kill, server.address)
        all_are("stopped", result, changed=True)
        assert len(result["warnings"]) == 1 and "cannot be used" in warnings(result), warnings(result)
        assert not any(scene.running("Tencent", stream) for stream in names(40))


def test_a_server_that_is_started_again_in_the_middle_goes_on_empty(scene):
    scene.simulator.configure(repeated_stop="success")
    with _server() as server:
        result = _while_running(scene, server.restart, server.address)
        all_are("stopped", result, changed=True)
        assert len(result["warnings"]) <= 1, warnings(result)
        # It has forgotten what was stopped before: the guide says so, and how to keep it.
        kept = scene.call(vendor="Tencent", streams=names(40), ledger=server.address)
        assert set(outcomes(kept).values()) <= {"stopped", "already_stopped"} and not warnings(kept), brief(kept)


def test_a_start_is_not_sent_once_a_required_server_is_killed(scene):
    with _server() as server:
        scene.simulator.configure(latency_ms=150)
        start = {"vendor": "Tencent", "state": "started", "streams": names(20), "ledger": server.address}
        with ThreadPoolExecutor(1) as machine:
            running = machine.submit(lambda: scene.call(batch_size=1, ledger_required=True, **start))
            while scene.requests() < 3:
                assert not running.done(), "it ended too early"
                time.sleep(0.01)
            server.kill()
            result = running.result()
        # What was sent is told, and nothing else was sent.
        kinds = outcomes(result)
        assert set(kinds.values()) == {"started", "not_attempted"}, kinds
        for stream, outcome in kinds.items():
            assert scene.running("Tencent", stream) == (outcome == "started"), (stream, outcome)
        assert len(result["warnings"]) == 1, warnings(result)


def test_tls_goes_by_validate_certs_and_ca_path(scene):
    with _server(tls=True) as server:
        stop = {"vendor": "Tencent", "ledger": server.address}
        scene.simulator.record("Tencent", ["b", "c"])
        for stream, options in (("b", {"ca_path": server.cert}), ("c", {"validate_certs": False})):
            result = scene.call(streams=[stream], **stop, **options)
            all_are("stopped", result, changed=True)
            assert not warnings(result), warnings(result)
        _goes_on(scene, "its certificate is not valid: self", ledger=server.address)


def test_a_socket_is_a_server_as_any_other(scene):
    scene.simulator.record("Tencent", ["a"])
    scene.simulator.configure(repeated_stop="success")
    with _server() as server:
        first, second = scene.calls(
            [
                {"vendor": "Tencent", "streams": ["a"], "ledger": address}
                for address in (server.socket_address, server.address)
            ]
        )
        assert (first["changed"], second["changed"]) == (True, False) and not warnings(second), brief(second)


def test_other_modules_share_their_pace_there(scene):
    """Rooms are closed at one request a second for all; relays are remembered as well."""
    with _server() as server:
        for room in ("one", "two"):
            scene.simulator.add_room(room, ["a"])
        scene.simulator.add_relay("a", "rtmp://push.example.net/live/a")
        relay = {"relays": [{"stream_id": "a", "cdn_url": "rtmp://push.example.net/live/a"}], "ledger": server.address}
        scene.module = "zego_cdn_relay"
        assert scene.call(env=_machine(scene, 1), **relay)["changed"]
        assert not scene.call(env=_machine(scene, 2), **relay)["changed"]
        scene.module = "zego_room"

        def close(number):
            room = ("one", "two")[number]
            return scene.call(env=_machine(scene, number), rooms=[room], ledger=server.address)

        assert all(result["changed"] and not result["warnings"] for result in _at_once(close, 2))
        lines = [line for line in scene.simulator.requests() if line["action"] == "CloseRoom"]
        # On a slow machine, a request may be late, and the next one a moment too soon.
        assert [line["accepted"] for line in lines].count(True) == 2 and len(lines) <= 3, lines
        assert lines[1]["mono"] - lines[0]["mono"] > 0.5, lines
        # Four quotas, and the memory of a relay.
        keys = [key.decode() for key in server.client().keys()]
        assert all(key.startswith(f"zego:{scene.simulator.app_id}:") for key in keys), keys
        assert not any("push.example.net" in key for key in keys), keys


REFUSED = (
    f"redis://crew:{PASSWORD}@127.0.0.1:6379/0",
    f"redis://:{PASSWORD}@127.0.0.1:6379/0",
    f"redis://{PASSWORD}@127.0.0.1:6379/0",
    f"rediss://crew:{PASSWORD}/@127.0.0.1/0",
    f"redis://127.0.0.1:6379/0?password={PASSWORD}",
    f"redis://127.0.0.1:6379/0?username=crew&password={PASSWORD}",
    f"unix://crew:{PASSWORD}@/tmp/redis.sock",
    f"unix:///tmp/redis.sock?password={PASSWORD}",
    f"https://{PASSWORD}:6379/0",
    f"redis://127.0.0.1:{PASSWORD}/0",
)


def test_a_user_or_password_in_the_address_is_refused_and_not_shown(scene):
    env, log = logged(scene)
    stop = {"vendor": "Tencent", "streams": ["a"]}
    # By turns, from the environment and as an option.
    for number, address in enumerate(REFUSED):
        more = {"ZEGO_LEDGER": address} if number % 2 else {}
        given = stop if number % 2 else dict(stop, ledger=address)
        result = scene.call(env=dict(ENV, **env, **more), **given)
        assert result["failed"] and result["msg"].startswith("ledger: "), brief(result)
    # As a playbook sees it, with everything that it can print.
    results = scene.calls([stop], *LOUD, env=dict(ENV, **env, ZEGO_LEDGER=REFUSED[0]))
    assert results[0]["failed"] and "ledger_user and ledger_password" in results[0]["msg"]
    assert scene.requests() == 0
    scene.output += log.read_text(encoding="utf-8") if log.exists() else ""
    nothing_shown(scene, PASSWORD)


def test_no_user_and_no_password_is_shown(scene):
    env, log = logged(scene)
    scene.simulator.record("Tencent", ["a"])
    with _server(users=[_acl(scene), f"user other-crew on >{PASSWORD} ~nothing {RIGHTS}"]) as server:
        for user, address in ((USER, server.address), ("other-crew", server.address), (USER, "redis://127.0.0.1:1")):
            login = {"ZEGO_LEDGER": address, "ZEGO_LEDGER_USER": user, "ZEGO_LEDGER_PASSWORD": PASSWORD}
            scene.call(env=dict(ENV, **env, **login), vendor="Tencent", streams=["a"])
        given = {"address": server.address, "user": USER, "password": PASSWORD}
        done = scene.run("ansible-playbook", "loud.yml", *LOUD, env=dict(ENV, **env), **given)
        # Older ansible-cores fold a warning.
        told = " ".join(done.output.split())
        assert done.rc == 0 and "it refused the user or the password" in told, done.output[-2000:]
    written = log.read_text(encoding="utf-8")
    notes = re.findall("ledger_password=(NOT_LOGGING_PASSWORD|[$]REDACTED[$]|NOT_LOGGING_PARAMETER)", written)
    assert len(notes) == written.count("vendor=Tencent") >= 2, written[:2000]
    scene.output += written
    nothing_shown(scene, PASSWORD, f"wrong-{PASSWORD}", USER, "other-crew")


def test_a_missing_library_is_told(scene):
    """In Ansible's own words; a ledger in a file needs none of it."""
    folder = scene.home / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text('import sys\nsys.modules["redis"] = None\n', encoding="utf-8")
    scene.simulator.record("Tencent", ["a"])
    paths = [str(folder), *filter(None, [scene.env.get("PYTHONPATH")])]
    env = {"PYTHONPATH": os.pathsep.join(paths)}
    given = [{"vendor": "Tencent", "streams": ["a"], "ledger": "redis://127.0.0.1/0"}, {"vendor": "Tencent"}]
    given[1]["streams"] = ["a"]
    missing_one, in_a_file = scene.calls(given, env=env, playbook=True)
    told = missing_one["msg"]
    assert missing_one["failed"] and told.startswith("Failed to import the required Python library (redis) on "), told
    assert "for a ledger on a server" in told and "-m pip install redis" in told, told
    all_are("stopped", in_a_file, changed=True)
    assert scene.requests() == 1


@slow
def test_the_role_ends_an_event_on_one_machine_and_finds_it_ended_on_another(scene):
    scene.simulator.configure(repeated_stop="success")
    scene.simulator.record("Tencent", ["a", "b"])
    scene.simulator.record("Ws", ["c"])
    scene.simulator.add_relay("a", "rtmp://push.example.net/live/a")
    with _server(users=[_acl(scene)]) as server:
        login = {"address": server.address, "user": USER, "password": PASSWORD}
        recaps = []
        for number in (1, 2):
            folder = str(scene.home / f"report-{number}")
            env = dict(ENV, **_machine(scene, number))
            done = scene.run("ansible-playbook", "teardown.yml", *LOUD, env=env, folder=folder, **login)
            assert done.rc == 0, done.output[-3000:]
            recaps.append(done.output[done.output.index("PLAY RECAP") :])
            told = (
                Path(folder, "teardown.md").read_text(encoding="utf-8") if Path(folder, "teardown.md").exists() else ""
            )
            scene.output += told
        assert "changed=0" in recaps[1] and "changed=0" not in recaps[0], recaps
        assert "WARNING]: The ledger" not in scene.output
        nothing_shown(scene, PASSWORD, USER)
        login["address"] = server.address.replace("redis://", f"redis://{USER}:{PASSWORD}@")
        refused = scene.run("ansible-playbook", "teardown.yml", *LOUD, env=ENV, folder=folder, **login)
        assert refused.rc != 0 and "zego_teardown_ledger: a user or a password is in the address" in refused.output
        nothing_shown(scene, f"{USER}:{PASSWORD}")


def test_machines_that_share_a_server_share_the_quota(scene):
    """How much of it they use is measured where nothing else runs: see the load's target."""
    with _server() as server:
        parts = [names(15, f"p{number}-") for number in range(4)]
        for part in parts:
            scene.simulator.record("Tencent", part)

        def run(number):
            given = {"vendor": "Tencent", "streams": parts[number], "batch_size": 1, "ledger": server.address}
            return scene.call(env=_machine(scene, number), **given)

        for result in _at_once(run, 4):
            all_are("stopped", result, changed=True)
            assert not warnings(result), warnings(result)
        # They kept their places on the server, and nowhere else.
        assert any(key.startswith(f"zego:{scene.simulator.app_id}:pace:".encode()) for key in server.client().keys())
    stats = scene.simulator.stats()
    # On a busy machine a request may come late, and meet the next one.
    assert stats["accepted"] == 60 and stats["refused"] <= 3, stats


if __name__ == "__main__":
    main(globals())
