# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report in a few lines, for a chat. Pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import final_line, step_lines
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS
from ansible_collections.zego.cloud.plugins.plugin_utils._text import chat, cut

# WeCom takes 4,096 bytes of Markdown; the other chats take more. The rest is for what a play adds.
MAX_BYTES = 3_600
# One cause of failure with many long names must not be all that is said.
MAX_LINE = 600
_MORE = "{} in the report."


def short(report: dict[str, Any], max_bytes: int = MAX_BYTES) -> str:
    """Return the verdict, then what became of each step and why something failed, as many whole lines as fit."""
    lines = [final_line(report)]
    for entry in report["timeline"]:
        if entry["status"] == "skipped":
            continue
        first, *causes = step_lines(report, entry["step"])
        # The lines of the recordings begin with the vendor.
        lines += [first if entry["step"] == "recordings" else f"{STEPS[entry['step']]}: {first}", *causes]
    lines = [cut(chat(line), MAX_LINE) for line in lines]
    shown = _first_that_fit(lines, max_bytes)
    if len(shown) < len(lines):
        more = _MORE.format(_lines(len(lines)))
        shown = _first_that_fit(lines, max_bytes - len(more.encode("utf-8")) - 1)
        shown.append(_MORE.format(_lines(len(lines) - len(shown))))
    return "\n".join(shown)


def _lines(count: int) -> str:
    return f"{count} more {'line is' if count == 1 else 'lines are'}"


def _first_that_fit(lines: list[str], max_bytes: int) -> list[str]:
    """Return as many of the first lines as fit with the breaks between them. The first one is always there."""
    taken = len(lines[0].encode("utf-8"))
    shown = [lines[0]]
    for line in lines[1:]:
        taken += 1 + len(line.encode("utf-8"))
        if taken > max_bytes:
            break
        shown.append(line)
    return shown
