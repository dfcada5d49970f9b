"""A step of a ticket: its history, the outbox and the audit trail in one place, and what its watchers read.

Every change of a ticket goes through `record_change`; whoever changes a ticket calls `recompute_sla` once, at the end.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import Ticket, TicketChange
from actions.tickets.names import STAFF_STATE_NAMES, STEP_NAMES, ZH_NAMES
from actions.tickets.notices import Notice
from core.audit import record
from core.identity import Caller, actor
from core.languages import Language
from core.outbox import emit
from core.sentences import Sentence, told

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


async def record_change(
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
