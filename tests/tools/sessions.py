# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs nox sessions side by side, says of each how it went, and keeps a log of each in tests/output/logs.

``python sessions.py [--jobs N] [--clean] [--keep] SESSION … [--then SESSION …]``: in the order given, N at a time, and
what follows ``--then`` one by one, once all others have passed. ``--keep`` leaves out a session that has passed on
these very files before, which is how ``make test-all`` does not repeat what ``make test`` did. ``core_units-2.16`` is
nox's ``core_units(2.16)``, which neither make nor a shell takes as it is.

One run at a time uses a clone. SIGTERM, Ctrl-C and the end of the terminal end the sessions with it.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from copies import tracked_files

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "output"
# Not in OUTPUT, which --clean removes.
LOCK = ROOT / ".nox" / "sessions.lock"
# How much of a failed session's log is shown.
SHOWN = 80
# What ends a run, and how many seconds its sessions have to clean up.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 5.0
_SKIPPED = re.compile(r"nox > Session .+ skipped: (.*)")


class Result(NamedTuple):
    """How one session went. ``how``: ok, skipped, kept, ended or FAILED; ``wall`` and ``cpu`` are seconds."""

    name: str
    how: str
    wall: float = 0.0
    cpu: float = 0.0
    reason: str = ""


class Ended(BaseException):
    """A signal asks for the end of the run. ``sessions``: the names of those that ended with it."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number
        self.sessions = []


def _end(number, _frame):
    raise Ended(number)


@contextlib.contextmanager
def lock(path):
    """Keep other runs out of this clone. Raises SystemExit, with a sentence, where another run is at work in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            # It goes with this process, however that ends: sessions do not inherit the file.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read()
            reason = f"Another run is at work in this clone, process {holder}. Wait for its end, or: kill {holder}"
            raise SystemExit(reason) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def fingerprint(root=ROOT):
    """Return a hash of the names and contents of all files of the collection."""
    digest = hashlib.sha256()
    for name in sorted(tracked_files(root)):
        # A file may go while others are read, such as an editor's: what is left says that something changed.
        with contextlib.suppress(FileNotFoundError):
            contents = hashlib.sha256((root / name).read_bytes()).digest()
            digest.update(os.fsencode(f"{name}\0") + contents)
    return digest.hexdigest()


def nox_name(session):
    """Return nox's name of a session: ``core_units-2.16`` is ``core_units(2.16)``."""
    return re.sub(r"-([\d.]+)$", r"(\1)", session)


class Runner:
    """Runs sessions. ``keep``: leave out what has passed on these files; ``look``: returns their fingerprint."""

    def __init__(self, keep, output=OUTPUT, nox=(sys.executable, "-m", "nox"), look=fingerprint):
        self._keep = keep
        self._nox = nox
        self._look = look
        self._logs = output / "logs"
        self._passed = output / "passed"
        self._printing = threading.Lock()
        # {process ID: session} of what runs, and whether the run is over.
        self._running = {}
        self._over = False
        self._change = threading.Condition()
        for folder in (self._logs, self._passed):
            folder.mkdir(parents=True, exist_ok=True)

    def _say(self, text):
        with self._printing:
            print(text, flush=True)

    def run(self, session):
        """Run a session, and print a line when it starts and when it ends; return its Result."""
        stamp, state = self._passed / session, self._look()
        if self._keep and stamp.is_file() and stamp.read_text(encoding="utf-8") == state:
            self._say(f"kept     {session}: it has passed on these files")
            return Result(session, "kept")
        stamp.unlink(missing_ok=True)
        log = self._logs / f"{session}.log"
        began = time.monotonic()
        with log.open("wb") as file:
            process = self._start(session, file)
            if process is None:
                return Result(session, "ended")
            usage = self._wait(process)
        seconds = time.monotonic() - began, usage.ru_utime + usage.ru_stime
        if self._over:
            return Result(session, "ended", *seconds)
        text = log.read_text(encoding="utf-8", errors="replace")
        return self._judge(session, process.returncode, seconds, text, state)

    def keep_log(self, session):
        """Keep the log of a session that runs again: what failed only beside others is in no other."""
        (self._logs / f"{session}.log").replace(self._logs / f"{session}.first.log")

    def _start(self, session, file):
        """Start a session; return its process, None where the run is over."""
        command = [*self._nox, "--non-interactive", "-s", nox_name(session)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file}
        with self._change:
            if self._over:
                return None
            self._say(f"begins   {session}")
            # In a process group of its own, so that whatever it starts can be ended with it.
            process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **streams)
            self._running[process.pid] = session
        return process

    def _wait(self, process):
        """Wait for the end of a session; return the resources that it used."""
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        with self._change:
            del self._running[process.pid]
            self._change.notify_all()
        return usage

    def end(self):
        """End the sessions that run, and let no other begin; return the names of those that ran."""
        with self._change:
            self._over = True
            groups = dict(self._running)
            # As Ctrl-C does, so that nox and pytest clean up after themselves.
            _signal(groups, signal.SIGINT)
            try:
                self._change.wait_for(lambda: not self._running, GRACE)
            finally:
                # What a session left behind goes as well. A second signal does not wait for it.
                _signal(groups, signal.SIGKILL)
        return sorted(groups.values())

    def _judge(self, session, code, seconds, text, state):
        wall, cpu = seconds
        took = f"{wall:.0f} s, {cpu:.0f} s of CPU"
        skipped = _SKIPPED.search(text)
        if code == 0 and skipped:
            self._say(f"skipped  {session}: {skipped[1]}")
            return Result(session, "skipped", wall, cpu, skipped[1])
        if code == 0:
            changed = self._look() != state
            if not changed:
                (self._passed / session).write_text(state, encoding="utf-8")
            note = ": files changed meanwhile, so make test-all will run it again" if changed else ""
            self._say(f"ok       {session} ({took}){note}")
            return Result(session, "ok", wall, cpu)
        last = "\n".join(text.splitlines()[-SHOWN:])
        log = self._logs / f"{session}.log"
        self._say(f"FAILED   {session} ({took})\n{last}\n(all of it: {log.relative_to(ROOT)})")
        return Result(session, "FAILED", wall, cpu)


