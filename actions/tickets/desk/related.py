"""Tickets that mean the same: duplicates of one customer within a window, and related ones of everybody.

Related ones are found in FAISS, by the encoder and the index layout of the knowledge base, over the newest tickets; each
process follows PostgreSQL by the time up to which it has read.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.embeddings import read_vectors, vectors_of
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket, TicketVector
from actions.tickets.queries import visible_tickets
from core.identity import Caller
from knowledge_base.encoder import Encoder
from knowledge_base.vectors import FaissVectors, training_size

SAME = 0.8  # cosine from which two tickets of one customer are about the same
COMPARED = 50  # newest open tickets of a customer that are compared
WINDOW = timedelta(days=14)
RELATED = 0.5  # cosine below which nothing is related
MAX_IN_MEMORY = 100_000  # newest tickets in memory, 1.5 kB each
CANDIDATES = 200  # nearest of all, of which those are shown that the caller may see
OVERLAP = timedelta(minutes=2)  # a transaction that began earlier may commit later
Vector = NDArray[np.float32]


async def duplicates(
    session: AsyncSession, caller: Caller, ticket: Ticket, encoder: Encoder
) -> list[tuple[Ticket, float]]:
    """Open tickets of the same customer about the same within the window, the nearest first."""
    who = (
        Ticket.customer_id == ticket.customer_id
        if ticket.customer_id
        else Ticket.contact == ticket.contact
    )
    if ticket.customer_id is None and ticket.contact is None:
        return []
    near = Ticket.created_at.between(ticket.created_at - WINDOW, ticket.created_at + WINDOW)
    rows = visible_tickets(caller).where(
        who, Ticket.id != ticket.id, Ticket.state.in_(ACTIVE), Ticket.merged_into.is_(None), near
    )
    others = (await session.scalars(rows.order_by(Ticket.created_at.desc()).limit(COMPARED))).all()
    mine, *theirs = await vectors_of(session, [ticket, *others], encoder)
    similar = [(other, float(vector @ mine)) for other, vector in zip(others, theirs, strict=True)]
    return sorted((entry for entry in similar if entry[1] >= SAME), key=lambda entry: -entry[1])


class TicketIndex:
    """Vectors of the newest tickets in this process."""

    def __init__(self, encoder: str, dimensions: int) -> None:
        self._encoder, self._dimensions = encoder, dimensions
        self._vectors = FaissVectors.empty(dimensions)
        self._ids: list[UUID] = []
        self._known: set[UUID] = set()
        self._read_to: datetime | None = None
        self._lock = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._ids)

    async def refresh(self, session: AsyncSession) -> None:
        """Read what was opened since."""
        async with self._lock:
            rows = select(TicketVector.ticket_id, TicketVector.vector, TicketVector.read_at).where(
                TicketVector.encoder == self._encoder, TicketVector.read_at.is_not(None)
            )
            if self._read_to is None:
                rows = rows.order_by(TicketVector.read_at.desc()).limit(MAX_IN_MEMORY)
            else:
                rows = rows.where(TicketVector.read_at > self._read_to - OVERLAP)
            fetched = [
                row for row in (await session.execute(rows)).all() if row[0] not in self._known
            ]
            if not fetched:
                return
            vectors = read_vectors([row[1] for row in fetched])
            await asyncio.to_thread(self._add, [row[0] for row in fetched], vectors)
            times = [row[2] for row in fetched if row[2] is not None]
            self._read_to = max([*times, self._read_to] if self._read_to else times)

    def _add(self, ids: list[UUID], vectors: Vector) -> None:
        if not self._ids and len(ids) > 1:
            sample = vectors[
                np.random.default_rng(1).permutation(len(vectors))[: training_size(len(vectors))]
            ]
            self._vectors = FaissVectors.empty(self._dimensions, len(ids), sample)
        self._vectors.add(vectors)
        self._ids += ids
        self._known.update(ids)

    async def related(
        self,
        session: AsyncSession,
        caller: Caller,
        vector: Vector,
        limit: int,
        but: UUID | None = None,
    ) -> list[tuple[Ticket, float]]:
        """The nearest tickets that the caller may see."""
        await self.refresh(session)
        everything = np.ones(len(self._ids), bool)
        rows, cosines = self._vectors.nearest(vector, everything, CANDIDATES)
        near = {
            self._ids[row]: float(c) for row, c in zip(rows, cosines, strict=True) if c >= RELATED
        }
        near.pop(but, None)
        query = visible_tickets(caller).where(Ticket.id.in_(near), Ticket.erased_at.is_(None))
        tickets = (await session.scalars(query)).all() if near else []
        ranked = sorted(
            ((ticket, near[ticket.id]) for ticket in tickets), key=lambda entry: -entry[1]
        )
        return ranked[:limit]
