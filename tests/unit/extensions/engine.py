# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs an event source as ansible-rulebook does: by its path, with a queue that has one place."""

from __future__ import annotations

import asyncio
import contextlib
import re
import runpy
import time
from pathlib import Path

# The folder of the collection as it is imported, which need not be the real one: the source finds it by its path.
from ansible_collections.zego.cloud import plugins

SOURCES = Path(list(plugins.__path__)[0]).parent / "extensions" / "eda" / "plugins" / "event_source"
APP_ID = 1234567890
SECRET = "a-callback-secret"
PATIENCE = 10


class Engine:
    """What stands for ansible-rulebook's engine: it takes an event where a test asks for one."""

    def __init__(self, feedback=False):
        self.queue = asyncio.Queue(1)
        self.feedback = asyncio.Queue(1) if feedback else None

    async def take(self):
        """Return the next event, and say that it is in the engine's database."""
        event = await asyncio.wait_for(self.queue.get(), PATIENCE)
        if self.feedback is not None:
            await asyncio.wait_for(self.feedback.put(event), PATIENCE)
        return event

    async def uuids(self, number):
        """Return the identities of so many events, sorted."""
        return sorted([(await self.take())["meta"]["uuid"] for _time in range(number)])

    def idle(self):
        """Tell whether no event waits in the queue."""
        return self.queue.empty()


@contextlib.asynccontextmanager
async def running(name, engine, args):
    """Run a source; what it raises is raised here. Gives the task."""
    source = runpy.run_path(str(SOURCES / f"{name}.py"))
    given = dict(args) if engine.feedback is None else {**args, "eda_feedback_queue": engine.feedback}
    task = asyncio.create_task(source["main"](engine.queue, given))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def listening(task, caplog):
    """Return the port that the receiver has, once it listens."""
    for _time in range(1000):
        found = re.findall(r"Callbacks are taken at \w+://[^/]*:(\d+)/", caplog.text)
        if found or task.done():
            break
        await asyncio.sleep(0.01)
    if task.done():
        task.result()
    return int(found[-1])


async def said(caplog, text):
    """Wait until a source has logged this."""
    until = time.monotonic() + PATIENCE
    while text not in caplog.text:
        assert time.monotonic() < until, caplog.text
        await asyncio.sleep(0.01)
