"""`make bench-crm`: ten million bookings through the rules, and advice over a thousand products.

Parts, each alone by `python -m bench.bench_crm PART`: `transactions`, `advice`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import psycopg
from rich.console import Console
from sqlalchemy import text

from actions.compliance.monitoring.rules import Parameters
from actions.compliance.monitoring.service import hits
from actions.recommendations.suitability import Need, Situation, Terms, exclusion, rank
from bench.report import table, write_section
from core.database import Database
from core.embedded import embedded_server
from core.schema import migrate

BOOKINGS, ACCOUNTS = 10_000_000, 50_000
PRODUCTS, ADVISED = 1_000, 200
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
)  # fmt: skip
SCAN = "select count(*), sum(amount) from transactions where booked_at > :since"


async def transactions() -> str:
    "The first part."
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
        now = datetime.now(UTC)
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
        ["the seven rules", f"{judged:.1f} s", f"{BOOKINGS / judged:,.0f} bookings a second",
         f"{judged / scanned:.1f} times the scan; {found:,} alerts"],
    ]  # fmt: skip
    return table([f"{BOOKINGS:,} bookings, {ACCOUNTS:,} accounts", "time", "rate", "beside"], rows)


def advice() -> str:
    "The second part: the gates and the ranking, without the database."
    today = date(2026, 6, 1)
    products = [
        Terms(code=f"P{n}", kind="fund", risk_level=1 + n % 5, minimum=Decimal(100 * (n % 50)), horizon_months=12 * (n % 7),
              liquid=n % 2 == 0, goals=(("growth", "savings", "income")[n % 3],))
        for n in range(PRODUCTS)
    ]  # fmt: skip
    who = Situation(
        age=40, residency="DE", segment="mass", risk_level=4, risk_assessed_until=date(2027, 1, 1), kyc_valid=True,
        experience="experienced", assets=Decimal(90_000), free_cash=Decimal(30_000), monthly_income=Decimal(3_000),
        held={f"P{n}": Decimal(500) for n in range(20)},
    )  # fmt: skip
    times = []
    for number in range(ADVISED):
        need = Need("growth", Decimal(1_000 + number), 60)
        began = time.perf_counter()
        fitting = [product for product in products if exclusion(product, who, need, today) is None]
        sorted(((rank(product, who, need).score, product.code) for product in fitting), reverse=True)
        times.append((time.perf_counter() - began) * 1000)
    p50, p95 = np.quantile(times, [0.5, 0.95])
    rows = [[f"advice over {PRODUCTS:,} products", f"{p50:.1f}", f"{p95:.1f}", "goal 60"]]
    return table(["What", "p50 ms", "p95 ms", "beside"], rows)


def main() -> None:
    "Measure and write the tables."
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    if part in ("all", "transactions"):
        told = asyncio.run(transactions())
        console.print(told, markup=False)
        write_section("crm-transactions", told)
    if part in ("all", "advice"):
        told = advice()
        console.print(told, markup=False)
        write_section("crm-advice", told)


if __name__ == "__main__":
    main()
