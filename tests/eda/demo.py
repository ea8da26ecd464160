# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Shows Event-Driven Ansible at work: a recorded file appears at the simulator, and a playbook runs with it.

Three files: of two the simulator tells by a callback, the third is found by a search. Nothing is left running.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "eda"))

from rulebook import Rulebook  # noqa: E402

FILES = [{"stream": f"stage-{number}", "file_id": f"32708350110577808{number:02}"} for number in (1, 2)]
LOST = {"stream": "stage-3", "file_id": "3270835011057780803", "callback": False}


def say(text):
    """Print a line at once."""
    print(text, flush=True)


def main():
    """Run the demo; return 0 where each file had its action once."""
    with tempfile.TemporaryDirectory() as folder, Rulebook(folder, "zego.cloud.recorded_file") as rulebook:
        say("=== The rulebook zego.cloud.recorded_file begins, against the simulator ===")
        rulebook.start()
        say(f"=== Three files are ready. The API tells of two, at {rulebook.url}; no callback tells of the third ===")
        rulebook.simulator.add_files("Tencent", [*FILES, LOST])
        expected = sorted(file["file_id"] for file in (*FILES, LOST))
        rulebook.wait(lambda: len(rulebook.marks()) >= len(expected), "the files are handled")
        for entry in rulebook.simulator.callbacks():
            stream, statuses = entry["fields"]["stream_alias"], [one["status"] for one in entry["attempts"]]
            say(f"callback for {stream}: {entry['state']}, answered with {', '.join(map(str, statuses))}")
        rulebook.end()
        handled = sorted(rulebook.handled())
        say(rulebook.said().strip())
    say("=== Handled: " + ", ".join(handled) + " ===")
    return 0 if handled == expected else 1


if __name__ == "__main__":
    sys.exit(main())
