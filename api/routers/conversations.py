"""Conversations: the customer's side by the conversation's token, the staff's by role."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Header, Query, Request, UploadFile
from fastapi.responses import FileResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from actions.tickets.attachments import Scanner, keep, path_of
from actions.tickets.lifecycle import Queue
from actions.tickets.models import Ticket
from actions.tickets.queries import visible_tickets
from api.container import Container
from api.dependencies import (
    CallerDep,
    ContainerDep,
    CredentialDep,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    as_download,
    client_address,
    participant,
)
from api.readable import check_form
from api.realtime import HEARTBEAT_S
from assistant.conversations import desk, queries, service
from assistant.conversations.models import Conversation
from assistant.conversations.schemas import (
    ConversationMade,
    ConversationNew,
    ConversationOut,
    ConversationState,
    HandoffRequest,
    InboxOut,
    MessageNew,
    MessageOut,
    NoteNew,
    NoteOut,
    RatingRequest,
    ReadyLine,
    State,
    TakeUp,
    TicketCard,
    TranscriptOut,
    Transfer,
    TurnOut,
    TurnTraceOut,
)
from assistant.copilot.log import require_acknowledged
from core.accounts import StaffUser
from core.bounds import Code
from core.clock import utc_now
from core.errors import Invalid, NotFound
from core.identity import Participant, Staff
from core.languages import clean_text
from core.outbox import latest_event
from core.paging import fetch_page

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
TYPING_PER_MINUTE = 60  # of a conversation, both sides together


@router.post("", status_code=201)
async def open_conversation(
    new: ConversationNew, request: Request, parts: ContainerDep, session: SessionDep, now: NowDep
) -> ConversationMade:
    """Open a conversation. Each call makes a new one: its token is shown once and kept as a hash."""
    per_minute = parts.settings.conversations_per_minute
    await parts.limits.hit("conversation", client_address(request), per_minute)
    return await service.open_conversation(session, parts.settings, new, now)


@router.post("/resume")
async def take_up(
    body: TakeUp, request: Request, parts: ContainerDep, session: SessionDep, now: NowDep
) -> ConversationMade:
    """Go on with the signed-in customer's open conversation of the last day; 404 when there is none."""
    per_minute = parts.settings.conversations_per_minute
    await parts.limits.hit("conversation", client_address(request), per_minute)
    return await service.take_up(session, parts.settings, body.identity_token, now)


@router.post("/{conversation_id}/identity", status_code=204)
async def confirm_identity(
    conversation_id: UUID,
    shown: TakeUp,
    parts: ContainerDep,
    who: CallerDep,
    session: SessionDep,
    now: NowDep,
) -> None:
    """The signed-in customer confirmed by a second factor that it is still they; requests that need it may be made for a while."""
    if participant(who, conversation_id) is None:
        raise NotFound("conversation")
    conversation = await queries.load(session, who, conversation_id, lock=True)
    await service.confirm_identity(session, parts.settings, conversation, shown.identity_token, now)


@router.get("")
async def list_conversations(
    who: StaffDep,
    session: SessionDep,
    page: PageDep,
    state: State | None = None,
    queue: Code | None = None,
) -> Listing[ConversationOut]:
    """The inbox, newest first."""
    rows = queries.visible_conversations(who)
    if state:
        rows = rows.where(Conversation.state == state)
    if queue:
        rows = rows.where(Conversation.queue == queue)
    rows_read, cursor = await fetch_page(
        session, rows, page, Conversation.created_at, Conversation.id
    )
    return Listing(items=[ConversationOut.model_validate(c) for c in rows_read], next_cursor=cursor)


@router.get("/inbox")
async def read_inbox(
    who: StaffDep,
    session: SessionDep,
    view: desk.View = "waiting",
    queue: Queue | None = None,
    ids: Annotated[list[UUID] | None, Query(max_length=50, alias="id")] = None,
) -> InboxOut:
    """A view of the inbox, the most pressing first; with `id`, these conversations wherever they are."""
    items = await desk.inbox(session, who, view, queue=queue, ids=ids or ())
    return InboxOut(items=items, counts=await desk.counts(session, who))


@router.post("/{conversation_id}/messages")
async def send_message(
    conversation_id: UUID, new: MessageNew, parts: ContainerDep, who: CallerDep
) -> TurnOut:
    """A customer's message is answered; an agent's goes to the customer."""
    await parts.limits.hit("message", str(conversation_id), parts.settings.messages_per_minute)
    if isinstance(who, Staff):
        return await _say_as_agent(parts, who, conversation_id, new)
    speaker = participant(who, conversation_id)
    if speaker is None:
        raise NotFound("conversation")
    answered = await parts.turns.handle(speaker, new.text, new.client_message_id)
    return answered.model_copy(update={"understood": None})


