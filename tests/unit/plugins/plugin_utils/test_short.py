# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a chat: it fits, it is made of whole lines, and nothing in it mentions anybody."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import facts, frozen, with_files  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils import _text
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import short as _short
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import step_lines
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.markdown import markdown
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import LANGUAGES
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report

# Characters of one to four bytes, and what a chat reads as a mention or a link.
LETTERS = "aZ \u00e9\u53d1\u5e03\u4f1a\U0001f3a4<>@!&[](){}*_`\n\u202e"
WECOM = 4_096


def event_of(names, message, event="night", steps=3):
    """Return a report in which each of these streams failed for a reason of its own."""
    known = facts({"streams": {"Ws": ["x"]}}, [], event=event)
    known["plan"]["recordings"][0]["streams"] = list(names)
    known["steps"] = known["steps"][:steps]
    entries = []
    for number, name in enumerate(names):
        told = {"outcome": "failed", "changed": False, "failed": True, "code": str(number), "attempts": 1}
        entries.append({"stream_id": name, **told, "message": f"{number} {message}"})
    result = {"streams": entries, "__zego_teardown_group": known["plan"]["recordings"][0]}
    known["results"]["recordings"]["results"][0].update(result)
    return _report.build(known)


def test_it_says_how_it_ended_then_each_vendor_and_each_cause():
    told = _short.short(_report.build(with_files(facts(entry=frozen("stage-2"), event="Launch night"))))
    first, *lines = told.splitlines()
    assert first.startswith("FAILED: teardown of Launch night; ") and "1 failed of 5 streams" in first
    assert "Tencent: 1 stopped, 1 failed" in lines and "Ws (Wangsu): 1 stopped" in lines
    (cause,) = [line for line in lines if line.startswith("FAILED")]
    assert "stage-2: Tencent answered ResourceNotFound.FreezeService. Settle that" in cause
    assert any(line.startswith("Close the rooms: ") for line in lines)


def test_a_teardown_that_was_refused_says_so_and_why():
    told = _short.short_of_none("Launch <night>", "zego_teardown_streams: a\nhas <no> vendor.")
    assert told.splitlines() == [
        "FAILED: the teardown of Launch \u2039night\u203a did not begin, and nothing was stopped.",
        "zego_teardown_streams: a has \u2039no\u203a vendor.",
    ]
    chinese = _short.short_of_none("\u53d1\u5e03\u4f1a", "\u53d1" * 9_000, LANGUAGES["zh"])
    assert chinese.startswith("\u5931\u8d25 \u00b7 \u6536\u5c3e\u6ca1\u6709\u5f00\u59cb")
    assert len(chinese.encode("utf-8")) < WECOM and chinese.endswith("\u2026")
    assert _short.short_of_none("night", "") == "FAILED: teardown of night; the run did not come to its end."


def test_it_is_in_the_language_of_the_report():
    report = _report.build(with_files(facts(entry=frozen("stage-2"), event="\u53d1\u5e03\u4f1a", check_mode=True)))
    told = _short.short(report, words=LANGUAGES["zh"])
    assert told.startswith("\u5931\u8d25 \u00b7 \u6536\u5c3e\u62a5\u544a\uff1a\u53d1\u5e03\u4f1a\uff1b")
    # What a code means, and what to do, has no English left; names, codes and vendors stay.
    (cause,) = [line for line in told.splitlines() if "stage-2" in line]
    assert "ResourceNotFound.FreezeService" in cause and "FAILED" not in told and "rehearsal" not in told
    assert len(told.splitlines()) == len(_short.short(report).splitlines())
    long = event_of([f"stage-{number}" for number in range(300)], "\u53d1" * 400)
    assert len(_short.short(long, words=LANGUAGES["zh"]).encode("utf-8")) <= _short.MAX_BYTES
    assert re.search(r"\u62a5\u544a\u4e2d\u8fd8\u6709 \d+ \u884c\u3002$", _short.short(long, words=LANGUAGES["zh"]))


