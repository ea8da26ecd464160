# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""No expression of the project's Python is too dense to read: what ruff has no rule for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def python_files():
    """Return the files that the rule holds for. tests/output has copies of the tree."""
    found = [ROOT / "noxfile.py"]
    for folder in ("docs", "plugins", "tests"):
        found += sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if ROOT / "tests" / "output" not in path.parents]


def expressions(statement):
    """Yield the whole expressions of a statement, without those of the statements inside it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child
        elif not isinstance(child, ast.stmt):
            # Such as an item of `with`, or the arguments of a function with their defaults.
            yield from expressions(child)


def count(expression, kinds):
    """Return how many nodes of these kinds an expression has, itself included."""
    return sum(isinstance(node, kinds) for node in ast.walk(expression))


def too_dense(source):
    """Return a line for each nested conditional expression, and for each expression of several comprehensions."""
    problems = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.IfExp) and count(node, ast.IfExp) > 1:
            problems.append(f"{node.lineno}: one conditional expression inside another")
        if isinstance(node, ast.stmt):
            for expression in expressions(node):
                if count(expression, COMPREHENSIONS) > 1:
                    problems.append(f"{expression.lineno}: more than one comprehension in an expression")
    return problems


def test_no_expression_is_too_dense():
    problems = []
    for path in python_files():
        for problem in too_dense(path.read_text(encoding="utf-8")):
            problems.append(f"{path.relative_to(ROOT)}:{problem}")
    assert not problems, "\n".join(["Give the inner one a name, or write a loop:", *problems])


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 if a else 2 if b else 3",
        "x = (1 if a else 2) if b else 3",
        "x = 1 if (2 if a else b) else 3",
        "x = [[a for a in b] for b in c]",
        "assert {a for a in b} == {a: 1 for a in c}",
        "with f([a for a in b], all(a for a in c)) as x:\n    pass",
        "def f(x=[a for a in b] + [a for a in c]):\n    pass",
        "@f([a for a in b] + [a for a in c])\ndef g():\n    pass",
        "try:\n    pass\nexcept E:\n    x = lambda: [[a for a in b] for b in c]",
    ],
)
def test_an_expression_that_is_too_dense_is_found(source):
    assert len(too_dense(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 if a else 2\ny = 1 if b else 2",
        "x = f(1 if a else 2, 1 if b else 2)",
        "x = [a for b in c for a in b if a]",
        "for x in [a for a in b]:\n    y = [a for a in x]",
        "with f(a for a in b) as x, f(a for a in c) as y:\n    pass",
        "if any(a for a in b):\n    x = 1\nelif any(a for a in c):\n    x = 2",
    ],
)
def test_what_reads_well_is_left_alone(source):
    assert too_dense(source) == []
