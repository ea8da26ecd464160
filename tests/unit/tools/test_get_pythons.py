# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""get_pythons.py with a stand-in for apt: what it leaves when it is interrupted, refused, or run twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "tests" / "tools"
sys.path.insert(0, str(TOOLS))

import get_pythons  # noqa: E402
import pythons  # noqa: E402

# The tool on a machine that has no Python but those of the cache, and says that it is x86-64 and has a keyring.
DRIVER = """
import os, platform, sys
sys.path.insert(0, {tools!r})
import get_pythons, pythons
platform.machine = lambda: os.environ.get("MACHINE", "x86_64")
get_pythons.KEYRING = os.environ["KEYRING"]
find = pythons.find
pythons.find = lambda: find([os.path.join(pythons.cache_folder(), "current", "usr", "bin")])
sys.exit(get_pythons.main(sys.argv[1:]))
"""
# A Python that answers what find() and check() ask.
PYTHON = """#!/bin/sh
version=${0##*/python}
case "$2" in
  *sys.executable*) echo "$version $0" ;;
  venv) mkdir -p "$3/bin" && printf '#!/bin/sh\\necho pip\\n' > "$3/bin/python" && chmod +x "$3/bin/python" ;;
  *) echo "$version.0" ;;
esac
"""
APT_GET = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  *update*) test -z "$APT_FAILS" || { echo "W: first" >&2; echo "E: $APT_FAILS" >&2; echo "E: Some" >&2; exit 100; } ;;
  *install*) archives=$(sed -n 's/^Dir::Cache::archives "\\(.*\\)";/\\1/p' "$APT_CONFIG")
    touch "$archives/all.deb" ;;
esac
"""
DPKG_DEB = """#!/bin/sh
root=$3
test -z "$KILLED" || kill -9 $PPID
mkdir -p "$root/usr/bin" "$root/usr/lib/x86_64-linux-gnu" "$root/usr/share/doc"
for version in $OFFERED; do
  cp "$PYTHON" "$root/usr/bin/python$version"
  mkdir -p "$root/usr/lib/python$version"
  echo "WHEEL_PKG_DIR=/usr/share/python-wheels/" > "$root/usr/lib/python$version/_sysconfigdata_a.py"
  ln -s _sysconfigdata_a.py "$root/usr/lib/python$version/_sysconfigdata_b.py"
