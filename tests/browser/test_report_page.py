# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a real browser: people can read, sort and filter it, and it runs no script but its own.

It has to work on a phone, in the dark, by keyboard, with a screen reader, and without JavaScript.
"""

from __future__ import annotations

import json

import pytest
from events import FROZEN, facts, stopped, with_files
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


def _numbered(name, count):
    return [f"{name}-{number}" for number in range(1, count + 1)]


def _write(path, names=(), count=200, **more):
    """Write the page of an event with about ``count`` streams; return its path.

    Every ninth stream failed, and so did further streams with these ``names``.
    """
    streams = {
        "Tencent": _numbered("stage", count // 2 - 1),
        "Ws": _numbered("lobby", count // 4 + 1),
        "Huawei": _numbered("arena", count // 4),
    }
    bad = {name for group in streams.values() for name in group[::9]}
    event = {
        "streams": streams,
        "vendor": "Huawei",
        "discover_rooms": ["main", "back"],
        "close_rooms": ["main", "back"],
    }
    event["relays"] = [{"stream_id": "stage-1", "cdn_url": "rtmp://push.example.com/live/KEY"}]

    def entry(name):
        if name in bad or name in names:
            return {"stream_id": name, **FROZEN, **({"message": name, "code": name} if name in names else {})}
        return stopped(name, changed=name[-1] != "4", outcome="already_stopped" if name[-1] == "4" else "stopped")

    known = facts(event, [])
    known["plan"]["recordings"][0]["streams"] += list(names)
    known["results"]["recordings"]["results"] = items = []
    for group in known["plan"]["recordings"]:
        entries = [entry(name) for name in group["streams"]]
        items.append({"__zego_teardown_group": group, "streams": entries})
    known = with_files(known, "stage-3")
    known.update(more)
    report = _report.build(known)
    path.write_text(_html.html(report), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    return _write(tmp_path_factory.mktemp("page") / "teardown.html")


@pytest.fixture(scope="session")
def nasty_page(tmp_path_factory):
    return _write(tmp_path_factory.mktemp("nasty") / "teardown.html", NASTY, count=20, event=NASTY[0])


@pytest.mark.parametrize("look", LOOKS)
def test_it_fits_and_fetches_nothing(browser, page, look):
    width, dark = LOOKS[look]
    browser.open(page, width, dark=dark)
    assert browser.picture(look).stat().st_size > 20_000
    assert browser.log() == []
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "it has to be scrolled sideways"
    browser.run("document.getElementById('timeline').scrollIntoView()")
    browser.picture(f"{look}-streams")


# Effective colours of every element that has text of its own, as a reader sees them.
CONTRAST = """
const parts = colour => colour.match(/[0-9.]+/g).map(Number);
const linear = value => value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
const light = colour => colour.slice(0, 3)
  .reduce((sum, value, i) => sum + linear(value / 255) * [.2126, .7152, .0722][i], 0);
const behind = node => {
  for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const ratio = node => {
  const [one, other] = [light(parts(getComputedStyle(node).color)), light(behind(node))];
  return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
};
const read = [...document.querySelectorAll('body *')].filter(node => node.checkVisibility()
  && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())
  && !['SCRIPT', 'STYLE', 'OPTION'].includes(node.tagName));
return [read.length, read.map(node => [ratio(node), node.outerHTML.slice(0, 80)]).filter(pair => pair[0] < 4.5)];
"""


@pytest.mark.parametrize("look", LOOKS)
def test_text_has_enough_contrast(browser, page, look):
    width, dark = LOOKS[look]
    browser.open(page, width, dark=dark)
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(15, 20, 26)" if dark else "rgb(246, 247, 249)"
    )
    count, poor = browser.run(CONTRAST)
    assert poor == [] and count > 1000


def test_failures_come_first(browser, page):
    browser.open(page)
    kinds = browser.run("return [...document.querySelectorAll('#table tbody tr')].map(row => row.dataset.kind)")
    assert kinds == sorted(kinds, key=["failed", "changed", "unchanged"].index) and len(kinds) == 200
    headings = [element.text for element in browser.driver.find_elements("css selector", "main h2")]
    assert headings[:2] == ["Totals", "Failures"]
    first = browser.find(".failures > li:first-child").text
    assert FROZEN["code"] in first and FROZEN["message"] in first and "stage-1" in first
    browser.find(".failures > li:first-child summary").click()
    assert FROZEN["vendor_request_id"] in browser.find(".failures > li:first-child").text


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
    assert browser.run(active) == "Stream"
    ActionChains(browser.driver).send_keys(Keys.SPACE).perform()
    assert browser.shown()[0] == "arena-1"
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_screen_reader_gets_names_states_and_headings(browser, page, width):
    browser.open(page, width)
    nodes = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    found = [
        (node.get("role", {}).get("value"), node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored")
    ]
    roles = [role for role, _name in found]
    assert {"banner", "main", "contentinfo", "search", "status"} <= set(roles)
    assert ("table", "All streams, failures first") in found and roles.count("rowheader") == 200 + 3
    assert {name.strip() for role, name in found if role == "columnheader"} >= {
        "Stream",
        "Vendor",
        "Outcome",
        "What was said",
        "Files",
    }
    assert {name for role, name in found if role == "region"} >= {"Totals", "Failures", "Timeline", "Streams"}
    unnamed = [
        (role, name) for role, name in found if role in ("link", "button", "searchbox", "combobox") and not name.strip()
    ]
    assert not unnamed and [name for role, name in found if role == "searchbox"] == ["Find"]
    links = [name for role, name in found if role == "link" and name.startswith("mp4")]
    assert len(links) == len(set(links)) > 100
    assert browser.run("return document.documentElement.lang") == "en"


def test_files_lie_on_a_time_axis(browser, page):
    """Each recording has a bar with its cuts and its stop, as wide as its cell, and says the same in words."""
    bars = browser.run(
        "return [...document.querySelectorAll('svg.cuts')].map(bar => [bar.getAttribute('aria-label'),"
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
    assert browser.run("return document.querySelectorAll('img, svg:not(.bar):not(.cuts), script').length") == 1
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), (
        "a long name makes it wider than the window"
    )
    browser.picture(f"nasty-{width}")


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
        browser.picture(name)
        assert json.loads(json.dumps(report)) == report and _junit.junit(report) and _markdown.markdown(report)
