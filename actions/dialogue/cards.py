"A lost card is blocked at once; which one is asked with one tap when there are several."

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.customers.cards import block_card
from actions.customers.models import Card
from actions.customers.queries import cards_of
from actions.dialogue.customers import signed_in_customer
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, Turn

_LAST_FOUR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


async def block_reported_card(turn: Turn) -> Reply:
    "Block the card that the message names, or the only one; ask when it may be any of several. A visitor is told what to do."
    customer = await signed_in_customer(turn)
    if customer is None:
        return Reply(say("lost_card_first", turn.language))
    cards = await cards_of(turn.session, customer)
    lost = named_card(turn.text, cards)
    if lost is None:
        return _ask_which(turn, [card for card in cards if card.state == "active"])
    if lost.state == "active":
        await block_card(turn.session, turn.speaker, lost)
        text = say("card_blocked", turn.language, last_four=lost.last_four)
        return Reply(text, actions=[{"type": "card.blocked", "id": str(lost.id), "last_four": lost.last_four}])
    return Reply(say("card_not_active", turn.language, last_four=lost.last_four))


async def offer_block(turn: Turn) -> Reply | None:
    "One tap for each active card, where somebody may be paying with it; None when there is nothing to block."
    customer = await signed_in_customer(turn)
    cards = await cards_of(turn.session, customer) if customer else []
    active = [card for card in cards if card.state == "active"]
    return Reply(say("offer_block", turn.language), quick_replies=_taps(turn, active)) if active else None


def named_card(text: str, cards: Sequence[Card]) -> Card | None:
    "The card whose last four digits are in the text, else the only active one."
    digits = set(_LAST_FOUR.findall(text))
    named = [card for card in cards if card.last_four in digits]
    candidates = named or [card for card in cards if card.state == "active"]
    return candidates[0] if len(candidates) == 1 else None


def _ask_which(turn: Turn, active: Sequence[Card]) -> Reply:
    if not active:
        return Reply(say("no_active_card", turn.language))
    return Reply(say("which_card", turn.language), quick_replies=_taps(turn, active))


def _taps(turn: Turn, cards: Sequence[Card]) -> list[dict[str, str]]:
    texts = [say("block_this_card", turn.language, last_four=card.last_four) for card in cards]
    return [{"title": text, "payload": text} for text in texts]
