# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for GitHub, GitLab and Jenkins: they do with our files what those systems document.

They know only what our files use. Anything else is an error, so that nothing is passed over in silence. What a run
leaves for later ones (caches, artifacts) outlives its machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import yaml

# ansible-test runs a copy of the target inside the collection.
ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "examples" / "event.yml").is_file())
EXAMPLES = ROOT / "examples"
CACHE = os.environ.get("PIP_CACHE_DIR") or os.path.expanduser("~/.cache/pip")
INHERITED = ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "SSL_CERT_FILE", "HTTPS_PROXY")


def copy(source, target):
    """Copy a file or a folder to a path; what is there is replaced file by file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def _copy_matching(source, target, pattern):
    """Copy the files below a folder that a pattern finds to another folder; return the copies."""
    # Before Python 3.13, two stars at the end find folders only.
    every = re.sub(r"\*\*$", "**/*", pattern)
    found = [path for path in source.glob(every) if path.is_file()] if source.is_dir() else []
    for path in found:
        copy(path, target / path.relative_to(source))
    return [target / path.relative_to(source) for path in found]


class Machine:
    """What a job runs on: a home and a workspace, both empty, and a Python. ``hidden``: what no output may show."""

    def __init__(self, scene, hidden):
        self.scene = scene
        self._hidden = hidden
        self._python = scene.home / "python"
        subprocess.run([sys.executable, "-m", "venv", str(self._python)], check=True)
        self._constraint = scene.home / "constraint.txt"
        self._constraint.write_text(f"ansible-core=={self._core()}\n", encoding="utf-8")
        self.output = ""
        self._count = 0
        self.renew()

    def renew(self):
        """Be another machine, on which nothing ran before. Its Python still has what pip installed."""
        self._count += 1
        folder = self.scene.home / f"machine{self._count}"
        self.home, self.workspace, self.temp = (folder / name for name in ("home", "workspace", "temp"))
        for path in (self.home, self.workspace, self.temp):
            path.mkdir(parents=True)
        self.env = {
            "PATH": os.pathsep.join([str(self._python / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PIP_CACHE_DIR": CACHE,
            # Of the versions that our files allow, the one that this run of the tests is about.
            "PIP_CONSTRAINT": str(self._constraint),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "ZEGO_API_URL": self.scene.simulator.url,
        }
        self.env.update({name: os.environ[name] for name in INHERITED if name in os.environ})

    def _core(self):
        command = ["ansible", "--version"]
        shown = subprocess.run(command, env=self.scene.env, capture_output=True, text=True, check=True).stdout
        return re.search(r"core (\S+?)\]", shown)[1]

    def checkout(self):
        """Bring the files of the crew's repository into the workspace."""
        copy(EXAMPLES / "requirements.txt", self.workspace / "requirements.txt")
        event = (EXAMPLES / "event.yml").read_text(encoding="utf-8")
        # A rerun that lost the ledger waits for files that never come. The test shall fail within a minute.
        patient, hasty = "zego_teardown_files_delay: 20", "zego_teardown_files_delay: 1"
        assert patient in event
        (self.workspace / "event.yml").write_text(event.replace(patient, hasty), encoding="utf-8")

    def run(self, shell, script, **env):
        """Run a script in the workspace the way a CI system does; return its exit code."""
        path = self.temp / "script.sh"
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
        assert not [text for text in self._hidden if text in done.stdout], "a secret shown"
        return done.returncode

    def tarball(self):
        """Build the collection of this tree; return the path of its tarball."""
        folder = self.scene.home / "tarball"
        command = ["ansible-galaxy", "collection", "build", str(ROOT), "--force", "--output-path", str(folder)]
        subprocess.run(command, env=self.scene.env, check=True, stdout=subprocess.DEVNULL)
        (found,) = folder.glob("zego-cloud-*.tar.gz")
        return found


