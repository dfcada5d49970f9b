"""Clearances: a person found a customer and an entry not to be the same; it counts until either side changes.

What is compared of each side goes into a digest, so that nobody has to notice a change for the clearance to end.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.alerts import digest_of
from actions.compliance.models import Alert, Clearance, WatchlistEntry
from actions.customers.models import Customer
from core.audit import record
from core.errors import NotFound
from core.identity import Caller, actor, require


def digest_of_customer(customer: Customer) -> str:
    """What changes when a customer's name, birth date or nationality does."""
    return digest_of(
        [customer.name, customer.native_name, customer.birth_date.isoformat(), customer.nationality]
    )


async def cleared_of(session: AsyncSession, customer: Customer) -> set[tuple[UUID, str]]:
    """Ids and digests of the entries that the customer, as it is now, is cleared of."""
    rows = select(Clearance.entry_id, Clearance.entry_digest).where(
        Clearance.customer_id == customer.id,
        Clearance.customer_digest == digest_of_customer(customer),
    )
    return {(entry_id, digest) for entry_id, digest in await session.execute(rows)}


async def clear_pair(
    session: AsyncSession, caller: Caller, customer_id: UUID, entry_id: UUID, reason: str
) -> Clearance:
    """Say that they are not the same, and close the alerts about the pair."""
    require(caller, "compliance:manage")
    customer, entry = (
        await session.get(Customer, customer_id),
        await session.get(WatchlistEntry, entry_id),
    )
    if customer is None:
        raise NotFound("customer")
    if entry is None:
        raise NotFound("watchlist_entry")
    row_values = {
        "customer_digest": digest_of_customer(customer),
        "entry_digest": entry.digest,
        "reason": reason,
        "cleared_by": actor(caller),
    }
    statement = insert(Clearance).values(customer_id=customer_id, entry_id=entry_id, **row_values)
    again = statement.on_conflict_do_update(
        index_elements=["customer_id", "entry_id"], set_=row_values
    ).returning(Clearance)
    clearance = (await session.scalars(again, execution_options={"populate_existing": True})).one()
    await _close_alerts(session, customer_id, entry_id)
    await record(
        session, caller, "compliance.cleared", f"customer:{customer_id}", {"entry": str(entry_id)}
    )
    return clearance


async def _close_alerts(session: AsyncSession, customer_id: UUID, entry_id: UUID) -> None:
    about = Alert.evidence["entry_id"].astext == str(entry_id)
    rows = (
        select(Alert)
        .where(Alert.customer_id == customer_id, Alert.state == "open", about)
        .with_for_update()
    )
    for alert in await session.scalars(rows):
        alert.state = "cleared"