@router.get("/{conversation_id}")
async def read_conversation(
    conversation_id: UUID, who: CallerDep, session: SessionDep
) -> ConversationState:
    """State, queue, the place in it, and who is there."""
    conversation = await queries.load(session, who, conversation_id)
    there = (
        await session.get(StaffUser, conversation.agent_id)
        if conversation.state == "agent"
        else None
    )
    shown = ConversationState.model_validate(conversation)
    shown.place, shown.agent_name = (
        await desk.place_of(session, conversation),
        there.name if there else None,
    )
    return shown


@router.get("/{conversation_id}/messages")
async def read_transcript(
    conversation_id: UUID, who: CallerDep, session: SessionDep
) -> TranscriptOut:
    """The transcript in order."""
    conversation = await queries.load(session, who, conversation_id)
    messages = await queries.transcript(session, conversation)
    return TranscriptOut.model_validate(
        {"items": [MessageOut.model_validate(m) for m in messages], "state": conversation.state}
    )


@router.get("/{conversation_id}/turns")
async def read_turns(
    conversation_id: UUID, who: StaffDep, session: SessionDep
) -> Listing[TurnTraceOut]:
    """How each message was understood: clauses, commands, the dialogue stack before and after."""
    conversation = await queries.load(session, who, conversation_id)
    traces = await queries.turn_traces(session, who, conversation)
    items = [TurnTraceOut.model_validate(trace) for trace in traces]
    return Listing(items=items, next_cursor=None)


@router.get("/{conversation_id}/events")
async def follow(
    conversation_id: UUID,
    request: Request,
    parts: ContainerDep,
    who: CallerDep,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=18)] = None,
) -> EventSourceResponse:
    """Live events of the conversation; after a break they go on behind Last-Event-ID."""
    async with parts.database.transaction() as session:
        await queries.load(session, who, conversation_id)
        after = (
            int(last)
            if last and last.isascii() and last.isdigit()
            else await latest_event(session, conversation_id)
        )
    until = who.session_expires_at if isinstance(who, Participant) else None
    return EventSourceResponse(_events(parts, conversation_id, after, until), ping=HEARTBEAT_S)


@router.post("/{conversation_id}/handoff")
async def hand_off(
    conversation_id: UUID,
    body: HandoffRequest,
    parts: ContainerDep,
    who: CallerDep,
    session: SessionDep,
    now: NowDep,
) -> TurnOut:
    """Ask for a person."""
    conversation = await queries.load(session, who, conversation_id, lock=True)
    if conversation.state in ("queued", "agent"):
        return TurnOut.model_validate({"messages": [], "state": conversation.state, "degraded": []})
    message = await parts.turns.hand_over(session, conversation, body.reason or "asked", now)
    return TurnOut.model_validate(
        {
            "messages": [MessageOut.model_validate(message)],
            "state": conversation.state,
            "degraded": [],
        }
    )


@router.post("/{conversation_id}/rating")
async def rate(
    conversation_id: UUID, rating: RatingRequest, who: CallerDep, session: SessionDep, now: NowDep
) -> RatingRequest:
    """Rate the conversation, also after its end."""
    if participant(who, conversation_id) is None:
        raise NotFound("conversation")
    conversation = await queries.load(session, who, conversation_id, lock=True)
    service.rate(session, conversation, rating.score, rating.comment, now)
    return rating


@router.post("/{conversation_id}/transfer")
async def transfer(
    conversation_id: UUID, body: Transfer, who: StaffDep, session: SessionDep, now: NowDep
) -> ConversationOut:
    """To another team or a colleague; the customer is told."""
    conversation = await queries.load(session, who, conversation_id, lock=True)
    await desk.transfer(session, who, conversation, body, now)
    return ConversationOut.model_validate(conversation)


@router.get("/{conversation_id}/notes")
async def list_notes(conversation_id: UUID, who: StaffDep, session: SessionDep) -> Listing[NoteOut]:
    """What staff wrote about the conversation."""
    conversation = await queries.load(session, who, conversation_id)
    notes = await desk.notes_of(session, who, conversation)
    items = [
        NoteOut(id=n.id, author=name, text=n.text, created_at=n.created_at) for n, name in notes
    ]
    return Listing(items=items, next_cursor=None)


@router.post("/{conversation_id}/notes", status_code=201)
async def add_note(
    conversation_id: UUID, new: NoteNew, who: StaffDep, session: SessionDep, now: NowDep
) -> NoteOut:
    """A line among staff."""
    conversation = await queries.load(session, who, conversation_id)
    note = await desk.add_note(session, who, conversation, clean_text(new.text), now)
    return NoteOut(id=note.id, author=who.name, text=note.text, created_at=note.created_at)


@router.get("/{conversation_id}/replies/{code}")
async def fill_line(
    conversation_id: UUID, code: Code, who: StaffDep, session: SessionDep
) -> ReadyLine:
    """A ready answer for conversations, filled in; it is sent once somebody has read it."""
    conversation = await queries.load(session, who, conversation_id)
    return ReadyLine(text=await desk.ready_line(session, who, conversation, code))


