"""What the engine wants said and done: texts of the catalogue, and operations whose outcomes it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistant.dialogue.commands import StartFlow
from assistant.dialogue.state import EffectDone, Offer, QueueState, Result, Topic
from core.localized_text import LocalizedText

Operation = str  # "cards.block", "tickets.open", ...: see assistant/dialogue/operations


@dataclass(frozen=True)
class Say:
    """A sentence to the customer. `question` marks the one question that a reply may end with."""

    text: LocalizedText
    offer: Offer | None = None
    question: bool = False
    actions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Call:
    """An operation to run inside the turn's transaction; the engine goes on with its `Outcome`."""

    operation: Operation
    arguments: dict[str, Any] = field(default_factory=dict)
    undo: Operation | None = None


@dataclass
class Reply:
    """One message to the customer, as the contract writes it."""

    text: str
    citations: list[dict[str, Any]] = field(default_factory=list)
    quick_replies: list[dict[str, str]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Doubt:
    """A question, in the customer's words, that no article answers.

    `can_act` where a task can be offered in its place; `can_pass_on` where the message is offered as a ticket for a colleague.
    """

    question: str
    can_act: bool = False
    can_pass_on: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of an operation.

    `helped` is false where it could not do what was asked (nothing found, not answered); `stops_flow` where the flow that
    called it has no reason to go on. `begins` is a task that begins for want of anything better. `offered_product` marks
    the one product that a conversation is offered.
    """

    replies: tuple[Reply, ...] = ()
    doubt: Doubt | None = None
    helped: bool = True
    stops_flow: bool = False
    effect: EffectDone | None = None
    result: Result | None = None
    topic: Topic | None = None
    offer: Offer | None = None
    queue: QueueState | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    offered_product: bool = False
    begins: StartFlow | None = None
