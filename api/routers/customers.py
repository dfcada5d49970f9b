"""Customers: search, the unified view and its parts, the portrait's lists, consents, life events, households, risk, advice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import StringConstraints

from actions.customer_view.profile import profile
from actions.customer_view.schemas import Profile, TimelineEntry
from actions.customers import cards, queries, relations
from actions.customers.access import AccessPurpose, audit_read
from actions.customers.card_control.requests import with_last_request
from actions.customers.cards import CardChange
from actions.customers.insights import ListName
from actions.customers.masks import Purpose, shown_to
from actions.customers.models import Card, Customer, PortraitRow, Transaction
from actions.customers.risk import QUESTIONS, VERSION
from actions.customers.schemas import (
    CardChangeOut,
    CardChangeRequest,
    CardOut,
    CategoryOut,
    ConsentChangeOut,
    ConsentsOut,
    ConsentsRequest,
    CustomerOut,
    ErasureRequest,
    HouseholdOut,
    HouseholdRequest,
    LifeEventOut,
    LifeEventRequest,
    ListedOut,
    ManagerRequest,
    QuestionnaireOut,
    QuestionOut,
    RiskOut,
    RiskRequest,
    TransactionOut,
)
from actions.customers.views import card_out, customer_out, transaction_row
from api.dependencies import (
    READER,
    BusinessDep,
    ContainerDep,
    Listing,
    NowDep,
    PageDep,
    ReaderDep,
    SessionDep,
    StaffDep,
)
from assistant.conversations.queries import recent_of, timeline_of
from assistant.erasure import Erased, erase_customer
from core.bounds import Day, ShortText
from core.errors import Invalid
from core.money import AmountDecimal, in_base_currency
from core.paging import decode_cursor, encode_cursor, fetch_page

router = APIRouter(prefix="/v1", tags=["customers"])
MONTH = timedelta(days=30)
ACCEPTED: dict[int | str, dict[str, object]] = {
    202: {"model": CardChangeOut, "description": "Requested, not confirmed yet"}
}


def why(
    purpose: Purpose = "service",
    reason: Annotated[
        str | None, StringConstraints(strip_whitespace=True), Query(min_length=5, max_length=300)
    ] = None,
) -> AccessPurpose:
    """What the customer is looked at for; a reason unmasks what the role needs for the purpose, and is kept in the audit trail."""
    return AccessPurpose(purpose, reason)


WhyDep = Annotated[AccessPurpose, Depends(why)]


@router.get("/customers")
async def list_customers(
    who: BusinessDep, session: SessionDep, page: PageDep, q: ShortText | None = None
) -> Listing[CustomerOut]:
    """Customers by part of a name, or by whole number, email or phone."""
    rows = queries.named(queries.visible_customers(who), q)
    rows_read, cursor = await fetch_page(session, rows, page, Customer.created_at, Customer.id)
    return Listing(items=[customer_out(c) for c in rows_read], next_cursor=cursor)


@router.get("/customers/lists/{name}")
async def read_list(
    name: ListName,
    who: StaffDep,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    mine: bool = False,
) -> Listing[ListedOut]:
    """Customers of high value, with potential, or at risk, those worth most first; all, or those that the caller looks after."""
    order = {
        "high_value": PortraitRow.assets,
        "potential": PortraitRow.potential,
        "at_risk": PortraitRow.churn_risk,
    }
    rows = queries.listed(who, name, who.id if mine else None).order_by(
        order[name].desc(), PortraitRow.customer_id
    )
    rows_read = (await session.execute(rows.limit(limit))).all()
    return Listing(items=[_listed(row, customer) for row, customer in rows_read], next_cursor=None)


@router.get("/customers/risk_questionnaire")
async def read_questionnaire(who: BusinessDep, language: ReaderDep) -> QuestionnaireOut:
    """The questions that give a risk level; an answer is the place of the chosen one, from 1."""
    questions = [
        QuestionOut(key=q.key, ask=q.ask[language], answers=[a[language] for a in q.answers])
        for q in QUESTIONS
    ]
    return QuestionnaireOut(version=VERSION, questions=questions)


@router.post("/customers/households", status_code=201)
async def make_household(
    body: HouseholdRequest, who: StaffDep, session: SessionDep
) -> HouseholdOut:
    """Put customers who agreed to it into one household."""
    household, members = await relations.set_household(session, who, body.name, body.members)
    return HouseholdOut(
        id=household.id, name=household.name, members=[customer_out(c) for c in members]
    )


@router.get("/customers/{customer_id}")
async def read_customer(
    customer_id: UUID, who: BusinessDep, session: SessionDep, why: WhyDep
) -> CustomerOut:
    """One customer; the read is audited."""
    customer = await queries.load_customer(session, who, customer_id)
    await audit_read(session, who, customer, "customer", why)
    return customer_out(customer)


@router.get("/customers/{customer_id}/profile", dependencies=[READER])
async def read_profile(
    customer_id: UUID,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    why: WhyDep,
) -> Profile:
    """The unified view; the read is audited with its reason."""
    customer = await queries.load_customer(session, who, customer_id)
    return await profile(session, who, customer, now, recent_of, why)


@router.get("/customers/{customer_id}/transactions")
async def list_transactions(
    customer_id: UUID,
    who: BusinessDep,
    session: SessionDep,
    page: PageDep,
    why: WhyDep,
    q: Annotated[str | None, Query(max_length=100)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    since: Day | None = None,
    until: Day | None = None,
    least: Annotated[AmountDecimal | None, Query(ge=0)] = None,
    most: Annotated[AmountDecimal | None, Query(ge=0)] = None,
) -> Listing[TransactionOut]:
    """Bookings, the newest first: by counterparty, category, days (`until` included) and amount without its sign."""
    customer = await queries.load_customer(session, who, customer_id)
    full = shown_to(who, why.purpose, why.reason)
    between = (
        _start(since or date.min),
        _start(until) + timedelta(days=1) if until else datetime.max.replace(tzinfo=UTC),
    )
    filters = queries.Bookings(between if since or until else None, q, None, category, least, most)
    rows = queries.bookings_of(customer, filters)
    rows_read, cursor = await fetch_page(session, rows, page, Transaction.booked_at, Transaction.id)
    await audit_read(session, who, customer, "transactions", why)
    items = [TransactionOut.model_validate(transaction_row(t, full)) for t in rows_read]
    return Listing(items=items, next_cursor=cursor)


@router.get("/customers/{customer_id}/transactions/categories")
async def list_categories(
    customer_id: UUID,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    why: WhyDep,
    months: Annotated[int, Query(ge=1, le=24)] = 6,
) -> list[CategoryOut]:
    """What came and went by category, the largest spending first."""
    customer = await queries.load_customer(session, who, customer_id)
    categories = await queries.categories_of(session, customer, now - months * MONTH)
    await audit_read(session, who, customer, "categories", why)
    return [
        CategoryOut(
            category=category,
            bookings=count,
            total=in_base_currency(total),
        )
        for category, count, total in categories
    ]


@router.get("/customers/{customer_id}/timeline")
async def read_timeline(
    customer_id: UUID, who: StaffDep, session: SessionDep, page: PageDep, why: WhyDep
) -> Listing[TimelineEntry]:
    """What happened with the customer over all channels, the newest first."""
    customer = await queries.load_customer(session, who, customer_id)
    before = _place(page.cursor) if page.cursor else None
    entries = await timeline_of(session, customer, page.limit + 1, before)
    await audit_read(session, who, customer, "timeline", why)
    items = [TimelineEntry.model_validate(row) for row in entries[: page.limit]]
    more = encode_cursor(items[-1].at, items[-1].id) if len(entries) > page.limit else None
    return Listing(items=items, next_cursor=more)


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, key = decode_cursor(cursor)
    if not isinstance(at, datetime) or not isinstance(key, UUID):
        raise Invalid.field("cursor", "paging.cursor_invalid")
    return at, key


@router.get("/customers/{customer_id}/cards/{card_id}")
async def read_card(
    customer_id: UUID, card_id: UUID, who: StaffDep, session: SessionDep, why: WhyDep
) -> CardOut:
    """A card of the customer, with what became of its last request; the read is audited."""
    customer = await queries.load_customer(session, who, customer_id)
    card = await queries.load_card(session, customer, card_id)
    await audit_read(session, who, customer, "card", why)
    return await _card(session, card)


async def _card_of(customer_id: UUID, card_id: UUID, who: StaffDep, session: SessionDep) -> Card:
    """The customer's card that a path names."""
    customer = await queries.load_customer(session, who, customer_id)
    return await queries.load_card(session, customer, card_id)


