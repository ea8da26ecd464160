# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The demo ends its event against its own simulator, and reaches another server only after somebody typed the AppID."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "demo")]

import demo  # noqa: E402

from simulator.client import Simulator  # noqa: E402

DEMO = [sys.executable, str(ROOT / "tests" / "demo" / "demo.py")]
SECRET = "feedfacefeedfacefeedfacefeedface"
PLACES = ("ZEGO_API_URL", "http_proxy", "HTTP_PROXY", "all_proxy")


@pytest.fixture
def elsewhere():
    """A server that stands for the real API: it counts what reaches it."""
    with Simulator() as running:
        yield running


def environment(server, **more):
    """The environment of a shell in which somebody works with the real API, which is ``server`` here."""
    given = dict(os.environ, ZEGO_APP_ID=str(server.app_id), ZEGO_SERVER_SECRET=server.server_secret, ZEGO_REGION="sha")
    return {**given, "ZEGO_API_URL": server.url, **more}


def requests(server):
    """How many requests a server has seen."""
    return server.stats()["requests"]


def type_at_a_terminal(env, text):
    """Run the demo with ``--real`` at a terminal, and type a line; return (exit code, what it showed)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*DEMO, "--real"], env=env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    os.close(theirs)
    os.write(ours, f"{text}\n".encode())
    shown = process.communicate(timeout=300)[0].decode("utf-8", "replace")
    os.close(ours)
    return process.returncode, shown


def test_the_demo_stays_with_its_simulator_whatever_the_shell_exports(elsewhere, tmp_path):
    config = tmp_path / "ansible.cfg"
    config.write_text("[defaults]\ncollections_path = /nonexistent\n", encoding="utf-8")
    more = {
        **dict.fromkeys(PLACES, elsewhere.url),
        "ANSIBLE_CONFIG": str(config),
        "ZEGO_LEDGER": str(tmp_path / "ledger"),
    }
    done = subprocess.run(DEMO, env=environment(elsewhere, **more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert requests(elsewhere) == 0 and "3-rerun/teardown.html" in done.stdout
    # A story, and no log: what failed, why, what to do; then one change, then none.
    assert len(done.stdout.splitlines()) <= 60, done.stdout
    for told in (
        "stage-7: Tencent answered ResourceNotFound.FreezeService",
        "1 changed, 26 unchanged",
        "0 changed, 27",
    ):
        assert told in done.stdout
    assert done.stdout.count("Exit code 2") == 1 and done.stdout.count("Exit code 0") == 2
    assert not (tmp_path / "ledger").exists()


def test_the_inventory_of_the_machine_plays_no_part(monkeypatch):
    """Variables of /etc/ansible/hosts or its group_vars win over the environment, and could name another server."""
    commands = []
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(demo.subprocess, "run", lambda command, **_more: commands.append(command) or done)
    demo.play({}, "report")
    assert commands[0][commands[0].index("-i") + 1] == "localhost,"


def test_the_real_api_is_not_reached_without_a_terminal(elsewhere):
    done = subprocess.run(
        [*DEMO, "--real"],
        env=environment(elsewhere),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1 and "Nothing was sent" in done.stdout and requests(elsewhere) == 0


def test_the_real_api_is_not_reached_without_credentials(elsewhere):
    done = subprocess.run(
        [*DEMO, "--real"],
        env=environment(elsewhere, ZEGO_SERVER_SECRET=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "needs ZEGO_SERVER_SECRET in the environment" in done.stdout
    assert requests(elsewhere) == 0


@pytest.mark.parametrize("typed", ["", "y", "yes", "1", "12345678900"])
def test_the_real_api_is_not_reached_where_another_appid_is_typed(elsewhere, typed):
    code, shown = type_at_a_terminal(environment(elsewhere), typed)
    assert code == 1 and "Nothing was sent." in shown and requests(elsewhere) == 0
    assert str(elsewhere.app_id) in shown and elsewhere.url in shown and elsewhere.server_secret not in shown


def test_the_question_shows_no_password_of_the_address(elsewhere):
    url = elsewhere.url.replace("//", f"//operator:{SECRET}@")
    _code, shown = type_at_a_terminal(environment(elsewhere, ZEGO_API_URL=url), "no")
    assert elsewhere.url in shown and SECRET not in shown


def test_the_region_names_the_address(elsewhere):
    for region, url in (("sha", "https://rtc-api-sha.zego.im"), ("", "https://rtc-api.zego.im")):
        _code, shown = type_at_a_terminal(environment(elsewhere, ZEGO_API_URL="", ZEGO_REGION=region), "no")
        assert f" {url}." in shown


def test_the_typed_appid_ends_the_event_at_the_address_named(elsewhere):
    demo.begin(elsewhere)
    code, shown = type_at_a_terminal(environment(elsewhere), str(elsewhere.app_id))
    assert code == 2 and "stage-7" in shown and requests(elsewhere) > 0, shown[-3000:]
    assert not elsewhere.state()["Tencent"]["stage-1"]["running"] and elsewhere.server_secret not in shown
