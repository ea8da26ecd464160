# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one shape of an event, whether a callback told it or a search found it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils import _times
from ansible_collections.zego.cloud.plugins.module_utils._values import as_integer, as_number, without_none

RECORD = "record"
STREAM_CREATE = "stream_create"
STREAM_CLOSE = "stream_close"
ROOM_CLOSE = "room_close"
# Cloud recording's callback names no event.
CLOUD_RECORDING = "cloud_recording"
EVENTS = (RECORD, STREAM_CREATE, STREAM_CLOSE, ROOM_CLOSE, CLOUD_RECORDING)

# The longest texts of the reference are URLs, with 1024 bytes; a message or a user's name may be anything.
LONGEST_TEXT = 4096
# Ansible reads these in extra variables as the begin of a template, which can run commands.
_TEMPLATE = re.compile(r"\{[{%#]")
_FORMAT = re.compile(r"\.([A-Za-z0-9]{1,8})\Z")


class Event(NamedTuple):
    """An event for the engine. ``uuid``: the same for the same event, whoever tells of it; ``zego``: what it says."""

    app_id: int
    uuid: str
    zego: dict[str, Any]

    def as_data(self) -> dict[str, Any]:
        """Return what the engine gets."""
        return {"zego": self.zego, "meta": {"uuid": self.uuid}}


def check_safe(value: Any, depth: int = 0) -> None:
    """Refuse what must not reach a playbook. Raises ``ValueError`` with a sentence."""
    if depth > 8:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        for key, item in value.items():
            check_safe(key, depth + 1)
            check_safe(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_safe(item, depth + 1)
    elif isinstance(value, str):
        _check_text(value)


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a text has more than {LONGEST_TEXT} characters")
    # The engine hands events to playbooks as extra variables, in which Ansible expands templates.
    if _TEMPLATE.search(text):
        raise ValueError("a text would be taken for a template by Ansible")
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("a text has characters that cannot be stored")


def identity_of(vendor: str | None, file: dict[str, Any]) -> str:
    """Return what a file is known by: Tencent's ID, Huawei's key, else the URL without its query; '' for nothing."""
    if file.get("file_id"):
        return str(file["file_id"])
    if vendor == "Huawei" and file.get("name"):
        return str(file["name"])
    try:
        parts = urlsplit(file.get("url") or "")
    except ValueError:
        return ""
    # A query may hold a signature, which another search need not repeat.
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme and parts.netloc else ""


def file_event(app_id: int, vendor: str | None, stream_id: str | None, file: dict[str, Any]) -> Event:
    """Return the event of a recorded file. Raises ``ValueError`` with a sentence.

    ``file``: in the words of ``zego_media_info``, with ``started`` and ``ended`` where those are known.
    """
    identity = identity_of(vendor, file)
    if not identity:
        raise ValueError("it names neither a file nor its URL")
    known = {name: value for name, value in file.items() if name != "stream_id" and value not in (None, "")}
    zego = {"event": RECORD, "app_id": app_id, "vendor": vendor, "stream_id": stream_id, "file": known}
    return _checked(app_id, identity, without_none(zego))


def callback_event(app_id: int, fields: dict[str, Any]) -> Event | None:
    """Return the event of a callback's fields, None for an event that nobody asked for.

    Raises ``ValueError`` with a sentence.
    """
    event = fields.get("event") or (CLOUD_RECORDING if "event_type" in fields else "")
    if event == RECORD:
        return _record(app_id, fields)
    read = _READERS.get(event) if isinstance(event, str) else None
    if read is None:
        return None
    zego = {"event": event, "app_id": app_id, **read(fields)}
    return _checked(app_id, f"{event}:{_digest(fields)}", without_none(zego))


def _checked(app_id: int, uuid: str, zego: dict[str, Any]) -> Event:
    check_safe(uuid)
    check_safe(zego)
    return Event(app_id, uuid, zego)


def _digest(fields: dict[str, Any]) -> str:
    """Return a hash of what is the same in each attempt of a callback, even if each is signed anew."""
    constant = {name: value for name, value in fields.items() if name not in ("timestamp", "nonce", "signature")}
    text = json.dumps(constant, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _text(fields: dict[str, Any], *names: str) -> str | None:
    """Return the first of these fields that holds text."""
    for name in names:
        if isinstance(fields.get(name), str) and fields[name]:
            return fields[name]
    return None


def _record(app_id: int, fields: dict[str, Any]) -> Event:
    extra = _extra(fields.get("extra_params"))
    url = _text(fields, "replay_url")
    file_id, key = _text(extra, "FileID"), _text(extra, "ObsObject")
    vendor = None
    for name, field in (("Tencent", "FileID"), ("Huawei", "ObsObject"), ("Ws", "PersistentId")):
        if _text(extra, field):
            vendor = name
            break
    file = {
        "file_id": file_id,
        "name": key,
        "format": _format(key or url),
        "url": url,
        "size": as_integer(extra.get("FileSize")),
        "duration": as_number(extra.get("Duration")),
        "started": _times.from_text(fields.get("begin_time")),
        "ended": _times.from_text(fields.get("end_time")),
        "task_id": _text(extra, "TaskId"),
    }
    return file_event(app_id, vendor, _text(fields, "stream_alias"), file)


def _extra(value: Any) -> dict[str, Any]:
    """Return what ``extra_params`` holds, each number as its text. Some senders may not put it into a string."""
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _format(name: str | None) -> str | None:
    match = _FORMAT.search((name or "").partition("?")[0])
    return match.group(1).lower() if match else None


def _stream(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "room_id": _text(fields, "room_id", "channel_id"),
        "room_session_id": _text(fields, "room_session_id"),
        "stream_id": _text(fields, "stream_alias", "stream_id"),
        "user_id": _text(fields, "user_id", "publish_id"),
        "user_name": _text(fields, "user_name", "publish_name"),
    }


def _stream_create(fields: dict[str, Any]) -> dict[str, Any]:
    created = _times.from_millis(fields.get("create_time_ms")) or _times.from_text(fields.get("create_time"))
    return {**_stream(fields), "created": created}


def _stream_close(fields: dict[str, Any]) -> dict[str, Any]:
    return {**_stream(fields), "reason": as_integer(fields.get("type"))}


def _room_close(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "room_id": _text(fields, "room_id"),
        "room_session_id": _text(fields, "room_session_id"),
        "reason": as_integer(fields.get("close_reason")),
        "closed": _times.from_millis(fields.get("room_close_time")),
    }


def _cloud_recording(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_type": as_integer(fields.get("event_type")),
        "task_id": _text(fields, "task_id"),
        "room_id": _text(fields, "room_id"),
        "sequence": as_integer(fields.get("sequence")),
        "message": _text(fields, "message"),
        "detail": fields.get("detail"),
    }


_READERS = {
    STREAM_CREATE: _stream_create,
    STREAM_CLOSE: _stream_close,
    ROOM_CLOSE: _room_close,
    CLOUD_RECORDING: _cloud_recording,
}
