"""A step of a ticket: its history, the outbox and the audit trail in one place, and its clocks wound anew.

Every change of a ticket goes through `note`; whoever changes a ticket calls `wind` once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.clocks import (
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    RESOLUTION,
    Clock,
    Step,
    promised,
    service_clocks,
)
from actions.tickets.complaints.deadlines import Steps, regulator_clocks
from actions.tickets.complaints.models import Complaint
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket, TicketChange, TicketClock
from actions.tickets.names import STAFF_STATE_NAMES, STEP_NAMES, ZH_NAMES
from actions.tickets.notices import Notice
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from core.audit import record
from core.identity import Caller, actor
from core.languages import Language
from core.outbox import emit
from core.sentences import Sentence, told

REWOUND_TOGETHER = 200
# A step as a watcher reads it.
_WORDS = STEP_NAMES | ZH_NAMES | STAFF_STATE_NAMES
CHANGED = Sentence(
    "{what}: {before} → {after}",
    "{what}：{before} → {after}",
    known=False,
    what=STEP_NAMES,
    before=_WORDS,
    after=_WORDS,
)
BECAME = Sentence("{what}: {after}", "{what}：{after}", known=False, what=STEP_NAMES, after=_WORDS)


async def note(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    what: str,
    before: str | None,
    after: str | None,
    reason: str | None,
    now: datetime,
) -> None:
    """Count the version up and write history, outbox and audit trail."""
    if what != "created":
        ticket.version += 1
    ticket.updated_at = now
    by = actor(caller)
    session.add(
        TicketChange(
            ticket_id=ticket.id,
            actor=by,
            what=what,
            before=before,
            after=after,
            reason=reason,
            at=now,
        )
    )
    session.add_all(
        Notice(
            staff_id=UUID(watcher),
            ticket_id=ticket.id,
            text=_told(what, before, after),
            created_at=now,
        )
        for watcher in ticket.watchers or ()
        if what != "watcher" and not by.endswith(watcher)
    )
    kind = "ticket.created" if what == "created" else "ticket.updated"
    emit(session, kind, event_of(ticket, what))
    await record(
        session, caller, f"ticket.{what}", f"ticket:{ticket.id}", {"before": before, "after": after}
    )


def _told(what: str, before: str | None, after: str | None) -> str:
    if before:
        return CHANGED.en(what=what, before=before, after=after)
    return BECAME.en(what=what, after=after) if after else what


def told_step(text: str, language: Language) -> str:
    """A line of a watcher or of a clock in a language."""
    if language == "en":
        return text
    for step in (CHANGED, BECAME):
        if (values := step.values_in(text)) is not None and values["what"] in STEP_NAMES:
            return step.zh(**values)
    return STEP_NAMES.get(text) or told(text, language)


def event_of(ticket: Ticket, what: str) -> dict[str, Any]:
    """What webhooks hear: ids and states, nothing that was written."""
    return {
        "ticket_id": str(ticket.id),
        "reference": ticket.reference,
        "what": what,
        "state": ticket.state,
        "queue": ticket.queue,
        "priority": ticket.priority,
    }


def first_clocks(
    ticket: Ticket, book: TicketConfig, complaint: Complaint | None, now: datetime
) -> list[TicketClock]:
    """Clocks of a ticket that is just opened."""
    history = [Step(now, "created", "new", "")]
    return _apply(ticket, [], _clocks(ticket, history, book, complaint), now)


async def wind(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """Compute the ticket's clocks from its history, and keep them."""
    await session.flush()
    steps = await session.scalars(
        select(TicketChange)
        .where(TicketChange.ticket_id == ticket.id)
        .order_by(TicketChange.ordinal)
    )
    history = [Step(step.at, step.what, step.after, step.actor, step.before) for step in steps]
    complaint = await session.get(Complaint, ticket.id) if ticket.kind == "complaint" else None
    kept = (
        await session.scalars(select(TicketClock).where(TicketClock.ticket_id == ticket.id))
    ).all()
    clocks = _clocks(ticket, history, await load_ticket_config(session), complaint)
    wound = _apply(ticket, kept, clocks, now)
    session.add_all(wound)
    for gone in kept:
        if gone not in wound:
            await session.delete(gone)


async def rewind_some(session: AsyncSession, after: UUID | None, now: datetime) -> UUID | None:
    """Wind the clocks of the next open tickets by id; the last one's id, None when there are no more."""
    rest = (
        select(Ticket)
        .where(Ticket.state.in_(ACTIVE))
        .order_by(Ticket.id)
        .limit(REWOUND_TOGETHER)
        .with_for_update()
    )
    tickets = (await session.scalars(rest.where(Ticket.id > after) if after else rest)).all()
    for ticket in tickets:
        await wind(session, ticket, now)
    return tickets[-1].id if tickets else None


def _clocks(
    ticket: Ticket, history: Sequence[Step], book: TicketConfig, complaint: Complaint | None
) -> list[Clock]:
    promise = book.sla_target_for(
        promised(history, "kind", ticket.kind),  # type: ignore[arg-type]  # one of ours
        promised(history, "priority", ticket.priority),  # type: ignore[arg-type]
        ticket.segment,
    )
    found = service_clocks(history, promise)
    rules = book.jurisdictions.get(complaint.jurisdiction) if complaint else None
    if complaint is None or rules is None:
        return found
    steps = Steps(complaint.acknowledged_at, complaint.summary_at, complaint.final_at)
    calendar = book.open_hours[rules.calendar]
    regulators = regulator_clocks(
        complaint.received_at,
        complaint.complexity,  # type: ignore[arg-type]
        rules,
        calendar,
        steps,
    )
    return [*found, *regulators]


def _apply(
    ticket: Ticket, kept: Sequence[TicketClock], clocks: Sequence[Clock], now: datetime
) -> list[TicketClock]:
    """Write clocks into their rows and the ticket's own columns; the rows."""
    rows = {row.name: row for row in kept}
    wound = [
        _row(rows.get(clock.name) or TicketClock(ticket_id=ticket.id, name=clock.name), clock, now)
        for clock in clocks
    ]
    by_name = {clock.name: clock for clock in clocks}
    first, resolution = by_name[FIRST_RESPONSE], by_name[RESOLUTION]
    ticket.first_response_due = first.due_at or ticket.first_response_due
    ticket.first_responded_at = first.met_at
    ticket.resolution_due = (
        resolution.due_at or ticket.resolution_due
    )  # while it stands, the last one is shown
    ticket.next_response_due = by_name[NEXT_RESPONSE].due_at if NEXT_RESPONSE in by_name else None
    ticket.next_due = min(
        (clock.due_at for clock in clocks if clock.runs and clock.due_at), default=None
    )
    return wound


def _row(row: TicketClock, clock: Clock, now: datetime) -> TicketClock:
    row.due_at, row.warn_at, row.met_at = clock.due_at, clock.warn_at, clock.met_at
    if not clock.breached_by(now):
        row.breached_at = None
    elif clock.met_at is not None and row.breached_at is None:
        row.breached_at = clock.due_at  # answered late before anybody looked
    if clock.warn_at is None or clock.warn_at > now:
        row.warned_at = None
    if not clock.runs or row.breached_at is not None:
        row.next_at = None
    else:
        row.next_at = clock.due_at if row.warned_at else clock.warn_at
    return row
