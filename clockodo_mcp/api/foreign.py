"""The failures of httpx2 in our terms: one table, apart so that a new one in the library is missed in one place."""

import ssl
from dataclasses import dataclass
from typing import TypeVar

import httpx2

from clockodo_mcp.api.failures import Unavailable, Untrusted

E = TypeVar("E", bound=BaseException)


@dataclass(frozen=True)
class Meaning:
    """What a failure says: in our words, whether anything may have been sent, whether that may still be under way."""

    words: str
    sent: bool = True
    late: bool = False


BROKE = Meaning("the connection broke")

MEANINGS: dict[type[BaseException], Meaning] = {
    httpx2.RequestError: BROKE,
    httpx2.TransportError: BROKE,
    httpx2.TimeoutException: Meaning("no answer in time", late=True),
    httpx2.ConnectTimeout: Meaning("no connection in time", sent=False),
    httpx2.ReadTimeout: Meaning("no answer in time", late=True),
    # Until its last byte is out nobody can carry a request out, so it does not arrive later either.
    httpx2.WriteTimeout: Meaning("sending took too long"),
    httpx2.PoolTimeout: Meaning("too many requests on the way", sent=False),
    httpx2.NetworkError: BROKE,
    httpx2.ConnectError: Meaning("no connection", sent=False),
    httpx2.ReadError: BROKE,
    httpx2.WriteError: BROKE,
    httpx2.CloseError: BROKE,
    httpx2.ProtocolError: BROKE,
    httpx2.LocalProtocolError: BROKE,
    httpx2.RemoteProtocolError: Meaning("the connection was closed before the answer was complete"),
    # It is about the way through the proxy, which stands before a request takes it.
    httpx2.ProxyError: Meaning("the proxy refused", sent=False),
    httpx2.UnsupportedProtocol: Meaning("the address is of a kind that is not spoken here", sent=False),
    httpx2.DecodingError: Meaning("the answer was not readable"),
    httpx2.TooManyRedirects: Meaning("an endless redirect"),
}
"""Class of the library: what it means. Source: its docstrings. What is not named counts as the class above it."""

NEVER_COME: frozenset[type[BaseException]] = frozenset(
    {
        httpx2.HTTPError,
        httpx2.HTTPStatusError,
        httpx2.InvalidURL,
        httpx2.CookieConflict,
        httpx2.StreamError,
        httpx2.StreamConsumed,
        httpx2.StreamClosed,
        httpx2.ResponseNotRead,
        httpx2.RequestNotRead,
        httpx2.SSEError,
    }
)
"""Only bugs of ours raise them: nobody asks to raise a status, for a cookie, for a stream or for server-sent events."""


def unavailable(error: httpx2.RequestError, proxy: str = "") -> Unavailable:
    """A failure of the library in our terms, without its text; the most specific class in the table decides.

    `proxy` is where the proxy on the way is named, if there is one.
    """
    if (untrusted := _in_causes(error, ssl.SSLCertVerificationError)) is not None:
        return Untrusted(0, reason=untrusted.verify_message or "it cannot be verified", sent=False)
    meaning = next(MEANINGS[kind] for kind in type(error).__mro__ if kind in MEANINGS)
    words = f"{meaning.words}; the way is through the proxy of {proxy}" if proxy else meaning.words
    return Unavailable(0, reason=words, sent=meaning.sent, late=meaning.late)


def _in_causes(error: BaseException, kind: type[E]) -> E | None:
    found: BaseException | None = error
    while found is not None and not isinstance(found, kind):
        found = found.__cause__ or found.__context__
    return found
