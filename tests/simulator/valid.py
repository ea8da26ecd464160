# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Small checks of JSON values: each says whether a value is what its name says, or makes such a function."""

from __future__ import annotations

import re

from catalogue import VENDORS


def flag(value):
    return isinstance(value, bool)


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def count(value):
    return integer(value) and value >= 0


def amount(value):
    return number(value) and value >= 0


def moment(value):
    """Seconds that a calendar can show."""
    return number(value) and 0 <= value < 2**33


def text(value):
    return isinstance(value, str) and value != ""


def url(value):
    return text(value) and re.fullmatch(r"https?://[^/\s]+(/\S*)?", value) is not None


def texts(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def integers(value):
    return isinstance(value, list) and bool(value) and all(integer(item) for item in value)


def some_texts(value):
    return texts(value) and bool(value)


def one_of(*words):
    return lambda value: value in words


def or_none(check):
    return lambda value: value is None or check(value)


def per_vendor(check):
    def checked(value):
        return isinstance(value, dict) and all(key in VENDORS and check(item) for key, item in value.items())

    return checked


def either(*checks):
    return lambda value: any(check(value) for check in checks)


def per_action(check):
    return lambda value: isinstance(value, dict) and all(text(key) and check(item) for key, item in value.items())


def code(value):
    return integer(value) or isinstance(value, str)


def fits(value, fields):
    return all(key in fields and fields[key](item) for key, item in value.items())


def lists(check):
    return lambda value: (
        isinstance(value, dict)
        and all(text(key) and isinstance(item, list) and all(map(check, item)) for key, item in value.items())
    )
