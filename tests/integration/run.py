# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the scenarios of many targets side by side, with the ansible-core of the Python that runs this.

``python run.py [--quick | --slow] [--without TARGET] [TARGET[:SCENARIO] …]``: the quick scenarios of all targets, or
all those that are named; ``--quick`` and ``--slow`` take one kind of either. ansible-test runs them all, one target
after the other.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE / "targets" / "support_zego"))

from harness import LANES, run_all, scenarios  # noqa: E402

# Random schedules of faults, and minutes of requests at the quota's pace: they have sessions of their own.
APART = ("zego_cdn_record_chaos", "zego_cdn_record_load", "zego_event_chaos")
# What takes longest starts first, so that nothing runs alone at the end.
FIRST = ("teardown_role", "zego_cdn_record_interrupted", "zego_media_info", "zego_cdn_record_pace", "examples")


def load(target):
    """Import a target's scenarios.py under a name of its own."""
    path = HERE / "targets" / target / "scenarios.py"
    spec = importlib.util.spec_from_file_location(f"scenarios_{target}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def choose(words, slow, without=()):
    """Return the scenarios that these words name. ``slow``: only those that are, or are not; None: see above."""
    wanted = {}
    for word in words:
        target, _colon, scenario = word.partition(":")
        wanted.setdefault(target, []).extend([scenario] if scenario else [])
    if not wanted:
        names = sorted(path.parent.name for path in HERE.glob("targets/*/scenarios.py"))
        wanted = {name: [] for name in names if name not in (*APART, *without)}
    order = sorted(wanted, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    chosen = [item for name in order for item in scenarios(vars(load(name)), wanted[name])]
    # What is named is wanted, however long it takes.
    if slow is None:
        return chosen if words else [item for item in chosen if not item.slow]
    return [item for item in chosen if item.slow == slow]


def main():
    """Run what was asked for; exit with 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--slow", action="store_const", const=True, help="only the longer scenarios")
    parser.add_argument("--quick", action="store_const", const=False, dest="slow", help="only the others")
    parser.add_argument("--lanes", type=int, default=LANES, help="how many scenarios run side by side")
    parser.add_argument("--without", action="append", default=[], metavar="TARGET", help="leave out a target")
    parser.add_argument("names", nargs="*", metavar="TARGET[:SCENARIO]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zego-collections-") as folder:
        link = Path(folder) / "ansible_collections" / "zego" / "cloud"
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = folder
        chosen = choose(options.names, options.slow, options.without)
        failed = run_all(chosen, options.lanes)
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
