"""What is done with a complaint: its complexity, the letters of each step, redress, the outcome.

Every letter is kept as it was written. Redress within the proposer's own limit is approved at once; above it another
supervisor decides (four eyes).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import get_args
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets import notifications, queries
from actions.tickets.complaints.models import ComplaintLetter, LetterStep
from actions.tickets.history import record_change
from actions.tickets.models import Complaint, Outcome, Ticket, TicketTimer
from actions.tickets.sla.regulator import PREFIX
from actions.tickets.sla.service import recompute_sla
from actions.tickets.ticket_config.contents import Complexity, JurisdictionContent, fill
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from core.accounts import StaffUser
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.exchange_rates import convert
from core.identity import Caller, Staff, actor, require
from core.languages import Language
from core.localized_text import LocalizedText, term
from core.money import BASE_CURRENCY, Money, in_base_currency

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
OUTCOME_WORDS: dict[Outcome, dict[Language, str]] = {
    "upheld": {"en": "upheld", "zh": "投诉成立"},
    "partly": {"en": "partly upheld", "zh": "部分成立"},
    "not_upheld": {"en": "not upheld", "zh": "投诉不成立"},
}
# Redress that a role may promise by itself; the bank's own limits of authority, in the base currency.
REDRESS_LIMITS: dict[str, Decimal] = {"agent": Decimal(100), "supervisor": Decimal(2_500)}


async def load_complaint(
    session: AsyncSession, caller: Caller, ticket_id: UUID, *, lock: bool = False
) -> tuple[Ticket, Complaint]:
    """The complaint of a ticket that the caller may see; NotFound when it is none."""
    query = queries.visible_tickets(caller).where(
        Ticket.id == ticket_id, Ticket.kind == "complaint"
    )
    ticket = await session.scalar(query.with_for_update() if lock else query)
    complaint = await session.get(Complaint, ticket_id) if ticket else None
    if ticket is None or complaint is None:
        raise NotFound("complaint")
    return ticket, complaint


async def classify(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    complaint: Complaint,
    *,
    complexity: Complexity | None,
    jurisdiction: str | None,
    reason: str,
    now: datetime,
) -> Complaint:
    """Under which rules, and how complex; longer deadlines for complex ones are a supervisor's to give."""
    require(caller, "tickets:write")
    book = await load_ticket_config(session)
    if jurisdiction is not None and jurisdiction not in book.jurisdictions:
        raise Invalid.field(
            "jurisdiction",
            "jurisdiction.unknown",
            jurisdiction=jurisdiction,
            available=book.jurisdictions,
        )
    if complexity not in (None, "simple"):
        require(caller, "complaints:approve")
    for name, value in (("jurisdiction", jurisdiction), ("complexity", complexity)):
        before = getattr(complaint, name)
        if value is not None and value != before:
            setattr(complaint, name, value)
            await record_change(
                session, caller, ticket, f"complaint_{name}", before, value, reason, now
            )
    await recompute_sla(session, ticket, now)
    return complaint


async def decide(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    complaint: Complaint,
    outcome: Outcome,
    reason: str,
    now: datetime,
) -> Complaint:
    """What the inquiry came to; not changed any more when the customer has been told."""
    require(caller, "tickets:write")
    if complaint.final_at or complaint.summary_at:
        raise Conflict("complaint.outcome_final")
    before, complaint.outcome = complaint.outcome, outcome
    await record_change(session, caller, ticket, "complaint_outcome", before, outcome, reason, now)
    await session.flush()
    return complaint


async def propose_redress(
    session: AsyncSession,
    caller: Staff,
    ticket: Ticket,
    complaint: Complaint,
    redress: Money,
    now: datetime,
) -> Complaint:
    """Redress that is approved at once within the caller's limit, and waits for another supervisor above it."""
    require(caller, "tickets:write")
    if redress.amount <= 0:
        raise Invalid.field("amount", "redress.amount_not_positive")
    if complaint.redress_state == "approved":
        raise Conflict("redress.approved_already")
    complaint.redress_amount, complaint.redress_currency = redress.amount, redress.currency
    complaint.redress_by, complaint.redress_decided_by = actor(caller), None
    limit = in_base_currency(REDRESS_LIMITS.get(caller.role, Decimal(0)))
    within = await convert(session, redress, BASE_CURRENCY, now.date()) <= limit
    complaint.redress_state = "approved" if within else "proposed"
    await record_change(
        session, caller, ticket, "redress", None, f"{complaint.redress_state} {redress}", None, now
    )
    await session.flush()
    return complaint


async def decide_redress(
    session: AsyncSession,
    caller: Staff,
    ticket: Ticket,
    complaint: Complaint,
    *,
    approve: bool,
    reason: str,
    now: datetime,
) -> Complaint:
    """Approve or refuse what another proposed; NotAllowed for one's own proposal."""
    require(caller, "complaints:approve")
    if complaint.redress_state != "proposed":
        raise Conflict("redress.none_pending")
    if complaint.redress_by == actor(caller):
        raise NotAllowed("redress.four_eyes")
    complaint.redress_state = "approved" if approve else "refused"
    complaint.redress_decided_by = actor(caller)
    await record_change(
        session, caller, ticket, "redress", "proposed", complaint.redress_state, reason, now
    )
    await session.flush()
    return complaint


