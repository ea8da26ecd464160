# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event source for ansible-rulebook: what the ZEGO API tells of itself."""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
import sys
import time
from pathlib import Path
from typing import Any

from aiohttp import web

DOCUMENTATION = r"""
---
short_description: Receive the callbacks of the ZEGO API
version_added: 1.1.0
author:
  - The zego.cloud authors (@zego-cloud)
description:
  - Serves an address to which the ZEGO API posts its callbacks, and makes an event of each.
  - The callbacks are a recorded file (C(record)), the begin and the end of a stream (C(stream_create),
    C(stream_close)), the end of a room (C(room_close)), and those of cloud recording (C(cloud_recording)). Any other
    one is answered with 200, and makes no event.
  - A callback is answered with 200 only once its event is in O(spool), on the disk. The same callback again is
    answered with 200, and makes no second event, also after a restart.
  - C(meta.uuid) of a recorded file's event is the ID of the file (V(Tencent)), its key (V(Huawei)), else its URL. So
    the source C(zego.cloud.zego_recorded_files) with the same O(spool) makes no second event of it.
  - The signature of a callback covers its time and a random number, and not its body. Whoever reads one callback on its
    way could send another body with it. So serve HTTPS; the first body that comes with a signature is the only one
    that counts; and let a rule ask the API before it acts.
  - The API gives up after five more attempts within about a minute. Use C(zego.cloud.zego_recorded_files) beside this
    source.
options:
  port:
    description: The port to listen on.
    type: int
    required: true
  host:
    description: The address to listen on. C(0.0.0.0) is each of this machine.
    type: str
    default: 127.0.0.1
  path:
    description: The path of the URL that is set in the console.
    type: str
    default: /
  app_id:
    description: The AppID. Callbacks of any other are answered with 403.
    type: int
    required: true
    env: ZEGO_APP_ID
  callback_secret:
    description:
      - The callback secret of the project, from the console.
      - Leave it to the environment variable, or give a variable of the rulebook. C(ansible-rulebook -vv) prints what is
        written into the rulebook itself.
    type: str
    required: true
    env: ZEGO_CALLBACK_SECRET
  certfile:
    description: A PEM file with the certificate, and those up to the CA, to serve HTTPS.
    type: path
  keyfile:
    description: A PEM file with its private key, unless that is in O(certfile).
    type: path
  keyfile_password:
    description: The password of the private key.
    type: str
    env: ZEGO_CALLBACK_KEYFILE_PASSWORD
  plain_http:
    description:
      - Whether to serve HTTP to other machines. Only for a proxy before it that serves HTTPS itself, on a network that
        nobody else can read.
      - Without it and without O(certfile), O(host) has to be this machine itself.
    type: bool
    default: false
  events:
    description: The callbacks to make events of. Others are answered with 200.
    type: list
    elements: str
    choices: [record, stream_create, stream_close, room_close, cloud_recording]
    default: [record, stream_create, stream_close, room_close, cloud_recording]
  max_age:
    description:
      - For how many seconds a signature counts, before and after its time. It is more than the minute in which the API
        tries again.
    type: float
    default: 300
  max_body:
    description: How many bytes a callback may have. A larger one is answered with 413.
    type: int
    default: 262144
  spool:
    description:
      - A file in which events are kept until the engine has them, and their identities for O(keep_days). It is made if
        missing, and readable for its owner only.
      - The sources of one ruleset share one. Another rulebook needs another.
    type: path
    required: true
    env: ZEGO_EDA_SPOOL
  max_pending:
    description:
      - How many events may wait for the engine. While that many do, a callback is answered with 503 at once, and the
        API tries again.
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
notes:
  - C(GET /healthz) answers 200 with C(pending) (how many events wait for the engine) and C(oldest_seconds), or 503
    where no callback can be taken.
  - A wrong or stale signature, or one that came with another body before, is answered with 401; a broken body with
    400; a body that is too large with 413. Each makes one line in the log, ten a minute at most.
"""

