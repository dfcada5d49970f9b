"What may be done with a ticket. Each change is in its history, in the audit trail and in the outbox."

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.signals import Sign
from actions.tickets import queries
from actions.tickets.lifecycle import State, check_step, due_times
from actions.tickets.models import Ticket, TicketChange, TicketComment
from actions.tickets.routing import route
from actions.tickets.schemas import (
    AssignRequest,
    CommentRequest,
    RootCauseRequest,
    TicketChangeRequest,
    TicketNew,
)  # fmt: skip
from core.accounts import StaffUser
from core.audit import record
from core.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from core.identity import Application, Caller, Participant, Staff, actor, require
from core.languages import detect_language
from core.outbox import emit

MAX_SUBJECT = 80  # characters of the first sentence that become the subject


async def open_ticket(
    session: AsyncSession,
    caller: Caller,
    new: TicketNew,
    now: datetime,
    *,
    contact: str | None = None,
    topic: tuple[str, float] | None = None,
    signs: Sequence[Sign] = (),
) -> Ticket:
    "Route and store a ticket. A participant's ticket is always the participant's own, whatever `new` says."
    if isinstance(caller, Staff | Application):
        require(caller, "tickets:write")
    customer_id, conversation_id = new.customer_id, new.conversation_id
    if isinstance(caller, Participant):
        customer_id, conversation_id = caller.customer_id, caller.conversation_id
    text = f"{new.subject}\n{new.description}"
    routing = route(text, kind=new.kind, queue=new.queue, priority=new.priority, topic=topic, signs=signs)
    first_due, resolution_due = due_times(now, routing.kind, routing.priority)
    ticket = Ticket(
        reference=await queries.next_reference(session),
        subject=new.subject,
        description=new.description,
        language=new.language or detect_language(text),
        kind=routing.kind,
        queue=routing.queue,
        priority=routing.priority,
        state="new",
        version=1,
        customer_id=customer_id,
        conversation_id=conversation_id,
        application_id=caller.id if isinstance(caller, Application) else None,
        contact=contact,
        routing={"method": routing.method, "confidence": routing.confidence, "reasons": routing.reasons},
        first_response_due=first_due,
        resolution_due=resolution_due,
        created_at=now,
        updated_at=now,
    )
    session.add(ticket)
    await session.flush()
    await _note(session, caller, ticket, "created", None, ticket.state, None, now)
    return ticket


def subject_of(description: str, limit: int = MAX_SUBJECT) -> str:
    "A subject from what the customer wrote: its first line, cut at a word."
    line = description.strip().split("\n")[0]
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + "…"


async def load(
    session: AsyncSession, caller: Caller, ticket_id: UUID, *, lock: bool = False, expected: int | None = None
) -> Ticket:
    "The ticket, if the caller may see it; Stale when `expected` is not its version."
    found = queries.visible_tickets(caller).where(Ticket.id == ticket_id)
    ticket = await session.scalar(found.with_for_update() if lock else found)
    if ticket is None:
        raise NotFound("ticket")
    if expected is not None and ticket.version != expected:
        raise Stale(ticket.version)
    return ticket


async def load_locked(session: AsyncSession, ticket: Ticket) -> Ticket:
    "A ticket that was found already, as it is now, locked for a change."
    return (await session.scalars(select(Ticket).where(Ticket.id == ticket.id).with_for_update())).one()


async def close_for_customer(session: AsyncSession, caller: Caller, ticket: Ticket, now: datetime) -> None:
    "The customer needs nothing more: resolved, if it is not yet, and closed."
    if ticket.state != "resolved":
        await transition(session, caller, ticket, "resolved", "closed by the customer", now)
    await transition(session, caller, ticket, "closed", "closed by the customer", now)


async def change(
    session: AsyncSession, caller: Caller, ticket: Ticket, wanted: TicketChangeRequest, now: datetime
) -> Ticket:
    "Change subject, kind or priority; due times follow the priority."
    require(caller, "tickets:write")
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        before = getattr(ticket, name)
        if before != value:
            setattr(ticket, name, value)
            await _note(session, caller, ticket, name, before, value, None, now)
    ticket.first_response_due, ticket.resolution_due = due_times(ticket.created_at, ticket.kind, ticket.priority)  # type: ignore[arg-type]
    return ticket


