"""Background tasks of recommendations."""

from __future__ import annotations

from actions.recommendations import outcomes
from core.tasks import TaskContext, TaskList

tasks = TaskList("recommendations")


@tasks.scheduled("*/15 * * * *")
async def refresh_retention_rates(context: TaskContext) -> None:
    """Count once a day which products customers who are alike keep."""
    await context.repeat(outcomes.refresh_retention_rates, rounds=1)
