"""Causes: groups of tickets by meaning, problems, corrective actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from actions.tickets import service as tickets
from actions.tickets.lifecycle import Queue
from actions.tickets.models import Ticket
from actions.tickets.problems import service
from actions.tickets.problems.models import Problem
from actions.tickets.problems.service import TicketGroup
from actions.tickets.schemas import TicketOut
from api.dependencies import ContainerDep, Listing, NowDep, PageDep, SessionDep, StaffDep
from core.bounds import Code, Day, Instant
from core.identity import require
from core.paging import fetch_page

router = APIRouter(prefix="/v1", tags=["causes"])
PERIOD = timedelta(days=30)


class ProblemOut(BaseModel):
    """A problem."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str
    title: str
    state: Literal["open", "known", "closed"]
    cause: str | None
    began_with: UUID | None
    evidence: dict[str, JsonValue]
    opened_by: str
    created_at: datetime


class ActionOut(BaseModel):
    """A corrective action with its effect."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    what: str
    owner_id: UUID
    due_on: date
    done_at: datetime | None
    measured_days: int
    before: int | None
    after: int | None


class ProblemDetail(ProblemOut):
    """A problem with what is done about it."""

    actions: list[ActionOut] = []


class ProblemNew(BaseModel):
    """A problem from a ticket."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"ticket_id": "00000000-0000-4000-8000-000000000000"}]},
    )

    ticket_id: UUID
    title: Annotated[str, StringConstraints(min_length=3, max_length=200)] | None = None


class ProblemChange(BaseModel):
    """What is known of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"state": "closed", "cause": "system.outage"}]},
    )

    state: Literal["open", "known", "closed"] | None = None
    cause: Code | None = None


class ActionNew(BaseModel):
    """Something to do, by somebody, by a day."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "what": "Second supplier for cards",
                    "owner_id": "00000000-0000-4000-8000-000000000000",
                    "due_on": "2026-12-31",
                }
            ]
        },
    )

    what: Annotated[str, StringConstraints(min_length=3, max_length=1000)]
    owner_id: UUID
    due_on: Day
    measured_days: Annotated[int, Field(ge=1, le=365)] = service.EFFECT_DAYS


@router.get("/tickets/groups")
async def list_groups(
    who: StaffDep,
    parts: ContainerDep,
    session: SessionDep,
    now: NowDep,
    queue: Queue | None = None,
    start: Annotated[Instant | None, Query(alias="from")] = None,
    end: Annotated[Instant | None, Query(alias="to")] = None,
    least: Annotated[int, Query(ge=2, le=1000)] = 3,
) -> list[TicketGroup]:
    """Tickets of a period that mean the same, with counts, trend, and the ticket that began each group."""
    require(who, "tickets:read")
    until = end or now
    return await service.grouped(
        session,
        who,
        parts.search.encoder.name,
        start or until - PERIOD,
        until,
        queue=queue,
        minimum=least,
    )


@router.get("/problems")
async def list_problems(who: StaffDep, session: SessionDep, page: PageDep) -> Listing[ProblemOut]:
    """Problems, the newest first."""
    require(who, "tickets:read")
    rows_read, cursor = await fetch_page(
        session, service.problems(), page, Problem.created_at, Problem.id
    )
    return Listing(items=[ProblemOut.model_validate(p) for p in rows_read], next_cursor=cursor)


@router.post("/problems", status_code=201)
async def open_problem(
    new: ProblemNew, who: StaffDep, parts: ContainerDep, session: SessionDep, now: NowDep
) -> ProblemOut:
    """Open a problem from a ticket."""
    ticket = await tickets.load(session, who, new.ticket_id)
    opened = await service.problem_of_ticket(
        session, who, ticket, new.title, parts.search.encoder, now
    )
    return ProblemOut.model_validate(opened)


@router.get("/problems/{problem_id}")
async def read_problem(problem_id: UUID, who: StaffDep, session: SessionDep) -> ProblemDetail:
    """One problem with its corrective actions."""
    problem = ProblemOut.model_validate(await service.load_problem(session, who, problem_id))
    corrective = (await session.scalars(service.actions_of(problem_id))).all()
    return ProblemDetail(
        **problem.model_dump(), actions=[ActionOut.model_validate(a) for a in corrective]
    )


@router.patch("/problems/{problem_id}")
async def change_problem(
    problem_id: UUID, body: ProblemChange, who: StaffDep, session: SessionDep, now: NowDep
) -> ProblemOut:
    """Name the cause, change the state."""
    problem = await service.load_problem(session, who, problem_id)
    changed = await service.change_problem(
        session, who, problem, state=body.state, cause=body.cause, now=now
    )
    return ProblemOut.model_validate(changed)


@router.get("/problems/{problem_id}/tickets")
async def list_problem_tickets(
    problem_id: UUID, who: StaffDep, session: SessionDep, page: PageDep
) -> Listing[TicketOut]:
    """Tickets of a problem."""
    await service.load_problem(session, who, problem_id)
    rows = service.tickets_of(who, problem_id)
    rows_read, cursor = await fetch_page(session, rows, page, Ticket.created_at, Ticket.id)
    return Listing(items=[TicketOut.model_validate(t) for t in rows_read], next_cursor=cursor)


@router.post("/problems/{problem_id}/actions", status_code=201)
async def add_action(
    problem_id: UUID, new: ActionNew, who: StaffDep, session: SessionDep, now: NowDep
) -> ActionOut:
    """Decide on a corrective action."""
    problem = await service.load_problem(session, who, problem_id)
    action = await service.add_action(
        session,
        who,
        problem,
        what=new.what,
        owner_id=new.owner_id,
        due_on=new.due_on,
        measured_days=new.measured_days,
        now=now,
    )
    return ActionOut.model_validate(action)


@router.post("/problems/actions/{action_id}/done")
async def finish_action(
    action_id: UUID, who: StaffDep, session: SessionDep, now: NowDep
) -> ActionOut:
    """It is done; its effect will be measured."""
    return ActionOut.model_validate(await service.finish_action(session, who, action_id, now))
