"""Fetching from addresses that somebody gave us: only over TLS from public hosts, whatever DNS or a redirect says.

The name is resolved here and the connection goes to the very address that was checked, so that a second answer of DNS
cannot lead elsewhere (rebinding). Certificates are checked against the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore

from core.errors import DomainError, Invalid

REDIRECTS = 5
CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 30.0
_NO_ANSWER = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    TimeoutError,
)
_MOVED = (301, 302, 303, 307, 308)


class NotFetched(DomainError):
    """An address gave nothing that can be used; the detail says why."""

    status, title = 422, "Not fetched"


@dataclass(frozen=True)
class Fetched:
    """What an address gave, and where it was in the end."""

    url: str
    content_type: str
    content: bytes


async def public_addresses(host: str, port: int) -> list[str]:
    """Addresses of a host; Invalid unless all are public (no loopback, private, link-local or metadata address)."""
    try:
        resolved = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Invalid.field("url", "url.host_not_found", host=host) from error
    addresses = [str(entry[4][0]) for entry in resolved]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Invalid.field("url", "url.host_not_public", host=host)
    return addresses


# Global unicast (RFC 4291) and what IANA's registries of special addresses except from it.
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL_V6 = tuple(
    ipaddress.ip_network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_SPECIAL_V4 = tuple(
    ipaddress.ip_network(block) for block in ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet.

    An IPv4 address inside an IPv6 one (mapped, 6to4) counts as itself; translated and compatible ones (`64:ff9b::/96`,
    `::/96`) are never public, since a gateway may lead them inside.
    """
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return _is_public_v4(inner)
        return ip in _GLOBAL_V6 and ip.is_global and not any(ip in one for one in _SPECIAL_V6)
    return _is_public_v4(ip)


def _is_public_v4(ip: ipaddress.IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in one for one in _SPECIAL_V4)


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only; `private` allows every address (tests)."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the address that was checked."""
        where = host if self._private else (await public_addresses(host, port))[0]
        return await self._network.connect_tcp(where, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)


async def fetch(
    url: str, hosts: Iterable[str], max_bytes: int, *, private: bool = False
) -> Fetched:
    """Get a page from one of `hosts` (`*.bank.example` takes in its subdomains); NotFetched or Invalid says why not."""
    allowed = list(hosts)
    try:
        async with (
            asyncio.timeout(WHOLE_S),
            httpcore.AsyncConnectionPool(network_backend=PublicNetwork(private=private)) as pool,
        ):
            for _ in range(REDIRECTS + 1):
                require_allowed(url, allowed, private=private)
                answer = await _get(pool, url, max_bytes)
                if isinstance(answer, Fetched):
                    return answer
                url = answer
    except _NO_ANSWER as error:
        raise NotFetched("url.no_response", host=_host(url), error=type(error).__name__) from error
    raise NotFetched("url.too_many_redirects", count=REDIRECTS)


async def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    private: bool = False,
) -> int:
    """The status that an address answers to a POST; redirects are not followed. NotFetched, or Invalid, says why there is none.

    Args:
        url: An https address; with `private`, for tests, also http and addresses inside.
        content: The body, of which `headers` name the type.
        headers: Beside those of HTTP itself.
        timeout_s: Seconds for all of it.
        private: Whether every address is allowed.
    """
    pool = httpcore.AsyncConnectionPool(network_backend=PublicNetwork(private=private))
    try:
        async with (
            asyncio.timeout(timeout_s),
            pool,
            pool.stream("POST", url, headers=list(headers.items()), content=content) as answer,
        ):
            return answer.status
    except _NO_ANSWER as error:
        raise NotFetched("url.no_response", host=_host(url), error=type(error).__name__) from error


def require_allowed(url: str, hosts: Iterable[str], *, private: bool = False) -> None:
    """Invalid unless the URL is https (http too where private hosts are allowed) and its host is one of those."""
    parts = urlsplit(url)
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise Invalid.field("url", "url.https_required")
    if parts.username or parts.password:
        raise Invalid.field("url", "url.has_password")
    if not any(_matches(parts.hostname, pattern) for pattern in hosts):
        raise Invalid.field(
            "url",
            "url.host_not_permitted",
            host=parts.hostname,
        )


async def _get(pool: httpcore.AsyncConnectionPool, url: str, max_bytes: int) -> Fetched | str:
    """The page, or where it has moved to."""
    timeouts = {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": CONNECT_S}
    headers: dict[bytes | str, bytes | str] = {
        "Host": urlsplit(url).netloc,
        "User-Agent": "bank-assistant",
        "Accept-Encoding": "identity",
    }
    async with pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as answer:
        request_headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in answer.headers
        }
        if answer.status in _MOVED and "location" in request_headers:
            return urljoin(url, request_headers["location"])
        if answer.status != 200:  # noqa: PLR2004
            raise NotFetched("url.unexpected_status", host=_host(url), status=str(answer.status))
        content = bytearray()
        async for part in answer.aiter_stream():
            content += part
            if len(content) > max_bytes:
                raise NotFetched("url.page_too_large", maximum=max_bytes // 1_000_000)
        return Fetched(
            url,
            request_headers.get("content-type", "").split(";")[0].strip().lower(),
            bytes(content),
        )


def _matches(host: str, pattern: str) -> bool:
    host, pattern = host.lower().rstrip("."), pattern.lower()
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"
