"""A step of a ticket: its history, the outbox and the audit trail in one place, and what its watchers read.

Every change of a ticket goes through `record_change`; whoever changes a ticket calls `recompute_sla` once, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import Ticket, TicketChange
from actions.tickets.notices import Notice
from core.audit import record
from core.identity import Caller, actor
from core.localized_text import LocalizedText, term
from core.outbox import emit

# The group of the catalogue in which the values of a step have their names.
VALUE_GROUPS: dict[str, str] = {
    "state": "ticket_state",
    "created": "ticket_state",
    "queue": "queue",
    "priority": "priority",
    "kind": "ticket_kind",
    "comment": "visibility",
    "complaint_outcome": "complaint_outcome",
}


async def record_change(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    what: str,
    before: str | None,
    after: str | None,
    reason: LocalizedText | str | None,
    now: datetime,
) -> None:
    """Count the version up and write history, outbox and audit trail; a reason that is a str is what a person wrote."""
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
            reason=LocalizedText.free(reason) if isinstance(reason, str) else reason,
            at=now,
        )
    )
    session.add_all(
        Notice(
            staff_id=UUID(watcher),
            ticket_id=ticket.id,
            text=step_text(what, before, after),
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


def step_text(what: str, before: str | None, after: str | None) -> LocalizedText:
    """A step as a watcher reads it."""
    field, group = term("ticket_field", what), VALUE_GROUPS.get(what, "")
    if before:
        return LocalizedText(
            "ticket_step.changed",
            field=field,
            before=term(group, before),
            after=term(group, after or "-"),
        )
    if after:
        return LocalizedText("ticket_step.set", field=field, after=term(group, after))
    return field


def with_names(text: LocalizedText, names: Mapping[str, str]) -> LocalizedText:
    """The text with what stands for each value that has a name, such as a colleague's for the id."""
    if text.code is None:
        return LocalizedText.free(names.get(text.en, text.en))
    return LocalizedText(
        text.code,
        **{
            key: with_names(value, names) if isinstance(value, LocalizedText) else value
            for key, value in text.params.items()
        },
    )


def event_of(ticket: Ticket, what: str) -> dict[str, object]:
    """What webhooks hear: ids and states, nothing that was written."""
    return {
        "ticket_id": str(ticket.id),
        "reference": ticket.reference,
        "what": what,
        "state": ticket.state,
        "queue": ticket.queue,
        "priority": ticket.priority,
    }
