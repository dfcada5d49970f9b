"""Addresses that somebody gave us: public hosts only, whatever a redirect or DNS says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from core.errors import DomainError, Invalid
from core.safe_fetch import NotFetched, fetch, is_public, post, public_addresses, require_allowed
from core.webhooks import require_https

SLOW_S = 3.0


class Site(BaseHTTPRequestHandler):
    """A bank's site with good pages and others."""

    def do_GET(self) -> None:
        match self.path:
            case "/faq":
                self._answer(200, b"<h1>Boxes</h1>", "text/html; charset=utf-8")
            case "/moved":
                self._answer(302, b"", location="/faq")
            case "/away":
                self._answer(302, b"", location="http://elsewhere.example/")
            case "/round":
                self._answer(302, b"", location="/round")
            case "/large":
                self._answer(200, b"0" * 2_000)
            case _:
                self._answer(404, b"")

    def do_POST(self) -> None:
        """The status is the length of what was sent."""
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/slow":
            time.sleep(SLOW_S)
        with suppress(BrokenPipeError):  # who did not wait
            status = 302 if self.path == "/moved" else len(sent)
            self._answer(status, b"", location="/elsewhere")

    def _answer(
        self, status: int, body: bytes, kind: str = "text/plain", location: str | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/faq", "/moved"])
async def test_a_page_of_an_allowed_host_is_fetched(site: str, path: str) -> None:
    page = await fetch(site + path, ["127.0.0.1"], 1_000, private=True)
    assert (page.content, page.content_type, page.url) == (
        b"<h1>Boxes</h1>",
        "text/html",
        f"{site}/faq",
    )


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/away", "not one that we import from"),
        ("/round", "more than 5 times"),
        ("/large", "larger"),
        ("/x", "answered 404"),
    ],
)
async def test_a_page_that_leads_away_or_is_too_much_is_refused(
    site: str, path: str, says: str
) -> None:
    with pytest.raises(DomainError, match=says):
        await fetch(site + path, ["127.0.0.1"], 1_000, private=True)


async def test_a_private_address_is_refused_even_when_its_name_is_allowed(site: str) -> None:
    with pytest.raises(Invalid, match="https"):
        await fetch(f"{site}/faq", ["127.0.0.1"], 1_000)
    with pytest.raises(Invalid, match="not on a public address"):
        await fetch(f"{site.replace('http', 'https')}/faq", ["127.0.0.1"], 1_000)
    with pytest.raises(Invalid, match="not on a public address"):
        await public_addresses("localhost", 443)


async def test_a_host_that_does_not_answer_is_said_so() -> None:
    with pytest.raises(NotFetched, match="try again later"):
        await fetch("http://127.0.0.1:1/", ["127.0.0.1"], 1_000, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "ff02::1",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "fec0::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "255.255.255.255",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://www.bank.example/faq", True),
        ("https://a.help.bank.example/", True),
        ("https://bank.example/", True),
        ("https://evilbank.example/", False),
        ("https://bank.example.evil.example/", False),
        ("http://www.bank.example/", False),
        ("https://user:pass@bank.example/", False),
        ("file:///etc/passwd", False),
        ("https:///faq", False),
    ],
)
def test_only_named_hosts_are_imported_from(url: str, allowed: bool) -> None:
    hosts = ["bank.example", "*.bank.example"]
    if allowed:
        require_allowed(url, hosts)
    else:
        with pytest.raises(Invalid):
            require_allowed(url, hosts)


async def test_what_is_sent_arrives_and_a_redirect_is_not_followed(site: str) -> None:
    headers = {"content-type": "text/plain"}
    assert await post(f"{site}/in", b"x" * 204, headers, 5, private=True) == 204
    assert await post(f"{site}/moved", b"x", headers, 5, private=True) == 302


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "[64:ff9b::7f00:1]"])
async def test_nothing_is_sent_to_an_address_inside(host: str) -> None:
    with pytest.raises(Invalid, match="not on a public address"):
        await post(f"https://{host}/hook", b"", {}, 5)


async def test_an_address_that_does_not_answer_in_time_is_said_so(site: str) -> None:
    with pytest.raises(NotFetched, match="try again later"):
        await post(f"{site}/slow", b"x" * 200, {}, SLOW_S / 10, private=True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example/in", "https"),
        ("https://user:pw@hooks.example/in", "password"),
        ("https://", "https"),
    ],
)
def test_a_webhook_is_https_and_names_no_password(url: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        require_https(url)
