# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong, and however much is printed: no secret, no signature, no nonce, no password."""

from __future__ import annotations

import sys
from base64 import b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, closed_port, main, outcomes  # noqa: E402
from secrecy import ENV, LOUD, nothing_shown  # noqa: E402

PASSWORD = "pass%40word-of-the-crew"
KINDS = {
    "success": {"kind": "echo_url"},
    "invalid": {"kind": "poison"},
    "unlisted": {"kind": "code", "code": 4711},
    "throttled": {"kind": "code", "code": 6, "times": 2},
    "no-json": {"kind": "html"},
    "no-gateway": {"kind": "http", "status": 502},
    "moved": {"kind": "raw_entry", "entry": {"Code": ["?"], "Message": {"x": None}}},
    "reset": {"kind": "reset"},
    "dropped": {"kind": "drop_after"},
    "truncated": {"kind": "truncated"},
    "cut": {"kind": "cut_json"},
    "hangs": {"kind": "hang", "seconds": 5},
    "null": {"kind": "null_data"},
    "frozen": {"kind": "stream_code", "code": "ResourceNotFound.FreezeService"},
}
ENDS = (3, 5, 7, 100000000, 100000005)


def _user_info(scene):
    return scene.simulator.url.replace("://", f"://crew:{PASSWORD}@")


def test_no_failure_shows_a_secret(scene):
    scene.simulator.record("Tencent", KINDS)
    for stream, fault in KINDS.items():
        scene.simulator.add_fault(stream=stream, **fault)
    scene.simulator.add_fault(kind="echo_url")
    # Two at a time: three calls without an answer end a run.
    given = {"vendor": "Tencent", "retries": 1, "timeout": 1, "batch_size": 1}
    streams = list(KINDS)
    pairs = [streams[start : start + 2] for start in range(0, len(streams), 2)]
    parameters = [dict(given, streams=pair, state=state) for pair in pairs for state in ("started", "stopped")]
    results = scene.calls(parameters, "--diff")
    results += scene.calls([dict(given, streams=["no-json", "success"])], *LOUD, env=ENV)
    assert {"stopped", "failed", "unknown"} <= {outcome for result in results for outcome in outcomes(result).values()}
    assert scene.requests() > len(results) and scene.ledger.exists()
    nothing_shown(scene)


def test_no_error_that_ends_the_run_shows_a_secret(scene):
    scene.simulator.add_fault(kind="echo_url")
    for number, code in enumerate(ENDS, 1):
        scene.simulator.add_fault(kind="code", code=code, request=number)
    scene.simulator.add_fault(
        kind="http", status=307, location=scene.simulator.url + "/?Signature=x", request=len(ENDS) + 1
    )
    given = {"vendor": "Tencent", "streams": ["a", "b"], "batch_size": 1}
    results = scene.calls([given] * len(ENDS)) + scene.calls([given], *LOUD, env=ENV)
    for result in results:
        assert result["failed"] and result["api_requests"] == 1
    nothing_shown(scene)


def test_a_wrong_secret_is_not_shown(scene):
    secret = "feedfacefeedfacefeedfacefeedface"
    scene.simulator.add_fault(kind="echo_url")
    assert scene.call(*LOUD, env=dict(ENV, ZEGO_SERVER_SECRET=secret), vendor="Tencent", streams=["a"])["failed"]
    nothing_shown(scene, secret)


def test_no_refused_option_shows_a_secret(scene):
    # Ansible itself refuses these, before the module could hide anything. By the environment: see below.
    streams = {"vendor": "Tencent", "streams": ["a"]}
    refused = [
        dict(streams, batch_size="many"),
        dict(streams, vendor="Foo"),
        {"vendor": "Tencent"},
        dict(streams, foo=1),
    ]
    for address in (_user_info(scene), f"http://crew:{PASSWORD}/@127.0.0.1:1/"):
        results = scene.calls(refused, *LOUD, env=dict(ENV, ZEGO_API_URL=address))
        assert [result["failed"] for result in results] == [True] * len(refused)
    assert scene.requests() == 0
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


def test_what_a_gateway_says_of_the_user_is_not_shown(scene):
    told = b64encode(b"crew:pass@word-of-the-crew").decode()
    scene.simulator.add_fault(kind="code", code=3, message=f"denied for crew:pass@word-of-the-crew, Basic {told}")
    result = scene.call(*LOUD, env=dict(ENV, ZEGO_API_URL=_user_info(scene)), vendor="Tencent", streams=["a"])
    assert result["failed"] and "denied for" in result["msg"]
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew", told)


def test_a_short_user_name_does_not_damage_the_result(scene):
    scene.simulator.record("Tencent", ["stage-1"])
    for user in ("e", "1"):
        result = scene.call(
            env={"ZEGO_API_URL": scene.simulator.url.replace("://", f"://{user}@")},
            vendor="Tencent",
            streams=["stage-1"],
        )
        assert (
            outcomes(result) in ({"stage-1": "stopped"}, {"stage-1": "already_stopped"}) and result["api_requests"] == 1
        )


def test_a_failed_connection_shows_no_secret(scene):
    port = closed_port()
    addresses = (
        f"http://127.0.0.1:{port}",
        f"http://crew:{PASSWORD}@127.0.0.1:{port}",
        f"https://crew:{PASSWORD}@127.0.0.1:{scene.simulator.port}/",
    )
    # By the environment: a loop prints its items, and with them whatever a play writes there in the clear.
    for options, address in zip(((), LOUD, ()), addresses):
        env = dict(ENV, ZEGO_API_URL=address)
        all_are("failed", scene.call(*options, env=env, vendor="Tencent", streams=["a"], retries=1), changed=False)
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


def test_parameters_of_a_task_are_not_shown(scene):
    done = scene.run(
        "ansible-playbook", "loud.yml", *LOUD, env=ENV, url=_user_info(scene), secret="feedfacefeedfacefeedfacefeedface"
    )
    assert done.rc == 0 and scene.requests() == 1
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew", "feedfacefeedfacefeedfacefeedface")


def test_user_info_in_the_address_is_not_shown(scene):
    scene.simulator.record("Tencent", ["a", "b"])
    scene.simulator.add_fault(kind="stream_code", stream="b", code="ResourceNotFound.FreezeService")
    scene.simulator.add_fault(kind="echo_url")
    parameters = {"vendor": "Tencent", "streams": ["a", "b"]}
    result = scene.call(*LOUD, env=dict(ENV, ZEGO_API_URL=_user_info(scene)), **parameters)
    assert outcomes(result) == {"a": "stopped", "b": "failed"}
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


def test_user_info_in_an_address_that_is_refused_is_not_shown(scene):
    addresses = (
        f"ftp://crew:{PASSWORD}@127.0.0.1/",
        f"http://crew:{PASSWORD}@api.example.com/",
        f"https://crew:{PASSWORD}@api.example.com/?x=1",
    )
    for options, address in zip(((), LOUD, ()), addresses):
        result = scene.call(*options, env=dict(ENV, ZEGO_API_URL=address), vendor="Tencent", streams=["a"])
        assert result["failed"] and "streams" not in result
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


if __name__ == "__main__":
    main(globals())
