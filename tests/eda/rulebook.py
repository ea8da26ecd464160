# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs the collection's rulebooks with the real ansible-rulebook, against the simulator.

Needs ansible-rulebook in the environment of this Python, and a Java 17 runtime.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "tools")]

import copies  # noqa: E402

from simulator.client import Simulator  # noqa: E402

BIN = Path(sys.executable).parent
# How long the rulebooks collect files, and rooms: half a minute, and a minute, is too long for a test.
WINDOW = "2 seconds"
PATIENCE = 120
# What a run takes from the caller's environment: nothing of Ansible's, ZEGO's or a proxy's.
INHERITED = ("PATH", "TERM", "LANG", "LANGUAGE", "TMPDIR", "JAVA_HOME")
HANDLE = """
- name: Note the file
  ansible.builtin.lineinfile:
    path: "{log}"
    line: "{{{{ now().timestamp() }}}} {{{{ zego_recorded_file.file.file_id }}}}"
    create: true
    mode: "0600"
"""


def free_port():
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Rulebook:
    """A rulebook of this tree, with a simulator, in a folder of its own. ``home`` must be empty."""

    def __init__(self, home, name, **variables):
        self.home = Path(home)
        self.name = name
        self.port = free_port()
        self.secret = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = self.home / "handled"
        self.output = self.home / "output"
        self.process = None
        self._variables = variables
        self.simulator = Simulator(
            quota=0, room_seconds=0, callback_url=self.url, callback_secret=self.secret, callback_time_scale=0.1
        )
        self._make()

    def __enter__(self):
        self.simulator.start()
        return self

    def __exit__(self, *_error):
        self.end()
        self.simulator.stop()

    def _make(self):
        tree = copies.update(ROOT, self.home / "ansible_collections" / "zego" / "cloud")
        for rulebook in (tree / "extensions" / "eda" / "rulebooks").glob("*.yml"):
            text = rulebook.read_text(encoding="utf-8")
            rulebook.write_text(re.sub(r"once_after: \d+ seconds", f"once_after: {WINDOW}", text), encoding="utf-8")
        (self.home / "handle.yml").write_text(HANDLE.format(log=self.log), encoding="utf-8")
        (self.home / "ansible.cfg").write_text("", encoding="utf-8")
        # The variables of the role reach the playbook as anybody's would.
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "zego_recorded_files_tasks": str(self.home / "handle.yml"),
        }
        inventory = json.dumps({"all": {"hosts": {"localhost": host}}})
        (self.home / "inventory.yml").write_text(inventory, encoding="utf-8")
        variables = {
            "zego_callback_port": self.port,
            "zego_search_interval": 1,
            "zego_eda_spool": str(self.home / "spool.sqlite3"),
            # The engine's own memory, and for how long it still acts on what it collected before it was killed.
            "drools_db_file_path": str(self.home / "engine"),
            "drools_expired_window_grace_period": 86400,
            "drools_deduplication_window_size": 1000,
            **self._variables,
        }
        (self.home / "variables.yml").write_text(json.dumps(variables), encoding="utf-8")

    def environment(self):
        """Return the environment of ansible-rulebook and of the playbooks that it runs."""
        kept = {name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "ANSIBLE_CONFIG": str(self.home / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.home),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ZEGO_API_URL": self.simulator.url,
            "ZEGO_APP_ID": str(self.simulator.app_id),
            "ZEGO_SERVER_SECRET": self.simulator.server_secret,
            "ZEGO_CALLBACK_SECRET": self.secret,
        }

    def start(self, *options):
        """Start ansible-rulebook, and wait until it takes callbacks."""
        command = [str(BIN / "ansible-rulebook"), "--rulebook", self.name, "-i", "inventory.yml"]
        command += ["--vars", "variables.yml", "--persistence-id", "test"]
        with self.output.open("ab") as output:
            # In a process group of its own: what it started ends with it.
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=self.home,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.wait(self.answers, "it takes callbacks")
        return self

    def answers(self):
        """Tell whether the receiver takes connections."""
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        """Kill ansible-rulebook as a crash would: it gets no time for anything."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def end(self):
        """End ansible-rulebook with all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    def wait(self, condition, what):
        """Wait until a condition is true."""
        until = time.monotonic() + PATIENCE
        while not condition():
            over = self.process is not None and self.process.poll() is not None
            assert not over and time.monotonic() < until, f"{what}: did not come\n{self.said()[-6000:]}"
            time.sleep(0.05)

    def said(self):
        """Return all that ansible-rulebook has printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace") if self.output.exists() else ""

    def marks(self):
        """Return the marks that the role has made: of each file, once all is done with it."""
        return list((self.home / ".ansible" / "zego" / "recorded_files").glob("*"))

    def handled(self):
        """Return the file IDs that the tasks were run for, in order: one entry for each time."""
        if not self.log.exists():
            return []
        return [line.split()[1] for line in self.log.read_text(encoding="utf-8").splitlines()]
