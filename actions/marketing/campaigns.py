"""Campaigns: their life, who may be shown an offer now, and what came of it.

An offer is shown only when everything allows it: the campaign runs and its hours are open, the customer belongs to its segment,
has consented, was not contacted too often, the product suits and was not declined, no complaint is open, the compliance
checkpoint `marketing` allows it, and the moment is right: whoever is angry, grieving or in need is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import service as compliance
from actions.compliance.schemas import CheckRequest
from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer
from actions.marketing.assignment import HOLDOUT, lift, variant_of
from actions.marketing.models import Campaign, CampaignContact, MarketingLimits
from actions.marketing.schemas import (
    CampaignChannel,
    CampaignContent,
    FunnelOut,
    LiftOut,
    LimitsContent,
    Step,
)
from actions.marketing.segments import Rule, members, segment_of
from actions.products.models import Product
from actions.products.queries import name_of
from actions.recommendations.outcomes import declined_by
from actions.recommendations.service import investor_profile_of, terms_in_base
from actions.recommendations.suitability import Need, exclusion, rank
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from actions.tickets.routing.signals import Sign
from core.audit import record
from core.clock import SERVICE_HOURS
from core.errors import Conflict, Invalid, NotFound
from core.guards import require_step, require_version
from core.identity import Caller, System, actor, require
from core.languages import Language
from core.localized_text import LocalizedText, term, translate
from core.outbox import emit
from core.versioned import newest_of, write_next

MARKETER = System("marketing", frozenset({"compliance:check"}))
STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("running", "ended"),
    "running": ("paused", "ended"),
    "paused": ("running", "ended"),
    "ended": (),
}
WRONG_MOOD = frozenset({"crisis", "scam", "bereavement", "illness", "hardship", "anger"})
SALE_COUNTS = "90 days"  # after the assignment, for a purchase to count for the campaign
# Contacted and left out are compared alike: from the moment in which the variant was drawn.
FUNNEL = text(f"""
select c.variant, count(*), count(c.shown_at), count(c.clicked_at), count(c.declined_at),
    count(*) filter (where exists (select from leads l where l.contact_id = c.id)),
    count(*) filter (where exists (select from holdings h join campaigns p on p.id = c.campaign_id
        where h.customer_id = c.customer_id and h.product_id = p.product_id
        and h.bought_on between c.created_at::date and (c.created_at + interval '{SALE_COUNTS}')::date))
