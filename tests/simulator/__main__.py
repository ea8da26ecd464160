# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A stand-in for the ZEGO server API on a real socket. Run it as `python3 tests/simulator --help`."""

from __future__ import annotations

import argparse
import os
import signal
import ssl
import sys
import time

from config import ScenarioError
from scenario import load_scenario
from server import Server

_WATCH_SECONDS = 0.5


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes any free one (%(default)s)")
    parser.add_argument("--port-file", metavar="PATH", help="write the port there once listening")
    parser.add_argument(
        "--app-id",
        type=int,
        default=os.environ.get("ZEGO_APP_ID") or None,
        help="AppId to accept (ZEGO_APP_ID, 1234567890)",
    )
    parser.add_argument(
        "--server-secret",
        default=os.environ.get("ZEGO_SERVER_SECRET") or None,
        help="its ServerSecret (ZEGO_SERVER_SECRET, a demo value)",
    )
    parser.add_argument(
        "--scenario", metavar="FILE", help="JSON file with config, recordings, rooms, relays, files and faults"
    )
    parser.add_argument(
        "--quota", type=int, help="requests a second for every action; 0 is off (as documented for each)"
    )
    parser.add_argument("--latency-ms", type=float, help="delay of every reply (0)")
    parser.add_argument("--tls-cert", metavar="PEM", help="certificate chain: serve HTTPS")
    parser.add_argument("--tls-key", metavar="PEM", help="its private key, unless it is in the same file")
    parser.add_argument("--callback-url", metavar="URL", help="post the API's callbacks there (none)")
    parser.add_argument(
        "--callback-secret",
        default=os.environ.get("ZEGO_CALLBACK_SECRET") or None,
        help="what signs them (ZEGO_CALLBACK_SECRET, a demo value)",
    )
    parser.add_argument("--callback-encoding", choices=("json", "urlencoded", "form"), help="form of the body (json)")
    parser.add_argument(
        "--callback-time-scale", type=float, metavar="FACTOR", help="makes the pauses between attempts shorter (1)"
    )
    parser.add_argument("--callback-ca", metavar="PEM", help="whom to trust where the URL is https (the system's)")
    parser.add_argument("--parent-pid", type=int, metavar="PID", help="exit when that process is gone")
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("--quiet", action="store_true", help="do not print the address")
    loudness.add_argument("--verbose", action="store_true", help="print a line for each action request")
    return parser.parse_args(argv)


def _base(options):
    given = {
        "app_id": options.app_id,
        "server_secret": options.server_secret,
        "quota": options.quota,
        "latency_ms": options.latency_ms,
        "callback_url": options.callback_url,
        "callback_secret": options.callback_secret,
        "callback_encoding": options.callback_encoding,
        "callback_time_scale": options.callback_time_scale,
        "callback_ca": options.callback_ca,
    }
    return {key: value for key, value in given.items() if value is not None}


def _tls(options):
    if not options.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


def _write_port(path, port):
    # Whoever waits for the file must never read half of it.
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="ascii") as stream:
        stream.write(f"{port}\n")
    os.replace(draft, path)


def _parent_watch(pid):
    """A function that says whether the process is gone. A child sees that by its own adoption, before it is reaped."""
    if pid is None:
        return lambda: False
    if os.getppid() == pid:
        return lambda: os.getppid() != pid
    return lambda: not _alive(pid)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exit(_number, _frame):
    sys.exit(0)


def main(argv=None):
    """Run until a signal or the parent's end. Returns the exit status."""
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    options = _arguments(argv)
    gone = _parent_watch(options.parent_pid)
    try:
        scenario = load_scenario(options.scenario) if options.scenario else None
        server = Server(_base(options), scenario, options.host, options.port, _tls(options), options.verbose)
    except (ScenarioError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    server.start()
    if options.port_file:
        _write_port(options.port_file, server.port)
    if not options.quiet:
        print(f"listening on {server.url}", flush=True)
    try:
        while not gone():
            time.sleep(_WATCH_SECONDS)
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
