# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms, relays and lists under a random schedule of every fault, against what the simulator says it really did.

Each seed lists the streams of rooms, removes relays and closes the rooms while 30 % of the requests meet a fault; then,
with the faults gone, the last two again. `python scenarios.py 7` runs seed 7 alone.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from bare import FAULTS, check_entries, run  # noqa: E402
from harness import brief, main, names  # noqa: E402

SEEDS = range(12)
SHARE = 0.3
ROOMS = names(8, "room")
STREAMS = names(40, "cdn")
GONE = ["gone-1", "gone-2"]


def _url(stream):
    return f"rtmp://push.example.com/live/{stream}"


def _list(scene):
    """List the rooms; what is not reported as failed must be the truth."""
    result = run(scene, "zego_stream_info", rooms=ROOMS + GONE, timeout=1, retries=1)
    check_entries(result["rooms"], "room_id", ROOMS + GONE)
    for room in result["rooms"]:
        found = sorted(stream["stream_id"] for stream in result["streams"] if stream["room_id"] == room["room_id"])
        there = [] if room["room_id"] in GONE else [f"{room['room_id']}-s1", f"{room['room_id']}-s2"]
        assert room["failed"] or found == there and room["exists"] is (room["room_id"] not in GONE), brief(room)


def _remove(scene):
    """Remove all relays; no relay that is reported as removed may still run."""
    relays = [{"stream_id": stream, "cdn_url": _url(stream)} for stream in STREAMS]
    result = run(scene, "zego_cdn_relay", relays=relays, timeout=1, ledger=str(scene.ledger))
    check_entries(result["relays"], "stream_id", STREAMS)
    state = scene.simulator.relays()
    for relay in result["relays"]:
        running = state[relay["stream_id"]]["urls"][_url(relay["stream_id"])]["running"]
        assert relay["outcome"] not in ("removed", "already_removed") or not running, brief(relay)
    return result


def _close(scene):
    """Close all rooms; no room that is reported as closed may still be open."""
    result = run(scene, "zego_room", rooms=ROOMS + GONE, timeout=1)
    check_entries(result["rooms"], "room_id", ROOMS + GONE)
    state = scene.simulator.rooms()
    for room in result["rooms"]:
        assert (
            room["outcome"] not in ("closed", "already_closed") or state.get(room["room_id"], {}).get("state") != "open"
        ), brief(room)
    return result


def _chaos(scene, seed):
    scene.simulator.configure(quota=0, room_seconds=0, seed=seed)
    for room in ROOMS:
        scene.simulator.add_room(room, [f"{room}-s1", f"{room}-s2"])
    for stream in STREAMS:
        scene.simulator.add_relay(stream, _url(stream))
    kinds = list(FAULTS)
    random.Random(seed).shuffle(kinds)
    for kind in kinds:
        scene.simulator.add_fault(**kind, probability=SHARE / len(kinds))
    _list(scene)
    _remove(scene)
    _close(scene)
    lines = scene.simulator.requests()
    assert len([line for line in lines if line["fault"]]) >= SHARE / 3 * len(lines), "that was no chaos"
    scene.simulator.clear_faults()
    for result in (_remove(scene), _close(scene)):
        assert not result["failed"], brief(result)
    assert not any(room["state"] == "open" for room in scene.simulator.rooms().values())
    assert not any(url["running"] for relay in scene.simulator.relays().values() for url in relay["urls"].values())


def _scenario(seed):
    return lambda scene: _chaos(scene, seed)


globals().update({f"test_{seed}": _scenario(seed) for seed in SEEDS})

if __name__ == "__main__":
    main(globals(), lanes=16)
