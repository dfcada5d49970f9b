"Tables of the customer view. Each row names the source it came from and when."

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key, Money


class Customer(Base):
    "A person who banks here. `risk_level` C1..C5 comes from a questionnaire that expires."

    __tablename__ = "customers"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    native_name: Mapped[str | None]
    birth_date: Mapped[date]
    nationality: Mapped[str]
    residency: Mapped[str]
    language: Mapped[str]
    segment: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    document: Mapped[Json]
    risk_level: Mapped[str]
    risk_assessed_until: Mapped[date]
    kyc_state: Mapped[str]
    kyc_until: Mapped[date]
    experience: Mapped[str]
    monthly_income: Mapped[Money]
    consents: Mapped[Json]
    source: Mapped[str] = mapped_column(default="core_banking")
    source_at: Mapped[datetime]
    created_at: Mapped[Created]


class Account(Base):
    "A current or savings account."

    __tablename__ = "accounts"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    iban: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    currency: Mapped[str]
    balance: Mapped[Money]
    opened_on: Mapped[date]


class Card(Base):
    "A payment card; only the last four digits are kept."

    __tablename__ = "cards"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    last_four: Mapped[str]
    state: Mapped[str]
    expires_on: Mapped[date]


class Loan(Base):
    "A loan and what is left of it."

    __tablename__ = "loans"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    currency: Mapped[str]
    principal: Mapped[Money]
    outstanding: Mapped[Money]
    rate_percent: Mapped[Decimal]
    instalment: Mapped[Money]
    next_due_on: Mapped[date]
    ends_on: Mapped[date]


class Holding(Base):
    "A product that the customer holds, at today's value."

    __tablename__ = "holdings"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    currency: Mapped[str]
    value: Mapped[Money]
    bought_on: Mapped[date]


class Transaction(Base):
    "A booking on an account; spent money is negative."

    __tablename__ = "transactions"
    __table_args__ = (Index("ix_transactions_account_time", "account_id", "booked_at"),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    booked_at: Mapped[datetime]
    amount: Mapped[Money]
    currency: Mapped[str]
    counterparty: Mapped[str]
    category: Mapped[str]
