# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What would let ``make test-mutants`` say more than it has shown."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "mutants"
sys.path.insert(0, str(ROOT / "tests" / "tools"))
sys.path.insert(0, str(FOLDER))

from faults import FAULTS, Fault  # noqa: E402

# By its path: tests/integration has a run.py, too.
_spec = importlib.util.spec_from_file_location("mutants_run", FOLDER / "run.py")
mutants = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(mutants)

SOURCE = "class Door:\n    def is_open(self):\n        return self.key == 1\n\n\ndef is_open():\n    return 1 == 1\n"
FAULT = Fault("open", "The door stays shut.", "Door.is_open", "== 1", "!= 1")


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "door.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "README.md").write_text("The door\nstays shut.\n", encoding="utf-8")
    return tmp_path


class _Tests:
    """Stands in for the tests: green for the source as it is, red by ``killer`` for any other, or by ``flaky``."""

    def __init__(self, tree, killer, flaky=None):
        self._source, self._killer, self._flaky = tree / "plugins" / "door.py", killer, flaky

    def first_failed(self, scenarios):
        return None if self._source.read_text(encoding="utf-8") == SOURCE else self._killer

    def fails_again(self, names):
        return self._flaky if self._flaky in names else None


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_each_fault_applies_and_breaks_a_promise_that_is_made(fault):
    place = mutants.find(ROOT / "plugins", fault.function)
    text = place.path.read_text(encoding="utf-8")
    assert mutants.mutated(text, place, fault) != text
    mutants.check_promise(ROOT, fault)


def test_at_least_twenty_faults_have_names_of_their_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20


def test_a_killed_mutant_is_named_with_its_test_and_undone(tree, capsys):
    assert mutants.run(tree, [FAULT], _Tests(tree, "test_door.py::test_shut")) == 0
    assert "killed    open by test_door.py::test_shut" in capsys.readouterr().out
    assert (tree / "plugins" / "door.py").read_text(encoding="utf-8") == SOURCE


def test_a_survivor_is_told_with_its_promise_and_counts(tree, capsys):
    assert mutants.run(tree, [FAULT], _Tests(tree, None)) == 1
    assert capsys.readouterr().out.endswith("SURVIVED  open: The door stays shut.\n0 of 1 killed\n")


def test_a_survivor_is_an_exit_status(tree, monkeypatch):
    monkeypatch.setattr(mutants, "FAULTS", [FAULT])
    monkeypatch.setattr(mutants.copies, "update", lambda root, copy: tree)
    for killer, status in (("test", 0), (None, 1)):
        monkeypatch.setattr(mutants, "QuickTests", lambda copy, killer=killer: _Tests(tree, killer))
        assert mutants.main([]) == status


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"old": "== 2"}, "Door.is_open holds '== 2' 0 times instead of once"),
        ({"old": "s"}, "Door.is_open holds 's' 3 times instead of once"),
        ({"function": "is_open"}, "one function is_open was expected below plugins, and there is: door.py, door.py"),
        ({"function": "Door.close"}, "one function Door.close was expected below plugins, and there is: none"),
        ({"new": "=="}, "Door.is_open is no Python any more"),
        ({"promise": "The window stays shut."}, "README.md does not promise 'The window stays shut.'"),
    ],
)
def test_a_fault_that_does_not_apply_is_an_error_before_any_test_runs(tree, changes, sentence):
    with pytest.raises(mutants.Unusable) as refused:
        mutants.run(tree, [FAULT._replace(**changes)], None)
    assert sentence in str(refused.value)


def test_red_tests_are_no_proof(tree):
    (tree / "plugins" / "door.py").write_text(SOURCE + "\n", encoding="utf-8")
    with pytest.raises(mutants.Unusable, match="without any fault, test_door.py::test_shut fails"):
        mutants.run(tree, [FAULT], _Tests(tree, "test_door.py::test_shut"))


def test_a_test_that_fails_now_and_then_is_no_proof(tree):
    flaky = "test_door.py::test_shut"
    with pytest.raises(mutants.Unusable, match=f"{flaky} fails without any fault, too"):
        mutants.run(tree, [FAULT], _Tests(tree, flaky, flaky))


def test_a_name_that_is_no_fault_is_an_error(capsys):
    assert mutants.main(["no-such-fault"]) == 1
    assert "there is no fault no-such-fault" in capsys.readouterr().err


# What the commands print and exit with, as programs of one line.
GREEN, RED, BROKEN = "pass", "print('FAILED tests/unit/plugins/test_a.py::test_b - assert 1'); exit(1)", "exit(2)"
UNLOADED = "print('FAILED tests/unit/plugins/test_a.py::test_b - NameError: x'); exit(1)"


@pytest.mark.parametrize(("program", "killer"), [(GREEN, None), (RED, "test_a.py::test_b")])
def test_a_test_that_failed_is_what_kills(tree, program, killer):
    (tree / "a" / "b" / "c").mkdir(parents=True)
    quick = mutants.QuickTests(tree / "a" / "b" / "c")
    assert quick.run(("-c", program), mutants.UNIT_TEST) == killer


@pytest.mark.parametrize(
    ("program", "sentence"), [(BROKEN, "the tests could not run"), (UNLOADED, "the mutant cannot be loaded")]
)
def test_tests_that_do_not_run_kill_nothing(tree, program, sentence):
    (tree / "a" / "b" / "c").mkdir(parents=True)
    quick = mutants.QuickTests(tree / "a" / "b" / "c")
    with pytest.raises(mutants.Unusable, match=sentence):
        quick.run(("-c", program), mutants.UNIT_TEST)
