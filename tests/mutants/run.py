# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Breaks the code on purpose, once for each fault of faults.py, and shows that the quick tests fail.

``python run.py [NAME …]``: all faults by default. Works in a copy of the tree. Prints which test killed each mutant;
exits with 1 if one survived, and with a sentence if a fault can no longer be applied.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import copies  # noqa: E402
from faults import FAULTS  # noqa: E402

COPY = ROOT / ".nox" / "trees" / "mutants" / "ansible_collections" / "zego" / "cloud"
# The whole quick part takes a minute. A mutant that makes it hang is a fault to be written in another way.
LONGEST_SECONDS = 600
# A mutant that cannot even be loaded is killed by every test, which proves nothing.
NOT_A_FAULT = re.compile(r"\b(NameError|UnboundLocalError|ImportError|ModuleNotFoundError|SyntaxError)\b")
# How pytest and tests/integration/run.py name what failed.
UNIT_TEST = r"^FAILED tests/unit/plugins/(?P<test>\S+).*"
SCENARIO = r"^FAILED (?P<test>\w+: \w+)(.|\n)*"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Unusable(Exception):
    """A fault that proves nothing: it does not apply, or the tests cannot run with it."""


class Place(NamedTuple):
    """Where a function is: its file, and the offsets of its first and last characters in the text."""

    path: Path
    start: int
    end: int


def _named(tree, prefix):
    """Yield (full name, node) for every function, however deep."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (*_DEFINITIONS, ast.ClassDef)):
            name = f"{prefix}.{node.name}"
            if isinstance(node, _DEFINITIONS):
                yield name, node
            yield from _named(node, name)


def find(plugins, function):
    """Return the Place of the only function of this name below ``plugins``.

    ``function``: as much of ``file.Class.function`` as it takes, from its end: files may move.
    """
    places = []
    for path in sorted(plugins.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        # Parsing all of them for each fault would take longer than the tests.
        if f"def {function.rpartition('.')[2]}(" not in text:
            continue
        for name, node in _named(ast.parse(text), path.stem):
            if f".{name}".endswith(f".{function}"):
                lines = text.splitlines(keepends=True)
                start = sum(map(len, lines[: node.lineno - 1]))
                places.append(Place(path, start, start + sum(map(len, lines[node.lineno - 1 : node.end_lineno]))))
    if len(places) != 1:
        found = ", ".join(place.path.name for place in places) or "none"
        raise Unusable(f"one function {function} was expected below {plugins.name}, and there is: {found}")
    return places[0]


def mutated(text, place, fault):
    """Return the text of a file with the fault in it."""
    function = text[place.start : place.end]
    count = function.count(fault.old)
    if count != 1:
        raise Unusable(f"{fault.function} holds {fault.old!r} {count} times instead of once")
    changed = text[: place.start] + function.replace(fault.old, fault.new) + text[place.end :]
    try:
        ast.parse(changed)
    except SyntaxError as error:
        raise Unusable(f"{fault.function} is no Python any more: {error}") from None
    return changed


def check_promise(root, fault):
    """Refuse a fault whose promise does not stand on the page that it names."""
    page = " ".join((root / fault.page).read_text(encoding="utf-8").split())
    if " ".join(fault.promise.split()) not in page:
        raise Unusable(f"{fault.page} does not promise {fault.promise!r}")


def first_failure(output, pattern):
    """Return the name of the first failed test in what a command printed, None where none failed."""
    found = re.search(pattern, output, re.MULTILINE)
    if found and NOT_A_FAULT.search(found.group(0)):
        raise Unusable(f"the mutant cannot be loaded: {found.group(0)}")
    return found.group("test") if found else None


class QuickTests:
    """The quick part of ``make test`` for one copy of the tree: unit tests first, then scenarios over HTTP."""

    def __init__(self, copy):
        self._copy = copy

    def first_failed(self, scenarios):
        """Run until something fails; return the name of the test that failed, None where all passed."""
        # Examples fail sooner than properties.
        for marked in ("not hypothesis", "hypothesis"):
            failed = self._pytest("-m", marked, "tests/unit/plugins")
            if failed:
                return failed
        return self._scenarios(scenarios)

    def fails_again(self, names):
        """Run the tests of these names once more; return the name of one that fails, None where all pass."""
        units = sorted({f"tests/unit/plugins/{name.partition('[')[0]}" for name in names if "::" in name})
        failed = self._pytest(*units) if units else None
        return failed or self._scenarios(sorted(name.replace(": ", ":") for name in names if "::" not in name))

    def _pytest(self, *chosen):
        return self.run(("-m", "pytest", "-x", "-q", "-n", "2", "-p", "no:cacheprovider", *chosen), UNIT_TEST)

    def _scenarios(self, names):
        return self.run(("tests/integration/run.py", *names), SCENARIO) if names else None

    def run(self, arguments, pattern):
        """Run a Python program in the copy; return the first test that its output names as ``pattern`` does."""
        env = {**os.environ, "PYTHONPATH": str(self._copy.parents[2]), "COLUMNS": "300"}
        # In a process group of its own, so that what hangs ends with everything that it started.
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self._copy,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            output = process.communicate(timeout=LONGEST_SECONDS)[0]
        except subprocess.TimeoutExpired:
            raise Unusable(f"the tests do not end within {LONGEST_SECONDS} s") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        failed = first_failure(output, pattern)
        if process.returncode and not failed:
            raise Unusable(f"the tests could not run:\n{output[-3000:]}")
        return failed


def kill(root, fault, tests):
    """Run the tests with this fault in the tree; return the name of the test that failed, None if it survived."""
    place = find(root / "plugins", fault.function)
    text = place.path.read_text(encoding="utf-8")
    place.path.write_text(mutated(text, place, fault), encoding="utf-8")
    try:
        return tests.first_failed(fault.scenarios)
    finally:
        place.path.write_text(text, encoding="utf-8")


def run(root, faults, tests):
    """Try all faults, say of each how it went, and return how many were not killed."""
    for fault in faults:
        check_promise(root, fault)
        place = find(root / "plugins", fault.function)
        mutated(place.path.read_text(encoding="utf-8"), place, fault)
    # Red tests would kill everything.
    failed = tests.first_failed(sorted({scenario for fault in faults for scenario in fault.scenarios}))
    if failed:
        raise Unusable(f"without any fault, {failed} fails")
    print("green without a fault", flush=True)
    killers = []
    for fault in faults:
        began = time.monotonic()
        try:
            killer = kill(root, fault, tests)
        except Unusable as error:
            raise Unusable(f"{fault.name}: {error}") from None
        if killer:
            killers.append(killer)
            print(f"killed    {fault.name} by {killer} ({time.monotonic() - began:.0f} s)", flush=True)
        else:
            print(f"SURVIVED  {fault.name}: {fault.promise}", flush=True)
    # A test that fails now and then would seem to have killed.
    failed = tests.fails_again(killers)
    if failed:
        raise Unusable(f"{failed} fails without any fault, too: run it again")
    print(f"{len(killers)} of {len(faults)} killed", flush=True)
    return len(faults) - len(killers)


def choose(names):
    """Return the faults of these names, all of them without names."""
    by_name = {fault.name: fault for fault in FAULTS}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise Unusable(f"there is no fault {unknown[0]}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in names] or FAULTS


def main(arguments):
    """Return the status to exit with: 0 only if every fault was killed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    try:
        faults = choose(parser.parse_args(arguments).names)
        root = copies.update(ROOT, COPY)
        return 1 if run(root, faults, QuickTests(root)) else 0
    except Unusable as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
