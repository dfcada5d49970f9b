"""Several changes at once: macros on one ticket, one change on many tickets, each with its own result.

A macro is previewed by doing it in a savepoint that is taken back, so that the preview can say nothing that would not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets import notifications, service
from actions.tickets.lifecycle import State
from actions.tickets.models import Ticket
from actions.tickets.schemas import (
    AssignRequest,
    CommentRequest,
    TicketChangeRequest,
    TransitionRequest,
)
from actions.tickets.ticket_config.contents import MacroContent, MacroStep, fill
from actions.tickets.ticket_config.service import load_ticket_config, saved_reply
from core.accounts import StaffUser
from core.errors import DomainError, NotFound
from core.identity import Staff, require
from core.languages import Language
from core.localized_text import LocalizedText, translate

SHOWN = ("priority", "queue", "state", "tags", "assignee_id")


@dataclass(frozen=True)
class Change:
    """One change for many tickets; what is absent stays."""

    priority: str | None = None
    queue: str | None = None
    assignee: UUID | None = None
    state: State | None = None
    reason: str | None = None
    add_tags: Sequence[str] = ()
    macro: str | None = None


class TicketChanged(BaseModel):
    """A ticket that a bulk change changed."""

    id: UUID
    ok: Literal[True]
    reference: str
    version: int


class TicketUnchanged(BaseModel):
    """A ticket that a bulk change could not change, and why: a status of HTTP, a code and its sentence."""

    id: UUID
    ok: Literal[False]
    status: int
    code: str
    detail: str


class MacroPreview(BaseModel):
    """The steps of a macro in words, and for each field that it would change the value before and after."""

    steps: list[str]
    changes: dict[str, tuple[object, object]]


async def run_macro(
    session: AsyncSession, caller: Staff, ticket: Ticket, code: str, now: datetime
) -> list[str]:
    """Do the steps of a macro, all or none; what was done, in words."""
    macro = await _macro(session, code)
    values = await _values(session, caller, ticket)
    return [await _step(session, caller, ticket, step, values, now) for step in macro.steps]


async def filled_reply(session: AsyncSession, caller: Staff, ticket: Ticket, code: str) -> str:
    """A ready answer (a template for replies) filled in for a ticket, in the ticket's language; NotFound when there is none."""
    require(caller, "tickets:write")
    template = saved_reply(await load_ticket_config(session), code, "reply")
    language: Language = ticket.language
    return fill(template.body.of(language), await _values(session, caller, ticket))


async def _values(session: AsyncSession, caller: Staff, ticket: Ticket) -> dict[str, str]:
    agent = await session.get(StaffUser, caller.id)
    customer = await session.get(Customer, ticket.customer_id) if ticket.customer_id else None
    language: Language = ticket.language
    return notifications.template_values(ticket, language, customer, agent)


async def preview_macro(
    session: AsyncSession, caller: Staff, ticket: Ticket, code: str, now: datetime
) -> MacroPreview:
    """What a macro would do; it is done and taken back."""
    before = _state(ticket)
    savepoint = await session.begin_nested()
    try:
        steps = await run_macro(session, caller, ticket, code, now)
        after = _state(ticket)
    finally:
        await savepoint.rollback()
        await session.refresh(ticket)
    changes = {name: [before[name], after[name]] for name in SHOWN if before[name] != after[name]}
    return MacroPreview(steps=steps, changes=changes)


def _state(ticket: Ticket) -> dict[str, object]:
    return {name: list(v) if isinstance(v := getattr(ticket, name), list) else v for name in SHOWN}


async def _macro(session: AsyncSession, code: str) -> MacroContent:
    macros = (await load_ticket_config(session)).macros
    if code not in macros:
        raise NotFound("macro")
    return macros[code]


async def _step(
    session: AsyncSession,
    caller: Staff,
    ticket: Ticket,
    step: MacroStep,
    values: dict[str, str],
    now: datetime,
) -> str:
    match step.do:
        case "priority":
            await service.change(
                session,
                caller,
                ticket,
                TicketChangeRequest.model_validate({"priority": step.to}),
                now,
            )
        case "queue":
            await service.assign(
                session, caller, ticket, AssignRequest.model_validate({"queue": step.to}), now
            )
        case "state":
            target = TransitionRequest.model_validate({"to": step.to}).to
            if ticket.state != target:
                await service.transition(
                    session, caller, ticket, target, LocalizedText("ticket_reason.macro"), now
                )
        case "tag" | "untag":
            remaining = [tag for tag in ticket.tags if tag != step.to]
            tags = [*remaining, step.to] if step.do == "tag" else remaining
            await service.change(session, caller, ticket, TicketChangeRequest(tags=tags), now)
        case "public_comment" | "internal_comment":
            visibility = "public" if step.do == "public_comment" else "internal"
            comment_request = CommentRequest.model_validate(
                {"text": fill(step.to, values), "visibility": visibility}
            )
            await service.comment(session, caller, ticket, comment_request, now)
            return f"{step.do}: {comment_request.text}"
    return f"{step.do}: {step.to}"


async def change_one(
    session: AsyncSession, caller: Staff, ticket_id: UUID, bulk_change: Change, now: datetime
) -> Ticket:
    """Apply a change to one of many tickets; whoever calls gives each its own transaction."""
    require(caller, "tickets:write")
    ticket = await service.load(session, caller, ticket_id, lock=True)
    if bulk_change.queue or bulk_change.assignee:
        request = AssignRequest.model_validate(
            {"queue": bulk_change.queue, "assignee": bulk_change.assignee}
        )
        await service.assign(session, caller, ticket, request, now)
    if bulk_change.priority or bulk_change.add_tags:
        values: dict[str, object] = (
            {"priority": bulk_change.priority} if bulk_change.priority else {}
        )
        if bulk_change.add_tags:
            values["tags"] = list(dict.fromkeys([*ticket.tags, *bulk_change.add_tags]))
        await service.change(
            session, caller, ticket, TicketChangeRequest.model_validate(values), now
        )
    if bulk_change.state and bulk_change.state != ticket.state:
        await service.transition(
            session, caller, ticket, bulk_change.state, bulk_change.reason, now
        )
    if bulk_change.macro:
        await run_macro(session, caller, ticket, bulk_change.macro, now)
    return ticket


def result_of(
    ticket_id: UUID, outcome: Ticket | DomainError, language: Language = "en"
) -> TicketChanged | TicketUnchanged:
    """What a bulk change says of one ticket, in the reader's language."""
    if isinstance(outcome, DomainError):
        return TicketUnchanged(
            id=ticket_id,
            ok=False,
            status=outcome.status,
            code=outcome.text.code,
            detail=translate(outcome.text, language),
        )
    return TicketChanged(
        id=ticket_id, ok=True, reference=outcome.reference, version=outcome.version
    )
