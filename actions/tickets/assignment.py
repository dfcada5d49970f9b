"""Who works on a ticket: by queue, skill, language, shift and load; among equals the one whose turn is longest ago.

Nobody gets more than their limit: whoever gives somebody a ticket holds that person's row while counting. Presence comes
from the workspace and fades when it is not heard of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.history import record_change
from actions.tickets.lifecycle import ACTIVE, QUEUES
from actions.tickets.models import Ticket
from actions.tickets.ticket_config.service import TicketConfig, load_ticket_config
from core.accounts import StaffUser
from core.audit import record
from core.database import Base
from core.errors import Conflict, Invalid
from core.identity import Caller, Staff, System, require
from core.outbox import notify

Presence = Literal["online", "away", "offline"]
PRESENCE_CHANGED = "agent.presence"
PRESENCES: tuple[Presence, ...] = get_args(Presence)
PRESENT_FOR = timedelta(minutes=3)  # since the workspace was last heard of
DEFAULT_LIMIT = 20  # open tickets of an employee who has no profile
AT_ONCE = 50  # tickets that one round looks at
ASSIGNER = System("assignment")


class AgentProfile(Base):
    """What an employee works on, how much, and whether they are there."""

    __tablename__ = "agent_profiles"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"), primary_key=True)
    queues: Mapped[list[str]] = mapped_column(default=list)
    skills: Mapped[list[str]] = mapped_column(default=list)
    most_open: Mapped[int] = mapped_column(default=DEFAULT_LIMIT)
    calendar: Mapped[str | None]  # shifts, from the rule book; None is always
    presence: Mapped[Presence] = mapped_column(default="offline")
    heard_at: Mapped[datetime | None]
    last_given_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Agent:
    """An employee as a candidate."""

    id: UUID
    queues: Sequence[str]
    skills: Sequence[str]
    languages: Sequence[str]
    open: int
    most_open: int
    on_duty: bool
    last_given_at: datetime | None


def choose(
    agents: Sequence[Agent],
    queue: str,
    language: str,
    skills: Sequence[str] = (),
    *,
    declined: Sequence[UUID] = (),
) -> Agent | None:
    """The employee for a ticket: on duty, of the queue, able, with room; the least loaded, then whose turn is longest ago."""
    able = [
        agent
        for agent in agents
        if agent.on_duty
        and queue in agent.queues
        and language in agent.languages
        and set(skills) <= set(agent.skills)
        and agent.open < agent.most_open
        and agent.id not in declined
    ]
    return min(able, key=_turn, default=None)


def _turn(agent: Agent) -> tuple[float, float, str]:
    last = agent.last_given_at.timestamp() if agent.last_given_at else 0.0
    return agent.open / agent.most_open, last, str(agent.id)


async def reserve_capacity(session: AsyncSession, ticket: Ticket, *, named: bool = False) -> None:
    """Make sure that the ticket's assignee has room for it, holding their row until the transaction ends.

    With `named`, Conflict or Invalid when they have none or do not exist; else the ticket goes back to its queue.
    """
    assignee = ticket.assignee_id
    with session.no_autoflush:
        user = await session.scalar(
            select(StaffUser).where(StaffUser.id == assignee, StaffUser.active)
        )
        if user is None and named:
            raise Invalid.field("assignee", "staff.not_active")
        profile = await _locked_profile(session, assignee) if user else None
        full = profile is None or await _open_of(session, assignee, ticket.id) >= profile.most_open
    if full and named:
        raise Conflict("staff.at_capacity")
    if full:
        ticket.assignee_id = None


async def _locked_profile(session: AsyncSession, staff_id: UUID | None) -> AgentProfile:
    """The employee's profile, locked; made when there is none."""
    query = select(AgentProfile).where(AgentProfile.staff_id == staff_id).with_for_update()
    profile = await session.scalar(query.execution_options(populate_existing=True))
    if profile is None:
        fresh = {
            "staff_id": staff_id,
            "queues": list(QUEUES),
            "skills": [],
            "most_open": DEFAULT_LIMIT,
            "presence": "offline",
        }
        await session.execute(insert(AgentProfile).values(**fresh).on_conflict_do_nothing())
        profile = (await session.scalars(query)).one()
    return profile


async def _open_of(session: AsyncSession, staff_id: UUID | None, but: UUID | None = None) -> int:
    mine = select(func.count()).where(Ticket.assignee_id == staff_id, Ticket.state.in_(ACTIVE))
    return await session.scalar(mine.where(Ticket.id != but) if but else mine) or 0


