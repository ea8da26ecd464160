# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One contract, two places for the rows: a SQLite file, and a real server. Both are compared with a dictionary."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ansible_collections.zego.cloud.plugins.module_utils._ledger import redis_store, sqlite_store
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import Login
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._ledger.memory import Memory, State
from ansible_collections.zego.cloud.plugins.module_utils._ledger.server import Server
from ansible_collections.zego.cloud.plugins.module_utils._ledger.store import KEEP_SECONDS
from ansible_collections.zego.cloud.tests.unit.plugins.module_utils.fakes import DictStore

APP_ID = 12345
NAMES = ("a", "b", "stage 3 \u00e4:*", "舞台")
STATES = (State.STOPPED, State.RUNNING, State.STARTING, State.UNCERTAIN)
# Near the present, since the ledger of a file goes by the clock of the machine.
NOW = time.time()
MEMORIES = st.builds(
    Memory,
    st.sampled_from(STATES),
    st.sampled_from([NOW, NOW - 50.25, NOW - 7200.0, NOW + 3.5]),
    st.sampled_from([None, NOW + 9000.0, NOW - 10.0]),
    st.sampled_from([None, "task-1", "任务"]),
)
ROWS = st.dictionaries(st.sampled_from(NAMES), st.none() | MEMORIES, max_size=len(NAMES))
SOME = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """A start may be on its way for a minute: on a slow machine this file was imported longer ago."""
    monkeypatch.setitem(globals(), "NOW", time.time())


@pytest.fixture(params=["file", "server"])
def place(request, tmp_path):
    """Where the rows lie: functions that make a store and a ledger there, as each of several runs does."""
    if request.param == "file":
        return FilePlace(tmp_path)
    return ServerPlace(request.getfixturevalue("server"))


class FilePlace:
    def __init__(self, folder):
        self._path = str(folder / "ledger.sqlite3")

    def store(self, scope="1", vendor="Tencent", ttl=3600):
        return sqlite_store.SqliteStore(self._path, scope, vendor, lock_seconds=30, read_only=False)

    def ledger(self, warn=pytest.fail, **more):
        return Ledger(self._path, "1", "Tencent", ttl=3600, warn=warn, **more)


class ServerPlace:
    def __init__(self, server):
        self.server = server
        self.login = Login(server.address)

    def store(self, scope="1", vendor="Tencent", ttl=3600):
        # Patient: the machine that tests may be busy.
        return redis_store.RedisStore(Server(self.login, 30), APP_ID, scope, vendor, ttl=ttl, read_only=False)

    def ledger(self, warn=pytest.fail, **more):
        options = {"login": self.login, "app_id": APP_ID, "starts": True, **more}
        return Ledger("", "1", "Tencent", ttl=3600, warn=warn, **options)


class StoreMachine(RuleBasedStateMachine):
    """Two runs read and write the same rows, in any order; a dictionary says what is there."""

    place = None

    def __init__(self):
        super().__init__()
        self.rows = {}
        self.stores = [self.place.store(), self.place.store()]
        self.stores[0].update(list(NAMES), lambda found: dict.fromkeys(NAMES))

    @rule(run=st.integers(0, 1), streams=SOME)
    def read(self, run, streams):
        rows = self.stores[run].read(streams)
        assert rows.memories == {name: self.rows[name] for name in streams if name in self.rows}
        assert not rows.unreadable

    @rule(run=st.integers(0, 1), streams=SOME, changes=ROWS)
    def update(self, run, streams, changes):
        changes = {name: memory for name, memory in changes.items() if name in streams}
        seen = []

        def decide(found):
            seen.append(dict(found))
            return changes

        self.stores[run].update(streams, decide)
        # It may be asked with what it had read before; the last time counts.
        assert seen[-1] == {name: self.rows[name] for name in streams if name in self.rows}
        for name, memory in changes.items():
            self.rows.pop(name, None)
            if memory is not None:
                self.rows[name] = memory

    @rule(run=st.integers(0, 1))
    def prune(self, run):
        self.stores[run].prune(NOW - 10 * KEEP_SECONDS, NOW)

    @invariant()
    def both_see_the_same(self):
        for store in self.stores:
            assert store.read(list(NAMES)).memories == self.rows

    def teardown(self):
        for store in self.stores:
            store.close()


def run_machine(machine, place):
    kind = type(machine.__name__, (machine,), {"place": place})
    run_state_machine_as_test(kind, settings=settings(stateful_step_count=20))


def test_rows_are_what_a_dictionary_would_hold(place):
    run_machine(StoreMachine, place)


