"""Classifiers that a bank trained itself, and what its staff put right. The product's own model is a file beside this one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

import jieba
from sqlalchemy import ForeignKey, Integer, LargeBinary, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.routing.classifier import READ, Classifier, Guess, shipped
from actions.tickets.routing.reader import Reading, reader
from actions.tickets.ticket_config.service import load_ticket_config
from core.database import Base, Created, Json, Key


class RoutingModel(Base):
    """A trained classifier; the newest that is live is used."""

    __tablename__ = "routing_models"

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    live: Mapped[bool]
    examples: Mapped[int]
    corrections: Mapped[int]
    measured: Mapped[
        Json
    ]  # shares right, of the model before and of this one, on corrections not trained with
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class RoutingCorrection(Base):
    """A ticket that staff moved: what was decided, what is right. Its text is read from the ticket when a model is trained."""

    __tablename__ = "routing_corrections"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    what: Mapped[str]  # kind or queue
    decided: Mapped[str]
    corrected: Mapped[str]
    corrected_by: Mapped[str]
    created_at: Mapped[Created]


class RuleTrial(Base):
    """Draft rules tried on tickets of the past: what would have changed."""

    __tablename__ = "rule_trials"

    id: Mapped[Key]
    version: Mapped[int]
    tried: Mapped[int]
    result: Mapped[Json]
    made_by: Mapped[str]
    created_at: Mapped[Created]


_MODELS: WeakKeyDictionary[object, tuple[int, Classifier]] = WeakKeyDictionary()  # by engine


def load_ahead() -> None:
    """Begin to load the product's models and the Chinese dictionary, so that the first ticket does not wait for them."""
    reader().load_ahead(shipped, jieba.initialize)


def begin_reading(text: str) -> Awaitable[Reading]:
    """Let the reader begin in its thread; whoever waits for it can do other things first."""
    return asyncio.ensure_future(reader().read([text[:READ]]))


async def guess_of(
    session: AsyncSession, text: str, reading: Awaitable[Reading] | None = None
) -> Guess:
    """What a text is about, by the reader, which may have begun already, and the classifier in use."""
    reading = reading or begin_reading(text)
    model = await classifier_for(session)
    await load_ticket_config(session)  # meanwhile: the session keeps it for who routes by it
    words = model.words_of([text])  # meanwhile as well: the reader works outside of Python
    return model.pooled(words, await reading)[0]


async def classifier_for(session: AsyncSession) -> Classifier:
    """The classifier in use: the bank's newest that is live, else the product's."""
    engine = session.get_bind()
    newest = await session.scalar(select(func.max(RoutingModel.version)).where(RoutingModel.live))
    if newest is None:
        return shipped()
    cached = _MODELS.get(engine)
    if cached is None or cached[0] != newest:
        content = await session.scalar(
            select(RoutingModel.content).where(RoutingModel.version == newest)
        )
        cached = (newest, Classifier.from_bytes(content or b""))
        _MODELS[engine] = cached
    return cached[1]
