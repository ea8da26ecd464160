# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

from __future__ import annotations

import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml
from docutils import core

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "tools"), str(ROOT / "tests" / "docs")]

import blocks  # noqa: E402
import check_links  # noqa: E402
import codes_page  # noqa: E402
import sources_page  # noqa: E402
import story  # noqa: E402
import webhooks  # noqa: E402

RST = """
Title
=====

.. run: exit 2

.. run: fault {"kind": "reset"}

.. code-block:: console

  $ false
  it said: no

Text.

.. run: file some/event.yml

.. code-block:: yaml

  a:

    - 1
  b: 2

..
  A comment, and no mark.

- In a list:

  .. code-block:: yaml

    - c
"""

MARKDOWN = """
# Title

<!-- run: offline -->
```yaml
- a
```

```yaml title=b.yml
b: 1
```

Text with `code`.
"""


def test_rst_gives_its_blocks_with_their_marks():
    console, named, listed = blocks.from_rst(RST)
    assert (console.language, console.marks) == (
        "console",
        {"exit": "2", "fault": '{"kind": "reset"}'},
    ) and console.text == "$ false\nit said: no\n"
    assert (named.file, named.text, named.marks) == ("some/event.yml", "a:\n\n  - 1\nb: 2\n", {})
    assert listed.text == "- c\n"
    assert RST.splitlines()[console.line - 1] == ".. code-block:: console"


def test_markdown_gives_its_blocks_with_their_marks():
    first, second = blocks.from_markdown(MARKDOWN)
    assert (first.text, first.marks, first.file) == ("- a\n", {"offline": ""}, "")
    assert (second.text, second.marks, second.file) == ("b: 1\n", {}, "b.yml")


def test_a_plugin_gives_its_examples():
    (found,) = blocks.from_plugin('DOCUMENTATION = "x"\nEXAMPLES = r"""\n- a\n"""\n')
    assert found.text == "\n- a\n" and blocks.from_plugin("x = 1") == []


@pytest.mark.parametrize("text", [".. run: exit 2\n\nText.\n", ".. run: exit 2\n", ".. run: excuse me\n"])
def test_a_mark_that_marks_nothing_is_an_error(text):
    with pytest.raises(ValueError, match="mark"):
        blocks.from_rst(text)
    with pytest.raises(ValueError, match="mark"):
        blocks.from_markdown(text.replace(".. ", "<!-- ").replace("2\n", "2 -->\n").replace("me\n", "me -->\n"))


def test_a_console_block_is_commands_and_what_they_show():
    block = blocks.Block(1, "console", "$ one \\\n> two\nshown\n\n$ three\n", "", {})
    assert blocks.commands(block) == [("one \\\ntwo", ["shown"]), ("three", [])]
    with pytest.raises(ValueError, match="begins with a command"):
        blocks.commands(block._replace(text="shown\n"))


def test_what_a_page_shows_has_to_come_in_its_order():
    assert blocks.is_shown(["a  b", "c … e"], "x a b y\nc d\ne") is None
    assert blocks.is_shown(["c", "a"], "a c") == "a"
    assert blocks.is_shown(["a.c"], "abc") == "a.c"


def test_a_story_keeps_its_shell_and_minds_what_it_shows(tmp_path):
    told = story.Story(tmp_path, dict(os.environ), lambda text: text.replace("8080", "9090"))
    try:
        told.tell(blocks.Block(1, "yaml", "port: 8080\n", "sub/a.yml", {}))
        told.tell(blocks.Block(2, "console", "$ cd sub\n$ export X=7\n$ cat a.yml\nport: 8080\n", "", {}))
        told.tell(blocks.Block(3, "console", "$ echo $X $(basename $PWD)\n7 sub\n", "", {}))
        told.tell(blocks.Block(4, "console", "$ true\n$ (exit 3)\n", "", {"exit": "3"}))
        told.tell(blocks.Block(5, "console", "$ echo ready; sleep 1000\nready\n", "", {"background": ""}))
        with pytest.raises(AssertionError, match="line 6.*exit code 1"):
            told.tell(blocks.Block(6, "console", "$ false\n", "", {}))
        with pytest.raises(AssertionError, match="does not show"):
            told.tell(blocks.Block(7, "console", "$ echo 7\n8\n", "", {}))
        with pytest.raises(AssertionError, match="does not show"):
            told.tell(blocks.Block(8, "console", "$ echo 8 >&2\n8\n8\n", "", {}))
    finally:
        told.close()