from campaign_contacts c where c.campaign_id = :campaign group by 1 order by 1
""")  # noqa: S608  (a constant of ours)


@dataclass(frozen=True)
class Offer:
    """An offer as it is shown now."""

    contact: CampaignContact
    campaign: Campaign
    product: Product
    text: str
    reasons: Sequence[str]
    disclosures: Sequence[str]


def visible_campaigns(caller: Caller) -> Select[Campaign]:
    """Campaigns, for those who plan them and those who sell."""
    if "marketing:manage" not in caller.permissions:
        require(caller, "sales:work")
    return select(Campaign)


async def campaign_by_code(
    session: AsyncSession, caller: Caller, code: str, *, lock: bool = False
) -> Campaign:
    """One campaign."""
    rows = visible_campaigns(caller).where(Campaign.code == code)
    campaign = await session.scalar(rows.with_for_update() if lock else rows)
    if campaign is None:
        raise NotFound("campaign")
    return campaign


async def put_campaign(
    session: AsyncSession, caller: Caller, code: str, content: CampaignContent, expected: int | None
) -> Campaign:
    """A new campaign, or another content of one that does not run; a running one is paused first."""
    require(caller, "marketing:manage")
    await segment_of(session, content.segment)
    if await session.get(Product, content.product_id) is None:
        raise Invalid.field("product_id", "product.unknown")
    row = await session.scalar(select(Campaign).where(Campaign.code == code).with_for_update())
    if row is not None:
        require_version(row.version, expected)
        if row.state not in ("draft", "paused"):
            raise Conflict("campaign.not_changeable", state=term("campaign_state", row.state))
        row.version += 1
    else:
        row = Campaign(code=code, state="draft", version=1, made_by=actor(caller))
        session.add(row)
    row.content, row.product_id = content, content.product_id
    row.starts_at, row.ends_at, row.made_by, row.approved_by = (
        content.starts_at,
        content.ends_at,
        actor(caller),
        None,
    )
    await session.flush()
    await record(
        session,
        caller,
        "campaign.changed",
        f"campaign:{row.id}",
        {"code": code, "version": row.version},
    )
    return row


async def move(
    session: AsyncSession, caller: Caller, campaign: Campaign, to: str, expected: int
) -> Campaign:
    """Start, pause or end a campaign; it is started by somebody else than who wrote it."""
    require(caller, "marketing:manage")
    require_version(campaign.version, expected)
    require_step("campaign", campaign.state, to, STEPS[campaign.state])
    if to == "running":
        if campaign.made_by == actor(caller):
            raise Conflict("campaign.four_eyes")
        campaign.approved_by = actor(caller)
    before, campaign.state, campaign.version = campaign.state, to, campaign.version + 1
    await session.flush()
    await record(session, caller, f"campaign.{to}", f"campaign:{campaign.id}", {"before": before})
    return campaign


async def limits_in_use(session: AsyncSession) -> LimitsContent:
    """How often one customer may be contacted."""
    row = await newest_of(session, MarketingLimits)
    return LimitsContent.model_validate(row.content) if row else LimitsContent()


async def set_limits(
    session: AsyncSession, caller: Caller, content: LimitsContent, now: datetime
) -> LimitsContent:
    """Other limits from now on."""
    require(caller, "marketing:manage")
    await write_next(session, caller, MarketingLimits, content.model_dump(), now)
    await record(session, caller, "marketing.limits", "marketing", content.model_dump())
    return content


async def next_best_offer(
    session: AsyncSession,
    watchlist: WatchlistIndex,
    customer: Customer,
    channel: CampaignChannel,
    signs: Sequence[Sign],
    language: Language,
    now: datetime,
) -> Offer | None:
    """The offer that suits best of those that may be shown now, noted as shown; None where nothing is, or the mood is wrong."""
    if not await _may_be_approached(session, customer, signs, now):
        return None
    candidates = await _candidates(session, customer, channel, now)
    for campaign, product, ranked in candidates:
        contact = await _assigned(session, campaign, customer)
        if contact.variant == HOLDOUT or contact.declined_at is not None:
            continue
        check = await compliance.check(
            session,
            MARKETER,
            watchlist,
            CheckRequest(customer_id=customer.id, purpose="marketing"),
            now,
        )
        if check.decision != "allow":
            return None  # what is found about the customer holds for every campaign
        contact.check_id, contact.channel, contact.shown_at = (
            check.decision_id,
            channel,
            contact.shown_at or now,
        )
        await session.flush()
        emit(session, "offer.shown", {"campaign": campaign.code, "contact_id": str(contact.id)})
        content = campaign.content
        wording = next(v for v in content.variants if v.code == contact.variant)
        name = (customer.native_name if language == "zh" else None) or customer.name
        offer_text = wording.text.of(language).format(name=name, product=name_of(product, language))
        return Offer(
            contact,
            campaign,
            product,
            offer_text,
            [translate(reason, language) for reason in ranked],
            product.disclosures[language],
        )
    return None


async def _may_be_approached(
    session: AsyncSession, customer: Customer, signs: Sequence[Sign], now: datetime
) -> bool:
    if not customer.consents.get("marketing") or {sign.signal for sign in signs} & WRONG_MOOD:
        return False
    complains = exists().where(
        Ticket.customer_id == customer.id,
        Ticket.kind.in_(("complaint", "fraud_report")),
        Ticket.state.in_(ACTIVE),
    )
    if await session.scalar(select(complains)):
        return False
    limits = await limits_in_use(session)
    since = now - timedelta(days=limits.days)
    shown = select(func.count(CampaignContact.id)).where(
        CampaignContact.customer_id == customer.id, CampaignContact.shown_at > since
    )
    return (await session.scalar(shown) or 0) < limits.contacts


async def _candidates(
    session: AsyncSession, customer: Customer, channel: CampaignChannel, now: datetime
) -> list[tuple[Campaign, Product, list[LocalizedText]]]:
    """Running campaigns of this channel and hour whose segment has the customer and whose product suits, the best first."""
    rows = select(Campaign, Product).join(Product, Product.id == Campaign.product_id)
    rows = rows.where(is_running(now), Product.active)
    running = [
        (campaign, product)
        for campaign, product in (await session.execute(rows.order_by(Campaign.code))).all()
        if is_open(campaign.content, channel, now)
    ]
    if not running:
        return []
    who, unwanted = (
        await investor_profile_of(session, customer, now),
        await declined_by(session, customer, now),
    )
    candidates = []
    for campaign, product in running:
        if product.id in unwanted or product.code in who.holdings:
            continue
        terms = await terms_in_base(session, product, now.date())
        if exclusion(terms, who, Need(), now.date()) is None and await _belongs(
            session, campaign, customer, now
        ):
            ranked = rank(terms, who, Need())
            candidates.append((ranked.score, campaign, product, ranked.reasons))
    candidates.sort(key=lambda entry: -entry[0])
    return [(campaign, product, reasons) for _, campaign, product, reasons in candidates]


def is_running(now: datetime) -> ColumnElement[bool]:
    """Campaigns that were started and whose time it is."""
    return and_(Campaign.state == "running", Campaign.starts_at <= now, Campaign.ends_at > now)


def is_open(content: CampaignContent, channel: CampaignChannel, now: datetime) -> bool:
    """Whether a campaign uses the channel, and its hours of the day are open in the bank's zone."""
    return (
        channel in content.channels
        and content.hours[0]
        <= now.astimezone(ZoneInfo(SERVICE_HOURS.zone)).time()
        < content.hours[1]
    )


