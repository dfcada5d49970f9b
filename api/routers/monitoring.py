"""Monitoring of transactions: its parameters, trials, and the cases that its alerts are gathered into."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select

from actions.compliance.models import Alert
from actions.compliance.monitoring import service
from actions.compliance.monitoring.models import ComplianceCase
from actions.compliance.monitoring.rules import Parameters
from actions.compliance.monitoring.service import Disposition
from actions.compliance.schemas import AlertOut
from actions.customers.models import Account
from api.dependencies import BusinessDep, Listing, NowDep, PageDep, SessionDep, StaffDep
from core.errors import Invalid, NotFound
from core.identity import require
from core.paging import fetch_page

router = APIRouter(prefix="/v1/compliance", tags=["compliance"])
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=4000)]
MAX_JUDGED = timedelta(days=90)


class ParametersOut(BaseModel):
    """The limits in use."""

    version: int
    parameters: Parameters


class JudgeRequest(BaseModel):
    """An account whose newest bookings are to be judged."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "account_id": "00000000-0000-4000-8000-000000000000",
                    "since": "2026-11-01T00:00:00Z",
                }
            ]
        },
    )

    account_id: UUID
    since: datetime


class CaseOut(BaseModel):
    """A case."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    state: str
    disposition: str | None
    reason: str | None
    proposed_by: str | None
    decided_by: str | None
    draft: str | None
    ticket: str
    created_at: datetime
    closed_at: datetime | None


class CaseDetail(CaseOut):
    """With its alerts."""

    alerts: list[AlertOut]


class ProposalRequest(BaseModel):
    """How a case should end."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"disposition": "no_suspicion", "reason": "Sale of a car, contract seen"}]
        },
    )

    disposition: Disposition
    reason: Reason


class CaseDecisionRequest(BaseModel):
    """Whether it ends so."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"approve": True, "reason": "The papers bear it out"}]},
    )

    approve: bool
    reason: Reason


@router.get("/monitoring/parameters")
async def read_parameters(who: BusinessDep, session: SessionDep) -> ParametersOut:
    """The limits of the rules."""
    require(who, "compliance:read")
    version, parameters = await service.parameters_in_use(session)
    return ParametersOut(version=version, parameters=parameters)


@router.put("/monitoring/parameters")
async def change_parameters(
    body: Parameters, who: StaffDep, session: SessionDep, now: NowDep
) -> ParametersOut:
    """New limits."""
    row = await service.set_parameters(session, who, body, now)
    return ParametersOut(version=row.version, parameters=body)


@router.post("/monitoring/trials")
async def try_parameters(
    body: Parameters,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> dict[str, int]:
    """How many alerts each rule would have raised in the last days with these limits; nothing is kept."""
    return await service.try_parameters(session, who, body, now - timedelta(days=days), now)


@router.post("/monitoring/judgements")
async def judge(
    body: JudgeRequest, who: BusinessDep, session: SessionDep, now: NowDep
) -> dict[str, int]:
    """Judge an account's bookings as they arrive; says how many alerts are new."""
    require(who, "compliance:check")
    if not now - MAX_JUDGED <= body.since <= now:
        raise Invalid.field("since", "monitoring.period_too_long", days=MAX_JUDGED.days)
    if await session.get(Account, body.account_id) is None:
        raise NotFound("account")
    return {"alerts": len(await service.judge_account(session, body.account_id, body.since, now))}


@router.get("/cases")
async def list_cases(
    who: StaffDep,
    session: SessionDep,
    page: PageDep,
    state: Annotated[str | None, Query(max_length=20)] = None,
) -> Listing[CaseOut]:
    """Cases, the newest first."""
    rows = service.visible_cases(who)
    rows = rows.where(ComplianceCase.state == state) if state else rows
    rows_read, cursor = await fetch_page(
        session, rows, page, ComplianceCase.created_at, ComplianceCase.id
    )
    return Listing(items=[CaseOut.model_validate(case) for case in rows_read], next_cursor=cursor)


@router.get("/cases/{case_id}")
async def read_case(case_id: UUID, who: StaffDep, session: SessionDep) -> CaseDetail:
    """A case with its alerts."""
    case = await service.case_by_id(session, who, case_id)
    alerts = await session.scalars(
        select(Alert).where(Alert.case_id == case.id).order_by(Alert.created_at, Alert.id)
    )
    fields = CaseOut.model_validate(case).model_dump()
    return CaseDetail(**fields, alerts=[AlertOut.model_validate(alert) for alert in alerts])


@router.post("/cases/{case_id}/proposal")
async def propose(
    case_id: UUID, body: ProposalRequest, who: StaffDep, session: SessionDep
) -> CaseOut:
    """Say how the case should end."""
    case = await service.case_by_id(session, who, case_id, lock=True)
    return CaseOut.model_validate(
        await service.propose(session, who, case, body.disposition, body.reason)
    )


@router.post("/cases/{case_id}/decision")
async def decide(
    case_id: UUID, body: CaseDecisionRequest, who: StaffDep, session: SessionDep, now: NowDep
) -> CaseOut:
    """Approve what another person proposed, or send it back."""
    case = await service.case_by_id(session, who, case_id, lock=True)
    done = await service.conclude(
        session, who, case, approve=body.approve, reason=body.reason, now=now
    )
    return CaseOut.model_validate(done)
