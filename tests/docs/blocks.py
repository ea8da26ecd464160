# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reads the examples out of a page: reStructuredText, Markdown, or the EXAMPLES of a plugin.

What no reader needs stands in a comment right before the example: ``.. run: KEY VALUE`` or ``<!-- run: KEY VALUE -->``.

=============  =========================================================================================
``skip WHY``   it is not run; why not
``exit N``     the (last) command ends with this exit code instead of 0
``fault JSON`` the simulator has this fault from then on
``offline``    nothing is sent to the API
``background`` the command goes on while the page goes on
``tells CHATS`` these chats (see webhooks.py) have been sent a message by then, and no other chat
``warns WORDS`` it warns, in these words
``same FILE``  it is this file of the repository, without its licence header; that file is run by a test of its own
``file NAME``  it is this file of the reader's, which the paragraph before names (in Markdown: ``title=NAME``). No
               ``:caption:``, since GitHub shows nothing of a block that has one
=============  =========================================================================================
"""

from __future__ import annotations

import ast
import re
import textwrap
from typing import NamedTuple

MARKS = ("skip", "exit", "fault", "offline", "background", "tells", "warns", "same", "file")
_RST_MARK = re.compile(r"\.\. run: (\w+) ?(.*)$")
_RST_BLOCK = re.compile(r"(\s*)\.\. code-block:: (\S+)$")
_MD_MARK = re.compile(r"<!-- run: (\w+) ?(.*?) ?-->$")
_MD_BLOCK = re.compile(r"```(\w+)(?: title=(\S+))?$")


class Block(NamedTuple):
    """An example: where it stands, its language, its text, the name of the file that it is (or ''), and its marks."""

    line: int
    language: str
    text: str
    file: str
    marks: dict[str, str]


def _mark(marks, found, number):
    if found[1] not in MARKS:
        raise ValueError(f"line {number}: {found[1]} is not a mark; there are {', '.join(MARKS)}")
    marks[found[1]] = found[2]


def from_rst(text):
    """Return the blocks of a page in reStructuredText."""
    lines, blocks, marks, number = text.splitlines(), [], {}, 0
    while number < len(lines):
        line = lines[number]
        number += 1
        mark, block = _RST_MARK.match(line.strip()), _RST_BLOCK.match(line)
        if mark:
            _mark(marks, mark, number)
        elif block:
            begin, indent = number, len(block[1]) + 1
            while number < len(lines) and (
                not lines[number].strip() or len(lines[number]) - len(lines[number].lstrip()) >= indent
            ):
                number += 1
            body = textwrap.dedent("\n".join(lines[begin:number])).strip("\n")
            if body.startswith(":"):
                raise ValueError(f"line {begin}: GitHub shows nothing of a code block with options")
            blocks.append(Block(begin, block[2], body + "\n", marks.pop("file", ""), marks))
            marks = {}
        elif line.strip():
            _unused(marks, number)
    _unused(marks, number)
    return blocks


def from_markdown(text):
    """Return the blocks of a page in Markdown."""
    lines, blocks, marks, number = text.splitlines(), [], {}, 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        mark, block = _MD_MARK.match(line), _MD_BLOCK.match(line)
        if mark:
            _mark(marks, mark, number)
        elif block:
            begin = number
            while lines[number].strip() != "```":
                number += 1
            blocks.append(
                Block(begin, block[1], textwrap.dedent("\n".join(lines[begin:number])) + "\n", block[2] or "", marks)
            )
            marks = {}
            number += 1
        elif line:
            _unused(marks, number)
    _unused(marks, number)
    return blocks


def from_plugin(text):
    """Return the one block that a plugin's EXAMPLES are, none where it has none."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return [Block(node.lineno, "yaml", ast.literal_eval(node.value), "", {})]
    return []


def _unused(marks, number):
    if marks:
        raise ValueError(f"line {number}: a mark stands before no example")


def read(path):
    """Return the blocks of a file, whatever it is."""
    readers = {".rst": from_rst, ".md": from_markdown, ".py": from_plugin}
    try:
        return readers[path.suffix](path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


class Command(NamedTuple):
    """A command that a reader pastes, and the lines that the page shows after it."""

    text: str
    shown: list[str]


def commands(block):
    """Return the commands of a console block: ``$ `` begins one, ``> `` goes on with it, all else is shown."""
    found = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], []))
        elif line.startswith("> ") and found and not found[-1].shown:
            found[-1] = Command(f"{found[-1].text}\n{line[2:]}", [])
        elif line.strip() and found:
            found[-1].shown.append(line)
        elif line.strip():
            raise ValueError(f"line {block.line}: a console block begins with a command")
    return found


def is_shown(shown, output):
    """Return the first line of ``shown`` that ``output`` lacks, in this order, or None. ``…`` stands for anything."""
    rest = " ".join(output.split())
    for line in shown:
        parts = [re.escape(" ".join(part.split())) for part in line.split("…")]
        found = re.search(r"\s*.*?\s*".join(parts), rest)
        if not found:
            return line
        rest = rest[found.end() :]
    return None
