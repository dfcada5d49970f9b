"""Background tasks of the copilot."""

from __future__ import annotations

from assistant.copilot.log import forget_answers
from core.tasks import MAX_ROUNDS, TaskContext, TaskList

tasks = TaskList("copilot")


@tasks.scheduled("*/15 * * * *")
async def apply_retention(context: TaskContext) -> None:
    """Delete old answers that belong to no conversation."""
    await context.repeat(forget_answers, rounds=MAX_ROUNDS)
