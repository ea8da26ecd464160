# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input that is refused before anything is sent."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import quick


def order(**changes):
    return dict({"vendor": "Tencent", "state": "stopped", "domain": None, "point": None, "end_time": None}, **changes)


def numbers(**changes):
    return dict({"timeout": 10.0, "retries": 0, "app_id": 1}, **changes)


@pytest.mark.parametrize("names", [["a"], ["x" * 256], ["é" * 128], ["A-z_0"], ["a+b/c&d=e%"]])
def test_good_streams(names):
    assert _validation.check_names("streams", names) == names


def test_duplicates_collapse_in_order():
    assert _validation.check_names("streams", ["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


@pytest.mark.parametrize(
    "bad", ["", " ", "a b", "a\n", "\ta", "a\x00", "\x7f", "a\u00a0b", "a\u2028", "x" * 257, "é" * 129, "\ud800"]
)
def test_bad_streams(bad):
    with pytest.raises(ValueError) as caught:
        _validation.check_names("streams", ["good", bad])
    assert "entry 2" in str(caught.value) and str(caught.value).isprintable()
    with pytest.raises(ValueError):
        _validation.check_names("streams", [])


@quick(200)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_streams_pass_or_are_refused_in_words(names):
    try:
        checked = _validation.check_names("streams", names)
    except ValueError as error:
        assert str(error)
    else:
        assert checked == sorted(set(names), key=names.index)
        assert not any(char.isspace() for name in checked for char in name)


@pytest.mark.parametrize(
    "changes",
    [{}, {"vendor": "Aliyun", "domain": "d", "point": "p"}, {"state": "started", "end_time": int(time.time()) + 3600}],
)
def test_good_orders(changes):
    _validation.check_order(order(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": "d"},
        {"vendor": "Ws", "point": "p"},
        {"vendor": "Aliyun", "domain": ""},
        {"vendor": "Aliyun", "point": "a b"},
        {"end_time": int(time.time()) + 60},
        {"vendor": "Huawei", "state": "started", "end_time": int(time.time()) + 60},
        {"state": "started", "end_time": int(time.time()) - 1},
        {"state": "started", "end_time": 0},
        {"state": "started", "end_time": int(time.time()) + 90000},
        {"state": "started", "end_time": int(time.time() * 1000)},
    ],
)
def test_bad_orders(changes):
    with pytest.raises(ValueError):
        _validation.check_order(order(**changes))


@pytest.mark.parametrize("changes", [{}, {"retries": 9}, {"app_id": 4294967295}, {"timeout": 0.1}])
def test_good_numbers(changes):
    _validation.check_numbers(numbers(**changes), ("timeout",))


@pytest.mark.parametrize(
    "changes",
    [
        {"timeout": 0},
        {"timeout": -1.0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"retries": -1},
        {"retries": 10**9},
        {"app_id": 0},
        {"app_id": -1},
        {"app_id": 4294967296},
    ],
)
def test_bad_numbers(changes):
    with pytest.raises(ValueError):
        _validation.check_numbers(numbers(**changes), ("timeout",))


@pytest.mark.parametrize(
    "url,shown",
    [
        ("https://rtc-api.zego.im", "https://rtc-api.zego.im/"),
        ("https://u:s3cret@gw.example:8443/zego", "https://gw.example:8443/zego"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://localhost/", "http://localhost/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_good_addresses(url, shown):
    assert _validation.check_api_url(url, True) == shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rtc-api.zego.im",
        "ftp://u:s3cret@x/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://u:s3cret@x:99999/",
        "https://u:s3cret@x:port/",
        "https://u:s3cret@x/?a=1",
        "https://u:s3cret@x/#f",
        "https://u:s3cret@x/a b",
        "https://[::1",
        "http://u:s3cret@gw.example/",
        "http://10.0.0.1/",
        "http://10.0.0.1\\@127.0.0.1/",
        "https://u:s3cret@x/\udcff",
    ],
)
def test_bad_addresses(url):
    with pytest.raises(ValueError) as caught:
        _validation.check_api_url(url, True)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "s3cret-\udcff"])
def test_bad_secrets(secret):
    with pytest.raises(ValueError) as caught:
        _validation.check_secret(secret)
    assert "s3cret" not in str(caught.value)
    assert _validation.check_secret("\u00e9" * 32) is None


def test_plain_http_to_others_has_to_be_wanted():
    assert _validation.check_api_url("http://10.0.0.1/", False) == "http://10.0.0.1/"


def test_ca_path(tmp_path):
    _validation.check_ca_path(None)
    _validation.check_ca_path(str(tmp_path))
    (tmp_path / "file").write_text("no certificate")
    for bad in ("missing", "file"):
        with pytest.raises(ValueError):
            _validation.check_ca_path(str(tmp_path / bad))
