# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the variables of the role that are no part of the event: how to tear down, and how to connect. Pure.

They are checked here rather than by meta/argument_specs.yml: Ansible refuses null and empty text, which mean 'not
given', and prints the whole specification beside its message.
"""

from __future__ import annotations

import difflib
import re
from math import isfinite
from typing import Any, Callable, NamedTuple

from ansible.module_utils.parsing.convert_bool import BOOLEANS_FALSE, BOOLEANS_TRUE

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import check_ledger
from ansible_collections.zego.cloud.plugins.module_utils._names import OMITTED, read_list
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import mapping_in_text
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.problems import Problems

PREFIX = "zego_teardown_"
STEPS = ("discover", "recordings", "relays", "rooms", "files")
FORMS = ("json", "junit", "markdown", "html")
# The last one only, or a folder for each run.
REPORTS = ("latest", "dated")
LANGUAGES = ("en", "zh")
REGIONS = ("global", "sha", "hkg", "fra", "lax", "bom", "sgp")
# What plan.py reads.
EVENT = ("streams", "vendor", "discover_rooms", "relays", "close_rooms", "allow_empty")


class Setting(NamedTuple):
    """How a variable is read: ``read`` gets its name and value, and raises ``ValueError``; the default for 'not given'.

    A default of None leaves it to the modules. ``empty``: empty text has a meaning of its own.
    """

    read: Callable[[str, Any], Any]
    default: Any = None
    empty: bool = False


def _text(name: str, value: Any) -> str:
    if isinstance(value, (list, tuple, dict, bool)):
        raise ValueError(f"{name}: expected text, got {value!r}.")
    return str(value)


def _boolean(name: str, value: Any) -> bool:
    normal = value.lower().strip() if isinstance(value, str) else value
    # Ansible's filter bool makes False of anything that it does not know, such as 'ture'.
    if isinstance(normal, (str, int, float)) and normal in BOOLEANS_TRUE | BOOLEANS_FALSE:
        return normal in BOOLEANS_TRUE
    raise ValueError(f"{name}: expected true or false, got {value!r}.")


def _number(name: str, value: Any) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError):
        number = float("nan")
    if not isfinite(number) or number < 0:
        raise ValueError(f"{name}: expected a number of at least 0, got {value!r}.")
    return number


def _whole(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value.strip()):
        return int(value)
    raise ValueError(f"{name}: expected a whole number of at least 0, got {value!r}.")


def _list_of(name: str, value: Any) -> list[Any]:
    entries = [entry.strip() if isinstance(entry, str) else entry for entry in read_list(name, value)]
    return [entry for entry in entries if entry != ""]


def _choices(*choices: str) -> Callable[[str, Any], list[str]]:
    def read(name: str, value: Any) -> list[str]:
        return [_choice(*choices)(name, entry) for entry in _list_of(name, value)]

    return read


def _choice(*choices: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return str(value)
        near = difflib.get_close_matches(str(value).lower(), choices, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"{name}: has to be one of {', '.join(choices)}; got {value!r}.{hint}")

    return read


def _whole_numbers(name: str, value: Any) -> list[int]:
    return [_whole(name, entry) for entry in _list_of(name, value)]


def _codes(name: str, value: Any) -> dict[str, list[Any]]:
    codes = mapping_in_text(value)
    if not isinstance(codes, dict):
        raise ValueError(f"{name}: expected a mapping from vendor to codes, got {codes!r}.")
    # A vendor that does not exist is refused with the event, see plan.py.
    return {str(vendor): _list_of(f"{name}, {vendor}", listed) for vendor, listed in codes.items() if is_given(listed)}


def _app_id(name: str, value: Any) -> int:
    text = str(value).strip()
    # Not shown: whoever swaps the two has the ServerSecret here.
    is_number = text.isascii() and text.isdigit() and len(text) <= 10 and not isinstance(value, bool)
    if not is_number or not 0 < int(text) <= _validation.APP_ID_MAX:
        raise ValueError(f"{name} must be the project's number, digits only, at most {_validation.APP_ID_MAX}.")
    return int(text)


def _credential(name: str, value: Any) -> str:
    # Not shown: a token may be where it does not belong.
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text: quote it.")
    return str(value)


def _ledger(name: str, value: Any) -> str:
    ledger = _credential(name, value)
    try:
        check_ledger(ledger)
    except ValueError as error:
        raise ValueError(f"{PREFIX}{error}") from None
    return ledger


def _secret(name: str, value: Any) -> str:
    if not isinstance(value, str):
        # Of 32 digits YAML makes a number; it may have lost a leading zero.
        raise ValueError(f"{name} must be text: quote it.")
    try:
        _validation.check_secret(str(value))
    except ValueError as error:
        raise ValueError(f"{PREFIX}{error}") from None
    return str(value)


SETTINGS = {
    "event": Setting(_text, "event"),
    "keep_rooms": Setting(_boolean, True),
    "close_reason": Setting(_text),
    "close_callback": Setting(_boolean),
    # By default in check mode only.
    "preflight": Setting(_boolean),
    "skip": Setting(_choices(*STEPS), []),
    "fail_on": Setting(_choices(*STEPS), list(STEPS)),
    "wait_for_files": Setting(_boolean, False),
    # The default depends on the time.
    "files_since": Setting(_text),
    "files_retries": Setting(_whole, 30),
    "files_delay": Setting(_whole, 20),
    "files_tolerance": Setting(_number, 10),
    "files_app": Setting(_text),
    "not_recording_codes": Setting(_codes, {}),
    "relay_absent_codes": Setting(_whole_numbers),
    "allow_empty": Setting(_boolean, False),
    "expect_recording": Setting(_boolean, False),
    "ledger": Setting(_ledger, empty=True),
    "ledger_ttl": Setting(_whole),
    "report_dir": Setting(_text, "zego-teardown"),
    "reports": Setting(_choice(*REPORTS), REPORTS[0]),
    "report_language": Setting(_choice(*LANGUAGES), LANGUAGES[0]),
    "report_formats": Setting(_choices(*FORMS), list(FORMS)),
    "step_summary": Setting(_text, empty=True),
    "requests_per_second": Setting(_number),
}
# Where one of these is not given, module_defaults of the play count, then the environment.
CONNECTION = {
    "app_id": Setting(_app_id),
    "server_secret": Setting(_secret),
    "region": Setting(_choice(*REGIONS)),
    "api_url": Setting(_credential),
    "api_user": Setting(_credential),
    "api_password": Setting(_credential),
    "ledger_user": Setting(_credential),
    "ledger_password": Setting(_credential),
    "is_test": Setting(_boolean),
    "validate_certs": Setting(_boolean),
    "ca_path": Setting(_text),
    "timeout": Setting(_number),
    "retries": Setting(_whole),
    "rate_limit_timeout": Setting(_number),
}


def settings(given: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the settings in their types, without those that were not given and have no default.

    ``given``: the role's variables without their prefix. The connection's are checked, and not returned: a secret is
    among them.
    """
    values = {}
    for name, setting in {**SETTINGS, **CONNECTION}.items():
        value = given.get(name)
        if _was_given(value, setting):
            value = problems.read(setting.read, PREFIX + name, value, instead=setting.default)
        else:
            value = setting.default
        if value is not None and name in SETTINGS:
            values[name] = value
    return values


def _was_given(value: Any, setting: Setting) -> bool:
    if setting.empty and isinstance(value, str):
        return not value.startswith(OMITTED)
    # An empty list says 'none of them', where empty text and null say nothing.
    return isinstance(value, (list, tuple, dict)) or is_given(value)
