# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sends one HTTP request, and returns its answer or the reason why there is none (reference page "Calling")."""

from __future__ import annotations

import re
import socket
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Iterator
from urllib.parse import urlsplit

from ansible_collections.zego.cloud.plugins.module_utils._api.attempt import Parameters, encoded
from ansible_collections.zego.cloud.plugins.module_utils._api.errors import AnswerLost, NotSent, Unreachable
from ansible_collections.zego.cloud.plugins.module_utils._api.replies import HttpAnswer
from ansible_collections.zego.cloud.plugins.module_utils._api.secrecy import is_loopback
from ansible_collections.zego.cloud.plugins.module_utils._api.wire import (
    LARGEST_ANSWER,
    Adapter,
    CutOff,
    NoConnection,
    TooLarge,
    read_body,
)

try:
    import requests
    import urllib3
except ImportError:  # reported by _module.py, with Ansible's standard message
    requests = None  # type: ignore[assignment]

_UNDECODABLE = re.compile("[\udc80-\udcff]")
_CHECK_LOCAL = "Nothing listens there, on this machine. Is the simulator or the gateway running?"
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
    if _has(causes, CutOff) or any("IncompleteRead" in type(cause).__name__ for cause in causes):
        return "the answer was cut off"
    return f"the connection broke before the answer came ({type(causes[-1]).__name__})"


def _anonymous(request: Any) -> Any:
    """Add no credentials to a request."""
    return request


def _text_of(body: bytes) -> str:
    """Return a body as text, U+FFFE for each byte that is no UTF-8.

    The usual U+FFFD may be part of a name, and one stream's answer would count for another. No name holds U+FFFE.
    """
    return _UNDECODABLE.sub("\ufffe", body.decode("utf-8-sig", "surrogateescape"))


def _retry_after(response: Any) -> float | None:
    """Return the seconds that a response's Retry-After header asks for, None where it cannot be read."""
    try:
        seconds: float | None = urllib3.Retry(0).parse_retry_after(response.headers.get("Retry-After", ""))
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None
    return seconds


