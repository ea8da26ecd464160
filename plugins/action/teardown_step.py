# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes a step of a teardown: works out what it has to do, has the host do it, and says what became of it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from datetime import datetime, timezone
from importlib.util import find_spec

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.zego.cloud.plugins.module_utils._options import CONNECTION_SPEC, is_connection
from ansible_collections.zego.cloud.plugins.plugin_utils import _files
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.console import (
    console,
    final_line,
    step_lines,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.short import short, short_of_none
from ansible_collections.zego.cloud.plugins.plugin_utils._forms.writing import FOLDER, loss_of, write_report
from ansible_collections.zego.cloud.plugins.plugin_utils._languages.language import ENGLISH, LANGUAGES
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.calls import (
    calls_of,
    check_call,
    preflight_call,
    registered,
    work_of,
)
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.check import VARIABLES, check
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.given import is_given, plain
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.plan import plan
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.preflight import TITLE, in_words, vendors_of
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.progress import STEPS, closed_warnings
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.registered import warnings
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.report import build
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.result import no_result, run_result, run_stats
from ansible_collections.zego.cloud.plugins.plugin_utils._teardown.settings import CONNECTION, EVENT, PREFIX
from ansible_collections.zego.cloud.plugins.plugin_utils._text import prose

try:
    # From ansible-core 2.19 on.
    from ansible.executor.module_common import _apply_action_arg_defaults as add_defaults
except ImportError:
    from ansible.executor.module_common import get_action_args_with_defaults

    def add_defaults(module, task, args, templar):
        """Do the same with what ansible-core had before."""
        groups = task._parent._play._action_groups
        return get_action_args_with_defaults(module, args, task.module_defaults, templar, groups)


READ, CHECK, REPORT, END = "read", "check", "report", "end"
# With requests_per_second, which is a setting of the recordings alone, these are all that the modules know.
CONNECTION_VARIABLES = (*CONNECTION, "ledger")
_MODULES = "zego.cloud"
# A step with so much to do takes long: rooms are closed one a second.
_MANY = 10
# How often a step that takes longer says that it is alive.
HEARTBEAT = 10
_NOT_ENDED = "The run did not come to its end, and what was stopped is not known here. Run it again: that is safe."
_NOTHING = (
    "WARNING: --tags, --skip-tags or --start-at-task leave no step of the role zego.cloud.teardown. Nothing was sent, "
    f"and no report was written. The tags of the steps are {', '.join(STEPS)}."
)


class ActionModule(ActionBase):
    """See plugins/modules/teardown_step.py.

    What the steps have to know of each other is in a file of this run of Ansible, which Ansible removes: a fact would
    be printed, and the results of an event of thousands of streams are more than some platforms take.
    """

    _supports_async = False
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        step = self._task.args.get("step")
        known = (READ, CHECK, *STEPS, REPORT, END)
        if step not in known or set(self._task.args) != {"step"}:
            raise AnsibleActionFail(f"step has to be one of {', '.join(known)}.")
        self._vars = task_vars
        self._diffs, self._warnings, self._chosen = [], [], []
        # Of another event in the same play, and of another host, there is another one.
        name = f"zego-teardown-{_plain(task_vars['inventory_hostname'])}-{task_vars.get('__zego_teardown_run', 0)}.json"
        self._path = os.path.join(C.DEFAULT_LOCAL_TMP, name)
        try:
            return {**result, **self._act(step)}
        except AnsibleActionFail as error:
            # Raised any further, ansible-core before 2.18 would call it an exception, and print a traceback of none.
            return {**result, "changed": False, "failed": True, "msg": str(error)}

    def _act(self, step):
        """Do what this task is for; return its result."""
        if step == READ:
            return {"result": self._read(), "changed": False}
        state = self._load()
        if state and state.get("refused"):
            # Once told, it need not be told again where the play ignores errors. --step can leave out any task.
            if state["is_told"]:
                return {"changed": False, "skipped": True}
            self._save({**state, "is_told": True})
            raise AnsibleActionFail(state["refused"])
        self._chosen = state["chosen"] if state else []
        if step == REPORT:
            return self._report(state)
        if step == END:
            return _end(state)
        # --tags and --start-at-task may leave out any task before the first step.
        return self._step(step, state or self._begin(self._checked()))

    def _step(self, step, state):
        """Take a step, or say what was found before the first one; return the result of the task."""
        # Whichever task is the first to run after the API was asked.
        self._warnings += state["told"]
        state["told"] = []
        if step == CHECK:
            lines, changed = state["preflight"], False
        else:
            lines, changed = self._take(step, state)
        self._save(state)
        result = {"changed": changed, "msg": lines, "_ansible_verbose_always": bool(lines)}
        if step in STEPS and not lines:
            result["skipped"] = True
        if self._diffs:
            result["diff"] = self._diffs
        if self._warnings:
            result["warnings"] = list(dict.fromkeys(self._warnings))
        return result

    def _read(self):
        """Check everything, and note what is wrong for the next step; return what the run comes to if it ends there.

        A task that fails sets no fact. So the one that says why is set before the task that fails.
        """
        event, words, problem, state = "event", ENGLISH, "", {}
        try:
            checked = self._checked()
            event, words = checked["settings"]["event"], LANGUAGES[checked["settings"]["report_language"]]
            state = self._begin(checked)
        except AnsibleError as error:
            problem = str(error) or type(error).__name__
        except Exception as error:  # pylint: disable=broad-except
            # Whatever it is, nothing of an event before may stand for this one.
            problem = _defect(error)
        self._save({"refused": problem, "is_told": False} if problem else state)
        return no_result(
            event,
            problem or _NOT_ENDED,
            short=short_of_none(event, problem, words),
            check_mode=self._play_context.check_mode,
            interrupted=not problem,
            report_dir=state.get("report_dir", ""),
            reports=state.get("reports", {}),
        )

    def _checked(self):
        """Read the role's variables; return what check.check says of them, and of those that cannot be read."""
        given, unread = {}, []
        for name in VARIABLES:
            try:
                given[name] = self._variable(name)
            except AnsibleError as error:
                unread.append(str(error))
        checked = check(given, list(self._vars))
        # What is missing may be all that is wrong with the others.
        return {**checked, "problem": " ".join(unread)} if unread else checked

    def _begin(self, checked):
        """Ask the API, or check the options of the connection, before anything is sent, and open the report."""
        if checked["problem"]:
            raise AnsibleActionFail(checked["problem"])
        for warning in checked["warnings"]:
            # At once, before anything is sent.
            Display().warning(warning)
        settings = checked["settings"]
        lines, told = [], []
        if settings.get("preflight", self._play_context.check_mode):
            lines, told = self._ask(checked)
            checked["warnings"] += told
        else:
            self._check_connection(settings)
        started = _now()
        folder, problem = _folder(settings, started)
        state = {"checked": checked, "started": started, "chosen": [], "steps": [], "results": {}, "preflight": lines}
        state.update(folder=folder, problem=problem, told=told)
        _report, written = self._write(state, final=False)
        return {**state, "report_dir": written.folder, "reports": written.reports}

    def _ask(self, checked):
        """Ask the API whether it can be used; return what it said, and what to warn of, both in lines."""
        settings = checked["settings"]
        vendors = vendors_of(plan(self._given(EVENT)), settings["skip"])
        (answer,) = self._run_calls([preflight_call(settings, vendors)], TITLE)
        if answer.get("unreachable"):
            # The report says so of each item.
            return [], []
        if "answers" not in answer:
            # The options of the connection were refused.
            raise AnsibleActionFail(str(answer.get("msg")))
        said = in_words(answer)
        if said.problem:
            raise AnsibleActionFail(said.problem)
        return said.lines, [*warnings(answer), *said.warnings]

    def _check_connection(self, settings):
        """Refuse options of the connection that the modules would refuse, wherever they come from.

        Where the library that sends requests is missing, every step would fail for it.
        """
        call = check_call(settings)
        # The modules of this machine meet this environment: a module need not be started to find that all is well.
        if self._is_here() and find_spec("requests") and is_connection(self._connection_options(call)):
            return
        (answer,) = self._run_calls([call])
        # The report says of each item that the host was not reachable.
        if answer.get("failed") and not answer.get("unreachable"):
            raise AnsibleActionFail(str(answer.get("msg")))

    def _is_here(self):
        """Tell whether the modules run on this Python, as this user, in this environment."""
        if self._connection.transport != "local" or getattr(self._connection, "become", None) is not None:
            return False
        # For the localhost that no inventory names, it is the one that runs the playbook.
        python = self._templar.template(self._vars.get("ansible_python_interpreter"))
        return python == sys.executable and not any(self._task.environment or [])

    def _connection_options(self, call):
        """Return the options of the connection with which a module runs, as far as they are given."""
        args = self._with_defaults(f"{_MODULES}.zego_cdn_record", call["args"])
        return {name: value for name, value in args.items() if name in CONNECTION_SPEC}

    def _take(self, step, state):
        """Take a step, and go on even if it fails; return (lines, whether something changed)."""
        state["chosen"].append(step)
        self._chosen = state["chosen"]
        settings = state["checked"]["settings"]
        if step in settings["skip"]:
            return [], False
        # One step begins where the one before it ended.
        started = state["steps"][-1]["finished"] if state["steps"] else state["started"]
        entry = {"step": step, "started": started}
        answers = []
        try:
            work = work_of(step, self._facts(state))
            if not work:
                return self._left_out(step, state, entry), False
            if state["steps"] and (step == "files" or len(work) > _MANY):
                # It may take minutes. If the run is interrupted meanwhile, the report says what was stopped before.
                self._write(state, final=False)
            answers = self._run_calls(calls_of(step, work, settings, now=time.time()), STEPS[step])
            state["results"][step] = registered(step, work, answers)
        except (AnsibleError, ValueError) as error:
            entry["error"] = str(error)
        state["steps"].append({**entry, "finished": _now()})
        for answer in answers:
            self._warnings += warnings(answer)
            diff = answer.get("diff")
            if diff and self._play_context.diff:
                self._diffs.append(diff)
        changed = any(answer.get("changed") for answer in answers)
        if "error" in entry:
            return [f"FAILED {STEPS[step]}: {prose(entry['error'])}"], changed
        facts = self._facts(state, skip=settings["skip"])
        if step == "rooms":
            self._warnings += closed_warnings(facts)
        return step_lines(build(facts), step), changed

    def _left_out(self, step, state, entry):
        """Return why a step that has nothing to do has failed nevertheless: each of its rooms is kept open."""
        report = build(self._facts(state, skip=state["checked"]["settings"]["skip"]))
        if step != "rooms" or not any(failure["step"] == step for failure in report["failures"]):
            return []
        # It has come to its end: a report of a run that is interrupted later knows about these rooms.
        state["steps"].append({**entry, "finished": _now()})
        return step_lines(report, step)

    def _facts(self, state, *, skip=None):
        """Return what the report is made from. ``skip``: the steps that are left out, where that is known better."""
        settings = state["checked"]["settings"]
        left_out = [step for step in STEPS if step not in state["chosen"]]
        found = (state["results"].get("discover") or {}).get("streams")
        return {
            "event": settings["event"],
            "check_mode": self._play_context.check_mode,
            "started": state["started"],
            "finished": _now(),
            "skip": [*settings["skip"], *left_out] if skip is None else skip,
            "fail_on": settings["fail_on"],
            "wait_for_files": settings["wait_for_files"],
            "keep_rooms": settings["keep_rooms"],
            "preflight": state["preflight"],
            "warnings": state["checked"]["warnings"],
            # The addresses of relays are keys, and so the event is no part of the state.
            "plan": plan(self._given(EVENT), found),
            "steps": state["steps"],
            "results": state["results"],
        }

    def _given(self, names):
        """Return those of these variables of the role that were given, without their prefix, as plain values."""
        values = {name: plain(self._variable(name)) for name in names}
        return {name: value for name, value in values.items() if is_given(value)}

    def _variable(self, name):
        """Return the value of a variable of the role, None where it is not set, or set to 'omit'.

        Each is read by itself: ansible-core before 2.19 makes text of what one variable takes from another, inline
        vaults and null included.
        """
        name = PREFIX + name
        if name not in self._vars:
            return None
        # What a variable may use to tell the steps apart.
        self._templar.available_variables = {**self._vars, "__zego_teardown_chosen": self._chosen}
        try:
            return self._templar.template(self._vars[name])
        except Exception as error:  # pylint: disable=broad-except
            # From ansible-core 2.19 on, what is set to 'omit' has no value. Before that, any exception of a filter may
            # come through.
            if type(error).__name__ == "AnsibleValueOmittedError":
                return None
            raise AnsibleActionFail(f"{name} cannot be read: {error}") from error

    def _run_calls(self, calls, title=""):
        """Have the host run the modules in one process; return their results.

        ``title``: say now and then that this step is alive.
        """
        for call in calls:
            if call["module"] == "preflight":
                # It is no module of its own: the connection is that with which the recordings will be stopped.
                call["args"].update(self._connection_options(call))
            else:
                call["args"] = self._with_defaults(f"{_MODULES}.{call['module']}", call["args"])
        done = threading.Event()
        if title:
            threading.Thread(target=_say_alive, args=(done, title, calls), daemon=True).start()
        try:
            answer = self._execute_module(
                module_name=f"{_MODULES}.teardown_step", module_args={"calls": calls}, task_vars=self._vars
            )
        except AnsibleConnectionFailure as error:
            return [{"unreachable": True, "msg": str(error)} for _call in calls]
        finally:
            done.set()
        answers = answer.get("calls") or []
        reason = {"failed": True, "msg": str(answer.get("msg") or "the module returned nothing.")}
        if answer.get("unreachable"):
            reason["unreachable"] = True
        return [answers[number] if number < len(answers) else reason for number in range(len(calls))]

    def _with_defaults(self, module, args):
        """Return the arguments with what the role's variables, then module_defaults of the play, add for a module."""
        return add_defaults(module, self._task, {**self._given(CONNECTION_VARIABLES), **args}, self._templar)

    def _report(self, state):
        """Write the report of a run that has come to its end."""
        if state is None:
            return {"changed": False, "msg": [_NOTHING], "_ansible_verbose_always": True}
        report, written = self._write(state, final=True)
        text = console(report)
        loss = loss_of(written)
        place = [f"The report is in {written.folder}"] if written.folder else []
        failure = " ".join(filter(None, [text["failure"], loss]))
        found = run_result(
            report,
            failure=" ".join([failure, *place]) if failure else "",
            short=short(report, words=LANGUAGES[state["checked"]["settings"]["report_language"]], problem=loss),
            report_dir=written.folder,
            reports=written.reports,
        )
        state["end"] = {"failed": bool(failure), "lines": list(filter(None, [final_line(report), loss, *place]))}
        self._save(state)
        answer = {"changed": False, "result": found}
        told = [*report["warnings"], *written.warnings]
        if told:
            answer["warnings"] = told
        # What set_stats returns.
        data = {"zego_teardown": run_stats(report, found)}
        return {**answer, "ansible_stats": {"data": data, "per_host": False, "aggregate": False}}

    def _write(self, state, *, final):
        """Make the report, and write it; return (report, what became of its parts)."""
        settings = state["checked"]["settings"]
        facts = self._facts(state, skip=None if final else settings["skip"])
        report = build({**facts, "interrupted": not final})
        forms = [] if state["problem"] else settings["report_formats"]
        summary = settings.get("step_summary", "")
        written = write_report(report, state["folder"], forms, summary, settings["report_language"])
        if state["problem"]:
            written.lost[FOLDER] = state["problem"]
        return report, written

    def _load(self):
        try:
            with open(self._path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def _save(self, state):
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(state, file)


def _defect(error):
    """Return what an exception comes to of which nobody thought. Its own words may quote a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {os.path.basename(frame.filename)}, line {frame.lineno}"
    return (
        f"The event could not be checked, and nothing was stopped. This is a defect of zego.cloud ({place}): report it."
    )


def _end(state):
    """Say how the teardown ended: as a failure in one line, since the steps have said why."""
    if state is None:
        return {"changed": False, "skipped": True}
    end = state["end"]
    if end["failed"]:
        return {"changed": False, "failed": True, "msg": " ".join(end["lines"])}
    return {"changed": False, "msg": end["lines"], "_ansible_verbose_always": True}


def _folder(settings, started):
    """Return the folder of this run's report, and why it could not be made, '' if it could."""
    # A relative path counts from where the playbook was started.
    folder = os.path.abspath(os.path.expanduser(settings["report_dir"]))
    if settings["reports"] != "dated":
        return folder, ""
    moment = "".join(char for char in started[:19] if char.isalnum() or char == "-")
    dated = os.path.join(folder, f"{moment}Z")
    try:
        return (_files.make_own_folder(dated), "") if settings["report_formats"] else (dated, "")
    except OSError as error:
        return dated, _files.explain(error)


def _say_alive(done, title, calls):
    """Print a line now and then, until it is done. Nothing else does while a module runs."""
    began = time.monotonic()
    counts = []
    for call in calls:
        args = call["args"]
        things = next((name for name in ("streams", "rooms", "relays", "vendors") if args.get(name)), "requests")
        vendor = f" at {args['vendor']}" if args.get("vendor") else ""
        count = len(args.get(things) or [None])
        counts.append(f"{count} {things[:-1] if count == 1 else things}{vendor}")
    longest = sum(call["args"].get("wait_timeout", 0) for call in calls)
    limit = f", it waits up to {longest} s" if longest else ""
    while not done.wait(HEARTBEAT):
        # A callback may write JSON to the standard output.
        text = f"{title}: {', '.join(counts)}, for {time.monotonic() - began:.0f} s so far{limit}"
        Display().display(text, stderr=True)


def _plain(name):
    return "".join(char if char.isalnum() else "-" for char in str(name))[:64]


def _now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
