# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event source for ansible-rulebook: recorded files, found by searching for them."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
---
short_description: Search for new recorded files
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Asks the ZEGO API for recorded files again and again, and makes one event of each file.
  - This is what a rulebook should build on. C(zego.cloud.zego_callback) makes it fast; a callback may be
    lost.
  - A search begins where the last complete one ended, less O(overlap), also after a restart. Each file makes one event,
    whatever the number of searches that list it, because its identity is in O(spool).
  - The first search of all begins now, or at O(since).
  - V(Tencent) does not say to which stream a file belongs. Without O(streams), its events have no C(stream_id).
  - V(Ws) and V(Huawei) cannot be asked for a time. All keys (with O(name_prefix)) are read in each search.
options:
  vendor:
    description: The CDN vendor that records the streams. V(Ws) is Wangsu. For two vendors, give the source twice.
    type: str
    required: true
    choices: [Tencent, Ws, Huawei]
  streams:
    description: The IDs of the streams. Without it, the files of all streams count.
    type: list
    elements: str
  app:
    description: The name of the application in the keys of V(Ws) and V(Huawei). Not for V(Tencent).
    type: str
  name_prefix:
    description: What the names (V(Tencent)) or keys (V(Ws), V(Huawei)) of the files begin with.
    type: str
  since:
    description: From when on files count, for the first search of all. Unix seconds, or ISO 8601. By default now.
    type: str
  interval:
    description: Seconds between two searches.
    type: float
    default: 60
  overlap:
    description: How many seconds after it was made a file may be listed for the first time.
    type: float
    default: 3600
  app_id:
    description: The AppID.
    type: int
    required: true
    env: ZEGO_APP_ID
  server_secret:
    description:
      - The ServerSecret of the project.
      - Leave it to the environment variable, or give a variable of the rulebook. C(ansible-rulebook -vv) prints what is
        written into the rulebook itself.
    type: str
    required: true
    env: ZEGO_SERVER_SECRET
  region:
    description: The region whose address is asked.
    type: str
    default: global
    choices: [global, sha, hkg, fra, lax, bom, sgp]
    env: ZEGO_REGION
  api_url:
    description: The address to ask instead of a region's, such as a gateway's.
    type: str
    env: ZEGO_API_URL
  api_user:
    description: The user name for a gateway.
    type: str
    env: ZEGO_API_USER
  api_password:
    description: The password for a gateway.
    type: str
    env: ZEGO_API_PASSWORD
  ledger:
    description:
      - The ledger of the modules that use the same quota, as their option O(ledger) names it. A search reserves the
        places of its requests with them, and is refused none. It reads and writes nothing else there.
      - A path, or the address of a Redis or Valkey server, which needs the Python package C(redis).
    type: str
    default: ~/.ansible/zego/ledger.sqlite3
    env: ZEGO_LEDGER
  ledger_user:
    description: The user name for the server of O(ledger).
    type: str
    env: ZEGO_LEDGER_USER
  ledger_password:
    description: The password for the server of O(ledger).
    type: str
    env: ZEGO_LEDGER_PASSWORD
  is_test:
    description: Whether to ask the test environment, which only projects from before 2021-11-16 have.
    type: bool
    default: false
  validate_certs:
    description: Whether to check the certificate of the API.
    type: bool
    default: true
  ca_path:
    description: A PEM file, or a folder, with the CA certificates to trust.
    type: path
  timeout:
    description: Seconds to wait for an answer, each time.
    type: float
    default: 10
  retries:
    description: How often a request is sent again that failed for a passing reason.
    type: int
    default: 4
  requests_per_second:
    description: How many requests a search may send in a second. The API takes 20 for an AppID, from everybody.
    type: float
    default: 5
  rate_limit_timeout:
    description: For how many seconds 'too frequent' alone is waited for.
    type: float
    default: 120
  spool:
    description:
      - A file in which events are kept until the engine has them, and their identities for O(keep_days). It is made if
        missing, and readable for its owner only.
      - The sources of one ruleset share one. Another rulebook needs another.
    type: path
    required: true
    env: ZEGO_EDA_SPOOL
  max_pending:
    description: How many events may wait for the engine. While that many do, no further ones are taken from a search.
    type: int
    default: 1000
  keep_days:
    description: For how many days the identity of an event is remembered.
    type: float
    default: 30
  feedback:
    description:
      - Whether an event stays in O(spool) until the engine says that it has it in its own database. Then no event is
        lost if the engine is killed.
      - Needs C(ansible-rulebook --persistence-id), and a database for it.
    type: bool
    default: false
