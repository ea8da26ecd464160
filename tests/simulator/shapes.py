# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""How each vendor words the fate of a stream inside `Data`."""

from __future__ import annotations

import hashlib
import random
import time

_ids = random.Random()


def uuid():
    """A fresh ID in the form that Tencent, Ws and Aliyun give to requests."""
    digits = f"{_ids.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _tencent(stream, code, message, task_id, starting, _settings):
    item = {"StreamName": stream}
    if starting and task_id:
        item["TaskId"] = task_id
    item.update({"RequestId": uuid(), "Code": code, "Message": message})
    return [item]


def _huawei(stream, code, message, _task_id, _starting, _settings):
    return [{"StreamName": stream, "RequestId": f"{_ids.getrandbits(128):032x}", "Code": code, "Message": message}]


def _aliyun(stream, code, message, _task_id, _starting, _settings):
    return [{"StreamName": stream, "RequestId": uuid().upper(), "Code": code, "Message": message}]


def _ws(stream, code, message, task_id, _starting, settings):
    return [
        {"task": name, "id": stream, "http_code": code, "msg": message, "persistentId": _persistent_id(task_id, name)}
        for name in settings["ws_formats"]
    ]


def _persistent_id(task_id, name):
    # A row for what was never recorded has no file to name: '' is a choice, the reference shows only successes.
    return "2020" + hashlib.md5((task_id + name).encode("ascii", "replace")).hexdigest() if task_id else ""


_ROWS = {"Tencent": _tencent, "Ws": _ws, "Huawei": _huawei, "Aliyun": _aliyun}


def rows(vendor, stream, verdict, task_id, starting, settings):
    """The vendor's rows about one stream. `verdict` is the pair (code, message)."""
    code, message = verdict
    if settings["codes_as_strings"]:
        code = str(code)
    return _ROWS[vendor](stream, code, message, task_id, starting, settings)


def wrap(vendor, items, settings, clock):
    """What stands under the vendor's key: the rows, for Ws inside its object unless settings ask for the list."""
    if vendor != "Ws" or settings["ws_shape"] == "list":
        return items
    return {
        # Not documented: the object's own code when rows fail (stays 200), and the time zone of call_time (UTC here).
        "call_time": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(clock.now())),
        "http_code": 200,
        "list": items,
        "msg": None,
        "trace_id": uuid(),
    }
