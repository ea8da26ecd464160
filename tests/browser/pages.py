# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of the report, of events with few streams and with many.

Who imports it imports chromium first, which puts this tree and its tests into the path of Python.
"""

from __future__ import annotations

from events import FROZEN, facts, stopped, with_files

from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import ADVICE
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import html as _html
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import LANGUAGES
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report

WHY = f"Tencent answered {FROZEN['code']}. {ADVICE['account'].format(vendor='Tencent')}"
# What the vendors answer to a stop that went well.
SUCCESS = {"stage": "", "lobby": "200", "arena": "0"}


def _numbered(name, count):
    return [f"{name}-{number}" for number in range(1, count + 1)]


def report_of(names=(), count=200, **more):
    """Return the report of an event with about ``count`` streams, but at least five: one of each kind.

    Of more, every ninth stream failed. Further streams with these ``names`` failed, too.
    """
    streams = {"Tencent": ["stage-1", "stage-2", "stage-3"], "Ws": ["lobby-4"], "Huawei": ["arena-2"]}
    if count > 5:
        streams = {
            "Tencent": _numbered("stage", count // 2 - 1),
            "Ws": _numbered("lobby", count // 4 + 1),
            "Huawei": _numbered("arena", count // 4),
        }
    bad = {"stage-1", *(name for group in streams.values() if count > 5 for name in group[::9])}
    event = {
        "streams": streams,
        "vendor": "Huawei",
        "discover_rooms": ["main", "back"],
        "close_rooms": ["main", "back"],
        "relays": [{"stream_id": "stage-1", "cdn_url": "rtmp://push.example.com/live/KEY"}],
    }

    def entry(name):
        if name in bad or name in names:
            return {
                "stream_id": name,
                **FROZEN,
                "message": WHY,
                **({"message": name, "code": name} if name in names else {}),
            }
        if name[-1] == "4":
            return stopped(name, changed=False, outcome="already_stopped", code="404")
        return stopped(name, code=SUCCESS[name.split("-")[0]])

    known = facts(event, [])
    known["plan"]["recordings"][0]["streams"] += list(names)
    known["results"]["recordings"]["results"] = items = []
    for group in known["plan"]["recordings"]:
        entries = [entry(name) for name in group["streams"]]
        items.append({"__zego_teardown_group": group, "streams": entries})
    known = with_files(known, "stage-3")
    known.update(more)
    return _report.build(known)


def good_report(count):
    """Return the report of an event of which everything was stopped."""
    known = facts({"streams": {"Tencent": _numbered("stage", count)}}, [], lambda name: stopped(name, code="0"))
    return _report.build(known)


def write(path, names=(), count=200, language="en", **more):
    """Write the page of ``report_of``; return its path."""
    return write_page(path, report_of(names, count, **more), language)


def write_page(path, report, language="en"):
    """Write the page of a report; return its path."""
    path.write_text(_html.html(report, LANGUAGES[language]), encoding="utf-8")
    return path
