"""Tickets."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from actions.tickets import queries, service
from actions.tickets.intake import opening
from actions.tickets.lifecycle import Kind, Queue, State
from actions.tickets.models import Ticket
from actions.tickets.priorities import Priority
from actions.tickets.queries import Filters
from actions.tickets.schemas import (
    AnswerAllRequest,
    AssignRequest,
    ChangeOut,
    ClockOut,
    CommentOut,
    CommentRequest,
    LinkRequest,
    MergeRequest,
    RootCauseRequest,
    SatisfactionRequest,
    TicketChangeRequest,
    TicketDetail,
    TicketNew,
    TicketOut,
    TransitionRequest,
)
from api.dependencies import (
    READER,
    BusinessDep,
    CallerDep,
    IdempotencyKey,
    IfMatch,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)
from core.bounds import Code
from core.errors import PreconditionFailed
from core.identity import Staff
from core.paging import fetch_page

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


def filters(
    state: State | None = None,
    queue: Queue | None = None,
    kind: Kind | None = None,
    priority: Priority | None = None,
    assignee: UUID | None = None,
    unassigned: bool = False,
    customer_id: UUID | None = None,
    service: Code | None = None,
    tag: Code | None = None,
    root_cause: Code | None = None,
    parent_id: UUID | None = None,
    active: bool = False,
    q: Annotated[str | None, Query(max_length=200)] = None,
    sla: Literal["breached", "running"] | None = None,
) -> Filters:
    """What a list is narrowed to."""
    return Filters(
        state,
        queue,
        kind,
        priority,
        assignee,
        unassigned,
        customer_id,
        service,
        tag,
        root_cause,
        parent_id,
        active,
        q,
        sla,
    )


FiltersDep = Annotated[Filters, Depends(filters)]


@router.post("", status_code=201, response_model=TicketOut)
async def open_ticket(
    new: TicketNew,
    request: Request,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """A new ticket; kind, queue and priority are decided by the system when absent."""

    async def create() -> TicketOut:
        return TicketOut.model_validate(await opening.open_ticket(session, who, new, now))

    return await once(request, session, who, key, new, create)


@router.get("")
async def list_tickets(
    who: BusinessDep,
    session: SessionDep,
    page: PageDep,
    by: FiltersDep,
    now: NowDep,
    sort: Literal["newest", "due"] = "newest",
) -> Listing[TicketOut]:
    """Tickets the caller may see: newest first, or open ones by the clock that runs out next."""
    await queries.plan_for_words(session, by)
    rows = queries.narrowed(queries.visible_tickets(who), by, now)
    if sort == "due":
        rows = rows.where(queries.is_active(), Ticket.next_due.is_not(None))
        rows_read, cursor = await fetch_page(
            session, rows, page, Ticket.next_due, Ticket.id, rising=True
        )
    else:
        rows_read, cursor = await fetch_page(session, rows, page, Ticket.created_at, Ticket.id)
    return Listing(items=[TicketOut.model_validate(t) for t in rows_read], next_cursor=cursor)


@router.get("/counts")
async def count_tickets(who: BusinessDep, session: SessionDep) -> dict[str, dict[str, int]]:
    """Open tickets by queue and state."""
    totals: dict[str, dict[str, int]] = {}
    for queue, state, count in (await session.execute(queries.counts(who))).all():
        totals.setdefault(queue, {})[state] = count
    return totals


@router.get("/{ticket_id}", dependencies=[READER])
async def read_ticket(ticket_id: UUID, who: BusinessDep, session: SessionDep) -> TicketDetail:
    """One ticket with its clocks, and why it is where it is."""
    ticket = await service.load(session, who, ticket_id)
    detail = TicketDetail.model_validate(ticket)
    clocks = (await session.scalars(queries.timers_of([ticket.id]))).all()
    return detail.model_copy(
        update={"clocks": [ClockOut.model_validate(clock) for clock in clocks]}
    )


@router.patch("/{ticket_id}")
async def change_ticket(
    ticket_id: UUID,
    change: TicketChangeRequest,
    expected: IfMatch,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Change subject, kind, priority or tags."""
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.change(session, who, ticket, change, now))


