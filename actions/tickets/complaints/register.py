"""The complaints register: a row for each complaint, as regulators ask for it, without names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import Complaint, Ticket, TicketTimer
from actions.tickets.queries import visible_tickets
from actions.tickets.sla.regulator import PREFIX
from core.identity import Caller, require

HEADER = (
    "reference",
    "received_at",
    "jurisdiction",
    "complexity",
    "channel",
    "product_area",
    "subject_language",
    "state",
    "acknowledged_at",
    "summary_resolution_at",
    "final_response_at",
    "days_to_final",
    "deadline",
    "within_deadline",
    "outcome",
    "root_cause",
    "redress_amount",
    "redress_currency",
    "redress_state",
    "referred_at",
)
FETCHED = 500


def complaints_between(
    caller: Caller, start: datetime, end: datetime, jurisdiction: str | None
) -> Select[Ticket, Complaint]:
    """Complaints received in a period that the caller may see, with their tickets, the earliest first."""
    rows = (
        visible_tickets(caller)
        .join(Complaint, Complaint.ticket_id == Ticket.id)
        .where(
            Complaint.received_at >= start,
            Complaint.received_at < end,
            Ticket.merged_into.is_(None),
        )
        .order_by(Complaint.received_at, Ticket.id)
    )
    rows = rows.where(Complaint.jurisdiction == jurisdiction) if jurisdiction else rows
    return rows.add_columns(Complaint)


async def register_rows(
    session: AsyncSession, caller: Caller, start: datetime, end: datetime, jurisdiction: str | None
) -> AsyncIterator[Sequence[object]]:
    """The register's rows, read from the server as they are written out."""
    require(caller, "complaints:approve")
    final = (
        select(TicketTimer.due_at)
        .where(TicketTimer.ticket_id == Ticket.id, TicketTimer.name.startswith(PREFIX))
        .order_by(TicketTimer.due_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = complaints_between(caller, start, end, jurisdiction).add_columns(final.label("deadline"))
    streamed = await session.stream(rows.execution_options(yield_per=FETCHED))
    async for ticket, complaint, deadline in streamed:
        yield _row(ticket, complaint, deadline)


def _row(ticket: Ticket, complaint: Complaint, deadline: datetime | None) -> Sequence[object]:
    answered = complaint.final_at or complaint.summary_at
    days = (answered - complaint.received_at).days if answered else None
    within = (answered <= deadline) if answered and deadline else None
    return (
        ticket.reference,
        complaint.received_at,
        complaint.jurisdiction,
        complaint.complexity,
        ticket.channel,
        ticket.queue,
        ticket.language,
        ticket.state,
        complaint.acknowledged_at,
        complaint.summary_at,
        complaint.final_at,
        days,
        deadline,
        within,
        complaint.outcome,
        ticket.root_cause,
        complaint.redress_amount,
        complaint.redress_currency,
        complaint.redress_state,
        complaint.referred_at,
    )
