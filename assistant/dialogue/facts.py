"""What the engine may know of the world in a turn: read before it, never changed by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from actions.customers.models import Account, Card
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from core.languages import Language

APPOINTMENT = "appointment"  # the tag of a ticket that asks for one
ConversationState = Literal["assistant", "queued"]


@dataclass(frozen=True)
class Facts:
    """Who speaks, what they have, and when. `confirmed` says that a second factor counts at this moment."""

    now: datetime
    language: Language
    signed_in: bool
    confirmed: bool = False
    state: ConversationState = "assistant"
    on_duty: bool = True
    cards: Sequence[Card] = ()
    accounts: Sequence[Account] = ()
    tickets: Sequence[Ticket] = ()

    @property
    def appointments(self) -> list[Ticket]:
        """Appointments that were requested and are not over, the newest first."""
        return [one for one in self.tickets if one.state in ACTIVE and APPOINTMENT in one.tags]

    @property
    def active_cards(self) -> list[Card]:
        """Cards that can be paid with."""
        return [card for card in self.cards if card.state == "active"]
