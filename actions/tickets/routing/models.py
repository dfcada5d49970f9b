"Classifiers that a bank trained itself, and what its staff put right. The product's own model is a file beside this one."

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ForeignKey, Integer, LargeBinary, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.routing.classifier import Classifier, shipped
from core.database import Base, Created, Json, Key


class RoutingModel(Base):
    "A trained classifier; the newest that is live is used."

    __tablename__ = "routing_models"

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    encoder: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    live: Mapped[bool]
    examples: Mapped[int]
    corrections: Mapped[int]
    measured: Mapped[Json]  # shares right, of the model before and of this one, on corrections not trained with
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class RoutingCorrection(Base):
    "A ticket that staff moved: what was decided, what is right. Its text is read from the ticket when a model is trained."

    __tablename__ = "routing_corrections"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    what: Mapped[str]  # kind or queue
    decided: Mapped[str]
    corrected: Mapped[str]
    corrected_by: Mapped[str]
    created_at: Mapped[Created]


class RuleTrial(Base):
    "Draft rules tried on tickets of the past: what would have changed."

    __tablename__ = "rule_trials"

    id: Mapped[Key]
    version: Mapped[int]
    tried: Mapped[int]
    result: Mapped[Json]
    made_by: Mapped[str]
    created_at: Mapped[Created]


_MODELS: WeakKeyDictionary[object, tuple[int, Classifier | None]] = WeakKeyDictionary()  # by engine


async def classifier_for(session: AsyncSession, encoder: str) -> Classifier | None:
    "The classifier in use: the bank's newest, else the product's; None when none reads this encoder's vectors."
    engine = session.get_bind()
    newest = await session.scalar(
        select(func.max(RoutingModel.version)).where(RoutingModel.live, RoutingModel.encoder == encoder)
    )
    if newest is None:
        return shipped(encoder)
    known = _MODELS.get(engine)
    if known is None or known[0] != newest:
        content = await session.scalar(select(RoutingModel.content).where(RoutingModel.version == newest))
        known = (newest, Classifier.from_bytes(content) if content else None)
        _MODELS[engine] = known
    return known[1]
