"Tickets."

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from actions.tickets import queries, service
from actions.tickets.lifecycle import Kind, Queue, State
from actions.tickets.models import Ticket
from actions.tickets.schemas import (
    AssignRequest,
    ChangeOut,
    CommentOut,
    CommentRequest,
    MergeRequest,
    RootCauseRequest,
    TicketChangeRequest,
    TicketNew,
    TicketOut,
    TransitionRequest,
)  # fmt: skip
from api.dependencies import (
    BusinessDep,
    ContainerDep,
    IdempotencyKey,
    IfMatch,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)  # fmt: skip
from core.identity import Staff
from core.paging import fetch_page
from knowledge_base.catalogue import Filter

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


@router.post("", status_code=201, response_model=TicketOut)
async def open_ticket(
    new: TicketNew, request: Request, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    "A new ticket; kind, queue and priority are decided by the system when absent."

    async def create() -> TicketOut:
        vector = await parts.search.encoder.encode(new.description[:500])
        await parts.search.refresh(session)
        near = await parts.search.nearest(session, vector, Filter(("public", "staff"), None, now))
        topic = (near[0].category, near[1]) if near else None
        return TicketOut.model_validate(await service.open_ticket(session, who, new, now, topic=topic))

    return await once(request, session, who, key, new, create)


@router.get("")
async def list_tickets(
    who: BusinessDep, session: SessionDep, page: PageDep, state: State | None = None, queue: Queue | None = None,
    kind: Kind | None = None, assignee: UUID | None = None, customer_id: UUID | None = None, q: str | None = None,
    sla: Literal["breached", "running"] | None = None,
) -> Listing[TicketOut]:  # fmt: skip
    "Tickets the caller may see, newest first."
    rows = queries.narrowed(
        queries.visible_tickets(who), state=state, queue=queue, kind=kind, assignee=assignee, customer_id=customer_id,
        q=q, sla=sla,
    )  # fmt: skip
    found, cursor = await fetch_page(session, rows, page, Ticket.created_at, Ticket.id)
    return Listing(items=[TicketOut.model_validate(t) for t in found], next_cursor=cursor)


@router.get("/{ticket_id}")
async def read_ticket(ticket_id: UUID, who: BusinessDep, session: SessionDep) -> TicketOut:
    "One ticket."
    return TicketOut.model_validate(await service.load(session, who, ticket_id))


@router.patch("/{ticket_id}")
async def change_ticket(
    ticket_id: UUID, change: TicketChangeRequest, expected: IfMatch, who: BusinessDep, session: SessionDep, now: NowDep
) -> TicketOut:
    "Change subject, kind or priority."
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.change(session, who, ticket, change, now))


@router.get("/{ticket_id}/comments")
async def read_comments(ticket_id: UUID, who: BusinessDep, session: SessionDep) -> Listing[CommentOut]:
    "Comments in order; internal ones for staff only."
    ticket = await service.load(session, who, ticket_id)
    found = (await session.scalars(queries.comments_of(ticket.id, internal=isinstance(who, Staff)))).all()
    return Listing(items=[CommentOut.model_validate(c) for c in found], next_cursor=None)


@router.post("/{ticket_id}/comments", status_code=201, response_model=CommentOut)
async def comment_on_ticket(
    ticket_id: UUID, said: CommentRequest, request: Request, who: BusinessDep, session: SessionDep, now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    "Add a comment."

    async def create() -> CommentOut:
        ticket = await service.load(session, who, ticket_id, lock=True)
        return CommentOut.model_validate(await service.comment(session, who, ticket, said, now))

    return await once(request, session, who, key, said, create)


@router.post("/{ticket_id}/transition")
async def transition_ticket(
    ticket_id: UUID, change: TransitionRequest, expected: IfMatch, who: BusinessDep, session: SessionDep, now: NowDep
) -> TicketOut:
    "Move a ticket to another state; 409 when the lifecycle has no such step."
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.transition(session, who, ticket, change.to, change.reason, now))


@router.post("/{ticket_id}/assign")
async def assign_ticket(
    ticket_id: UUID, wanted: AssignRequest, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    "Give a ticket to a person or a queue."
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.assign(session, who, ticket, wanted, now))


@router.post("/{ticket_id}/merge")
async def merge_ticket(
    ticket_id: UUID, wanted: MergeRequest, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    "Close a ticket in favour of another of the same customer."
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    into = await service.load(session, who, wanted.into, lock=True)
    return TicketOut.model_validate(await service.merge(session, who, ticket, into, now))


@router.post("/{ticket_id}/root_cause")
async def set_root_cause(
    ticket_id: UUID, cause: RootCauseRequest, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    "Say why it happened."
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    return TicketOut.model_validate(await service.set_root_cause(session, who, ticket, cause, now))


@router.get("/{ticket_id}/history")
async def read_history(ticket_id: UUID, who: BusinessDep, session: SessionDep) -> Listing[ChangeOut]:
    "Everything that happened to a ticket."
    ticket = await service.load(session, who, ticket_id)
    found = (await session.scalars(queries.history_of(ticket.id))).all()
    return Listing(items=[ChangeOut.model_validate(c) for c in found], next_cursor=None)
