"""Leads: made from conversations, campaigns and by staff; given to somebody; moved through their stages; quoted; forecast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import service as compliance
from actions.compliance.schemas import CheckRequest
from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer, PortraitRow
from actions.marketing import scoring
from actions.marketing.models import CampaignContact, Lead, LeadChange, Quote, Reminder
from actions.marketing.schemas import (
    ForecastLine,
    LeadChangeRequest,
    LeadNew,
    QuoteChange,
    QuoteNew,
    ReminderNew,
)
from actions.products.models import Product
from actions.recommendations.service import amount_in_base, investor_profile_of, terms_in_base
from actions.recommendations.suitability import Need, exclusion
from actions.tickets.models import Ticket
from core.accounts import StaffUser
from core.audit import record
from core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from core.exchange_rates import total
from core.guards import require_step, require_version
from core.identity import Application, Caller, Participant, Staff, System, actor, require
from core.localized_text import sentences, term
from core.money import BASE_CURRENCY, Money
from core.outbox import emit

SELLER = System("sales")
MIN_LOADED = text("""
select s.id from staff_users s left join leads l on l.owner_id = s.id and l.stage in ('new', 'contacted', 'qualified', 'offered')
where s.active and s.role = 'agent' group by s.id order by count(l.id), s.id limit 1
""")
# Closed leads that came to a stage, and how many of them were won. A lead came to every stage that its history names.
REACHED = text("""
select c.after, count(distinct l.id), count(distinct l.id) filter (where l.stage = 'won')
from leads l join lead_changes c on c.lead_id = l.id and c.what = 'stage' where l.stage in ('won', 'lost') group by 1
""")
WAITING = text(
    "tickets.kind = 'lead' and tickets.state in ('new', 'open')"
)  # as the partial index has it
QUOTE_STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("sent",),
    "sent": ("accepted", "rejected"),
    "accepted": (),
    "rejected": (),
    "expired": (),
}


def visible_leads(caller: Caller) -> Select[Lead]:
    """Supervisors see all; others who sell see their own and those that nobody has; applications those that they made."""
    leads = select(Lead)
    match caller:
        case Staff(id=staff_id):
            require(caller, "sales:work")
            mine = or_(Lead.owner_id == staff_id, Lead.owner_id.is_(None))
            return leads if "marketing:manage" in caller.permissions else leads.where(mine)
        case System():
            return leads
    return leads.where(Lead.id.is_(None))


async def load(
    session: AsyncSession, caller: Caller, lead_id: UUID, *, expected: int | None = None
) -> Lead:
    """The lead, locked, if the caller may see it; PreconditionFailed when `expected` is not its version."""
    lead = await session.scalar(visible_leads(caller).where(Lead.id == lead_id).with_for_update())
    if lead is None:
        raise NotFound("lead")
    if expected is not None and expected != lead.version:
        raise PreconditionFailed(lead.version)
    return lead


async def open_lead(
    session: AsyncSession,
    caller: Caller,
    new: LeadNew,
    source: str,
    now: datetime,
    *,
    contact: CampaignContact | None = None,
    ticket: Ticket | None = None,
) -> Lead:
    """A lead with its score and owner: the customer's relationship manager, else who has the fewest."""
    if isinstance(caller, Staff):
        require(caller, "sales:work")
    customer = await session.get(Customer, new.customer_id)
    if customer is None:
        raise Invalid.field("customer_id", "customer.unknown")
    if new.product_id is not None and await session.get(Product, new.product_id) is None:
        raise Invalid.field("product_id", "product.unknown")
    amount = await amount_in_base(session, new.amount, now.date())
    points, parts = await _score(session, customer, new.product_id, amount, source, now)
    lead = Lead(
        customer_id=customer.id,
        product_id=new.product_id,
        contact_id=contact.id if contact else None,
        source=source,
        conversation_id=new.conversation_id,
        ticket_id=ticket.id if ticket else None,
        subject=new.subject,
        score=points,
        score_parts=parts,
        stage="new",
        owner_id=await _owner(session, customer),
        amount=new.amount.amount if new.amount else None,
        currency=new.amount.currency if new.amount else BASE_CURRENCY,
        expected_on=new.expected_on,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(lead)
    await session.flush()
    _note(session, caller, lead, "stage", None, "new", now)
    emit(session, "lead.opened", {"lead_id": str(lead.id), "source": source, "score": points})
    await record(
        session, caller, "lead.opened", f"lead:{lead.id}", {"source": source, "score": points}
    )
    return lead


async def of_ticket(session: AsyncSession, ticket: Ticket, now: datetime) -> Lead | None:
    """The lead of a customer's ticket of the kind `lead`, once; None for others."""
    if ticket.kind != "lead" or ticket.customer_id is None:
        return None
    existing = await session.scalar(select(Lead).where(Lead.ticket_id == ticket.id))
    if existing is not None:
        return existing
    new = LeadNew(
        customer_id=ticket.customer_id,
        subject=ticket.subject,
        conversation_id=ticket.conversation_id,
    )
    source = "conversation" if ticket.conversation_id else "staff"
    return await open_lead(session, SELLER, new, source, now, ticket=ticket)


async def leads_of_tickets(session: AsyncSession, now: datetime, limit: int) -> int:
    """Make leads of tickets that are such and have none yet; how many."""
    rows = (
        select(Ticket)
        .outerjoin(Lead, Lead.ticket_id == Ticket.id)
        .where(WAITING, Ticket.customer_id.is_not(None), Lead.id.is_(None))
        .order_by(Ticket.created_at)
        .limit(limit)
    )
    made = [await of_ticket(session, ticket, now) for ticket in (await session.scalars(rows)).all()]
    return len(made)


async def _score(
    session: AsyncSession,
    customer: Customer,
    product_id: UUID | None,
    amount: Decimal | None,
    source: str,
    now: datetime,
) -> tuple[int, dict[str, int]]:
    who = await investor_profile_of(session, customer, now)
    product = await session.get(Product, product_id) if product_id else None
    suits = (
        exclusion(
            await terms_in_base(session, product, now.date()), who, Need(amount=amount), now.date()
        )
        is None
        if product
        else None
    )
    portrait = await session.get(PortraitRow, customer.id)
    return scoring.score(
        source,
        suits=suits,
        free_cash=who.free_cash,
        amount=amount,
        assessed=who.risk_assessed_until >= now.date(),
        churn_risk=portrait.churn_risk if portrait else None,
    )


async def _owner(session: AsyncSession, customer: Customer) -> UUID | None:
    if customer.relationship_manager_id is not None:
        return customer.relationship_manager_id
    owner: UUID | None = await session.scalar(MIN_LOADED)
    return owner


async def change(
    session: AsyncSession, caller: Caller, lead: Lead, request: LeadChangeRequest, now: datetime
) -> Lead:
    """Move a lead on, give it to somebody, or say more of it; Conflict for a step that its stage does not have."""
    values = request.model_dump(exclude_unset=True)
    if request.stage is not None:
        _check_step(lead, request.stage, request.lost_reason)
    if request.owner_id is not None:
        await _require_seller(session, request.owner_id)
    if request.product_id is not None and await session.get(Product, request.product_id) is None:
        raise Invalid.field("product_id", "product.unknown")
    if request.amount is not None:
        values |= {"amount": request.amount.amount, "currency": request.amount.currency}
    for name, value in values.items():
        before = getattr(lead, name)
        if before != value:
            setattr(lead, name, value)
            _note(session, caller, lead, name, _shown(before), _shown(value), now)
    if request.stage is not None:
        lead.closed_at = now if request.stage in ("won", "lost") else None
        emit(session, "lead.moved", {"lead_id": str(lead.id), "stage": lead.stage})
    lead.version, lead.updated_at = lead.version + 1, now
    await session.flush()
    await record(session, caller, "lead.changed", f"lead:{lead.id}", {"changed": sorted(values)})
    return lead


def _check_step(lead: Lead, stage: str, lost_reason: str | None) -> None:
    require_step("lead", lead.stage, stage, scoring.STEPS[lead.stage])
    if stage == "lost" and not lost_reason:
        raise Invalid.field("lost_reason", "lead.reason_missing")


async def _require_seller(session: AsyncSession, staff_id: UUID) -> None:
    user = await session.get(StaffUser, staff_id)
    if user is None or not user.active or user.role not in ("agent", "supervisor"):
        raise Invalid.field("owner_id", "manager.not_active")


async def history_of(session: AsyncSession, lead: Lead) -> Sequence[LeadChange]:
    """Steps in order."""
    rows = select(LeadChange).where(LeadChange.lead_id == lead.id).order_by(LeadChange.ordinal)
    return (await session.scalars(rows)).all()


async def make_quote(
    session: AsyncSession,
    caller: Caller,
    watchlist: WatchlistIndex,
    lead: Lead,
    new: QuoteNew,
    now: datetime,
) -> Quote:
    """An offer with its terms, after a sale check; Conflict when the check blocks the sale or asks for a review."""
    if lead.stage not in ("qualified", "offered"):
        raise Conflict("quote.lead_not_qualified")
    if new.valid_until < now.date():
        raise Invalid.field("valid_until", "quote.expired")
    check_request = CheckRequest(
        customer_id=lead.customer_id,
        purpose="product_sale",
        product_id=new.product_id,
        amount=new.amount,
    )
    check = await compliance.check(session, caller, watchlist, check_request, now)
    if check.decision != "allow":
        reasons = sentences(rule.reason for rule in check.rules if rule.outcome != "allow")
        raise Conflict(
            "quote.check_failed", decision=term("decision", check.decision), reason=reasons
        )
    quote = Quote(
        lead_id=lead.id,
        product_id=new.product_id,
        amount=new.amount.amount,
        currency=new.amount.currency,
        terms=new.terms,
        check_id=check.decision_id,
        state="draft",
        contract="none",
        valid_until=new.valid_until,
        version=1,
        made_by=actor(caller),
    )
    session.add(quote)
    await session.flush()
    _note(session, caller, lead, "quote", None, str(quote.id), now)
    await record(session, caller, "quote.made", f"lead:{lead.id}", {"quote": str(quote.id)})
    return quote


async def load_quote(
    session: AsyncSession, caller: Caller, quote_id: UUID, expected: int
) -> tuple[Quote, Lead]:
    """A quote with its lead, both locked, if the caller may see the lead."""
    quote = await session.get(Quote, quote_id)
    lead = await load(session, caller, quote.lead_id) if quote else None
    if quote is None or lead is None:
        raise NotFound("quote")
    await session.refresh(quote, with_for_update=True)
    require_version(quote.version, expected)
    return quote, lead


async def change_quote(
    session: AsyncSession,
    caller: Caller,
    quote: Quote,
    lead: Lead,
    request: QuoteChange,
    now: datetime,
) -> Quote:
    """Send, accept or reject a quote; prepare and sign its contract, which wins the lead."""
    if request.state is not None:
        if quote.valid_until < now.date() and quote.state in ("draft", "sent"):
            quote.state = "expired"
        require_step("quote", quote.state, request.state, QUOTE_STEPS[quote.state])
        quote.state = request.state
        if request.state == "sent" and lead.stage == "qualified":
            await change(session, caller, lead, LeadChangeRequest(stage="offered"), now)
    if request.contract is not None:
        before = {"prepared": "none", "signed": "prepared"}[request.contract]
        if quote.state != "accepted" or quote.contract != before:
            raise Conflict("quote.contract_order")
        quote.contract = request.contract
        if request.contract == "signed" and lead.stage == "offered":
            await change(session, caller, lead, LeadChangeRequest(stage="won"), now)
    quote.version += 1
    await session.flush()
    details = {"quote": str(quote.id), "state": quote.state, "contract": quote.contract}
    await record(session, caller, "quote.changed", f"lead:{lead.id}", details)
    return quote


async def quotes_of(session: AsyncSession, lead: Lead) -> Sequence[Quote]:
    """Quotes of a lead, the newest first."""
    rows = select(Quote).where(Quote.lead_id == lead.id).order_by(Quote.created_at.desc())
    return (await session.scalars(rows)).all()


async def remind(
    session: AsyncSession, caller: Staff, lead: Lead, new: ReminderNew, now: datetime
) -> Reminder:
    """Be reminded of a lead."""
    row = Reminder(
        lead_id=lead.id, staff_id=caller.id, due_at=new.due_at, note=new.note, created_at=now
    )
    session.add(row)
    await session.flush()
    return row


def reminders_for(caller: Staff, now: datetime, *, due: bool) -> Select[Reminder]:
    """The caller's own that are not done; those that are due alone where `due`."""
    mine = (
        select(Reminder)
        .where(Reminder.staff_id == caller.id, Reminder.done_at.is_(None))
        .order_by(Reminder.due_at)
    )
    return mine.where(Reminder.due_at <= now) if due else mine


async def finish_reminder(
    session: AsyncSession, caller: Staff, reminder_id: UUID, now: datetime
) -> Reminder:
    """It is done."""
    row = await session.get(Reminder, reminder_id)
    if row is None or row.staff_id != caller.id:
        raise NotFound("reminder")
    row.done_at = row.done_at or now
    await session.flush()
    return row


async def tell_reminders(session: AsyncSession, now: datetime, limit: int) -> int:
    """Tell of reminders whose time has come, each once, as events; how many."""
    rows = (
        select(Reminder)
        .where(Reminder.told_at.is_(None), Reminder.due_at <= now)
        .order_by(Reminder.due_at)
    )
    due = (await session.scalars(rows.limit(limit).with_for_update(skip_locked=True))).all()
    for reminder in due:
        reminder.told_at = now
        emit(
            session,
            "lead.reminder_due",
            {"lead_id": str(reminder.lead_id), "staff_id": str(reminder.staff_id)},
        )
    return len(due)


async def forecast(
    session: AsyncSession, caller: Caller, until: date | None, now: datetime
) -> list[ForecastLine]:
    """What open leads are worth by stage in the base currency, times how likely they are won; of those expected until a day, or of all."""
    require(caller, "sales:work")
    reached, won = {}, {}
    for stage, came, made in (await session.execute(REACHED)).all():
        reached[stage], won[stage] = came, made
    chances = scoring.probabilities(reached, won)
    mine = visible_leads(caller).where(Lead.stage.in_(scoring.OPEN))
    if until is not None:
        mine = mine.where(Lead.expected_on <= until)
    leads = mine.subquery()
    sums = select(
        leads.c.stage, leads.c.currency, func.count(), func.coalesce(func.sum(leads.c.amount), 0)
    ).group_by(leads.c.stage, leads.c.currency)
    counts, amounts = Counter[str](), defaultdict[str, dict[str, Decimal]](dict)
    for stage, currency, count, amount in (await session.execute(sums)).tuples():
        counts[stage] += count
        amounts[stage][currency] = amount
    return [
        _line(
            stage, counts[stage], await total(session, amounts[stage], now.date()), chances[stage]
        )
        for stage in scoring.OPEN
    ]


def _line(stage: scoring.Stage, count: int, amount: Money, chance: float) -> ForecastLine:
    expected = amount * Decimal(str(chance))
    return ForecastLine(
        stage=stage, leads=count, probability=chance, amount=amount, expected=expected
    )


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _note(
    session: AsyncSession,
    caller: Caller,
    lead: Lead,
    what: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    session.add(
        LeadChange(
            lead_id=lead.id, what=what, before=before, after=after, actor=actor(caller), at=now
        )
    )


def source_of(caller: Caller) -> str:
    """Where a lead comes from that this caller notes."""
    match caller:
        case Application():
            return "application"
        case Participant():
            return "conversation"
    return "staff"
