"""Screening all customers again when a list changes: each new or changed entry looks for the customers who resemble it.

The customers' names are the index and the entries ask, so that the cost is that of what changed. A resemblance that nobody
has cleared raises one alert, and a ticket of the compliance team that no customer can see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.alerts import open_alert_ticket
from actions.compliance.clearances import cleared_of
from actions.compliance.models import Alert, WatchlistEntry
from actions.compliance.screening import KINDS, Entry, ListedNames, Match, entries_of
from actions.compliance.screening_hits import kind_of, names_of
from actions.customers.models import Customer
from actions.name_matching.comparison import EntityType
from core.identity import System
from core.outbox import emit

SCREENER = System("screening")
TOGETHER = 500  # entries of one transaction
NEAREST = 20  # customers whose names are looked at for each name of an entry


@dataclass(frozen=True)
class ScreeningHit:
    """A customer who resembles an entry."""

    customer_id: UUID
    entry_id: UUID
    match: Match


def resembling(customers: ListedNames, entries: Sequence[Entry]) -> list[ScreeningHit]:
    """Customers who resemble any of the entries, each pair once with its best match."""
    best: dict[tuple[UUID, UUID], ScreeningHit] = {}
    for entry in entries:
        for name in entry.names:
            for match in customers.matches(name, entry.birth_dates, entry.countries, NEAREST):
                pair = (match.entry_id, entry.id)
                if pair not in best or match.score > best[pair].match.score:
                    best[pair] = ScreeningHit(match.entry_id, entry.id, match)
    return list(best.values())


def as_listed(customers: Sequence[Customer]) -> dict[EntityType, ListedNames]:
    """Customers as names to be found, people and organisations apart."""
    entries = [
        Entry(
            c.id,
            "customers",
            kind_of(c),
            names_of(c),
            (c.birth_date.isoformat(),),
            (c.nationality,),
            "",
        )
        for c in customers
    ]
    return {kind: ListedNames(entries, kind) for kind in KINDS}


async def read_customers(session: AsyncSession) -> dict[EntityType, ListedNames]:
    """All customers as names to be found."""
    customers = (
        await session.scalars(select(Customer).where(Customer.merged_into.is_(None)))
    ).all()
    return await asyncio.to_thread(as_listed, customers)


async def is_waiting(session: AsyncSession) -> bool:
    """Whether any entry has not met the customers yet."""
    return (
        await session.scalar(select(exists().where(WatchlistEntry.screened_at.is_(None)))) or False
    )


async def rescreen(
    session: AsyncSession, now: datetime, customers: dict[EntityType, ListedNames] | None = None
) -> int:
    """Screen all customers against the next entries that wait for it; how many. The caller may have read the customers."""
    waiting = WatchlistEntry.screened_at.is_(None)
    rows = (
        await session.execute(
            entries_of().where(waiting).limit(TOGETHER).with_for_update(skip_locked=True)
        )
    ).all()
    if not rows:
        return 0
    customers = customers or await read_customers(session)
    entries = [Entry.of(row) for row in rows]
    for kind, names in customers.items():
        hits = await asyncio.to_thread(
            resembling, names, [entry for entry in entries if entry.type == kind]
        )
        await raise_alerts(session, hits, now)
    screened = update(WatchlistEntry).where(WatchlistEntry.id.in_([entry.id for entry in entries]))
    await session.execute(
        screened.values(screened_at=now).execution_options(synchronize_session=False)
    )
    return len(entries)


async def raise_alerts(
    session: AsyncSession, hits: Sequence[ScreeningHit], now: datetime
) -> list[Alert]:
    """An alert for each resemblance that is neither cleared nor alerted already."""
    raised = []
    for one in sorted(hits, key=lambda each: (str(each.customer_id), str(each.entry_id))):
        customer = await session.get_one(Customer, one.customer_id, with_for_update=True)
        entry = await session.get_one(WatchlistEntry, one.entry_id)
        if (entry.id, entry.digest) in await cleared_of(session, customer) or await _is_alerted(
            session, one
        ):
            continue
        raised.append(await raise_alert(session, customer.id, entry, one.match, now))
    return raised


async def raise_alert(
    session: AsyncSession, customer_id: UUID, entry: WatchlistEntry, match: Match, now: datetime
) -> Alert:
    """An alert about a customer and an entry, with the ticket of those who look at it."""
    evidence = {
        "entry_id": str(entry.id),
        "list": entry.source_list,
        "score": match.score,
        "reasons": [reason.as_json() for reason in match.reasons],
        "birth_date_fits": match.birth_date_fits,
    }
    alert = Alert(customer_id=customer_id, kind="watchlist", evidence=evidence)
    session.add(alert)
    await session.flush()
    subject = f"Watchlist {entry.source_list}: score {match.score:.2f}"
    ticket = await open_alert_ticket(
        session, SCREENER, subject, f"Alert {alert.id}", "compliance", now
    )
    alert.evidence = evidence | {"ticket": ticket.reference}
    emit(session, "compliance.alerted", {"alert_id": str(alert.id), "list": entry.source_list})
    await session.flush()
    return alert


async def _is_alerted(session: AsyncSession, one: ScreeningHit) -> bool:
    about = select(Alert.id).where(
        Alert.customer_id == one.customer_id,
        Alert.state == "open",
        Alert.evidence["entry_id"].astext == str(one.entry_id),
    )
    return await session.scalar(about.limit(1)) is not None
