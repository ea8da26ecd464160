# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the ``Code`` of a whole reply means, as data.

The reference lists codes in three places: for every action, for a family of actions (page "Global return codes", for
cloud recording its own page "Return codes"), and on the page of an action. The narrowest place counts.
"""

from __future__ import annotations

from typing import Dict, NamedTuple

# What a caller does about a code.
END = "end"  # no retry helps, and the next request would fail as well: end the run
PROBABLY_END = "probably_end"  # no retry helps; once several requests met it, so will the others: end the run then
SPLIT = "split"  # something in this one request is refused: halve it to find out what
THROTTLED = "throttled"  # refused for its pace: slow down and send it again
PROBABLY_THROTTLED = "probably_throttled"  # the same, by a code of other actions: only where doing it twice is harmless
CLOCK = "clock"  # refused for its timestamp: correct the clock and send it again
UNCERTAIN = "uncertain"  # an error that does not say whether the work was done
GONE = "gone"  # what was named does not exist
FAILED = "failed"  # refused: report it
# By their documentation, these refuse a request before it does anything: its signature, its account, its parameters or
# its pace. A start that met one has not begun.
BEFORE_WORK = (END, PROBABLY_END, SPLIT, THROTTLED, CLOCK)


class ApiCode(NamedTuple):
    """One row: what the API means by a code, what to do about it, and what a person should do."""

    meaning: str
    policy: str
    advice: str


Rows = Dict[int, ApiCode]

_SIGNING = "This looks like a defect of the collection or of a gateway on the way: report it with the request id."
_CREDENTIALS = "Check app_id and server_secret against the ZEGO console."
_ENABLE = "Have the service enabled for this AppId in the ZEGO console or by ZEGO's support."
_AGAIN = "Run it again; if it persists, give ZEGO's support the request id."
_SUPPORT = "Give ZEGO's support the request id."
_PARAMETERS = "Check the parameters of the request."
_LATER = "Run it again in five minutes; if it persists, give ZEGO's support the request id."
SLOW_DOWN = "Lower requests_per_second, raise rate_limit_timeout, or run fewer pipelines at once."

_TOO_FREQUENT = ApiCode("too frequent", THROTTLED, SLOW_DOWN)
_INTERNAL = ApiCode("internal error", UNCERTAIN, _AGAIN)
_NO_ROOM = ApiCode("room does not exist", GONE, "A room is destroyed once it is empty.")
# It does not say that nothing was done: a start that met it may be running, and be paid for.
_REQUEST_FAILED = ApiCode("request failed", UNCERTAIN, _AGAIN)

# Reference page "Codes common to every action".
COMMON_CODES: Rows = {
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
    100000015: ApiCode("gateway internal error", END, _AGAIN),
    100000016: ApiCode(
        "production environment not configured", END, "Check is_test: this project may have a test environment only."
    ),
    100000017: ApiCode("service not enabled", END, _ENABLE),
}

# Listed or not, a code between these is of that family.
_COMMON_FIRST, _COMMON_LAST = 100000000, 100000099

# The gateway stumbled over itself: another attempt may succeed. The run ends only once the retries are used up.
RETRY_FIRST = frozenset({100000015})

# Reference section "Media File Interfaces".
_MEDIA_FILE_CODES: Rows = {
    # Any stream or file of the request may be the cause, and one bad one must not fail its neighbours.
    2: ApiCode("invalid input parameter", SPLIT, _PARAMETERS),
    3: ApiCode(
        "permission not enabled",
        PROBABLY_END,
        "Have CDN recording enabled for this AppId in the ZEGO console or by ZEGO's support.",
    ),
    4: ApiCode("CDN type mismatch", PROBABLY_END, "This AppId does not use this vendor: correct the option vendor."),
    5: ApiCode(
        "configuration error",
        PROBABLY_END,
        "Check the CDN configuration in the ZEGO console; at Aliyun with several domains, give domain and point.",
    ),
    6: _TOO_FREQUENT,
    7: ApiCode("authentication failed", PROBABLY_END, _CREDENTIALS),
    1000: _REQUEST_FAILED,
    41003: ApiCode("file does not exist", GONE, "Check the IDs of the files, or wait until the recording is stored."),
}

# Reference section "Room Signaling Interfaces".
_ROOM_CODES: Rows = {
    1: _REQUEST_FAILED,
    2: ApiCode("invalid input parameter", FAILED, _PARAMETERS),
    3: ApiCode("input too long", FAILED, "Shorten it: a room's ID may have 128 bytes, a reason 256."),
    8: ApiCode("decoding failed", FAILED, _PARAMETERS),
    # Not about this room: the AppId may not call the action at all.
    9: ApiCode("no permission for this action", END, _ENABLE),
    104: _NO_ROOM,
    105: ApiCode("user does not exist", GONE, "The user is not in the room."),
    121: ApiCode("the message could not be saved", UNCERTAIN, _AGAIN),
    122: ApiCode("no ID for the message", UNCERTAIN, _AGAIN),
    123: ApiCode("the stream's information could not be set", UNCERTAIN, _AGAIN),
    124: ApiCode("the stream's information could not be deleted", UNCERTAIN, _AGAIN),
    138: ApiCode("the stream's information does not exist", GONE, "The stream has ended, or its name is another one."),
    151: ApiCode("the message could not be sent", UNCERTAIN, _AGAIN),
    154: ApiCode("the list could not be read", UNCERTAIN, _AGAIN),
    206: _TOO_FREQUENT,
    207: ApiCode(
        "too frequent for this room", THROTTLED, "Ask less often for the same room, or raise rate_limit_timeout."
    ),
    1008: ApiCode("MessageContent empty", FAILED, _PARAMETERS),
    1012: ApiCode("several users act on the same stream", FAILED, _AGAIN),
    5024: _NO_ROOM,
    5201: ApiCode("the message could not be encoded", UNCERTAIN, _AGAIN),
    5202: ApiCode("no ID for the message", UNCERTAIN, _AGAIN),
    50001: _NO_ROOM,
    50003: ApiCode("the user is not online", FAILED, "Check the user's ID."),
    50011: ApiCode("too many users in one request", FAILED, "Name fewer users."),
    50012: ApiCode("message too long", FAILED, "Shorten the message."),
    50013: ApiCode("the message could not be sent", UNCERTAIN, _AGAIN),
    50123: ApiCode("too many rules in force", FAILED, "Delete rules that are no longer needed."),
    50124: ApiCode("the rule does not exist", GONE, "It has expired or was deleted."),
}

# Reference section "Audio/Video Stream Moderation Interfaces", which refers to the rooms' codes as well. The pages of
# these actions advise to wait for 300 s, which no retry within a run does.
_MODERATION_CODES: Rows = {
    **_ROOM_CODES,
    50006: ApiCode("HTTP request failed", FAILED, _LATER),
    50007: ApiCode("HTTP request failed", FAILED, _LATER),
    50009: ApiCode("moderation failed", FAILED, _LATER),
    50117: ApiCode("moderation not enabled", END, _ENABLE),
}

_BAD_ADDRESS = ApiCode("bad CDN address", FAILED, "Check cdn_url: an RTMP address, as it was when the relay was made.")
_UNAUTHORIZED = ApiCode("authentication failed", END, _CREDENTIALS)

# Reference section "Media Service Interfaces": relays, and bans of streams.
_MEDIA_SERVICE_CODES: Rows = {
    1: _REQUEST_FAILED,
    2: ApiCode("parameter error", FAILED, _PARAMETERS),
    3: _UNAUTHORIZED,
    1001: ApiCode("dispatch failed", FAILED, _SUPPORT),
    1002: ApiCode("no node to publish to", FAILED, _SUPPORT),
    1003: ApiCode("no node to play from", FAILED, _SUPPORT),
    1005: ApiCode("the app is not online", END, _SUPPORT),
    1006: ApiCode("invalid parameter", FAILED, _PARAMETERS),
    1010: _TOO_FREQUENT,
    3000: ApiCode("invalid app", END, "Check app_id."),
    3001: _INTERNAL,
    3002: ApiCode("timestamp wrong", CLOCK, "Set the clock of the machine that runs the module (NTP)."),
    3003: ApiCode("no token configured for this app", END, _SUPPORT),
    5000: _INTERNAL,
    5001: _INTERNAL,
    5002: _INTERNAL,
    5003: _UNAUTHORIZED,
    5004: _BAD_ADDRESS,
    5005: ApiCode("invalid request", FAILED, _SUPPORT),
    5006: _INTERNAL,
    5007: _TOO_FREQUENT,
    30001: _BAD_ADDRESS,
    30002: _TOO_FREQUENT,
    30003: _INTERNAL,
    30004: ApiCode("IsTest wrong", END, "Check is_test."),
    30005: ApiCode("invalid AppId", END, "Check app_id."),
    30006: ApiCode("bad list of streams", FAILED, "Check the names of the streams."),
    30009: ApiCode(
        "bad stream name",
        FAILED,
        "Check the stream's name; in the test environment, the API wants it to begin with zegotest-AppId-.",
    ),
    30010: ApiCode("invalid dispatch action", FAILED, "Check Type."),
    30011: ApiCode("invalid address of the client", FAILED, "Check ClientIP."),
    40005: _UNAUTHORIZED,
    41001: ApiCode("the live broadcast could not be saved", UNCERTAIN, _AGAIN),
    41002: ApiCode("the channel could not be saved", UNCERTAIN, _AGAIN),
    41003: ApiCode("the live broadcast does not exist", GONE, "Check the stream's name."),
    41004: ApiCode(
        "the stream does not exist", GONE, "Check the stream's name; where it may be gone, list 41004 in ok_codes."
    ),
    41006: ApiCode("the stream is closed", GONE, "This is an answer and no error: list 41006 in ok_codes."),
    42001: ApiCode("the live broadcast could not be disabled", UNCERTAIN, _AGAIN),
    42002: ApiCode("the live broadcast could not be resumed", UNCERTAIN, _AGAIN),
    42003: ApiCode("the live broadcasts could not be disabled", UNCERTAIN, _AGAIN),
    42004: ApiCode("the live broadcasts could not be resumed", UNCERTAIN, _AGAIN),
    43001: ApiCode("the recording's index could not be made", UNCERTAIN, _AGAIN),
}

_MIX_PARAMETERS = "Check the parameters of the mix; the API's message says more."
_LOCKED = ApiCode("another request for this user's mix is under way", THROTTLED, "Run it again a little later.")

# Reference section "Stream Mixing and Transcoding Interfaces".
_MIXING_CODES: Rows = {
    110200001: ApiCode("failed", UNCERTAIN, _AGAIN),
    110200002: ApiCode("invalid input parameter", FAILED, _MIX_PARAMETERS),
    110200003: _UNAUTHORIZED,
    110200004: ApiCode("the parameters could not be parsed", FAILED, _MIX_PARAMETERS),
    110200005: _LOCKED,
    110200006: _LOCKED,
    110200007: ApiCode("the mix could not be updated", UNCERTAIN, _AGAIN),
    110200008: ApiCode("the start could not be converted", FAILED, _MIX_PARAMETERS),
    110200012: ApiCode("the user's other mixes could not be stopped", UNCERTAIN, _AGAIN),
    110200013: ApiCode("the mix's owner could not be updated", UNCERTAIN, _AGAIN),
    110200014: ApiCode("the stop could not be converted", FAILED, _MIX_PARAMETERS),
    110200015: ApiCode("the stop could not be forwarded", UNCERTAIN, _AGAIN),
    110200140: ApiCode("input and output have the same stream", FAILED, _MIX_PARAMETERS),
    110200141: ApiCode("the image's protocol is not supported", FAILED, _MIX_PARAMETERS),
    110200142: ApiCode("the image could not be read", FAILED, "Check its address, and that it has at most 1 MB."),
    110200150: ApiCode("an input stream does not exist", FAILED, "Leave it out, or publish it first."),
    110200151: ApiCode("mixing or transcoding failed", UNCERTAIN, _AGAIN),
    110200153: ApiCode("input stream wrong", FAILED, _MIX_PARAMETERS),
    110200154: ApiCode("output stream wrong", FAILED, _MIX_PARAMETERS),
    110200155: ApiCode("input stream malformed", FAILED, _MIX_PARAMETERS),
    110200156: ApiCode("output stream malformed", FAILED, _MIX_PARAMETERS),
    110200157: ApiCode("mixing not enabled", END, _ENABLE),
    110200158: ApiCode("too many input streams", FAILED, _MIX_PARAMETERS),
    110200159: ApiCode("dispatch failed", UNCERTAIN, _AGAIN),
    110200160: ApiCode("not the owner of the mix", FAILED, "Give the UserId that started it."),
    110200161: ApiCode("width of the output stream out of range", FAILED, _MIX_PARAMETERS),
    110200170: ApiCode("watermark wrong", FAILED, _MIX_PARAMETERS),
    110200171: ApiCode("watermark empty", FAILED, _MIX_PARAMETERS),
    110200172: ApiCode("extended parameters wrong", FAILED, _MIX_PARAMETERS),
    110200175: ApiCode("an input stream given twice", FAILED, _MIX_PARAMETERS),
    110200176: ApiCode("an output stream given twice", FAILED, _MIX_PARAMETERS),
    110200177: ApiCode("too many focused voices", FAILED, _MIX_PARAMETERS),
    110200178: ApiCode("too many output streams", FAILED, _MIX_PARAMETERS),
    110200179: ApiCode("text watermark wrong", FAILED, _MIX_PARAMETERS),
    110200184: ApiCode("the start could not be parsed", FAILED, _MIX_PARAMETERS),
    110200185: ApiCode("the stop could not be parsed", FAILED, _MIX_PARAMETERS),
    110200190: _TOO_FREQUENT,
    110200191: _TOO_FREQUENT,
    110200194: _TOO_FREQUENT,
    110209001: ApiCode("no such mix", GONE, "It has ended, or its ID is another one."),
    110240002: ApiCode("invalid token", FAILED, "Check the token."),
}

# Reference page "Return codes" of cloud recording.
_CLOUD_RECORDING_CODES: Rows = {
    300000002: ApiCode("cloud recording not enabled", END, _ENABLE),
    300000003: _TOO_FREQUENT,
    300000004: ApiCode("invalid parameter", FAILED, _PARAMETERS),
    300000006: ApiCode("quota used up", FAILED, "Stop tasks that are no longer needed, or have ZEGO raise the quota."),
    300001000: ApiCode("no such task", GONE, "Check TaskId."),
    300001001: ApiCode("the task has ended", GONE, "Nothing is left to stop."),
    300001004: ApiCode("the task is not paused", FAILED, "Only a paused task can be resumed."),
    300010000: ApiCode("system error", UNCERTAIN, _AGAIN),
}

MEDIA_FILES = "media files"
ROOMS = "rooms"
MODERATION = "moderation"
MEDIA_SERVICE = "media service"
MIXING = "mixing"
CLOUD_RECORDING = "cloud recording"

FAMILIES: dict[str, Rows] = {
    MEDIA_FILES: _MEDIA_FILE_CODES,
    ROOMS: _ROOM_CODES,
    MEDIA_SERVICE: _MEDIA_SERVICE_CODES,
    MIXING: _MIXING_CODES,
    MODERATION: _MODERATION_CODES,
    CLOUD_RECORDING: _CLOUD_RECORDING_CODES,
}

# Which family an action belongs to. An action that is not here has a page that we have not read.
FAMILY_OF = {
    "StopCDNRecord": MEDIA_FILES,
    "StartCDNRecord": MEDIA_FILES,
    "SearchMedia": MEDIA_FILES,
    "DeleteMedia": MEDIA_FILES,
    "MergeMedia": MEDIA_FILES,
    "DescribeMediaTask": MEDIA_FILES,
    "MediaThumbnails": MEDIA_FILES,
    "TranscodeMedia": MEDIA_FILES,
    "CloseRoom": ROOMS,
    "DescribeSimpleStreamList": ROOMS,
    "DescribeUserNum": ROOMS,
    "DescribeUserList": ROOMS,
    "KickoutUser": ROOMS,
    "DeleteStream": ROOMS,
    "SetForbidStreamRule": ROOMS,
    "SetForbidUserRule": ROOMS,
    "SendCustomCommand": ROOMS,
    "SendBroadcastMessage": ROOMS,
    "DeleteCDNTransferRule": MEDIA_SERVICE,
    # The reference writes it without the second e.
    "CreatCDNTransferRule": MEDIA_SERVICE,
    "ClearCDNTransferRule": MEDIA_SERVICE,
    "ForbidCDNLiveStream": MEDIA_SERVICE,
    "ResumeCDNLiveStream": MEDIA_SERVICE,
    "QueryForbidCDNLiveStream": MEDIA_SERVICE,
    "ForbidRTCStream": MEDIA_SERVICE,
    "ForbidRTCStreams": MEDIA_SERVICE,
    "ResumeRTCStreams": MEDIA_SERVICE,
    "DescribeRTCStreamState": MEDIA_SERVICE,
    "StopMix": MIXING,
    "StopAutoMix": MIXING,
    "StopCloudTranscode": MIXING,
    "GetMixTaskInfo": MIXING,
    "StopCensorAudioV2": MODERATION,
    "StopCensorVideoV2": MODERATION,
    "StartRecord": CLOUD_RECORDING,
    "StopRecord": CLOUD_RECORDING,
    "PauseRecord": CLOUD_RECORDING,
    "ResumeRecord": CLOUD_RECORDING,
    "UpdateWhiteboard": CLOUD_RECORDING,
    "DescribeRecordStatus": CLOUD_RECORDING,
    "DescribeTasks": CLOUD_RECORDING,
}

_BAD_STREAM = ApiCode(
    "invalid input parameter", SPLIT, "Check the stream's name, and domain, point and end_time where they are given."
)

# What a code means in a reply to one action only: its page says more than the family's.
PAGE_CODES: dict[str, Rows] = {
    "StopCDNRecord": {2: _BAD_STREAM},
    "StartCDNRecord": {2: _BAD_STREAM},
    "SearchMedia": {
        2: ApiCode("invalid input parameter", SPLIT, "Check streams, file_ids, name_prefix, since and until."),
        8: ApiCode("authentication configuration could not be read", END, _ENABLE),
        41003: ApiCode("file does not exist", GONE, "Check file_ids, or wait until the recording is stored."),
    },
    "CloseRoom": {5018: _NO_ROOM},
    "DescribeSimpleStreamList": {
        154: ApiCode("the streams could not be listed", UNCERTAIN, _AGAIN),
        207: ApiCode(
            "too frequent for this room",
            THROTTLED,
            "Wait 10 seconds before asking for the same room again, or raise rate_limit_timeout.",
        ),
    },
}

_UNLISTED = ApiCode(
    "a code the API reference does not list for this action",
    FAILED,
    "Look it up in ZEGO's reference, or give ZEGO's support the request id.",
)
# Codes of this family are about signature, AppId and gateway. An unlisted one most likely meets every further request
# as well.
_UNLISTED_COMMON = _UNLISTED._replace(policy=END)
# Of an action whose page we have not read, we cannot say what the reference does not list.
_NOT_KNOWN = ApiCode(
    "a code this collection does not know",
    FAILED,
    "Look it up on the action's page of ZEGO's reference, or give ZEGO's support the request id.",
)
_LIKELY = "Check the parameters and the ZEGO console, or give ZEGO's support the request id."


def explain(code: int, action: str = "StopCDNRecord") -> ApiCode:
    """Return the row of ``code`` in an answer to ``action``.

    An unlisted code of the common family (1000000xx) ends the run. A code that is listed for other actions only
    probably means the same here: it fails its request, but is waited for or sent again where it means that there.
    """
    row = _listed(code, action)
    if row is not None:
        return row
    if is_common(code):
        return _UNLISTED_COMMON
    elsewhere = _rows_elsewhere(code)
    if elsewhere:
        return _probably(elsewhere)
    return _UNLISTED if action in FAMILY_OF else _NOT_KNOWN


def _listed(code: int, action: str) -> ApiCode | None:
    """Return the row that the reference has for ``code`` and ``action``, None where it lists none."""
    family = FAMILIES.get(FAMILY_OF.get(action, ""), {})
    return PAGE_CODES.get(action, {}).get(code) or family.get(code) or COMMON_CODES.get(code)


def _rows_elsewhere(code: int) -> list[ApiCode]:
    """Return the different rows that other families and pages have for ``code``."""
    tables = [*FAMILIES.values(), *PAGE_CODES.values()]
    return list(dict.fromkeys(rows[code] for rows in tables if code in rows))


def _probably(rows: list[ApiCode]) -> ApiCode:
    """Return what a code probably means that is listed for other actions only, as ``rows``."""
    meanings = " or ".join(dict.fromkeys(row.meaning for row in rows))
    policies = {row.policy for row in rows}
    # To end the run, or to take something for gone, a guess is not enough. Nor is it to send a start again.
    if policies == {THROTTLED}:
        return ApiCode(f"probably {meanings}", PROBABLY_THROTTLED, rows[0].advice)
    if policies == {UNCERTAIN}:
        return ApiCode(f"probably {meanings}", UNCERTAIN, rows[0].advice)
    return ApiCode(f"probably {meanings}", FAILED, _LIKELY)


def is_listed(code: int, action: str) -> bool:
    """Tell whether the reference lists ``code`` for ``action``: on its page, for its family, or for every action."""
    return _listed(code, action) is not None


def is_common(code: int) -> bool:
    """Tell whether a code is of the family that every action has: about signature, AppId and gateway."""
    return _COMMON_FIRST <= code <= _COMMON_LAST


def refuses_before_work(code: int, row: ApiCode) -> bool:
    """Tell whether a request that met this code has done nothing, by the code's documentation."""
    return row.policy in BEFORE_WORK and code not in RETRY_FIRST and row is not _UNLISTED_COMMON
