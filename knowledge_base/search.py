"Search: meaning and words, fused by article. Reads the replica after making sure that it is not behind."

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core.languages import Language
from knowledge_base import queries
from knowledge_base.encoder import Encoder, Vector
from knowledge_base.index import Entry, Filter, KnowledgeIndex
from knowledge_base.models import Article, ArticleVersion, Passage

DIMENSIONS = 384
CANDIDATES = 40  # entries taken from each side before fusion
# Weight of words beside meaning. Chinese vectors come through glosses and know less, so words weigh more.
LEXICAL_WEIGHT: dict[Language, float] = {"en": 0.25, "zh": 0.6}
log = structlog.get_logger(__name__)


@dataclass
class Found:
    "An article that was found, with the evidence for it."

    best: Entry
    meaning: float = 0.0  # highest cosine of its entries
    words: float = 0.0  # BM25 relative to the best of this search, 0 to 1
    coverage: float = 0.0  # share of the query's words in its best entry, 0 to 1
    score: float = 0.0
    entries: list[Entry] = field(default_factory=list)


class KnowledgeSearch:
    "The encoder and the index of this process."

    def __init__(self, encoder: Encoder, dimensions: int = DIMENSIONS) -> None:
        self.encoder = encoder
        self.index = KnowledgeIndex(dimensions)
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
            entries = [_entry(*row) for row in rows]
            vectors = [np.frombuffer(passage.vector, dtype=np.float32) for passage, _, _ in rows]
            matrix = np.vstack(vectors) if vectors else np.zeros((0, self.index.dimensions), np.float32)
            self.index.replace(changed, entries, matrix)
            self.index.revision = target
            log.info("index.refreshed", revision=target, articles=len(changed), entries=len(self.index))

    async def find(self, session: AsyncSession, query: str, language: Language, allowed: Filter) -> list[Found]:
        "Articles for a query, best first."
        vector, _ = await asyncio.gather(self.encoder.encode(query, language), self.refresh(session))
        return self.rank(query, vector, language, allowed)

    def rank(self, query: str, vector: Vector, language: Language, allowed: Filter) -> list[Found]:
        "Fuse both sides: an article counts by its best entry on each."
        found: dict[object, Found] = {}
        for entry, cosine in self.index.nearest(vector, allowed, CANDIDATES):
            article = found.setdefault(entry.article_id, Found(entry))
            article.meaning = max(article.meaning, cosine)
            article.entries.append(entry)
        wordwise = self.index.wordwise(query, language, allowed, CANDIDATES)
        top = wordwise[0][1] if wordwise else 1.0
        for entry, score, coverage in wordwise:
            article = found.setdefault(entry.article_id, Found(entry))
            article.words = max(article.words, score / top)
            article.coverage = max(article.coverage, coverage)
            article.entries.append(entry)
        weight = LEXICAL_WEIGHT[language]
        for article in found.values():
            article.score = article.meaning + weight * article.words * article.coverage
        return sorted(found.values(), key=lambda article: -article.score)


def _entry(passage: Passage, article: Article, live: ArticleVersion) -> Entry:
    return Entry(
        id=passage.id,
        article_id=article.id,
        slug=article.slug,
        version=passage.version,
        title=live.content["title"],
        language=article.language,  # type: ignore[arg-type]  # checked on the way in
        audience=live.content["audience"],
        category=live.content["category"],
        kind=passage.kind,
        ordinal=passage.ordinal,
        anchor=passage.anchor,
        text=passage.text,
        valid_from=article.valid_from,
        valid_until=article.valid_until,
    )
