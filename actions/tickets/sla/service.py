"""The timers of a ticket in the database: computed from its history, and computed anew whenever something happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Complaint, Ticket, TicketChange, TicketTimer
from actions.tickets.sla.regulator import Steps, regulator_timers
from actions.tickets.sla.timers import (
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    RESOLUTION,
    SlaTimer,
    Step,
    service_timers,
    targeted_by,
)
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config

BATCH = 200


def first_timers(
    ticket: Ticket, book: TicketConfig, complaint: Complaint | None, now: datetime
) -> list[TicketTimer]:
    """Timers of a ticket that is just opened."""
    history = [Step(now, "created", "new", "")]
    return _apply(ticket, [], _timers(ticket, history, book, complaint), now)


async def recompute_sla(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """Compute the ticket's timers from its history, and keep them."""
    await session.flush()
    steps = await session.scalars(
        select(TicketChange)
        .where(TicketChange.ticket_id == ticket.id)
        .order_by(TicketChange.ordinal)
    )
    history = [Step(step.at, step.what, step.after, step.actor, step.before) for step in steps]
    complaint = await session.get(Complaint, ticket.id) if ticket.kind == "complaint" else None
    stored = (
        await session.scalars(select(TicketTimer).where(TicketTimer.ticket_id == ticket.id))
    ).all()
    timers = _timers(ticket, history, await load_ticket_config(session), complaint)
    current = _apply(ticket, stored, timers, now)
    session.add_all(current)
    for gone in stored:
        if gone not in current:
            await session.delete(gone)


async def recompute_next(session: AsyncSession, after: UUID | None, now: datetime) -> UUID | None:
    """Compute the timers of the next open tickets by id; the last one's id, None when there are no more."""
    rest = (
        select(Ticket)
        .where(Ticket.state.in_(ACTIVE))
        .order_by(Ticket.id)
        .limit(BATCH)
        .with_for_update()
    )
    tickets = (await session.scalars(rest.where(Ticket.id > after) if after else rest)).all()
    for ticket in tickets:
        await recompute_sla(session, ticket, now)
    return tickets[-1].id if tickets else None


def _timers(
    ticket: Ticket, history: Sequence[Step], book: TicketConfig, complaint: Complaint | None
) -> list[SlaTimer]:
    target = book.sla_target_for(
        targeted_by(history, "kind", ticket.kind),  # type: ignore[arg-type]  # one of ours
        targeted_by(history, "priority", ticket.priority),  # type: ignore[arg-type]
        ticket.segment,
    )
    timers = service_timers(history, target)
    rules = book.jurisdictions.get(complaint.jurisdiction) if complaint else None
    if complaint is None or rules is None:
        return timers
    steps = Steps(complaint.acknowledged_at, complaint.summary_at, complaint.final_at)
    calendar = book.open_hours[rules.calendar]
    regulators = regulator_timers(
        complaint.received_at,
        complaint.complexity,
        rules,
        calendar,
        steps,
    )
    return [*timers, *regulators]


def _apply(
    ticket: Ticket, stored: Sequence[TicketTimer], timers: Sequence[SlaTimer], now: datetime
) -> list[TicketTimer]:
    """Write timers into their rows and the ticket's own columns; the rows."""
    rows = {row.name: row for row in stored}
    current = [
        _row(rows.get(timer.name) or TicketTimer(ticket_id=ticket.id, name=timer.name), timer, now)
        for timer in timers
    ]
    by_name = {timer.name: timer for timer in timers}
    first, resolution = by_name[FIRST_RESPONSE], by_name[RESOLUTION]
    ticket.first_response_due = first.due_at or ticket.first_response_due
    ticket.first_responded_at = first.met_at
    ticket.resolution_due = (
        resolution.due_at or ticket.resolution_due
    )  # while it stands, the last one is shown
    ticket.next_response_due = by_name[NEXT_RESPONSE].due_at if NEXT_RESPONSE in by_name else None
    ticket.next_due = min(
        (timer.due_at for timer in timers if timer.runs and timer.due_at), default=None
    )
    return current


def _row(row: TicketTimer, timer: SlaTimer, now: datetime) -> TicketTimer:
    row.due_at, row.warn_at, row.met_at = timer.due_at, timer.warn_at, timer.met_at
    if not timer.breached_by(now):
        row.breached_at = None
    elif timer.met_at is not None and row.breached_at is None:
        row.breached_at = timer.due_at  # answered late before anybody looked
    if timer.warn_at is None or timer.warn_at > now:
        row.warned_at = None
    if not timer.runs or row.breached_at is not None:
        row.next_at = None
    else:
        row.next_at = timer.due_at if row.warned_at else timer.warn_at
    return row