EXAMPLES = r"""
- zego.cloud.zego_callback:
    host: 0.0.0.0
    port: 5443
    certfile: /etc/zego/fullchain.pem
    keyfile: /etc/zego/key.pem
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

from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_loopback
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.callback import (
    BROKEN,
    UNSIGNED,
    Callback,
    Reader,
    Refused,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.events import EVENTS, Event, callback_event
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.feed import Feed
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.options import SPOOL, read_options
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import (
    FULL,
    STOLEN,
    Signed,
    Spool,
    SpoolError,
    open_spool,
    release_spool,
)

logger = logging.getLogger("zego.cloud.zego_callback")

SPEC: dict[str, dict[str, Any]] = {
    "port": {"type": "int", "required": True, "least": 0, "most": 65535},
    "host": {"type": "str", "default": "127.0.0.1"},
    "path": {"type": "str", "default": "/"},
    "app_id": {"type": "int", "required": True, "env": "ZEGO_APP_ID", "least": 1, "most": 2**32 - 1},
    "callback_secret": {"type": "str", "required": True, "env": "ZEGO_CALLBACK_SECRET"},
    "certfile": {"type": "path"},
    "keyfile": {"type": "path"},
    "keyfile_password": {"type": "str", "env": "ZEGO_CALLBACK_KEYFILE_PASSWORD"},
    "plain_http": {"type": "bool", "default": False},
    "events": {"type": "list", "default": list(EVENTS), "choices": list(EVENTS)},
    "max_age": {"type": "float", "default": 300, "least": 1, "most": 86400},
    "max_body": {"type": "int", "default": 262144, "least": 1024, "most": 2**24},
    **SPOOL,
}
HEALTH = "/healthz"
# Seconds that a client has to send its body.
BODY_SECONDS = 10
# For how long what is left of a refused body is read, so that its sender sees the answer; and an answer may take at the
# end of the rulebook.
LINGER_SECONDS = 2.0
PRUNE_SECONDS = 3600
TOO_LARGE, TOO_SLOW, BUSY = 413, 408, 503
LINES_A_MINUTE = 10


class _Log:
    """Writes a line for each refusal, but not more than ten a minute: anybody can send what is refused."""

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._lines = self._left_out = 0

    def refusal(self, status: int, reason: str) -> None:
        """Write a line, if there is still room for it."""
        if self._clock() - self._since >= 60:
            if self._left_out:
                logger.warning("%d more callbacks were refused in that minute.", self._left_out)
            self._since = self._clock()
            self._lines = self._left_out = 0
        if self._lines >= LINES_A_MINUTE:
            self._left_out += 1
            return
        self._lines += 1
        logger.warning("A callback was answered with %d: %s.", status, reason)


class Receiver:
    """Takes callbacks. ``options``: as ``SPEC`` has them."""

    def __init__(self, options: dict[str, Any], spool: Spool, owner: int, feed: Feed) -> None:
        self._options = options
        self._spool = spool
        self._owner = owner
        self._feed = feed
        self._reader = Reader(options["app_id"], options["callback_secret"], options["max_age"], time.time)
        self._log = _Log()

    def application(self) -> web.Application:
        """Return what aiohttp serves."""
        app = web.Application(client_max_size=self._options["max_body"])
        app.router.add_post(self._options["path"], self.take)
        app.router.add_get(HEALTH, self.health)
        return app

    async def health(self, _request: web.Request) -> web.Response:
        """Say whether a callback would be taken, and how far the engine is behind."""
        try:
            pending, oldest = await asyncio.to_thread(self._spool.pending)
        except SpoolError:
            return web.json_response({"ok": False}, status=BUSY)
        ok = pending < self._options["max_pending"]
        state = {"ok": ok, "pending": pending, "oldest_seconds": round(oldest)}
        return web.json_response(state, status=200 if ok else BUSY)

    async def take(self, request: web.Request) -> web.Response:
        """Answer a callback."""
        try:
            callback = self._reader.read(await self._body(request))
            answer = await self._spooled(callback)
        except Refused as refused:
            self._log.refusal(refused.status, str(refused))
            return web.Response(status=refused.status, text=f"{refused}\n")
        return web.Response(text=f"{answer}\n")

    async def _body(self, request: web.Request) -> bytes:
        too_large = Refused(TOO_LARGE, f"it has more than {self._options['max_body']} bytes")
        if (request.content_length or 0) > self._options["max_body"]:
            raise too_large
        try:
            return await asyncio.wait_for(request.read(), BODY_SECONDS)
        except web.HTTPRequestEntityTooLarge:
            pass
        except asyncio.TimeoutError:
            raise Refused(TOO_SLOW, f"its body did not come within {BODY_SECONDS} seconds") from None
        raise too_large

    async def _spooled(self, callback: Callback) -> str:
        """Spool what a callback tells. The answer may be 2xx only once this returns."""
        signed = Signed(callback.token, callback.digest, callback.until)
        problem = ""
        event: Event | None = None
        try:
            event = callback_event(callback.app_id, callback.fields)
        except ValueError as error:
            problem = str(error)
        wanted = event is not None and event.zego["event"] in self._options["events"]
        try:
            if event is None or not wanted:
                # Bound all the same: with another body, its signature could make an event.
                is_bound = await asyncio.to_thread(self._spool.bind, signed)
                result = "ignored" if is_bound else STOLEN
            else:
                result = await asyncio.to_thread(
                    self._spool.add, self._owner, event, self._options["max_pending"], signed
                )
        except SpoolError as error:
            raise Refused(BUSY, str(error).rstrip(".")) from None
        if result == STOLEN:
            raise Refused(UNSIGNED, "its signature came with another body before")
        if problem:
            raise Refused(BROKEN, problem)
        if result == FULL:
            raise Refused(BUSY, f"{self._options['max_pending']} events wait for the engine")
        self._feed.wake()
        return result


def _check(options: dict[str, Any]) -> None:
    path = options["path"]
    if not path.startswith("/") or path == HEALTH or "{" in path or "}" in path:
        raise ValueError(f"path must begin with a slash, have no braces, and not be {HEALTH}")
    if options["keyfile"] and not options["certfile"]:
        raise ValueError("keyfile needs certfile")
    if not (options["certfile"] or options["plain_http"] or is_loopback(options["host"])):
        raise ValueError(
            "without certfile, anybody on the way can read callbacks, and send others with their signatures: "
            "serve HTTPS, listen on 127.0.0.1, or say plain_http: true for a proxy that serves HTTPS"
        )


def _tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    if not options["certfile"]:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # With an empty password, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(options["certfile"], options["keyfile"], options["keyfile_password"] or "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ValueError(f"certfile and keyfile cannot be used: {reason}") from None
    return context


async def _prune(spool: Spool, keep_days: float) -> None:
    while True:
        try:
            await asyncio.to_thread(spool.prune, keep_days)
        except SpoolError as error:
            logger.warning("%s", error)
        await asyncio.sleep(PRUNE_SECONDS)


async def _serve(receiver: Receiver, options: dict[str, Any]) -> web.AppRunner:
    # A body that is compressed could be a bomb: nobody announced that callbacks are. No access log: anybody fills it.
    settings = {"access_log": None, "auto_decompress": False, "lingering_time": LINGER_SECONDS}
    runner = web.AppRunner(receiver.application(), shutdown_timeout=LINGER_SECONDS, **settings)
    await runner.setup()
    site = web.TCPSite(runner, options["host"], options["port"], ssl_context=_tls(options))
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        reason = error.strerror or type(error).__name__
        raise ValueError(f"it cannot listen on {options['host']}, port {options['port']}: {reason}") from None
    return runner


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Serve until the engine ends."""
    options = read_options(args, SPEC)
    _check(options)
    _tls(options)
    spool = open_spool(options["spool"])
    runner: web.AppRunner | None = None
    tasks: list[asyncio.Task[None]] = []
    try:
        owner = spool.new_owner()
        feed = Feed(spool, owner, queue, args.get("eda_feedback_queue"), warn=logger.warning)
        runner = await _serve(Receiver(options, spool, owner, feed), options)
        port = runner.addresses[0][1]
        scheme = "https" if options["certfile"] else "http"
        logger.info("Callbacks are taken at %s://%s:%d%s", scheme, options["host"], port, options["path"])
        tasks = [asyncio.create_task(feed.run()), asyncio.create_task(_prune(spool, options["keep_days"]))]
        done, _left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # Neither ends by itself.
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if runner is not None:
            await runner.cleanup()
        release_spool(options["spool"])
