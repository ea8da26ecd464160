# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How a call to the API can fail. No error carries a URL, a signature or a secret.

The class of an error decides what happens next: ``retry.py`` and ``lane.py`` ask its attributes, never its type.
"""

from __future__ import annotations

import os
import traceback

# When the same request may be sent again.
NEVER = "never"
ALWAYS = "always"  # it never reached the API
IF_REPEATABLE = "if_repeatable"  # it may have been carried out: only where doing it twice does no harm
AFTER_PAUSE = "after_pause"  # refused for its pace: bounded by patience, not by the number of retries
WITH_NEW_TIME = "with_new_time"  # refused for its timestamp: once, with a corrected clock


class ZegoError(Exception):
    """A call that did not succeed.

    ``reason`` says what happened and ``advice`` what a person should do about it, both as plain sentences.
    ``code`` is the API's Code as text (None where no reply came), ``request_id`` the API's RequestId.
    ``attempts`` counts the requests sent for this call. ``maybe_done`` is True where one of them may have been
    carried out although no reply said so.
    """

    retry = NEVER
    # Whether anything answered at all. The breaker counts errors for which nothing did.
    answered = True
    # Whether the run ends: at once, as soon as no further retry is allowed, or once several requests that have nothing
    # in common met the same, and none was accepted.
    ends_run = False
    ends_run_after_retries = False
    ends_run_if_common = False
    # Whether it may apply to every request: then it says nothing about what this one named.
    about_everything = False
    # Whether it stays as it is, however long one waits.
    lasting = False
    # Whether one of several streams in the request may be the cause, so that the others may succeed without it.
    isolates = False
    # Whether it says that nothing was begun: by its code's documentation, or by the standard for an HTTP status. Only
    # then may a start that met it be sent again.
    nothing_began = False
    # Whether this attempt may have been carried out nevertheless.
    maybe_done = False
    # The reply does not say whether the work was done. It leaves a doubt only where the call is not sent again.
    unclear = False

    def __init__(
        self, reason: str, advice: str = "", code: str | None = None, *, request_id: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.code = code
        self.request_id = request_id
        self.attempts = 0


class Refused(ZegoError):
    """The API answered, and refused this request."""

    ends_run_if_common = True
    isolates = True


class RefusedForContent(Refused):
    """Refused for something in this one request (Code 2, HTTP 413/414/431): its parts may succeed."""

    # The next one may be refused for its own content, and says nothing about the others.
    ends_run_if_common = False


class Gone(Refused):
    """Refused because what was named does not exist (any more)."""

    ends_run_if_common = False


class Uncertain(Refused):
    """An error reply that does not say whether the work was done (Code 1000)."""

    retry = IF_REPEATABLE
    unclear = True


class WrongClock(Refused):
    """The API refused the timestamp (100000004)."""

    retry = WITH_NEW_TIME
    # Every further request would carry a wrong timestamp as well.
    ends_run_after_retries = True
    about_everything = True
    lasting = True


class Fatal(Refused):
    """Refused for a reason that applies to every further request: the client sends nothing any more."""

    ends_run = True
    about_everything = True
    lasting = True


class Forbidden(Fatal):
    """Refused for a reason that may apply to every request, or to this one alone (HTTP 403, Code 3)."""

    # A gateway's rule may be about one stream's name. That must not leave the other recordings running.
    ends_run = False


class FatalAfterRetries(Fatal):
    """Ends the run once the retries are used up: a gateway's internal error, which another attempt may get past."""

    retry = IF_REPEATABLE
    ends_run = False
    ends_run_after_retries = True
    lasting = False
    # It does not say whether the gateway had passed the request on.
    maybe_done = True


class Throttled(ZegoError):
    """Refused for its pace: the same request may succeed a little later."""

    # A start, too: it was refused, so nothing began.
    retry = AFTER_PAUSE
    nothing_began = True


class ProbablyThrottled(Throttled):
    """Refused for its pace, if a code means here what it means for other actions."""

    # Nothing says for certain that nothing was done: a start is not sent again.
    unclear = True
    nothing_began = False


class NotSent(ZegoError):
    """The request never left this machine: name not resolved, connection refused."""

    # A start, too: it never reached the API, so it cannot begin twice.
    retry = ALWAYS
    answered = False
    nothing_began = True


class Unreachable(NotSent):
    """The request never left, and no further one will: certificate not trusted, address not usable."""

    retry = NEVER
    ends_run = True
    lasting = True


class AnswerLost(ZegoError):
    """The request left, and no readable answer came: it may or may not have been carried out."""

    retry = IF_REPEATABLE
    # To the breaker this is silence, even if a proxy on the way answered with a 5xx.
    answered = False
    maybe_done = True
    # A stream may be what the API stumbles over.
    isolates = True


class Internal(ZegoError):
    """Something was raised on this machine that nobody expected. What was in flight may have been carried out."""

    maybe_done = True

    def __init__(self, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        where = f" in {os.path.basename(frames[-1].filename)}, line {frames[-1].lineno}" if frames else ""
        # Not its text, which may hold a URL.
        super().__init__(
            f"an error on this machine ended it ({type(error).__name__}{where})",
            "Run it again; if it persists, check this machine's memory and limits, and report it.",
        )


class BadName(ZegoError):
    """No request can carry a name."""

    lasting = True


class NotAttempted(ZegoError):
    """The run had already ended when this call's turn came: nothing was sent."""
