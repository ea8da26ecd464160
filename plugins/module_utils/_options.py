# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection's options, as every module has them: their specification, and what is wrong with those given.

Nothing here loads the client.
"""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.hosts import REGIONS
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import DEFAULT_LEDGER, check_ledger


def env_unless_empty(*names: str) -> Any:
    """Return the first of these environment variables that holds more than white space, as a fallback of an option.

    A pipeline that declares a variable without a value means 'not given'.
    """
    return env_fallback(*(name for name in names if os.environ.get(name, "").strip()))


CONNECTION_SPEC: dict[str, dict[str, Any]] = {
    "app_id": {"type": "int", "required": True, "fallback": (env_unless_empty, ["ZEGO_APP_ID"])},
    "server_secret": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_unless_empty, ["ZEGO_SERVER_SECRET"]),
    },
    "region": {
        "type": "str",
        "default": "global",
        "choices": list(REGIONS),
        "fallback": (env_unless_empty, ["ZEGO_REGION"]),
    },
    # Not no_log: messages name the host, and a short user name would be blacked out of every name that contains it.
    # The log gets neither of the two, and the invocation no more than the host.
    "api_url": {"type": "str", "fallback": (env_unless_empty, ["ZEGO_API_URL"])},
    "api_user": {"type": "str", "fallback": (env_unless_empty, ["ZEGO_API_USER"])},
    "api_password": {"type": "str", "no_log": True, "fallback": (env_unless_empty, ["ZEGO_API_PASSWORD"])},
    "ledger": {"type": "str", "default": DEFAULT_LEDGER, "fallback": (env_unless_empty, ["ZEGO_LEDGER"])},
    "ledger_user": {"type": "str", "fallback": (env_unless_empty, ["ZEGO_LEDGER_USER"])},
    "ledger_password": {"type": "str", "no_log": True, "fallback": (env_unless_empty, ["ZEGO_LEDGER_PASSWORD"])},
    "is_test": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 4},
    "requests_per_second": {"type": "float"},
    # Seconds without progress, not in all: a large event at a slow vendor takes longer, and must not fail for it.
    "rate_limit_timeout": {"type": "float", "default": 120},
}
# No option of the connection is a larger number.
_LARGEST = 1e15
# Empty text means something here: no ledger.
_MAY_BE_EMPTY = ("ledger",)


def without_unset(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that were given: not null, and for the connection's options not empty either.

    Ansible would take null for a value, so that neither fallback nor default counts: an ``api_url`` of null would send
    a test run to production, a ``state`` of null is not ``stopped``.
    """
    given = {}
    for name, value in params.items():
        is_connection = name in CONNECTION_SPEC and name not in _MAY_BE_EMPTY
        blank = isinstance(value, str) and not value.strip() and is_connection
        # Ansible's own parameters (_ansible_check_mode and so on) are not ours to judge.
        if name.startswith("_ansible") or not (value is None or blank):
            given[name] = value
    return given


def check_app_id(params: dict[str, Any]) -> str:
    """Return a sentence about an ``app_id`` that is no number, naming the variable it came from; '' if it is one."""
    source = "app_id" if "app_id" in params else "app_id (from the environment variable ZEGO_APP_ID)"
    value = params.get("app_id", os.environ.get("ZEGO_APP_ID", "").strip() or None)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or is_number or (isinstance(value, str) and value.strip().isdecimal()):
        return ""
    # Not shown: whoever swaps the two has the ServerSecret here.
    return f"{source} must be the project's number, digits only."


def endless_numbers(params: dict[str, Any]) -> dict[str, str]:
    """Return a sentence for each option of the connection that has to be a number, and is one without an end.

    YAML has ``.inf`` and ``.nan``. Ansible itself ends with a traceback for them, and for a number of 400 digits.
    """
    sentences = {}
    for name, option in CONNECTION_SPEC.items():
        value: Any = params.get(name)
        if option["type"] not in ("int", "float"):
            continue
        try:
            # A variable may be text.
            value = float(value)
        except OverflowError:
            value = float("inf")
        except (TypeError, ValueError):
            # Ansible's own check says what that is.
            continue
        # Of .nan, no comparison is true.
        is_in_range = -_LARGEST <= value <= _LARGEST
        if not is_in_range:
            sentences[name] = f"{name} must be a number below {_LARGEST:.0e}."
    return sentences


def is_connection(given: dict[str, Any]) -> bool:
    """Tell whether every module would accept these options of the connection.

    What is not among them comes from the environment, then from the defaults. Why not, the modules say themselves: what
    they say is free of what these options hold.
    """
    params = without_unset(given)
    if check_app_id(params) or endless_numbers(params):
        return False
    read = ArgumentSpecValidator(CONNECTION_SPEC).validate(params)
    if read.error_messages:
        return False
    try:
        _validation.check_connection(read.validated_parameters)
        check_ledger(read.validated_parameters["ledger"])
    except ValueError:
        return False
    return True
