"""A card of the speaker's own is blocked at once, and unblocked again where the rule of card requests permits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from actions.customers.cards import block_card, unblock_card, why_not_unblocked
from actions.customers.models import Card
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    ask_to_sign_in,
    refusal,
)
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import EffectDone
from core.localized_text import LocalizedText, translate


async def block(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Block the card of this id, or each of several; one that is blocked already stays so and is said to be.

    It counts as blocked from now on; where the core banking system has yet to confirm, that is said. The effect names the cards
    that were blocked now, so that undoing leaves the others alone.
    """
    if not context.signed_in:
        return refusal(context, context.say("dialogue.lost_card_first"))
    cards = await _own_cards(context, arguments.get("card"))
    if not cards:
        return refusal(context, context.say("dialogue.card_not_found"))
    active = [card for card in cards if card.state == "active"]
    lines = [await _block(context, card) for card in cards]
    actions = [_action("card.blocked", card) for card in active]
    return Outcome(
        (Reply("\n".join(lines), actions=actions),), effect=block_effect(context, active)
    )


async def _block(context: OperationContext, card: Card) -> str:
    """Block a card that can be, and say what is so now."""
    if card.state != "active":
        code = "card_expired" if card.state == "expired" else "card_already_blocked"
        return context.say(f"dialogue.{code}", last_four=card.last_four)
    change = await block_card(context.session, context.speaker, card)
    code = "card_blocked" if change.outcome == "done" else "card_block_requested"
    return context.say(f"dialogue.{code}", last_four=card.last_four)


def block_effect(context: OperationContext, cards: Sequence[Card]) -> EffectDone | None:
    """What can be taken back after these cards were blocked; None without one."""
    if not cards:
        return None
    ids = [str(card.id) for card in cards]
    return EffectDone(
        id=f"cards.block:{','.join(ids)}",
        operation="cards.block",
        arguments={"card": ids[0] if len(ids) == 1 else ids},
        undo="cards.unblock",
        turn=context.state.turn,
    )


async def unblock(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Unblock the card of this id, or several, where the rule of card requests permits it; any other takes a person."""
    if not context.signed_in:
        return ask_to_sign_in(context)
    cards = await _own_cards(context, arguments.get("card"))
    if not cards:
        return refusal(context, context.say("dialogue.card_unblock_unknown"))
    lines, actions, refused = [], [], False
    for card in cards:
        reason = await _refusal(context, card)
        if reason is None:
            change = await unblock_card(context.session, context.speaker, card)
            done = change.outcome == "done"
            code = "card_unblocked" if done else "card_unblock_requested"
            reason = LocalizedText(f"dialogue.{code}", last_four=card.last_four)
            actions += [_action("card.unblocked", card)] if done else []
        elif card.state == "blocked":
            refused = True
        lines.append(translate(reason, context.language))
    return Outcome(
        (Reply("\n".join(lines), actions=actions),),
        helped=not refused,
        offer=context.person_offer() if refused else None,
    )


async def _refusal(context: OperationContext, card: Card) -> LocalizedText | None:
    """Why a card is not unblocked here; None where it may be."""
    if card.state == "active":
        return LocalizedText("dialogue.card_already_active", last_four=card.last_four)
    if card.state == "expired":
        return LocalizedText("dialogue.card_expired", last_four=card.last_four)
    return await why_not_unblocked(context.session, context.speaker, card)


async def _own_cards(context: OperationContext, value: Any) -> Sequence[Card]:
    """The speaker's cards of these ids, locked until the turn ends."""
    values = value if isinstance(value, list | tuple) else [value]
    ids = [card_id for one in values if (card_id := as_uuid(one))]
    cards = (
        select(Card)
        .where(Card.id.in_(ids), Card.customer_id == context.speaker.customer_id)
        .order_by(Card.kind, Card.last_four)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await context.session.scalars(cards)).all()


def _action(kind: str, card: Card) -> dict[str, Any]:
    return {"type": kind, "id": str(card.id), "last_four": card.last_four}
