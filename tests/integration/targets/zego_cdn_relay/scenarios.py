# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relays are stopped, each has an outcome, and no address gets out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, names, slow  # noqa: E402
from secrecy import ENV, FAULTS, LOUD, nothing_shown  # noqa: E402

URL = "rtmp://push.example.com/live/{}"


def _relays(scene, *streams, running=True):
    for stream in streams if running else ():
        scene.simulator.add_relay(stream, URL.format(stream))
    return [{"stream_id": stream, "cdn_url": URL.format(stream)} for stream in streams]


def _outcomes(result):
    return [(entry["stream_id"], entry["outcome"]) for entry in result["relays"]]


def _running(scene):
    return sorted(
        url for found in scene.simulator.relays().values() for url, relay in found["urls"].items() if relay["running"]
    )


def test_a_relay_is_removed_once_and_a_second_run_changes_nothing(scene):
    relays = _relays(scene, "a", "b")
    first, second = scene.calls([{"relays": relays + relays[:1]}, {"relays": relays, "state": "absent"}])
    assert first["changed"] and not first["failed"] and _outcomes(first) == [("a", "removed"), ("b", "removed")], brief(
        first
    )
    assert first["relays"][0]["cdn"] == "rtmp://push.example.com" and first["relays"][0]["attempts"] == 1
    assert (
        not second["changed"]
        and not second["failed"]
        and _outcomes(second) == [("a", "already_removed"), ("b", "already_removed")]
    ), brief(second)
    # A removal is sent in any case: memory only changes its report.
    assert scene.requests() == 4 and not _running(scene)


def test_without_a_ledger_a_repeated_removal_looks_like_a_change(scene):
    relays = _relays(scene, "a")
    for result in scene.calls([{"relays": relays, "ledger": ""}] * 2):
        assert result["changed"] and _outcomes(result) == [("a", "removed")], brief(result)
    assert not scene.ledger.exists()


def test_a_code_that_the_user_explained_is_absent(scene):
    scene.simulator.configure(absent_relay_code=4711)
    relays = _relays(scene, "a", running=False)
    plain, explained = scene.calls([{"relays": relays}, {"relays": relays, "absent_codes": [4711]}])
    assert (
        plain["failed"]
        and not plain["changed"]
        and plain["relays"][0]["code"] == "4711"
        and "does not list" in plain["msg"]
    ), brief(plain)
    assert (
        not explained["failed"] and not explained["changed"] and _outcomes(explained) == [("a", "already_removed")]
    ), brief(explained)


def test_several_relays_of_one_stream_are_all_removed(scene):
    urls = [URL.format(f"copy-{number}") for number in range(12)]
    scene.simulator.add_relay("a", *urls)
    scene.simulator.add_fault(kind="drop_after", request=3)
    scene.simulator.add_fault(kind="http", status=503, request=7)
    result = scene.call(relays=[{"stream_id": "a", "cdn_url": url} for url in urls])
    assert not result["failed"] and result["summary"]["changed"] == 12 and result["api_requests"] == 14, brief(result)
    # Each Sequence was higher than all before: the API refuses any other.
    assert not _running(scene)


def test_the_quota_is_kept(scene):
    relays = _relays(scene, *names(24))
    result = scene.call(relays=relays, requests_per_second=100)
    stats = scene.simulator.stats()
    assert (
        not result["failed"]
        and stats["requests"] == 24
        and stats["refused"] == 0
        and stats["peak_per_second"]["all"] <= 10
    ), stats


def test_the_smaller_quota_of_the_test_environment_is_kept(scene):
    streams = names(8)
    for stream in streams:
        scene.simulator.add_relay(f"zegotest-{scene.simulator.app_id}-{stream}", URL.format(stream))
    result = scene.call(relays=_relays(scene, *streams, running=False), is_test=True, requests_per_second=100)
    stats = scene.simulator.stats()
    assert not result["failed"] and [stream for stream, _outcome in _outcomes(result)] == streams, brief(result)
    # On a machine that holds a request up, the next one may come within the quota's second, and is sent again.
    assert not _running(scene) and stats["refused"] <= 1, stats


