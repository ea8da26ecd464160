# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items that take calls of their own: side by side, in order, to an early end where need be."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.zego.cloud.plugins.module_utils import _result as _items
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import NotAttempted, Refused, ZegoError
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import make_client, reply


def caller(client):
    def work(item):
        try:
            return client.call("CloseRoom", [("RoomId", item)], True).attempts
        except ZegoError as error:
            return error

    return work


def test_results_come_in_the_order_of_the_items():
    client = make_client(lambda query: reply(0) if dict(query)["RoomId"] % 2 else reply(4711))
    found = _items.each(client, range(50), caller(client))
    assert [type(item) for item in found] == [Refused, int] * 25


def test_several_are_under_way_once_the_first_is_answered():
    together = threading.Barrier(4, timeout=30)

    def step(query):
        if dict(query)["RoomId"]:
            together.wait()
        return reply(0)

    client = make_client(step)
    assert _items.each(client, range(5), caller(client)) == [1] * 5


def test_an_interrupt_ends_the_run_and_keeps_what_was_done():
    halted = threading.Event()

    def step(_query):
        client.interrupt("SIGTERM")
        assert halted.wait(5)
        return reply(0)

    client = make_client(step)
    stop, client.turnstile.stop = client.turnstile.stop, lambda: (stop(), halted.set())
    found = _items.each(client, range(9), caller(client))
    assert sorted(type(item).__name__ for item in found) == ["NotAttempted"] * 8 + ["int"]
    assert all("SIGTERM" in item.reason for item in found if isinstance(item, NotAttempted))


def test_an_exception_halts_the_client(monkeypatch):
    client = make_client(reply(0))

    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(_items, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _items.each(client, ["a"], caller(client))
    assert client.halted is not None


def test_entries():
    head = {"room_id": "r"}
    error = Refused("no", "Do this.", "7", "id")
    error.attempts = 2
    assert _items.failed_entry(head, error) == {
        "room_id": "r",
        "outcome": "failed",
        "changed": False,
        "failed": True,
        "code": "7",
        "message": "no. Do this.",
        "request_id": "id",
        "attempts": 2,
    }
    assert _items.failed_entry(head, NotAttempted("ended"))["outcome"] == "not_attempted"
    assert _items.entry(head, "closed", True, {}, 1) == {
        "room_id": "r",
        "outcome": "closed",
        "changed": True,
        "failed": False,
        "attempts": 1,
    }
