# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs nox sessions side by side, says of each how it went, and keeps a log of each in tests/output/logs.

``python sessions.py [--jobs N] [--keep] SESSION …``: in the order given, N at a time. ``--keep`` leaves out a session
that has passed on these very files before, which is how ``make test-all`` does not repeat what ``make test`` did.
``core_units-2.16`` is nox's ``core_units(2.16)``, which neither make nor a shell takes as it is.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from copies import tracked_files

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output"
# How much of a failed session's log is shown.
SHOWN = 80
_SKIPPED = re.compile(r"nox > Session .+ skipped: (.*)")


class Result(NamedTuple):
    """How one session went. ``how``: ok, skipped, kept or FAILED; ``wall`` and ``cpu`` are seconds."""

    name: str
    how: str
    wall: float = 0.0
    cpu: float = 0.0
    reason: str = ""


def fingerprint(root=ROOT):
    """Return a hash of the names and contents of all files of the collection."""
    digest = hashlib.sha256()
    for name in sorted(tracked_files(root)):
        digest.update(os.fsencode(f"{name}\0"))
        digest.update(hashlib.sha256((root / name).read_bytes()).digest())
    return digest.hexdigest()


def nox_name(session):
    """Return nox's name of a session: ``core_units-2.16`` is ``core_units(2.16)``."""
    return re.sub(r"-([\d.]+)$", r"(\1)", session)


class Runner:
    """Runs sessions. ``state``: the fingerprint of the tree; ``keep``: leave out what has passed on it."""

    def __init__(self, state, keep, output=OUTPUT, nox=(sys.executable, "-m", "nox")):
        self._state = state
        self._keep = keep
        self._nox = nox
        self._logs = output / "logs"
        self._passed = output / "passed"
        self._printing = threading.Lock()
        for folder in (self._logs, self._passed):
            folder.mkdir(parents=True, exist_ok=True)

    def _say(self, text):
        with self._printing:
            print(text, flush=True)

    def run(self, session):
        """Run a session, and print a line when it starts and when it ends; return its Result."""
        stamp = self._passed / session
        if self._keep and stamp.is_file() and stamp.read_text(encoding="utf-8") == self._state:
            self._say(f"kept     {session}: it has passed on these files")
            return Result(session, "kept")
        self._say(f"begins   {session}")
        log = self._logs / f"{session}.log"
        began = time.monotonic()
        with log.open("wb") as file:
            command = [*self._nox, "--non-interactive", "-s", nox_name(session)]
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began, usage.ru_utime + usage.ru_stime
        text = log.read_text(encoding="utf-8", errors="replace")
        return self._judge(session, process.returncode, seconds, text)

    def _judge(self, session, code, seconds, text):
        wall, cpu = seconds
        took = f"{wall:.0f} s, {cpu:.0f} s of CPU"
        skipped = _SKIPPED.search(text)
        if code == 0 and skipped:
            self._say(f"skipped  {session}: {skipped[1]}")
            return Result(session, "skipped", wall, cpu, skipped[1])
        if code == 0:
            (self._passed / session).write_text(self._state, encoding="utf-8")
            self._say(f"ok       {session} ({took})")
            return Result(session, "ok", wall, cpu)
        last = "\n".join(text.splitlines()[-SHOWN:])
        log = self._logs / f"{session}.log"
        self._say(f"FAILED   {session} ({took})\n{last}\n(all of it: {log.relative_to(ROOT)})")
        return Result(session, "FAILED", wall, cpu)


def once_more(runner, result):
    """Run a session again if it failed beside others; return its new Result. What is wrong by itself fails again."""
    if result.how != "FAILED":
        return result
    print(f"AGAIN    {result.name}: it failed beside others, and runs alone now", flush=True)
    return runner.run(result.name)


def table(results, wall):
    """Return the lines of a table of what took how long, the longest first."""
    ran = sorted((item for item in results if item.wall), key=lambda item: -item.wall)
    lines = [f"{item.name:24} {item.wall:6.0f} s {item.cpu:6.0f} s of CPU  {item.how}" for item in ran]
    cpu = sum(item.cpu for item in ran)
    return [*lines, f"{'together':24} {wall:6.0f} s {cpu:6.0f} s of CPU"]


def main():
    """Run the sessions named; exit with 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=3, help="how many run side by side")
    parser.add_argument("--keep", action="store_true", help="leave out what has passed on these very files")
    parser.add_argument("--again", action="store_true", help="run what failed once more, with nothing beside it")
    parser.add_argument("sessions", nargs="+", metavar="SESSION")
    options = parser.parse_args()
    began = time.monotonic()
    runner = Runner(fingerprint(), options.keep)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(runner.run, options.sessions))
    if options.again:
        results = [once_more(runner, result) for result in results]
    print("\n".join(["", *table(results, time.monotonic() - began)]), flush=True)
    failed = [item.name for item in results if item.how == "FAILED"]
    if failed:
        print(f"FAILED: {', '.join(failed)}. One alone: .venv/bin/nox -s '{nox_name(failed[0])}'", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
