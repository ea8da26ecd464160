# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One call of any action: what goes in, and what the task returns for its answer (reference page "Calling")."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._api import steps
from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import Environment
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import one_line
from ansible_collections.zego.cloud.plugins.module_utils._result import error_details, first_few, reply_details
from ansible_collections.zego.cloud.plugins.module_utils._values import as_dict

_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_COMMON = frozenset({"action", "appid", "signaturenonce", "timestamp", "signature", "signatureversion"})
_LOST = "It may have been carried out: look before you send it again, or say retry=always where twice does no harm."
# Code 0 to these says nothing about a stream, so they have a module of their own.
_RECORDING = frozenset({"stopcdnrecord", "startcdnrecord"})
# Where the Data of Code 0 names what failed: its key there, how to call it, and the key of the thing's name.
_FAILED_PARTS = {
    "DeleteMedia": ("Errors", "files were not deleted", "Key"),
    "SendCustomCommand": ("FailUsers", "users did not get it", "Uid"),
}
# What became of the CDN's cache. Any Code but 1 means that it was not cleared.
_CACHE = "WsItemIdReceiverResp"
# More characters of JSON are returned as text.
_LARGEST_DATA = 2 * 2**20
# A key of Ansible's own begins so. In a value it does no harm, and is rare.
_ANSIBLES_OWN = "__ansible_"
_UNDONE = "The rest was done: data has all of it."
# The reference begins the names of actions that only read with these words.
_READING = ("Describe", "Search", "Query", "Get")


class RawCall(NamedTuple):
    """One call.

    ``query``: what goes into the URL; ``body``: what goes as JSON by POST, None for GET; ``ok_codes``: the API's codes
    that are no failure; ``changed_codes``: those that are a change.
    """

    action: str
    query: Parameters
    body: dict[str, Any] | None
    ok_codes: frozenset[int]
    changed_codes: frozenset[int]
    repeatable: bool

    def only_reads(self) -> bool:
        """Tell whether it changes nothing."""
        return only_reads(self.action)


def only_reads(action: str) -> bool:
    """Tell whether an action changes nothing, by its name."""
    return action.startswith(_READING)


def make_call(params: dict[str, Any], environment: Environment) -> RawCall:
    """Return the call that the module's parameters describe. Raises ``ValueError`` with a sentence for the user."""
    action = params["action"]
    _check_action(action)
    for name in params["params"]:
        _check_name(name)
    # Without a word from the user, success is a change, unless the name says that the action only reads.
    given = params["changed_when_code"]
    if given is not None:
        changed_codes = frozenset(given)
    else:
        changed_codes = frozenset(() if only_reads(action) else (0,))
    posted = params["method"] == "POST"
    query, body = list(environment.parameters), dict(params["params"])
    return RawCall(
        action,
        query if posted else query + _query(body),
        body if posted else None,
        ok_codes=frozenset((0, *params["ok_codes"], *changed_codes)),
        changed_codes=changed_codes,
        # Nobody knows whether an action that writes may be done twice, except the user.
        repeatable=only_reads(action) or params["retry"] == "always",
    )


def _check_action(action: str) -> None:
    if action.lower() in _RECORDING:
        raise ValueError(
            f"action {action} is not called here, since its Code 0 says nothing about a stream: "
            "use the module zego.cloud.zego_cdn_record."
        )
    if not _ACTION.fullmatch(action):
        raise ValueError(f"action {action[:64]!r} is not the name of an action: letters and digits, such as CloseRoom.")


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name or not name.isprintable():
        raise ValueError(f"params: {str(name)[:64]!r} is not a name.")
    bare = name[:-2] if name.endswith("[]") else name
    if bare.lower() in _COMMON:
        raise ValueError(f"params: {name} is set by the module.")
    if bare.lower() == "istest":
        raise ValueError("params: IsTest is set by the option is_test.")


def _query(params: dict[str, Any]) -> Parameters:
    """Return the parameters as a query. A list is repeated with brackets."""
    query: Parameters = []
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            repeated = name if name.endswith("[]") else f"{name}[]"
            query.extend((repeated, _query_value(name, item)) for item in value)
        else:
            query.append((name, _query_value(name, value)))
    return query


