"""The rule book over REST: what the bank decides about its tickets as data, and the routing rules with their trials."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import select

from actions.tickets.routing.models import RoutingModel
from actions.tickets.routing.training import retire_model
from actions.tickets.routing.trial import try_rules
from actions.tickets.tasks import recompute_sla
from actions.tickets.ticket_config.contents import EntryKind
from actions.tickets.ticket_config.models import ConfigEntry
from actions.tickets.ticket_config.service import entries_of, publish_draft, put_entry, retire_entry
from api.dependencies import (
    ContainerDep,
    IfMatchHeader,
    Listing,
    NowDep,
    SessionDep,
    StaffDep,
    if_match,
)
from assistant.routing import train_with_corrections
from core.bounds import MAX_MEMBERS, Code, Version
from core.identity import actor, require
from core.localized_text import ShownJson

router = APIRouter(prefix="/v1/rulebook", tags=["rule book"])
ContentBody = Annotated[
    dict[Code, JsonValue],
    Field(max_length=MAX_MEMBERS),
    Body(examples=[{"names": {"en": "Process: delivery", "zh": "流程：配送"}}]),
]  # of a kind's own form, here a cause
CodePath = Annotated[str, Path(pattern=r"^[a-z0-9_]+([.-][a-z0-9_]+)*$", max_length=80)]


class EntryOut(BaseModel):
    """A version of an entry."""

    model_config = ConfigDict(from_attributes=True)

    kind: EntryKind
    code: str
    version: int
    state: str
    content: dict[str, JsonValue]
    changed_by: str
    changed_at: datetime


class TrialOut(BaseModel):
    """What draft rules would have changed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    tried: int
    result: ShownJson
    created_at: datetime


class ModelOut(BaseModel):
    """A classifier that was trained here."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    live: bool
    examples: int
    corrections: int
    measured: dict[str, JsonValue]
    made_by: str
    made_at: datetime


@router.get("/routing/models")
async def list_models(who: StaffDep, session: SessionDep) -> Listing[ModelOut]:
    """Classifiers trained with the staff's corrections, the newest first; without any, the product's own is used."""
    require(who, "tickets:configure")
    models = (
        await session.scalars(select(RoutingModel).order_by(RoutingModel.version.desc()).limit(50))
    ).all()
    return Listing(items=[ModelOut.model_validate(m) for m in models], next_cursor=None)


@router.post("/routing/models", status_code=202)
async def train_model(who: StaffDep, session: SessionDep) -> dict[str, str]:
    """Train the classifier with what staff put right; it is used when it is not worse."""
    require(who, "tickets:configure")
    await train_with_corrections.defer(session, lock="routing", by=actor(who))
    return {"state": "queued"}


@router.delete("/routing/models/{version}", status_code=204)
async def withdraw_model(version: Version, who: StaffDep, session: SessionDep) -> None:
    """Go back to the classifier before."""
    await retire_model(session, who, version)


@router.post("/routing/routing/{version}/trials", status_code=201)
async def try_draft(
    version: Version,
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> TrialOut:
    """Try a version of the rules on the newest tickets: what would have changed."""
    trial = await try_rules(session, who, version, limit, now)
    return TrialOut.model_validate(trial)


@router.get("/{kind}")
async def list_entries(kind: EntryKind, who: StaffDep, session: SessionDep) -> Listing[EntryOut]:
    """Live entries of a kind."""
    require(who, "tickets:read")
    entries = (await session.scalars(entries_of(kind))).all()
    return Listing(items=[EntryOut.model_validate(e) for e in entries], next_cursor=None)


@router.get("/{kind}/{code}")
async def read_entry(
    kind: EntryKind, code: CodePath, who: StaffDep, session: SessionDep
) -> Listing[EntryOut]:
    """Every version of an entry, the newest first."""
    require(who, "tickets:read")
    entries = (await session.scalars(entries_of(kind, code))).all()
    return Listing(items=[EntryOut.model_validate(e) for e in entries], next_cursor=None)


@router.put("/{kind}/{code}")
async def change_entry(
    kind: EntryKind,
    code: CodePath,
    content: ContentBody,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    draft: bool = False,
    if_match_header: IfMatchHeader = None,
) -> EntryOut:
    """A new entry, or a new version of one (If-Match has the live version); a draft does nothing until it is published."""
    expected = if_match(if_match_header) if if_match_header is not None else None
    entry = await put_entry(session, who, kind, code, content, now, expected=expected, draft=draft)
    await _follow(session, entry)
    return EntryOut.model_validate(entry)


@router.post("/{kind}/{code}/{version}/publish")
async def publish_entry(
    kind: EntryKind,
    code: CodePath,
    version: Version,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> EntryOut:
    """Make a draft, or an earlier version, live."""
    entry = await publish_draft(session, who, kind, code, version, now)
    await _follow(session, entry)
    return EntryOut.model_validate(entry)


@router.delete("/{kind}/{code}", status_code=204)
async def remove_entry(
    kind: EntryKind, code: CodePath, who: StaffDep, session: SessionDep, now: NowDep
) -> None:
    """Take an entry out of use."""
    await retire_entry(session, who, kind, code, now)


async def _follow(session: SessionDep, entry: ConfigEntry) -> None:
    """Clocks follow a calendar or a promise that changed, by a job."""
    if entry.state == "live" and entry.kind in ("calendar", "policy", "jurisdiction"):
        await recompute_sla.defer(session, lock="sla")
