"""Erasure of what sales and marketing keep of a customer; what belongs to a contract stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.customers.relations import set_consents
from actions.marketing.models import CampaignContact, Lead, LeadChange, Quote, Reminder
from core.identity import Caller

CHANNEL = "branch"  # whoever notes the request does it there, in whatever way it came


async def erase_of_customer(
    session: AsyncSession, caller: Caller, customer: Customer, now: datetime
) -> tuple[int, int]:
    """Erase a customer's leads without a contract and where campaigns stood; how many leads, and how many must stay.

    The consents that marketing rests on are taken back with it (GDPR, article 17(1)(b)), or the next campaign would begin anew.
    """
    await set_consents(
        session, caller, customer, {"marketing": False, "profiling": False}, CHANNEL, now
    )
    contracted = exists().where(Quote.lead_id == Lead.id, Quote.contract != "none")
    own = select(Lead.id).where(Lead.customer_id == customer.id)
    gone = (await session.scalars(own.where(~contracted).with_for_update())).all()
    for table in (Reminder, Quote, LeadChange):
        await session.execute(delete(table).where(table.lead_id.in_(gone)))
    await session.execute(delete(Lead).where(Lead.id.in_(gone)))
    leads = (await session.scalars(select(Lead).where(Lead.customer_id == customer.id))).all()
    needed = [lead.contact_id for lead in leads if lead.contact_id]
    mine = CampaignContact.customer_id == customer.id
    await session.execute(delete(CampaignContact).where(mine, CampaignContact.id.not_in(needed)))
    return len(gone), len(leads)
