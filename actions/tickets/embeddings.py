"""What tickets mean: a vector of each, made soon after the ticket was opened, so that nobody waits for it.

A ticket is opened with an empty row for its vector; a task fills the rows (after a crash as well), and whoever asks for a
ticket's meaning before that has it made at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.models import Ticket, TicketVector
from actions.tickets.routing.rules import routed_text
from knowledge_base.encoder import Encoder

READ = 500  # characters that are encoded; the model reads no further
Vector = NDArray[np.float32]


async def embed_pending(session: AsyncSession, encoder: Encoder, limit: int, now: datetime) -> int:
    """Make the vectors of tickets that have none, the oldest first; how many."""
    waiting = (
        select(TicketVector, Ticket.subject, Ticket.description)
        .join(Ticket, Ticket.id == TicketVector.ticket_id)
        .where(TicketVector.vector.is_(None))
        .order_by(TicketVector.created_at)
        .limit(limit)
        .with_for_update(of=TicketVector, skip_locked=True)
    )
    rows = (await session.execute(waiting)).all()
    if not rows:
        return 0
    vectors = await encoder.encode_all(
        [_text(subject, description) for _, subject, description in rows]
    )
    for (row, _, _), vector in zip(rows, vectors, strict=True):
        row.encoder, row.vector, row.read_at = encoder.name, to_bytes(vector), now
    await session.flush()
    return len(rows)


async def vectors_of(session: AsyncSession, tickets: Sequence[Ticket], encoder: Encoder) -> Vector:
    """The tickets' vectors by this encoder, a row each; what is not there yet is encoded now."""
    query = select(TicketVector.ticket_id, TicketVector.vector).where(
        TicketVector.ticket_id.in_([ticket.id for ticket in tickets]),
        TicketVector.encoder == encoder.name,
    )
    stored = {ticket_id: vector for ticket_id, vector in await session.execute(query) if vector}
    rows = [
        read_vectors([stored[ticket.id]])[0]
        if ticket.id in stored
        else await encoder.encode(_text(ticket.subject, ticket.description))
        for ticket in tickets
    ]
    return np.stack(rows) if rows else np.zeros((0, encoder.dimensions), np.float32)


async def vector_of_ticket(session: AsyncSession, ticket: Ticket, encoder: Encoder) -> Vector:
    """One ticket's vector."""
    vector: Vector = (await vectors_of(session, [ticket], encoder))[0]
    return vector


def _text(subject: str, description: str) -> str:
    return routed_text(subject, description)[:READ]


def to_bytes(vector: Vector) -> bytes:
    """A vector as the table keeps it."""
    return vector.astype(np.float16).tobytes()


def read_vectors(rows: Sequence[bytes | None]) -> Vector:
    """Kept vectors, a row each."""
    if not rows:
        return np.zeros((0, 0), np.float32)
    return (
        np.frombuffer(b"".join(row or b"" for row in rows), np.float16)
        .reshape(len(rows), -1)
        .astype(np.float32)
    )