class RequestsTransport:
    """Sends requests to one address over a pool of kept-alive connections. Safe under several threads.

    ``url``: the address; ``timeout``: seconds for connecting, and again for the whole answer; ``verify``: whether to
    check certificates, or the path of the CA certificates; ``pool_size``: connections kept; ``user`` and ``password``:
    for HTTP Basic authentication, none where both are empty.
    """

    def __init__(
        self, url: str, timeout: float, verify: bool | str, *, pool_size: int, user: str = "", password: str = ""
    ) -> None:
        self._url = url
        parts = urlsplit(url)
        self._host = parts.hostname or "the host"
        self._server = f"{self._host}:{parts.port}" if parts.port else self._host
        self._timeout = timeout
        self._verify = verify
        self._session = requests.Session()
        # Without cookies, the threads that share the session write nothing to it.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = "ansible-zego.cloud"
        # Only the options count: a password for this host in .netrc is not meant for the API.
        given = user or password
        credentials: Any = (user.encode("utf-8"), password.encode("utf-8")) if given else _anonymous
        self._session.auth = credentials
        # Plain http to this machine must not leave it: a proxy of the environment would carry the signature elsewhere.
        if urlsplit(url).scheme == "http" and is_loopback(self._host):
            self._session.trust_env = False
        # An answer that nobody asked to compress cannot be a bomb.
        self._session.headers["Accept-Encoding"] = "identity"
        self._adapter = Adapter(pool_size)
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, query: Parameters, body: dict[str, Any] | None = None, *, fresh: bool = False) -> HttpAnswer:
        """Send one request and return its answer, as it came.

        ``body``: sent as JSON by POST, None for GET; ``fresh``: over a connection of its own. Raises ``NotSent`` or
        ``AnswerLost``.
        """
        # A server may close a kept connection at any time, and a request that meets this is lost: nobody knows whether
        # it was read. What must not be repeated does not take that risk.
        adapter = Adapter(1) if fresh else self._adapter
        failure: Any = None
        try:
            return self._exchange(adapter, query, body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError, OSError) as error:
            failure = self._failure(error)
        finally:
            if fresh:
                adapter.close()
        # Raised outside of the handler: the original error holds the signed URL, and must not become the context.
        raise failure

    def _exchange(self, adapter: Adapter, query: Parameters, body: dict[str, Any] | None) -> HttpAnswer:
        method = "GET" if body is None else "POST"
        prepared = self._session.prepare_request(requests.Request(method, self._url, params=encoded(query), json=body))
        # Streamed, so that the body is read in parts and its size can be limited.
        settings: Any = self._session.merge_environment_settings(prepared.url, {}, True, self._verify, None)
        # Not by the session: it follows redirects, which would carry the signature to another server, or reads their
        # bodies whole.
        response = adapter.send(prepared, timeout=self._timeout, **settings)
        try:
            text = _text_of(read_body(response.raw))
        except BaseException:
            # What is left of the answer must not become the next one's.
            response.raw.close()
            raise
        finally:
            response.raw.release_conn()
        return HttpAnswer(response.status_code, text, response.headers.get("Date"), _retry_after(response))

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()
        self._adapter.close()

    def _failure(self, error: BaseException) -> NotSent | AnswerLost:
        """Return the error that an exception of the HTTP libraries stands for.

        What never left the machine comes first: only then is sending a start again safe.
        """
        causes = list(_chain(error))
        never_left = self._untrusted(causes) or self._no_connection(causes) or self._unusable(error)
        if never_left is not None:
            return never_left
        if _has(causes, TooLarge):
            reason = f"the answer has more than {LARGEST_ANSWER // 2**20} MB"
            return AnswerLost(reason, "Check api_url: this is no answer of the API.")
        reason = _lost_reason(causes, self._timeout)
        return AnswerLost(reason, "Check the network and the API's state, then run it again.")

    def _untrusted(self, causes: list[BaseException]) -> NotSent | None:
        for cause in causes:
            # The handshake failed, so nothing of the request has left.
            if isinstance(cause, ssl.SSLCertVerificationError):
                reason = f"the certificate of {self._host} is not trusted ({cause.verify_message})"
                return Unreachable(reason, "Check api_url, or name the CA in ca_path.")
        return None

    def _no_connection(self, causes: list[BaseException]) -> NotSent | None:
        # Until the connection is established, nothing of the request has left: even a start may be sent again.
        if not _has(causes, NoConnection):
            return None
        if _has(causes, socket.gaierror):
            return NotSent(f"the name {self._host} cannot be resolved", "Check DNS, region and api_url.")
        # The proxy refused CONNECT.
        if any(str(cause).startswith("Tunnel connection failed") for cause in causes):
            return NotSent(f"the proxy refuses to connect to {self._host}", "Check HTTPS_PROXY and its credentials.")
        # In urllib3 1.26, a refused connection is a kind of timeout.
        refused = _has(causes, urllib3.exceptions.NewConnectionError)
        if not refused and _has(causes, urllib3.exceptions.ConnectTimeoutError, socket.timeout):
            reason = f"no connection to {self._server} within {self._timeout:g} s"
            return NotSent(reason, "Check the network, proxies and firewalls.")
        if _has(causes, ssl.SSLError):
            return NotSent(f"no TLS connection to {self._host}", "Check api_url, and the proxies on the way.")
        if _has(causes, ConnectionRefusedError):
            advice = _CHECK_LOCAL if is_loopback(self._host) else _CHECK_NETWORK
            return NotSent(f"no connection to {self._server}: connection refused", advice)
        return NotSent(f"no connection to {self._server}", _CHECK_NETWORK)

    def _unusable(self, error: BaseException) -> NotSent | None:
        """Return why no request can leave: a wrong address, or a proxy or CA file that the environment names."""
        if isinstance(error, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, UnicodeError)):
            return Unreachable(f"the address of {self._host} is not usable", "Check api_url.")
        if isinstance(error, requests.exceptions.InvalidSchema):
            reason = f"no way to {self._host} by the proxy that the environment names"
            return Unreachable(reason, "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.")
        # requests raises a plain OSError for a missing CA file; network errors are subclasses of OSError.
        if error.__class__ is OSError and str(error).startswith("Could not find"):
            advice = "Check ca_path, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
            return Unreachable("the CA certificates cannot be read", advice)
        return None
