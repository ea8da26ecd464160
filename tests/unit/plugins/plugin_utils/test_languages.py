# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every sentence of ours has both languages, follows the English of the code, and leaves what others said alone."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import absent, facts, frozen, steps, with_files  # noqa: E402

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api import codes
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import HttpAnswer, read_reply
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State
from ansible_collections.zego.cloud.plugins.module_utils._names import Names
from ansible_collections.zego.cloud.plugins.module_utils._recording import outcomes, vendor_codes
from ansible_collections.zego.cloud.plugins.module_utils._recording.verdicts import Verdict
from ansible_collections.zego.cloud.plugins.module_utils._result import error_details
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import html as _html
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import markdown as _markdown
from ansible_collections.zego.cloud.plugins.plugin_utils._languages import zh_codes, zh_forms, zh_messages
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import (
    CHINESE,
    ENGLISH,
    in_language,
    placeholders,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import preflight, progress
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
SAID = {**zh_codes.MEANINGS, **zh_codes.ADVICE, **zh_messages.CLAUSES, **zh_messages.MESSAGES}
ROWS = {**zh_forms.FORMS, **SAID}
CHINESE_SIGN = re.compile("[\u3000-\u9fff\uff00-\uffef]")
HAN = re.compile("[\u4e00-\u9fff]")
# Three English words in a row are a sentence that was forgotten. Names of options have underscores.
ENGLISH_WORDS = re.compile(r"(?<![\w./-])[A-Za-z]{2,}[,:;.]? [a-z]{2,}[,:;.]? [a-z]{2,}(?![\w/-])")
# The same in both languages.
KEPT = {"IDs"}


def literals(tree):
    """Yield the texts in a file, those in f-strings part by part."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sources(*folders, without="_languages"):
    found = []
    for folder in folders:
        for path in sorted((PLUGINS / folder).rglob("*.py")):
            if without not in path.parts:
                found.append(ast.parse(path.read_text(encoding="utf-8")))
    return found


def test_a_row_has_the_same_placeholders_in_both_languages():
    for sentence, instead in ROWS.items():
        assert placeholders(instead) == placeholders(sentence), sentence
        assert CHINESE_SIGN.search(instead) or sentence in KEPT, sentence
        assert not set("\u201c\u201d\u2018\u2019") & set(instead), "ansible-test wants no such quotes"


def test_a_row_of_a_message_is_one_sentence():
    for sentence, instead in {**zh_messages.MESSAGES, **zh_codes.ADVICE}.items():
        assert not re.search(r"[.?!] ", sentence), sentence
        assert (sentence[-1] == ".") is (instead[-1] == "\u3002"), sentence


SAMPLES = {"count": "3", "total": "5", "more": "2", "position": "1", "number": "83", "vendor": "Tencent", "code": "X.7"}


def test_no_row_stands_in_the_way_of_another():
    for sentence, instead in SAID.items():
        values = {name: SAMPLES.get(name, "abc") for name in placeholders(sentence)}
        said, told = sentence.format(**values), instead.format(**values)
        assert CHINESE.told(said) == told, sentence
        assert CHINESE.told(f"Ah. {said}") == f"Ah. {told}", sentence
        # What can end a run early begins in lower case.
        if sentence[0].islower() and said.endswith("."):
            ended = CHINESE.told(f"not attempted, since the run ended early: {said}")
            assert ended == f"未尝试，因为运行提前结束：{told}", sentence


# Where the code puts a sentence together: at what it fills in, and at these words, of which it takes one or another.
JOINTS = re.compile(
    r"\{\w+\}|: (?=redirects)|; (?=it was)|, (?=this machine)|, (?=and its)|, (?=and which)|\b(?:was|were) (?=not)"
    r"|\bstreams? (?=nobody)|behind|ahead of|the(?:ir)? vendors?"
)


def test_the_rows_follow_the_english_of_the_code():
    """A sentence that was changed in the code, and not here, would come out in English."""
    written = "\n".join(text for tree in sources("module_utils", "plugin_utils") for text in literals(tree))
    # Outcomes are written with underscores.
    written = f"{written}\n{written.replace('_', ' ')}"
    lost = []
    for sentence in SAID:
        parts = [part.strip(" .,:;()'|") for part in JOINTS.split(sentence) if part]
        lost += [(part, sentence) for part in parts if part not in written]
    assert lost == []


def used_in_forms():
    """Yield the sentences that the forms and their template ask for."""
    template = (PLUGINS / "plugin_utils" / "_forms" / "page" / "page.html.j2").read_text(encoding="utf-8")
    for call in re.findall(r'\b(?:t|n|place)\(((?:"[^"]*"(?:, )?)+)', template):
        yield from re.findall(r'"([^"]*)"', call)
    for tree in sources("plugin_utils/_forms"):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("text", "count")
            ):
                yield from (
                    arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                )
    yield from (*progress.STEPS.values(), *_html._LABELS.values(), *_html._CHECK_MODE_LABELS.values())
    yield _html._UNSURE
    yield from _html._STEP_WORDS.values()


OUTCOMES = {"stopped", "already stopped", "started", "already started", "unknown", "not attempted", "not recording"}
OUTCOMES |= {
    "removed",
    "already removed",
    "closed",
    "already closed",
    "kept open",
    "found",
    "gone",
    "changed",
    "unchanged",
}


def test_every_sentence_of_the_forms_is_in_the_table_and_no_other():
    used = set(used_in_forms())
    assert len(used) > 80
    assert sorted(used - set(zh_forms.FORMS)) == []
    assert sorted(set(zh_forms.FORMS) - used - OUTCOMES) == []


API_ROWS = [
    row for rows in (codes.COMMON_CODES, *codes.FAMILIES.values(), *codes.PAGE_CODES.values()) for row in rows.values()
]


def test_what_the_api_answers_is_told_in_chinese():
    for row in dict.fromkeys([*API_ROWS, codes._UNLISTED, codes._NOT_KNOWN]):
        assert row.meaning in zh_codes.MEANINGS and row.advice in zh_codes.ADVICE, row
        answer = f"the API answered Code 7 ({row.meaning})"
        told = CHINESE.told(f"{answer}: no luck. {row.advice}")
        assert told.startswith("API 返回 Code 7（") and "：no luck。" in told and not ENGLISH_WORDS.search(told)
        ended = CHINESE.told(f"not attempted, since the run ended early: {answer}. {row.advice}")
        assert ended.startswith("未尝试，因为运行提前结束：API 返回") and not ENGLISH_WORDS.search(ended)


@pytest.mark.parametrize("code", [5004, 206, 104, 41003, 1000, 99, 100000099])
@pytest.mark.parametrize("action", ["StopCDNRecord", "CloseRoom", "DeleteCDNTransferRule", "SearchMedia", "Other"])
def test_a_code_of_another_action_is_told_in_chinese(code, action):
    answer = HttpAnswer(200, f'{{"Code": {code}, "Message": "no luck", "RequestId": "7"}}', None, None)
    assert not ENGLISH_WORDS.search(CHINESE.told(error_details(read_reply(answer, action))["message"]))


@pytest.mark.parametrize("status", [302, 403, 404, 413, 429, 502])
def test_a_gateway_is_told_in_chinese(status):
    told = CHINESE.told(error_details(read_reply(HttpAnswer(status, "", None, None)))["message"])
    assert str(status) in told and not ENGLISH_WORDS.search(told)


VERDICTS = [
    Verdict(meaning, kind, "SomeCode", said, partly=partly)
    for kind in vendor_codes.ADVICE
    for meaning in (vendor_codes.FAILED, vendor_codes.MISSING)
    for said in ("", "No Such. Thing (here)")
    for partly in (False, True)
]


@pytest.mark.parametrize("vendor", vendor_codes.VENDORS)
def test_what_a_vendor_answers_is_told_in_chinese(vendor):
    memory = Memory(State.STOPPED, 1000.0)
    for verdict in VERDICTS:
        for known, maybe_done in ((None, False), (None, True), (memory, False)):
            message = outcomes.explain_stop(vendor, verdict, known, now=2000.0, maybe_done=maybe_done)
            told = CHINESE.told(message)
            assert not ENGLISH_WORDS.search(told.replace("No Such. Thing (here)", "")), (message, told)
            assert told.count("No Such. Thing (here)") == message.count("No Such. Thing (here)")


@pytest.mark.parametrize(
    "code", ["", "ResourceNotFound.TaskId", "404", "ResourceNotFound.FreezeService", "InternalError"]
)
@pytest.mark.parametrize("memory", [None, Memory(State.STOPPED, 1000.0)])
@pytest.mark.parametrize("maybe_done", [False, True])
def test_every_outcome_of_a_stop_is_told_in_chinese(code, memory, maybe_done):
    row = next((row for row in vendor_codes.VENDOR_CODES["Tencent"] if row.code == code), None)
    verdict = Verdict(row.meaning, row.kind, code) if row else Verdict("unexplained", "not_found", code, not_found=True)
    for expected in (False, True):
        decided = outcomes.decide_stop(
            "Tencent", verdict, memory, now=2000.0, maybe_done=maybe_done, request_id=None, expect_recording=expected
        )
        if isinstance(decided, outcomes.Outcome):
            message = decided.details.get("message", "")
            assert not ENGLISH_WORDS.search(CHINESE.told(message)), message
            assert HAN.search(CHINESE.told(message)) or not message
            crossed = outcomes.contradicted("Tencent", "stop", outcomes.maybe_crossed(decided)).details["message"]
            assert not ENGLISH_WORDS.search(CHINESE.told(crossed)), crossed


@pytest.mark.parametrize("name", ["", " a", "a\tb", "x" * 300, "\ud800"])
def test_a_name_that_is_refused_is_told_in_chinese(name):
    for where in ("zego_teardown_streams, Tencent: entry 1, stream_id", "the name that the API gave for the stream"):
        problem = _validation.name_problem(where, name)
        told = CHINESE.told(f"{problem} It was not sent: correct the name, and run again.")
        assert told.endswith("未发送：请更正名称，然后重新执行。") and not ENGLISH_WORDS.search(told.split("'")[0]), (
            told
        )
    warning = Names(["83"], [(1, "83"), (2, "7")]).warning("zego_teardown_streams, Tencent")
    assert CHINESE.told(warning) == (
        "zego_teardown_streams, Tencent 中有数字：第 1 项按 '83' 发送，第 2 项按 '7' 发送。"
        "YAML 会把 0123 读成 83：请给名称加引号。"
    )


ANSWERS = [
    {"verdict": "usable", "message": ""},
    *({"verdict": verdict, "vendor": "Tencent", "message": ""} for verdict in ("usable", "not_asked")),
    {"verdict": "unclear", "message": "HTTP status 502 instead of a reply. Run it again."},
    {"verdict": "unclear", "vendor": "Ws", "message": "the API answered Code 6 (too frequent). Run it again."},
]


def test_what_was_asked_before_the_first_step_is_told_in_chinese():
    for ahead in (None, 0, 70, -70):
        asked = preflight.in_words({"answers": ANSWERS, "address": "https://api.example.com", "seconds_ahead": ahead})
        report = _report.build(facts(preflight=asked.lines, warnings=asked.warnings, check_mode=True))
        for form in (_html.html(report, CHINESE), _markdown.markdown(report, words=CHINESE)):
            assert "开始之前" in form and "可用：接受 AppID 和密钥" in form
            assert "没有接口能得知厂商是否已配置录制" in form
            # What the warnings say is not said again.
            assert form.count("没有说明 AppID 和密钥是否正确") == 1
        for line in asked.lines:
            assert not ENGLISH_WORDS.search(CHINESE.told(line)), line
    assert "开始之前" not in _html.html(_report.build(facts()), CHINESE)


def some_reports():
    yield _report.build(with_files(facts(entry=frozen("stage-2")), "lobby-1"))
    yield _report.build(with_files(facts(entry=absent({"stage-1": "Tencent"}))))
    yield _report.build(facts(check_mode=True, fail_on=[]))
    yield _report.build(facts(interrupted=True, steps=steps("discover", "recordings")))
    broken = facts(skip=["relays"], entry=frozen("arena-1"))
    broken["steps"][3]["error"] = "timed out"
    broken["results"]["rooms"] = {}
    yield _report.build(broken)
    known = with_files(facts())
    known["results"]["files"]["results"][0]["streams"][0].update(missing=True, whole=False)
    yield _report.build(known)


# What the events of the tests say in English themselves.
NAMES = ("Launch night", "Settle that with Tencent, then run again.")


@pytest.mark.parametrize("report", list(some_reports()))
def test_no_english_sentence_is_left_in_the_forms(report):
    page = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>|<[^>]*>", "\n", _html.html(report, CHINESE))
    text = _markdown.markdown(report, words=CHINESE)
    for shown in (page, text):
        for name in NAMES:
            shown = shown.replace(name, "")
        assert HAN.search(shown)
        assert [line for line in shown.splitlines() if ENGLISH_WORDS.search(line)] == []


def test_what_others_said_stays_as_it_is():
    for text in ("disk full", "Something else went wrong. Run it now.", "stage-1", "", "停止", "{vendor} {0}", "a } b"):
        assert CHINESE.told(text) == text == ENGLISH.told(text)
    assert CHINESE.told(None) == ""
    told = CHINESE.told("disk full. Run it again. And more. Check api_url.")
    assert told == "disk full. 请重新执行。And more. 请检查 api_url。"


@given(st.text(max_size=80), st.text(" .:;()'", max_size=20))
def test_any_message_is_told_and_none_is_lost(said, marks):
    message = f"Tencent answered X ({said}{marks}). Run it again."
    told = CHINESE.told(message)
    assert told.startswith("Tencent 应答 X（") or "answered X" in told
    assert told.endswith("请重新执行。") and " ".join(said.split()).strip(" .") in told
    for say in (CHINESE.told, CHINESE.listed, CHINESE.outcome):
        assert isinstance(say(said * 10), str)


@pytest.mark.parametrize(
    "text", ["a. " * 1_600, "a. " * 100_000, "Tencent answered " * 250, "Room a: " * 600, "x" * 4_000]
)
def test_a_message_that_is_no_end_of_sentences_ends(text):
    assert CHINESE.told(text) == text.strip()


def test_a_report_keeps_everything_that_a_program_reads():
    report = _report.build(with_files(facts(entry=frozen("stage-2")), "lobby-1"))
    written = repr(report)
    told = in_language(report, CHINESE)
    assert repr(report) == written, "the JSON report is made of the same data"
    assert in_language(report, ENGLISH) is report
    for key in ("totals", "outcomes", "vendors", "files", "event", "evidence"):
        assert told[key] == report[key]
    for stream, before in zip(told["streams"], report["streams"]):
        assert stream["outcome"] == before["outcome"]
    missing = [stream for stream in told["streams"] if stream.get("files_missing")]
    assert missing[0]["files_missing"]["message"].startswith("在等待时间内没有找到录制文件")
    assert [step["summary"] for step in told["timeline"]][0] == "1 个房间中有 2 条流，1 个已不存在"