def test_a_step_that_was_left_out_is_no_line():
    told = _short.short(_report.build(facts(skip=["rooms", "relays"], results={}, steps=[])))
    assert "Close the rooms" not in told and "Stop the relays" not in told


def test_the_longest_event_is_cut_at_whole_lines_and_says_how_many_are_missing():
    report = event_of([f"stage-{number}" for number in range(300)], "\u53d1" * 400)
    whole = _short.short(report, max_bytes=10**7).splitlines()
    told = _short.short(report).splitlines()
    assert len(whole) > 300 and told[:-1] == whole[: len(told) - 1]
    assert told[-1] == f"{len(whole) - len(told) + 1} more lines are in the report."
    assert _short.MAX_BYTES - 1_000 < len("\n".join(told).encode("utf-8")) <= _short.MAX_BYTES < WECOM - 400


@given(
    st.lists(st.text(LETTERS, min_size=1, max_size=60), min_size=1, max_size=12, unique=True),
    st.text(LETTERS, max_size=900),
    st.text(LETTERS, max_size=900),
    st.integers(700, WECOM),
)
def test_whatever_it_holds_it_fits_and_is_made_of_whole_lines(names, message, event, max_bytes):
    report = event_of(names, message, event)
    told = _short.short(report, max_bytes)
    assert len(told.encode("utf-8")) <= max_bytes
    whole = _short.short(report, 10**7).splitlines()
    lines = told.splitlines()
    # The lines that are there are those of the whole, each to its end, or with an ellipsis where it is too long itself.
    kept = lines if len(lines) == len(whole) else lines[:-1]
    assert kept == whole[: len(kept)] and (kept == lines or " in the report." in lines[-1])
    assert all(len(line.encode("utf-8")) <= _short.MAX_LINE for line in lines)
    assert not set("<>\ufffd\u202e") & set(told) and "](" not in told


@given(st.text(LETTERS), st.integers(0, 40))
def test_a_cut_is_a_beginning_of_the_text_and_no_character_is_torn(text, max_bytes):
    found = _text.cut(text, max_bytes)
    if len(text.encode("utf-8")) <= max_bytes:
        assert found == text
        return
    assert found.endswith("\u2026") and text.startswith(found[:-1])
    assert len(found.encode("utf-8")) <= max(max_bytes, 3)
    # No whole character was dropped that would have fitted, but for white space at the end.
    left = text[len(found) - 1 :].lstrip()
    assert not left or len((found + left[0]).encode("utf-8")) > max_bytes or text[len(found) - 1].isspace()


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", '<at user_id="all">x</at>', "[pay](https://evil.example.com)"])
def test_a_chat_shows_what_it_would_take_for_a_mention(text):
    found = _text.chat(text)
    assert "<" not in found and ">" not in found and "](" not in found and len(found) >= len(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rehearsal_calls_nothing_stopped(language):
    words = LANGUAGES[language]
    report = _report.build(with_files(facts(check_mode=True)))
    told = _short.short(report, words=words).splitlines()
    vendors = [line for line in told if line.startswith(("Tencent", "Ws", "Huawei"))]
    assert vendors and all(words.text("expected: {outcome}", outcome="") in line for line in vendors)
    assert all("expected: " in line for line in step_lines(report, "recordings"))
    rows = [line for line in markdown(report, words=words).splitlines() if line.startswith("| `stage-")]
    assert rows and all(words.text("expected: {outcome}", outcome="") in row for row in rows)


def test_a_report_that_was_not_written_is_no_ok():
    report = _report.build(with_files(facts()))
    assert _short.short(report).startswith("OK: ") and not report["failed"]
    first, second, *_rest = _short.short(report, problem="The report was not written: no space.").splitlines()
    assert first.startswith("FAILED: ") and second == "The report was not written: no space."
