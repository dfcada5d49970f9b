"""How long tickets are kept, what stops their end, and erasure on request.

The law makes a bank keep complaints and whatever an inquiry needs; so erasure takes away who it was and what they wrote, and
keeps that there was a ticket, of which kind, when, and how it ended. Nothing under legal hold is touched.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.attachments import Attachment, remove_files
from actions.tickets.complaints.models import ComplaintLetter
from actions.tickets.history import record_change
from actions.tickets.lifecycle import FINISHED, Kind
from actions.tickets.models import Ticket, TicketChange, TicketComment, TicketVector
from actions.tickets.notifications import Notification
from actions.tickets.search import vector_of
from actions.tickets.service import transition
from core.errors import Conflict
from core.identity import Caller, System, actor, require
from core.localized_text import LocalizedText

YEAR = timedelta(days=365)
CLOSED_AFTER = timedelta(days=7)  # since it was resolved
ARCHIVED_AFTER = timedelta(days=90)  # since it was closed
# Kept since they were closed, then erased: complaints as DISP 1.9.1 and MiFID ask (5 years), records of money laundering
# as the directive asks (5 years), the rest for the limitation period of contracts (3 years), questions for one.
RETENTION: dict[Kind, timedelta] = {
    "question": YEAR,
    "lead": YEAR,
    "service_request": 3 * YEAR,
    "complaint": 5 * YEAR,
    "fraud_report": 5 * YEAR,
    "compliance_alert": 5 * YEAR,
}
ERASED = "[erased]"
KEEPER = System("retention")
BATCH = 200


async def set_hold(
    session: AsyncSession, caller: Caller, ticket: Ticket, *, hold: bool, reason: str, now: datetime
) -> Ticket:
    """Put a ticket under legal hold, or take it off."""
    require(caller, "complaints:approve")
    before, ticket.legal_hold = ticket.legal_hold, hold
    if before != hold:
        await record_change(
            session, caller, ticket, "legal_hold", str(before), str(hold), reason, now
        )
        await session.flush()
    return ticket


async def close_resolved(session: AsyncSession, now: datetime) -> int:
    """Close what has been resolved for long without another word; complaints wait until they are concluded."""
    old = (
        select(Ticket)
        .where(
            Ticket.state == "resolved",
            Ticket.resolved_at < now - CLOSED_AFTER,
            Ticket.kind != "complaint",
        )
        .order_by(Ticket.resolved_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    tickets = (await session.scalars(old)).all()
    for ticket in tickets:
        await transition(
            session, KEEPER, ticket, "closed", LocalizedText("ticket_reason.nothing_heard"), now
        )
    return len(tickets)


async def archive_old(session: AsyncSession, now: datetime) -> int:
    """Archive what has been closed for long; how many."""
    old = (
        select(Ticket)
        .where(Ticket.state == "closed", Ticket.closed_at < now - ARCHIVED_AFTER)
        .order_by(Ticket.closed_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    tickets = (await session.scalars(old)).all()
    for ticket in tickets:
        ticket.state = "archived"
        await record_change(
            session,
            KEEPER,
            ticket,
            "state",
            "closed",
            "archived",
            LocalizedText("ticket_reason.retention"),
            now,
        )
    return len(tickets)


async def erase_expired(session: AsyncSession, folder: Path, now: datetime) -> int:
    """Erase what was kept as long as its kind must be; how many."""
    erased = 0
    for kind, period in RETENTION.items():
        due = (
            select(Ticket)
            .where(
                Ticket.kind == kind,
                Ticket.closed_at < now - period,
                Ticket.erased_at.is_(None),
                ~Ticket.legal_hold,
            )
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        for ticket in (await session.scalars(due)).all():
            await _erase(
                session, KEEPER, ticket, folder, LocalizedText("ticket_reason.retention"), now
            )
            erased += 1
    return erased


async def erase_of_customer(
    session: AsyncSession, caller: Caller, customer_id: UUID, folder: Path, now: datetime
) -> tuple[int, list[str]]:
    """Erase the finished tickets of a customer, on request; how many, and references of those that must stay for now."""
    require(caller, "complaints:approve")
    mine = (
        select(Ticket)
        .where(Ticket.customer_id == customer_id, Ticket.erased_at.is_(None))
        .with_for_update()
    )
    erased, stay = 0, []
    for ticket in (await session.scalars(mine)).all():
        if not _must_stay(ticket, now):
            await _erase(
                session,
                caller,
                ticket,
                folder,
                LocalizedText("ticket_reason.asked_to_be_erased"),
                now,
            )
            erased += 1
        else:
            stay.append(ticket.reference)
    return erased, stay


def _must_stay(ticket: Ticket, now: datetime) -> bool:
    """Under hold, still open, or of a kind that the law keeps and its time not over."""
    lawful = ticket.kind in ("complaint", "fraud_report", "compliance_alert")
    period = RETENTION[ticket.kind]
    return (
        ticket.legal_hold
        or ticket.state not in FINISHED
        or (lawful and (ticket.closed_at is None or ticket.closed_at > now - period))
    )


async def erase_ticket(
    session: AsyncSession, caller: Caller, ticket: Ticket, folder: Path, reason: str, now: datetime
) -> Ticket:
    """Erase one finished ticket; Conflict while it must stay."""
    require(caller, "complaints:approve")
    if _must_stay(ticket, now):
        raise Conflict("ticket.erasure_not_possible")
    return await _erase(session, caller, ticket, folder, reason, now)


async def _erase(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    folder: Path,
    reason: LocalizedText | str,
    now: datetime,
) -> Ticket:
    """Take away who it was and what was written; the ticket itself, its clocks and steps stay."""
    ticket.subject = ticket.description = ERASED
    ticket.answers, ticket.contact, ticket.satisfaction_comment = {}, None, None
    ticket.customer_id = ticket.conversation_id = None
    ticket.search, ticket.erased_at = vector_of(""), now
    routing = {name: value for name, value in ticket.routing.items() if name != "reasons"}
    ticket.routing = routing | {"reasons": []}
    files = (
        await session.scalars(select(Attachment.id).where(Attachment.ticket_id == ticket.id))
    ).all()
    for table in (Attachment, TicketVector, Notification, ComplaintLetter):
        await session.execute(delete(table).where(table.ticket_id == ticket.id))
    pseudonym = f"customer:erased-{ticket.id.hex[:8]}"
    for column, rows in ((TicketComment.author, TicketComment), (TicketChange.actor, TicketChange)):
        people = column.startswith("customer:") | column.startswith("visitor:")
        await session.execute(
            update(rows).where(rows.ticket_id == ticket.id, people).values({column.key: pseudonym})
        )
    await session.execute(
        update(TicketComment).where(TicketComment.ticket_id == ticket.id).values(text=ERASED)
    )
    await session.execute(
        update(TicketChange)
        .where(
            TicketChange.ticket_id == ticket.id, TicketChange.what.in_(("subject", "attachment"))
        )
        .values(before=None, after=ERASED)
    )
    await record_change(
        session,
        caller,
        ticket,
        "erased",
        None,
        actor(caller).split(":", maxsplit=1)[0],
        reason,
        now,
    )
    await session.flush()
    await remove_files(folder, files)
    return ticket
