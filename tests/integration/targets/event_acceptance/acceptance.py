# Copyright: (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module under a real ansible-playbook against the simulator: what a crew sees at the end of a night."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# ansible-test runs a copy of this folder, somewhere inside the collection.
SIMULATORS = [folder / "tests" for folder in HERE.parents if (folder / "tests" / "simulator" / "client.py").is_file()]
sys.path.insert(0, str(SIMULATORS[0]))

from simulator.client import Simulator  # noqa: E402


class Event:
    """A simulator, an empty folder for the ledger, and a way to run the module."""

    def __init__(self, simulator, folder):
        self.simulator = simulator
        self.folder = Path(folder)
        self.ledger = str(self.folder / "state" / "ledger.sqlite3")
        self.output = ""

    def run(self, *options, **variables):
        """Run the playbook and return the module's result."""
        found = {
            "api_url": self.simulator.url,
            "zego_app_id": self.simulator.app_id,
            "zego_server_secret": self.simulator.server_secret,
            "ledger": self.ledger,
            "result_file": str(self.folder / "result.json"),
            "ansible_python_interpreter": sys.executable,
            **variables,
        }
        (self.folder / "vars.json").write_text(json.dumps(found), encoding="utf-8")
        command = ["ansible-playbook", "play.yml", "-i", "localhost,", "-e", f"@{self.folder / 'vars.json'}", *options]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        self.output = done.stdout + done.stderr
        assert done.returncode == 0, self.output
        return json.loads((self.folder / "result.json").read_text(encoding="utf-8"))


def outcomes(result):
    """Return {stream: outcome}."""
    return {entry["stream_id"]: entry["outcome"] for entry in result["streams"]}


def names(count):
    """Return so many stream names."""
    return [f"cdn{number:02d}" for number in range(1, count + 1)]


def test_three_bad_streams_among_sixty(event):
    streams = names(60)
    event.simulator.record("Tencent", streams)
    event.simulator.add_fault(kind="stream_code", stream="cdn07", code="ResourceNotFound.FreezeService", message="frozen")
    event.simulator.add_fault(kind="missing_entry", stream="cdn31")
    event.simulator.add_fault(kind="stream_code", stream="cdn55", code="UnsupportedOperation", message="dead")
    result = event.run(streams=streams, retries=1)
    assert result["failed"] and result["changed"]
    assert result["summary"] == {"total": 60, "changed": 57, "unchanged": 0, "failed": 3}
    assert [entry["stream_id"] for entry in result["streams"]] == streams
    assert all(name in result["msg"] for name in ("cdn07", "cdn31", "cdn55", "FreezeService"))


def test_second_run_changes_nothing_at_any_vendor(event):
    for vendor in ("Tencent", "Ws", "Huawei", "Aliyun"):
        for answer in ("absent", "success"):
            streams = [f"{vendor}-{answer}-{number}" for number in range(3)]
            event.simulator.configure(repeated_stop=answer)
            event.simulator.record(vendor, streams)
            first = event.run(vendor=vendor, streams=streams + streams[:1])
            second = event.run(vendor=vendor, streams=streams)
            assert set(outcomes(first).values()) == {"stopped"} and len(first["streams"]) == 3, first
            assert set(outcomes(second).values()) == {"already_stopped"} and not second["changed"], second


def test_ws_rows_decide_together(event):
    event.simulator.configure(ws_formats=["mp4", "flv"], ws_shape="list")
    event.simulator.record("Ws", ["a", "b"])
    event.simulator.add_fault(kind="row_code", stream="b", format="flv", code=403)
    result = event.run(vendor="Ws", streams=["a", "b"], retries=0)
    assert outcomes(result) == {"a": "stopped", "b": "failed"}
    assert [file["format"] for file in result["streams"][0]["files"]] == ["mp4", "flv"]


def test_a_tencent_start_is_sent_once(event):
    end_time = int(time.time()) + 3600
    first = event.run(state="started", streams=["a"], end_time=end_time)
    second = event.run(state="started", streams=["a"], end_time=end_time)
    assert outcomes(first) == {"a": "started"} and first["streams"][0]["task_id"]
    assert outcomes(second) == {"a": "already_started"} and not second["changed"] and second["api_requests"] == 0
    forced = event.run(state="started", streams=["a"], force=True)
    assert outcomes(forced) == {"a": "started"}
    assert outcomes(event.run(streams=["a"])) == {"a": "stopped"}


