"""What the view of a customer says over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from actions.customers.schemas import Portrait


class Part(BaseModel):
    """A part of the profile with where it comes from and when it was read there."""

    source: str
    as_of: datetime
    items: Sequence[Mapping[str, object]]


class Profile(BaseModel):
    """The unified view."""

    identity: Part
    contacts: Part
    accounts: Part
    cards: Part
    loans: Part
    holdings: Part
    transactions: Part
    tickets: Part
    conversations: Part
    timeline: Part
    life_events: Part
    household: Part
    relationship_manager: Part
    consents: Part
    alerts: Part
    portrait: Portrait


class TimelineEntry(BaseModel):
    """Something that happened with a customer."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    what: Literal["conversation", "ticket", "advice", "life_event", "offer", "lead", "consent"]
    channel: str | None
    id: UUID
    title: str