def _signal(groups, number):
    """Send a signal to process groups, as far as they are still there."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def run_all(runner, sessions, jobs):
    """Run sessions, so many side by side; return their Results. A signal ends them."""
    pool = concurrent.futures.ThreadPoolExecutor(jobs)
    try:
        # Never in the main thread, where a signal could come between the start of a session and the note of it.
        return list(pool.map(runner.run, sessions))
    except Ended as ended:
        ended.sessions = runner.end()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def once_more(runner, result):
    """Run a session again if it failed beside others; return its new Result. What is wrong by itself fails again."""
    if result.how != "FAILED":
        return result
    print(f"AGAIN    {result.name}: it failed beside others, and runs alone now", flush=True)
    runner.keep_log(result.name)
    (again,) = run_all(runner, [result.name], 1)
    return again


def failures(results):
    """Return the names of the sessions that failed."""
    return [item.name for item in results if item.how == "FAILED"]


def table(results, wall):
    """Return the lines of a table of what took how long, the longest first."""
    ran = sorted((item for item in results if item.wall), key=lambda item: -item.wall)
    lines = [f"{item.name:24} {item.wall:6.0f} s {item.cpu:6.0f} s of CPU  {item.how}" for item in ran]
    cpu = sum(item.cpu for item in ran)
    return [*lines, f"{'together':24} {wall:6.0f} s {cpu:6.0f} s of CPU"]


def run_stages(runner, options):
    """Run what the command line names, ``--then`` last; return the Results."""
    stages = [(options.sessions, options.jobs), (options.then, 1)]
    results = []
    for sessions, jobs in stages:
        if not failures(results):
            done = run_all(runner, sessions, jobs)
            results += [once_more(runner, result) for result in done] if options.again else done
    return results


def parse(arguments=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=3, help="how many run side by side")
    parser.add_argument("--clean", action="store_true", help="remove the results of earlier runs first")
    parser.add_argument("--keep", action="store_true", help="leave out what has passed on these very files")
    parser.add_argument("--again", action="store_true", help="run what failed once more, with nothing beside it")
    parser.add_argument("--then", nargs="+", default=[], metavar="SESSION", help="run these one by one at the end")
    parser.add_argument("sessions", nargs="+", metavar="SESSION")
    return parser.parse_args(arguments)


def main(arguments=None, make_runner=Runner):
    """Run the sessions named; exit with 1 if one failed, with 128 and its number after a signal."""
    options = parse(arguments)
    for number in SIGNALS:
        # What nohup and the shell's & let a process ignore stays ignored.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    began = time.monotonic()
    try:
        with lock(LOCK):
            if options.clean:
                shutil.rmtree(OUTPUT, ignore_errors=True)
            results = run_stages(make_runner(options.keep), options)
    except Ended as ended:
        name = signal.Signals(ended.number).name
        ran = ", ".join(ended.sessions) or "none ran"
        print(f"ENDED by {name}. Sessions that ended with it: {ran}", flush=True)
        sys.exit(128 + ended.number)
    print("\n".join(["", *table(results, time.monotonic() - began)]), flush=True)
    failed = failures(results)
    if failed:
        print(f"FAILED: {', '.join(failed)}. One alone: .venv/bin/nox -s '{nox_name(failed[0])}'", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
