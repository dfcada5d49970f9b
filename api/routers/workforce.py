"""Who works on tickets: presence, profiles, what employees are told."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select
from sse_starlette import EventSourceResponse, ServerSentEvent

from actions.tickets.assignment import (
    AgentProfile,
    Presence,
    agents,
    presence_of,
    set_presence,
    set_profile,
)
from actions.tickets.history import with_names
from actions.tickets.lifecycle import Queue
from actions.tickets.models import Ticket
from actions.tickets.notices import Notice, mark_read, notices_for
from actions.tickets.ticket_config.service import load_ticket_config
from api.container import Container
from api.dependencies import READER, ContainerDep, Listing, NowDep, PageDep, SessionDep, StaffDep
from api.realtime import HEARTBEAT_S
from core.accounts import StaffUser
from core.bounds import Code
from core.identity import require
from core.localized_text import ShownText
from core.paging import fetch_page

router = APIRouter(prefix="/v1/workforce", tags=["workforce"])
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Skill = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$", max_length=40)]


class PresenceRequest(BaseModel):
    """Whether somebody is there."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"presence": "online"}]}
    )

    presence: Presence


class ProfileRequest(BaseModel):
    """What an employee works on."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"queues": ["cards", "payments"], "most_open": 12}]},
    )

    queues: Annotated[list[Queue], Field(max_length=20)]
    skills: Annotated[list[Skill], Field(max_length=50)] = []
    most_open: Annotated[int, Field(ge=0, le=500)]
    calendar: Code | None = None


class AgentOut(BaseModel):
    """An employee with their load."""

    staff_id: UUID
    name: str
    presence: Presence
    queues: list[str]
    skills: list[str]
    languages: list[str]
    open: int
    most_open: int
    on_duty: bool


class NoticeOut(BaseModel):
    """A line for the caller."""

    id: UUID
    ticket_id: UUID
    reference: str
    text: ShownText
    read_at: datetime | None
    created_at: datetime


@router.put("/presence")
async def tell_presence(
    body: PresenceRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> PresenceRequest:
    """The workspace says each minute that its user is there."""
    require(who, "tickets:write")
    await set_presence(session, who, body.presence, now)
    return body


@router.get("/events")
async def watch(who: StaffDep, parts: ContainerDep) -> EventSourceResponse:
    """Live: which conversation, or what else, changed. What it is now is read where it is shown."""
    require(who, "conversations:read")
    return EventSourceResponse(_changes(parts), ping=HEARTBEAT_S)


async def _changes(parts: Container) -> AsyncIterator[ServerSentEvent]:
    with parts.hub.watching() as changes:
        async for change in changes:
            payload = {
                "type": change.type,
                "conversation_id": str(change.conversation_id or "") or None,
            }
            yield ServerSentEvent(json.dumps(payload), event="change")


@router.get("/agents")
async def list_agents(who: StaffDep, session: SessionDep, now: NowDep) -> Listing[AgentOut]:
    """Everybody who works on tickets, with their load."""
    require(who, "tickets:read")
    team = await agents(session, await load_ticket_config(session), now)
    rows = await session.execute(
        select(AgentProfile, StaffUser.name).join(StaffUser, StaffUser.id == AgentProfile.staff_id)
    )
    profiles = {profile.staff_id: (profile, name) for profile, name in rows}
    return Listing(
        items=[
            AgentOut(
                staff_id=a.id,
                name=profiles[a.id][1],
                presence=presence_of(profiles[a.id][0], now),
                queues=list(a.queues),
                skills=list(a.skills),
                languages=list(a.languages),
                open=a.open,
                most_open=a.most_open,
                on_duty=a.on_duty,
            )
            for a in team
        ],
        next_cursor=None,
    )


@router.put("/agents/{staff_id}")
async def change_profile(
    staff_id: UUID, body: ProfileRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> ProfileRequest:
    """Change what an employee works on, and how much at once."""
    await set_profile(
        session,
        who,
        staff_id,
        queues=list(body.queues),
        skills=body.skills,
        most_open=body.most_open,
        calendar=body.calendar,
    )
    return body


@router.get("/notices", dependencies=[READER])
async def list_notices(
    who: StaffDep,
    session: SessionDep,
    page: PageDep,
    unread: bool = True,
) -> Listing[NoticeOut]:
    """What the caller is told, each with the ticket's reference; colleagues are named."""
    rows_read, cursor = await fetch_page(
        session, notices_for(who, unread=unread), page, Notice.created_at, Notice.id
    )
    rows = await session.execute(
        select(Ticket.id, Ticket.reference).where(Ticket.id.in_({n.ticket_id for n in rows_read}))
    )
    ids = {UUID(key) for notice in rows_read for key in _ID.findall(notice.text.en)}
    people = await session.execute(
        select(StaffUser.id, StaffUser.name).where(StaffUser.id.in_(ids))
    )
    named = {str(key): name for key, name in people}
    references = {row.id: row.reference for row in rows}
    items = [
        NoticeOut(
            id=notice.id,
            ticket_id=notice.ticket_id,
            reference=references[notice.ticket_id],
            read_at=notice.read_at,
            created_at=notice.created_at,
            text=with_names(notice.text, named),
        )
        for notice in rows_read
    ]
    return Listing(items=items, next_cursor=cursor)


@router.post("/notices/read", status_code=204)
async def read_notices(who: StaffDep, session: SessionDep, now: NowDep) -> None:
    """The caller has seen them."""
    await mark_read(session, who, now)