done
printf '#!/bin/sh\\n' > "$root/usr/bin/openssl"
printf '#!/bin/sh\\n' > "$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
chmod +x "$root"/usr/bin/* "$root"/usr/lib/x86_64-linux-gnu/*
"""
APT_CACHE = """#!/bin/sh
for version in $OFFERED; do echo python$version-venv; done
"""


class Machine:
    """A machine with a stand-in for apt, and an empty cache."""

    def __init__(self, folder):
        self.bin, self.cache = folder / "bin", folder / "cache"
        self.bin.mkdir()
        (folder / "python").write_text(PYTHON, encoding="utf-8")
        (folder / "keyring").touch()
        scripts = {"apt-get": APT_GET, "apt-cache": APT_CACHE, "apt-config": "#!/bin/sh\n", "dpkg-deb": DPKG_DEB}
        for name, text in scripts.items():
            (self.bin / name).write_text(text, encoding="utf-8")
            (self.bin / name).chmod(0o755)
        self.calls = folder / "calls"
        self.driver = folder / "driver.py"
        self.driver.write_text(DRIVER.format(tools=str(TOOLS)), encoding="utf-8")
        self.env = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "ZEGO_CLOUD_PYTHONS": str(self.cache),
            "PYTHON": str(folder / "python"),
            "KEYRING": str(folder / "keyring"),
            "CALLS": str(self.calls),
            "OFFERED": "3.14 3.15",
            "TMPDIR": str(folder),
        }

    def start(self, *versions, **env):
        """Start the tool."""
        return subprocess.Popen(
            [sys.executable, str(self.driver), *versions],
            env={**self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *versions, **env):
        """Run the tool, and return (status, what it said)."""
        process = self.start(*versions, **env)
        out, said = process.communicate()
        assert not out
        return process.returncode, said

    def trees(self):
        """Return the trees in the cache, without the link."""
        return [path.name for path in self.cache.glob("forky-*")]

    def installs(self):
        """Return how often packages were fetched."""
        return self.calls.read_text(encoding="utf-8").count("install")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_it_puts_both_pythons_where_find_looks_and_then_has_nothing_left_to_do(machine, monkeypatch):
    assert machine.run()[0] == 0
    monkeypatch.setenv("ZEGO_CLOUD_PYTHONS", str(machine.cache))
    monkeypatch.setenv("PATH", "")
    folder = machine.cache / "current" / "usr" / "bin"
    assert pythons.find() == {version: str(folder / f"python{version}") for version in get_pythons.VERSIONS}
    assert machine.run() == (0, "") and machine.installs() == 1


def test_nothing_else_comes_to_path_and_pip_comes_from_the_tree(machine):
    machine.run()
    usr = machine.cache / "current" / "usr"
    assert sorted(path.name for path in (usr / "bin").iterdir()) == ["python3.14", "python3.15"]
    wheels = machine.cache / os.readlink(machine.cache / "current") / "usr" / "share" / "python-wheels"
    settings = (usr / "lib" / "python3.14" / "_sysconfigdata_b.py").read_text(encoding="utf-8")
    assert settings == f"WHEEL_PKG_DIR={wheels}/\n"


def test_a_run_that_is_killed_leaves_nothing_that_looks_finished_and_the_next_one_cleans_up(machine):
    code, _said = machine.run(KILLED="1")
    assert code == -signal.SIGKILL and not (machine.cache / "current").exists() and len(machine.trees()) == 1
    assert machine.run()[0] == 0
    assert machine.trees() == [os.readlink(machine.cache / "current")]


def test_two_at_once_fetch_once(machine):
    both = [machine.start(), machine.start()]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert machine.installs() == 1 and len(machine.trees()) == 1


def test_what_another_run_asked_for_stays(machine):
    assert machine.run("3.14")[0] == 0
    assert machine.run("3.15")[0] == 0
    assert machine.run("3.14", "3.15") == (0, "")


def test_a_python_that_does_not_run_is_not_published(machine):
    Path(machine.env["PYTHON"]).write_text("#!/bin/sh\necho broken >&2\nexit 3\n", encoding="utf-8")
    code, said = machine.run()
    assert code == 1 and said.splitlines()[-1].endswith(
        "whose tests are skipped: python3.14 failed with status 3: broken"
    )
    assert not (machine.cache / "current").exists() and machine.trees() == []


def test_a_python_that_the_release_dropped_is_named_and_the_other_comes(machine):
    code, said = machine.run(OFFERED="3.15")
    assert code == 1
    assert said.splitlines()[-1] == "Without Python 3.14, whose tests are skipped: Debian forky does not offer it"
    assert machine.run("3.15") == (0, "")


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"MACHINE": "aarch64"}, "only for Linux on x86_64, and this is Linux on aarch64"),
        ({"PATH": "/nowhere"}, "apt-get is not there: this way is Debian's"),
        ({"KEYRING": "/nowhere"}, "/nowhere is not there, so Debian's packages could not be verified"),
        ({"APT_FAILS": "Failed to fetch"}, "apt-get failed with status 100: E: Failed to fetch"),
        ({"OFFERED": ""}, "Debian forky does not offer it"),
        ({"ZEGO_CLOUD_PYTHONS": "/dev/null/x"}, "/dev/null/x cannot be written: Not a directory"),
    ],
)
def test_where_it_cannot_it_says_why_in_one_line(machine, env, reason):
    code, said = machine.run(**env)
    assert code == 1
    assert said.splitlines()[-1] == f"Without Python 3.14, 3.15, whose tests are skipped: {reason}"
    assert len([line for line in said.splitlines() if not line.startswith("Fetching ")]) == 1


def test_apt_is_kept_away_from_the_system_and_keeps_its_proxy(machine):
    (machine.bin / "apt-config").write_text(
        """#!/bin/sh\necho 'APT::Update::Post-Invoke:: "rm -rf /";'\necho 'Acquire::http::Proxy "http://p:1";'\n""",
        encoding="utf-8",
    )
    seen = machine.cache.parent / "seen"
    (machine.bin / "apt-get").write_text(f'#!/bin/sh\ncat "$APT_CONFIG" > {seen}\n{APT_GET}', encoding="utf-8")
    assert machine.run()[0] == 0
    config = seen.read_text(encoding="utf-8")
    assert 'Acquire::http::Proxy "http://p:1";' in config and "rm -rf" not in config
    folders = [line.split('"')[1] for line in config.splitlines() if line.startswith("Dir::")]
    assert (
        all(folder == "/dev/null" or folder.startswith(str(machine.cache)) for folder in folders) and len(folders) > 5
    )


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["deb http://ftp.example.org/debian bookworm main\n"], "http://ftp.example.org/debian"),
        (
            ["# deb http://old.example.org/debian x\n", "URIs: https://m.example.org/debian/\n"],
            "https://m.example.org/debian",
        ),
        (["deb [arch=amd64] http://a.example.org/debian-security x\n"], get_pythons.DEFAULT_MIRROR),
        ([], get_pythons.DEFAULT_MIRROR),
    ],
)
def test_the_mirror_is_the_one_that_the_machine_uses(sources, found):
    assert get_pythons.mirror(sources) == found


def test_the_cache_is_one_for_all_clones_of_a_user(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ZEGO_CLOUD_PYTHONS", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert pythons.cache_folder() == str(tmp_path / ".cache" / "zego-cloud-pythons")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert pythons.cache_folder() == str(tmp_path / "xdg" / "zego-cloud-pythons")
    monkeypatch.setenv("ZEGO_CLOUD_PYTHONS", str(tmp_path / "own"))
    assert pythons.cache_folder() == str(tmp_path / "own")
