# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Checks that the links inside the documentation lead somewhere. Nothing is fetched.

``python check_links.py`` checks the tree: relative links and their anchors in Markdown, that a README has none, that a
page of the tarball links nothing that the tarball lacks, and what addresses of this repository on GitHub, and of its
site, name in pages, YAML and Python.
``python check_links.py FOLDER`` checks every link of the HTML site in a folder that does not leave it.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/zego-cloud/ansible-collection-zego.cloud"
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)")
_HEADING = re.compile(r"^#+ +(.+?) *#*$", re.MULTILINE)
_IGNORED = re.compile(r"^build_ignore:\n((?: +- .*\n?)+)", re.MULTILINE)
_ANY_LINK = re.compile(r"\]\(<?([^)\s>]+)|^ *\[[^\]]+\]: *<?(\S+?)>?(?: |$)|(?:href|src)=\"([^\"]*)\"", re.MULTILINE)
_OWN = re.compile(re.escape(REPOSITORY) + r"/(?:blob|tree|edit)/main/([^\s)>`\"'#]+)")


SITE = "https://zego-cloud.github.io/ansible-collection-zego.cloud"
_ON_SITE = re.compile(re.escape(SITE) + r"/([\w/]+)\.html")
# What a page of the site is made of: a guide, or a plugin, a module or a role with the kind behind its name.
_SOURCES = (
    (r"docsite/(\w+)", "docs/docsite/rst/{}.rst"),
    (r"(\w+)_module", "plugins/modules/{}.py"),
    (r"(\w+)_filter", "plugins/filter/{}.py"),
    (r"(\w+)_role", "roles/{}/meta/argument_specs.yml"),
    (r"(index|changelog|environment_variables)", "docs/docsite/extra-docs.yml"),
)


def of_site_addresses(path, root):
    """Yield a sentence for each address of the site in a file that names a page that the site will not have."""
    for name in _ON_SITE.findall(path.read_text(encoding="utf-8")):
        found = [(re.fullmatch(page, name), source) for page, source in _SOURCES]
        if not any(match and (root / source.format(match[1])).exists() for match, source in found):
            yield f"{path.relative_to(root)}: the site has no {name}.html"


def of_readme(path, root):
    """Yield a sentence for each link of a README that is not a whole address: Galaxy shows the page somewhere else."""
    for found in _ANY_LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        link = next(filter(None, found), "")
        if urlsplit(link).scheme not in ("http", "https", "mailto"):
            yield f"{path.relative_to(root)}: {link} is relative: Galaxy cannot follow it"


def anchors(text):
    """Return the anchors that GitHub makes of a Markdown page's headings."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading).lower()
        base = name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found


def kept_out(path, root):
    """Tell whether build_ignore in galaxy.yml keeps a file, or a folder above it, out of the tarball."""
    galaxy = root / "galaxy.yml"
    listed = _IGNORED.search(galaxy.read_text(encoding="utf-8")) if galaxy.is_file() else None
    patterns = re.findall(r"- \"?([^\"\n]+)", listed[1]) if listed else []
    name = path.relative_to(root)
    return any(fnmatch.fnmatch(part.as_posix(), pattern) for part in (name, *name.parents[:-1]) for pattern in patterns)


def of_tarball(path, root):
    """Yield a sentence for each relative link of a page of the tarball to what the tarball lacks."""
    if kept_out(path, root):
        return
    for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        parts = urlsplit(link)
        target = (path.parent / unquote(parts.path)).resolve()
        if not parts.scheme and not parts.netloc and target.is_relative_to(root) and kept_out(target, root):
            yield f"{path.relative_to(root)}: the tarball lacks {link}: link it on GitHub"


def of_markdown(path, root):
    """Yield a sentence for each link of a page that leads nowhere."""
    text = path.read_text(encoding="utf-8")
    for link in _LINK.findall(_FENCE.sub("", text)):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            yield f"{path.relative_to(root)}: {link} leads nowhere"
        elif (
            parts.fragment
            and target.suffix == ".md"
            and unquote(parts.fragment) not in anchors(target.read_text(encoding="utf-8"))
        ):
            yield f"{path.relative_to(root)}: {link}: there is no such heading"


def of_repository(path, root):
    """Yield a sentence for each address of this repository in a file that names what is not there."""
    for name in _OWN.findall(path.read_text(encoding="utf-8")):
        if not (root / unquote(name).rstrip("/.")).exists() and not (root / unquote(name)).exists():
            yield f"{path.relative_to(root)}: the repository has no {name}"


def of_tree(root):
    """Yield what is wrong with the pages of a tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    files = [
        root / name
        for name in listed.split("\0")
        if name.endswith((".md", ".rst", ".yml", ".py")) and (root / name).is_file()
    ]
    for path in files:
        if path.suffix == ".md":
            yield from of_markdown(path, root)
            yield from of_tarball(path, root)
            if path.parent == root and path.name.startswith("README"):
                yield from of_readme(path, root)
        yield from of_repository(path, root)
        yield from of_site_addresses(path, root)


class _Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links = []
        self.ids = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag, attrs):
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def of_site(folder):
    """Yield a sentence for each link of a site that does not leave it, and leads nowhere."""
    pages = {path: _Page(path) for path in sorted(folder.rglob("*.html"))}
    if not pages:
        yield f"{folder} holds no page"
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{path.relative_to(folder)}: {link} leads nowhere"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                yield f"{path.relative_to(folder)}: {link}: there is no such place on that page"


if __name__ == "__main__":
    sys.exit("\n".join(sorted(set(of_site(Path(sys.argv[1]).resolve()) if sys.argv[1:] else of_tree(ROOT)))) or None)
