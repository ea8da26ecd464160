# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Ends a demo event with the playbook zego.cloud.teardown against the simulator, three times, and tells what happened.

The reports stay in the folder ``report`` of this tree, each with the whole output of its run. ``--real`` ends the same
event once against the real API, after a confirmation typed at a terminal. Nothing else reaches the real API, whatever
the environment holds: a shell in which somebody followed the quick start exports real credentials.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
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


COMMAND = ["ansible-playbook", "zego.cloud.teardown", "-e", f"@{EVENT.relative_to(ROOT)}"]


def play(env, report, output=None):
    """Run the playbook; return its exit code.

    ``report``: the folder of its report; ``output``: a file that takes what it prints.
    """
    command = [str(Path(sys.executable).parent / COMMAND[0]), *COMMAND[1:]]
    # Without an inventory of its own, it would take this machine's, whose variables may name another server.
    command += ["-i", "localhost,", "-c", "local"]
    variables = {"ansible_python_interpreter": sys.executable, "zego_teardown_report_dir": str(report)}
    command += ["-e", json.dumps(variables)]
    return subprocess.run(command, env=env, cwd=ROOT, check=False, stdout=output, stderr=output).returncode


def tell(text, indent="   "):
    """Print a paragraph."""
    lines = textwrap.wrap(text, 110, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    print("\n".join(lines), flush=True)


def summed_up(report):
    """Return the lines that the role sums its report up with."""
    from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import console_lines

    return console_lines(report)


def act(env, name, headline, expected):
    """Run the playbook once, and tell what it did.

    Returns whether that is ``expected``: (exit code, changed, failed).
    """
    folder = REPORT / name
    folder.mkdir(parents=True)
    print(f"\n{headline}\n   $ {' '.join(COMMAND)}", flush=True)
    began = time.monotonic()
    with open(folder / "output.log", "wb") as output:
        code = play(env, folder, output)
    written = folder / "teardown.json"
    if not written.is_file():
        print((folder / "output.log").read_text(encoding="utf-8", errors="replace"))
        return False
    report = json.loads(written.read_text(encoding="utf-8"))
    for line in summed_up(report):
        tell(line)
    tell(f"Exit code {code}, after {time.monotonic() - began:.0f} s.")
    return (code, report["totals"]["changed"], report["totals"]["failed"]) == expected


def begin(simulator):
    """Let the event be under way."""
    # The API lists a room once in ten seconds. Nobody but a demo runs again that soon, so it need not wait.
    simulator.configure(file_delay_seconds=1, room_seconds=0)
    for vendor, streams in RECORDING.items():
        simulator.record(vendor, streams)
    simulator.add_room("green-room", ["guest-1", "guest-2"])
    simulator.add_relay("stage-1", "rtmp://push.example.com/live/stage-1")
    simulator.add_fault(**FROZEN)


def rehearse(folder):
    """Run three times against the simulator; return 0 where all went as announced."""
    shutil.rmtree(REPORT, ignore_errors=True)
    count = sum(map(len, RECORDING.values()))
    places = ", ".join(f"{len(streams)} at {vendor}" for vendor, streams in RECORDING.items())
    print(f"'Demo night' is on, at a simulator on this machine: {count} streams are being recorded,")
    print(f"{places}; guests are in a room, and a stream is relayed.", flush=True)
    env = environment(folder)
    sys.path.insert(0, env["ANSIBLE_COLLECTIONS_PATH"])
    with Simulator() as simulator:
        begin(simulator)
        env.update(ZEGO_API_URL=simulator.url)
        env.update(ZEGO_APP_ID=str(simulator.app_id), ZEGO_SERVER_SECRET=simulator.server_secret)
        went = [act(env, "1-failed", "1. The event ends. Tencent refuses one stream.", (2, count - 1, 1))]
        simulator.clear_faults()
        mended = "2. Somebody settles the account at Tencent, and runs the same command again."
        went.append(act(env, "2-mended", mended, (0, 1, 0)))
        went.append(act(env, "3-rerun", "3. Once more, to be sure: nothing is left to change.", (0, 0, 0)))
    print("\nThe reports, each with the whole output of its run (output.log), JSON, JUnit XML and Markdown:")
    for name in ("1-failed", "2-mended", "3-rerun"):
        print(f"   {(REPORT / name / 'teardown.html').as_uri()}")
    print("Your own event: docs/docsite/rst/quick_start.rst")
    return 0 if all(went) else 1


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
    code = play({**environment(folder), **given, **ways}, REPORT)
    if (REPORT / "teardown.html").exists():
        print(f"\nThe report: {(REPORT / 'teardown.html').as_uri()}")
    return code


def main():
    """Run the demo; exit with 0 where it went as announced."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--real", action="store_true", help="end the event once against the real API")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return for_real(folder) if options.real else rehearse(folder)


if __name__ == "__main__":
    sys.exit(main())
