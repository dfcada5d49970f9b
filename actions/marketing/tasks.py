"""Background tasks of marketing and sales: leads of tickets, reminders, campaign mails."""

from __future__ import annotations

from functools import partial

from actions.compliance.screening import WatchlistIndex
from actions.marketing.leads import leads_of_tickets, tell_reminders
from actions.marketing.mailing import mail_some
from core.clock import utc_now
from core.tasks import TaskContext, TaskList

BATCH = 100
# Customers that one run looks at for campaign mails.
MAILED = 200
tasks = TaskList("marketing")


@tasks.scheduled("*/5 * * * *", events=("ticket.created", "ticket.updated"))
async def create_leads(context: TaskContext) -> None:
    """Make leads of tickets that are such."""
    await context.repeat(partial(leads_of_tickets, limit=BATCH), full=BATCH)


@tasks.scheduled("* * * * *")
async def notify_reminders(context: TaskContext) -> None:
    """Tell of the reminders of leads whose time has come."""
    await context.repeat(partial(tell_reminders, limit=BATCH), full=BATCH)


@tasks.scheduled("*/15 * * * *")
async def write_campaign_mails(context: TaskContext) -> None:
    """Write the mails of running campaigns, some customers at a time."""
    watchlist = context.part(WatchlistIndex)
    async with context.database.transaction() as session:
        await mail_some(session, watchlist, utc_now(), MAILED)
