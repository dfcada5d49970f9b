"""Search: the entries near a question by meaning and by words, ranked by article. Reads the replica when it is up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from cachetools import LRUCache
from sqlalchemy.ext.asyncio import AsyncSession

from core.languages import Language
from knowledge_base import queries
from knowledge_base.catalogue import Card, Filter
from knowledge_base.encoder import Encoder, Vector
from knowledge_base.engines import InMemory, VectorEngine
from knowledge_base.index import KnowledgeIndex
from knowledge_base.lexical import words_of
from knowledge_base.phrasing import Phraser
from knowledge_base.ranking import article_scores
from knowledge_base.replica import Replica
from knowledge_base.reranking import Reranker
from knowledge_base.vectors import Matrix, Rows

MAX_HITS = 60  # articles that a search tells of
DRAFTED = -1  # stands for a row, and a place, of a draft
REMEMBERED_TEXTS = 20_000  # passages, half a kilobyte each
SIDE_PASSAGE_GAP = (
    0.15  # a second passage is quoted while its cosine is this near to the best one's
)
RERANKED = 10  # articles that a cross-encoder puts in order


@dataclass(frozen=True)
class SearchHit:
    """An article that was found, with the evidence for it."""

    card: Card
    row: int  # its entry nearest to the question; DRAFTED: one of a draft
    meaning: float  # cosine of that entry
    coverage: float  # share of the question's words, by rarity, in the entry of the article that has most: 0 to 1
    score: float


@dataclass(frozen=True)
class PassageText:
    """What is quoted."""

    text: str
    anchor: str
    ordinal: int


Quotation = tuple[PassageText, float]  # with its cosine to the question


@dataclass(frozen=True)
class Draft:
    """A version that is not published, searched as if it were: its words and vectors, a row each."""

    card: Card
    texts: Sequence[Sequence[str]]
    vectors: Matrix


class KnowledgeSearch:
    """The encoder and the replica of this process. What computes runs in one thread, so that others are served meanwhile."""

    def __init__(
        self,
        replica: Replica,
        engine: VectorEngine | None = None,
        reranker: Reranker | None = None,
        phraser: Phraser | None = None,
    ) -> None:
        self.replica, self.reranker, self.phraser = replica, reranker, phraser
        self.engine: VectorEngine = engine or InMemory(replica.run)
        self._texts: LRUCache[int, PassageText] = LRUCache(REMEMBERED_TEXTS)

    @property
    def encoder(self) -> Encoder:
        """The encoder whose vectors are searched."""
        return self.replica.encoder

    @property
    def index(self) -> KnowledgeIndex:
        """The index of this process."""
        return self.replica.index

    async def refresh(self, session: AsyncSession) -> None:
        """Bring the index up to what is committed."""
        await self.replica.refresh(session)
        await self.engine.refresh(session, self.index)

    async def find(
        self,
        session: AsyncSession,
        query: str,
        language: Language,
        allowed: Filter,
        draft: Draft | None = None,
    ) -> list[SearchHit]:
        """Articles for a query, best first."""
        encoder = self.encoder
        vector, _ = await asyncio.gather(encoder.encode(query), self.refresh(session))
        if self.encoder is not encoder:  # it was changed in between
            vector = await self.encoder.encode(query)
        return await self.rank(session, query, vector, language, allowed, draft)

    async def rank(
        self,
        session: AsyncSession,
        query: str,
        vector: Vector,
        language: Language,
        allowed: Filter,
        draft: Draft | None = None,
    ) -> list[SearchHit]:
        """Articles by their entries around the query; entries by meaning and by words stand side by side."""
        index = self.index  # the same to the end: another one may take its place meanwhile
        if draft is not None:
            allowed = replace(allowed, without=draft.card.article_id)
        words = words_of(query, language)
        rows, neighbours = await self.engine.around(
            session, index, vector, allowed, (words, language)
        )
        ranked = await self.replica.run(
            _ranked, index, words, vector, allowed, rows, neighbours, draft
        )
        return (
            await self._reranked(session, index, query, vector, ranked, self.reranker)
            if self.reranker
            else ranked
        )

    async def nearest(
        self, session: AsyncSession, vector: Vector, allowed: Filter
    ) -> tuple[Card, float] | None:
        """The article of the entry nearest to a vector, with their cosine; None when nothing is admitted."""
        index = self.index
        rows = await self.engine.nearest(session, index, vector, allowed, 1)
        if not len(rows):
            return None
        vectors = await self.engine.vectors(session, index, rows)
        return index.card_of(int(rows[0])), float((vectors @ vector)[0])

    async def texts(
        self, session: AsyncSession, index: KnowledgeIndex, rows: Rows
    ) -> dict[int, PassageText]:
        """What stands in rows, by row; a passage that was withdrawn this moment is left out."""
        ids = index.ids[rows].tolist()
        missing = [i for i in ids if i not in self._texts]
        if missing:
            for passage_id, row in (await queries.passage_texts(session, missing)).items():
                self._texts[passage_id] = PassageText(row["text"], row["anchor"], row["ordinal"])
        return {
            row: self._texts[i]
            for row, i in zip(rows.tolist(), ids, strict=True)
            if i in self._texts
        }

    async def quotations(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        hits: Sequence[SearchHit],
        vector: Vector,
        limit: int | None = None,
        gap: float = SIDE_PASSAGE_GAP,
    ) -> dict[UUID, list[Quotation]]:
        """Of each article, its passages with their cosine, the nearest first, `limit` at most, within `gap` of the nearest."""
        spans = [index.passage_rows(article.card.article_id) for article in hits]
        rows = np.concatenate([np.zeros(0, np.int64), *spans])
        cosines = (await self.engine.vectors(session, index, rows)) @ vector
        near: dict[UUID, list[tuple[int, float]]] = {}
        start = 0
        for article, span in zip(hits, spans, strict=True):
            own = cosines[start : start + len(span)]
            start += len(span)
            order = [position for position in np.argsort(-own) if own[position] >= own.max() - gap]
            near[article.card.article_id] = [(int(span[p]), float(own[p])) for p in order[:limit]]
        row_numbers = np.asarray([row for pairs in near.values() for row, _ in pairs], np.int64)
        texts = await self.texts(session, index, row_numbers)
        return {
            a: [(texts[row], cosine) for row, cosine in pairs if row in texts]
            for a, pairs in near.items()
        }

    def close(self) -> None:
        """Let the threads end."""
        self.replica.close()

    async def _reranked(
        self,
        session: AsyncSession,
        index: KnowledgeIndex,
        query: str,
        vector: Vector,
        hits: list[SearchHit],
        by: Reranker,
    ) -> list[SearchHit]:
        """The first articles in the order of the cross-encoder; their scores stay, so that confidence keeps its meaning."""
        head = [article for article in hits[:RERANKED] if article.row != DRAFTED]
        quoted = await self.quotations(session, index, head, vector, limit=1)
        head = [article for article in head if quoted[article.card.article_id]]
        passages = [
            f"{article.card.title}. {quoted[article.card.article_id][0][0].text}"
            for article in head
        ]
        first = [head[position] for position in await by.order(query, passages)]
        return [*first, *(article for article in hits if article not in first)]


def _ranked(
    index: KnowledgeIndex,
    words: Sequence[str],
    vector: Vector,
    allowed: Filter,
    rows: Rows,
    neighbours: Matrix,
    draft: Draft | None,
) -> list[SearchHit]:
    """Articles of the rows, and of a draft, best first."""
    places, more = index.owner[rows].astype(np.int64), draft.texts if draft else ()
    if draft is not None:
        neighbours = np.concatenate([neighbours, draft.vectors])
        places, rows = [np.concatenate([a, np.full(len(more), DRAFTED)]) for a in (places, rows)]
    if not len(rows):
        return []
    cosines = neighbours @ vector
    kernel, coverage = index.words_around(
        rows[: len(rows) - len(more)], words, allowed.language, more
    )
    articles, labels = np.unique(places, return_inverse=True)
    scores = article_scores(cosines, neighbours, labels, kernel)
    covered = np.zeros(len(articles))
    np.maximum.at(covered, labels, coverage)
    nearest = np.zeros(len(articles), np.int64)
    by_cosine = np.argsort(cosines)
    nearest[labels[by_cosine]] = by_cosine  # the last one written is the nearest
    return [
        SearchHit(
            draft.card
            if draft and articles[a] == DRAFTED
            else index.catalogue.cards[int(articles[a])],
            int(rows[nearest[a]]),
            float(cosines[nearest[a]]),
            float(covered[a]),
            float(scores[a]),
        )
        for a in np.argsort(-scores)[:MAX_HITS].tolist()
    ]