def test_a_start_whose_answer_was_lost_is_unknown_and_stays_so(event):
    event.simulator.add_fault(kind="drop_after", times=1)
    first = event.run(state="started", streams=["a"])
    second = event.run(state="started", streams=["a"])
    assert outcomes(first) == outcomes(second) == {"a": "unknown"} and first["failed"] and second["failed"]
    assert first["api_requests"] == 1 and second["api_requests"] == 0
    assert outcomes(event.run(streams=["a"])) == {"a": "stopped"}


def test_repeated_starts_where_the_vendor_tells(event):
    for vendor in ("Huawei", "Aliyun"):
        assert outcomes(event.run(vendor=vendor, state="started", streams=["a"])) == {"a": "started"}
        assert outcomes(event.run(vendor=vendor, state="started", streams=["a"])) == {"a": "already_started"}


def test_a_lost_answer_leaves_a_mark(event):
    event.simulator.record("Tencent", ["a"])
    event.simulator.add_fault(kind="drop_after", times=1)
    result = event.run(streams=["a"])
    assert outcomes(result) == {"a": "stopped"} and result["changed"] and result["streams"][0]["attempts"] == 2


def test_transient_faults_are_ridden_out(event):
    streams = names(12)
    faults = ({"kind": "code", "code": 6}, {"kind": "http", "status": 503}, {"kind": "http", "status": 429, "retry_after": 1}, {"kind": "html"})
    faults += ({"kind": "cut_json"}, {"kind": "truncated"}, {"kind": "reset"}, {"kind": "null_data"}, {"kind": "wrong_vendor_key"})
    event.simulator.record("Huawei", streams)
    for number, fault in enumerate(faults, 1):
        event.simulator.add_fault(request=number, times=1, **fault)
    result = event.run(vendor="Huawei", streams=streams, batch_size=4, retries=9)
    assert set(outcomes(result).values()) == {"stopped"}, result


def test_a_culprit_is_isolated_and_an_unknown_maximum_found(event):
    streams = names(40)
    event.simulator.record("Aliyun", streams)
    event.simulator.configure(max_streams_per_call=7)
    event.simulator.add_fault(kind="poison", stream="cdn13")
    result = event.run(vendor="Aliyun", streams=streams)
    assert [stream for stream, outcome in outcomes(result).items() if outcome != "stopped"] == ["cdn13"]


def test_vendor_throttling_fails_nobody(event):
    streams = names(40)
    event.simulator.record("Tencent", streams)
    event.simulator.configure(vendor_streams_per_second={"Tencent": 20})
    assert set(outcomes(event.run(streams=streams)).values()) == {"stopped"}


def test_a_wrong_secret_costs_one_request(event):
    result = event.run(streams=names(60), zego_server_secret="f" * 32)
    assert result["api_requests"] == 1 and result["summary"]["failed"] == 60
    assert outcomes(result)["cdn60"] == "not_attempted" and "100000005" in result["msg"]


def test_a_wrong_clock_is_corrected_once(event):
    event.simulator.configure(clock_skew_seconds=3600)
    event.simulator.record("Tencent", ["a"])
    result = event.run(streams=["a"])
    assert outcomes(result) == {"a": "stopped"} and result["api_requests"] == 2
    assert any("3600 s behind" in warning or "3599 s behind" in warning or "3601 s behind" in warning for warning in result["warnings"])


