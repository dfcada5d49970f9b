"""Background tasks of compliance: screening after a list changed, monitoring of transactions, renewal of identity checks."""

from __future__ import annotations

from functools import partial

from actions.compliance.kyc.service import watch_reviews
from actions.compliance.monitoring.service import judge_everybody
from actions.compliance.rescreening import is_waiting, read_customers, rescreen
from core.clock import utc_now
from core.tasks import TaskContext, TaskList

BATCH = 100
tasks = TaskList("compliance")


@tasks.scheduled("*/5 * * * *")
async def rescreen_customers(context: TaskContext) -> None:
    """Screen all customers against what is new in the watchlists; a load of a list defers it."""
    async with context.database.transaction() as session:
        if not await is_waiting(session):
            return
        customers = await read_customers(session)
    await context.repeat(partial(rescreen, customers=customers), rounds=None)


@tasks.scheduled("*/15 * * * *")
async def monitor_transactions(context: TaskContext) -> None:
    """Judge everybody's bookings once a day."""
    async with context.database.transaction() as session:
        await judge_everybody(session, utc_now())


@tasks.scheduled("*/15 * * * *")
async def review_identities(context: TaskContext) -> None:
    """Open tickets for identity checks that are to be renewed."""
    await context.repeat(partial(watch_reviews, limit=BATCH), full=BATCH)
