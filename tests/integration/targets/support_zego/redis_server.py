# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Redis or Valkey server for a test: on a free port, in a folder of its own, with what the test asks for."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ("redis-server", "valkey-server")
PATIENCE = 30
# No data is written to a disk, and nothing of the machine's own configuration counts.
SETTINGS = {"bind": "127.0.0.1", "save": "", "appendonly": "no", "daemonize": "no", "loglevel": "notice"}


def missing():
    """Return what a test with a server lacks here, '' if nothing."""
    if not any(map(shutil.which, PROGRAMS)):
        return (
            "redis-server is not there, so the ledger on a server was NOT tested. Debian: apt-get install redis-server"
        )
    if importlib.util.find_spec("redis") is None:
        return "The Python package redis is not there, so the ledger on a server was NOT tested."
    return ""


def free_port():
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def make_certificate(folder):
    """Make a key and a certificate for 127.0.0.1 and localhost that signs itself; return both paths."""
    key, cert = Path(folder) / "key.pem", Path(folder) / "cert.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(
        ["openssl", "req", "-x509", *curve, "-nodes", "-days", "2", *names, *files], check=True, capture_output=True
    )
    return str(key), str(cert)


class RedisServer:
    """A server in a process of its own; a context manager.

    ``tls``: whether it talks TLS only (then ``cert`` is its certificate); ``users``: lines of its ACL, after which
    nobody else may do anything; ``settings``: further ones of redis.conf. Has ``port``, ``address``,
    ``socket_address``.
    """

    def __init__(self, *, tls=False, users=(), **settings):
        self._folder = tempfile.mkdtemp(prefix="zego-redis-")
        self._settings = {**SETTINGS, "dir": self._folder, "unixsocket": f"{self._folder}/redis.sock", **settings}
        self._users = ["user default off", *users] if users else []
        self._tls = tls
        self.cert = ""
        self.port = None
        self.process = None

    def __enter__(self):
        if self._tls:
            key, self.cert = make_certificate(self._folder)
            self._settings.update(
                {"tls-key-file": key, "tls-cert-file": self.cert, "tls-auth-clients": "no", "port": "0"}
            )
        # Between our look and the server's, somebody else may take the port.
        for _attempt in range(5):
            self.port = free_port()
            if self._runs():
                return self
        self.__exit__()
        raise RuntimeError(f"the server did not start: {self.log()}")

    def __exit__(self, *_error):
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def address(self):
        """The address as the option ledger takes it."""
        return f"{'rediss' if self._tls else 'redis'}://127.0.0.1:{self.port}/0"

    @property
    def socket_address(self):
        """The same for its socket."""
        return f"unix://{self._folder}/redis.sock?db=0"

    def log(self):
        """What the server has said so far."""
        path = Path(self._folder, "log")
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def kill(self):
        """End it as kill -9 does; what it knew is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self):
        """Kill it, and start it on the same port, with nothing in it."""
        self.kill()
        until = time.monotonic() + PATIENCE
        while not self._runs():
            assert time.monotonic() < until, self.log()

    def pause(self):
        """Let it neither answer nor end."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def client(self, **options):
        """Return a client of its socket, past everything that is tested."""
        import redis

        return redis.Redis(unix_socket_path=self._settings["unixsocket"], **options)

    def _runs(self):
        lines = [f"{name} {value or chr(34) * 2}" for name, value in self._settings.items()]
        lines += [f"{'tls-port' if self._tls else 'port'} {self.port}", f"logfile {self._folder}/log", *self._users]
        Path(self._folder, "redis.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        program = next(filter(None, map(shutil.which, PROGRAMS)))
        # Not its output: it goes to the log.
        self.process = subprocess.Popen(
            [program, f"{self._folder}/redis.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                # Somebody else may answer on the port: the socket is the server's own. Its file is there before it
                # listens.
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as own:
                    own.connect(self._settings["unixsocket"])
                    return True
            time.sleep(0.01)
        self.kill()
        return False
