"""Signing in: failures are counted by account, by address and together; passwords are checked beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api.app import create_app
from api.container import Container
from api.limits import RateLimits
from core.accounts import add_staff
from core.database import Database
from core.embedded import embedded_server
from core.identity import System
from core.schema import migrate
from core.settings import Settings
from core.tokens import check_password, hash_password

GOOD = {"email": "anna@bank.example", "password": "a long and private one"}
Attempt = Callable[[str, dict[str, str]], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with one account."""
    with embedded_server(tmp_path_factory.mktemp("signing") / "postgres") as address:
        migrate(address)

        async def add() -> None:
            database = Database(address, pool_size=1)
            async with database.transaction() as session:
                await add_staff(
                    session, System("cli"), name="Anna", role="agent", languages=["en"], **GOOD
                )
            await database.close()

        asyncio.run(add())
        yield address


def signing_in(url: str, tries: Callable[[Attempt], Awaitable[Any]], **limits: int) -> Any:
    """What comes of some attempts at an application of its own."""

    async def run() -> Any:
        parts = SimpleNamespace(
            settings=Settings(**limits),
            database=Database(url, pool_size=2),
            limits=RateLimits("async+memory://"),
            sign_ins=asyncio.Semaphore(2),
        )
        app = create_app(cast(Container, parts))

        async def attempt(address: str, body: dict[str, str]) -> httpx.Response:
            transport = httpx.ASGITransport(app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
                return await client.post("/v1/auth/token", json=body)

        try:
            return await tries(attempt)
        finally:
            await parts.database.close()

    return asyncio.run(run())


def wrong(email: str) -> dict[str, str]:
    return {"email": email, "password": "a guess"}


@pytest.mark.parametrize(
    ("limits", "before", "last"),
    [
        ({"failed_logins_per_minute": 3}, [("10.0.0.1", "Anna@bank.example ")], GOOD["email"]),
        ({"failed_logins_per_address_per_minute": 3}, [("10.0.0.9", "x{}@bank.example")], "y@b.c"),
        ({"failed_logins_in_total_per_minute": 3}, [("10.0.1.{}", "x{}@bank.example")], "y@b.c"),
    ],
    ids=["by account", "by address", "in total"],
)
def test_failures_are_limited(
    url: str, limits: dict[str, int], before: list[tuple[str, str]], last: str
) -> None:
    address, email = before[0]

    async def tries(attempt: Attempt) -> list[httpx.Response]:
        failed = [await attempt(address.format(n), wrong(email.format(n))) for n in range(3)]
        return [*failed, await attempt("10.0.0.9", wrong(last))]

    answers = signing_in(url, tries, **limits)
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_good_sign_ins_do_not_count(url: str) -> None:
    async def tries(attempt: Attempt) -> list[int]:
        good = [(await attempt("10.0.0.1", GOOD)).status_code for _ in range(4)]
        return [*good, (await attempt("10.0.0.1", wrong(GOOD["email"]))).status_code]

    limits = dict.fromkeys(
        (
            "failed_logins_per_minute",
            "failed_logins_per_address_per_minute",
            "failed_logins_in_total_per_minute",
        ),
        2,
    )
    assert signing_in(url, tries, **limits) == [200, 200, 200, 200, 401]


def test_many_at_once_try_no_more_than_the_limit(url: str) -> None:
    async def tries(attempt: Attempt) -> list[int]:
        every = [attempt("10.0.0.1", wrong(GOOD["email"])) for _ in range(12)]
        return [answer.status_code for answer in await asyncio.gather(*every)]

    statuses = signing_in(url, tries, failed_logins_per_minute=3)
    assert statuses.count(401) <= 3 + 1  # two are checked at a time


def test_the_loop_goes_on_while_a_password_is_checked() -> None:
    async def turns() -> int:
        hashed = await hash_password(GOOD["password"])
        checking = asyncio.ensure_future(check_password(hashed, GOOD["password"]))
        count = 0
        while not checking.done():
            await asyncio.sleep(0.001)
            count += 1
        assert checking.result()
        return count

    assert asyncio.run(turns()) > 3
