"""Groups over a period, surges that open a problem, problems with corrective actions, and what these achieved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from pydantic import BaseModel
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.embeddings import read_vectors, to_bytes, vector_of_ticket
from actions.tickets.models import Ticket, TicketVector
from actions.tickets.problems.grouping import (
    ALIKE,
    MIN_TICKETS,
    WEEKS,
    Matrix,
    expected_on,
    groups,
    is_surge,
    trend,
    weekly_counts,
)
from actions.tickets.problems.models import (
    PROBLEM_REFERENCES,
    CorrectiveAction,
    Problem,
    ProblemTicket,
)
from actions.tickets.queries import visible_tickets
from actions.tickets.ticket_config.service import load_ticket_config
from core.accounts import StaffUser
from core.audit import record
from core.errors import Conflict, Invalid, NotFound
from core.identity import Caller, System, actor, require
from core.outbox import emit
from knowledge_base.encoder import Encoder

MAX_GROUPED = 5_000  # tickets of one grouping; the newest count
WATCHED = timedelta(hours=24)  # a surge is looked for in the last day
EFFECT_DAYS = 28
WATCH = System("surges")


class GroupBeginning(BaseModel):
    """The ticket that began a group."""

    id: UUID
    reference: str
    subject: str


class TicketGroup(BaseModel):
    """Tickets of a period that mean the same; counts of its weeks, the present one last, and their slope."""

    count: int
    began_with: GroupBeginning
    began_at: str
    queues: list[str]
    causes: list[str]
    weeks: list[int]
    trend_per_week: float
    tickets: list[str]


@dataclass(frozen=True)
class TicketSummary:
    """What a grouping needs to know of a ticket."""

    id: UUID
    reference: str
    subject: str
    queue: str
    root_cause: str | None
    at: datetime


async def grouped(
    session: AsyncSession,
    caller: Caller,
    encoder: str,
    start: datetime,
    end: datetime,
    *,
    queue: str | None,
    minimum: int,
) -> list[TicketGroup]:
    """Groups of a period with counts, weeks, trend, causes and the ticket that began each."""
    tickets, vectors = await _tickets(session, caller, encoder, start, end, queue)
    weeks = max(1, min(52, (end - start).days // 7 or 1))
    shown = []
    for group in groups(vectors):
        if len(group) < minimum:
            break
        members = [tickets[row] for row in group.rows]
        counts = weekly_counts([t.at.date() for t in members], end.date(), weeks)
        causes = sorted({t.root_cause for t in members if t.root_cause})
        first = members[0]
        shown.append(
            TicketGroup(
                count=len(members),
                began_with=GroupBeginning(
                    id=first.id, reference=first.reference, subject=first.subject
                ),
                began_at=first.at.isoformat(),
                queues=sorted({t.queue for t in members}),
                causes=causes,
                weeks=counts,
                trend_per_week=round(trend(counts), 2),
                tickets=[t.reference for t in members[:50]],
            )
        )
    return shown


async def _tickets(
    session: AsyncSession,
    caller: Caller,
    encoder: str,
    start: datetime,
    end: datetime,
    queue: str | None = None,
) -> tuple[list[TicketSummary], Matrix]:
    """Tickets of a period with their vectors, in order of time; the newest, when there are more than can be grouped."""
    rows = (
        visible_tickets(caller)
        .join(TicketVector, TicketVector.ticket_id == Ticket.id)
        .where(
            TicketVector.encoder == encoder,
            TicketVector.created_at >= start,
            TicketVector.created_at < end,
            Ticket.merged_into.is_(None),
        )
    )
    rows = rows.where(Ticket.queue == queue) if queue else rows
    columns = (
        Ticket.id,
        Ticket.reference,
        Ticket.subject,
        Ticket.queue,
        Ticket.root_cause,
        Ticket.created_at,
        TicketVector.vector,
    )
    newest = (
        rows.with_only_columns(*columns).order_by(TicketVector.created_at.desc()).limit(MAX_GROUPED)
    )
    newest_rows = list(reversed((await session.execute(newest)).all()))
    return [TicketSummary(*row[:6]) for row in newest_rows], read_vectors(
        [row[6] for row in newest_rows]
    )


async def watch_surges(session: AsyncSession, encoder: str, now: datetime) -> list[Problem]:
    """Look for groups of the last day that come more often than their own history; each opens a problem, or joins an open one."""
    tickets, vectors = await _tickets(session, System(), encoder, now - WATCHED, now)
    if len(tickets) < MIN_TICKETS:
        return []
    opened = []
    for group in groups(vectors):
        if len(group) < MIN_TICKETS:
            break
        centre = vectors[group.rows[0]]
        members = [tickets[row] for row in group.rows]
        if (open_problem := await _open_problem_near(session, encoder, centre)) is not None:
            await _link(session, open_problem, [t.id for t in members])
            continue
        earlier = await _days_like(
            session, encoder, centre, now - WATCHED - timedelta(weeks=WEEKS), now - WATCHED
        )
        expected = expected_on(now.date(), earlier)
        if is_surge(len(members), expected):
            opened.append(await _open(session, encoder, centre, members, expected, now))
    return opened


async def _days_like(
    session: AsyncSession, encoder: str, centre: Matrix, start: datetime, end: datetime
) -> list[date]:
    """Days of tickets that mean the same as a vector, read a block at a time."""
    rows = (
        select(TicketVector.created_at, TicketVector.vector)
        .where(
            TicketVector.encoder == encoder,
            TicketVector.created_at >= start,
            TicketVector.created_at < end,
        )
        .execution_options(yield_per=2_000)
    )
    days: list[date] = []
    async for block in (await session.stream(rows)).partitions():
        alike = read_vectors([row[1] for row in block]) @ centre >= ALIKE
        days += [row[0].date() for row, same in zip(block, alike, strict=True) if same]
    return days


async def _open_problem_near(session: AsyncSession, encoder: str, centre: Matrix) -> Problem | None:
    rows = await session.execute(
        select(Problem, Problem.vector).where(Problem.state != "closed", Problem.encoder == encoder)
    )
    near = [
        (float(read_vectors([vector])[0] @ centre), problem) for problem, vector in rows if vector
    ]
    best = max(near, key=lambda entry: entry[0], default=None)
    return best[1] if best and best[0] >= ALIKE else None


async def _open(
    session: AsyncSession,
    encoder: str,
    centre: Matrix,
    members: Sequence[TicketSummary],
    expected: float,
    now: datetime,
) -> Problem:
    first = members[0]
    evidence = {
        "tickets": len(members),
        "expected": round(expected, 2),
        "hours": WATCHED.total_seconds() / 3600,
    }
    problem = await open_problem(
        session,
        WATCH,
        first.subject,
        now,
        began_with=first.id,
        encoder=encoder,
        vector=to_bytes(centre),
        evidence=evidence,
    )
    await _link(session, problem, [t.id for t in members])
    return problem


async def open_problem(
    session: AsyncSession,
    caller: Caller,
    title: str,
    now: datetime,
    *,
    began_with: UUID | None = None,
    encoder: str | None = None,
    vector: bytes | None = None,
    evidence: Mapping[str, object] | None = None,
) -> Problem:
    """A problem record."""
    if not isinstance(caller, System):
        require(caller, "tickets:configure")
    problem = Problem(
        reference=f"P-{await session.scalar(PROBLEM_REFERENCES.next_value())}",
        title=title[:200],
        state="open",
        began_with=began_with,
        encoder=encoder,
        vector=vector,
        evidence=evidence or {},
        opened_by=actor(caller),
        created_at=now,
    )
    session.add(problem)
    await session.flush()
    emit(
        session,
        "problem.opened",
        {"id": str(problem.id), "reference": problem.reference, **problem.evidence},
    )
    await record(session, caller, "problem.opened", f"problem:{problem.id}", problem.evidence)
    return problem


async def problem_of_ticket(
    session: AsyncSession,
    caller: Caller,
    ticket: Ticket,
    title: str | None,
    encoder: Encoder,
    now: datetime,
) -> Problem:
    """A problem that a person opens from a ticket; others that mean the same join it as they come."""
    vector = await vector_of_ticket(session, ticket, encoder)
    problem = await open_problem(
        session,
        caller,
        title or ticket.subject,
        now,
        began_with=ticket.id,
        encoder=encoder.name,
        vector=to_bytes(vector),
    )
    await _link(session, problem, [ticket.id])
    return problem


async def _link(session: AsyncSession, problem: Problem, ticket_ids: Sequence[UUID]) -> None:
    rows = [{"problem_id": problem.id, "ticket_id": ticket_id} for ticket_id in ticket_ids]
    if rows:
        await session.execute(insert(ProblemTicket).values(rows).on_conflict_do_nothing())


async def load_problem(session: AsyncSession, caller: Caller, problem_id: UUID) -> Problem:
    """A problem; staff with tickets may see all."""
    require(caller, "tickets:read")
    problem = await session.get(Problem, problem_id)
    if problem is None:
        raise NotFound("problem")
    return problem


async def change_problem(
    session: AsyncSession,
    caller: Caller,
    problem: Problem,
    *,
    state: str | None,
    cause: str | None,
    now: datetime,
) -> Problem:
    """Name its cause, mark it as known, close it; Conflict to close without a cause."""
    require(caller, "tickets:configure")
    book = await load_ticket_config(session)
    if cause is not None and cause not in book.causes:
        raise Invalid.field("cause", "cause.unknown", cause=cause, available=book.causes)
    problem.cause = cause or problem.cause
    if state == "closed" and problem.cause is None:
        raise Conflict("problem.cause_missing")
    problem.state = state or problem.state
    problem.closed_at = now if problem.state == "closed" else None
    await record(
        session,
        caller,
        "problem.changed",
        f"problem:{problem.id}",
        {"state": state, "cause": cause},
    )
    return problem


async def add_action(
    session: AsyncSession,
    caller: Caller,
    problem: Problem,
    *,
    what: str,
    owner_id: UUID,
    due_on: date,
    measured_days: int,
    now: datetime,
) -> CorrectiveAction:
    """Something to do about it, by somebody, by a day."""
    require(caller, "tickets:configure")
    if (
        await session.scalar(select(StaffUser.id).where(StaffUser.id == owner_id, StaffUser.active))
        is None
    ):
        raise Invalid.field("owner_id", "staff.not_active")
    action = CorrectiveAction(
        problem_id=problem.id,
        what=what,
        owner_id=owner_id,
        due_on=due_on,
        measured_days=measured_days,
        created_at=now,
    )
    session.add(action)
    await session.flush()
    await record(
        session,
        caller,
        "problem.action",
        f"problem:{problem.id}",
        {"action": str(action.id), "due_on": due_on},
    )
    return action


async def finish_action(
    session: AsyncSession, caller: Caller, action_id: UUID, now: datetime
) -> CorrectiveAction:
    """It is done; its effect is measured when as much time has passed after as is counted before."""
    require(caller, "tickets:write")
    action = await session.get(CorrectiveAction, action_id, with_for_update=True)
    if action is None:
        raise NotFound("corrective_action")
    if action.done_at is not None:
        raise Conflict("problem.action_done")
    action.done_at = now
    await record(
        session,
        caller,
        "problem.action_done",
        f"problem:{action.problem_id}",
        {"action": str(action.id)},
    )
    return action


async def measure_effects(session: AsyncSession, now: datetime) -> int:
    """Count tickets that mean the same, before and after each action whose time has come; how many were measured."""
    due = (
        select(CorrectiveAction, Problem)
        .join(Problem, Problem.id == CorrectiveAction.problem_id)
        .where(
            CorrectiveAction.measured_at.is_(None),
            CorrectiveAction.done_at.is_not(None),
            CorrectiveAction.done_at + func.make_interval(0, 0, 0, CorrectiveAction.measured_days)
            <= now,
        )
    )
    rows = (await session.execute(due.with_for_update(of=CorrectiveAction, skip_locked=True))).all()
    for action, problem in rows:
        done, span = action.done_at or now, timedelta(days=action.measured_days)
        action.before = await _like_problem(session, problem, done - span, done)
        action.after = await _like_problem(session, problem, done, done + span)
        action.measured_at = now
    return len(rows)


async def _like_problem(
    session: AsyncSession, problem: Problem, start: datetime, end: datetime
) -> int:
    vector = await session.scalar(select(Problem.vector).where(Problem.id == problem.id))
    if vector is None or problem.encoder is None:
        linked = (
            select(func.count())
            .select_from(ProblemTicket)
            .join(Ticket, Ticket.id == ProblemTicket.ticket_id)
        )
        return (
            await session.scalar(
                linked.where(
                    ProblemTicket.problem_id == problem.id, Ticket.created_at.between(start, end)
                )
            )
            or 0
        )
    return len(
        await _days_like(
            session, problem.encoder, np.asarray(read_vectors([vector])[0]), start, end
        )
    )


def problems() -> Select[Problem]:
    """All problems."""
    return select(Problem)


def tickets_of(caller: Caller, problem_id: UUID) -> Select[Ticket]:
    """Tickets of a problem that the caller may see."""
    return (
        visible_tickets(caller)
        .join(ProblemTicket, ProblemTicket.ticket_id == Ticket.id)
        .where(ProblemTicket.problem_id == problem_id)
    )


def actions_of(problem_id: UUID) -> Select[CorrectiveAction]:
    """Corrective actions by due day."""
    return (
        select(CorrectiveAction)
        .where(CorrectiveAction.problem_id == problem_id)
        .order_by(CorrectiveAction.due_on)
    )
