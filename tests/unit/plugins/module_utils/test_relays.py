# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relays: their addresses are guarded, their numbers rise, their outcomes are honest."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.zego.cloud.plugins.module_utils._event import relay as _relay
from ansible_collections.zego.cloud.plugins.module_utils._event import relays as _relays
from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay, check_relays
from ansible_collections.zego.cloud.plugins.module_utils._event.relays import RelayJob, Sequence
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import (
    FakeLedger,
    http,
    make_client,
    reply,
)

URL = "rtmp://push.example.com/live/stage-1"
A = Relay("stage-1", URL)
LOST = AnswerLost("lost")


def run(*script, relays=(A,), remembered=(), absent_codes=()):
    ledger = FakeLedger({relay.memory_key(): Memory(State.STOPPED, time.time()) for relay in remembered})
    client = make_client(*script)
    return (
        RelayJob(
            client, ledger, list(relays), refused={}, absent_codes=list(absent_codes), environment=PRODUCTION
        ).remove(),
        client,
        ledger,
    )


@pytest.mark.parametrize(
    "url,cdn",
    [
        (URL, "rtmp://push.example.com"),
        ("rtmp://push.example.com:1935/live/key?txSecret=abc", "rtmp://push.example.com"),
        ("rtmp://crew:pass@a.example.com/live2/abcd-efgh/", "rtmp://a.example.com"),
        ("rtmp://a.example.com/onlykey", "rtmp://a.example.com"),
        ("rtmp://a.example.com/key/instance/stage-1", "rtmp://a.example.com"),
        ("rtmp://a.example.com;key=abc@b.example.com/live/x", "rtmp://b.example.com"),
        ("rtmp://[2001:db8::1]/live/x", "rtmp://[2001:db8::1]"),
        ("rtmp://直播.example.com/live/x", "rtmp://直播.example.com"),
    ],
)
def test_what_is_shown_of_an_address(url, cdn):
    assert check_relays([{"stream_id": "s", "cdn_url": url}])[0][0].cdn() == cdn


@given(
    st.from_regex(r"[a-z0-9]{9,20}", fullmatch=True),
    st.from_regex(r"[a-z0-9%]{9,20}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{9,20}", fullmatch=True),
)
def test_nothing_secret_is_shown(key, value, user):
    url = f"rtmp://{user}:word{user}@push.example.com/live/key{key}?txSecret=q{value}"
    relay, other = Relay("stage-1", url), Relay("stage-1", url.replace("/key", "/no-key"))
    assert not any(text in relay.cdn() for text in (key, value, user))
    assert not any(text in relay.memory_key() for text in (f"key{key}", f"word{user}", "rtmp"))
    # They look alike, and the ledger keeps them apart nevertheless.
    assert relay.cdn() == other.cdn() and relay.memory_key() != other.memory_key()


@pytest.mark.parametrize("host", ["h;key=hidden", "h%2Fhidden", "h\\hidden", "h&hidden", "<hidden>"])
def test_what_is_no_host_is_refused_since_it_would_be_shown(host):
    with pytest.raises(ValueError, match="RTMP") as caught:
        check_relays([{"stream_id": "a", "cdn_url": f"rtmp://{host}/live/stage-1"}])
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "relays,word",
    [
        ([], "empty"),
        ([{"stream_id": "a", "cdn_url": URL}, {"stream_id": "a", "cdn_url": ""}], "entry 2"),
        ([{"stream_id": "a", "cdn_url": "http://h/hiddenkey"}], "RTMP"),
        ([{"stream_id": "a", "cdn_url": "rtmp:///live/hiddenkey"}], "RTMP"),
        ([{"stream_id": "a", "cdn_url": "rtmp://h"}], "RTMP"),
        ([{"stream_id": "a", "cdn_url": "rtmp://h:port/live/hiddenkey"}], "RTMP"),
        ([{"stream_id": "a", "cdn_url": "rtmp://[h/live/hiddenkey"}], "RTMP"),
        ([{"stream_id": "a", "cdn_url": "rtmp://h/live/hidden key"}], "white space"),
        ([f"{URL}-hidden"], "entry 1: expected a mapping with stream_id and cdn_url, both text"),
        ([A._asdict(), [f"{URL}-hidden"]], "entry 2: expected a mapping"),
        ([{f"{URL}-hidden": None}], "expected a mapping"),
        ([{"stream_id": "a", "cdn_url": URL, "hidden": 1}], "expected a mapping"),
        ([{"stream_id": "a", "cdn_url": [f"{URL}-hidden"]}], "expected a mapping"),
        ([{"stream_id": {"x": f"{URL}-hidden"}, "cdn_url": URL}], "expected a mapping"),
        ([{"stream_id": True, "cdn_url": URL}], "expected a mapping"),
        ([{"stream_id": 1.5, "cdn_url": URL}], "expected a mapping"),
        ([None], "expected a mapping"),
        # It would be printed as a name with white space.
        ([{"stream_id": f"{URL}-hidden key", "cdn_url": URL}], "stream_id of entry 1 is an address"),
        ([{"stream_id": "rtmp:\\/\\/h\\/hidden key", "cdn_url": URL}], "stream_id of entry 1 is an address"),
        ([{"stream_id": "rtmp%3A%2F%2Fh%2Fhidden key", "cdn_url": URL}], "stream_id of entry 1 is an address"),
        # The two were swapped.
        ([{"stream_id": f"{URL}-hidden key", "cdn_url": "stage-1"}], "cdn_url of entry 1 must be an RTMP URL"),
    ],
)
def test_bad_input_is_refused_without_its_address(relays, word):
    with pytest.raises(ValueError, match=word) as caught:
        check_relays(relays)
    assert "hidden" not in str(caught.value)


