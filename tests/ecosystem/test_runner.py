# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The teardown under ansible-runner, in one place and as a remote job, as AWX and Automation Controller run it."""

from __future__ import annotations

import concurrent.futures
import json
import shutil
from pathlib import Path

import jinja2
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PLAYBOOK = ("-p", "zego.cloud.teardown")
EVENT = yaml.safe_load((EXAMPLES / "runner" / "env" / "extravars").read_text(encoding="utf-8"))
STREAMS = EVENT["zego_teardown_streams"]
COUNT = sum(map(len, STREAMS.values()))


class Job:
    """A private data folder made from the example, a machine to run it on, and what came of it."""

    def __init__(self, run, simulator, folder, installed):
        self._run = run
        self.simulator = simulator
        self.folder = folder
        self.data = folder / "data"
        shutil.copytree(EXAMPLES / "runner", self.data)
        self.secret = simulator.server_secret
        self.ledger = folder / "mounted" / "ledger.sqlite3"
        env = credential(simulator, self.ledger)
        self.machine = dict(env, ZEGO_API_URL=simulator.url, ANSIBLE_COLLECTIONS_PATH=installed)
        self.renew("home")

    def renew(self, home):
        """Run in another container from now on, which has an empty home."""
        (self.folder / home).mkdir()
        self.machine["HOME"] = str(self.folder / home)

    def give(self, **extra_vars):
        """Give the job more extra variables."""
        path = self.data / "env" / "extravars"
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump({**given, **extra_vars}), encoding="utf-8")

    def run(self, ident, playbook=PLAYBOOK[1]):
        """Run it here; returns the process."""
        command = ("ansible-runner", "run", str(self.data), "-p", playbook, "--ident", ident)
        return self._run(*command, cwd=self.folder, **self.machine)

    def events(self, ident):
        """The events of a run, in their order."""
        found = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in (self.data / "artifacts" / ident / "job_events").glob("*.json")
        ]
        return sorted(found, key=lambda event: event["counter"])

    def stats(self, ident):
        """What the run handed over at its end: Ansible's own counts, and the totals."""
        (event,) = [event["event_data"] for event in self.events(ident) if event["event"] == "playbook_on_stats"]
        return event, event["artifact_data"]["zego_teardown"]

    def artifact(self, ident, name):
        return (self.data / "artifacts" / ident / name).read_text(encoding="utf-8")

    def running(self):
        """How many recordings run now."""
        return sum(stream["running"] for streams in self.simulator.state().values() for stream in streams.values())

    def holders(self):
        """The files that hold the secret."""
        return {
            path.name
            for path in self.data.rglob("*")
            if path.is_file() and self.secret in path.read_text(encoding="utf-8", errors="replace")
        }


def credential(simulator, ledger=""):
    """The environment that AWX makes of a credential of the example's type."""
    kind = yaml.safe_load((EXAMPLES / "execution-environment" / "credential-type.yml").read_text(encoding="utf-8"))
    values = {"app_id": str(simulator.app_id), "server_secret": simulator.server_secret, "ledger": str(ledger)}
    # Fields that were left empty.
    values.update(ledger_user="", ledger_password="")
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(fields) == set(values) and kind["inputs"]["required"] == ["app_id", "server_secret"]
    assert [name for name, field in fields.items() if field.get("secret")] == ["server_secret", "ledger_password"]
    return {name: jinja2.Template(text).render(values) for name, text in kind["injectors"]["env"].items()}


@pytest.fixture
def job(run, simulator, tmp_path, installed):
    for vendor, streams in STREAMS.items():
        simulator.record(vendor, streams)
    return Job(run, simulator, tmp_path, installed)


def check_ended(job, ident):
    """Everything was stopped, and every way of asking says so."""
    assert job.running() == 0
    assert (job.artifact(ident, "rc"), job.artifact(ident, "status")) == ("0", "successful")
    counts, totals = job.stats(ident)
    assert counts["changed"] == {"localhost": 1} and counts["failures"] == {} and counts["dark"] == {}
    assert totals["totals"] == {"total": COUNT, "changed": COUNT, "unchanged": 0, "failed": 0, "skipped": 0}
    assert (totals["event"], totals["failed"], totals["outcomes"]) == (
        EVENT["zego_teardown_event"],
        False,
        {"stopped": COUNT},
    )
    done = [event["event_data"] for event in job.events(ident) if event["event"] == "runner_on_ok"]
    (told,) = [event["res"]["msg"] for event in done if event["task"] == "Stop the recordings"]
    assert told == [f"{vendor}: {len(streams)} stopped" for vendor, streams in STREAMS.items()]
    report = json.loads(job.artifact(ident, "report/teardown.json"))
    stopped = [entry["stream_id"] for entry in report["streams"] if entry["outcome"] == "stopped"]
    assert sorted(stopped) == sorted(stream for streams in STREAMS.values() for stream in streams)
    assert report["totals"] == totals["totals"]
    forms = {path.name for path in (job.data / "artifacts" / ident / "report").iterdir()}
    assert forms == {"teardown.json", "teardown.xml", "teardown.md", "teardown.html"}
    # ansible-runner itself notes the environment of each run in the file called command.
    assert job.holders() <= {"command"}