# What the reference lists for DeleteCDNTransferRule: no code says that the relay is gone.
REFUSED = {
    5000: "internal error",
    5001: "internal error",
    5002: "internal error",
    5006: "internal error",
    30003: "internal error",
    5003: "authentication failed",
    5004: "bad CDN address",
    5005: "invalid request",
    30004: "IsTest wrong",
    30005: "invalid AppId",
    30009: "bad stream name",
    4711: "does not list",
}
ENDS_THE_RUN = (5003, 30004, 30005)
TOO_FREQUENT = (5007, 30002, 1010)


def test_a_playbook_never_takes_a_code_for_a_relay_that_is_gone(scene):
    scene.simulator.configure(quota=0)
    relays = _relays(scene, *map(str, REFUSED))
    for code in REFUSED:
        # The second removal of each meets its code: this machine remembers the first.
        scene.simulator.add_fault(kind="code", code=code, stream=str(code), after=1)
    alone = [relay for relay in relays if int(relay["stream_id"]) in ENDS_THE_RUN]
    together = [relay for relay in relays if relay not in alone]
    waited = _relays(scene, "b", "c")
    for code in TOO_FREQUENT:
        scene.simulator.add_fault(kind="code", code=code, stream="b", times=1)
    scene.simulator.add_fault(kind="code", code=30003, stream="c", times=1)
    scene.simulator.add_relay("d", f"{URL.format('d')}?txSecret=old")
    signed = {"stream_id": "d", "cdn_url": f"{URL.format('d')}?txSecret=renewed"}
    unsigned = {"stream_id": "d", "cdn_url": URL.format("d")}
    first, second, *ended, last, again = scene.calls(
        [
            {"relays": relays},
            {"relays": together, "retries": 0},
            *({"relays": [relay, *together]} for relay in alone),
            {"relays": [*waited, signed]},
            {"relays": [unsigned]},
        ],
        playbook=True,
    )
    assert not first["failed"] and first["summary"]["changed"] == len(REFUSED), brief(first)
    assert second["failed"] and not second["changed"], brief(second)
    for entry in second["relays"]:
        assert entry["outcome"] == "failed" and entry["code"] == entry["stream_id"], entry
        assert REFUSED[int(entry["code"])] in entry["message"] and "This machine removed it" in entry["message"], entry
    for code, result in zip(ENDS_THE_RUN, ended):
        outcomes = [outcome for _stream, outcome in _outcomes(result)]
        assert outcomes == ["failed"] + ["not_attempted"] * len(together) and result["api_requests"] == 1, brief(result)
        assert result["relays"][0]["code"] == str(code) and REFUSED[code] in result["msg"], brief(result)
    # Too frequent three times, an internal error once, and an address with a renewed signature.
    assert _outcomes(last) == [("b", "removed"), ("c", "removed"), ("d", "removed")], brief(last)
    assert [entry["attempts"] for entry in last["relays"]] == [4, 2, 1], brief(last)
    assert _outcomes(again) == [("d", "already_removed")] and not again["changed"], brief(again)
    assert not _running(scene)


def test_check_mode_and_diff_tell_what_would_change(scene):
    relays = _relays(scene, "a", "b")
    predicted = scene.call("--check", "--diff", relays=relays)
    assert predicted["changed"] and predicted["api_requests"] == scene.requests() == 0 and not scene.ledger.exists(), (
        brief(predicted)
    )
    scene.call(relays=relays[:1])
    predicted = scene.call("--check", "--diff", relays=relays)
    assert _outcomes(predicted) == [("a", "already_removed"), ("b", "removed")] and scene.requests() == 1, brief(
        predicted
    )
    lines = [f"{name} to rtmp://push.example.com: {state}\n" for name, state in (("a", "absent"), ("b", "present"))]
    assert predicted["diff"]["before"] == "".join(lines) and predicted["diff"]["after"].count("absent") == 2, brief(
        predicted
    )


def test_what_passes_is_ridden_out(scene):
    faults = ({"kind": "http", "status": 502}, {"kind": "code", "code": 6}, {"kind": "truncated"}, {"kind": "cut_json"})
    for number, fault in enumerate(faults, 1):
        scene.simulator.add_fault(request=number, **fault)
    result = scene.call(relays=_relays(scene, "a"))
    assert not result["failed"] and result["relays"][0]["attempts"] == 5 and not _running(scene), brief(result)


