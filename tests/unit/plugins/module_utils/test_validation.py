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


def order(**changes):
    return dict({"vendor": "Tencent", "state": "stopped", "domain": None, "point": None, "end_time": None}, **changes)


def numbers(**changes):
    return dict({"timeout": 10.0, "retries": 0, "app_id": 1}, **changes)


@pytest.mark.parametrize(
    "names", [["a"], ["x" * 256], ["é" * 128], ["A-z_0"], ["a+b/c&d=e%"], ["guest 1"], ["👩\u200d🚒"]]
)
def test_names_that_a_request_can_carry_are_taken(names):
    assert _validation.sort_names("streams", names) == (names, {})


def test_duplicates_are_dropped_and_the_order_is_kept():
    assert _validation.sort_names("streams", ["b", "a", "b", "c", "a"]) == (["b", "a", "c"], {})
    with pytest.raises(ValueError, match="streams is empty"):
        _validation.sort_names("streams", [])


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        "a ",
        " a",
        "a\u202eb",
        "a\u200bb",
        "a\n",
        "\ta",
        "a\x00",
        "\x7f",
        "a\u00a0b",
        "a\u2028",
        "x" * 257,
        "é" * 129,
        "\ud800",
    ],
)
def test_a_name_that_no_request_can_carry_is_refused_by_itself(bad):
    names, refused = _validation.sort_names("streams", ["good", bad, "fine", bad])
    assert names == ["good", bad, "fine"] and list(refused) == [bad]
    assert "entry 2" in refused[bad] and refused[bad].isprintable()


@pytest.mark.parametrize(
    ("name", "is_sent"), [("a ", True), (" ", True), ("a\n", False), ("", False), ("x" * 257, False)]
)
def test_white_space_at_the_ends_of_a_name_that_the_api_gave_is_no_slip(name, is_sent):
    assert (_validation.name_problem("stream", name, exact=True) == "") is is_sent


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_streams_pass_or_are_refused_in_words(names):
    checked, refused = _validation.sort_names("streams", names)
    assert checked == sorted(set(names), key=names.index) and all(refused.values()) and set(refused) <= set(names)
    sent = "".join(set(names) - set(refused))
    assert not any(char.isspace() and char != " " for char in sent)


@pytest.mark.parametrize(
    "changes",
    [{}, {"vendor": "Aliyun", "domain": "d", "point": "p"}, {"state": "started", "end_time": int(time.time()) + 3600}],
)
def test_options_that_go_together_are_taken(changes):
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
def test_options_that_do_not_go_together_are_refused(changes):
    with pytest.raises(ValueError):
        _validation.check_order(order(**changes))


@pytest.mark.parametrize("changes", [{}, {"retries": 9}, {"app_id": 4294967295}, {"timeout": 0.1}])
def test_numbers_within_their_bounds_are_taken(changes):
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
def test_numbers_out_of_their_bounds_are_refused(changes):
    with pytest.raises(ValueError):
        _validation.check_numbers(numbers(**changes), ("timeout",))


@pytest.mark.parametrize(
    "url,shown",
    [
        ("https://rtc-api.zego.im", "https://rtc-api.zego.im/"),
        ("https://gw.example:8443/zego", "https://gw.example:8443/zego"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://localhost/", "http://localhost/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_an_address_is_taken(url, shown):
    assert _validation.check_api_url(url, True) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://s3cret-token:@gw.example",
        "https://s3cret-token@gw.example:8443/zego",
        "https://crew:s3cret@gw.example/",
        "https://crew:s3cret/@gw.example:port/",
        "https://@gw.example/",
        "s3cret-token:@gw.example",
    ],
)
def test_user_info_in_an_address_is_refused_and_not_shown(url):
    with pytest.raises(ValueError, match="use api_user and api_password") as caught:
        _validation.check_api_url(url, True)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "user,password,word",
    [
        ("crew:s3cret", "", "api_user holds a colon"),
        ("s3cret\n", "", "api_user"),
        ("", "s3cret\x00", "api_password"),
        ("", "s3cret\ud800", "api_password"),
    ],
)
def test_credentials_that_no_header_carries_are_refused_and_not_shown(user, password, word):
    with pytest.raises(ValueError, match=word) as caught:
        _validation.check_credentials(user, password)
    assert "s3cret" not in str(caught.value)
    _validation.check_credentials("", "")
    _validation.check_credentials("crew", "pass:w\xf6rd")