def test_a_number_is_a_name():
    assert check_relays([{"stream_id": 7, "cdn_url": URL}]) == ([Relay("7", URL)], {})


@pytest.mark.parametrize("name", ["", "a ", "a\nb", "x" * 257, "a\ud800"])
def test_a_stream_that_no_request_can_carry_costs_its_own_relay_only(name):
    relays, refused = check_relays([A._asdict(), {"stream_id": name, "cdn_url": KEY_URL}])
    bad = Relay(name, KEY_URL)
    assert relays == [A, bad] and list(refused) == [bad] and "stream_id of entry 2" in refused[bad]
    client, ledger = make_client(reply(0)), FakeLedger()
    removed, failed = RelayJob(
        client, ledger, relays, refused=refused, absent_codes=[], environment=PRODUCTION
    ).remove()
    assert removed["outcome"] == "removed" and len(client.sender.transport.queries) == 1
    assert failed["failed"] and failed["attempts"] == 0 and failed["message"] == f"{refused[bad]} It was not sent."
    assert failed["stream_id"] == name.replace("\ud800", "?") and "hidden" not in str(failed)
    assert _relays.expected_entries(ledger, relays, refused=refused)[1] == failed


def guarded(relays, *before):
    """Return (what the invocation shows, what is black), where Ansible took texts for secrets ``before``."""
    params, hidden = {"relays": relays}, set(before)
    _relay.hide_addresses(params, hidden)
    return params["relays"], hidden


def test_the_addresses_are_black_and_the_names_are_not():
    pairs = [
        A._asdict(),
        {"stream_id": 7, "cdn_url": f"{URL}-2"},
        {"stream_id": "stage-of-the-night 1", "cdn_url": URL},
    ]
    assert guarded(pairs, "another") == (pairs, {"another", URL, f"{URL}-2"})


KEY_URL = "rtmp://push.example.com/live/hidden-key"


@pytest.mark.parametrize(
    "relay,black",
    [
        (KEY_URL, {KEY_URL}),
        ([KEY_URL, "short"], {KEY_URL}),
        ({KEY_URL: "stage-of-the-night"}, {KEY_URL, "stage-of-the-night"}),
        ({"stream_id": "stage-of-the-night", "url": KEY_URL}, {KEY_URL, "stage-of-the-night"}),
        ({"stream_id": "a", "cdn_url": {"x": [KEY_URL, 123456789, None, True]}}, {KEY_URL, "123456789"}),
    ],
)
def test_whatever_has_a_wrong_form_may_be_an_address(relay, black):
    shown, hidden = guarded([A._asdict(), relay])
    assert hidden == {URL, *black} and shown == [A._asdict(), _relay.MALFORMED]
    with pytest.raises(ValueError, match="entry 2"):
        check_relays(shown)


def test_the_addresses_are_hidden_once_however_often_ansible_looks():
    params, hidden = {"relays": [KEY_URL, A._asdict()]}, set()
    _relay.hide_addresses(params, hidden)
    seen = dict(params), set(hidden)
    _relay.hide_addresses(params, hidden)
    assert (params, hidden) == seen == ({"relays": [_relay.MALFORMED, A._asdict()]}, {KEY_URL, URL})


@pytest.mark.parametrize(("given", "shown"), [({}, {}), ({"relays": None}, {"relays": None})])
def test_relays_that_were_not_given_are_not_shown(given, shown):
    hidden = set()
    _relay.hide_addresses(given, hidden)
    assert given == shown and not hidden


