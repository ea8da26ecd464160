# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The README has the order that its readers know, says what is so, and says the same in Chinese, as three guides do."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests" / "tools"), str(ROOT / "tests" / "docs")]

import blocks  # noqa: E402
import check_links  # noqa: E402
import codes_page  # noqa: E402
import codes_page_zh  # noqa: E402

# What certification asks for, in this order.
SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License",
]
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
GUIDES = ROOT / "docs" / "docsite" / "rst"
IN_CHINESE = ("quick_start", "teardown_from_ci", "errors")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read(path):
    return path.read_text(encoding="utf-8")


def number(version):
    return tuple(int(part) for part in version.split("."))


def sections(text, level="##"):
    """Return {heading: what stands below it} of one level."""
    return dict(re.findall(rf"^{level} (.*)\n((?:(?!^#{{2,{len(level)}}} ).*\n)*)", _FENCE.sub("", text), re.MULTILINE))


def version():
    return yaml.safe_load(read(ROOT / "galaxy.yml"))["version"]


def released():
    return list(yaml.safe_load(read(ROOT / "changelogs" / "changelog.yaml"))["releases"])


def test_the_sections_are_those_that_certification_asks_for():
    assert list(sections(read(READMES[0]))) == SECTIONS


def test_there_are_three_to_five_use_cases_each_with_its_file_and_its_command():
    text = read(READMES[0])
    start, end = text.index("\n## Use Cases\n"), text.index("\n## Testing\n")
    cases = re.split(r"^### ", text[start:end], flags=re.MULTILINE)[1:]
    assert 3 <= len(cases) <= 5
    for case in cases:
        listed = blocks.from_markdown(case)
        (file,) = [block.file for block in listed if block.language == "yaml"]
        (console,) = [block for block in listed if block.language == "console"]
        # It is run as it stands: nothing in it is skipped.
        assert file in console.text and not console.marks, case


def test_what_the_readme_shows_of_outcomes_is_what_its_playbook_printed():
    """The session examples runs both; this holds that there is no table of outcomes beside them."""
    listed = blocks.from_markdown(read(READMES[0]))
    (table,) = [block for block in listed if "already_stopped" in block.text]
    assert table.language == "console" and "skip" not in table.marks and "ansible-playbook stop.yml" in table.text
    assert [block.language for block in listed if block.file == "stop.yml"] == ["yaml"]
    assert "text" not in {block.language for block in listed}


@pytest.mark.parametrize("path", READMES, ids=[path.name for path in READMES])
def test_no_link_of_a_readme_is_relative(path):
    assert list(check_links.of_readme(path, ROOT)) == []


@pytest.mark.parametrize(
    "link",
    [
        "[x](docs/x.md)",
        "![x](x.png)",
        "[x](#here)",
        "[x][y]\n\n[y]: x.md",
        '<img src="x.png">',
        "[x](<a b>)",
        "[x](/y)",
    ],
)
def test_a_relative_link_is_named(tmp_path, link):
    page = tmp_path / "README.md"
    page.write_text(f"# x\n\n{link} [z](https://example.com/)\n\n```text\n[x](in-a-fence.md)\n```\n", encoding="utf-8")
    (told,) = check_links.of_readme(page, tmp_path)
    assert "relative" in told


def test_an_address_of_the_site_names_a_page_that_it_will_have(tmp_path):
    (tmp_path / "docs" / "docsite" / "rst").mkdir(parents=True)
    (tmp_path / "docs" / "docsite" / "rst" / "here.rst").write_text("", encoding="utf-8")
    page = tmp_path / "page.md"
    names = ("docsite/here", "docsite/gone", "zego_room_module")
    page.write_text("\n".join(f"<{check_links.SITE}/{name}.html#x>" for name in names), encoding="utf-8")
    found = list(check_links.of_site_addresses(page, tmp_path))
    assert found == ["page.md: the site has no docsite/gone.html", "page.md: the site has no zego_room_module.html"]


@pytest.mark.parametrize("path", READMES, ids=[path.name for path in READMES])
def test_each_badge_is_true(path):
    """A badge of a workflow shows what GitHub knows of it; any other one says what a file of this tree says."""
    badges = re.findall(r"^\[!\[([^\]]+)\]\(([^)]+)\)\]\(([^)]+)\)$", read(path), re.MULTILINE)
    assert len(badges) == 4
    for _text, image, _link in badges:
        workflow = re.fullmatch(
            re.escape(check_links.REPOSITORY) + r"/actions/workflows/(\S+)/badge\.svg\?branch=main", image
        )
        if workflow:
            assert (ROOT / ".github" / "workflows" / workflow[1]).is_file()
            continue
        label, said = re.fullmatch(r"https://img\.shields\.io/badge/((?:[^-]|--)+)-(.+)-blue", image).groups()
        said = unquote(said).replace("--", "-")
        if label == "ansible--core":
            assert said + ".0" == yaml.safe_load(read(ROOT / "meta" / "runtime.yml"))["requires_ansible"]
        else:
            assert label == "license" and said in yaml.safe_load(read(ROOT / "galaxy.yml"))["license"]


