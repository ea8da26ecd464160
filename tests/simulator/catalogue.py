# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes and quotas as the reference has them: the API's own, and the vendors' for each situation of a stream."""

from __future__ import annotations

SUCCESS = 0
INVALID_PARAMETER = 2
CDN_MISMATCH = 4
CONFIGURATION = 5
TOO_FREQUENT = 6
ROOM_GONE = 104
# Two codes are documented for 'too frequent' here, and two limits. Which is whose is not: a choice.
LIST_TOO_FREQUENT = 206
ROOM_TOO_FREQUENT = 207
# A request that gets one of these was refused for the quota.
REFUSED_FOR_QUOTA = frozenset({TOO_FREQUENT, LIST_TOO_FREQUENT, ROOM_TOO_FREQUENT})

HOST_WRONG = 100000000
APP_ID_MALFORMED = 100000001
TIMESTAMP_EMPTY = 100000002
TIMESTAMP_MALFORMED = 100000003
SIGNATURE_EXPIRED = 100000004
SIGNATURE_WRONG = 100000005
ACTION_EMPTY = 100000006
ACTION_UNSUPPORTED = 100000007
NONCE_EMPTY = 100000008
SIGNATURE_EMPTY = 100000009
APP_ID_UNKNOWN = 100000011
VERSION_EMPTY = 100000013
VERSION_UNSUPPORTED = 100000014

MESSAGES = {
    0: "success",
    2: "invalid input parameter",
    3: "permission not enabled",
    4: "CDN type mismatch",
    5: "configuration error",
    6: "too frequent, try again later",
    7: "authentication failed",
    104: "room does not exist",
    154: "list failed, retry",
    206: "too frequent",
    207: "too frequent for this room",
    1000: "request failed",
    5024: "room does not exist",
    50001: "room does not exist",
    41003: "file does not exist",
    100000000: "wrong Host header",
    100000001: "AppId malformed",
    100000002: "Timestamp empty",
    100000003: "Timestamp malformed",
    100000004: "signature expired",
    100000005: "signature wrong",
    100000006: "Action empty",
    100000007: "Action unsupported",
    100000008: "SignatureNonce empty",
    100000009: "Signature empty",
    100000010: "no ServerSecret for this AppId",
    100000011: "no configuration for this AppId",
    100000013: "SignatureVersion empty",
    100000014: "SignatureVersion unsupported",
    100000015: "gateway internal error",
    100000016: "production environment not configured",
    100000017: "service not enabled",
}

# Requests a second that an AppID may make of each action.
QUOTAS = {
    "StopCDNRecord": 20,
    "StartCDNRecord": 20,
    "DescribeSimpleStreamList": 50,
    "SearchMedia": 20,
    "CloseRoom": 1,
    "DeleteCDNTransferRule": 10,
    "DeleteMedia": 20,
    "MergeMedia": 20,
    "DescribeMediaTask": 20,
    "ForbidCDNLiveStream": 20,
    "ResumeCDNLiveStream": 20,
}
# What too many requests a second get where it is not Code 6.
TOO_FREQUENT_CODES = {"DescribeSimpleStreamList": LIST_TOO_FREQUENT}
# One request per room in so many seconds.
ROOM_SECONDS = 10
ROOM_LIMITED = frozenset({"DescribeSimpleStreamList"})

# The page of these documents GET alone.
GET_ONLY = frozenset({"StopCDNRecord", "StartCDNRecord"})
# Of these the reference documents the quota, and neither parameters nor Data.
ACKNOWLEDGED = ("DeleteMedia", "MergeMedia", "DescribeMediaTask", "ForbidCDNLiveStream", "ResumeCDNLiveStream")

VENDORS = ("Tencent", "Ws", "Huawei", "Aliyun")

# Those whose recorded files can be searched.
MEDIA_VENDORS = ("Tencent", "Ws", "Huawei")

# Only the codes that a vendor documents are certain. Undocumented, hence a choice: every Ws code but 200, what Huawei
# and Ws answer to the start of a stream that is not live, and that Aliyun sends a number, the code's name as message.
VENDOR_CODES = {
    "Tencent": {
        "success": ("", ""),
        "absent": ("ResourceNotFound.TaskId", "the TaskId does not exist"),
        "limit": ("LimitExceeded.MaximumRunningTask", "too many running tasks"),
        "not_live": ("ResourceUnavailable.StreamNotExist", "the stream does not exist"),
        "throttled": ("RequestLimitExceeded", "too frequent"),
    },
    "Ws": {
        "success": (200, "success"),
        "absent": (404, "not found"),
        "running": (409, "task already exists"),
        "not_live": (404, "not found"),
        "throttled": (429, "too many requests"),
    },
    "Huawei": {
        "success": (0, "success"),
        "absent": (404, "resource does not exist"),
        "running": ("LIVE.100011022", "record task exists"),
        "not_live": (404, "resource does not exist"),
        "throttled": ("LIVE.100011007", "too frequent"),
    },
    "Aliyun": {
        "success": (200, ""),
        "absent": (409, "StreamNotFound"),
        "running": (409, "TaskAlreadyStarted"),
        "not_live": (404, "InvalidStream.NotFound"),
        "throttled": ("Throttling.User", "too frequent"),
    },
}
