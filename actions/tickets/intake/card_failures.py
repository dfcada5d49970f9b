"""A card that could not be blocked or unblocked is a ticket of the card team; one that could not be blocked is urgent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.wording import control_notice
from actions.customers.models import Card, Customer
from actions.tickets.intake.opening import open_ticket
from actions.tickets.models import Ticket, TicketComment
from actions.tickets.schemas import TicketNew
from core.identity import System, actor
from core.localized_text import LocalizedText, translate

CARD_CONTROL = System("card_control")


async def open_next_failure(session: AsyncSession, now: datetime, phone: str | None) -> int:
    """Open the ticket of the oldest request that failed and has none; how many were opened, 0 or 1.

    `phone` is the number that the customer is told to call.
    """
    failed = (
        select(CardRequest, Card, Customer)
        .join(Card, Card.id == CardRequest.card_id)
        .join(Customer, Customer.id == Card.customer_id)
        .where(CardRequest.state.in_(("refused", "failed")), CardRequest.ticket_id.is_(None))
        .order_by(CardRequest.ordinal)
        .limit(1)
        .with_for_update(of=CardRequest, skip_locked=True)
    )
    row = (await session.execute(failed)).one_or_none()
    if row is None:
        return 0
    request, card, customer = row.tuple()
    ticket = await open_ticket(session, CARD_CONTROL, _ticket(request, card, customer, phone), now)
    session.add(_internal_note(ticket, request, now))
    request.ticket_id = ticket.id
    await session.flush()
    return 1


def _ticket(request: CardRequest, card: Card, customer: Customer, phone: str | None) -> TicketNew:
    """What the customer reads too: in the customer's language and without codes."""
    blocking = request.action == "block"
    subject = LocalizedText(
        "card.ticket_block" if blocking else "card.ticket_unblock", last_four=card.last_four
    )
    notice = control_notice("block_failed" if blocking else "unblock_failed", card.last_four, phone)
    return TicketNew(
        subject=translate(subject, customer.language),
        description=translate(notice, customer.language),
        kind="service_request",
        queue="cards",
        priority="urgent" if blocking else "high",
        customer_id=customer.id,
        conversation_id=request.conversation_id,
        language=customer.language,
        tags=["core_banking"],
    )


def _internal_note(ticket: Ticket, request: CardRequest, now: datetime) -> TicketComment:
    details = {
        "card": request.card_reference,
        "request": request.id,
        "action": request.action,
        "state": request.state,
        "reason": request.failure,
        "attempts": request.attempts,
        "requested_at": request.requested_at.isoformat(timespec="seconds"),
    }
    return TicketComment(
        ticket_id=ticket.id,
        author=actor(CARD_CONTROL),
        text="\n".join(f"{name}: {value}" for name, value in details.items()),
        visibility="internal",
        created_at=now,
    )
