"""The replica of published passages in this process: FAISS for meaning, BM25 for words, filters inside both.

Entries stand in rows. A row is never reused: one that is taken out is dead, hidden from every search like one that the
filter hides, and rows are packed anew when too many are dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import faiss
import numpy as np
from numpy.typing import NDArray

from core.identity import Audience
from core.languages import LANGUAGES, Language
from knowledge_base.encoder import Vector
from knowledge_base.lexical import LexicalIndex, index_words

Rows = NDArray[np.int64]
DEAD_SHARE = 0.3  # of all rows, from which packing is worth its time


@dataclass(frozen=True)
class Entry:
    "One indexed passage or example question and what is needed to filter and to cite it."

    id: int
    article_id: UUID
    slug: str
    version: int
    title: str
    language: Language
    audience: Audience
    category: str
    kind: str
    ordinal: int
    anchor: str
    text: str
    valid_from: datetime | None
    valid_until: datetime | None

    @property
    def indexed_text(self) -> str:
        "What is searched for words: a passage also by its article's title."
        return f"{self.title}\n{self.text}" if self.kind == "passage" else self.text


@dataclass(frozen=True)
class Filter:
    "What a search may find."

    audiences: tuple[Audience, ...]
    language: Language | None
    now: datetime
    category: str | None = None
    missing_in: Language | None = None  # only articles that do not exist in this language

    def admits(self, entry: Entry) -> bool:
        "Whether the caller may find this entry now."
        return (
            entry.audience in self.audiences
            and self.language in (None, entry.language)
            and self.category in (None, entry.category)
            and (entry.valid_from is None or entry.valid_from <= self.now)
            and (entry.valid_until is None or self.now < entry.valid_until)
        )


class KnowledgeIndex:
    "Entries with an exact inner-product index and a lexical index for each language. Not thread-safe to change."

    def __init__(self, dimensions: int) -> None:
        self.revision = -1
        self.dimensions = dimensions
        self._clear()

    def _clear(self) -> None:
        self._entries: list[Entry | None] = []
        self._words: list[tuple[str, ...]] = []
        self._rows_of: dict[UUID, list[int]] = {}
        self._owner: NDArray[np.int32] = np.zeros(0, np.int32)  # row -> place of its article in _articles; -1: dead
        self._articles: list[Entry | None] = []  # an entry of each article, which tells what the filter asks
        self._vectors = faiss.IndexFlatIP(self.dimensions)
        self._lexical: dict[Language, tuple[LexicalIndex, Rows]] = {}

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows_of.values())

    def replace(self, articles: Iterable[UUID], entries: Sequence[Entry], vectors: NDArray[np.float32]) -> None:
        "Take out everything of `articles` and put in `entries`, a vector row each."
        gone = [row for article in set(articles) for row in self._rows_of.pop(article, [])]
        for row in gone:
            self._articles[self._owner[row]] = self._entries[row] = None
            self._owner[row] = -1
        self._append(entries, vectors, [index_words(entry.indexed_text, entry.language) for entry in entries])
        if len(self._entries) * (1 - DEAD_SHARE) > len(self):
            self._pack()
        self._index_words()

    def nearest(self, vector: Vector, allowed: Filter, limit: int) -> list[tuple[Entry, float]]:
        "Entries by cosine to the vector, best first; the filter acts inside the FAISS search."
        rows, cosines = self.nearest_rows(vector, self.admitted(allowed), limit)
        return [(self.entry(int(row)), float(cosine)) for row, cosine in zip(rows, cosines, strict=True)]

    def nearest_rows(self, vector: Vector, admitted: NDArray[np.bool_], limit: int) -> tuple[Rows, NDArray[np.float32]]:
        "Rows by cosine to the vector, best first, among the admitted."
        possible = min(limit, int(np.count_nonzero(admitted)))
        if not possible:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        bits = np.packbits(admitted, bitorder="little")
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]  # faiss's stubs lack it
        cosines, rows = self._vectors.search(vector.reshape(1, -1), possible, params=chosen)
        return rows[0], cosines[0]

    def wordwise_rows(
        self, words: Sequence[str], language: Language, admitted: NDArray[np.bool_], limit: int
    ) -> tuple[Rows, NDArray[np.float32]]:
        "Rows of a language by BM25, best first, among the admitted; those without a common word are left out."
        if language not in self._lexical:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        lexical, rows = self._lexical[language]
        scores = np.where(admitted[rows], lexical.scores(words), 0.0).astype(np.float32)
        best = np.argsort(-scores)[:limit]
        best = best[scores[best] > 0]
        return rows[best], scores[best]

    def admitted(self, allowed: Filter) -> NDArray[np.bool_]:
        "Row by row, whether the filter lets it be found; dead rows are not."
        present = self._present(allowed)
        verdicts = [a is not None and allowed.admits(a) and a.slug not in present for a in self._articles]
        return np.asarray([*verdicts, False], dtype=np.bool_)[self._owner]  # -1 takes the last one

    def _present(self, allowed: Filter) -> set[str]:
        "Slugs that the same caller finds now in the language where they should be missing."
        if allowed.missing_in is None:
            return set()
        there = replace(allowed, language=allowed.missing_in, category=None)
        return {article.slug for article in self._articles if article is not None and there.admits(article)}

    def entry(self, row: int) -> Entry:
        "The entry in a living row."
        found = self._entries[row]
        if found is None:
            raise KeyError(row)
        return found

    def words_around(
        self, rows: Rows, query: Sequence[str], language: Language | None
    ) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]:
        "The kernel of words among rows of a language and with a query, and each row's coverage of the query."
        if language is None or language not in self._lexical:
            nothing = np.zeros(len(rows), np.float32)
            return (np.zeros((len(rows), len(rows)), np.float32), nothing), nothing
        lexical, mine = self._lexical[language]
        positions = np.searchsorted(mine, rows)
        return lexical.kernel(positions, query), lexical.coverage(positions, query)

    def passages(self, article_id: UUID) -> list[tuple[int, Entry]]:
        "The citable passages of an article with their rows, in reading order."
        mine = [(row, self.entry(row)) for row in self._rows_of.get(article_id, [])]
        return sorted((pair for pair in mine if pair[1].kind == "passage"), key=lambda pair: pair[1].ordinal)

    def vectors_of(self, rows: Sequence[int] | Rows) -> NDArray[np.float32]:
        "Vectors of rows, a row each."
        wanted = np.asarray(rows, dtype=np.int64)
        return np.asarray(self._vectors.reconstruct_batch(wanted), dtype=np.float32)

    def _append(self, entries: Sequence[Entry], vectors: NDArray[np.float32], words: Sequence[tuple[str, ...]]) -> None:
        if not entries:
            return
        places: dict[UUID, int] = {}
        for row, entry in enumerate(entries, start=len(self._entries)):
            if entry.article_id not in places:
                places[entry.article_id] = len(self._articles)
                self._articles.append(entry)
            self._rows_of.setdefault(entry.article_id, []).append(row)
        owners = np.asarray([places[entry.article_id] for entry in entries], np.int32)
        self._owner = np.concatenate([self._owner, owners])
        self._entries += entries
        self._words += words
        self._vectors.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def _pack(self) -> None:
        living = [row for row, entry in enumerate(self._entries) if entry is not None]
        entries, words, vectors = [self.entry(r) for r in living], self._words_in(living), self.vectors_of(living)
        self._clear()
        self._append(entries, vectors, words)

    def _words_in(self, rows: Iterable[int]) -> list[tuple[str, ...]]:
        return [self._words[row] for row in rows]

    def _index_words(self) -> None:
        for language in LANGUAGES:
            rows = [r for r, entry in enumerate(self._entries) if entry is not None and entry.language == language]
            self._lexical[language] = (LexicalIndex(self._words_in(rows)), np.asarray(rows, dtype=np.int64))
