"""What tickets say and take over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, computed_field

from actions.tickets.lifecycle import STEPS, Kind, Queue, State
from actions.tickets.priorities import Priority
from actions.tickets.ticket_config.contents import Channel
from core.bounds import MAX_MEMBERS, Code
from core.languages import Language
from core.localized_text import ShownJson, ShownText

Tag = Annotated[
    str, StringConstraints(pattern=r"^[\w][\w .-]*$", max_length=40, strip_whitespace=True)
]
Tags = Annotated[list[Tag], Field(max_length=20)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Request(BaseModel):
    """A body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class TicketNew(Request):
    """A new ticket; kind, queue and priority are decided by the system when absent."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"subject": "Card is cracked", "description": "Please send me a replacement card"}
            ]
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
    channel: Channel | None = None
    contact: Annotated[str, StringConstraints(max_length=200)] | None = (
        None  # of somebody who is no customer
    )
    service: Annotated[str, StringConstraints(max_length=80)] | None = (
        None  # an entry of the service catalogue
    )
    answers: Annotated[dict[Code, JsonValue], Field(max_length=MAX_MEMBERS)] = {}
    tags: Tags = []


class TicketChangeRequest(Request):
    """Fields to change; what is absent stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"priority": "high"}]}
    )

    subject: Line | None = None
    kind: Kind | None = None
    priority: Priority | None = None
    tags: Tags | None = None


class TransitionRequest(Request):
    """A step of the lifecycle."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"to": "open"}]})

    to: State
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class CommentRequest(Request):
    """A comment to the customer (public) or among staff (internal)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "On its way", "visibility": "public"}]},
    )

    text: Text
    visibility: Literal["public", "internal"] = "internal"


class AssignRequest(Request):
    """A person or a queue."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"queue": "cards"}]})

    assignee: UUID | None = None
    queue: Queue | None = None


class MergeRequest(Request):
    """The ticket that goes on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"into": "00000000-0000-4000-8000-000000000000"}]},
    )

    into: UUID


class RootCauseRequest(Request):
    """Why it happened."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"code": "process.delivery", "note": "Wrong address"}]},
    )

    code: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)*$", max_length=80)]
    note: Annotated[str, StringConstraints(max_length=1000)]


class TicketOut(BaseModel):
    """A ticket."""

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
    channel: Channel
    customer_id: UUID | None
    segment: str | None
    conversation_id: UUID | None
    assignee_id: UUID | None
    routing: ShownJson
    service: str | None
    answers: dict[str, JsonValue]
    tags: list[str]
    parent_id: UUID | None
    merged_into: UUID | None
    first_response_due: datetime
    resolution_due: datetime
    next_response_due: datetime | None
    next_due: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    root_cause: str | None
    satisfaction: int | None
    legal_hold: bool
    created_at: datetime
    updated_at: datetime

    @computed_field  # type: ignore[prop-decorator]  # pydantic's way
    @property
    def possible_steps(self) -> list[State]:
        """States that the ticket may go to."""
        return list(STEPS[self.state])


class CommentOut(BaseModel):
    """A comment."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    author: str
    text: str
    visibility: Literal["public", "internal"]
    created_at: datetime


class ChangeOut(BaseModel):
    """A step of the history."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    actor: str
    what: str
    before: str | None
    after: str | None
    reason: ShownText | None


class ClockOut(BaseModel):
    """A promise of a ticket; `due_at` is absent while it waits for the customer."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    due_at: datetime | None
    warn_at: datetime | None
    met_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None


class TicketDetail(TicketOut):
    """A ticket with its clocks."""

    clocks: list[ClockOut] = []
    watchers: list[str]


class LinkRequest(Request):
    """The incident that the ticket belongs to; null takes it off."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"parent": "00000000-0000-4000-8000-000000000000"}]},
    )

    parent: UUID | None


class AnswerAllRequest(Request):
    """One answer to an incident and all under it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "The app works again.", "resolve": True}]},
    )

    text: Text
    resolve: bool = False


class SatisfactionRequest(Request):
    """How content the customer is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"score": 5}]})

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, StringConstraints(max_length=2000)] | None = None
