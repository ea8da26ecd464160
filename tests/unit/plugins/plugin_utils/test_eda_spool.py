# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spool: each event once, across sources and restarts; nobody else's business."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from ansible_collections.zego.cloud.plugins.plugin_utils._eda import spool as module
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.events import Event
from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import (
    FULL,
    KNOWN,
    NEW,
    STOLEN,
    Signed,
    Spool,
    SpoolError,
    open_spool,
    release_spool,
)

DAY = 86400


class Clock:
    now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "new" / "spool.sqlite3")


@pytest.fixture
def make(path, clock):
    """A function that opens the spool; what is open in the end is closed."""
    made = []

    def opened():
        made.append(Spool(path, clock=clock))
        return made[-1]

    yield opened
    for spool in made:
        spool.close()


def event(uuid, app=1, **more):
    return Event(app, uuid, {"event": "record", **more})


def given(spool, owner):
    """Hand over all that an owner has; return the identities."""
    found = []
    pending = spool.next(owner)
    while pending is not None:
        found.append(pending.data["meta"]["uuid"])
        spool.given(pending.number)
        pending = spool.next(owner)
    return found


def test_an_event_is_new_once_whoever_tells_of_it(make):
    spool = make()
    callback, poller = spool.new_owner(), spool.new_owner()
    assert spool.add(callback, event("a"), 9) == NEW
    assert spool.add_all(poller, [event("a"), event("b"), event("b")], 9) == [KNOWN, NEW, KNOWN]
    assert spool.add(callback, event("a", app=2), 9) == NEW
    assert spool.pending()[0] == 3
    assert given(spool, callback) == ["a", "a"] and given(spool, poller) == ["b"]
    assert spool.add(callback, event("b"), 9) == KNOWN and spool.pending() == (0, 0.0)


def test_after_a_restart_what_was_left_is_given_once_and_what_was_given_is_known(make, clock):
    spool = make()
    callback, poller = spool.new_owner(), spool.new_owner()
    spool.add_all(callback, [event("a"), event("b")], 9)
    spool.add(poller, event("c"), 9)
    spool.given(spool.next(callback).number)
    # As kill -9 leaves it: b was taken out, and is not with the engine.
    assert spool.next(callback).data["meta"]["uuid"] == "b"
    spool.close()
    spool = make()
    first, second = spool.new_owner(), spool.new_owner()
    clock.now += 60
    assert spool.pending() == (2, 60.0)
    assert spool.next(second).data["meta"]["uuid"] == "b"
    assert given(spool, first) == ["c"] and given(spool, second) == ["b"]
    assert spool.add(first, event("a"), 9) == KNOWN


def test_a_signature_belongs_to_the_first_body_that_comes_with_it(make):
    spool = make()
    owner = spool.new_owner()
    mine, stolen = Signed("token", "digest", 1e12), Signed("token", "other", 1e12)
    assert spool.add(owner, event("a"), 9, mine) == NEW
    assert spool.add(owner, event("b"), 9, stolen) == STOLEN and spool.pending()[0] == 1
    assert not spool.bind(stolen) and spool.bind(mine)
    assert spool.add(owner, event("a"), 9, mine) == KNOWN
    spool.close()
    assert make().add(1, event("b"), 9, stolen) == STOLEN


def test_a_signature_that_made_no_event_is_bound_as_well(make):
    spool = make()
    assert spool.bind(Signed("token", "digest", 1e12))
    assert spool.add(1, event("a"), 9, Signed("token", "other", 1e12)) == STOLEN


def test_too_many_events_find_no_room_and_known_ones_need_none(make):
    spool = make()
    owner = spool.new_owner()
    events = [event(name) for name in "abc"]
    assert spool.add_all(owner, events, 2) == [NEW, NEW, FULL]
    assert spool.add_all(owner, events, 2) == [KNOWN, KNOWN, FULL]
    spool.given(spool.next(owner).number)
    assert spool.add_all(owner, events, 2) == [KNOWN, KNOWN, NEW]


def test_it_forgets_what_nobody_tells_again(make, clock):
    spool = make()
    owner = spool.new_owner()
    spool.add_all(owner, [event("a"), event("waits")], 9)
    spool.given(spool.next(owner).number)
    spool.bind(Signed("token", "digest", clock.now + 300))
    clock.now += 31 * DAY
    spool.prune(30)
    assert spool.add_all(owner, [event("a"), event("waits")], 9) == [NEW, KNOWN]
    assert spool.bind(Signed("token", "other", clock.now))