def _query_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError(
        f"params: {name} must be a string, a number, a boolean, or a list of these. Only method=POST takes more."
    )


def left_undone(call: RawCall, data: Any) -> str:
    """Return what a reply with Code 0 says was not done, '' where all of it was.

    Some actions take several things, answer Code 0, and name those that failed in their Data.
    """
    found = as_dict(data)
    told = []
    if call.action in _FAILED_PARTS:
        key, what, name = _FAILED_PARTS[call.action]
        failed = found.get(key)
        # Whatever is there and not empty is a failure: a shape that we do not know must not pass for success.
        if failed:
            parts = failed if isinstance(failed, list) else [failed]
            told.append(f"{len(parts)} {what}: {first_few([_part(part, name) for part in parts])}")
    if call.action == "DeleteMedia" and _clears_cache(call) and as_dict(found.get(_CACHE)).get("Code") not in (1, "1"):
        told.append("the CDN's cache was not cleared")
    return "; ".join(told)


def _part(part: Any, name: str) -> str:
    """Return one line for one thing that failed: its name, and the vendor's code and message where there are any."""
    if isinstance(part, str):
        return one_line(part)
    entry = as_dict(part)
    said = [one_line(entry[key]) for key in ("Code", "Message") if entry.get(key) not in (None, "")]
    return f"{one_line(entry.get(name)) or 'one without a name'} ({': '.join(said) or 'no code'})"


def _clears_cache(call: RawCall) -> bool:
    given = call.body if call.body is not None else dict(call.query)
    return str(given.get("ClearCache", "")).lower() == "true"


def not_called(call: RawCall) -> dict[str, Any]:
    """Return the result of a call that check mode does not make."""
    return {"changed": True, "msg": f"{call.action} was not called (check mode).", "api_requests": 0}


def call_action(client: ZegoClient, call: RawCall) -> dict[str, Any]:
    """Make the call, and return the task's result."""
    try:
        reply = steps.call_once(client, steps.Call(call.action, call.query, call.repeatable, call.body))
    except ZegoError as error:
        return _error_result(call, error, client.requests_sent)
    undone = left_undone(call, reply.data)
    message = f"{undone}. {_UNDONE}" if undone else reply.message
    return {
        "changed": 0 in call.changed_codes and not _did_nothing(call, undone, reply.data),
        "failed": bool(undone),
        "msg": f"{call.action}: Code 0, but {message}" if undone else f"{call.action}: Code 0.",
        "code": 0,
        "message": message,
        **reply_details(reply.request_id),
        "data": returnable(reply.data),
        "api_requests": client.requests_sent,
    }


def returnable(data: Any) -> Any:
    """Return a reply's Data, or its JSON as text where Ansible could not take it: the call was made, and must not fail.

    Ansible reads mappings with keys such as ``__ansible_type`` as objects of its own, takes minutes for what is huge,
    and refuses numbers that JSON does not have.
    """
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:
        # The API's JSON cannot hold infinity or 'not a number', but Python reads it.
        return json.dumps(data, ensure_ascii=False)
    return text if len(text) > _LARGEST_DATA or _ANSIBLES_OWN in text else data


def _did_nothing(call: RawCall, undone: str, data: Any) -> bool:
    """Tell whether a reply with Code 0 says that nothing at all was done."""
    return call.action == "DeleteMedia" and bool(undone) and as_dict(data).get("Deleted") == []


def _error_result(call: RawCall, error: ZegoError, api_requests: int) -> dict[str, Any]:
    details = error_details(error, _LOST if error.maybe_done and not call.repeatable else None)
    # An error may carry an HTTP status as its code: the result has a code only if it is a number of the API's.
    text = details.pop("code", "")
    code = int(text) if text.isdigit() else None
    if code is not None:
        details["code"] = code
    return {
        "changed": code in call.changed_codes,
        "failed": code not in call.ok_codes,
        "msg": f"{call.action}: {details['message']}",
        **details,
        "api_requests": api_requests,
    }
