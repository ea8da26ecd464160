# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One call of any action: what goes in, and what its answer comes to (reference page "Calling")."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils import _result as _items
from ansible_collections.zego.cloud.plugins.module_utils._api import actions as _actions
from ansible_collections.zego.cloud.plugins.module_utils._api import steps
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, ZegoError

_ACTION = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_COMMON = ("Action", "AppId", "SignatureNonce", "Timestamp", "Signature", "SignatureVersion")
_LOST = "It may have been carried out: look before you send it again, or say retry=always where twice does no harm."


class Call(NamedTuple):
    """One call. ``query``: what goes into the URL; ``body``: what goes as JSON by POST, None for GET; ``changed_codes``: those of the API that are a change."""

    action: str
    query: list[tuple[str, Any]]
    body: dict[str, Any] | None
    ok_codes: frozenset[int]
    changed_codes: frozenset[int]
    repeatable: bool

    def only_reads(self) -> bool:
        """Tell whether it changes nothing."""
        return _actions.only_reads(self.action)


def make_call(params: dict[str, Any], common: list[tuple[str, Any]]) -> Call:
    """Return the call that the module's parameters describe. Raises ``ValueError`` with a sentence for the user."""
    action = params["action"]
    _check_action(action)
    for name in params["params"]:
        _check_name(name)
    posted = params["method"] == "POST"
    reads = _actions.only_reads(action)
    given = params["changed_when_code"]
    changed = frozenset(given) if given is not None else frozenset(() if reads else (0,))
    return Call(
        action,
        common if posted else [*common, *_query(params["params"])],
        dict(params["params"]) if posted else None,
        frozenset((0, *params["ok_codes"], *changed)),
        changed,
        reads or params["retry"] == "always",
    )


def _check_action(action: str) -> None:
    if action.lower() in (name.lower() for name in _actions.RECORDING):
        raise ValueError(
            f"action {action} is not called here, since its Code 0 says nothing about a stream: use the module zego.cloud.zego_cdn_record."
        )
    if not _ACTION.fullmatch(action):
        raise ValueError(f"action {action[:64]!r} is not the name of an action: letters and digits, such as CloseRoom.")


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name or not name.isprintable():
        raise ValueError(f"params: {str(name)[:64]!r} is not a name.")
    bare = name[:-2] if name.endswith("[]") else name
    if bare.lower() in (common.lower() for common in _COMMON):
        raise ValueError(f"params: {name} is set by the module.")
    if bare.lower() == "istest":
        raise ValueError("params: IsTest is set by the option is_test.")


def _query(params: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters as a query. A list is repeated with brackets."""
    query: list[tuple[str, str]] = []
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            repeated = name if name.endswith("[]") else f"{name}[]"
            query.extend((repeated, _text(name, item)) for item in value)
        else:
            query.append((name, _text(name, value)))
    return query


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError(
        f"params: {name} must be a string, a number, a boolean, or a list of these. Only method=POST takes more."
    )


def predict(call: Call) -> dict[str, Any]:
    """Return the result of a call that check mode does not make."""
    return {"changed": True, "msg": f"{call.action} was not called (check mode).", "api_requests": 0}


def run(client: ZegoClient, call: Call) -> dict[str, Any]:
    """Make the call, and return the task's result."""
    try:
        reply = steps.ask(client, steps.Call(call.action, call.query, call.repeatable, call.body))
    except ZegoError as error:
        return _refused(client, call, error)
    facts = {"request_id": reply.request_id} if reply.request_id else {}
    head = {"changed": 0 in call.changed_codes, "msg": f"{call.action}: Code 0."}
    return {
        **head,
        "code": 0,
        "message": reply.message,
        **facts,
        "data": reply.data,
        "api_requests": client.requests_sent,
    }


def _refused(client: ZegoClient, call: Call, error: ZegoError) -> dict[str, Any]:
    facts = _items.facts_of(error)
    if not call.repeatable and (isinstance(error, AnswerLost) or error.answer_lost):
        facts["message"] = f"{error.reason}. {_LOST}"
    code = int(error.code) if error.code is not None and error.code.isdigit() else None
    facts.pop("code", None)
    if code is not None:
        facts["code"] = code
    changed = code in call.changed_codes
    failed = code not in call.ok_codes
    return {
        "changed": changed,
        "failed": failed,
        "msg": f"{call.action}: {facts['message']}",
        **facts,
        "api_requests": client.requests_sent,
    }
