"What tickets say and take over HTTP."

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from actions.tickets.lifecycle import Kind, Priority, Queue, State
from core.languages import Language

Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Request(BaseModel):
    "A body that refuses fields it does not know."

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class TicketNew(Request):
    "A new ticket; kind, queue and priority are decided by the system when absent."

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"subject": "Card is cracked", "description": "Please send me a replacement card"}]
        },
    )

    subject: Line
    description: Text
    kind: Kind | None = None
    queue: Queue | None = None
    priority: Priority | None = None
    customer_id: UUID | None = None
    conversation_id: UUID | None = None
    language: Language | None = None


class TicketChangeRequest(Request):
    "Fields to change; what is absent stays."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"priority": "high"}]})

    subject: Line | None = None
    kind: Kind | None = None
    priority: Priority | None = None


class TransitionRequest(Request):
    "A step of the lifecycle."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "open"}]})

    to: State
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class CommentRequest(Request):
    "A comment to the customer (public) or among staff (internal)."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "On its way", "visibility": "public"}]}
    )

    text: Text
    visibility: Literal["public", "internal"] = "internal"


class AssignRequest(Request):
    "A person or a queue."

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"queue": "cards"}]})

    assignee: UUID | None = None
    queue: Queue | None = None


class MergeRequest(Request):
    "The ticket that goes on."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"into": "00000000-0000-4000-8000-000000000000"}]}
    )

    into: UUID


class RootCauseRequest(Request):
    "Why it happened."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"code": "process.delivery", "note": "Wrong address"}]}
    )

    code: Annotated[str, StringConstraints(pattern=r"^(process|product|people|system|third_party)(\.[a-z_]+)*$")]
    note: Annotated[str, StringConstraints(max_length=1000)]


class TicketOut(BaseModel):
    "A ticket."

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    subject: str
    description: str
    language: Language
    kind: Kind
    queue: Queue
    priority: Priority
    state: State
    version: int
    customer_id: UUID | None
    conversation_id: UUID | None
    assignee_id: UUID | None
    routing: dict[str, Any]
    first_response_due: datetime
    resolution_due: datetime
    first_responded_at: datetime | None
    resolved_at: datetime | None
    root_cause: str | None
    created_at: datetime
    updated_at: datetime


class CommentOut(BaseModel):
    "A comment."

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    author: str
    text: str
    visibility: Literal["public", "internal"]
    created_at: datetime


class ChangeOut(BaseModel):
    "A step of the history."

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    actor: str
    what: str
    before: str | None
    after: str | None
    reason: str | None
