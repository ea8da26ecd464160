# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input is refused with a sentence, before anything is sent."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import all_are, brief, main, outcomes  # noqa: E402


def _refused(scene, *parameters):
    """Each is a pair: parameters that differ from good ones, and a word that the message must have."""
    good = {"vendor": "Tencent", "streams": ["a"]}
    results = scene.calls([dict(good, **given) for given, _word in parameters])
    assert len(results) == len(parameters)
    for (given, word), result in zip(parameters, results):
        assert result["failed"] and not result.get("changed"), (given, brief(result))
        assert word in result["msg"] and "streams" not in result and "summary" not in result, (given, brief(result))
        # ansible-core 2.19 and later write "(traceback unavailable)" into every failure.
        assert "Traceback" not in result.get("exception", "") and "MODULE FAILURE" not in result["msg"], (
            given,
            brief(result),
        )
    assert scene.requests() == 0 and scene.simulator.stats()["connections_accepted"] < 10
    assert not scene.ledger.exists()


def test_one_name_that_no_request_can_carry_does_not_keep_the_others(scene):
    bad = {
        "": "empty",
        " ": "white space",
        "stage-9 ": "white space",
        "c\td": "white space other",
        "line\nbreak": "control characters",
        "bell\u0007": "control characters",
        "wide\u3000space": "white space other",
        "right\u202eleft": "control characters",
        "x" * 257: "257 bytes",
        "é" * 129: "258 bytes",
    }
    good = ["stage-1", "guest 1", "👩\u200d🚒", "a+b&c=d%20e"]
    scene.simulator.record("Tencent", good)
    for options in (["--check"], []):
        result = scene.call(*options, vendor="Tencent", streams=[good[0], *bad, *good[1:]])
        found = outcomes(result)
        assert {found.pop(name) for name in good} == {"stopped"} and set(found.values()) == {"failed"}, brief(result)
        messages = {entry["stream_id"]: entry.get("message", "") for entry in result["streams"]}
        for name, word in bad.items():
            assert word in messages[name] and "not sent" in messages[name], (name, messages[name])
    assert not any(scene.running("Tencent", name) for name in good) and scene.requests() == 1
    none = scene.call(vendor="Tencent", streams=[])
    assert none["failed"] and "streams is empty" in none["msg"] and scene.requests() == 1, brief(none)


def test_options_that_do_not_go_together_are_refused(scene):
    now = int(time.time())
    started = {"state": "started"}
    _refused(
        scene,
        ({"domain": "pull.example.com"}, "Aliyun only"),
        ({"vendor": "Ws", "point": "live"}, "Aliyun only"),
        ({"vendor": "Aliyun", "domain": ""}, "domain is empty"),
        ({"vendor": "Aliyun", "point": "a b"}, "white space"),
        ({"end_time": now + 60}, "state=started"),
        ({"end_time": now + 60, "vendor": "Huawei", **started}, "Tencent"),
        ({"end_time": now - 60, **started}, "24 hours"),
        ({"end_time": 0, **started}, "24 hours"),
        ({"end_time": "2026-09-27 22:00", **started}, "Unix seconds, such as 1790546400"),
        ({"end_time": now + 25 * 3600, **started}, "24 hours"),
        ({"vendor": "Akamai"}, "value of vendor"),
        ({"vendor": "tencent"}, "Did you mean Tencent?"),
        ({"vendor": "Wangsu"}, "Did you mean Ws?"),
        ({"state": "paused"}, "value of state"),
        ({"region": "moon"}, "value of region"),
    )


def test_what_is_no_address_of_an_api_is_refused(scene):
    _refused(
        scene,
        ({"api_url": "junk"}, "api_url"),
        ({"api_url": "ftp://127.0.0.1/"}, "api_url"),
        ({"api_url": "http://"}, "api_url"),
        ({"api_url": "http://127.0.0.1:port/"}, "api_url"),
        ({"api_url": "http://[::1/"}, "api_url"),
        ({"api_url": "https://api.example.com/?x=1"}, "query"),
        ({"api_url": "https://api.example.com/#x"}, "fragment"),
        ({"api_url": "https://api.example .com/"}, "api_url"),
        ({"api_url": "http://api.example.com/"}, "plain http"),
        ({"api_url": "http://192.0.2.1/"}, "plain http"),
        ({"api_url": "http://127.0.0.1.example.com/"}, "plain http"),
        ({"ca_path": "/nonexistent/ca.pem"}, "ca_path"),
    )


