# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vendor's free text may quote the stream's name, which anybody chooses: it must decide nothing."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils._api.environment import PRODUCTION, environment_of
from ansible_collections.zego.cloud.plugins.module_utils._recording import words as _words
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDOR_CODES
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import verdicts_of_reply
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils import fakes

NEUTRAL = "q7"
# What an answer can hold that says nothing, and what decides where the code does not.
TEMPLATES = (
    "stop task of stream {} failed: permission denied",
    "{}",
    "cannot stop {}, try {} again",
    "live/{} failed",
    "stream {} does not exist",
    "The task of stream '{}' was not found.",
    'record "{}" does not exist',
    "Stream does not exist: {}",
    "StreamNotFound: {}",
    "InvalidStream.NotFound ({})",
    "TaskAlreadyStarted [{}]",
    "{}: Task has already started",
    "InvalidDomain.NotFound for {}",
    "the domain of {} does not exist",
    "the configuration of stream {} does not exist",
    "LIVE.103011019: record of {} does not exist",
    "LIVE.100011022 {}",
    "code=100011007, stream={}",
    "LIVE.100011002: {}",
)
CODES = {
    "Tencent": ("ResourceNotFound", "FailedOperation.NotFound", "FailedOperation", "Never.Heard", "InvalidParameter"),
    "Huawei": (404, 400, 500, "LIVE.103011019", "LIVE.100011999"),
    "Aliyun": (404, 409, 400),
    "Ws": (404, 403, 410),
}
FORMS = {
    "raw": lambda name: name,
    "url": lambda name: quote(name, safe=""),
    "path": quote,
    "form": quote_plus,
    "html": html.escape,
    "html of old": lambda name: html.escape(name).replace("&#x27;", "&#39;"),
    "json": lambda name: json.dumps(name)[1:-1],
    "json with slashes": lambda name: json.dumps(name, ensure_ascii=False)[1:-1].replace("/", "\\/"),
    "test environment": lambda name: f"zegotest-1-{name}",
    "test environment, url": lambda name: quote(f"zegotest-1-{name}", safe=""),
    "capitals": str.upper,
}
# Of these, and of the vendors' own codes, names are built. '\u200d' joins emoji; a message shows it as a space.
PARTS = (
    *("103011019", "LIVE.103011019", "100011022", "100011007", "100011002", "StreamNotFound", "InvalidStream.NotFound"),
    *(
        "TaskAlreadyStarted",
        "Task",
        "stream",
        "does",
        "not",
        "exist",
        "found",
        "record",
        "domain",
        "configuration",
        "404",
    ),
    *("x", "a", "stage", "-", "_", ".", "/", ":", "&", '"', "'", "<", "%", "é", "流", "\u200d", "+", "~"),
)
VENDOR_WORDS = [row.code for rows in VENDOR_CODES.values() for row in rows if row.code and "*" not in row.code]
NAMES = st.lists(st.sampled_from([*PARTS, *VENDOR_WORDS]), min_size=1, max_size=5).map("".join)


def verdict(vendor, code, message, name, environment=PRODUCTION):
    """Return what a stop's verdict is, without the words that are shown."""
    data = {vendor: [fakes.failure(vendor, name, code, message)]}
    found = verdicts_of_reply(vendor, "stop", data, streams=[name], environment=environment)[0][name]
    return found.meaning, found.kind, found.not_found


def collides(name, template):
    """Tell whether the vendor's own words hold the name: then nobody can tell which of the two a word is."""
    text = template.replace("{}", NEUTRAL)
    return _words._without(text, [name]) != text


