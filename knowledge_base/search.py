"Search: the entries near a question by meaning and by words, ranked by article. Reads the replica when it is up to date."

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core.languages import Language
from knowledge_base import queries
from knowledge_base.encoder import Encoder, Vector
from knowledge_base.index import Entry, Filter, KnowledgeIndex
from knowledge_base.lexical import words_of
from knowledge_base.ranking import article_scores

NEIGHBOURS, WORDWISE = 160, 30  # entries taken by meaning and by words; more gained nothing
_COLUMNS = tuple(field.name for field in fields(Entry))
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    "An article that was found, with the evidence for it."

    best: Entry  # its entry nearest to the question
    meaning: float  # cosine of that entry
    coverage: float  # share of the question's words, by rarity, in the entry of the article that has most: 0 to 1
    score: float


class KnowledgeSearch:
    "The encoder and the index of this process."

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.index = KnowledgeIndex(encoder.dimensions)
        self._refreshing = asyncio.Lock()

    async def refresh(self, session: AsyncSession) -> None:
        "Bring the index up to what is committed."
        if await queries.current_revision(session) == self.index.revision:
            return
        async with self._refreshing:
            target = await queries.current_revision(session)
            if target == self.index.revision:
                return
            changed = await queries.changed_articles(session, self.index.revision)
            rows = await queries.published_passages(session, changed, self.encoder.name)
            entries = [Entry(**{name: row[name] for name in _COLUMNS}) for row in rows]
            vectors = [np.frombuffer(row["vector"], dtype=np.float32) for row in rows]
            matrix = np.vstack(vectors) if vectors else np.zeros((0, self.index.dimensions), np.float32)
            self.index.replace(changed, entries, matrix)
            self.index.revision = target
            log.info("index.refreshed", revision=target, articles=len(changed), entries=len(self.index))

    async def find(self, session: AsyncSession, query: str, language: Language, allowed: Filter) -> list[Found]:
        "Articles for a query, best first."
        vector, _ = await asyncio.gather(self.encoder.encode(query), self.refresh(session))
        return self.rank(query, vector, language, allowed)

    def rank(self, query: str, vector: Vector, language: Language, allowed: Filter) -> list[Found]:
        "Articles by their entries around the query; entries by meaning and by words stand side by side."
        words = words_of(query, language)
        admitted = self.index.admitted(allowed)
        near, _ = self.index.nearest_rows(vector, admitted, NEIGHBOURS)
        wordwise, _ = self.index.wordwise_rows(words, language, admitted, WORDWISE)
        rows = np.unique(np.concatenate([near, wordwise]))
        if not len(rows):
            return []
        neighbours = self.index.vectors_of(rows)
        cosines = neighbours @ vector
        entries = [self.index.entry(int(row)) for row in rows]
        labels = [entry.article_id for entry in entries]
        kernel, coverage = self.index.words_around(rows, words, allowed.language)
        scores = article_scores(cosines, neighbours, labels, kernel)
        best: dict[UUID, int] = {}
        covered: dict[UUID, float] = {}
        for position in np.argsort(-cosines).tolist():
            best.setdefault(labels[position], position)
            covered[labels[position]] = max(covered.get(labels[position], 0.0), float(coverage[position]))
        found = [Found(entries[p], float(cosines[p]), covered[a], scores[a]) for a, p in best.items()]
        return sorted(found, key=lambda article: -article.score)
