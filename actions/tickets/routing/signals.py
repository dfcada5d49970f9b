"""What a sign in a customer's words changes about a ticket: its least priority, its team, whether a person takes over at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from actions.tickets.lifecycle import Queue
from actions.tickets.priorities import PRIORITIES, Priority
from core.localized_text import LocalizedText, term

Signal = Literal["crisis", "scam", "bereavement", "illness", "hardship", "anger", "urgency"]
SIGNALS: tuple[Signal, ...] = get_args(Signal)


@dataclass(frozen=True)
class Sign:
    """A sign and the words that gave it."""

    signal: Signal
    words: str

    @property
    def reason(self) -> LocalizedText:
        return LocalizedText(
            "routing_reason.sign", signal=term("signal", self.signal), words=self.words
        )


@dataclass(frozen=True)
class Treatment:
    """What a sign changes: the least priority, the team, whether a person takes over at once."""

    priority: Priority
    queue: Queue | None = None
    handoff: bool = False


TREATMENTS: dict[Signal, Treatment] = {
    "crisis": Treatment("urgent", "general", handoff=True),
    "scam": Treatment("urgent", "fraud", handoff=True),
    "bereavement": Treatment("high", "accounts"),
    "illness": Treatment("high"),
    "hardship": Treatment("high", "lending"),
    "anger": Treatment("high"),
    "urgency": Treatment("high"),
}


def raised(priority: Priority, signs: Iterable[Sign]) -> Priority:
    """The priority, raised to the least that the signs call for."""
    priorities = [priority, *(TREATMENTS[sign.signal].priority for sign in signs)]
    return max(priorities, key=PRIORITIES.index)


def team(signs: Iterable[Sign]) -> Queue | None:
    """The team that the gravest sign names."""
    ordered = sorted(signs, key=lambda sign: SIGNALS.index(sign.signal))
    return next((queue for sign in ordered if (queue := TREATMENTS[sign.signal].queue)), None)


def signs_as_json(signs: Iterable[Sign]) -> list[dict[str, Any]]:
    """As a conversation stores them."""
    return [asdict(sign) for sign in signs]


def signs_from_json(stored: Iterable[dict[str, Any]]) -> tuple[Sign, ...]:
    """The signs that a conversation stored."""
    return tuple(Sign(entry["signal"], entry["words"]) for entry in stored)
