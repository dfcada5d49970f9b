"Every SQL statement about tickets; each begins with what the caller may see."

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import REFERENCES, Ticket, TicketChange, TicketComment
from core.identity import Application, Caller, Participant, Staff, System, require


def visible_tickets(caller: Caller) -> Select[Ticket]:
    "Staff see tickets by role, a customer the own ones, a visitor those of this conversation, an application its own."
    tickets = select(Ticket)
    match caller:
        case Staff(role="compliance_officer"):
            return tickets.where(or_(Ticket.queue == "compliance", Ticket.kind == "compliance_alert"))
        case Staff():
            require(caller, "tickets:read")
            return tickets.where(Ticket.queue != "compliance")
        case Application(id=key_id):
            require(caller, "tickets:read")
            return tickets.where(Ticket.application_id == key_id)
        case Participant(customer_id=customer_id) if customer_id is not None:
            return tickets.where(Ticket.customer_id == customer_id, Ticket.kind != "compliance_alert")
        case Participant(conversation_id=conversation_id):
            return tickets.where(Ticket.conversation_id == conversation_id, Ticket.kind != "compliance_alert")
        case System():
            return tickets


def followed_ticket(reference: str, contact: str) -> Select[Ticket]:
    "A visitor's ticket by its reference and the contact it was opened with; both must fit."
    return select(Ticket).where(Ticket.reference == reference, Ticket.contact == contact, Ticket.customer_id.is_(None))


def narrowed(
    tickets: Select[Ticket],
    *,
    state: str | None = None,
    queue: str | None = None,
    kind: str | None = None,
    assignee: UUID | None = None,
    customer_id: UUID | None = None,
    q: str | None = None,
    sla: str | None = None,
) -> Select[Ticket]:
    "The list's filters; `sla` is `breached` or `running`."
    for column, value in (
        (Ticket.state, state), (Ticket.queue, queue), (Ticket.kind, kind),
        (Ticket.assignee_id, assignee), (Ticket.customer_id, customer_id),
    ):  # fmt: skip
        if value is not None:
            tickets = tickets.where(column == value)
    if q:
        pattern = f"%{q.replace('%', '').replace('_', '')}%"
        tickets = tickets.where(
            or_(Ticket.reference == q.upper(), Ticket.subject.ilike(pattern), Ticket.description.ilike(pattern))
        )
    if sla:
        late = Ticket.resolution_due < func.now()
        tickets = tickets.where(Ticket.state.in_(ACTIVE), late if sla == "breached" else ~late)
    return tickets


def comments_of(ticket_id: UUID, *, internal: bool) -> Select[TicketComment]:
    "Comments in order; internal ones only for staff."
    comments = select(TicketComment).where(TicketComment.ticket_id == ticket_id).order_by(TicketComment.created_at)
    return comments if internal else comments.where(TicketComment.visibility == "public")


def history_of(ticket_id: UUID) -> Select[TicketChange]:
    "Steps in order."
    return select(TicketChange).where(TicketChange.ticket_id == ticket_id).order_by(TicketChange.at)


async def next_reference(session: AsyncSession) -> str:
    "A reference that a person can read over the phone."
    return f"T-{await session.scalar(REFERENCES.next_value())}"