async def transition(
    session: AsyncSession, caller: Caller, ticket: Ticket, target: State, reason: str | None, now: datetime
) -> Ticket:
    "Move a ticket to another state; Refused when the lifecycle has no such step."
    if not isinstance(caller, Participant):
        require(caller, "tickets:write")
    before = ticket.state
    check_step(before, target)  # type: ignore[arg-type]
    ticket.state = target
    ticket.resolved_at = now if target == "resolved" else None if target == "open" else ticket.resolved_at
    await _note(session, caller, ticket, "state", before, target, reason, now)
    return ticket


async def comment(
    session: AsyncSession, caller: Caller, ticket: Ticket, said: CommentRequest, now: datetime
) -> TicketComment:
    "Add a comment. The first public one by staff is the first response; a customer's reply reopens a waiting ticket."
    if isinstance(caller, Participant):
        if said.visibility == "internal":
            raise NotAllowed("Internal comments are for staff.")
        if ticket.state == "waiting_customer":
            await transition(session, caller, ticket, "open", "customer replied", now)
    else:
        require(caller, "tickets:write")
    row = TicketComment(
        ticket_id=ticket.id, author=actor(caller), text=said.text, visibility=said.visibility, created_at=now
    )
    session.add(row)
    if isinstance(caller, Staff) and said.visibility == "public" and ticket.first_responded_at is None:
        ticket.first_responded_at = now
    await _note(session, caller, ticket, "comment", None, said.visibility, None, now)
    return row


async def assign(session: AsyncSession, caller: Caller, ticket: Ticket, wanted: AssignRequest, now: datetime) -> Ticket:
    "Give a ticket to a person or a queue; Invalid for neither or for a person who does not exist."
    require(caller, "tickets:write")
    if wanted.assignee is None and wanted.queue is None:
        raise Invalid.field("assignee", "Name a person (assignee) or a queue.")
    if wanted.queue:
        before, ticket.queue = ticket.queue, wanted.queue
        await _note(session, caller, ticket, "queue", before, wanted.queue, None, now)
    if wanted.assignee:
        known = select(StaffUser.id).where(StaffUser.id == wanted.assignee, StaffUser.active)
        if await session.scalar(known) is None:
            raise Invalid.field("assignee", "There is no such active employee.")
        earlier, ticket.assignee_id = ticket.assignee_id, wanted.assignee
        await _note(
            session, caller, ticket, "assignee", str(earlier) if earlier else None, str(wanted.assignee), None, now
        )
    return ticket


async def merge(session: AsyncSession, caller: Caller, ticket: Ticket, into: Ticket, now: datetime) -> Ticket:
    "Close a ticket in favour of another of the same customer; both keep their histories."
    require(caller, "tickets:write")
    if ticket.id == into.id or into.merged_into is not None:
        raise Refused("A ticket cannot be merged into itself or into one that was merged.")
    if ticket.customer_id != into.customer_id or ticket.contact != into.contact:
        raise Refused("Only tickets of the same customer can be merged.")
    before, ticket.state, ticket.merged_into, ticket.resolved_at = ticket.state, "closed", into.id, now
    await _note(session, caller, ticket, "merged", before, into.reference, None, now)
    await _note(session, caller, into, "merged_from", None, ticket.reference, None, now)
    return into


async def set_root_cause(
    session: AsyncSession, caller: Caller, ticket: Ticket, cause: RootCauseRequest, now: datetime
) -> Ticket:
    "Say why it happened."
    require(caller, "tickets:write")
    before, ticket.root_cause = ticket.root_cause, cause.code
    await _note(session, caller, ticket, "root_cause", before, cause.code, cause.note, now)
    return ticket


async def _note(
    session: AsyncSession, caller: Caller, ticket: Ticket, what: str,
    before: str | None, after: str | None, reason: str | None, now: datetime,
) -> None:  # fmt: skip
    "Count the version up and write history, outbox and audit trail."
    if what != "created":
        ticket.version += 1
    ticket.updated_at = now
    session.add(
        TicketChange(
            ticket_id=ticket.id, actor=actor(caller), what=what, before=before, after=after, reason=reason, at=now
        )
    )
    kind = "ticket.created" if what == "created" else "ticket.updated"
    emit(
        session, kind, {"ticket_id": str(ticket.id), "reference": ticket.reference, "what": what, "state": ticket.state}
    )
    await record(session, caller, f"ticket.{what}", f"ticket:{ticket.id}", {"before": before, "after": after})
