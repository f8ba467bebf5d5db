"""Connections to GitHub's API, through PyGithub. The only module that imports ``github``.

The import takes 0.1 s, and nothing can be imported after the start of the tests (`adapters.system.imports`).
"""

from __future__ import annotations

import encodings.punycode  # noqa: F401 - with `idna.uts46data`, for names beyond ASCII: loaded too late otherwise
import errno
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPException, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import idna.uts46data  # noqa: F401
import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from urllib3.exceptions import LocationParseError

from ...core.github.error_kind import ErrorKind, RequestFailure
from ...core.github.response import parse_response
from . import certificates
from .retrying import ApiResponse, Request

# PyGithub's debug log contains whole responses, including tokens.
_DISABLED_LOGGER = logging.getLogger("pytest_check_runs.github")
_DISABLED_LOGGER.disabled = True
Requester.injectLogger(_DISABLED_LOGGER)

_HttpConnection = HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass
_NO_ROUTE = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH})
_READ_TIMEOUT = re.compile(r"read timeout=\d+")
#: What Python puts around OpenSSL's words.
_OPENSSL = re.compile(r"^\[[A-Z0-9_: ]+\] | \(_ssl\.c:\d+\)$")
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: 4\d\d")


class Connection:
    """A connection to `api_url` with the credentials of `requester`. Not thread-safe."""

    def __init__(self, api_url: str, http: _HttpConnection, requester: Requester) -> None:
        self._api_url = api_url
        self._http = http
        self._requester = requester

    def close(self) -> None:
        """Close the connection, which another request would open again."""
        self._http.close()

    def as_app(self, app_id: str, sign: Callable[[dict[str, Any]], str]) -> Connection:
        """Return the same connection with a JWT for each request, which `sign` signs."""
        return self._with(Auth.AppAuth(app_id, sign_func=sign))

    def with_token(self, token: str) -> Connection:
        """Return the same connection with a token."""
        return self._with(Auth.Token(token))

    def _with(self, auth: Auth.Auth) -> Connection:
        return Connection(self._api_url, self._http, self._requester.withAuth(auth))

    def send(self, request: Request, *, hurried_seconds: int | None = None) -> ApiResponse | RequestFailure:
        """Send one attempt. If hurried, it has another connection: the usual one may hang in another thread."""
        if hurried_seconds is None:
            return self._send(request, self._http)
        http = _open(self._api_url, hurried_seconds)
        try:
            return self._send(request, http)
        finally:
            http.close()

    def _send(self, request: Request, http: _HttpConnection) -> ApiResponse | RequestFailure:
        try:
            status, headers, text = self._requester.requestJson(
                request.method, request.path, parameters=dict(request.query), input=request.body, cnx=http
            )
        except LocationParseError as error:  # which `requests` does not translate
            return failure_of(requests.exceptions.InvalidURL(str(error)))
        except OSError as error:  # so are all errors of `requests`
            return failure_of(error)
        data = parse_response(status, headers, text, shape=request.shape, keys=request.keys)
        return data if isinstance(data, RequestFailure) else ApiResponse(data=data, headers=headers)


def connect(api_url: str, *, seconds: int) -> Connection:
    """Return a connection without credentials. `seconds` is the timeout of a request."""
    requester = Github(
        base_url=api_url,
        user_agent="pytest-check-runs",
        # PyGithub's own retries and pauses would repeat a POST whose response was lost.
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester
    return Connection(api_url, _open(api_url, seconds), requester)


def _open(api_url: str, seconds: int) -> _HttpConnection:
    url = urlsplit(api_url)
    kind = HTTPSRequestsConnectionClass if url.scheme == "https" else HTTPRequestsConnectionClass
    http = kind(url.hostname or "", url.port, timeout=seconds, verify=certificates.bundle())
    http.session.hooks["response"].extend([_keep_redirect, _read_as_utf8])
    return http


def _keep_redirect(response: requests.Response, *_: object, **__: object) -> None:
    """Keep PyGithub from following a 301, which it does without the query. A 308 means the same."""
    if response.status_code == requests.codes.moved_permanently:
        response.status_code = requests.codes.permanent_redirect


def _read_as_utf8(response: requests.Response, *_: object, **__: object) -> None:
    """Decode each response as GitHub's: the codec that a proxy's error page names may not be loaded, see `imports`."""
    response.encoding = "utf-8"


def failure_of(error: OSError) -> RequestFailure:
    """Return why there was no response. `kind` is set if a wrong setting can be the reason."""
    for cause in _causes(error):
        kind = _setup_kind(cause)
        if kind is not None:
            return RequestFailure(status=None, message=_own_words(cause), kind=kind)
    return RequestFailure(status=None, message=_what_happened(error))


def _what_happened(error: OSError) -> str:
    """Return what happened to the connection, without the names of classes that an error of `requests` consists of."""
    cause = next(_causes(error))
    match error, cause:
        case requests.exceptions.ConnectTimeout(), _:
            return "no connection in time"
        case (requests.exceptions.ReadTimeout(), _) | (_, TimeoutError()):
            limit = _READ_TIMEOUT.search(str(error))
            return f"no response in time ({limit[0]})" if limit else "no response in time"
        case requests.exceptions.ChunkedEncodingError(), _:
            return "the response is incomplete"
        case _, RemoteDisconnected():
            return "the connection was closed without a response"
        case _, HTTPException():
            return "the response is not HTTP"
        case _:
            return _own_words(cause)


def _own_words(error: BaseException) -> str:
    """Return what the system, OpenSSL or a library says, without numbers and positions in sources."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _OPENSSL.sub("", text) or type(error).__name__


def _setup_kind(error: BaseException) -> ErrorKind | None:
    match error:
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            pass
        case ssl.SSLCertVerificationError() | ssl.SSLError(library="X509"):
            return ErrorKind.CERTIFICATE
        case socket.gaierror():
            return ErrorKind.NAME_RESOLUTION if error.errno == socket.EAI_AGAIN else ErrorKind.NO_CONNECTION
        case ssl.SSLError() | requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema():
            return ErrorKind.NO_CONNECTION
        case OSError() if "CA certificate bundle" in str(error):  # REQUESTS_CA_BUNDLE names no file
            return ErrorKind.CERTIFICATE
        case OSError() if error.errno in _NO_ROUTE or _TUNNEL_REFUSED.search(str(error)):
            return ErrorKind.NO_CONNECTION
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it wraps, innermost first."""
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)
    yield error
