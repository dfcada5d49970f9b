"""One turn as the actions see it: who speaks (from the database), what is remembered, and the services."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.screening import WatchlistIndex
from actions.tickets.catalogue.service import ServiceFinder
from actions.tickets.lifecycle import Queue
from actions.tickets.priorities import Priority
from actions.tickets.routing.signals import Sign
from actions.tickets.ticket_config.contents import Channel
from core.identity import Participant
from core.languages import Language
from knowledge_base.search import KnowledgeSearch

# Where replies wait in the conversation's memory while Rasa decides their order. They do not travel through Rasa, which
# would keep them in its history and send that along with each later action.
SAID = "said"
SHOWN = "shown"  # in the memory: which own data were shown last, for "and last month?"


@dataclass(frozen=True)
class Handoff:
    """Why a person is wanted, which team, and how pressing it is."""

    reason: str
    queue: Queue | None = None
    priority: Priority = "normal"


class Handoffs(Protocol):
    """How a conversation is given to a person; the conversations' own package does it."""

    async def request(
        self, session: AsyncSession, conversation_id: UUID, wanted: Handoff, now: datetime
    ) -> bool:
        """Queue the conversation; whether somebody is on duty now."""
        ...


@dataclass(frozen=True)
class Services:
    """What actions need beside the database."""

    search: KnowledgeSearch
    handoffs: Handoffs
    answer_threshold: float
    catalogue: ServiceFinder
    watchlist: WatchlistIndex | None = (
        None  # without one nothing is offered, since nothing could be checked
    )


@dataclass
class Turn:
    """A message being answered. `memory` is kept with the conversation; text in it was cleaned."""

    session: AsyncSession
    services: Services
    speaker: Participant
    message_id: UUID
    language: Language
    text: str
    now: datetime
    channel: Channel = "web"
    signs: tuple[Sign, ...] = ()  # what the customer showed in this conversation
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        return self.speaker.customer_id is not None

    def note(self, event: str) -> None:
        """Remember that something happened in this turn, for the other actions that Rasa runs in it."""
        self.memory[event] = str(self.message_id)

    def happened(self, event: str) -> bool:
        """Whether it was noted in this turn."""
        return bool(self.memory.get(event) == str(self.message_id))

    def keep_reply(self, reply: Reply) -> int:
        """Keep a reply to this message with the conversation; its number, by which `kept_replies` finds it."""
        kept = _kept(self.memory, self.message_id)
        self.memory[SAID] = {"message": str(self.message_id), "replies": [*kept, asdict(reply)]}
        return len(kept)


@dataclass
class Reply:
    """One message to the customer, as the contract writes it."""

    text: str
    citations: list[dict[str, Any]] = field(default_factory=list)
    quick_replies: list[dict[str, str]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)


def form(fields: Sequence[dict[str, Any]], title: str | None = None) -> dict[str, Any]:
    """What is asked for, as an action of a reply: where pages show fields, they may be filled in at once.

    A field: {name, label, type, required, options}. Each answer is sent as a message of its own, in this order.
    """
    return {"type": "form.asked", "title": title, "fields": list(fields)}


def kept_replies(memory: dict[str, Any], message_id: UUID, numbers: list[int]) -> list[Reply]:
    """The replies to a message that were kept under these numbers, in this order."""
    kept = _kept(memory, message_id)
    return [Reply(**kept[number]) for number in numbers if number < len(kept)]


def _kept(memory: dict[str, Any], message_id: UUID) -> list[dict[str, Any]]:
    said = memory.get(SAID) or {}
    return said["replies"] if said.get("message") == str(message_id) else []


current_turn: ContextVar[Turn] = ContextVar("current_turn")
