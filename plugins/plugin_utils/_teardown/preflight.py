# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says in words what the API answered before the first step: whether it can be used, and what nobody knows. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import Entry, mappings
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose, visible

TITLE = "Ask the API whether it can be used"
# The clocks agree to so many seconds: a Date header has no fractions, and an answer takes its time.
_AGREE = 2
_NOT_STARTED = "Nothing was stopped or closed."
_REFUSED = (
    "{vendor} cannot be used with this AppID: {message} If stops are accepted there nevertheless, set "
    "zego_teardown_preflight to false."
)
_USABLE = "The API at {place} can be used: it accepts AppID and secret{clock}, and its quota is not used up."
_ANSWERS = "The API at {place} answers, but does not say whether AppID and secret are right. {message}"
_SEARCHED = (
    "{vendor}: this AppID may search for recorded files there. Whether a stop will be accepted, no call tells "
    "beforehand."
)
_UNCLEAR = "{vendor}: the search for recorded files failed, which says nothing about a stop. {message}"
_NOT_ASKED = "{vendor}: not asked. The reference has no call for it that changes nothing."
_NOBODY_KNOWS = (
    "No call tells whether a vendor has been set up to record (a template), nor whether a stream is being recorded."
)


class Preflight(NamedTuple):
    """``problem``: why the teardown does not begin, '' if it does; ``lines`` for the console; ``warnings``."""

    problem: str
    lines: list[str]
    warnings: list[str]


def vendors_of(planned: Entry, skip: list[str]) -> list[str]:
    """Return the vendors at which recordings may have to be stopped, each once."""
    if "recordings" in skip:
        return []
    rooms = [] if "discover" in skip else planned["discover"]
    return list(dict.fromkeys(entry["vendor"] for entry in [*planned["recordings"], *rooms]))


def in_words(result: Entry) -> Preflight:
    """Return what the result of the calls says."""
    place = visible(urlsplit(str(result.get("address") or "")).netloc)
    clock = _clock(result.get("seconds_ahead"))
    failures, lines, warnings = [], [], []
    for answer in _together(mappings(result, "answers")):
        vendor, verdict, message = answer.get("vendor"), answer.get("verdict"), prose(answer.get("message"))
        if verdict == "down":
            failures.append(f"The API at {place} cannot be used: {message}")
        elif verdict == "refused":
            failures.append(_REFUSED.format(vendor=vendor, message=message))
        elif verdict == "not_asked":
            lines.append(_NOT_ASKED.format(vendor=vendor))
        elif verdict == "usable":
            lines.append((_SEARCHED if vendor else _USABLE).format(vendor=vendor, place=place, clock=clock))
        else:
            warnings.append((_UNCLEAR if vendor else _ANSWERS).format(vendor=vendor, place=place, message=message))
    problem = " ".join([*failures, _NOT_STARTED]) if failures else ""
    return Preflight(problem, [*lines, *warnings, _NOBODY_KNOWS], warnings)


def _together(answers: list[Entry]) -> list[Entry]:
    """Return one answer for all vendors that answered the same, in the order of the first of them."""
    groups: dict[tuple[str, ...], Entry] = {}
    for answer in answers:
        key = tuple(str(answer.get(name)) for name in ("verdict", "message")) + (str(bool(answer.get("vendor"))),)
        known = groups.setdefault(key, {**answer, "vendor": ""})
        known["vendor"] = ", ".join(filter(None, [known["vendor"], visible(answer.get("vendor"))]))
    return list(groups.values())


def _clock(ahead: Any) -> str:
    """Return in words what is known of the clocks."""
    if not isinstance(ahead, int):
        return ""
    if abs(ahead) <= _AGREE:
        return ", this machine's clock is right"
    return f", this machine's clock is {abs(ahead)} s {'behind' if ahead > 0 else 'ahead of'} the API's"
