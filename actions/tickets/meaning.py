"What a text means, worked out before a ticket is written: its vector, the nearest article's topic, the classifier's guess."

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import TicketVector
from actions.tickets.routing.classifier import Guess
from actions.tickets.routing.models import classifier_for
from knowledge_base.catalogue import Filter
from knowledge_base.search import KnowledgeSearch

READ = 500  # characters that are encoded; the model reads no further
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Meaning:
    "A text's unit vector by an encoder of this name, the guess, and where there is none the nearest topic with its cosine."

    vector: Vector
    encoder: str
    guess: Guess | None = None
    topic: tuple[str, float] | None = None


async def meaning_of(session: AsyncSession, search: KnowledgeSearch, text: str, now: datetime) -> Meaning:
    "Encode a text and ask the classifier; without one, the nearest article."
    vector = await search.encoder.encode(text[:READ])
    model = await classifier_for(session, search.encoder.name)
    if model is not None:
        return Meaning(vector, search.encoder.name, model.guess(text, vector))
    await search.refresh(session)
    near = await search.nearest(session, vector, Filter(("public", "staff"), None, now))
    return Meaning(vector, search.encoder.name, None, (near[0].category, near[1]) if near else None)


def kept(vector: Vector) -> bytes:
    "A vector as the table keeps it."
    return vector.astype(np.float16).tobytes()


def read_vectors(rows: list[bytes]) -> Vector:
    "Kept vectors, a row each."
    if not rows:
        return np.zeros((0, 0), np.float32)
    return np.frombuffer(b"".join(rows), np.float16).reshape(len(rows), -1).astype(np.float32)


async def vector_of_ticket(session: AsyncSession, ticket_id: object, encoder: str) -> Vector | None:
    "The ticket's vector by this encoder."
    found = await session.scalar(
        select(TicketVector.vector).where(TicketVector.ticket_id == ticket_id, TicketVector.encoder == encoder)
    )
    return read_vectors([found])[0] if found else None