def test_a_path_is_remembered_as_a_hash_that_tells_two_apart():
    known = {_validation.same_server(f"https://gw.example/{path}") for path in ("", "token-of-a", "token-of-b")}
    assert len(known) == 3 and not any("token" in server for server in known)


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
def test_what_is_no_address_of_an_api_is_refused_without_its_password(url):
    with pytest.raises(ValueError) as caught:
        _validation.check_api_url(url, True)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "s3cret-\udcff"])
def test_a_secret_that_cannot_sign_is_refused_without_being_shown(secret):
    with pytest.raises(ValueError) as caught:
        _validation.check_secret(secret)
    assert "s3cret" not in str(caught.value)
    assert _validation.check_secret("\u00e9" * 32) is None


@pytest.mark.parametrize(
    "secret,word",
    [
        ("s3cret\n", "newline"),
        ("s3cret\r", "newline"),
        (" s3cret", "white space"),
        ("s3c ret", "white space"),
        ("s3cret\u00a0", "white space"),
        ('"s3cret"', "quotes"),
        ("'s3cret'", "quotes"),
        ("s3cret\u201d", "quotes"),
    ],
)
def test_what_came_along_with_a_secret_is_named_without_the_secret(secret, word):
    with pytest.raises(ValueError, match=word) as caught:
        _validation.check_secret(secret)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://a.example.com", "https://A.Example.Com/", "https://a.example.com:443/", "https://a.example.com./"],
)
def test_one_server_is_one_however_it_is_spelled(url):
    shown = _validation.check_api_url(url, True)
    assert _validation.same_server(shown) == "https://a.example.com"


@pytest.mark.parametrize(
    "url", ["http://a.example.com/", "https://a.example.com:8443/", "https://a.example.com/x", "https://b.example.com/"]
)
def test_other_servers_are_others(url):
    shown = _validation.check_api_url(url, False)
    assert _validation.same_server(shown) != "https://a.example.com"


def test_plain_http_to_others_has_to_be_wanted():
    assert _validation.check_api_url("http://10.0.0.1/", False) == "http://10.0.0.1/"


def test_a_ca_path_has_to_hold_certificates(tmp_path):
    _validation.check_ca_path(None)
    with pytest.raises(ValueError, match="openssl rehash"):
        _validation.check_ca_path(str(tmp_path))
    (tmp_path / "cert.pem").write_text("no hash")
    with pytest.raises(ValueError, match="openssl rehash"):
        _validation.check_ca_path(str(tmp_path))
    (tmp_path / "1a2b3c4d.0").write_text("")
    _validation.check_ca_path(str(tmp_path))
    (tmp_path / "file").write_text("no certificate")
    for bad in ("missing", "file"):
        with pytest.raises(ValueError):
            _validation.check_ca_path(str(tmp_path / bad))


@pytest.mark.parametrize("name, value", [("timeout", 1e10), ("requests_per_second", 1e-12)])
def test_numbers_that_overflow_a_timer_are_refused(name, value):
    params = {"timeout": 10, "requests_per_second": 20, "retries": 4, "app_id": 1, name: value}
    with pytest.raises(ValueError, match=name):
        _validation.check_numbers(params, ("timeout", "requests_per_second"))


def test_a_ca_folder_that_cannot_be_read_is_said(tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_validation.os, "listdir", refuse)
    with pytest.raises(ValueError, match="cannot be used: Permission denied"):
        _validation.check_ca_path(str(tmp_path))


@pytest.mark.parametrize("size", ["auto", " auto ", "1", "20", "1000000"])
def test_a_size_of_batches_is_a_number_or_auto(size):
    _validation.check_batch_size(size)


@pytest.mark.parametrize("size", ["", "0", "-1", "1.5", "many", "automatic", "1000001", "9" * 5000, "\u00b2", "True"])
def test_no_other_size_of_batches_is_taken(size):
    with pytest.raises(ValueError, match="^batch_size must be auto, or a number above 0 and not above 1000000.$"):
        _validation.check_batch_size(size)