_TOKEN = re.compile(r"\s*(?:('[^']*')|(\|\||&&|==|!=|!|[()])|([\w.-]+))")
_OPERATORS = {"||": " or ", "&&": " and ", "!": " not "}
STATUS = ("always()", "success()", "failure()")


def _whole_name(name, expression, position):
    """Return a name with the brackets of its call, if it is one of a status, and where it ends."""
    is_call = f"{name}()" in STATUS and expression.startswith("()", position)
    return (f"{name}()", position + 2) if is_call else (name, position)


def evaluate(expression, known):
    """Return what an expression of GitHub's means. ``known``: {name: value}; a name without a value is ''."""
    source, values, position = "", [], 0
    expression = expression.strip()
    while position < len(expression):
        token = _TOKEN.match(expression, position)
        assert token, f"GitHub would not understand: {expression}"
        literal, operator, name = token.groups()
        position = token.end()
        if operator:
            source += _OPERATORS.get(operator, operator)
        else:
            name, position = _whole_name(name, expression, position)
            # GitHub's comparison of a number with text does not come up: everything here is text or a boolean.
            values.append(literal[1:-1] if literal else known.get(name, ""))
            source += f"values[{len(values) - 1}]"
    return eval(source, {"__builtins__": {}, "values": values})


def as_text(value):
    """Return a value as GitHub writes it into text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def fill(text, known):
    """Return a text with GitHub's expressions filled in; the value itself where the text is one expression."""
    whole = re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", text) if isinstance(text, str) else None
    if whole:
        return evaluate(whole[1], known)
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: as_text(evaluate(found[1], known)), as_text(text))


