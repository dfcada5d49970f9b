"""What the catalogue says over HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ProductOut(BaseModel):
    """A product of the catalogue."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    name_zh: str
    kind: str
    risk_level: str
    currency: str
    horizon_months: int
    liquid: bool
    goals: list[str]