def test_a_credential_without_a_ledger_leaves_the_default_of_the_modules(job):
    """Empty text would mean no ledger in the option, and means 'not given' in the environment."""
    job.machine.update(credential(job.simulator))
    assert job.run("default").returncode == 0
    assert (Path(job.machine["HOME"]) / ".ansible" / "zego" / "ledger.sqlite3").is_file() and not job.ledger.exists()


def test_run_ends_the_event_and_a_second_run_elsewhere_changes_nothing(job):
    # A vendor that acknowledges each stop again: without the ledger, the second run would look like a change.
    job.simulator.configure(repeated_stop="success")
    done = job.run("first")
    assert done.returncode == 0, done.stdout.decode()[-3000:]
    check_ended(job, "first")
    assert job.ledger.is_file()
    assert job.secret.encode() not in done.stdout + done.stderr
    job.renew("another-home")
    assert job.run("second").returncode == 0
    counts, totals = job.stats("second")
    assert counts["changed"] == {} and totals["outcomes"] == {"already_stopped": COUNT}
    assert totals["totals"] == {"total": COUNT, "changed": 0, "unchanged": COUNT, "failed": 0, "skipped": 0}


def test_the_pattern_ends_an_event_with_the_answers_of_its_survey(job, installed):
    """The platform hands over every answer as text, those that were not given as empty text."""
    collection = Path(installed) / "ansible_collections" / "zego" / "cloud"
    pattern = collection / "extensions" / "patterns" / "teardown_event"
    resources = json.loads((pattern / "meta" / "pattern.json").read_text(encoding="utf-8"))["aap_resources"]
    (template,) = resources["controller_job_templates"]
    shutil.copytree(pattern / "playbooks", job.data / "project")
    answers = {question["variable"]: question.get("default", "") for question in template["survey"]["spec"]}
    job.give(**answers)
    job.give(zego_teardown_event=EVENT["zego_teardown_event"], zego_teardown_streams=json.dumps(STREAMS))
    assert job.run("survey", template["playbook"]).returncode == 0
    check_ended(job, "survey")
    # All of one vendor, as names with commas between them.
    job.simulator.record("Huawei", ["arena-1", "arena-2"])
    job.give(zego_teardown_vendor="Huawei", zego_teardown_streams="arena-1,arena-2", zego_teardown_skip=["files"])
    assert job.run("names", template["playbook"]).returncode == 0
    assert job.stats("names")[1]["totals"]["total"] == 2 and job.running() == 0


