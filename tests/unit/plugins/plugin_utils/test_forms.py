# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's forms show whatever a name or a message holds, and let it do nothing else."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

sys.path.insert(0, str(Path(__file__).resolve().parent))

from events import FROZEN, KEY, absent, done, facts, frozen, stopped, with_files  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils import _text
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import console as _console
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import html as _html
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import junit as _junit
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import markdown as _markdown
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.recordings import recording_line
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report

NASTY = (
    "<script>alert(1)</script>",
    "</code><img src=x onerror=alert(1)>",
    "</style></script><!--",
    '" onmouseover="alert(1)',
    "a|b",
    "a\\|b",
    "``a```b`",
    "`",
    "@team",
    "[a](http://evil.example.com)",
    "www.evil.example.com",
    "https://evil.example.com/x",
    "# heading",
    "* item",
    "- item",
    "1. item",
    "---",
    "===",
    "&lt;b&gt;&amp;",
    "{{ 7 * 7 }}",
    "evil\u202egnp.exe",
    "zero\u200bwidth",
    "bell\x07",
    "line\nbreak",
    "\ud800lone",
    "\ufffe",
    "]]>",
    "舞台-一",
    "stage 🎤",
)
TEXTS = st.sampled_from(NASTY) | st.text(max_size=20) | st.text("<>&\"'`|\\*_[]()#@:/.-!~ \n\u202e\u2028", max_size=20)


def report_of(names, message="", code="", *, event="night"):
    """Return a report in which streams of these names failed with this message and code.

    Nothing checks the names: the report has to take whatever comes.
    """
    known = facts({"streams": {"Ws": ["x"]}}, [])
    known["event"] = event
    known["plan"]["recordings"][0]["streams"] = list(names)
    entries = [
        {
            "stream_id": name,
            **FROZEN,
            "message": message,
            "code": code,
            "request_id": message,
            "vendor_request_id": code,
        }
        for name in names
    ]
    known["results"]["recordings"]["results"][0].update(
        {"streams": entries, "__zego_teardown_group": known["plan"]["recordings"][0]}
    )
    return _report.build(known)


