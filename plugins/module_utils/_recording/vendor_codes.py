# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What each vendor's code for one stream means, as data.

See the reference page "What the four CDN vendors say about a stream".
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from ansible_collections.zego.cloud.plugins.module_utils._recording import words

# What an entry of a reply means for its stream.
SUCCESS = "success"
ABSENT = "absent"  # no such recording, task or stream
RUNNING = "running"  # it is being recorded already
THROTTLED = "throttled"  # refused for its pace: nothing was done
TRANSIENT = "transient"  # an internal error: worth a retry where repeating is harmless
FAILED = "failed"  # refused, for a reason that the table explains
UNEXPLAINED = "unexplained"  # refused, and neither the table nor the vendor says why for certain
MISSING = "missing"  # no usable entry for the stream


class Row(NamedTuple):
    """One row of a table.

    ``code``: matched exactly, or as a shell pattern if it has a wildcard; ``message``: must say one of these, which are
    codes or sentences of ``words``.
    """

    code: str
    meaning: str
    kind: str
    message: tuple[str, ...] = ()


def _rows(meaning: str, kind: str, *codes: str) -> tuple[Row, ...]:
    return tuple(Row(code, meaning, kind) for code in codes)


_ALIYUN_CONFIGURATION = ("CodeConfigNotFound", "InvalidConfig.NotFound", "InvalidDomain.NotFound")
_ALIYUN_ABSENT = ("StreamNotFound", "InvalidStream.NotFound", words.STREAM_MISSING)
_ALIYUN_RUNNING = ("TaskAlreadyStarted", words.TASK_STARTED)


def _something_missing(message: str, *codes: str) -> tuple[Row, ...]:
    """Codes that say that something does not exist, and not what. The message decides.

    A stop takes 'absent' for done, so these codes are not 'absent' where the message names a domain or nothing at all.
    """
    absent = tuple(Row(code, ABSENT, "absent", (message,)) for code in codes)
    return (*absent, *_rows(UNEXPLAINED, "not_found", *codes))


def _aliyun_status(status: str, otherwise: str) -> tuple[Row, ...]:
    """An HTTP-like status alone is ambiguous, since a missing domain is a 404 too. The message decides."""
    # The order matters, since the first row that matches counts: a missing configuration must not count as an absent
    # stream, which would be a stop that is already done.
    return (
        Row(status, FAILED, "configuration", _ALIYUN_CONFIGURATION),
        Row(status, ABSENT, "absent", _ALIYUN_ABSENT),
        Row(status, RUNNING, "running", _ALIYUN_RUNNING),
        Row(status, UNEXPLAINED, otherwise),
    )


VENDOR_CODES: dict[str, tuple[Row, ...]] = {
    "Tencent": (
        # Tencent's Code is a string, and empty on success.
        Row("", SUCCESS, "success"),
        # Exact codes only, never the prefix 'ResourceNotFound.': arrears and blocked accounts share it. The first code
        # is documented for an older pair of APIs; the other two are inferred.
        *_rows(
            ABSENT,
            "absent",
            "ResourceNotFound.TaskId",
            "ResourceNotFound.TaskNotFound",
            "InvalidParameter.TaskNotExist",
        ),
        # Documented for an older API.
        *_rows(ABSENT, "absent", "ResourceNotFound.ChannelNotExist", "ResourceUnavailable.StreamNotExist"),
        # The rest of Tencent's codes for 'not found' is in the vendor's SDK, in its list for live recordings. These
        # name the stream,
        *_rows(
            ABSENT,
            "absent",
            "FailedOperation.StreamNotExist",
            "FailedOperation.StreamNotAlive",
            "ResourceNotFound.StreamNotAlive",
        ),
        # and these do not.
        *_something_missing(words.TASK_MISSING, "ResourceNotFound", "FailedOperation.NotFound"),
        *_rows(
            TRANSIENT,
            "transient",
            "InternalError",
            "InternalError.NetworkError",
            "InternalError.SystemError",
            "InternalError.DBError",
            "InternalError.CallOtherSvrError",
            "FailedOperation.CallOtherSvrError",
            "FailedOperation",
            "ServiceUnavailable",
        ),
        # Tencent refused the call, so a start may be sent again, too.
        *_rows(
            THROTTLED,
            "throttled",
            "RequestLimitExceeded",
            "RequestLimitExceeded.IPLimitExceeded",
            "RequestLimitExceeded.UinLimitExceeded",
        ),
        *_rows(
            THROTTLED,
            "throttled",
            "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
            "LimitExceeded.RateLimitExceeded",
        ),
        *_rows(FAILED, "account", "ResourceNotFound.ForbidService", "ResourceNotFound.FreezeService"),
        *_rows(FAILED, "account", "ResourceNotFound.StopService", "ResourceNotFound.UserDisableService"),
        *_rows(FAILED, "account", "ResourceNotFound.InvalidUser", "FailedOperation.JiFeiNoEnoughFund"),
        *_rows(FAILED, "quota", "LimitExceeded.MaximumRunningTask", "LimitExceeded.MaximumTask"),
        # Each has several causes. Only the memory of our own stop, or the user's not_recording_codes, tells which.
        *_rows(UNEXPLAINED, "ambiguous", "InvalidParameter", "UnsupportedOperation"),
        *_rows(FAILED, "permission", "AuthFailure*", "UnauthorizedOperation*"),
    ),
    "Huawei": (
        Row("0", SUCCESS, "success"),
        # 'Record task exists'. Shortly after a stop it can mean that this stop is still finishing: see outcomes.py.
        Row("LIVE.100011022", RUNNING, "running"),
        # 'Resource does not exist' and 'record does not exist': they also came for a missing domain.
        *_something_missing(words.RECORDING_MISSING, "404", "LIVE.103011019"),
        Row("LIVE.100011007", THROTTLED, "throttled"),
        *_rows(
            TRANSIENT,
            "transient",
            "LIVE.100011000",
            "LIVE.100011005",
            "LIVE.103011021",
            "LIVE.100011006",
            "LIVE.100011008",
        ),
        *_rows(FAILED, "permission", "LIVE.100011002", "LIVE.100011003", "LIVE.100011014", "LIVE.100011015"),
        *_rows(FAILED, "permission", "LIVE.100011009", "LIVE.100011013"),
    ),
    "Aliyun": (
        Row("200", SUCCESS, "success"),
        *_rows(FAILED, "configuration", *_ALIYUN_CONFIGURATION),
        *_rows(ABSENT, "absent", "StreamNotFound", "InvalidStream.NotFound"),
        Row("TaskAlreadyStarted", RUNNING, "running"),
        *_aliyun_status("404", otherwise="not_found"),
        *_aliyun_status("409", otherwise="ambiguous"),
        # Not documented, but inferred: these and the transient ones.
        *_rows(THROTTLED, "throttled", "Throttling*", "429"),
        *_rows(TRANSIENT, "transient", "500", "503", "InternalError"),
    ),
    # Ws documents success only; 429 and 5xx are inferred. A 404, like any other code, stays unexplained until the user
    # lists it in not_recording_codes, or this machine remembers that it stopped the stream.
    "Ws": (
        Row("200", SUCCESS, "success"),
        Row("404", UNEXPLAINED, "not_found"),
        Row("429", THROTTLED, "throttled"),
        Row("5[0-9][0-9]", TRANSIENT, "transient"),
    ),
}

