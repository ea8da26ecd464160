# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell part of each shipped pipeline runs as it is, with pip, ansible-galaxy and ansible-playbook."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import main, slow  # noqa: E402

# ansible-test runs a copy of the target inside the collection.
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "examples" / "event.yml").is_file())
EXAMPLES = ROOT / "examples"
KEY = "relay-key-of-the-crew"
CACHE = os.environ.get("PIP_CACHE_DIR") or os.path.expanduser("~/.cache/pip")


class Job:
    """A CI job's machine: a workspace with the files of the repository, a Python, and an environment of its own."""

    def __init__(self, scene, variables):
        self.scene = scene
        self.workspace = scene.home / "workspace"
        self.workspace.mkdir()
        for name in ("event.yml", "requirements.txt"):
            shutil.copy2(EXAMPLES / name, self.workspace / name)
        self._collection()
        python = scene.home / "python"
        subprocess.run([sys.executable, "-m", "venv", str(python)], check=True)
        self.summary = scene.home / "summary.md"
        constraint = scene.home / "constraint.txt"
        constraint.write_text(f"ansible-core=={self._core()}\n", encoding="utf-8")
        self.env = {
            "PATH": os.pathsep.join([str(python / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(scene.home),
            "LANG": "C.UTF-8",
            "PIP_CACHE_DIR": CACHE,
            # Of the versions that the example allows, the one that this run of the tests is about.
            "PIP_CONSTRAINT": str(constraint),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "ZEGO_API_URL": scene.simulator.url,
        }
        self.env.update(
            {
                name: os.environ[name]
                for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "SSL_CERT_FILE", "HTTPS_PROXY")
                if name in os.environ
            }
        )
        self.env.update(variables)
        self.output = ""

    def _core(self):
        shown = subprocess.run(
            ["ansible", "--version"], env=self.scene.env, capture_output=True, text=True, check=True
        ).stdout
        return re.search(r"core (\S+?)\]", shown)[1]

    def _collection(self):
        """The requirements name the collection's repository; here it comes from this tree."""
        command = ["ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(self.scene.home)]
        subprocess.run(command, env=self.scene.env, check=True, stdout=subprocess.DEVNULL)
        (tarball,) = self.scene.home.glob("zego-cloud-*.tar.gz")
        (shipped,) = yaml.safe_load((EXAMPLES / "requirements.yml").read_text(encoding="utf-8"))["collections"]
        assert shipped["type"] == "git" and shipped["name"].endswith("ansible-collection-zego.cloud.git")
        text = yaml.safe_dump({"collections": [{"name": str(tarball), "type": "file"}]})
        (self.workspace / "requirements.yml").write_text(text, encoding="utf-8")

    def run(self, shell, script, **env):
        """Run a script the way the CI system does; returns its exit code."""
        path = self.scene.home / "script.sh"
        path.write_text(script + "\n", encoding="utf-8")
        done = subprocess.run(
            [*shell, str(path)],
            cwd=self.workspace,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.scene.output += done.stdout
        self.output = done.stdout
        assert self.scene.simulator.server_secret not in done.stdout and KEY not in done.stdout, "a secret shown"
        return done.returncode

    def report(self):
        """The JSON report in the workspace."""
        return json.loads((self.workspace / "report" / "teardown.json").read_text(encoding="utf-8"))


def _credentials(scene):
    return {
        "ZEGO_APP_ID": str(scene.simulator.app_id),
        "ZEGO_SERVER_SECRET": scene.simulator.server_secret,
        "RELAY_KEY": KEY,
    }


def _event(scene):
    """Let the event of the example be under way; returns how many streams it has."""
    event = yaml.safe_load((EXAMPLES / "event.yml").read_text(encoding="utf-8"))
    streams = event["zego_teardown_streams"]
    scene.simulator.configure(room_seconds=0, file_delay_seconds=0)
    for vendor, names in streams.items():
        scene.simulator.record(vendor, names)
    scene.simulator.record("Huawei", ["guest-1"])
    scene.simulator.add_room("green-room", ["guest-1"])
    scene.simulator.add_relay("stage-001", f"rtmp://live.example.com/app/{KEY}")
    return sum(map(len, streams.values())) + 1


def _all_stopped(scene, job, count):
    report = job.report()
    assert report["totals"]["changed"] == report["files"]["found"] == count == 201 and not report["failed"]
    assert not [
        name for names in scene.simulator.state().values() for name, stream in names.items() if stream["running"]
    ]
    assert not [
        url for relays in scene.simulator.relays().values() for url in relays["urls"].values() if url["running"]
    ]


def _cases(job, path):
    """The test cases that a CI system finds in the JUnit file."""
    return len(list(ElementTree.parse(job.workspace / path).getroot().iter("testcase")))


def _github(scene, inputs):
    """The steps of the workflow that run a script, and the job's environment, with GitHub's expressions filled in."""
    workflow = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["teardown"]
    given = {
        f"${{{{ {kind}.{name} }}}}": value
        for name, value in _credentials(scene).items()
        for kind in ("vars", "secrets")
    }
    given["${{ inputs.check && '--check' || '' }}"] = "--check" if inputs["check"] else ""
    upload = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact"))
    assert upload["if"] == "always()"
    scripts = [step["run"] for step in job["steps"] if "run" in step]
    env = {name: given[value] for name, value in job["env"].items()}
    return scripts, env, upload["with"]["path"]


@slow
def test_the_github_workflow_ends_an_event(scene):
    count = _event(scene)
    (install, end), env, path = _github(scene, {"check": True})
    job = Job(scene, env)
    job.env["GITHUB_STEP_SUMMARY"] = str(job.summary)
    assert job.run(["bash", "-e"], install) == 0 and job.run(["bash", "-e"], end) == 0, job.output[-2000:]
    assert set(scene.simulator.stats()["actions"]) == {"DescribeSimpleStreamList"} and not job.summary.exists()
    assert f"would change {count} of {count} streams" in job.output
    job.env["CHECK"] = _github(scene, {"check": False})[1]["CHECK"]
    scene.simulator.add_fault(kind="stream_code", stream="lobby-007", code="403")
    assert job.run(["bash", "-e"], end) == 2, job.output[-2000:]
    assert "lobby-007" in job.summary.read_text(encoding="utf-8") and (job.workspace / path / "teardown.html").is_file()
    scene.simulator.clear_faults()
    assert job.run(["bash", "-e"], end) == 0 and job.report()["totals"]["changed"] == 1
    assert job.summary.read_text(encoding="utf-8").count("# ✅ Teardown of `Launch night 2026`") == 1


@slow
def test_the_gitlab_pipeline_ends_an_event(scene):
    count = _event(scene)
    end = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text(encoding="utf-8"))["end-event"]
    job = Job(scene, _credentials(scene))
    assert job.run(["bash", "-eo", "pipefail"], "\n".join(end["before_script"] + end["script"])) == 0, job.output[
        -2000:
    ]
    _all_stopped(scene, job, count)
    assert end["artifacts"]["when"] == "always" and [
        (job.workspace / path).is_dir() for path in end["artifacts"]["paths"]
    ] == [True]
    assert _cases(job, end["artifacts"]["reports"]["junit"]) == count + 2 + 2 + 2


@slow
def test_the_jenkinsfile_ends_an_event(scene):
    count = _event(scene)
    text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    steps = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
    assert len(steps) == text.count("sh '") == 2
    names = re.findall(r"^\s+(\w+) = credentials\(", text, re.MULTILINE)
    credentials = _credentials(scene)
    job = Job(scene, {name: credentials[name] for name in names})
    for step in steps:
        # Jenkins' own -x prints each command: none of them may hold a secret.
        assert job.run(["sh", "-xe"], textwrap.dedent(step), CHECK="") == 0, job.output[-2000:]
    _all_stopped(scene, job, count)
    assert _cases(job, re.search(r"junit testResults: '([^']+)'", text)[1]) == count + 2 + 2 + 2
    assert (job.workspace / re.search(r"artifacts: '([^']+)/\*\*'", text)[1] / "teardown.html").is_file()


if __name__ == "__main__":
    main(globals())
