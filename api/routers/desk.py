"""The ticket desk: files, duplicates and related tickets, macros, bulk changes, saved filters, exports, intake, retention.

Paths under /v1/tickets that are no ticket's own; they stand before the router of single tickets.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from actions.tickets import queries, retention, service
from actions.tickets.attachments import Scanner, attach, attachments_of, load_attachment, path_of
from actions.tickets.desk import article_drafts, bulk
from actions.tickets.desk.filters import remove_filter, save_filter, visible_filters
from actions.tickets.desk.related import duplicates
from actions.tickets.embeddings import vector_of_ticket
from actions.tickets.intake import channels
from actions.tickets.lifecycle import Queue, State
from actions.tickets.models import Ticket
from actions.tickets.priorities import Priority
from actions.tickets.schemas import Tags, TicketOut
from api.container import Container
from api.dependencies import (
    BusinessDep,
    CallerDep,
    ContainerDep,
    IfMatch,
    Listing,
    NowDep,
    ReaderDep,
    SessionDep,
    StaffDep,
    as_download,
)
from api.readable import check_form
from api.routers.tickets import FiltersDep
from core.bounds import Code, ShortText
from core.errors import DomainError, Invalid
from core.exports import MEDIA, Format, export
from core.identity import require
from core.languages import Language
from core.localized_text import translate

router = APIRouter(prefix="/v1/tickets", tags=["ticket desk"])
EXPORTED = (
    "reference",
    "created_at",
    "state",
    "kind",
    "queue",
    "priority",
    "channel",
    "language",
    "subject",
    "segment",
    "service",
    "tags",
    "assignee_id",
    "first_response_due",
    "first_responded_at",
    "resolution_due",
    "resolved_at",
    "closed_at",
    "root_cause",
    "satisfaction",
)
MAX_AT_ONCE = 500


class AttachmentOut(BaseModel):
    """A file of a ticket."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    content_type: str
    size: int
    visibility: Literal["public", "internal"]
    scan: str
    uploaded_by: str
    created_at: datetime


class Near(BaseModel):
    """A ticket that means the same, with the cosine."""

    ticket: TicketOut
    cosine: float


class BulkRequest(BaseModel):
    """One change for many tickets."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"ids": ["00000000-0000-4000-8000-000000000000"], "priority": "high"}]
        },
    )

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_AT_ONCE)]
    priority: Priority | None = None
    queue: Queue | None = None
    assignee: UUID | None = None
    state: State | None = None
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None
    add_tags: Tags = []
    macro: Code | None = None


class FilterNew(BaseModel):
    """A name for what the list is narrowed to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Late cards", "filters": {"queue": "cards", "sla": "breached"}}]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    filters: Annotated[dict[Code, ShortText | bool], Field(max_length=30)]
    shared: bool = False


class FilterOut(BaseModel):
    """A saved filter."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    filters: dict[str, JsonValue]
    shared: bool
    owner_id: UUID


class BulkOut(BaseModel):
    """How many tickets a bulk change changed, and what became of each."""

    changed: int
    results: list[bulk.TicketChanged | bulk.TicketUnchanged]


class RowOpened(BaseModel):
    """A row of a file that became a ticket."""

    row: int
    ok: Literal[True]
    id: UUID
    reference: str


class RowRead(BaseModel):
    """A row of a file that became no ticket: only tried, or with a problem."""

    row: int
    ok: bool
    problem: str | None


class ImportOut(BaseModel):
    """The report of a file of tickets."""

    rows: int
    opened: int
    report: list[RowOpened | RowRead]


class MailRequest(BaseModel):
    """A mail as it came (RFC 5322); whoever hands it over has checked that its sender is who it says (DMARC)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"raw": "From: anna@example.com\nSubject: My card\n\nIt is cracked."}]
        },
    )

    raw: Annotated[str, StringConstraints(min_length=1, max_length=500_000)]


class CallRequest(BaseModel):
    """A telephone transcript."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"transcript": "Agent: Good morning.\nCustomer: My card is cracked."}]
        },
    )

    transcript: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    customer_id: UUID | None = None
    contact: Annotated[str, StringConstraints(max_length=200)] | None = None


class MailTaken(BaseModel):
    """The ticket of a mail, and whether it is new."""

    ticket: TicketOut
    created: bool


class HoldRequest(BaseModel):
    """Legal hold."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"hold": True, "reason": "Claim before the county court"}]},
    )

    hold: bool
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]


@router.get("/filters")
async def list_filters(who: StaffDep, session: SessionDep) -> Listing[FilterOut]:
    """The caller's saved filters and the shared ones."""
    require(who, "tickets:read")
    filters = (await session.scalars(visible_filters(who))).all()
    return Listing(items=[FilterOut.model_validate(f) for f in filters], next_cursor=None)


@router.post("/filters", status_code=201)
async def create_filter(
    new: FilterNew, who: StaffDep, session: SessionDep, now: NowDep
) -> FilterOut:
    """Save a filter."""
    if unknown := set(new.filters) - set(queries.Filters.__dataclass_fields__) - {"sort"}:
        raise Invalid.field("filters", "filter.keys_unknown", names=sorted(unknown))
    saved = await save_filter(session, who, new.name, dict(new.filters), shared=new.shared, now=now)
    return FilterOut.model_validate(saved)


