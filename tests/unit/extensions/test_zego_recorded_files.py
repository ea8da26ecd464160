# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The poller against the simulator: each file once, whoever tells of it first."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

aiohttp = pytest.importorskip("aiohttp")

from engine import SECRET, Engine, listening, running, said  # noqa: E402

from ansible_collections.zego.cloud.plugins.plugin_utils._eda import polling  # noqa: E402
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import Spool  # noqa: E402

NAME = "zego_recorded_files"
OPTIONS = {name: rule.get("default") for name, rule in polling.SPEC.items()}


class Clock:
    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(simulator, spool, clock):
    """A function that makes a poller of a spool of its own; what it opened is closed."""
    opened = []

    def made(**options):
        while opened:
            opened.pop().close()
        opened.append(Spool(spool, clock=clock))
        given = {**OPTIONS, **connection(simulator), "vendor": "Tencent", **options}
        warnings = []
        poller = polling.Poller(given, opened[0], opened[0].new_owner(), warnings.append, clock=clock)
        poller.warnings, poller.spool = warnings, opened[0]
        return poller

    yield made
    for one in opened:
        one.close()


def connection(simulator):
    secret = simulator.server_secret
    return {"app_id": simulator.app_id, "server_secret": secret, "api_url": simulator.url, "requests_per_second": 20}


def waiting(poller):
    """Return the identities of what waits for the engine, and hand it over."""
    found = []
    pending = poller.spool.next(poller._owner)
    while pending is not None:
        found.append(pending.data["meta"]["uuid"])
        poller.spool.given(pending.number)
        pending = poller.spool.next(poller._owner)
    return sorted(found)


def test_each_file_is_found_once_and_old_ones_are_not_told(make, simulator, clock):
    simulator.add_files("Tencent", [{"stream": "old", "file_id": "old", "created": clock.now - 30}])
    poller = make()
    assert poller.poll() == (0, False, None)
    simulator.add_files("Tencent", [{"stream": name, "file_id": name} for name in "ab"])
    assert poller.poll().new == 2 and waiting(poller) == ["a", "b"]
    simulator.add_files("Tencent", [{"stream": "c", "file_id": "c"}])
    assert poller.poll().new == 1 and poller.poll().new == 0
    # Listed late: it was made before the last searches.
    simulator.add_files("Tencent", [{"stream": "d", "file_id": "d", "created": clock.now - 5}])
    clock.now += 3000
    assert make().poll().new == 0
    simulator.add_files("Tencent", [{"stream": "e", "file_id": "e", "created": clock.now - 2000}])
    poller = make()
    assert poller.poll().new == 1


def test_the_first_search_may_begin_earlier(make, simulator, clock):
    for age in (100, 1000, 10000):
        simulator.add_files("Tencent", [{"stream": "x", "file_id": str(age), "created": clock.now - age}])
    poller = make(since=str(int(clock.now - 2000)))
    assert poller.poll().new == 2 and waiting(poller) == ["100", "1000"]
    # It is for the first search only: later ones begin where that one ended.
    assert make(since="2020-01-01").poll().new == 0


@pytest.mark.parametrize("vendor", ["Tencent", "Ws", "Huawei"])
def test_the_event_says_what_zego_media_info_says(make, simulator, vendor):
    poller = make(vendor=vendor, streams=["stage-1"])
    poller.poll()
    simulator.add_files(vendor, ["stage-1", "stage-10"])
    assert poller.poll().new == 1
    data = poller.spool.next(poller._owner).data
    assert data["zego"]["vendor"] == vendor and data["zego"]["stream_id"] == "stage-1"
    assert {"url", "size", "created", "name", "format"} <= set(data["zego"]["file"])
    assert (vendor == "Tencent") == (data["meta"]["uuid"] == data["zego"]["file"].get("file_id"))
    assert (vendor == "Huawei") == (data["meta"]["uuid"] == data["zego"]["file"]["name"])


def test_a_search_that_fails_loses_nothing(make, simulator, clock):
    poller = make(retries=0)
    poller.poll()
    simulator.add_files("Tencent", [{"stream": "a", "file_id": "a"}])
    simulator.add_fault(kind="http", status=503, times=2)
    # For longer than a file may take until it is listed.
    for _time in range(2):
        failed = poller.poll()
        assert failed.new == 0 and "503" in str(failed.error) and not failed.error.lasting
        clock.now += 4000
    assert poller.poll().new == 1


def test_a_search_waits_for_its_place_among_the_modules(make, simulator):
    poller = make()
    assert poller.poll().error is None
    board, reserved_until = poller._board(), time.time() + 0.5
    board.exchange(lambda numbers: {**numbers, "free_at": reserved_until})
    assert poller.poll().error is None and time.time() >= reserved_until
    # And it takes one.
    found = []
    board.exchange(lambda numbers: found.append(numbers["free_at"]) or numbers)
    assert found[0] > reserved_until
    board.close()


def test_without_the_server_of_the_ledger_it_searches_by_itself_and_says_so_once(make, simulator):
    poller = make(ledger="redis://127.0.0.1:1/0", ledger_user="crew", ledger_password="pass-word")
    simulator.add_files("Tencent", [{"stream": "a", "file_id": "a"}])
    assert [poller.poll().error for _time in range(2)] == [None, None]
    (warning,) = poller.warnings
    assert "The pace is not shared with other runs: it cannot be reached" in warning
    assert "crew" not in warning and "pass-word" not in warning


