"""Screening of a name against the watchlists: candidates from the index, then the comparison, birth date and country as evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import queries
from actions.compliance.models import WatchlistEntry
from actions.name_matching.comparison import MATCH, Comparison, EntityType, compare
from actions.name_matching.index import NameIndex
from core.localized_text import LocalizedText

BIRTH_DATE_BONUS, BIRTH_DATE_MALUS, COUNTRY_BONUS = 0.03, 0.10, 0.01
# Names that are compared: those that share the rarest pieces, and of the next ones those that are spelt most alike, since a name
# that is misspelt in several places keeps few of its pieces.
BY_PIECES, BY_LETTERS, POOL = 40, 20, 2_000
KINDS: tuple[EntityType, ...] = ("person", "organisation")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared of a listed person or organisation; dates as far as they are known."""

    id: UUID
    source_list: str
    type: EntityType
    names: tuple[str, ...]
    birth_dates: tuple[str, ...]
    countries: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, row: Any) -> Entry:
        """A row of `entries_of`."""
        key, source, kind, name, aliases, born, countries, digest = row
        return cls(key, source, kind, (name, *aliases), tuple(born), tuple(countries), digest)


def entries_of() -> Select[UUID, str, str, str, list[str], list[str], list[str], str]:
    """Entries that are on their lists, as `Entry.of` reads them."""
    return (
        select(
            WatchlistEntry.id,
            WatchlistEntry.source_list,
            WatchlistEntry.type,
            WatchlistEntry.name,
            WatchlistEntry.aliases,
            WatchlistEntry.birth_dates,
            WatchlistEntry.countries,
            WatchlistEntry.digest,
        )
        .where(WatchlistEntry.removed_at.is_(None))
        .order_by(WatchlistEntry.id)
    )


@dataclass(frozen=True)
class Match:
    """An entry that resembles the name."""

    entry_id: UUID
    name: str
    matched_name: str
    score: float
    list: str
    birth_date_fits: bool
    reasons: tuple[LocalizedText, ...]
    digest: str = ""


class ListedNames:
    """Entries of one kind with the index over all their names."""

    def __init__(self, entries: Sequence[Entry], kind: EntityType) -> None:
        self.entries = [entry for entry in entries if entry.type == kind]
        self._owned = [(n, name) for n, entry in enumerate(self.entries) for name in entry.names]
        self._index = NameIndex([name for _, name in self._owned], kind)
        self._kind: EntityType = kind

    def matches(
        self, name: str, born: Sequence[str], countries: Sequence[str], limit: int
    ) -> list[Match]:
        """Entries that match, the best first; birth dates as far as they are known."""
        best: dict[int, tuple[Comparison, str]] = {}
        for number in self._candidates(name):
            owner, listed = self._owned[number]
            comparison = compare(name, listed, self._kind)
            if owner not in best or comparison.score > best[owner][0].score:
                best[owner] = (comparison, listed)
        weighed = (
            _match(self.entries[owner], *comparison, born, countries)
            for owner, comparison in best.items()
        )
        return sorted((match for match in weighed if match), key=lambda match: -match.score)[:limit]

    def _candidates(self, name: str) -> Sequence[int]:
        """Numbers of the names that are worth comparing."""
        pool = self._index.nearest(name, POOL)
        near: list[int] = pool[:BY_PIECES].tolist()
        rest = pool[BY_PIECES:]
        if len(rest) <= BY_LETTERS:
            return [*near, *rest.tolist()]
        spelt = [self._owned[number][1].lower() for number in rest]
        alike = process.cdist([name.lower()], spelt, scorer=fuzz.token_ratio)[0]
        return [*near, *rest[np.argsort(-alike, kind="stable")[:BY_LETTERS]].tolist()]


class WatchlistIndex:
    """The watchlists in this process; follows the database by their revision."""

    def __init__(self) -> None:
        self._revision: object = None
        self._listed: dict[EntityType, ListedNames] = {}
        self._loading = asyncio.Lock()

    async def refresh(self, session: AsyncSession) -> None:
        """Read the lists when they are not those that were read."""
        async with self._loading:
            revision = await queries.watchlist_revision(session)
            if revision == self._revision:
                return
            entries = [Entry.of(row) for row in await session.execute(entries_of())]
            self._listed = await asyncio.to_thread(
                lambda: {kind: ListedNames(entries, kind) for kind in KINDS}
            )
            self._revision = revision

    def matches(
        self, name: str, kind: EntityType, birth_date: date | None, country: str | None, limit: int
    ) -> list[Match]:
        """Entries that match, best first; birth date and country are evidence for and against."""
        born = [birth_date.isoformat()] if birth_date else []
        return self._listed[kind].matches(name, born, [country] if country else [], limit)


def _match(
    entry: Entry, comparison: Comparison, listed: str, born: Sequence[str], countries: Sequence[str]
) -> Match | None:
    score, reasons = comparison.score, comparison.reasons
    fits = False
    if born and entry.birth_dates:
        fits = any(a.startswith(b) or b.startswith(a) for a in born for b in entry.birth_dates)
        score += BIRTH_DATE_BONUS if fits else -BIRTH_DATE_MALUS
        code = "name_match.birth_date_fits" if fits else "name_match.other_birth_date"
        reasons = (*reasons, LocalizedText(code))
    if set(countries).intersection(entry.countries):
        score, reasons = score + COUNTRY_BONUS, (*reasons, LocalizedText("name_match.same_country"))
    if score < MATCH:
        return None
    return Match(
        entry.id,
        entry.names[0],
        listed,
        round(min(score, 1.0), 4),
        entry.source_list,
        fits,
        reasons,
        entry.digest,
    )