def test_api_down_trips_the_breaker(event):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        result = event.run(streams=names(200), batch_size=1, retries=1, api_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert result["summary"]["failed"] == 200 and result["api_requests"] < 200
    assert "not_attempted" in outcomes(result).values()


def test_pace_and_concurrency(event):
    streams = names(40)
    event.simulator.record("Tencent", streams)
    event.simulator.configure(latency_ms=300)
    # The exact bound is proven with a clock of its own in the unit tests: here the way to the server may squeeze two requests together.
    event.run(streams=streams, batch_size=1, requests_per_second=18)
    stats = event.simulator.stats()
    assert stats["peak_per_second"]["all"] <= 20 and stats["refused"] == 0
    assert stats["in_flight_peak"] > 1 and stats["action_connections"] < stats["requests"]


def test_bad_input_is_refused_before_anything_is_sent(event):
    bad = [
        {"streams": []},
        {"streams": ["a", ""]},
        {"streams": ["a b"]},
        {"streams": ["a\u0007"]},
        {"streams": ["x" * 257]},
        {"streams": ["a"], "domain": "pull.example.com"},
        {"streams": ["a"], "end_time": int(time.time()) + 60},
        {"streams": ["a"], "state": "started", "end_time": int(time.time()) - 60},
        {"streams": ["a"], "api_url": "ftp://127.0.0.1/"},
        {"streams": ["a"], "api_url": "http://rtc-api.example.com"},
        {"streams": ["a"], "batch_size": 0},
        {"streams": ["a"], "timeout": -1},
    ]
    for variables in bad:
        result = event.run(**variables)
        assert result["failed"] and not result["changed"] and "streams" not in result, (variables, result)
        assert "Traceback" not in event.output
    assert event.simulator.stats()["requests"] == 0


def test_check_mode_sends_and_remembers_nothing(event):
    event.simulator.record("Tencent", ["a", "b"])
    event.run(streams=["a"])
    before = event.simulator.stats()["requests"], Path(event.ledger).read_bytes()
    result = event.run("--check", "--diff", streams=["a", "b"])
    assert outcomes(result) == {"a": "already_stopped", "b": "stopped"} and result["changed"]
    assert "-b: recording" in event.output and "+b: not recording" in event.output
    assert before == (event.simulator.stats()["requests"], Path(event.ledger).read_bytes())


def test_a_useless_ledger_is_a_warning(event):
    Path(event.ledger).parent.mkdir()
    Path(event.ledger).write_bytes(b"this is no database, and long enough to be looked at" * 100)
    blocked = str(event.folder / "vars.json" / "ledger.sqlite3")
    for number, ledger in enumerate((event.ledger, blocked)):
        event.simulator.record("Tencent", [f"a{number}"])
        result = event.run(streams=[f"a{number}"], ledger=ledger)
        assert outcomes(result) == {f"a{number}": "stopped"} and "ledger" in " ".join(result["warnings"]), result


def test_a_locked_ledger_is_a_warning_and_the_file_is_private(event):
    event.simulator.record("Tencent", ["a", "b"])
    event.run(streams=["a"])
    assert os.stat(event.ledger).st_mode & 0o777 == 0o600
    holder = sqlite3.connect(event.ledger)
    holder.execute("BEGIN EXCLUSIVE")
    result = event.run(streams=["b"])
    holder.close()
    assert outcomes(result) == {"b": "stopped"} and "ledger" in " ".join(result["warnings"])


def test_nothing_secret_is_shown(event):
    event.simulator.record("Tencent", names(4))
    event.simulator.add_fault(kind="echo_url", times=2)
    event.simulator.add_fault(kind="code", code=2, times=1)
    event.simulator.add_fault(kind="reset", after=3, times=1)
    url = event.simulator.url.replace("://", "://crew:pass%40word@")
    event.run("-vvvvv", "--diff", streams=names(4), api_url=url, batch_size=1)
    shown = event.output
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        event.run("-vvvvv", streams=["z"], retries=0, api_url=f"http://crew:pass%40word@127.0.0.1:{closed.getsockname()[1]}")
    shown += event.output + Path(event.ledger).read_bytes().decode("latin-1")
    requests = event.simulator.requests()
    requests = requests["requests"] if isinstance(requests, dict) else requests
    hidden = [event.simulator.server_secret, "pass%40word", "pass@word"]
    hidden += [value for line in requests for value in (line["nonce"], line["signature"])]
    assert len(hidden) > 6 and not [value for value in hidden if value in shown]


def main():
    """Run all scenarios, each with a simulator in its first state and an empty folder; exit with 1 if any failed."""
    tests = {name: function for name, function in globals().items() if name.startswith("test_")}
    failed = 0
    with Simulator() as simulator:
        for name, test in tests.items():
            simulator.reset()
            with tempfile.TemporaryDirectory() as folder:
                event = Event(simulator, folder)
                try:
                    test(event)
                    print(f"ok      {name}", flush=True)
                except AssertionError as error:
                    failed += 1
                    print(f"FAILED  {name}: {error}\n{event.output[-3000:]}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
