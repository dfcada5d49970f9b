"""`make bench-tickets`: a million tickets, and many hands on them at once.

Parts, each alone by `python -m bench.bench_tickets PART`:
- `million`: tickets with their history in PostgreSQL; opening one against a bare insert of the same rows in the same run; the
  agent's list, a page ten thousand rows deep, full-text search; the watch over the clocks at two sizes with the same due.
- `hands`: 32 clients open, take and move tickets at random while the service and then PostgreSQL are killed (kill -9).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import psycopg
from rich.console import Console
from sqlalchemy import select, text

from actions.tickets import queries
from actions.tickets.assignment import AgentProfile
from actions.tickets.intake.opening import open_ticket
from actions.tickets.models import Ticket
from actions.tickets.queries import Filters
from actions.tickets.schemas import TicketNew
from actions.tickets.sla.escalation import watch_timers
from actions.tickets.ticket_config.service import load_defaults
from bench.report import table, write_section
from bench.ticket_hands import hands
from core.accounts import add_staff
from core.clock import utc_now
from core.database import Database
from core.embedded import embedded_server
from core.identity import Staff, System
from core.paging import Page, fetch_page
from core.schema import migrate
from knowledge_base.encoder import Encoder
from knowledge_base.replica import Replica
from knowledge_base.search import KnowledgeSearch

SMALL, LARGE = 10_000, 1_000_000
OPENED, LISTED, DUE = 150, 200, 100
DEEP = 10_000  # rows before the page
WORDS = (
    "card",
    "payment",
    "mortgage",
    "statement",
    "transfer",
    "fee",
    "login",
    "fund",
    "address",
    "refund",
    "cracked",
    "delayed",
    "branch",
    "adviser",
    "invoice",
    "salary",
    "passport",
    "insurance",
    "dividend",
    "overdraft",
)
console = Console()

# History as the product writes it: five steps each, clocks that were kept, one in twenty still open.
FILL = """
insert into tickets (id, reference, subject, description, language, channel, kind, queue, priority, state, version, routing, answers,
    tags, watchers, first_response_due, resolution_due, next_due, rank_at, first_responded_at, resolved_at, closed_at, assignee_id,
    legal_hold, search, created_at, updated_at)
select gen_random_uuid(), 'T-' || (9000000 + n), w1 || ' ' || w2, w1 || ' ' || w2 || ' ' || w3 || ' number ' || n, 'en', 'web',
    'service_request', (array['cards','payments','accounts','lending','wealth','digital','general'])[1 + n %% 7],
    (array['low','normal','high'])[1 + n %% 3], case when n %% 20 = 0 then 'open' else 'closed' end, 5, '{}', '{}', '[]', '[]',
    at + interval '8 hours', at + interval '40 hours', 
    case when n %% 20 = 0 then now() + (n %% 3000) * interval '1 minute' + interval '1 day' end,
    at, at + interval '1 hour', case when n %% 20 <> 0 then at + interval '5 hours' end,
    case when n %% 20 <> 0 then at + interval '9 hours' end,
    case when n %% 3 = 0 then %(agent)s::uuid end, false,
    to_tsvector('english', w1 || ' ' || w2 || ' ' || w3 || ' number ' || n), at, at
from (select n, now() - (n * interval '30 seconds') as at, %(words)s::text[] as w,
    (%(words)s::text[])[1 + n %% 20] w1, (%(words)s::text[])[1 + (n / 20) %% 20] w2, (%(words)s::text[])[1 + (n / 400) %% 20] w3
    from generate_series(%(first)s::bigint, %(last)s::bigint) n) as made
"""
STEPS = """
insert into ticket_changes (id, ticket_id, actor, what, before, after, at)
select gen_random_uuid(), t.id, 'agent:bench', s.what, null, s.after, t.created_at + s.later
from tickets t, (values ('created','new',interval '0'), ('state','open',interval '1 hour'), ('comment','public',interval '1 hour'),
    ('state','resolved',interval '5 hours'), ('state','closed',interval '9 hours')) as s(what, after, later)
where t.reference like 'T-9%' and not exists (select from ticket_changes c where c.ticket_id = t.id)
"""
CLOCKS = """
insert into ticket_clocks (ticket_id, name, due_at, warn_at, met_at, next_at)
select t.id, name, t.resolution_due, t.resolution_due, t.resolved_at,
    case when t.resolved_at is null then t.next_due end
