# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All forms of a report are written, and none of an earlier run stands beside them as if it were of this one."""

from __future__ import annotations

import json

import pytest

from ansible_collections.zego.cloud.plugins.plugin_utils import _files
from ansible_collections.zego.cloud.plugins.plugin_utils._forms import writing
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import verdict
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import report as _report
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown import result as _result
from ansible_collections.zego.cloud.tests.unit.plugins.plugin_utils.events import facts, frozen, steps

ALL = list(writing.FORMS)
FILES = {"teardown.json", "teardown.xml", "teardown.md", "teardown.html"}


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_every_form_is_written(tmp_path):
    report = _report.build(facts())
    written = writing.write_report(report, str(tmp_path / "a" / "b"), ALL)
    assert names(tmp_path / "a" / "b") == FILES and not written.lost and not written.warnings
    assert json.loads((tmp_path / "a" / "b" / "teardown.json").read_text(encoding="utf-8")) == report
    assert written.folder == str(tmp_path / "a" / "b") and set(written.reports) == set(ALL)


def test_what_people_read_is_in_their_language(tmp_path):
    report = _report.build(facts())
    writing.write_report(report, str(tmp_path / "zh"), ALL, str(tmp_path / "summary"), "zh")
    writing.write_report(report, str(tmp_path / "en"), ALL)
    texts = {(path.parent.name, path.name): path.read_text(encoding="utf-8") for path in tmp_path.glob("*/*")}
    for name in ("teardown.json", "teardown.xml"):
        assert texts["zh", name] == texts["en", name]
    for name in ("teardown.md", "teardown.html"):
        assert "收尾报告" in texts["zh", name] and "收尾报告" not in texts["en", name]
    assert texts["zh", "teardown.md"] in (tmp_path / "summary").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("more", [{}, {"check_mode": True}, {"interrupted": True}, {"event": "<发布会> & \ud800"}])
def test_a_form_that_is_not_wanted_any_more_is_taken_away(tmp_path, more, language):
    writing.write_report(_report.build(facts(**more)), str(tmp_path), ALL, language=language)
    assert names(tmp_path) == FILES
    writing.write_report(_report.build(facts()), str(tmp_path), ["json"])
    assert names(tmp_path) == {"teardown.json"}


def test_a_page_of_an_earlier_version_is_taken_away(tmp_path):
    (tmp_path / "teardown.html").write_text("<html><title>OK: teardown of night</title></html>", encoding="utf-8")
    writing.write_report(_report.build(facts()), str(tmp_path), ["json"])
    assert names(tmp_path) == {"teardown.json"}


def test_a_file_of_somebody_else_is_left_alone(tmp_path):
    for ending in ("xml", "md", "html"):
        (tmp_path / f"teardown.{ending}").write_text("<?xml ?><x/> # How to tear down a stage", encoding="utf-8")
    writing.write_report(_report.build(facts()), str(tmp_path), ["json"])
    assert names(tmp_path) == FILES


def test_a_form_that_cannot_be_written_takes_no_other_along_and_leaves_no_old_one(tmp_path, monkeypatch):
    writing.write_report(_report.build(facts()), str(tmp_path), ALL)
    real = _files.write_file

    def write(path, content):
        if path.endswith((".xml", ".md")):
            raise OSError(28, "No space left on device", path)
        real(path, content)

    monkeypatch.setattr(_files, "write_file", write)
    written = writing.write_report(_report.build(facts()), str(tmp_path), ALL)
    assert names(tmp_path) == {"teardown.json", "teardown.html"} and list(written.lost) == ["junit", "markdown"]
    assert written.lost["junit"] == f"{tmp_path}/teardown.xml: No space left on device"
    monkeypatch.setattr(_files, "discard_file", lambda path: "it is busy")
    written = writing.write_report(_report.build(facts()), str(tmp_path), ["junit"])
    assert written.lost["junit"].endswith("; the one of an earlier run is still there: it is busy")
    assert written.folder == "" and "it is busy" in written.warnings[0]


