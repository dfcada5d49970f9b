"Background work: jobs (procrastinate, in PostgreSQL) with retries that survive a restart, and duties that come round every few seconds."

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import procrastinate
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import select
from standardwebhooks import Webhook as Signer

from actions.tickets import notifications
from actions.tickets.assignment import assign_waiting
from actions.tickets.causes.service import measure_effects, watch_surges
from actions.tickets.escalation import watch_clocks
from actions.tickets.history import rewind_some
from actions.tickets.notifications import Notification
from actions.tickets.retention import archive_old, close_resolved, erase_expired
from assistant.routing import train_with_corrections
from core.accounts import staff_by_actor
from core.clock import utc_now
from core.database import Database, libpq_url
from core.errors import DomainError
from core.handed import Handed
from core.identity import Caller, actor
from core.jobs import Job
from core.mail import MailServer
from core.outbox import Event, emit
from core.settings import Settings
from core.webhooks import Webhook, WebhookDelivery, require_public
from knowledge_base.curation import publish_due, remind_of_reviews
from knowledge_base.encoder import Encoder
from knowledge_base.imports.service import KIND, Importer

DELIVERY_TIMEOUT_S = 10.0
# Standard Webhooks suggests this schedule: immediately, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000))
SWEEP_S = 5.0
SELDOM = 180  # sweeps between the heavier duties: a quarter of an hour
BATCH = 100
STALLED_S = 30.0  # since a worker's last sign of life, which it gives every 10
log = structlog.get_logger(__name__)