@settings(max_examples=400)
@example("Huawei", 0, "x-103011019", TEMPLATES[0], "raw")
@example("Huawei", 0, "x-100011022", TEMPLATES[0], "raw")
@example("Huawei", 1, "x-100011007", TEMPLATES[0], "raw")
@example("Huawei", 1, "a&LIVE.100011007", TEMPLATES[0], "html")
@example("Huawei", 1, 'a"103011019', TEMPLATES[0], "json")
@example("Aliyun", 1, "x-StreamNotFound", TEMPLATES[0], "raw")
@example("Aliyun", 1, "StreamNotFound", TEMPLATES[2], "raw")
@example("Aliyun", 1, "x/TaskAlreadyStarted", TEMPLATES[0], "json with slashes")
@example("Aliyun", 0, "流:StreamNotFound", TEMPLATES[0], "url")
@example("Aliyun", 0, "x\u200dStreamNotFound", TEMPLATES[0], "raw")
@given(
    st.sampled_from(sorted(CODES)),
    st.integers(0, 4),
    NAMES,
    st.sampled_from(TEMPLATES),
    st.sampled_from(sorted(FORMS)),
)
def test_a_name_that_a_message_quotes_decides_nothing(vendor, which, name, template, form):
    code = CODES[vendor][which % len(CODES[vendor])]
    environment = environment_of(1, True) if form.startswith("test") else PRODUCTION
    neutral = verdict(vendor, code, template.replace("{}", FORMS[form](NEUTRAL)), NEUTRAL, environment)
    named = verdict(vendor, code, template.replace("{}", FORMS[form](name)), name, environment)
    # A stream called 'configuration' may be meant, or the configuration.
    is_thing = name.isalpha() and _words._OTHER_THINGS.search(name)
    if collides(name, template) or is_thing:
        # What is in doubt has failed.
        assert named == neutral or named[0] == "unexplained"
    else:
        assert named == neutral


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("name", ["a/domain:'ü&\"<%+流", "x-domain.1", "a\u200ddomain", "a domain"])
def test_each_form_of_a_name_is_taken_out(form, name):
    environment = environment_of(1, True) if form.startswith("test") else PRODUCTION
    # The name holds a word that would be in doubt.
    said = f"stream '{FORMS[form](name)}' does not exist"
    assert verdict("Huawei", 404, said, name, environment) == ("absent", "absent", False)


def test_a_name_that_may_be_the_missing_thing_is_in_doubt():
    for name in ("configuration", "domain", "file"):
        assert verdict("Huawei", 404, f"recording {name} does not exist", name)[0] == "unexplained"
        assert verdict("Huawei", 404, f"recording {name} does not exist", NEUTRAL)[0] == "unexplained"
        # Not even together with a memory of our own stop.
        assert not verdict("Huawei", 404, f"recording {name} does not exist", name)[2]


@example("Aliyun", 1, "stage-1234567:StreamNotFound", "cut")
@example("Huawei", 0, "stage-12345678901234:103011019", "cut")
@example("Aliyun", 1, "x&StreamNotFound", "escaped twice")
@given(st.sampled_from(sorted(CODES)), st.integers(0, 4), NAMES, st.sampled_from(["cut", "escaped twice", "spaced"]))
def test_a_name_that_is_quoted_in_an_unknown_form_decides_nothing(vendor, which, name, form):
    code = CODES[vendor][which % len(CODES[vendor])]
    quoted = {"cut": name[-20:], "escaped twice": html.escape(html.escape(name)), "spaced": " ".join(name)}[form]
    meaning, _kind, _shape = verdict(vendor, code, f"stop task of {quoted} failed: permission denied", name)
    assert meaning not in ("success", "running", "throttled")
    # The code alone may say it, and the name never: 'absent' needs more than the name.
    assert meaning != "absent"


def test_a_short_name_leaves_the_words_of_the_vendor_alone():
    for name in ("a", "e", "s", "exist-1", "task"):
        assert verdict("Aliyun", 409, "StreamNotFound", name)[0] == "absent"
        assert verdict("Huawei", 404, f"stream {name} does not exist", name)[0] == "absent"


