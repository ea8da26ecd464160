# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong, and however much is printed: no secret, no signature, no nonce, no password."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, closed_port, main, outcomes  # noqa: E402
from secrecy import ENV, LOUD, logged, nothing_shown  # noqa: E402

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


def _with_user_info(scene, user_info=f"crew:{PASSWORD}"):
    return scene.simulator.url.replace("://", f"://{user_info}@")


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
    # Alone: some of these codes end the run only once several batches met them.
    given = {"vendor": "Tencent", "streams": ["a"]}
    results = scene.calls([given] * len(ENDS)) + scene.calls([given], *LOUD, env=ENV)
    for result in results:
        assert result["failed"] and result["api_requests"] == 1
    nothing_shown(scene)


def test_a_wrong_secret_is_not_shown(scene):
    secret = "feedfacefeedfacefeedfacefeedface"
    scene.simulator.add_fault(kind="echo_url")
    assert scene.call(*LOUD, env=dict(ENV, ZEGO_SERVER_SECRET=secret), vendor="Tencent", streams=["a"])["failed"]
    nothing_shown(scene, secret)


def test_nothing_that_signed_a_request_comes_back_however_it_is_spelled(scene):
    streams = [f"stage-{number}" for number in range(12)]
    scene.simulator.record("Tencent", streams)
    for number in range(0, 12, 2):
        scene.simulator.add_fault(kind="poison", stream=streams[number])
    # One run: it knows what signed its own requests, and no other run's.
    scene.simulator.add_fault(kind="repeat_signatures")
    result = scene.call(*LOUD, env=ENV, vendor="Tencent", streams=streams, batch_size=1, retries=0)
    assert list(outcomes(result).values()) == ["failed", "stopped"] * 6 and scene.requests() == len(streams)
    told = [entry["message"] for entry in result["streams"] if entry["failed"]]
    whole = "\n".join(told)
    assert "********" in whole and "not shown" in whole, told
    spelled = set()
    for line in scene.simulator.requests():
        for text in (line["signature"], line["nonce"]):
            percent = "".join(f"%{ord(char):02X}" for char in text)
            escaped = "".join(f"\\u{ord(char):04x}" for char in text)
            twice = percent.replace("%", "%25")
            encoded = b64encode(f"x={text}".encode()).decode().rstrip("=")
            spelled.update((text.upper(), percent, twice, escaped, escaped.replace("\\", "\\\\"), encoded))
            spelled.update((" ".join(text), "\u200b".join(text), "\\u200b".join(text)))
    nothing_shown(scene, *spelled)


REFUSED = (
    f"https://{PASSWORD}:@api.example.com/",
    f"https://{PASSWORD}@api.example.com/",
    f"https://crew:{PASSWORD}@api.example.com/",
    f"http://crew:{PASSWORD}/@127.0.0.1:1/",
    f"ftp://crew:{PASSWORD}@127.0.0.1/",
    f"https://api.example.com/?{PASSWORD}",
    f"http://api.example.com/{PASSWORD}",
)


def test_no_refused_option_shows_a_secret(scene):
    # Ansible itself refuses these, before the module could hide anything. By the environment: a loop prints its items.
    streams = {"vendor": "Tencent", "streams": ["a"]}
    refused = [
        dict(streams, batch_size="many"),
        dict(streams, vendor="Foo"),
        {"vendor": "Tencent"},
        dict(streams, foo=1),
        dict(streams),
    ]
    for address in REFUSED:
        results = scene.calls(refused, env=dict(ENV, ZEGO_API_URL=address))
        assert [result["failed"] for result in results] == [True] * len(refused)
        assert "user name" in results[-1]["msg"] or "@" not in address
    assert scene.requests() == 0
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


def test_no_token_reaches_the_log_of_the_machine(scene):
    env, log = logged(scene)
    scene.simulator.record("Tencent", ["a"])
    for address in (REFUSED[0], f"{scene.simulator.url}/{PASSWORD}"):
        more = dict(ENV, **env, ZEGO_API_URL=address, ZEGO_API_USER=PASSWORD, ZEGO_API_PASSWORD=f"x{PASSWORD}")
        scene.call(*LOUD, env=more, vendor="Tencent", streams=["a"])
    written = log.read_text(encoding="utf-8")
    # From ansible-core 2.22 on, the note has another text.
    notes = re.findall("api_url=(NOT_LOGGING_PARAMETER|[$]REDACTED[$])", written)
    assert len(notes) == written.count("vendor=Tencent") == 2
    scene.output += written
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew")


def test_what_a_gateway_says_of_the_user_is_not_shown(scene):
    told = b64encode(b"crew:pass@word-of-the-crew").decode()
    message = f"denied for crew:Pass@word-of-the-crew, Basic {told}"
    scene.simulator.add_fault(kind="code", code=3, message=message, request=1)
    scene.simulator.add_fault(kind="code", code=3, message=f"denied for {PASSWORD}")
    env = dict(ENV, ZEGO_API_USER="crew", ZEGO_API_PASSWORD="pass@word-of-the-crew")
    result = scene.call(*LOUD, env=env, vendor="Tencent", streams=["a"])
    assert result["failed"] and "denied for" in result["msg"], result["msg"]
    encoded = scene.call(*LOUD, env=env, vendor="Tencent", streams=["a"])
    assert encoded["failed"] and "not shown" in encoded["msg"] and "denied for" not in encoded["msg"]
    nothing_shown(scene, PASSWORD, "ass@word-of-the-crew", told)


def test_a_short_user_name_does_not_damage_the_result(scene):
    scene.simulator.record("Tencent", ["stage-1"])
    for user in ("e", "1"):
        result = scene.call(env={"ZEGO_API_USER": user}, vendor="Tencent", streams=["stage-1"])
        assert (
            outcomes(result) in ({"stage-1": "stopped"}, {"stage-1": "already_stopped"}) and result["api_requests"] == 1
        )


def test_a_failed_connection_shows_no_secret(scene):
    port = closed_port()
    addresses = (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/{PASSWORD}", f"https://127.0.0.1:{port}/")
    credentials = {"ZEGO_API_USER": "crew-of-the-night", "ZEGO_API_PASSWORD": PASSWORD}
    for options, address in zip(((), LOUD, ()), addresses):
        env = dict(ENV, **credentials, ZEGO_API_URL=address)
        all_are("failed", scene.call(*options, env=env, vendor="Tencent", streams=["a"], retries=1), changed=False)
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew", "crew-of-the-night")


def test_parameters_of_a_task_are_not_shown(scene):
    done = scene.run(
        "ansible-playbook",
        "loud.yml",
        *LOUD,
        env=ENV,
        url=scene.simulator.url,
        password=PASSWORD,
        secret="feedfacefeedfacefeedfacefeedface",
    )
    assert done.rc == 0 and scene.requests() == 1
    nothing_shown(scene, PASSWORD, "pass@word-of-the-crew", "feedfacefeedfacefeedfacefeedface")


if __name__ == "__main__":
    main(globals())
