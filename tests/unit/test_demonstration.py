"""The demonstration touches only what it made: a setting alone takes nobody's database over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar, cast

import httpx
import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.container import Container
from assistant.demonstration.bank import load_bank, renew_logins
from assistant.start import prepare
from core.accounts import ApiKey, StaffUser, add_api_key, add_staff
from core.database import Database
from core.embedded import embedded_server
from core.errors import SetupError
from core.identity import SCOPES, System
from core.installation import is_demonstration, mark_demonstration
from core.schema import migrate
from core.settings import Settings
from knowledge_base.encoder import Encoder

Result = TypeVar("Result")
OWNER, PASSWORD = "owner@bank.example", "a long and private one"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded server; each test has a database of its own in it."""
    with embedded_server(tmp_path_factory.mktemp("demonstration") / "postgres") as url:
        yield url


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A new database without a schema."""
    name = f"database_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return server.replace("/assistant", f"/{name}")


def settings(folder: Path, *, demonstration: bool = True) -> Settings:
    return Settings(demonstration=demonstration, var_dir=folder / "var")


def start(url: str, chosen: Settings) -> list[str]:
    """What a start says while it prepares."""
    said: list[str] = []
    asyncio.run(prepare(chosen, url, Encoder("bundled"), said.append))
    return said


def within(url: str, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        database = Database(url, pool_size=2)
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(run())


async def open_shop(session: AsyncSession) -> None:
    """An account and a key of a bank's own."""
    by = System("cli")
    await add_staff(
        session, by, email=OWNER, name="Owner", role="admin", password=PASSWORD, languages=["en"]
    )
    await add_api_key(session, by, "core banking", SCOPES)


async def contents(session: AsyncSession) -> tuple[list[str], int, bool]:
    """Password hashes, the number of keys, and whether it is marked."""
    hashes = (await session.scalars(select(StaffUser.password_hash))).all()
    keys = await session.scalar(select(func.count(ApiKey.id)))
    return list(hashes), keys or 0, await is_demonstration(session)


def test_the_demonstration_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMONSTRATION", raising=False)
    assert Settings(_env_file=None).demonstration is False


def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(url: str, tmp_path: Path) -> None:
    migrate(url)
    within(url, open_shop)
    before = within(url, contents)
    with pytest.raises(SetupError, match="not the demonstration's: serve it with"):
        start(url, settings(tmp_path))
    assert within(url, contents) == before
    assert before[1:] == (1, False)
    assert not (tmp_path / "var" / "demo.json").exists()


@pytest.mark.parametrize("act", ["renew_logins", "load_bank"])
def test_no_part_of_the_demonstration_writes_without_the_mark(
    url: str, tmp_path: Path, act: str
) -> None:
    migrate(url)
    within(url, open_shop)
    before = within(url, contents)

    async def run() -> None:
        database, chosen = Database(url, pool_size=2), settings(tmp_path)
        try:
            if act == "renew_logins":
                await renew_logins(database, chosen)
            else:
                await load_bank(database, Encoder("bundled"), chosen, lambda _: None)
        finally:
            await database.close()

    with pytest.raises(SetupError):
        asyncio.run(run())
    assert within(url, contents) == before


def test_a_demonstration_gets_new_logins_when_the_file_is_gone(url: str, tmp_path: Path) -> None:
    migrate(url)
    within(url, open_shop)
    within(url, mark_demonstration)
    (before, *_), _ = within(url, contents), start(url, settings(tmp_path))
    after, keys, marked = within(url, contents)
    assert (after != before, keys, marked) == (True, 2, True)
    assert (tmp_path / "var" / "demo.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("action", "marked"),
    [("staff.added", True), ("api_key.added", False)],
    ids=["made by the demonstration", "taken over by it once"],
)
def test_the_migration_marks_what_the_demonstration_made(
    url: str, action: str, marked: bool
) -> None:
    migrate(url, "0019")
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into audit_entries (at, actor, action, subject, details, previous_hash, hash)"
            " values (now(), 'system:demonstration', %s, 'staff:1', '{}', '0', '1')",
            [action],
        )
    migrate(url)
    assert within(url, is_demonstration) is marked


def test_an_empty_database_is_served_without_the_demonstration(url: str, tmp_path: Path) -> None:
    said = start(url, settings(tmp_path, demonstration=False))
    assert "assistant users add EMAIL admin" in said[-1]
    assert within(url, contents) == ([], 0, False)
    within(url, open_shop)
    assert "users add" not in start(url, settings(tmp_path, demonstration=False))[-1]


@pytest.mark.parametrize(
    ("asked", "marked", "status"), [(True, True, 200), (True, False, 404), (False, True, 404)]
)
def test_customers_are_shown_by_a_demonstration_only(
    url: str, tmp_path: Path, asked: bool, marked: bool, status: int
) -> None:
    migrate(url)
    if marked:
        within(url, mark_demonstration)
    chosen = settings(tmp_path, demonstration=asked)
    chosen.var_dir.mkdir()
    (chosen.var_dir / "demo.json").write_text('{"customers": []}', encoding="utf-8")

    async def answers() -> tuple[int, bool]:
        database = Database(url, pool_size=2)
        app = create_app(cast(Container, SimpleNamespace(settings=chosen, database=database)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
            people, page = await client.get("/demonstration/customers"), await client.get("/")
        await database.close()
        return people.status_code, "/demonstration.js" in page.text

    assert asyncio.run(answers()) == (status, status == 200)
