# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role knows at its end, of events that went well, badly or oddly."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import plan as _plan

GROUP = "__zego_teardown_group"
FROZEN = {
    "outcome": "failed",
    "changed": False,
    "failed": True,
    "code": "ResourceNotFound.FreezeService",
    "message": "Tencent answered ResourceNotFound.FreezeService. Settle that with Tencent, then run again.",
    "request_id": "4315169065145771656",
    "vendor_request_id": "d39548da-fbd4-4dce-8023-cfccd28a9963",
    "attempts": 1,
}
KEY = "KEY-of-the-crew"
EVENT = {
    "streams": {
        "Tencent": ["stage-1", "stage-2"],
        "Ws": ["lobby-1"],
        "Aliyun": [{"stream_id": "studio-1", "domain": "pull.example.com", "point": "live"}],
    },
    "vendor": "Huawei",
    "discover_rooms": ["main", "back"],
    "relays": [{"stream_id": "stage-1", "cdn_url": f"rtmp://push.example.com/live/{KEY}"}],
    "close_rooms": ["main", "back"],
}
FOUND = ({"stream_id": "arena-1", "room_id": "main"}, {"stream_id": "stage-1", "room_id": "main"})


def moment(second):
    """Return a time during the event."""
    hour, rest = divmod(second, 3600)
    return f"2026-05-01T{22 + hour:02d}:{rest // 60:02d}:{rest % 60:02d}.250Z"


def done(outcome, **more):
    """Return the entry of an item that was changed."""
    return {"outcome": outcome, "changed": True, "failed": False, "request_id": "77", "attempts": 1, **more}


def stopped(name, **more):
    """Return the entry of a stopped stream, as the module returns it."""
    return {"stream_id": name, **done("stopped"), **more}


def absent(vendors):
    """Return a function from name to entry: only the vendor says that these streams ({name: vendor}) are absent."""

    def entry(name):
        if name not in vendors:
            return stopped(name, changed=False, outcome="already_stopped", evidence="remembered", message="at 23:10.")
        words = f"not recording, according to {vendors[name]}."
        return stopped(name, changed=False, outcome="already_stopped", evidence="vendor", message=words)

    return entry


def frozen(*names):
    """Return a function from name to entry in which these streams failed."""
    return lambda name: {"stream_id": name, **FROZEN} if name in names else stopped(name)


def found_of(name, there=True, **more):
    """Return what the search answers for a stream."""
    found = {"stream_id": name, "failed": False, "files": int(there), "missing": not there, "whole": there}
    span = {"recorded_from": moment(-7200), "recorded_to": moment(12), "duration": 7212.0, "stopped_at": moment(4)}
    return {**found, **(span if there else {"stopped_at": moment(4)}), **more}


def with_files(facts, *without, **more):
    """Add a search for files to the facts. It found a whole recording for each stream but those ``without``."""
    groups = [group for group in facts["plan"]["recordings"] if group["vendor"] != "Aliyun"]

    def look(group):
        wanted = [name for name in group["streams"] if name not in without]
        files = [
            {
                "stream_id": name,
                "name": f"{name}.mp4",
                "format": "mp4",
                "url": f"http://vod.example.com/{name}.mp4",
                "size": 2_000_000,
                "created": moment(12),
                "duration": 7212.0,
            }
            for name in wanted
        ]
        return {
            "files": files,
            "streams": [found_of(name, name in wanted) for name in group["streams"]],
            **more,
        }

    facts["wait_for_files"] = True
    facts["steps"] = steps("discover", "recordings", "relays", "rooms", "files")
    facts["results"]["files"] = loop(groups, look)
    return facts


def loop(groups, make):
    """Return what Ansible registers of a loop over groups; ``make(group)`` is one item's result."""
    return {
        "changed": True,
        "results": [
            {GROUP: group, "ansible_loop_var": GROUP, "item": group, "failed": False, **make(group)} for group in groups
        ],
    }


def steps(*names):
    """Return the steps that ran, ten seconds each."""
    return [
        {"step": name, "started": moment(10 * number), "finished": moment(10 * number + 10)}
        for number, name in enumerate(names)
    ]


def facts(written=None, found=FOUND, entry=stopped, **more):
    """Return the facts of a run; ``entry(name)`` returns a stream's entry."""
    plan = _plan.plan(EVENT if written is None else written, found)
    removed = []
    for relay in plan["relays"]:
        removed.append(done("removed", stream_id=relay["stream_id"], cdn="rtmp://push.example.com"))
    closed = [done("closed", room_id=room) for room in plan["rooms"]]

    def stop(group):
        return {"streams": [entry(name) for name in group["streams"]]}

    told = [
        {"room_id": "main", "exists": True, "streams": 2, "failed": False},
        {"room_id": "back", "exists": False, "streams": 0, "failed": False},
    ]
    results = {
        "discover": {"rooms": told, "streams": list(found)},
        "recordings": loop(plan["recordings"], stop),
        "relays": {"relays": removed},
        "rooms": {"rooms": closed},
        "files": {},
    }
    made = {
        "event": "Launch night",
        "check_mode": False,
        "started": moment(0),
        "finished": moment(125),
        "plan": plan,
        "steps": steps("discover", "recordings", "relays", "rooms"),
        "results": results,
    }
    made.update(more)
    return made