@router.get("/{ticket_id}/comments")
async def read_comments(
    ticket_id: UUID, who: BusinessDep, session: SessionDep
) -> Listing[CommentOut]:
    """Comments in order; internal ones for staff only."""
    ticket = await service.load(session, who, ticket_id)
    comments = (
        await session.scalars(queries.comments_of(ticket.id, internal=isinstance(who, Staff)))
    ).all()
    return Listing(items=[CommentOut.model_validate(c) for c in comments], next_cursor=None)


@router.post("/{ticket_id}/comments", status_code=201, response_model=CommentOut)
async def comment_on_ticket(
    ticket_id: UUID,
    body: CommentRequest,
    request: Request,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Add a comment."""

    async def create() -> CommentOut:
        ticket = await service.load(session, who, ticket_id, lock=True)
        return CommentOut.model_validate(await service.comment(session, who, ticket, body, now))

    return await once(request, session, who, key, body, create)


@router.post("/{ticket_id}/transition")
async def transition_ticket(
    ticket_id: UUID,
    change: TransitionRequest,
    expected: IfMatch,
    who: BusinessDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Move a ticket to another state; 409 when the lifecycle has no such step."""
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(
        await service.transition(session, who, ticket, change.to, change.reason, now)
    )


@router.post("/{ticket_id}/assign")
async def assign_ticket(
    ticket_id: UUID,
    body: AssignRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Give a ticket to a person or a queue."""
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.assign(session, who, ticket, body, now))


@router.post("/{ticket_id}/merge")
async def merge_ticket(
    ticket_id: UUID,
    body: MergeRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Close a ticket in favour of another of the same customer."""
    locked = {
        key: await service.load(session, who, key, lock=True)
        for key in sorted({ticket_id, body.into})
    }
    if locked[ticket_id].version != expected:
        raise PreconditionFailed(locked[ticket_id].version)
    return TicketOut.model_validate(
        await service.merge(session, who, locked[ticket_id], locked[body.into], now)
    )


@router.put("/{ticket_id}/parent")
async def link_ticket(
    ticket_id: UUID,
    body: LinkRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Hang a ticket under an incident, or take it off."""
    parent = await service.load(session, who, body.parent) if body.parent else None
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.link(session, who, ticket, parent, now))


@router.post("/{ticket_id}/answer_all")
async def answer_all(
    ticket_id: UUID,
    body: AnswerAllRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> Listing[TicketOut]:
    """One answer to an incident and all open tickets under it."""
    parent = await service.load(session, who, ticket_id, lock=True, expected=expected)
    words = CommentRequest(text=body.text, visibility="public")
    answered = await service.answer_all(session, who, parent, words, body.resolve, now)
    return Listing(items=[TicketOut.model_validate(t) for t in answered], next_cursor=None)


@router.put("/{ticket_id}/watching")
async def watch_ticket(
    ticket_id: UUID, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """Hear of every step of a ticket."""
    ticket = await service.load(session, who, ticket_id, lock=True)
    return TicketOut.model_validate(await service.watch(session, who, ticket, wanted=True, now=now))


@router.delete("/{ticket_id}/watching")
async def unwatch_ticket(
    ticket_id: UUID, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """Hear of it no more."""
    ticket = await service.load(session, who, ticket_id, lock=True)
    return TicketOut.model_validate(
        await service.watch(session, who, ticket, wanted=False, now=now)
    )


@router.post("/{ticket_id}/satisfaction")
async def rate_ticket(
    ticket_id: UUID, body: SatisfactionRequest, who: CallerDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """How content the customer is; from the customer's conversation."""
    ticket = await service.load(session, who, ticket_id, lock=True)
    return TicketOut.model_validate(
        await service.rate(session, who, ticket, body.score, body.comment, now)
    )


@router.post("/{ticket_id}/root_cause")
async def set_root_cause(
    ticket_id: UUID,
    cause: RootCauseRequest,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> TicketOut:
    """Say why it happened."""
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.set_root_cause(session, who, ticket, cause, now))


@router.get("/{ticket_id}/history", dependencies=[READER])
async def read_history(
    ticket_id: UUID, who: BusinessDep, session: SessionDep
) -> Listing[ChangeOut]:
    """Everything that happened to a ticket."""
    ticket = await service.load(session, who, ticket_id)
    changes = (await session.scalars(queries.history_of(ticket.id))).all()
    return Listing(items=[ChangeOut.model_validate(c) for c in changes], next_cursor=None)
