# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Runs every example of the documentation through a real ansible-playbook or bash, against the simulator.

A page's console blocks and files (blocks that are a file) are one story, done from top to end. Any other YAML block is
run by itself: as a playbook, as the tasks of one, or as the event of the teardown role. Names on the command line
choose some. See blocks.py for what a page can say to this program.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "integration" / "targets" / "support_zego")]

import blocks  # noqa: E402
from harness import main  # noqa: E402
from story import Story  # noqa: E402
from webhooks import Webhooks  # noqa: E402

# Never run: what stands in these languages is data or output.
SILENT = ("text", "json", "groovy")
# How a page starts a simulator of its own. No two pages have the same port: a simulator may still run, and the ledger
# remembers what was done at its address.
PORT = re.compile(r"--port (\d+)")
REPOSITORY = "https://github.com/zego-cloud/ansible-collection-zego.cloud"

# What the examples meet.
WORLD = {
    "config": {"room_seconds": 0, "file_delay_seconds": 0},
    "recordings": {
        "Tencent": ["stage-1", "stage-2", "stage-3", "backstage-1"],
        "Ws": ["lobby-1", "lobby-2"],
        "Huawei": ["arena-1", "arena-2"],
        "Aliyun": ["studio-1", "stage-1", "stage-2"],
    },
    "rooms": {"main-stage": ["stage-1", "stage-2"], "backstage": ["backstage-1"]},
    "relays": {"stage-1": ["rtmp://push.example.com/live/stage-1", "rtmp://live.example.net/app/k3y"]},
    "files": {"Tencent": ["stage-1", "stage-2", "stage-3"], "Ws": ["lobby-1", "lobby-2"]},
}
# What the examples take for granted.
VARIABLES = {
    "event_streams": ["stage-1", "stage-2", "stage-3"],
    "event_start": int(time.time()) - 3600,
    "vault_stream_key": "k3y",
    "task_id": "a-task-of-cloud-recording",
}
# A page that shows no event of its own finds this one.
EVENT = """
zego_teardown_streams:
  Tencent: [stage-1, stage-2]
"""
# What comes before the example of a filter: the end of an event.
BEFORE_A_FILTER = """
- name: End the event
  ansible.builtin.import_role:
    name: zego.cloud.teardown
  vars:
    zego_teardown_streams: {Tencent: "{{ event_streams }}"}
    zego_teardown_report_dir: "{{ playbook_dir }}"

- name: End it again
  zego.cloud.zego_cdn_record:
    vendor: Tencent
    streams: "{{ event_streams }}"
  register: teardown

- name: Keep what the filters are given
  ansible.builtin.set_fact:
    plan: "{{ {'streams': {'Tencent': event_streams}, 'close_rooms': ['main-stage']} | zego.cloud.teardown_plan }}"
    steps: [{step: recordings}]
"""


def pages():
    """Return the files that hold examples; those of the Chinese pages are the same, says a unit test."""
    folders = (
        ("docs/docsite/rst", "*.rst"),
        (".", "README.md"),
        ("roles", "*/README.md"),
        ("plugins/modules", "*.py"),
        ("plugins/filter", "*.py"),
    )
    found = [path for folder, pattern in folders for path in sorted((ROOT / folder).glob(pattern))]
    return [path for path in found if not path.name.startswith("zh_")]


