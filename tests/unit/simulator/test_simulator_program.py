# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The program itself: its options, its output, its end."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest


@pytest.fixture
def spawn(program):
    """A function that starts the program; whatever still runs is ended."""
    started = []

    def start(*options, **kwargs):
        command = [sys.executable, program, *options]
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, **kwargs)
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def address(process):
    line = process.stdout.readline().strip()
    assert line.startswith("listening on http://127.0.0.1:")
    return int(line.rsplit(":", 1)[1])


def test_it_runs_anywhere_takes_its_options_and_ends_cleanly(spawn, tmp_path):
    scenario = {"config": {"ws_shape": "list"}, "recordings": {"Ws": ["a"]}, "faults": [{"kind": "slow"}]}
    (tmp_path / "scenario.json").write_text(json.dumps(scenario))
    environment = dict(os.environ, ZEGO_APP_ID="77", ZEGO_SERVER_SECRET="secret")
    options = ("--port-file", "port", "--scenario", "scenario.json", "--quota", "5", "--latency-ms", "1.5")
    process = spawn(*options, env=environment, cwd=str(tmp_path))
    port = address(process)
    assert (tmp_path / "port").read_text().strip() == str(port)
    config = get(port, "/_control/config")
    assert [config[key] for key in ("app_id", "ws_shape", "quota", "latency_ms")] == [77, "list", 5, 1.5]
    assert get(port, "/_control/state")["Ws"]["a"]["running"] == 1
    assert [rule["kind"] for rule in get(port, "/_control/faults")] == ["slow"]
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("text", ["{", '{"config": {"quota": -1}}'])
def test_a_wrong_scenario_is_said_and_ends_it(spawn, tmp_path, text):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(text)
    process = spawn("--scenario", str(scenario))
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (2, "") and err.startswith("simulator: ") and "Traceback" not in err


def test_what_it_prints_of_requests_holds_no_signature_and_ends_with_its_parent(spawn):
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = spawn("--verbose", "--parent-pid", str(parent.pid))
    get(address(process), "/?Action=StopCDNRecord&Vendor=Ws&Signature=abc")
    assert process.poll() is None
    parent.communicate(b"\n")
    err = process.communicate(timeout=5)[1]
    assert process.returncode == 0
    assert "StopCDNRecord Ws" in err and "code=100000001" in err and "abc" not in err


def test_the_helper_stops_twice_and_tells_what_was_printed(launch):
    simulator = launch(options=["--verbose"], quota=7)
    process = simulator.process
    assert simulator.config()["quota"] == 7
    assert simulator.output() == f"listening on {simulator.url}"
    simulator.stop()
    simulator.stop()
    assert process.returncode == 0


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl program to make a certificate")
def test_it_speaks_tls(launch, tmp_path):
    key, cert = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = ["openssl", "req", "-x509", *curve, "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    simulator = launch(tls_cert=cert, tls_key=key)
    assert simulator.url.startswith("https://") and simulator.health() == {"ok": True}


def test_the_readme_tells_every_setting_and_action(simulator, program):
    with open(os.path.join(program, "README.md"), encoding="utf-8") as stream:
        text = stream.read()
    names = [*simulator.config(), "server_secret", "callback_secret", *simulator.config()["quota"]]
    assert [name for name in names if f"`{name}`" not in text] == []
