"""How satisfied a customer is with a finished ticket: the question and its scores to tap."""

from __future__ import annotations

from actions.tickets.models import Ticket
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.state import Offer, OfferItem
from assistant.dialogue.wording import say
from core.languages import Language

SCORES = (5, 4, 3, 2, 1)


def rating_question(ticket: Ticket, language: Language, turn: int) -> tuple[str, Offer]:
    """How satisfied are you? With a score to tap, each of which rates the ticket."""
    items = []
    for score in SCORES:
        slots = {"ticket": str(ticket.id), "score": score}
        items.append(
            OfferItem(
                title=say(f"dialogue.score_{score}", language),
                payload=f"{score}/5",
                command=StartFlow(flow="rate_ticket", slots=slots),
            )
        )
    text = say("dialogue.ask_rating", language, reference=ticket.reference)
    return text, Offer(items=tuple(items), turn=turn)
