"""Background work: jobs that survive a restart, and duties that come round every few seconds.

Jobs are procrastinate's, in PostgreSQL, with retries.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import procrastinate
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook as Signer

from actions.compliance.kyc.service import watch_reviews
from actions.compliance.monitoring.service import judge_everybody
from actions.compliance.rescreening import is_waiting, read_customers, rescreen
from actions.compliance.screening import WatchlistIndex
from actions.customers.lists import draw_portraits
from actions.customers.sources.loading import run_load
from actions.marketing.leads import leads_of_tickets, tell_reminders
from actions.marketing.mailing import mail_some
from actions.recommendations.outcomes import refresh_retention_rates
from actions.tickets import notifications
from actions.tickets.assignment import assign_waiting
from actions.tickets.embeddings import embed_pending
from actions.tickets.notifications import Notification
from actions.tickets.problems.service import measure_effects, watch_surges
from actions.tickets.retention import archive_old, close_resolved, erase_expired
from actions.tickets.sla.escalation import watch_timers
from actions.tickets.sla.service import recompute_next
from assistant.analytics.saved import send_due
from assistant.conversations.retention import close_quiet, erase_old
from assistant.conversations.service import tell_settled
from assistant.copilot.log import forget_answers
from assistant.routing import train_with_corrections
from core.accounts import staff_by_actor
from core.clock import utc_now
from core.database import Database, libpq_url
from core.delivery_ledger import DeliveryLedger
from core.errors import DomainError
from core.identity import Caller, actor
from core.jobs import Job
from core.mail import MailServer
from core.outbox import Event, emit
from core.settings import Settings
from core.webhooks import (
    Webhook,
    WebhookDelivery,
    forget_events,
    require_public,
    waiting_deliveries,
)
from knowledge_base.curation import publish_due, remind_of_reviews
from knowledge_base.encoder import Encoder
from knowledge_base.imports.service import KIND, Importer

DELIVERY_TIMEOUT_S = 10.0
# Standard Webhooks suggests this schedule: immediately, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000))
SWEEP_S = 5.0
SELDOM = 180  # sweeps between the heavier duties: a quarter of an hour
BATCH = 100
ROUNDS = 20  # of a duty that does a part of its work in each, so that the others have their turn
MAILED = 200  # customers that one round of campaign mails looks at
PORTRAITS = 500  # in one transaction
STALLED_S = 30.0  # since a worker's last sign of life, which it gives every 10
Duty = Callable[[], Awaitable[object]]
log = structlog.get_logger(__name__)


class JobQueue:
    """The queue, its worker, and the dispatcher that turns events into deliveries."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        encoders: Callable[[], Sequence[Encoder]],
        watchlist: WatchlistIndex | None = None,
    ) -> None:
        self._database, self._settings, self._encoders = database, settings, encoders
        self._watchlist = watchlist or WatchlistIndex()
        self.app = procrastinate.App(
            connector=PsycopgConnector(conninfo=libpq_url(database.url), max_size=4)
        )
        self._deliver = self.app.task(name="deliver_webhook", queue="webhooks")(self.deliver)
        self._import = self.app.task(name="import_knowledge", queue="knowledge")(
            self.import_knowledge
        )
        smtp = settings.smtp_url
        self._mail = (
            MailServer.from_url(smtp.get_secret_value(), settings.mail_from) if smtp else None
        )
        self._handed = DeliveryLedger(settings.var_dir / "handed")
        self._train = self.app.task(name="train_routing", queue="tickets")(self._train_routing)
        self._load = self.app.task(name="load_source", queue="sources")(self._load_source)
        self._rewind = self.app.task(name="rewind_clocks", queue="tickets")(self._rewind_clocks)
        self._tasks: list[asyncio.Task[None]] = []
        self._often: tuple[Duty, ...] = (
            self.dispatch,
            self.rescue,
            self.start_imports,
            self.tend_knowledge,
            self.watch_clocks,
            self.read_tickets,
            self.rescreen,
            self.assign_tickets,
            self.send_mails,
            self.tell_settled,
            self.tend_leads,
        )
        self._seldom: tuple[Duty, ...] = (
            self.watch_surges,
            self.keep_in_order,
            self.judge_transactions,
            self.draw_portraits,
            self.count_kept,
            self.mail_campaigns,
            self.watch_reviews,
            self.send_reports,
        )

    async def open(self) -> None:
        """Connect, so that jobs can be deferred."""
        await self.app.open_async()

    def work(self) -> None:
        """Run jobs and dispatch events in this process."""
        self._tasks = [
            asyncio.create_task(self._work(), name="worker"),
            asyncio.create_task(self._dispatch_forever(), name="webhook-dispatcher"),
        ]

    @property
    def working(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def close(self) -> None:
        """Stop working and disconnect; running jobs are given back."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.app.close_async()

    async def wait(self) -> None:
        """Until the worker ends."""
        await asyncio.gather(*self._tasks)

    async def deliver(self, delivery_id: str) -> None:
        """Send one delivery; a failure is tried again later by the schedule."""
        async with self._database.transaction() as session:
            found = await session.execute(
                select(WebhookDelivery, Webhook, Event)
                .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
                .join(Event, Event.id == WebhookDelivery.event_id)
                .where(
                    WebhookDelivery.id == UUID(delivery_id),
                    WebhookDelivery.status == "pending",
                    Webhook.active,
                )
                .with_for_update(of=WebhookDelivery, skip_locked=True)
            )
            row = found.one_or_none()
            if row is None:
                return
            delivery, webhook, event = row
            ok = await self._handed.once(
                delivery_id, partial(self._send, webhook, event, delivery_id, utc_now())
            )
            _conclude(delivery, ok, utc_now())
        self._handed.forget(delivery_id)

    async def import_knowledge(self, job_id: str) -> None:
        """Run an import in the name of who ordered it, with the rights that they have now."""
        async with self._database.transaction() as session:
            job = await session.get_one(Job, UUID(job_id))
            caller = await staff_by_actor(session, job.owner)
        if job.state in ("done", "failed"):
            return
        finished = await Importer(self._database, self._settings, self._encoders).run(
            UUID(job_id), caller
        )
        async with self._database.transaction() as session:
            emit(
                session,
                "import.finished",
                {"id": job_id, "state": finished.state, "files": finished.done},
            )

    async def start_imports(self, job_id: UUID | None = None) -> None:
        """Hand waiting imports to a worker: this one, or all that were ordered and never handed over."""
        async with self._database.transaction() as session:
            waiting = select(Job.id).where(Job.state.in_(("queued", "running")), Job.kind == KIND)
            ids = [job_id] if job_id else (await session.scalars(waiting)).all()
        for waiting_id in ids:
            with contextlib.suppress(AlreadyEnqueued):
                once = self._import.configure(queueing_lock=str(waiting_id), lock=str(waiting_id))
                await once.defer_async(job_id=str(waiting_id))

    async def train_routing(self, caller: Caller) -> None:
        """Train the tickets' classifier in a job; one at a time."""
        with contextlib.suppress(AlreadyEnqueued):
            await self._train.configure(queueing_lock="routing", lock="routing").defer_async(
                by=actor(caller)
            )

    async def _train_routing(self, by: str) -> None:
        await train_with_corrections(self._database, by)

    async def load_source(self, code: str, load_id: UUID) -> None:
        """Load a source in a job; loads of one source follow each other."""
        await self._load.configure(lock=f"source-{code}").defer_async(load_id=str(load_id))

    async def _load_source(self, load_id: str) -> None:
        done = await run_load(self._database, self._settings, UUID(load_id), utc_now())
        async with self._database.transaction() as session:
            told = {
                "id": load_id,
                "source": done.source,
                "state": done.state,
                "rows": done.rows,
                "refused": done.refused,
            }
            emit(session, "source.loaded", told)

    async def rewind_clocks(self) -> None:
        """Wind the clocks of open tickets anew in a job, since a calendar or a promise changed."""
        with contextlib.suppress(AlreadyEnqueued):
            await self._rewind.configure(queueing_lock="clocks", lock="clocks").defer_async()

    async def _rewind_clocks(self) -> None:
        after: UUID | None = None
        while True:
            async with self._database.transaction() as session:
                after = await recompute_next(session, after, utc_now())
            if after is None:
                return

    async def watch_clocks(self) -> None:
        """Warn and escalate where a ticket's promise is in danger or broken."""
        looked = BATCH
        while looked >= BATCH:
            async with self._database.transaction() as session:
                looked = await watch_timers(session, utc_now(), BATCH)

    async def assign_tickets(self) -> None:
        """Give waiting tickets to those who are there."""
        async with self._database.transaction() as session:
            await assign_waiting(session, utc_now())

    async def read_tickets(self) -> None:
        """Make the vectors of tickets that were opened since."""
        made = BATCH
        while made >= BATCH:
            async with self._database.transaction() as session:
                made = await embed_pending(session, self._encoders()[0], BATCH, utc_now())

    async def rescreen(self) -> None:
        """Screen all customers against what is new in the watchlists."""
        async with self._database.transaction() as session:
            if not await is_waiting(session):
                return
            customers = await read_customers(session)
        screened = 1
        while screened:
            async with self._database.transaction() as session:
                screened = await rescreen(session, utc_now(), customers)

    async def judge_transactions(self) -> None:
        """Judge everybody's bookings once a day."""
        async with self._database.transaction() as session:
            await judge_everybody(session, utc_now())

    async def tell_settled(self) -> None:
        """Tell customers in their conversations that a ticket is resolved, and ask how it was."""
        async with self._database.transaction() as session:
            await tell_settled(session, utc_now())

    async def draw_portraits(self) -> None:
        """Compute the portraits that are a day old."""
        drawn = PORTRAITS
        while drawn >= PORTRAITS:
            async with self._database.transaction() as session:
                drawn = await draw_portraits(session, utc_now(), PORTRAITS)

    async def count_kept(self) -> None:
        """Count what like customers keep, once a day."""
        async with self._database.transaction() as session:
            await refresh_retention_rates(session, utc_now())

    async def tend_leads(self) -> None:
        """Make leads of tickets that are such; tell of reminders."""
        async with self._database.transaction() as session:
            await leads_of_tickets(session, utc_now(), BATCH)
        async with self._database.transaction() as session:
            await tell_reminders(session, utc_now(), BATCH)

    async def mail_campaigns(self) -> None:
        """Write the mails of running campaigns, some customers at a time."""
        async with self._database.transaction() as session:
            await mail_some(session, self._watchlist, utc_now(), MAILED)

    async def watch_reviews(self) -> None:
        """Open tickets for identity checks that are to be renewed."""
        due = BATCH
        while due >= BATCH:
            async with self._database.transaction() as session:
                due = await watch_reviews(session, utc_now(), BATCH)

    async def send_reports(self) -> None:
        """Write the mails of kept reports whose time has come."""
        async with self._database.transaction() as session:
            await send_due(session, utc_now(), BATCH)

    async def watch_surges(self) -> None:
        """Open problems where tickets that mean the same come too often; measure what corrective actions achieved."""
        async with self._database.transaction() as session:
            await watch_surges(session, self._encoders()[0].name, utc_now())
            await measure_effects(session, utc_now())

    async def keep_in_order(self) -> None:
        """Close what has been resolved or quiet for long, archive, and erase what need not be kept any more."""
        folder = self._settings.attachments
        duties: tuple[Callable[[AsyncSession, datetime], Awaitable[int]], ...] = (
            close_resolved,
            archive_old,
            close_quiet,
            forget_events,
            forget_answers,
            lambda session, now: erase_expired(session, folder, now),
            lambda session, now: erase_old(session, folder, now),
        )
        for duty in duties:
            for _ in range(ROUNDS):
                async with self._database.transaction() as session:
                    if not await duty(session, utc_now()):
                        break

    async def send_mails(self) -> None:
        """Hand waiting mails to the mail server, each in a transaction of its own; without one, they are put aside."""
        async with self._database.transaction() as session:
            ids = [
                mail.id
                for mail in (await session.scalars(notifications.waiting(utc_now(), BATCH))).all()
            ]
        for mail_id in ids:
            async with self._database.transaction() as session:
                mail = await session.get(
                    Notification, mail_id, with_for_update={"skip_locked": True}
                )
                if mail is None or mail.state != "pending":
                    continue
                if self._mail is None:
                    mail.state = "not_configured"
                    continue
                key = mail.message_id
                send = partial(self._mail.send, mail.address, mail.subject, mail.body, key)
                sent = await self._handed.once(key, send)
                notifications.conclude(mail, sent, utc_now())
            self._handed.forget(key)

    async def rescue(self) -> None:
        """Give jobs of workers that died to others."""
        for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            await self.app.job_manager.retry_job(job)

    async def tend_knowledge(self) -> None:
        """Publish what is due, remind of reviews."""
        now = utc_now()
        async with self._database.transaction() as session:
            await publish_due(session, self._encoders(), now)
            await remind_of_reviews(session, now.date())

    async def dispatch(self) -> int:
        """Make deliveries of events that webhooks asked for, and hand over all whose time has come; how many."""
        async with self._database.transaction() as session:
            hooks = (await session.scalars(select(Webhook).where(Webhook.active))).all()
            for hook in hooks:
                done = select(WebhookDelivery.event_id).where(WebhookDelivery.webhook_id == hook.id)
                wanted = (
                    select(Event.id)
                    .where(
                        Event.type.in_(hook.events),
                        Event.created_at >= hook.created_at,
                        Event.id.not_in(done),
                    )
                    .order_by(Event.id)
                    .limit(BATCH)
                )
                session.add_all(
                    WebhookDelivery(
                        webhook_id=hook.id, event_id=event_id, next_attempt_at=utc_now()
                    )
                    for event_id in (await session.scalars(wanted)).all()
                )
            await session.flush()
            ids = [
                str(delivery_id)
                for delivery_id in await session.scalars(waiting_deliveries(utc_now(), BATCH))
            ]
        for delivery_id in ids:
            with contextlib.suppress(AlreadyEnqueued):
                await self._deliver.configure(queueing_lock=delivery_id).defer_async(
                    delivery_id=delivery_id
                )
        return len(ids)

    async def _send(self, webhook: Webhook, event: Event, delivery_id: str, now: datetime) -> bool:
        body = json.dumps(
            {"type": event.type, "timestamp": event.created_at.isoformat(), "data": event.payload}
        )
        headers = {
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(webhook.secret).sign(delivery_id, now, body),
            "content-type": "application/json",
        }
        try:
            if not self._settings.webhook_private_hosts:
                await require_public(webhook.url)
            async with httpx.AsyncClient(
                timeout=DELIVERY_TIMEOUT_S, follow_redirects=False
            ) as http:
                answer = await http.post(webhook.url, content=body, headers=headers)
        except (httpx.HTTPError, DomainError) as error:
            log.warning("webhook.failed", webhook=str(webhook.id), reason=type(error).__name__)
            return False
        return answer.is_success

    async def _work(self) -> None:
        await self.app.run_worker_async(
            queues=["webhooks", "knowledge", "tickets", "sources"],
            concurrency=4,
            install_signal_handlers=False,
            listen_notify=True,
        )

    async def _dispatch_forever(self) -> None:
        rounds = 0
        while True:
            seldom = self._seldom if rounds % SELDOM == 0 else ()
            rounds += 1
            for duty in (*self._often, *seldom):
                try:
                    await duty()
                except Exception as error:  # must outlive a database that is away for a while
                    log.warning(
                        "duty.failed",
                        duty=getattr(duty, "__name__", ""),
                        reason=type(error).__name__,
                    )
            await asyncio.sleep(SWEEP_S)


def _conclude(delivery: WebhookDelivery, ok: bool, now: datetime) -> None:
    delivery.attempts += 1
    if ok:
        delivery.status, delivery.delivered_at = "delivered", now
    elif delivery.attempts > len(PAUSES):
        delivery.status = "failed"
    else:
        delivery.next_attempt_at = now + PAUSES[delivery.attempts - 1]
