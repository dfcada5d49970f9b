"""Webhooks leave here: an event becomes a delivery for each address that asked for it, and a job sends it until it is taken."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from uuid import UUID

import structlog
from procrastinate import RetryDecision
from procrastinate.jobs import Job
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook as Signer

from core.clock import utc_now
from core.delivery_ledger import DeliveryLedger
from core.errors import DomainError
from core.outbox import Event
from core.safe_fetch import post
from core.settings import Settings
from core.tasks import TaskContext, TaskList, TransientRetry
from core.webhooks import (
    EVENT_TYPES,
    Webhook,
    WebhookDelivery,
    forget_events,
    require_https,
    waiting_deliveries,
)

TIMEOUT_S = 10.0
# Standard Webhooks suggests this schedule: immediately, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h.
SCHEDULE = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000))
BATCH = 100
log = structlog.get_logger(__name__)
tasks = TaskList("webhooks")


class DeliveryFailed(Exception):
    """The address did not take a delivery, for the `attempts`-th time."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"attempt {attempts}")
        self.attempts = attempts


class WebhookRetry(TransientRetry):
    """The schedule of Standard Webhooks, counted by the delivery's own attempts."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to send again; None after the last attempt."""
        if not isinstance(exception, DeliveryFailed):
            return super().get_retry_decision(exception=exception, job=job)
        if exception.attempts > len(SCHEDULE):
            return None
        pause = SCHEDULE[exception.attempts - 1]
        return RetryDecision(retry_in={"seconds": int(pause.total_seconds())})


@tasks.deferred(WebhookRetry())
async def deliver(context: TaskContext, delivery_id: str) -> None:
    """Send one delivery; DeliveryFailed when it is to be tried again."""
    ledger = DeliveryLedger(context.settings.var_dir / "handed")
    async with context.database.transaction() as session:
        row = (await session.execute(_pending(UUID(delivery_id)))).one_or_none()
        if row is None:
            return
        delivery, webhook, event = row.tuple()
        send = partial(_send, context.settings, webhook, event, delivery_id, utc_now())
        taken = await ledger.once(delivery_id, send)
        _conclude(delivery, utc_now(), taken=taken)
    ledger.forget(delivery_id)
    if not taken:
        raise DeliveryFailed(delivery.attempts)


@tasks.scheduled("*/5 * * * *", events=EVENT_TYPES)
async def dispatch_events(context: TaskContext) -> None:
    """Make the deliveries of new events, and defer every one that is due and has no job, such as one whose job failed."""
    async with context.database.transaction() as session:
        await _add_deliveries(session)
        active = await deliver.active_locks(session)
        for due in (await session.scalars(waiting_deliveries(utc_now(), BATCH))).all():
            if (lock := str(due)) not in active:
                await deliver.defer(session, lock=lock, delivery_id=lock)


@tasks.scheduled("*/15 * * * *")
async def prune_events(context: TaskContext) -> None:
    """Delete old events with their deliveries."""
    await context.repeat(forget_events)


def _pending(delivery_id: UUID) -> Select[WebhookDelivery, Webhook, Event]:
    return (
        select(WebhookDelivery, Webhook, Event)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .where(
            WebhookDelivery.id == delivery_id, WebhookDelivery.status == "pending", Webhook.active
        )
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    )


async def _add_deliveries(session: AsyncSession) -> None:
    for webhook in (await session.scalars(select(Webhook).where(Webhook.active))).all():
        made = select(WebhookDelivery.event_id).where(WebhookDelivery.webhook_id == webhook.id)
        fresh = (
            select(Event.id)
            .where(
                Event.type.in_(webhook.events),
                Event.created_at >= webhook.created_at,
                Event.id.not_in(made),
            )
            .order_by(Event.id)
            .limit(BATCH)
        )
        session.add_all(
            WebhookDelivery(webhook_id=webhook.id, event_id=event_id, next_attempt_at=utc_now())
            for event_id in (await session.scalars(fresh)).all()
        )
    await session.flush()


async def _send(
    settings: Settings, webhook: Webhook, event: Event, delivery_id: str, now: datetime
) -> bool:
    body = json.dumps(
        {"type": event.type, "timestamp": event.created_at.isoformat(), "data": event.payload}
    )
    headers = {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(webhook.secret).sign(delivery_id, now, body),
        "content-type": "application/json",
    }
    private = settings.webhook_private_hosts
    try:
        if not private:
            require_https(webhook.url)
        status = await post(webhook.url, body.encode(), headers, TIMEOUT_S, private=private)
    except DomainError as error:
        log.warning("webhook.failed", webhook=str(webhook.id), reason=type(error).__name__)
        return False
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _conclude(delivery: WebhookDelivery, now: datetime, *, taken: bool) -> None:
    delivery.attempts += 1
    if taken:
        delivery.status, delivery.delivered_at = "delivered", now
    elif delivery.attempts > len(SCHEDULE):
        delivery.status = "failed"
    else:
        delivery.next_attempt_at = now + SCHEDULE[delivery.attempts - 1]
