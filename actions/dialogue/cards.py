"""A lost card is blocked at once; which one is asked with one tap when there are several, and another one can be named after."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.customers.cards import block_card
from actions.customers.models import Card
from actions.customers.queries import cards_of
from actions.dialogue.customers import signed_in_customer
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, Turn

CHOOSING = (
    "choosing_card"  # in a conversation's memory: a card was asked for, or blocked; its last digits
)
_LAST_FOUR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_KINDS = {
    "credit": re.compile(r"\bcredit\b|信用卡|贷记卡", re.IGNORECASE | re.ASCII),
    "debit": re.compile(r"\bdebit\b|借记卡|储蓄卡", re.IGNORECASE | re.ASCII),
}
_ALL = re.compile(r"\b(?:all|both|every)\b|都|全部|两张|所有", re.IGNORECASE | re.ASCII)
_OTHER = re.compile(
    r"\b(?:the )?other\b|另一张|另外一?张|别的|那张|不是这张", re.IGNORECASE | re.ASCII
)


async def block_reported_card(turn: Turn) -> Reply:
    """Block the card that the message names, or the only one; ask when it may be any of several. A visitor is told what to do."""
    turn.note("card_handled")
    customer = await signed_in_customer(turn)
    if customer is None:
        return Reply(say("lost_card_first", turn.language))
    cards = await cards_of(turn.session, customer)
    active = [card for card in cards if card.state == "active"]
    lost = named_cards(turn.text, cards) or (active if len(active) == 1 else [])
    if not lost:
        turn.memory[CHOOSING] = ""
        return _ask_which(turn, active)
    return await _block(turn, lost)


async def block_chosen_card(turn: Turn) -> Reply | None:
    """Block the card that is named after which card was asked, or after another one was blocked; None when none is named."""
    if CHOOSING not in turn.memory or turn.happened("card_handled"):
        return None
    customer = await signed_in_customer(turn)
    cards = await cards_of(turn.session, customer) if customer else []
    chosen = named_cards(turn.text, cards, blocked=turn.memory[CHOOSING])
    if chosen:
        turn.note("card_handled")
    return await _block(turn, chosen) if chosen else None


async def offer_block(turn: Turn) -> Reply | None:
    """One tap for each active card, where somebody may be paying with it; None when there is nothing to block."""
    customer = await signed_in_customer(turn)
    cards = await cards_of(turn.session, customer) if customer else []
    active = [card for card in cards if card.state == "active"]
    if not active:
        return None
    turn.memory[CHOOSING] = ""
    return Reply(say("offer_block", turn.language), quick_replies=_taps(turn, active))


def named_cards(text: str, cards: Sequence[Card], blocked: str = "") -> list[Card]:
    """The cards that a text names: by last digits, by kind, all of them, or the other one than that `blocked`."""
    digits = set(_LAST_FOUR.findall(text))
    if by_digits := [card for card in cards if card.last_four in digits]:
        return by_digits
    active = [card for card in cards if card.state == "active"]
    if _ALL.search(text):
        return active
    kinds = [kind for kind, words in _KINDS.items() if words.search(text)]
    narrowed = [card for card in active if card.kind in kinds] if kinds else []
    others = (
        [card for card in active if card.last_four != blocked]
        if _OTHER.search(text) and blocked
        else []
    )
    return next((found for found in (narrowed, others) if len(found) == 1), [])


async def _block(turn: Turn, cards: Sequence[Card]) -> Reply:
    lines, actions = [], []
    for card in cards:
        if card.state != "active":
            lines.append(say("card_not_active", turn.language, last_four=card.last_four))
            continue
        await block_card(turn.session, turn.speaker, card)
        turn.memory[CHOOSING] = card.last_four
        lines.append(say("card_blocked", turn.language, last_four=card.last_four))
        actions.append({"type": "card.blocked", "id": str(card.id), "last_four": card.last_four})
    return Reply("\n".join(lines), actions=actions)


def _ask_which(turn: Turn, active: Sequence[Card]) -> Reply:
    if not active:
        return Reply(say("no_active_card", turn.language))
    return Reply(say("which_card", turn.language), quick_replies=_taps(turn, active))


def _taps(turn: Turn, cards: Sequence[Card]) -> list[dict[str, str]]:
    texts = [say("block_this_card", turn.language, last_four=card.last_four) for card in cards]
    return [{"title": text, "payload": text} for text in texts]