class LedgerMachine(RuleBasedStateMachine):
    """Two runs claim, stop, settle and undo as a job does. The same runs with a dictionary say what has to happen."""

    place = None

    def __init__(self):
        super().__init__()
        self.looker = self.place.store()
        self.looker.update(list(NAMES), lambda found: dict.fromkeys(NAMES))
        rows, self.clock = {}, NOW
        self.pairs = []
        for _run in range(2):
            expected = Ledger("", "1", "Tencent", ttl=3600, warn=pytest.fail)
            expected._store = DictStore(rows)
            pair = self.place.ledger(), expected
            for ledger in pair:
                ledger.now = ledger._store.now = lambda: self.clock
            self.pairs.append(pair)

    def both(self, run, work):
        real, expected = (work(ledger) for ledger in self.pairs[run])
        assert real == expected
        return real

    @rule(run=st.integers(0, 1), streams=SOME)
    def load(self, run, streams):
        self.both(run, lambda ledger: ledger.load(streams))

    @rule(run=st.integers(0, 1), streams=SOME, until=st.sampled_from([None, NOW + 500]))
    def claim(self, run, streams, until):
        self.both(run, lambda ledger: ledger.claim(streams, until))

    @rule(run=st.integers(0, 1), streams=SOME)
    def begin_stops(self, run, streams):
        self.both(run, lambda ledger: ledger.begin_stops(streams))

    @rule(run=st.integers(0, 1), rows=ROWS)
    def settle(self, run, rows):
        self.both(run, lambda ledger: ledger.settle(rows))

    @rule(run=st.integers(0, 1), streams=SOME)
    def undo(self, run, streams):
        self.both(run, lambda ledger: ledger.undo(dict.fromkeys(streams)))

    @rule(run=st.integers(0, 1), rows=ROWS)
    def write(self, run, rows):
        self.both(run, lambda ledger: ledger.write(rows))

    @rule(seconds=st.sampled_from([0.5, 30.0, 100.0, 4000.0]))
    def time_passes(self, seconds):
        self.clock += seconds

    @invariant()
    def rows_are_the_same(self):
        assert self.looker.read(list(NAMES)).memories == self.pairs[0][1]._store.rows

    def teardown(self):
        self.looker.close()
        for real, _expected in self.pairs:
            real.close()


def test_two_runs_of_a_ledger_do_what_they_would_with_a_dictionary(place):
    run_machine(LedgerMachine, place)


def test_four_runs_that_start_the_same_streams_at_once_claim_each_of_them_once(place):
    streams, together = [f"stream-{number}" for number in range(40)], Barrier(4)
    place.store().close()

    def start(_run):
        ledger = place.ledger(starts=True)
        before = ledger.load(streams)
        assert not before
        together.wait(60)
        mine = []
        for first in range(0, 40, 5):
            batch = streams[first : first + 5]
            taken = ledger.claim(batch)
            assert all(memory.state == State.STARTING for memory in taken.values())
            mine += [stream for stream in batch if stream not in taken]
        return mine

    with ThreadPoolExecutor(4) as runs:
        claimed = list(runs.map(start, range(4)))
    assert sorted(stream for mine in claimed for stream in mine) == sorted(streams)


def test_increments_of_four_runs_are_all_counted(place):
    """Each reads a number and writes the next one: none may get lost."""
    together = Barrier(4)
    place.store().close()

    def count(_run):
        store = place.store()
        together.wait(60)
        for _turn in range(25):
            store.update(["a"], lambda found: {"a": Memory("stopped", found["a"].since + 1 if found else 1.0)})

    with ThreadPoolExecutor(4) as runs:
        list(runs.map(count, range(4)))
    assert place.store().read(["a"]).memories["a"].since == 100


def test_scopes_and_vendors_are_kept_apart(place):
    place.store().update(["a"], lambda found: {"a": Memory("stopped", NOW)})
    assert place.store().read(["a"]).memories
    assert not place.store(vendor="Ws").read(["a"]).memories
    assert not place.store(scope="1/test").read(["a"]).memories
    assert not place.store(scope="1@gateway.example.com").read(["a"]).memories


def test_ten_thousand_streams_are_read_and_written(place):
    memories = {f"stage-{number}": Memory("stopped", NOW) for number in range(10000)}
    place.ledger().write(memories)
    ledger = place.ledger()
    began = time.process_time()
    assert ledger.load(memories) == memories
    assert time.process_time() - began < 0.3


# From here on what only a server does.

# A number that no float holds.
HUGE = f'["stopped", 1{"0" * 1000}, null, null]'


