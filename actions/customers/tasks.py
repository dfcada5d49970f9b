"""Background tasks of the customers: insights, and loads of sources."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from actions.customers.lists import draw_portraits
from actions.customers.sources.loading import run_load
from core.clock import utc_now
from core.outbox import emit
from core.tasks import TaskContext, TaskList

# Portraits in one transaction.
BATCH = 500
tasks = TaskList("customers")


@tasks.scheduled("*/15 * * * *")
async def compute_insights(context: TaskContext) -> None:
    """Compute the portraits that are missing or a day old."""
    await context.repeat(partial(draw_portraits, limit=BATCH), full=BATCH)


@tasks.deferred()
async def load_source(context: TaskContext, load_id: str) -> None:
    """Load what is new in a source."""
    done = await run_load(context.database, context.settings, UUID(load_id), utc_now())
    async with context.database.transaction() as session:
        about = {
            "id": load_id,
            "source": done.source,
            "state": done.state,
            "rows": done.rows,
            "refused": done.refused,
        }
        emit(session, "source.loaded", about)