@router.delete("/filters/{filter_id}", status_code=204)
async def delete_filter(filter_id: UUID, who: StaffDep, session: SessionDep) -> None:
    """Take away one's own filter."""
    await remove_filter(session, who, filter_id)


@router.post("/bulk")
async def change_many(
    body: BulkRequest, who: StaffDep, parts: ContainerDep, now: NowDep, language: ReaderDep
) -> BulkOut:
    """Change many tickets, each by itself: what could not be changed says why, and the rest is done."""
    change = bulk.Change(**body.model_dump(exclude={"ids"}))
    results = []
    for ticket_id in dict.fromkeys(body.ids):
        outcome: Ticket | DomainError
        try:
            async with parts.database.transaction() as session:
                outcome = await bulk.change_one(session, who, ticket_id, change, now)
        except DomainError as error:
            outcome = error
        results.append(bulk.result_of(ticket_id, outcome, language))
    return BulkOut(changed=sum(result.ok for result in results), results=results)


@router.get("/export")
async def export_tickets(
    who: StaffDep,
    parts: ContainerDep,
    by: FiltersDep,
    now: NowDep,
    form: Annotated[Format, Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The filtered list as CSV or XLSX, streamed."""
    require(who, "tickets:read")

    async def content() -> AsyncIterator[bytes]:
        async with parts.database.transaction() as session:
            await queries.plan_for_words(session, by)
            rows = queries.narrowed(queries.visible_tickets(who), by, now).order_by(
                Ticket.created_at.desc(), Ticket.id.desc()
            )
            tickets = await session.stream_scalars(rows.execution_options(yield_per=500))
            async for block in export(form, EXPORTED, _rows(tickets), "tickets"):
                yield block

    name = f'attachment; filename="tickets.{form}"'
    return StreamingResponse(
        content(), media_type=MEDIA[form], headers={"Content-Disposition": name}
    )


async def _rows(tickets: AsyncIterator[Ticket]) -> AsyncIterator[Sequence[object]]:
    async for ticket in tickets:
        yield [
            ", ".join(v) if isinstance(v := getattr(ticket, name), list) else v for name in EXPORTED
        ]


@router.post("/imports", dependencies=[Depends(check_form)])
async def import_tickets(
    file: Annotated[UploadFile, File()],
    who: BusinessDep,
    parts: ContainerDep,
    now: NowDep,
    language: ReaderDep,
    dry_run: Annotated[bool, Form()] = False,
) -> ImportOut:
    """Open tickets from the rows of a CSV file, each by itself, with a report of each row."""
    require(who, "tickets:write")
    rows = await asyncio.to_thread(
        lambda content: list(channels.read_rows(content)), await file.read()
    )
    report = [await _take_row(parts, who, row, now, language, dry_run=dry_run) for row in rows]
    return ImportOut(
        rows=len(report),
        opened=sum(line.ok for line in report) * (not dry_run),
        report=report,
    )


async def _take_row(
    parts: Container,
    who: BusinessDep,
    row: channels.Row,
    now: datetime,
    language: Language,
    *,
    dry_run: bool,
) -> RowOpened | RowRead:
    if dry_run:
        problem = translate(row.problem, language) if row.problem else None
        return RowRead(row=row.number, ok=row.new is not None, problem=problem)
    try:
        async with parts.database.transaction() as session:
            ticket = await channels.take_row(session, who, row, now)
            return RowOpened(row=row.number, ok=True, id=ticket.id, reference=ticket.reference)
    except DomainError as error:
        problem = translate(channels.problem_of(error), language)
        return RowRead(row=row.number, ok=False, problem=problem)


@router.post("/intake/mail", status_code=201)
async def take_mail(
    body: MailRequest, who: BusinessDep, parts: ContainerDep, session: SessionDep, now: NowDep
) -> MailTaken:
    """A ticket from a mail; one that names its ticket in the subject is added to it."""
    mail = await asyncio.to_thread(channels.read_mail, body.raw)
    ticket, created = await channels.take_mail(session, who, mail, now)
    return MailTaken(ticket=TicketOut.model_validate(ticket), created=created)


@router.post("/intake/call", status_code=201)
async def take_call(
    body: CallRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """A ticket from a telephone transcript."""
    ticket = await channels.take_call(
        session, who, body.transcript, now, customer_id=body.customer_id, contact=body.contact
    )
    return TicketOut.model_validate(ticket)


@router.get("/related")
async def find_related(
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    q: Annotated[str, Query(min_length=2, max_length=1000)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[Near]:
    """Tickets that mean the same as a text."""
    vector = await parts.search.encoder.encode(q)
    neighbours = await parts.tickets.related(session, who, vector, limit)
    return [Near(ticket=TicketOut.model_validate(t), cosine=round(c, 3)) for t, c in neighbours]


@router.get("/{ticket_id}/related")
async def list_related(
    ticket_id: UUID,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[Near]:
    """Tickets that mean the same as this one."""
    ticket = await service.load(session, who, ticket_id)
    vector = await vector_of_ticket(session, ticket, parts.search.encoder)
    neighbours = await parts.tickets.related(session, who, vector, limit, but=ticket.id)
    return [Near(ticket=TicketOut.model_validate(t), cosine=round(c, 3)) for t, c in neighbours]


@router.get("/{ticket_id}/duplicates")
async def list_duplicates(
    ticket_id: UUID, who: StaffDep, parts: ContainerDep, session: SessionDep
) -> list[Near]:
    """Open tickets of the same customer about the same: offered for merging."""
    ticket = await service.load(session, who, ticket_id)
    similar = await duplicates(session, who, ticket, parts.search.encoder)
    return [Near(ticket=TicketOut.model_validate(t), cosine=round(c, 3)) for t, c in similar]


@router.get("/{ticket_id}/macros/{code}")
async def preview_macro(
    ticket_id: UUID, code: Code, who: StaffDep, session: SessionDep, now: NowDep
) -> bulk.MacroPreview:
    """What a macro would do."""
    ticket = await service.load(session, who, ticket_id)
    return await bulk.preview_macro(session, who, ticket, code, now)


@router.post("/{ticket_id}/macros/{code}")
async def run_macro(
    ticket_id: UUID, code: Code, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """Do the steps of a macro, all or none."""
    ticket = await service.load(session, who, ticket_id, lock=True, expected=expected)
    await bulk.run_macro(session, who, ticket, code, now)
    return TicketOut.model_validate(ticket)


@router.get("/{ticket_id}/replies/{code}")
async def fill_reply(
    ticket_id: UUID, code: Code, who: StaffDep, session: SessionDep
) -> dict[str, str]:
    """A ready answer, filled in for this ticket and in its language; it is sent as a comment once somebody has read it."""
    ticket = await service.load(session, who, ticket_id)
    return {"text": await bulk.filled_reply(session, who, ticket, code)}


@router.post("/{ticket_id}/attachments", status_code=201, dependencies=[Depends(check_form)])
async def add_attachment(
    ticket_id: UUID,
    file: Annotated[UploadFile, File()],
    who: CallerDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    visibility: Annotated[Literal["public", "internal"], Form()] = "public",
) -> AttachmentOut:
    """Add a file; it is typed by its content and scanned where a scanner is configured."""
    ticket = await service.load(session, who, ticket_id, lock=True)
    settings = parts.settings
    content = await file.read(settings.max_attachment_bytes + 1)
    row = await attach(
        session,
        who,
        ticket,
        settings.attachments,
        Scanner(settings.clamd_url),
        name=file.filename or "file",
        content=content,
        visibility=visibility,
        max_bytes=settings.max_attachment_bytes,
        now=now,
    )
    return AttachmentOut.model_validate(row)


@router.get("/{ticket_id}/attachments")
async def list_attachments(
    ticket_id: UUID, who: CallerDep, session: SessionDep
) -> Listing[AttachmentOut]:
    """Files of a ticket."""
    ticket = await service.load(session, who, ticket_id)
    files = (await session.scalars(attachments_of(who, ticket.id))).all()
    return Listing(items=[AttachmentOut.model_validate(a) for a in files], next_cursor=None)


@router.get("/{ticket_id}/attachments/{attachment_id}/content")
async def read_attachment(
    ticket_id: UUID, attachment_id: UUID, who: CallerDep, parts: ContainerDep, session: SessionDep
) -> FileResponse:
    """A file as a download; never shown inside a page."""
    ticket = await service.load(session, who, ticket_id)
    row = await load_attachment(session, who, ticket, attachment_id)
    return as_download(path_of(parts.settings.attachments, row.id), row.name)


@router.get("/{ticket_id}/article_draft")
async def suggest_article(
    ticket_id: UUID, who: StaffDep, parts: ContainerDep, session: SessionDep, now: NowDep
) -> article_drafts.Suggestion:
    """Whether an article answers what this resolved ticket was about; a draft of one, where none does."""
    ticket = await service.load(session, who, ticket_id)
    return await article_drafts.suggest(session, who, parts.search, ticket, now)


@router.post("/{ticket_id}/article_draft", status_code=201)
async def draft_article(
    ticket_id: UUID, body: article_drafts.DraftRequest, who: StaffDep, session: SessionDep
) -> dict[str, str]:
    """Make the draft; it is reviewed as every article is."""
    ticket = await service.load(session, who, ticket_id)
    article = await article_drafts.draft(session, who, ticket, body)
    return {"article_id": str(article.id), "slug": article.slug}


@router.post("/{ticket_id}/hold")
async def hold_ticket(
    ticket_id: UUID, body: HoldRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> TicketOut:
    """Legal hold: nothing of it is erased."""
    ticket = await service.load(session, who, ticket_id, lock=True)
    changed = await retention.set_hold(
        session, who, ticket, hold=body.hold, reason=body.reason, now=now
    )
    return TicketOut.model_validate(changed)