@pytest.mark.parametrize(
    ("chat", "body", "taken"),
    [
        ("wecom", {"msgtype": "markdown", "markdown": {"content": "\u53d1" * 1_365}}, True),
        ("wecom", {"msgtype": "markdown", "markdown": {"content": "\u53d1" * 1_366}}, False),
        ("wecom", {"msgtype": "text", "text": {"content": "a"}}, False),
        ("dingtalk", {"msgtype": "text", "text": {"content": "ZEGO: a"}}, True),
        ("dingtalk", {"msgtype": "text", "text": {"content": "a"}}, False),
        ("feishu", {"msg_type": "text", "content": {"text": "a"}}, True),
        ("feishu", {"msgtype": "text", "content": {"text": "a"}}, False),
        ("slack", {"text": "a &amp; b"}, True),
        ("slack", {"text": "a & b"}, False),
    ],
)
def test_the_stand_ins_of_the_chats_take_what_the_chats_take(chat, body, taken):
    chats = webhooks.Webhooks()
    try:
        answer = requests.post(chats.environment()[webhooks.VARIABLES[chat]], json=body, timeout=10)
    finally:
        chats.close()
    assert chats.take() == ([chat] if taken else []) and len(chats.refused) == (not taken)
    assert answer.status_code == (400 if chat == "slack" and not taken else 200)


PAGE = """# Here

[x](other.md) [x](other.md#the-other-page) [x](other.md#twice-1) [x](#here) [x](https://example.com/x)
[x](missing.md) [x](other.md#no-heading) [x](#there)

```text
[x](in-a-fence.md)
```
"""
OTHER = """# The `other` page

## Twice

## Twice

```text
# no heading
```
"""


