"""`make bench-crm`: ten million bookings through the rules, a customer's profile, and advice over a thousand products.

Parts, each alone by `python -m bench.bench_crm PART`: `transactions`, `profile`, `advice`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import psycopg
from rich.console import Console
from sqlalchemy import event, select, text

from actions.compliance.monitoring.rules import Parameters
from actions.compliance.monitoring.service import hits
from actions.customer_view.profile import profile as unified
from actions.customers.models import Account, Transaction
from actions.customers.queries import load_customer
from actions.products.models import Product
from actions.recommendations.schemas import RecommendationRequest
from actions.recommendations.service import recommend
from assistant.conversations.queries import recent_of
from assistant.demonstration.people import Generator
from bench.report import table, write_section
from core.clock import utc_now
from core.database import Database
from core.embedded import embedded_server
from core.identity import Staff
from core.schema import migrate

BOOKINGS, ACCOUNTS = 10_000_000, 50_000
PRODUCTS, ADVISED, PROFILES = 1_000, 200, 200
BOOKED = """
insert into transactions (id, account_id, booked_at, amount, currency, counterparty, category)
select gen_random_uuid(), :account, now() - n * interval '5 hours', case when n % 146 = 0 then 3000 else -(5 + n % 200) end, 'EUR',
    'shop ' || n % 90, case when n % 146 = 0 then 'salary' else 'category_' || n % 12 end from generate_series(1, :bookings) n
"""
console = Console()

FILL = (
    """
insert into customers (id, number, name, birth_date, nationality, residency, language, segment, email, phone, address, document,
    risk_level, risk_assessed_until, kyc_state, kyc_until, experience, monthly_income, consents, source, source_at)
select gen_random_uuid(), 'B' || n, 'Customer ' || n, '1980-01-01', 'DE', 'DE', 'en', 'mass', n || '@example.com', '+49' || n, '', '{}',
    'C3', '2030-01-01', 'verified', '2030-01-01', 'basic', 3000, '{}', 'bench', now() from generate_series(1, %(accounts)s) n
""",
    """
insert into accounts (id, customer_id, iban, kind, currency, balance, opened_on)
select gen_random_uuid(), id, 'DE' || number, 'current', 'EUR', 1000, '2015-01-01' from customers
""",
    """
create temporary table numbered as select id, row_number() over () - 1 as n from accounts
""",
    # Small change for most; salaries, round sums and large new payees now and then, so that every rule has work.
    """
insert into transactions (id, account_id, booked_at, amount, currency, counterparty, category, country)
select gen_random_uuid(), a.id, now() - (b.n / %(accounts)s) * interval '2 days' - (b.n %% 86400) * interval '1 second',
    case when b.n %% 40 = 0 then 3000 + b.n %% 6000 when b.n %% 997 = 0 then -6000 when b.n %% 501 = 0 then -2000
        else -(5 + b.n %% 200) end, 'EUR', 'payee ' || (b.n::bigint * 7919 %% 300), 'other',
    case when b.n %% 2003 = 0 then 'IR' else 'DE' end