def test_where_the_two_were_swapped_both_are_black():
    swapped = [{"stream_id": KEY_URL, "cdn_url": "stage-of-the-night"}]
    assert guarded(swapped) == (swapped, {KEY_URL, "stage-of-the-night"})


def test_a_stream_named_like_the_secret_does_not_uncover_it():
    assert guarded([{"stream_id": "secret-of-the-app", "cdn_url": URL}], "secret-of-the-app")[1] == {
        "secret-of-the-app",
        URL,
    }


def test_a_relay_given_twice_is_removed_once():
    given_twice = {"stream_id": "stage-1", "cdn_url": URL}
    assert check_relays([given_twice, {"stream_id": "b", "cdn_url": URL}, given_twice]) == (
        [A, Relay("b", URL)],
        {},
    )


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=50))
def test_the_sequence_rises_whatever_the_clock_does(times):
    moments = iter(times)
    sequence = Sequence(lambda: next(moments))
    numbers = [sequence.next() for _time in times]
    assert numbers == sorted(set(numbers)) and numbers[0] >= int(times[0] * 1000)


@pytest.mark.parametrize(
    "script,remembered,codes,outcome",
    [
        ([reply(0)], False, (), "removed"),
        ([reply(0)], True, (), "already_removed"),
        ([LOST, reply(0)], False, (), "removed"),
        ([http(503), reply(6), reply(0)], False, (), "removed"),
        ([reply(4711)], False, (), "failed"),
        # What is remembered does not explain a code: the relay may have been made anew.
        ([reply(4711)], True, (), "failed"),
        ([reply(5004)], True, (), "failed"),
        ([reply(5005)], True, (), "failed"),
        ([reply(30009)], True, (), "failed"),
        ([reply(41003)], True, (), "failed"),
        ([reply(5000)], True, (), "failed"),
        ([reply(30003), reply(0)], False, (), "removed"),
        ([reply(5007), reply(30002), reply(1010), reply(0)], False, (), "removed"),
        ([reply(5003)], True, (5003,), "failed"),
        ([reply(30005)], True, (), "failed"),
        ([reply(100000004)], True, (100000004,), "failed"),
        ([reply(3002)], True, (3002,), "failed"),
        ([reply(5004)], False, (5004,), "already_removed"),
        ([reply(4711)], False, (4711,), "already_removed"),
        ([LOST, reply(4711)], False, (4711,), "removed"),
        ([LOST, reply(4711)], True, (4711,), "already_removed"),
        ([LOST, reply(4711)], False, (), "failed"),
        ([reply(2)], True, (), "failed"),
        ([reply(3)], True, (), "failed"),
        ([reply(1000)], True, (), "failed"),
        ([LOST], True, (), "failed"),
        ([http(400)], True, (), "failed"),
        ([reply(100000005)], True, (100000005,), "failed"),
    ],
)
def test_each_answer_to_a_removal_has_one_outcome(script, remembered, codes, outcome):
    entries, client, ledger = run(*script, remembered=(A,) if remembered else (), absent_codes=codes)
    entry = entries[0]
    assert entry["outcome"] == outcome
    assert (entry["changed"], entry["failed"]) == (outcome == "removed", outcome == "failed")
    assert entry["attempts"] == client.requests_sent
    assert (A.memory_key() in ledger.memories) == (remembered or outcome == "removed") and ledger.closed


def test_an_outcome_after_a_lost_answer_says_so():
    assert "may have removed it" in run(LOST, reply(4711))[0][0]["message"]
    assert "may have removed it" not in run(reply(4711))[0][0]["message"]


def test_a_failure_tells_what_is_remembered():
    message = run(reply(4711), remembered=(A,))[0][0]["message"]
    assert "This machine removed it at 20" in message and "list it in absent_codes" in message
    # The reference says what this one means: it is no sign that the relay is gone.
    message = run(reply(5005), remembered=(A,))[0][0]["message"]
    assert "This machine removed it at 20" in message and "absent_codes" not in message
    assert "This machine" not in run(reply(4711))[0][0]["message"]


@pytest.mark.parametrize("code", [5003, 30004, 30005])
def test_what_applies_to_all_relays_ends_the_run(code):
    relays = [Relay(f"s{number}", URL) for number in range(30)]
    entries, client, _ledger = run(reply(code), relays=relays)
    assert client.requests_sent == 1
    assert [entry["outcome"] for entry in entries] == ["failed"] + ["not_attempted"] * 29


