# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page 'observability' says of OpenTelemetry and of ansible-navigator, tried with both."""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "docs"))

import blocks  # noqa: E402

PAGE = (ROOT / "docs" / "docsite" / "rst" / "observability.rst").read_text(encoding="utf-8")
KEY = "relay-key-of-the-crew"
STREAMS = ["stage-1", "stage-2"]


class Collector(http.server.ThreadingHTTPServer):
    """Takes what an exporter of OpenTelemetry posts (OTLP over HTTP, as protobuf): all of it, one after the other."""

    def __init__(self):
        self.received = b""
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.received += self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing of a request."""


@pytest.fixture
def collector():
    with Collector() as running:
        yield running
        running.shutdown()


@pytest.fixture(scope="session")
def community_general(tmp_path_factory):
    """The path that holds community.general, out of the newest community package for this Python."""
    folder = tmp_path_factory.mktemp("community")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "ansible")
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        wanted = "ansible_collections/community/general/"
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(wanted)])
    return str(folder)


@pytest.fixture
def event(simulator, tmp_path, installed):
    """A folder with an event and a playbook for one relay; returns it, and the environment to end the event in."""
    simulator.record("Tencent", STREAMS)
    address = f"rtmp://live.example.com/app/{KEY}"
    simulator.add_relay("stage-1", address)
    (tmp_path / "event.yml").write_text(json.dumps({"zego_teardown_streams": {"Tencent": STREAMS}}), encoding="utf-8")
    task = {
        "name": "Stop a relay",
        "zego.cloud.zego_cdn_relay": {"relays": [{"stream_id": "stage-1", "cdn_url": address}]},
    }
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    (tmp_path / "relay.yml").write_text(json.dumps(play), encoding="utf-8")
    env = {"HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": installed, "ZEGO_API_URL": simulator.url}
    env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
    return tmp_path, env


def _variables(collector):
    """The variables that the page exports, with the address of this collector."""
    told = dict(re.findall(r"^  \$ export ((?:ANSIBLE|OTEL)_\w+)=(\S+)$", PAGE, re.MULTILINE))
    assert {"ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_OPENTELEMETRY_HIDE_TASK_ARGUMENTS"} <= set(told)
    told["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}"
    return told


def test_opentelemetry_gets_the_tasks_and_no_secret(event, run, collector, simulator, community_general):
    folder, env = event
    env.update(_variables(collector))
    env["ANSIBLE_COLLECTIONS_PATH"] += f":{community_general}"
    done = run("ansible-playbook", "zego.cloud.teardown", "-e", "@event.yml", cwd=folder, **env)
    assert done.returncode == 0 and b"callback" not in done.stderr, done.stdout + done.stderr
    assert b"Stop the recordings" in collector.received
    assert run("ansible-playbook", "relay.yml", cwd=folder, **env).returncode == 0
    assert b"Stop a relay" in collector.received
    assert KEY.encode() not in collector.received and simulator.server_secret.encode() not in collector.received
    # That is what hiding the arguments is for.
    env["ANSIBLE_OPENTELEMETRY_HIDE_TASK_ARGUMENTS"] = "false"
    assert run("ansible-playbook", "relay.yml", cwd=folder, **env).returncode == 0
    assert KEY.encode() in collector.received


def test_ansible_navigator_ends_the_event_and_keeps_what_there_is_to_replay(event, run, simulator):
    folder, env = event
    (block,) = [block for block in blocks.from_rst(PAGE) if "ansible-navigator run" in block.text]
    ended, replayed = [command.text.replace("\\\n", " ").split() for command in blocks.commands(block)]
    done = run(*ended, cwd=folder, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(stream["running"] for stream in simulator.state()["Tencent"].values())
    held = (folder / "teardown-artifact.json").read_text(encoding="utf-8")
    assert json.loads(held)["status"] == "successful" and "Stop the recordings" in held
    assert simulator.server_secret not in held
    shown = run(*replayed, cwd=folder, HOME=env["HOME"])
    assert shown.returncode == 0 and b"2 changed, 0 unchanged, 0 failed of 2 streams" in shown.stdout, shown.stderr
