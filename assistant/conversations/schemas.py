"""What conversations say and take over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from actions.tickets.lifecycle import Queue
from assistant.dialogue.readings import Stance
from core.errors import InvalidValue
from core.languages import MAX_MESSAGE, Language

Channel = Literal["web", "app", "phone", "email", "social", "branch"]
State = Literal["assistant", "queued", "agent", "closed"]
Author = Literal["assistant", "agent", "customer", "system"]
NoteText = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
RAW_MESSAGE = (
    4 * MAX_MESSAGE
)  # what is refused; between this and MAX_MESSAGE it is read up to MAX_MESSAGE


class ConversationNew(BaseModel):
    """A new conversation; with an identity token it is the customer's."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"channel": "web", "language": "en"}]}
    )

    channel: Channel
    language: Language | None = None
    identity_token: Annotated[str, StringConstraints(max_length=4000)] | None = None


class TakeUp(BaseModel):
    """Who wants to go on with an open conversation, on this or another device."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"identity_token": "eyJhbGciOi..."}]}
    )

    identity_token: Annotated[str, StringConstraints(max_length=4000)]


class ConversationMade(BaseModel):
    """The conversation with the token that speaks in it; the token cannot be read again."""

    id: UUID
    token: str
    state: State
    language: Language


class ConversationOut(BaseModel):
    """A conversation in the inbox."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    channel: Channel
    language: Language
    state: State
    queue: str | None
    customer_id: UUID | None
    agent_id: UUID | None
    handoff_reason: str | None
    priority: Literal["low", "normal", "high", "urgent"]
    signals: list[dict[str, object]]
    queued_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ConversationState(ConversationOut):
    """A conversation by itself: the place in the queue (1 is next), and the person who is there."""

    place: int | None = None
    agent_name: str | None = None


class InboxEntry(ConversationOut):
    """A conversation in the inbox; the customer's name for those who may know it."""

    customer_name: str | None
    agent_name: str | None
    last_author: str | None
    last_text: str | None
    last_at: datetime | None

    @staticmethod
    def plain(conversation: object) -> dict[str, object]:
        """What the list shows of a conversation."""
        return ConversationOut.model_validate(conversation).model_dump()


class InboxOut(BaseModel):
    """A view of the inbox, and how many there are in each."""

    items: list[InboxEntry]
    counts: dict[str, int]


class Transfer(BaseModel):
    """To whom a conversation goes: a team or a colleague; the note is for them alone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"queue": "cards", "note": "Lost card, new one wanted"}]},
    )

    queue: Queue | None = None
    agent_id: UUID | None = None
    note: NoteText | None = None

    @model_validator(mode="after")
    def _one_goal(self) -> Self:
        if (self.queue is None) == (self.agent_id is None):
            raise InvalidValue("transfer.one_goal")
        return self


class NoteNew(BaseModel):
    """A line among staff."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Called twice this week."}]}
    )

    text: NoteText


class NoteOut(BaseModel):
    """A line among staff, and who wrote it."""

    id: UUID
    author: str
    text: str
    created_at: datetime


class ReadyLine(BaseModel):
    """A ready answer, filled in."""

    text: str


class MessageNew(BaseModel):
    """A message; with `client_message_id` it may be sent again and is answered once."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "I lost my card", "client_message_id": "1"}]},
    )

    text: Annotated[str, StringConstraints(max_length=RAW_MESSAGE)]
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class MessageOut(BaseModel):
    """A message of the transcript."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    author: Author
    text: str
    language: Language
    citations: list[dict[str, object]]
    quick_replies: list[dict[str, object]]
    actions: list[dict[str, object]]
    client_message_id: str | None = None  # as its sender named it
    created_at: datetime


class ActiveFlow(BaseModel):
    """The flow that is open after the turn: the number of its step, and the slot that is asked for."""

    name: str
    step: int
    collecting: str | None


class ClauseOut(BaseModel):
    """A clause of the message as it was understood; `flow` is what it is about, whatever its stance."""

    text: str
    intent: str
    flow: str | None
    stance: Stance
    confidence: float


class TurnTraceOut(BaseModel):
    """A turn as the engine saw it: what was read, the commands, and the dialogue stack before and after."""

    model_config = ConfigDict(from_attributes=True)

    message_id: UUID
    reading: dict[str, object]
    commands: list[dict[str, object]]
    stack_before: list[dict[str, object]]
    stack_after: list[dict[str, object]]
    created_at: datetime


class TurnOut(BaseModel):
    """What was answered; `degraded` names the parts that were down. `understood` is for staff and applications."""

    messages: list[MessageOut]
    state: State
    degraded: list[str]
    active_flow: ActiveFlow | None = None
    understood: list[ClauseOut] | None = None


class TranscriptOut(BaseModel):
    """The whole conversation."""

    items: list[MessageOut]
    next_cursor: None = None
    state: State


class TicketCard(BaseModel):
    """How a ticket stands, as its customer may know it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    subject: str
    state: str
    first_response_due: datetime
    first_responded_at: datetime | None
    resolution_due: datetime
    resolved_at: datetime | None


class HandoffRequest(BaseModel):
    """Why a person is wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "asked"}]})

    reason: Annotated[str, StringConstraints(max_length=300)] | None = None


class RatingRequest(BaseModel):
    """How it was, from 1 to 5."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"score": 5}]})

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None
