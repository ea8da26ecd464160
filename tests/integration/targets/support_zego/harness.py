# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the targets share: for each scenario a simulator, an empty home, real ansible commands, and one line."""

from __future__ import annotations

import collections
import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from xml.etree import ElementTree

SUPPORT = Path(__file__).resolve().parent
sys.path.insert(0, str(SUPPORT))

from bare import USUAL, run_module  # noqa: E402


def _simulator_class():
    """ansible-test runs a copy of the target inside the collection, so the simulator is somewhere above."""
    for folder in SUPPORT.parents:
        if (folder / "simulator" / "client.py").is_file():
            sys.path.insert(0, str(folder))
        elif (folder / "tests" / "simulator" / "client.py").is_file():
            sys.path.insert(0, str(folder / "tests"))
        else:
            continue
        from simulator.client import Simulator

        return Simulator
    raise SystemExit("tests/simulator is not there")


Simulator = _simulator_class()
Run = collections.namedtuple("Run", "rc output")
VENDORS = ("Tencent", "Ws", "Huawei", "Aliyun")
# Stands in for the Python that runs the module.
METER = """#!{python}
import json, resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.call([{python!r}] + sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open({usage!r}, "a") as file:
    figures = dict(cpu=used.ru_utime + used.ru_stime, wall=time.monotonic() - began, kib=used.ru_maxrss)
    print(json.dumps(figures), file=file)
sys.exit(status)
"""
# The targets whose scenarios run the module of their name; the others run zego_cdn_record.
OTHER_MODULES = ("zego_api", "zego_cdn_relay", "zego_media_info", "zego_room", "zego_stream_info")
# How many scenarios run side by side: more than there are cores, since most of them wait for a quota or a fault.
LANES = 4