class Page(HTMLParser):
    """Collects the tags, attributes and texts of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.attributes = []
        self.texts = []
        self._inside = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside not in ("style", "script"):
            self.texts.append(data)


def shape(page):
    """Return what must not depend on names: the elements, and the attributes without their values."""
    return page.tags, [(tag, name) for tag, name, _value in page.attributes]


# Text


@pytest.mark.parametrize(
    "given_url,link",
    [
        ("http://vod.example.com/a.mp4", "http://vod.example.com/a.mp4"),
        ("https://crew:pass@vod.example.com:8443/a b.mp4?sign=x#y", "https://vod.example.com:8443/a%20b.mp4"),
        ("https://vod.example.com/\"'<>()|&@", "https://vod.example.com/%22%27%3C%3E%28%29%7C%26%40"),
        ("http://[::1]/a", "http://[::1]/a"),
        ("https://例え.example/録画.mp4", "https://xn--r8jz45g.example/%E9%8C%B2%E7%94%BB.mp4"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//vod.example.com/a", ""),
        ("rtmp://vod.example.com/a", ""),
        ("http://", ""),
        ("http://[", ""),
        ("http://a:b:c/", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_http_addresses_become_links(given_url, link):
    assert _text.safe_link(given_url) == link


@given(st.text(max_size=30).map(lambda text: "http://" + text) | st.text(max_size=30))
def test_a_link_is_an_http_address_and_nothing_else(url):
    link = _text.safe_link(url)
    assert link == "" or re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_%-]+(/[A-Za-z0-9/%:$+,;=~._-]*)?", link), link
    assert _text.safe_link(link) == link


@given(TEXTS)
def test_visible_text_is_printable_and_says_what_was_there(text):
    shown = _text.visible(text)
    assert all(char.isprintable() or char == "\u3000" or not char.isascii() for char in shown)
    assert not set(shown) & set("\u202e\u200b\x07\n\ud800\ufffe\u2028")
    back = re.sub(r"\[U\+([0-9A-F]{4,6})\]", lambda found: chr(int(found[1], 16)), shown)
    assert back == text or "[U+" in text
    shown.encode("utf-8")


def test_times_and_sizes_are_written_for_people():
    durations = {
        0: "0.0 s",
        9.96: "10.0 s",
        12.4: "12 s",
        65: "1 min 05 s",
        7440: "2 h 04 min",
        None: "",
        -1: "",
        "x": "",
    }
    assert {value: _text.duration(value) for value in durations} == durations
    sizes = {
        0: "0 B",
        999: "999 B",
        1500: "1.5 kB",
        2_239_086: "2.2 MB",
        5e12: "5.0 TB",
        5e15: "5000 TB",
        None: "",
        "x": "",
    }
    assert {value: _text.size(value) for value in sizes} == sizes and _text.size(True) == ""
    assert _text.seconds_between("2026-05-01T22:00:00Z", "2026-05-01T22:01:00.5Z") == 60.5
    assert _text.seconds_between("x", "2026-05-01T22:01:00Z") is None and _text.seconds_between(None, None) is None
    # Nobody knows how far a time without a zone is from one with a zone.
    assert _text.seconds_between("2026-05-01T22:00:00", "2026-05-01T22:01:00Z") is None
    assert _text.seconds_between("2026-05-01T22:00:00", "2026-05-01T22:01:00") == 60.0


# JUnit


def test_junit_has_one_case_a_stream():
    report = _report.build(with_files(facts(entry=frozen("stage-2")), "lobby-1"))
    root = ElementTree.fromstring(_junit.junit(report))
    assert [suite.get("name") for suite in root] == [
        "Tencent",
        "Ws",
        "Aliyun",
        "Huawei",
        "Find the streams of the rooms",
        "Stop the relays",
        "Close the rooms",
    ]
    streams = [case.get("name") for suite in list(root)[:4] for case in suite]
    assert streams == ["stage-1", "stage-2", "lobby-1", "studio-1", "arena-1"]
    failure = root.find(".//testcase[@name='stage-2']/failure")
    assert failure.get("type") == FROZEN["code"] and failure.get("message") == FROZEN["message"]
    assert FROZEN["request_id"] in failure.text and FROZEN["vendor_request_id"] in failure.text
    assert root.find(".//testcase[@name='lobby-1']/failure").get("message").startswith("No recorded file")
    assert root.find(".//testcase[@name='stage-1']/failure") is None
    assert (root.get("tests"), root.get("failures")) == ("10", "2") and {suite.get("skipped") for suite in root} == {
        "0"
    }
    assert "http://vod.example.com/stage-1.mp4" in root.find(".//testcase[@name='stage-1']/system-out").text


def test_junit_skips_what_does_not_count_and_what_check_mode_left_out():
    passed = ElementTree.fromstring(_junit.junit(_report.build(facts(entry=frozen("stage-2"), fail_on=[]))))
    assert (
        passed.get("failures") == "0"
        and "does not count" in passed.find(".//testcase[@name='stage-2']/system-out").text
    )
    checked = ElementTree.fromstring(_junit.junit(_report.build(facts(check_mode=True))))
    assert sum(int(suite.get("skipped")) for suite in checked) == int(checked.get("tests")) > 0
    assert "stopped is what would happen" in checked.find(".//testcase[@name='stage-1']/skipped").get("message")


def test_junit_has_an_error_for_a_step_that_broke():
    known = facts()
    known["steps"][2]["error"] = "timed out"
    root = ElementTree.fromstring(_junit.junit(_report.build(known)))
    assert (
        root.find("./testsuite[@name='Steps']/testcase[@name='Stop the relays']/failure").get("message") == "timed out"
    )


@given(st.lists(TEXTS, min_size=1, max_size=3, unique=True), TEXTS, TEXTS, TEXTS)
def test_junit_is_xml_whatever_it_holds(names, message, code, event):
    root = ElementTree.fromstring(_junit.junit(report_of(names, message, code, event=event)).encode("utf-8"))
    shown = [case.get("name") for case in root.iter("testcase")]
    assert shown[: len(names)] == [_broken_up(_text.visible(name)) for name in names]
    assert root.find("./testsuite/testcase/failure").get("message") == _broken_up(_text.prose(message))


def _broken_up(text):
    while "[[" in text:
        text = text.replace("[[", "[ [")
    return text


def test_junit_attaches_no_file_that_a_vendor_or_a_stream_names():
    attachment = "[[ATTACHMENT|/etc/passwd]]"
    report = report_of([attachment, f"[{attachment}"], f"no such stream {attachment}", attachment, event=attachment)
    text = _junit.junit(report)
    assert "[[" not in text and text.count("[ [ATTACHMENT|/etc/passwd]]") >= 4


@pytest.mark.parametrize("command", ["::error::x", "::stop-commands::x", "##[error]x", "##vso[task.complete]x"])
def test_the_console_shows_no_command_of_a_runner(command):
    console = _console.console(report_of([command], f"no such stream: {command}", "x", event=command))
    for line in [*console["lines"], console["failure"]]:
        assert "::" not in line and "##" not in line
    assert len(console["lines"]) > 2 and "x" in console["failure"]


# Jenkins' junit-10.xsd.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": set(
        "name tests failures errors group time skipped timestamp hostname id package file log url version".split()
    ),
    "testcase": {"name", "classname", "time", "assertions", "status", "class", "file", "line"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}


def test_junit_has_only_what_jenkins_knows():
    broken = facts(entry=frozen("stage-2"))
    broken["steps"][2]["error"] = "timed out"
    for known in (facts(), facts(check_mode=True), with_files(facts(), "lobby-1"), broken):
        for element in ElementTree.fromstring(_junit.junit(_report.build(known))).iter():
            assert set(element.attrib) <= ATTRIBUTES[element.tag], element.tag


def relays_of(*outcomes):
    """Return the report of relays of one stream that differ only in their keys."""
    relays = [
        {"stream_id": "a", "cdn_url": f"rtmp://push.example.com/live/{KEY}-{number}"} for number in range(len(outcomes))
    ]
    known = facts({"relays": relays}, [])
    told = {
        "failed": {**FROZEN, "message": "why"},
        "not_attempted": {**FROZEN, "outcome": "not_attempted", "message": "ended"},
        "removed": done("removed"),
    }
    known["results"]["relays"] = {
        "relays": [{"stream_id": "a", "cdn": "rtmp://push.example.com", **told[outcome]} for outcome in outcomes]
    }
    return _report.build(known)


@pytest.mark.parametrize(
    "outcomes",
    [("removed", "failed"), ("failed", "removed"), ("failed", "failed"), ("not_attempted", "removed", "failed")],
)
def test_junit_blames_the_relay_that_failed(outcomes):
    root = ElementTree.fromstring(_junit.junit(relays_of(*outcomes)))
    said = [
        None if case.find("failure") is None else case.find("failure").get("message") for case in root.iter("testcase")
    ]
    assert said == [{"failed": "why", "not_attempted": "ended", "removed": None}[outcome] for outcome in outcomes]
    assert root.get("failures") == str(len(outcomes) - outcomes.count("removed")) and KEY not in ElementTree.tostring(
        root, encoding="unicode"
    )
    plain = "a -> rtmp://push.example.com"
    assert [case.get("name") for case in root.iter("testcase")] == [plain, f"{plain} (2)", f"{plain} (3)"][
        : len(outcomes)
    ]


def test_junit_tells_streams_of_one_name_apart():
    found = [{"stream_id": "a\tb", "room_id": room} for room in ("main", "back")]
    studio = [{"stream_id": "s", "domain": f"{name}.example.com", "point": "live"} for name in ("pull", "push")]
    report = _report.build(
        facts({"streams": {"Aliyun": studio}, "discover_rooms": ["main", "back"], "vendor": "Ws"}, found)
    )
    root = ElementTree.fromstring(_junit.junit(report))
    cases = {case.get("name"): case for suite in list(root)[:2] for case in suite}
    assert set(cases) == {
        "a[U+0009]b (in room main)",
        "a[U+0009]b (in room back)",
        "s (pull.example.com/live)",
        "s (push.example.com/live)",
    }
    assert [name for name, case in cases.items() if case.find("failure") is not None] == [
        "a[U+0009]b (in room main)",
        "a[U+0009]b (in room back)",
    ]
    assert root.get("failures") == "2"


ODD = st.sampled_from(["a", "a b", "a b (2)", "a b (in room main)", "b"])


@given(
    st.lists(st.sampled_from(["removed", "failed", "not_attempted"]), max_size=4),
    st.lists(st.tuples(ODD, st.sampled_from(["main", "back"])), max_size=5),
    st.sets(st.sampled_from(["a", "b", "stage-1"])),
    st.sets(st.sampled_from(["discover", "recordings", "relays", "rooms", "files"])),
    st.sampled_from([None, "timed out"]),
)
def test_junit_has_each_failure_once(relays, rooms, bad, fail_on, error):
    found = [{"stream_id": name, "room_id": room} for name, room in rooms]
    event = {
        "streams": {"Tencent": ["stage-1"]},
        "discover_rooms": ["main", "back"],
        "vendor": "Ws",
        "relays": [],
        "close_rooms": ["main"],
    }
    known = with_files(facts(event, found, frozen(*bad)), "a", "stage-1")
    known["fail_on"], known["steps"][3]["error"] = fail_on, error
    report = _report.build(known)
    other = relays_of(*relays) if relays else {"relays": [], "failures": []}
    report["relays"] = other["relays"]
    report["failures"] += [{**failure, "counts": "relays" in fail_on} for failure in other["failures"]]
    root = ElementTree.fromstring(_junit.junit(report))
    counted = [failure["message"] for failure in report["failures"] if failure["counts"]]
    assert sorted(failure.get("message") for failure in root.iter("failure")) == sorted(map(_text.prose, counted))
    assert root.get("failures") == str(len(counted))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names))


# Markdown


def _rendered(text):
    return Page(MarkdownIt("gfm-like", {"html": True}).render(text))


def test_markdown_says_what_failed_first():
    text = _markdown.markdown(_report.build(with_files(facts(entry=frozen("stage-2")))))
    assert text.startswith("# ❌ Teardown of `Launch night`\n") and text.index("## Failures") < text.index(
        "## Steps"
    ) < text.index("<details>")
    for wanted in (
        "`stage-2`",
        f"`{FROZEN['code']}`",
        FROZEN["request_id"],
        "[mp4](http://vod.example.com/stage-1.mp4) 2.0 MB",
        "rtmp://push.example.com",
    ):
        assert wanted in text
    page = _rendered(text)
    assert (
        page.tags.count("tr") == 1 + 5 + 1 + 5
        and ("a", "href", "http://vod.example.com/stage-1.mp4") in page.attributes
    )


@pytest.mark.parametrize("text", NASTY)
def test_free_text_becomes_no_mention_link_or_markup(text):
    for before, after in (("before ", " after"), ("", "")):
        page = _rendered(f"{before}{_markdown.escape(text)}{after}")
        assert page.tags == ["p"], page.tags
        shown = "".join(page.texts)
        assert (
            not re.search(r"@\w", shown)
            and shown.replace("\u200b", "").split() == f"{before}{_text.prose(text)}{after}".split()
        )


@given(st.lists(TEXTS.filter(lambda name: name.strip()), min_size=1, max_size=3, unique=True), TEXTS, TEXTS, TEXTS)
def test_markdown_shows_names_and_nothing_else(names, message, code, event):
    page = _rendered(_markdown.markdown(report_of(names, message, code, event=event)))
    allowed = {
        "h1",
        "h2",
        "p",
        "ul",
        "li",
        "strong",
        "em",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "blockquote",
    }
    assert set(page.tags) <= allowed, set(page.tags) - allowed
    assert page.tags.count("li") == 1, "one cause, one item: no message begins a list of its own"
    # One row for each stream, with as many cells as the table has: no name ends one early.
    assert page.tags.count("td") == 5 * 3 + len(names) * 4
    shown = "".join(page.texts)
    for name in names:
        assert " ".join(_text.visible(name).replace("\\|", "\\[U+007C]").split()) in " ".join(shown.split())


def test_markdown_keeps_below_what_github_takes():
    many = [f"stage-{number}-" + "x" * 200 for number in range(2000)]
    report = report_of(many)
    for number, failure in enumerate(report["failures"]):
        failure["message"] = f"another cause {number} " + "y" * 300
    text = _markdown.markdown(report)
    assert (
        len(text.encode("utf-8")) < 1_000_000
        and "more causes are in the JSON report" in text
        and "more are in the JSON report" in text
    )
    _rendered(text)


def test_the_console_and_the_failure_get_one_text():
    said = _console.console(_report.build(facts(entry=frozen("stage-1", "stage-2"))))
    assert said["lines"][0] == "Launch night: 3 changed, 0 unchanged, 2 failed of 5 streams."
    assert f"FAILED (Stop the recordings, Tencent) stage-1, stage-2: {FROZEN['message']}" in said["lines"]
    assert (
        said["failure"].endswith(f"stage-1, stage-2 at Tencent: {FROZEN['message']}")
        and "Launch night" in said["failure"]
    )
    assert _console.console(_report.build(facts()))["failure"] == ""
    assert _console.console(_report.build(facts(entry=frozen("stage-1"), fail_on=[])))["failure"] == ""
    assert "would change 5 of 5" in _console.console(_report.build(facts(check_mode=True)))["lines"][0]


def test_a_failure_that_hits_everything_is_not_a_flood():
    said = _console.console(report_of([f"stage-{number}" for number in range(5000)], "the same cause"))
    assert "and 4980 more at Ws: the same cause" in said["failure"] and len(said["failure"]) < 2000


# The recordings


GAP = {"from": "2026-05-01T21:10:00Z", "to": "2026-05-01T21:12:30Z", "seconds": 150.0}
LINE = "2 files, 2026-05-01 20:00:00 to 22:00:12 UTC (2 h 00 min)"


def with_recording(**more):
    """Return a report in which stage-1 has two files."""
    known = with_files(facts())
    result = known["results"]["files"]["results"][0]
    found = {"recorded_from": "2026-05-01T20:00:00Z", "recorded_to": "2026-05-01T22:00:12Z", "duration": 7200.0}
    result["streams"][0] = {"stream_id": "stage-1", "failed": False, "missing": False, **found, **more}
    result["files"].append({"stream_id": "stage-1", "name": "2.mp4", "format": "mp4", "url": "http://v.example/2.mp4"})
    return _report.build(known)


def test_the_forms_say_how_many_files_there_are_and_from_when_to_when():
    report = with_recording(whole=True, stopped_at="2026-05-01T22:00:04Z", gaps=[GAP])
    line = f"{LINE}; a gap of 2 min 30 s from 21:10:00; whole"
    assert line in "".join(Page(_html.html(report)).texts)
    assert line in _markdown.markdown(report).replace("\\", "")
    case = ElementTree.fromstring(_junit.junit(report)).find(".//testcase[@name='stage-1']")
    assert f"recording: {line}" in case.find("system-out").text and case.find("failure") is None


def test_the_forms_say_what_is_not_whole_and_what_nobody_knows():
    report = with_recording(whole=False, missing=True, stopped_at="2026-05-01T23:30:00Z", gaps=[GAP] * 5)
    line = f"{LINE}{'; a gap of 2 min 30 s from 21:10:00' * 3}; 2 more gaps; not whole: it was stopped at 23:30:00"
    page = " ".join("".join(Page(_html.html(report)).texts).split())
    assert line in page and "not whole" in page and "no file" not in page
    assert page.index("stage-1") < page.index("stage-2")
    case = ElementTree.fromstring(_junit.junit(report)).find(".//testcase[@name='stage-1']")
    assert case.find("failure").get("message").startswith("The recording is not whole")
    assert "1 not whole" in _markdown.markdown(report)
    assert f"{LINE}; nobody knows when it was stopped" in _markdown.markdown(with_recording()).replace("\\", "")


def test_a_recording_of_which_little_is_known_is_told_all_the_same():
    entry = {"files": [{"name": "a"}], "recording": {"whole": True}}
    assert recording_line(entry) == "1 file; whole"
    night = {"recorded_from": "2026-05-01T23:59:00Z", "recorded_to": "2026-05-02T00:01:00Z"}
    span = "2026-05-01 23:59:00 to 2026-05-02 00:01:00 UTC"
    assert (
        recording_line({**entry, "recording": night}) == f"1 file, made from {span}; nobody knows when it was stopped"
    )
    long = {**night, "duration": 120.0}
    assert recording_line({**entry, "recording": long}).startswith(f"1 file, {span} (2 min 00 s); ")
    # At Ws and Huawei a file has one time. It says when it was made, and not from when to when it is.
    made = {"recorded_from": night["recorded_to"], "recorded_to": night["recorded_to"], "whole": True}
    assert recording_line({**entry, "recording": made}) == "1 file, made at 2026-05-02 00:01:00 UTC; whole"
    assert recording_line({"files": [], "recording": night}) == recording_line({"files": [{}]}) == ""


# HTML


def test_each_form_says_what_only_a_vendor_tells_of():
    words = "not recording, according to Tencent"
    report = _report.build(facts(entry=absent({"stage-1": "Tencent"})))
    page, lines = _html.html(report), _console.console_lines(report)
    assert "<b>4</b> stopped before</li>" in page and f"<b>1</b> {words}</li>" in page
    assert page.count(">not recording</span>") == 1 and page.count(">already stopped</span>") == 4
    assert lines[0].endswith(f"5 unchanged, 0 failed of 5 streams; 1 {words}.")
    assert f"4 already stopped; 1 {words}" in lines[2]
    rows = [line for line in _markdown.markdown(report).splitlines() if line.startswith("| `")]
    assert [words in row for row in rows].count(True) == 1 and rows[0].startswith("| `stage-1`") and words in rows[0]
    outputs = [case.text for case in ElementTree.fromstring(_junit.junit(report)).iter("system-out")]
    assert [f"already_stopped: {words}" in text for text in outputs].count(True) == 1


def test_no_form_says_so_where_all_is_remembered():
    report = _report.build(facts(entry=absent({})))
    forms = [_html.html(report), _markdown.markdown(report), _junit.junit(report), str(_console.console(report))]
    assert not any("according to" in form for form in forms)


def test_html_shows_everything():
    page = Page(_html.html(_report.build(with_files(facts(entry=frozen("stage-2")), "lobby-1"))))
    text = " ".join(" ".join(page.texts).split())
    for wanted in (
        "Launch night",
        "Not complete",
        "Failures",
        FROZEN["code"],
        FROZEN["message"],
        FROZEN["request_id"],
        "rtmp://push.example.com",
        "closed",
    ):
        assert wanted in text, wanted
    assert "room main" in text
    assert text.index("stage-2") < text.index("stage-1")
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert "http://vod.example.com/stage-1.mp4" in links
    assert all(("a", "rel", "noopener noreferrer") in page.attributes for link in links if link.startswith("http"))


def test_html_fetches_nothing_and_lets_nothing_else_run():
    text = _html.html(_report.build(with_files(facts(entry=frozen("stage-2")))))
    page = Page(text)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"} & set(page.tags)
    assert not [
        name for _tag, name, _value in page.attributes if name.startswith("on") or name in ("src", "style", "srcset")
    ]
    (policy,) = [value for tag, name, value in page.attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert KEY not in text and text.count("<script>") == 1 and "url(" not in text and "@import" not in text


def test_html_escapes_the_name_of_a_stream():
    text = _html.html(report_of(["<b>stage</b>"], "<b>why</b>", PLAIN, event="<b>night</b>"))
    assert "<b>stage" not in text and "&lt;b&gt;stage&lt;/b&gt;" in text
    assert "<b>why" not in text and "<b>night" not in text


def test_html_says_of_a_good_night_and_of_check_mode_what_they_were():
    good = Page(_html.html(_report.build(facts())))
    assert " All done" in good.texts and "Failures" not in good.texts
    rehearsal = _html.html(_report.build(facts(check_mode=True)))
    checked = " ".join(Page(rehearsal).texts)
    assert "check mode, nothing was changed" in checked and "would be stopped" in checked
    # Nothing may look stopped that was not.
    outcomes = re.findall('<span class="outcome changed">([^<]*)', rehearsal)
    assert set(outcomes) == {"expected: stopped", "expected: removed", "expected: closed"}


PLAIN = "plain"


@given(
    st.lists(TEXTS, min_size=1, max_size=3, unique=True),
    TEXTS.filter(lambda text: text.strip()),
    TEXTS.filter(lambda text: text.strip()),
    TEXTS,
)
def test_html_has_the_same_shape_whatever_it_holds(names, message, code, event):
    # A code that the message names is not shown beside it.
    assume(code not in message)
    text = _html.html(report_of(names, message, code, event=event or "x"))
    text.encode("utf-8")
    page = Page(text)
    plain = Page(_html.html(report_of([f"{PLAIN}{number}" for number in range(len(names))], PLAIN, "7", event=PLAIN)))
    assert shape(page) == shape(plain)
    shown = "".join(page.texts)
    assert all(_text.visible(name) in shown for name in names) and _text.prose(message) in shown


def test_nothing_shows_more_than_the_name_of_a_stopped_stream():
    report = _report.build(facts(entry=lambda name: stopped(name, files=[{"format": "mp4", "persistent_id": "p1"}])))
    assert report["streams"][0]["announced"] == [{"format": "mp4", "persistent_id": "p1"}]
    assert _html.html(report) and _markdown.markdown(report) and _junit.junit(report)
