"What conversations say and take over HTTP."

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.languages import MAX_MESSAGE, Language

Channel = Literal["web", "app", "phone", "email", "social", "branch"]
State = Literal["assistant", "queued", "agent", "closed"]
RAW_MESSAGE = 4 * MAX_MESSAGE  # what is refused; between this and MAX_MESSAGE it is read up to MAX_MESSAGE


class ConversationNew(BaseModel):
    "A new conversation; with an identity token it is the customer's."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"channel": "web", "language": "en"}]})

    channel: Channel
    language: Language | None = None
    identity_token: Annotated[str, StringConstraints(max_length=4000)] | None = None


class TakeUp(BaseModel):
    "Who wants to go on with an open conversation, on this or another device."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"identity_token": "eyJhbGciOi..."}]})

    identity_token: Annotated[str, StringConstraints(max_length=4000)]


class ConversationMade(BaseModel):
    "The conversation with the token that speaks in it; the token cannot be read again."

    id: UUID
    token: str
    state: State
    language: Language


class ConversationOut(BaseModel):
    "A conversation in the inbox."

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
    signals: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime


class MessageNew(BaseModel):
    "A message; with `client_message_id` it may be sent again and is answered once."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "I lost my card", "client_message_id": "1"}]}
    )

    text: Annotated[str, StringConstraints(max_length=RAW_MESSAGE)]
    client_message_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class MessageOut(BaseModel):
    "A message of the transcript."

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    author: Literal["assistant", "agent", "customer", "system"]
    text: str
    language: Language
    citations: list[dict[str, Any]]
    quick_replies: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    created_at: datetime


class TurnOut(BaseModel):
    "What was answered; `degraded` names the parts that were down."

    messages: list[MessageOut]
    state: State
    degraded: list[str]


class TranscriptOut(BaseModel):
    "The whole conversation."

    items: list[MessageOut]
    next_cursor: None = None
    state: State


class HandoffRequest(BaseModel):
    "Why a person is wanted."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "asked"}]})

    reason: Annotated[str, StringConstraints(max_length=300)] | None = None


class RatingRequest(BaseModel):
    "How it was, from 1 to 5."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"score": 5}]})

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None
