"""Input that cannot be kept is the caller's mistake: 4xx, never 5xx, whatever the route."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api import problems
from api.app import create_app
from api.container import Container
from api.readable import MAX_DEPTH, Unreadable, check_json
from core.database import Database
from core.embedded import embedded_server
from core.errors import Invalid
from core.paging import decode_cursor
from core.settings import Settings

ROUTES = ("/v1/auth/token", "/v1/conversations", "/v1/tickets", "/v1/compliance/screenings")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_server(tmp_path_factory.mktemp("bad") / "postgres") as address:
        yield address


def asked(app: FastAPI, method: str, path: str, **content: Any) -> httpx.Response:
    """What an application answers to one request."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
            return await client.request(method, path, **content)

    return asyncio.run(ask())


def product() -> FastAPI:
    """The application; what is refused before a route needs nothing else of it."""
    return create_app(cast(Container, SimpleNamespace(settings=Settings())))


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a\\u0000b"}',
        b'{"text": "a\x00b"}',
        b'{"text": "\\ud800"}',
        b'{"text": "\\udc00 \\ud83d"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\xff"}',
        b'{"amount": NaN}',
        b'{"amount": -Infinity}',
        b'{"amount": 1e999}',
        b'{"amount": 123456789012345678901234567890}',
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"deep": ' + b"[" * 500 + b"]" * 500 + b"}",
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
    ],
    ids=lambda body: body[:24].decode("latin-1").encode("unicode_escape").decode(),
)
def test_a_body_that_cannot_be_kept_is_not_valid(path: str, body: bytes) -> None:
    answer = asked(
        product(), "POST", path, content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["title"]) == (422, "Not valid"), answer.text


@pytest.mark.parametrize(
    "value",
    [
        "\N{PILE OF POO} 王晓明",
        "C:\\u0000 written out",
        "NaN and Infinity and 1e999 in words",
        "1234567890123456789012345",
        [[[1]]],
        12.5,
        -(2**63) + 1,
        [{"n": number} for number in range(100)],
    ],
    ids=repr,
)
@pytest.mark.parametrize("escaped", [True, False])
def test_what_only_looks_strange_is_taken(value: Any, escaped: bool) -> None:
    body = json.dumps({"value": value}, ensure_ascii=escaped).encode()
    check_json(body)


def test_levels_are_counted_to_the_limit() -> None:
    check_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(Unreadable):
        check_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/tickets?q=%00", {}, 422),
        ("/v1/customers/%00", {}, 422),
        ("/v1/tickets", {"authorization": "Bearer \xe9"}, 422),
        ("/v1/tickets", {"idempotency-key": "\xb2"}, 422),
        ("/v1/tickets", {"if-match": "\xb2"}, 422),
        ("/v1/tickets", {"x-csrf-token": "\xe9", "cookie": "session=a; csrf=\xe9"}, 422),
        ("/v1/tickets", {"accept-language": "zh" * 5000}, 422),
        ("/" + "a: " * 500, {"accept-language": "zh"}, 404),
        ("/a: a: a: \u4e2d{}%7B0%7D", {"accept-language": "zh"}, 404),
        ("/v1/tickets/not-an-id", {}, 401),
    ],
)
def test_a_strange_address_or_header_is_a_4xx(
    path: str, headers: dict[str, str], status: int
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = asked(product(), "GET", path, headers=raw)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "statement", ["select cast(:value as integer)", "select cast(:value as text)"]
)
@pytest.mark.parametrize("value", ["99999999999", "a\x00"])
def test_a_value_that_the_database_refuses_is_not_an_outage(
    url: str, statement: str, value: str
) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def route() -> str:
        database = Database(url, pool_size=1)
        try:
            async with database.transaction() as session:
                return str(await session.scalar(text(statement), {"value": value}))
        finally:
            await database.close()

    taken = "text" in statement and "\x00" not in value
    assert asked(app, "GET", "/").status_code == (200 if taken else 422)


@pytest.mark.parametrize(
    "content",
    [
        ["2026-01-01T00:00:00+00:00", "1"],
        ["2026-01-01T00:00:00+00:00", "\u00b2"],
        ["2026-01-01T00:00:00+00:00", 7],
        ["yesterday", "00000000-0000-4000-8000-000000000000"],
        [1],
        {},
        "x",
    ],
    ids=repr,
)
def test_a_cursor_of_another_list_is_not_valid(content: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(Invalid):
        decode_cursor(cursor, UUID)


def test_a_cursor_counts_no_further_than_the_column() -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(["2026-01-01T00:00:00Z", "9" * 30]).encode())
    with pytest.raises(Invalid):
        decode_cursor(cursor.decode().rstrip("="), int)