@pytest.fixture
def on_server(server):
    return ServerPlace(server)


def test_ten_thousand_streams_are_read_in_one_exchange(on_server, monkeypatch):
    """Whatever the way to the server takes, it is gone once."""
    on_server.server.client().config_resetstat()
    store, waits = on_server.store(), []
    call = store._server._caller.call
    monkeypatch.setattr(store._server._caller, "call", lambda *given: (waits.append(given), call(*given))[1])
    store.read([f"stage-{number}" for number in range(10000)])
    assert len(waits) == 1
    # Ten commands in that exchange, and none that holds up the server for long.
    assert on_server.server.client().info("commandstats")["cmdstat_mget"]["calls"] == 10


def test_what_was_read_is_not_read_again_before_it_is_written(on_server):
    on_server.server.client().config_resetstat()
    store = on_server.store()
    store.read(["a", "b"])
    for number in range(5):
        store.update(["a", "b"], lambda found, number=number: {"a": Memory("stopped", NOW + number)})
    stats = on_server.server.client().info("commandstats")
    assert stats["cmdstat_mget"]["calls"] == 1 and stats["cmdstat_eval"]["calls"] == 5


def test_the_server_forgets_by_itself_and_not_too_early(on_server):
    # Not from the beginning of the session: on a slow machine that was minutes ago.
    now = time.time()
    end = now + 2 * KEEP_SECONDS
    rows = {"a": Memory("stopped", now), "b": Memory("running", now, end), "c": Memory("running", now, 1e300)}
    on_server.store().update(list(rows), lambda found: rows)
    client = on_server.server.client()
    left = {key.decode().rpartition(":")[2]: client.pttl(key) / 1000 for key in client.keys("zego:12345:memory:*")}
    assert left["a"] == pytest.approx(KEEP_SECONDS, abs=60) and left["b"] == pytest.approx(2 * KEEP_SECONDS, abs=120)
    assert KEEP_SECONDS < left["c"] < 11 * 366 * 86400
    on_server.store(ttl=10 * KEEP_SECONDS).update(["a"], lambda found: {"a": Memory("stopped", NOW + 1)})
    key = next(key for key in client.keys() if key.endswith(b":a"))
    assert client.pttl(key) / 1000 == pytest.approx(10 * KEEP_SECONDS, abs=60)
    client.pexpire(key, 1)
    while client.exists(key):
        pass
    assert not on_server.store().read(["a"]).memories


def test_the_keys_of_an_app_have_one_prefix_and_hold_no_more_than_is_needed(on_server):
    row = Memory("running", NOW, NOW + 60, "task-1")
    on_server.store(scope="12345@gateway.example.com/token").update(["stage-1"], lambda found: {"stage-1": row})
    client = on_server.server.client()
    keys = [key.decode() for key in client.keys()]
    assert len(keys) == 1 and keys[0].startswith("zego:12345:memory:") and keys[0].endswith(":stage-1")
    assert json.loads(client.get(keys[0])) == list(row)
    assert "gateway" not in keys[0] and "token" not in keys[0]


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '["stopped"]', '["gone", 1, null, null]', "[" * 5000, "x" * 5000]
)
def test_rows_that_make_no_sense_do_not_count(on_server, text):
    store, client = on_server.store(), on_server.server.client()
    store.update(["a", "b"], lambda found: {"a": Memory("stopped", NOW), "b": Memory("stopped", NOW)})
    key = next(key for key in client.keys() if key.endswith(b":a"))
    client.set(key, text)
    rows = on_server.store().read(["a", "b"])
    assert set(rows.memories) == {"b"} and rows.unreadable == {"a"}
    # The next run that knows better writes over it.
    on_server.store().update(["a"], lambda found: {"a": Memory("stopped", NOW)})
    assert set(on_server.store().read(["a", "b"]).memories) == {"a", "b"}


def test_the_clock_of_the_server_counts(on_server, monkeypatch):
    """Two machines whose clocks are hours apart agree on when a memory is too old, and setting a clock changes none."""
    right = time.time()
    monkeypatch.setattr(time, "time", lambda: right - 7 * 3600)
    wrong = on_server.ledger()
    assert wrong.now() == pytest.approx(right, abs=5) and wrong.ahead() == pytest.approx(7 * 3600, abs=5)
    wrong.write({"a": Memory("stopped", wrong.now())})
    monkeypatch.undo()
    ledger = on_server.ledger()
    assert ledger.ahead() == pytest.approx(0, abs=5) and ledger.load(["a"])
