"Screening of a name against the watchlist: candidates by shared letters, then the comparison with reasons."

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import queries
from actions.compliance.models import WatchlistEntry
from actions.compliance.names import MATCH, Comparison, EntityType, compare, words_of

BIRTH_DATE_BONUS, BIRTH_DATE_MALUS, COUNTRY_BONUS = 0.03, 0.10, 0.01


@dataclass(frozen=True)
class Match:
    "An entry that resembles the name."

    entry_id: UUID
    name: str
    matched_name: str
    score: float
    list: str
    birth_date_fits: bool
    reasons: tuple[str, ...]


class WatchlistIndex:
    "The watchlist's names in this process, found by the first letters of their words."

    def __init__(self) -> None:
        self._size = -1
        self._entries: list[WatchlistEntry] = []
        self._by_key: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._loading = asyncio.Lock()

    async def refresh(self, session: AsyncSession) -> None:
        "Load the watchlist when its size is not the loaded one."
        if await queries.watchlist_size(session) == self._size:
            return
        async with self._loading:
            entries = list(await queries.watchlist(session))
            by_key: dict[tuple[str, str], set[int]] = defaultdict(set)
            for position, entry in enumerate(entries):
                for key in (key for name in _names(entry) for key in _keys(name, entry.type)):  # type: ignore[arg-type]
                    by_key[entry.type, key].add(position)
            self._entries, self._by_key, self._size = entries, by_key, len(entries)

    def matches(
        self, name: str, kind: EntityType, birth_date: date | None, country: str | None, limit: int
    ) -> list[Match]:
        "Entries that match, best first; birth date and country are evidence for and against."
        positions = {p for key in _keys(name, kind) for p in self._by_key.get((kind, key), ())}
        found = [m for p in positions if (m := _match(self._entries[p], name, kind, birth_date, country))]
        return sorted(found, key=lambda match: -match.score)[:limit]


def _names(entry: WatchlistEntry) -> list[str]:
    return [entry.name, *entry.aliases]


def _keys(name: str, kind: EntityType) -> set[str]:
    "Two leading and one trailing letter of each word: misspellings rarely touch both ends."
    words = words_of(name, kind)
    return {f"{word[:2]}" for word in words} | {f"{word[:1]}…{word[-2:]}" for word in words if len(word) > 3}  # noqa: PLR2004


def _match(
    entry: WatchlistEntry, name: str, kind: EntityType, birth_date: date | None, country: str | None
) -> Match | None:
    compared = [(compare(name, other, kind), other) for other in _names(entry)]
    best, matched = max(compared, key=lambda pair: pair[0].score)
    score, reasons = _weighed(best, entry, birth_date, country)
    if score < MATCH:
        return None
    fits = bool(birth_date and entry.birth_date == birth_date)
    return Match(entry.id, entry.name, matched, round(score, 4), entry.source_list, fits, reasons)


def _weighed(
    best: Comparison, entry: WatchlistEntry, birth_date: date | None, country: str | None
) -> tuple[float, tuple[str, ...]]:
    score, reasons = best.score, best.reasons
    if birth_date and entry.birth_date:
        same = birth_date == entry.birth_date
        score += BIRTH_DATE_BONUS if same else -BIRTH_DATE_MALUS
        reasons = (*reasons, "same birth date" if same else "another birth date")
    if country and entry.country and country == entry.country:
        score, reasons = score + COUNTRY_BONUS, (*reasons, "same country")
    return min(score, 1.0), reasons
