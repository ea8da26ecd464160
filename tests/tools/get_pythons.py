# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Puts the Pythons that Debian 12 does not have yet into a cache folder of this user, out of Debian's next release.

``python3 get_pythons.py [VERSION …]``: without versions, those of :data:`VERSIONS` that this machine lacks. Nothing is
installed and no root is needed: apt works on lists and a cache of its own, the packages are unpacked below
:func:`pythons.cache_folder`, and each Python runs with the loader and the libraries that were unpacked with it. 90 MB.

Exit status 0: they are there. 1: they are not, and one line says why; what needs them is to be skipped.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pythons  # noqa: E402

VERSIONS = ("3.14", "3.15")
RELEASE = "forky"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEFAULT_MIRROR = "http://deb.debian.org/debian"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"
# What Python's own build leaves out silently where a library is missing, and what the tests need.
PROBE = """
import sys, ssl, sqlite3, ctypes, zlib, bz2, lzma, hashlib, ensurepip
ssl.create_default_context()
print(sys.version.split()[0])
"""


class NotHere(Exception):
    """This machine cannot have them; the text is the reason, on one line."""


def _run(*command, **options):
    """Run a command and return what it printed; raise NotHere with the line of its complaint that says most."""
    options.setdefault("timeout", 600)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"{os.path.basename(command[0])}: {error}") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        # apt's first error names the cause, and the last one sums up; elsewhere the last line is the cause.
        complaint = next((line for line in lines if line.startswith("E: ")), lines[-1])
        raise NotHere(f"{os.path.basename(command[0])} failed with status {done.returncode}: {complaint}")
    return done.stdout


def check_machine():
    """Raise NotHere where packages of Debian for x86-64 cannot be fetched, verified and unpacked."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise NotHere(f"only for Linux on x86_64, and this is {platform.system()} on {platform.machine()}")
    for tool in ("apt-get", "apt-config", "dpkg-deb"):
        if not shutil.which(tool):
            raise NotHere(f"{tool} is not there: this way is Debian's")
    if not os.access(KEYRING, os.R_OK):
        raise NotHere(f"{KEYRING} is not there, so Debian's packages could not be verified")


def mirror(texts):
    """Return the first mirror of Debian that the machine's own apt sources (their texts) name, or the default one."""
    for text in texts:
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        found = re.search(r"\bhttps?://[^\s\]]+/debian/?(?=\s|$)", "\n".join(lines))
        if found:
            return found.group(0).rstrip("/")
    return DEFAULT_MIRROR


def machine_mirror():
    """Return the mirror of Debian that this machine uses."""
    paths = ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))]
    texts = []
    for path in paths:
        with contextlib.suppress(OSError):
            texts.append(Path(path).read_text(encoding="utf-8", errors="replace"))
    return mirror(texts)


def private_apt(state):
    """Make a folder with everything that apt reads and writes, and return the environment that makes apt use it.

    Only the machine's settings for downloads (``Acquire``: proxies, certificates) are taken over. Its hooks are not,
    since they act on the system.
    """
    for folder in (
        "etc/apt.conf.d",
        "etc/preferences.d",
        "etc/trusted.gpg.d",
        "lists/partial",
        "archives/partial",
        "dpkg",
    ):
        (state / folder).mkdir(parents=True)
    (state / "dpkg" / "status").touch()
    (state / "etc" / "sources.list").write_text(
        f"deb [arch=amd64 signed-by={KEYRING}] {machine_mirror()} {RELEASE} main\n", encoding="utf-8"
    )
    acquire = [line for line in _run("apt-config", "dump").splitlines() if line.startswith("Acquire::")]
    folders = {
        "Dir::Etc": state / "etc",
        "Dir::Etc::parts": state / "etc" / "apt.conf.d",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": state,
        "Dir::State::lists": state / "lists",
        "Dir::State::status": state / "dpkg" / "status",
        "Dir::Cache": state,
        "Dir::Cache::archives": state / "archives",
    }
    settings = {
        **folders,
        "APT::Architecture": "amd64",
        "APT::Install-Recommends": "false",
        # Without it, a release that cannot be fetched is a warning, and the status 0.
        "APT::Update::Error-Mode": "any",
        # apt's own user has no access to a folder below a home.
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
        "Acquire::https::Timeout": "30",
    }
    lines = acquire + [f'{name} "{value}";' for name, value in settings.items()]
    config = state / "apt.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {**os.environ, "APT_CONFIG": str(config), "LC_ALL": "C"}


def unpack(versions, root):
    """Unpack those of the versions that the release offers below ``root``, with what they need, and return them."""
    state = root / "apt"
    env = private_apt(state)
    _run("apt-get", "-qq", "update", env=env)
    known = set(_run("apt-cache", "pkgnames", "python3.", env=env).split())
    # The next release drops a Python when it moves on to a newer one.
    offered = [version for version in versions if f"python{version}-venv" in known]
    if not offered:
        raise NotHere(f"Debian {RELEASE} does not offer it")
    packages = [f"python{version}{suffix}" for version in offered for suffix in ("", "-venv")]
    _run("apt-get", "-qq", "install", "-y", "--download-only", "patchelf", *packages, env=env)
    for package in sorted((state / "archives").glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(root))
    shutil.rmtree(state)
    return offered


