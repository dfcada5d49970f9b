"""What may be done with a card from a conversation: block it. Unblocking takes a person."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Card
from core.audit import record
from core.errors import NotFound
from core.identity import Caller, Participant
from core.outbox import emit


async def block_card(session: AsyncSession, caller: Caller, card: Card) -> None:
    """Block a card; NotFound when it is not the speaker's own."""
    if isinstance(caller, Participant) and card.customer_id != caller.customer_id:
        raise NotFound("card")
    card.state = "blocked"
    await record(session, caller, "card.blocked", f"card:{card.id}")
    emit(
        session,
        "card.blocked",
        {"id": str(card.id), "customer_id": str(card.customer_id), "last_four": card.last_four},
    )
