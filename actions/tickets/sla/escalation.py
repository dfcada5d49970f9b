"""The watch over the clocks: warns before a promise is broken, and escalates when it is.

It reads the clocks whose moment has come and no others, so it costs what is due, not what exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.history import event_of, record_change
from actions.tickets.models import Complaint, Ticket, TicketTimer
from actions.tickets.notices import Notice
from actions.tickets.priorities import raised_by_one, rank_at
from actions.tickets.sla.regulator import PREFIX, is_window
from actions.tickets.sla.timers import ESCALATION, SERVICE_TIMERS
from actions.tickets.ticket_config.contents import Escalation
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from core.accounts import StaffUser
from core.identity import System
from core.localized_text import LocalizedText, term
from core.outbox import emit

BATCH = 200
WATCH = System("sla")
REGULATOR_BREACH = (Escalation(do="notify_assignee"), Escalation(do="notify_supervisors"))
assert f"system:{WATCH.name}" == ESCALATION  # noqa: S101  (the clocks must know who escalates)


async def watch_timers(session: AsyncSession, now: datetime, limit: int = BATCH) -> int:
    """Look at clocks whose moment has come; how many. Tickets that somebody is changing are looked at the next time."""
    due = (
        select(TicketTimer.ticket_id)
        .where(TicketTimer.next_at <= now)
        .order_by(TicketTimer.next_at)
        .limit(limit)
    )
    ids = sorted(set((await session.scalars(due)).all()))
    if not ids:
        return 0
    locked = (
        select(Ticket)
        .where(Ticket.id.in_(ids))
        .order_by(Ticket.id)
        .with_for_update(skip_locked=True)
    )
    tickets = {ticket.id: ticket for ticket in (await session.scalars(locked)).all()}
    clocks = (
        await session.scalars(
            select(TicketTimer).where(
                TicketTimer.ticket_id.in_(tickets), TicketTimer.next_at <= now
            )
        )
    ).all()
    book = await load_ticket_config(session)
    for clock in clocks:
        await _step(session, tickets[clock.ticket_id], clock, book, now)
    await session.flush()
    return len(clocks)


async def _step(
    session: AsyncSession, ticket: Ticket, clock: TicketTimer, book: TicketConfig, now: datetime
) -> None:
    breached = clock.due_at is not None and clock.due_at <= now
    clock.warned_at = clock.warned_at or now
    clock.next_at = None if breached else clock.due_at
    if breached and await _only_closes_a_way(session, ticket, clock, book):
        return
    if breached:
        clock.breached_at = clock.due_at
    what = "breached" if breached else "in_danger"
    emit(session, f"ticket.{what}", event_of(ticket, what) | {"clock": clock.name})
    for step in _steps(ticket, clock, book, breached=breached):
        await _escalate(session, ticket, clock, step, what, now)


async def _only_closes_a_way(
    session: AsyncSession, ticket: Ticket, clock: TicketTimer, book: TicketConfig
) -> bool:
    if clock.name in SERVICE_TIMERS:
        return False
    complaint = await session.get(Complaint, ticket.id)
    return complaint is not None and is_window(
        clock.name, book.jurisdictions[complaint.jurisdiction]
    )


def _steps(
    ticket: Ticket, clock: TicketTimer, book: TicketConfig, *, breached: bool
) -> Sequence[Escalation]:
    if clock.name not in SERVICE_TIMERS:
        return REGULATOR_BREACH
    _, policy = book.policy_for(ticket.kind, ticket.priority, ticket.segment)
    return policy.on_breach if breached else policy.on_warning


async def _escalate(
    session: AsyncSession,
    ticket: Ticket,
    clock: TicketTimer,
    step: Escalation,
    what: str,
    now: datetime,
) -> None:
    reason = LocalizedText(
        "sla_timer.ran_out" if what == "breached" else "sla_timer.runs_out",
        timer=term("sla_timer", clock.name.removeprefix(PREFIX)),
    )
    match step.do:
        case "raise_priority":
            before, ticket.priority = ticket.priority, raised_by_one(ticket.priority)
            ticket.rank_at = rank_at(ticket.created_at, ticket.priority)
            if before != ticket.priority:
                await record_change(
                    session, WATCH, ticket, "priority", before, ticket.priority, reason, now
                )
        case "to_queue" if step.queue and step.queue != ticket.queue:
            left, ticket.queue = ticket.queue, step.queue
            await record_change(session, WATCH, ticket, "queue", left, ticket.queue, reason, now)
        case "notify_assignee" if ticket.assignee_id:
            _tell(session, ticket, [ticket.assignee_id], reason, now)
        case "notify_watchers":
            _tell(session, ticket, [UUID(watcher) for watcher in ticket.watchers], reason, now)
        case "notify_supervisors":
            managers = await session.scalars(
                select(StaffUser.id).where(StaffUser.role == "supervisor", StaffUser.active)
            )
            _tell(session, ticket, list(managers.all()), reason, now)


def _tell(
    session: AsyncSession,
    ticket: Ticket,
    staff: Sequence[UUID],
    reason: LocalizedText,
    now: datetime,
) -> None:
    session.add_all(
        Notice(staff_id=who, ticket_id=ticket.id, text=reason, created_at=now) for who in staff
    )
