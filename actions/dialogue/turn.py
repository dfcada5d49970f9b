"One turn as the actions see it: who speaks (from the database), what is remembered, and the services."

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.identity import Participant
from core.languages import Language
from knowledge_base.search import KnowledgeSearch


class Handoffs(Protocol):
    "How a conversation is given to a person; the conversations' own package does it."

    async def request(self, session: AsyncSession, conversation_id: UUID, reason: str, now: datetime) -> bool:
        "Queue the conversation; whether somebody is on duty now."
        ...


@dataclass(frozen=True)
class Services:
    "What actions need beside the database."

    search: KnowledgeSearch
    handoffs: Handoffs
    answer_threshold: float


@dataclass
class Turn:
    "A message being answered. `memory` is kept with the conversation; text in it was cleaned."

    session: AsyncSession
    services: Services
    speaker: Participant
    language: Language
    text: str
    now: datetime
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        return self.speaker.customer_id is not None


@dataclass
class Reply:
    "One message to the customer, as the contract writes it."

    text: str
    citations: list[dict[str, Any]] = field(default_factory=list)
    quick_replies: list[dict[str, str]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)


current_turn: ContextVar[Turn] = ContextVar("current_turn")
