"""Mails to customers about their tickets: written in the transaction of the step they tell of, sent by a job.

A step has one row and a mail one Message-ID for all its life. What the mail server took is marked on disk before the
database knows (core/delivery_ledger.py), so that a crash between the two sends nothing again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import make_msgid
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import ForeignKey, Index, Select, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.customers.models import Customer
from actions.tickets.models import Ticket
from actions.tickets.ticket_config.contents import TemplateContent, fill
from actions.tickets.ticket_config.service import load_ticket_config
from core.accounts import StaffUser
from core.clock import SERVICE_HOURS
from core.database import Base, Created, Key
from core.languages import Language

BANK_NAMES: dict[Language, str] = {"en": "Your bank", "zh": "您的银行"}
NOBODY: dict[Language, str] = {"en": "customer", "zh": "客户"}
LOCALES: dict[Language, str] = {"en": "en_GB", "zh": "zh_CN"}
MESSAGE_DOMAIN = (
    "tickets.assistant"  # right-hand side of our Message-IDs; no host of that name is needed
)
# Tried again after these pauses; a mail server that is away for a day loses nothing.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))


class Notification(Base):
    """A mail that is to be sent, or was."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index(
            "ix_notifications_waiting",
            "next_attempt_at",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("uq_notifications_step", "ticket_id", "template", "about", unique=True),
    )

    id: Mapped[Key]
    ticket_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("tickets.id")
    )  # none of a campaign's mail
    template: Mapped[str]
    about: Mapped[str]  # which step of the ticket: the same one is told once
    address: Mapped[str]
    language: Mapped[Language]
    subject: Mapped[str]
    body: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]  # pending, sent, failed, not_configured
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[Created]


async def tell(
    session: AsyncSession,
    ticket: Ticket,
    template: str,
    now: datetime,
    *,
    customer: Customer | None = None,
    about: str = "",
    **values: str,
) -> bool:
    """Write a mail to the ticket's customer; whether there is an address and a template for it."""
    content = (await load_ticket_config(session)).templates.get(template)
    if customer is None and ticket.customer_id is not None:
        customer = await session.get(Customer, ticket.customer_id)
    address = customer.email if customer else ticket.contact
    if (
        content is None
        or content.subject is None
        or not address
        or "@" not in address
        or ticket.erased_at is not None
    ):
        return False
    language: Language = customer.language if customer else ticket.language
    filled = template_values(ticket, language, customer) | values
    row = _mail(ticket, template, content, language, filled)
    row |= {
        "about": about or f"v{ticket.version}",
        "address": address,
        "next_attempt_at": now,
        "created_at": now,
    }
    await session.execute(insert(Notification).values(**row).on_conflict_do_nothing())
    return True


def _mail(
    ticket: Ticket,
    template: str,
    content: TemplateContent,
    language: Language,
    values: dict[str, str],
) -> dict[str, object]:
    subject = (
        " ".join(fill(content.subject.of(language), values).split()) if content.subject else ""
    )
    return {
        "id": uuid4(),
        "ticket_id": ticket.id,
        "template": template,
        "language": language,
        "subject": subject[:200],
        "body": fill(content.body.of(language), values),
        "message_id": make_msgid(domain=MESSAGE_DOMAIN),
        "state": "pending",
        "attempts": 0,
    }


def template_values(
    ticket: Ticket, language: Language, customer: Customer | None, agent: StaffUser | None = None
) -> dict[str, str]:
    """What templates may say of a ticket."""
    name = (
        ((customer.native_name if language == "zh" else None) or customer.name)
        if customer
        else NOBODY[language]
    )
    return {
        "reference": ticket.reference,
        "subject": ticket.subject,
        "customer_name": name,
        "bank_name": BANK_NAMES[language],
        "agent_name": agent.name if agent else BANK_NAMES[language],
        "queue": ticket.queue,
        "priority": ticket.priority,
        "state": ticket.state,
        "first_response_due": when(ticket.first_response_due, language),
        "resolution_due": when(ticket.resolution_due, language),
        "opened_on": when(ticket.created_at, language),
    }


def when(at: datetime, language: Language) -> str:
    """A time as a letter says it, in the bank's zone."""

    return str(
        format_datetime(at, "long", tzinfo=ZoneInfo(SERVICE_HOURS.zone), locale=LOCALES[language])
    )


def waiting(now: datetime, limit: int) -> Select[Notification]:
    """Mails that are to be sent by now."""
    return (
        select(Notification)
        .where(Notification.state == "pending", Notification.next_attempt_at <= now)
        .order_by(Notification.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def conclude(mail: Notification, ok: bool, now: datetime) -> None:
    """Note what came of an attempt."""
    mail.attempts += 1
    if ok:
        mail.state, mail.sent_at = "sent", now
    elif mail.attempts > len(PAUSES):
        mail.state = "failed"
    else:
        mail.next_attempt_at = now + PAUSES[mail.attempts - 1]
