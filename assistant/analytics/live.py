"""What goes on now: who waits and how long, whose clocks run out, who is there and with how much."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.assignment import AgentProfile, agents, presence_of
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from actions.tickets.ticket_config.service import load_ticket_config
from assistant.conversations.models import Conversation
from core.accounts import StaffUser
from core.identity import Caller, require

SOON = timedelta(hours=1)  # clocks that run out within this are shown as such


async def live(session: AsyncSession, caller: Caller, now: datetime) -> dict[str, object]:
    """Conversations by state and queue, the longest wait in seconds, clocks, and the team with its load."""
    require(caller, "analytics:read")
    waiting = await session.execute(
        select(Conversation.queue, func.count(), func.min(Conversation.queued_at))
        .where(Conversation.state == "queued")
        .group_by(Conversation.queue)
    )
    queues = {
        queue or "general": {"waiting": count, "longest_s": _seconds(first, now)}
        for queue, count, first in waiting
    }
    active = dict(
        (
            await session.execute(
                select(Conversation.agent_id, func.count())
                .where(Conversation.state == "agent")
                .group_by(Conversation.agent_id)
            )
        )
        .tuples()
        .all()
    )
    running = select(func.count()).select_from(Ticket).where(Ticket.state.in_(ACTIVE))
    return {
        "at": now,
        "waiting": sum(queue["waiting"] for queue in queues.values()),
        "longest_wait_s": max((queue["longest_s"] for queue in queues.values()), default=0),
        "active": sum(active.values()),
        "queues": queues,
        "clocks": {
            "broken": await session.scalar(running.where(Ticket.next_due <= now)),
            "soon": await session.scalar(
                running.where(Ticket.next_due > now, Ticket.next_due <= now + SOON)
            ),
        },
        "agents": await _team(session, active, now),
    }


def _seconds(since: datetime | None, now: datetime) -> int:
    return int((now - since).total_seconds()) if since else 0


async def _team(
    session: AsyncSession, active: dict[UUID | None, int], now: datetime
) -> list[dict[str, object]]:
    team = await agents(session, await load_ticket_config(session), now)
    rows = await session.execute(
        select(AgentProfile, StaffUser.name).join(StaffUser, StaffUser.id == AgentProfile.staff_id)
    )
    profiles = {profile.staff_id: (profile, name) for profile, name in rows}
    return [
        {
            "id": agent.id,
            "name": profiles[agent.id][1],
            "presence": presence_of(profiles[agent.id][0], now),
            "on_duty": agent.on_duty,
            "conversations": active.get(agent.id, 0),
            "tickets": agent.open,
            "most_tickets": agent.most_open,
            "queues": list(agent.queues),
        }
        for agent in team
    ]