def test_the_versions_that_the_readme_names_are_those_that_exist():
    text = read(READMES[0])
    example = yaml.safe_load(read(ROOT / "examples" / "requirements.yml"))["collections"][0]["version"]
    assert re.findall(r"\.git,([\d.]+)$", text, re.MULTILINE) == [example] and example in released()
    (pinned,) = re.findall(r"zego\.cloud:==([\d.]+)$", text, re.MULTILINE)
    assert pinned in (version(), max(released(), key=number))
    # What comes next has not been released.
    (coming,) = re.findall(r"^Next is ([\d.]+\d)", text, re.MULTILINE)
    assert number(coming) >= number(version()) and coming not in released()
    assert f"下一个版本是 {coming}" in read(READMES[1])


def links(text):
    """Return the links of a page; those to a page in the other language are the same."""
    found = re.findall(r"\]\((\S+?)\)", _FENCE.sub("", text))
    return sorted(link.replace("README.zh-CN.md", "README.md").replace("/docsite/zh_", "/docsite/") for link in found)


def shape(text):
    """Return the levels of the headings."""
    return [len(level) for level in re.findall(r"^(#+) ", _FENCE.sub("", text), re.MULTILINE)]


def without_lines(listed):
    return [block._replace(line=0) for block in listed]


def test_the_chinese_readme_says_all_of_it():
    english, chinese = map(read, READMES)
    assert without_lines(blocks.from_markdown(english)) == without_lines(blocks.from_markdown(chinese))
    assert shape(english) == shape(chinese)
    assert links(english) == links(chinese)
    # Each paragraph, item and row has its own.
    kinds = [re.findall(r"^(\||- |### |## )", _FENCE.sub("", text), re.MULTILINE) for text in (english, chinese)]
    assert kinds[0] == kinds[1]
    assert set(re.findall(r"`[\w.]+(?:_[\w.]+)+`", english)) == set(re.findall(r"`[\w.]+(?:_[\w.]+)+`", chinese))
    headings = re.findall(r"^##+ (.*)$", chinese, re.MULTILINE)
    assert [heading for heading in headings if not codes_page_zh.is_chinese(heading)] == []


def titles(text):
    """Return the underlines of the titles of a guide, one character each."""
    return [line[0] for line in text.splitlines() if re.fullmatch(r"([=~-])\1{2,}", line)]


def guides_of(addresses):
    """Return addresses without the language of the guides that they name."""
    return sorted(link.replace("/docsite/zh_", "/docsite/") for link in addresses)


@pytest.mark.parametrize("name", IN_CHINESE)
def test_a_chinese_guide_says_all_that_the_english_one_says(name):
    english, chinese = read(GUIDES / f"{name}.rst"), read(GUIDES / f"zh_{name}.rst")
    assert without_lines(blocks.from_rst(english)) == without_lines(blocks.from_rst(chinese))
    assert titles(english) == titles(chinese)
    for sign in (r"^(?: *\* - | +- |- |\d\. )", r"^\.\. (?!run:|code-block|_)\S+"):
        counts = [len(re.findall(sign, text, re.MULTILINE)) for text in (english, chinese)]
        assert counts[0] == counts[1], sign
    addresses = [re.findall(r"<(https://[^>]+)>`__", text) for text in (english, chinese)]
    assert guides_of(addresses[0]) == guides_of(addresses[1])
    assert f"{check_links.SITE}/docsite/zh_{name}.html" in english
    assert f"{check_links.SITE}/docsite/zh_{name}.html" in read(READMES[0])
    assert f"{check_links.SITE}/docsite/zh_{name}.html" in read(READMES[1])


def test_each_cell_of_the_chinese_tables_is_chinese():
    text = codes_page_zh.in_chinese(codes_page.tables(), codes_page.CHINESE.told)
    cells = [cell for _sign, cell in re.findall(r"^(  \* - |    - )(.*)$", text, re.MULTILINE)]
    assert len(cells) > 500
    left = [cell for cell in cells if codes_page_zh.has_words(cell) and not codes_page_zh.is_chinese(cell)]
    assert left == []
    with pytest.raises(ValueError, match="no Chinese for: Something new"):
        codes_page_zh.of_cell("Something new", str)
