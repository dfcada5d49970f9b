"""A ticket desk for tests: a real database with the product's rule book, the real encoder, and times that are given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Account, Card, Customer
from actions.tickets import service
from actions.tickets.embeddings import embed_pending
from actions.tickets.intake.opening import open_ticket, subject_of
from actions.tickets.models import Ticket, TicketTimer
from actions.tickets.schemas import CommentRequest, TicketNew
from actions.tickets.ticket_config.service import load_defaults
from core.accounts import add_staff
from core.clock import utc_now
from core.database import Database, libpq_url
from core.embedded import embedded_server
from core.identity import Participant, Role, Staff, System
from core.schema import migrate
from knowledge_base.encoder import Encoder
from knowledge_base.replica import Replica
from knowledge_base.search import KnowledgeSearch


def at(day: int, clock: str = "09:00") -> datetime:
    """A time in June 2026 in London, UTC+1; the 1st is a Monday."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 6, day, hours, minutes, tzinfo=UTC) - timedelta(hours=1)


class Desk:
    """The desk and its people."""

    def __init__(self, database: Database, search: KnowledgeSearch, folder: Path) -> None:
        self.database, self.search, self.folder = database, search, folder
        self._people = 0

    async def staff(self, role: Role = "agent", languages: tuple[str, ...] = ("en", "zh")) -> Staff:
        """A new employee."""
        self._people += 1
        async with self.database.transaction() as session:
            user = await add_staff(
                session,
                System("test"),
                email=f"{role}{self._people}-{uuid4().hex[:6]}@bank.example",
                name=f"{role} {self._people}",
                role=role,
                password="a long password",
                languages=list(languages),
            )
            return user.caller()

    async def customer(self, **given: Any) -> Customer:
        """A new customer with a card and an account."""
        self._people += 1
        key = uuid4().hex[:8]
        plain: dict[str, Any] = {
            "number": f"C{key}",
            "name": f"Ann Example {self._people}",
            "birth_date": date(1980, 5, 5),
            "nationality": "GB",
            "residency": "GB",
            "language": "en",
            "segment": "mass",
            "email": f"{key}@example.com",
            "phone": "+442079460000",
            "address": "1 High Street",
            "document": {},
            "risk_level": "C3",
            "risk_assessed_until": date(2027, 1, 1),
            "kyc_state": "verified",
            "kyc_until": date(2027, 1, 1),
            "experience": "some",
            "monthly_income": Decimal(3000),
            "consents": {},
            "source_at": at(1),
        }
        async with self.database.transaction() as session:
            customer = Customer(**plain | given)
            session.add(customer)
            await session.flush()
            account = Account(
                customer_id=customer.id,
                iban=f"GB00TEST{key.upper()}",
                kind="current",
                currency="EUR",
                balance=Decimal(100),
                opened_on=date(2020, 1, 1),
            )
            session.add(account)
            await session.flush()
            session.add(
                Card(
                    customer_id=customer.id,
                    account_id=account.id,
                    kind="debit",
                    last_four="4411",
                    state="active",
                    expires_on=date(2028, 1, 1),
                )
            )
            return customer

    async def open(
        self, text: str, now: datetime, by: Staff | Participant | System | None = None, **given: Any
    ) -> Ticket:
        """A ticket, routed by what it means."""
        new = TicketNew.model_validate({"subject": subject_of(text), "description": text, **given})
        async with self.database.transaction() as session:
            return await open_ticket(session, by or System("test"), new, now)

    async def read(self) -> None:
        """Make the vectors of what was opened, as the service does every few seconds."""
        async with self.database.transaction() as session:
            await embed_pending(session, self.search.encoder, 1_000, utc_now())

    async def move(self, ticket: Ticket, to: Any, now: datetime, by: Any) -> Ticket:
        """A step."""
        async with self.held(ticket) as (session, held):
            return await service.transition(session, by, held, to, None, now)

    async def say(
        self, ticket: Ticket, text: str, now: datetime, by: Any, visibility: str = "public"
    ) -> None:
        """A comment."""
        said = CommentRequest.model_validate({"text": text, "visibility": visibility})
        async with self.held(ticket) as (session, held):
            await service.comment(session, by, held, said, now)

    @asynccontextmanager
    async def held(self, ticket: Ticket) -> AsyncIterator[tuple[AsyncSession, Ticket]]:
        """A transaction with the ticket as it is now, locked."""
        async with self.database.transaction() as session:
            yield session, await service.load(session, System("test"), ticket.id, lock=True)

    async def now(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now."""
        async with self.database.transaction() as session:
            return await service.load(session, System("test"), ticket.id)

    async def clocks(self, ticket_id: UUID) -> dict[str, TicketTimer]:
        """Its clocks."""
        async with self.database.transaction() as session:
            rows = await session.scalars(
                select(TicketTimer).where(TicketTimer.ticket_id == ticket_id)
            )
            return {clock.name: clock for clock in rows}


@asynccontextmanager
async def opened_desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk on a database of its own."""
    with embedded_server(folder / "postgres") as url:
        migrate(url)
        database = Database(url)
        async with database.transaction() as session:
            await load_defaults(session, at(1))
        encoder = Encoder()
        yield Desk(database, KnowledgeSearch(Replica(encoder, database, folder / "index")), folder)
        encoder.close()
        await database.close()


def drop_connections(url: str) -> None:
    """The database ends every other connection, as it does when it is shut down."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and datname = current_database()"
        )
