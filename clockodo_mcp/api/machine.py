"""What the machine puts between here and Clockodo: the proxies and certificates of its environment."""

import os
import ssl
from functools import cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from clockodo_mcp.api.failures import MachineError
from clockodo_mcp.api.wire import headers
from clockodo_mcp.config import Settings

CONNECTING = 10.0
"""Seconds that making a connection may take, at most."""

PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
"""The variables that name a proxy; where both spellings are set, the small one counts. Source: `urllib.request`."""


@cache
def certificates() -> ssl.SSLContext:
    """Whom to trust, made once for all sessions of a process: `SSL_CERT_FILE`, `SSL_CERT_DIR`, else the system."""
    return httpx2.create_ssl_context()


def client_of(settings: Settings, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    """The library's client for an account, on this machine.

    Raises:
        MachineError: named by the variable that is wrong, never with its value, which may hold a password.
    """
    try:
        return httpx2.AsyncClient(
            base_url=settings.base_url,
            headers=headers(settings),
            transport=transport,
            timeout=httpx2.Timeout(settings.timeout, connect=min(CONNECTING, settings.timeout)),
            follow_redirects=False,
            # Making a context takes 40 ms; to this machine, the only one that plain http goes to, none is needed.
            verify=certificates() if settings.base_url.startswith("https:") else False,
        )
    except OSError as error:
        named = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None)
        whose = f"{named} names" if named else "The system has"
        raise MachineError(0, reason=f"{whose} no certificates that can be read") from error
    except (ValueError, httpx2.InvalidURL, ImportError) as error:
        raise MachineError(0, reason=f"{_wrong_proxy()} is not an address that can be used") from error


def _wrong_proxy() -> str:
    for name in PROXIES:
        url = os.environ.get(name, "")
        try:
            if url:
                httpx2.Proxy(url if "://" in url else f"http://{url}")
        except (ValueError, httpx2.InvalidURL):
            return f"The proxy in {name}"
    return "NO_PROXY" if os.environ.get("NO_PROXY") or os.environ.get("no_proxy") else "The system's proxy"


def proxy_to(url: str) -> str:
    """Where the proxy on the way to an address is named: a variable, or the system; empty where there is none."""
    address, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(address.hostname or ""):
        return ""
    return next((name for name in PROXIES if os.environ.get(name) == proxy), "the system's settings")
