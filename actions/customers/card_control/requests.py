"""Requests of cards: written with the change that asks for them, taken for delivery, and concluded by an answer.

Rows are locked in this order: cards, their requests, the audit chain. A turn of a conversation may hold the chain before it
comes to a card, so `conclude` takes the chain first and never waits for a card.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.port import CardAction, CardOrder, ControlResult
from actions.customers.card_control.rules import LEASE, pause_after
from actions.customers.models import Card
from actions.customers.source_models import SourceRecord
from core.audit import hold_chain, record
from core.identity import Caller, Participant, System, actor
from core.outbox import emit

CORE_BANKING = System("core_banking")
LIVE = ("pending", "confirmed")
BUSY = timedelta(seconds=1)


async def lock_cards(session: AsyncSession, card: Card) -> None:
    """Lock the card with all others of its customer, always in the same order, and read it anew."""
    cards = (
        select(Card)
        .where(Card.customer_id == card.customer_id)
        .order_by(Card.kind, Card.last_four, Card.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    (await session.scalars(cards)).all()


def live_requests(card_ids: Sequence[UUID]) -> Select[CardRequest]:
    """The last request of each card that is pending or in force, locked."""
    last = (
        select(CardRequest.id)
        .where(CardRequest.card_id.in_(card_ids), CardRequest.state.in_(LIVE))
        .distinct(CardRequest.card_id)
        .order_by(CardRequest.card_id, CardRequest.ordinal.desc())
    )
    return select(CardRequest).where(CardRequest.id.in_(last)).with_for_update()


async def live_request(session: AsyncSession, card: Card) -> CardRequest | None:
    """Return the card's request that is pending or in force, locked."""
    requests = live_requests([card.id]).execution_options(populate_existing=True)
    return await session.scalar(requests)


def with_last_request(card_id: UUID) -> Select[Card, CardRequest | None]:
    """A card with its newest request, whatever became of it, read together: neither is older than the other."""
    newest = (
        select(CardRequest.id)
        .where(CardRequest.card_id == card_id)
        .order_by(CardRequest.ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Card, CardRequest)
        .outerjoin(CardRequest, CardRequest.id == newest)
        .where(Card.id == card_id)
        .execution_options(populate_existing=True)
    )


async def add_request(
    session: AsyncSession,
    caller: Caller,
    card: Card,
    action: CardAction,
    reason: str | None,
    now: datetime,
) -> CardRequest:
    """Write a request and what the card shows of it; the job that delivers it is the caller's to defer."""
    await supersede(session, card)
    request = CardRequest(
        card_id=card.id,
        card_reference=await _reference(session, card),
        action=action,
        state="pending",
        requested_by=actor(caller),
        conversation_id=caller.conversation_id if isinstance(caller, Participant) else None,
        reason=reason,
        attempts=0,
        next_attempt_at=now,
        requested_at=now,
    )
    session.add(request)
    if action == "block":
        card.state, card.control = "blocked", "block_pending"
    else:
        card.control = "unblock_pending"
    await session.flush()
    return request


async def supersede(session: AsyncSession, card: Card) -> None:
    """A pending request of the card is sent no more."""
    await session.execute(
        update(CardRequest)
        .where(CardRequest.card_id == card.id, CardRequest.state == "pending")
        .values(state="superseded")
    )


async def _reference(session: AsyncSession, card: Card) -> str:
    """The key under which a source knows the card, else our id."""
    key = select(SourceRecord.key).where(
        SourceRecord.type == "card", SourceRecord.entity_id == card.id
    )
    return await session.scalar(key) or str(card.id)


def due_requests(now: datetime, limit: int) -> Select[UUID]:
    """Ids of requests that are to be sent by now, the longest waiting first."""
    return (
        select(CardRequest.id)
        .where(CardRequest.state == "pending", CardRequest.next_attempt_at <= now)
        .order_by(CardRequest.next_attempt_at)
        .limit(limit)
    )


async def claim(
    session: AsyncSession, request_id: UUID, now: datetime
) -> tuple[CardOrder, bool] | None:
    """Count an attempt and return the order, with whether it was accepted before; None when there is nothing to send."""
    pending = (
        select(CardRequest)
        .where(CardRequest.id == request_id, CardRequest.state == "pending")
        .with_for_update()
    )
    request = await session.scalar(pending)
    if request is None:
        return None
    request.attempts += 1
    request.next_attempt_at = now + LEASE
    order = CardOrder(
        request.id, request.card_reference, request.action, request.ordinal, request.requested_at
    )
    return order, request.accepted_at is not None


async def conclude(
    session: AsyncSession, request_id: UUID, result: ControlResult, now: datetime
) -> timedelta | None:
    """Write what came of an attempt; returns after which pause the next one is due, None when there is none."""
    await hold_chain(session)
    row = (await session.execute(_open(request_id))).one_or_none()
    if row is None:
        return BUSY if await session.scalar(_is_pending(request_id)) else None
    request, card = row.tuple()
    pause = pause_after(request.attempts)
    request.failure = result.reason
    if result.outcome == "done":
        await _confirm(session, request, card, now)
        return None
    if result.outcome == "refused" or pause is None:
        await _fail(session, request, card, result, now)
        return None
    # One that they do not know any more is sent again.
    request.accepted_at = now if result.outcome == "pending" else None
    request.next_attempt_at = now + pause
    return pause


def _open(request_id: UUID) -> Select[CardRequest, Card]:
    return (
        select(CardRequest, Card)
        .join(Card, Card.id == CardRequest.card_id)
        .where(CardRequest.id == request_id, CardRequest.state == "pending")
        .with_for_update(skip_locked=True)
    )


def _is_pending(request_id: UUID) -> Select[UUID]:
    return select(CardRequest.id).where(
        CardRequest.id == request_id, CardRequest.state == "pending"
    )


async def _confirm(session: AsyncSession, request: CardRequest, card: Card, now: datetime) -> None:
    request.state, request.concluded_at, request.failure = "confirmed", now, None
    card.control = None
    if card.state != "expired":
        card.state = "blocked" if request.action == "block" else "active"
    happened = "card.block_confirmed" if request.action == "block" else "card.unblocked"
    await note(session, CORE_BANKING, happened, card, request)


async def _fail(
    session: AsyncSession, request: CardRequest, card: Card, result: ControlResult, now: datetime
) -> None:
    """A card whose block was not confirmed must not look blocked; one that was to be unblocked stays as it is."""
    request.state = "refused" if result.outcome == "refused" else "failed"
    request.concluded_at = now
    request.failure = result.reason or "not_confirmed"
    if request.action == "block":
        card.control = "block_failed"
        if card.state == "blocked":
            card.state = "active"
    else:
        card.control = "unblock_failed"
    await note(session, CORE_BANKING, f"card.{card.control}", card, request)


async def note(
    session: AsyncSession, caller: Caller, happened: str, card: Card, request: CardRequest
) -> None:
    """Write the event and the audit entry of a step, under one name."""
    about = {"id": str(card.id), "customer_id": str(card.customer_id), "last_four": card.last_four}
    emit(session, happened, about | {"request_id": str(request.id)})
    details = {
        "request": str(request.id),
        "conversation": request.conversation_id,
        "reason": request.failure or request.reason,
    }
    present = {name: value for name, value in details.items() if value is not None}
    await record(session, caller, happened, f"card:{card.id}", present)
