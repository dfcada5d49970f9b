"""Tables of products and of advice as it was given."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key


class DeclinedOffer(Base):
    """A product that a customer said no to; it is not offered again until the time is over."""

    __tablename__ = "declined_offers"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    until: Mapped[datetime]
    declined_by: Mapped[str]
    created_at: Mapped[Created]


class RetentionRate(Base):
    """Of customers of a segment and risk level, the share that has kept a product for a year or longer."""

    __tablename__ = "kept_products"

    segment: Mapped[str] = mapped_column(primary_key=True)
    risk_level: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    share: Mapped[float]
    customers: Mapped[int]
    computed_at: Mapped[datetime]


class RankingModel(Base):
    """Weights of the ranking that were learned from outcomes, with how they compare; live only after a person said so."""

    __tablename__ = "ranking_models"

    version: Mapped[int] = mapped_column(primary_key=True)
    weights: Mapped[dict[str, float]]
    measured: Mapped[Json]
    live: Mapped[bool]
    made_by: Mapped[str]
    switched_by: Mapped[str | None]
    created_at: Mapped[Created]


class Advice(Base):
    """A recommendation as it was given: the request, the customer's situation, the result."""

    __tablename__ = "advice"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    by: Mapped[str]
    rules_version: Mapped[int]
    request: Mapped[Json]
    situation: Mapped[Json]
    ranking_version: Mapped[int] = mapped_column(
        default=0
    )  # of learned weights; 0 are the rules' own
    result: Mapped[Json]
    created_at: Mapped[Created]
