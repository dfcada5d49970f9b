"""Every answer carries the headers that keep pages to themselves; TLS alone asks for TLS."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import httpx
import pytest

from api.app import create_app
from api.container import Container
from core.settings import Settings


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_headers_of_an_answer(scheme: str) -> None:
    app = create_app(cast(Container, SimpleNamespace(settings=Settings())))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://bank") as client:
            return await client.get("/no-such-page")

    headers = asyncio.run(ask()).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "microphone=()" in headers["Permissions-Policy"]
    assert "object-src 'none'" in headers["Content-Security-Policy"]
    hsts = headers.get("Strict-Transport-Security", "")
    assert hsts.startswith("max-age=") is (scheme == "https")