async def _belongs(
    session: AsyncSession, campaign: Campaign, customer: Customer, now: datetime
) -> bool:
    segment = await segment_of(session, campaign.content.segment)
    rows = members(Rule.model_validate(segment.rule), now.date()).where(Customer.id == customer.id)
    return await session.scalar(rows.with_only_columns(Customer.id)) is not None


async def _assigned(
    session: AsyncSession, campaign: Campaign, customer: Customer
) -> CampaignContact:
    """The customer's place in a campaign, drawn at the first time."""
    content = campaign.content
    drawn = variant_of(
        campaign.id, customer.id, content.holdout, [(v.code, v.weight) for v in content.variants]
    )
    made = insert(CampaignContact).values(
        campaign_id=campaign.id, customer_id=customer.id, variant=drawn
    )
    await session.execute(
        made.on_conflict_do_nothing(index_elements=["campaign_id", "customer_id"])
    )
    rows = select(CampaignContact).where(
        CampaignContact.campaign_id == campaign.id, CampaignContact.customer_id == customer.id
    )
    return (await session.scalars(rows.with_for_update())).one()


async def contact_by_id(session: AsyncSession, contact_id: UUID) -> CampaignContact:
    """A customer's place in a campaign, locked."""
    contact = await session.get(CampaignContact, contact_id, with_for_update=True)
    if contact is None:
        raise NotFound("contact")
    return contact


async def funnel(session: AsyncSession, campaign: Campaign) -> FunnelOut:
    """What came of a campaign, and what it achieved beside those who were left out."""
    rows = (await session.execute(FUNNEL, {"campaign": campaign.id})).all()
    steps = [
        Step(variant=v, assigned=a, shown=s, clicked=c, declined=d, leads=led, sold=b)
        for v, a, s, c, d, led, b in rows
    ]
    contacted = [step for step in steps if step.variant != HOLDOUT]
    left_out = next((step for step in steps if step.variant == HOLDOUT), None)
    uplift = lift(
        sum(step.sold for step in contacted),
        sum(step.assigned for step in contacted),
        left_out.sold if left_out else 0,
        left_out.assigned if left_out else 0,
    )
    stages = (
        LiftOut(
            difference=uplift.difference, low=uplift.low, high=uplift.high, proven=uplift.proven
        )
        if uplift
        else None
    )
    return FunnelOut(steps=steps, lift=stages)
