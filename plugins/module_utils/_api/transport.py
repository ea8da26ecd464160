# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sends one HTTP request, and returns its answer or the reason why there is none (reference page "Calling")."""

from __future__ import annotations

import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Iterator
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent, Unreachable
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import HttpAnswer
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_loopback, redact

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # reported by _module.py, with Ansible's standard message
    requests = None  # type: ignore[assignment]

READ_BYTES = 64 * 1024
# A page of a thousand recorded files, the largest reply there is, takes less than 1 MB.
LARGEST_ANSWER = 32 * 2**20
_CHECK_NETWORK = "Check the network, region, api_url, proxies and firewalls."


def _chain(error: Any, depth: int = 0) -> Iterator[BaseException]:
    """Yield ``error`` and the errors that the HTTP libraries wrapped into it."""
    if not isinstance(error, BaseException) or depth > 8:
        return
    yield error
    wrapped = [getattr(error, "reason", None), error.__cause__, error.__context__, *error.args]
    for item in wrapped:
        yield from _chain(item, depth + 1)


def _has(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _lost_reason(causes: list[BaseException], timeout: float) -> str:
    """Say why no answer came. Never quotes an exception: its text may hold the signed URL."""
    if _has(causes, requests.exceptions.Timeout, socket.timeout):
        return f"no answer within {timeout:g} s"
    if _has(causes, ConnectionResetError):
        return "the connection was reset before the answer came"
    if _has(causes, ssl.SSLError):
        return "the TLS connection failed"
    if any("IncompleteRead" in type(cause).__name__ for cause in causes):
        return "the answer was cut off"
    return f"the connection broke before the answer came ({type(causes[-1]).__name__})"


def _anonymous(request: Any) -> Any:
    """Add no credentials to a request."""
    return request


def _content(response: Any) -> bytes:
    """Return the body of a response. Raises ``AnswerLost`` if it is too large to be the API's."""
    body = bytearray()
    for part in response.iter_content(READ_BYTES):
        body += part
        if len(body) > LARGEST_ANSWER:
            response.close()
            reason = f"the answer has more than {LARGEST_ANSWER // 2**20} MB"
            raise AnswerLost(reason, "Check api_url: this is no answer of the API.")
    return bytes(body)


class RequestsTransport:
    """Sends requests to one address over a pool of kept-alive connections. Safe under several threads.

    ``url``: the address, its user info included; ``timeout``: seconds for connecting, and for each wait for data;
    ``verify``: whether to check certificates, or the path of the CA certificates; ``pool_size``: connections kept.
    """

    def __init__(self, url: str, timeout: float, verify: bool | str, *, pool_size: int) -> None:
        self._url = url
        self._host = urlsplit(url).hostname or "the host"
        self._timeout = timeout
        self._verify = verify
        self._session = requests.Session()
        # Without cookies, the threads that share the session write nothing to it.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = "ansible-zego.cloud"
        # Only credentials in api_url count: a password for this host in .netrc is not meant for the API.
        user, password = requests.utils.get_auth_from_url(url)
        self._session.auth = (user, password) if user or password else _anonymous
        # Plain http to this machine must not leave it: a proxy of the environment would carry the signature elsewhere.
        if urlsplit(url).scheme == "http" and is_loopback(self._host):
            self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, query: Parameters, hide: tuple[str, ...] = (), body: dict[str, Any] | None = None) -> HttpAnswer:
        """Send one request and return its answer, in which every text of ``hide`` is blacked out.

        ``body``: sent as JSON by POST, None for GET. Raises ``NotSent`` or ``AnswerLost``.
        """
        failure: Any = None
        try:
            response = self._session.request(
                "GET" if body is None else "POST",
                self._url,
                params=query,
                json=body,
                timeout=self._timeout,
                verify=self._verify,
                # A redirect would carry the signature to another server.
                allow_redirects=False,
                # The body is read in parts, so that its size can be limited.
                stream=True,
            )
            return self._answer(response, hide)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError) as error:
            failure = self._failure(error)
        # Raised outside of the handler: the original error holds the signed URL, and must not become the context.
        raise failure

    @staticmethod
    def _answer(response: Any, hide: tuple[str, ...]) -> HttpAnswer:
        # Before anything reads it: a server may echo the signed URL, and messages are quoted in results.
        text = redact(_content(response).decode("utf-8", "replace"), hide)
        try:
            retry_after = urllib3.Retry(0).parse_retry_after(response.headers.get("Retry-After", ""))
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            retry_after = None
        return HttpAnswer(response.status_code, text, response.headers.get("Date"), retry_after)

    def _failure(self, error: BaseException) -> NotSent | AnswerLost:
        """Return the error that an exception of the HTTP libraries stands for.

        What never left the machine comes first: only then is sending a start again safe.
        """
        causes = list(_chain(error))
        return (
            self._untrusted(causes)
            or self._no_connection(causes)
            or self._unusable(error, causes)
            or AnswerLost(
                _lost_reason(causes, self._timeout), "Check the network and the API's state, then run it again."
            )
        )

    def _untrusted(self, causes: list[BaseException]) -> NotSent | None:
        for cause in causes:
            # The handshake failed, so nothing of the request has left.
            if isinstance(cause, ssl.SSLCertVerificationError):
                reason = f"the certificate of {self._host} is not trusted ({cause.verify_message})"
                return Unreachable(reason, "Check api_url, or name the CA in ca_path.")
        return None

    def _no_connection(self, causes: list[BaseException]) -> NotSent | None:
        # Until the connection is established, nothing of the request has left: even a start may be sent again.
        if _has(causes, socket.gaierror):
            return NotSent(f"the name {self._host} cannot be resolved", "Check DNS, region and api_url.")
        if _has(causes, urllib3.exceptions.NewConnectionError):
            return NotSent(f"no connection to {self._host}", _CHECK_NETWORK)
        if _has(causes, urllib3.exceptions.ConnectTimeoutError):
            reason = f"no connection to {self._host} within {self._timeout:g} s"
            return NotSent(reason, "Check the network, proxies and firewalls.")
        return None

    def _unusable(self, error: BaseException, causes: list[BaseException]) -> NotSent | None:
        """Return why no request can leave: a wrong address, or a proxy or CA file that the environment names."""
        if isinstance(error, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, UnicodeError)):
            return Unreachable(f"the address of {self._host} is not usable", "Check api_url.")
        if isinstance(error, requests.exceptions.InvalidSchema):
            reason = f"no way to {self._host} by the proxy that the environment names"
            return Unreachable(reason, "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.")
        # The proxy refused CONNECT, so nothing of the request reached the API.
        if any(str(cause).startswith("Tunnel connection failed") for cause in causes):
            return NotSent(f"the proxy refuses to connect to {self._host}", "Check HTTPS_PROXY and its credentials.")
        # requests raises a plain OSError for a missing CA file; network errors are subclasses of OSError.
        if error.__class__ is OSError and str(error).startswith("Could not find"):
            advice = "Check ca_path, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
            return Unreachable("the CA certificates cannot be read", advice)
        return None
