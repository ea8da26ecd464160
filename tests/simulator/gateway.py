# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The door of the API: who may come in. Host, AppId, time, nonce, signature, action, quota."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections import deque

import catalogue as codes
from counting import COUNTERS
from window import Intervals

WINDOW_SECONDS = 600
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:[0-9]{1,5})?")
_NONCE = re.compile(r"[0-9A-Fa-f]{16}")
_DIGITS = re.compile(r"[0-9]{1,12}")


def sign(app_id, nonce, secret, timestamp):
    """The documented signature: md5 over AppId, nonce, secret and timestamp, as lower-case hex."""
    return hashlib.md5((f"{app_id}{nonce}{secret}{timestamp}").encode()).hexdigest()


class Gateway:
    """Checks requests against settings and clock. Not thread-safe: the caller holds the world's lock."""

    def __init__(self, settings, clock, actions):
        self._settings = settings
        self._clock = clock
        self._actions = actions
        self._nonces = set()
        self._nonce_order = deque()
        self._counters = {}
        self._rooms = Intervals()

    # The reference gives no order. A request with one mistake gets the code of that mistake in any.
    def verify(self, request, now):
        """Check one request; `now`: monotonic. Returns None or (code, detail). A right signature uses up its nonce."""
        for check in (self._host, self._app_id, self._timestamp, self._required, self._known_app, self._signature):
            refusal = check(request)
            if refusal:
                return refusal
        return self._nonce(request, now) or self._action(request)

    def too_frequent(self, request, now):
        """The code of the quota that lets this request not through, or None."""
        limit = self._settings.quota_of(request.action, request.is_test)
        if limit and not self._counter(request).is_free(now, limit):
            self._counter(request).refuse(now)
            return self._settings.too_frequent_code(request.action)
        span = self._settings["room_seconds"]
        if (
            span
            and request.room
            and request.action in codes.ROOM_LIMITED
            and not self._rooms.free(request.room, now, span)
        ):
            return self._settings["room_too_frequent_code"]
        return None

    def take(self, request, now):
        """Use up one request of the quotas. Returns the seconds for which it waits in a queue."""
        waits = self._counter(request).take(now, self._settings.quota_of(request.action, request.is_test) or math.inf)
        span = self._settings["room_seconds"]
        if span and request.room and request.action in codes.ROOM_LIMITED:
            self._rooms.use(request.room, now, span)
        return waits

    def peaks(self):
        """For each action, the most that its quota was used in any one second: of both environments, the busier."""
        peaks = {}
        for (action, _is_test, _counting), counter in self._counters.items():
            peaks[action] = max(counter.window.peak, peaks.get(action, 0))
        return peaks

    def _counter(self, request):
        key = request.action, request.is_test, self._settings["counting"]
        if key not in self._counters:
            self._counters[key] = COUNTERS[self._settings["counting"]]()
        return self._counters[key]

    def _host(self, request):
        allowed = self._settings["allowed_hosts"]
        if not _HOST.fullmatch(request.host):
            return codes.HOST_WRONG, ""
        if allowed is not None and re.sub(r":[0-9]+$", "", request.host) not in allowed:
            return codes.HOST_WRONG, ""
        return None

    def _app_id(self, request):
        text = request.get("AppId")
        if not _DIGITS.fullmatch(text) or not 0 < int(text) < 2**32:
            return codes.APP_ID_MALFORMED, ""
        return None

    def _timestamp(self, request):
        text = request.get("Timestamp")
        if not text:
            return codes.TIMESTAMP_EMPTY, ""
        if not _DIGITS.fullmatch(text):
            return codes.TIMESTAMP_MALFORMED, ""
        if abs(self._clock.now() - int(text)) > WINDOW_SECONDS:
            return codes.SIGNATURE_EXPIRED, ""
        return None

    def _required(self, request):
        if not request.get("SignatureNonce"):
            return codes.NONCE_EMPTY, ""
        if not request.get("Signature"):
            return codes.SIGNATURE_EMPTY, ""
        if not request.get("SignatureVersion"):
            return codes.VERSION_EMPTY, ""
        if request.get("SignatureVersion") != "2.0":
            return codes.VERSION_UNSUPPORTED, ""
        return None

    # An AppId that nobody has could be 100000010 (no secret) or 100000011 (no configuration). The latter says more.
    def _known_app(self, request):
        if int(request.get("AppId")) != self._settings["app_id"]:
            return codes.APP_ID_UNKNOWN, ""
        return None

    def _signature(self, request):
        expected = sign(
            request.get("AppId"),
            request.get("SignatureNonce"),
            self._settings["server_secret"],
            request.get("Timestamp"),
        )
        if not hmac.compare_digest(expected.encode(), request.get("Signature").encode("utf-8", "replace")):
            return codes.SIGNATURE_WRONG, ""
        return None

    # The reference has no code for a malformed or reused nonce: 'signature wrong' is nearest, unless a setting differs.
    def _nonce(self, request, now):
        nonce = request.get("SignatureNonce").lower()
        if not _NONCE.fullmatch(nonce):
            return self._settings["nonce_malformed_code"], "SignatureNonce malformed"
        # A timestamp may lie ten minutes ahead or behind: after twice that, no replay passes the clock check.
        while self._nonce_order and self._nonce_order[0][0] < now - 2 * WINDOW_SECONDS:
            self._nonces.discard(self._nonce_order.popleft()[1])
        if nonce in self._nonces:
            return self._settings["nonce_reused_code"], "SignatureNonce reused"
        self._nonces.add(nonce)
        self._nonce_order.append((now, nonce))
        return None

    def _action(self, request):
        if not request.action:
            return codes.ACTION_EMPTY, ""
        if request.action not in self._actions:
            return codes.ACTION_UNSUPPORTED, ""
        return None
