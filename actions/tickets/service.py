"""What may be done with a ticket. Each change is in its history, in the audit trail and in the outbox, and its timers follow.

Who may see a ticket is decided in queries.py; steps that the lifecycle does not have are refused in lifecycle.py.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets import notifications, queries
from actions.tickets.assignment import reserve_capacity
from actions.tickets.complaints.jurisdiction import complaint_of
from actions.tickets.history import record_change
from actions.tickets.lifecycle import ACTIVE, FINISHED, REOPENED_WITHIN, State, check_step
from actions.tickets.models import Complaint, Ticket, TicketChange, TicketComment
from actions.tickets.priorities import rank_at
from actions.tickets.queries import customer_named
from actions.tickets.routing.models import RoutingCorrection
from actions.tickets.schemas import (
    AssignRequest,
    CommentRequest,
    RootCauseRequest,
    TicketChangeRequest,
)
from actions.tickets.search import vector_of
from actions.tickets.sla.service import recompute_sla
from actions.tickets.ticket_config.service import load_ticket_config
from core.errors import Conflict, Invalid, NotAllowed, NotFound, PreconditionFailed
from core.identity import Caller, Participant, Staff, System, actor, require
from core.localized_text import LocalizedText, terms


async def load(
    session: AsyncSession,
    caller: Caller,
    ticket_id: UUID,
    *,
    lock: bool = False,
    expected: int | None = None,
) -> Ticket:
    """The ticket, if the caller may see it; PreconditionFailed when `expected` is not its version."""
    query = queries.visible_tickets(caller).where(Ticket.id == ticket_id)
    ticket = await session.scalar(query.with_for_update() if lock else query)
    if ticket is None:
        raise NotFound("ticket")
    if expected is not None and ticket.version != expected:
        raise PreconditionFailed(ticket.version)
    return ticket


async def load_locked(session: AsyncSession, ticket: Ticket) -> Ticket:
    """A ticket that was found already, as it is now, locked for a change."""
    tickets = (
        select(Ticket)
        .where(Ticket.id == ticket.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(tickets)).one()


async def close_for_customer(
    session: AsyncSession, caller: Caller, ticket: Ticket, now: datetime
) -> None:
    """The customer needs nothing more: resolved, and closed unless the bank must still say why it happened."""
    if ticket.state != "resolved":
        await transition(
            session,
            caller,
            ticket,
            "resolved",
            LocalizedText("ticket_reason.closed_by_customer"),
            now,
        )
    if ticket.kind != "complaint":
        await transition(
            session,
            caller,
            ticket,
            "closed",
            LocalizedText("ticket_reason.closed_by_customer"),
            now,
        )


async def change(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    request: TicketChangeRequest,
    now: datetime,
) -> Ticket:
    """Change subject, kind, priority or tags; the clocks follow. A kind that staff put right teaches the classifier."""
    require(caller, "tickets:write")
    for name, value in request.model_dump(exclude_unset=True, exclude_none=True).items():
        before = getattr(ticket, name)
        if before == value:
            continue
        setattr(ticket, name, value)
        if name == "kind":
            _correct(session, caller, ticket, "kind", before, value)
            await _follow_kind(session, ticket, now)
        elif name == "priority":
            ticket.rank_at = rank_at(ticket.created_at, value)
        elif name == "subject":
            ticket.search = vector_of(f"{ticket.subject}\n{ticket.description}")
        await record_change(session, caller, ticket, name, _shown(before), _shown(value), None, now)
    await recompute_sla(session, ticket, now)
    return ticket


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


async def _follow_kind(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """A ticket that turns out to be a complaint is under the regulator's clocks since it arrived."""
    if ticket.kind == "complaint" and await session.get(Complaint, ticket.id) is None:
        customer = await customer_named(session, ticket.customer_id)
        session.add(
            complaint_of(ticket, customer, await load_ticket_config(session), ticket.created_at)
        )


def _correct(
    session: AsyncSession, caller: Caller, ticket: Ticket, what: str, decided: str, corrected: str
) -> None:
    if isinstance(caller, Staff):
        session.add(
            RoutingCorrection(
                ticket_id=ticket.id,
                what=what,
                decided=decided,
                corrected=corrected,
                corrected_by=actor(caller),
            )
        )