class JobQueue:
    "The queue, its worker, and the dispatcher that turns events into deliveries."

    def __init__(self, database: Database, settings: Settings, encoders: Callable[[], Sequence[Encoder]]) -> None:
        self._database, self._settings, self._encoders = database, settings, encoders
        self.app = procrastinate.App(connector=PsycopgConnector(conninfo=libpq_url(database.url), max_size=4))
        self._deliver = self.app.task(name="deliver_webhook", queue="webhooks")(self.deliver)
        self._import = self.app.task(name="import_knowledge", queue="knowledge")(self.import_knowledge)
        smtp = settings.smtp_url
        self._mail = MailServer.from_url(smtp.get_secret_value(), settings.mail_from) if smtp else None
        self._handed = Handed(settings.var_dir / "handed")
        self._train = self.app.task(name="train_routing", queue="tickets")(self._train_routing)
        self._rewind = self.app.task(name="rewind_clocks", queue="tickets")(self._rewind_clocks)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        "Connect, so that jobs can be deferred."
        await self.app.open_async()

    def work(self) -> None:
        "Run jobs and dispatch events in this process."
        self._tasks = [
            asyncio.create_task(self._work(), name="worker"),
            asyncio.create_task(self._dispatch_forever(), name="webhook-dispatcher"),
        ]

    @property
    def working(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def close(self) -> None:
        "Stop working and disconnect; running jobs are given back."
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.app.close_async()

    async def wait(self) -> None:
        "Until the worker ends."
        await asyncio.gather(*self._tasks)

    async def deliver(self, delivery_id: str) -> None:
        "Send one delivery; a failure is tried again later by the schedule."
        async with self._database.transaction() as session:
            found = await session.execute(
                select(WebhookDelivery, Webhook, Event)
                .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
                .join(Event, Event.id == WebhookDelivery.event_id)
                .where(WebhookDelivery.id == UUID(delivery_id), WebhookDelivery.status == "pending", Webhook.active)
                .with_for_update(of=WebhookDelivery, skip_locked=True)
            )
            row = found.one_or_none()
            if row is None:
                return
            delivery, webhook, event = row
            ok = await self._handed.once(delivery_id, partial(self._send, webhook, event, delivery_id, utc_now()))
            _conclude(delivery, ok, utc_now())
            if delivery.status == "pending":
                pause = PAUSES[delivery.attempts - 1]
                later = self._deliver.configure(schedule_in={"seconds": int(pause.total_seconds())})
                await later.defer_async(delivery_id=delivery_id)
        self._handed.forget(delivery_id)

    async def import_knowledge(self, job_id: str) -> None:
        "Run an import in the name of who ordered it, with the rights that they have now."
        async with self._database.transaction() as session:
            job = await session.get_one(Job, UUID(job_id))
            caller = await staff_by_actor(session, job.owner)
        if job.state in ("done", "failed"):
            return
        finished = await Importer(self._database, self._settings, self._encoders).run(UUID(job_id), caller)
        async with self._database.transaction() as session:
            emit(session, "import.finished", {"id": job_id, "state": finished.state, "files": finished.done})

    async def start_imports(self, job_id: UUID | None = None) -> None:
        "Hand waiting imports to a worker: this one, or all that were ordered and never handed over."
        async with self._database.transaction() as session:
            waiting = select(Job.id).where(Job.state.in_(("queued", "running")), Job.kind == KIND)
            ids = [job_id] if job_id else (await session.scalars(waiting)).all()
        for waiting_id in ids:
            with contextlib.suppress(AlreadyEnqueued):
                once = self._import.configure(queueing_lock=str(waiting_id), lock=str(waiting_id))
                await once.defer_async(job_id=str(waiting_id))

    async def train_routing(self, caller: Caller) -> None:
        "Train the tickets' classifier in a job; one at a time."
        with contextlib.suppress(AlreadyEnqueued):
            await self._train.configure(queueing_lock="routing", lock="routing").defer_async(by=actor(caller))

    async def _train_routing(self, by: str) -> None:
        await train_with_corrections(self._database, self._encoders()[0], by)

    async def rewind_clocks(self) -> None:
        "Wind the clocks of open tickets anew in a job, since a calendar or a promise changed."
        with contextlib.suppress(AlreadyEnqueued):
            await self._rewind.configure(queueing_lock="clocks", lock="clocks").defer_async()

    async def _rewind_clocks(self) -> None:
        after: UUID | None = None
        while True:
            async with self._database.transaction() as session:
                after = await rewind_some(session, after, utc_now())
            if after is None:
                return

    async def watch_clocks(self) -> None:
        "Warn and escalate where a ticket's promise is in danger or broken."
        looked = BATCH
        while looked >= BATCH:
            async with self._database.transaction() as session:
                looked = await watch_clocks(session, utc_now(), BATCH)

    async def assign_tickets(self) -> None:
        "Give waiting tickets to those who are there."
        async with self._database.transaction() as session:
            await assign_waiting(session, utc_now())

    async def watch_surges(self) -> None:
        "Open problems where tickets that mean the same come too often; measure what corrective actions achieved."
        async with self._database.transaction() as session:
            await watch_surges(session, self._encoders()[0].name, utc_now())
            await measure_effects(session, utc_now())

    async def keep_in_order(self) -> None:
        "Close what has been resolved for long, archive, and erase what need not be kept any more."
        folder = self._settings.var_dir / "attachments"
        for duty in (close_resolved, archive_old):
            async with self._database.transaction() as session:
                await duty(session, utc_now())
        async with self._database.transaction() as session:
            await erase_expired(session, folder, utc_now())

    async def send_mails(self) -> None:
        "Hand waiting mails to the mail server, each in a transaction of its own; without one, they are put aside."
        async with self._database.transaction() as session:
            ids = [mail.id for mail in (await session.scalars(notifications.waiting(utc_now(), BATCH))).all()]
        for mail_id in ids:
            async with self._database.transaction() as session:
                mail = await session.get(Notification, mail_id, with_for_update={"skip_locked": True})
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
        "Give jobs of workers that died to others."
        for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            await self.app.job_manager.retry_job(job)

    async def tend_knowledge(self) -> None:
        "Publish what is due, remind of reviews."
        now = utc_now()
        async with self._database.transaction() as session:
            await publish_due(session, self._encoders(), now)
            await remind_of_reviews(session, now.date())

    async def dispatch(self) -> int:
        "Make deliveries of events that webhooks asked for; how many."
        async with self._database.transaction() as session:
            made = []
            hooks = (await session.scalars(select(Webhook).where(Webhook.active))).all()
            for hook in hooks:
                done = select(WebhookDelivery.event_id).where(WebhookDelivery.webhook_id == hook.id)
                wanted = (
                    select(Event.id)
                    .where(Event.type.in_(hook.events), Event.created_at >= hook.created_at, Event.id.not_in(done))
                    .order_by(Event.id)
                    .limit(BATCH)
                )
                for event_id in (await session.scalars(wanted)).all():
                    made.append(WebhookDelivery(webhook_id=hook.id, event_id=event_id, attempts=0, status="pending"))
            session.add_all(made)
            await session.flush()
            ids = [str(delivery.id) for delivery in made]
        for delivery_id in ids:
            await self._deliver.defer_async(delivery_id=delivery_id)
        return len(ids)

    async def _send(self, webhook: Webhook, event: Event, delivery_id: str, now: datetime) -> bool:
        body = json.dumps({"type": event.type, "timestamp": event.created_at.isoformat(), "data": event.payload})
        headers = {
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(webhook.secret).sign(delivery_id, now, body),
            "content-type": "application/json",
        }
        try:
            if not self._settings.webhook_private_hosts:
                await require_public(webhook.url)
            async with httpx.AsyncClient(timeout=DELIVERY_TIMEOUT_S, follow_redirects=False) as http:
                answer = await http.post(webhook.url, content=body, headers=headers)
        except (httpx.HTTPError, DomainError) as error:
            log.warning("webhook.failed", webhook=str(webhook.id), reason=type(error).__name__)
            return False
        return answer.is_success

    async def _work(self) -> None:
        await self.app.run_worker_async(
            queues=["webhooks", "knowledge", "tickets"],
            concurrency=4,
            install_signal_handlers=False,
            listen_notify=True,
        )

    async def _dispatch_forever(self) -> None:
        rounds = 0
        while True:
            seldom = (self.watch_surges, self.keep_in_order) if rounds % SELDOM == 0 else ()
            rounds += 1
            for duty in (self.dispatch, self.rescue, self.start_imports, self.tend_knowledge, self.watch_clocks,
                         self.assign_tickets, self.send_mails, *seldom):  # fmt: skip
                try:
                    await duty()
                except Exception as error:  # must outlive a database that is away for a while
                    log.warning("duty.failed", duty=duty.__name__, reason=type(error).__name__)
            await asyncio.sleep(SWEEP_S)


def _conclude(delivery: WebhookDelivery, ok: bool, now: datetime) -> None:
    delivery.attempts += 1
    if ok:
        delivery.status, delivery.delivered_at = "delivered", now
    elif delivery.attempts > len(PAUSES):
        delivery.status = "failed"