from tickets t, (values ('first_response'), ('resolution')) as names(name)
where t.reference like 'T-9%' and not exists (select from ticket_clocks c where c.ticket_id = t.id)
"""


MADE_DUE = """
update ticket_clocks set next_at = now() - interval '1 minute', warned_at = null, breached_at = null, due_at = now() + interval '1 day'
where ticket_id = any(:ids) and name = 'resolution'
"""


def fill(url: str, first: int, last: int, agent: UUID) -> None:
    """Tickets with history, by SQL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute("set synchronous_commit = off")
        connection.execute(
            FILL, {"first": first, "last": last, "agent": agent, "words": list(WORDS)}
        )
        connection.execute(STEPS)
        connection.execute(CLOCKS)
        connection.execute("vacuum analyze")


async def million() -> str:
    """The first part."""
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "postgres") as url:
        migrate(url)
        database, encoder = Database(url, 8), Encoder()
        search = KnowledgeSearch(Replica(encoder, database, Path(folder) / "index"))
        await encoder.warm()
        async with database.transaction() as session:
            await load_defaults(session, utc_now())
            user = await add_staff(
                session,
                System("bench"),
                email="agent@bank.example",
                name="Agent",
                role="agent",
                password="a long password",
                languages=["en"],
            )
            session.add(
                AgentProfile(
                    staff_id=user.id, queues=[], skills=[], most_open=10**6, presence="offline"
                )
            )
        agent = user.caller()
        rows: list[list[str]] = []
        for size, before in ((SMALL, 0), (LARGE, SMALL)):
            began = time.perf_counter()
            await asyncio.to_thread(fill, url, before + 1, size, agent.id)
            console.print(f"{size:,} tickets after {time.perf_counter() - began:.0f} s")
            rows += await _measured(database, search, agent, size)
        encoder.close()
        await database.close()
    return table(["Tickets", "What", "p50 ms", "p95 ms", "beside"], rows)


async def _measured(
    database: Database, search: KnowledgeSearch, agent: Staff, size: int
) -> list[list[str]]:
    shown = f"{size:,}"
    deep = await _cursor_at(database, agent, DEEP if size > SMALL else 500)

    async def mine() -> None:
        await _page(database, agent, Filters(assignee=agent.id, active=True), Page(50), due=True)

    async def far() -> None:
        await _page(database, agent, Filters(queue="cards", state="closed"), Page(50, deep))

    rows = []
    for name, work, goal in (
        ("the agent's list by the next clock", mine, "goal 50"),
        ("a filtered page, deep by cursor", far, "goal 50"),
        (
            "full-text search, a frequent word",
            _searching(database, agent, lambda n: WORDS[n % 20]),
            "goal 50",
        ),
        (
            "full-text search, three words",
            _searching(database, agent, lambda n: " ".join(WORDS[n * k % 20] for k in (1, 7, 3))),
            "goal 50",
        ),
        (
            "full-text search, a rare word",
            _searching(database, agent, lambda n: str(1 + n * 37)),
            "goal 50",
        ),
    ):
        rows.append([shown, name, *_quantiles(await _timed(work, LISTED)), goal])
    rows += await _opening(database, search, agent, shown)
    rows.append([shown, f"the watch, {DUE} clocks due", *_quantiles(await _watching(database)), ""])
    return rows


async def _page(
    database: Database, agent: Staff, by: Filters, page: Page, *, due: bool = False
) -> str | None:
    async with database.transaction() as session:
        await queries.plan_for_words(session, by)
        rows = queries.narrowed(queries.visible_tickets(agent), by, utc_now())
        if due:
            rows = rows.where(Ticket.next_due.is_not(None))
            _, cursor = await fetch_page(
                session, rows, page, Ticket.next_due, Ticket.id, rising=True
            )
        else:
            _, cursor = await fetch_page(session, rows, page, Ticket.created_at, Ticket.id)
        return cursor


