"""The table of products."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from core.database import Amount, Base, Created, Json, Key


class Product(Base):
    """Something the bank sells. Risk level R1..R5; `eligibility` and `disclosures` are data, texts in both languages."""

    __tablename__ = "products"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[str]
    risk_level: Mapped[str]
    currency: Mapped[str]
    minimum: Mapped[Amount]
    horizon_months: Mapped[int]
    liquid: Mapped[bool]
    goals: Mapped[list[str]]
    eligibility: Mapped[Json]
    disclosures: Mapped[Json]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Created]
