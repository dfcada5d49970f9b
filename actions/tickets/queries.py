"""Every SQL statement about tickets; each begins with what the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import OPEN, Ticket, TicketChange, TicketComment, TicketTimer
from actions.tickets.search import matching
from core.errors import Invalid
from core.identity import Application, Caller, Participant, Staff, System, require


def visible_tickets(caller: Caller) -> Select[Ticket]:
    """Staff see tickets by role, a customer the own ones, a visitor those of this conversation, an application its own."""
    tickets = select(Ticket)
    match caller:
        case Staff(role="compliance_officer"):
            return tickets.where(
                or_(Ticket.queue == "compliance", Ticket.kind == "compliance_alert")
            )
        case Staff():
            require(caller, "tickets:read")
            return tickets.where(Ticket.queue != "compliance")
        case Application(id=key_id):
            require(caller, "tickets:read")
            return tickets.where(Ticket.application_id == key_id)
        case Participant(customer_id=customer_id) if customer_id is not None:
            return tickets.where(
                Ticket.customer_id == customer_id, Ticket.kind != "compliance_alert"
            )
        case Participant(conversation_id=conversation_id):
            return tickets.where(
                Ticket.conversation_id == conversation_id, Ticket.kind != "compliance_alert"
            )
        case System():
            return tickets


def followed_ticket(reference: str, contact: str) -> Select[Ticket]:
    """A visitor's ticket by its reference and the contact it was opened with; both must fit."""
    return select(Ticket).where(
        Ticket.reference == reference, Ticket.contact == contact, Ticket.customer_id.is_(None)
    )


@dataclass(frozen=True)
class Filters:
    """What a list of tickets is narrowed to; None does not narrow. `sla` is `breached` or `running`."""

    state: str | None = None
    queue: str | None = None
    kind: str | None = None
    priority: str | None = None
    assignee: UUID | None = None
    unassigned: bool = False
    customer_id: UUID | None = None
    service: str | None = None
    tag: str | None = None
    root_cause: str | None = None
    parent_id: UUID | None = None
    active: bool = False
    q: str | None = None
    sla: str | None = None


def narrowed(tickets: Select[Ticket], by: Filters, now: datetime) -> Select[Ticket]:
    """Return the tickets that the list's filters leave; late is judged at `now`."""
    for column, value in (
        (Ticket.state, by.state),
        (Ticket.queue, by.queue),
        (Ticket.kind, by.kind),
        (Ticket.priority, by.priority),
        (Ticket.assignee_id, by.assignee),
        (Ticket.customer_id, by.customer_id),
        (Ticket.service, by.service),
        (Ticket.root_cause, by.root_cause),
        (Ticket.parent_id, by.parent_id),
    ):
        if value is not None:
            tickets = tickets.where(column == value)
    if by.unassigned:
        tickets = tickets.where(Ticket.assignee_id.is_(None))
    if by.tag:
        tickets = tickets.where(Ticket.tags.contains([by.tag]))
    if by.active or by.sla:
        tickets = tickets.where(is_active())
    if by.sla:
        late = Ticket.next_due < now
        tickets = tickets.where(
            late if by.sla == "breached" else or_(~late, Ticket.next_due.is_(None))
        )
    return tickets.where(matching(by.q)) if by.q else tickets


async def plan_for_words(session: AsyncSession, by: Filters) -> None:
    """Have searches planned for the very words that are asked for, to the end of the transaction.

    A plan that is kept for any words walks the list in its order and looks for a rare word in every ticket; known words tell
    PostgreSQL whether its word index finds few.
    """
    if by.q:
        await session.execute(text("set local plan_cache_mode = force_custom_plan"))


def is_active() -> ColumnElement[bool]:
    """Tickets that somebody must still work on; written as the partial indexes are, so that they serve."""
    return text(f"tickets.{OPEN}")  # type: ignore[return-value]  # a clause like any other


def has_open_complaint(customer_id: UUID) -> Exists:
    """Whether the customer has a complaint that is not finished."""
    return exists().where(
        Ticket.customer_id == customer_id, Ticket.kind == "complaint", Ticket.state.in_(ACTIVE)
    )


def timers_of(ticket_ids: Sequence[UUID]) -> Select[TicketTimer]:
    """Clocks of tickets."""
    return (
        select(TicketTimer)
        .where(TicketTimer.ticket_id.in_(ticket_ids))
        .order_by(TicketTimer.due_at)
    )


def counts(caller: Caller) -> Select[str, str, int]:
    """Open tickets the caller may see, by queue and state."""
    mine = visible_tickets(caller).where(is_active())
    return mine.with_only_columns(Ticket.queue, Ticket.state, func.count()).group_by(
        Ticket.queue, Ticket.state
    )


def comments_of(ticket_id: UUID, *, internal: bool) -> Select[TicketComment]:
    """Comments in order; internal ones only for staff."""
    comments = (
        select(TicketComment)
        .where(TicketComment.ticket_id == ticket_id)
        .order_by(TicketComment.created_at)
    )
    return comments if internal else comments.where(TicketComment.visibility == "public")


def history_of(ticket_id: UUID) -> Select[TicketChange]:
    """Steps in order."""
    return (
        select(TicketChange)
        .where(TicketChange.ticket_id == ticket_id)
        .order_by(TicketChange.ordinal)
    )


async def require_conversation(session: AsyncSession, conversation_id: UUID) -> None:
    """Invalid when there is no such conversation; its table is another package's."""
    exists_query = text("select exists (select from conversations where id = :id)")
    if not await session.scalar(exists_query, {"id": conversation_id}):
        raise Invalid.field("conversation_id", "conversation.unknown")


async def customer_named(session: AsyncSession, customer_id: UUID | None) -> Customer | None:
    """The customer, if one is named; Invalid when there is none of that id."""
    if customer_id is None:
        return None
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise Invalid.field("customer_id", "customer.unknown")
    return customer
