# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The task of zego_media_info: reads its options, searches for files, and exits."""

from __future__ import annotations

from typing import Any

from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._media.job import ACTION, MediaJob
from ansible_collections.zego.cloud.plugins.module_utils._media.result import search_result
from ansible_collections.zego.cloud.plugins.module_utils._media.search import Findings, Search, make_search
from ansible_collections.zego.cloud.plugins.module_utils._media.wait import make_wait, search_until_whole
from ansible_collections.zego.cloud.plugins.module_utils._module import ZegoModule
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_codes import VENDORS
from ansible_collections.zego.cloud.plugins.module_utils._recording.vendor_names import vendor_advice

SPEC: dict[str, dict[str, Any]] = {
    "vendor": {"type": "str", "required": True, "choices": list(VENDORS)},
    "streams": {"type": "list", "elements": "str", "aliases": ["stream_ids", "stream_id"]},
    "file_ids": {"type": "list", "elements": "str"},
    "exact_names": {"type": "bool", "default": False},
    "app": {"type": "str"},
    "name_prefix": {"type": "str"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "limit": {"type": "int"},
    "wait": {"type": "bool", "default": False},
    "wait_for": {"type": "list", "elements": "dict"},
    "wait_timeout": {"type": "int", "default": 600},
    "wait_delay": {"type": "float", "default": 5},
    "wait_tolerance": {"type": "float", "default": 10},
    "fail_on_missing": {"type": "bool", "default": False},
    "requests_per_second": {"type": "float", "default": 20},
}


class Looks:
    """Makes the searches of a task, with one client for as long as it goes on."""

    def __init__(self, module: ZegoModule) -> None:
        self._module = module
        self._client: ZegoClient | None = None
        self._requests_before = 0
        self._warned: set[str] = set()

    @property
    def requests_sent(self) -> int:
        """How many requests all searches have sent."""
        return self._requests_before + (self._client.requests_sent if self._client else 0)

    def look(self, search: Search) -> Findings:
        """Make one search; return what it found."""
        # A client that gave up, because the API did not answer for a while, sends nothing any more.
        if self._client is None or self._client.halted is not None:
            self._requests_before = self.requests_sent
            self._client = self._module.client(ACTION)
        return MediaJob(self._client, search, self._warn_once).search()

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._module.warn(text)


def main() -> None:
    module = ZegoModule(SPEC, positive=("wait_delay",), advice={"vendor": vendor_advice})
    check_mode = module.ansible.check_mode
    search, wait = module.accept(
        lambda params: (make_search(params, module.environment), make_wait(params, check_mode=check_mode))
    )
    looks = Looks(module)
    findings = looks.look(search) if wait is None else search_until_whole(search, wait, looks.look)
    module.exit(search_result(search, findings, api_requests=looks.requests_sent, wait=wait))
