"""Flows over REST: versions proposed by one person, approved by another, published and withdrawn; and the assistant's switches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.dependencies import IfMatch, Listing, NowDep, SessionDep, StaffDep
from assistant.dialogue.flows import service
from assistant.dialogue.flows.drawing import draw
from assistant.dialogue.flows.models import FlowSource, FlowState, FlowVersion
from assistant.dialogue.flows.queries import newest_versions, versions_of
from assistant.dialogue.flows.switches import Switches, read_switches, set_switches
from core.bounds import MAX_MEMBERS, Code, Version
from core.errors import NotFound
from core.identity import require

router = APIRouter(tags=["flows"])
FlowName = Annotated[str, Path(pattern=r"^[a-z0-9_]+([.-][a-z0-9_]+)*$", max_length=80)]
EXAMPLE = {
    "name": "order_cheques",
    "title": {"en": "Order cheques", "zh": "申领支票"},
    "description": {"en": "New cheques by post.", "zh": "邮寄新支票。"},
    "start": {"intents": ["order_cheques"]},
    "effect": "writes",
    "steps": [
        {"collect": "description", "type": "description", "ask": "dialogue.ask_description"},
        {"confirm": "dialogue.confirm_new_ticket", "show": ["description"]},
        {"call": "tickets.open", "slots": ["description"]},
    ],
}
FlowBody = Annotated[
    dict[Code, JsonValue], Field(max_length=MAX_MEMBERS), Body(examples=[EXAMPLE])
]  # as a flow's file has it


class FlowOut(BaseModel):
    """A version of a flow. `source` says whether the product came with it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    version: int
    state: FlowState
    source: FlowSource
    definition: dict[str, JsonValue]
    author: str
    created_at: datetime
    approver: str | None
    approved_at: datetime | None
    changed_by: str
    changed_at: datetime


class GraphOut(BaseModel):
    """A flow as a graph in Mermaid."""

    mermaid: str


class SwitchesOut(Switches):
    """What is off, and since when; version 0 before anybody switched anything."""

    model_config = ConfigDict(extra="ignore")

    version: int
    changed_by: str | None
    changed_at: datetime | None


@router.get("/v1/flows")
async def list_flows(who: StaffDep, session: SessionDep) -> Listing[FlowOut]:
    """The newest version of each flow."""
    require(who, service.PERMISSION)
    rows = (await session.scalars(newest_versions())).all()
    return Listing(items=[FlowOut.model_validate(row) for row in rows], next_cursor=None)


@router.post("/v1/flows", status_code=201)
async def propose_flow(
    content: FlowBody, who: StaffDep, session: SessionDep, now: NowDep
) -> FlowOut:
    """A new version as a draft; 422 names each place that is wrong."""
    return FlowOut.model_validate(await service.propose(session, who, content, now))


@router.get("/v1/flows/{name}")
async def read_flow(name: FlowName, who: StaffDep, session: SessionDep) -> Listing[FlowOut]:
    """Every version of a flow, the newest first."""
    require(who, service.PERMISSION)
    rows = (await session.scalars(versions_of(name))).all()
    if not rows:
        raise NotFound("flow")
    return Listing(items=[FlowOut.model_validate(row) for row in rows], next_cursor=None)


@router.get("/v1/flows/{name}/{version}/graph")
async def draw_flow(
    name: FlowName, version: Version, who: StaffDep, session: SessionDep
) -> GraphOut:
    """A version as a graph."""
    require(who, service.PERMISSION)
    row = await session.get(FlowVersion, (name, version))
    if row is None:
        raise NotFound("flow")
    return GraphOut(mermaid=draw(service.definition_of(row)))


@router.post("/v1/flows/{name}/{version}/approve")
async def approve_flow(
    name: FlowName, version: Version, who: StaffDep, session: SessionDep, now: NowDep
) -> FlowOut:
    """Approve a draft that somebody else wrote."""
    return FlowOut.model_validate(await service.approve(session, who, name, version, now))


@router.post("/v1/flows/{name}/{version}/publish")
async def publish_flow(
    name: FlowName, version: Version, who: StaffDep, session: SessionDep, now: NowDep
) -> FlowOut:
    """Use an approved version from now on, or go back to one that was replaced."""
    return FlowOut.model_validate(await service.publish(session, who, name, version, now))


@router.post("/v1/flows/{name}/{version}/withdraw")
async def withdraw_flow(
    name: FlowName, version: Version, who: StaffDep, session: SessionDep, now: NowDep
) -> FlowOut:
    """Use a version no more; conversations that are in it end the flow politely."""
    return FlowOut.model_validate(await service.withdraw(session, who, name, version, now))


@router.get("/v1/assistant/switches")
async def get_switches(who: StaffDep, session: SessionDep) -> SwitchesOut:
    """What is switched off."""
    switches, row = await read_switches(session)
    return SwitchesOut(
        **dict(switches),
        version=row.version if row else 0,
        changed_by=row.changed_by if row else None,
        changed_at=row.changed_at if row else None,
    )


@router.put("/v1/assistant/switches")
async def put_switches(
    body: Switches, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> SwitchesOut:
    """Switch the assistant, flows or operations off or on, at once; If-Match has the version that was read."""
    row = await set_switches(session, who, body, now, expected)
    return SwitchesOut(
        **dict(body), version=row.version, changed_by=row.changed_by, changed_at=row.changed_at
    )