@pytest.mark.parametrize(
    "vendor,code,message,expected",
    [
        # By its code alone.
        ("Ws", 404, "", True),
        ("Ws", 404, "not found", True),
        ("Ws", 404, "stream stage-1 not found", True),
        ("Huawei", 404, "resource does not exist", True),
        ("Huawei", "LIVE.103011019", "", True),
        ("Aliyun", 404, "", True),
        ("Tencent", "ResourceNotFound", "", True),
        ("Tencent", "InvalidParameter.StreamNotExist", "", True),
        ("Tencent", "FailedOperation.LiveTaskNotFound", "no", True),
        # In words, which have to name the stream or its task.
        ("Ws", 400, "Task does not exist", True),
        ("Ws", 403, "the recording task of stream stage-1 was not found", True),
        ("Ws", 400, "does not exist", False),
        ("Ws", 404, "stream stage-1 of domain pull.example.com does not exist", True),
        ("Ws", 404, "流不存在", True),
        # About something else.
        ("Ws", 404, "resource of domain pull.example.com not found", False),
        ("Ws", 404, "pull.live.stream does not exist", False),
        ("Ws", 404, "stream not found, domain not found", False),
        ("Ws", 404, "the domain does not exist", False),
        ("Ws", 404, "callback not found", False),
        ("Ws", 404, "unknown domain", False),
        ("Ws", 404, "channel not found", False),
        ("Huawei", 404, "app live does not exist", False),
        ("Aliyun", 404, "The recording configuration of the stream does not exist", False),
        ("Aliyun", 404, "域名不存在", False),
        ("Tencent", "ResourceNotFound", "user does not exist", False),
        ("Tencent", "ResourceNotFound.DomainNotExist", "", False),
        ("Tencent", "ResourceNotFound.UserNotExist", "", False),
        ("Tencent", "InternalError.ConfNotFound", "", False),
        ("Tencent", "ResourceNotFound.SomethingNew", "", False),
        ("Tencent", "ResourceNotFound.FreezeService", "not found", False),
        # Not shaped so.
        ("Ws", 410, "gone", False),
        ("Ws", 403, "", False),
        ("Ws", 409, "task already exists", False),
        ("Aliyun", 409, "", False),
        ("Huawei", "LIVE.100011999", "", False),
        ("Tencent", "InvalidParameter", "", False),
        ("Tencent", "UnsupportedOperation", "", False),
        ("Tencent", "FailedOperation", "not found", False),
        ("Tencent", "Never.Heard", "", False),
    ],
)
def test_an_undocumented_answer_is_shaped_like_not_found_or_not(vendor, code, message, expected):
    assert verdict(vendor, code, message, "stage-1")[2] is expected


def test_not_found_of_a_whole_answer_is_not_about_a_stream():
    data = {"Ws": {"http_code": 404, "msg": "stream does not exist", "list": []}}
    found = verdicts_of_reply("Ws", "stop", data, streams=["a"])[0]["a"]
    assert (found.meaning, found.not_found) == ("unexplained", False)


@pytest.mark.parametrize("turned", [False, True])
def test_one_format_that_is_not_shaped_so_speaks_for_the_stream(turned):
    rows = [fakes.failure("Ws", "a", 404), dict(fakes.failure("Ws", "a", 403), task="flv")]
    found = verdicts_of_reply("Ws", "stop", {"Ws": rows[::-1] if turned else rows}, streams=["a"])[0]["a"]
    assert (found.code, found.not_found) == ("403", False)


@pytest.mark.parametrize(
    "code,message,expected",
    [
        (404, "", "absent"),
        (404, "stream not found", "absent"),
        (404, "the domain does not exist", "unexplained"),
        (404, "recording configuration does not exist", "unexplained"),
        (404, "域名不存在", "unexplained"),
        # The user knows what it means, and the vendor does not say that it means something else.
        (404, "channel not found", "absent"),
        (404, "stream a of domain pull.example.com does not exist", "absent"),
        (404, "nothing at this domain", "absent"),
        ("LIVE.100011002", "", "failed"),
        (404, "LIVE.100011002", "failed"),
        (404, "LIVE.103011019, LIVE.100011002", "unexplained"),
    ],
)
def test_a_users_code_does_not_explain_what_says_something_else(code, message, expected):
    data = {"Huawei": [fakes.failure("Huawei", "a", code, message)]}
    own = frozenset({"404", "LIVE.103011019", "LIVE.100011002"})
    found = verdicts_of_reply("Huawei", "stop", data, streams=["a"], absent_codes=own)[0]["a"]
    assert found.meaning == expected


def test_a_users_code_does_not_explain_what_may_be_the_missing_thing():
    own = frozenset({"404"})
    for name, expected in (("domain", "unexplained"), ("stage-1", "absent")):
        data = {"Ws": [fakes.failure("Ws", name, 404, f"recording {name} does not exist")]}
        found = verdicts_of_reply("Ws", "stop", data, streams=[name], absent_codes=own)[0][name]
        assert found.meaning == expected


def test_a_user_cannot_explain_a_refusal_for_the_configuration():
    own = frozenset({"InvalidDomain.NotFound", "CodeConfigNotFound"})
    for code in own:
        data = {"Aliyun": [fakes.failure("Aliyun", "a", code)]}
        assert verdicts_of_reply("Aliyun", "stop", data, streams=["a"], absent_codes=own)[0]["a"].meaning == "failed"