def test_it_forgets_nothing_that_a_search_after_a_long_pause_lists_again(make, clock):
    spool = make()
    owner = spool.new_owner()
    assert spool.begin_search("tencent", clock.now) == (clock.now, None)
    spool.add(owner, event("a"), 9)
    spool.given(spool.next(owner).number)
    spool.end_search("tencent", clock.now)
    first, clock.now = clock.now, clock.now + 60 * DAY
    spool.prune(30)
    assert spool.begin_search("tencent", clock.now) == (first, first)
    assert spool.add(owner, event("a"), 9) == KNOWN
    spool.end_search("tencent", clock.now)
    spool.prune(30)
    assert spool.add(owner, event("a"), 9) == NEW


def test_of_an_event_that_the_engine_has_only_its_identity_is_kept(make, path):
    spool = make()
    spool.add(1, event("a", stream_id="secret-stream"), 9)
    spool.given(spool.next(1).number)
    (body,) = sqlite3.connect(path).execute("SELECT body FROM event").fetchone()
    assert body == ""


def test_it_is_for_its_owner_only_even_if_it_was_not(make, path):
    old = os.umask(0)
    try:
        make().close()
        assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
        os.chmod(path, 0o666)
        make()
    finally:
        os.umask(old)
    for name in os.listdir(os.path.dirname(path)):
        assert stat.S_IMODE(os.stat(os.path.join(os.path.dirname(path), name)).st_mode) == 0o600


def test_another_rulebook_may_not_use_it_until_the_first_has_ended(make, path):
    spool = make()
    with pytest.raises(SpoolError, match="another rulebook uses it"):
        make()
    spool.close()
    make()


def test_a_process_that_was_killed_leaves_it_free(make, path):
    source = "\n".join(
        [
            "import os, signal, sys",
            f"sys.path[:0] = {sys.path!r}",
            "from ansible_collections.zego.cloud.plugins.plugin_utils._eda.spool import Spool",
            "from ansible_collections.zego.cloud.plugins.plugin_utils._eda.events import Event",
            f"spool = Spool({path!r})",
            "spool.add(1, Event(1, 'a', {}), 9)",
            "os.kill(os.getpid(), signal.SIGKILL)",
        ]
    )
    done = subprocess.run([sys.executable, "-c", source], check=False)
    assert done.returncode == -9
    spool = make()
    assert given(spool, spool.new_owner()) == ["a"]


def test_the_sources_of_a_process_share_it_until_the_last_ends(path):
    first, second = open_spool(path), open_spool(os.path.join(os.path.dirname(path), ".", "spool.sqlite3"))
    assert first is second and first.new_owner() != second.new_owner()
    release_spool(path)
    assert first.pending() == (0, 0.0)
    release_spool(path)
    with pytest.raises(SpoolError, match="closed"):
        first.pending()
    assert module._open == {}


@pytest.mark.parametrize(
    "content,reason",
    [(b"hello", "something else"), (b"SQLite format 3\0" + bytes(100), "something else"), (None, "regular file")],
)
def test_what_is_no_spool_is_left_alone(path, content, reason):
    os.makedirs(os.path.dirname(path))
    if content is None:
        os.mkdir(path)
    else:
        with open(path, "wb") as file:
            file.write(content)
    with pytest.raises(SpoolError, match=reason):
        Spool(path)
    if content is not None:
        with open(path, "rb") as file:
            assert file.read() == content
    with pytest.raises(SpoolError, match=reason):
        Spool(path)


def test_a_link_is_refused(path, tmp_path):
    os.makedirs(os.path.dirname(path))
    os.symlink(tmp_path / "elsewhere", path)
    with pytest.raises(SpoolError, match="symbolic link"):
        Spool(path)
    assert not os.path.exists(tmp_path / "elsewhere")


def test_a_damaged_file_is_a_sentence(make, path):
    spool = make()
    spool.add(1, event("a"), 9)
    spool.close()
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (size - 100))
    with pytest.raises(SpoolError, match="cannot be used"):
        make().add(1, event("b"), 9)


def test_threads_spool_each_event_once(make):
    spool = make()
    results = []

    def work():
        for number in range(20):
            results.append(spool.add(1, event(str(number)), 99))

    threads = [threading.Thread(target=work) for _time in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count(NEW), results.count(KNOWN)) == (20, 60)