from generate_series(0, %(bookings)s - 1) as b(n) join numbered a on a.n = b.n %% %(accounts)s
""",
)
SCAN = "select count(*), sum(amount) from transactions where booked_at > :since"


async def transactions() -> str:
    """The first part."""
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "postgres") as url:
        migrate(url)
        began = time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("set statement_timeout = 0")
            connection.execute("set synchronous_commit = off")
            for statement in FILL:
                connection.execute(statement, {"accounts": ACCOUNTS, "bookings": BOOKINGS})
            connection.execute("vacuum analyze")
        console.print(f"{BOOKINGS:,} bookings after {time.perf_counter() - began:.0f} s")
        database = Database(url, 2)
        now = utc_now()
        since = now - timedelta(days=500)  # all of them
        scanned, found = 0.0, 0
        async with database.transaction() as session:
            await session.execute(text("set local statement_timeout = 0"))
            await session.execute(text(SCAN), {"since": since})
            began = time.perf_counter()
            await session.execute(text(SCAN), {"since": since})
            scanned = time.perf_counter() - began
            began = time.perf_counter()
            found = len(await hits(session, Parameters(), since, now))
            judged = time.perf_counter() - began
        await database.close()
    rows = [
        ["a bare scan", f"{scanned:.1f} s", f"{BOOKINGS / scanned:,.0f} bookings a second", ""],
        [
            "the seven rules",
            f"{judged:.1f} s",
            f"{BOOKINGS / judged:,.0f} bookings a second",
            f"{judged / scanned:.1f} times the scan; {found:,} alerts",
        ],
    ]
    return table([f"{BOOKINGS:,} bookings, {ACCOUNTS:,} accounts", "time", "rate", "beside"], rows)


@asynccontextmanager
async def a_bank(products: int, bookings: int) -> AsyncIterator[tuple[Database, UUID]]:
    """A database with a catalogue and one customer who has been here for long, and the customer."""
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "postgres") as url:
        migrate(url)
        database = Database(url, 2)
        generator = Generator(utc_now().date())
        async with database.transaction() as session:
            customer = generator.customer(4)
            session.add_all([customer, *(_product(number) for number in range(products))])
            await session.flush()
            first = (await session.scalars(select(Product).limit(10))).all()
            rows = [
                row
                for row in generator.belongings(customer, list(first))
                if not isinstance(row, Transaction)
            ]
            session.add_all(rows)
            await session.flush()
            account = next(row for row in rows if isinstance(row, Account))
            await session.execute(text(BOOKED), {"account": account.id, "bookings": bookings})
        async with database.transaction() as session:
            await session.execute(text("analyze"))
        yield database, customer.id
        await database.close()


def _product(number: int) -> Product:
    """One of an invented catalogue, of every risk, term and goal."""
    return Product(
        code=f"P{number}",
        name=f"Product {number}",
        name_zh=f"产品{number}",
        kind=("fund", "savings", "insurance", "note")[number % 4],
        risk_level=f"R{1 + number % 5}",
        currency="EUR",
        minimum=Decimal(100 * (number % 50)),
        horizon_months=12 * (number % 7),
        liquid=number % 2 == 0,
        goals=[("growth", "savings", "income")[number % 3]],
        eligibility={},
        disclosures={"en": ["Read the terms."], "zh": ["请阅读条款。"]},
    )


async def profile() -> str:
    """The second part: the unified view of one customer, as the route makes it, without HTTP."""
    rows = []
    for bookings in (100, 10_000):
        async with a_bank(50, bookings) as (database, key):
            officer = Staff(uuid4(), "compliance_officer", "bench")
            times: list[float] = []
            sent = Counter[str]()
            event.listen(
                database.engine.sync_engine,
                "before_cursor_execute",
                lambda *given, sent=sent: sent.update(["statements"]),
            )
            for _ in range(PROFILES):
                began = time.perf_counter()
                async with database.transaction() as session:
                    customer = await load_customer(session, officer, key)
                    await unified(session, officer, customer, utc_now(), recent_of)
                times.append((time.perf_counter() - began) * 1000)
            p50, p95 = np.quantile(times[10:], [0.5, 0.95])
            rows.append(
                [
                    f"{bookings:,} bookings",
                    f"{p50:.1f}",
                    f"{p95:.1f}",
                    str(sent["statements"] // PROFILES),
                    "goal 40 ms, 12",
                ]
            )
    return table(["Profile of a customer with", "p50 ms", "p95 ms", "statements", "beside"], rows)


async def advice() -> str:
    """The third part: advice as the route makes it, stored and audited, without HTTP."""
    async with a_bank(PRODUCTS, 1_000) as (database, key):
        agent = Staff(uuid4(), "agent", "bench")
        times = []
        for number in range(ADVISED):
            wanted = RecommendationRequest.model_validate(
                {
                    "goal": "growth",
                    "amount": {"amount": str(1_000 + number), "currency": "EUR"},
                    "horizon_months": 60,
                }
            )
            began = time.perf_counter()
            async with database.transaction() as session:
                customer = await load_customer(session, agent, key)
                await recommend(session, agent, customer, wanted, "en", utc_now())
            times.append((time.perf_counter() - began) * 1000)
    p50, p95 = np.quantile(times[10:], [0.5, 0.95])
    rows = [[f"advice over {PRODUCTS:,} products", f"{p50:.1f}", f"{p95:.1f}", "goal 60"]]
    return table(["What", "p50 ms", "p95 ms", "beside"], rows)


def main() -> None:
    """Measure and write the tables."""
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    if part in ("all", "transactions"):
        told = asyncio.run(transactions())
        console.print(told, markup=False)
        write_section("crm-transactions", told)
    if part in ("all", "profile"):
        told = asyncio.run(profile())
        console.print(told, markup=False)
        write_section("crm-profile", told)
    if part in ("all", "advice"):
        told = asyncio.run(advice())
        console.print(told, markup=False)
        write_section("crm-advice", told)


if __name__ == "__main__":
    main()
