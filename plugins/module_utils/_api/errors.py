# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The small family of errors that a call to the API can end with. None of them carries a URL, a signature or a secret."""

from __future__ import annotations


class ZegoError(Exception):
    """A call that did not succeed.

    ``reason`` says what happened and ``advice`` what a person should do about it, both as plain sentences.
    ``code`` is the API's Code as text (None where no reply came), ``request_id`` the API's RequestId.
    ``attempts`` counts the requests sent for this call; ``answer_lost`` is True where one of them
    may have been carried out although its answer never arrived.
    """

    def __init__(self, reason: str, advice: str = "", code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.code = code
        self.request_id = request_id
        self.attempts = 0
        self.answer_lost = False
        # Between the attempts of one call: the server's Retry-After in seconds and its Date header, and whether the clock was corrected.
        self.retry_after: float | None = None
        self.server_date: str | None = None
        self.corrected = False


class Refused(ZegoError):
    """The API answered, and refused this request."""


class RefusedForContent(Refused):
    """Refused for something in this one request (Code 2, HTTP 413/414/431): its parts may succeed."""


class Gone(Refused):
    """Refused since what was named does not exist (any more)."""


class Halted(Refused):
    """Refused for a cause that meets every further request as well: the client sends nothing any more."""


class Throttled(ZegoError):
    """Refused for its pace: the same request may succeed a little later."""


class NotSent(ZegoError):
    """The request never left this machine: name not resolved, connection refused."""


class Unreachable(NotSent):
    """The request never left, and no further one will: certificate not trusted, address not usable."""


class AnswerLost(ZegoError):
    """The request left, and no readable answer came: it may or may not have been carried out."""


class NotAttempted(ZegoError):
    """The client had already given up when this call's turn came: nothing was sent."""
