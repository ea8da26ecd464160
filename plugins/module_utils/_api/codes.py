# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the ``Code`` of a whole reply means, as data.

See the reference pages "Codes common to every action" and "Codes of the recording and media-file actions".
"""

from __future__ import annotations

from typing import NamedTuple

# The actions that share the low codes (reference page "Codes of the recording and media-file actions").
RECORDING_AND_MEDIA = frozenset(
    {"StopCDNRecord", "StartCDNRecord", "SearchMedia", "DeleteMedia", "MergeMedia", "DescribeMediaTask"}
)

# What a caller does about a code.
END = "end"  # no retry helps, and the next request would fail as well: end the run
SPLIT = "split"  # something in this one request is refused: halve it to find out what
THROTTLED = "throttled"  # refused for its pace: slow down and send it again
CLOCK = "clock"  # refused for its timestamp: correct the clock and send it again
UNCERTAIN = "uncertain"  # an error that does not say whether the work was done
GONE = "gone"  # what was named does not exist
FAILED = "failed"  # refused: report it


class ApiCode(NamedTuple):
    """One row: what the API means by a code, what to do about it, and what a person should do."""

    meaning: str
    policy: str
    advice: str


_SIGNING = "This looks like a defect of the collection or of a gateway on the way: report it with the request id."
_CREDENTIALS = "Check app_id and server_secret against the ZEGO console."
_ENABLE = "Have the service enabled for this AppId in the ZEGO console or by ZEGO's support."

API_CODES = {
    # Any stream of the batch may be the cause, and one bad stream must not fail its neighbours.
    2: ApiCode(
        "invalid input parameter",
        SPLIT,
        "Check the stream's name, and domain, point and end_time where they are given.",
    ),
    3: ApiCode(
        "permission not enabled",
        END,
        "Have CDN recording enabled for this AppId in the ZEGO console or by ZEGO's support.",
    ),
    4: ApiCode("CDN type mismatch", END, "This AppId does not use this vendor: correct the option vendor."),
    5: ApiCode(
        "configuration error",
        END,
        "Check the CDN configuration in the ZEGO console; at Aliyun with several domains, give domain and point.",
    ),
    6: ApiCode(
        "too frequent",
        THROTTLED,
        "Lower requests_per_second, raise rate_limit_timeout, or run fewer pipelines at once.",
    ),
    7: ApiCode("authentication failed", END, _CREDENTIALS),
    # It does not say that nothing was done: a start that met it may be running, and be paid for.
    1000: ApiCode("request failed", UNCERTAIN, "Run it again; if it persists, give ZEGO's support the request id."),
    100000000: ApiCode("wrong Host header", END, "Check api_url, and proxies on the way."),
    100000001: ApiCode("AppId malformed", END, "Check app_id."),
    100000002: ApiCode("Timestamp empty", END, _SIGNING),
    100000003: ApiCode("Timestamp malformed", END, _SIGNING),
    100000004: ApiCode("signature expired", CLOCK, "Set the clock of the machine that runs the module (NTP)."),
    100000005: ApiCode("signature wrong", END, "Check that server_secret belongs to this app_id."),
    100000006: ApiCode("Action empty", END, _SIGNING),
    100000007: ApiCode(
        "Action unsupported", END, "Check api_url, and the name of the action: this address does not serve it."
    ),
    100000008: ApiCode("SignatureNonce empty", END, _SIGNING),
    100000009: ApiCode("Signature empty", END, _SIGNING),
    100000010: ApiCode("no ServerSecret for this AppId", END, _CREDENTIALS),
    100000011: ApiCode(
        "no configuration for this AppId", END, "Check app_id, and that the project is active in the ZEGO console."
    ),
    # The reference lists no 100000012.
    100000013: ApiCode("SignatureVersion empty", END, _SIGNING),
    100000014: ApiCode("SignatureVersion unsupported", END, _SIGNING),
    100000015: ApiCode(
        "gateway internal error", END, "Run it again; if it persists, give ZEGO's support the request id."
    ),
    100000016: ApiCode(
        "production environment not configured", END, "Check is_test: this project may have a test environment only."
    ),
    100000017: ApiCode("service not enabled", END, _ENABLE),
}

# The gateway stumbled over itself: another attempt may succeed. The run ends only once the retries are used up.
RETRY_FIRST = frozenset({100000015})

# Reference pages "DescribeSimpleStreamList" and "Ending an event": the codes for a room that is gone.
ROOM_CODES = {
    code: ApiCode("room does not exist", GONE, "A room is destroyed once it is empty.") for code in (104, 5024, 50001)
}
_TOO_FREQUENT = ApiCode(
    "too frequent", THROTTLED, "Wait 10 seconds before asking for the same room again, or raise rate_limit_timeout."
)

# What a code means for one action only.
ACTION_CODES = {
    "DescribeSimpleStreamList": {
        **ROOM_CODES,
        154: ApiCode(
            "the streams could not be listed",
            UNCERTAIN,
            "Run it again; if it persists, give ZEGO's support the request id.",
        ),
        206: _TOO_FREQUENT,
        207: _TOO_FREQUENT,
    },
    "CloseRoom": ROOM_CODES,
    "SearchMedia": {
        2: ApiCode("invalid input parameter", SPLIT, "Check streams, file_ids, name_prefix, since and until."),
        8: ApiCode("authentication configuration could not be read", END, _ENABLE),
        41003: ApiCode("file does not exist", GONE, "Check file_ids, or wait until the recording is stored."),
    },
}

_UNLISTED = ApiCode(
    "a code the API reference does not list",
    FAILED,
    "Look it up in ZEGO's reference, or give ZEGO's support the request id.",
)
# Codes of this family are about signature, AppId and gateway. An unlisted one most likely meets every further request
# as well.
_UNLISTED_COMMON = _UNLISTED._replace(policy=END)
_LIKELY = "Check the parameters and the ZEGO console, or give ZEGO's support the request id."


def explain(code: int, action: str = "StopCDNRecord") -> ApiCode:
    """Return the row of ``code`` in an answer to ``action``.

    An unlisted code of the common family (1000000xx) ends the run, any other fails its request only. The low codes are
    documented for the recording and media-file actions. In a reply to another action they may mean something else, so
    they do not end the run.
    """
    row = ACTION_CODES.get(action, {}).get(code) or API_CODES.get(code)
    if row is None:
        return _UNLISTED_COMMON if 100000000 <= code <= 100000099 else _UNLISTED
    is_low = code in API_CODES and code < 100000000
    if is_low and action not in RECORDING_AND_MEDIA and row.policy in (END, SPLIT):
        return ApiCode(f"probably {row.meaning}", FAILED, _LIKELY)
    return row


def is_unlisted(code: str | None, action: str) -> bool:
    """Tell whether ``code`` (as text) is a Code of which no page of the reference says anything for this action."""
    return code is not None and code.isdigit() and explain(int(code), action) == _UNLISTED
