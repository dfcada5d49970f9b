"Conversations: the customer's side by the conversation's token, the staff's by role."

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from actions.dialogue.people import to_a_person
from api.container import Container
from api.dependencies import (
    CallerDep,
    ContainerDep,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    client_address,
    participant,
)  # fmt: skip
from assistant.conversations import queries, service
from assistant.conversations.models import Conversation, Message
from assistant.conversations.schemas import (
    ConversationMade,
    ConversationNew,
    ConversationOut,
    HandoffRequest,
    MessageNew,
    MessageOut,
    RatingRequest,
    State,
    TakeUp,
    TranscriptOut,
    TurnOut,
)  # fmt: skip
from assistant.turn import keep_memory, make_turn
from core.clock import utc_now
from core.errors import Invalid, NotFound
from core.identity import Staff
from core.languages import clean_text
from core.outbox import latest_event
from core.paging import fetch_page

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
HEARTBEAT_S = 15


@router.post("", status_code=201)
async def open_conversation(
    new: ConversationNew, request: Request, parts: ContainerDep, session: SessionDep, now: NowDep
) -> ConversationMade:
    "Open a conversation. Each call makes a new one: its token is shown once and kept as a hash."
    per_minute = parts.settings.conversations_per_minute
    await parts.limits.hit("conversation", client_address(request), per_minute)
    return await service.open_conversation(session, parts.settings, new, now)


@router.post("/resume")
async def take_up(
    wanted: TakeUp, request: Request, parts: ContainerDep, session: SessionDep, now: NowDep
) -> ConversationMade:
    "Go on with the signed-in customer's open conversation of the last day; 404 when there is none."
    per_minute = parts.settings.conversations_per_minute
    await parts.limits.hit("conversation", client_address(request), per_minute)
    return await service.take_up(session, parts.settings, wanted.identity_token, now)


@router.post("/{conversation_id}/identity", status_code=204)
async def confirm_identity(
    conversation_id: UUID, shown: TakeUp, parts: ContainerDep, who: CallerDep, session: SessionDep, now: NowDep
) -> None:
    "The signed-in customer confirmed by a second factor that it is still they; requests that need it may be made for a while."
    if participant(who, conversation_id) is None:
        raise NotFound("conversation")
    conversation = await queries.load(session, who, conversation_id, lock=True)
    await service.confirm_identity(session, parts.settings, conversation, shown.identity_token, now)


@router.get("")
async def list_conversations(
    who: StaffDep, session: SessionDep, page: PageDep, state: State | None = None, queue: str | None = None
) -> Listing[ConversationOut]:
    "The inbox, newest first."
    rows = queries.visible_conversations(who)
    if state:
        rows = rows.where(Conversation.state == state)
    if queue:
        rows = rows.where(Conversation.queue == queue)
    found, cursor = await fetch_page(session, rows, page, Conversation.created_at, Conversation.id)
    return Listing(items=[ConversationOut.model_validate(c) for c in found], next_cursor=cursor)


@router.post("/{conversation_id}/messages")
async def send_message(conversation_id: UUID, new: MessageNew, parts: ContainerDep, who: CallerDep) -> TurnOut:
    "A customer's message is answered; an agent's goes to the customer."
    await parts.limits.hit("message", str(conversation_id), parts.settings.messages_per_minute)
    if isinstance(who, Staff):
        return await _say_as_agent(parts, who, conversation_id, new)
    speaker = participant(who, conversation_id)
    if speaker is None:
        raise NotFound("conversation")
    return await parts.turns.take(speaker, new.text, new.client_message_id)


@router.get("/{conversation_id}")
async def read_conversation(conversation_id: UUID, who: CallerDep, session: SessionDep) -> ConversationOut:
    "State, queue and owner."
    return ConversationOut.model_validate(await queries.load(session, who, conversation_id))


