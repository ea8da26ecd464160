# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the report of a teardown, and writes folder, forms and summary where the playbook runs, in one task."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.zego.cloud.plugins.plugin_utils import _files
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import console
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.writing import FOLDER, FORMS, write_report
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import build
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.result import run_result, run_stats

_ARGUMENTS = {"facts": dict, "folder": str, "formats": list, "summary": str, "dated": bool, "final": bool}


class ActionModule(ActionBase):
    """See plugins/modules/teardown_report.py. It writes with the rights of whoever runs the playbook."""

    # Wherever the modules run: no connection, no become.
    _requires_connection = False
    _supports_async = False
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        given = self._given()
        facts = {**given["facts"], "finished": _now(), "interrupted": not given["final"]}
        report = build(facts)
        folder, problem = _folder(given)
        written = write_report(report, folder, [] if problem else given["formats"], given["summary"])
        if problem:
            written.lost[FOLDER] = problem
        text = console(report)
        loss = _loss(written)
        place = [f"The report is in {written.folder}"] if written.folder else []
        failure = " ".join(filter(None, [text["failure"], loss]))
        if failure and place:
            failure += f" {place[0]}"
        found = run_result(report, failure=failure, report_dir=written.folder, reports=written.reports)
        result.update(changed=False, folder=folder, result=found, lines=text["lines"] + place)
        if written.warnings and given["final"]:
            result["warnings"] = written.warnings
        if given["final"]:
            result["report"] = report
            # What set_stats returns.
            data = {"zego_teardown": run_stats(report, found)}
            result["ansible_stats"] = {"data": data, "per_host": False, "aggregate": False}
        return result

    def _given(self):
        """Return the arguments. They are the role's own, so a wrong one is a fault of the role."""
        given = self._task.args
        if set(given) != set(_ARGUMENTS):
            raise AnsibleActionFail(f"the arguments have to be {', '.join(_ARGUMENTS)}.")
        for name, kind in _ARGUMENTS.items():
            if not isinstance(given[name], kind):
                raise AnsibleActionFail(f"{name} has to be of type {kind.__name__}.")
        unknown = [form for form in given["formats"] if form not in FORMS]
        if unknown:
            raise AnsibleActionFail(f"formats has to be of {', '.join(FORMS)}.")
        return given


def _now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _folder(given):
    """Return the folder of this run's report, and why it could not be made, '' if it could.

    A dated one is made by the first write of a run, and given to the second one as it is.
    """
    # A relative path counts from where the playbook was started.
    folder = os.path.abspath(os.path.expanduser(given["folder"]))
    if not given["dated"]:
        return folder, ""
    started = "".join(char for char in str(given["facts"].get("started"))[:19] if char.isalnum() or char == "-")
    dated = os.path.join(folder, f"{started}Z")
    try:
        return (_files.make_own_folder(dated), "") if given["formats"] else (dated, "")
    except OSError as error:
        return dated, _files.explain(error)


def _loss(written):
    """Return in one sentence which parts of the report were not written, and why; '' if all were."""
    if not written.lost:
        return ""
    start = "Not all of the report was written: " if written.reports else "The report was not written: "
    return start + " | ".join(f"{part}: {why}" for part, why in written.lost.items())