requirements:
  - requests >= 2.25.1
  - redis >= 4.6 (only for a O(ledger) on a server)
notes:
  - A search that fails is a line in the log, and the next one looks for its files, too. If the first search fails for a
    reason that does not pass, such as a wrong secret, the rulebook ends.
"""

EXAMPLES = r"""
- zego.cloud.zego_recorded_files:
    vendor: Tencent
    spool: ~/.ansible/zego/recorded_file.sqlite3
    feedback: true
"""


def _find_collection() -> None:
    """Let this file import its collection: ansible-rulebook runs it by its path, and looks for no collections."""
    root = Path(__file__).absolute().parents[6]
    if root.name == "ansible_collections":
        if str(root.parent) not in sys.path:
            sys.path.append(str(root.parent))
        package = importlib.import_module("ansible_collections")
        # The package `ansible` brings one of its own, which hides those of other folders.
        if str(root) not in list(package.__path__):
            package.__path__.append(str(root))


_find_collection()

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import ZegoError
from ansible_collections.zego.cloud.plugins.module_utils._connection import has_requests
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.feed import Feed
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.options import read_options
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.polling import SPEC, Poller, Round
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import Spool, SpoolError, open_spool, release_spool

logger = logging.getLogger("zego.cloud.zego_recorded_files")

# Seconds that a search under way has to end with the rulebook.
GRACE = 5


async def _one_round(poller: Poller) -> Round:
    """Make a search in a thread of its own, so that the engine goes on meanwhile."""
    search = asyncio.ensure_future(asyncio.to_thread(poller.poll))
    try:
        return await asyncio.shield(search)
    except asyncio.CancelledError:
        poller.stop()
        await asyncio.wait([search], timeout=GRACE)
        raise


def _told(error: ZegoError) -> str:
    return f"{error.reason}. {error.advice}".strip()


async def _poll(poller: Poller, feed: Feed, interval: float) -> None:
    is_first = True
    while True:
        try:
            result = await _one_round(poller)
        except SpoolError as error:
            logger.warning("%s", error)
            await asyncio.sleep(interval)
            continue
        feed.wake()
        if result.error is not None:
            if is_first and result.error.lasting:
                raise ValueError(f"the search fails: {_told(result.error)}")
            logger.warning("A search for recorded files failed, and is made again later: %s", _told(result.error))
        if result.full:
            logger.warning("Files are left to the next search, since too many events wait for the engine.")
        logger.info("%d new recorded files", result.new)
        is_first = False
        await asyncio.sleep(interval)


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Search until the engine ends."""
    options = read_options(args, SPEC)
    if not has_requests():
        raise ValueError("the Python library requests is missing where ansible-rulebook runs")
    Poller.check(options)
    # At -vv, the engine lets every library log, and this one would log the signed URL of each request.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    spool = open_spool(options["spool"])
    tasks: list[asyncio.Task[None]] = []
    try:
        tasks = _start(queue, args, options, spool)
        done, _left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # Neither ends by itself.
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        release_spool(options["spool"])


def _start(queue: Any, args: dict[str, Any], options: dict[str, Any], spool: Spool) -> list[asyncio.Task[None]]:
    owner = spool.new_owner()
    poller = Poller(options, spool, owner, logger.warning)
    feed = Feed(spool, owner, queue, args.get("eda_feedback_queue"), warn=logger.warning)
    return [asyncio.create_task(feed.run()), asyncio.create_task(_poll(poller, feed, options["interval"]))]
