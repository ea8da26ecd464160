# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in, times out."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.module_utils import _times


@pytest.mark.parametrize(
    "text,expected",
    [
        ("2023-07-28T10:16:44Z", "2023-07-28T10:16:44Z"),
        ("2023-07-28T09:31:29.176Z", "2023-07-28T09:31:29.176Z"),
        ("2023-07-28t09:31:29.1z", "2023-07-28T09:31:29.100Z"),
        ("2023-07-28 18:16:44+08:00", "2023-07-28T10:16:44Z"),
        ("2023-07-28T18:16:44 +0800", "2023-07-28T10:16:44Z"),
        ("2023-07-28T03:16:44-07:00", "2023-07-28T10:16:44Z"),
        ("2023-07-28T10:16", "2023-07-28T10:16:00Z"),
        ("2023-07-28", "2023-07-28T00:00:00Z"),
        ("1690539404", "2023-07-28T10:16:44Z"),
        ("1690539404.25", "2023-07-28T10:16:44.250Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("2023-02-30T00:00:00Z", None),
        ("2023-07-28T25:00:00Z", None),
        ("2023-07-28T10:16:44+23:59", "2023-07-27T10:17:44Z"),
        ("2023-07-28T10:16:44+99:99", None),
        ("2023-07-28T10:16:44-24:00", None),
        ("2023-07-28T10:16:44+0060", None),
        ("yesterday", None),
        ("", None),
        ("٢٠٢٣-٠٧-٢٨", None),
        (1690539404, None),
        (None, None),
        ({}, None),
    ],
)
def test_a_time_is_read_from_each_form_the_vendors_write(text, expected):
    assert _times.from_text(text) == expected


@pytest.mark.parametrize(
    "value,expected",
    [
        (1642045110123, "2022-01-13T03:38:30.123Z"),
        ("1642045110000", "2022-01-13T03:38:30Z"),
        (0, "1970-01-01T00:00:00Z"),
        (10**15, None),
        (-1, None),
        (1.5, None),
        (True, None),
        (None, None),
        ("x", None),
        ([], None),
    ],
)
def test_a_time_is_read_from_milliseconds(value, expected):
    assert _times.from_millis(value) == expected


@given(st.datetimes(min_value=datetime(1000, 1, 2), timezones=st.just(timezone.utc)))
def test_a_written_time_is_the_moment_that_was_read(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    text = moment.isoformat()
    written = _times.from_text(text)
    assert _times.parse(written) == pytest.approx(moment.timestamp(), abs=1e-4)
    assert written.endswith("Z") and _times.from_text(written) == written


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.from_regex(_times._ISO, fullmatch=True),
        st.none(),
        st.lists(st.integers()),
    )
)
def test_no_value_of_a_reply_raises_an_exception(value):
    for found in (_times.from_text(value), _times.from_millis(value)):
        assert found is None or found.endswith("Z")
