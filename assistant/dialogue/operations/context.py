"""What an operation works with. Who speaks is read from the conversation; no argument ever names a customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.screening import WatchlistIndex
from actions.customers.models import Customer
from actions.customers.queries import load_customer
from actions.tickets.lifecycle import Queue
from actions.tickets.models import Ticket
from actions.tickets.priorities import Priority
from actions.tickets.routing.signals import Sign
from actions.tickets.ticket_config.contents import Channel
from assistant.dialogue.commands import Command
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import FlowSet
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import DialogueState, Offer, OfferItem
from assistant.dialogue.wording import person_item, say
from core.identity import Participant
from core.languages import Language
from core.localized_text import Param
from knowledge_base.search import KnowledgeSearch


@dataclass(frozen=True)
class HandoffRequest:
    """Why a person is wanted, which team, and how pressing it is."""

    reason: str
    queue: Queue | None = None
    priority: Priority = "normal"


class Handoffs(Protocol):
    """How a conversation is given to a person and taken back; the conversations' own package does it."""

    async def request(
        self, session: AsyncSession, conversation_id: UUID, wanted: HandoffRequest, now: datetime
    ) -> bool:
        """Queue the conversation; whether somebody is on duty now."""
        ...

    async def leave(
        self, session: AsyncSession, speaker: Participant, conversation_id: UUID, now: datetime
    ) -> bool:
        """The customer waits no longer; false when the conversation does not wait."""
        ...


@dataclass(frozen=True)
class Services:
    """What operations need beside the database; without a watchlist nothing is offered, since nothing could be checked."""

    search: KnowledgeSearch
    handoffs: Handoffs
    answer_threshold: float
    watchlist: WatchlistIndex | None = None


@dataclass(frozen=True)
class OperationContext:
    """A turn as an operation sees it; `text` is the masked message, `signs` what the customer showed in the conversation."""

    session: AsyncSession
    services: Services
    speaker: Participant
    conversation_id: UUID
    message_id: UUID | None
    text: str
    language: Language
    now: datetime
    channel: Channel
    signs: tuple[Sign, ...]
    facts: Facts
    state: DialogueState
    flows: FlowSet = field(default_factory=lambda: FlowSet(revision=0, flows={}))

    @property
    def signed_in(self) -> bool:
        """Whether the speaker is a customer whose identity token opened the conversation."""
        return self.speaker.customer_id is not None

    def say(self, code: str, **params: Param) -> str:
        """A catalogue entry in the conversation's language."""
        return say(code, self.language, **params)

    async def customer(self) -> Customer | None:
        """The customer who speaks; None for a visitor."""
        if self.speaker.customer_id is None:
            return None
        return await load_customer(self.session, self.speaker, self.speaker.customer_id)

    def offer(self, *items: OfferItem, declined: Command | None = None) -> Offer:
        """An offer of this turn."""
        return Offer(items=items, turn=self.state.turn, declined=declined)

    def person_offer(self) -> Offer:
        """The offer of an agent alone."""
        return self.offer(person_item(self.language))


Operation = Callable[[OperationContext, Mapping[str, Any]], Awaitable[Outcome]]


def refusal(context: OperationContext, text: str, offer: Offer | None = None) -> Outcome:
    """Nothing was done, with the reason; the flow that asked for it ends."""
    offer = offer or context.person_offer()
    return Outcome((Reply(text),), helped=False, stops_flow=True, offer=offer)


def ask_to_sign_in(context: OperationContext) -> Outcome:
    """One's own data and cards need a sign-in."""
    return refusal(context, context.say("dialogue.sign_in"))


def ticket_action(kind: str, ticket: Ticket) -> dict[str, Any]:
    """A ticket as an action of a reply."""
    return {"type": kind, "id": str(ticket.id), "reference": ticket.reference}


def as_uuid(value: object) -> UUID | None:
    """An id as it stands in a slot; None when it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
