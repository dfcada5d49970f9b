"""Background tasks of the conversations."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from assistant.retention import close_quiet, erase_old
from assistant.turns import notices
from core.clock import utc_now
from core.tasks import MAX_ROUNDS, TaskContext, TaskList

tasks = TaskList("conversations")


@tasks.scheduled("*/5 * * * *", events=("ticket.updated",))
async def notify_resolved(context: TaskContext) -> None:
    """Tell customers in their conversations that a ticket is resolved, and ask how it was."""
    async with context.database.transaction() as session:
        await notices.notify_resolved(session, utc_now())


@tasks.scheduled("* * * * *", events=("card.block_failed", "card.unblock_failed"))
async def notify_card_failures(context: TaskContext) -> None:
    """Tell customers in their conversations that a card was not blocked, with the number to call, or not unblocked."""
    async with context.database.transaction() as session:
        await notices.notify_card_failures(session, context.settings.emergency_number, utc_now())


@tasks.scheduled("*/15 * * * *")
async def apply_retention(context: TaskContext) -> None:
    """Close conversations that have been quiet for long, and erase what need not be kept."""
    for step in (close_quiet, partial(_erase, context)):
        await context.repeat(step, rounds=MAX_ROUNDS)


async def _erase(context: TaskContext, session: AsyncSession, now: datetime) -> int:
    return await erase_old(session, context.settings.attachments, now)