def tracked(folder):
    """Copy the files of the collection to ``folder``."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def _place(scene):
    """Return an empty folder for an example, with the collection where ansible finds it."""
    folder = scene.home.parent / "work"
    folder.mkdir()
    scene.target = folder
    link = scene.home / ".ansible" / "collections" / "ansible_collections" / "zego" / "cloud"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT)
    (folder / "event.yml").write_text(EVENT, encoding="utf-8")
    scene.simulator.reset(WORLD)
    return folder


def _serve_repository(scene):
    """Let git clone this tree where a page clones the repository."""
    tree = scene.home / "repository"
    tracked(tree)
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "This tree"]):
        subprocess.run(["git", *command], cwd=tree, env=scene.env, check=True)
    (scene.home / ".gitconfig").write_text(f'[url "file://{tree}"]\n\tinsteadOf = {REPOSITORY}\n', encoding="utf-8")


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def _as_playbook(text, before=""):
    """Return a playbook from a block: as it is, its tasks in a play, or the teardown of the event that it is."""
    found = yaml.safe_load(text)
    if isinstance(found, dict) and all(name.startswith("zego_teardown_") for name in found):
        play = [{"ansible.builtin.import_playbook": "zego.cloud.teardown", "vars": found}]
        return yaml.safe_dump(play)
    assert isinstance(found, list) and found, (
        "neither a playbook nor tasks: say which file it is, and use that on the page"
    )
    if all(
        isinstance(item, dict)
        and ("hosts" in item or "import_playbook" in item or "ansible.builtin.import_playbook" in item)
        for item in found
    ):
        return text
    return "- name: Run the example\n  hosts: localhost\n  gather_facts: false\n  tasks:\n" + textwrap.indent(
        f"{before}\n{text}", "    "
    )


def fragment(block, of_filter):
    """Return the scenario of one YAML block."""

    def run(scene):
        folder = _place(scene)
        if "fault" in block.marks:
            scene.simulator.add_fault(**json.loads(block.marks["fault"]))
        playbook = folder / "example.yml"
        playbook.write_text(_as_playbook(block.text, BEFORE_A_FILTER if of_filter else ""), encoding="utf-8")
        # Three of the filters say that they will go. A unit test wants that.
        env = {"ANSIBLE_DEPRECATION_WARNINGS": "0"} if of_filter else {}
        done = scene.run("ansible-playbook", str(playbook), env=env, **VARIABLES)
        assert done.rc == int(block.marks.get("exit", 0)), f"line {block.line}: ansible-playbook ended with {done.rc}"
        told = " ".join(done.output.split())
        warned = "[WARNING]" in told or "[DEPRECATION" in told
        assert warned == ("warns" in block.marks) and block.marks.get("warns", "") in told, (
            f"line {block.line}: a warning"
        )
        assert ("offline" in block.marks) == (scene.requests() == 0), f"line {block.line}: {scene.requests()} requests"

    return run


def page_story(found):
    """Return the scenario of all console blocks and files of one page."""

    def run(scene):
        folder = _place(scene)
        text = "".join(block.text for block in found)
        if REPOSITORY in text:
            _serve_repository(scene)
        if "ansible-galaxy collection install" in text:
            shutil.rmtree(scene.home / ".ansible" / "collections")
        ports = {port: _free_port() for port in PORT.findall(text)}
        chats = Webhooks() if "_WEBHOOK" in text else None
        told = Story(
            folder,
            {**scene.env, **(chats.environment() if chats else {})},
            lambda text: re.sub(r"\d{4,}", lambda found: ports.get(found[0], found[0]), text),
            lambda rule: scene.simulator.add_fault(**json.loads(rule)),
        )
        try:
            for block in found:
                told.tell(block)
                if "tells" in block.marks:
                    wanted = sorted(block.marks["tells"].split())
                    assert chats.take() == wanted, f"line {block.line}: it does not tell {wanted}: {chats.refused}"
        finally:
            scene.output += told.output
            told.close()
            if chats:
                chats.close()
        assert "Traceback (most recent call last)" not in told.output, "a traceback"

    return run


def same(block):
    """Return the scenario of a block that is a file of the repository."""

    def run(_scene):
        lines = (ROOT / block.marks["same"]).read_text(encoding="utf-8").splitlines()
        body = [
            line for line in lines if line != "---" and not re.match(r"(#|//) (Copyright|GNU General|BSD 2|SPDX)", line)
        ]
        assert "\n".join(body).strip() == block.text.strip(), f"line {block.line} differs from {block.marks['same']}"

    return run


def _check(path, found):
    """Refuse blocks that no test would look at."""
    for block in found:
        where = f"{path.name}, line {block.line}"
        assert block.language in ("yaml", "console", *SILENT), (
            f"{where}: a block in {block.language} is not run; use yaml or console"
        )
        assert "skip" not in block.marks or block.marks["skip"], f"{where}: why is it not run?"
        # By a command, or by a file that a command uses.
        users = [other for other in found if other is not block and (other.language == "console" or other.file)]
        used = any(block.file.rpartition("/")[2] in other.text for other in users)
        assert not block.file or used or {"skip", "same"} & set(block.marks), f"{where}: nothing uses {block.file}"


def scenarios():
    """Return {name: scenario} of all pages."""
    found = {"__file__": str(HERE / "documentation")}
    for path in pages():
        listed = blocks.read(path)
        _check(path, listed)
        listed = [block for block in listed if "skip" not in block.marks]
        name = (
            f"reference_{path.stem}"
            if path.suffix == ".py"
            else re.sub(r"\W", "_", path.relative_to(ROOT).as_posix().rpartition(".")[0])
        )
        name = name.replace("docs_docsite_rst_", "")
        for block in [block for block in listed if "same" in block.marks]:
            found[f"test_{name}_line_{block.line}"] = same(block)
        listed = [block for block in listed if "same" not in block.marks]
        told = [block for block in listed if block.language == "console" or block.file]
        if told:
            found[f"test_{name}"] = page_story(told)
        for block in listed:
            if block.language == "yaml" and not block.file:
                found[f"test_{name}_line_{block.line}"] = fragment(block, path.parent.name == "filter")
    return found


if __name__ == "__main__":
    main(scenarios(), lanes=2)