CardDep = Annotated[Card, Depends(_card_of)]


@router.post("/customers/{customer_id}/cards/{card_id}/block", responses=ACCEPTED)
async def block_card(
    card: CardDep,
    who: StaffDep,
    session: SessionDep,
    response: Response,
    body: CardChangeRequest | None = None,
) -> CardChangeOut:
    """Block a card for the customer; 202 while the core banking system has not confirmed, and one request however often asked."""
    change = await cards.block_card(session, who, card, body.reason if body else None)
    return await _changed(session, card, change, response)


@router.post("/customers/{customer_id}/cards/{card_id}/unblock", responses=ACCEPTED)
async def unblock_card(
    card: CardDep,
    who: StaffDep,
    session: SessionDep,
    response: Response,
    body: CardChangeRequest | None = None,
) -> CardChangeOut:
    """Unblock a card for the customer; it stays blocked until the core banking system has confirmed (202)."""
    change = await cards.unblock_card(session, who, card, body.reason if body else None)
    return await _changed(session, card, change, response)


@router.get("/customers/{customer_id}/consents")
async def read_consents(customer_id: UUID, who: BusinessDep, session: SessionDep) -> ConsentsOut:
    """The customer's consents and every change of them."""
    customer = await queries.load_customer(session, who, customer_id)
    return await _consents(session, customer)


