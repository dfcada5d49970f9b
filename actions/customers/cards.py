"""What may be done with a card: block it and unblock it.

A block counts in our view at once, an unblock when the core banking system has confirmed it. Either is written as a request in
the caller's transaction and leaves after it (card_control/delivery.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.delivery import deliver_request
from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.requests import (
    add_request,
    live_request,
    lock_cards,
    note,
    supersede,
)
from actions.customers.card_control.rules import refusal_to_unblock
from actions.customers.models import Card, ControlState
from core.clock import utc_now
from core.errors import Conflict, NotAllowed, NotFound
from core.identity import Application, Caller, Participant, Staff, require
from core.localized_text import LocalizedText


@dataclass(frozen=True)
class CardChange:
    """What came of asking: `done` where the card is so already, `requested` where the core banking system has yet to confirm."""

    outcome: Literal["requested", "done"]
    request_id: UUID | None = None


DONE = CardChange("done")


async def block_card(
    session: AsyncSession, caller: Caller, card: Card, reason: str | None = None
) -> CardChange:
    """Block a card; NotFound when it is not the speaker's own, Conflict when it has expired."""
    await _begin(session, caller, card)
    if card.state == "blocked" and card.control != "unblock_pending":
        return await _unchanged(session, card, "block_pending")
    request = await add_request(session, caller, card, "block", reason, utc_now())
    return await _requested(session, caller, card, request, "card.blocked")


async def unblock_card(
    session: AsyncSession, caller: Caller, card: Card, reason: str | None = None
) -> CardChange:
    """Unblock a card; NotFound and Conflict as for a block.

    A customer may only take back a block of the last 24 hours that was made in a conversation, with a second factor: otherwise
    NotAllowed, whose text says what to do. Employees need `customers:write`, and applications cannot.
    """
    await _begin(session, caller, card)
    if isinstance(caller, Application):
        require(caller, "customers:write")
    if card.state == "active" or card.control == "unblock_pending":
        return await _unchanged(session, card, "unblock_pending")
    live = await live_request(session, card)
    now = utc_now()
    if isinstance(caller, Participant) and (refusal := refusal_to_unblock(caller, live, now)):
        raise NotAllowed(refusal)
    if live is not None and live.state == "pending" and live.attempts == 0:
        return await _take_back(session, caller, card, live, now)
    request = await add_request(session, caller, card, "unblock", reason, now)
    return await _requested(session, caller, card, request, "card.unblock_requested")


async def why_not_unblocked(
    session: AsyncSession, caller: Participant, card: Card
) -> LocalizedText | None:
    """Return why `unblock_card` would not let a customer unblock a blocked card; None when it would."""
    return refusal_to_unblock(caller, await live_request(session, card), utc_now())


async def _begin(session: AsyncSession, caller: Caller, card: Card) -> None:
    """Check whose card it is and lock it."""
    if isinstance(caller, Staff):
        require(caller, "customers:write")
    if isinstance(caller, Participant) and card.customer_id != caller.customer_id:
        raise NotFound("card")
    await lock_cards(session, card)
    if card.state == "expired":
        raise Conflict("card.expired")


async def _unchanged(session: AsyncSession, card: Card, pending: ControlState) -> CardChange:
    """The card is as it was asked for, or a request for it is on its way."""
    if card.control != pending:
        return DONE
    request = await live_request(session, card)
    return CardChange("requested", request.id if request else None)


async def _requested(
    session: AsyncSession, caller: Caller, card: Card, request: CardRequest, happened: str
) -> CardChange:
    key = str(request.id)
    await deliver_request.defer(session, lock=key, request_id=key)
    await note(session, caller, happened, card, request)
    return CardChange("requested", request.id)


async def _take_back(
    session: AsyncSession, caller: Caller, card: Card, block: CardRequest, now: datetime
) -> CardChange:
    """A block that was never sent: the core banking system has nothing to undo."""
    await supersede(session, card)
    block.concluded_at = now
    card.state, card.control = "active", None
    await session.flush()
    await note(session, caller, "card.unblocked", card, block)
    return CardChange("done", block.id)