async def write_letter(
    session: AsyncSession,
    caller: Staff,
    ticket: Ticket,
    complaint: Complaint,
    step: LetterStep,
    answer: str,
    now: datetime,
) -> ComplaintLetter:
    """Write the letter of a step from its template, keep it, send it, and stop the clocks that it meets."""
    require(caller, "tickets:write")
    book = await load_ticket_config(session)
    rules = book.jurisdictions[complaint.jurisdiction]
    await _require_step(session, complaint, step, now)
    customer = await session.get(Customer, ticket.customer_id) if ticket.customer_id else None
    language: Language = customer.language if customer else ticket.language
    template = _template_of(rules, step)
    values = await _values(session, caller, ticket, complaint, customer, language, book)
    values |= {
        "answer": answer,
        "deadline": await _deadline(session, ticket, language),
        "referral": rules.referral.of(language),
    }
    content = book.templates[template]
    letter = ComplaintLetter(
        ticket_id=ticket.id,
        step=step,
        template=template,
        language=language,
        written_by=actor(caller),
        created_at=now,
        subject=fill(content.subject.of(language), values) if content.subject else ticket.reference,
        body=fill(content.body.of(language), values),
    )
    session.add(letter)
    await session.flush()
    setattr(complaint, f"{step}_at", now)
    await record_change(
        session,
        caller,
        ticket,
        "comment",
        None,
        "public",
        LocalizedText("ticket_reason.letter", letter=term("letter_step", step)),
        now,
    )
    await notifications.tell(
        session, ticket, template, now, customer=customer, about=str(letter.id), **values
    )
    await recompute_sla(session, ticket, now)
    return letter


async def _require_step(
    session: AsyncSession, complaint: Complaint, step: LetterStep, now: datetime
) -> None:
    if complaint.final_at or complaint.summary_at:
        raise Conflict("complaint.answered_already")
    if step == "acknowledged" and complaint.acknowledged_at:
        raise Conflict("complaint.acknowledged_already")
    if step != "acknowledged" and complaint.outcome is None:
        raise Conflict("complaint.outcome_missing")
    if step != "acknowledged" and complaint.redress_state == "proposed":
        raise Conflict("redress.approval_pending")
    if step == "summary":
        window = await session.get(TicketTimer, (complaint.ticket_id, f"{PREFIX}summary"))
        if window is None or window.due_at is None or window.due_at < now:
            raise Conflict("complaint.summary_too_late")


def _template_of(rules: JurisdictionContent, step: LetterStep) -> str:
    """The jurisdiction's letter for a step, else the common one."""
    common = {
        "acknowledged": "complaint-received",
        "summary": "complaint-summary",
        "final": "complaint-final",
    }
    return next(
        (deadline.letter for deadline in rules.deadlines if deadline.met_by == step), common[step]
    )


async def _values(
    session: AsyncSession,
    caller: Staff,
    ticket: Ticket,
    complaint: Complaint,
    customer: Customer | None,
    language: Language,
    book: TicketConfig,
) -> dict[str, str]:
    author = await session.get(StaffUser, caller.id)
    values = notifications.template_values(ticket, language, customer, author)
    if complaint.outcome:
        values["outcome"] = OUTCOME_WORDS[complaint.outcome][language]
    if complaint.redress_state == "approved":
        sum_of = f"{complaint.redress_amount:.2f} {complaint.redress_currency}"
        values["redress"] = (
            f"We pay you {sum_of}." if language == "en" else f"我们将向您支付 {sum_of}。"
        )
    return values


async def _deadline(session: AsyncSession, ticket: Ticket, language: Language) -> str:
    """The last deadline of the regulator, as the letter says it."""
    last = await session.scalar(
        select(TicketTimer.due_at)
        .where(TicketTimer.ticket_id == ticket.id, TicketTimer.name.startswith(PREFIX))
        .order_by(TicketTimer.due_at.desc())
        .limit(1)
    )
    return notifications.when(last, language) if last else ""


async def refer(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    complaint: Complaint,
    reason: str,
    now: datetime,
) -> Complaint:
    """Note that the customer went to the ombudsman or the supervisor."""
    require(caller, "tickets:write")
    complaint.referred_at = complaint.referred_at or now
    await record_change(session, caller, ticket, "complaint_referred", None, None, reason, now)
    await session.flush()
    return complaint


def letters_of(ticket_id: UUID) -> Select[ComplaintLetter]:
    """Letters in order."""
    return (
        select(ComplaintLetter)
        .where(ComplaintLetter.ticket_id == ticket_id)
        .order_by(ComplaintLetter.created_at)
    )