async def transition(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    target: State,
    reason: LocalizedText | str | None,
    now: datetime,
) -> Ticket:
    """Move a ticket to another state; Conflict when the lifecycle has no such step, or something must be done before."""
    if not isinstance(caller, Participant | System):
        require(caller, "tickets:write")
    before = ticket.state
    check_step(before, target)
    if target == "closed" and ticket.kind == "complaint":
        await _require_concluded(session, ticket)
    ticket.state = target
    ticket.resolved_at = (
        now if target == "resolved" else None if target == "open" else ticket.resolved_at
    )
    ticket.closed_at = now if target == "closed" else None if target == "open" else ticket.closed_at
    if before in FINISHED and target == "open" and ticket.assignee_id is not None:
        await reserve_capacity(session, ticket)
    await record_change(session, caller, ticket, "state", before, target, reason, now)
    if target == "resolved" and ticket.merged_into is None:
        await _tell_resolved(session, ticket, now)
    await recompute_sla(session, ticket, now)
    return ticket


async def _tell_resolved(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    service = (await load_ticket_config(session)).services.get(ticket.service or "")
    await notifications.tell(
        session, ticket, (service and service.letters.resolved) or "ticket-resolved", now
    )


async def _require_concluded(session: AsyncSession, ticket: Ticket) -> None:
    complaint = await session.get(Complaint, ticket.id)
    missing = [
        item
        for item, value in (
            ("root_cause", ticket.root_cause),
            ("outcome", complaint.outcome if complaint else None),
        )
        if not value
    ]
    if missing and ticket.merged_into is None:
        raise Conflict("complaint.closing_incomplete", missing=terms("complaint_item", missing))


async def comment(
    session: AsyncSession, caller: Caller, ticket: Ticket, request: CommentRequest, now: datetime
) -> TicketComment:
    """Add a comment. A customer's word opens a ticket again that waits for it or is finished; staff's is told to the customer."""
    if isinstance(caller, Participant):
        if request.visibility == "internal":
            raise NotAllowed("ticket.internal_comment_staff_only")
        await _wake(session, caller, ticket, now)
    else:
        require(caller, "tickets:write")
    row = TicketComment(
        ticket_id=ticket.id,
        author=actor(caller),
        text=request.text,
        visibility=request.visibility,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    more = Ticket.search.op("||")(vector_of(request.text))
    await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id)
        .values(search=more)
        .execution_options(synchronize_session=False)
    )
    await record_change(session, caller, ticket, "comment", None, request.visibility, None, now)
    if request.visibility == "public" and not isinstance(caller, Participant):
        await notifications.tell(
            session, ticket, "ticket-answered", now, answer=request.text, about=str(row.id)
        )
    await recompute_sla(session, ticket, now)
    return row


async def _wake(session: AsyncSession, caller: Participant, ticket: Ticket, now: datetime) -> None:
    if ticket.state == "waiting_customer":
        await transition(
            session, caller, ticket, "open", LocalizedText("ticket_reason.customer_replied"), now
        )
    elif ticket.state in ("resolved", "closed") and ticket.merged_into is None:
        ended = ticket.closed_at or ticket.resolved_at
        if ended is not None and now - ended > REOPENED_WITHIN:
            raise Conflict("ticket.closed_long_ago")
        await transition(
            session,
            caller,
            ticket,
            "open",
            LocalizedText("ticket_reason.customer_wrote_again"),
            now,
        )


async def assign(
    session: AsyncSession, caller: Caller, ticket: Ticket, request: AssignRequest, now: datetime
) -> Ticket:
    """Give a ticket to a person or a queue; Invalid for neither, Conflict when the person has as many as they may."""
    require(caller, "tickets:write")
    if request.assignee is None and request.queue is None:
        raise Invalid.field("assignee", "ticket.assignee_or_queue_missing")
    earlier, before = ticket.assignee_id, ticket.queue
    moved = request.queue is not None and request.queue != before
    ticket.assignee_id = request.assignee or (
        None if moved else earlier
    )  # another team's ticket is nobody's at first
    if request.assignee and request.assignee != earlier:
        await reserve_capacity(session, ticket, named=True)
    if request.queue and moved:
        ticket.queue = request.queue
        _correct(session, caller, ticket, "queue", before, request.queue)
        await record_change(session, caller, ticket, "queue", before, request.queue, None, now)
    if ticket.assignee_id != earlier:
        await record_change(
            session, caller, ticket, "assignee", _id(earlier), _id(ticket.assignee_id), None, now
        )
    await session.flush()
    return ticket


