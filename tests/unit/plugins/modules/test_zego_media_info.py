# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The searches of one task."""

from __future__ import annotations

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotSent
from ansible_collections.zego.cloud.plugins.module_utils._media.search import Search
from ansible_collections.zego.cloud.plugins.module_utils._tasks.media_info import Looks
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import make_client, reply

EMPTY = reply(0, {"Tencent": {"TotalCount": 0, "MediaInfoSet": []}})
# The API counts a file that it does not list.
SHORT = reply(0, {"Tencent": {"TotalCount": 1, "MediaInfoSet": []}})


class FakeModule:
    """Hands out clients, each with a script of its own."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.clients = []
        self.warnings = []
        self.warn = self.warnings.append

    def client(self, action):
        assert action == "SearchMedia"
        self.clients.append(make_client(*self.scripts[len(self.clients)], retries=1))
        return self.clients[-1]


def test_a_client_that_gave_up_is_replaced_and_its_requests_count():
    module = FakeModule([EMPTY, NotSent("refused", "a")], [EMPTY])
    looks = Looks(module)
    search = Search("Tencent", streams=["a"])
    assert looks.requests_sent == 0
    states = [looks.look(search).states["a"]]
    while module.clients[-1].halted is None:
        states.append(looks.look(search).states["a"])
    states.append(looks.look(search).states["a"])
    assert len(module.clients) == 2 and states[0] == states[-1] == "complete" and set(states[1:-1]) == {"failed"}
    assert looks.requests_sent == sum(client.requests_sent for client in module.clients) > 2


def test_a_client_that_goes_on_is_kept_and_a_warning_comes_once():
    module = FakeModule([SHORT])
    looks = Looks(module)
    for _again in range(3):
        looks.look(Search("Tencent", streams=["a"]))
    assert len(module.clients) == 1 and len(module.warnings) == 1 and "counted 1 files" in module.warnings[0]
