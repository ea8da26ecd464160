# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP request and its answer, or the reason why there is none (reference page "Calling")."""

from __future__ import annotations

import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Iterator, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent, Unreachable
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_loopback, redact

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # reported by _module.py, with Ansible's standard message
    requests = None  # type: ignore[assignment]

READ_BYTES = 64 * 1024
# A thousand keys of recorded files come to less than one.
LARGEST_ANSWER = 32 * 2**20


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


def _anonymous(request: Any) -> Any:
    """Add no credentials to a request."""
    return request


def _content(response: Any) -> bytes:
    """Return the body of a response. Raises ``AnswerLost`` where it has no end in sight."""
    body = bytearray()
    for part in response.iter_content(READ_BYTES):
        body += part
        if len(body) > LARGEST_ANSWER:
            response.close()
            raise AnswerLost(
                f"the answer has more than {LARGEST_ANSWER // 2**20} MB", "Check api_url: this is no answer of the API."
            )
    return bytes(body)


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
        # What api_url says, and nothing else: a password that .netrc has for the host is not the API's.
        user, password = requests.utils.get_auth_from_url(url)
        self._session.auth = (user, password) if user or password else _anonymous
        # Plain http is for this machine alone: a proxy of the environment would carry the signature elsewhere.
        if urlsplit(url).scheme == "http" and is_loopback(self._host):
            self._session.trust_env = False
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

    def _send(
        self, method: str, query: list[tuple[str, Any]], hide: tuple[str, ...], body: dict[str, Any] | None
    ) -> HttpAnswer:
        failure: Any = None
        try:
            response = self._session.request(
                method,
                self._url,
                params=query,
                json=body,
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            )
            return self._answer(response, hide)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError) as error:
            failure = self._failure(error)
        # Raised outside of the handler: the original error, with its signed URL, must not ride along as context.
        raise failure

    @staticmethod
    def _answer(response: Any, hide: tuple[str, ...]) -> HttpAnswer:
        text = _content(response).decode("utf-8", "replace")
        text = redact(text, hide)
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
            return NotSent(
                f"no connection to {self._host}", "Check the network, region, api_url, proxies and firewalls."
            )
        if any(isinstance(item, urllib3.exceptions.ConnectTimeoutError) for item in errors):
            return NotSent(
                f"no connection to {self._host} within {self._timeout:g} s", "Check the network, proxies and firewalls."
            )
        if isinstance(error, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, UnicodeError)):
            return Unreachable(f"the address of {self._host} is not usable", "Check api_url.")
        return self._unusable(error, errors) or AnswerLost(
            _lost_reason(errors, self._timeout), "Check the network and the API's state, then run it again."
        )

    def _unusable(self, error: BaseException, errors: list[BaseException]) -> NotSent | None:
        """Return what kept a request from leaving although the address is right: proxies and CA certificates that the environment names."""
        if isinstance(error, requests.exceptions.InvalidSchema):
            return Unreachable(
                f"no way to {self._host} by the proxy that the environment names",
                "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
            )
        if any(str(item).startswith("Tunnel connection failed") for item in errors):
            return NotSent(f"the proxy refuses to connect to {self._host}", "Check HTTPS_PROXY and its credentials.")
        # What requests raises before anything else where the file is not there; subclasses of OSError come from the network.
        if error.__class__ is OSError and str(error).startswith("Could not find"):
            return Unreachable(
                "the CA certificates cannot be read", "Check ca_path, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
            )
        return None

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._session.close()
