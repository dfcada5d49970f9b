"""The state of a dialogue: one typed, versioned value a conversation, stored with it and changed by the engine alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from assistant.dialogue.commands import Command, SlotSource
from assistant.dialogue.flows.definition import Branch
from core.languages import Language

STATE_VERSION = 1
AWAY = timedelta(hours=12)  # without a message, after which what was asked is asked again
MAX_ATTEMPTS = 2  # unreadable answers to one question, after which other ways are offered
OFFER_TURNS = 2  # after so many turns an offer no longer explains a "yes"
Aspect = Literal["cost", "time", "limit", "how_to", "status", "eligibility", "place"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Slot(_Part):
    """A value of a flow, where it came from and in which turn; `skipped` slots have no value on purpose."""

    value: Any = None
    source: SlotSource = "user"
    turn: int = 0
    skipped: bool = False


class Frame(_Part):
    """A flow on the dialogue stack: where it stands, what it knows, how often its open step was asked in vain.

    `waiting` names the slot that was asked for (`CONFIRMATION` for a confirmation); None while the flow runs. `suggested`
    flows were begun without being asked for by name; `confirmed` ones are sent without being shown first.
    """

    flow: str
    version: int = 0
    step: int = 0
    slots: dict[str, Slot] = {}
    text: str = ""
    waiting: str | None = None
    attempts: int = 0
    branch: Branch = "steps"
    suggested: bool = False
    confirmed: bool = False

    def value(self, slot: str) -> Any:
        """A slot's value, None without one."""
        found = self.slots.get(slot)
        return found.value if found else None


class OfferItem(_Part):
    """Something that can be tapped: `payload` is what a tap sends, `command` what it means."""

    title: str
    payload: str
    command: Command

    @classmethod
    def titled(cls, title: str, command: Command) -> OfferItem:
        """An item whose tap sends its title."""
        return cls(title=title, payload=title, command=command)


class Offer(_Part):
    """What "yes", "the second one" or a tap refers to. `declined` is what a "no" to all of it means."""

    items: tuple[OfferItem, ...]
    turn: int
    declined: Command | None = None


class ResultItem(_Part):
    """A row of what was shown last."""

    label: str
    amount: str | None = None
    currency: str | None = None
    at: str | None = None
    id: str | None = None


class Result(_Part):
    """The last list or figures of the customer's own, with the view and filters that made it."""

    view: str
    filters: dict[str, Any] = {}
    items: tuple[ResultItem, ...] = ()
    turn: int = 0


class Topic(_Part):
    """What the last answered question was about; `question` is complete in itself."""

    question: str
    article_id: UUID | None = None
    title: str = ""
    product: str | None = None
    aspect: Aspect | None = None
    turn: int = 0


class QueueState(_Part):
    """Waiting for a person."""

    since: datetime
    reason: str
    contact: str | None = None
    call_back_promised: bool = False
    asked_contact: bool = False


class EffectDone(_Part):
    """What this conversation did, in words of a catalogue code, and the operation that takes it back."""

    id: str
    operation: str
    arguments: dict[str, Any] = {}
    undo: str | None = None
    turn: int = 0


class DialogueState(_Part):
    """Everything that the next turn depends on. A pure value: the engine returns a new one."""

    version: int = STATE_VERSION
    turn: int = 0
    language: Language = "en"
    stack: tuple[Frame, ...] = ()
    left: Frame | None = None
    left_at: datetime | None = None
    last_offer: Offer | None = None
    last_result: Result | None = None
    topic: Topic | None = None
    pending: tuple[Command, ...] = ()
    queue: QueueState | None = None
    effects: tuple[EffectDone, ...] = ()
    failures: int = 0
    other_language_turns: int = 0
    last_text: str = ""
    last_codes: tuple[str, ...] = ()
    offered_product: bool = False
    introduced: bool = False
    last_at: datetime | None = None

    @property
    def frame(self) -> Frame | None:
        """The flow on top of the stack."""
        return self.stack[-1] if self.stack else None

    def was_away(self, now: datetime) -> bool:
        """Whether the customer comes back after so long that a yes may mean something else."""
        return self.last_at is not None and now - self.last_at > AWAY

    @property
    def offer(self) -> Offer | None:
        """The last offer while it still explains an answer."""
        offer = self.last_offer
        return offer if offer and self.turn - offer.turn <= OFFER_TURNS else None
