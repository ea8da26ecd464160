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
INPUT_TOO_LONG = 3
ROOM_GONE = 104
# For the AppID's quota, and for the one of a room.
APP_TOO_FREQUENT = 206
ROOM_TOO_FREQUENT = 207
BAD_CDN_ADDRESS = 5004
BAD_STREAM = 30009
MEDIA_SERVICE_TOO_FREQUENT = 30002
MIX_TOO_FREQUENT = 110200191
RECORD_TOO_FREQUENT = 300000003
# A request that gets one of these was refused for the quota.
REFUSED_FOR_QUOTA = frozenset(
    {
        TOO_FREQUENT,
        APP_TOO_FREQUENT,
        ROOM_TOO_FREQUENT,
        1010,
        5007,
        MEDIA_SERVICE_TOO_FREQUENT,
        110200190,
        MIX_TOO_FREQUENT,
        110200194,
        RECORD_TOO_FREQUENT,
    }
)

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
    138: "stream information does not exist",
    206: "too frequent",
    207: "too frequent for this room",
    1000: "request failed",
    1010: "too frequent",
    5000: "internal error",
    5003: "authentication failed",
    5004: "invalid CDN address",
    5005: "invalid request",
    5007: "too frequent",
    5018: "room has been destroyed or does not exist",
    5024: "room does not exist",
    30002: "too frequent",
    30003: "internal error",
    30004: "isTest wrong",
    30005: "invalid AppId",
    30009: "invalid StreamId",
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
    110200191: "too frequent",
    110209001: "the mixing task does not exist",
    300000003: "too frequent",
    300001000: "the task does not exist",
    300001001: "the task has ended",
}

# What the API posts by itself; cloud recording has a callback of another form.
CALLBACK_EVENTS = ("record", "stream_create", "stream_close", "room_close")

# Of the last ones the reference documents more than this does: they take whatever comes, and do nothing.
_ROOM_ACTIONS = {
    "DescribeUserNum": 10,
    "DescribeUserList": 200,
    "KickoutUser": 50,
    "DeleteStream": 10,
    "SetForbidStreamRule": 10,
    "SetForbidUserRule": 10,
    "SendCustomCommand": 100,
    "SendBroadcastMessage": 100,
}
_MEDIA_SERVICE_ACTIONS = {
    "CreatCDNTransferRule": 10,
    "ClearCDNTransferRule": 10,
    "ForbidCDNLiveStream": 20,
    "ResumeCDNLiveStream": 20,
    "QueryForbidCDNLiveStream": 20,
    "ForbidRTCStream": 20,
    "ForbidRTCStreams": 20,
    "ResumeRTCStreams": 20,
    "DescribeRTCStreamState": 40,
}
_MIX_ACTIONS = {"StopMix": 100, "StopAutoMix": 100, "StopCloudTranscode": 100, "GetMixTaskInfo": 100}
_MODERATION_ACTIONS = {"StopCensorAudioV2": 100, "StopCensorVideoV2": 100}
_RECORD_ACTIONS = {"StopRecord": 50, "DescribeRecordStatus": 10, "DescribeTasks": 10, "PauseRecord": 10}
_FILE_ACTIONS = dict.fromkeys(
    ("DeleteMedia", "MergeMedia", "DescribeMediaTask", "MediaThumbnails", "TranscodeMedia"), 20
)
_ACKNOWLEDGED = {
    **_FILE_ACTIONS,
    **_ROOM_ACTIONS,
    **_MEDIA_SERVICE_ACTIONS,
    **_MIX_ACTIONS,
    **_MODERATION_ACTIONS,
    **_RECORD_ACTIONS,
}
ACKNOWLEDGED = tuple(_ACKNOWLEDGED)

# Requests a second that an AppID may make of each action.
QUOTAS = {
    "StopCDNRecord": 20,
    "StartCDNRecord": 20,
    "DescribeSimpleStreamList": 50,
    "SearchMedia": 20,
    "CloseRoom": 1,
    "DeleteCDNTransferRule": 10,
    **_ACKNOWLEDGED,
}
# The same in the test environment, where it differs.
TEST_QUOTAS = {
    "DescribeUserNum": 1,
    "DeleteStream": 1,
    "SendCustomCommand": 10,
    "SendBroadcastMessage": 10,
    "DeleteCDNTransferRule": 5,
    "CreatCDNTransferRule": 5,
    "ClearCDNTransferRule": 5,
    "ForbidRTCStream": 5,
    "ForbidRTCStreams": 5,
    "ResumeRTCStreams": 5,
    "DescribeRTCStreamState": 10,
}
# What too many requests a second get where it is not Code 6.
TOO_FREQUENT_CODES = {
    **dict.fromkeys(("CloseRoom", "DescribeSimpleStreamList", *_ROOM_ACTIONS, *_MODERATION_ACTIONS), APP_TOO_FREQUENT),
    **dict.fromkeys(("DeleteCDNTransferRule", *_MEDIA_SERVICE_ACTIONS), MEDIA_SERVICE_TOO_FREQUENT),
    **dict.fromkeys(_MIX_ACTIONS, MIX_TOO_FREQUENT),
    **dict.fromkeys(_RECORD_ACTIONS, RECORD_TOO_FREQUENT),
}
# One request per room in so many seconds.
ROOM_SECONDS = 10
ROOM_LIMITED = frozenset({"DescribeSimpleStreamList"})

# The page of these documents GET alone.
GET_ONLY = frozenset({"StopCDNRecord", "StartCDNRecord"})

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
        "absent": (404, "record does not exist"),
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