VENDORS = ("Tencent", "Ws", "Huawei", "Aliyun")

# These vendors answer a repeated start with "running": sending it again is safe, and says more than our memory.
ANSWERS_REPEATED_START = frozenset({"Huawei", "Aliyun"})

# The user's not_recording_codes cannot redefine these: success, and refusals whose reason is documented.
SETTLED_KINDS = frozenset({"success", "running", "throttled", "account", "quota", "permission", "configuration"})

ADVICE = {
    "account": (
        "The account at {vendor} is blocked, suspended or in arrears: settle that with {vendor}, then run again."
    ),
    "quota": "The quota of recording tasks at {vendor} is used up: stop others or have it raised, then run again.",
    "permission": "{vendor} refuses ZEGO's access to the account: check the CDN credentials in the ZEGO console.",
    "configuration": "Something is wrong with domain, point or the recording configuration: check them at {vendor}.",
    "transient": "{vendor} has an internal problem: run it again.",
    "throttled": (
        "{vendor} takes fewer streams a second: raise rate_limit_timeout, lower batch_size, or run it again later."
    ),
    "absent": "{vendor} knows no such stream: check its name, and that it is being published.",
    "not_recording": (
        "This machine did not stop it either, and expect_recording is true: check its name, and whether {vendor} "
        "recorded it at all."
    ),
    "running": "{vendor} says that it is still being recorded: run it again, and check the vendor's console.",
    "ambiguous": (
        "{vendor} gives several causes this code: "
        "read its message; list the code in not_recording_codes if it means 'not recording' here."
    ),
    "not_found": (
        "{vendor} does not say what is not found, the stream, a domain or a configuration: "
        "check them at {vendor}; list the code in not_recording_codes if it means 'not recording' here."
    ),
    "unexplained": (
        "The code is not documented: "
        "check the stream at {vendor}; list the code in not_recording_codes if it means 'not recording' here."
    ),
    "missing": "The reply said nothing of this stream: check it at {vendor}, and run it again.",
    "unknown": "It may be recording: look at {vendor}, then either stop it, or start it with force=true.",
    "partial": "It was started in part: check the recorded formats at {vendor}, then stop it or start it anew.",
}


def _matches(row: Row, code: str, message: words.Message) -> bool:
    is_pattern = "*" in row.code or "[" in row.code
    if code != row.code and not (is_pattern and fnmatchcase(code, row.code)):
        return False
    return not row.message or any(message.says(part) for part in row.message)


def lookup(vendor: str, spellings: tuple[str, ...], message: words.Message) -> Row:
    """Return the first row of ``vendor`` that matches, by the first of a code's ``spellings`` that any row matches.

    Where none does: a row that says 'unexplained'.
    """
    for code in spellings:
        for row in VENDOR_CODES[vendor]:
            if _matches(row, code, message):
                return row
    return Row(spellings[0], UNEXPLAINED, "unexplained")