async def _cursor_at(database: Database, agent: Staff, depth: int) -> str | None:
    cursor = None
    for _ in range(depth // 200):
        cursor = await _page(
            database, agent, Filters(queue="cards", state="closed"), Page(200, cursor)
        )
    return cursor


def _searching(
    database: Database, agent: Staff, words: Callable[[int], str]
) -> Callable[[], Awaitable[None]]:
    numbers = iter(range(10**6))

    async def search() -> None:
        await _page(database, agent, Filters(q=words(next(numbers))), Page(50))

    return search


async def _opening(
    database: Database, search: KnowledgeSearch, agent: Staff, shown: str
) -> list[list[str]]:
    """Opening a ticket, and inserting the rows that it wrote, by turns."""
    opened, bare = [], []
    for number in range(OPENED):
        new = TicketNew(
            subject="My card is cracked",
            description=f"My card is cracked and number {uuid4()} is not readable",
        )
        began = time.perf_counter()
        async with database.transaction() as session:
            ticket = await open_ticket(session, agent, new, utc_now())
        opened.append(time.perf_counter() - began)
        bare.append(await _bare(database, ticket.id, number))
    ratio = np.quantile(opened, 0.95) / np.quantile(bare, 0.95)
    return [
        [shown, "opening a ticket", *_quantiles(opened), f"{ratio:.2f} x at p95 (goal 4)"],
        [shown, "a bare insert of the same rows", *_quantiles(bare), ""],
    ]


COPIED = ("ticket_changes", "ticket_clocks", "ticket_vectors")


async def _bare(database: Database, ticket_id: UUID, number: int) -> float:
    """Write the ticket's rows again under another id, a statement for each table as the product has them, and commit."""
    key, copies = {"id": ticket_id, "new": uuid4(), "ref": f"B-{uuid4()}"}, []
    async with database.transaction() as session:
        row = (
            (await session.execute(text("select * from tickets where id = :id"), key))
            .mappings()
            .one()
        )
        others = {
            t: (await session.execute(text(f"select * from {t} where ticket_id = :id"), key))
            .mappings()
            .all()
            for t in COPIED
        }
    copies.append(("tickets", dict(row) | {"id": key["new"], "reference": key["ref"]}))
    for name, found in others.items():
        for line in found:
            fresh = dict(line) | {"ticket_id": key["new"]}
            fresh |= {"id": uuid4()} if "id" in fresh else {}
            fresh.pop("ordinal", None)
            copies.append((name, fresh))
    began = time.perf_counter()
    async with database.transaction() as session:
        for name, values in copies:
            ready = {
                k: psycopg.types.json.Jsonb(v) if isinstance(v, dict | list) else v
                for k, v in values.items()
            }
            await session.execute(
                text(
                    f"insert into {name} ({', '.join(ready)}) values ({', '.join(':' + k for k in ready)})"
                ),
                ready,
            )
        await session.execute(
            text("insert into events (type, payload, created_at) values ('bench', '{}', now())")
        )
        await session.execute(
            text(
                "insert into audit_entries (at, actor, action, subject, details, previous_hash, hash) "
                "values (now(), 'system:bench', 'ticket.created', :s, '{}', '', :h)"
            ),
            {"s": f"b:{number}", "h": uuid4().hex},
        )
    return time.perf_counter() - began


async def _watching(database: Database) -> list[float]:
    """One look at the clocks with so many due."""
    times = []
    for _ in range(5):
        async with database.transaction() as session:
            chosen = (
                select(Ticket.id)
                .where(Ticket.reference.like("T-9%"), Ticket.state == "open")
                .limit(DUE)
            )
            ids = (await session.scalars(chosen)).all()
            await session.execute(text(MADE_DUE), {"ids": list(ids)})
        began = time.perf_counter()
        async with database.transaction() as session:
            await watch_timers(session, utc_now(), DUE)
        times.append(time.perf_counter() - began)
    return times


async def _timed(work: Callable[[], Awaitable[Any]], times: int) -> list[float]:
    for _ in range(5):
        await work()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        found.append(time.perf_counter() - began)
    return found


def _quantiles(seconds: list[float]) -> tuple[str, str]:
    p50, p95 = np.quantile(seconds, [0.5, 0.95]) * 1000
    return f"{p50:.1f}", f"{p95:.1f}"


def main() -> None:
    """Measure and write the tables."""
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    began = utc_now()
    if part in ("all", "million"):
        told = asyncio.run(million())
        console.print(told, markup=False)
        write_section("tickets", told)
    if part in ("all", "hands"):
        told = hands(float(sys.argv[2]) if len(sys.argv) > 2 else 300.0)
        console.print(told, markup=False)
        write_section("hands", told)
    console.print(f"{(utc_now() - began) / timedelta(minutes=1):.1f} min")


if __name__ == "__main__":
    main()
