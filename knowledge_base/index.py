"The replica of published passages in this process: FAISS for meaning, BM25 for words, filters inside both."

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import faiss
import numpy as np
from numpy.typing import NDArray

from core.identity import Audience
from core.languages import LANGUAGES, Language
from knowledge_base.encoder import Vector
from knowledge_base.lexical import LexicalIndex


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

    def valid(self, now: datetime) -> bool:
        "Whether the article may be cited at `now`."
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass(frozen=True)
class Filter:
    "What a search may find."

    audiences: tuple[Audience, ...]
    language: Language | None
    now: datetime
    category: str | None = None

    def admits(self, entry: Entry) -> bool:
        "Whether the caller may find this entry now."
        return (
            entry.audience in self.audiences
            and self.language in (None, entry.language)
            and self.category in (None, entry.category)
            and entry.valid(self.now)
        )


class KnowledgeIndex:
    "Entries by id with an exact inner-product index and a lexical index for each language. Not thread-safe to change."

    def __init__(self, dimensions: int) -> None:
        self.revision = -1
        self.dimensions = dimensions
        self._entries: dict[int, Entry] = {}
        self._vectors = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
        self._lexical: dict[Language, tuple[LexicalIndex, NDArray[np.int64]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def replace(self, articles: Iterable[UUID], entries: Sequence[Entry], vectors: NDArray[np.float32]) -> None:
        "Take out everything of `articles` and put in `entries`, a vector row each."
        gone = set(articles)
        old = [key for key, entry in self._entries.items() if entry.article_id in gone]
        if old:
            self._vectors.remove_ids(faiss.IDSelectorBatch(np.asarray(old, dtype=np.int64)))
            for key in old:
                del self._entries[key]
        if entries:
            self._vectors.add_with_ids(vectors, np.asarray([e.id for e in entries], dtype=np.int64))
            self._entries.update({entry.id: entry for entry in entries})
        for language in LANGUAGES:
            mine = [entry for entry in self._entries.values() if entry.language == language]
            texts = [f"{entry.title}\n{entry.text}" if entry.kind == "passage" else entry.text for entry in mine]
            ids = np.asarray([entry.id for entry in mine], dtype=np.int64)
            self._lexical[language] = (LexicalIndex(texts, language), ids)

    def nearest(self, vector: Vector, allowed: Filter, limit: int) -> list[tuple[Entry, float]]:
        "Entries by cosine to the vector, best first; the filter acts inside the FAISS search."
        admitted = self._admitted(allowed)
        if not len(admitted):
            return []
        selector = faiss.SearchParameters(sel=faiss.IDSelectorBatch(admitted))  # type: ignore[call-arg]  # faiss's stubs lack it
        scores, ids = self._vectors.search(vector.reshape(1, -1), min(limit, len(admitted)), params=selector)
        return [(self._entries[int(i)], float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def wordwise(self, query: str, language: Language, allowed: Filter, limit: int) -> list[tuple[Entry, float, float]]:
        "Entries by BM25 with their coverage of the query's words (0 to 1), best first; filtered before ranking."
        if language not in self._lexical or not len(self._lexical[language][1]):
            return []
        lexical, ids = self._lexical[language]
        scores = np.where(np.isin(ids, self._admitted(allowed)), lexical.scores(query), 0.0)
        best = [int(p) for p in np.argsort(-scores)[:limit] if scores[p] > 0]
        return [(self._entries[int(ids[p])], float(scores[p]), lexical.coverage(query, p)) for p in best]

    def passages(self, article_id: UUID) -> list[Entry]:
        "The citable passages of an article in reading order."
        mine = (e for e in self._entries.values() if e.article_id == article_id and e.kind == "passage")
        return sorted(mine, key=lambda entry: entry.ordinal)

    def vectors_of(self, entries: Sequence[Entry]) -> NDArray[np.float32]:
        "Vectors of entries, a row each."
        return np.vstack([self._vectors.reconstruct(entry.id) for entry in entries])

    def _admitted(self, allowed: Filter) -> NDArray[np.int64]:
        return np.asarray([key for key, entry in self._entries.items() if allowed.admits(entry)], dtype=np.int64)
