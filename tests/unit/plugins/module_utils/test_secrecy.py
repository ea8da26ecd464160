# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However a reply repeats what signed a request of the run, or a key, none of it is in what a module returns."""

from __future__ import annotations

import base64
import json
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Attempt, Sender
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import HttpAnswer, read_reply
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import (
    NOT_SHOWN,
    REDACTED,
    Secrets,
    has_user_info,
    path_parts,
    without_secrets,
)
from ansible_collections.zego.cloud.plugins.module_utils._event.raw_call import RawCall, call_action
from ansible_collections.zego.cloud.plugins.module_utils._event.relay import Relay
from ansible_collections.zego.cloud.plugins.module_utils._event.relays import RelayJob
from ansible_collections.zego.cloud.plugins.module_utils._recording.job import Order, RecordingJob
from ansible_collections.zego.cloud.plugins.module_utils._recording.result import recording_result
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import SECRET, FakeLedger, make_client

SIGNATURE, NONCE = "43e5cfcca828314675f91b001390566a", "9ffd1f2a0c3b4e5d"


def _percent(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _escaped(text):
    return "".join(f"\\u{ord(char):04x}" for char in text)


def _hex(text):
    return "".join(f"\\x{ord(char):02x}" if ord(char) < 256 else char for char in text)


def _entities(text):
    return "".join(f"&#x{ord(char):x};" if ord(char) < 256 else char for char in text)


def _decimal_entities(text):
    return "".join(f"&#{ord(char)};" for char in text)


CASES = {"as it is": str, "capitals": str.upper, "mixed": lambda text: text[:9].upper() + text[9:]}
SPLITS = {"whole": "", "spaces": " ", "zero width": "\u200b", "lines": "\n", "dashes": "-", "two": "\u2060 \ufeff"}
CODINGS = {
    "plain": str,
    "escaped": _escaped,
    "escaped twice": lambda text: json.dumps(_escaped(text)),
    "hex": _hex,
    "entities": _entities,
    "decimal entities": _decimal_entities,
    "percent": _percent,
    "percent twice": lambda text: _percent(_percent(text)),
    "quoted twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent, escaped": lambda text: _escaped(_percent(text)),
}


def _base64(before):
    return lambda text: base64.b64encode(f"{before}{text}&AppId=1".encode()).decode()


WRAPPINGS = {
    "none": str,
    "base64": _base64(""),
    "base64 of a URL": _base64("https://a/?Action=StopCDNRecord&x=?~"),
    "base64 at another place": _base64("xy"),
    "base64, no padding": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(f"Signature={text}".encode()).decode(),
}


@st.composite
def spellings(draw):
    """Draw a function that spells a text as some server may repeat it."""
    case, split = CASES[draw(st.sampled_from(sorted(CASES)))], SPLITS[draw(st.sampled_from(sorted(SPLITS)))]
    coding = CODINGS[draw(st.sampled_from(sorted(CODINGS)))]
    wrapping = WRAPPINGS[draw(st.sampled_from(sorted(WRAPPINGS)))]
    before, after = draw(st.sampled_from([("", ""), ("denied for Signature=", "&x=1"), ('{"u": "', '"}')]))
    return lambda text: before + wrapping(coding(split.join(case(text)))) + after


def compact(text):
    return re.sub("[^0-9a-z]", "", text.lower())


def holds_none_of(result, secrets, spell):
    """Nothing of the result is a secret, nor a spelling that somebody could read it from."""
    shown = compact(json.dumps(result, ensure_ascii=False)) + compact(json.dumps(result))
    for secret in secrets:
        assert secret not in shown
        assert compact(spell(secret)) not in shown


@given(spellings())
@settings(max_examples=400, deadline=None)
def test_what_signs_a_request_is_found_however_it_is_spelled(spell):
    secrets = Secrets((SECRET,))
    secrets.add_signing(SIGNATURE, NONCE)
    for text in (SIGNATURE, NONCE, SECRET):
        spelled = spell(text)
        assert secrets.occur_in(spelled) and secrets.occur_in(json.dumps({"Message": spelled}))
        cleaned = secrets.clean(spelled)
        assert compact(spelled) not in compact(cleaned) and not secrets.occur_in(cleaned)


@pytest.mark.parametrize("length", range(16, 33))
def test_a_signature_that_is_cut_is_found(length):
    secrets = Secrets()
    secrets.add_signing(SIGNATURE, NONCE)
    for text in (SIGNATURE[:length], SIGNATURE[-length:]):
        assert secrets.clean(f"denied: {text}") == f"denied: {REDACTED}"


@given(st.text(max_size=200))
def test_a_text_without_a_secret_stays_as_it_is(text):
    secrets = Secrets((SECRET, "pass@word-of-the-crew"), ("push.example.com/live/key-of-the-stream",), ("stage-1",))
    secrets.add_signing(SIGNATURE, NONCE)
    assert secrets.clean(text) == text


def test_what_looks_like_a_signature_and_is_none_stays():
    secrets = Secrets()
    secrets.add_signing(SIGNATURE, NONCE)
    for text in ("d41d8cd98f00b204e9800998ecf8427e", "550e8400-e29b-41d4-a716-446655440000", SIGNATURE[:15]):
        assert secrets.clean(text) == text


def test_what_is_around_a_secret_is_shown_and_what_cannot_be_cleaned_is_not():
    secrets = Secrets(("crew:pass@word", "pass@word", "short"))
    assert secrets.clean("denied for crew:Pass@Word, pass@word; short") == f"denied for {REDACTED}, {REDACTED}; short"
    assert secrets.clean("denied for crew%3Apass%40word") == NOT_SHOWN


def test_a_secret_without_eight_letters_and_digits_is_found_as_it_is():
    secrets = Secrets(("päß-wörd", "#+#+#+#+#"))
    assert secrets.clean("for PÄß-wörd: no") == f"for {REDACTED}: no" == secrets.clean("for #+#+#+#+#: no")


def test_data_is_cleaned_keys_and_numbers_included():
    secrets = Secrets()
    secrets.add_signing(SIGNATURE, "1234567890123456")
    data = {SIGNATURE: [{"a": NONCE, "b": None, "c": True, "n": 1.5}, 1234567890123456, f"x {SIGNATURE}"], "k": 7}
    expected = {REDACTED: [{"a": NONCE, "b": None, "c": True, "n": 1.5}, NOT_SHOWN, f"x {REDACTED}"], "k": 7}
    assert secrets.clean_data(data) == expected


def test_a_signature_is_known_before_it_leaves():
    seen = []

    class Transport:
        def send(self, query, body=None, *, fresh=False):
            given_now = dict(query)
            seen.extend(secrets.occur_in(given_now[name]) for name in ("Signature", "SignatureNonce"))
            return HttpAnswer(200, '{"Code": 0}', None, None)

    secrets = Secrets()
    Sender(1, SECRET, Transport(), secrets).send(Attempt("CloseRoom", (), None, 0.0, 0))
    assert seen == [True, True]


class Repeating:
    """A transport whose replies repeat, in each field, what signed the first request of the run, and this one."""

    def __init__(self, spell, code, make_data):
        self.spell, self.code, self.make_data = spell, code, make_data
        self.signed = [SECRET]

    def __call__(self, query):
        given_now = dict(query)
        self.signed += [given_now["Signature"], given_now["SignatureNonce"]]
        said = self.spell(self.signed[1 if len(self.signed) > 3 else 0]) + self.spell(given_now["SignatureNonce"])
        streams = [value for name, value in query if name == "StreamId[]"]
        reply = {"Code": self.code, "Message": said, "RequestId": self.spell(given_now["Signature"])}
        return HttpAnswer(200, json.dumps({**reply, "Data": self.make_data(streams, said)}), None, None)


def _tencent(streams, said):
    row = {"Code": "FailedOperation", "Message": said, "RequestId": said, "TaskId": said}
    return {"Tencent": [{**row, "StreamName": stream} for stream in streams] + [{**row, "StreamName": said}]}


def _wangsu(streams, said):
    row = {"http_code": 200, "msg": said, "task": said, "persistentId": said}
    return {"Ws": {"http_code": 200, "msg": said, "trace_id": said, "list": [{**row, "id": name} for name in streams]}}


def _recordings(vendor, verb, transport):
    client, warned = make_client(transport, rate=10_000, retries=0), []
    order = Order(vendor, verb, batch_size=2)
    job = RecordingJob(
        client, FakeLedger(), order, streams=[f"s{number}" for number in range(6)], retries=0, warn=warned.append
    )
    return recording_result(vendor, job.run(), client.requests_sent, with_diff=True), warned


@given(spellings(), st.sampled_from([0, 0, 2, 4711]), st.sampled_from(["stop", "start"]))
@settings(max_examples=60, deadline=None)
def test_no_result_of_a_recording_repeats_what_signed_any_request(spell, code, verb):
    for vendor, make_data in (("Tencent", _tencent), ("Ws", _wangsu)):
        transport = Repeating(spell, code, make_data)
        result = _recordings(vendor, verb, transport)
        assert len(transport.signed) >= 5
        holds_none_of(result, transport.signed, spell)


@given(spellings(), st.sampled_from([0, 4711]))
@settings(max_examples=60, deadline=None)
def test_no_result_of_another_action_repeats_what_signed_its_request(spell, code):
    transport = Repeating(spell, code, lambda _streams, said: {"a": [said, {said: said}]})
    call = RawCall("CloseRoom", [], None, frozenset({0}), frozenset({0}), False)
    result = call_action(make_client(transport, retries=0), call)
    assert result["failed"] is (code != 0)
    holds_none_of(result, transport.signed, spell)


KEY = "Wp7TqZ3mK9xL"
ADDRESSES = (
    f"rtmp://push.example.com/live/{KEY}",
    f"rtmp://push.example.com/{KEY}/stage-1",
    f"rtmp://push.example.com/live/{KEY}/stage-1",
    f"rtmp://push.example.com/live/stage-1?key={KEY}",
    f"rtmp://push.example.com/live/stage-1;key={KEY}",
    f"rtmp://crew:{KEY}@push.example.com/live/stage-1",
    f"rtmp://push.example.com/live/stage-1#{KEY}",
    f"rtmp://push.example.com/live/stage-1-{KEY}",
    f"rtmp://push.example.com/live/{_percent(KEY)}",
    f"rtmp://push.example.com/live/é{KEY}",
    f"rtmp://PUSH.example.com/LIVE/{KEY}",
)
REPEATED = {
    "whole": lambda url: url,
    "slashes escaped": lambda url: url.replace("/", "\\/"),
    "cut": lambda url: url[: url.index("/", 8) + 14],
    "its end cut": lambda url: url[:-2],
    "without its scheme": lambda url: url[7:],
}


@given(st.sampled_from(ADDRESSES), st.sampled_from(sorted(REPEATED)), spellings())
@settings(max_examples=200, deadline=None)
def test_no_result_of_a_relay_repeats_its_key(url, way, spell):
    relay = Relay("stage-1", url)

    def repeating(query):
        said = spell(REPEATED[way](url))
        return HttpAnswer(200, json.dumps({"Code": 4711, "Message": said, "RequestId": spell(KEY)}), None, None)

    client = make_client(repeating, retries=0, addresses=[relay.address()], names=relay.names())
    entries = RelayJob(client, FakeLedger(), [relay], refused={}, absent_codes=[], environment=PRODUCTION).remove()
    assert entries[0]["cdn"] == "rtmp://push.example.com" and entries[0]["code"] == "4711"
    holds_none_of(entries, [KEY.lower()], lambda _text: compact(spell(KEY)))
    assert KEY[:8].lower() not in compact(json.dumps(entries))


def test_a_relay_that_is_refused_is_told_why_with_its_stream_and_host():
    relay = Relay("stage-of-the-night", f"rtmp://push.example.com/live/stage-of-the-night?key={KEY}")
    secrets = Secrets((), [relay.address()], relay.names())
    for said in ("stream stage-of-the-night does not exist", "push.example.com cannot be resolved", "no such rule"):
        assert secrets.clean(said) == said


@pytest.mark.parametrize(
    "url,is_there",
    [
        ("https://api.example.com/", False),
        ("https://api.example.com/a@b", False),
        ("https://TOKEN:@api.example.com/", True),
        ("https://crew:word@api.example.com", True),
        ("https://crew:word/@api.example.com:1/", True),
        ("https:/crew:word@[api", True),
        ("junk", False),
    ],
)
def test_user_info_is_found(url, is_there):
    assert has_user_info(url) is is_there


@pytest.mark.parametrize(
    "url,shown",
    [
        ("https://api.example.com:8443/token-in-path?x#y", "https://api.example.com:8443"),
        ("https://crew:word@[2001:db8::1]/", "https://[2001:db8::1]"),
        ("https://crew:word@[api", "(not shown)"),
        ("https://crew:word/@api:x/", "(not shown)"),
        ("crew:word", "(not shown)"),
        ("https://tok;en/", "(not shown)"),
    ],
)
def test_of_an_address_only_the_host_is_shown(url, shown):
    assert without_secrets(url) == shown


def test_each_part_of_a_path_may_be_a_token():
    assert set(path_parts("https://a.example.com/zego/tok%2Den/")) == {"", "zego", "tok%2Den", "tok-en"}
    assert path_parts("https://[a/") == []


def test_a_large_reply_is_looked_at_within_the_time_of_an_answer():
    rows = [{"StreamName": f"stage-{number}", "TaskId": f"550e8400e29b41d4a716{number:012x}"} for number in range(9000)]
    text = json.dumps({"Code": 0, "Data": {"Tencent": rows}, "Message": "100%"})
    secrets = Secrets((SECRET,))
    for number in range(10_000):
        secrets.add_signing(f"{number:032x}", f"{number:016x}"[::-1])
    began = time.process_time()
    assert not secrets.occur_in(text)
    # Some hundredths of a second. A scan for each signature would take minutes.
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", ["", "<html>43e5</html>", '"Signature"', "[1]", '{"Code": "x"}', '{"Message": "x"}'])
def test_what_is_no_reply_is_not_quoted(text):
    error = read_reply(HttpAnswer(200, text, None, None))
    assert not text or text not in error.reason
    assert error.reason in ("the answer is not readable JSON", "the answer has no Code")


def test_a_reply_of_backslashes_is_looked_through_in_one_pass():
    # Were it looked through from each of them anew, this would take hours.
    text = "\\" * 400_000
    secrets = Secrets((SIGNATURE,))
    assert not secrets.occur_in(text) and secrets.occur_in(text + _escaped(SIGNATURE))
