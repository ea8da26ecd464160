# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Does what a page says, from top to end, as a reader would: writes its files, pastes its commands into one shell."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import blocks

PATIENCE = 300.0
MARK = "the-end-of-a-command-of-this-page"


class Shell:
    """A bash that takes one command after the other, and keeps its folder and its variables in between."""

    def __init__(self, folder, env):
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command):
        """Run a command to its end; return its exit code and what it printed."""
        last, output = self._read(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %d\\n' {MARK} $?\n", MARK)
        return int(last.split()[1]), output

    def follow(self, command, shown):
        """Run a command until it has printed this."""
        self._read(f"{{ {command}\n}} </dev/null\n", shown)

    def _read(self, text, last):
        """Hand ``text`` to bash and read until a line begins with ``last``; return that line, and those before it."""
        timer = threading.Timer(PATIENCE, self.close)
        timer.start()
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
            lines = []
            for line in self._process.stdout:
                if line.startswith(last):
                    return line, "".join(lines)
                lines.append(line)
        finally:
            timer.cancel()
        raise AssertionError(f"the shell ended in: {text}\n{''.join(lines)[-2000:]}")

    def close(self):
        """End the shell and whatever it started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()


class Story:
    """One page's folder and shells. ``change`` puts this machine's ports into a text; ``fault`` takes a rule."""

    def __init__(self, folder, env, change=str, fault=lambda rule: None):
        self._folder = Path(folder)
        self._env = env
        self._change = change
        self._fault = fault
        self._shells = [Shell(folder, env)]
        self.output = ""

    def close(self):
        """End all that it started."""
        for shell in self._shells:
            shell.close()

    def tell(self, block):
        """Do what one block says."""
        if "fault" in block.marks:
            self._fault(block.marks["fault"])
        if block.file:
            path = self._folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._change(block.text), encoding="utf-8")
        elif "background" in block.marks:
            self._go_on(block)
        else:
            self._paste(block)

    def _paste(self, block):
        found = blocks.commands(block)
        for number, command in enumerate(found, 1):
            wanted = int(block.marks.get("exit", 0)) if number == len(found) else 0
            code, output = self._shells[0].run(self._change(command.text))
            self.output += f"$ {command.text}\n{output}"
            assert code == wanted, (
                f"line {block.line}: exit code {code}, not {wanted}: {command.text}\n{output[-3000:]}"
            )
            missing = blocks.is_shown([self._change(line) for line in command.shown], output)
            assert missing is None, f"line {block.line}: {command.text} does not show\n{missing}\nbut\n{output[-3000:]}"

    def _go_on(self, block):
        """Run a block in a second terminal, its last command until it shows what the page says."""
        shell = Shell(self._folder, self._env)
        self._shells.append(shell)
        *first, last = blocks.commands(block)
        for command in first:
            code, output = shell.run(self._change(command.text))
            assert code == 0, f"line {block.line}: exit code {code}: {command.text}\n{output}"
        assert last.shown, f"line {block.line}: what goes on in the background has to show that it is ready"
        shell.follow(self._change(last.text), self._change(last.shown[-1]))
