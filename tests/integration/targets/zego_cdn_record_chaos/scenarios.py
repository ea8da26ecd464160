# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A random schedule of every fault that the simulator can make, against what the simulator says it really did.

Each seed is a scenario: 1,000 streams are started and 1,000 others stopped while 30 % of the requests meet a fault;
then, with the faults gone, both again. `python scenarios.py 7` runs seed 7 alone.
"""

from __future__ import annotations

import collections
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from bare import FAULTS, check_entries, run  # noqa: E402
from harness import VENDORS, brief, main, names, outcomes  # noqa: E402

SEEDS = range(50)
COUNT = 1000
SHARE = 0.3

# What only recordings can meet. A code that ends the run comes in every tenth seed.
REQUESTS = (*FAULTS, {"kind": "http", "status": 414}, {"kind": "wrong_vendor_key"}, {"kind": "extra_entry"})
ENTRIES = (
    {"kind": "missing_entry"},
    {"kind": "duplicate_entry"},
    {"kind": "raw_entry", "entry": None},
    {"kind": "raw_entry", "entry": {"Code": ["?"]}},
)
CODES = {
    "Tencent": (
        "RequestLimitExceeded",
        "InternalError",
        "ResourceNotFound.FreezeService",
        "UnsupportedOperation",
        "Never.Heard",
    ),
    "Huawei": ("LIVE.100011007", "100011000", 500, "LIVE.100011002"),
    "Aliyun": ("Throttling.User", 503, 404, "CodeConfigNotFound"),
    "Ws": (429, 502, 403),
}


def _schedule(seed, vendor):
    """Return the fault rules of a seed: SHARE of the requests meet one, and one stream in a hundred one of its own."""
    rng = random.Random(seed)
    kinds = list(REQUESTS)
    rng.shuffle(kinds)
    rules = [dict(kind, probability=SHARE / len(kinds)) for kind in kinds]
    if seed % 10 == 9:
        rules.append({"kind": "code", "code": rng.choice((3, 5, 7)), "probability": 0.01})
    entries = list(ENTRIES) + [{"kind": "stream_code", "code": code, "message": "chaos"} for code in CODES[vendor]]
    if vendor == "Ws":
        entries.append({"kind": "row_code", "format": "mp4", "code": 500})
    for kind in entries:
        rules.append(
            dict(
                kind,
                streams=rng.sample(names(COUNT, "start") + names(COUNT, "stop"), 2 * COUNT // 100),
                probability=0.7,
            )
        )
    rules.append(
        {"kind": "poison", "streams": rng.sample(names(COUNT, "stop"), 2) + rng.sample(names(COUNT, "start"), 2)}
    )
    return rules


def _run(scene, vendor, state):
    """Start or stop the streams of that kind, and return the result."""
    streams = names(COUNT, "start" if state == "started" else "stop")
    given = {
        "vendor": vendor,
        "streams": streams,
        "state": state,
        "timeout": 1,
        "requests_per_second": 500,
        "ledger": str(scene.ledger),
    }
    result = run(scene, "zego_cdn_record", **given)
    check_entries(result["streams"], "stream_id", streams)
    assert (
        result["summary"]["total"]
        == COUNT
        == sum(result["summary"][name] for name in ("changed", "unchanged", "failed"))
    )
    return result


def _check(scene, vendor, started, stopped):
    """Compare what was reported with what the simulator did."""
    state = scene.simulator.state()[vendor]
    for name, outcome in outcomes(stopped).items():
        assert outcome not in ("stopped", "already_stopped") or not state[name]["running"], f"a false {outcome}: {name}"
    for name, outcome in outcomes(started).items():
        found = state.get(name, {"running": 0, "starts": 0})
        assert found["starts"] <= 1, f"{name} was started {found['starts']} times"
        assert outcome not in ("started", "already_started") or found["running"], f"a false {outcome}: {name}"
        assert outcome != "not_attempted" or not found["starts"], f"{name} was attempted"


def _chaos(scene, seed):
    vendor = ("Tencent", *VENDORS)[seed % 5]
    scene.simulator.configure(
        quota=0,
        ws_formats=["mp4", "flv"],
        repeated_stop=("absent", "success")[seed % 2],
        ws_repeated_start="running",
        seed=seed,
    )
    scene.simulator.record(vendor, names(COUNT, "stop"))
    for rule in _schedule(seed, vendor):
        scene.simulator.add_fault(**rule)
    started, stopped = _run(scene, vendor, "started"), _run(scene, vendor, "stopped")
    _check(scene, vendor, started, stopped)
    lines = scene.simulator.requests()
    assert len([line for line in lines if line["fault"]]) >= SHARE / 2 * len(lines), "that was no chaos"
    scene.simulator.clear_faults()
    started, stopped = _run(scene, vendor, "started"), _run(scene, vendor, "stopped")
    _check(scene, vendor, started, stopped)
    # What is left are starts that nobody can know of, and streams that a lost answer had stopped, at a vendor without a
    # code for that.
    left = collections.Counter(outcomes(started).values()) + collections.Counter(outcomes(stopped).values())
    assert set(left) <= {"started", "already_started", "unknown", "stopped", "already_stopped", "failed"}, brief(left)
    assert not left["failed"] or vendor == "Ws", left
    assert not any(
        state["running"] for name, state in scene.simulator.state()[vendor].items() if name.startswith("stop")
    ), "a recording was left running"


def _scenario(seed):
    return lambda scene: _chaos(scene, seed)


globals().update({f"test_{seed}": _scenario(seed) for seed in SEEDS})

if __name__ == "__main__":
    main(globals(), lanes=16)