class GitHub:
    """Runs jobs of workflows. ``values``: what the repository has as variables and secrets."""

    SHELLS = {"bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"), None: ("bash", "-e")}

    def __init__(self, machine, values):
        self.machine = machine
        self._values = {f"{kind}.{name}": value for name, value in values.items() for kind in ("vars", "secrets")}
        self._store = machine.scene.home / "github"
        # In the order of their age, the newest last.
        self.caches = []
        self.artifacts = {}
        self.summary = ""
        self.outputs = {}
        self._runs = 0

    def run(self, workflow, **inputs):
        """Run the one job of a workflow on the machine; return whether it succeeded. ``outputs`` are our action's."""
        ((name, job),) = workflow["jobs"].items()
        self._runs += 1
        self.summary, self.outputs = "", {}
        self.artifacts = {}
        known = {f"inputs.{key}": value for key, value in inputs.items()}
        known.update(self._values)
        self._github = {"github.run_id": str(1000 + self._runs), "github.run_attempt": "1", "github.job": name}
        env = {key: as_text(fill(value, known)) for key, value in job.get("env", {}).items()}
        self.machine.env.update(env)
        # Actions see the environment of the job, too.
        self._github.update({f"env.{key}": value for key, value in env.items()})
        failed, _known = self._steps(job["steps"], {**known, **self._github})
        return not failed

    def _steps(self, steps, known):
        failed = False
        for step in steps:
            known.update({"always()": True, "success()": not failed, "failure()": failed})
            condition = str(step.get("if", "success()"))
            implied = not any(call in condition for call in STATUS)
            if not evaluate(condition, known) or (implied and failed):
                continue
            given = {key: fill(value, known) for key, value in step.get("with", {}).items()}
            if "run" in step:
                env = {key: as_text(fill(value, known)) for key, value in step.get("env", {}).items()}
                outputs, succeeded = self._script(step, env)
            else:
                outputs, succeeded = self._use(step["uses"].partition("@")[0], given)
            failed = failed or not succeeded
            known.update({f"steps.{step.get('id')}.outputs.{key}": value for key, value in outputs.items()})
        return failed, known

    def _script(self, step, env):
        """Run a script; return (its outputs, whether it succeeded)."""
        output, summary = self.machine.temp / "output", self.machine.temp / "summary"
        for path in (output, summary):
            path.write_text("", encoding="utf-8")
        env.update(GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS="true", CI="true")
        code = self.machine.run(self.SHELLS[step.get("shell")], step["run"], **env)
        self.summary += summary.read_text(encoding="utf-8")
        lines = output.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines), code == 0

    def _use(self, action, given):
        """Use an action; return (its outputs, whether it succeeded)."""
        if action == "zego-cloud/ansible-collection-zego.cloud":
            return self._composite(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8")), given)
        actions = {
            "actions/checkout": self._checkout,
            "actions/setup-python": self._setup_python,
            "actions/cache/restore": self._restore,
            "actions/cache/save": self._save,
            "actions/upload-artifact": self._upload,
        }
        actions[action](**{name.replace("-", "_"): as_text(value) for name, value in given.items()})
        return {}, True

    def _checkout(self, persist_credentials):
        assert persist_credentials == "false"
        self.machine.checkout()

    def _setup_python(self, python_version):
        # The machine has a Python: that of these tests.
        assert re.fullmatch(r"3\.\d+", python_version)

    def _composite(self, action, given):
        unknown = set(given) - set(action["inputs"])
        assert not unknown, f"the action has no input {unknown}"
        assert action["runs"]["using"] == "composite"
        inputs = {name: item.get("default", "") for name, item in action["inputs"].items()}
        inputs.update({name: as_text(value) for name, value in given.items()})
        known = {f"inputs.{name}": value for name, value in inputs.items()}
        known.update(self._github)
        known.update({"github.action_path": str(ROOT), "runner.temp": str(self.machine.temp)})
        failed, known = self._steps(action["runs"]["steps"], known)
        self.outputs = {name: as_text(fill(item["value"], known)) for name, item in action["outputs"].items()}
        return self.outputs, not failed

    def _restore(self, path, key, restore_keys):
        found = [saved for saved in self.caches if saved == key or saved.startswith(restore_keys)]
        if found:
            _copy_matching(self._store / found[-1], self.machine.home, path.replace("~/", "", 1))

    def _save(self, path, key):
        assert key not in self.caches, "a cache cannot be changed"
        # Nothing is saved where nothing is there.
        if _copy_matching(self.machine.home, self._store / key, path.replace("~/", "", 1)):
            self.caches.append(key)

    def _upload(self, name, path, overwrite):
        assert overwrite == "true"
        copy(Path(path), self._store / name)
        self.artifacts[name] = self._store / name


class GitLab:
    """Runs jobs of pipelines that include our component. ``values``: the variables of the project."""

    def __init__(self, machine, values):
        self.machine = machine
        self._values = values
        self._store = machine.scene.home / "gitlab"
        self.artifacts = None
        self.junit = None

    def run(self, pipeline, **more):
        """Run the one job that a pipeline includes; return its exit code. ``more``: inputs beside those it gives."""
        (include,) = pipeline["include"]
        component = include["component"].partition("@")[0].rpartition("/")[2]
        ((_name, job),) = self.job(component, {**include.get("inputs", {}), **more}).items()
        self.machine.checkout()
        self._restore(job["cache"])
        script = "\n".join(["umask 0000", *job["before_script"], *job["script"]])
        # What is none of a job's variables, such as a boolean, GitLab refuses.
        assert all(isinstance(value, str) for value in job["variables"].values()), job["variables"]
        env = {**self._values, **job["variables"], "CI_PROJECT_DIR": str(self.machine.workspace), "CI": "true"}
        code = self.machine.run(("bash", "-eo", "pipefail"), script, **env)
        self._save(job["cache"], code)
        self._collect(job["artifacts"], code)
        return code

    def job(self, component, given):
        """Return the jobs of a component with these inputs."""
        head, body = yaml.safe_load_all((ROOT / "templates" / f"{component}.yml").read_text(encoding="utf-8"))
        known = head["spec"]["inputs"]
        assert set(given) <= set(known), f"the component has no input {set(given) - set(known)}"
        inputs = {name: given.get(name, item.get("default")) for name, item in known.items()}
        for name, item in known.items():
            assert isinstance(inputs[name], str), f"{name} is needed, as text"
            assert inputs[name] in item.get("options", [inputs[name]]), f"{name} is none of its options"
        return _interpolated(body, inputs)

    def _restore(self, cache):
        for path in cache["paths"]:
            for item in _copy_matching(self._store / cache["key"], self.machine.workspace, path):
                # As a runner with the umask 0000 leaves it.
                item.chmod(0o666)
                item.parent.chmod(0o777)

    def _save(self, cache, code):
        assert cache["when"] in ("on_success", "always")
        if code == 0 or cache["when"] == "always":
            for path in cache["paths"]:
                _copy_matching(self.machine.workspace, self._store / cache["key"], path)

    def _collect(self, artifacts, code):
        self.artifacts = self.junit = None
        if code == 0 or artifacts["when"] == "always":
            (path,) = artifacts["paths"]
            self.artifacts = self.machine.workspace / path
            self.junit = self.machine.workspace / artifacts["reports"]["junit"]


def _interpolated(value, inputs):
    """Return a part of a component with its inputs filled in."""
    if isinstance(value, dict):
        return {_interpolated(key, inputs): _interpolated(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_interpolated(item, inputs) for item in value]
    if isinstance(value, str):
        return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: inputs[found[1]], value)
    return value


class Jenkins:
    """Runs the shell steps of a declarative pipeline, with its credentials, and keeps what it archives."""

    def __init__(self, machine, values):
        self.machine = machine
        self._values = values
        self._store = machine.scene.home / "jenkins"

    def run(self, text, **parameters):
        """Run a pipeline; return its exit code."""
        self.machine.checkout()
        self._requirements()
        (wanted,) = re.findall(
            r"copyArtifacts projectName: '([\w-]+)', selector: lastWithArtifacts\(\),\s+(.*)\n", text
        )
        (allowed,) = re.findall(r"copyArtifactPermission\('([\w-]+)'\)", text)
        name, options = wanted
        assert name == allowed, "the job may not copy what it archived"
        (filter_,) = re.findall(r"filter: '([^']+)', optional: true", options)
        _copy_matching(self._store, self.machine.workspace, filter_)
        names = re.findall(r"^\s+(\w+) = credentials\(", text, re.MULTILINE)
        env = {name: self._values[name] for name in names}
        home = re.search(r'^\s+HOME = "(.*)"', text, re.MULTILINE)[1]
        env["HOME"] = home.replace("${WORKSPACE}", str(self.machine.workspace))
        steps = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
        assert len(steps) == text.count("sh '") == 2
        code = 0
        for step in steps:
            # Jenkins' own -x prints each command: none of them may hold a secret.
            code = code or self.machine.run(("sh", "-xe"), textwrap.dedent(step), **env, **parameters)
        (archived,) = re.findall(r"archiveArtifacts artifacts: '([^']+)', allowEmptyArchive: true", text)
        assert text.index("always {") < text.index("archiveArtifacts")
        for pattern in archived.split(", "):
            _copy_matching(self.machine.workspace, self._store, pattern)
        self.junit = self.machine.workspace / re.search(r"junit testResults: '([^']+)'", text)[1]
        self.artifacts = self._store
        return code

    def _requirements(self):
        """Give the workspace its requirements.yml. It names the collection's repository; here it is this tree."""
        (shipped,) = yaml.safe_load((EXAMPLES / "requirements.yml").read_text(encoding="utf-8"))["collections"]
        assert shipped["type"] == "git" and shipped["name"].endswith("ansible-collection-zego.cloud.git")
        text = yaml.safe_dump({"collections": [{"name": str(self.machine.tarball()), "type": "file"}]})
        (self.machine.workspace / "requirements.yml").write_text(text, encoding="utf-8")