async def agents(session: AsyncSession, book: TicketConfig, now: datetime) -> list[Agent]:
    """Everybody with a profile, with their load and whether they are on duty."""
    load = (
        select(Ticket.assignee_id, func.count().label("open"))
        .where(Ticket.state.in_(ACTIVE), Ticket.assignee_id.is_not(None))
        .group_by(Ticket.assignee_id)
        .subquery()
    )
    rows = await session.execute(
        select(AgentProfile, StaffUser.languages, func.coalesce(load.c.open, 0))
        .join(StaffUser, StaffUser.id == AgentProfile.staff_id)
        .outerjoin(load, load.c.assignee_id == AgentProfile.staff_id)
        .where(StaffUser.active)
    )
    return [_agent(profile, languages, count, book, now) for profile, languages, count in rows]


def _agent(
    profile: AgentProfile, languages: list[str], count: int, book: TicketConfig, now: datetime
) -> Agent:
    shifts = book.open_hours.get(profile.calendar or "")
    on_duty = presence_of(profile, now) == "online" and (shifts is None or shifts.is_open(now))
    return Agent(
        profile.staff_id,
        profile.queues,
        profile.skills,
        languages,
        count,
        profile.most_open,
        on_duty,
        profile.last_given_at,
    )


def presence_of(profile: AgentProfile, now: datetime) -> Presence:
    """What the workspace said last, as long as it is still heard of."""
    recent = profile.heard_at is not None and now - profile.heard_at <= PRESENT_FOR
    return profile.presence if recent else "offline"


async def assign_waiting(session: AsyncSession, now: datetime) -> int:
    """Give waiting tickets to those who are there, the most pressing first; how many found somebody.

    The order of locks is: tickets, then profiles by id, then the audit chain.
    """
    book = await load_ticket_config(session)
    team = await agents(session, book, now)
    queues = sorted({queue for agent in _free(team) for queue in agent.queues})
    if not queues:
        return 0
    waiting = (
        select(Ticket)
        .where(Ticket.assignee_id.is_(None), Ticket.state.in_(ACTIVE), Ticket.queue.in_(queues))
        .order_by(Ticket.rank_at, Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    tickets = (await session.scalars(waiting)).all()
    profiles = {
        agent.id: await _locked_profile(session, agent.id)
        for agent in sorted(_free(team), key=_by_id)
    }
    team = [
        agent for agent in await agents(session, book, now) if agent.id in profiles
    ]  # as it is while we hold them
    assigned = 0
    for ticket in tickets:
        service = book.services.get(ticket.service or "")
        chosen = choose(team, ticket.queue, ticket.language, service.skills if service else ())
        if chosen is not None:
            ticket.assignee_id, profiles[chosen.id].last_given_at = chosen.id, now
            team[team.index(chosen)] = replace(chosen, open=chosen.open + 1, last_given_at=now)
            await record_change(
                session, ASSIGNER, ticket, "assignee", None, str(chosen.id), None, now
            )
            assigned += 1
    return assigned


def _free(team: Sequence[Agent]) -> list[Agent]:
    return [agent for agent in team if agent.on_duty and agent.open < agent.most_open]


def _by_id(agent: Agent) -> UUID:
    return agent.id


async def set_presence(
    session: AsyncSession, caller: Staff, presence: Presence, now: datetime
) -> AgentProfile:
    """The workspace tells that its user is there, away, or gone."""
    profile = await _locked_profile(session, caller.id)
    changed = profile.presence != presence
    profile.presence, profile.heard_at = presence, now
    await session.flush()
    if changed:
        await notify(session, PRESENCE_CHANGED)
    return profile


async def set_profile(
    session: AsyncSession,
    caller: Caller,
    staff_id: UUID,
    *,
    queues: list[str],
    skills: list[str],
    most_open: int,
    calendar: str | None,
) -> AgentProfile:
    """What an employee works on, and how much at once."""
    require(caller, "tickets:configure")
    if (
        await session.scalar(select(StaffUser.id).where(StaffUser.id == staff_id, StaffUser.active))
        is None
    ):
        raise Invalid.field("staff_id", "staff.not_active")
    book = await load_ticket_config(session)
    if calendar is not None and calendar not in book.calendars:
        raise Invalid.field(
            "calendar", "calendar.unknown", calendar=calendar, available=book.calendars
        )
    profile = await _locked_profile(session, staff_id)
    profile.queues, profile.skills, profile.most_open, profile.calendar = (
        queues,
        skills,
        most_open,
        calendar,
    )
    await session.flush()
    await record(
        session,
        caller,
        "staff.profile",
        f"staff:{staff_id}",
        {"queues": queues, "most_open": most_open},
    )
    return profile