def test_numbers_out_of_their_bounds_are_refused(scene):
    options = ("batch_size", "requests_per_second", "timeout", "rate_limit_timeout", "ledger_ttl")
    bad = [({name: value}, name) for name in options for value in (0, -1)]
    _refused(
        scene,
        *bad,
        ({"retries": -1}, "retries"),
        ({"batch_size": "many"}, "batch_size"),
        ({"timeout": "nan"}, "timeout"),
        ({"requests_per_second": "inf"}, "requests_per_second"),
        ({"app_id": 0}, "app_id"),
        ({"app_id": -5}, "app_id"),
        ({"app_id": 2**40}, "app_id"),
        ({"app_id": "12345678O0"}, "app_id must be the project's number"),
        ({"app_id": True}, "app_id must be the project's number"),
        ({"server_secret": "0123456789abcdef\n"}, "newline"),
        ({"server_secret": "0123456789abcdef "}, "white space"),
        ({"server_secret": "'0123456789abcdef'"}, "quotes"),
    )


def test_credentials_that_the_environment_gives_wrongly_are_named_with_their_variable(scene):
    good = {"vendor": "Tencent", "streams": ["a"]}
    result = scene.call(**good, env={"ZEGO_APP_ID": "12345678O0"})
    assert result["failed"] and "ZEGO_APP_ID" in result["msg"], brief(result)
    result = scene.call(**good, env={"ZEGO_SERVER_SECRET": ""})
    assert result["failed"] and "missing required arguments: server_secret" in result["msg"], brief(result)
    assert scene.requests() == 0


def test_null_and_empty_options_count_as_not_given(scene):
    scene.simulator.record("Tencent", ["a", "b", "c", "d"])
    connection = ("api_url", "region", "app_id", "server_secret", "is_test", "validate_certs", "ca_path", "timeout")
    numbers = ("retries", "requests_per_second", "rate_limit_timeout")
    good = {"vendor": "Tencent", "state": "stopped"}
    for stream, nothing in (("a", None), ("b", ""), ("c", " ")):
        given = dict.fromkeys(connection + numbers, nothing)
        all_are("stopped", scene.call(streams=[stream], **good, **given), changed=True)
    others = dict.fromkeys(("state", "batch_size", "ledger", "ledger_ttl", "not_recording_codes", "force", "domain"))
    result = scene.call(streams=["d"], vendor="Tencent", **others, env={"ZEGO_REGION": "", "ZEGO_IS_TEST": ""})
    all_are("stopped", result, changed=True)
    assert scene.ledger.exists()
    result = scene.call(streams=None, vendor="Tencent")
    assert result["failed"] and "streams" in result["msg"], brief(result)


def test_what_is_no_name_is_never_sent(scene):
    _refused(
        scene,
        ({"streams": "['a','b']"}, "from_json"),
        ({"streams": '{"a": 1}'}, "from_json"),
        ({"streams": '"a"'}, "from_json"),
        ({"streams": True}, "must be a list"),
        ({"streams": {"stream_id": "a"}}, "must be a list"),
        ({"streams": 1.5}, "must be a list"),
        ({"streams": [["a"]]}, "entry 1 is a list"),
        ({"streams": ["a", {"stream_id": "b"}]}, "map(attribute='stream_id')"),
        ({"streams": ["a", True]}, "entry 2 is the boolean true"),
        ({"streams": [1.1]}, "quote the name"),
        ({"streams": [None, "a"]}, "entry 1 is null"),
        ({"streams": ["__omit_place_holder__abc"]}, "omit"),
        ({"streams": ['["stage-1"', '"stage-2"]']}, "from_json"),
    )


def test_a_playbook_reads_lists_the_same_on_every_core(scene):
    scene.simulator.record("Tencent", [f"stage-{number}" for number in range(1, 9)])
    done = scene.play("lists.yml", "-e", 'event_streams=["stage-3","stage-4"]', a_list=["stage-7", "stage-8"])
    assert "entry 1 is sent as '83'" in done.output.replace("\n", " "), done.output
    state = scene.simulator.state()["Tencent"]
    # What was asked for in a readable way was stopped, and nothing else ever reached the API.
    stopped = sorted(name for name, stream in state.items() if stream["stops"])
    assert stopped == [f"stage-{number}" for number in range(1, 7)], state
    assert set(state) == {*(f"stage-{number}" for number in range(1, 9)), "83"}, state
    assert {line["action"] for line in scene.simulator.requests()} == {"StopCDNRecord"}
    assert scene.requests() == 4


def test_bad_input_is_refused_in_check_mode_too(scene):
    for result in scene.calls(
        [{"vendor": "Tencent", "streams": []}, {"vendor": "Ws", "streams": ["a"], "domain": "x"}], "--check"
    ):
        assert result["failed"] and "streams" not in result, brief(result)
    assert scene.requests() == 0


if __name__ == "__main__":
    main(globals())
