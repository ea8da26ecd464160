# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The connection's options, and the client that is made from them. Knows nothing of Ansible."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Callable

from ansible_collections.zego.cloud.plugins.module_utils import _validation
from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Sender
from ansible_collections.zego.cloud.plugins.module_utils._api.board import Board
from ansible_collections.zego.cloud.plugins.module_utils._api.breaker import retry_window
from ansible_collections.zego.cloud.plugins.module_utils._api.client import ZegoClient
from ansible_collections.zego.cloud.plugins.module_utils._api.gate import Gate
from ansible_collections.zego.cloud.plugins.module_utils._api.hosts import REGIONS, address_of
from ansible_collections.zego.cloud.plugins.module_utils._api.lane import WORKERS
from ansible_collections.zego.cloud.plugins.module_utils._api.quotas import permitted_rate
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import Secrets, path_parts

# Ansible's own note in the place of what is secret.
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def credentials_of(params: dict[str, Any]) -> tuple[str, ...]:
    """Return what no output may hold of the credentials for a gateway: as given, and as the request carries them."""
    user, password = (str(params.get(name) or "") for name in ("api_user", "api_password"))
    # Hidden before, it is known already.
    if user == HIDDEN or not (user or password):
        return ()
    return user, password, b64encode(f"{user}:{password}".encode("utf-8", "replace")).decode()


def has_requests() -> bool:
    """Tell whether the library that sends requests is there."""
    # Imported here: what sends nothing need not pay for the import of requests.
    from ansible_collections.zego.cloud.plugins.module_utils._api import transport

    return transport.requests is not None


class Connection:
    """A connection to the API.

    ``params``: the connection's options, each with a value or None; ``secrets``: what else no output may hold.
    """

    def __init__(self, params: dict[str, Any], secrets: tuple[str, ...] = ()) -> None:
        self._params = params
        # Kept apart: a module takes what may be a token out of its parameters.
        self._given_url = params["api_url"]
        self._user, self._password = params["api_user"] or "", params["api_password"] or ""
        credentials = (params["server_secret"], *credentials_of(params), *path_parts(self._given_url or ""))
        self._secrets = (*credentials, *secrets)
        # As far as it may be shown; known once it is checked.
        self._shown_url = ""

    def check(self, positive: tuple[str, ...] = _validation.POSITIVE) -> str:
        """Return the address, as far as it may be shown. Raises ``ValueError`` with a sentence for the user.

        ``positive``: the options that must be above zero.
        """
        # A module takes what may be a token out of its parameters.
        given = {"api_url": self._given_url, "api_user": self._user, "api_password": self._password}
        self._shown_url = _validation.check_connection({**self._params, **given}, positive)
        return self._shown_url

    def scope(self) -> str:
        """Return what separates this app's memories and quotas from others'. Only after ``check``.

        Regions share them; a test environment or another address has its own.
        """
        scope = str(self._params["app_id"])
        # A stop in the test environment says nothing about a stream of that name in production.
        if self._params["is_test"]:
            scope += "/test"
        if not self._given_url:
            return scope
        server = _validation.same_server(self._shown_url)
        regional = {_validation.same_server(address_of(region)) for region in REGIONS}
        return scope if server in regional else f"{scope}@{server}"

    def client(
        self,
        action: str = "",
        addresses: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        *,
        board: Board | None = None,
        vendor: str = "",
        warn: Callable[[str], None],
        warn_of_pace: Callable[[str], None] | None = None,
    ) -> ZegoClient:
        """Return a client within the quota of ``action`` where one is named. Needs the library requests.

        ``addresses`` and ``names``: see ``Secrets``; ``board`` and ``vendor``: see ``Gate``; ``warn`` takes warnings
        for the user.
        """
        from ansible_collections.zego.cloud.plugins.module_utils._api import transport

        params = self._params
        verify = params["ca_path"] if params["validate_certs"] and params["ca_path"] else params["validate_certs"]
        # Some actions have hosts of their own.
        url = self._given_url or address_of(params["region"], action)
        sender = Sender(
            params["app_id"],
            params["server_secret"],
            transport.RequestsTransport(
                url, params["timeout"], verify, pool_size=WORKERS, user=self._user, password=self._password
            ),
            Secrets(self._secrets, addresses, names),
        )
        # zego_cdn_record names no action: ZEGO may have raised its user's quota, so the user's number counts there.
        rate = permitted_rate(action, params["requests_per_second"], params["is_test"])
        usual = permitted_rate(action, None, params["is_test"])
        gate = Gate(
            rate,
            params["rate_limit_timeout"],
            retry_window(params["retries"]),
            quota=max(rate, usual),
            board=board,
            vendor=vendor,
            warn=warn_of_pace or warn,
        )
        return ZegoClient(sender, gate, retries=params["retries"], warn=warn)