class Scene:
    """One scenario's world: a simulator, an empty home folder, and ansible commands that know of nothing else."""

    def __init__(self, simulator, folder, target, python=sys.executable, module="zego_cdn_record"):
        self.simulator = simulator
        # The module that call and calls run.
        self.module = module
        self.target = target
        # The Python that runs the module.
        self.python = python
        self.home = Path(folder) / "home"
        self.home.mkdir()
        self.ledger = self.home / ".ansible" / "zego" / "ledger.sqlite3"
        self._folder = Path(folder)
        self._count = 0
        self.output = ""
        # Whether ansible-core itself is asked to print a traceback for each failure.
        self._loud = False
        self.env = dict(os.environ)
        # ansible-test lets the callback junit report tasks, also those that fail on purpose: main reports scenarios.
        for name in (
            "ANSIBLE_FORCE_COLOR",
            "ANSIBLE_CALLBACKS_ENABLED",
            "http_proxy",
            "HTTP_PROXY",
            "all_proxy",
            "ALL_PROXY",
        ):
            self.env.pop(name, None)
        self.env.update(
            HOME=str(self.home),
            ANSIBLE_ASYNC_DIR=str(self.home / "async"),
            ANSIBLE_REMOTE_TEMP=str(self.home / "tmp"),
            ANSIBLE_LOCAL_TEMP=str(self.home / "tmp"),
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_INJECT_FACT_VARS="0",
            ZEGO_APP_ID=str(simulator.app_id),
            ZEGO_SERVER_SECRET=simulator.server_secret,
            ZEGO_API_URL=simulator.url,
        )
        if "ANSIBLE_TEST_PYTHON_INTERPRETER" not in self.env:
            self.env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + self.env["PATH"]

    def metered(self):
        """Let a wrapper run the module from now on that measures it; returns the file that gets one JSON line a run."""
        path = self._folder / "python-metered"
        usage = self._folder / "usage.jsonl"
        path.write_text(METER.format(python=self.python, usage=str(usage)), encoding="utf-8")
        path.chmod(0o755)
        self.python = str(path)
        return usage

    def start(self, command, *arguments, env=None, **variables):
        """Start an ansible command against localhost, in a process group of its own; returns its process."""
        self._count += 1
        self._loud = "ANSIBLE_DISPLAY_TRACEBACK" in (env or {})
        path = self._folder / f"vars{self._count}.json"
        variables.setdefault("ansible_python_interpreter", self.python)
        path.write_text(json.dumps(variables), encoding="utf-8")
        return subprocess.Popen(
            [command, "-i", "localhost,", "-c", "local", "-e", f"@{path}", *arguments],
            cwd=self.target,
            env=dict(self.env, **(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def finish(self, process):
        """Wait for a process of start; returns its Run."""
        output = process.communicate(timeout=300)[0].decode("utf-8", "replace")
        self.output += output
        assert self._loud or "Traceback (most recent call last)" not in output, "a traceback"
        return Run(process.returncode, output)

    def run(self, command, *arguments, env=None, **variables):
        """Run an ansible command to its end."""
        return self.finish(self.start(command, *arguments, env=env, **variables))

    def play(self, playbook, *options, **variables):
        """Run a playbook of the target, which asserts by itself; returns its Run."""
        done = self.run("ansible-playbook", playbook, *options, **variables)
        assert done.rc == 0, f"{playbook} ended with {done.rc}"
        return done

    def start_calls(self, parameters, *options, env=None):
        """Start a play that runs the task with each of these parameters; returns its process and its results' file."""
        path = self._folder / f"results{self._count}.json"
        playbook = self._folder / f"call_{self.module}.yml"
        text = (SUPPORT / "call.yml").read_text(encoding="utf-8")
        playbook.write_text(text.replace("zego.cloud.zego_cdn_record", f"zego.cloud.{self.module}"), encoding="utf-8")
        return self.start(
            "ansible-playbook", str(playbook), *options, env=env, calls=parameters, result_file=str(path)
        ), path

    def finish_calls(self, process, path):
        """Wait for a process of start_calls; returns the module's results."""
        done = self.finish(process)
        assert done.rc == 0 and path.is_file(), f"the playbook ended with {done.rc}"
        whole = json.loads(path.read_text(encoding="utf-8"))
        # Ansible collects the warnings of a loop's items.
        return [
            dict(item, failed=item.get("failed", False), warnings=whole.get("warnings", []))
            for item in whole["results"]
        ]

    def calls(self, parameters, *options, env=None, playbook=False, machine=USUAL):
        """Run the module once with each of these parameters; returns its results.

        Bare by default (see bare.py), which knows the options --check and --diff, and a ``machine``. As the tasks of a
        playbook where ``playbook`` says so, where other options are given, or where another Python than this one is to
        run the module.
        """
        bare = {"--check", "--diff"}.issuperset(options) and self.python == sys.executable
        if playbook or not bare:
            return self.finish_calls(*self.start_calls(parameters, *options, env=env))
        whole_env = dict(self.env, **(env or {}))
        found = []
        for given in parameters:
            result, _status = run_module(
                self.module, given, whole_env, "--check" in options, "--diff" in options, machine
            )
            self.output += json.dumps(result)
            found.append({"failed": False, "changed": False, "warnings": [], **result})
        return found

    def call(self, *options, env=None, playbook=False, machine=USUAL, **parameters):
        """Run the module once; returns its result. See calls."""
        return self.calls([parameters], *options, env=env, playbook=playbook, machine=machine)[0]

    def requests(self):
        """How many requests the simulator has seen."""
        return self.simulator.stats()["requests"]

    def running(self, vendor, stream):
        """How many tasks record this stream now."""
        return self.simulator.state()[vendor].get(stream, {}).get("running", 0)


def names(count, prefix="cdn"):
    """Return so many stream names."""
    return [f"{prefix}{number:02d}" for number in range(1, count + 1)]


def outcomes(result):
    """Return {stream: outcome}."""
    return {entry["stream_id"]: entry["outcome"] for entry in result["streams"]}


def all_are(outcome, result, changed=None):
    """Assert that every stream ended so, and that the task says the same."""
    assert set(outcomes(result).values()) == {outcome}, brief(result)
    assert result["failed"] is (outcome in ("failed", "unknown", "not_attempted")), brief(result)
    if changed is not None:
        assert result["changed"] is changed, brief(result)
    total = result["summary"]
    assert total["total"] == total["changed"] + total["unchanged"] + total["failed"] == len(result["streams"]), brief(
        result
    )


def entry(result, stream):
    """Return the stream's entry."""
    found = [item for item in result["streams"] if item["stream_id"] == stream]
    assert len(found) == 1, brief(result)
    return found[0]


def brief(result):
    """A result as a line for a failed assertion."""
    return json.dumps({key: value for key, value in result.items() if key != "invocation"})[:1500]


def warnings(result):
    """The warnings of a result as one text."""
    return "\n".join(str(item) for item in result["warnings"])


def closed_port():
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def slow(function):
    """Mark a scenario that `make test` leaves to `make test-all`: it costs several playbooks."""
    function.slow = True
    return function


class NotHere(Exception):
    """What a scenario needs is not on this machine: it is skipped, and fails in CI, where everything is tested."""


class Scenario:
    """One scenario of a target. ``module``: what ``scene.call`` runs."""

    def __init__(self, target, name, function, module):
        self.target = target
        self.name = name
        self.module = module
        self.slow = getattr(function, "slow", False)
        # Why it was skipped.
        self.skipped = ""
        self._function = function

    def run(self):
        """Run it in a world of its own; return (what went wrong or None, seconds)."""
        began = time.monotonic()
        try:
            problem = self._problem()
        except Exception as error:
            problem = f"its world could not be made or unmade: {error!r}"
        return problem, time.monotonic() - began

    def _problem(self):
        with tempfile.TemporaryDirectory(prefix="zego-scene-") as folder, Simulator() as simulator:
            scene = Scene(simulator, folder, self.target, module=self.module)
            try:
                self._function(scene)
            except NotHere as reason:
                self.skipped = str(reason)
                return self.skipped if os.environ.get("CI") else None
            except Exception as error:
                where = traceback.format_exception(type(error), error, error.__traceback__)[-3:]
                text = "".join(where) + scene.output[-3000:]
                return text.replace(simulator.server_secret, "********")
            internal = simulator.output()
            return internal if "Traceback" in internal else None


def scenarios(scope, wanted=()):
    """Return the Scenarios among the names of a module: its functions called test_…, or those that are ``wanted``."""
    target = Path(scope["__file__"]).resolve().parent
    module = target.name if target.name in OTHER_MODULES else "zego_cdn_record"
    functions = {name[5:]: item for name, item in scope.items() if name.startswith("test_")}
    return [Scenario(target, name, item, module) for name, item in functions.items() if not wanted or name in wanted]


def run_all(chosen, lanes=LANES):
    """Run scenarios side by side, say of each how it went, and write JUnit files; return how many failed."""
    suites = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        running = {pool.submit(item.run): item for item in chosen}
        for future in concurrent.futures.as_completed(running):
            item = running[future]
            problem, seconds = future.result()
            suites[item.target.name][item.name] = problem
            said = f"{item.target.name}: {item.name} ({seconds:.1f} s)"
            verdict = f"skipped {said}: {item.skipped}" if item.skipped else f"ok     {said}"
            print(verdict if problem is None else f"FAILED {said}\n{problem}", flush=True)
    for suite, problems in suites.items():
        report(suite, problems)
    failed = [
        f"{suite}: {name}"
        for suite, problems in suites.items()
        for name, problem in problems.items()
        if problem is not None
    ]
    # Where they failed is far above, among hundreds of lines.
    told = f": {', '.join(sorted(failed))}" if failed else ""
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed{told}", flush=True)
    return len(failed)


def main(scope, lanes=LANES):
    """Run the scenarios of one target; names on the command line choose some. Exits with 1 if any failed."""
    chosen = scenarios(scope, [name for name in sys.argv[1:] if not name.startswith("-")])
    sys.exit(1 if run_all(chosen, lanes) or not chosen else 0)


def report(suite, problems, folder=None):
    """Write {scenario: what went wrong, or None} as JUnit XML to ``folder``, by default where ansible-test wants it."""
    folder = folder or os.environ.get("JUNIT_OUTPUT_DIR")
    if not folder:
        return
    root = ElementTree.Element("testsuite", name=suite)
    for name, problem in problems.items():
        case = ElementTree.SubElement(root, "testcase", classname=suite, name=name)
        if problem is not None:
            ElementTree.SubElement(
                case, "failure", message=_printable(problem.strip().split("\n")[-1])
            ).text = _printable(problem)
    os.makedirs(folder, exist_ok=True)
    ElementTree.ElementTree(root).write(os.path.join(folder, f"{suite}.xml"), encoding="utf-8")


def _printable(text):
    """XML cannot hold every control character."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
