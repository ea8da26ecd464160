# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the arguments of an event source, as a module's options are read."""

from __future__ import annotations

import math
import os
from typing import Any, Callable, Mapping

# What the engine adds, or reads itself.
_OF_THE_ENGINE = ("eda_feedback_queue", "feedback")
_TRUE = ("yes", "true", "on", "1")
_FALSE = ("no", "false", "off", "0")

# The options that both sources have for their spool.
SPOOL = {
    "spool": {"type": "path", "required": True, "env": "ZEGO_EDA_SPOOL"},
    "max_pending": {"type": "int", "default": 1000, "least": 1},
    "keep_days": {"type": "float", "default": 30, "least": 1},
}


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError
    return int(str(value).strip())


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError
    return text in _TRUE


def _string(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError
    return str(value)


def _path(value: Any) -> str:
    return os.path.expanduser(_string(value))


def _list(value: Any) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError
    return [_string(item).strip() for item in items]


_TYPES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "int": (_integer, "a whole number"),
    "float": (_float, "a number"),
    "bool": (_flag, "true or false"),
    "str": (_string, "text"),
    "path": (_path, "a path"),
    "list": (_list, "a list of names"),
}


def _is_unset(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def read_options(args: Mapping[str, Any], spec: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a value, or None, for each option of ``spec``. Raises ``ValueError`` with a sentence.

    Null and empty text count as not given: then the environment variable counts, then the default. No sentence quotes a
    value, which may be a secret that was given to the wrong option.
    """
    unknown = sorted(set(args) - set(spec) - set(_OF_THE_ENGINE))
    if unknown:
        raise ValueError(f"unknown option {', '.join(map(str, unknown))}; there are {', '.join(sorted(spec))}")
    return {name: _read(name, args.get(name), rule) for name, rule in spec.items()}


def _read(name: str, value: Any, rule: dict[str, Any]) -> Any:
    source = name
    if _is_unset(value) and rule.get("env"):
        value, source = os.environ.get(rule["env"]), f"{name} (from the environment variable {rule['env']})"
    if _is_unset(value):
        if rule.get("required"):
            where = f", or set {rule['env']} in its environment" if rule.get("env") else ""
            raise ValueError(f"{name} is required: give it to the source{where}")
        return rule.get("default")
    read, kind = _TYPES[rule.get("type", "str")]
    try:
        result = read(value)
    except ValueError:
        result = None
    if result is None:
        raise ValueError(f"{source} must be {kind}")
    choices = rule.get("choices")
    if choices and any(item not in choices for item in (result if isinstance(result, list) else [result])):
        raise ValueError(f"{source} must be {'of' if isinstance(result, list) else 'one of'} {', '.join(choices)}")
    if "least" in rule and result < rule["least"]:
        raise ValueError(f"{source} must be at least {rule['least']}")
    if "most" in rule and result > rule["most"]:
        raise ValueError(f"{source} must be at most {rule['most']}")
    return result
