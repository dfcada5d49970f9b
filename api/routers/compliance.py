"""Compliance: screenings, comparisons, checkpoints, alerts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, UploadFile
from pydantic import StringConstraints
from sqlalchemy import select

from actions.compliance import queries, service
from actions.compliance.clearances import clear_pair
from actions.compliance.loading import load_list
from actions.compliance.models import Alert, Watchlist
from actions.compliance.schemas import (
    AlertOut,
    CheckOut,
    CheckRequest,
    ClearanceOut,
    ClearanceRequest,
    CompareOut,
    CompareRequest,
    ReleaseRequest,
    ReplayOut,
    RuleOut,
    ScreeningOut,
    ScreeningRequest,
    WatchlistOut,
)
from actions.compliance.watchlists import Format
from actions.name_matching.comparison import compare
from api.dependencies import (
    READER,
    BusinessDep,
    ContainerDep,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
)
from api.readable import check_form
from core.identity import require
from core.paging import fetch_page

router = APIRouter(prefix="/v1/compliance", tags=["compliance"])


@router.post("/screenings", dependencies=[READER])
async def screen(
    body: ScreeningRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep
) -> ScreeningOut:
    """Screen a name against the watchlist."""
    return await service.screen(session, who, parts.watchlist, body)


@router.post("/screenings/compare", dependencies=[READER])
async def compare_names(body: CompareRequest, who: BusinessDep) -> CompareOut:
    """Whether two names would match, and why."""
    require(who, "compliance:screen")
    result = compare(body.name, body.other, body.type)
    return CompareOut(score=result.score, match=result.match, reasons=list(result.reasons))


@router.post("/checks", dependencies=[READER])
async def check(
    body: CheckRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> CheckOut:
    """Decide a checkpoint for a customer."""
    return await service.check(session, who, parts.watchlist, body, now)


@router.get("/checks/{decision_id}/replay", dependencies=[READER])
async def replay_check(decision_id: UUID, who: BusinessDep, session: SessionDep) -> ReplayOut:
    """A stored decision, decided again from its facts and rule versions."""
    return await service.replay_decision(session, who, decision_id)


@router.post("/checks/{decision_id}/release", status_code=201, dependencies=[READER])
async def release(
    decision_id: UUID, body: ReleaseRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> CheckOut:
    """Let a review through, as another person than who checked; a block cannot be."""
    freed = await service.release(session, who, decision_id, body.reason, now)
    rules = [RuleOut(**vars(rule)) for rule in freed.rules]
    return CheckOut(decision="allow", rules=rules, decision_id=freed.id)


@router.get("/watchlists")
async def list_watchlists(who: BusinessDep, session: SessionDep) -> list[WatchlistOut]:
    """The lists with the reports of their last loads."""
    require(who, "compliance:read")
    return [
        WatchlistOut.model_validate(row)
        for row in await session.scalars(select(Watchlist).order_by(Watchlist.code))
    ]


@router.post("/watchlists/{code}", dependencies=[Depends(check_form)])
async def load_watchlist(
    code: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_-]+$", max_length=40)],
    file: UploadFile,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    form: Annotated[Format, Query(alias="format")],
    shrinking: bool = False,
) -> WatchlistOut:
    """Load a published list; customers are screened again against what is new or changed in it."""
    await load_list(session, who, code, form, file.file, now, shrinking=shrinking)
    return WatchlistOut.model_validate(await session.get_one(Watchlist, code))


@router.post("/clearances", status_code=201)
async def clear(body: ClearanceRequest, who: StaffDep, session: SessionDep) -> ClearanceOut:
    """A customer and an entry are not the same: no more alerts about the two until either changes."""
    clearance = await clear_pair(session, who, body.customer_id, body.entry_id, body.reason)
    return ClearanceOut.model_validate(clearance)


@router.get("/alerts", dependencies=[READER])
async def list_alerts(who: BusinessDep, session: SessionDep, page: PageDep) -> Listing[AlertOut]:
    """Alerts, newest first."""
    rows_read, cursor = await fetch_page(
        session, queries.visible_alerts(who), page, Alert.created_at, Alert.id
    )
    return Listing(
        items=[AlertOut.model_validate(alert) for alert in rows_read], next_cursor=cursor
    )
