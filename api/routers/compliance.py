"Compliance: screenings, comparisons, checkpoints, alerts."

from __future__ import annotations

from fastapi import APIRouter

from actions.compliance import queries, service
from actions.compliance.models import Alert
from actions.compliance.names import compare
from actions.compliance.schemas import (
    AlertOut,
    CheckOut,
    CheckRequest,
    CompareOut,
    CompareRequest,
    ScreeningOut,
    ScreeningRequest,
)  # fmt: skip
from api.dependencies import BusinessDep, ContainerDep, Listing, NowDep, PageDep, SessionDep
from core.identity import require
from core.paging import fetch_page

router = APIRouter(prefix="/v1/compliance", tags=["compliance"])


@router.post("/screenings")
async def screen(wanted: ScreeningRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep) -> ScreeningOut:
    "Screen a name against the watchlist."
    return await service.screen(session, who, parts.watchlist, wanted)


@router.post("/screenings/compare")
async def compare_names(wanted: CompareRequest, who: BusinessDep) -> CompareOut:
    "Whether two names would match, and why."
    require(who, "compliance:screen")
    result = compare(wanted.name, wanted.other, wanted.type)
    return CompareOut(score=result.score, match=result.match, reasons=list(result.reasons))


@router.post("/checks")
async def check(
    wanted: CheckRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> CheckOut:
    "Decide a checkpoint for a customer."
    return await service.check(session, who, parts.watchlist, wanted, now)


@router.get("/alerts")
async def list_alerts(who: BusinessDep, session: SessionDep, page: PageDep) -> Listing[AlertOut]:
    "Alerts, newest first."
    found, cursor = await fetch_page(session, queries.visible_alerts(who), page, Alert.created_at, Alert.id)
    return Listing(items=[AlertOut.model_validate(a) for a in found], next_cursor=cursor)
