# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One attempt: signed, sent and read. This is all that happens in a worker thread."""

from __future__ import annotations

import time
from typing import Any, List, NamedTuple, Protocol, Tuple
from urllib.parse import quote, urlencode

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import Answer, HttpAnswer, is_success, read_reply
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import Secrets
from ansible_collections.zego.cloud.plugins.module_utils._api.signing import signed_parameters

Parameters = List[Tuple[str, Any]]


def encoded(parameters: Parameters) -> str:
    """Return parameters as a URL carries them. A space is %20: not every server takes '+' for one."""
    return urlencode(parameters, quote_via=quote, safe="")


class Transport(Protocol):
    """Sends one HTTP request (see ``transport.RequestsTransport``)."""

    def send(self, query: Parameters, body: dict[str, Any] | None = None, *, fresh: bool = False) -> HttpAnswer:
        """Return the answer. Raises ``NotSent`` or ``AnswerLost``. ``fresh``: over a connection of its own."""


class Attempt(NamedTuple):
    """One request on its way. Immutable: a worker reads it, and reports nothing but an ``Exchange``.

    ``sent_at``: by the gate's clock; ``clock_offset``: seconds by which the API's clock is ahead of this machine's;
    ``fresh``: whether it takes a connection of its own, since it must not be sent again if that one turns out dead.
    """

    action: str
    parameters: tuple[tuple[str, Any], ...]
    body: dict[str, Any] | None
    sent_at: float
    clock_offset: int
    fresh: bool = False


class Exchange(NamedTuple):
    """What became of one attempt, with the headers that decide about the next one.

    ``retry_after``: seconds; ``server_date``: the Date header as sent.
    """

    outcome: Answer | ZegoError
    retry_after: float | None = None
    server_date: str | None = None


class Sender(NamedTuple):
    """What it takes to send an attempt. Several workers share it. ``secrets``: of the whole run."""

    app_id: int
    server_secret: str
    transport: Transport
    secrets: Secrets

    def send(self, attempt: Attempt) -> Exchange:
        """Send one request, with a nonce, a timestamp and a signature of its own. Raises nothing of ``errors.py``."""
        # Signed here and not when it was queued: the API refuses timestamps that are ten minutes off.
        timestamp = int(time.time()) + attempt.clock_offset
        common = signed_parameters(self.app_id, self.server_secret, attempt.action, timestamp=timestamp)
        query = [*common.items(), *attempt.parameters]
        # Any reply of this run may repeat it from now on, and it stays valid for ten minutes.
        self.secrets.add_signing(common["Signature"], common["SignatureNonce"])
        try:
            http = self.transport.send(query, attempt.body, fresh=attempt.fresh)
            outcome = read_reply(http, attempt.action, self.secrets)
        except ZegoError as error:
            # Returned, not raised: so no traceback clings to it, and with it the signed query.
            return Exchange(error)
        except Exception as error:  # pylint: disable=broad-except
            # No memory left, or a fault of ours or of a library: the other streams must still get their outcomes.
            # Its text is not quoted, since it may hold the signed query.
            reason = f"the request failed on this machine ({type(error).__name__})"
            return Exchange(AnswerLost(reason, "Check this machine's memory and limits, then run it again."))
        # Only proxies and gateways send Retry-After. The API itself answers 200, with a Code.
        retry_after = None if is_success(http.status) else http.retry_after
        return Exchange(outcome, retry_after, http.date)