@router.get("/{conversation_id}/messages")
async def read_transcript(conversation_id: UUID, who: CallerDep, session: SessionDep) -> TranscriptOut:
    "The transcript in order."
    conversation = await queries.load(session, who, conversation_id)
    messages = await queries.transcript(session, conversation)
    return TranscriptOut.model_validate(
        {"items": [MessageOut.model_validate(m) for m in messages], "state": conversation.state}
    )


@router.get("/{conversation_id}/events")
async def follow(
    conversation_id: UUID, request: Request, parts: ContainerDep, who: CallerDep,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> EventSourceResponse:  # fmt: skip
    "Live events of the conversation; after a break they go on behind Last-Event-ID."
    async with parts.database.transaction() as session:
        await queries.load(session, who, conversation_id)
        after = int(last) if last and last.isdigit() else await latest_event(session, conversation_id)
    return EventSourceResponse(_events(parts, conversation_id, after), ping=HEARTBEAT_S)


@router.post("/{conversation_id}/handoff")
async def hand_off(
    conversation_id: UUID, wanted: HandoffRequest, parts: ContainerDep, who: CallerDep, session: SessionDep, now: NowDep
) -> TurnOut:
    "Ask for a person."
    conversation = await queries.load(session, who, conversation_id, lock=True)
    if conversation.state in ("queued", "agent"):
        return TurnOut.model_validate({"messages": [], "state": conversation.state, "degraded": []})
    turn = make_turn(session, parts.services, conversation, None, now)
    reply = await to_a_person(turn, wanted.reason or "asked")
    keep_memory(conversation, turn)
    message = Message(
        conversation_id=conversation_id, author="assistant", text=reply.text, language=conversation.language,
        citations=[], quick_replies=[], actions=reply.actions, degraded=[], created_at=now,
    )  # fmt: skip
    stored = MessageOut.model_validate(await service.store(session, message))
    return TurnOut.model_validate({"messages": [stored], "state": conversation.state, "degraded": []})


@router.post("/{conversation_id}/rating")
async def rate(
    conversation_id: UUID, rating: RatingRequest, who: CallerDep, session: SessionDep, now: NowDep
) -> RatingRequest:
    "Rate the conversation, also after its end."
    if participant(who, conversation_id) is None:
        raise NotFound("conversation")
    conversation = await queries.load(session, who, conversation_id, lock=True)
    service.rate(session, conversation, rating.score, rating.comment, now)
    return rating


@router.post("/{conversation_id}/{step}")
async def take_step(
    conversation_id: UUID, step: Literal["claim", "release", "close"], parts: ContainerDep, who: StaffDep, session: SessionDep,
    now: NowDep,
) -> ConversationOut:  # fmt: skip
    "An agent claims, gives back or closes a conversation; what the assistant was in the middle of is over."
    conversation = await queries.load(session, who, conversation_id, lock=True)
    take = {"claim": service.claim, "release": service.release, "close": service.close}[step]
    await take(session, who, conversation, now)
    if step == "release":
        await parts.rasa.forget(str(conversation_id))
    return ConversationOut.model_validate(conversation)


async def _say_as_agent(parts: Container, who: Staff, conversation_id: UUID, new: MessageNew) -> TurnOut:
    text = clean_text(new.text)
    if not text:
        raise Invalid.field("text", "Write something to send.")
    async with parts.database.transaction() as session:
        conversation = await queries.load(session, who, conversation_id, lock=True)
        known = new.client_message_id and await queries.message_by_client_id(
            session, conversation_id, new.client_message_id
        )
        message = known or await service.say_as_agent(
            session, who, conversation, text, new.client_message_id, utc_now()
        )
        stored = MessageOut.model_validate(message)
        return TurnOut.model_validate({"messages": [stored], "state": conversation.state, "degraded": []})


async def _events(parts: Container, conversation_id: UUID, after: int) -> AsyncIterator[ServerSentEvent]:
    with parts.hub.following(conversation_id, after) as events:
        async for event in events:
            yield ServerSentEvent(json.dumps(event.payload, ensure_ascii=False), id=str(event.id), event=event.type)
