"""Sales: leads through their stages, quotes and contracts, reminders, and the forecast."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from actions.marketing import leads
from actions.marketing.models import Lead
from actions.marketing.schemas import (
    ForecastLine,
    LeadChangeOut,
    LeadChangeRequest,
    LeadNew,
    LeadOut,
    QuoteChange,
    QuoteNew,
    QuoteOut,
    ReminderNew,
    ReminderOut,
)
from actions.marketing.scoring import Stage
from api.dependencies import (
    BusinessDep,
    ContainerDep,
    IdempotencyKey,
    IfMatch,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)
from core.bounds import Day
from core.identity import Application, require
from core.paging import fetch_page

router = APIRouter(prefix="/v1/leads", tags=["sales"])


@router.get("")
async def list_leads(
    who: StaffDep,
    session: SessionDep,
    page: PageDep,
    stage: Stage | None = None,
    mine: bool = False,
    customer_id: UUID | None = None,
) -> Listing[LeadOut]:
    """Leads that the caller may see, the newest first."""
    rows = leads.visible_leads(who)
    for column, value in (
        (Lead.stage, stage),
        (Lead.customer_id, customer_id),
        (Lead.owner_id, who.id if mine else None),
    ):
        rows = rows.where(column == value) if value is not None else rows
    rows_read, cursor = await fetch_page(session, rows, page, Lead.created_at, Lead.id)
    return Listing(items=[LeadOut.model_validate(lead) for lead in rows_read], next_cursor=cursor)


@router.post("", status_code=201, response_model=LeadOut)
async def open_lead(
    new: LeadNew,
    request: Request,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Note a lead; its score and who looks after it are decided."""
    if isinstance(who, Application):
        require(who, "recommendations:make")

    async def create() -> LeadOut:
        return LeadOut.model_validate(
            await leads.open_lead(session, who, new, leads.source_of(who), now)
        )

    return await once(request, session, who, key, new, create)


@router.get("/forecast")
async def read_forecast(
    who: StaffDep, session: SessionDep, now: NowDep, until: Day | None = None
) -> list[ForecastLine]:
    """Open leads by stage: how many, worth what, and what is to be expected of them."""
    return await leads.forecast(session, who, until, now)


@router.get("/reminders")
async def list_reminders(
    who: StaffDep, session: SessionDep, now: NowDep, due: bool = False
) -> Listing[ReminderOut]:
    """The caller's own reminders."""
    reminders = await session.scalars(leads.reminders_for(who, now, due=due).limit(200))
    return Listing(items=[ReminderOut.model_validate(r) for r in reminders], next_cursor=None)


@router.post("/reminders/{reminder_id}/done")
async def finish_reminder(
    reminder_id: UUID, who: StaffDep, session: SessionDep, now: NowDep
) -> ReminderOut:
    """It is done."""
    return ReminderOut.model_validate(await leads.finish_reminder(session, who, reminder_id, now))


@router.patch("/quotes/{quote_id}")
async def change_quote(
    quote_id: UUID,
    body: QuoteChange,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> QuoteOut:
    """Send, accept or reject a quote; prepare or sign its contract."""
    quote, lead = await leads.load_quote(session, who, quote_id, expected)
    return QuoteOut.model_validate(await leads.change_quote(session, who, quote, lead, body, now))


@router.get("/{lead_id}")
async def read_lead(lead_id: UUID, who: StaffDep, session: SessionDep) -> LeadOut:
    """One lead."""
    return LeadOut.model_validate(await leads.load(session, who, lead_id))


@router.patch("/{lead_id}")
async def change_lead(
    lead_id: UUID,
    body: LeadChangeRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> LeadOut:
    """Move a lead on, give it to somebody, or say more of it."""
    lead = await leads.load(session, who, lead_id, expected=expected)
    return LeadOut.model_validate(await leads.change(session, who, lead, body, now))


@router.get("/{lead_id}/history")
async def read_history(lead_id: UUID, who: StaffDep, session: SessionDep) -> Listing[LeadChangeOut]:
    """Every step of a lead."""
    changes = await leads.history_of(session, await leads.load(session, who, lead_id))
    return Listing(items=[LeadChangeOut.model_validate(c) for c in changes], next_cursor=None)


@router.post("/{lead_id}/quotes", status_code=201)
async def make_quote(
    lead_id: UUID,
    new: QuoteNew,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
) -> QuoteOut:
    """An offer with its terms; the sale is checked first, and a sale that is not allowed is not quoted."""
    lead = await leads.load(session, who, lead_id)
    return QuoteOut.model_validate(
        await leads.make_quote(session, who, parts.watchlist, lead, new, now)
    )


@router.get("/{lead_id}/quotes")
async def list_quotes(lead_id: UUID, who: StaffDep, session: SessionDep) -> Listing[QuoteOut]:
    """Quotes of a lead, the newest first."""
    quotes = await leads.quotes_of(session, await leads.load(session, who, lead_id))
    return Listing(items=[QuoteOut.model_validate(q) for q in quotes], next_cursor=None)


@router.post("/{lead_id}/reminders", status_code=201)
async def remind(
    lead_id: UUID, new: ReminderNew, who: StaffDep, session: SessionDep, now: NowDep
) -> ReminderOut:
    """Be reminded of a lead."""
    return ReminderOut.model_validate(
        await leads.remind(session, who, await leads.load(session, who, lead_id), new, now)
    )
