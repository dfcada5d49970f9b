"""Tickets: by reference, by place in the list, by the words of their subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
    ordinal,
    says_nothing,
)

MAX_OFFERED = 5
MAX_TITLE = 60
# Chinese puts no space before a reference.
REFERENCE = re.compile(r"(?<![A-Za-z0-9])T\s?-?\s?(\d{6,12})(?!\d)", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\d.,€$£¥])\d{6,12}(?![\d.,]\d|\d)")
_NEWEST = re.compile(r"\b(?:latest|newest|most\s+recent)\b|最新|最近", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|earliest)\b|最早", re.IGNORECASE)
_POINTS_AT_ONE = re.compile(
    r"\b(?:it|that|this|my|yes|yeah|yep|the)\b|这个|那个|是的?|对", re.IGNORECASE
)
_WORD = re.compile(r"[a-z][a-z'-]{2,}|[\u3400-\u9fff]{2,}", re.IGNORECASE)
_COMMON_WORDS = (
    "the and for with that this one about from not was has have had are you your can could please ticket tickets request "
    "case want need know what which where when how why its it's i'd i'm my mine our they them been out off into too also just"
)
_COMMON = frozenset(_COMMON_WORDS.split())


class TicketKind(SlotKind):
    """A ticket's reference; a visitor may name one that is not among the own ones. `pool` says which may be meant."""

    typed = True

    def __init__(self, pool: Callable[[Facts], Sequence[Ticket]]) -> None:
        self._pool = pool

    def read(self, answer: Answer) -> Reading:
        own = list(self._pool(answer.facts))
        if reference := reference_in(answer.short, own):
            return Filled(reference)
        if (ticket := _pointed_at(answer.short, own)) is not None:
            return Filled(ticket.reference)
        return Unreadable("dialogue.bad_reference")

    def prefill(self, answer: Answer) -> Any:
        return reference_in(answer.short, self._pool(answer.facts))

    def default(self, step: Collect, facts: Facts) -> Any:
        active = [ticket for ticket in self._pool(facts) if ticket.state in ACTIVE]
        return active[0].reference if len(active) == 1 else None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        ordered = sorted(self._pool(facts), key=lambda ticket: ticket.state not in ACTIVE)
        return [
            Option(f"{t.reference} {t.subject}"[:MAX_TITLE], t.reference, t.reference)
            for t in ordered[:MAX_OFFERED]
        ]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        own = next((ticket for ticket in facts.tickets if ticket.reference == value), None)
        return f"{value} ({own.subject[:MAX_TITLE]})" if own else str(value)


def reference_in(text: str, own: Sequence[Ticket] = ()) -> str | None:
    """A ticket's reference in its one spelling; digits alone where they are an own ticket's."""
    if match := REFERENCE.search(text):
        return f"T-{match.group(1)}"
    references = {ticket.reference for ticket in own}
    digits = (f"T-{match.group()}" for match in _DIGITS.finditer(text))
    return next((reference for reference in digits if reference in references), None)


def _pointed_at(text: str, own: list[Ticket]) -> Ticket | None:
    """The one that is meant by place, age, subject, or because there is only one."""
    offered = sorted(own, key=lambda ticket: ticket.state not in ACTIVE)[:MAX_OFFERED]
    if not offered:
        return None
    if (ticket := _by_subject(text, offered)) is not None:
        return ticket
    if (place := ordinal(text, len(offered))) is not None:
        return offered[place]
    by_age = sorted(own, key=lambda ticket: ticket.created_at)
    if _NEWEST.search(text) or _OLDEST.search(text):
        return by_age[-1] if _NEWEST.search(text) else by_age[0]
    points = _POINTS_AT_ONE.search(text) is not None
    affirmed = not says_nothing(text) or re.match(r"\W*(?:yes|yeah|yep|是|对)", text, re.IGNORECASE)
    return offered[0] if len(own) == 1 and points and affirmed else None


def _by_subject(text: str, offered: list[Ticket]) -> Ticket | None:
    """The ticket whose subject shares most words with a text, where no other shares as many."""
    asked = _words(text)
    shared = sorted(((len(asked & _words(t.subject)), t) for t in offered), key=lambda one: -one[0])
    best, runner_up = shared[0], shared[1] if len(shared) > 1 else (0, None)
    return best[1] if best[0] > runner_up[0] else None


def _words(text: str) -> set[str]:
    """Words that tell subjects apart: English ones without the common ones, Chinese by pairs of characters."""
    parts = [match.group().casefold() for match in _WORD.finditer(text)]
    english = {part.removesuffix("s") for part in parts if part.isascii()} - _COMMON
    pairs = {part[i : i + 2] for part in parts if not part.isascii() for i in range(len(part) - 1)}
    return english | pairs