async def merge(
    session: AsyncSession, caller: Caller, ticket: Ticket, into: Ticket, now: datetime
) -> Ticket:
    """Close a ticket in favour of another of the same customer; both keep their histories, and the earlier opening counts."""
    require(caller, "tickets:write")
    if ticket.id == into.id or into.merged_into is not None or ticket.merged_into is not None:
        raise Conflict("ticket.merge_not_possible")
    if ticket.customer_id != into.customer_id or ticket.contact != into.contact:
        raise Conflict("ticket.merge_other_customer")
    if ticket.kind == "complaint" and into.kind != "complaint":
        raise Conflict("ticket.merge_complaint")
    opened = await session.scalar(
        select(func.min(TicketChange.at)).where(
            TicketChange.ticket_id == ticket.id, TicketChange.what == "created"
        )
    )
    before, ticket.state, ticket.merged_into, ticket.resolved_at = (
        ticket.state,
        "closed",
        into.id,
        now,
    )
    ticket.closed_at = now
    await record_change(session, caller, ticket, "merged", before, into.reference, None, now)
    await record_change(
        session,
        caller,
        into,
        "merged_from",
        (opened or ticket.created_at).isoformat(),
        ticket.reference,
        None,
        now,
    )
    await _earlier_complaint(session, ticket, into)
    await recompute_sla(session, ticket, now)
    await recompute_sla(session, into, now)
    return into


async def _earlier_complaint(session: AsyncSession, ticket: Ticket, into: Ticket) -> None:
    mine, other = await session.get(Complaint, ticket.id), await session.get(Complaint, into.id)
    if mine is not None and other is not None:
        other.received_at = min(mine.received_at, other.received_at)


async def set_root_cause(
    session: AsyncSession, caller: Caller, ticket: Ticket, cause: RootCauseRequest, now: datetime
) -> Ticket:
    """Say why it happened, by a code of the rule book."""
    require(caller, "tickets:write")
    book = await load_ticket_config(session)
    if cause.code not in book.causes:
        raise Invalid.field("code", "cause.unknown", cause=cause.code, available=book.causes)
    before, ticket.root_cause = ticket.root_cause, cause.code
    await record_change(session, caller, ticket, "root_cause", before, cause.code, cause.note, now)
    await session.flush()
    return ticket


async def link(
    session: AsyncSession, caller: Caller, ticket: Ticket, parent: Ticket | None, now: datetime
) -> Ticket:
    """Hang a ticket under another, an incident with many; or take it off. One level only."""
    require(caller, "tickets:write")
    if parent is not None:
        if parent.id == ticket.id or parent.parent_id is not None:
            raise Conflict("ticket.parent_not_possible")
        if await session.scalar(select(exists().where(Ticket.parent_id == ticket.id))):
            raise Conflict("ticket.has_children")
    before = ticket.parent_id
    ticket.parent_id = parent.id if parent else None
    await record_change(
        session,
        caller,
        ticket,
        "parent",
        _id(before),
        parent.reference if parent else None,
        None,
        now,
    )
    await session.flush()
    return ticket


async def answer_all(
    session: AsyncSession,
    caller: Caller,
    parent: Ticket,
    request: CommentRequest,
    resolve: bool,
    now: datetime,
) -> list[Ticket]:
    """One answer to an incident and every open ticket under it, told to each customer; resolved as well where wanted."""
    require(caller, "tickets:write")
    under = queries.visible_tickets(caller).where(
        Ticket.parent_id == parent.id, Ticket.state.in_(ACTIVE)
    )
    children = (await session.scalars(under.order_by(Ticket.id).with_for_update())).all()
    answered = [parent, *children]
    for ticket in answered:
        await comment(session, caller, ticket, request, now)
        if resolve and ticket.state in ACTIVE:
            await transition(
                session,
                caller,
                ticket,
                "resolved",
                LocalizedText("ticket_reason.answered_with", reference=parent.reference),
                now,
            )
    return answered


async def watch(
    session: AsyncSession, caller: Staff, ticket: Ticket, *, wanted: bool, now: datetime
) -> Ticket:
    """Hear of every step of a ticket, or no more."""
    me = str(caller.id)
    if wanted != (me in ticket.watchers):
        ticket.watchers = (
            [*ticket.watchers, me] if wanted else [w for w in ticket.watchers if w != me]
        )
        await record_change(
            session,
            caller,
            ticket,
            "watcher",
            None if wanted else me,
            me if wanted else None,
            None,
            now,
        )
        await session.flush()
    return ticket


async def rate(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    score: int,
    said: str | None,
    now: datetime,
) -> Ticket:
    """How content the customer is, 1 to 5; asked when a ticket is finished, the last answer counts."""
    if not isinstance(caller, Participant | System):
        raise NotAllowed("ticket.rating_by_others")
    if ticket.state not in FINISHED:
        raise Conflict("ticket.rating_too_early")
    before = ticket.satisfaction
    ticket.satisfaction, ticket.satisfaction_comment = score, said
    await record_change(
        session,
        caller,
        ticket,
        "satisfaction",
        str(before) if before else None,
        str(score),
        None,
        now,
    )
    await session.flush()
    return ticket
