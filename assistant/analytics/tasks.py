"""Background tasks of the reports."""

from __future__ import annotations

from assistant.analytics.saved import send_due
from core.clock import utc_now
from core.tasks import TaskContext, TaskList

# Reports of one run.
BATCH = 100
tasks = TaskList("analytics")


@tasks.scheduled("*/15 * * * *")
async def send_reports(context: TaskContext) -> None:
    """Write the mails of saved reports whose time has come."""
    async with context.database.transaction() as session:
        await send_due(session, utc_now(), BATCH)