def test_a_result_of_ten_thousand_streams_fits_where_it_has_the_failures_only(job):
    """What AWX drops, ansible-runner drops for it. In check mode nothing is sent, so this takes seconds."""
    streams = [f"stage-{number}" for number in range(10_000)]
    tasks = [
        {
            "name": kept,
            "zego.cloud.zego_cdn_record": {"vendor": "Tencent", "streams": "{{ event_streams }}", "result": kept},
        }
        for kept in ("all", "failed", "summary")
    ]
    play = {"hosts": "localhost", "gather_facts": False, "check_mode": True, "tasks": tasks}
    (job.data / "project").mkdir()
    (job.data / "project" / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    job.give(event_streams=streams)
    assert job.run("large", "play.yml").returncode == 0
    results = {}
    for event in job.events("large"):
        if event["event"] == "runner_on_ok":
            results[event["event_data"]["task"]] = event["event_data"]["res"]
    assert results["all"] == {}
    assert results["failed"]["streams"] == [] and results["failed"]["summary"]["total"] == 10_000
    assert "streams" not in results["summary"] and results["summary"]["msg"] == results["failed"]["msg"]


def test_no_event_of_the_teardown_is_too_large_and_the_report_has_everything(job):
    """The platform says how much it keeps of a result. One with each of the 60 streams would be dropped."""
    streams = [f"stage-{number}" for number in range(60)]
    job.simulator.record("Tencent", streams)
    job.simulator.add_fault(kind="stream_code", stream="stage-7", code="ResourceNotFound.FreezeService")
    job.machine["MAX_EVENT_RES"] = "20000"
    job.give(zego_teardown_streams={"Tencent": streams}, zego_teardown_wait_for_files=False)
    assert job.run("small").returncode == 2
    results = [event["event_data"]["res"] for event in job.events("small") if "res" in event["event_data"]]
    assert len(results) > 5 and {} not in results
    (told,) = [result["msg"] for result in results if "Tencent: 59 stopped, 1 failed" in result.get("msg", ())]
    assert len(told) == 2 and told[1].startswith("FAILED stage-7: ")
    report = json.loads(job.artifact("small", "report/teardown.json"))
    assert [entry["stream_id"] for entry in report["streams"] if entry["request_id"]] == streams


def test_a_failure_fails_the_job_and_keeps_its_totals_and_report(job):
    job.simulator.add_fault(
        kind="stream_code", vendor="Tencent", stream="stage-2", code="ResourceNotFound.FreezeService"
    )
    assert job.run("bad").returncode == 2
    assert (job.artifact("bad", "rc"), job.artifact("bad", "status")) == ("2", "failed")
    counts, totals = job.stats("bad")
    assert counts["failures"] == {"localhost": 1}
    assert (totals["failed"], totals["failed_streams"]) == (True, ["stage-2"])
    assert totals["totals"] == {"total": COUNT, "changed": COUNT - 1, "unchanged": 0, "failed": 1, "skipped": 0}
    assert json.loads(job.artifact("bad", "report/teardown.json"))["failed"] is True
    failures = [
        event["event_data"]["res"]["msg"] for event in job.events("bad") if event["event"] == "runner_on_failed"
    ]
    assert ["1 failed of" in text and "The report is in" in text for text in failures] == [True]
    done = [event["event_data"] for event in job.events("bad") if event["event"] == "runner_on_ok"]
    (told,) = [event["res"]["msg"] for event in done if event["task"] == "Stop the recordings"]
    assert any("FAILED stage-2: " in line and "FreezeService" in line for line in told)
    assert job.running() == 1


def test_a_remote_job_needs_the_collection_and_the_secret_on_the_worker_only(job, run, tmp_path):
    """transmit knows neither, worker has an empty folder and another home, process gets all of the results back."""
    (tmp_path / "controller").mkdir()
    controller = {"HOME": str(tmp_path / "controller"), "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "controller")}
    sent = run("ansible-runner", "transmit", str(job.data), *PLAYBOOK, cwd=tmp_path, **controller)
    assert sent.returncode == 0, sent.stderr
    assert job.secret.encode() not in sent.stdout
    worked = run(
        "ansible-runner",
        "worker",
        "--private-data-dir",
        str(tmp_path / "worker"),
        cwd=tmp_path,
        data=sent.stdout,
        **job.machine,
    )
    assert worked.returncode == 0, worked.stderr
    assert not (job.data / "artifacts").exists()
    processed = run(
        "ansible-runner", "process", str(job.data), "--ident", "remote", cwd=tmp_path, data=worked.stdout, **controller
    )
    assert processed.returncode == 0, processed.stderr
    check_ended(job, "remote")
    assert job.secret.encode() not in processed.stdout + processed.stderr


def test_a_remote_job_that_fails_says_so_at_the_other_end(job, run, tmp_path):
    job.simulator.add_fault(kind="stream_code", vendor="Huawei", stream="arena-1", code="LIVE.100011003")
    sent = run("ansible-runner", "transmit", str(job.data), *PLAYBOOK, cwd=tmp_path)
    worked = run(
        "ansible-runner",
        "worker",
        "--private-data-dir",
        str(tmp_path / "worker"),
        cwd=tmp_path,
        data=sent.stdout,
        **job.machine,
    )
    # It ends with 0 whenever it could read the stream: rc and status tell how the job ended.
    assert (
        run(
            "ansible-runner", "process", str(job.data), "--ident", "remote", cwd=tmp_path, data=worked.stdout
        ).returncode
        == 0
    )
    assert (job.artifact("remote", "rc"), job.artifact("remote", "status")) == ("2", "failed")
    assert job.stats("remote")[1]["failed_streams"] == ["arena-1"]
    assert json.loads(job.artifact("remote", "report/teardown.json"))["failed"] is True


def test_two_workers_end_two_events_of_one_app(job, run, tmp_path, installed):
    """Both keep to the quota that they share, and neither sees the other's streams."""
    simulator = job.simulator
    names, streams = {}, []
    for place in ("north", "south"):
        names[place] = found = [f"{place}-{number}" for number in range(60)]
        simulator.record("Tencent", found)
        data = tmp_path / place
        shutil.copytree(EXAMPLES / "runner", data)
        event = dict(EVENT, zego_teardown_event=place, zego_teardown_streams={"Tencent": found})
        (data / "env" / "extravars").write_text(yaml.safe_dump(event), encoding="utf-8")
        streams.append(run("ansible-runner", "transmit", str(data), *PLAYBOOK, cwd=tmp_path).stdout)

    def work(number):
        home = tmp_path / f"machine{number}"
        home.mkdir()
        machine = dict(job.machine, HOME=str(home))
        return run(
            "ansible-runner",
            "worker",
            "--private-data-dir",
            str(home / "data"),
            cwd=home,
            data=streams[number],
            **machine,
        )

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))
    for place, worked in zip(names, done):
        assert (
            run(
                "ansible-runner", "process", str(tmp_path / place), "--ident", "a", cwd=tmp_path, data=worked.stdout
            ).returncode
            == 0
        )
        report = json.loads(
            (tmp_path / place / "artifacts" / "a" / "report" / "teardown.json").read_text(encoding="utf-8")
        )
        assert (report["event"], report["totals"]["changed"], report["totals"]["failed"]) == (place, 60, 0)
    assert simulator.stats()["peak_per_second"]["accepted"] <= 20