def test_one_bad_relay_does_not_keep_the_others_running(scene):
    relays = _relays(scene, "a", "b", "c")
    scene.simulator.add_fault(kind="code", code=4711, stream="b")
    result = scene.call(relays=relays)
    assert (
        result["failed"]
        and result["changed"]
        and _outcomes(result) == [("a", "removed"), ("b", "failed"), ("c", "removed")]
    ), brief(result)
    assert "1 of 3 relays failed" in result["msg"] and "b to rtmp://push.example.com failed" in result["msg"], brief(
        result
    )
    again = scene.call(relays=relays)
    # What was left changes no more than before; what was done is remembered.
    assert [outcome for _stream, outcome in _outcomes(again)] == ["already_removed", "failed", "already_removed"], (
        brief(again)
    )


def test_a_bad_name_does_not_keep_the_other_relays_running(scene):
    names_given = ["a", "b ", "c\nd", "", "x" * 257, "e"]
    _relays(scene, "a", "e")
    relays = [{"stream_id": name, "cdn_url": URL.format(name.strip()[:1])} for name in names_given]
    for options in (("--check",), ()):
        result = scene.call(*options, relays=relays)
        outcomes = [outcome for _stream, outcome in _outcomes(result)]
        assert result["failed"] and outcomes == ["removed", *["failed"] * 4, "removed"], brief(result)
        assert [relay["attempts"] for relay in result["relays"]][1:5] == [0] * 4, brief(result)
        assert all("It was not sent." in relay["message"] for relay in result["relays"][1:5]), brief(result)
    assert result["api_requests"] == scene.requests() == 2 and not _running(scene)


def test_relays_after_an_early_end_are_not_attempted(scene):
    scene.simulator.add_fault(kind="code", code=100000010)
    # Slow enough for the first answer to come before the second request on any machine.
    result = scene.call(relays=_relays(scene, *names(30)), requests_per_second=1)
    assert result["failed"] and result["api_requests"] == scene.requests() == 1 and result["summary"]["failed"] == 30, (
        brief(result)
    )
    assert sorted({outcome for _stream, outcome in _outcomes(result)}) == ["failed", "not_attempted"]


def test_input_that_no_request_can_carry_is_refused(scene):
    for bad, word in (
        ({"relays": []}, "relays is empty"),
        ({"relays": [{"stream_id": "a"}]}, "cdn_url"),
        ({"relays": [{"stream_id": "a", "cdn_url": "https://push.example.com/live/hidden-key"}]}, "RTMP URL"),
        ({"relays": _relays(scene, "a"), "ledger_ttl": 0}, "ledger_ttl"),
    ):
        result = scene.call(**bad)
        assert result["failed"] and word in result["msg"] and "summary" not in result, brief(result)
        assert "hidden-key" not in json.dumps({key: value for key, value in result.items() if key != "item"})
    assert scene.requests() == 0


PARTS = ("key-of-the-stream", "signed-by-the-cdn", "word-of-the-crew")
SECRET_URL = f"rtmp://crew:{PARTS[2]}@live.example.net/app/{PARTS[0]}-{{}}?txSecret={PARTS[1]}&txTime=5F5E100"


def test_no_failure_shows_the_address_of_a_relay(scene):
    for number, fault in enumerate(FAULTS, 1):
        scene.simulator.add_fault(request=number, **fault)
    scene.simulator.add_fault(request=len(FAULTS) + 1, kind="html")
    scene.simulator.add_fault(kind="echo_url")
    relays = [
        {"stream_id": f"stage-{number}", "cdn_url": SECRET_URL.format(number)} for number in range(len(FAULTS) + 2)
    ]
    for relay in relays:
        scene.simulator.add_relay(relay["stream_id"], relay["cdn_url"])
    results = scene.calls([{"relays": [relay], "retries": 0, "timeout": 1} for relay in relays[:-2]], "--diff")
    assert [result["failed"] for result in results].count(True) >= len(FAULTS) - 2 and scene.requests() == len(FAULTS)
    # What Ansible adds, it adds to each result alike: a playbook sees one failure and one success.
    done = scene.run(
        "ansible-playbook",
        "loud.yml",
        *LOUD,
        env=ENV,
        relays=relays[-2:],
        broken=[[{"stream_id": "a", "cdn_url": f"x{SECRET_URL}"}]],
    )
    assert done.rc == 0 and scene.requests() == len(relays) and scene.ledger.exists()
    # Names and places are shown, the invocation's included.
    assert "rtmp://live.example.net" in done.output and f'"stream_id": "stage-{len(FAULTS)}"' in done.output
    nothing_shown(scene, *PARTS, "txSecret")