def test_a_wrong_secret_is_lasting_and_quoted_nowhere(make):
    poller = make(server_secret="f" * 32)
    result = poller.poll()
    assert result.error.lasting and "f" * 32 not in f"{result.error} {result.error.advice}"


def test_what_finds_no_room_is_left_to_the_next_search(make, simulator):
    poller = make(max_pending=2)
    poller.poll()
    simulator.add_files("Tencent", [{"stream": name, "file_id": name} for name in "abc"])
    assert poller.poll()[:2] == (2, True)
    found = waiting(poller)
    assert poller.poll()[:2] == (1, False) and sorted(found + waiting(poller)) == ["a", "b", "c"]


def test_a_name_that_would_be_a_template_makes_no_event_and_one_warning(make, simulator):
    poller = make(vendor="Huawei")
    poller.poll()
    simulator.add_files("Huawei", ["{{ 7 }}", "fine"])
    assert poller.poll().new == 1 and poller.poll().new == 0
    (warning,) = poller.warnings
    assert "would be taken for a template" in warning


def test_a_stop_ends_a_search_under_way(make, simulator):
    poller = make(timeout=30)
    simulator.add_fault(kind="code", code=6)
    began = time.monotonic()

    async def scenario():
        search = asyncio.ensure_future(asyncio.to_thread(poller.poll))
        await asyncio.sleep(0.3)
        poller.stop()
        return await search

    result = asyncio.run(scenario())
    assert result.error is not None and time.monotonic() - began < 10


def test_the_source_searches_again_and_again(simulator, spool, logged):
    # As ansible-rulebook -vv does, for every library.
    logged.set_level("DEBUG")

    async def scenario():
        engine = Engine(feedback=True)
        args = {**connection(simulator), "vendor": "Tencent", "spool": spool, "interval": 1, "retries": 0}
        async with running(NAME, engine, args):
            await said(logged, "0 new recorded files")
            simulator.add_files("Tencent", [{"stream": name, "file_id": name} for name in "ab"])
            assert await engine.uuids(2) == ["a", "b"]
            simulator.add_fault(kind="http", status=503, times=9)
            await said(logged, "A search for recorded files failed")
            simulator.clear_faults()
            simulator.add_files("Tencent", [{"stream": "c", "file_id": "c"}])
            assert await engine.uuids(1) == ["c"] and engine.idle()

    asyncio.run(scenario())
    assert simulator.server_secret not in logged.text and "Signature=" not in logged.text


def test_callback_and_search_make_one_event_of_a_file(simulator, spool, logged):
    """Whichever is first; and what a callback told before a restart is not told by the search after it."""

    async def scenario():
        engine = Engine()
        receiver = {"port": 0, "app_id": simulator.app_id, "callback_secret": SECRET, "spool": spool}
        poller = {**connection(simulator), "vendor": "Tencent", "spool": spool, "interval": 1}
        async with contextlib.AsyncExitStack() as stack:
            task = await stack.enter_async_context(running("zego_callback", engine, receiver))
            await stack.enter_async_context(running(NAME, engine, poller))
            url = f"http://127.0.0.1:{await listening(task, logged)}/"
            await said(logged, "0 new recorded files")
            simulator.configure(callback_url=url, callback_secret=SECRET, callback_time_scale=0.01)
            names = [f"f{number}" for number in range(6)]
            files = [{"stream": "x", "file_id": name, "callback": name != "f5"} for name in names]
            simulator.add_files("Tencent", files)
            assert await engine.uuids(6) == names
            logged.clear()
            await said(logged, "0 new recorded files")
            assert engine.idle()
        async with running(NAME, engine, poller):
            simulator.add_files("Tencent", [{"stream": "x", "file_id": "last", "callback": False}])
            assert await engine.uuids(1) == ["last"] and engine.idle()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "args,reason",
    [
        ({"vendor": "Aliyun"}, "vendor must be one of Tencent, Ws, Huawei"),
        ({"vendor": None}, "vendor is required"),
        ({"server_secret": "'quoted'"}, "server_secret has quotes"),
        ({"api_url": "http://user:pass@x.test"}, "api_url has a user name"),
        ({"app": "live"}, "app applies to the vendors Ws and Huawei"),
        ({"since": "yesterday"}, "since 'yesterday' is neither"),
        ({"streams": []}, "streams is empty"),
        ({"streams": ["a\tb"]}, "white space other than a space"),
        ({"interval": 0}, "interval must be at least 1"),
        ({"server_secret": "f" * 32}, "the search fails: .*Code 100000005"),
    ],
)
def test_what_is_wrong_with_the_options_is_said_and_ends_the_source(simulator, spool, logged, args, reason):
    async def scenario():
        given = {**connection(simulator), "vendor": "Tencent", "spool": spool, **args}
        async with running(NAME, Engine(), given) as task:
            await asyncio.wait_for(asyncio.shield(task), 10)

    for _time in range(2):
        with pytest.raises(ValueError, match=reason) as error:
            asyncio.run(scenario())
        assert "pass@" not in str(error.value) and "f" * 32 not in str(error.value)


def test_a_broken_search_of_the_vendor_is_no_traceback(simulator, spool, logged):
    async def scenario():
        simulator.add_fault(kind="not_object", value=7)
        given = {**connection(simulator), "vendor": "Tencent", "spool": spool, "interval": 1, "retries": 0}
        async with running(NAME, Engine(), given):
            await said(logged, "A search for recorded files failed")

    asyncio.run(scenario())
    assert "Traceback" not in logged.text
