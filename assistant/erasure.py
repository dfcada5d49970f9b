"""Erasure on request (GDPR, article 17): everything about a customer that the law does not make the bank keep."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer, LifeEvent
from actions.marketing import retention as sales
from actions.tickets import retention as tickets
from assistant import retention as conversations
from core.audit import record
from core.errors import NotFound
from core.identity import Caller, require


@dataclass(frozen=True)
class Erased:
    """How many of each were erased, and what must stay for now; the customer's own data is the source systems' to erase."""

    tickets: int
    kept_tickets: list[str]
    conversations: int
    kept_conversations: int
    leads: int
    kept_leads: int


async def erase_customer(
    session: AsyncSession,
    caller: Caller,
    customer_id: UUID,
    reason: str,
    folder: Path,
    now: datetime,
) -> Erased:
    """Erase what may be erased now; NotFound when there is no such customer."""
    require(caller, "complaints:approve")
    customer = await session.get(Customer, customer_id, with_for_update=True)
    if customer is None:
        raise NotFound("customer")
    leads, kept_leads = await sales.erase_of_customer(session, caller, customer, now)
    gone, stay = await tickets.erase_of_customer(session, caller, customer_id, folder, now)
    # Conversations come last: one stays as long as a ticket or a lead that came of it.
    talks, kept_talks = await conversations.erase_of_customer(session, customer_id, folder, now)
    await session.execute(delete(LifeEvent).where(LifeEvent.customer_id == customer_id))
    done = Erased(gone, stay, talks, kept_talks, leads, kept_leads)
    details = asdict(done) | {"kept_tickets": len(stay), "reason": reason}
    await record(session, caller, "customer.erased", f"customer:{customer_id}", details)
    return done