def test_without_a_folder_the_summary_is_written_nevertheless(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    written = writing.write_report(_report.build(facts()), str(tmp_path / "file"), ALL, str(tmp_path / "summary"))
    assert list(written.lost) == ["folder"] and written.folder == "" and not written.reports
    assert "# ✅ Teardown of `Launch night`" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert not writing.write_report(_report.build(facts()), str(tmp_path / "file"), []).lost


def many(count):
    streams = [f"a-rather-long-name-of-a-stream-{number}" for number in range(count)]
    return _report.build(facts({"streams": {"Tencent": streams}}, [], frozen(*streams[::2])))


@pytest.mark.parametrize("left", [0, 100, 500, 2_000, 20_000, 200_000, 600_000])
def test_no_more_is_added_to_a_summary_than_github_takes(tmp_path, left):
    path = tmp_path / "summary"
    others = "x" * (_files.SUMMARY_BYTES - left - 1) + "\n"
    path.write_text(others, encoding="utf-8")
    for _run in range(2):
        written = writing.write_report(many(5_000), str(tmp_path / "report"), ["json"], str(path))
        text = path.read_text(encoding="utf-8")
        assert text.startswith(others) and len(text.encode("utf-8")) <= _files.SUMMARY_BYTES
        assert bool(written.warnings) == (text == others) == (left <= 100)
        assert "full (1 MiB)" in written.warnings[0] if written.warnings else "# ❌ Teardown of" in text
    assert ("The whole report does not fit here" in text) == (left == 500)
    assert left < 20_000 or "All 5000 streams" in text


def test_the_old_report_does_not_stay_in_a_summary_that_is_full(tmp_path):
    path = tmp_path / "summary"
    writing.write_report(_report.build(facts()), "", [], str(path))
    path.write_text(path.read_text(encoding="utf-8") + "x" * _files.SUMMARY_BYTES, encoding="utf-8")
    written = writing.write_report(_report.build(facts()), "", [], str(path))
    assert written.warnings and path.read_text(encoding="utf-8") == "x" * _files.SUMMARY_BYTES


def test_the_summary_of_a_pipeline_can_be_a_link_or_a_device(tmp_path):
    (tmp_path / "real").write_bytes(b"\xff before\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    writing.write_report(_report.build(facts()), "", [], str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes().startswith(b"\xff before\n<!-- BEGIN")
    assert not writing.write_report(_report.build(facts()), "", [], "/dev/null").lost
    lost = writing.write_report(_report.build(facts()), "", [], str(tmp_path / "none" / "summary")).lost
    assert list(lost) == ["summary of the CI job"]


def test_an_interrupted_run_says_so_in_every_form(tmp_path, valid):
    known = facts(interrupted=True, steps=steps("discover", "recordings"), fail_on=[])
    report = valid(_report.build(known))
    assert report["failed"] and report["interrupted"]
    # What came back counts. What did not is not known.
    assert report["totals"]["changed"] == 5 and [room["outcome"] for room in report["rooms"]] == ["unknown", "unknown"]
    assert "does not know whether this was done" in report["rooms"][0]["message"]
    # Nothing says that these failed. The numbers are those of the other forms.
    assert "; 5 changed, 0 unchanged, 0 failed or not known of 5 streams; " in verdict(report)
    assert "3 more of which nobody knows, or that failed" in verdict(report) and "further" not in verdict(report)
    writing.write_report(report, str(tmp_path), ALL)
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert "what is known at " in texts[".md"] and "what is known at " in texts[".html"]
    assert "took" not in texts[".html"].partition("<main")[0]
    assert '"interrupted": true' in texts[".json"] and 'name="interrupted teardown of' in texts[".xml"]
    assert texts[".md"].startswith("# ❌ Interrupted: Teardown of") and "</span> Interrupted</strong>" in texts[".html"]
    assert "interrupted" not in _report.build(facts())


def test_a_rehearsal_that_was_interrupted_calls_nothing_stopped(tmp_path):
    report = _report.build(facts(interrupted=True, check_mode=True, steps=steps("discover", "recordings")))
    writing.write_report(report, str(tmp_path), ["html"])
    page = (tmp_path / "teardown.html").read_text(encoding="utf-8")
    assert "failed or not known" in page and "would be stopped" in page and "stopped now" not in page


def test_a_run_that_was_interrupted_while_it_waited_for_files_calls_none_missing():
    known = facts(interrupted=True, wait_for_files=True, steps=steps("discover", "recordings", "relays", "rooms"))
    report = _report.build(known)
    assert report["files"] == dict.fromkeys(report["files"], 0)
    (failure,) = report["failures"]
    assert failure["step"] == "files" and failure["name"] == "Wait for the recorded files" and failure["counts"]
    assert [step["status"] for step in report["timeline"] if step["step"] == "files"] == ["failed"]
    # Before anything was stopped, nobody knows which files it would have waited for.
    first = _report.build({**known, "steps": steps("discover"), "results": {}})
    (entry,) = [step for step in first["timeline"] if step["step"] == "files"]
    assert (entry["status"], entry["summary"]) == ("failed", "unknown")


def test_a_run_that_was_interrupted_before_the_first_step_kept_no_room_open():
    report = _report.build(facts(interrupted=True, steps=[], results={}))
    assert {room["outcome"] for room in report["rooms"]} == {"unknown"} and report["totals"]["failed"] == 5
    assert "0 changed, 0 unchanged, 5 failed or not known of 5 streams" in verdict(report)
    assert not any("left open" in failure["message"] for failure in report["failures"])


def test_a_rehearsal_says_so_in_every_form(tmp_path):
    writing.write_report(_report.build(facts(check_mode=True)), str(tmp_path), ALL)
    for path in tmp_path.iterdir():
        assert ("rehearsal" in path.read_text(encoding="utf-8").lower()) != (path.suffix == ".json")
    assert json.loads((tmp_path / "teardown.json").read_text(encoding="utf-8"))["check_mode"] is True


def test_the_fact_names_failed_streams_with_code_and_advice():
    report = _report.build(facts(entry=frozen("stage-2")))
    found = _result.run_result(report, failure="why", short="s", report_dir="d", reports={"json": "d/teardown.json"})
    (failed,) = found["failed_streams"]
    assert failed["stream_id"] == "stage-2" and failed["vendor"] == "Tencent"
    assert failed["code"] == "ResourceNotFound.FreezeService" and "Settle that" in failed["message"]
    assert found["failed"] and found["msg"] == "why" and found["totals"] == report["totals"]
    assert (
        found["short"] == "s" and found["files"] == report["files"] and found["reports"] == {"json": "d/teardown.json"}
    )
    refused = _result.no_result("Launch night", "no vendor", short="said", check_mode=True)
    assert set(refused) == set(found) and refused["failed"] and refused["totals"]["total"] == 0
    assert set(refused["files"]) == set(found["files"]) and refused["short"] == "said"
    stats = _result.run_stats(report, found)
    assert stats["failed_streams"] == ["stage-2"] and stats["report_dir"] == "d" and stats["failed"] is True