def settle(versions, root):
    """Make what lies below ``root`` run from there: with its own loader and libraries, and pip from its own wheels."""
    patchelf = [str(root / LOADER), "--library-path", str(root / LIBRARIES), str(root / "usr" / "bin" / "patchelf")]
    for version in versions:
        python = str(root / "usr" / "bin" / f"python{version}")
        # RPATH rather than RUNPATH: it also holds for the libraries that extension modules load. And it goes first:
        # patchelf 0.18 makes a binary that crashes when the loader is set before it, or with it.
        _run(*patchelf, "--force-rpath", "--set-rpath", str(root / LIBRARIES), python)
        _run(*patchelf, "--set-interpreter", str(root / LOADER), python)
        for path in (root / "usr" / "lib" / f"python{version}").glob("_sysconfig*"):
            # One of the files is a link to another.
            if not path.is_symlink():
                text = path.read_text(encoding="utf-8")
                path.write_text(
                    text.replace("/usr/share/python-wheels", f"{root}/usr/share/python-wheels"), encoding="utf-8"
                )
    # Its folder comes to PATH: nothing else may be found there.
    wanted = {f"python{version}" for version in versions}
    for path in (root / "usr" / "bin").iterdir():
        if path.name not in wanted:
            path.unlink()
    for name in ("doc", "man", "locale", "lintian", "bug", "info"):
        shutil.rmtree(root / "usr" / "share" / name, ignore_errors=True)


def check(version, folder):
    """Run a Python of ``folder``, make a virtual environment with pip from it, and return its full version."""
    python = str(folder / f"python{version}")
    full = _run(python, "-c", PROBE).strip()
    if not full.startswith(f"{version}."):
        raise NotHere(f"{python} says that it is {full}")
    with tempfile.TemporaryDirectory(prefix="zego-cloud-python-") as place:
        _run(python, "-m", "venv", place)
        _run(os.path.join(place, "bin", "python"), "-m", "pip", "--version")
    return full


def publish(root, link):
    """Let ``link`` lead to ``root``, in one step: whoever looks sees the old tree or the whole new one."""
    new = link.with_name(f"{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(root.name)
    os.replace(new, link)


def remove_leftovers(cache, link):
    """Remove the trees of interrupted runs: all but the one that ``link`` leads to. Wants the lock."""
    current = os.readlink(link) if link.is_symlink() else None
    for path in cache.glob(f"{RELEASE}-*"):
        if path.name != current:
            shutil.rmtree(path, ignore_errors=True)


def get(versions, cache):
    """Put those of ``versions`` that can be had into the folder ``cache``, and return {version: full version}.

    Raises NotHere where none can be had.
    """
    check_machine()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = open(cache / "lock", "a", encoding="utf-8")
    except OSError as error:
        raise NotHere(f"{cache} cannot be written: {error.strerror}") from error
    with lock:
        # The system drops it when this process ends, however that ends. Who waited finds the work done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        link = cache / "current"
        with contextlib.suppress(NotHere):
            return {version: check(version, link / "usr" / "bin") for version in versions}
        # What another run asked for stays.
        versions = sorted({*versions, *(path.name[len("python") :] for path in link.glob("usr/bin/python3.*"))})
        remove_leftovers(cache, link)
        print(f"Fetching Python {', '.join(versions)} of Debian {RELEASE} into {cache}", file=sys.stderr, flush=True)
        # The loader's path is written into the binaries, so the tree is made where it stays.
        root = Path(tempfile.mkdtemp(prefix=f"{RELEASE}-", dir=cache))
        try:
            offered = unpack(versions, root)
            settle(offered, root)
            full = {version: check(version, root / "usr" / "bin") for version in offered}
            publish(root, link)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)
            raise
        remove_leftovers(cache, link)
        return full


def main(arguments):
    """Get what is wanted and not there; return the exit status."""
    wanted = arguments or VERSIONS
    missing = [version for version in wanted if version not in pythons.find()]
    if not missing:
        return 0
    try:
        got = get(missing, Path(pythons.cache_folder()))
    except (NotHere, OSError) as error:
        print(f"Without Python {', '.join(missing)}, whose tests are skipped: {error}", file=sys.stderr)
        return 1
    print(f"Python {', '.join(got.values())} in {pythons.cache_folder()}", file=sys.stderr)
    refused = [version for version in missing if version not in got]
    if refused:
        print(
            f"Without Python {', '.join(refused)}, whose tests are skipped: Debian {RELEASE} does not offer it",
            file=sys.stderr,
        )
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
