"""Tables of marketing and sales."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.marketing.schemas import CampaignContent
from actions.marketing.scoring import Stage
from core.database import Amount, Base, Created, Json, Key, TypedJson
from core.versioned import Versioned


class Segment(Base):
    """A rule over the portrait with a name; every version is kept, the highest counts."""

    __tablename__ = "segments"

    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[Json]
    rule: Mapped[Json]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class Campaign(Base):
    """An offer to a segment: channels, window, variants, and whom it leaves out to know what it achieves."""

    __tablename__ = "campaigns"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]  # draft, running, paused, ended
    version: Mapped[int] = mapped_column(default=1)
    content: Mapped[CampaignContent] = mapped_column(TypedJson(CampaignContent))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[str]
    approved_by: Mapped[str | None]
    mailed_through: Mapped[UUID | None]  # the last customer of the present pass of mails
    mailed_at: Mapped[datetime | None]  # when the last pass was complete
    created_at: Mapped[Created]


class CampaignContact(Base):
    """A customer in a campaign: the variant is drawn once and stays; `holdout` is never contacted.

    The steps of the funnel are times; None where it did not come so far.
    """

    __tablename__ = "campaign_contacts"
    __table_args__ = (
        Index("uq_campaign_contacts_customer", "campaign_id", "customer_id", unique=True),
        Index(
            "ix_campaign_contacts_shown",
            "customer_id",
            "shown_at",
            postgresql_where=text("shown_at is not null"),
        ),
    )

    id: Mapped[Key]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    variant: Mapped[str]
    channel: Mapped[str | None]
    check_id: Mapped[UUID | None] = mapped_column(ForeignKey("compliance_decisions.id"))
    shown_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class Lead(Base):
    """Somebody who may buy: from a conversation, a campaign or an employee, to won or lost."""

    __tablename__ = "leads"
    __table_args__ = (
        Index("ix_leads_list", "created_at", "id"),
        Index("ix_leads_owner_stage", "owner_id", "stage"),
        Index(
            "uq_leads_ticket",
            "ticket_id",
            unique=True,
            postgresql_where=text("ticket_id is not null"),
        ),
    )

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign_contacts.id"), index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversations.id"))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    source: Mapped[str]  # conversation, campaign, staff, application
    subject: Mapped[str]
    score: Mapped[int]
    score_parts: Mapped[dict[str, int]]
    stage: Mapped[Stage]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_users.id"))
    amount: Mapped[Decimal | None]
    currency: Mapped[str]
    expected_on: Mapped[date | None]
    lost_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class LeadChange(Base):
    """A step in a lead's history."""

    __tablename__ = "lead_changes"
    __table_args__ = (Index("ix_lead_changes_lead", "lead_id", "ordinal"),)

    id: Mapped[Key]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity())
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"))
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[datetime]


class Quote(Base):
    """An offer with its terms, and how far its contract is. It is made after a sale check, whose decision it names."""

    __tablename__ = "quotes"

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), index=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    amount: Mapped[Amount]
    currency: Mapped[str]
    terms: Mapped[dict[str, str]]
    check_id: Mapped[UUID] = mapped_column(ForeignKey("compliance_decisions.id"))
    state: Mapped[str]  # draft, sent, accepted, rejected, expired
    contract: Mapped[str]  # none, prepared, signed
    valid_until: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[str]
    created_at: Mapped[Created]


class Reminder(Base):
    """What somebody wanted to be reminded of about a lead."""

    __tablename__ = "lead_reminders"
    __table_args__ = (
        Index("ix_lead_reminders_due", "due_at", postgresql_where=text("told_at is null")),
    )

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.id"), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"), index=True)
    due_at: Mapped[datetime]
    note: Mapped[str]
    told_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class MarketingLimits(Versioned):
    """How often a customer may be contacted, a row for each version; the highest counts."""

    __tablename__ = "marketing_limits"
