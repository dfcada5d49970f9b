"""Which articles are in the index and who may find them when: one card each, with the filters as columns beside them.

A card is never changed: an article that is published anew gets a new card, and its former one is dead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.identity import Audience
from core.languages import Language

REMEMBERED_FILTERS = 64
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Card:
    """What the index keeps of a live version, to filter and to name it; `revision` is the one it was published with."""

    article_id: UUID
    slug: str
    version: int
    title: str
    language: Language
    audience: Audience
    category: str
    valid_from: datetime | None
    valid_until: datetime | None
    revision: int


@dataclass(frozen=True)
class Filter:
    """What a search may find."""

    audiences: tuple[Audience, ...]
    language: Language | None
    now: datetime
    category: str | None = None
    missing_in: Language | None = None  # only articles that do not exist in this language
    without: UUID | None = None  # an article that is looked at as if it were not there


_ANY_TIME = datetime.fromtimestamp(0, UTC)
_DEAD = Card(UUID(int=0), "", 0, "", "en", "public", "", None, None, -1)


class Catalogue:
    """The cards by place; the places a filter admits are remembered until the next change or validity date."""

    def __init__(self) -> None:
        self.cards: list[Card] = []  # dead ones keep their place
        self.place_of: dict[UUID, int] = {}
        self.alive = np.zeros(0, bool)
        self._columns: dict[str, NDArray[np.object_]] = {
            name: np.zeros(0, object) for name in ("language", "audience", "category", "slug")
        }
        self._from = self._until = np.zeros(0, np.float64)
        self._remembered: dict[Filter, tuple[Mask, float, float]] = {}

    def __len__(self) -> int:
        return len(self.place_of)

    def add(self, cards: Sequence[Card]) -> None:
        """Put cards behind the others."""
        for place, card in enumerate(cards, start=len(self.cards)):
            self.place_of[card.article_id] = place
        self.cards += cards
        self.alive = np.concatenate([self.alive, np.ones(len(cards), bool)])
        for name, column in self._columns.items():
            self._columns[name] = np.concatenate(
                [column, np.asarray([getattr(c, name) for c in cards], object)]
            )
        self._from = np.concatenate(
            [self._from, [_seconds(card.valid_from, -np.inf) for card in cards]]
        )
        self._until = np.concatenate(
            [self._until, [_seconds(card.valid_until, np.inf) for card in cards]]
        )
        self._remembered.clear()

    def remove(self, article_id: UUID) -> int | None:
        """The place that is dead from now on, None when the article was not there."""
        place = self.place_of.pop(article_id, None)
        if place is not None:
            self.alive[place] = False
            self._remembered.clear()
        return place

    def restore(self, cards: Sequence[Card | None]) -> None:
        """Cards as they stood, None where one was dead."""
        self.add([card or _DEAD for card in cards])
        self.alive &= np.asarray([card is not None for card in cards], bool)
        self.place_of.pop(_DEAD.article_id, None)

    def admitted(self, allowed: Filter) -> Mask:
        """Place by place, whether the filter lets it be found."""
        key, now = replace(allowed, now=_ANY_TIME), allowed.now.timestamp()
        remembered = self._remembered.get(key)
        if remembered is None or not remembered[1] <= now < remembered[2]:
            if len(self._remembered) >= REMEMBERED_FILTERS:
                self._remembered.clear()
            remembered = (self._admitted(allowed), *self._unchanged_around(now))
            self._remembered[key] = remembered
        return remembered[0]

    def _admitted(self, allowed: Filter) -> Mask:
        now, columns = allowed.now.timestamp(), self._columns
        chosen: Mask = self.alive & (self._from <= now) & (now < self._until)
        chosen = chosen & np.isin(columns["audience"], list(allowed.audiences))
        if allowed.language is not None:
            chosen = chosen & (columns["language"] == allowed.language)
        if allowed.category is not None:
            chosen = chosen & (columns["category"] == allowed.category)
        if (place := self.place_of.get(allowed.without) if allowed.without else None) is not None:
            chosen[place] = False
        if allowed.missing_in is not None:
            there = self._admitted(
                replace(allowed, language=allowed.missing_in, category=None, missing_in=None)
            )
            present = set(columns["slug"][there].tolist())
            chosen = chosen & np.asarray([slug not in present for slug in columns["slug"]], bool)
        return chosen

    def _unchanged_around(self, now: float) -> tuple[float, float]:
        """The span of time around `now` in which no article becomes valid or expires."""
        turns = np.concatenate([self._from, self._until])
        before, after = turns[turns <= now], turns[turns > now]
        return float(before.max(initial=-np.inf)), float(after.min(initial=np.inf))


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()
