# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Writes the page on the event sources from their DOCUMENTATION: neither antsibull-docs nor ansible-doc knows sources.

``python sources_page.py`` writes the page; with ``--check`` it only tells whether the page is in step.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "extensions" / "eda" / "plugins" / "event_source"
PAGE = ROOT / "docs" / "docsite" / "rst" / "event_sources.rst"
COMMAND = "python tests/tools/sources_page.py"
WIDTH = 120
HEAD = """..
  Copyright (c) 2026, the zego.cloud authors
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. tests/tools/sources_page.py writes this page of the sources' DOCUMENTATION

.. _ansible_collections.zego.cloud.docsite.event_sources:

Event sources
=============

For ansible-rulebook, part of Event-Driven Ansible.
`React to recorded files <https://zego-cloud.github.io/ansible-collection-zego.cloud/docsite/react_to_recorded_files.html>`__
shows them at work.
"""


def documentation(path):
    """Return {name: text} of the DOCUMENTATION and the EXAMPLES of a source, which is not imported."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        name = getattr(node.targets[0], "id", "") if isinstance(node, ast.Assign) else ""
        if name in ("DOCUMENTATION", "EXAMPLES"):
            found[name] = ast.literal_eval(node.value)
    return found


def text_of(paragraph):
    """Return a paragraph with Ansible's marks as reStructuredText."""
    return re.sub(r"\b[OVC]\(([^()]*(?:\([^()]*\))?[^()]*)\)", r"``\1``", str(paragraph))


def wrapped(text, indent=""):
    """Return a paragraph as lines of the page."""
    options = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), **options)


def paragraphs(value, indent=""):
    """Yield the lines of one or several paragraphs."""
    for paragraph in value if isinstance(value, list) else [value]:
        yield from wrapped(text_of(paragraph), indent)
        yield ""


def shown(value):
    """Return a default, or a choice, as the page shows it."""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return f"``{str(value).lower() if isinstance(value, bool) else value}``"


def facts(option):
    """Yield what there is to know about an option beside its description."""
    elements = f" of {option['elements']}" if option.get("elements") else ""
    yield f"{option['type']}{elements}"
    if option.get("required"):
        yield "required"
    if option.get("choices"):
        yield f"one of {shown(option['choices'])}" if option["type"] != "list" else f"of {shown(option['choices'])}"
    if option.get("default") is not None and option.get("default") != option.get("choices"):
        yield f"by default {shown(option['default'])}"
    if option.get("env"):
        yield f"else from the environment variable ``{option['env']}``"


def source(path):
    """Yield the lines of a source."""
    found = documentation(path)
    about = yaml.safe_load(found["DOCUMENTATION"])
    title = f"zego.cloud.{path.stem}"
    yield from (title, "-" * len(title), "")
    yield from paragraphs(f"{about['short_description']}. New in version {about['version_added']}.")
    yield from paragraphs(about["description"])
    if about.get("requirements"):
        yield from paragraphs(f"It needs {', '.join(about['requirements'])} where ansible-rulebook runs.")
    yield from ("Options", "~" * 7, "")
    for name, option in sorted(about["options"].items(), key=lambda item: not item[1].get("required")):
        # A term is one line, however long.
        yield f"``{name}`` ({'; '.join(facts(option))})"
        yield from paragraphs(option["description"], "  ")
    yield from ("Notes", "~" * 5, "")
    for note in about["notes"]:
        yield from wrapped(text_of(note), "- ")
    yield from ("", "Example", "~" * 7, "", ".. run: skip the session eda runs a rulebook with it", "")
    yield from (".. code-block:: yaml", "")
    yield from (f"  {line}" if line else "" for line in found["EXAMPLES"].strip().splitlines())
    yield ""


def page():
    """Return the whole page."""
    lines = [line for path in sorted(SOURCES.glob("*.py")) for line in source(path)]
    return HEAD + "\n" + "\n".join(lines).rstrip() + "\n"


def main():
    """Write the page, or tell whether it is in step."""
    new = page()
    if "--check" in sys.argv[1:]:
        old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        sys.exit(None if new == old else f"{PAGE.relative_to(ROOT)} is not in step with the sources: {COMMAND}")
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