@router.post("/{conversation_id}/files", status_code=201, dependencies=[Depends(check_form)])
async def add_file(
    conversation_id: UUID,
    file: Annotated[UploadFile, File()],
    who: CallerDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
) -> TurnOut:
    """Send a file; it is typed by its content and scanned where a scanner is configured."""
    await parts.limits.hit("message", str(conversation_id), parts.settings.messages_per_minute)
    conversation = await queries.load(session, who, conversation_id, lock=True)
    await desk.may_add_file(session, who, conversation)
    settings = parts.settings
    content = await file.read(settings.max_attachment_bytes + 1)
    folder, scanner = settings.attachments, Scanner(settings.clamd_url)
    stored = await keep(
        folder, scanner, file.filename or "file", content, settings.max_attachment_bytes
    )
    messages = [
        MessageOut.model_validate(m)
        for m in await desk.add_file(session, who, conversation, stored, now)
    ]
    return TurnOut.model_validate(
        {"messages": messages, "state": conversation.state, "degraded": []}
    )


@router.get("/{conversation_id}/files/{file_id}/content")
async def read_file(
    conversation_id: UUID, file_id: UUID, who: CallerDep, parts: ContainerDep, session: SessionDep
) -> FileResponse:
    """A file as a download; never shown inside a page."""
    conversation = await queries.load(session, who, conversation_id)
    row = await desk.load_file(session, conversation, file_id)
    return as_download(path_of(parts.settings.attachments, row.id), row.name)


@router.get("/{conversation_id}/tickets")
async def list_tickets(
    conversation_id: UUID,
    who: CallerDep,
    session: SessionDep,
    ids: Annotated[list[UUID], Query(alias="id", min_length=1, max_length=50)],
) -> Listing[TicketCard]:
    """How tickets that the conversation speaks of stand now; the customer's own, or for a visitor those of the conversation."""
    conversation = await queries.load(session, who, conversation_id)
    own = (
        visible_tickets(service.speaker_of(conversation))
        .where(Ticket.id.in_(ids))
        .order_by(Ticket.created_at)
    )
    tickets = (await session.scalars(own)).all()
    return Listing(items=[TicketCard.model_validate(t) for t in tickets], next_cursor=None)


@router.post("/{conversation_id}/typing", status_code=204)
async def tell_typing(
    conversation_id: UUID, parts: ContainerDep, who: CallerDep, session: SessionDep
) -> None:
    """The other side sees for some seconds that somebody writes."""
    await parts.limits.hit("typing", str(conversation_id), TYPING_PER_MINUTE)
    await desk.tell_typing(session, who, await queries.load(session, who, conversation_id))


@router.post("/{conversation_id}/leave", status_code=204)
async def leave(
    conversation_id: UUID,
    parts: ContainerDep,
    who: CallerDep,
    token: CredentialDep,
    session: SessionDep,
) -> None:
    """The customer signed out at the bank: this device's token is taken back, the conversation stays."""
    if participant(who, conversation_id) is None:
        raise NotFound("conversation")
    await desk.leave(session, token)
    parts.participants.pop(token, None)


@router.post("/{conversation_id}/{step}")
async def take_step(
    conversation_id: UUID,
    step: Literal["claim", "release", "close"],
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> ConversationOut:
    """An agent claims, gives back or closes a conversation; what the assistant was in the middle of is over."""
    conversation = await queries.load(session, who, conversation_id, lock=True)
    take = {"claim": service.claim, "release": service.release, "close": service.close}[step]
    await take(session, who, conversation, now)
    return ConversationOut.model_validate(conversation)


async def _say_as_agent(
    parts: Container, who: Staff, conversation_id: UUID, new: MessageNew
) -> TurnOut:
    text = clean_text(new.text)
    if not text:
        raise Invalid.field("text", "conversation.text_missing")
    async with parts.database.transaction() as session:
        conversation = await queries.load(session, who, conversation_id, lock=True)
        earlier = new.client_message_id and await queries.message_by_client_id(
            session, conversation_id, new.client_message_id
        )
        if earlier and earlier.text != text:
            raise Invalid.field("client_message_id", "conversation.client_id_reused")
        if not earlier:
            await require_acknowledged(session, who, conversation)
        message = earlier or await service.say_as_agent(
            session, who, conversation, text, new.client_message_id, utc_now()
        )
        stored = MessageOut.model_validate(message)
        return TurnOut.model_validate(
            {"messages": [stored], "state": conversation.state, "degraded": []}
        )


async def _events(
    parts: Container, conversation_id: UUID, after: int, until: datetime | None
) -> AsyncIterator[ServerSentEvent]:
    """What happens, until the customer's session at the bank ends."""
    with parts.hub.following(conversation_id, after) as events:
        ending = (
            asyncio.get_running_loop().call_later((until - utc_now()).total_seconds(), events.end)
            if until
            else None
        )
        try:
            async for event in events:
                number = str(event.id) if event.id else None
                yield ServerSentEvent(
                    json.dumps(event.payload, ensure_ascii=False), id=number, event=event.type
                )
        finally:
            if ending is not None:
                ending.cancel()
