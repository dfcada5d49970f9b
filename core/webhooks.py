"""Webhooks: addresses that want to hear of events, and what was delivered to them (Standard Webhooks signatures)."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.audit import record
from core.database import Base, Created, Key
from core.errors import Invalid, NotFound
from core.identity import Caller, actor, require
from core.outbox import Event
from core.safe_fetch import public_addresses

EVENT_TYPES = (
    "ticket.created",
    "ticket.updated",
    "ticket.in_danger",
    "ticket.breached",
    "problem.opened",
    "rulebook.changed",
    "compliance.decided",
    "compliance.alerted",
    "card.blocked",
    "card.block_confirmed",
    "card.block_failed",
    "card.unblock_requested",
    "card.unblocked",
    "card.unblock_failed",
    "conversation.rated",
    "article.published",
    "article.archived",
    "article.review_due",
    "import.finished",
)
EVENT_RETENTION = timedelta(
    days=30
)  # longer than any delivery is tried, and than anybody follows a conversation after a break
HTTPS_PORT = 443
FORGOTTEN = 10_000  # events in one transaction


class Webhook(Base):
    """An address and the event types it asked for."""

    __tablename__ = "webhooks"

    id: Mapped[Key]
    url: Mapped[str]
    events: Mapped[list[str]]
    secret: Mapped[str]
    owner: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Created]


class WebhookDelivery(Base):
    """One event for one address: what a job must still send, or sent."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[Key]
    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), index=True
    )
    event_id: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="pending", index=True)
    next_attempt_at: Mapped[Created]
    delivered_at: Mapped[datetime | None]


def visible_webhooks(caller: Caller) -> Select[Webhook]:
    """Active webhooks, for those who manage them."""
    require(caller, "webhooks:manage")
    return select(Webhook).where(Webhook.active)


def waiting_deliveries(now: datetime, limit: int) -> Select[UUID]:
    """Ids of deliveries that are to be sent by now, the longest waiting first."""
    return (
        select(WebhookDelivery.id)
        .join(Webhook)
        .where(
            WebhookDelivery.status == "pending",
            WebhookDelivery.next_attempt_at <= now,
            Webhook.active,
        )
        .order_by(WebhookDelivery.next_attempt_at)
        .limit(limit)
    )


async def forget_events(session: AsyncSession, now: datetime) -> int:
    """Delete old events, which repeat what is kept elsewhere, with their deliveries; how many. What is still to be sent stays."""
    oldest = select(Event.id, Event.created_at).order_by(Event.id).limit(FORGOTTEN).subquery()
    due = select(WebhookDelivery.event_id).where(WebhookDelivery.status == "pending")
    old = select(oldest.c.id).where(
        oldest.c.created_at < now - EVENT_RETENTION, oldest.c.id.not_in(due)
    )
    gone = (await session.scalars(delete(Event).where(Event.id.in_(old)).returning(Event.id))).all()
    await session.execute(delete(WebhookDelivery).where(WebhookDelivery.event_id.in_(gone)))
    return len(gone)


async def add_webhook(
    session: AsyncSession, caller: Caller, url: str, events: list[str], *, private_allowed: bool
) -> Webhook:
    """Register an address; Invalid when it is not a public https address or an event is unknown."""
    require(caller, "webhooks:manage")
    if unknown := [event for event in events if event not in EVENT_TYPES]:
        raise Invalid.field(
            "events", "webhook.events_unknown", events=unknown, available=EVENT_TYPES
        )
    if not private_allowed:
        await require_public(url)
    secret = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    webhook = Webhook(
        url=url, events=events or list(EVENT_TYPES), secret=secret, owner=actor(caller)
    )
    session.add(webhook)
    await session.flush()
    await record(
        session, caller, "webhook.added", f"webhook:{webhook.id}", {"host": urlsplit(url).hostname}
    )
    return webhook


async def remove_webhook(session: AsyncSession, caller: Caller, webhook_id: UUID) -> None:
    """Stop sending to an address."""
    webhook = await session.scalar(visible_webhooks(caller).where(Webhook.id == webhook_id))
    if webhook is None:
        raise NotFound("webhook")
    webhook.active = False
    await record(session, caller, "webhook.removed", f"webhook:{webhook.id}")


async def require_public(url: str) -> None:
    """Invalid unless the URL is https, names no password, and every address of its host is public.

    Whoever sends to it checks the address again that it connects to: names can lead elsewhere later.
    """
    require_https(url)
    parts = urlsplit(url)
    await public_addresses(str(parts.hostname), parts.port or HTTPS_PORT)


def require_https(url: str) -> None:
    """Invalid unless the URL is https and names no user or password, which would stand in lists and logs."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Invalid.field("url", "webhook.https_required")
    if parts.username or parts.password:
        raise Invalid.field("url", "url.has_password")
