"""Mails of campaigns: a pass over the segment a day, some customers at a time, each asked like any other contact.

A mail is written in the transaction that notes the contact, so that it leaves once or not at all; who sends them is the
tickets' own job.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import make_msgid
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer
from actions.marketing.campaigns import Offer, is_open, is_running, next_best_offer
from actions.marketing.models import Campaign, CampaignContact
from actions.marketing.segments import Rule, members, segment_of
from actions.tickets.notifications import BANK_NAMES, MESSAGE_DOMAIN, Notification
from core.languages import Language

TEMPLATE = "campaign"
EVERY = timedelta(hours=20)  # between two passes over a segment
FOOTER: dict[Language, str] = {
    "en": "You get this mail because you agreed to offers. Answer with STOP, or tell us in the chat, and we send no more.",
    "zh": "您收到本邮件是因为您同意接收推介。如不希望再收到，请回复“退订”，或在聊天中告诉我们。",
}


async def mail_some(
    session: AsyncSession, watchlist: WatchlistIndex, now: datetime, limit: int
) -> int:
    """Go on with the pass of each campaign that mails; how many mails were written."""
    rows = (
        select(Campaign)
        .where(is_running(now), or_(Campaign.mailed_at.is_(None), Campaign.mailed_at < now - EVERY))
        .order_by(Campaign.code)
        .with_for_update(skip_locked=True)
    )
    written = 0
    for campaign in (await session.scalars(rows)).all():
        if is_open(campaign.content, "email", now):
            written += await _go_on(session, watchlist, campaign, now, limit)
    return written


async def _go_on(
    session: AsyncSession, watchlist: WatchlistIndex, campaign: Campaign, now: datetime, limit: int
) -> int:
    segment = await segment_of(session, campaign.content.segment)
    seen = select(CampaignContact.customer_id).where(
        CampaignContact.campaign_id == campaign.id, CampaignContact.shown_at.is_not(None)
    )
    rows = members(Rule.model_validate(segment.rule), now.date()).where(
        Customer.consents["marketing"].as_boolean(), Customer.id.not_in(seen)
    )
    if campaign.mailed_through is not None:
        rows = rows.where(Customer.id > campaign.mailed_through)
    customers = (await session.scalars(rows.order_by(Customer.id).limit(limit))).all()
    written = 0
    for customer in customers:
        language: Language = customer.language
        offer = await next_best_offer(session, watchlist, customer, "email", (), language, now)
        if offer is not None:
            session.add(_mail(offer, customer, language, now))
            written += 1
    whole = len(customers) < limit
    campaign.mailed_through = None if whole else customers[-1].id
    campaign.mailed_at = now if whole else campaign.mailed_at
    await session.flush()
    return written


def _mail(offer: Offer, customer: Customer, language: Language, now: datetime) -> Notification:
    body = "\n\n".join(
        [offer.text, *offer.reasons[:1], *offer.disclosures, FOOTER[language], BANK_NAMES[language]]
    )
    subject = offer.campaign.content.names.of(language)
    return Notification(
        id=uuid4(),
        ticket_id=None,
        template=TEMPLATE,
        about=str(offer.contact.id),
        address=customer.email,
        language=language,
        subject=subject,
        body=body,
        message_id=make_msgid(domain=MESSAGE_DOMAIN),
        state="pending",
        attempts=0,
        next_attempt_at=now,
        created_at=now,
    )