def test_a_link_of_markdown_leads_to_a_page_and_a_heading(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    (tmp_path / "other.md").write_text(OTHER, encoding="utf-8")
    found = list(check_links.of_markdown(page, tmp_path))
    assert [line.split()[1].rstrip(":") for line in found] == ["missing.md", "other.md#no-heading", "#there"]


def test_an_address_of_this_repository_names_what_it_has(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "page.md").write_text("[x](missing.md)", encoding="utf-8")
    for name in ("a.yml", "b.py", "c.rst"):
        text = f"# {check_links.REPOSITORY}/blob/main/gone.md\n# {check_links.REPOSITORY}/tree/main/page.md\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    gone = [f"{name}: the repository has no gone.md" for name in ("a.yml", "b.py", "c.rst")]
    assert sorted(check_links.of_tree(tmp_path)) == [*gone, "page.md: missing.md leads nowhere"]


def test_a_page_of_the_tarball_links_nothing_that_the_tarball_lacks(tmp_path):
    galaxy = 'build_ignore:\n  - .ci\n  - "*.tmp"\n  - tests\nreadme: page.md\n'
    (tmp_path / "galaxy.yml").write_text(galaxy, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    links = "[a](tests/a.md) [b](docs/tests) [c](#here) [d](docs/x.tmp#y) [e](https://example.com/tests)"
    for name in ("page.md", "tests/page.md"):
        (tmp_path / name).write_text(links, encoding="utf-8")
    found = [line.split()[4].rstrip(":") for line in check_links.of_tarball(tmp_path / "page.md", tmp_path)]
    assert found == ["tests/a.md", "docs/x.tmp#y"]
    assert list(check_links.of_tarball(tmp_path / "tests" / "page.md", tmp_path)) == []


def test_a_link_of_the_site_leads_to_a_page_and_a_place(tmp_path):
    first = '<p id="here"><a href="b.html#there"></a><a href="#here"></a><a href="https://example.com/"></a>'
    second = '<a href="a.html#gone"></a><img src="gone.png"><a name="there"></a>'
    (tmp_path / "a.html").write_text(first, encoding="utf-8")
    (tmp_path / "b.html").write_text(second, encoding="utf-8")
    found = [line.partition(": ")[2] for line in check_links.of_site(tmp_path)]
    assert found == ["a.html#gone: there is no such place on that page", "gone.png leads nowhere"]
    assert "no page" in next(check_links.of_site(tmp_path / "b.html"))


def test_the_page_of_codes_is_in_step():
    for path, tables in codes_page.pages().items():
        page = path.read_text(encoding="utf-8")
        assert codes_page.mended(page, tables) == page, f"run {codes_page.COMMAND}"


def test_the_page_of_codes_has_every_code_and_all_advice():
    text = codes_page.tables()
    tables = [codes_page.codes.COMMON_CODES, *codes_page.codes.FAMILIES.values(), *codes_page.codes.PAGE_CODES.values()]
    codes = [f"``{code}``" for rows in tables for code in rows]
    codes += [f"``{row.code}``" for rows in codes_page.vendors.VENDOR_CODES.values() for row in rows if row.code]
    assert len(codes) > 150 and [code for code in codes if code not in text] == []
    assert [row.advice for rows in tables for row in rows.values() if row.advice not in text] == []


def test_the_page_of_codes_follows_the_code(monkeypatch):
    page = codes_page.PAGE.read_text(encoding="utf-8")
    rows = codes_page.codes.FAMILIES[codes_page.codes.MEDIA_FILES]
    monkeypatch.setitem(rows, 6, rows[6]._replace(policy=codes_page.codes.END))
    assert codes_page.mended(page, codes_page.tables()) != page
    with pytest.raises(SystemExit, match="no place"):
        codes_page.mended("no marks", "")


def test_the_page_of_the_event_sources_is_in_step_and_has_every_option():
    text = sources_page.page()
    assert sources_page.PAGE.read_text(encoding="utf-8") == text, f"run {sources_page.COMMAND}"
    for path in sources_page.SOURCES.glob("*.py"):
        options = yaml.safe_load(sources_page.documentation(path)["DOCUMENTATION"])["options"]
        assert len(options) > 10 and [name for name in options if f"``{name}`` (" not in text] == []
    assert sources_page.text_of("O(a) and V(b(c)) or C(d)") == "``a`` and ``b(c)`` or ``d``"


def test_a_code_block_that_github_would_not_show_is_refused():
    with pytest.raises(ValueError, match="GitHub shows nothing"):
        blocks.from_rst("::\n\n.. code-block:: yaml\n  :caption: a.yml\n\n  a: 1\n")


def test_no_two_guides_start_a_simulator_on_one_port():
    """Who reads one after the other has both running, and one ledger, which tells the addresses apart."""
    found = {}
    for path in GUIDES:
        for port in set(re.findall(r"--port (\d+)", path.read_text(encoding="utf-8"))):
            # A guide and its Chinese page are one.
            found.setdefault(port, set()).add(path.stem.removeprefix("zh_"))
    assert len(found) >= 2 and all(len(names) == 1 for names in found.values()), found


GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))


@pytest.mark.parametrize("path", GUIDES, ids=[path.stem for path in GUIDES])
def test_github_shows_the_whole_guide(path):
    """As GitHub renders reStructuredText: by docutils, without Sphinx's roles and directives, and with no file read."""
    text = path.read_text(encoding="utf-8")
    settings = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 2, "halt_level": 5}
    complaints = io.StringIO()
    page = core.publish_parts(
        text, source_path=path.name, writer_name="html5", settings_overrides={**settings, "warning_stream": complaints}
    )
    assert complaints.getvalue() == ""
    shown = html.unescape(re.sub(r"<[^>]+>", "", page["body"]))
    for block in blocks.from_rst(text):
        assert block.text.strip() in shown, f"line {block.line}"


@pytest.mark.parametrize("path", GUIDES, ids=[path.stem for path in GUIDES])
def test_the_paragraph_before_a_file_names_it(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    for block in blocks.from_rst("\n".join(lines) + "\n"):
        if block.file:
            before = [line for line in lines[: block.line - 1] if not line.startswith("..")]
            paragraph = "\n".join(before).rstrip().rpartition("\n\n")[2]
            assert f"``{block.file.rpartition('/')[2]}``" in paragraph or f"``{block.file}``" in paragraph, block.line
