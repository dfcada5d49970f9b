"""Background tasks of the tickets: targets, assignment, vectors, mails, surges, retention."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets import notifications
from actions.tickets.assignment import PRESENCE_CHANGED
from actions.tickets.assignment import assign_waiting as assign
from actions.tickets.embeddings import embed_pending as embed
from actions.tickets.intake.card_failures import open_next_failure
from actions.tickets.notifications import Notification
from actions.tickets.problems import service as problems
from actions.tickets.retention import archive_old, close_resolved, erase_expired
from actions.tickets.sla.escalation import watch_timers
from actions.tickets.sla.service import recompute_next
from core.clock import utc_now
from core.delivery_ledger import DeliveryLedger
from core.mail import MailServer
from core.tasks import MAX_ROUNDS, TaskContext, TaskList
from knowledge_base.tasks import EncodersInUse

BATCH = 100
CHANGES = ("ticket.created", "ticket.updated")
tasks = TaskList("tickets")


@tasks.scheduled("* * * * *")
async def escalate_due(context: TaskContext) -> None:
    """Warn and escalate where a ticket's target is in danger or breached."""
    await context.repeat(partial(watch_timers, limit=BATCH), full=BATCH)


@tasks.scheduled("* * * * *", events=(*CHANGES, PRESENCE_CHANGED))
async def assign_waiting(context: TaskContext) -> None:
    """Assign waiting tickets to agents who are there."""
    async with context.database.transaction() as session:
        await assign(session, utc_now())


@tasks.scheduled("*/5 * * * *", events=CHANGES)
async def embed_pending(context: TaskContext) -> None:
    """Compute the vectors of tickets that have none."""
    encoder = context.part(EncodersInUse).read()[0]

    async def step(session: AsyncSession, now: datetime) -> int:
        return await embed(session, encoder, BATCH, now)

    await context.repeat(step, full=BATCH)


@tasks.scheduled("* * * * *", events=CHANGES)
async def send_mails(context: TaskContext) -> None:
    """Hand waiting mails to the mail server, each in a transaction of its own; without a server they are put aside."""
    async with context.database.transaction() as session:
        waiting = await session.scalars(notifications.waiting(utc_now(), BATCH))
        ids = [mail.id for mail in waiting.all()]
    if not ids:
        return
    smtp, sender = context.settings.smtp_url, context.settings.mail_from
    server = MailServer.from_url(smtp.get_secret_value(), sender) if smtp else None
    ledger = DeliveryLedger(context.settings.var_dir / "handed")
    for mail_id in ids:
        await _send(context, server, ledger, mail_id)


async def _send(
    context: TaskContext, server: MailServer | None, ledger: DeliveryLedger, mail_id: UUID
) -> None:
    async with context.database.transaction() as session:
        pending = select(Notification).where(
            Notification.id == mail_id, Notification.state == "pending"
        )
        mail = await session.scalar(pending.with_for_update(skip_locked=True))
        if mail is None:
            return
        if server is None:
            mail.state = "not_configured"
            return
        send = partial(server.send, mail.address, mail.subject, mail.body, mail.message_id)
        notifications.conclude(mail, await ledger.once(mail.message_id, send), utc_now())
    ledger.forget(mail.message_id)


@tasks.scheduled("* * * * *", events=("card.block_failed", "card.unblock_failed"))
async def open_card_failures(context: TaskContext) -> None:
    """Open a ticket for each card that the core banking system did not block or unblock."""
    await context.repeat(
        partial(open_next_failure, phone=context.settings.emergency_number), rounds=MAX_ROUNDS
    )


@tasks.scheduled("*/15 * * * *")
async def detect_surges(context: TaskContext) -> None:
    """Open problems where tickets that mean the same come too often."""
    encoder = context.part(EncodersInUse).read()[0].name
    async with context.database.transaction() as session:
        await problems.watch_surges(session, encoder, utc_now())


@tasks.scheduled("*/15 * * * *")
async def measure_actions(context: TaskContext) -> None:
    """Measure what corrective actions achieved."""
    await context.repeat(problems.measure_effects, rounds=1)


@tasks.scheduled("*/15 * * * *")
async def apply_retention(context: TaskContext) -> None:
    """Close what has been resolved for long, archive what was closed, erase what need not be kept."""
    steps = (close_resolved, archive_old, partial(_erase, context))
    for step in steps:
        await context.repeat(step, rounds=MAX_ROUNDS)


async def _erase(context: TaskContext, session: AsyncSession, now: datetime) -> int:
    return await erase_expired(session, context.settings.attachments, now)


@tasks.deferred()
async def recompute_sla(context: TaskContext) -> None:
    """Recompute the targets of open tickets, since a calendar or a policy changed."""
    after: UUID | None = None
    while True:
        async with context.database.transaction() as session:
            after = await recompute_next(session, after, utc_now())
        if after is None:
            return
