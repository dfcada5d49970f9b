"""Marketing: segments, campaigns with their funnels, how often a customer may be contacted, and the offer for a customer now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import select

from actions.customers.queries import load_customer
from actions.customers.schemas import CustomerOut
from actions.customers.views import customer_out
from actions.marketing import campaigns
from actions.marketing.models import Campaign, Segment
from actions.marketing.schemas import (
    CampaignContent,
    CampaignOut,
    CampaignState,
    FunnelOut,
    LimitsContent,
)
from actions.marketing.segments import (
    Rule,
    SegmentContent,
    members,
    put_segment,
    segment_of,
    size_of,
)
from actions.products.queries import name_of
from actions.recommendations.outcomes import decline
from api.dependencies import (
    ContainerDep,
    IfMatch,
    IfMatchHeader,
    Listing,
    NowDep,
    SessionDep,
    StaffDep,
    if_match,
)
from core.errors import NotFound
from core.identity import require
from core.languages import Language

router = APIRouter(prefix="/v1/marketing", tags=["marketing"])
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
PREVIEWED = 10


class SegmentOut(BaseModel):
    """A segment."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    version: int
    names: dict[str, str]
    rule: dict[str, JsonValue]
    changed_by: str
    changed_at: datetime


class PreviewOut(BaseModel):
    """How many customers a rule finds now, and some of them."""

    size: int
    some: list[CustomerOut]


class StateRequest(BaseModel):
    """What a campaign becomes."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "running"}]})

    to: CampaignState


class OfferOut(BaseModel):
    """An offer that may be made now, with why and with what must be read out."""

    contact_id: UUID
    campaign: str
    product_id: UUID
    product: str
    risk_level: str
    text: str
    reasons: list[str]
    disclosures: list[str]


class OutcomeRequest(BaseModel):
    """What came of an offer that an employee made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"outcome": "clicked"}]}
    )

    outcome: Literal["clicked", "declined"]


@router.get("/segments")
async def list_segments(who: StaffDep, session: SessionDep) -> Listing[SegmentOut]:
    """Segments in their newest versions."""
    require(who, "marketing:manage")
    newest = select(Segment).distinct(Segment.code).order_by(Segment.code, Segment.version.desc())
    return Listing(
        items=[SegmentOut.model_validate(s) for s in await session.scalars(newest)],
        next_cursor=None,
    )


@router.put("/segments/{code}")
async def write_segment(
    code: Code,
    content: SegmentContent,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    if_match_header: IfMatchHeader = None,
) -> SegmentOut:
    """A new segment, or a new version of one (If-Match has the newest)."""
    expected = if_match(if_match_header) if if_match_header is not None else None
    return SegmentOut.model_validate(await put_segment(session, who, code, content, expected, now))


@router.post("/segments/previews")
async def preview(rule: Rule, who: StaffDep, session: SessionDep, now: NowDep) -> PreviewOut:
    """Whom a rule finds; nothing is kept."""
    require(who, "marketing:manage")
    return await _preview(session, rule, now)


@router.get("/segments/{code}/members")
async def read_members(code: Code, who: StaffDep, session: SessionDep, now: NowDep) -> PreviewOut:
    """Whom a segment finds now."""
    require(who, "marketing:manage")
    segment = await segment_of(session, code)
    return await _preview(session, Rule.model_validate(segment.rule), now)


@router.get("/limits")
async def read_limits(who: StaffDep, session: SessionDep) -> LimitsContent:
    """How often one customer may be contacted."""
    require(who, "sales:work")
    return await campaigns.limits_in_use(session)


@router.put("/limits")
async def write_limits(
    content: LimitsContent, who: StaffDep, session: SessionDep, now: NowDep
) -> LimitsContent:
    """Other limits."""
    return await campaigns.set_limits(session, who, content, now)


@router.get("/campaigns")
async def list_campaigns(who: StaffDep, session: SessionDep) -> Listing[CampaignOut]:
    """Campaigns, the latest to begin first."""
    rows = (
        campaigns.visible_campaigns(who)
        .order_by(Campaign.starts_at.desc(), Campaign.code)
        .limit(200)
    )
    return Listing(
        items=[CampaignOut.model_validate(c) for c in await session.scalars(rows)], next_cursor=None
    )


@router.get("/campaigns/{code}")
async def read_campaign(code: Code, who: StaffDep, session: SessionDep) -> CampaignOut:
    """One campaign."""
    return CampaignOut.model_validate(await campaigns.campaign_by_code(session, who, code))


@router.put("/campaigns/{code}")
async def write_campaign(
    code: Code,
    content: CampaignContent,
    who: StaffDep,
    session: SessionDep,
    if_match_header: IfMatchHeader = None,
) -> CampaignOut:
    """A new campaign as a draft, or another content of one that does not run."""
    expected = if_match(if_match_header) if if_match_header is not None else None
    return CampaignOut.model_validate(
        await campaigns.put_campaign(session, who, code, content, expected)
    )


@router.post("/campaigns/{code}/transition")
async def move_campaign(
    code: Code, body: StateRequest, expected: IfMatch, who: StaffDep, session: SessionDep
) -> CampaignOut:
    """Start, pause or end a campaign."""
    campaign = await campaigns.campaign_by_code(session, who, code, lock=True)
    return CampaignOut.model_validate(
        await campaigns.move(session, who, campaign, body.to, expected)
    )


@router.get("/campaigns/{code}/funnel")
async def read_funnel(code: Code, who: StaffDep, session: SessionDep) -> FunnelOut:
    """Assigned, shown, clicked, declined, leads, sold, by variant; and the lift beside those left out."""
    require(who, "marketing:manage")
    return await campaigns.funnel(session, await campaigns.campaign_by_code(session, who, code))


@router.post("/customers/{customer_id}/offer")
async def offer_now(
    customer_id: UUID,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    language: Language = "en",
) -> OfferOut | None:
    """The next best offer that an employee may make to this customer now; null where none may be made."""
    require(who, "sales:work")
    customer = await load_customer(session, who, customer_id)
    offer = await campaigns.next_best_offer(
        session, parts.watchlist, customer, "workspace", (), language, now
    )
    if offer is None:
        return None
    return OfferOut(
        contact_id=offer.contact.id,
        campaign=offer.campaign.code,
        product_id=offer.product.id,
        product=name_of(offer.product, language),
        risk_level=offer.product.risk_level,
        text=offer.text,
        reasons=list(offer.reasons),
        disclosures=list(offer.disclosures),
    )


@router.post("/contacts/{contact_id}/outcome")
async def note_outcome(
    contact_id: UUID, body: OutcomeRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> dict[str, str]:
    """Note what came of an offer; a no is remembered for the customer."""
    require(who, "sales:work")
    contact = await campaigns.contact_by_id(session, contact_id)
    if contact.shown_at is None:
        raise NotFound("offer")
    if body.outcome == "clicked":
        contact.clicked_at = contact.clicked_at or now
    else:
        contact.declined_at = contact.declined_at or now
        campaign = await session.get_one(Campaign, contact.campaign_id)
        await decline(
            session,
            who,
            await load_customer(session, who, contact.customer_id),
            [campaign.product_id],
            now,
        )
    return {"outcome": body.outcome}


async def _preview(session: SessionDep, rule: Rule, now: datetime) -> PreviewOut:
    some = await session.scalars(members(rule, now.date()).limit(PREVIEWED))
    size = await size_of(session, rule, now.date())
    return PreviewOut(size=size, some=[customer_out(customer) for customer in some])
