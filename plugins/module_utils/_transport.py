# Copyright: (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP request and its answer, or the reason why there is none (reference page "Calling")."""

from __future__ import annotations

import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Iterator, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._errors import AnswerLost, NotSent, Unreachable
from ansible_collections.zego.cloud.plugins.module_utils._signing import SECRET_LENGTH

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # reported by _module.py, with Ansible's standard message
    requests = None  # type: ignore[assignment]

REDACTED = "********"


class HttpAnswer(NamedTuple):
    """A complete answer: HTTP status, body text, server time (RFC 7231 text or None), Retry-After (seconds or None)."""

    status: int
    text: str
    date: str | None
    retry_after: float | None


def _chain(error: Any, depth: int = 0) -> Iterator[BaseException]:
    """Yield ``error`` and the errors that the HTTP libraries wrapped into it."""
    if not isinstance(error, BaseException) or depth > 8:
        return
    yield error
    inner = [getattr(error, "reason", None), error.__cause__, error.__context__, *error.args]
    for item in inner:
        yield from _chain(item, depth + 1)


def _lost_reason(errors: list[BaseException], timeout: float) -> str:
    """Say in words why no answer came. Never quotes an exception: their texts carry the signed URL."""
    if any(isinstance(error, (requests.exceptions.Timeout, socket.timeout)) for error in errors):
        return f"no answer within {timeout:g} s"
    if any(isinstance(error, ConnectionResetError) for error in errors):
        return "the connection was reset before the answer came"
    if any(isinstance(error, ssl.SSLError) for error in errors):
        return "the TLS connection failed"
    if any("IncompleteRead" in type(error).__name__ for error in errors):
        return "the answer was cut off"
    return f"the connection broke before the answer came ({type(errors[-1]).__name__})"


class Transport:
    """Sends requests to one address over a pool of kept-alive connections.

    ``url``: the address, its user info included; ``timeout``: seconds for connecting, and for each wait for data;
    ``verify``: whether to check certificates, or the path of the CA certificates; ``pool_size``: connections kept.
    """

    def __init__(self, url: str, timeout: float, verify: bool | str, pool_size: int) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or "the host"
        self._timeout = timeout
        self._verify = verify
        self._session = requests.Session()
        # Cookies would be the one thing that requests from several threads share and write.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = "ansible-zego.cloud"
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def get(self, query: list[tuple[str, Any]], hide: tuple[str, ...] = ()) -> HttpAnswer:
        """Send one request and return its answer, in which every text of ``hide`` is blacked out.

        Raises ``NotSent`` or ``AnswerLost``.
        """
        return self._send("GET", query, hide, None)

    def post(self, query: list[tuple[str, Any]], body: dict[str, Any], hide: tuple[str, ...] = ()) -> HttpAnswer:
        """Send one request with a JSON body; as ``get`` in all else."""
        return self._send("POST", query, hide, body)

    def _send(self, method: str, query: list[tuple[str, Any]], hide: tuple[str, ...], body: dict[str, Any] | None) -> HttpAnswer:
        failure: Any = None
        try:
            response = self._session.request(
                method, self._url, params=query, json=body, timeout=self._timeout, verify=self._verify, allow_redirects=False
            )
            return self._answer(response, hide)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError) as error:
            failure = self._failure(error)
        # Raised outside of the handler: the original error, with its signed URL, must not ride along as context.
        raise failure

    @staticmethod
    def _answer(response: Any, hide: tuple[str, ...]) -> HttpAnswer:
        text = response.content.decode("utf-8", "replace")
        for secret in hide:
            # A shorter one is as likely to be part of a stream's name.
            text = text.replace(secret, REDACTED) if len(secret) >= SECRET_LENGTH else text
        try:
            retry_after = urllib3.Retry(0).parse_retry_after(response.headers.get("Retry-After", ""))
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            retry_after = None
        return HttpAnswer(response.status_code, text, response.headers.get("Date"), retry_after)

    def _failure(self, error: BaseException) -> NotSent | AnswerLost:
        errors = list(_chain(error))
        for item in errors:
            if isinstance(item, ssl.SSLCertVerificationError):
                reason = f"the certificate of {self._host} is not trusted ({item.verify_message})"
                return Unreachable(reason, "Check api_url, or name the CA in ca_path.")
        if any(isinstance(item, socket.gaierror) for item in errors):
            return NotSent(f"the name {self._host} cannot be resolved", "Check DNS, region and api_url.")
        if any(isinstance(item, urllib3.exceptions.NewConnectionError) for item in errors):
            return NotSent(f"no connection to {self._host}", "Check the network, region, api_url, proxies and firewalls.")
        if any(isinstance(item, urllib3.exceptions.ConnectTimeoutError) for item in errors):
            return NotSent(f"no connection to {self._host} within {self._timeout:g} s", "Check the network, proxies and firewalls.")
        if isinstance(error, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, UnicodeError)):
            return Unreachable(f"the address of {self._host} is not usable", "Check api_url.")
        return AnswerLost(_lost_reason(errors, self._timeout), "Check the network and the API's state, then run it again.")

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._session.close()