def test_in_the_test_environment_streams_have_their_prefix():
    relays = [Relay("a", URL), Relay("zegotest-12345-b", URL), Relay("b", f"{URL}-2")]
    client, ledger = make_client(reply(0)), FakeLedger()
    job = RelayJob(client, ledger, relays, refused={}, absent_codes=[], environment=environment_of(12345, True))
    entries = job.remove()
    assert [entry["stream_id"] for entry in entries] == ["a", "zegotest-12345-b", "b"]
    queries = [dict(query) for query in client.sender.transport.queries]
    assert sorted(query["StreamId"] for query in queries) == ["zegotest-12345-a"] + ["zegotest-12345-b"] * 2
    assert {query["IsTest"] for query in queries} == {"true"}


@pytest.mark.parametrize(
    "other, same",
    [
        (f"{URL}?txSecret=new&txTime=2", True),
        (f"{URL}?", True),
        (f"{URL}#part", True),
        (f"{URL}-2?txSecret=old", False),
        ("rtmp://push.example.com/live?txSecret=old", False),
    ],
)
def test_an_address_with_other_parameters_is_the_same_relay(other, same):
    signed = f"{URL}?txSecret=old"
    found, _refused = check_relays([{"stream_id": "stage-1", "cdn_url": url} for url in (signed, other)])
    assert found == [Relay("stage-1", signed), Relay("stage-1", other)][: 1 if same else 2]
    # So is what is remembered of it.
    again = run(reply(0), relays=[Relay("stage-1", other)], remembered=[Relay("stage-1", signed)])[0][0]
    assert again["outcome"] == ("already_removed" if same else "removed")


def test_sequences_rise_per_stream_and_arrive_in_order():
    relays = [Relay(f"s{number % 3}", f"{URL}-{number}") for number in range(30)]
    seen = {}

    def step(query):
        given = dict(query)
        seen.setdefault(given["StreamId"], []).append(given["Sequence"])
        return http(502) if len(seen[given["StreamId"]]) == 4 else reply(0)

    entries, client, _ledger = run(step, relays=relays)
    assert [entry["stream_id"] for entry in entries] == ["s0", "s1", "s2"] * 10
    assert {entry["outcome"] for entry in entries} == {"removed"}
    assert client.requests_sent == 33
    for numbers in seen.values():
        assert numbers == sorted(set(numbers)) and len(numbers) == 11


@pytest.mark.parametrize(
    "other, environment",
    # In the test environment one stream has two names.
    [("a", PRODUCTION), ("zegotest-12345-a", environment_of(12345, True))],
)
def test_the_second_relay_of_a_stream_waits_for_the_answer_to_the_first(other, environment):
    looked, sent_meanwhile = threading.Event(), []

    def step(query):
        if dict(query)["CDNUrl"] == f"{URL}-1":
            assert looked.wait(30)
            sent_meanwhile.append(client.requests_sent)
        return reply(0)

    client = make_client(step, rate=1000000)
    wait_for, looks = client.gate.wait_for, []

    def watched(in_flight, seconds):
        if client.requests_sent > 1:
            looks.append(len(in_flight))
            if len(looks) == 3:
                looked.set()
        return wait_for(in_flight, seconds)

    client.gate.wait_for = watched
    # The first is the probe; of the others, nothing but their stream keeps them apart.
    relays = [Relay("probe", URL), Relay("a", f"{URL}-1"), Relay(other, f"{URL}-2")]
    job = RelayJob(client, FakeLedger(), relays, refused={}, absent_codes=[], environment=environment)
    assert [entry["outcome"] for entry in job.remove()] == ["removed"] * 3
    assert sent_meanwhile == [2] and client.requests_sent == 3


def test_prediction_sends_and_remembers_nothing():
    ledger = FakeLedger({A.memory_key(): Memory(State.STOPPED, time.time())})
    entries = _relays.expected_entries(ledger, [A, Relay("b", URL)], refused={})
    assert [entry["outcome"] for entry in entries] == ["already_removed", "removed"]
    assert len(ledger.memories) == 1


def test_the_subject_names_stream_and_cdn():
    assert _relays.SUBJECT.name({"stream_id": "s", "cdn": A.cdn()}) == "s to rtmp://push.example.com"


def test_a_relay_whose_answer_breaks_this_machine_has_failed(monkeypatch):
    def breaking(*_arguments):
        raise MemoryError

    monkeypatch.setattr(_relays, "reply_details", breaking)
    relays = (A, Relay("stage-1", f"{URL}2"), Relay("stage-2", URL))
    entries, client, ledger = run(reply(0), relays=relays)
    assert [entry["stream_id"] for entry in entries] == ["stage-1", "stage-1", "stage-2"] and client.halted is None
    assert all(entry["failed"] and "on this machine ended it (MemoryError" in entry["message"] for entry in entries)
    assert not ledger.load([relay.memory_key() for relay in relays])