@router.patch("/customers/{customer_id}/consents")
async def change_consents(
    customer_id: UUID, body: ConsentsRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> ConsentsOut:
    """Note consents that the customer gave or took back."""
    customer = await queries.load_customer(session, who, customer_id)
    await relations.set_consents(session, who, customer, body.consents, body.channel, now)
    return await _consents(session, customer)


@router.post("/customers/{customer_id}/life_events", status_code=201)
async def note_life_event(
    customer_id: UUID, body: LifeEventRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> LifeEventOut:
    """Note what happened in the customer's life."""
    customer = await queries.load_customer(session, who, customer_id)
    event = await relations.note_life_event(
        session, who, customer, body.kind, body.happened_on, now
    )
    return LifeEventOut.model_validate(event)


@router.post("/customers/{customer_id}/erasure")
async def erase(
    customer_id: UUID,
    body: ErasureRequest,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
) -> Erased:
    """Erase, on the customer's request, what the law does not make the bank keep; what stays is counted."""
    return await erase_customer(
        session, who, customer_id, body.reason, parts.settings.attachments, now
    )


@router.put("/customers/{customer_id}/relationship_manager")
async def set_manager(
    customer_id: UUID, body: ManagerRequest, who: StaffDep, session: SessionDep
) -> dict[str, str | None]:
    """Who looks after the customer."""
    customer = await queries.load_customer(session, who, customer_id)
    manager = await relations.set_manager(session, who, customer, body.manager_id)
    return {"id": str(manager.id) if manager else None, "name": manager.name if manager else None}


@router.post("/customers/{customer_id}/risk_assessments", status_code=201)
async def assess_risk(
    customer_id: UUID, body: RiskRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> RiskOut:
    """Fill in the risk questionnaire with the customer; the level counts from now on."""
    customer = await queries.load_customer(session, who, customer_id)
    return RiskOut.model_validate(
        await relations.assess_risk(session, who, customer, body.answers, now)
    )


async def _changed(
    session: SessionDep, card: Card, change: CardChange, response: Response
) -> CardChangeOut:
    response.status_code = 202 if change.outcome == "requested" else 200
    return CardChangeOut(outcome=change.outcome, card=await _card(session, card))


async def _card(session: SessionDep, card: Card) -> CardOut:
    row = (await session.execute(with_last_request(card.id))).one()
    return card_out(*row.tuple())


async def _consents(session: SessionDep, customer: Customer) -> ConsentsOut:
    history = [
        ConsentChangeOut.model_validate(c)
        for c in await relations.consent_history(session, customer)
    ]
    return ConsentsOut(consents=customer.consents, history=history)


def _listed(row: PortraitRow, customer: Customer) -> ListedOut:
    return ListedOut(
        customer=customer_out(customer),
        assets=in_base_currency(row.assets),
        contribution=in_base_currency(row.contribution),
        potential=in_base_currency(row.potential) if row.potential is not None else None,
        churn_risk=row.churn_risk,
        scores=row.scores,
        computed_at=row.computed_at,
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
