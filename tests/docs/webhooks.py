# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Stands in for the webhooks of chats: takes what each of them takes, and answers as it does.

WeCom, DingTalk and Feishu answer HTTP 200 whatever they think of a message, and say in the body whether they took it.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The name of the environment variable that holds the address, for each chat.
VARIABLES = {
    "wecom": "WECOM_WEBHOOK",
    "dingtalk": "DINGTALK_WEBHOOK",
    "feishu": "FEISHU_WEBHOOK",
    "slack": "SLACK_WEBHOOK",
}
# In bytes: WeCom's is that of a message in Markdown, Feishu's that of a whole request.
WECOM_LIMIT, FEISHU_LIMIT = 4_096, 20 * 1024
# The word that DingTalk's robot wants in each message, as the guide has it set.
KEYWORD = "ZEGO"


def wecom(body, _size):
    """Return (taken, the answer)."""
    content = body.get("markdown", {}).get("content") if body.get("msgtype") == "markdown" else None
    if not isinstance(content, str) or not content:
        return False, {"errcode": 44004, "errmsg": "content is empty"}
    if len(content.encode("utf-8")) > WECOM_LIMIT:
        return False, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
    return True, {"errcode": 0, "errmsg": "ok"}


def dingtalk(body, _size):
    """Return (taken, the answer)."""
    content = body.get("text", {}).get("content") if body.get("msgtype") == "text" else None
    if not isinstance(content, str) or KEYWORD not in content:
        return False, {"errcode": 310000, "errmsg": "keywords not in content"}
    return True, {"errcode": 0, "errmsg": "ok"}


def feishu(body, size):
    """Return (taken, the answer)."""
    content = body.get("content", {}).get("text") if body.get("msg_type") == "text" else None
    if not isinstance(content, str) or not content or size > FEISHU_LIMIT:
        return False, {"code": 9499, "msg": "Bad Request", "data": {}}
    return True, {"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"}


def slack(body, _size):
    """Return (taken, the answer), which is no JSON. An ampersand begins an entity there."""
    text = body.get("text")
    if not isinstance(text, str) or not text or "&" in text.replace("&amp;", ""):
        return False, "invalid_payload"
    return True, "ok"


CHATS = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu, "slack": slack}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.path.strip("/").partition("/")[0]
        try:
            body = json.loads(data)
        except ValueError:
            body = None
        is_mapping = isinstance(body, dict) and "json" in (self.headers.get("Content-Type") or "")
        taken, answer = CHATS[name](body if is_mapping else {}, len(data))
        self.server.kept(name, taken, answer)
        is_text = isinstance(answer, str)
        reply = (answer if is_text else json.dumps(answer)).encode("utf-8")
        self.send_response(400 if is_text and not taken else 200)
        self.send_header("Content-Type", "text/html" if is_text else "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_arguments):
        pass


class Webhooks:
    """The webhooks of all chats, on a free port."""

    def __init__(self):
        self._taken = []
        self.refused = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.kept = self._keep
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _keep(self, name, taken, answer):
        if taken:
            self._taken.append(name)
        else:
            self.refused.append((name, answer))

    def environment(self):
        """Return the variables of the environment that name the webhooks."""
        address = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {variable: f"{address}/{name}/key-of-the-robot" for name, variable in VARIABLES.items()}

    def take(self):
        """Return the names of the chats that took a message since the last time, and forget them."""
        found, self._taken = sorted(self._taken), []
        return found

    def close(self):
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
