# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ends a demo event with the playbook zego.cloud.teardown, twice, against the simulator.

The report stays in the folder ``report`` of this tree. ``--real`` ends the same event once against the real API, after
a confirmation typed at a terminal. Nothing else reaches the real API, whatever the environment holds: a shell in which
somebody followed the quick start exports real credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from simulator.client import Simulator  # noqa: E402

EVENT = ROOT / "tests" / "demo" / "event.yml"
REPORT = ROOT / "report"


def numbered(name, count):
    """Return the IDs of so many streams: stage-1, stage-2 and so on."""
    return [f"{name}-{number}" for number in range(1, count + 1)]


RECORDING = {
    "Tencent": [*numbered("stage", 9), "backstage-1"],
    "Ws": numbered("lobby", 6),
    "Huawei": [*numbered("arena", 6), "guest-1", "guest-2"],
    "Aliyun": numbered("studio", 5),
}
STOPPED_BEFORE = {"Tencent": ["backstage-2", "backstage-3"], "Huawei": ["arena-7", "arena-8"]}
FROZEN = {
    "kind": "stream_code",
    "stream": "stage-7",
    "code": "ResourceNotFound.FreezeService",
    "message": "the service is frozen",
}

# What a run takes from the caller's environment.
INHERITED = ("PATH", "TERM", "LANG", "LANGUAGE", "TMPDIR", "COLUMNS", "NO_COLOR")
# The way to the real API may lead through a proxy; the simulator is on this machine.
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle")


def environment(folder):
    """Return the environment of a run: this tree as the collection zego.cloud, and a readable output.

    Of the caller's variables it holds those that cannot lead to another server: none of Ansible's, ZEGO's or a proxy's.
    """
    link = Path(folder) / "ansible_collections" / "zego" / "cloud"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)
    config = Path(folder) / "ansible.cfg"
    config.write_text("", encoding="utf-8")
    settings = {
        # Neither the caller's ansible.cfg nor a variable such as ANSIBLE_HOME may redirect the demo.
        "ANSIBLE_CONFIG": str(config),
        "HOME": folder,
        "ANSIBLE_COLLECTIONS_PATH": folder,
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
    }
    kept = {name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")}
    return {**kept, **settings}


def play(env):
    """Run the playbook; return its exit code."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "zego.cloud.teardown", "-e", f"@{EVENT}"]
    # Without an inventory of its own, it would take this machine's, whose variables may name another server.
    command += ["-i", "localhost,", "-c", "local"]
    variables = {"ansible_python_interpreter": sys.executable, "zego_teardown_report_dir": str(REPORT)}
    return subprocess.run([*command, "-e", json.dumps(variables)], env=env, check=False).returncode


def changed():
    """Return how many streams the last run changed, and how many failed, as its report says."""
    totals = json.loads((REPORT / "teardown.json").read_text(encoding="utf-8"))["totals"]
    return totals["changed"], totals["failed"]


def begin(simulator):
    """Let the event be under way, with some streams that were stopped before."""
    simulator.configure(absent_code={"Huawei": "404"}, file_delay_seconds=3)
    for vendor, streams in RECORDING.items():
        simulator.record(vendor, streams)
    for vendor, streams in STOPPED_BEFORE.items():
        simulator.add_files(vendor, streams)
    simulator.add_room("green-room", ["guest-1", "guest-2"])
    simulator.add_relay("stage-1", "rtmp://push.example.com/live/stage-1")
    simulator.add_fault(**FROZEN)


def rehearse(folder):
    """Run twice against the simulator; return 0 where both runs went as announced.

    One stream fails on purpose, so each run ends with exit code 2; the second changes nothing.
    """
    with Simulator() as simulator:
        begin(simulator)
        env = {**environment(folder), "ZEGO_API_URL": simulator.url}
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        print("\n=== The event ends: stage-7 fails on purpose, five streams had been stopped before ===", flush=True)
        first = (play(env), *changed())
        print("\n=== The same again: nothing is left to change, stage-7 still needs a hand ===", flush=True)
        second = (play(env), *changed())
    return 0 if (first, second) == ((2, 28, 1), (2, 0, 1)) else 1


def address(given):
    """Return the address that a run with these variables sends to, without user name and password."""
    if given.get("ZEGO_API_URL"):
        parts = urlsplit(given["ZEGO_API_URL"])
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    region = given.get("ZEGO_REGION") or "global"
    return "https://rtc-api.zego.im" if region == "global" else f"https://rtc-api-{region}.zego.im"


def confirmed(app_id, url):
    """Ask for the AppID to be typed; return whether it was. Without a terminal nobody can have meant it."""
    print(f"This ends the event of {EVENT.relative_to(ROOT)} for real: AppID {app_id}, {url}.")
    print("It stops the recordings of streams named stage-1, lobby-1, ..., and a relay, and closes two rooms.")
    if not sys.stdin.isatty():
        print("Nothing was sent: there is no terminal to confirm at.")
        return False
    typed = input(f"Type the AppID to go on at {url}, anything else to stop: ").strip()
    if typed != app_id:
        print("Nothing was sent.")
    return typed == app_id


def for_real(folder):
    """Run once against the real API, if the environment has credentials and somebody confirms."""
    given = {name: value for name, value in os.environ.items() if name.startswith("ZEGO_") and value}
    missing = [name for name in ("ZEGO_APP_ID", "ZEGO_SERVER_SECRET") if name not in given]
    if missing:
        print(f"make demo REAL=1 needs {' and '.join(missing)} in the environment. Nothing was sent.")
        return 1
    if not confirmed(given["ZEGO_APP_ID"], address(given)):
        return 1
    ways = {name: value for name, value in os.environ.items() if name.lower() in PROXIES}
    return play({**environment(folder), **given, **ways})


def main():
    """Run the demo; exit with 0 where it went as announced."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--real", action="store_true", help="end the event once against the real API")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        status = for_real(folder) if options.real else rehearse(folder)
    if (REPORT / "teardown.html").exists():
        print(f"\nThe report: {(REPORT / 'teardown.html').as_uri()}\n(and as JSON, JUnit XML and Markdown beside it)")
    return status


if __name__ == "__main__":
    sys.exit(main())
