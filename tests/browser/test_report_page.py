# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a real browser: people can read, sort and filter it, and it runs no script but its own.

It has to work on a phone, in the dark, by keyboard, with a screen reader, and without JavaScript.
"""

from __future__ import annotations

import json

import pytest
from chromium import AXE
from events import FROZEN, facts, with_files
from pages import WHY, good_report, write, write_page
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from ansible_collections.zego.cloud.plugins.plugin_utils._forms import html as _html
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import junit as _junit
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import markdown as _markdown
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report

NASTY = (
    "<script>window.pwned=1</script>",
    "</code></table><img/src=x/onerror=window.pwned=1>",
    "\"'><svg/onload=window.pwned=1>",
    "</script><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "abc\u202edef",
    "zero\u200bwidth",
    "舞台-一",
    "a" * 256,
)
LOOKS = {"desktop": (1280, False), "desktop-dark": (1280, True), "phone": (390, False), "phone-dark": (390, True)}


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    return write(tmp_path_factory.mktemp("page") / "teardown.html")


@pytest.fixture(scope="session")
def nasty_page(tmp_path_factory):
    return write(tmp_path_factory.mktemp("nasty") / "teardown.html", NASTY, count=20, event=NASTY[0])


@pytest.fixture(scope="session")
def pages(page, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sizes")
    return {
        "few": write(folder / "few.html", count=5),
        "many": page,
        "chinese": write(folder / "chinese.html", count=5, language="zh"),
    }


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", ["few", "many"])
def test_it_fits_fetches_nothing_and_keeps_nobody_from_reading_it(browser, pages, size, look):
    """axe-core has nothing to say: contrast, names, roles, landmarks, headings, tables."""
    width, dark = LOOKS[look]
    browser.open(pages[size], width, dark=dark)
    assert browser.log() == []
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "it has to be scrolled sideways"
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(15, 20, 26)" if dark else "rgb(246, 247, 249)"
    )
    # The rows of many streams are like those of few, and take axe-core ten seconds: they stay folded. Only the
    # session report brings it.
    if AXE:
        violations, judged = browser.axe()
        assert violations == [] and judged > 50


def test_failures_come_first(browser, page):
    browser.open(page)
    kinds = browser.run("return [...document.querySelectorAll('#table tbody tr')].map(row => row.dataset.kind)")
    assert kinds == sorted(kinds, key=["failed", "changed", "unchanged"].index) and len(kinds) == 200
    headings = [element.text for element in browser.driver.find_elements("css selector", "main h2")]
    assert headings[:2] == ["Totals", "Failures"]
    first = browser.find(".failures > li:first-child").text
    assert WHY in first and "stage-1" in first
    browser.find(".failures > li:first-child summary").click()
    assert FROZEN["vendor_request_id"] in browser.find(".failures > li:first-child").text


def test_failures_are_told_once(browser, pages):
    browser.open(pages["few"])
    assert browser.run("return document.body.textContent.split(arguments[0]).length - 1", WHY) == 1
    row = browser.find("#table tbody tr.failed:first-child")
    assert "stage-1" in row.text and FROZEN["code"] in row.text and "settle" not in row.text
    row.find_element("css selector", ".why").click()
    target = browser.find(".failures > li:target")
    assert WHY in target.text and "stage-1" in target.text
    # Whoever looks for the reason finds the stream.
    browser.find("#find").send_keys("settle arrears")
    assert browser.shown() == ["stage-1"]


def test_only_failures_are_red(browser, pages):
    browser.open(pages["few"])
    codes = browser.run(
        "return [...document.querySelectorAll('.code')].map(code => [code.className, code.textContent])"
    )
    # A vendor's 200 or 0 says nothing.
    assert codes == [["code bad", FROZEN["code"]], ["code", "404"]]
    chips = [element.text for element in browser.driver.find_elements("css selector", ".outcome.failed")]
    # A stream whose file is missing was stopped nevertheless.
    assert chips == ["failed", "no file"]
    kinds = (
        "return [...document.querySelectorAll('#table tbody tr')].map(row => [row.className, "
        "!!row.querySelector('.failed, .bad')])"
    )
    assert browser.run(kinds) == [
        [kind, kind == "failed"] for kind in ("failed", "failed", "changed", "changed", "unchanged")
    ]


def test_what_is_short_comes_before_the_streams(browser, page):
    browser.open(page)
    ids = browser.run("return [...document.querySelectorAll('main h2')].map(heading => heading.id)")
    assert ids == ["totals", "failures", "timeline", "discovery", "relays", "rooms", "files", "vendors", "streams"]


@pytest.mark.parametrize("width", [1280, 390])
def test_many_streams_are_folded(browser, page, pages, tmp_path, width):
    """Two hundred streams of which all went well are less than four screens of a phone."""
    height = "return document.documentElement.scrollHeight"
    good = write_page(tmp_path / "good.html", good_report(200))
    browser.open(good, width)
    assert browser.run(height) < (2000 if width == 390 else 1500)
    browser.open(page, width)
    folded = browser.run(height)
    assert folded < (4000 if width == 390 else 3000)
    browser.find("#find").send_keys("stage")
    assert browser.find("#table").is_displayed() and browser.run(height) > folded + 2000
    browser.find("#find").clear()
    browser.find("#find").send_keys(" ")
    assert browser.run(height) < 28_000
    for count, is_folded in ((50, False), (51, True)):
        browser.open(write_page(tmp_path / f"{count}.html", good_report(count)), width)
        assert browser.find("#table").is_displayed() is not is_folded


def test_the_vendors_fit_a_phone(browser, page):
    browser.open(page, 390)
    left, right, height, name = browser.run(
        "const table = document.querySelector('.vendors'), box = table.getBoundingClientRect();"
        "return [box.left, box.right, table.tHead.offsetHeight, table.rows[2].cells[0].textContent]"
    )
    assert 16 <= left and right <= 374 and name == "Ws (Wangsu)"
    assert height < 40, "a heading is broken"


ZONES = {
    "Asia/Shanghai": ("2026-05-02 06:00:00 UTC+8", "06:00:10", "2026-05-02 04:00:00 to 06:00:12 UTC+8"),
    # Where that night has two dates.
    "Asia/Kolkata": ("2026-05-02 03:30:00 UTC+5:30", "03:30:10", "2026-05-02 01:30:00 to 03:30:12 UTC+5:30"),
    "Africa/Cairo": ("2026-05-02 01:00:00 UTC+3", "01:00:10", "2026-05-01 23:00:00 to 2026-05-02 01:00:12 UTC+3"),
    "America/St_Johns": ("2026-05-01 19:30:00 UTC\u22122:30", "19:30:10", "17:30:00 to 19:30:12 UTC\u22122:30"),
    "UTC": ("2026-05-01 22:00:00 UTC+0", "22:00:10", "2026-05-01 20:00:00 to 22:00:12 UTC+0"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_times_are_the_readers(browser, pages, zone):
    started, step, span = ZONES[zone]
    browser.set_zone(zone)
    try:
        browser.open(pages["few"])
        assert browser.find(".when time").text == started
        assert step in browser.find(".timeline > li:nth-child(2)").text
        assert span in browser.find("#table tbody tr:last-child").text
        assert started.split()[-1] in browser.find("#zone").text and browser.log() == []
    finally:
        browser.set_zone("")


def test_it_speaks_chinese(browser, pages):
    browser.open(pages["chinese"], 390)
    assert not AXE or browser.axe()[0] == []
    assert browser.run("return document.documentElement.lang") == "zh-CN"
    shown = browser.find("body").text
    for words in (
        "未全部完成 共 5 条流：3 条有变更，1 条无变更，1 条失败；另有 1 处失败",
        "Tencent 账号被封禁、停用或欠费：请先与 Tencent 解决，再重新执行。",
        "4 条流中有 3 条有文件",
        "Ws（网宿）",
        "时间为你所在的时区，UTC",
        "显示 5 / 5 条流",
    ):
        assert words in " ".join(shown.split()), words
    browser.find("#find").send_keys("欠费")
    assert browser.shown() == ["stage-1"] and browser.find("#shown").text == "显示 1 / 5 条流"
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_filters_leave_what_they_name(browser, page):
    browser.open(page)
    status = browser.find("#shown")
    assert status.text == "200 of 200 streams shown"
    browser.find("#find").send_keys("LOBBY-1")
    assert (
        set(browser.shown()) == {"lobby-1", *(f"lobby-{number}" for number in range(10, 20))}
        and status.text == "11 of 200 streams shown"
    )
    Select(browser.find("#kind")).select_by_visible_text("failed")
    assert set(browser.shown()) == {"lobby-1", "lobby-10", "lobby-19"}
    browser.find("#find").clear()
    browser.find("#find").send_keys("freezeservice")
    Select(browser.find("#vendor")).select_by_visible_text("Huawei")
    shown = browser.shown()
    assert shown and all(name.startswith("arena-") for name in shown) and "stage-1" not in shown
    browser.find("#find").send_keys(" nothing-like-this")
    assert browser.shown() == [] and status.text == "0 of 200 streams shown"


def test_columns_sort_both_ways_and_count_numbers_as_numbers(browser, page):
    browser.open(page)
    browser.unfold()
    unsorted = browser.shown()
    stream, vendor, outcome = browser.driver.find_elements("css selector", "#table thead button")
    stream.click()
    names = browser.shown()
    # 2 comes before 10.
    assert names.index("stage-2") < names.index("stage-10") and names[0] == "arena-1"
    head = browser.find("#table th[aria-sort]")
    assert head.get_attribute("aria-sort") == "ascending" and head.text.startswith("Stream")
    stream.click()
    assert (
        browser.shown() == names[::-1]
        and browser.find("#table th[aria-sort]").get_attribute("aria-sort") == "descending"
    )
    stream.click()
    assert browser.shown() == unsorted and not browser.driver.find_elements("css selector", "#table th[aria-sort]")
    vendor.click()
    assert browser.shown()[0].startswith("arena-") and browser.shown()[-1].startswith("lobby-")
    outcome.click()
    assert browser.run("return document.querySelector('#table tbody .outcome').textContent") == "already stopped"


def test_a_phone_can_sort_too(browser, page):
    browser.open(page, 390)
    browser.unfold()
    assert not browser.find("#table thead th:first-child button").rect["width"] > 300
    Select(browser.find("#sort")).select_by_visible_text("stream")
    assert browser.shown()[0] == "arena-1"
    Select(browser.find("#sort")).select_by_visible_text("failures first")
    assert browser.shown()[0].startswith("stage-")


def test_the_keyboard_reaches_everything(browser, page):
    browser.open(page)
    active = "return document.activeElement.textContent || document.activeElement.id"
    ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    assert browser.run(active) == "Skip to the report" and browser.find(".skip").rect["x"] > 0
    ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
    assert browser.run("return document.activeElement.id") == "main"
    browser.run("document.getElementById('vendor').focus()")
    ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    assert browser.run(active) == "Show all 200 streams"
    ActionChains(browser.driver).send_keys(Keys.ENTER, Keys.TAB).perform()
    assert browser.run(active) == "Stream"
    ActionChains(browser.driver).send_keys(Keys.SPACE).perform()
    assert browser.shown()[0] == "arena-1"
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_screen_reader_gets_names_states_and_headings(browser, pages, width):
    browser.open(pages["few"], width)
    nodes = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    found = [
        (node.get("role", {}).get("value"), node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored")
    ]
    roles = [role for role, _name in found]
    assert {"banner", "main", "contentinfo", "search", "status"} <= set(roles)
    assert ("table", "All streams, failures first") in found and roles.count("rowheader") == 5 + 3
    assert {name.strip() for role, name in found if role == "columnheader"} >= {
        "Stream",
        "Vendor",
        "Outcome",
        "What was said",
        "Files",
    }
    assert {name for role, name in found if role == "region"} >= {"Totals", "Failures", "Steps", "Streams"}
    unnamed = [
        (role, name) for role, name in found if role in ("link", "button", "searchbox", "combobox") and not name.strip()
    ]
    assert not unnamed and [name for role, name in found if role == "searchbox"] == ["Find"]
    links = [name for role, name in found if role == "link" and name.startswith("mp4")]
    assert len(links) == len(set(links)) == 4
    assert browser.run("return document.documentElement.lang") == "en"


def test_files_lie_on_a_time_axis(browser, pages):
    """Each recording has a bar with its cuts and its stop, as wide as its cell, and says the same in words."""
    browser.open(pages["few"])
    bars = browser.run(
        "return [...document.querySelectorAll('svg.cuts')].map(bar => ["
        " bar.parentNode.querySelector('small').textContent,"
        " bar.querySelectorAll('.cut').length, bar.querySelectorAll('.stop').length,"
        " bar.getBoundingClientRect().width])"
    )
    assert bars
    for label, cuts, stops, width in bars:
        assert label.startswith("1 file") and (cuts, stops) == (1, 1) and width > 50, label


def test_files_have_links(browser, page):
    browser.open(page)
    link = browser.run("return [...document.querySelectorAll('#table a')].map(a => [a.href, a.target, a.rel])")
    assert ["http://vod.example.com/stage-2.mp4", "_blank", "noopener noreferrer"] in link and not any(
        "stage-3.mp4" in entry[0] for entry in link
    )


def test_everything_shows_without_javascript(browser_without_javascript, page):
    browser = browser_without_javascript
    browser.open(page)
    assert not browser.find(".filters").is_displayed()
    assert len(browser.driver.find_elements("css selector", "#table tbody tr")) == 200
    assert (
        browser.find(".when time").text == "2026-05-01 22:00:00 UTC" and "Times are UTC" in browser.find("footer").text
    )
    assert not browser.find("#table").is_displayed()
    browser.find("#fold > summary").click()
    assert (
        "stage-1" in browser.find("#table tbody tr:first-child").text
        and FROZEN["code"] in browser.find("#table tbody tr:first-child").text
    )
    browser.find(".failures > li:first-child summary").click()
    assert FROZEN["request_id"] in browser.find(".failures > li:first-child").text


@pytest.mark.parametrize("width", [1280, 390])
def test_names_stay_text_whatever_they_hold(browser, nasty_page, width):
    browser.open(nasty_page, width)
    assert browser.log() == [] and browser.run("return window.pwned === undefined")
    shown = browser.shown()
    assert {NASTY[0], NASTY[1], NASTY[2], "abc[U+202E]def", "zero[U+200B]width", "舞台-一", "a" * 256} <= set(shown)
    assert browser.find("h1").text == NASTY[0]
    assert (
        browser.run("return document.querySelectorAll('img, svg:not(.bar):not(.cuts):not(.share), script').length") == 1
    )
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), (
        "a long name makes it wider than the window"
    )


def test_a_script_that_gets_in_all_the_same_does_not_run(browser, page, tmp_path):
    text = page.read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        text.replace("<h1>", "<h1><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"),
        encoding="utf-8",
    )
    browser.open(broken)
    assert browser.run("return window.pwned === undefined")
    assert any("Content Security Policy" in message for message in browser.log())
    # The page's own script still does its work.
    assert browser.find("#shown").text == "200 of 200 streams shown"


def test_a_good_night_and_check_mode_look_like_themselves(browser, tmp_path):
    for name, report in (
        ("good", _report.build(with_files(facts()))),
        ("check", _report.build(facts(check_mode=True))),
    ):
        path = tmp_path / f"{name}.html"
        path.write_text(_html.html(report), encoding="utf-8")
        browser.open(path, 390, dark=True)
        assert browser.log() == [] and not browser.driver.find_elements("css selector", "#failures")
        assert ("nothing was changed" in browser.find("header").text) is (name == "check")
        assert json.loads(json.dumps(report)) == report and _junit.junit(report) and _markdown.markdown(report)
