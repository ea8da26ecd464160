# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python without requests: every module says so in Ansible's own words, names that Python, and sends nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support_zego"))

from harness import brief, main, slow  # noqa: E402

PARAMETERS = {
    "zego_api": {"action": "DescribeUserNum", "params": {"RoomId[]": ["a"]}},
    "zego_cdn_record": {"vendor": "Tencent", "streams": ["a"]},
    "zego_cdn_relay": {"relays": [{"stream_id": "a", "cdn_url": "rtmp://push.example.net/live/a"}]},
    "zego_media_info": {"vendor": "Tencent", "streams": ["a"]},
    "zego_room": {"rooms": ["a"]},
    "zego_stream_info": {"rooms": ["a"]},
}


def _bare_python(scene):
    """Make a Python that has nothing but the standard library, and let it run the modules."""
    folder = scene.home / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    scene.python = str(folder / "bin" / "python")
    # ansible-test would have every module measured by a library that is not there.
    scene.env = {name: value for name, value in scene.env.items() if "COVERAGE" not in name}
    missing = subprocess.run([scene.python, "-c", "import requests"], capture_output=True, env=scene.env, check=False)
    assert b"No module named 'requests'" in missing.stderr, missing


def _says_so(scene, result, module):
    """The message of missing_required_lib; on ansible-core's side nobody has caught an exception."""
    assert result["failed"] and not result["changed"], (module, brief(result))
    assert result["msg"].startswith("Failed to import the required Python library (requests) on "), (
        module,
        brief(result),
    )
    assert (
        f"Python {scene.python}. Please read the module documentation and install it in the appropriate location."
        in result["msg"]
    ), brief(result)
    assert "MODULE FAILURE" not in result["msg"] and "streams" not in result and "rooms" not in result, (
        module,
        brief(result),
    )


def test_every_module_says_that_requests_is_missing(scene):
    _bare_python(scene)
    shipped = {
        path.stem for folder in scene.target.parents for path in (folder / "plugins" / "modules").glob("zego_*.py")
    }
    assert shipped == set(PARAMETERS), shipped
    for module, parameters in PARAMETERS.items():
        scene.module = module
        _says_so(scene, scene.call(**parameters), module)
    assert scene.simulator.stats()["connections_accepted"] < 5 and scene.requests() == 0


@slow
def test_check_mode_needs_it_only_where_it_reads(scene):
    """A dry run that sends nothing is no reason to fail."""
    _bare_python(scene)
    for module in ("zego_cdn_record", "zego_cdn_relay"):
        scene.module = module
        result = scene.call("--check", **PARAMETERS[module])
        assert not result["failed"] and result["changed"], (module, brief(result))
    scene.module = "zego_stream_info"
    _says_so(scene, scene.call("--check", **PARAMETERS["zego_stream_info"]), "zego_stream_info")


@slow
def test_the_role_fails_once_with_the_reason(scene):
    _bare_python(scene)
    event = {
        "zego_teardown_streams": {"Tencent": ["a"], "Huawei": ["b"]},
        "zego_teardown_report_dir": str(scene.home / "report"),
    }
    done = scene.run("ansible-playbook", "zego.cloud.teardown", **event)
    assert done.rc == 2, done.rc
    recap = [line for line in done.output.splitlines() if "failed=" in line]
    assert len(recap) == 1 and "failed=1 " in recap[0], recap
    # It is told once, before the first step, and not once for each vendor.
    last = done.output[done.output.rindex("TASK [") :]
    assert "Check the event]" in last and "Nothing was sent." in last, last
    assert f"{scene.python} -m pip install requests" in last, last
    assert not (scene.home / "report").exists() and scene.requests() == 0


if __name__ == "__main__":
    main(globals())