# Each is refused with a sentence that says what a relay looks like.
MISUSES = (
    SECRET_URL,
    f"{SECRET_URL},{SECRET_URL}",
    [SECRET_URL],
    [[SECRET_URL]],
    [f"stream_id=a cdn_url={SECRET_URL}"],
    [json.dumps({"stream_id": "a", "cdn_url": SECRET_URL})],
    [{"stage-1": SECRET_URL}],
    [{"stream_id": "a", "cdn_url": [SECRET_URL]}],
    [{"stream_id": "a", "cdn_url": SECRET_URL, "url": SECRET_URL}],
)
IN_A_KEY = ([{SECRET_URL: "stage-1"}], [{"stream_id": "a", "cdn_url": {SECRET_URL: 1}}])
SWAPPED = [{"stream_id": SECRET_URL, "cdn_url": "stage-1"}]
AS_A_NAME = [{"stream_id": f"{SECRET_URL} x", "cdn_url": "rtmp://push.example.com/live/stage-1"}]


@slow
def test_an_address_in_the_wrong_place_stays_secret(scene):
    broken = [*MISUSES, *IN_A_KEY, SWAPPED, AS_A_NAME]
    done = scene.run("ansible-playbook", "loud.yml", *LOUD, env=ENV, relays=[], broken=broken)
    assert (
        done.rc == 0
        and scene.requests() == 0
        and done.output.count("expected a mapping with stream_id and cdn_url, both text") >= len(broken) - 2
    )
    assert done.output.count('"msg": "Refused: ') == len(broken)
    nothing_shown(scene, *PARTS, "txSecret")


@slow
def test_an_address_stays_secret_where_something_else_is_wrong(scene):
    broken = [misuse for misuse in MISUSES if "," not in misuse] + [
        SWAPPED,
        [{"stream_id": "stage-1", "cdn_url": SECRET_URL}],
    ]
    for env, more in (({"ZEGO_APP_ID": "", "ZEGO_SERVER_SECRET": ""}, {}), ({}, {"codes": ["x"]})):
        done = scene.run("ansible-playbook", "loud.yml", *LOUD, env=dict(ENV, **env), relays=[], broken=broken, **more)
        assert done.rc == 0 and done.output.count('"msg": "Refused: ') == len(broken)
        nothing_shown(scene, *PARTS, "txSecret")


@slow
def test_what_the_api_echoes_stays_secret(scene):
    url = SECRET_URL.format(0)
    echoed = (
        url,
        quote(url, safe=""),
        url.partition("@")[2],
        url.partition("?")[2],
        quote(PARTS[1]),
        f"no such key: {PARTS[0]}-0",
        url.replace("/", "\\/"),
        quote(quote(url, safe=""), safe=""),
        url.upper(),
        f"push failed: {url[:52]}",
        f"push failed: {url[7:-9]}",
        f"rtmp://live.example.net/app/stage;key={PARTS[0]}",
        " ".join(PARTS[0]),
    )
    for number, message in enumerate(echoed, 1):
        scene.simulator.add_fault(kind="code", code=4711, message=message, request=number)
    relays = [{"stream_id": f"stage-{number}", "cdn_url": url} for number in range(len(echoed))]
    done = scene.run("ansible-playbook", "loud.yml", *LOUD, env=ENV, relays=relays, broken=[])
    assert done.rc == 0 and scene.requests() == len(echoed) and "4711" in scene.output
    more = [" ".join(PARTS[0]), *(part.upper() for part in PARTS), quote(quote(PARTS[2], safe=""), safe="")]
    nothing_shown(scene, *PARTS, *more, PARTS[0][:10], PARTS[2][:10], "txSecret")


if __name__ == "__main__":
    main(globals())
