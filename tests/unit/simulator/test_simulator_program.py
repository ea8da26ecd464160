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
import time

import pytest


def run(program, *options, **kwargs):
    return subprocess.Popen(
        [sys.executable, program, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        **kwargs,
    )


@pytest.fixture
def spawn(program):
    """A function that starts the program; whatever still runs is ended."""
    started = []

    def start(*options, **kwargs):
        started.append(run(program, *options, **kwargs))
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


def test_help(spawn, tmp_path):
    out, _err = spawn("--help", cwd=str(tmp_path)).communicate(timeout=10)
    for option in (
        "--host",
        "--port",
        "--port-file",
        "--app-id",
        "--server-secret",
        "--scenario",
        "--quota",
        "--latency-ms",
        "--tls-cert",
        "--tls-key",
    ):
        assert option in out
    assert "--parent-pid" in out and "--quiet" in out and "--verbose" in out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_runs_anywhere_and_ends_cleanly(spawn, tmp_path, number):
    process = spawn("--port-file", "port", cwd=str(tmp_path))
    port = address(process)
    assert (tmp_path / "port").read_text().strip() == str(port)
    assert get(port, "/_control/health") == {"ok": True}
    process.send_signal(number)
    _out, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (0, "")


def test_options_environment_and_scenario(spawn, tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        json.dumps({"config": {"ws_shape": "list"}, "recordings": {"Ws": ["a"]}, "faults": [{"kind": "slow"}]})
    )
    environment = dict(os.environ, ZEGO_APP_ID="77", ZEGO_SERVER_SECRET="secret")
    port = address(spawn("--scenario", str(scenario), "--quota", "5", "--latency-ms", "1.5", env=environment))
    config = get(port, "/_control/config")
    assert [config[key] for key in ("app_id", "ws_shape", "quota", "latency_ms")] == [77, "list", 5, 1.5]
    assert get(port, "/_control/state")["Ws"]["a"]["running"] == 1
    assert [rule["kind"] for rule in get(port, "/_control/faults")] == ["slow"]


@pytest.mark.parametrize("text", ["{", "[]", '{"config": {"quota": -1}}', '{"faults": [{"kind": "none"}]}'])
def test_wrong_scenario_is_said_and_ends_it(spawn, tmp_path, text):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(text)
    process = spawn("--scenario", str(scenario))
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (2, "") and err.startswith("simulator: ") and "Traceback" not in err


def test_quiet_and_verbose(spawn, tmp_path):
    quiet = spawn("--quiet", "--port-file", str(tmp_path / "port"))
    until = time.monotonic() + 5
    while not (tmp_path / "port").exists() and time.monotonic() < until:
        time.sleep(0.01)
    quiet.terminate()
    assert quiet.communicate(timeout=5)[0] == ""
    verbose = spawn("--verbose")
    get(address(verbose), "/?Action=StopCDNRecord&Vendor=Ws&Signature=abc")
    verbose.terminate()
    err = verbose.communicate(timeout=5)[1]
    assert "StopCDNRecord Ws" in err and "code=100000001" in err and "abc" not in err


def test_ends_with_its_parent(spawn):
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = spawn("--parent-pid", str(parent.pid))
    address(process)
    assert process.poll() is None
    parent.communicate(b"\n")
    assert process.wait(5) == 0


def test_helper_says_why_it_did_not_start(launch, error):
    with pytest.raises(error, match="unknown key 'speed'"):
        launch(speed=1)


def test_helper_stops_twice_and_cleans_up(launch):
    simulator = launch(quota=7)
    process = simulator.process
    assert simulator.config()["quota"] == 7
    simulator.stop()
    simulator.stop()
    assert process.returncode == 0


def test_helper_tells_what_was_printed(launch):
    simulator = launch(options=["--verbose"])
    simulator.control("GET", "health")
    assert simulator.output() == f"listening on {simulator.url}"


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl program to make a certificate")
def test_tls(launch, tmp_path):
    key, cert = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-keyout",
        key,
        "-out",
        cert,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    simulator = launch(tls_cert=cert, tls_key=key)
    assert simulator.url.startswith("https://") and simulator.health() == {"ok": True}


def test_the_readme_tells_every_setting_and_action(simulator, program):
    with open(os.path.join(program, "README.md"), encoding="utf-8") as stream:
        text = stream.read()
    names = [*simulator.config(), "server_secret", *simulator.config()["quota"]]
    assert [name for name in names if f"`{name}`" not in text] == []
