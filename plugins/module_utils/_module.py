# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The face to Ansible: the connection's options, the client made from them, and the one place that exits."""

from __future__ import annotations

import signal
import sys
from typing import Any, Callable, Dict, Iterable, Set

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zego.cloud.plugins.module_utils import _names, _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.environment import environment_of
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import one_line
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_secret, without_secrets
from ansible_collections.zego.cloud.plugins.module_utils._connection import (
    HIDDEN,
    Connection,
    credentials_of,
    has_requests,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.address import (
    Login,
    check_ledger,
    file_path,
    is_server,
    without_login,
)
from ansible_collections.zego.cloud.plugins.module_utils._ledger.boards import open_board
from ansible_collections.zego.cloud.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.zego.cloud.plugins.module_utils._options import (
    CONNECTION_SPEC,
    check_app_id,
    endless_numbers,
    without_unset,
)

# The options whose entries are names that somebody chose, and that YAML may have read as a number.
NAMES = ("streams", "rooms")
# What the log of the invocation leaves out: a token may be in it.
_NOT_LOGGED = ("api_url", "api_user", "ledger", "ledger_user")


try:
    # From ansible-core 2.22 on, this is what blacks out texts; before, it is AnsibleModule.no_log_values.
    from ansible.module_utils.secrets import register_secrets
except ImportError:

    def register_secrets(values: Iterable[str]) -> None:  # type: ignore[misc]
        """Do nothing: this ansible-core has no such register."""


# Takes a module's parameters, masks what no output may hold, and adds it to the set, Ansible's no_log_values.
Mask = Callable[[Dict[str, Any], Set[str]], None]


def without(library: str, reason: str | None = None) -> str:
    """Return that this library is missing, in Ansible's own words, and the command that helps."""
    return f"{missing_required_lib(library, reason=reason)} Most often: {sys.executable} -m pip install {library}"


def requests_problem() -> str:
    """Return that the library is missing without which no request can be sent, '' if it is there."""
    return "" if has_requests() else without("requests")


class _Module(AnsibleModule):
    """AnsibleModule converts, rejects and logs options before we see them.

    So lists are read here first, as they were given. ``mask`` is called before Ansible rejects or logs anything, and
    may meet parameters that were not validated. ``masked``: what it is about. ``advice``: see ``ZegoModule``.
    """

    def __init__(
        self, mask: Mask | None, masked: tuple[str, ...], advice: dict[str, Callable[[str], str]], **given: Any
    ) -> None:
        self._mask = mask
        self._masked = masked
        self._advice = advice
        # What is wrong with the parameters as they were given, and what to warn of.
        self.problems: list[str] = []
        self.notes: list[str] = []
        super().__init__(**given)

    def _load_params(self) -> None:
        super()._load_params()
        spec: dict[str, dict[str, Any]] = vars(self)["argument_spec"]
        given: dict[str, Any] = vars(self)["params"]
        self.params = without_unset(given)
        for name, sentence in endless_numbers(self.params).items():
            self.problems.append(sentence)
            self.params[name] = 0
        app_id_problem = check_app_id(self.params)
        if app_id_problem:
            self.problems.append(app_id_problem)
            self.params["app_id"] = 0
        for option, advise in self._advice.items():
            advice = advise(self.params[option]) if isinstance(self.params.get(option), str) else ""
            if advice:
                self.problems.append(advice)
                # Ansible would refuse it first, without the advice.
                self.params[option] = spec[option].get("choices", [None])[0]
        for option, settings in spec.items():
            if settings.get("type") == "list":
                for name in (option, *settings.get("aliases", ())):
                    self._read_list(option, name, settings.get("elements"))

    def _read_list(self, option: str, name: str, elements: str | None) -> None:
        """Make the value under ``name`` (the option's own or an alias) a list; note what is wrong with it."""
        if name not in self.params:
            return
        try:
            if elements == "str":
                read = _names.read_names(option, self.params[name])
                self.params[name] = read.names
                if option in NAMES:
                    self.notes.append(read.warning(option))
            else:
                self.params[name] = _names.read_list(option, self.params[name])
        except ValueError as error:
            self.problems.append(str(error))
            # Ansible would print what it cannot convert, a relay's address included.
            self.params[name] = []

    def _log_invocation(self) -> None:
        # The log gets a list as Python spells it, with escapes (\n, \u200b), where what was masked is not found.
        # So it gets nothing of these options. In the result their names have to be seen, so they are not no_log.
        self._hide()
        spec: dict[str, dict[str, Any]] = vars(self)["argument_spec"]
        secret = {name: {**spec[name], "no_log": True} for name in (*self._masked, *_NOT_LOGGED)}
        self.argument_spec = {**spec, **secret}
        try:
            super()._log_invocation()
        finally:
            self.argument_spec = spec

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        self._hide()
        self.hide_connection()
        super().fail_json(msg, **kwargs)

    def hide_connection(self) -> None:
        """Take what may be a token out of the parameters, which -vvv prints as the invocation."""
        hidden = {"api_url": without_secrets, "api_user": _placeholder, "ledger_user": _placeholder}
        hidden["ledger"] = without_login
        for name, hide in hidden.items():
            if self.params and self.params.get(name):
                self.params[name] = hide(str(self.params[name]))

    def _hide(self) -> None:
        hidden: set[str] = set()
        if self.params:
            hidden.update(filter(is_secret, credentials_of(self.params)))
        if self._mask is not None and self.params:
            self._mask(self.params, hidden)
        self.no_log_values.update(hidden)
        register_secrets(hidden)


def _placeholder(_value: str) -> str:
    return HIDDEN


class ZegoModule:
    """An Ansible module with the connection's options beside those of ``spec``.

    ``positive``: the options of ``spec`` that must be above zero; ``mask``: hides what is secret in the options
    ``masked``; ``advice``: for options with choices, what to tell whoever gave this text ('' for nothing).
    """

    def __init__(
        self,
        spec: dict[str, dict[str, Any]],
        positive: tuple[str, ...] = (),
        mask: Mask | None = None,
        *,
        masked: tuple[str, ...] = (),
        advice: dict[str, Callable[[str], str]] | None = None,
    ) -> None:
        self.ansible = _Module(
            mask, masked, advice or {}, argument_spec={**CONNECTION_SPEC, **spec}, supports_check_mode=True
        )
        self.params = self.ansible.params
        self.warn = self.ansible.warn
        self.environment = environment_of(self.params["app_id"], self.params["is_test"])
        self._positive = _validation.POSITIVE + positive
        self._ledger = self.params["ledger"] or ""
        self._ledger_user, self._ledger_password = (
            self.params["ledger_user"] or "",
            self.params["ledger_password"] or "",
        )
        # Before what may be a token is taken out of the parameters.
        self._connection = Connection(self.params, (self._ledger_password,))
        self._ledger_failed = False
        # Told at the end, and only where the ledger, which lies at the same place, has no problem: one is enough.
        self._pace_problem = ""
        self.ansible.hide_connection()
        self.shown_url = ""

    def check(self) -> None:
        """Refuse what the argument spec cannot. Raises ``ValueError``."""
        if self.ansible.problems:
            raise ValueError(" ".join(self.ansible.problems))
        self.shown_url = self._connection.check(self._positive)
        check_ledger(self._ledger)

    def accept(self, read: Callable[[dict[str, Any]], Any]) -> Any:
        """Return what ``read`` makes of the parameters. If it or ``check`` refuses them, the module ends here."""
        problem = None
        try:
            self.check()
            accepted = read(self.params)
            for note in filter(None, self.ansible.notes):
                self.warn(note)
            return accepted
        except ValueError as error:
            problem = str(error)
        # Outside of the handler: ansible-core would print the exception beside the sentence.
        return self.exit({"failed": True, "changed": False, "msg": problem})

    def scope(self) -> str:
        """Return what separates this app's memories in the ledger from others', see ``Connection.scope``."""
        return self._connection.scope()

    def ledger(self, name: str, *, scope: str = "", read_only: bool = False, starts: bool = False) -> Ledger:
        """Return the memory of what ``name`` (a vendor, say) did for this app.

        ``scope``: what else keeps memories apart; ``read_only``: in check mode; ``starts``: see ``Ledger``.
        """
        parts = [part for part in (self.scope(), scope) if part]
        options: dict[str, Any] = {"ttl": self.params["ledger_ttl"], "read_only": read_only, "starts": starts}
        if is_server(self._ledger):
            options.update(login=self._login(), app_id=self.params["app_id"])
        path = file_path(self._ledger) if self._ledger else ""
        return Ledger(path, "/".join(parts), name, warn=self._warn_of_ledger, **options)

    def _warn_of_ledger(self, text: str) -> None:
        self._ledger_failed = True
        self.warn(text)

    def _login(self) -> Login:
        from ansible_collections.zego.cloud.plugins.module_utils._ledger import server

        if server.redis is None:
            self.ansible.fail_json(msg=without("redis", "for a ledger on a server"))
        verify, ca_path = self.params["validate_certs"], self.params["ca_path"] or ""
        return Login(self._ledger, self._ledger_user, self._ledger_password, verify, ca_path)

    def _board(self, action: str) -> Board | None:
        """Return where the runs that share the quota of ``action`` keep the numbers of their pace.

        None where that place cannot be used: then the pace only adapts to others.
        """
        login = Login(self._ledger)
        if is_server(self._ledger):
            # One that has failed is asked no further.
            if self._ledger_failed:
                return None
            login = self._login()
        return open_board(login, self.params["app_id"], f"{self.scope()} {action}", self._warn_of_pace)

    def _warn_of_pace(self, text: str) -> None:
        self._pace_problem = one_line(text)

    def client(
        self,
        action: str = "",
        addresses: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        *,
        shared: str = "",
        vendor: str = "",
    ) -> ZegoClient:
        """Return a client made from the connection's options, within the quota of ``action`` where one is named.

        ``shared``: the action whose quota is shared with other runs, where the user's own number counts as the quota;
        ``vendor``: whose quota of streams is shared, too;
        ``addresses`` and ``names``: see ``Secrets``.
        """
        problem = requests_problem()
        if problem:
            self.ansible.fail_json(msg=problem)
        return self._connection.client(
            action,
            addresses,
            names,
            board=self._board(action or shared),
            vendor=vendor,
            warn=self.warn,
            warn_of_pace=self._warn_of_pace,
        )

    def on_interrupt(self, callback: Callable[[str], None]) -> None:
        """Call ``callback`` with the signal's name if the run is to end early; a second signal ends it at once."""

        def handle(number: int, _frame: Any) -> None:
            signal.signal(number, signal.SIG_DFL)
            # It leaves a note, and raises nothing: the answers to requests in flight must still be recorded.
            callback(signal.Signals(number).name)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, handle)

    def exit(self, result: dict[str, Any]) -> None:
        """Hand the result to Ansible: once, failed or not."""
        if self._pace_problem and not self._ledger_failed:
            self.warn(self._pace_problem)
        if result.get("failed"):
            self.ansible.fail_json(**result)
        self.ansible.exit_json(**result)
